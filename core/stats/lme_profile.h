// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "core/base/task.h"
#include "core/numeric/orthonormal.h"
#include "core/stats/design.h"
#include "core/stats/lme.h"

// The profiled likelihood of a mixed model with one grouping factor; private to the library.
//
// X = Q R with orthonormal Q, r = y - Q Q'y. With Z_g, Q_g, r_g the rows of group g everything a likelihood needs is
//   S_g = Z_g'Z_g,  C_g = Z_g'Q_g,  c_g = Z_g'r_g,  and r'r.
// D~ = D / sigma^2 is what is searched for; b and sigma follow in closed form.
namespace ipsi::stats::lme {

/// The rows a model is fitted to, each times the root of its weight.
struct Weighted {
  numeric::Orthonormal basis;
  Eigen::VectorXd share;           ///< [p] Q'y
  Eigen::VectorXd r;               ///< [n] y - Q Q'y
  Eigen::VectorXd least_squares;   ///< [n] Q Q'y
  double log_weights = 0.0;        ///< sum of log w
  std::vector<RandomPart> random;  ///< empty without weights: those of the data then
};
/// @error RankDeficient, InvalidInput  dependent columns; the fixed part fits y exactly
[[nodiscard]] Result<Weighted> weighted(const ModelData& data);

/// Sums over the rows of each group; rows are not looked at again while the likelihood is maximised.
struct CrossProducts {
  int n = 0, p = 0, q = 0, m = 0;
  Eigen::MatrixXd zz;  ///< [q x q m] S_g side by side
  Eigen::MatrixXd zx;  ///< [q x p m] C_g side by side
  Eigen::MatrixXd zr;  ///< [q x m]   c_g
  double rr = 0.0;
  bool reml = true;
  [[nodiscard]] double nu() const { return reml ? n - p : n; }
};

[[nodiscard]] CrossProducts cross_products(const Eigen::MatrixXd& q, const Eigen::VectorXd& r, const RandomPart& random,
                                           bool reml);

/// What the search found; b is on the scale of Q and relative to the least-squares fit.
struct Solution {
  Eigen::MatrixXd d;                            ///< [q x q] D / sigma^2
  Eigen::VectorXd b;                            ///< [p]
  Eigen::MatrixXd inverse;                      ///< [p x p] (Q'V~^-1 Q)^-1
  Eigen::MatrixXd u;                            ///< [q x m] BLUPs
  std::vector<Eigen::MatrixXd> more_d, more_u;  ///< of the grouping factors after the first
  double rss = 0.0;                             ///< r'V~^-1 r at b
  double log_det = 0.0;                         ///< log|V~|, REML: + log|Q'V~^-1 Q|
  /// Hessian of -2 log-likelihood in (log sd.., logit cor.., log sigma), D in data units; empty on the boundary.
  Eigen::MatrixXd natural_hessian;
  bool converged = true, boundary = false, cancelled = false;
  int evaluations = 0;
  double gradient_norm = 0.0;
};

/// One random column: Newton's method for the variance ratio, an evaluation costs O(m p^2).
[[nodiscard]] Solution solve_single(const CrossProducts& sums, const Task& task);

/// Several: Newton's method for a Cholesky factor with blocks.
[[nodiscard]] Solution solve_blocks(const CrossProducts& sums, const std::vector<int>& block, const Task& task);

/// -2 log-likelihood but for a constant, profiled over b and sigma, of one random column at ratio l.
[[nodiscard]] double single_deviance(const CrossProducts& sums, double l);

/// Solutions for sums that differ a little from those of a known solution, as after deleting a row: Newton from there,
/// then a look at every other place where the known likelihood comes near its maximum. One random column.
class SingleRefit {
 public:
  /// @param l  ratio D~ that maximises the likelihood of `known`
  SingleRefit(const CrossProducts& known, double l);
  ~SingleRefit();
  SingleRefit(const SingleRefit&) = delete;
  SingleRefit& operator=(const SingleRefit&) = delete;
  /// Without natural_hessian and u.
  [[nodiscard]] Solution near(const CrossProducts& sums);
  /// Second derivative of `known`'s deviance in l, at l.
  [[nodiscard]] double curvature() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `solve_blocks` from a known D~ that is not singular; without natural_hessian.
[[nodiscard]] Solution solve_blocks_near(const CrossProducts& sums, const std::vector<int>& block,
                                         const Eigen::MatrixXd& d, const Task& task);

/// Any number of grouping factors; without natural_hessian.
[[nodiscard]] Solution solve_mixed(const Eigen::MatrixXd& q, const Eigen::VectorXd& r,
                                   const std::vector<RandomPart>& random, bool reml, const Task& task);

inline constexpr int kMaxRandomColumns = 12;

}  // namespace ipsi::stats::lme
