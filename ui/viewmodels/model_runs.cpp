// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/model_runs.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/regions.h"
#include "core/engine/stored_run.h"
#include "core/study/raters.h"
#include "ui/viewmodels/model_rows.h"
#include "ui/viewmodels/rating_rules.h"

namespace ipsi::ui {
namespace {

QString when(const std::string& iso) {
  const auto time = QDateTime::fromString(text_of(iso), Qt::ISODate).toLocalTime();
  if (!time.isValid()) return text_of(iso);
  return time.date() == QDate::currentDate() ? time.toString("HH:mm")
                                             : QLocale::c().toString(time.date(), QStringLiteral("d MMM"));
}

QString formula_of(const engine::Analysis& a) {
  ModelFormula f{text_of(a.predictor), text_of(a.interaction), {}, text_of(a.random)};
  for (const std::string& c : a.covariates) f.covariates << text_of(c);
  return formulaText(f);
}

std::string question_of(engine::Analysis a) {
  a.id = "x";
  a.title = "x";
  return engine::to_json(a).dump();
}

double number(const table::Table& t, const char* name, std::size_t row) {
  const table::Column* column = t.find(name);
  return column == nullptr || column->kind == table::Column::Kind::text ? table::kMissing : column->values[row];
}

bool differ(double a, double b) {
  return a != b && !(std::isnan(a) && std::isnan(b));
}

}  // namespace

ModelRuns::ModelRuns(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.session, &StudySession::opened, this, [this] {
    state_.compared = -1;
    read();
  });
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything || change.marks)
      read();
    else
      readStale();
  });
  connect(&context.models, &LiveModels::changed, this, [this] {
    if (state_.compared < 0) return;
    readComparison();
    emit changed();
  });
  read();
}

ModelRuns::~ModelRuns() = default;

void ModelRuns::read() {
  const QString key = state_.compared < 0 ? QString() : state_.runs[static_cast<std::size_t>(state_.compared)].key;
  auto found = engine::stored_runs(*context_.session.snapshot());
  stored_ = std::move(found.runs);
  std::reverse(stored_.begin(), stored_.end());
  state_.problem = found.problems.empty() ? QString() : text_of(to_line(found.problems.front()));
  state_.runs.clear();
  state_.compared = -1;
  for (const engine::StoredRun& run : stored_) {
    if (text_of(run.key) == key) state_.compared = static_cast<int>(state_.runs.size());
    state_.runs.push_back({text_of(run.key), text_of(run.name), when(run.time), formula_of(run.analysis), false});
  }
  readComparison();
  readStale();
  emit changed();
}

void ModelRuns::readStale() {
  if (stored_.empty()) return;
  struct Asked {
    engine::Analysis analysis;
    std::string hash;
    std::shared_ptr<const table::Table> people;  ///< by the rule the run was made with; null where its rater is gone
  };
  std::vector<Asked> asked;
  std::map<std::string, std::shared_ptr<const table::Table>> by_rule;
  for (const engine::StoredRun& run : stored_) {
    const auto [at, fresh] = by_rule.try_emplace(run.analysis.ratings);
    if (fresh) at->second = context_.models.peopleBy(text_of(run.analysis.ratings)).value_or(nullptr);
    asked.push_back({run.analysis, run.data_hash, at->second});
  }
  context_.jobs.start<std::vector<bool>>(
      {.title = tr("Compare kept runs with the study"), .key = "model.stale", .lane = Jobs::Lane::live, .quiet = true},
      [asked = std::move(asked)](const Task& task) -> Result<std::vector<bool>> {
        std::vector<bool> out;
        for (const auto& [analysis, hash, people] : asked) {
          if (task.cancelled()) return fail(Code::Cancelled, "stopped");
          if (people == nullptr) {
            out.push_back(true);
            continue;
          }
          const auto now = engine::data_hash(*people, analysis);
          out.push_back(!now || *now != hash);  // a column that is gone makes a run stale too
        }
        return out;
      },
      this,
      [this](const Result<std::vector<bool>>& stale) {
        if (!stale || stale->size() != state_.runs.size()) return;
        for (std::size_t i = 0; i < state_.runs.size(); ++i) state_.runs[i].stale = (*stale)[i];
        emit changed();
      });
}

void ModelRuns::readComparison() {
  state_.rows.clear();
  state_.then_title.clear();
  state_.note.clear();
  state_.differ = 0;
  const auto& live = context_.models.state().live;
  if (state_.compared < 0 || !live) return;
  const engine::StoredRun& run = stored_[static_cast<std::size_t>(state_.compared)];
  const int current = context_.models.state().current;
  engine::Analysis now = live->analyses()[static_cast<std::size_t>(current)];
  now.ratings = context_.models.question().ratings.toStdString();
  state_.then_title = tr("%1, kept %2").arg(text_of(run.name), when(run.time));
  state_.note = question_of(now) == question_of(run.analysis)
                    ? tr("the same question")
                    : tr("another question: %1, %2").arg(title_of_analysis(run.analysis), formula_of(run.analysis));
  for (const auto& fresh : rows_of(*live, current)) {
    Row row;
    row.side = fresh.side;
    row.title = fresh.title;
    row.n_now = fresh.n;
    row.beta_now = fresh.beta;
    row.p_now = fresh.p;
    row.significant_now = fresh.significant;
    row.beta_then = row.p_then = table::kMissing;
    const auto* region = run.results.find("region");
    const auto* side = run.results.find("side");
    for (std::size_t r = 0; region != nullptr && side != nullptr && r < run.results.rows(); ++r) {
      if (region->texts[r] != fresh.structure.toStdString() || !side->texts[r].starts_with(fresh.side.toStdString()))
        continue;
      row.n_then = static_cast<int>(number(run.results, "n", r));
      row.beta_then = number(run.results, "beta", r);
      row.p_then = number(run.results, "p", r);
      row.significant_then = number(run.results, "significant", r) == 1.0;
    }
    state_.differ += differ(row.beta_then, row.beta_now) ? 1 : 0;
    state_.rows.push_back(row);
  }
}

void ModelRuns::keep(const QString& name) {
  const auto& models = context_.models.state();
  if (!models.live) return;
  const QString& ratings = context_.models.question().ratings;
  QString title = name;
  if (title.isEmpty())
    title = title_of_analysis(models.live->analyses()[static_cast<std::size_t>(models.current)]) + ", " +
            ruleWords(ratings.isEmpty() ? text_of(study::rule_text(context_.session.options())) : ratings);
  auto run = engine::keep_run(*models.live, models.current, *context_.session.snapshot(), title.toStdString(),
                              QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString());
  if (!run) {
    context_.shell.tellError(text_of(run.error().what), text_of(run.error().where), text_of(run.error().mend));
    return;
  }
  run->analysis.ratings = ratings.toStdString();
  if (write(*run, tr("Keep the run \"%1\"").arg(title)))
    context_.shell.toast(tr("Kept as \"%1\"").arg(title), tr("Undo"), {}, [this] { context_.session.undo(); });
}

void ModelRuns::rename(int run, const QString& name) {
  if (run < 0 || run >= static_cast<int>(stored_.size()) || name.trimmed().isEmpty()) return;
  engine::StoredRun renamed = stored_[static_cast<std::size_t>(run)];
  renamed.name = name.trimmed().toStdString();
  (void)write(renamed, tr("Rename a run to \"%1\"").arg(name.trimmed()));
}

void ModelRuns::remove(int run) {
  if (run < 0 || run >= static_cast<int>(stored_.size())) return;
  const auto& gone = stored_[static_cast<std::size_t>(run)];
  const QString name = text_of(gone.name);
  study::Request request{.author = context_.session.rater().toStdString(),
                         .kind = "run",
                         .summary = tr("Remove the run \"%1\"").arg(name).toStdString(),
                         .changes = {}};
  request.changes.emplace_back(study::Remove{engine::to_setting(gone)});
  if (context_.session.apply(std::move(request)))
    context_.shell.toast(tr("Removed \"%1\"").arg(name), tr("Undo"), {}, [this] { context_.session.undo(); });
}

bool ModelRuns::write(const engine::StoredRun& run, const QString& summary) {
  study::Request request{
      .author = context_.session.rater().toStdString(), .kind = "run", .summary = summary.toStdString(), .changes = {}};
  request.put(engine::to_setting(run));
  return context_.session.apply(std::move(request));
}

void ModelRuns::compare(int run) {
  if (run >= static_cast<int>(state_.runs.size())) return;
  state_.compared = run;
  readComparison();
  emit changed();
}

}  // namespace ipsi::ui
