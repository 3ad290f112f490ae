// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/map_slice.h"

#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/viewer/map_view.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kEdge = 4;  // px between field and frame

QColor colour_of(render::Rgb c) {
  return {c.r, c.g, c.b};
}

}  // namespace

MapSlice::MapSlice(render::Plane plane, QWidget* parent) : QWidget(parent), plane_(plane) {
  setObjectName(plane == render::Plane::axial ? "map.axial" : "map.coronal");
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setAccessibleName(plane == render::Plane::axial ? tr("Axial slice of the template")
                                                  : tr("Coronal slice of the template"));
  setMinimumSize(100, 80);
}

void MapSlice::setModel(std::shared_ptr<const render::MapModel> model, double at_mm) {
  if (model == model_) return;
  model_ = std::move(model);
  at_mm_ = at_mm;
  if (model_) {
    whole_ = render::field_of(*model_->head, plane_);
    const render::Camera eye = *render::find_camera(plane_ == render::Plane::axial ? "bottom" : "front");
    const auto centre = render::bounds_of(*model_->full, eye, render::Extent::regions).centre;
    middle_ = {-centre.x(), plane_ == render::Plane::axial ? -centre.y() : -centre.z()};
  }
  dirty_ = true;
  update();
}

void MapSlice::setPaints(const render::Paints& paints) {
  paints_ = paints;
  update();
}

void MapSlice::setRegion(int region) {
  if (region == region_) return;
  region_ = region;
  update();
}

void MapSlice::setSideWords(const QString& left_half, const QString& right_half) {
  left_half_ = left_half;
  right_half_ = right_half;
  update();
}

void MapSlice::setPosition(double mm) {
  if (mm == at_mm_) return;
  at_mm_ = mm;
  dirty_ = true;
  update();
}

/// As much of the brain as fills the widget, around the regions: its whole width where the height allows no more.
void MapSlice::frame() {
  const double aspect = static_cast<double>(std::max(1, width() - 2 * kEdge)) / std::max(1, height() - 2 * kEdge);
  field_ = whole_;
  const double height = whole_.width / aspect;
  if (height >= whole_.height) return;
  field_.height = height;
  field_.top = std::clamp(middle_.y() - height / 2, whole_.top, whole_.top + whole_.height - height);
}

/// The grey head at the pixels of the screen, the regions as lines.
void MapSlice::cut() {
  dirty_ = false;
  head_ = {};
  for (QPainterPath& path : regions_) path = {};
  if (!model_ || !(whole_.width > 0)) return;
  frame();
  const double ratio = devicePixelRatioF();
  const QRectF room = QRectF(rect()).adjusted(kEdge, kEdge, -kEdge, -kEdge);
  const double scale = std::min(room.width() / field_.width, room.height() / field_.height);  // points in a mm
  if (!(scale > 0)) return;
  const auto cut = render::cut(*model_->head, plane_, at_mm_, field_,
                               {.pixels_per_mm = scale * ratio, .edges = render::SliceOptions::Edges::smooth});
  problem_ = cut ? QString() : QString::fromStdString(cut.error().what);
  if (!cut) return;
  const QSizeF size(field_.width * scale, field_.height * scale);
  area_ = QRectF(
      QPointF(std::round(room.center().x() - size.width() / 2), std::round(room.center().y() - size.height() / 2)),
      size);
  const render::Picture& grey = cut->head;
  head_ =
      QImage(grey.rgba.data(), grey.width, grey.height, 4 * static_cast<qsizetype>(grey.width), QImage::Format_RGBA8888)
          .convertToFormat(QImage::Format_ARGB32_Premultiplied);
  head_.setDevicePixelRatio(ratio);
  for (std::size_t r = 0; r < regions_.size(); ++r) {
    regions_[r].setFillRule(Qt::OddEvenFill);
    for (const render::Loop& loop : cut->regions[r]) {
      if (loop.empty()) continue;
      regions_[r].moveTo(area_.x() + loop.front().x() * scale, area_.y() + loop.front().y() * scale);
      for (std::size_t i = 1; i < loop.size(); ++i)
        regions_[r].lineTo(area_.x() + loop[i].x() * scale, area_.y() + loop[i].y() * scale);
      regions_[r].closeSubpath();
    }
  }
}

void MapSlice::paintEvent(QPaintEvent*) {
  QElapsedTimer clock;
  clock.start();
  const Theme& theme = Theme::current();
  if (dirty_ || (!head_.isNull() && head_.devicePixelRatio() != devicePixelRatioF())) cut();
  QPainter painter(this);
  painter.setPen(QPen(theme.border, 1));
  painter.setBrush(theme.background3d);
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
  if (!model_) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.drawImage(area_.topLeft(), head_);
  for (std::size_t r = 0; r < regions_.size(); ++r)
    if (paints_[r].look != render::Look::excluded)
      painter.fillPath(regions_[r], colour_of(render::fill_of(paints_[r])));
  paintRegionEdges(painter, regions_, paints_);
  if (region_ >= 0) {
    painter.setPen(QPen(theme.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(regions_[static_cast<std::size_t>(region_)]);
  }
  painter.setPen(theme.text);
  painter.setFont(ui::font(TextRole::strong));
  const QRect words = rect().adjusted(8, 5, -8, -5);
  // Radiological: the right half of the template is at the left.
  painter.drawText(words, Qt::AlignLeft | Qt::AlignTop, right_half_.left(1));
  painter.drawText(words, Qt::AlignRight | Qt::AlignTop, left_half_.left(1));
  painter.setFont(ui::font(TextRole::small));
  const QString mm = formatNumber(at_mm_, 0);
  const QString label = !problem_.isEmpty()              ? problem_
                        : plane_ == render::Plane::axial ? tr("axial, z %1 mm").arg(mm)
                                                         : tr("coronal, y %1 mm").arg(mm);
  const QFontMetrics metrics = painter.fontMetrics();
  const QRect ground(6, height() - 6 - metrics.height() - 2, metrics.horizontalAdvance(label) + 10,
                     metrics.height() + 2);
  QColor veil = theme.background3d;
  veil.setAlphaF(0.8F);
  painter.fillRect(ground, veil);
  painter.drawText(ground, Qt::AlignCenter, label);
  draw_ms_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

int MapSlice::regionAt(const QPointF& position) const {
  for (std::size_t r = 0; r < regions_.size(); ++r)
    if (regions_[r].contains(position)) return static_cast<int>(r);
  return -1;
}

void MapSlice::step(double mm) {
  if (!model_) return;
  const auto kept = at_mm_;
  setPosition(std::round(at_mm_ + mm));
  cut();
  if (!problem_.isEmpty()) {  // beyond the template
    setPosition(kept);
    return;
  }
  emit moved(at_mm_);
}

void MapSlice::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  dirty_ = true;
}

void MapSlice::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (const int region = regionAt(event->position()); region >= 0) emit regionPicked(region);
}

void MapSlice::wheelEvent(QWheelEvent* event) {
  event->accept();
  step(event->angleDelta().y() > 0 ? 1.0 : -1.0);
}

void MapSlice::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Up: step(1.0); return;
    case Qt::Key_Down: step(-1.0); return;
    default: QWidget::keyPressEvent(event);
  }
}

void MapSlice::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) update();
}

}  // namespace ipsi::ui
