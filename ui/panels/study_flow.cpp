// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_flow.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kMargin = 12, kGap = 13, kStem = 20, kBranch = 18;

QString shown(const StudyModel::Step& step) {
  return formatNumber(static_cast<double>(step.n), 0);
}

}  // namespace

StudyFlow::StudyFlow(QWidget* parent) : QWidget(parent) {
  setObjectName("study.flow");
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StudyFlow::setSteps(const std::vector<StudyModel::Step>& steps) {
  steps_ = steps;
  current_ = steps.empty() ? Place{} : Place{0, false};
  hovered_ = {};
  setAccessibleName(tr("From everyone to the analysed"));
  setAccessibleDescription(words());
  updateGeometry();
  update();
}

QString StudyFlow::words() const {
  QStringList lines;
  for (const auto& step : steps_) {
    QString line = QString("%1: %2").arg(step.label, shown(step));
    if (step.out > 0) line += tr(", %1 leave (%2)").arg(formatNumber(static_cast<double>(step.out), 0), step.detail);
    lines << line;
  }
  return lines.join('\n');
}

int StudyFlow::boxHeight() const {
  return std::max(28, QFontMetrics(ui::font(TextRole::body)).height() + 10);
}

int StudyFlow::gapAfter(int step) const {
  if (step + 1 >= static_cast<int>(steps_.size())) return 0;
  return steps_[static_cast<std::size_t>(step)].out == 0 ? kGap
                                                         : 2 * kGap + QFontMetrics(ui::font(TextRole::small)).height();
}

QSize StudyFlow::sizeHint() const {
  int height = 8;
  for (int i = 0; i < static_cast<int>(steps_.size()); ++i) height += boxHeight() + gapAfter(i);
  return {scaled(280), steps_.empty() ? 0 : height};
}
QSize StudyFlow::minimumSizeHint() const {
  return {scaled(200), sizeHint().height()};
}

QRect StudyFlow::boxOf(int step, bool out) const {
  if (step < 0 || step >= static_cast<int>(steps_.size())) return {};
  int y = 4;
  for (int i = 0; i < step; ++i) y += boxHeight() + gapAfter(i);
  if (!out) return {kMargin, y, width() - 2 * kMargin, boxHeight()};
  if (steps_[static_cast<std::size_t>(step)].out == 0) return {};
  const int left = kMargin + kStem + kBranch + 6;
  return {left, y + boxHeight() + 4, width() - kMargin - left, gapAfter(step) - 8};
}

StudyFlow::Place StudyFlow::at(const QPoint& point) const {
  for (int step = 0; step < static_cast<int>(steps_.size()); ++step)
    for (const bool out : {false, true})
      if (boxOf(step, out).contains(point)) return {step, out};
  return {};
}

void StudyFlow::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  for (int i = 0; i < static_cast<int>(steps_.size()); ++i) {
    const auto& step = steps_[static_cast<std::size_t>(i)];
    const QRect box = boxOf(i, false);
    const bool last = i + 1 == static_cast<int>(steps_.size());
    const bool here = hasFocus() && current_ == Place{i, false};
    painter.setPen(QPen(here ? t.accent : t.control, here ? 2 : 1));
    painter.setBrush(hovered_ == Place{i, false} ? t.hover : last ? t.selection : t.surface);
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setPen(t.text);
    painter.setFont(ui::font(TextRole::strong));
    const QString n = shown(step);
    const QRect inside = box.adjusted(10, 0, -10, 0);
    painter.drawText(inside, Qt::AlignRight | Qt::AlignVCenter, n);
    const int room = inside.width() - painter.fontMetrics().horizontalAdvance(n) - 8;
    painter.setFont(ui::font(last || i == 0 ? TextRole::strong : TextRole::small));
    painter.drawText(inside, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(step.label, Qt::ElideRight, room));
    const int x = box.left() + kStem, end = box.bottom() + gapAfter(i);
    painter.setPen(QPen(t.control, 1));
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (!last) {
      painter.drawLine(x, box.bottom() + 1, x, end);
      painter.drawLine(x - 3, end - 3, x, end);
      painter.drawLine(x + 3, end - 3, x, end);
    }
    if (step.out > 0) paintLeavers(painter, i, x);
    painter.setRenderHint(QPainter::Antialiasing);
  }
}

void StudyFlow::paintLeavers(QPainter& painter, int i, int stem) const {
  const Theme& t = Theme::current();
  const auto& step = steps_[static_cast<std::size_t>(i)];
  const QRect out = boxOf(i, true);
  const int y = out.center().y(), end = stem + kBranch;
  painter.drawLine(stem, y, end, y);
  painter.drawLine(end - 3, y - 3, end, y);
  painter.drawLine(end - 3, y + 3, end, y);
  const bool chosen = (hasFocus() && current_ == Place{i, true}) || hovered_ == Place{i, true};
  painter.setFont(ui::font(TextRole::strong));
  painter.setPen(chosen ? t.accent : t.text);
  const QString leave = tr("%1 leave").arg(formatNumber(static_cast<double>(step.out), 0));
  painter.drawText(out, Qt::AlignLeft | Qt::AlignVCenter, leave);
  const int used = painter.fontMetrics().horizontalAdvance(leave) + 8;
  painter.setFont(ui::font(TextRole::small));
  painter.setPen(t.muted);
  painter.drawText(out.adjusted(used, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(step.detail, Qt::ElideRight, out.width() - used));
}

void StudyFlow::mousePressEvent(QMouseEvent* event) {
  const Place place = at(event->pos());
  if (place.step < 0) return;
  current_ = place;
  update();
  emit chosen(place.step, place.out);
}

void StudyFlow::mouseMoveEvent(QMouseEvent* event) {
  const Place place = at(event->pos());
  if (place == hovered_) return;
  hovered_ = place;
  setCursor(place.step >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  setToolTip(place.step < 0 ? QString()
             : place.out    ? steps_[static_cast<std::size_t>(place.step)].detail
                            : steps_[static_cast<std::size_t>(place.step)].label);
  update();
}

void StudyFlow::leaveEvent(QEvent*) {
  hovered_ = {};
  update();
}

void StudyFlow::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(steps_.size()) - 1;
  switch (event->key()) {
    case Qt::Key_Down: current_ = {std::min(current_.step + 1, last), false}; break;
    case Qt::Key_Up: current_ = {std::max(current_.step - 1, 0), false}; break;
    case Qt::Key_Right: current_.out = current_.step >= 0 && !boxOf(current_.step, true).isEmpty(); break;
    case Qt::Key_Left: current_.out = false; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (current_.step >= 0) emit chosen(current_.step, current_.out);
      break;
    default: QWidget::keyPressEvent(event); return;
  }
  update();
}

void StudyFlow::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
    updateGeometry();
    update();
  }
  QWidget::changeEvent(event);
}

}  // namespace ipsi::ui
