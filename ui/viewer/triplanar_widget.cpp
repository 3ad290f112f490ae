// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/triplanar_widget.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QSaveFile>
#include <algorithm>
#include <cmath>
#include <tuple>

#include "ui/viewer/plane_widget.h"
#include "ui/viewer/slice_strip.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

using render::Plane;
constexpr std::array<Plane, 3> kPlanes{Plane::axial, Plane::coronal, Plane::sagittal};
constexpr int kStripHeight = 56, kStripGap = 4, kColumnGap = 8, kRowGap = 12, kGridGap = 4;
constexpr double kLargeShare = 0.587;  // of the width, as the mock screens have it
constexpr double kMarginMm = 12.0, kAroundBrainMm = 14.0, kLeastZoom = 0.2, kMostZoom = 40.0;

std::size_t index_of(Plane plane) {
  return static_cast<std::size_t>(plane);
}

}  // namespace

TriplanarWidget::TriplanarWidget(QWidget* parent) : QWidget(parent) {
  setObjectName("viewer");
  setAccessibleName(tr("Three slices of the scan"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(360, 240);
  for (const Plane plane : kPlanes) {
    planes_[index_of(plane)] = new PlaneWidget(plane, this);
    strips_[index_of(plane)] = new SliceStrip(plane, this);
  }
}

TriplanarWidget::~TriplanarWidget() = default;

// ---- what is shown -------------------------------------------------------------------------------------------------

void TriplanarWidget::setScan(std::shared_ptr<const render::Scan> scan, const QString& message) {
  const auto before = scan_;
  scan_ = std::move(scan);
  message_ = message;
  notice_.clear();
  for (PlaneWidget* plane : planes_) plane->forget();
  if (!scan_) {
    cortex_.reset();
    refresh();
    return;
  }
  const bool same_person = before && before->paths == scan_->paths;
  if (!same_person) cortex_.reset();
  const bool has_region = region_ >= 0 && scan_->places[static_cast<std::size_t>(region_)].voxels > 0;
  const bool labels_came = !same_person || (scan_->whole && !before->whole);
  if (has_region && labels_came)
    focusRegion(region_);
  else if (!placed_)
    fitHead();
  else
    setCrosshair(crosshair_);  // the nearest slices of this scan
  // The picture and its crosshair stay where they are while a person's labels are still to come.
  placed_ = placed_ || scan_->whole;
  refresh();
}

void TriplanarWidget::setCortex(std::shared_ptr<const render::Cortex> cortex) {
  cortex_ = std::move(cortex);
  for (PlaneWidget* plane : planes_) plane->forget();
  refresh();
}

void TriplanarWidget::setNotice(const QString& notice) {
  if (notice == notice_) return;
  notice_ = notice;
  for (PlaneWidget* plane : planes_) plane->update();
}

void TriplanarWidget::setRegion(int region) {
  if (region == region_) return;
  region_ = region;
  refresh();
}

void TriplanarWidget::fitTo(const Eigen::Vector3d& low_mm, const Eigen::Vector3d& high_mm) {
  fit_low_ = low_mm;
  fit_high_ = high_mm;
  view_centre_ = 0.5 * (low_mm + high_mm);
}

void TriplanarWidget::focusRegion(int region) {
  region_ = region;
  if (!scan_ || region < 0 || region >= static_cast<int>(scan_->places.size())) {
    refresh();
    return;
  }
  const render::RegionPlace& own = scan_->places[static_cast<std::size_t>(region)];
  const render::RegionPlace& pair = scan_->places[static_cast<std::size_t>(region ^ 1)];
  if (own.voxels == 0 && pair.voxels == 0) {
    refresh();
    return;
  }
  // A region whose label is missing is looked for where its pair lies, mirrored.
  Eigen::Vector3d low = own.low_mm, high = own.high_mm, centre = own.centre_mm;
  if (own.voxels == 0) {
    low = pair.low_mm;
    high = pair.high_mm;
    centre = pair.centre_mm;
    centre[0] = 2.0 * scan_->middle_mm()[0] - centre[0];
  } else if (pair.voxels > 0) {
    low = low.cwiseMin(pair.low_mm);
    high = high.cwiseMax(pair.high_mm);
  }
  low[0] = std::min(low[0], centre[0]);
  high[0] = std::max(high[0], centre[0]);
  fitTo(low - Eigen::Vector3d::Constant(kMarginMm), high + Eigen::Vector3d::Constant(kMarginMm));
  placed_ = true;
  setCrosshair(centre);
}

void TriplanarWidget::fitHead() {
  if (!scan_) return;
  Eigen::Vector3d low, high;
  for (int a = 0; a < 3; ++a) std::tie(low[a], high[a]) = render::slice_range(*scan_, a);
  if (!scan_->labels.empty()) {
    // The brain and what is around it; scans have much air and neck.
    const image::Grid& grid = scan_->labels.grid;
    Eigen::Vector3d brain_low = high, brain_high = low;
    for (int c = 0; c < 8; ++c) {
      Eigen::Vector3d voxel;
      for (int a = 0; a < 3; ++a) voxel[a] = (c >> a & 1) != 0 ? grid.size[static_cast<std::size_t>(a)] - 1 : 0;
      brain_low = brain_low.cwiseMin(grid.to_world(voxel));
      brain_high = brain_high.cwiseMax(grid.to_world(voxel));
    }
    const Eigen::Vector3d around = Eigen::Vector3d::Constant(kAroundBrainMm);
    low = low.cwiseMax(brain_low - around);
    high = high.cwiseMin(brain_high + around);
  }
  fitTo(low, high);
  zoom_ = 1.0;
  setCrosshair(scan_->middle_mm());
}

// ---- how it is shown -----------------------------------------------------------------------------------------------

void TriplanarWidget::setLook(const render::PlaneLook& look) {
  if (look == look_) return;
  look_ = look;
  refresh();
}

void TriplanarWidget::setLookByHand(const render::PlaneLook& look) {
  setLook(look);
  emit lookChanged();
}

render::GreyWindow TriplanarWidget::window() const {
  if (look_.window) return *look_.window;
  return scan_ ? scan_->window : render::GreyWindow{};
}

void TriplanarWidget::setArrangement(Arrangement arrangement) {
  arrangement_ = arrangement;
  expanded_ = false;
  arrange();
}

void TriplanarWidget::setStripsShown(bool shown) {
  strips_shown_ = shown;
  arrange();
}

void TriplanarWidget::setCorner(QWidget* corner) {
  delete corner_;
  corner_ = corner;
  if (corner_ != nullptr) corner_->setParent(this);
  arrange();
}

void TriplanarWidget::cycleOverlay() {
  auto look = look_;
  look.overlay = look.overlay == render::Overlay::fill      ? render::Overlay::outline
                 : look.overlay == render::Overlay::outline ? render::Overlay::off
                                                            : render::Overlay::fill;
  setLookByHand(look);
}

void TriplanarWidget::setOverlayHidden(bool hidden) {
  if (hidden == hidden_) return;
  hidden_ = hidden;
  refresh();
}

void TriplanarWidget::toggleLesion() {
  auto look = look_;
  look.lesion = !look.lesion;
  setLookByHand(look);
}

void TriplanarWidget::toggleConvention() {
  auto look = look_;
  look.convention = look.convention == render::Convention::radiological ? render::Convention::neurological
                                                                        : render::Convention::radiological;
  setLookByHand(look);
}

void TriplanarWidget::toggleSurfaces() {
  auto look = look_;
  look.surfaces = !look.surfaces;
  setLookByHand(look);
}

void TriplanarWidget::toggleInterpolation() {
  auto look = look_;
  look.interpolation = look.interpolation == render::Interpolation::linear ? render::Interpolation::nearest
                                                                           : render::Interpolation::linear;
  setLookByHand(look);
}

void TriplanarWidget::resetWindow() {
  auto look = look_;
  look.window.reset();
  setLookByHand(look);
}

void TriplanarWidget::stepSlice(int slices) {
  moveAcross(large_, slices);
}

void TriplanarWidget::moveAcross(Plane plane, int slices) {
  if (!scan_) return;
  const int across = render::axes_of(plane, look_.convention).across;
  Eigen::Vector3d to = crosshair_;
  to[across] += slices * render::slice_step_mm(*scan_, across);
  setCrosshair(to);
}

void TriplanarWidget::recentre() {
  zoom_ = 1.0;
  if (scan_ && region_ >= 0 && scan_->places[static_cast<std::size_t>(region_)].voxels > 0)
    focusRegion(region_);
  else
    fitHead();
}

void TriplanarWidget::setCrosshair(const Eigen::Vector3d& world_mm) {
  if (!scan_) return;
  Eigen::Vector3d to = world_mm;
  for (int a = 0; a < 3; ++a) {
    const auto [low, high] = render::slice_range(*scan_, a);
    to[a] = render::snap_to_slice(*scan_, a, std::clamp(to[a], low, high));
  }
  const bool moved = to != crosshair_;
  crosshair_ = to;
  refresh();
  if (moved) emit crosshairMoved();
}

void TriplanarWidget::zoomBy(double factor) {
  zoomAt(large_, QPointF(0.5 * planes_[index_of(large_)]->width(), 0.5 * planes_[index_of(large_)]->height()), factor);
}

void TriplanarWidget::zoomAt(Plane plane, const QPointF& position, double factor) {
  // The point under the pointer stays where it is.
  const render::PlaneView before = viewOf(plane);
  const Eigen::Vector2d pixel = Eigen::Vector2d(position.x(), position.y()) * before.pixel_ratio;
  const Eigen::Vector3d held = render::world_at(before, pixel);
  zoom_ = std::clamp(zoom_ * factor, kLeastZoom, kMostZoom);
  const Eigen::Vector3d drift = held - render::world_at(viewOf(plane), pixel);
  const render::PlaneAxes axes = render::axes_of(plane, look_.convention);
  view_centre_[axes.right] += drift[axes.right];
  view_centre_[axes.down] += drift[axes.down];
  refresh();
}

void TriplanarWidget::pan(Plane plane, const QPointF& step) {
  const render::PlaneView view = viewOf(plane);
  const render::PlaneAxes axes = render::axes_of(plane, look_.convention);
  const double mm = view.mm_per_pixel * view.pixel_ratio;
  view_centre_[axes.right] -= axes.right_sign * step.x() * mm;
  view_centre_[axes.down] -= axes.down_sign * step.y() * mm;
  refresh();
}

void TriplanarWidget::dragWindow(const QPointF& step) {
  if (!scan_) return;
  // The whole range of grey is a hand's width of 500 points; to the right more contrast, upwards brighter.
  const double unit = (scan_->grey->high - scan_->grey->low) / 500.0;
  const render::GreyWindow now = window();
  const double width = std::max(now.high - now.low - step.x() * unit, 2.0 * unit);
  const double level = 0.5 * (now.low + now.high) + step.y() * unit;
  auto look = look_;
  look.window = render::GreyWindow{level - 0.5 * width, level + 0.5 * width};
  setLookByHand(look);
}

void TriplanarWidget::setLarge(Plane plane) {
  if (plane == large_) return;
  large_ = plane;
  arrange();
  emit largeChanged();
}

void TriplanarWidget::enlarge(Plane plane) {
  if (arrangement_ == Arrangement::grid) {
    expanded_ = !(expanded_ && plane == large_);
    large_ = plane;
    arrange();
    emit largeChanged();
    return;
  }
  setLarge(plane);
}

PlaneWidget* TriplanarWidget::plane(Plane plane) const {
  return planes_[index_of(plane)];
}

render::PlaneView TriplanarWidget::viewOf(Plane plane) const {
  const PlaneWidget* widget = planes_[index_of(plane)];
  const double ratio = widget->devicePixelRatioF();
  render::PlaneView view;
  view.plane = plane;
  view.pixel_ratio = ratio;
  view.width = static_cast<int>(std::ceil(widget->width() * ratio));
  view.height = static_cast<int>(std::ceil(widget->height() * ratio));
  view.region = region_;
  view.look = look_;
  if (hidden_) {
    view.look.overlay = render::Overlay::off;
    view.look.lesion = false;
    view.look.surfaces = false;
  }
  const render::PlaneAxes axes = render::axes_of(plane, look_.convention);
  const Eigen::Vector3d box = (fit_high_ - fit_low_).cwiseMax(1.0);
  view.mm_per_pixel =
      std::max(box[axes.right] / std::max(1, view.width), box[axes.down] / std::max(1, view.height)) / zoom_;
  view.centre_mm = view_centre_;
  view.centre_mm[axes.across] = crosshair_[axes.across];
  return view;
}

// ---- painting ------------------------------------------------------------------------------------------------------

void TriplanarWidget::refresh() {
  double ms = 0.0;
  for (PlaneWidget* plane : planes_)
    if (plane->isVisibleTo(this)) ms += plane->refresh();
  if (ms > 0.0) draw_ms_ = ms;
  for (SliceStrip* strip : strips_)
    if (strip->isVisibleTo(this)) strip->refresh();
}

QStringList TriplanarWidget::readoutLines(const Eigen::Vector3d& world_mm) const {
  if (!scan_ || !scan_->grey) return {};
  const render::Readout at = render::read_out(*scan_, world_mm);
  QStringList words;
  if (const QString name = QString::fromStdString(render::label_title(at.label)); !name.isEmpty()) words << name;
  if (at.lesion) words << tr("lesion");
  if (!at.inside) return {tr("outside the scan")};
  const double intensity = at.intensity;
  const bool whole = intensity == std::floor(intensity);
  const double range = scan_->grey->high - scan_->grey->low;
  words << (std::isnan(intensity) ? tr("no value") : formatNumber(intensity, whole ? 0 : range < 10 ? 3 : 1));
  const auto mm = [](double v) { return formatNumber(v, 0); };
  const QString place = tr("voxel %1 %2 %3  ·  %4 %5 %6 mm")
                            .arg(at.voxel[0])
                            .arg(at.voxel[1])
                            .arg(at.voxel[2])
                            .arg(mm(at.world_mm[0]), mm(at.world_mm[1]), mm(at.world_mm[2]));
  return {words.join(", "), place};
}

void TriplanarWidget::arrange() {
  const bool large_mode = arrangement_ == Arrangement::one_large || expanded_;
  const bool strips = strips_shown_ && arrangement_ == Arrangement::one_large;
  if (corner_ != nullptr) corner_->setVisible(!large_mode);
  for (SliceStrip* strip : strips_) strip->setVisible(strips);
  if (large_mode) {
    const int strip = strips ? kStripHeight + kStripGap : 0;
    const int left = static_cast<int>(std::lround((width() - kColumnGap) * kLargeShare));
    const int right = width() - kColumnGap - left;
    const int small = std::max(1, (height() - kRowGap - 2 * strip) / 2);
    const auto place = [&](Plane plane, int x, int y, int w, int h) {
      planes_[index_of(plane)]->setGeometry(x, y, w, h);
      strips_[index_of(plane)]->setGeometry(x, y + h + kStripGap, w, kStripHeight);
    };
    place(large_, 0, 0, left, std::max(1, height() - strip));
    int y = 0;
    for (const Plane plane : kPlanes) {
      if (plane == large_) continue;
      place(plane, left + kColumnGap, y, right, small);
      y += small + strip + kRowGap;
    }
  } else {
    const int w = (width() - kGridGap) / 2, h = (height() - kGridGap) / 2;
    planes_[0]->setGeometry(0, 0, w, h);
    planes_[1]->setGeometry(w + kGridGap, 0, width() - w - kGridGap, h);
    planes_[2]->setGeometry(0, h + kGridGap, w, height() - h - kGridGap);
    if (corner_ != nullptr)
      corner_->setGeometry(w + kGridGap, h + kGridGap, width() - w - kGridGap, height() - h - kGridGap);
  }
  refresh();
}

void TriplanarWidget::resizeEvent(QResizeEvent*) {
  arrange();
}

void TriplanarWidget::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  for (PlaneWidget* plane : planes_) plane->update();
}

void TriplanarWidget::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  for (PlaneWidget* plane : planes_) plane->update();
}

void TriplanarWidget::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    for (PlaneWidget* plane : planes_)
      if (plane != nullptr) plane->update();
    for (SliceStrip* strip : strips_)
      if (strip != nullptr) strip->update();
  }
  QWidget::changeEvent(event);
}

void TriplanarWidget::keyPressEvent(QKeyEvent* event) {
  const render::PlaneAxes axes = render::axes_of(large_, look_.convention);
  const auto move = [&](int axis, double steps) {
    if (!scan_) return;
    Eigen::Vector3d to = crosshair_;
    to[axis] += steps * render::slice_step_mm(*scan_, axis);
    setCrosshair(to);
  };
  const int pace = (event->modifiers() & Qt::ShiftModifier) != 0 ? 5 : 1;
  if ((event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0) {
    event->ignore();
    return;
  }
  switch (event->key()) {
    case Qt::Key_Left: move(axes.right, -axes.right_sign * pace); return;
    case Qt::Key_Right: move(axes.right, axes.right_sign * pace); return;
    case Qt::Key_Up: move(axes.down, -axes.down_sign * pace); return;
    case Qt::Key_Down: move(axes.down, axes.down_sign * pace); return;
    case Qt::Key_PageUp: stepSlice(pace); return;
    case Qt::Key_PageDown: stepSlice(-pace); return;
    case Qt::Key_Plus: zoomBy(1.2); return;
    case Qt::Key_Minus: zoomBy(1.0 / 1.2); return;
    case Qt::Key_Home: recentre(); return;
    default: break;
  }
  event->ignore();  // the workspace's keys
}

// ---- out -----------------------------------------------------------------------------------------------------------

QImage TriplanarWidget::viewImage() const {
  // grab() paints every child, at the device's pixels.
  return const_cast<TriplanarWidget*>(this)->grab().toImage();
}

void TriplanarWidget::copyView() {
  QApplication::clipboard()->setImage(viewImage());
}

bool TriplanarWidget::saveView(const QString& path, QString* problem) {
  QSaveFile file(path);  // whole or not at all
  const bool ok = file.open(QIODevice::WriteOnly) && viewImage().save(&file, "PNG") && file.commit();
  if (!ok && problem != nullptr) *problem = tr("%1 could not be written: %2").arg(path, file.errorString());
  return ok;
}

}  // namespace ipsi::ui
