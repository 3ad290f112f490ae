// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <QString>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/render/map_scene.h"

namespace ipsi::ui {

/// Pictures of a map, one for each panel.
struct MapShot {
  std::vector<QImage> images;  ///< clear background
  std::vector<std::shared_ptr<const render::MapForms>> forms;
  std::vector<render::Paints> paints;
  render::MapView view;  ///< `quality` says which this is
  double ms = 0.0;       ///< from request to done
  quint64 ticket = 0;    ///< of the request
};

/// Draws the template's regions in a thread of its own, so that the window never waits for OpenGL. The newest request
/// wins: what was asked before and has not begun is dropped.
class MapPainter : public QObject {
  Q_OBJECT

 public:
  enum class Finish {
    drag,  ///< at drag quality only, while something moves
    both,  ///< at drag quality at once, then in full
    full,  ///< in full
  };

  explicit MapPainter(std::shared_ptr<const render::MapModel> model, QObject* parent = nullptr);
  ~MapPainter() override;  ///< waits for the picture that is being drawn

  /// Returns the ticket that the pictures will bear.
  quint64 request(const render::MapView& view, std::vector<render::Paints> panels, Finish finish);

 signals:
  void drawn(const ipsi::ui::MapShot& shot);
  void failed(const QString& why);  ///< no OpenGL: nothing can be drawn

 private:
  struct Request {
    render::MapView view;
    std::vector<render::Paints> panels;
    Finish finish = Finish::full;
    double asked_ms = 0.0;
    quint64 ticket = 0;
  };
  void work();
  bool draw(render::MapScene& scene, const Request& request, render::MapView::Quality quality);
  [[nodiscard]] bool overtaken() const;

  std::shared_ptr<const render::MapModel> model_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Request> next_;
  bool stop_ = false;
  quint64 tickets_ = 0;
  std::thread thread_;
};

}  // namespace ipsi::ui

Q_DECLARE_METATYPE(ipsi::ui::MapShot)
