// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/live_models.h"

#include <QElapsedTimer>
#include <algorithm>

#include "core/engine/analysis_options.h"
#include "core/engine/live.h"
#include "core/study/raters.h"
#include "core/table/table.h"
#include "ui/viewmodels/model_rows.h"
#include "ui/viewmodels/rating_patch.h"

namespace ipsi::ui {
namespace {

const QString kJob = QStringLiteral("models.live");

std::string wanted_of(const std::vector<engine::Analysis>& analyses) {
  return engine::to_json(engine::Analyses{.title = {}, .question = {}, .analyses = analyses}).dump();
}

struct Fit {
  std::shared_ptr<const engine::Live> live;
};

}  // namespace

LiveModels::LiveModels(StudySession& session, Jobs& jobs, QObject* parent)
    : QObject(parent), session_(session), jobs_(jobs) {
  connect(&session, &StudySession::opened, this, &LiveModels::reset);
  connect(&session, &StudySession::subsetChanged, this, &LiveModels::follow);
  connect(&session, &StudySession::changed, this, &LiveModels::onChanged);
  reset();
}

LiveModels::~LiveModels() = default;

void LiveModels::reset() {
  jobs_.cancelKey(kJob);
  const int generation = state_.generation;
  state_ = {};
  state_.generation = generation;
  state_.open = session_.isOpen();
  question_ = {};
  ruled_.reset();
  refit(false);
}

void LiveModels::wake() {
  if (awake_) return;
  awake_ = true;
  refit(false);
}

void LiveModels::ask(const Question& question) {
  if (question == question_) return;
  if (question.ratings != question_.ratings) ruled_.reset();
  question_ = question;
  refit(false);
}

/// Flags change the table of another rule as they change the session's: only their cells are made anew.
void LiveModels::onChanged(const StudySession::Change& change) {
  if (ruled_ && !change.everything && !change.ratings.empty()) {
    const auto options = study::with_rule(session_.options(), question_.ratings.toStdString(), *session_.snapshot());
    ruled_ = options ? patch_flags(*ruled_, *session_.snapshot(), *options, change.ratings) : nullptr;
  } else if (change.everything) {
    ruled_.reset();
  }
  refit(!change.everything);
}

Result<std::shared_ptr<const table::Table>> LiveModels::peopleBy(const QString& ratings) const {
  if (ratings.isEmpty()) return session_.table();
  if (ruled_ && ratings == question_.ratings) return ruled_;
  const auto options = study::with_rule(session_.options(), ratings.toStdString(), *session_.snapshot());
  if (!options) return tl::unexpected<Error>(options.error());
  auto made = study::analysis_table(*session_.snapshot(), *options);
  if (!made) return tl::unexpected<Error>(made.error());
  return std::make_shared<const table::Table>(std::move(*made));
}

void LiveModels::fail(const Error& error) {
  state_.working = false;
  state_.moved.clear();
  state_.before.reset();
  state_.live.reset();
  state_.what = text_of(error.what);
  state_.where = text_of(error.where);
  state_.mend = text_of(error.mend);
  ++state_.generation;
}

std::vector<engine::Analysis> LiveModels::analyses() const {
  const auto people = session_.table();
  std::vector<engine::Analysis> out;
  const bool published = question_.predictor == "primary_score";
  Json options = Json::object();
  for (auto it = question_.options.begin(); it != question_.options.end(); ++it)
    options[it.key().toStdString()] =
        it->typeId() == QMetaType::QString ? Json(it->toString().toStdString()) : Json(it->toDouble());
  for (engine::Analysis a : engine::published_analyses().analyses) {
    if (!a.interaction.empty()) continue;  // the question's own interaction goes into all of them
    if (a.predictor == "primary_score")
      a.predictor = question_.predictor.toStdString();
    else if (!published || !has_values(*people, a.predictor))
      continue;
    a.interaction = question_.interaction.toStdString();
    a.covariates.clear();
    for (const QString& covariate : question_.covariates) a.covariates.push_back(covariate.toStdString());
    a.random = question_.random.toStdString();
    (void)engine::set_options(a, options);  // what the form offers is what the engine declared
    if (!published || !a.interaction.empty()) a.title.clear();
    out.push_back(std::move(a));
  }
  // In the order of time, then everyone, then the narrower measures.
  const auto place = [](const engine::Analysis& a) {
    constexpr std::string_view kOrder[] = {"early", "subacute", "chronic", "all"};
    return std::find(std::begin(kOrder), std::end(kOrder), a.id) - std::begin(kOrder);
  };
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return out;
}

void LiveModels::refit(bool flags_only) {
  if (!awake_ || !state_.open) {
    emit changed();
    return;
  }
  const auto group = session_.table()->find("group");
  state_.nobody =
      group == nullptr || std::find(group->texts.begin(), group->texts.end(), "patient") == group->texts.end();
  if (state_.nobody) {
    jobs_.cancelKey(kJob);
    state_.working = false;
    state_.live.reset();
    state_.what = state_.where = state_.mend = {};
    ++state_.generation;
    emit changed();
    return;
  }
  auto people = peopleBy(question_.ratings);
  if (!people) {
    jobs_.cancelKey(kJob);
    fail(people.error());
    emit changed();
    return;
  }
  if (!question_.ratings.isEmpty()) ruled_ = *people;
  // A question that changes drops what was asked before; flags go on from the fits there are.
  auto wanted = analyses();
  const bool same = state_.live && wanted_of(wanted) == wanted_of(state_.live->analyses());
  auto before = same ? state_.live : nullptr;
  state_.working = true;
  QElapsedTimer clock;
  clock.start();
  jobs_.start<Fit>(
      {.title = tr("Fit %n models", nullptr, static_cast<int>(12 * wanted.size())),
       .key = kJob,
       .lane = Jobs::Lane::live,
       .quiet = true},
      [people = *people, wanted = std::move(wanted), before](const Task& task) -> Result<Fit> {
        auto made = before ? before->update(*people, task) : engine::Live::fit(*people, wanted, task);
        if (!made) return tl::unexpected<Error>(made.error());
        return Fit{std::make_shared<const engine::Live>(std::move(*made))};
      },
      this,
      [this, before, clock, flags_only](Result<Fit> fit) {
        if (!fit && fit.error().code == Code::Cancelled) return;
        state_.milliseconds = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
        if (!fit) {
          fail(fit.error());
        } else {
          state_.working = false;
          state_.moved.clear();
          state_.before.reset();
          state_.what = state_.where = state_.mend = {};
          ++state_.generation;
          state_.live = std::move(fit->live);
          if (before && flags_only) {
            state_.moved = state_.live->refitted();
            state_.before = before;
          }
          const int last = static_cast<int>(state_.live->analyses().size()) - 1;
          state_.current = std::clamp(state_.current, 0, std::max(0, last));
          follow();
        }
        emit changed();
      });
  emit changed();
}

void LiveModels::follow() {
  if (!state_.live) return;
  const auto& analyses = state_.live->analyses();
  const auto subset = study::parse_subgroup(session_.subset().toStdString());
  if (analyses[static_cast<std::size_t>(state_.current)].subset == subset) return;
  const auto found =
      std::find_if(analyses.begin(), analyses.end(), [&](const engine::Analysis& a) { return a.subset == subset; });
  if (found == analyses.end()) return;
  state_.current = static_cast<int>(found - analyses.begin());
  emit changed();
}

void LiveModels::choose(int analysis) {
  if (!state_.live || analysis < 0 || analysis >= static_cast<int>(state_.live->analyses().size()) ||
      analysis == state_.current)
    return;
  state_.current = analysis;
  session_.setSubset(text_of(study::to_string(state_.live->analyses()[static_cast<std::size_t>(analysis)].subset)));
  emit changed();
}

void LiveModels::chooseRow(int row) {
  if (!state_.live || row == state_.row || row < 0) return;
  if (row >= state_.live->analyses()[static_cast<std::size_t>(state_.current)].models()) return;
  state_.row = row;
  emit rowChanged();
}

QString LiveModels::regionOf(const QString& person) const {
  if (!state_.live) return {};
  const auto people = session_.table();
  const auto* subjects = people->find("subject");
  const auto* sides = people->find("lesion_side");
  if (subjects == nullptr || sides == nullptr) return {};
  const auto found = std::find(subjects->texts.begin(), subjects->texts.end(), person.toStdString());
  if (found == subjects->texts.end()) return {};
  const std::string& lesion = sides->texts[static_cast<std::size_t>(found - subjects->texts.begin())];
  if (lesion != "left" && lesion != "right") return {};
  const engine::RegionModel& model = state_.live->model(state_.current, state_.row);
  const bool left = (lesion == "left") == (model.side == "ipsi");
  return (left ? "left_" : "right_") + text_of(model.structure);
}

}  // namespace ipsi::ui
