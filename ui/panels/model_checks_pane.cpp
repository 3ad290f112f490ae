// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/model_checks_pane.h"

#include <algorithm>
#include <utility>

#include "ui/widgets/scroller.h"

namespace ipsi::ui {
namespace {

constexpr int kPlotHeight = 158, kBarHeight = 190, kRowHeight = 17;  // px at 100 % text

QVBoxLayout* column_of(QWidget* page) {
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(12, 4, 12, 8);
  column->setSpacing(4);
  return column;
}

Label* words(QVBoxLayout* column, TextRole role = TextRole::small, Tone tone = Tone::muted) {
  auto* label = new Label({}, role, tone);
  label->setWordWrap(true);
  column->addWidget(label);
  return label;
}

Chart* chart(QVBoxLayout* column, const char* name, const QString& title, Label** head = nullptr) {
  if (column->count() > 0) column->addSpacing(8);
  auto* label = new Label(title, TextRole::small, Tone::muted);
  if (head != nullptr) *head = label;
  column->addWidget(label);
  auto* out = new Chart;
  out->setObjectName(name);
  out->setAccessibleName(title);
  out->setPointsChoosable(true);
  out->setMinimumHeight(scaled(kPlotHeight));
  column->addWidget(out, 1);
  return out;
}

void say(Label* label, const std::vector<RowChecks::Reading>& readings) {
  QStringList lines;
  bool warn = false;
  for (const auto& r : readings) {
    lines << (r.how.isEmpty() ? r.value : r.value + ". " + r.how);
    warn = warn || r.warn;
  }
  label->setText(lines.join('\n'));
  label->setTone(warn ? Tone::warning : Tone::muted);
  label->setVisible(!lines.isEmpty());
}

}  // namespace

ModelChecksPane::ModelChecksPane(ModelAnalysis& model, QWidget* parent)
    : Pane(&Theme::surface, {}, parent), model_(model) {
  setSide("right");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  header_ = new PaneHeader(tr("Behind the row"));
  back_ = makeButton(tr("Back to the table"), ButtonKind::compact);
  connect(back_, &QPushButton::clicked, this, &ModelChecksPane::backWanted);
  header_->add(back_);
  column->addWidget(header_);
  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(12, 0, 12, 4);
  choice_ = new Segments({tr("Residuals"), tr("Influence"), tr("Robust"), tr("Sensitivity")});
  choice_->setObjectName("model.checks");
  choice_->setAccessibleName(tr("What is shown of the row"));
  connect(choice_, &Segments::chosen, this, &ModelChecksPane::showPage);
  bar->addWidget(choice_);
  bar->addStretch(1);
  column->addLayout(bar);
  problem_ = new Label({}, TextRole::body, Tone::muted);
  problem_->setObjectName("model.checks.problem");
  problem_->setWordWrap(true);
  problem_->setContentsMargins(12, 4, 12, 4);
  column->addWidget(problem_);
  pages_ = new QStackedWidget;
  for (QWidget* page : {residualsPage(), influencePage(), robustPage(), sensitivityPage()})
    pages_->addWidget(scroller(page));
  column->addWidget(pages_, 1);
  column->addStretch(0);
}

void ModelChecksPane::setBack(bool shown) {
  back_->setVisible(shown);
}

void ModelChecksPane::showPage(int page) {
  model_.checks().wantSensitivity(page == sensitivity);
  pages_->setCurrentIndex(page);
  choice_->setCurrent(page);
  render();
}

QWidget* ModelChecksPane::residualsPage() {
  auto* page = new QWidget;
  auto* column = column_of(page);
  fitted_ = chart(column, "model.fitted", tr("Residuals against fitted: no pattern should be left"));
  people_ = chart(column, "model.people", tr("Q-Q of people"));
  people_words_ = words(column);
  cohorts_ = chart(column, "model.cohorts", tr("Q-Q of cohorts; a click colours one"), &cohorts_title_);
  cohorts_words_ = words(column);
  no_cohorts_ = words(column, TextRole::body);
  no_cohorts_->setText(tr("No variance between cohorts: a boundary fit has no intercepts to show."));
  spread_ = chart(column, "model.spread", tr("Scale-location"));
  spread_words_ = words(column);
  vif_ = words(column);
  vif_->setObjectName("model.vif");
  connect(fitted_, &Chart::pointChosen, this,
          [this](int series, int index) { choose(model_.state().fitted, series, index); });
  connect(people_, &Chart::pointChosen, this,
          [this](int series, int index) { choose(model_.state().people, series, index); });
  connect(spread_, &Chart::pointChosen, this,
          [this](int series, int index) { choose(model_.checks().state().scale_location, series, index); });
  connect(cohorts_, &Chart::pointChosen, this, [this](int series, int index) {
    model_.setCohort(model_.state().cohorts.names[static_cast<std::size_t>(series)][static_cast<std::size_t>(index)]);
  });
  return page;
}

QWidget* ModelChecksPane::influencePage() {
  auto* page = new QWidget;
  auto* column = column_of(page);
  influence_ = words(column, TextRole::body, Tone::text);
  influence_->setObjectName("model.influence");
  cooks_people_ = chart(column, "model.cooks.people", tr("Cook's distance of people; a click opens the scan"));
  cooks_cohorts_ = chart(column, "model.cooks.cohorts", tr("Cook's distance of cohorts, the largest"));
  without_ = chart(column, "model.without", tr("Beta without each cohort"));
  words(column)->setText(
      tr("Cook's distance: how far all estimates move without this person or cohort, by exact refits. Beyond 4/n and "
         "4/G are worth a look, not a reason to leave anybody out."));
  connect(cooks_people_, &Chart::pointChosen, this,
          [this](int series, int index) { choose(model_.checks().state().cooks_people, series, index); });
  const auto colour = [this](const ModelPlot& plot, int series, int index) {
    model_.setCohort(plot.names[static_cast<std::size_t>(series)][static_cast<std::size_t>(index)]);
  };
  connect(cooks_cohorts_, &Chart::pointChosen, this,
          [this, colour](int s, int i) { colour(model_.checks().state().cooks_cohorts, s, i); });
  connect(without_, &Chart::pointChosen, this,
          [this, colour](int s, int i) { colour(model_.checks().state().without, s, i); });
  return page;
}

QWidget* ModelChecksPane::robustPage() {
  auto* page = new QWidget;
  auto* column = column_of(page);
  robust_ = words(column, TextRole::body, Tone::text);
  robust_->setObjectName("model.robust");
  auto* box = new QWidget;
  pairs_ = new QGridLayout(box);
  pairs_->setContentsMargins(0, 4, 0, 4);
  pairs_->setHorizontalSpacing(16);
  pairs_->setVerticalSpacing(3);
  pairs_->setColumnStretch(0, 1);
  column->addWidget(box);
  weights_people_ = chart(column, "model.weights.people", tr("Weights of people; a click opens the scan"));
  weights_cohorts_ = chart(column, "model.weights.cohorts", tr("Weights of cohorts, the smallest"));
  words(column)->setText(
      tr("Smoothed Huber function, DAStau scale: residuals beyond 1.3 SD count less and less. There are no degrees of "
         "freedom; read t against 1.96."));
  connect(weights_people_, &Chart::pointChosen, this,
          [this](int series, int index) { choose(model_.checks().state().weights_people, series, index); });
  connect(weights_cohorts_, &Chart::pointChosen, this, [this](int series, int index) {
    const auto& plot = model_.checks().state().weights_cohorts;
    model_.setCohort(plot.names[static_cast<std::size_t>(series)][static_cast<std::size_t>(index)]);
  });
  column->addStretch(0);
  return page;
}

QWidget* ModelChecksPane::sensitivityPage() {
  auto* page = new QWidget;
  auto* column = column_of(page);
  sentences_ = words(column, TextRole::body, Tone::text);
  sentences_->setObjectName("model.sensitivity");
  choices_ = chart(column, "model.choices", tr("Beta under other choices (people)"));
  power_ = words(column);
  words(column)->setText(tr(
      "The same question with other raters' flags, with lesioned regions kept, by other estimators, and without each "
      "cohort. Every line is a fit from the data."));
  connect(choices_, &Chart::pointChosen, this, [this](int series, int index) {
    const auto& plot = model_.checks().state().choices;
    const QString cohort = plot.names[static_cast<std::size_t>(series)][static_cast<std::size_t>(index)];
    if (!cohort.isEmpty()) model_.setCohort(cohort);
  });
  return page;
}

void ModelChecksPane::renderSensitivity() {
  const auto& checks = model_.checks().state();
  sentences_->setText(checks.trying ? tr("fitting under other choices...") : checks.sentences.mid(0, 2).join('\n'));
  power_->setText(checks.sentences.mid(2).join('\n'));
  power_->setVisible(checks.sentences.size() > 2);
  choices_->setFigure(checks.choices.figure);
  const auto rows = static_cast<int>(checks.choices.figure.y.categories.size());
  choices_->setMinimumHeight(scaled(52 + kRowHeight * std::max(rows, 6)));
}

void ModelChecksPane::choose(const ModelPlot& plot, int series, int index) {
  const QString person = plot.names[static_cast<std::size_t>(series)][static_cast<std::size_t>(index)];
  if (!person.isEmpty()) model_.openScan(person);
}

void ModelChecksPane::render() {
  const auto& state = model_.state();
  const bool fitted = !state.partial.empty();
  header_->setNote(fitted ? state.row_note : QString());
  const auto& checks = model_.checks().state();
  problem_->setText(checks.problem);
  problem_->setVisible(!checks.problem.isEmpty() && page() != residuals);
  choice_->setVisible(fitted);
  pages_->setVisible(fitted);
  if (!fitted) return;
  switch (page()) {
    case influence: return renderInfluence();
    case robust: return renderRobust();
    case sensitivity: return renderSensitivity();
    default: return renderResiduals();
  }
}

void ModelChecksPane::renderResiduals() {
  const auto& state = model_.state();
  const auto& checks = model_.checks().state();
  fitted_->setFigure(state.fitted.figure);
  people_->setFigure(state.people.figure);
  cohorts_->setFigure(state.cohorts.figure);
  const bool any = !state.cohorts.empty();
  cohorts_->setVisible(any);
  cohorts_title_->setVisible(any);
  no_cohorts_->setVisible(!any);
  say(people_words_, checks.people);
  say(cohorts_words_, checks.cohorts);
  say(spread_words_, checks.spread);
  spread_->setFigure(checks.scale_location.figure);
  QStringList columns;
  bool high = false;
  for (const auto& column : checks.columns) {
    columns << column.title + ' ' + column.value + (column.how.isEmpty() ? QString() : " (" + column.how + ')');
    high = high || column.warn;
  }
  vif_->setText(
      columns.isEmpty()
          ? QString()
          : tr("VIF: %1. %2").arg(columns.join(", "), high ? QString() : tr("Below 2.5: no column repeats others.")));
  vif_->setTone(high ? Tone::warning : Tone::muted);
}

void ModelChecksPane::renderInfluence() {
  const auto& checks = model_.checks().state();
  influence_->setText(checks.influence.isEmpty() && checks.working ? tr("refitting without each person...")
                                                                   : checks.influence);
  cooks_people_->setFigure(checks.cooks_people.figure);
  cooks_cohorts_->setFigure(checks.cooks_cohorts.figure);
  cooks_cohorts_->setMinimumHeight(scaled(kBarHeight));
  without_->setFigure(checks.without.figure);
  const auto rows = static_cast<int>(checks.without.figure.y.categories.size());
  without_->setMinimumHeight(scaled(52 + kRowHeight * std::max(rows, 4)));
}

void ModelChecksPane::renderRobust() {
  const auto& checks = model_.checks().state();
  robust_->setText(checks.robust.isEmpty() && checks.working ? tr("fitting robustly...") : checks.robust);
  robust_->setTone(checks.differs ? Tone::warning : Tone::text);
  while (QLayoutItem* item = pairs_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  const auto cell = [this](int row, int column, const QString& text, bool head) {
    auto* label = new Label(text, head ? TextRole::small : TextRole::body, head ? Tone::muted : Tone::text);
    pairs_->addWidget(label, row, column, column == 0 ? Qt::AlignLeft : Qt::AlignRight);
  };
  if (!checks.pairs.empty()) {
    cell(0, 1, tr("classical"), true);
    cell(0, 2, tr("robust"), true);
  }
  int line = 1;
  for (const auto& pair : checks.pairs) {
    cell(line, 0, pair.title, true);
    cell(line, 1, formatNumber(pair.classical, 3), false);
    cell(line++, 2, formatNumber(pair.robust, 3), false);
  }
  weights_people_->setFigure(checks.weights_people.figure);
  weights_cohorts_->setFigure(checks.weights_cohorts.figure);
  weights_cohorts_->setMinimumHeight(scaled(kBarHeight));
}

}  // namespace ipsi::ui
