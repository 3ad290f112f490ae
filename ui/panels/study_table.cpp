// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_table.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kPad = 8;
}  // namespace

void StudyCell::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Theme& t = Theme::current();
  const QRect rect = option.rect;
  const bool current = (option.state & QStyle::State_Selected) != 0;
  painter->save();
  if (current)
    painter->fillRect(rect, t.selection);
  else if ((option.state & QStyle::State_MouseOver) != 0)
    painter->fillRect(rect, t.hover);
  if (current && index.column() == 0) painter->fillRect(rect.left(), rect.top(), 3, rect.height(), t.accent);
  painter->fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.hair);
  const bool number = index.data(kNumber).toBool();
  painter->setFont(ui::font(number ? TextRole::number : TextRole::body));
  painter->setPen(index.data(kWarn).toBool() ? t.warning_text : index.data(kMuted).toBool() ? t.muted : t.text);
  const int left = index.column() == 0 ? 12 : kPad;
  const QRect inside = rect.adjusted(left, 0, -kPad, -1);
  painter->drawText(inside, (number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                    painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, inside.width()));
  painter->restore();
}

void style_table(QTableView& table) {
  table.setItemDelegate(new StudyCell(&table));
  table.setSelectionBehavior(QAbstractItemView::SelectRows);
  table.setSelectionMode(QAbstractItemView::SingleSelection);
  table.setShowGrid(false);
  table.setWordWrap(false);
  table.setFrameShape(QFrame::NoFrame);
  table.setMouseTracking(true);
  table.setTabKeyNavigation(false);
  table.setCornerButtonEnabled(false);
  table.setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  table.setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table.verticalHeader()->hide();
  table.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table.horizontalHeader()->setStyleSheet("QHeaderView::section:first { padding-left: 12px; }");
  table.horizontalHeader()->setHighlightSections(false);
  table.horizontalHeader()->setMinimumSectionSize(24);
}

StudyRows::StudyRows(const PeopleModel& people, QObject* parent) : QAbstractTableModel(parent), people_(people) {}

void StudyRows::refresh() {
  const auto& state = people_.state();
  if (state.version == version_) {
    if (rows_ > 0) emit dataChanged(index(0, 0), index(rows_ - 1, columns_ - 1));
    return;
  }
  beginResetModel();
  version_ = state.version;
  rows_ = static_cast<int>(state.shown.size());
  columns_ = static_cast<int>(state.columns.size());
  endResetModel();
}

int StudyRows::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : rows_;
}
int StudyRows::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns_;
}

QVariant StudyRows::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rows_ || people_.state().version != version_) return {};
  const auto& column = people_.state().columns[static_cast<std::size_t>(index.column())];
  switch (role) {
    case Qt::DisplayRole: return people_.cell(index.row(), index.column());
    case StudyCell::kMuted: return people_.missing(index.row(), index.column()) || people_.out(index.row());
    case StudyCell::kNumber: return column.number;
    case Qt::ToolTipRole: return column.number ? QVariant() : QVariant(people_.cell(index.row(), index.column()));
    case Qt::AccessibleTextRole: return column.title + ": " + people_.cell(index.row(), index.column());
    default: return {};
  }
}

QVariant StudyRows::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columns_ ||
      section >= static_cast<int>(people_.state().columns.size()))
    return {};
  const auto& column = people_.state().columns[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole: return column.title;
    case Qt::ToolTipRole: return column.help.isEmpty() ? column.title : column.help;
    case Qt::TextAlignmentRole: return QVariant((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default: return {};
  }
}

StudyTable::StudyTable(PeopleModel& people, QWidget* parent)
    : QTableView(parent), people_(people), rows_(new StudyRows(people, this)) {
  setObjectName("study.table");
  setAccessibleName(tr("Cohorts and people"));
  setModel(rows_);
  style_table(*this);
  auto* head = horizontalHeader();
  head->setSectionsClickable(true);
  head->setSortIndicatorShown(true);
  head->setSectionResizeMode(QHeaderView::Interactive);
  connect(head, &QHeaderView::sectionClicked, this, [this](int column) { people_.sortBy(column); });
  connect(this, &QTableView::activated, this, [this](const QModelIndex& at) { people_.open(at.row()); });
}

void StudyTable::refresh() {
  const auto& state = people_.state();
  const bool other = state.version != version_;
  rows_->refresh();
  if (!other) return;
  version_ = state.version;
  // The style's arrow points down for ascending; here up means that the smallest stands on top.
  horizontalHeader()->setSortIndicator(state.sort, state.ascending ? Qt::DescendingOrder : Qt::AscendingOrder);
  fit();
  if (!state.shown.empty()) setCurrentIndex(rows_->index(0, 0));
}

void StudyTable::fit() {
  const auto& state = people_.state();
  const QFontMetrics numbers(ui::font(TextRole::number)), words(ui::font(TextRole::strong));
  verticalHeader()->setDefaultSectionSize(std::max(24, QFontMetrics(ui::font(TextRole::body)).height() + 8));
  const auto& columns = state.columns;
  std::vector<int> widths;
  int used = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const int cells = numbers.horizontalAdvance('0') * columns[c].chars + 2 * kPad;
    const int arrow = static_cast<int>(c) == state.sort ? 14 : 0;
    widths.push_back(std::max(cells, words.horizontalAdvance(columns[c].title) + 2 * kPad + 2 + arrow));
    used += widths.back();
  }
  std::vector<std::size_t> order;  // the first to be hidden in front
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].gives_way > 0) order.push_back(c);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return columns[a].gives_way > columns[b].gives_way; });
  QStringList hidden;
  std::vector<bool> out(columns.size(), false);
  for (const std::size_t c : order) {
    if (used <= viewport()->width()) break;
    out[c] = true;
    used -= widths[c];
    hidden << columns[c].title;
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const int rest = columns[c].stretch ? std::max(viewport()->width() - used, 0) : 0;
    setColumnHidden(static_cast<int>(c), out[c]);
    setColumnWidth(static_cast<int>(c), widths[c] + rest);
  }
  if (hidden == hidden_) return;
  hidden_ = hidden;
  emit hiddenChanged();
}

void StudyTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    QGuiApplication::clipboard()->setText(QString::fromStdString(people_.asText()));
    return;
  }
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    const bool explore = (event->modifiers() & Qt::ShiftModifier) != 0;
    if (currentIndex().isValid()) people_.open(currentIndex().row(), explore ? "explore" : "qc");
    return;
  }
  QTableView::keyPressEvent(event);
}

void StudyTable::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  fit();
}

void StudyTable::changeEvent(QEvent* event) {
  QTableView::changeEvent(event);
  if (event->type() == QEvent::FontChange) fit();
}

void StudyTable::focusInEvent(QFocusEvent* event) {
  QTableView::focusInEvent(event);
  if (!currentIndex().isValid() && rows_->rowCount() > 0) setCurrentIndex(rows_->index(0, 0));
}

}  // namespace ipsi::ui
