// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/map_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kDegreesPerPoint = 0.4, kHighest = 89.0, kClick = 3.0, kStep = 10.0, kZoomStep = 1.15;
constexpr double kMargin = 0.10;  // around the forms, as a share
constexpr int kSettleMs = 120;
constexpr int kGap = 8;

QColor colour_of(render::Rgb c) {
  return {c.r, c.g, c.b};
}

QPainterPath path_of(const std::vector<render::Loop>& loops, double scale) {
  QPainterPath path;
  path.setFillRule(Qt::OddEvenFill);
  for (const render::Loop& loop : loops) {
    if (loop.empty()) continue;
    path.moveTo(loop.front().x() * scale, loop.front().y() * scale);
    for (std::size_t i = 1; i < loop.size(); ++i) path.lineTo(loop[i].x() * scale, loop[i].y() * scale);
    path.closeSubpath();
  }
  return path;
}

void hatch(QPainter& painter, const QPainterPath& path) {
  painter.save();
  painter.setClipPath(path, Qt::IntersectClip);
  painter.setPen(QPen(colour_of(render::kHatch), 1));
  const QRectF box = path.boundingRect();
  constexpr double kApart = 5.0;
  for (double at = box.left() - box.height(); at < box.right(); at += kApart)
    painter.drawLine(QPointF(at, box.bottom()), QPointF(at + box.height(), box.top()));
  painter.restore();
}

}  // namespace

void paintRegionEdges(QPainter& painter, const std::array<QPainterPath, kRegions.size()>& outlines,
                      const render::Paints& paints, double weight) {
  const Theme& theme = Theme::current();
  painter.setBrush(Qt::NoBrush);
  for (const std::size_t r : render::painting_order(paints)) {
    const QPainterPath& path = outlines[r];
    if (path.isEmpty()) continue;
    const render::Look look = paints[r].look;
    if (look == render::Look::untested) hatch(painter, path);
    QPen pen(look == render::Look::significant ? theme.text : colour_of(render::kThinEdge),
             (look == render::Look::significant ? 1.4 : 0.8) * weight);
    pen.setJoinStyle(Qt::RoundJoin);
    if (look == render::Look::excluded) pen.setDashPattern({4, 3});
    painter.setPen(pen);
    painter.drawPath(path);
  }
}

MapView3d::MapView3d(QWidget* parent) : QWidget(parent) {
  setObjectName("map.scene");
  setAccessibleName(tr("Regions in three dimensions, coloured by their values"));
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setMinimumSize(160, 120);
  settle_.setSingleShot(true);
  settle_.setInterval(kSettleMs);
  connect(&settle_, &QTimer::timeout, this, [this] { ask(MapPainter::Finish::full); });
}

MapView3d::~MapView3d() = default;

void MapView3d::setModel(std::shared_ptr<const render::MapModel> model, const QString& message) {
  if (model == model_ && message == message_) return;
  message_ = message;
  if (model != model_) {
    model_ = std::move(model);
    painter_.reset();
    problem_.clear();
    shot_ = {};
    outlines_.clear();
    if (model_) {
      painter_ = std::make_unique<MapPainter>(model_);
      connect(painter_.get(), &MapPainter::drawn, this, &MapView3d::take, Qt::QueuedConnection);
      connect(
          painter_.get(), &MapPainter::failed, this,
          [this](const QString& why) {
            problem_ = why;
            setProperty("working", false);
            update();
          },
          Qt::QueuedConnection);
      fit();
      ask(MapPainter::Finish::both);
    }
  }
  update();
}

void MapView3d::setPanels(std::vector<Panel> panels, int current) {
  const bool same_cells = panels.size() == panels_.size();
  panels_ = std::move(panels);
  current_ = current;
  if (!same_cells) fit();
  settle_.stop();
  ask(MapPainter::Finish::both);
  update();
}

void MapView3d::setRegion(int region) {
  if (region == region_) return;
  region_ = region;
  update();
}

void MapView3d::setBrainShown(bool shown) {
  if (shown == brain_) return;
  brain_ = shown;
  fit();
  ask(MapPainter::Finish::both);
}

void MapView3d::setClip(const std::optional<render::Clip>& clip) {
  if (clip == clip_) return;
  clip_ = clip;
  move();
}

void MapView3d::setSideWords(const QString& left_half, const QString& right_half) {
  left_half_ = left_half;
  right_half_ = right_half;
  update();
}

void MapView3d::setCamera(const QString& name) {
  if (const render::Camera* camera = render::find_camera(name.toStdString())) setCamera(*camera);
}

void MapView3d::setCamera(const render::Camera& camera) {
  elevation_ = std::asin(std::clamp(camera.from.z(), -1.0, 1.0)) * 180.0 / M_PI;
  // From straight above the azimuth follows from what is up in the picture.
  const bool vertical = std::abs(camera.from.z()) > 0.9999;
  const Eigen::Vector3d flat = vertical ? Eigen::Vector3d(-camera.up * camera.from.z()) : camera.from;
  azimuth_ = std::atan2(-flat.x(), flat.y()) * 180.0 / M_PI;
  const bool named = render::find_camera(camera.name) != nullptr;
  camera_name_ = named ? QString::fromStdString(camera.name) : QString();
  pan_.setZero();
  zoom_ = 1.0;
  fit();
  ask(MapPainter::Finish::both);
  emit cameraChanged();
}

void MapView3d::orbit(double azimuth_degrees, double elevation_degrees) {
  azimuth_ = std::remainder(azimuth_ + azimuth_degrees, 360.0);
  elevation_ = std::clamp(elevation_ + elevation_degrees, -kHighest, kHighest);
  camera_name_.clear();
  move();
  emit cameraChanged();
}

void MapView3d::zoom(double factor) {
  zoom_ = std::clamp(zoom_ * factor, 0.2, 20.0);
  move();
}

render::Camera MapView3d::camera() const {
  if (const render::Camera* named = render::find_camera(camera_name_.toStdString())) return *named;
  return render::camera_at(std::round(10 * azimuth_) / 10, std::round(10 * elevation_) / 10);
}

QString MapView3d::cameraWords() const {
  if (elevation_ > kHighest - 0.5) return tr("from above");
  if (elevation_ < 0.5 - kHighest) return tr("from below");
  const bool behind = std::abs(azimuth_) > 90.0;
  const double aside = behind ? 180.0 - std::abs(azimuth_) : std::abs(azimuth_);
  const QString side = (azimuth_ > 0 ? left_half_ : right_half_).toLower();
  const QString degrees = QString::number(std::lround(aside)) + QChar(0x00B0);
  QString words = behind ? tr("from behind") : tr("from the front");
  if (std::lround(aside) == 90)
    words = tr("from the %1 side").arg(side);
  else if (std::lround(aside) != 0)
    words = tr("%1, %2 to the %3 side").arg(words, degrees, side);
  const long up = std::lround(elevation_);
  if (up != 0) {
    const QString high = QString::number(std::abs(up)) + QChar(0x00B0);
    words += up > 0 ? tr(", %1 from above").arg(high) : tr(", %1 from below").arg(high);
  }
  return words;
}

void MapView3d::fit() {
  if (!model_) return;
  const auto bounds =
      render::bounds_of(*model_->full, camera(), brain_ ? render::Extent::brain : render::Extent::regions);
  const QRectF room = pictureOf(0);
  const auto frame = render::frame_around(bounds, std::max(0.2, room.width() / std::max(1.0, room.height())), kMargin);
  centre_ = frame.centre;
  height_mm_ = frame.height_mm;
}

render::MapView MapView3d::makeView() const {
  const double ratio = devicePixelRatioF();
  const QRectF room = pictureOf(0);
  render::MapView view;
  view.camera = camera();
  view.width = std::max(1, static_cast<int>(std::floor(room.width() * ratio)));
  view.height = std::max(1, static_cast<int>(std::floor(room.height() * ratio)));
  view.frame = {centre_ + pan_, height_mm_ / zoom_};
  view.brain = brain_;
  view.clip = clip_;
  return view;
}

void MapView3d::ask(MapPainter::Finish finish) {
  if (!painter_ || panels_.empty() || width() < 2 || height() < 2) return;
  std::vector<render::Paints> paints;
  for (const Panel& panel : panels_) paints.push_back(panel.paints);
  setProperty("working", true);
  ticket_ = painter_->request(makeView(), std::move(paints), finish);
}

void MapView3d::move() {
  ask(MapPainter::Finish::drag);
  settle_.start();
}

void MapView3d::take(const MapShot& shot) {
  problem_.clear();
  shot_ = shot;
  outlines_.assign(shot.images.size(), {});
  const double scale = 1.0 / devicePixelRatioF();
  for (std::size_t p = 0; p < shot.forms.size(); ++p)
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      const bool gone = shot.paints[p][r].look == render::Look::excluded;
      outlines_[p][r] = path_of(gone ? shot.forms[p]->excluded_outlines[r] : shot.forms[p]->outlines[r], scale);
    }
  update();
  if (settled()) setProperty("working", false);
  emit shown(shot_);
}

bool MapView3d::settled() const {
  if (!problem_.isEmpty() || !painter_) return true;
  return ticket_ == shot_.ticket && !settle_.isActive() && shot_.view.quality == render::MapView::Quality::full;
}

// ---- where things lie ----------------------------------------------------------------------------------------------

QRect MapView3d::cell(int panel) const {
  const int n = static_cast<int>(panels_.size());
  if (n <= 1) return rect();
  const int columns = n <= 4 ? 2 : 3, rows = (n + columns - 1) / columns;
  const int wide = (width() - (columns - 1) * kGap) / columns, tall = (height() - (rows - 1) * kGap) / rows;
  return {(panel % columns) * (wide + kGap), (panel / columns) * (tall + kGap), wide, tall};
}

/// Words stand above and below the picture, so that nothing lies over it.
QRectF MapView3d::pictureOf(int panel) const {
  const QRect area = cell(panel);
  const int line = QFontMetrics(ui::font(TextRole::small)).height() + 8;
  return QRectF(area).adjusted(6, line, -6, -line);
}

int MapView3d::panelAt(const QPointF& position) const {
  for (int p = 0; p < static_cast<int>(panels_.size()); ++p)
    if (cell(p).contains(position.toPoint())) return p;
  return -1;
}

int MapView3d::regionAt(const QPointF& position) const {
  const int panel = panelAt(position);
  if (panel < 0 || panel >= static_cast<int>(shot_.forms.size())) return -1;
  const auto& forms = *shot_.forms[static_cast<std::size_t>(panel)];
  const QPointF at = (position - pictureOf(panel).topLeft()) * devicePixelRatioF();
  const int x = static_cast<int>(std::floor(at.x())), y = static_cast<int>(std::floor(at.y()));
  if (x < 0 || y < 0 || x >= forms.width || y >= forms.height) return -1;
  return forms.region[static_cast<std::size_t>(y) * static_cast<std::size_t>(forms.width) +
                      static_cast<std::size_t>(x)] -
         1;
}

// ---- painting ------------------------------------------------------------------------------------------------------

/// The words at the left and right edge: sides where the view shows them, else front and back.
void MapView3d::paintSides(QPainter& painter, const QRect& area) const {
  const Eigen::Vector3d right = camera().right();
  QString at_left = tr("Front"), at_right = tr("Back");
  if (std::abs(right.x()) >= std::abs(right.y())) {
    at_right = right.x() > 0 ? right_half_ : left_half_;
    at_left = right.x() > 0 ? left_half_ : right_half_;
  } else if (right.y() > 0) {
    std::swap(at_left, at_right);
  }
  painter.setPen(Theme::current().text);
  painter.drawText(area, Qt::AlignLeft | Qt::AlignTop, at_left);
  painter.drawText(area, Qt::AlignRight | Qt::AlignTop, at_right);
}

void MapView3d::paintPanel(QPainter& painter, int panel) const {
  const auto index = static_cast<std::size_t>(panel);
  const Theme& theme = Theme::current();
  const QRect area = cell(panel);
  const QRectF room = pictureOf(panel);
  const bool several = panels_.size() > 1;
  if (index < shot_.images.size()) {
    QImage image = shot_.images[index];
    image.setDevicePixelRatio(devicePixelRatioF());
    const QSizeF natural = QSizeF(image.size()) / devicePixelRatioF();
    const bool fits =
        std::abs(natural.width() - room.width()) < 1.5 && std::abs(natural.height() - room.height()) < 1.5;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(room.topLeft());
    if (fits) {
      painter.drawImage(QPointF(0, 0), image);
      paintRegionEdges(painter, outlines_[index], shot_.paints[index]);
      if (region_ >= 0 && (!several || panel == current_)) {
        painter.setPen(QPen(theme.accent, 2.2));
        painter.drawPath(outlines_[index][static_cast<std::size_t>(region_)]);
      }
    } else {  // the size has just changed: the old picture until the new one comes
      painter.setRenderHint(QPainter::SmoothPixmapTransform);
      const double scale = std::min(room.width() / natural.width(), room.height() / natural.height());
      painter.drawImage(
          QRectF(QPointF((room.width() - natural.width() * scale) / 2, (room.height() - natural.height() * scale) / 2),
                 natural * scale),
          image);
    }
    painter.restore();
  }
  const QRect words = area.adjusted(10, 8, -10, -6);
  if (!several) {
    painter.setFont(ui::font(TextRole::strong));
    paintSides(painter, words);
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(theme.muted);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignBottom,
                     painter.fontMetrics().elidedText(cameraWords(), Qt::ElideRight, words.width()));
    return;
  }
  const bool here = panel == current_;
  painter.setPen(QPen(here ? theme.primary : theme.border, here ? 2 : 1));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 4, 4);
  painter.setFont(ui::font(here ? TextRole::strong : TextRole::body));
  painter.setPen(theme.text);
  const QFontMetrics metrics = painter.fontMetrics();
  const QString& title = panels_[index].title;
  painter.drawText(words, Qt::AlignLeft | Qt::AlignTop, metrics.elidedText(title, Qt::ElideRight, words.width()));
  painter.setFont(ui::font(TextRole::small));
  const Eigen::Vector3d right = camera().right();
  painter.setPen(theme.muted);
  painter.drawText(words, Qt::AlignHCenter | Qt::AlignBottom, panels_[index].note);
  if (std::abs(right.x()) < std::abs(right.y())) return;
  const auto word = [&](bool at_right) { return (right.x() > 0) == at_right ? right_half_ : left_half_; };
  painter.drawText(words, Qt::AlignLeft | Qt::AlignBottom, word(false));
  painter.drawText(words, Qt::AlignRight | Qt::AlignBottom, word(true));
}

void MapView3d::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::current();
  QPainter painter(this);
  painter.fillRect(rect(), theme.background3d);
  if (!model_ || !problem_.isEmpty()) {
    painter.setPen(theme.muted);
    painter.setFont(ui::font(TextRole::body));
    painter.drawText(rect().adjusted(12, 12, -12, -12), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     problem_.isEmpty() ? message_ : problem_);
    return;
  }
  for (int p = 0; p < static_cast<int>(panels_.size()); ++p) paintPanel(painter, p);
}

// ---- hands ---------------------------------------------------------------------------------------------------------

void MapView3d::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
  ask(MapPainter::Finish::drag);
  settle_.start();
}

void MapView3d::mousePressEvent(QMouseEvent* event) {
  pressed_ = last_ = event->position();
  moved_ = false;
}

void MapView3d::mouseMoveEvent(QMouseEvent* event) {
  const QPointF step = event->position() - last_;
  if (!moved_ && (event->position() - pressed_).manhattanLength() <= kClick) return;
  moved_ = true;
  last_ = event->position();
  if ((event->buttons() & Qt::LeftButton) != 0) {
    orbit(kDegreesPerPoint * step.x(), kDegreesPerPoint * step.y());
  } else if ((event->buttons() & Qt::MiddleButton) != 0) {
    const render::Camera eye = camera();
    const double mm = height_mm_ / zoom_ / std::max(1.0, pictureOf(0).height());
    pan_ += mm * (-step.x() * eye.right() + step.y() * eye.up);
    move();
  }
}

void MapView3d::mouseReleaseEvent(QMouseEvent* event) {
  if (moved_) {
    settle_.stop();
    ask(MapPainter::Finish::full);
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  const int panel = panelAt(event->position());
  if (const int region = regionAt(event->position()); region >= 0)
    emit regionPicked(panel, region);
  else if (panel >= 0)
    emit panelPicked(panel);
}

void MapView3d::mouseDoubleClickEvent(QMouseEvent*) {
  setCamera("oblique");
}

void MapView3d::wheelEvent(QWheelEvent* event) {
  event->accept();
  zoom(std::pow(kZoomStep, event->angleDelta().y() / 120.0));
}

void MapView3d::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left: orbit(-kStep, 0); return;
    case Qt::Key_Right: orbit(kStep, 0); return;
    case Qt::Key_Up: orbit(0, kStep); return;
    case Qt::Key_Down: orbit(0, -kStep); return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoom(kZoomStep); return;
    case Qt::Key_Minus: zoom(1.0 / kZoomStep); return;
    case Qt::Key_Home: setCamera("oblique"); return;
    default: QWidget::keyPressEvent(event);
  }
}

void MapView3d::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) update();
  if (event->type() == QEvent::FontChange && model_) move();
}

}  // namespace ipsi::ui
