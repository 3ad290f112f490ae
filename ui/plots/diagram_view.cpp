// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/diagram_view.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kMmPerPoint = 25.4 / 72.0;
constexpr double kMostPerMm = 5.2;  // px at 100 % text: text of 7.5 pt becomes that of the window and not more
constexpr double kHead = 2.2;       // mm

double most_per_mm() {
  return kMostPerMm * Theme::text_percent() / 100.0;
}

QPointF point(const std::array<double, 2>& p) {
  return {p[0], p[1]};
}

QFont sized(double points, double per_mm) {
  QFont font = ui::font(TextRole::body);
  font.setPixelSize(std::max(7, static_cast<int>(std::lround(points * kMmPerPoint * per_mm))));
  return font;
}

void paint_head(QPainter& painter, QPointF tip, QPointF from) {
  const QPointF along = tip - from;
  const double length = std::hypot(along.x(), along.y());
  if (!(length > 0.0)) return;
  const QPointF unit = along / length, across(-unit.y(), unit.x());
  const QPointF base = tip - unit * kHead;
  QPainterPath head(tip);
  head.lineTo(base + across * kHead * 0.36);
  head.lineTo(base - across * kHead * 0.36);
  head.closeSubpath();
  painter.fillPath(head, painter.pen().color());
}

}  // namespace

DiagramView::DiagramView(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setFocusPolicy(Qt::NoFocus);
}

void DiagramView::setDiagram(const spec::Diagram& diagram) {
  diagram_ = diagram;
  setAccessibleName(QString::fromStdString(diagram.title));
  setAccessibleDescription(QString::fromStdString(diagram.alt));
  updateGeometry();
  update();
}

double DiagramView::scaleFor(int width) const {
  return diagram_.width > 0.0 ? std::min(most_per_mm(), width / diagram_.width) : 1.0;
}

QSize DiagramView::sizeHint() const {
  const int width = static_cast<int>(std::ceil(diagram_.width * most_per_mm()));
  return {width, heightForWidth(width)};
}

int DiagramView::heightForWidth(int width) const {
  return static_cast<int>(std::ceil(diagram_.height * scaleFor(width)));
}

void DiagramView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) updateGeometry();
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) update();
}

void DiagramView::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double per_mm = scaleFor(width());
  painter.translate(std::max(0.0, (width() - diagram_.width * per_mm) / 2.0), 0.0);
  painter.save();
  painter.scale(per_mm, per_mm);
  for (const auto& arrow : diagram_.arrows) {
    if (arrow.points.size() < 2) continue;
    QPen pen(arrow.muted ? t.muted : t.text, arrow.width_pt * kMmPerPoint);
    if (arrow.dashed) pen.setDashPattern({4.0, 3.0});
    painter.setPen(pen);
    QPainterPath path(point(arrow.points.front()));
    if (arrow.points.size() == 2)
      path.lineTo(point(arrow.points.back()));
    else
      for (std::size_t i = 1; i + 2 < arrow.points.size(); i += 3)
        path.cubicTo(point(arrow.points[i]), point(arrow.points[i + 1]), point(arrow.points[i + 2]));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    painter.setPen(QPen(pen.color(), pen.widthF()));
    const std::size_t last = arrow.points.size() - 1;
    if (arrow.head_at_end) paint_head(painter, point(arrow.points[last]), point(arrow.points[last - 1]));
    if (arrow.head_at_start) paint_head(painter, point(arrow.points[0]), point(arrow.points[1]));
  }
  for (const auto& node : diagram_.nodes) {
    const QRectF box(node.x - node.width / 2, node.y - node.height / 2, node.width, node.height);
    painter.setPen(QPen(t.text, 0.8 * kMmPerPoint));
    painter.setBrush(t.raised);
    if (node.shape == spec::Diagram::Node::Shape::ellipse)
      painter.drawEllipse(box);
    else
      painter.drawRect(box);
  }
  painter.restore();
  const auto text = [&](double x, double y, const std::string& label, const QFont& font, bool ground) {
    painter.setFont(font);
    const QString words = QString::fromStdString(label);
    QRectF box = QFontMetricsF(font).boundingRect(words);
    box.moveCenter(QPointF(x, y) * per_mm);
    if (ground) painter.fillRect(box.adjusted(-2, 0, 2, 0), t.surface);
    painter.drawText(box.adjusted(-20, -2, 20, 2), Qt::AlignCenter, words);
  };
  painter.setPen(t.text);
  for (const auto& node : diagram_.nodes) text(node.x, node.y, node.label, sized(diagram_.node_pt, per_mm), false);
  for (const auto& arrow : diagram_.arrows) {
    if (arrow.label.empty()) continue;
    painter.setPen(arrow.muted ? t.muted : t.text);
    text(arrow.label_x, arrow.label_y, arrow.label, sized(diagram_.label_pt, per_mm), true);
  }
}

}  // namespace ipsi::ui
