// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/cells_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kPad = 12;  // px left and right

QFont strong_small() {
  QFont out = ui::font(TextRole::small);
  out.setWeight(QFont::DemiBold);
  return out;
}

}  // namespace

CellsTable::CellsTable(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void CellsTable::setTable(std::vector<Column> columns, std::vector<Row> rows) {
  columns_ = std::move(columns);
  rows_ = std::move(rows);
  bands_.clear();
  two_lines_ = false;
  QString group;
  for (const Row& row : rows_) {
    bands_.push_back((bands_.empty() ? 0 : bands_.back()) + (row.group != group ? 1 : 0));
    group = row.group;
    two_lines_ = two_lines_ ||
                 std::any_of(row.cells.begin(), row.cells.end(), [](const Cell& cell) { return !cell.note.isEmpty(); });
  }
  if (row_ >= this->rows()) row_ = -1;
  updateGeometry();
  update();
}

QStringList CellsTable::setTable(std::vector<Column> columns, std::vector<Row> rows, const std::vector<int>& droppable,
                                 int room) {
  int wide = 2 * kPad;
  for (const Column& column : columns) wide += scaled(column.width);
  std::vector<int> gone;
  for (const int column : droppable) {
    if (wide <= room) break;
    wide -= scaled(columns[static_cast<std::size_t>(column)].width);
    gone.push_back(column);
  }
  std::sort(gone.begin(), gone.end());
  QStringList titles;
  for (const int column : gone) titles << columns[static_cast<std::size_t>(column)].title;
  for (auto column = gone.rbegin(); column != gone.rend(); ++column) {
    columns.erase(columns.begin() + *column);
    for (Row& row : rows)
      if (*column < static_cast<int>(row.cells.size())) row.cells.erase(row.cells.begin() + *column);
  }
  setTable(std::move(columns), std::move(rows));
  return titles;
}

void CellsTable::setCurrent(int row, int column) {
  row_ = row;
  column_ = column;
  if (row >= 0 && row < rows()) {
    QStringList words;
    const Row& r = rows_[static_cast<std::size_t>(row)];
    for (std::size_t c = 0; c < r.cells.size() && c < columns_.size(); ++c)
      words << (c == 0 ? r.group + ' ' + r.cells[c].text : columns_[c].title + ' ' + r.cells[c].text);
    setAccessibleDescription(words.join(", "));
  }
  update();
}

const CellsTable::Cell& CellsTable::cell(int row, int column) const {
  return rows_[static_cast<std::size_t>(row)].cells[static_cast<std::size_t>(column)];
}

int CellsTable::bandHeight() const {
  return std::max(scaled(23), QFontMetrics(ui::font(TextRole::body)).height() + 4);
}

int CellsTable::rowHeight() const {
  return two_lines_
             ? QFontMetrics(ui::font(TextRole::body)).height() + QFontMetrics(ui::font(TextRole::tiny)).height() + 6
             : bandHeight();
}

int CellsTable::headHeight() const {
  return std::max(scaled(34), 2 * QFontMetrics(ui::font(TextRole::small)).height() + 6);
}

int CellsTable::top(int row) const {
  return headHeight() + row * rowHeight() + bands_[static_cast<std::size_t>(row)] * bandHeight();
}

QRect CellsTable::span(int column, int top, int height) const {
  int fixed = 2 * kPad;
  for (std::size_t c = 1; c < columns_.size(); ++c) fixed += scaled(columns_[c].width);
  const int first = std::max(columns_.empty() ? 0 : scaled(columns_.front().width), width() - fixed);
  int left = kPad;
  for (int c = 0; c < column; ++c) left += c == 0 ? first : scaled(columns_[static_cast<std::size_t>(c)].width);
  return {left, top, column == 0 ? first : scaled(columns_[static_cast<std::size_t>(column)].width), height};
}

QRect CellsTable::cellRect(int row, int column) const {
  return span(column, top(row), rowHeight());
}

QSize CellsTable::minimumSizeHint() const {
  int wide = 2 * kPad;
  for (const Column& column : columns_) wide += scaled(column.width);
  return {wide, rows_.empty() ? headHeight() : top(rows() - 1) + rowHeight() + 1};
}

QSize CellsTable::sizeHint() const {
  return minimumSizeHint();
}

void CellsTable::paintRow(QPainter& painter, int r) const {
  const Theme& t = Theme::current();
  const Row& row = rows_[static_cast<std::size_t>(r)];
  const QRect line(0, top(r), width(), rowHeight());
  if (row.tinted) painter.fillRect(line, t.hover);
  if (r == row_ && column_ < 0) {
    painter.fillRect(line, t.selection);
    painter.fillRect(QRect(0, line.top(), 3, line.height()), t.accent);
  }
  painter.fillRect(QRect(0, line.bottom(), width(), 1), t.hair);
  for (std::size_t c = 0; c < row.cells.size() && c < columns_.size(); ++c) {
    const Cell& cell = row.cells[c];
    QRect place = span(static_cast<int>(c), line.top(), line.height());
    if (r == row_ && static_cast<int>(c) == column_) {
      painter.fillRect(place.adjusted(4, 1, 4, -1), t.selection);
      painter.fillRect(QRect(place.left() + 4, place.bottom() - 2, place.width(), 2), t.accent);
    }
    const auto side = columns_[c].words || c == 0 ? Qt::AlignLeft : Qt::AlignRight;
    painter.setFont(ui::font(cell.strong ? TextRole::strong : TextRole::body));
    painter.setPen(cell.muted ? t.muted : t.text);
    if (cell.note.isEmpty()) {
      painter.drawText(place, Qt::AlignVCenter | side,
                       painter.fontMetrics().elidedText(cell.text, Qt::ElideRight, place.width()));
      continue;
    }
    const int upper = painter.fontMetrics().height() + 3;
    painter.drawText(QRect(place.left(), place.top() + 2, place.width(), upper), Qt::AlignVCenter | side,
                     painter.fontMetrics().elidedText(cell.text, Qt::ElideRight, place.width()));
    painter.setFont(ui::font(TextRole::tiny));
    painter.setPen(t.muted);
    painter.drawText(QRect(place.left(), place.top() + upper, place.width(), place.height() - upper - 2),
                     Qt::AlignVCenter | side,
                     painter.fontMetrics().elidedText(cell.note, Qt::ElideRight, place.width()));
  }
}

void CellsTable::paintEvent(QPaintEvent* event) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.fillRect(rect(), t.surface);
  painter.setFont(strong_small());
  painter.setPen(t.muted);
  for (int c = 0; c < static_cast<int>(columns_.size()); ++c) {
    const Column& column = columns_[static_cast<std::size_t>(c)];
    painter.drawText(span(c, 0, headHeight()).adjusted(column.words || c == 0 ? 0 : 6, 0, 0, 0),
                     (column.words || c == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter | Qt::TextWordWrap,
                     column.title);
  }
  const int from = event->rect().top(), to = event->rect().bottom();
  for (int r = 0; r < rows(); ++r) {
    if (top(r) + rowHeight() < from) continue;
    if (top(r) - bandHeight() > to) break;
    const auto at = static_cast<std::size_t>(r);
    if (rows_[at].group != (r == 0 ? QString() : rows_[at - 1].group)) {
      const QRect band(0, top(r) - bandHeight(), width(), bandHeight());
      painter.fillRect(band, t.window);
      painter.fillRect(QRect(0, band.top(), width(), 1), t.border);
      painter.fillRect(QRect(0, band.bottom(), width(), 1), t.hair);
      painter.setFont(ui::font(TextRole::strong));
      painter.setPen(t.text);
      painter.drawText(band.adjusted(kPad, 0, 0, 0), Qt::AlignVCenter, rows_[at].group);
    }
    paintRow(painter, r);
  }
}

int CellsTable::rowAt(const QPoint& place) const {
  for (int r = 0; r < rows(); ++r)
    if (place.y() >= top(r) && place.y() < top(r) + rowHeight()) return r;
  return -1;
}

void CellsTable::mousePressEvent(QMouseEvent* event) {
  const QPoint place = event->position().toPoint();
  const int row = rowAt(place);
  if (row < 0) return;
  for (int c = 0; c < static_cast<int>(columns_.size()); ++c)
    if (cellRect(row, c).contains(place)) emit chosen(row, c);
}

void CellsTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copy();
  const int last = rows() - 1, columns = static_cast<int>(columns_.size());
  if (last < 0) return QWidget::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Up: return emit chosen(std::max(0, row_ - 1), column_);
    case Qt::Key_Down: return emit chosen(std::min(last, row_ + 1), column_);
    case Qt::Key_Home: return emit chosen(0, column_);
    case Qt::Key_End: return emit chosen(last, column_);
    case Qt::Key_Left:
      if (column_ > 1) return emit chosen(row_, column_ - 1);
      break;
    case Qt::Key_Right:
      if (column_ >= 0 && column_ + 1 < columns) return emit chosen(row_, column_ + 1);
      break;
    default: break;
  }
  QWidget::keyPressEvent(event);
}

bool CellsTable::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    const int row = rowAt(help->pos());
    if (row >= 0 && !rows_[static_cast<std::size_t>(row)].tip.isEmpty())
      QToolTip::showText(help->globalPos(), rows_[static_cast<std::size_t>(row)].tip, this);
    return true;
  }
  return QWidget::event(event);
}

void CellsTable::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
    updateGeometry();
    update();
  }
}

void CellsTable::copy() const {
  auto* copied = new QMimeData;
  copied->setText(tsv());
  copied->setHtml(html());
  QApplication::clipboard()->setMimeData(copied);
}

QString CellsTable::html() const {
  QString out = "<table border=\"1\" cellspacing=\"0\" cellpadding=\"4\"><tr>";
  for (const Column& column : columns_) out += "<th>" + column.title.toHtmlEscaped() + "</th>";
  out += "</tr>";
  QString group;
  for (const Row& row : rows_) {
    if (row.group != group)
      out += QString("<tr><td colspan=\"%1\"><i>%2</i></td></tr>").arg(columns_.size()).arg(row.group.toHtmlEscaped());
    group = row.group;
    out += "<tr>";
    for (const Cell& cell : row.cells) {
      QString text = cell.text.toHtmlEscaped();
      if (cell.strong) text = "<b>" + text + "</b>";
      if (!cell.note.isEmpty()) text += "<br><small>" + cell.note.toHtmlEscaped() + "</small>";
      out += "<td>" + text + "</td>";
    }
    out += "</tr>";
  }
  return out + "</table>";
}

QString CellsTable::tsv() const {
  QStringList head{tr("Group")};
  for (const Column& column : columns_) head << column.title;
  QStringList lines{head.join('\t')};
  for (const Row& row : rows_) {
    QStringList cells{row.group};
    for (const Cell& cell : row.cells) cells << (cell.note.isEmpty() ? cell.text : cell.text + " (" + cell.note + ")");
    lines << cells.join('\t');
  }
  return lines.join('\n') + '\n';
}

}  // namespace ipsi::ui
