// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <cmath>

#include "ui/panels/qc_raters_parts.h"

namespace ipsi::ui {
namespace {

/// The value, its interval below.
CellsTable::Cell cell_of(const RatersModel::Coefficient& c, double scale, int digits, bool muted = false) {
  CellsTable::Cell out{formatNumber(scale * c.value, digits), {}, false, muted || std::isnan(c.value)};
  if (!std::isnan(c.low))
    out.note =
        RatersAgreement::tr("%1 to %2").arg(formatNumber(scale * c.low, digits), formatNumber(scale * c.high, digits));
  return out;
}

}  // namespace

// ---- agreement -----------------------------------------------------------------------------------------------------

RatersAgreement::RatersAgreement(RatersModel& model, RatingExchange& exchange)
    : RatersPart(tr("Agreement")), model_(model) {
  auto* line = row();
  which_ = new QComboBox;
  which_->setObjectName("qc.agreement.pair");
  which_->setAccessibleName(tr("Who is compared"));
  which_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  which_->setMinimumWidth(1);
  which_->setMaximumWidth(scaled(320));
  line->addWidget(which_, 1);
  categories_ = new Segments({tr("Three flags"), tr("Kept or left out")});
  categories_->setAccessibleName(tr("What is compared"));
  for (int i = 0; i < 2; ++i) categories_->button(i)->setObjectName(QString("qc.agreement.as.%1").arg(i));
  line->addWidget(categories_);
  line->addStretch(1);
  copy_ = makeButton(tr("Copy"), ButtonKind::compact, "copy");
  copy_->setObjectName("qc.agreement.copy");
  save_ = makeButton(tr("Save table..."), ButtonKind::compact, "export");
  save_->setObjectName("qc.agreement.save");
  head()->addWidget(copy_);
  head()->addWidget(save_);
  none_ = words({}, Tone::text);
  none_->setObjectName("qc.agreement.none");
  note_ = words({}, Tone::warning);
  note_->setObjectName("qc.agreement.note");
  table_ = table("qc.agreement.table", tr("Agreement"));
  words(
      tr("n: regions that both (or two at least) rated. Intervals are 95 % and take people, not regions, as "
         "independent. Kappa is Cohen's of two raters and Fleiss' of more; AC1 is Gwet's. Shares are of all flags."));
  column()->addStretch(1);
  connect(which_, &QComboBox::activated, &model_, &RatersModel::compare);
  connect(categories_, &Segments::chosen, this, [this](int index) { model_.setKept(index == 1); });
  connect(copy_, &QPushButton::clicked, this, [this] { table_->copy(); });
  connect(save_, &QPushButton::clicked, this,
          [this, &exchange] { save_ratings(this, exchange, RatingExchange::Format::reliability); });
}

void RatersAgreement::render() {
  const auto& state = model_.state();
  const bool some = !state.comparisons.empty();
  {
    const QSignalBlocker quiet(which_);
    which_->clear();
    for (const auto& c : state.comparisons) which_->addItem(c.title);
    which_->setCurrentIndex(some ? state.comparison : -1);
  }
  categories_->setCurrent(state.kept ? 1 : 0);
  for (QWidget* w : std::initializer_list<QWidget*>{which_, categories_, copy_, save_}) w->setEnabled(some);
  none_->setVisible(!some);
  none_->setText(state.first_looks == 0
                     ? tr("Nobody has rated yet.")
                     : tr("Only one rater. Agreement needs two, second looks (NAME#2) or gold answers: read "
                          "another rater's file under Files."));
  table_->setVisible(some);
  note_->hide();
  if (!some) return;
  const auto& c = state.comparisons[static_cast<std::size_t>(state.comparison)];
  std::vector<CellsTable::Column> columns{{tr("Region"), 150},
                                          {tr("n"), 50},
                                          {tr("People"), 54},
                                          {tr("Agree, %"), 86},
                                          {c.cohen ? tr("Kappa (Cohen)") : tr("Kappa (Fleiss)"), 90},
                                          {tr("AC1 (Gwet)"), 90}};
  for (const QString& category : state.categories) columns.push_back({tr("%1, %").arg(category), 60});
  std::vector<CellsTable::Row> rows;
  for (const auto& r : c.rows) {
    const bool misleads = !r.note.isEmpty() && r.n > 0 && !std::isnan(r.kappa.value);
    CellsTable::Row row{r.group,
                        {{r.title, r.note, r.group.isEmpty()},
                         {formatNumber(r.n, 0)},
                         {formatNumber(r.people, 0)},
                         cell_of(r.percent, 100, 1),
                         cell_of(r.kappa, 1, 2, misleads),
                         cell_of(r.ac1, 1, 2)},
                        r.note,
                        r.group.isEmpty()};
    for (const double s : r.shares) row.cells.push_back({formatNumber(100 * s, 1), {}, false, true});
    rows.push_back(std::move(row));
  }
  const QString note = c.rows.front().note;
  note_->setText(note.isEmpty() ? QString() : note.at(0).toUpper() + note.mid(1) + '.');
  note_->setVisible(!note.isEmpty());
  std::vector<int> droppable{2};  // what the flags are is in the file and in the note; people before regions
  for (int i = static_cast<int>(columns.size()) - 1; i >= 6; --i) droppable.insert(droppable.end() - 1, i);
  fill(table_, std::move(columns), std::move(rows), droppable);
}

// ---- disagreements -------------------------------------------------------------------------------------------------

RatersDisputes::RatersDisputes(RatersModel& model) : RatersPart(tr("Disagreements")), model_(model) {
  count_ = words({}, Tone::text);
  count_->setObjectName("qc.disputes.count");
  auto* line = row();
  adjudicate_ = makeButton(tr("Adjudicate"), ButtonKind::primary);
  adjudicate_->setObjectName("qc.disputes.adjudicate");
  flags_ = new QCheckBox(tr("Show the flags of open ones"));
  flags_->setObjectName("qc.disputes.flags");
  line->addWidget(adjudicate_);
  line->addWidget(flags_);
  line->addStretch(1);
  none_ = words(tr("A third rater decides as \"consensus\", with both flags hidden until the decision is made."));
  table_ = table("qc.disputes.table", tr("Disagreements"));
  heading(tr("Two words under one name"));
  clash_ = words({});
  clash_->setObjectName("qc.conflicts.note");
  auto* second = row();
  older_ = makeButton(tr("Take the older"), ButtonKind::compact);
  older_->setObjectName("qc.conflicts.older");
  newer_ = makeButton(tr("Keep the newer"), ButtonKind::compact);
  newer_->setObjectName("qc.conflicts.newer");
  second->addWidget(older_);
  second->addWidget(newer_);
  second->addStretch(1);
  conflicts_ = table("qc.conflicts.table", tr("Two words under one name"));
  column()->addStretch(1);
  connect(adjudicate_, &QPushButton::clicked, this, &RatersDisputes::adjudicate);
  connect(flags_, &QCheckBox::clicked, &model_, &RatersModel::setShowFlags);
  connect(table_, &CellsTable::chosen, this, [this](int row) { table_->setCurrent(row); });
  connect(conflicts_, &CellsTable::chosen, this, [this](int row) {
    conflict_ = row;
    conflicts_->setCurrent(row);
  });
  connect(older_, &QPushButton::clicked, this, [this] { model_.settle(conflict_, true); });
  connect(newer_, &QPushButton::clicked, this, [this] { model_.settle(conflict_, false); });
}

void RatersDisputes::render() {
  const auto& state = model_.state();
  const int all = static_cast<int>(state.disputes.size());
  count_->setText(
      all == 0
          ? state.first_looks < 2 ? tr("Fewer than two raters: nothing to compare.")
                                  : tr("No region was flagged differently by two raters.")
          : tr("%1 regions were flagged differently; %2 are open, and %3 of these decide whether a region "
               "is in a model.")
                .arg(formatNumber(all, 0), formatNumber(state.open_disputes, 0), formatNumber(state.open_matter, 0)));
  adjudicate_->setEnabled(state.open_disputes > 0 && !state.read_only);
  flags_->setEnabled(all > 0 && !state.me_blind);
  flags_->setChecked(state.show_flags && !state.me_blind);
  flags_->setText(state.me_blind ? tr("Show the flags of open ones (not while you rate blind)")
                                 : tr("Show the flags of open ones"));
  none_->setVisible(all > 0);
  std::vector<CellsTable::Row> rows;
  for (const auto& d : state.disputes) {
    const bool open = d.adjudicated.isEmpty();
    rows.push_back({{},
                    {{d.person},
                     {d.title},
                     {d.flags.isEmpty() ? tr("hidden until decided") : d.flags, {}, false, d.flags.isEmpty()},
                     {open ? tr("open") : d.adjudicated, {}, open},
                     {d.matters ? tr("yes") : tr("no"), {}, false, !d.matters}},
                    {},
                    false});
  }
  table_->setVisible(all > 0);
  fill(table_,
       {{tr("Person"), 110},
        {tr("Region"), 170, true},
        {tr("Flags"), 190, true},
        {tr("Decided"), 84, true},
        {tr("In or out depends on it"), 106, true}},
       std::move(rows), {4, 3});
  const bool clash = !state.conflicts.empty();
  clash_->setText(
      clash ? tr("Files brought two different flags under one rater's name: a mind that changed, or two people "
                 "of one name. The newer counts. If they are two people, read one of the files again under "
                 "another name.")
            : tr("None: no rater's name says two different things of a region."));
  conflict_ = std::clamp(conflict_, 0, std::max(0, static_cast<int>(state.conflicts.size()) - 1));
  rows.clear();
  const auto word = [](const QString& flag, const QString& time) { return time.isEmpty() ? flag : flag + ", " + time; };
  for (const auto& c : state.conflicts)
    rows.push_back({{},
                    {{c.person}, {c.title}, {c.rater}, {word(c.counts, c.counts_time)}, {word(c.older, c.older_time)}},
                    {},
                    false});
  for (QWidget* w : std::initializer_list<QWidget*>{older_, newer_, conflicts_}) w->setVisible(clash);
  older_->setEnabled(!state.read_only);
  newer_->setEnabled(!state.read_only);
  fill(conflicts_,
       {{tr("Person"), 100},
        {tr("Region"), 150, true},
        {tr("Name"), 76, true},
        {tr("Newer, counts"), 160, true},
        {tr("Older"), 160, true}},
       std::move(rows), {2});
  if (clash) conflicts_->setCurrent(conflict_);
}

// ---- rules ---------------------------------------------------------------------------------------------------------

RatersRules::RatersRules(RatersModel& model) : RatersPart(tr("Which flags count")), model_(model) {
  now_ = words({}, Tone::text);
  now_->setObjectName("qc.rules.now");
  auto* line = row();
  use_ = makeButton(tr("Use this rule"), ButtonKind::primary);
  use_->setObjectName("qc.rules.use");
  line->addWidget(use_);
  line->addStretch(1);
  table_ = table("qc.rules.table", tr("Rules"));
  words(
      tr("Regions of the first time-point. Differs: another decision than the consensus, or none; in: it leaves by the "
         "consensus "
         "and stays by the rule; out: the other way round. Model can look through another rule than the study's: Flags "
         "from."));
  column()->addStretch(1);
  connect(table_, &CellsTable::chosen, this, [this](int row) {
    chosen_ = model_.state().rules[static_cast<std::size_t>(row)].key;
    render();
  });
  connect(use_, &QPushButton::clicked, this, [this] { model_.setRule(chosen_); });
}

void RatersRules::render() {
  const auto& state = model_.state();
  std::vector<CellsTable::Row> rows;
  int current = -1, used = -1;
  for (const auto& r : state.rules) {
    if (r.key == chosen_) current = static_cast<int>(rows.size());
    if (r.used) used = static_cast<int>(rows.size());
    rows.push_back({{},
                    {{r.used ? tr("%1 (in use)").arg(r.title) : r.title, r.help, r.used},
                     {formatNumber(r.decided, 0)},
                     {formatNumber(r.left_out, 0)},
                     {formatNumber(r.differ, 0)},
                     {formatNumber(r.taken_in, 0)},
                     {formatNumber(r.taken_out, 0)}},
                    {},
                    false});
  }
  if (current < 0) current = used;
  if (current >= 0) chosen_ = state.rules[static_cast<std::size_t>(current)].key;
  now_->setText(used < 0 ? QString()
                         : tr("Models, maps and tables use: %1. %2")
                               .arg(state.rules[static_cast<std::size_t>(used)].title,
                                    state.rules[static_cast<std::size_t>(used)].help));
  use_->setEnabled(current >= 0 && current != used && !state.read_only);
  fill(table_,
       {{tr("Rule"), 200},
        {tr("Regions with a flag"), 86},
        {tr("Left out"), 80},
        {tr("Differ from consensus"), 96},
        {tr("In"), 60},
        {tr("Out"), 60}},
       std::move(rows), {5, 4});
  table_->setCurrent(current);
}

}  // namespace ipsi::ui
