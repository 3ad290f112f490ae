// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainterPath>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

// All shapes on the 20-unit grid of the design.

QPainterPath diamond() {
  QPainterPath path;
  path.moveTo(10, 1.2);
  path.lineTo(18.8, 10);
  path.lineTo(10, 18.8);
  path.lineTo(1.2, 10);
  path.closeSubpath();
  return path;
}

QPainterPath square() {
  QPainterPath path;
  path.addRoundedRect(QRectF(2.5, 2.5, 15, 15), 1.5, 1.5);
  return path;
}

QPen mark_pen(const QColor& colour) {
  return {QBrush(colour), 1.9, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin};
}

void draw_letter(QPainter& p, const QColor& colour) {  // an L of lines: the same in every font
  p.setPen(mark_pen(colour));
  p.drawPolyline(QPolygonF({{8.2, 6.2}, {8.2, 13.4}, {12.6, 13.4}}));
}

void draw_cross(QPainter& p, const QColor& colour) {
  p.setPen(mark_pen(colour));
  p.drawLine(QPointF(6.7, 6.7), QPointF(13.3, 13.3));
  p.drawLine(QPointF(13.3, 6.7), QPointF(6.7, 13.3));
}

QPen dotted_pen(const QColor& colour) {
  constexpr double kWidth = 1.5;
  QPen pen(colour, kWidth);
  pen.setCapStyle(Qt::FlatCap);
  pen.setDashPattern({1.6 / kWidth, 2.1 / kWidth});
  return pen;
}

}  // namespace

void paintFlag(QPainter& painter, const QRectF& rect, FlagSymbol symbol) {
  const Theme& t = Theme::current();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(rect.topLeft());
  painter.scale(rect.width() / 20.0, rect.height() / 20.0);
  painter.setBrush(Qt::NoBrush);
  switch (symbol) {
    case FlagSymbol::unrated:
      painter.setPen(QPen(t.flag_unrated, 1.5));
      painter.drawEllipse(QPointF(10, 10), 7.25, 7.25);
      break;
    case FlagSymbol::ok:
      painter.setPen(Qt::NoPen);
      painter.setBrush(t.flag_ok);
      painter.drawEllipse(QPointF(10, 10), 8, 8);
      painter.setBrush(Qt::NoBrush);
      painter.setPen(mark_pen(t.flag_ok_mark));
      painter.drawPolyline(QPolygonF({{6.2, 10.3}, {8.9, 13.0}, {13.9, 7.4}}));
      break;
    case FlagSymbol::lesioned:
      painter.setPen(QPen(t.flag_lesioned_edge, 1.3));
      painter.setBrush(t.flag_lesioned);
      painter.drawPath(diamond());
      painter.setBrush(Qt::NoBrush);
      draw_letter(painter, t.flag_lesioned_mark);
      break;
    case FlagSymbol::failed:
      painter.setPen(Qt::NoPen);
      painter.setBrush(t.flag_failed);
      painter.drawPath(square());
      painter.setBrush(Qt::NoBrush);
      draw_cross(painter, t.flag_failed_mark);
      break;
    case FlagSymbol::suggested_lesioned:
      painter.setPen(dotted_pen(t.flag_suggested));
      painter.drawPath(diamond());
      draw_letter(painter, t.flag_suggested);
      break;
    case FlagSymbol::suggested_failed:
      painter.setPen(dotted_pen(t.flag_suggested));
      painter.drawPath(square());
      draw_cross(painter, t.flag_suggested);
      break;
    case FlagSymbol::later:
      painter.setPen(QPen(t.flag_unrated, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      painter.drawEllipse(QPointF(10, 10), 7.25, 7.25);
      painter.drawPolyline(QPolygonF({{10, 5.8}, {10, 10.2}, {13, 12}}));
      break;
  }
  painter.restore();
}

}  // namespace ipsi::ui
