// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/mosaic_widget.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

namespace ipsi::ui {
namespace {

constexpr int kSmallest = 56, kLargest = 320;  // pixels of a picture
constexpr int kFewestRows = 3;

}  // namespace

MosaicWidget::MosaicWidget(QWidget* parent) : QAbstractScrollArea(parent) {
  setObjectName("qc.mosaic.tiles");
  setAccessibleName(tr("Mosaic of one region over people"));
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
  setFocusPolicy(Qt::StrongFocus);
  viewport()->setMouseTracking(true);
  idle_.setSingleShot(true);
  idle_.setInterval(0);
  connect(&idle_, &QTimer::timeout, this, &MosaicWidget::paintAhead);
}

MosaicWidget::~MosaicWidget() = default;

void MosaicWidget::setSource(std::function<MosaicTile(int)> source) {
  source_ = std::move(source);
  forget();
}

void MosaicWidget::setCount(int count) {
  if (count == count_) return;
  count_ = count;
  if (current_ >= count_) current_ = count_ - 1;
  forget();
  arrange();
}

void MosaicWidget::setRegion(int region) {
  if (region == region_) return;
  region_ = region;
  forget();
}

void MosaicWidget::refresh() {
  ++asks_;
  describe();
  viewport()->update();
}

void MosaicWidget::setLook(const render::PlaneLook& look) {
  if (look == look_) return;
  look_ = look;
  forget();
}

void MosaicWidget::setOverlayHidden(bool hidden) {
  if (hidden == hidden_) return;
  hidden_ = hidden;
  forget();
}

void MosaicWidget::forget() {
  painted_.clear();
  viewport()->update();
}

// ---- where ---------------------------------------------------------------------------------------------------------

int MosaicWidget::textHeight() const {
  return QFontMetrics(ui::font(TextRole::small)).height() + QFontMetrics(ui::font(TextRole::tiny)).height() +
         2 * kTextPad;
}

int MosaicWidget::rowHeight() const {
  return picture_ + 2 * kInset + textHeight() + kGap;
}

int MosaicWidget::rows() const {
  return std::max(1, viewport()->height() / rowHeight());
}

int MosaicWidget::narrowest() const {
  return 2 * kInset + scaled(14) + 10 + QFontMetrics(ui::font(TextRole::small)).horizontalAdvance("sub-c00s000");
}

/// The largest pictures with which so many tiles can be seen at once; fewer where names would not fit.
void MosaicWidget::arrange() {
  const int wide = viewport()->width() - kGap, high = viewport()->height() - kGap;
  const auto picture = [&](int columns, int rows) {
    return std::min(wide / columns - kGap - 2 * kInset, high / rows - kGap - 2 * kInset - textHeight());
  };
  int best = 0;
  for (int columns = 2; columns <= 16 && wide / columns - kGap >= narrowest(); ++columns) {
    const int size = picture(columns, (kWanted + columns - 1) / columns);
    if (size <= best) continue;
    best = size;
    columns_ = columns;
  }
  if (best < kSmallest) {
    columns_ = std::max(1, wide / (narrowest() + kGap));
    best = picture(columns_, kFewestRows);
  }
  picture_ = std::clamp(best, kSmallest, kLargest);
  tile_width_ = picture_ + 2 * kInset;
  // Room beside the pictures goes to the names: they are what is cut off first.
  const int each = wide / std::max(1, columns_) - kGap;
  tile_width_ = std::max(tile_width_, std::min(each, std::max(narrowest(), tile_width_ + tile_width_ / 2)));
  left_ = kGap + std::max(0, (wide - columns_ * (tile_width_ + kGap)) / 2);
  const int all = (count_ + columns_ - 1) / std::max(1, columns_) * rowHeight() + kGap;
  verticalScrollBar()->setRange(0, std::max(0, all - viewport()->height()));
  verticalScrollBar()->setPageStep(rows() * rowHeight());
  verticalScrollBar()->setSingleStep(std::max(1, rowHeight() / 3));  // three steps a notch of the wheel: a row
}

QRect MosaicWidget::tileRect(int index) const {
  const int row = index / columns_, column = index % columns_;
  return {left_ + column * (tile_width_ + kGap), kGap + row * rowHeight() - verticalScrollBar()->value(), tile_width_,
          rowHeight() - kGap};
}

int MosaicWidget::indexAt(const QPoint& at) const {
  const int row = (at.y() + verticalScrollBar()->value() - kGap) / rowHeight();
  const int column = (at.x() - left_) / (tile_width_ + kGap);
  if (at.x() < left_ || row < 0 || column >= columns_) return -1;
  const int index = row * columns_ + column;
  return index < count_ && tileRect(index).contains(at) ? index : -1;
}

std::pair<int, int> MosaicWidget::visible() const {
  const int top = verticalScrollBar()->value(), bottom = top + viewport()->height();
  const int first = top / rowHeight() * columns_;
  const int last = (bottom - kGap + rowHeight() - 1) / rowHeight() * columns_;
  return {std::min(first, count_), std::min(last, count_)};
}

void MosaicWidget::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  const int first = visible().first, before = picture_, width = tile_width_;
  arrange();
  if (picture_ != before || tile_width_ != width) forget();
  const QRect here = current_ >= 0 ? tileRect(current_) : QRect();
  const bool keep = current_ >= 0 && !viewport()->rect().contains(here);
  verticalScrollBar()->setValue((keep ? current_ : first) / columns_ * rowHeight());
  viewport()->update();
}

void MosaicWidget::scrollContentsBy(int, int dy) {
  if (dy != 0) direction_ = dy < 0 ? 1 : -1;
  viewport()->update();
}

// ---- the current one -----------------------------------------------------------------------------------------------

void MosaicWidget::setCurrent(int index) {
  index = std::min(index, count_ - 1);
  if (index == current_) return;
  current_ = index;
  if (index >= 0) {
    const QRect rect = tileRect(index);
    if (rect.top() < 0 || rect.bottom() > viewport()->height())
      verticalScrollBar()->setValue(index / columns_ * rowHeight());
  }
  describe();
  viewport()->update();
}

void MosaicWidget::choose(int index) {
  if (index < 0 || index >= count_) return;
  const QRect rect = tileRect(index);
  auto* bar = verticalScrollBar();
  if (rect.top() < kGap) bar->setValue(bar->value() + rect.top() - kGap);
  if (rect.bottom() > viewport()->height() - kGap)
    bar->setValue(bar->value() + rect.bottom() - viewport()->height() + kGap);
  const bool other = index != current_;
  current_ = index;
  describe();
  viewport()->update();
  if (other) emit chosen(index);
}

void MosaicWidget::moveCurrent(int columns, int rows) {
  if (count_ == 0) return;
  if (current_ < 0) return choose(0);
  int to = current_ + columns + rows * columns_;
  // A page past the end is the end, in the same column where there is one.
  if (rows > 0 && to >= count_) to = std::abs(rows) > 1 ? count_ - 1 : current_;
  if (rows < 0 && to < 0) to = std::abs(rows) > 1 ? current_ % columns_ : current_;
  choose(std::clamp(to, 0, count_ - 1));
}

void MosaicWidget::describe() {
  setAccessibleDescription(source_ && current_ >= 0 && current_ < count_ ? source_(current_).words : QString());
}

void MosaicWidget::keyPressEvent(QKeyEvent* event) {
  const bool plain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
  switch (plain ? event->key() : 0) {
    case Qt::Key_Left: return moveCurrent(-1, 0);
    case Qt::Key_Right: return moveCurrent(1, 0);
    case Qt::Key_Up: return moveCurrent(0, -1);
    case Qt::Key_Down: return moveCurrent(0, 1);
    case Qt::Key_PageUp: return moveCurrent(0, -std::max(2, rows()));
    case Qt::Key_PageDown: return moveCurrent(0, std::max(2, rows()));
    case Qt::Key_Home: return choose(0);
    case Qt::Key_End: return choose(count_ - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ >= 0) emit opened(current_);
      return;
    default: event->ignore();
  }
}

void MosaicWidget::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) choose(indexAt(event->pos()));
}
void MosaicWidget::mouseDoubleClickEvent(QMouseEvent* event) {
  const int index = indexAt(event->pos());
  if (index >= 0 && event->button() == Qt::LeftButton) emit opened(index);
}
void MosaicWidget::mouseMoveEvent(QMouseEvent* event) {
  const int index = indexAt(event->pos());
  if (index == hover_) return;
  hover_ = index;
  viewport()->update();
}
void MosaicWidget::leaveEvent(QEvent*) {
  hover_ = -1;
  viewport()->update();
}
void MosaicWidget::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}
void MosaicWidget::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

bool MosaicWidget::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = indexAt(help->pos());
    if (index >= 0 && source_)
      QToolTip::showText(help->globalPos(), source_(index).words, this, tileRect(index));
    else
      QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::Leave) leaveEvent(event);
  return QAbstractScrollArea::viewportEvent(event);
}

void MosaicWidget::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    letters_.clear();
    arrange();
    forget();
  }
  QAbstractScrollArea::changeEvent(event);
}

}  // namespace ipsi::ui
