// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/numeric/random.h"
#include "core/stats/sem_parts.h"

namespace ipsi::stats {
namespace {

/// Values for the rows of the table from which scoring begins.
class Start {
 public:
  Start(const SemModel& model, const Eigen::MatrixXd& sample)
      : model_(model), s_(sample), p_(static_cast<int>(model.observed.size())), values_(model.n_paths(), 0.0) {
    for (std::size_t r = 0; r < values_.size(); ++r) values_[r] = model.rows[r].value;
  }

  Eigen::VectorXd theta() {
    variances_of_latents();
    loadings();
    regressions();
    residuals();
    Eigen::VectorXd out = Eigen::VectorXd::Zero(model_.n_free);
    std::vector<bool> set(static_cast<std::size_t>(model_.n_free), false);
    for (std::size_t r = 0; r < values_.size(); ++r) {
      const SemRow& row = model_.rows[r];
      if (row.free == 0) continue;
      const auto k = static_cast<std::size_t>(row.free - 1);
      const bool given = std::isfinite(row.start);
      if (!set[k] || given) out[row.free - 1] = given ? row.start : values_[r];
      set[k] = true;
    }
    return out;
  }

 private:
  const SemRow& row(std::size_t r) const { return model_.rows[r]; }
  int of(const std::string& name) const { return model_.index(name); }
  bool is_free(std::size_t r) const { return row(r).free > 0; }

  std::vector<std::size_t> rows_of(const std::string& op, const std::string& lhs) const {
    std::vector<std::size_t> out;
    for (std::size_t r = 0; r < values_.size(); ++r)
      if (row(r).op == op && row(r).lhs == lhs) out.push_back(r);
    return out;
  }

  double variance(int v) const {
    if (v < p_) return s_(v, v);
    const auto at = latent_.find(v);
    return at == latent_.end() ? 1.0 : at->second;
  }

  /// Half the variance of the indicator that gives a factor its unit; factors of factors after those they are made of.
  void variances_of_latents() {
    for (std::size_t round = 0; round < model_.latent.size() + 1; ++round)
      for (const std::string& name : model_.latent) {
        const int v = of(name);
        latent_[v] = 1.0;
        for (const std::size_t r : rows_of("=~", name))
          if (!is_free(r) && values_[r] != 0.0) {
            latent_[v] = 0.5 * variance(of(row(r).rhs)) / (values_[r] * values_[r]);
            break;
          }
        for (const std::size_t r : rows_of("~~", name))
          if (row(r).rhs == name && !is_free(r) && values_[r] > 0.0) latent_[v] = values_[r];
      }
  }

  void loadings() {
    for (const std::string& name : model_.latent) {
      const auto own = rows_of("=~", name);
      std::size_t marker = own.size();
      for (std::size_t i = 0; i < own.size() && marker == own.size(); ++i)
        if (!is_free(own[i]) && values_[own[i]] != 0.0) marker = i;
      const int first = of(row(own[marker < own.size() ? marker : 0]).rhs);
      for (const std::size_t r : own) {
        const int x = of(row(r).rhs);
        if (!is_free(r)) continue;
        const double unit = std::sqrt(0.5 * variance(x) / variance(of(name)));
        values_[r] = x < p_ && first < p_ && s_(x, first) < 0.0 ? -unit : unit;
        if (marker < own.size() && x < p_ && first < p_ && own.size() > 2)
          values_[r] = by_ratio(own, r, first, values_[own[marker]], values_[r]);
      }
    }
  }

  /// Loading of x by its covariances with the factor's other indicators against those of the marker.
  double by_ratio(const std::vector<std::size_t>& own, std::size_t r, int first, double marker,
                  double otherwise) const {
    const int x = of(row(r).rhs);
    double top = 0.0, bottom = 0.0;
    for (const std::size_t other : own) {
      const int o = of(row(other).rhs);
      if (o == x || o == first || o >= p_) continue;
      top += s_(x, o) * s_(first, o);
      bottom += s_(first, o) * s_(first, o);
    }
    const double ratio = bottom > 0.0 ? marker * top / bottom : otherwise;
    const double size = std::abs(otherwise);
    return std::abs(ratio) > 0.1 * size && std::abs(ratio) < 5.0 * size ? ratio : otherwise;
  }

  /// Observed responses on observed predictors, by least squares; others begin at 0.
  void regressions() {
    for (int y = 0; y < p_; ++y) {
      std::vector<std::size_t> own;
      for (const std::size_t r : rows_of("~", model_.observed[static_cast<std::size_t>(y)]))
        if (of(row(r).rhs) < p_) own.push_back(r);
      if (own.empty()) continue;
      const auto k = static_cast<Eigen::Index>(own.size());
      Eigen::MatrixXd xx(k, k);
      Eigen::VectorXd xy(k);
      for (Eigen::Index i = 0; i < k; ++i) {
        const int xi = of(row(own[static_cast<std::size_t>(i)]).rhs);
        xy[i] = s_(xi, y);
        for (Eigen::Index j = 0; j < k; ++j) xx(i, j) = s_(xi, of(row(own[static_cast<std::size_t>(j)]).rhs));
      }
      const Eigen::VectorXd b = xx.ldlt().solve(xy);
      residual_[y] = std::fmax(0.05 * s_(y, y), s_(y, y) - b.dot(xy));
      for (Eigen::Index i = 0; i < k; ++i)
        if (is_free(own[static_cast<std::size_t>(i)])) values_[own[static_cast<std::size_t>(i)]] = b[i];
    }
  }

  void residuals() {
    for (std::size_t r = 0; r < values_.size(); ++r) {
      if (row(r).op != "~~" || row(r).lhs != row(r).rhs || !is_free(r)) continue;
      const int v = of(row(r).lhs);
      bool indicator = false, response = false;
      for (std::size_t o = 0; o < values_.size(); ++o) {
        indicator = indicator || (row(o).op == "=~" && row(o).rhs == row(r).lhs);
        response = response || (row(o).op == "~" && row(o).lhs == row(r).lhs);
      }
      values_[r] = residual_.contains(v) ? residual_.at(v) : variance(v) * (indicator || response ? 0.5 : 1.0);
    }
  }

  const SemModel& model_;
  const Eigen::MatrixXd& s_;
  int p_;
  std::vector<double> values_;
  std::map<int, double> latent_, residual_;
};

}  // namespace

Eigen::VectorXd sem_start(const SemModel& model, const Eigen::MatrixXd& sample) {
  return Start(model, sample).theta();
}

std::vector<std::string> unidentified(const SemModel& model, const Eigen::MatrixXd& sample) {
  // Rank is a property of the model almost everywhere, and of a few special places (no correlation between factors)
  // not: so it is asked for at a place drawn by chance, in units of the sample's standard deviations.
  const Eigen::VectorXd sd = sample.diagonal().cwiseSqrt();
  SemDiscrepancy at(model, sd.cwiseInverse().asDiagonal() * sample * sd.cwiseInverse().asDiagonal());
  numeric::Stream stream(20, 6);
  Eigen::VectorXd theta(model.n_free);
  bool moved = false;
  for (double size = 0.8; size > 1e-3 && !moved; size *= 0.7) {
    for (std::size_t r = 0; r < model.n_paths(); ++r) {
      const SemRow& row = model.rows[r];
      if (row.free == 0) continue;
      const double u = stream.uniform(), sign = stream.uniform() < 0.5 ? -1.0 : 1.0;
      const bool variance = row.op == "~~" && row.lhs == row.rhs;
      const bool covariance = row.op == "~~" && !variance;
      theta[row.free - 1] = variance ? 0.5 + u : sign * size * (covariance ? 0.2 : 1.0) * (0.4 + 0.6 * u);
    }
    moved = at.move(theta);
  }
  if (!moved) return {};
  Eigen::MatrixXd jacobian = at.jacobian();
  const std::vector<std::string> names = model.parameter_names();
  std::vector<std::string> out;
  for (Eigen::Index k = 0; k < jacobian.cols(); ++k) {
    const double length = jacobian.col(k).norm();
    if (length > 0.0) jacobian.col(k) /= length;
  }
  const Eigen::MatrixXd gram = jacobian.transpose() * jacobian;
  const Eigen::LLT<Eigen::MatrixXd> quick(gram);
  if (quick.info() == Eigen::Success && quick.matrixLLT().diagonal().array().square().minCoeff() > 1e-9) return {};
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(jacobian);
  qr.setThreshold(1e-9);
  const Eigen::Index rank = qr.rank(), k = jacobian.cols();
  if (rank == k) return {};
  // The null space: each of the last columns is made of the first; parameters with a share in it cannot be told apart.
  const Eigen::MatrixXd r = qr.matrixR().topLeftCorner(rank, k).triangularView<Eigen::Upper>();
  Eigen::MatrixXd null = Eigen::MatrixXd::Zero(k, k - rank);
  null.topRows(rank) = -r.leftCols(rank).triangularView<Eigen::Upper>().solve(r.rightCols(k - rank));
  null.bottomRows(k - rank).setIdentity();
  null = qr.colsPermutation() * null;
  for (Eigen::Index i = 0; i < k; ++i)
    if (null.row(i).cwiseAbs().maxCoeff() > 1e-6) out.push_back(names[static_cast<std::size_t>(i)]);
  return out;
}

}  // namespace ipsi::stats
