// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "core/stats/inner_system.h"
#include "core/stats/mixed_sums.h"

namespace ipsi::stats::lme {

/// Values for all random effects, those of the first factor and those of B.
struct Effects {
  Eigen::MatrixXd first;  ///< [q0 m0 x columns]
  Eigen::MatrixXd rest;   ///< [B x columns]
};

/// -2 log-likelihood, profiled over b and sigma, as a function of the parameters: the free entries of a lower Cholesky
/// factor L_k of D_k / sigma^2 (standardised units) of each factor. With L = I x L_k, M = L'Z'ZL + I:
///   V~^-1 = I - Z L M^-1 L'Z',  A = Q'V~^-1 Q,  b = A^-1 Q'V~^-1 r,  rss = r'V~^-1 (r - Q b).
/// M's first diagonal block is eliminated group by group; what is left is an InnerSystem.
/// @source  Bates, Maechler, Bolker & Walker (2015), J. Stat. Softw. 67(1); Gilmour, Thompson & Cullis (1995),
///          Biometrics 51, for the average information
class MixedProfile {
 public:
  explicit MixedProfile(const MixedSums& sums);

  double rss = 0.0, log_det = 0.0;  ///< log|V~|, REML: + log|A|
  int evaluations = 0;
  std::optional<double> sigma2;  ///< given: the deviance at this sigma^2, not profiled over it (but for nu log sigma^2)
  [[nodiscard]] double deviance() const;

  /// False where nothing can be computed.
  [[nodiscard]] bool evaluate(const Eigen::VectorXd& parameters);
  /// What follows is of the point evaluated last; `differentiate` first.
  void differentiate();
  /// d log_det + weight d rss; with weight = nu / rss the gradient of the deviance.
  [[nodiscard]] Eigen::VectorXd gradient(double weight) const;
  [[nodiscard]] Eigen::VectorXd gradient() const { return gradient(weight()); }
  /// The deviance's Hessian with the average information in place of its second derivatives in D.
  [[nodiscard]] Eigen::MatrixXd average_information() const;
  /// Change of A^-1 for each parameter. [parameters] of [p x p]
  [[nodiscard]] std::vector<Eigen::MatrixXd> inverse_changes() const;
  [[nodiscard]] Eigen::VectorXd rss_gradient() const;

  [[nodiscard]] const Eigen::VectorXd& b() const { return b_; }
  [[nodiscard]] const Eigen::MatrixXd& inverse() const { return inverse_; }
  [[nodiscard]] Effects blups() const;  ///< one column, standardised units
  [[nodiscard]] const Eigen::MatrixXd& factor(std::size_t k) const { return l_[k]; }
  /// L M^-1 L' w: what z'z-sums `w` of any rows do to the effects.
  [[nodiscard]] Effects shrink(const Effects& w) const;

 private:
  [[nodiscard]] double weight() const { return sigma2 ? 1.0 / *sigma2 : sums_.nu() / rss; }
  [[nodiscard]] Eigen::MatrixXd& of(Effects& e, std::size_t k) const { return k == 0 ? e.first : e.rest; }
  [[nodiscard]] const Eigen::MatrixXd& of(const Effects& e, std::size_t k) const { return k == 0 ? e.first : e.rest; }
  [[nodiscard]] Eigen::MatrixXd scaled_rest(const Eigen::MatrixXd& w, bool transposed) const;
  [[nodiscard]] Effects cross_times(const Effects& u) const;  ///< Z'Z u
  [[nodiscard]] Effects explained(const Effects& w, Eigen::MatrixXd* gram) const;
  [[nodiscard]] Eigen::MatrixXd trace_part(std::size_t k) const;
  [[nodiscard]] Eigen::MatrixXd slope(std::size_t k, double weight) const;
  [[nodiscard]] Eigen::MatrixXd direction(std::size_t k, std::size_t entry) const;

  const MixedSums& sums_;
  std::vector<Eigen::MatrixXd> l_;
  Eigen::MatrixXd chol_;   // [q0 x q0 m0] lower factors of I + L0'S_gL0
  Eigen::MatrixXd f_;      // [q0 x touch] chol^-1 L0' C_gB L_B
  Eigen::MatrixXd cross_;  // [q0 x touch] C_gB L_B
  InnerSystem inner_;
  Effects shrunk_;  // L M^-1 L'Z'P
  Effects u_, e_;   // Z'V~^-1 Q, Z'V~^-1 (r - Q b)
  Eigen::VectorXd b_;
  Eigen::MatrixXd inverse_;
  std::vector<Eigen::MatrixXd> trace_;
};

}  // namespace ipsi::stats::lme
