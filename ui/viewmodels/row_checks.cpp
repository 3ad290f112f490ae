// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/row_checks.h"

#include <utility>

#include "core/engine/live.h"
#include "core/engine/model_checks.h"
#include "core/engine/sensitivity.h"
#include "ui/viewmodels/row_checks_words.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

using Found = std::vector<std::pair<std::size_t, engine::Beside>>;

}  // namespace

RowChecks::RowChecks(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.models, &LiveModels::changed, this, &RowChecks::follow);
  connect(&context.models, &LiveModels::rowChanged, this, &RowChecks::follow);
}

RowChecks::~RowChecks() = default;

void RowChecks::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  if (active) follow();
}

void RowChecks::wantSensitivity(bool wanted) {
  if (wanted == sensitivity_) return;
  sensitivity_ = wanted;
  if (active_) readSensitivity();
}

void RowChecks::follow() {
  if (!active_) return;
  readBeside();
  readRow();
  readSensitivity();
}

/// Takes the study as it is, so that what the window shows is what `ipsi sensitivity` prints.
void RowChecks::readSensitivity() {
  if (!sensitivity_ || tried_ || !row_of_) return;
  tried_ = true;
  const engine::RegionModel& m = row_of_->model(analysis_, row_);
  if (!m.fit) return;
  state_.trying = true;
  emit changed();
  engine::Analysis analysis = row_of_->analyses()[static_cast<std::size_t>(analysis_)];
  if (const QString rule = context_.models.question().ratings; !rule.isEmpty()) analysis.ratings = rule.toStdString();
  context_.jobs.start<engine::Sensitivity>(
      {.title = tr("Other choices"), .key = "model.sensitivity", .lane = Jobs::Lane::normal, .quiet = true},
      [analysis, snapshot = context_.session.snapshot(), options = context_.session.options(), side = m.side,
       structure = m.structure](const Task& task) {
        return engine::sensitivity(*snapshot, analysis, side, structure, {.table = options, .threads = 2}, task);
      },
      this,
      [this, analysis](Result<engine::Sensitivity> tried) {
        if (!tried && tried.error().code == Code::Cancelled) return;
        state_.trying = false;
        if (tried)
          add_sensitivity(state_, *tried, analysis);
        else
          state_.sentences = {text_of(to_line(tried.error()))};
        emit changed();
      });
}

const engine::RobustRow* RowChecks::robust(int row) const {
  const auto& models = context_.models.state();
  if (!models.live || models.live != live_) return nullptr;
  const auto found = beside_.find(models.live->index(models.current, row));
  return found != beside_.end() && found->second.robust ? &*found->second.robust : nullptr;
}

std::vector<engine::Beside> RowChecks::beside() const {
  const auto& models = context_.models.state();
  std::vector<engine::Beside> out;
  if (!models.live || models.live != live_) return out;
  const int rows = live_->analyses()[static_cast<std::size_t>(models.current)].models();
  for (int row = 0; row < rows; ++row) {
    const auto found = beside_.find(live_->index(models.current, row));
    out.push_back(found != beside_.end() ? found->second : engine::Beside{});
  }
  return out;
}

void RowChecks::readBeside() {
  const auto& models = context_.models.state();
  if (models.live != live_) {
    // A flag leaves all but a few models as they were.
    if (models.live && models.before == live_ && live_)
      for (const std::size_t at : models.moved) beside_.erase(at);
    else
      beside_.clear();
    live_ = models.live;
  }
  if (!live_) {
    context_.jobs.cancelKey("model.beside");
    return;
  }
  std::vector<std::size_t> missing;
  const int rows = live_->analyses()[static_cast<std::size_t>(models.current)].models();
  for (int row = 0; row < rows; ++row)
    if (const std::size_t at = live_->index(models.current, row); !beside_.contains(at)) missing.push_back(at);
  if (missing.empty()) return;
  context_.jobs.start<Found>(
      {.title = tr("Robust fits"), .key = "model.beside", .lane = Jobs::Lane::normal, .quiet = true},
      [live = live_, missing](const Task& task) -> Result<Found> {
        Found out;
        for (const std::size_t at : missing) {
          const engine::RegionModel& m = live->fitted().models[at];
          const auto& a = live->analyses()[static_cast<std::size_t>(m.analysis)];
          out.emplace_back(at, engine::beside_of(live->frame(), a, m, task));
          if (task.cancelled()) return fail(Code::Cancelled, "stopped");
        }
        return out;
      },
      this,
      [this, live = live_](Result<Found> done) {
        if (!done || live != live_) return;
        for (auto& [at, row] : *done) beside_.insert_or_assign(at, row);
        emit changed();
      });
}

void RowChecks::readRow() {
  const auto& models = context_.models.state();
  if (models.live == row_of_ && models.current == analysis_ && models.row == row_) return;
  tried_ = false;
  context_.jobs.cancelKey("model.sensitivity");
  row_of_ = models.live;
  analysis_ = models.current;
  row_ = models.row;
  const auto nothing = [this](const QString& why) {
    context_.jobs.cancelKey("model.checks");
    state_ = {};
    state_.problem = why;
    emit changed();
  };
  if (!row_of_) return nothing({});
  if (row_ >= row_of_->analyses()[static_cast<std::size_t>(analysis_)].models()) return nothing({});
  const engine::RegionModel& m = row_of_->model(analysis_, row_);
  if (!m.fit) return nothing(text_of(m.failure));
  state_.working = true;
  state_.problem.clear();
  state_.sentences.clear();
  state_.choices = {};
  emit changed();
  context_.jobs.start<engine::ModelChecks>(
      {.title = tr("Influence and robust fit"), .key = "model.checks", .lane = Jobs::Lane::normal, .quiet = true},
      [live = row_of_, analysis = analysis_, row = row_](const Task& task) {
        return engine::check_model(live->model(analysis, row), live->analyses()[static_cast<std::size_t>(analysis)],
                                   live->frame(), live->ids(), task);
      },
      this,
      [this](Result<engine::ModelChecks> checks) {
        if (!checks && checks.error().code == Code::Cancelled) return;
        if (checks)
          show(*checks);
        else
          state_ = {};
        state_.working = false;
        if (!checks) state_.problem = text_of(to_line(checks.error()));
        emit changed();
      });
}

void RowChecks::show(const engine::ModelChecks& checks) {
  const engine::RegionModel& m = row_of_->model(analysis_, row_);
  State fresh;
  fresh.trying = state_.trying;
  if (tried_ && !state_.trying) {  // they came first
    fresh.sentences = state_.sentences;
    fresh.choices = state_.choices;
  }
  state_ = std::move(fresh);
  add_assumptions(state_, checks, *m.fit);
  if (checks.influence) add_influence(state_, checks, *m.fit);
  if (checks.robust) add_robust(state_, checks, m);
  for (const auto& finding : checks.findings) {
    if (!state_.problem.isEmpty()) state_.problem += ' ';
    state_.problem += text_of(finding);
  }
}

}  // namespace ipsi::ui
