// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/plane_widget.h"

#include <QElapsedTimer>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/viewer/triplanar_widget.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kHaloWidth = 2.0, kEdge = 8.0, kGap = 18.0, kClick = 3.0;

QColor black(double opacity) {
  QColor colour(Qt::black);
  colour.setAlphaF(static_cast<float>(opacity));
  return colour;
}

QColor white(double opacity) {
  QColor colour(Qt::white);
  colour.setAlphaF(static_cast<float>(opacity));
  return colour;
}

/// Text with a halo, its centre at `at`.
void paintLetter(QPainter& painter, const QPointF& at, const QString& text) {
  const QFontMetricsF metrics(painter.font());
  QPainterPath path;
  path.addText(at.x() - 0.5 * metrics.horizontalAdvance(text), at.y() + 0.5 * metrics.capHeight(), painter.font(),
               text);
  painter.strokePath(path, QPen(QColor(Qt::black), 2.0 * kHaloWidth, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.fillPath(path, QColor(Qt::white));
}

/// Lines of text on a dark ground in a lower corner.
void paintPlate(QPainter& painter, const QRectF& area, Qt::Alignment side, const QStringList& lines) {
  const QFontMetricsF metrics(painter.font());
  double width = 0.0;
  for (const QString& line : lines) width = std::max(width, metrics.horizontalAdvance(line));
  const double line_height = metrics.height();
  QRectF plate(0, 0, width + 12.0, line_height * static_cast<double>(lines.size()) + 2.0);
  if (plate.width() > area.width()) return;
  plate.moveBottom(area.bottom());
  if (side == Qt::AlignLeft)
    plate.moveLeft(area.left());
  else
    plate.moveRight(area.right());
  painter.setPen(Qt::NoPen);
  painter.setBrush(black(0.62));
  painter.drawRoundedRect(plate, 2, 2);
  painter.setPen(QColor(Qt::white));
  double y = plate.top() + 1.0;
  for (const QString& line : lines) {
    painter.drawText(QRectF(plate.left() + 6.0, y, width + 1.0, line_height), static_cast<int>(side | Qt::AlignVCenter),
                     line);
    y += line_height;
  }
}

}  // namespace

PlaneWidget::PlaneWidget(render::Plane plane, TriplanarWidget* viewer)
    : QWidget(viewer), plane_(plane), viewer_(viewer) {
  const QString name = QString::fromStdString(render::to_string(plane));
  setObjectName("viewer." + name);
  setAccessibleName(name + tr(" slice"));
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setFocusPolicy(Qt::NoFocus);
  setCursor(Qt::CrossCursor);
  setContextMenuPolicy(Qt::PreventContextMenu);
}

void PlaneWidget::forget() {
  fresh_ = false;
}

double PlaneWidget::refresh() {
  update();
  if (!viewer_->scan() || width() < 2 || height() < 2) {
    fresh_ = false;
    image_ = {};
    return 0.0;
  }
  const render::PlaneView view = viewer_->viewOf(plane_);
  if (fresh_ && view == drawn_) return 0.0;
  QElapsedTimer clock;
  clock.start();
  const render::PlanePicture& picture = renderer_.draw(*viewer_->scan(), view, viewer_->cortex_.get());
  image_ = QImage(reinterpret_cast<const uchar*>(picture.pixels.data()), picture.width, picture.height,
                  4 * static_cast<qsizetype>(picture.width), QImage::Format_RGB32);
  image_.setDevicePixelRatio(view.pixel_ratio);
  drawn_ = view;
  fresh_ = true;
  return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void PlaneWidget::resizeEvent(QResizeEvent*) {
  refresh();
}

Eigen::Vector3d PlaneWidget::worldAt(const QPointF& position) const {
  const render::PlaneView view = viewer_->viewOf(plane_);
  Eigen::Vector3d world = render::world_at(view, Eigen::Vector2d(position.x(), position.y()) * view.pixel_ratio);
  const int across = render::axes_of(plane_, view.look.convention).across;
  world[across] = viewer_->crosshair()[across];
  return world;
}

void PlaneWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (!viewer_->scan()) {
    paintMissing(painter);
    return;
  }
  if (!fresh_ || drawn_.pixel_ratio != devicePixelRatioF()) refresh();
  painter.drawImage(QPointF(0, 0), image_);
  paintCrosshair(painter);
  painter.setRenderHint(QPainter::Antialiasing);
  paintLetters(painter);
  paintWords(painter);
  if (viewer_->hasFocus() && viewer_->large() == plane_) {
    painter.setPen(QPen(Theme::current().accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
}

void PlaneWidget::paintMissing(QPainter& painter) const {
  const Theme& theme = Theme::current();
  painter.fillRect(rect(), theme.sunken);
  painter.setPen(QPen(theme.control, 1, Qt::DashLine));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
  if (viewer_->large() != plane_ || viewer_->message_.isEmpty()) return;
  painter.setPen(theme.muted);
  painter.setFont(ui::font(TextRole::body));
  painter.drawText(rect().adjusted(12, 12, -12, -12), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                   viewer_->message_);
}

void PlaneWidget::paintCrosshair(QPainter& painter) const {
  const double ratio = drawn_.pixel_ratio;
  const Eigen::Vector2d pixel = render::pixel_of(drawn_, viewer_->crosshair());
  // On whole device pixels, so that the white line is one pixel and not two grey ones.
  const double x = std::floor(pixel[0]) / ratio, y = std::floor(pixel[1]) / ratio;
  const double line = std::max(1.0, std::round(ratio)) / ratio, dark = line + 2.0 / ratio * std::round(ratio);
  const auto bar = [&](double w, const QColor& colour) {
    const double half = 0.5 * (w - line);
    const double gap = 0.5 * kGap;
    painter.fillRect(QRectF(0, y - half, x - gap, w), colour);
    painter.fillRect(QRectF(x + gap, y - half, width() - x - gap, w), colour);
    painter.fillRect(QRectF(x - half, 0, w, y - gap), colour);
    painter.fillRect(QRectF(x - half, y + gap, w, height() - y - gap), colour);
  };
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  bar(dark, black(0.35));
  bar(line, white(0.69));
  painter.restore();
}

void PlaneWidget::paintLetters(QPainter& painter) const {
  const render::Letters letters = render::letters_of(plane_, drawn_.look.convention);
  QFont letter_font = ui::font(TextRole::small);
  letter_font.setWeight(QFont::DemiBold);
  painter.setFont(letter_font);
  const QFontMetricsF metrics(letter_font);
  const double in = kEdge + 0.5 * metrics.horizontalAdvance('R'), down = kEdge + 0.5 * metrics.capHeight();
  const double cx = 0.5 * width(), cy = 0.5 * height();
  paintLetter(painter, {in, cy}, QString(QChar(letters.left)));
  paintLetter(painter, {width() - in, cy}, QString(QChar(letters.right)));
  paintLetter(painter, {cx, down}, QString(QChar(letters.top)));
  paintLetter(painter, {cx, height() - down}, QString(QChar(letters.bottom)));
}

void PlaneWidget::paintWords(QPainter& painter) const {
  painter.setFont(ui::font(TextRole::small));
  const QRectF area = QRectF(rect()).adjusted(kEdge, kEdge, -kEdge, -kEdge);
  constexpr const char* kAxis[] = {"x", "y", "z"};
  const int across = render::axes_of(plane_, drawn_.look.convention).across;
  const QString where = QString("%1, %2 %3 mm")
                            .arg(QString::fromStdString(render::to_string(plane_)), kAxis[across],
                                 formatNumber(drawn_.centre_mm[across], 0));
  // The middle of the lower edge belongs to its letter.
  const double half = 0.5 * area.width() - 12.0;
  paintPlate(painter, area.adjusted(0, 0, -half, 0), Qt::AlignLeft, {where});
  const bool large = viewer_->large() == plane_;
  QStringList lines;
  if (!viewer_->notice_.isEmpty() && large)
    lines << viewer_->notice_;
  else if (hovered_ || large)
    lines = viewer_->readoutLines(hovered_ ? worldAt(last_) : viewer_->crosshair());
  if (lines.isEmpty() || lines.first().isEmpty()) return;
  if (!hovered_) lines = lines.mid(0, 1);
  const QFontMetricsF metrics(painter.font());
  while (lines.size() > 1 && metrics.horizontalAdvance(lines.last()) + 12.0 > half) lines.removeLast();
  paintPlate(painter, area.adjusted(half, 0, 0, 0), Qt::AlignRight, lines);
}

void PlaneWidget::mousePressEvent(QMouseEvent* event) {
  pressed_ = last_ = event->position();
  dragged_ = false;
  viewer_->setFocus(Qt::MouseFocusReason);
  if (viewer_->scan() && event->button() == Qt::LeftButton) viewer_->setCrosshair(worldAt(event->position()));
  event->accept();
}

void PlaneWidget::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position(), step = at - last_;
  if ((at - pressed_).manhattanLength() > kClick) dragged_ = true;
  last_ = at;
  hovered_ = rect().contains(at.toPoint());
  if (!viewer_->scan()) return;
  if ((event->buttons() & Qt::LeftButton) != 0) {
    viewer_->setCrosshair(worldAt(at));
  } else if ((event->buttons() & Qt::RightButton) != 0) {
    viewer_->dragWindow(step);
  } else if ((event->buttons() & Qt::MiddleButton) != 0) {
    viewer_->pan(plane_, step);
  }
  emit viewer_->readoutChanged(hovered_ ? viewer_->readoutLines(worldAt(at)).join(QStringLiteral("  ·  ")) : QString());
  update();
}

void PlaneWidget::mouseReleaseEvent(QMouseEvent* event) {
  event->accept();
  if (!viewer_->scan() || event->button() != Qt::LeftButton || dragged_) return;
  const render::Readout readout = render::read_out(*viewer_->scan(), worldAt(event->position()));
  if (readout.region >= 0) emit viewer_->regionClicked(readout.region);
}

void PlaneWidget::mouseDoubleClickEvent(QMouseEvent* event) {
  event->accept();
  if (event->button() == Qt::LeftButton) viewer_->enlarge(plane_);
}

void PlaneWidget::wheelEvent(QWheelEvent* event) {
  event->accept();
  if (!viewer_->scan()) return;
  // With Shift or Alt held some systems turn the wheel's axis.
  const QPoint turn = event->angleDelta();
  const int delta = turn.y() != 0 ? turn.y() : turn.x();
  if ((event->modifiers() & Qt::ControlModifier) != 0) {
    viewer_->zoomAt(plane_, event->position(), std::pow(1.2, delta / 120.0));
    return;
  }
  wheel_ += delta;
  const int steps = wheel_ / 120;
  if (steps == 0) return;
  wheel_ -= 120 * steps;
  viewer_->moveAcross(plane_, (event->modifiers() & Qt::ShiftModifier) != 0 ? 5 * steps : steps);
}

void PlaneWidget::leaveEvent(QEvent*) {
  hovered_ = false;
  emit viewer_->readoutChanged({});
  update();
}

}  // namespace ipsi::ui
