// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/stats/lme_profile.h"
#include "core/stats/mixed_search.h"

namespace ipsi::stats::lme {

using Eigen::Index;
using Eigen::MatrixXd;

Solution solve_mixed(const MatrixXd& q, const Eigen::VectorXd& r, const std::vector<RandomPart>& random, bool reml,
                     const Task& task) {
  const MixedSums sums = mixed_sums(q, r, random, reml);
  MixedProfile profile(sums);
  const MixedSolution found = search(sums, profile, task);
  Solution out;
  out.cancelled = found.cancelled;
  out.converged = found.converged;
  out.boundary = found.boundary;
  out.evaluations = profile.evaluations;
  out.gradient_norm = found.gradient_norm;
  out.b = profile.b();
  out.inverse = profile.inverse();
  out.rss = profile.rss;
  out.log_det = profile.log_det;
  if (out.cancelled) return out;
  const Effects u = profile.blups();
  std::vector<MatrixXd> d(random.size()), blups(random.size());
  for (std::size_t k = 0; k < sums.factors.size(); ++k) {
    const Factor& f = sums.factors[k];
    const MatrixXd half = f.back * profile.factor(k);
    d[f.part] = half * half.transpose();
    const MatrixXd& all = k == 0 ? u.first : u.rest;
    const Eigen::Map<const MatrixXd> own(all.data() + f.first, f.q, f.m);
    blups[f.part] = f.back * own;
  }
  out.d = d.front();
  out.u = blups.front();
  out.more_d.assign(d.begin() + 1, d.end());
  out.more_u.assign(blups.begin() + 1, blups.end());
  return out;
}

}  // namespace ipsi::stats::lme
