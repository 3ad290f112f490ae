// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_problems.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <numeric>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kPad = 12, kBetween = 10;

/// Left edges of the six columns, from the fonts and the width there is.
struct Places {
  std::array<int, 7> left{};  // state, line, column, subject, found, what; the end
  explicit Places(int width) {
    const QFontMetrics body(ui::font(TextRole::body)), fixed(ui::font(TextRole::fixed));
    const int unit = body.horizontalAdvance('0');
    std::array<int, 5> wide{scaled(16) + 6 + QFontMetrics(ui::font(TextRole::small)).horizontalAdvance("handled"),
                            unit * 7, unit * 9, unit * 12, fixed.horizontalAdvance('0') * 11};
    // What it is comes first: the cell found stands in the lines below too, and the column beside it.
    const auto room = [&] { return width - 2 * kPad - std::accumulate(wide.begin(), wide.end(), 5 * kBetween); };
    for (const std::size_t column : {4U, 2U})
      if (room() < unit * 26) wide[column] = -kBetween;
    left[0] = kPad;
    for (std::size_t i = 0; i < wide.size(); ++i) left[i + 1] = left[i] + wide[i] + kBetween;
    left[6] = width - kPad;
  }
  [[nodiscard]] QRect cell(std::size_t column, const QRect& row) const {
    const int right = column == 5 ? left[6] : left[column + 1] - kBetween;
    return {row.left() + left[column], row.top(), std::max(right - left[column], 0), row.height()};
  }
};

QColor state_colour(ProblemState state) {
  const Theme& t = Theme::current();
  if (state == ProblemState::check) return t.warning_text;
  return state == ProblemState::handled ? t.muted : t.error_text;
}
const char* state_icon(ProblemState state) {
  return state == ProblemState::check ? "warning" : state == ProblemState::handled ? "check" : "close";
}

class Row : public QStyledItemDelegate {
 public:
  Row(const StudyProblemRows& rows, QObject* parent) : QStyledItemDelegate(parent), rows_(rows) {}

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {100, std::max(26, QFontMetrics(ui::font(TextRole::body)).height() + 9)};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    const ProblemRow* problem = rows_.problem(index.row());
    if (problem == nullptr)
      paintBand(painter, option.rect, index.row());
    else
      paintProblem(painter, option, *problem);
    painter->restore();
  }

 private:
  void paintBand(QPainter* painter, const QRect& rect, int row) const {
    const Theme& t = Theme::current();
    painter->fillRect(rect, t.window);
    painter->fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.hair);
    const QString name = rows_.band(row);
    painter->setFont(ui::font(TextRole::strong));
    painter->setPen(t.text);
    const QRect inside = rect.adjusted(kPad, 0, -kPad, 0);
    painter->drawText(inside, Qt::AlignVCenter, name);
    const int used = painter->fontMetrics().horizontalAdvance(name);
    painter->setFont(ui::font(TextRole::small));
    painter->setPen(t.muted);
    painter->drawText(inside.adjusted(used + 8, 0, 0, 0), Qt::AlignVCenter,
                      rows_.bandCount(row) == 1 ? StudyProblems::tr("1 problem")
                                                : StudyProblems::tr("%1 problems").arg(rows_.bandCount(row)));
  }

  static void paintProblem(QPainter* painter, const QStyleOptionViewItem& option, const ProblemRow& p) {
    const Theme& t = Theme::current();
    const QRect rect = option.rect;
    const bool current = (option.state & QStyle::State_Selected) != 0;
    if (current)
      painter->fillRect(rect, t.selection);
    else if ((option.state & QStyle::State_MouseOver) != 0)
      painter->fillRect(rect, t.hover);
    if (current) painter->fillRect(rect.left(), rect.top(), 3, rect.height(), t.accent);
    painter->fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.hair);
    const Places places(rect.width());
    const QRect first = places.cell(0, rect);
    const int icon = scaled(14);
    const QRectF mark(first.left(), first.center().y() - icon / 2.0, icon, icon);
    paintIcon(*painter, mark, state_icon(p.state), state_colour(p.state));
    const auto write = [&](const QRect& where, const QString& words, TextRole role, const QColor& colour, bool right,
                           Qt::TextElideMode elide = Qt::ElideRight) {
      painter->setFont(ui::font(role));
      painter->setPen(colour);
      painter->drawText(where, (right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                        painter->fontMetrics().elidedText(words, elide, where.width()));
      return painter->fontMetrics().horizontalAdvance(words);
    };
    write(first.adjusted(icon + 6, 0, 0, 0), problem_word(p.state), TextRole::small, state_colour(p.state), false);
    QString line = p.line > 0 ? QString::number(p.line) : StudyProblems::tr("all");
    if (p.other_line > 0) line = QString("%1, %2").arg(p.other_line).arg(p.line);
    write(places.cell(1, rect), line, TextRole::number, t.text, true);
    write(places.cell(2, rect), p.column, TextRole::body, t.text, false);
    write(places.cell(3, rect), p.subject, TextRole::body, t.text, false);
    write(places.cell(4, rect), p.found, TextRole::fixed, t.text, false);
    const QRect what = places.cell(5, rect);
    const QString tail = ", " + p.does;
    painter->setFont(ui::font(TextRole::body));
    const int tail_wide = painter->fontMetrics().horizontalAdvance(tail);
    const int room = std::max(what.width() - tail_wide, what.width() * 3 / 5);
    const QString head = painter->fontMetrics().elidedText(p.is, Qt::ElideRight, room);
    const int used = write(what, head, TextRole::body, t.text, false);
    write(what.adjusted(used, 0, 0, 0), tail, TextRole::body, t.muted, false);
  }

  const StudyProblemRows& rows_;
};

class Head : public QWidget {
 public:
  Head() {
    setFixedHeight(scaled(26));
    setObjectName("study.problems.head");
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    painter.fillRect(rect(), t.surface);
    painter.fillRect(0, height() - 1, width(), 1, t.border);
    QFont f = ui::font(TextRole::small);
    f.setWeight(QFont::DemiBold);
    painter.setFont(f);
    painter.setPen(t.muted);
    const Places places(width());
    const std::array<QString, 6> titles{
        StudyProblems::tr("State"),  StudyProblems::tr("Line"),
        StudyProblems::tr("Column"), StudyProblems::tr("Subject"),
        StudyProblems::tr("Found"),  StudyProblems::tr("What it is, and what Import will do")};
    for (std::size_t i = 0; i < titles.size(); ++i)
      painter.drawText(places.cell(i, rect()), (i == 1 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                       painter.fontMetrics().elidedText(titles[i], Qt::ElideRight, places.cell(i, rect()).width()));
  }
};

}  // namespace

StudyProblemRows::StudyProblemRows(const ImportModel& import, QObject* parent)
    : QAbstractListModel(parent), import_(import) {}

void StudyProblemRows::refresh() {
  beginResetModel();
  rows_.clear();
  const auto& state = import_.state();
  std::size_t band = 0;
  bool any = false;
  QString name;
  for (const int i : state.shown) {
    const auto& p = state.problems[static_cast<std::size_t>(i)];
    if (!any || p.band != name) {
      band = rows_.size();
      rows_.push_back({-1, p.band, 0});
      name = p.band;
      any = true;
    }
    rows_.push_back({i, {}, 0});
    ++rows_[band].count;
  }
  endResetModel();
}

int StudyProblemRows::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

const ProblemRow* StudyProblemRows::problem(int row) const {
  const int i = indexOf(row);
  const auto& all = import_.state().problems;
  return i < 0 || i >= static_cast<int>(all.size()) ? nullptr : &all[static_cast<std::size_t>(i)];
}
int StudyProblemRows::indexOf(int row) const {
  return row < 0 || row >= static_cast<int>(rows_.size()) ? -1 : rows_[static_cast<std::size_t>(row)].problem;
}
int StudyProblemRows::rowOf(int problem) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.problem == problem; });
  return problem < 0 || found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
}
QString StudyProblemRows::band(int row) const {
  return rows_[static_cast<std::size_t>(row)].band;
}
int StudyProblemRows::bandCount(int row) const {
  return rows_[static_cast<std::size_t>(row)].count;
}

QVariant StudyProblemRows::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const ProblemRow* p = problem(index.row());
  if (p == nullptr)
    return role == Qt::DisplayRole || role == Qt::AccessibleTextRole ? QVariant(band(index.row())) : QVariant();
  const QString whole = tr("%1, %2").arg(p->what, p->does);
  switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: return whole;
    case Qt::AccessibleTextRole:
      return tr("%1, line %2, %3 %4: %5").arg(problem_word(p->state)).arg(p->line).arg(p->column, p->subject, whole);
    default: return {};
  }
}

Qt::ItemFlags StudyProblemRows::flags(const QModelIndex& index) const {
  return problem(index.row()) == nullptr ? Qt::NoItemFlags : Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

StudyProblems::StudyProblems(ImportModel& import, QWidget* parent)
    : QWidget(parent), import_(import), rows_(new StudyProblemRows(import, this)), list_(new QListView) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  head_ = new Head;
  column->addWidget(head_);
  column->addWidget(list_, 1);
  list_->setObjectName("study.problems");
  list_->setAccessibleName(tr("Problems"));
  list_->setModel(rows_);
  list_->setItemDelegate(new Row(*rows_, list_));
  list_->setUniformItemSizes(true);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setMouseTracking(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setVerticalScrollMode(QListView::ScrollPerPixel);
  connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& now) {
    const int problem = rows_->indexOf(now.row());
    if (!painting_ && problem >= 0) import_.choose(problem);
  });
}

void StudyProblems::refresh() {
  painting_ = true;
  const auto& state = import_.state();
  const int shown = static_cast<int>(state.shown.size());
  const int version = state.version * 4 + static_cast<int>(state.filter);
  if (version != version_ || shown == 0) {
    rows_->refresh();
    version_ = version;
  }
  const QModelIndex at = rows_->index(rows_->rowOf(state.current));
  if (at.isValid() && list_->currentIndex() != at) {
    list_->setCurrentIndex(at);
    list_->scrollTo(at);
  }
  painting_ = false;
}

void StudyProblems::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  list_->viewport()->update();
}

void StudyProblems::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) {
    head_->setFixedHeight(scaled(26));
    list_->doItemsLayout();
  }
  QWidget::changeEvent(event);
}

// ---- the file's lines ----------------------------------------------------------------------------------------------

StudyExcerpt::StudyExcerpt(QWidget* parent) : QWidget(parent) {
  setObjectName("study.excerpt");
  setAccessibleName(tr("The lines as they stand in the file"));
}

void StudyExcerpt::setExcerpt(const Excerpt& excerpt) {
  excerpt_ = excerpt;
  QStringList all;
  for (const auto& line : excerpt.lines) all << QString("%1  %2").arg(line.number).arg(line.text);
  setAccessibleDescription(all.isEmpty() ? excerpt.note : all.join('\n'));
  update();
}

QSize StudyExcerpt::sizeHint() const {
  return {400, 7 * std::max(22, QFontMetrics(ui::font(TextRole::fixed)).height() + 6)};
}

void StudyExcerpt::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (excerpt_.lines.empty()) {
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    painter.drawText(rect().adjusted(kPad, 4, -kPad, 0), Qt::AlignLeft | Qt::AlignTop, excerpt_.note);
    return;
  }
  const QFont fixed = ui::font(TextRole::fixed);
  const QFontMetrics metrics(fixed);
  const int high = std::max(22, metrics.height() + 6);
  const int gutter = kPad + metrics.horizontalAdvance('0') * 5;
  const int room = width() - gutter - 14 - kPad;
  painter.setFont(fixed);
  int y = 0;
  for (const auto& line : excerpt_.lines) {
    const QRect row(0, y, width(), high);
    if (line.current) painter.fillRect(row, t.hover);
    painter.setPen(t.muted);
    painter.drawText(QRect(0, y, gutter, high), Qt::AlignRight | Qt::AlignVCenter, QString::number(line.number));
    QString text = line.text;
    text.replace('\t', QStringLiteral("  "));
    // A tab takes two places: the mark moves with it.
    int at = line.mark_at, length = line.mark_length;
    if (at >= 0) {
      length += static_cast<int>(line.text.mid(at, length).count('\t'));
      at += static_cast<int>(line.text.left(at).count('\t'));
    }
    const int wide = metrics.horizontalAdvance(text), mark_x = at < 0 ? 0 : metrics.horizontalAdvance(text.left(at));
    const int mark_wide = at < 0 ? 0 : std::max(metrics.horizontalAdvance(text.mid(at, length)), 6);
    // The cell in question stays in view, whatever stands before it.
    int shift = at >= 0 && mark_x + mark_wide > room - 60 ? mark_x + mark_wide - room + 60 : 0;
    shift = std::clamp(shift, 0, std::max(0, wide - room));
    const int x = gutter + 14 - shift;
    painter.save();
    painter.setClipRect(gutter + 8, y, width() - gutter - 8, high);
    if (at >= 0) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(t.warning_bg);
      painter.drawRoundedRect(QRectF(x + mark_x - 4, y + 2, mark_wide + 8, high - 4), 3, 3);
    }
    painter.setPen(line.header ? t.muted : t.text);
    painter.drawText(QRect(x, y, wide + 10, high), Qt::AlignLeft | Qt::AlignVCenter, text);
    if (at >= 0) {
      painter.setPen(t.warning_text);
      QFont strong = fixed;
      strong.setWeight(QFont::DemiBold);
      painter.setFont(strong);
      painter.drawText(QRect(x + mark_x, y, mark_wide + 10, high), Qt::AlignLeft | Qt::AlignVCenter,
                       text.mid(at, length));
      painter.setFont(fixed);
    }
    painter.restore();
    y += high;
  }
}

void StudyExcerpt::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) updateGeometry();
  QWidget::changeEvent(event);
}

}  // namespace ipsi::ui
