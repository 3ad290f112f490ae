// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QResizeEvent>
#include <QSignalBlocker>
#include <cmath>
#include <limits>

#include "ui/panels/qc_raters_parts.h"

namespace ipsi::ui {
namespace {

constexpr int kField = 200, kPadding = 16;  // px

QString share(int part, int whole) {
  return whole == 0 ? QString() : percentWords(100.0 * part / whole);
}

QString role_words(RatersModel::Role role) {
  switch (role) {
    case RatersModel::Role::again: return RatersModel::tr("second looks");
    case RatersModel::Role::adjudicator: return RatersModel::tr("adjudicates");
    case RatersModel::Role::gold: return RatersModel::tr("gold answers");
    case RatersModel::Role::rater: break;
  }
  return RatersModel::tr("rater");
}

QSpinBox* percent_box(const char* name, const QString& title) {
  auto* box = new QSpinBox;
  box->setObjectName(name);
  box->setAccessibleName(title);
  box->setRange(0, 100);
  box->setSuffix(QString::fromUtf8(" %"));
  return box;
}

/// The field under its title.
QVBoxLayout* titled(const QString& title, QWidget* field) {
  auto* out = new QVBoxLayout;
  out->setSpacing(4);
  auto* caption = new Label(title, TextRole::small, Tone::muted);
  caption->setBuddy(field);
  out->addWidget(caption);
  out->addWidget(field);
  return out;
}

}  // namespace

QString percentWords(double percent) {
  return std::isnan(percent) ? formatNumber(percent, 1) : formatNumber(percent, 1) + QString::fromUtf8(" %");
}

// ---- a part --------------------------------------------------------------------------------------------------------

RatersPart::RatersPart(const QString& title, QWidget* parent) : QScrollArea(parent) {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFocusPolicy(Qt::NoFocus);
  setAccessibleName(title);
  auto* inside = new QWidget;
  setWidget(inside);
  viewport()->setAutoFillBackground(false);
  inside->setAutoFillBackground(false);
  column_ = new QVBoxLayout(inside);
  column_->setContentsMargins(0, 12, 0, 12);
  column_->setSpacing(8);
  head_ = row();
  head_->addWidget(new Label(title, TextRole::title_strong), 1);
}

void RatersPart::resizeEvent(QResizeEvent* event) {
  QScrollArea::resizeEvent(event);
  if (isVisible() && event->size().width() != event->oldSize().width()) render();
}

void RatersPart::fill(CellsTable* table, std::vector<CellsTable::Column> columns, std::vector<CellsTable::Row> rows,
                      const std::vector<int>& droppable) {
  const bool some = !rows.empty();
  QStringList gone = table->setTable(std::move(columns), std::move(rows), droppable, viewport()->width());
  Label* note = no_room_[table];
  note->setText(tr("No room for: %1").arg(gone.replaceInStrings("\n", " ").join("; ")));
  note->setVisible(some && !gone.isEmpty() && !table->isHidden());
}

void RatersPart::heading(const QString& text) {
  if (column_->count() > 0) column_->addSpacing(16);
  auto* label = new Label(text, TextRole::title_strong);
  label->setContentsMargins(kPadding - 4, 0, kPadding - 4, 0);
  column_->addWidget(label);
}

Label* RatersPart::words(const QString& text, Tone tone) {
  auto* label = new Label(text, TextRole::body, tone);
  label->setWordWrap(true);
  label->setContentsMargins(kPadding - 4, 0, kPadding - 4, 0);
  column_->addWidget(label);
  return label;
}

CellsTable* RatersPart::table(const char* name, const QString& title) {
  auto* out = new CellsTable;
  out->setObjectName(name);
  out->setAccessibleName(title);
  column_->addWidget(out);
  no_room_[out] = new Label({}, TextRole::small, Tone::muted);
  no_room_[out]->setContentsMargins(kPadding - 4, 0, kPadding - 4, 0);
  no_room_[out]->setWordWrap(true);
  no_room_[out]->hide();
  column_->addWidget(no_room_[out]);
  connect(out, &CellsTable::chosen, this, [this, out](int row) {
    const QPoint at = out->mapTo(widget(), out->cellRect(row, 0).center());
    ensureVisible(at.x(), at.y(), 0, 2 * out->cellRect(row, 0).height());
  });
  return out;
}

QHBoxLayout* RatersPart::row() {
  auto* out = new QHBoxLayout;
  out->setContentsMargins(kPadding - 4, 0, kPadding - 4, 0);
  out->setSpacing(8);
  column_->addLayout(out);
  return out;
}

// ---- who -----------------------------------------------------------------------------------------------------------

RatersWho::RatersWho(RatersModel& model) : RatersPart(tr("Who rates")), model_(model) {
  auto* line = row();
  auto* caption = new Label(tr("In this window you rate as"));
  me_ = new QLineEdit;
  me_->setObjectName("qc.raters.me");
  me_->setAccessibleName(tr("You rate as"));
  me_->setFixedWidth(scaled(kField));
  caption->setBuddy(me_);
  line->addWidget(caption);
  line->addWidget(me_);
  line->addStretch(1);
  meaning_ = words({});
  meaning_->setObjectName("qc.raters.meaning");
  table_ = table("qc.raters.table", tr("Raters of the study"));
  heading(tr("Blind"));
  words(
      tr("Raters see the pictures and a coded name: not who it is, scores, cohort, side of symptoms, time since the "
         "stroke, nor what others said. It holds for the whole study; whoever lifts it is in the log."));
  auto* second = row();
  blind_ = new QCheckBox(tr("The study is rated blind"));
  blind_->setObjectName("qc.raters.blind");
  mine_ = makeButton({}, ButtonKind::compact);
  mine_->setObjectName("qc.raters.mine");
  second->addWidget(blind_);
  second->addWidget(mine_);
  second->addStretch(1);
  lifted_ = words({});
  lifted_->setObjectName("qc.raters.lifted");
  column()->addStretch(1);
  connect(me_, &QLineEdit::editingFinished, this, [this] { model_.setRater(me_->text()); });
  connect(me_, &QLineEdit::textChanged, this, [this](const QString& text) {
    const QString meaning = RatersModel::meaningOf(text);
    meaning_->setText(meaning);
    meaning_->setVisible(!meaning.isEmpty());
  });
  connect(blind_, &QCheckBox::clicked, &model_, &RatersModel::setBlind);
  connect(mine_, &QPushButton::clicked, this, [this] { model_.setMeBlind(!model_.state().me_blind); });
}

void RatersWho::render() {
  const auto& state = model_.state();
  if (!me_->hasFocus() || me_->text().isEmpty()) me_->setText(state.me);
  meaning_->setText(RatersModel::meaningOf(me_->text()));
  meaning_->setVisible(!meaning_->text().isEmpty());
  std::vector<CellsTable::Row> rows;
  QStringList lifted;
  for (const auto& r : state.raters) {
    rows.push_back({{},
                    {{r.me ? tr("%1 (you)").arg(r.name) : r.name, {}, r.me},
                     {role_words(r.role), {}, false, true},
                     {formatNumber(r.people, 0)},
                     {formatNumber(r.regions, 0)},
                     {share(r.ok, r.regions)},
                     {share(r.lesioned, r.regions)},
                     {share(r.failed, r.regions)},
                     {r.last.isEmpty() ? tr("no time") : r.last, {}, false, r.last.isEmpty()}},
                    {},
                    false});
    if (!r.lifted.isEmpty()) lifted << tr("%1 sees who is rated since %2.").arg(r.name, r.lifted);
  }
  if (rows.empty()) rows.push_back({{}, {{tr("Nobody has rated yet."), {}, false, true}}, {}, false});
  fill(table_,
       {{tr("Rater"), 120},
        {tr("Is"), 104, true},
        {tr("People"), 62},
        {tr("Regions"), 66},
        {tr("ok"), 66},
        {tr("lesioned"), 70},
        {tr("failed"), 66},
        {tr("Last flag"), 124}},
       std::move(rows), {1, 7, 2});
  blind_->setChecked(state.blind);
  blind_->setEnabled(state.open && !state.read_only);
  mine_->setVisible(state.blind);
  mine_->setEnabled(!state.read_only);
  mine_->setText(state.me_blind ? tr("Show me who is rated") : tr("Hide it from me again"));
  lifted_->setText(lifted.join(' '));
  lifted_->setVisible(!lifted.isEmpty());
}

// ---- assignment ----------------------------------------------------------------------------------------------------

RatersShare::RatersShare(RatersModel& model) : RatersPart(tr("Assignment")), model_(model) {
  words(
      tr("Deals the people of the study to raters, evenly in every cohort. People who come later are dealt on top; "
         "nobody is moved unless the plan changes."));
  auto* first = row();
  raters_ = new QLineEdit;
  raters_->setObjectName("qc.assign.raters");
  raters_->setPlaceholderText(tr("A, B"));
  raters_->setAccessibleName(tr("Raters, with commas between"));
  first->addLayout(titled(tr("Raters, with commas between"), raters_), 1);
  auto* line = row();
  line->setSpacing(16);
  sharing_ = new Segments({tr("Everybody by all"), tr("Split")});
  sharing_->setAccessibleName(tr("Sharing"));
  for (int i = 0; i < 2; ++i) sharing_->button(i)->setObjectName(QString("qc.assign.sharing.%1").arg(i));
  line->addLayout(titled(tr("Sharing"), sharing_));
  overlap_ = percent_box("qc.assign.overlap", tr("Rated by all, share of people"));
  line->addLayout(titled(tr("Rated by all"), overlap_));
  repeats_ = percent_box("qc.assign.repeats", tr("Come twice, unannounced, share of people"));
  line->addLayout(titled(tr("Come twice"), repeats_));
  seed_ = new QSpinBox;
  seed_->setObjectName("qc.assign.seed");
  seed_->setRange(0, std::numeric_limits<int>::max());
  seed_->setAccessibleName(tr("Seed"));
  seed_->setFixedWidth(scaled(96));
  line->addLayout(titled(tr("Seed"), seed_));
  line->addStretch(1);
  auto* second = row();
  assign_ = makeButton({}, ButtonKind::primary);
  assign_->setObjectName("qc.assign");
  second->addWidget(assign_);
  shared_ = new Label({}, TextRole::body, Tone::muted);
  shared_->setObjectName("qc.assign.note");
  second->addWidget(shared_, 1);
  problem_ = words({}, Tone::error);
  problem_->setObjectName("qc.assign.problem");
  shares_ = table("qc.assign.table", tr("Who has how many people"));

  heading(tr("Calibration"));
  words(
      tr("An expert rates some people as \"gold\"; each rater's flags on the same people are held against these. Gold "
         "answers never enter models."));
  auto* third = row();
  people_ = new QSpinBox;
  people_->setObjectName("qc.calibration.people");
  people_->setRange(1, 999);
  people_->setValue(20);
  people_->setAccessibleName(tr("People to choose"));
  auto* choose = makeButton(tr("Choose people"), ButtonKind::compact);
  choose->setObjectName("qc.calibration.choose");
  queue_ = makeButton(tr("Put them in the queue"), ButtonKind::compact);
  queue_->setObjectName("qc.calibration.queue");
  gold_ = makeButton(tr("Rate as gold"), ButtonKind::compact);
  gold_->setObjectName("qc.calibration.gold");
  third->addWidget(people_);
  third->addWidget(choose);
  third->addWidget(queue_);
  third->addWidget(gold_);
  third->addStretch(1);
  calibration_ = words({}, Tone::text);
  calibration_->setObjectName("qc.calibration.note");
  scores_ = table("qc.calibration.table", tr("Scores against the gold answers"));
  column()->addStretch(1);

  const auto edited = [this] {
    edited_ = true;
    render();
  };
  connect(raters_, &QLineEdit::textEdited, this, edited);
  connect(sharing_, &Segments::chosen, this, edited);
  for (auto* box : {overlap_, repeats_, seed_}) connect(box, &QSpinBox::valueChanged, this, edited);
  connect(assign_, &QPushButton::clicked, this, &RatersShare::apply);
  connect(choose, &QPushButton::clicked, this, [this] { model_.chooseCalibration(people_->value()); });
  connect(queue_, &QPushButton::clicked, &model_, &RatersModel::queueCalibration);
  connect(gold_, &QPushButton::clicked, this, [this] {
    model_.setRater("gold");
    model_.queueCalibration();
  });
}

void RatersShare::apply() {
  RatersModel::Plan plan;
  if (!edited_) plan = model_.state().plan;  // as it is stored, not as the fields round it
  if (edited_ || plan.raters.isEmpty()) plan = fromFields();
  if (model_.assign(plan)) edited_ = false;
}

RatersModel::Plan RatersShare::fromFields() const {
  RatersModel::Plan plan;
  for (const QString& name : raters_->text().split(',', Qt::SkipEmptyParts)) plan.raters << name.trimmed();
  plan.split = sharing_->current() == 1;
  plan.overlap = overlap_->value() / 100.0;
  plan.repeats = repeats_->value() / 100.0;
  plan.seed = static_cast<quint64>(seed_->value());
  return plan;
}

void RatersShare::render() {
  const auto& state = model_.state();
  if (!edited_) {
    const QSignalBlocker a(overlap_), b(repeats_), c(seed_);
    raters_->setText(state.plan.raters.join(", "));
    sharing_->setCurrent(state.plan.split ? 1 : 0);
    overlap_->setValue(static_cast<int>(std::lround(100 * state.plan.overlap)));
    repeats_->setValue(static_cast<int>(std::lround(100 * state.plan.repeats)));
    seed_->setValue(static_cast<int>(std::min<quint64>(state.plan.seed, std::numeric_limits<int>::max())));
  }
  overlap_->setEnabled(sharing_->current() == 1);
  assign_->setText(state.assigned ? edited_ ? tr("Assign anew") : tr("Deal newcomers") : tr("Assign"));
  assign_->setEnabled(state.open && !state.read_only && !raters_->text().trimmed().isEmpty());
  shared_->setText(state.assigned ? tr("%1 people are rated by several.").arg(formatNumber(state.shared, 0))
                                  : tr("Nobody is assigned: everyone rates whom they like."));
  problem_->setText(state.plan_problem);
  problem_->setVisible(!state.plan_problem.isEmpty());
  std::vector<CellsTable::Row> rows;
  for (const auto& s : state.shares)
    rows.push_back({{},
                    {{s.rater},
                     {formatNumber(s.people, 0)},
                     {formatNumber(s.done, 0)},
                     {formatNumber(s.begun, 0)},
                     {formatNumber(s.people - s.done, 0)},
                     {formatNumber(s.again, 0)},
                     {formatNumber(s.again_done, 0)}},
                    {},
                    false});
  shares_->setVisible(!rows.empty());
  fill(shares_,
       {{tr("Rater"), 90},
        {tr("People"), 62},
        {tr("Done"), 62},
        {tr("Begun"), 62},
        {tr("Left"), 62},
        {tr("Come twice"), 80},
        {tr("of these done"), 80}},
       std::move(rows), {3});
  calibration_->setText(state.calibration == 0
                            ? tr("Nobody is chosen yet.")
                            : tr("%1 people are chosen; %2 of them have gold answers for all twelve regions.")
                                  .arg(formatNumber(state.calibration, 0), formatNumber(state.answered, 0)));
  queue_->setEnabled(state.calibration > 0);
  gold_->setEnabled(state.calibration > 0);
  rows.clear();
  for (const auto& s : state.scores)
    rows.push_back(
        {{},
         {{s.rater},
          {formatNumber(s.n, 0)},
          {percentWords(100 * s.share),
           std::isnan(s.low) ? QString()
                             : tr("%1 to %2").arg(formatNumber(100 * s.low, 1), formatNumber(100 * s.high, 1))},
          {tr("%1 of %2").arg(formatNumber(s.found, 0), formatNumber(s.to_leave, 0))},
          {tr("%1 of %2").arg(formatNumber(s.kept, 0), formatNumber(s.to_keep, 0))}},
         {},
         false});
  scores_->setVisible(!rows.empty());
  fill(scores_,
       {{tr("Rater"), 90},
        {tr("Regions"), 70},
        {tr("Correct, 95 % interval"), 120},
        {tr("Bad ones found"), 110},
        {tr("Good ones kept"), 110}},
       std::move(rows), {});
}

}  // namespace ipsi::ui
