// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/model_checks.h"

#include <cmath>

#include "core/stats/basic/correlation.h"

namespace ipsi::engine {
namespace {

std::vector<double> values(const Eigen::VectorXd& x) {
  return {x.begin(), x.end()};
}

Assumptions assumptions_of(const stats::LmeFit& fit) {
  Assumptions out;
  out.vif = fit.vif;
  if (auto test = stats::shapiro(values(fit.residual))) out.people = *test;
  if (!fit.boundary && fit.blups.rows() >= 3)
    if (auto test = stats::shapiro(values(fit.blups.col(0)))) out.cohorts = *test;
  const auto spread = stats::correlation(values(fit.residual.cwiseAbs()), values(fit.fitted));
  out.spread_rho = spread ? spread->spearman.rho : table::kMissing;
  out.spread_p = spread ? spread->spearman.p_t : table::kMissing;
  return out;
}

}  // namespace

Result<ModelChecks> check_model(const RegionModel& m, const Analysis& a, const Frame& frame,
                                const std::vector<std::string>& ids, const Task& task) {
  if (!m.fit) return fail(Code::InvalidInput, "the model has no fit: " + m.failure);
  const auto data = region_data(frame, a, m);
  if (!data) return tl::unexpected<Error>(data.error());
  ModelChecks out;
  const stats::RandomPart& random = data->random.front();
  for (const int r : m.rows) out.people.push_back(ids[static_cast<std::size_t>(r)]);
  out.cohorts = random.groups;
  out.cohort_of = random.group;
  out.coefficient = m.coefficient;
  out.assumptions = assumptions_of(*m.fit);
  auto influence = stats::influence(*data, *m.fit, {}, task);
  if (influence)
    out.influence = std::move(*influence);
  else
    out.findings.push_back("influence: " + to_line(influence.error()));
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  auto robust = stats::fit_rlme(*data, {}, task);
  if (robust) {
    out.robust_row = robust_row(*m.fit, *robust, m.coefficient);
    out.robust = std::move(*robust);
  } else {
    out.findings.push_back("robust fit: " + to_line(robust.error()));
  }
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  return out;
}

}  // namespace ipsi::engine
