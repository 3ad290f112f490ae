// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/scene3d_widget.h"

#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kDegreesPerPoint = 0.4, kHighest = 89.0, kClick = 3.0;
constexpr int kSettleMs = 120;

render::Rgb rgb_of(const QColor& colour) {
  return {static_cast<std::uint8_t>(colour.red()), static_cast<std::uint8_t>(colour.green()),
          static_cast<std::uint8_t>(colour.blue())};
}

/// The letter of the side a picture's edge shows; empty where it lies between two.
QString letter_of(const Eigen::Vector3d& direction) {
  int axis = 0;
  direction.cwiseAbs().maxCoeff(&axis);
  if (std::abs(direction[axis]) < 0.75) return {};
  constexpr const char* kNames[3][2] = {{"L", "R"}, {"P", "A"}, {"I", "S"}};
  return kNames[axis][direction[axis] > 0.0 ? 1 : 0];
}

}  // namespace

Scene3dWidget::Scene3dWidget(QWidget* parent) : QWidget(parent) {
  setObjectName("viewer.scene");
  setAccessibleName(tr("Regions in three dimensions"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(120, 100);
  shown_.fill(true);
  for (RegionLook& look : looks_) look = {QColor(Qt::lightGray), render::Look::plain};
  settle_.setSingleShot(true);
  settle_.setInterval(kSettleMs);
  connect(&settle_, &QTimer::timeout, this, &Scene3dWidget::touch);
}

Scene3dWidget::~Scene3dWidget() = default;

void Scene3dWidget::setModel(std::shared_ptr<const render::ScanModel> model, const QString& message) {
  if (model == model_ && message == message_) return;
  if (model != model_) scene_.reset();
  model_ = std::move(model);
  message_ = message;
  problem_.clear();
  if (model_) {
    window_ = model_->scan->window;
    planes_mm_ = model_->centre_mm;
  }
  touch();
}

void Scene3dWidget::setRegionLooks(const std::array<RegionLook, 12>& looks) {
  looks_ = looks;
  touch();
}

void Scene3dWidget::setRegion(int region) {
  if (region == region_) return;
  region_ = region;
  touch();
}

void Scene3dWidget::setRegionsShown(const std::array<bool, 12>& shown) {
  shown_ = shown;
  touch();
}

void Scene3dWidget::setLesionShown(bool shown) {
  lesion_ = shown;
  touch();
}

void Scene3dWidget::setBrainShown(bool shown) {
  brain_ = shown;
  touch();
}

void Scene3dWidget::setPlanesShown(bool sagittal, bool coronal, bool axial) {
  planes_ = {sagittal, coronal, axial};
  touch();
}

void Scene3dWidget::setPlanesAt(const Eigen::Vector3d& world_mm) {
  planes_mm_ = world_mm;
  if (planes_[0] || planes_[1] || planes_[2]) touch();
}

void Scene3dWidget::setWindow(render::GreyWindow window) {
  window_ = window;
  if (planes_[0] || planes_[1] || planes_[2]) touch();
}

void Scene3dWidget::setCaption(const QString& caption) {
  caption_ = caption;
  update();
}

void Scene3dWidget::setCamera(const QString& name) {
  const render::Camera* camera = render::find_camera(name.toStdString());
  if (camera == nullptr) return;
  elevation_ = std::asin(std::clamp(camera->from.z(), -1.0, 1.0)) * 180.0 / M_PI;
  // From straight above the azimuth follows from what is up in the picture.
  const Eigen::Vector3d flat =
      std::abs(camera->from.z()) > 0.999 ? Eigen::Vector3d(-camera->up * camera->from.z()) : camera->from;
  azimuth_ = std::atan2(-flat.x(), flat.y()) * 180.0 / M_PI;
  pan_.setZero();
  zoom_ = 1.0;
  touch();
  emit cameraChanged();
}

void Scene3dWidget::orbit(double azimuth_degrees, double elevation_degrees) {
  azimuth_ = std::remainder(azimuth_ + azimuth_degrees, 360.0);
  elevation_ = std::clamp(elevation_ + elevation_degrees, -kHighest, kHighest);
  coarse();
  emit cameraChanged();
}

void Scene3dWidget::touch() {
  settle_.stop();
  quality_ = render::SceneView::Quality::full;
  dirty_ = true;
  update();
}

void Scene3dWidget::coarse() {
  quality_ = render::SceneView::Quality::drag;
  dirty_ = true;
  settle_.start();
  update();
}

render::SceneView Scene3dWidget::makeView() const {
  const Theme& theme = Theme::current();
  const double ratio = devicePixelRatioF();
  render::SceneView view;
  view.camera = render::camera_at(azimuth_, elevation_);
  view.width = std::max(1, static_cast<int>(std::ceil(width() * ratio)));
  view.height = std::max(1, static_cast<int>(std::ceil(height() * ratio)));
  view.pixel_ratio = ratio;
  view.quality = quality_;
  const double radius = brain_ && model_->brain_radius_mm > 0.0
                            ? std::min(model_->brain_radius_mm, 1.75 * model_->radius_mm)
                            : model_->radius_mm;
  const double aspect = static_cast<double>(view.width) / view.height;
  view.frame.centre = model_->centre_mm + pan_;
  view.frame.height_mm = 2.04 * radius / std::min(1.0, aspect) / zoom_;
  for (std::size_t r = 0; r < shown_.size(); ++r)
    view.shown.regions[r] = shown_[r] && looks_[r].look != render::Look::excluded;
  view.shown.brain = brain_;
  view.lesion = lesion_;
  view.planes = planes_;
  view.planes_mm = planes_mm_;
  view.window = window_;
  for (std::size_t r = 0; r < looks_.size(); ++r) view.paints[r] = {looks_[r].look, rgb_of(looks_[r].colour)};
  view.current = region_;
  view.background = rgb_of(theme.background3d);
  view.brain = rgb_of(theme.control);
  return view;
}

void Scene3dWidget::draw() {
  dirty_ = false;
  if (!model_) return;
  QElapsedTimer clock;
  clock.start();
  if (!scene_) {
    auto opened = render::ScanScene::open(model_);
    if (!opened) {
      problem_ = QString::fromStdString(to_line(opened.error()));
      return;
    }
    scene_ = std::move(*opened);
  }
  const auto picture = scene_->draw(makeView());
  if (!picture) {
    problem_ = QString::fromStdString(to_line(picture.error()));
    return;
  }
  problem_.clear();
  const render::ScenePicture& drawn = **picture;
  image_ = QImage(reinterpret_cast<const uchar*>(drawn.pixels.data()), drawn.width, drawn.height,
                  4 * static_cast<qsizetype>(drawn.width), QImage::Format_RGB32)
               .copy();
  image_.setDevicePixelRatio(devicePixelRatioF());
  what_ = drawn.what;
  what_width_ = drawn.width;
  draw_ms_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void Scene3dWidget::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::current();
  const QSizeF painted = QSizeF(image_.size()) / devicePixelRatioF();
  if (dirty_ || std::abs(painted.width() - width()) >= 1.0 || std::abs(painted.height() - height()) >= 1.0) draw();
  QPainter painter(this);
  painter.fillRect(rect(), theme.background3d);
  if (!model_ || !problem_.isEmpty()) {
    painter.setPen(theme.muted);
    painter.setFont(ui::font(TextRole::body));
    painter.drawText(rect().adjusted(12, 12, -12, -12), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     problem_.isEmpty() ? message_ : problem_);
    return;
  }
  painter.drawImage(QPointF(0, 0), image_);
  const render::Camera camera = render::camera_at(azimuth_, elevation_);
  QFont bold = ui::font(TextRole::small);
  bold.setWeight(QFont::DemiBold);
  painter.setFont(bold);
  painter.setPen(theme.text);
  const QRect area = rect().adjusted(8, 6, -8, -6);
  painter.drawText(area, Qt::AlignLeft | Qt::AlignTop, letter_of(-camera.right()));
  painter.drawText(area, Qt::AlignRight | Qt::AlignTop, letter_of(camera.right()));
  painter.setFont(ui::font(TextRole::small));
  painter.drawText(area, Qt::AlignLeft | Qt::AlignBottom, caption_);
  if (hasFocus()) {
    painter.setPen(QPen(theme.accent, 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

int Scene3dWidget::regionAt(const QPointF& position) const {
  const int x = static_cast<int>(position.x() * image_.devicePixelRatio()),
            y = static_cast<int>(position.y() * image_.devicePixelRatio());
  if (what_.empty() || x < 0 || y < 0 || x >= image_.width() || y >= image_.height()) return -1;
  const std::uint8_t what =
      what_[static_cast<std::size_t>(y) * static_cast<std::size_t>(what_width_) + static_cast<std::size_t>(x)];
  return what >= 1 && what <= shown_.size() ? what - 1 : -1;
}

void Scene3dWidget::mousePressEvent(QMouseEvent* event) {
  pressed_ = last_ = event->position();
  moved_ = false;
}

void Scene3dWidget::mouseMoveEvent(QMouseEvent* event) {
  const QPointF step = event->position() - last_;
  if (!moved_ && (event->position() - pressed_).manhattanLength() <= kClick) return;
  moved_ = true;
  last_ = event->position();
  if (!model_) return;
  if ((event->buttons() & Qt::LeftButton) != 0) {
    orbit(kDegreesPerPoint * step.x(), kDegreesPerPoint * step.y());
  } else if ((event->buttons() & Qt::MiddleButton) != 0) {
    const render::SceneView view = makeView();
    const double mm = view.frame.height_mm / std::max(1, height());
    pan_ += mm * (-step.x() * view.camera.right() + step.y() * view.camera.up);
    coarse();
  }
}

void Scene3dWidget::mouseReleaseEvent(QMouseEvent* event) {
  if (moved_) {
    touch();
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  if (const int region = regionAt(event->position()); region >= 0) emit regionPicked(region);
}

void Scene3dWidget::mouseDoubleClickEvent(QMouseEvent*) {
  setCamera("oblique");
}

void Scene3dWidget::wheelEvent(QWheelEvent* event) {
  event->accept();
  zoom_ = std::clamp(zoom_ * std::pow(1.15, event->angleDelta().y() / 120.0), 0.2, 20.0);
  coarse();
}

void Scene3dWidget::keyPressEvent(QKeyEvent* event) {
  constexpr double kTurn = 10.0;
  switch (event->key()) {
    case Qt::Key_Left: orbit(-kTurn, 0); return;
    case Qt::Key_Right: orbit(kTurn, 0); return;
    case Qt::Key_Up: orbit(0, kTurn); return;
    case Qt::Key_Down: orbit(0, -kTurn); return;
    case Qt::Key_Plus:
      zoom_ = std::min(20.0, zoom_ * 1.15);
      coarse();
      return;
    case Qt::Key_Minus:
      zoom_ = std::max(0.2, zoom_ / 1.15);
      coarse();
      return;
    case Qt::Key_Home: setCamera("oblique"); return;
    default: break;
  }
  event->ignore();
}

void Scene3dWidget::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) touch();
  QWidget::changeEvent(event);
}

QImage Scene3dWidget::viewImage() const {
  return const_cast<Scene3dWidget*>(this)->grab().toImage();
}

}  // namespace ipsi::ui
