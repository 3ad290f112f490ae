// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_cohort.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QShortcut>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/panels/qc_tiles.h"

namespace ipsi::ui {
namespace {

enum Column { kId, kCohort, kVolume, kScore, kLesion, kColumns };

/// "Left putamen", in the order of the study's regions.
QStringList region_titles() {
  const QStringList structures{ExploreCohort::tr("thalamus"),  ExploreCohort::tr("caudate"),
                               ExploreCohort::tr("putamen"),   ExploreCohort::tr("pallidum"),
                               ExploreCohort::tr("accumbens"), ExploreCohort::tr("lateral ventricle")};
  QStringList out;
  for (const auto& structure : structures)
    for (const auto& side : {ExploreCohort::tr("Left"), ExploreCohort::tr("Right")}) out << side + " " + structure;
  return out;
}

QString people(std::size_t n) {
  return n == 1 ? ExploreCohort::tr("1 person") : ExploreCohort::tr("%1 people").arg(formatNumber(double(n), 0));
}

}  // namespace

// ---- the list ------------------------------------------------------------------------------------------------------

void ChosenPeople::setState(const CohortModel::State& state) {
  beginResetModel();
  chosen_ = state.chosen;
  people_.clear();
  for (const int i : chosen_) people_.push_back(state.people[static_cast<std::size_t>(i)]);
  endResetModel();
}

int ChosenPeople::person(int row) const {
  return row >= 0 && row < static_cast<int>(chosen_.size()) ? chosen_[static_cast<std::size_t>(row)] : -1;
}
int ChosenPeople::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(people_.size());
}
int ChosenPeople::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant ChosenPeople::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const auto& p = people_[static_cast<std::size_t>(index.row())];
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>(Qt::AlignVCenter | (index.column() <= kCohort ? Qt::AlignLeft : Qt::AlignRight));
  if (role == Qt::FontRole) return ui::font(index.column() <= kCohort ? TextRole::small : TextRole::number);
  if (role == Qt::AccessibleTextRole)
    return tr("%1, cohort %2, %3 mm\u00b3, %4").arg(p.id, p.cohort, formatNumber(p.volume, 0), qc_word(p.flag));
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kId: return p.id;
    case kCohort: return p.cohort;
    case kVolume: return formatNumber(p.volume, 0);
    case kScore: return formatNumber(p.score, 2);
    default: return std::isnan(p.lesion_ml) ? formatNumber(p.lesion_ml, 1) : formatNumber(p.lesion_ml, 1) + " mL";
  }
}

QVariant ChosenPeople::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>(Qt::AlignVCenter | (section <= kCohort ? Qt::AlignLeft : Qt::AlignRight));
  if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole)
    return section == kLesion ? tr("Lesion volume") : headerData(section, orientation, Qt::DisplayRole);
  if (role != Qt::DisplayRole) return {};
  const QStringList names{tr("Person"), tr("Cohort"), tr("mm\u00b3"), tr("Score"), tr("Lesion")};
  return names[section];
}

// ---- parts ---------------------------------------------------------------------------------------------------------

ExploreCohort::ExploreCohort(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("cohort");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(plotsPane(), 1);
  side_ = chosenPane();
  row->addWidget(side_);
  plots_ = {scatter_, histogram_, fates_};
  for (auto* plot : plots_) connectPlot(plot);
  addActions();
  connect(&model_, &CohortModel::changed, this, &ExploreCohort::render);
  render();
}

QWidget* ExploreCohort::headRow() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 6, 0, 6);
  row->setSpacing(8);
  tabs_ = new Segments({tr("Person"), tr("Cohort")});
  tabs_->setObjectName("cohort.tabs");
  tabs_->setCurrent(1);
  tabs_->setAccessibleName(tr("One person or the cohort"));
  const auto combo = [](const char* name, const QString& aloud) {
    auto* box = new QComboBox;
    box->setObjectName(name);
    box->setAccessibleName(aloud);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    return box;
  };
  region_ = combo("cohort.region", tr("Region"));
  region_->addItems(region_titles());
  score_ = combo("cohort.score", tr("Score"));
  cohort_ = combo("cohort.highlight", tr("Cohort that stands out"));
  row->addWidget(tabs_);
  row->addStretch(1);
  row->addWidget(region_);
  row->addWidget(new Label(tr("against"), TextRole::small, Tone::muted));
  row->addWidget(score_);
  row->addWidget(new Label(tr("highlight"), TextRole::small, Tone::muted));
  row->addWidget(cohort_);
  connect(tabs_, &Segments::chosen, this, [this](int tab) {
    tabs_->setCurrent(1);
    if (tab == 0) emit personWanted();
  });
  connect(region_, &QComboBox::activated, &model_, &CohortModel::chooseRegion);
  connect(score_, &QComboBox::activated, &model_, &CohortModel::chooseScore);
  connect(cohort_, &QComboBox::activated, &model_, &CohortModel::chooseCohort);
  return head;
}

QWidget* ExploreCohort::plotsPane() {
  auto* pane = new Pane(&Theme::surface);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(14, 0, 14, 8);
  column->setSpacing(0);
  const auto title = [](const QString& words, ElidedLabel*& note) {
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 4, 0, 0);
    row->setSpacing(8);
    note = new ElidedLabel({}, TextRole::small, Tone::muted);
    row->addWidget(new Label(words, TextRole::title_strong));
    row->addWidget(note, 1);
    return head;
  };
  scatter_ = new ScatterPlot;
  histogram_ = new HistogramPlot;
  fates_ = new FatePlot;
  column->addWidget(headRow());
  column->addWidget(title(tr("Volume and score"), scatter_note_));
  scatter_note_->setObjectName("cohort.scatter.note");
  column->addWidget(scatter_, 3);
  auto* below = new QHBoxLayout;
  below->setSpacing(16);
  auto* left = new QVBoxLayout;
  left->addWidget(title(tr("Volumes"), histogram_note_));
  left->addWidget(histogram_, 1);
  auto* right = new QVBoxLayout;
  right->addWidget(title(tr("In the model and out"), fates_note_));
  right->addWidget(fates_, 1);
  below->addLayout(left, 1);
  below->addLayout(right, 1);
  column->addLayout(below, 2);
  return pane;
}

QWidget* ExploreCohort::chosenPane() {
  auto* pane = new Pane(&Theme::window, Qt::LeftEdge);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(13, 0, 12, 10);
  column->setSpacing(8);
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 6, 0, 6);
  row->setSpacing(8);
  chosen_note_ = new ElidedLabel({}, TextRole::title_strong);
  chosen_note_->setObjectName("cohort.chosen");
  tools_ = new Segments({tr("Rectangle"), tr("Lasso")});
  tools_->setObjectName("cohort.tools");
  tools_->setAccessibleName(tr("Brush"));
  row->addWidget(chosen_note_, 1);
  row->addWidget(tools_);
  hint_ = new Label({}, TextRole::small, Tone::muted);
  hint_->setObjectName("cohort.hint");
  hint_->setWordWrap(true);
  chosen_ = new ChosenPeople(this);
  list_ = new QTableView;
  list_->setObjectName("cohort.list");
  list_->setAccessibleName(tr("People who are chosen"));
  list_->setModel(chosen_);
  list_->setShowGrid(false);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setSelectionBehavior(QAbstractItemView::SelectRows);
  list_->setSelectionMode(QAbstractItemView::SingleSelection);
  list_->setTabKeyNavigation(false);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->verticalHeader()->hide();
  list_->verticalHeader()->setDefaultSectionSize(scaled(24));
  list_->horizontalHeader()->setHighlightSections(false);
  list_->horizontalHeader()->setSectionsClickable(false);
  list_->horizontalHeader()->setMinimumSectionSize(20);
  list_->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  list_->horizontalHeader()->setSectionResizeMode(kId, QHeaderView::Stretch);
  list_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  qc_ = makeButton(tr("Open these in QC"), ButtonKind::primary, "qc");
  qc_->setObjectName("cohort.qc");
  clear_ = makeButton(tr("Clear"));
  clear_->setObjectName("cohort.clear");
  auto* foot = new QHBoxLayout;
  foot->setSpacing(8);
  foot->addWidget(qc_, 1);
  foot->addWidget(clear_);
  column->addWidget(head);
  column->addWidget(hint_);
  column->addWidget(list_, 1000);
  column->addStretch(1);  // where there is no list yet
  column->addLayout(foot);
  connect(tools_, &Segments::chosen, this, &ExploreCohort::setTool);
  connect(qc_, &QPushButton::clicked, &model_, &CohortModel::openInQc);
  connect(clear_, &QPushButton::clicked, &model_, &CohortModel::clearBrush);
  connect(list_, &QTableView::clicked, this,
          [this](const QModelIndex& at) { model_.choosePerson(chosen_->person(at.row())); });
  connect(list_, &QTableView::activated, this, [this](const QModelIndex& at) {
    model_.choosePerson(chosen_->person(at.row()));
    emit personWanted();
  });
  auto* copy = new QShortcut(QKeySequence::Copy, list_, {}, {}, Qt::WidgetShortcut);
  connect(copy, &QShortcut::activated, this, &ExploreCohort::copyChosen);
  return pane;
}

void ExploreCohort::connectPlot(BrushPlot* plot) {
  connect(plot, &BrushPlot::brushBegan, &model_, &CohortModel::beginBrush);
  connect(plot, &BrushPlot::brushed, &model_, &CohortModel::brush);
  connect(plot, &BrushPlot::brushCancelled, &model_, &CohortModel::cancelBrush);
  connect(plot, &BrushPlot::cleared, &model_, &CohortModel::clearBrush);
  connect(plot, &BrushPlot::personClicked, &model_, &CohortModel::choosePerson);
  connect(plot, &BrushPlot::personOpened, this, [this](int person) {
    model_.choosePerson(person);
    emit personWanted();
  });
}

void ExploreCohort::addActions() {
  const auto add = [this](const char* id, const QString& text, const char* key, std::function<void()> run,
                          std::function<bool()> enabled, const char* words = "") {
    context_.actions.add({.id = QString("explore.") + id,
                          .text = text,
                          .shortcut = key,
                          .workspace = "explore",
                          .run = std::move(run),
                          .enabled = std::move(enabled),
                          .words = words},
                         this);
  };
  const auto some = [this] { return !model_.state().chosen.empty(); };
  const auto seen = [this] { return isVisible(); };
  add(
      "brush.qc", tr("Open the chosen people in QC"), "Ctrl+Return", [this] { model_.openInQc(); }, some, "queue");
  add(
      "brush.clear", tr("Choose nobody"), "", [this] { model_.clearBrush(); }, some, "brush");
  add(
      "brush.copy", tr("Copy the list of the chosen"), "", [this] { copyChosen(); }, some, "clipboard");
  add(
      "brush.rectangle", tr("Brush with a rectangle"), "", [this] { setTool(0); }, seen);
  add(
      "brush.lasso", tr("Brush with a lasso"), "L", [this] { setTool(tools_->current() == 0 ? 1 : 0); }, seen);
}

void ExploreCohort::setTool(int tool) {
  tools_->setCurrent(tool);
  for (auto* plot : plots_) plot->setTool(tool == 1 ? BrushPlot::Tool::lasso : BrushPlot::Tool::rectangle);
}

void ExploreCohort::focusFirst() {
  scatter_->setFocus();
}

// ---- the state on the screen ---------------------------------------------------------------------------------------

void ExploreCohort::render() {
  const auto& state = model_.state();
  region_->setCurrentIndex(state.region);
  const auto fill = [](QComboBox* box, const QStringList& texts, int current) {
    QStringList now;
    for (int i = 0; i < box->count(); ++i) now << box->itemText(i);
    if (now != texts) {
      box->clear();
      box->addItems(texts);
    }
    box->setCurrentIndex(current);
  };
  fill(score_, state.scores, state.score);
  fill(cohort_, state.cohorts, state.cohort);
  for (auto* plot : plots_) plot->setState(state);
  chosen_->setState(state);
  list_->setVisible(!state.chosen.empty());
  const auto current = std::find(state.chosen.begin(), state.chosen.end(), state.current);
  if (current != state.chosen.end()) list_->selectRow(static_cast<int>(current - state.chosen.begin()));
  qc_->setEnabled(!state.chosen.empty());
  clear_->setEnabled(!state.chosen.empty() || state.chosen_elsewhere > 0);
  renderNotes();
}

void ExploreCohort::renderNotes() {
  const auto& state = model_.state();
  const auto count = [](double n) { return formatNumber(n, 0); };
  const auto all = static_cast<int>(state.people.size());
  QStringList out;
  if (state.no_volume > 0) out << tr("%1 without a volume").arg(count(state.no_volume));
  if (state.no_score > 0) out << tr("%1 without the score").arg(count(state.no_score));
  const QString n_drawn = out.isEmpty() ? tr("n = %1").arg(count(all))
                                        : tr("n = %1 of %2: %3").arg(count(state.drawn), count(all), out.join(", "));
  scatter_note_->setText(all == 0           ? tr("No patients in this subgroup.")
                         : state.drawn == 0 ? tr("Nobody has both: %1.").arg(out.join(", "))
                                            : tr("%1.  Disc ok, diamond lesioned, square failed").arg(n_drawn));
  histogram_note_->setText(state.no_volume == 0 ? tr("n = %1").arg(count(all))
                                                : tr("n = %1 of %2").arg(count(all - state.no_volume), count(all)));
  int unknown = 0;
  for (const auto& fate : state.fates) unknown += fate.unknown;
  fates_note_->setText(
      unknown == 0
          ? tr("n = %1").arg(count(all))
          : tr("n = %1 of %2: %3 without a lesion volume").arg(count(all - unknown), count(all), count(unknown)));
  const std::size_t n = state.chosen.size();
  chosen_note_->setText(n == 0 ? tr("Nobody chosen") : tr("%1 chosen").arg(people(n)));
  QStringList hint;
  if (n == 0) {
    hint << tr(
        "Drag around people in any plot: they light up in all of them. Shift adds, Alt takes away, Esc clears. "
        "Arrows walk from one to the next, Space chooses, Enter opens.");
  } else {
    QStringList fates;
    for (const auto& fate : state.fates)
      if (fate.chosen > 0) fates << tr("%1 %2").arg(count(fate.chosen), fate.title);
    hint << fates.join(", ") + ".";
    const auto hidden = std::count_if(state.chosen.begin(), state.chosen.end(), [&](int i) {
      const auto& p = state.people[static_cast<std::size_t>(i)];
      return std::isnan(p.volume) || std::isnan(p.score);
    });
    if (hidden > 0) hint << tr("%1 not in the scatter: no volume or no score.").arg(hidden);
  }
  if (state.chosen_elsewhere > 0) hint << tr("%1 more outside this subgroup.").arg(state.chosen_elsewhere);
  hint_->setText(hint.join(' '));
}

void ExploreCohort::copyChosen() const {
  QStringList lines;
  QStringList head;
  for (int c = 0; c < kColumns; ++c) head << chosen_->headerData(c, Qt::Horizontal, Qt::DisplayRole).toString();
  lines << head.join('\t');
  for (int r = 0; r < chosen_->rowCount(); ++r) {
    QStringList cells;
    for (int c = 0; c < kColumns; ++c) cells << chosen_->data(chosen_->index(r, c), Qt::DisplayRole).toString();
    lines << cells.join('\t');
  }
  QApplication::clipboard()->setText(lines.join('\n'));
}

/// Columns as wide as their words, the first takes what is left.
void ExploreCohort::fit() {
  side_->setFixedWidth(std::min(scaled(368), width() * 36 / 100));
  list_->verticalHeader()->setDefaultSectionSize(scaled(24));
  const QFontMetrics strong(ui::font(TextRole::strong)), number(ui::font(TextRole::number)),
      small(ui::font(TextRole::small));
  const std::array<QString, kColumns> widest{"", "cohort-00", "10,000", "0.00", "100.0 mL"};
  for (int c = kCohort; c < kColumns; ++c) {
    const QString name = chosen_->headerData(c, Qt::Horizontal, Qt::DisplayRole).toString();
    const auto& text = widest[static_cast<std::size_t>(c)];
    const int wide = c == kCohort ? small.horizontalAdvance(text) : number.horizontalAdvance(text);
    list_->setColumnWidth(c, std::max(strong.horizontalAdvance(name), wide) + 19);
  }
}

void ExploreCohort::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}
void ExploreCohort::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange && side_ != nullptr) fit();
}

}  // namespace ipsi::ui
