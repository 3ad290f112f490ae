// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/model_analysis.h"

#include <algorithm>
#include <cmath>

#include "core/base/files.h"
#include "core/engine/analysis_options.h"
#include "core/engine/batch.h"
#include "core/engine/batch_parts.h"
#include "core/engine/interaction.h"
#include "core/report/result_file.h"
#include "core/report/workbook.h"
#include "core/study/raters.h"
#include "core/table/delimited.h"
#include "ui/viewmodels/model_rows.h"
#include "ui/viewmodels/rating_rules.h"

namespace ipsi::ui {
namespace {

/// In short, as an axis says it.
QString unit_of_scale(const QString& scale) {
  if (scale == "raw") return ModelAnalysis::tr("mm³");
  if (scale == "log") return ModelAnalysis::tr("log mm³");
  if (scale == "ratio") return ModelAnalysis::tr("‰ of ICV");
  return "z";
}

QString title_of_value(const QString& key, const QString& value) {
  if (key == "scale") return ModelAnalysis::tr("Region volume, %1").arg(unit_of_scale(value));
  if (value == "bonferroni") return ModelAnalysis::tr("Bonferroni");
  if (value == "holm") return ModelAnalysis::tr("Holm");
  if (value == "bh") return ModelAnalysis::tr("Benjamini-Hochberg");
  if (value == "none") return ModelAnalysis::tr("None");
  return value;
}

QString title_of_option(const QString& key) {
  if (key == "scale") return ModelAnalysis::tr("Outcome");
  if (key == "criterion") return ModelAnalysis::tr("Estimated by");
  if (key == "correction") return ModelAnalysis::tr("Correction");
  if (key == "alpha") return ModelAnalysis::tr("Alpha");
  return sentence(QString(key).replace('_', ' '));
}

std::vector<ModelAnalysis::Option> declared_options(const QVariantMap& given) {
  std::vector<ModelAnalysis::Option> out;
  for (const spec::Option& o : engine::analysis_options()) {
    ModelAnalysis::Option option{
        text_of(o.key), title_of_option(text_of(o.key)), text_of(o.help), {}, o.low, o.high, {}};
    for (const std::string& value : o.choices)
      option.choices.push_back({text_of(value), title_of_value(option.key, text_of(value))});
    if (o.kind == spec::Option::Kind::choice)
      option.value = text_of(o.fallback.get<std::string>());
    else
      option.value = o.fallback.get<double>();
    option.value = given.value(option.key, option.value);
    out.push_back(std::move(option));
  }
  return out;
}

/// Head of the column of corrected p-values.
QString correction_head(const engine::Analysis& a) {
  switch (a.adjust) {
    case engine::Adjust::bonferroni: return QString::fromUtf8("p × %1").arg(a.family);
    case engine::Adjust::holm: return ModelAnalysis::tr("p Holm");
    case engine::Adjust::bh: return ModelAnalysis::tr("p BH");
    case engine::Adjust::none: break;
  }
  return ModelAnalysis::tr("p adj.");
}

QString threshold_words(const engine::Analysis& a) {
  switch (a.adjust) {
    case engine::Adjust::bonferroni:
      return ModelAnalysis::tr("below p %1 (%2 / %3), unrounded.")
          .arg(a.alpha / a.family, 0, 'f', 4)
          .arg(a.alpha)
          .arg(a.family);
    case engine::Adjust::holm: return ModelAnalysis::tr("below %1 by Holm.").arg(a.alpha);
    case engine::Adjust::bh: return ModelAnalysis::tr("below %1 by Benjamini-Hochberg.").arg(a.alpha);
    case engine::Adjust::none: break;
  }
  return ModelAnalysis::tr("below %1, not corrected.").arg(a.alpha);
}

}  // namespace

ModelAnalysis::ModelAnalysis(Context& context, QObject* parent)
    : QObject(parent), context_(context), runs_(context), checks_(context) {
  connect(&context.session, &StudySession::opened, this, &ModelAnalysis::reset);
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    const auto known = [this](const study::Rating& r) {
      return raters_.contains(text_of(r.rater)) || study::kind_of(r.rater) != study::RaterKind::rater;
    };
    if (change.everything)
      readChoices();
    else if (!std::all_of(change.ratings.begin(), change.ratings.end(), known))
      readRatings();
  });
  connect(&context.models, &LiveModels::changed, this, &ModelAnalysis::readModels);
  connect(&context.models, &LiveModels::rowChanged, this, [this] {
    readSelected();
    emit changed();
  });
  connect(&checks_, &RowChecks::changed, this, [this] {
    readRobust();
    emit changed();
  });
  reset();
  context.models.wake();
}

ModelAnalysis::~ModelAnalysis() = default;

QString ModelAnalysis::titleOf(const QString& column) {
  return title_of_column(column.toStdString());
}

const engine::Live* ModelAnalysis::live() const {
  return context_.models.state().live.get();
}

void ModelAnalysis::reset() {
  state_ = {};
  readChoices();
  readModels();
}

void ModelAnalysis::readChoices() {
  state_.predictors.clear();
  state_.covariates.clear();
  state_.groups.clear();
  state_.interactions.clear();
  readRatings();
  if (!context_.session.isOpen()) return;
  const auto people = context_.session.table();
  const auto offer = [&](std::vector<Choice>& list, const std::string& name) {
    if (has_values(*people, name)) list.push_back({text_of(name), title_of_column(name)});
  };
  for (const char* name : {"primary_score", "impairment", "activity"}) offer(state_.predictors, name);
  for (const std::string& name : people->names())
    if (name.starts_with("score_")) offer(state_.predictors, name);
  for (const char* name : {"lesion_volume", "days_post_stroke", "age"}) offer(state_.predictors, name);
  for (const char* name : {"age", "sex", "icv", "lesion_side", "lesion_volume", "days_post_stroke"})
    offer(state_.covariates, name);
  for (const char* name : {"cohort", "primary_test"}) offer(state_.groups, name);
  for (const char* name : {"lesion_side", "sex", "age"}) offer(state_.interactions, name);
}

void ModelAnalysis::readRatings() {
  const auto snapshot = context_.session.snapshot();
  state_.ratings = {{{}, tr("As the study: %1").arg(ruleWords(text_of(study::rule_text(context_.session.options()))))}};
  for (const QString& rule : rulesOf(*snapshot)) state_.ratings.push_back({rule, sentence(ruleWords(rule))});
  raters_.clear();
  for (const auto& rater : study::raters_of(*snapshot)) raters_ << text_of(rater);
}

void ModelAnalysis::readModels() {
  const auto& models = context_.models.state();
  const auto& question = context_.models.question();
  state_.open = models.open;
  state_.working = models.working;
  state_.nobody = models.nobody;
  state_.what = sentence(models.what);
  state_.where = models.where;
  state_.mend = models.mend;
  state_.formula = {question.predictor, question.interaction, question.covariates, question.random};
  state_.options = declared_options(question.options);
  state_.rating = question.ratings;
  const QString scale = question.options.value("scale", "z").toString();
  state_.unit = unit_of_scale(scale);
  state_.places = scale == "raw" ? 0 : scale == "z" ? 2 : 3;
  if (state_.problem.isEmpty()) state_.text = formulaText(state_.formula);
  readRows();
  readSelected();
  emit changed();
}

void ModelAnalysis::readRows() {
  state_.rows.clear();
  state_.columns.clear();
  state_.live.clear();
  state_.robust.clear();
  if (live() == nullptr) return;
  const auto& models = context_.models.state();
  state_.current = models.current;
  for (int i = 0; i < static_cast<int>(live()->analyses().size()); ++i) {
    const engine::Analysis& a = live()->analyses()[static_cast<std::size_t>(i)];
    Column column{subset_title(a.subset), 0, rows_of(*live(), i)};
    if (a.id.starts_with("chronic_")) column.title += ", " + text_of(a.id.substr(8));
    for (std::size_t r = 0; r < column.rows.size(); ++r) {
      Row& row = column.rows[r];
      column.people = std::max(column.people, row.n);
      const std::size_t at = live()->index(i, static_cast<int>(r));
      row.moved = std::find(models.moved.begin(), models.moved.end(), at) != models.moved.end();
      if (row.moved && models.before) row.was = models.before->fitted().models[at].beta();
    }
    state_.columns.push_back(std::move(column));
  }
  const engine::Analysis& a = live()->analyses()[static_cast<std::size_t>(state_.current)];
  state_.rows = state_.columns[static_cast<std::size_t>(state_.current)].rows;
  int people = 0, cohorts = 0, failed = 0, significant = 0;
  for (const Row& row : state_.rows) {
    people = std::max(people, row.n);
    cohorts = std::max(cohorts, row.cohorts);
    failed += row.failure.isEmpty() ? 0 : 1;
    significant += row.significant ? 1 : 0;
  }
  state_.title = title_of_analysis(a);
  state_.note = tr("up to %1 people, %2 cohorts").arg(people).arg(cohorts);
  if (!state_.rating.isEmpty()) state_.note += tr(", flags: %1").arg(ruleWords(state_.rating));
  state_.correction = correction_head(a);
  state_.strong = tr("%1 of %2 regions").arg(significant).arg(a.models());
  state_.summary = threshold_words(a);
  if (failed > 0) state_.summary += ' ' + tr("%n without a fit.", nullptr, failed);
  readRobust();
  if (!models.moved.empty())
    state_.live = tr("Last flag: %n fitted anew, %1 ms.", nullptr, static_cast<int>(models.moved.size()))
                      .arg(models.milliseconds, 0, 'f', 0);
}

void ModelAnalysis::readRobust() {
  QStringList differ;
  bool known = true;
  for (std::size_t r = 0; r < state_.rows.size(); ++r) {
    Row& row = state_.rows[r];
    const auto* robust = checks_.robust(static_cast<int>(r));
    row.robust = robust != nullptr ? robust->beta : table::kMissing;
    row.differs = robust != nullptr && robust->differs();
    known = known && (robust != nullptr || !row.usable);
    if (row.differs) differ << title_of_row(row.side, row.title).toLower();
  }
  state_.robust = !differ.isEmpty() ? tr("The robust fit differs: %1.").arg(differ.join(", "))
                  : known           ? tr("The robust fits agree.")
                                    : QString();
}

void ModelAnalysis::readSelected() {
  state_.selected = context_.models.state().row;
  state_.partial = state_.fitted = state_.people = state_.cohorts = {};
  state_.left_out.clear();
  state_.row_title.clear();
  state_.row_note.clear();
  state_.answer.clear();
  if (live() == nullptr || state_.selected >= static_cast<int>(state_.rows.size())) return;
  const Row& row = state_.rows[static_cast<std::size_t>(state_.selected)];
  const engine::RegionModel& m = live()->model(state_.current, state_.selected);
  state_.row_title = title_of_row(row.side, row.title);
  state_.row_note = tr("%1 people, %2 cohorts").arg(row.n).arg(row.cohorts);
  const auto& p = m.people;
  state_.left_out = {{tr("lesioned"), "lesioned", p.lesioned},
                     {tr("failed"), "failed", p.failed},
                     {tr("unrated, kept"), "unrated", p.unrated}};
  if (p.no_predictor > 0) state_.left_out.push_back({tr("no score"), "", p.no_predictor});
  if (p.no_covariate > 0) state_.left_out.push_back({tr("no covariate"), "", p.no_covariate});
  if (p.no_volume > 0) state_.left_out.push_back({tr("no volume"), "", p.no_volume});
  if (!m.fit) return;
  const auto d =
      engine::diagnostics_of(m, live()->analyses()[static_cast<std::size_t>(state_.current)], live()->frame());
  add_diagnostics(state_, *live(), d);
  add_scatter(state_, *live(), m, d);
  const engine::Analysis& a = live()->analyses()[static_cast<std::size_t>(state_.current)];
  if (const auto said = engine::interaction_of(m, a, live()->frame())) state_.answer = text_of(said->words);
}

void ModelAnalysis::readScatter() {
  state_.partial = {};
  if (live() == nullptr || state_.rows.empty()) return;
  const engine::RegionModel& m = live()->model(state_.current, state_.selected);
  if (!m.fit) return;
  const engine::Analysis& a = live()->analyses()[static_cast<std::size_t>(state_.current)];
  add_scatter(state_, *live(), m, engine::diagnostics_of(m, a, live()->frame()));
}

void ModelAnalysis::ask() {
  LiveModels::Question question = context_.models.question();
  question.predictor = state_.formula.predictor;
  question.interaction = state_.formula.interaction;
  question.covariates = state_.formula.covariates;
  question.random = state_.formula.random;
  context_.models.ask(question);
}

void ModelAnalysis::setPredictor(const QString& column) {
  if (column == state_.formula.predictor) return;
  state_.formula.covariates.removeAll(column);
  if (state_.formula.interaction == column) state_.formula.interaction.clear();
  state_.formula.predictor = column;
  state_.problem.clear();
  ask();
}

void ModelAnalysis::setInteraction(const QString& column) {
  if (column == state_.formula.interaction || column == state_.formula.predictor) return;
  state_.formula.covariates.removeAll(column);
  state_.formula.interaction = column;
  state_.problem.clear();
  ask();
}

void ModelAnalysis::setCovariate(const QString& column, bool used) {
  auto& list = state_.formula.covariates;
  if (list.contains(column) == used || column == state_.formula.predictor) return;
  if (used) {
    if (state_.formula.interaction == column) state_.formula.interaction.clear();
    list << column;
  } else {
    list.removeAll(column);
  }
  state_.problem.clear();
  ask();
}

void ModelAnalysis::setGroup(const QString& column) {
  if (column == state_.formula.random) return;
  state_.formula.random = column;
  state_.problem.clear();
  ask();
}

void ModelAnalysis::setRatings(const QString& rule) {
  LiveModels::Question question = context_.models.question();
  question.ratings = rule;
  context_.models.ask(question);
}

void ModelAnalysis::setOption(const QString& key, const QVariant& value) {
  LiveModels::Question question = context_.models.question();
  question.options[key] = value;
  context_.models.ask(question);
}

void ModelAnalysis::setText(const QString& text) {
  if (!state_.open) return;
  QStringList columns, groups;
  for (const std::string& name : context_.session.table()->names()) columns << text_of(name);
  for (const Choice& choice : state_.groups) groups << choice.column;
  const auto parsed = parseFormula(text, columns, groups);
  state_.text = text;
  state_.problem = parsed.problem;
  if (!parsed.formula || *parsed.formula == state_.formula) {
    emit changed();
    return;
  }
  state_.formula = *parsed.formula;
  ask();
}

void ModelAnalysis::select(int row) {
  context_.models.chooseRow(row);
}

void ModelAnalysis::chooseAnalysis(int column) {
  context_.models.choose(column);
}

void ModelAnalysis::setCohort(const QString& cohort) {
  if (cohort == state_.cohort) return;
  state_.cohort = cohort;
  readScatter();
  emit changed();
}

void ModelAnalysis::openScan(const QString& person) {
  const QString region = context_.models.regionOf(person);
  context_.session.select(person, region);
  context_.shell.showWorkspace("qc");
}

QString ModelAnalysis::tsv() const {
  if (live() == nullptr) return {};
  const auto results = live()->results(state_.current, checks_.beside());
  return results ? text_of(table::to_delimited(*results, '\t')) : QString();
}

void ModelAnalysis::exportTo(const QString& path) {
  if (live() == nullptr) return;
  struct Done {};
  engine::Analyses analyses;
  analyses.analyses = live()->analyses();
  analyses.ratings = context_.models.question().ratings.toStdString();
  const std::filesystem::path file = path.toStdString();
  engine::BatchOptions options;
  options.study = context_.session.name().toStdString();
  options.table = context_.session.options();
  context_.jobs.start<Done>(
      {.title = tr("Export %1").arg(text_of(file.filename().string())), .key = "model.export"},
      [analyses = std::move(analyses), options, file,
       snapshot = context_.session.snapshot()](const Task& task) -> Result<Done> {
        const auto result = engine::run_batch(*snapshot, analyses, options, task);
        if (!result) return tl::unexpected<Error>(result.error());
        Result<void> written;
        if (file.extension() == ".xlsx")
          written = report::write_workbook(*result, file);
        else
          written = write_file(file, table::to_delimited(report::find_table(*result, "results")->table));
        if (!written) return tl::unexpected<Error>(written.error());
        return Done{};
      },
      this,
      [this, path](const Result<Done>& done) {
        emit exported(path, done ? QString() : text_of(to_line(done.error())));
      });
}

}  // namespace ipsi::ui
