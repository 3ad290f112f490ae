// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/numeric/distributions.h"
#include "core/study/raters.h"

namespace ipsi::engine {
namespace {

using table::kMissing;

/// The people under one rule for the ratings.
struct Rule {
  std::string name;
  Frame frame;
  std::vector<int> members;
};

Result<Rule> rule_of(const study::Snapshot& snapshot, const Analysis& analysis, const study::AnalysisOptions& options) {
  const auto people = study::analysis_table(snapshot, options);
  if (!people) return tl::unexpected<Error>(people.error());
  auto frame = Frame::from(*people);
  if (!frame) return wrap(frame.error(), "analysis table");
  if (auto ok = frame->load(analysis); !ok) return tl::unexpected<Error>(ok.error());
  Rule out{study::rule_text(options), std::move(*frame), {}};
  out.members = out.frame.members(analysis.subset);
  return out;
}

/// The base rule first, then the others; a rater alone only where there are several.
Result<std::deque<Rule>> rules_of(const study::Snapshot& snapshot, const Analysis& analysis,
                                  const study::AnalysisOptions& study_options) {
  study::AnalysisOptions base = study_options;
  if (!analysis.ratings.empty()) {
    const auto named = study::with_rule(base, analysis.ratings, snapshot);
    if (!named) return tl::unexpected<Error>(named.error());
    base = *named;
  }
  std::vector<std::string> names{study::rule_text(base), "consensus", "strictest", "majority", "lesioned_kept"};
  const auto raters = study::raters_of(snapshot);
  if (raters.size() > 1)
    for (const std::string& rater : raters) names.push_back("rater:" + rater);
  std::deque<Rule> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    const auto options = i == 0 ? Result<study::AnalysisOptions>(base) : study::with_rule(base, names[i], snapshot);
    if (!options) return tl::unexpected<Error>(options.error());
    auto rule = rule_of(snapshot, analysis, *options);
    if (!rule) return tl::unexpected<Error>(rule.error());
    out.push_back(std::move(*rule));
  }
  return out;
}

void fill(Specification& row, const RegionModel& m) {
  row.n = m.people.n;
  row.n_cohorts = m.n_cohorts;
  row.beta = row.se = row.ci_low = row.ci_high = row.df = row.p = kMissing;
  row.failure = m.failure;
  if (!m.fit) return;
  if (row.estimator == Estimator::robust) {
    if (!m.beside.robust) {
      row.failure = "the robust fit has not settled";
      return;
    }
    row.beta = m.beside.robust->beta;
    row.se = m.beside.robust->se;
    row.p = numeric::normal_two_sided(m.beside.robust->t);
    const double reach = numeric::normal_quantile(0.975) * row.se;
    row.ci_low = row.beta - reach;
    row.ci_high = row.beta + reach;
    return;
  }
  if (!m.fit->converged) {
    row.failure = "did not converge";
    return;
  }
  const auto& c = m.fit->coefficients;
  row.beta = c.value[m.coefficient];
  row.se = c.se[m.coefficient];
  row.ci_low = c.ci_low[m.coefficient];
  row.ci_high = c.ci_high[m.coefficient];
  row.df = c.df[m.coefficient];
  row.p = c.p[m.coefficient];
}

/// One fit to be made: a row of the result, and for REML with the robust estimate a second one.
struct Job {
  const Rule* rule = nullptr;
  Estimator estimator = Estimator::reml;
  int without = -1;  ///< code of the grouping factor
};

RegionModel fit_job(const Job& job, Analysis a, const std::string& side, const std::string& structure,
                    const Task& task) {
  if (job.estimator != Estimator::robust)
    a.criterion = job.estimator == Estimator::ml ? Criterion::ml : Criterion::reml;
  std::vector<int> members = job.rule->members;
  if (job.without >= 0) {
    const Frame::Factor& groups = *job.rule->frame.factor(a.random);
    std::erase_if(members, [&](int m) { return groups.code[static_cast<std::size_t>(m)] == job.without; });
  }
  return fit_region(job.rule->frame, members, a, side, structure, task,
                    job.estimator == Estimator::robust ? Depth::report : Depth::fit);
}

std::vector<Job> jobs_of(const std::deque<Rule>& rules, const Analysis& a, const RegionModel& base) {
  const Estimator own = a.criterion == Criterion::ml ? Estimator::ml : Estimator::reml;
  std::vector<Job> out;
  for (const Rule& rule : rules)
    for (const Estimator estimator : {Estimator::reml, Estimator::ml, Estimator::robust})
      out.push_back({&rule, estimator, -1});
  const Frame::Factor& groups = *rules.front().frame.factor(a.random);
  std::vector<char> used(groups.levels.size(), 0);
  for (const int r : base.rows) used[static_cast<std::size_t>(groups.code[static_cast<std::size_t>(r)])] = 1;
  for (std::size_t g = 0; g < used.size(); ++g)
    if (used[g] == 1) out.push_back({&rules.front(), own, static_cast<int>(g)});
  return out;
}

Result<void> check(const Analysis& a, const std::string& side, const std::string& structure) {
  const auto has = [](const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  if (has(a.sides, side) && has(a.structures, structure)) return {};
  std::vector<std::string> known;
  for (const std::string& s : a.sides)
    for (const std::string& region : a.structures) known.push_back(s + "_" + region);
  return fail(Code::NotFound, fmt::format("analysis '{}' has no region '{}_{}'", a.id, side, structure), "region",
              "it has " + join(known, ", "));
}

}  // namespace

std::string_view to_string(Estimator estimator) {
  switch (estimator) {
    case Estimator::ml: return "LME, ML";
    case Estimator::robust: return "robust LME";
    case Estimator::reml: break;
  }
  return "LME, REML";
}

Result<Sensitivity> sensitivity(const study::Snapshot& snapshot, const Analysis& analysis, const std::string& side,
                                const std::string& structure, const SensitivityOptions& options, const Task& task) {
  if (auto ok = check(analysis, side, structure); !ok) return tl::unexpected<Error>(ok.error());
  const auto rules = rules_of(snapshot, analysis, options.table);
  if (!rules) return tl::unexpected<Error>(rules.error());
  const Estimator own = analysis.criterion == Criterion::ml ? Estimator::ml : Estimator::reml;
  Sensitivity out;
  out.unit = unit_of(analysis.scale);
  out.base = fit_job({&rules->front(), own, -1}, analysis, side, structure, task);
  const std::vector<Job> jobs = jobs_of(*rules, analysis, out.base);
  std::vector<RegionModel> models(jobs.size());
  const bool done = parallel_for(jobs.size(), options.threads, task, "specifications",
                                 [&](std::size_t i) { models[i] = fit_job(jobs[i], analysis, side, structure, task); });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  const Frame::Factor& groups = *rules->front().frame.factor(analysis.random);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    Specification row;
    row.ratings = jobs[i].rule->name;
    row.estimator = jobs[i].estimator;
    if (jobs[i].without >= 0) row.without = groups.levels[static_cast<std::size_t>(jobs[i].without)];
    row.base = i < 3 && row.estimator == own;
    // Frames of all rules hold the same people in the same order; only their flags differ.
    row.same_people = jobs[i].without < 0 && out.base.fit && models[i].rows == out.base.rows;
    row.repeats = row.same_people && jobs[i].rule != &rules->front();
    fill(row, models[i]);
    out.rows.push_back(std::move(row));
  }
  if (!out.base.fit || !out.base.fit->converged) return out;
  const auto& c = out.base.fit->coefficients;
  const double df = c.df[out.base.coefficient], se = c.se[out.base.coefficient];
  const int family = analysis.family > 0 ? analysis.family : analysis.models();
  out.detectable.push_back({analysis.alpha, options.power, 0.0});
  if (family > 1 && analysis.adjust != Adjust::none)
    out.detectable.push_back({analysis.alpha / family, options.power, 0.0});
  for (Detectable& d : out.detectable) d.beta = se * stats::detectable_delta(df, d.alpha, d.power);
  if (const auto data = region_data(rules->front().frame, analysis, out.base))
    if (const auto icc = stats::icc(*data, *out.base.fit)) out.icc = *icc;
  return out;
}

}  // namespace ipsi::engine
