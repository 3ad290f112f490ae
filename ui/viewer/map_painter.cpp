// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/map_painter.h"

#include <chrono>
#include <utility>

namespace ipsi::ui {
namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

QImage to_image(const render::Picture& picture) {
  const QImage straight(picture.rgba.data(), picture.width, picture.height, 4 * static_cast<qsizetype>(picture.width),
                        QImage::Format_RGBA8888);
  return straight.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

}  // namespace

MapPainter::MapPainter(std::shared_ptr<const render::MapModel> model, QObject* parent)
    : QObject(parent), model_(std::move(model)) {
  qRegisterMetaType<MapShot>();
  thread_ = std::thread([this] { work(); });
}

MapPainter::~MapPainter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

quint64 MapPainter::request(const render::MapView& view, std::vector<render::Paints> panels, Finish finish) {
  {
    const std::lock_guard lock(mutex_);
    next_ = Request{view, std::move(panels), finish, now_ms(), ++tickets_};
  }
  wake_.notify_one();
  return tickets_;
}

bool MapPainter::overtaken() const {
  const std::lock_guard lock(mutex_);
  return stop_ || next_.has_value();
}

/// Panel by panel; false when OpenGL failed.
bool MapPainter::draw(render::MapScene& scene, const Request& request, render::MapView::Quality quality) {
  MapShot shot;
  shot.view = request.view;
  shot.view.quality = quality;
  shot.paints = request.panels;
  shot.ticket = request.ticket;
  for (const render::Paints& paints : request.panels) {
    auto drawn = scene.draw(shot.view, paints);
    if (!drawn) {
      emit failed(QString::fromStdString(to_line(drawn.error())));
      return false;
    }
    shot.images.push_back(to_image(drawn->picture));
    shot.forms.push_back(drawn->forms);
    if (quality == render::MapView::Quality::full && overtaken()) return true;
  }
  shot.ms = now_ms() - request.asked_ms;
  emit drawn(shot);
  return true;
}

void MapPainter::work() {
  using Quality = render::MapView::Quality;
  std::unique_ptr<render::MapScene> scene;
  for (;;) {
    Request request;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || next_; });
      if (stop_) return;
      request = std::move(*next_);
      next_.reset();
    }
    if (!scene) {
      auto opened = render::MapScene::open(model_);
      if (!opened) {
        emit failed(QString::fromStdString(to_line(opened.error())));
        continue;
      }
      scene = std::move(*opened);
    }
    if (request.finish != Finish::full && !draw(*scene, request, Quality::drag)) continue;
    if (request.finish != Finish::drag && !overtaken()) draw(*scene, request, Quality::full);
  }
}

}  // namespace ipsi::ui
