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

constexpr int kWordsHeight = 56;  // plates of two lines
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
  if (!viewer_->scan() || width() < 2 || height() < 2) {
    fresh_ = false;
    image_ = {};
    update();
    return 0.0;
  }
  const render::PlaneView view = viewer_->viewOf(plane_);
  if (fresh_ && view == drawn_) {
    // The picture is the same: only the crosshair and the words along the lower edge have to be painted.
    update(cross_ + crosshairRegion() + QRect(0, height() - kWordsHeight, width(), kWordsHeight));
    return 0.0;
  }
  QElapsedTimer clock;
  clock.start();
  const render::PlanePicture& picture = renderer_.draw(*viewer_->scan(), view, viewer_->cortex_.get());
  image_ = QImage(reinterpret_cast<const uchar*>(picture.pixels.data()), picture.width, picture.height,
                  4 * static_cast<qsizetype>(picture.width), QImage::Format_RGB32);
  drawn_ = view;
  fresh_ = true;
  update();
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

void PlaneWidget::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  if (!viewer_->scan()) {
    paintMissing(painter);
    return;
  }
  if (!fresh_ || drawn_.pixel_ratio != devicePixelRatioF()) refresh();
  painter.save();  // pixel on pixel: a copy of rows, nothing scaled
  painter.scale(1.0 / drawn_.pixel_ratio, 1.0 / drawn_.pixel_ratio);
  painter.drawImage(QPointF(0, 0), image_);
  painter.restore();
  paintCrosshair(painter);
  cross_ = crosshairRegion();
  painter.setRenderHint(QPainter::Antialiasing);
  paintLetters(painter, event->region());
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
  const Eigen::Vector2d at = render::pixel_of(drawn_, viewer_->crosshair());
  // On whole device pixels, so that the white line is one pixel and not two grey ones.
  const int line = std::max(1, qRound(ratio)), side = line;
  const int x = static_cast<int>(std::floor(at[0])), y = static_cast<int>(std::floor(at[1]));
  const int gap = qRound(0.5 * kGap * ratio);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.scale(1.0 / ratio, 1.0 / ratio);
  // As images: Qt hands a filled rectangle of many rows to its thread pool, which costs more than the line.
  const auto bar = [&](int left, int top, int right, int bottom, const QColor& colour) {
    left = std::max(left, 0);
    top = std::max(top, 0);
    right = std::min(right, drawn_.width);
    bottom = std::min(bottom, drawn_.height);
    if (left >= right || top >= bottom) return;
    QImage image(right - left, bottom - top, QImage::Format_ARGB32_Premultiplied);
    image.fill(colour);
    painter.drawImage(QPointF(left, top), image);
  };
  const auto cross = [&](int beside, const QColor& colour) {
    bar(0, y - beside, x - gap, y + line + beside, colour);
    bar(x + line + gap, y - beside, drawn_.width, y + line + beside, colour);
    bar(x - beside, 0, x + line + beside, y - gap, colour);
    bar(x - beside, y + line + gap, x + line + beside, drawn_.height, colour);
  };
  cross(side, black(0.35));
  cross(0, white(0.69));
  painter.restore();
}

QRegion PlaneWidget::crosshairRegion() const {
  const Eigen::Vector2d at = render::pixel_of(drawn_, viewer_->crosshair()) / drawn_.pixel_ratio;
  const int x = static_cast<int>(std::floor(at[0])), y = static_cast<int>(std::floor(at[1]));
  return QRegion(x - 3, 0, 7, height()) + QRegion(0, y - 3, width(), 7);
}

const QPixmap& PlaneWidget::letter(char name) {
  QPixmap& pixmap = letters_[name];
  if (!pixmap.isNull() && pixmap.devicePixelRatio() == devicePixelRatioF()) return pixmap;
  QFont bold = ui::font(TextRole::small);
  bold.setWeight(QFont::DemiBold);
  const QFontMetricsF metrics(bold);
  const QString text{QChar(name)};
  const QSizeF size(std::ceil(metrics.horizontalAdvance(text)) + 4.0 * kHaloWidth,
                    std::ceil(metrics.capHeight()) + 4.0 * kHaloWidth);
  pixmap = QPixmap((size * devicePixelRatioF()).toSize());
  pixmap.setDevicePixelRatio(devicePixelRatioF());
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath path;
  path.addText(2.0 * kHaloWidth, 2.0 * kHaloWidth + metrics.capHeight(), bold, text);
  painter.strokePath(path, QPen(QColor(Qt::black), 2.0 * kHaloWidth, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.fillPath(path, QColor(Qt::white));
  return pixmap;
}

void PlaneWidget::paintLetters(QPainter& painter, const QRegion& dirty) {
  const render::Letters letters = render::letters_of(plane_, drawn_.look.convention);
  constexpr double kIn = kEdge - 2.0 * kHaloWidth;  // the halo may reach nearer to the edge
  const auto paint = [&](char name, double share_x, double share_y) {
    const QPixmap& pixmap = letter(name);
    const QSizeF size = QSizeF(pixmap.size()) / pixmap.devicePixelRatio();
    const QPointF at(kIn + share_x * (width() - 2.0 * kIn - size.width()),
                     kIn + share_y * (height() - 2.0 * kIn - size.height()));
    const QPoint whole = at.toPoint();
    if (dirty.intersects(QRect(whole, size.toSize()))) painter.drawPixmap(whole, pixmap);
  };
  paint(letters.left, 0.0, 0.5);
  paint(letters.right, 1.0, 0.5);
  paint(letters.top, 0.5, 0.0);
  paint(letters.bottom, 0.5, 1.0);
}

void PlaneWidget::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange || event->type() == QEvent::ApplicationFontChange) letters_.clear();
  QWidget::changeEvent(event);
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
  if (const double room = half - 12.0; metrics.horizontalAdvance(lines.first()) > room) {
    const QString number = ", " + lines.first().section(", ", -1);  // only the name gives way
    lines.first() = metrics.elidedText(lines.first().section(", ", 0, -2), Qt::ElideRight,
                                       room - metrics.horizontalAdvance(number)) +
                    number;
  }
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
  update(0, height() - kWordsHeight, width(), kWordsHeight);
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
  update(0, height() - kWordsHeight, width(), kWordsHeight);
}

}  // namespace ipsi::ui
