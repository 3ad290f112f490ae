// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/slice_strip.h"

#include <QMouseEvent>
#include <QPainter>

#include "ui/viewer/triplanar_widget.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {
constexpr int kGap = 5, kSoonMs = 12;
}

SliceStrip::SliceStrip(render::Plane plane, TriplanarWidget* viewer) : QWidget(viewer), plane_(plane), viewer_(viewer) {
  const QString name = QString::fromStdString(render::to_string(plane));
  setObjectName("viewer.strip." + name);
  setAccessibleName(tr("Neighbouring %1 slices").arg(name));
  setFocusPolicy(Qt::NoFocus);
  setCursor(Qt::PointingHandCursor);
  soon_.setSingleShot(true);
  soon_.setInterval(kSoonMs);
  connect(&soon_, &QTimer::timeout, this, qOverload<>(&QWidget::update));
}

void SliceStrip::refresh() {
  soon_.start();
}

QRect SliceStrip::cell(int index) const {
  const double width_each = (width() - kGap * (kSlices - 1)) / static_cast<double>(kSlices);
  const int left = qRound(index * (width_each + kGap));
  const int right = qRound(index * (width_each + kGap) + width_each);
  return {left, 0, right - left, height()};
}

double SliceStrip::slice(int index) const {
  const int across = render::axes_of(plane_, viewer_->look().convention).across;
  return render::snap_to_slice(*viewer_->scan(), across,
                               viewer_->crosshair()[across] + kStepMm * (index - kSlices / 2));
}

void SliceStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::current();
  if (!viewer_->scan()) return;
  constexpr const char* kAxis[] = {"x", "y", "z"};
  const int across = render::axes_of(plane_, viewer_->look().convention).across;
  const render::PlaneView main = viewer_->viewOf(plane_);
  painter.setFont(ui::font(TextRole::tiny));
  const QFontMetrics metrics(painter.font());
  for (int i = 0; i < kSlices; ++i) {
    const QRect area = cell(i);
    render::PlaneView view = main;
    view.others = false;  // at this size more than the current pair is clutter
    view.width = qRound(area.width() * main.pixel_ratio);
    view.height = qRound(area.height() * main.pixel_ratio);
    if (view.width < 2 || view.height < 2) continue;
    view.mm_per_pixel = main.mm_per_pixel * main.width / view.width;
    view.centre_mm[across] = slice(i);
    const render::PlanePicture& picture = renderer_.draw(*viewer_->scan(), view);
    QImage image(reinterpret_cast<const uchar*>(picture.pixels.data()), picture.width, picture.height,
                 4 * static_cast<qsizetype>(picture.width), QImage::Format_RGB32);
    image.setDevicePixelRatio(view.pixel_ratio);
    painter.drawImage(area.topLeft(), image);
    const QString text = QString("%1 %2").arg(kAxis[across], formatNumber(view.centre_mm[across], 0));
    QColor ground(Qt::black);
    ground.setAlphaF(0.62F);
    const QRect plate(area.left() + 3, area.bottom() - metrics.height() - 1, metrics.horizontalAdvance(text) + 6,
                      metrics.height());
    painter.fillRect(plate, ground);
    painter.setPen(Qt::white);
    painter.drawText(plate, Qt::AlignCenter, text);
    if (i == kSlices / 2) {
      painter.setPen(QPen(theme.accent, 2));
      painter.drawRect(area.adjusted(1, 1, -1, -1));
    }
  }
}

void SliceStrip::mousePressEvent(QMouseEvent* event) {
  event->accept();
  if (!viewer_->scan() || event->button() != Qt::LeftButton) return;
  for (int i = 0; i < kSlices; ++i)
    if (cell(i).contains(event->position().toPoint())) {
      Eigen::Vector3d to = viewer_->crosshair();
      to[render::axes_of(plane_, viewer_->look().convention).across] = slice(i);
      viewer_->setCrosshair(to);
      return;
    }
}

}  // namespace ipsi::ui
