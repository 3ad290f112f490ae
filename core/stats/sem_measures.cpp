// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/stats/sem_parts.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLog2Pi = 1.8378770664093454836;

double log_det(const Eigen::MatrixXd& m) {
  const Eigen::LLT<Eigen::MatrixXd> factor(m);
  return m.size() == 0 ? 0.0 : 2.0 * factor.matrixLLT().diagonal().array().log().sum();
}

/// Covariance of the observed predictors that are held at their sample values.
Eigen::MatrixXd exogenous_part(const SemModel& model, const Eigen::MatrixXd& sample) {
  const auto k = static_cast<Eigen::Index>(model.exogenous.size());
  Eigen::MatrixXd out(k, k);
  for (Eigen::Index i = 0; i < k; ++i)
    for (Eigen::Index j = 0; j < k; ++j)
      out(i, j) = sample(model.index(model.exogenous[static_cast<std::size_t>(i)]),
                         model.index(model.exogenous[static_cast<std::size_t>(j)]));
  return out;
}

/// Variances alone, with the covariances of the predictors kept.
double log_det_independent(const SemModel& model, const Eigen::MatrixXd& sample, double log_det_x) {
  double out = log_det_x;
  for (const std::string& name : model.observed)
    if (std::find(model.exogenous.begin(), model.exogenous.end(), name) == model.exogenous.end()) {
      const int v = model.index(name);
      out += std::log(sample(v, v));
    }
  return out;
}

void add_incremental(SemMeasures& m) {
  const double x = m.chisq, x0 = m.baseline_chisq, df = m.df, df0 = m.baseline_df;
  const double over = std::fmax(x - df, 0.0), most = std::max({x - df, x0 - df0, 0.0});
  m.cfi = most > 0.0 ? 1.0 - over / most : 1.0;
  m.tli = m.rfi = 1.0;
  if (m.df > 0) {
    const double bottom = (x0 - df0) * df;
    m.tli = bottom != 0.0 ? 1.0 - (x - df) * df0 / bottom : 1.0;
    m.rfi = (x0 / df0 - x / df) / (x0 / df0);
  }
  m.nfi = (x0 - x) / x0;
  m.ifi = (x0 - x) / (x0 - df);
  m.rni = 1.0 - (x - df) / (x0 - df0);
  if (m.baseline_df > 0) return;
  m.cfi = m.tli = m.rfi = m.nfi = m.ifi = m.rni = kNaN;  // nothing to be better than
}

void add_rmsea(SemMeasures& m, int n) {
  if (m.df == 0) {
    m.rmsea = m.rmsea_low = m.rmsea_high = 0.0;
    m.rmsea_p = kNaN;
    return;
  }
  const double df = m.df, unit = n * df;
  m.rmsea = std::sqrt(std::fmax(0.0, (m.chisq - df) / unit));
  m.rmsea_low = std::sqrt(numeric::chi2_noncentrality(m.chisq, df, 0.95) / unit);
  m.rmsea_high = std::sqrt(numeric::chi2_noncentrality(m.chisq, df, 0.05) / unit);
  m.rmsea_p = numeric::chi2_noncentral_above(m.chisq, df, unit * 0.05 * 0.05);
}

}  // namespace

SemMeasures sem_measures(const SemModel& model, const SemDiscrepancy& at, const Eigen::MatrixXd& sample, int n) {
  SemMeasures m;
  const auto p = static_cast<int>(model.observed.size()), px = static_cast<int>(model.exogenous.size());
  const int moments = p * (p + 1) / 2;
  m.npar = model.n_free;
  m.df = moments - px * (px + 1) / 2 - m.npar;
  m.fmin = std::fmax(0.0, 0.5 * at.value());
  m.chisq = 2.0 * n * m.fmin;
  if (m.df == 0 && m.chisq < 1e-9 * n) m.chisq = m.fmin = 0.0;  // a saturated model: rounding is all that is left
  m.p = m.df > 0 ? numeric::chi2_above(m.chisq, m.df) : kNaN;
  const Eigen::MatrixXd x = exogenous_part(model, sample);
  const double log_det_x = log_det(x);
  m.baseline_df = moments - (p - px) - px * (px + 1) / 2;
  m.baseline_chisq = n * (log_det_independent(model, sample, log_det_x) - at.log_det_sample());
  m.baseline_p = m.baseline_df > 0 ? numeric::chi2_above(m.baseline_chisq, m.baseline_df) : kNaN;
  add_incremental(m);
  const double of_x = 0.5 * n * (px * kLog2Pi + log_det_x + px);
  m.unrestricted_logl = -0.5 * n * (p * kLog2Pi + at.log_det_sample() + p) + of_x;
  m.logl = m.unrestricted_logl - 0.5 * m.chisq;
  m.aic = -2.0 * m.logl + 2.0 * m.npar;
  m.bic = -2.0 * m.logl + m.npar * std::log(n);
  m.bic2 = -2.0 * m.logl + m.npar * std::log((n + 2.0) / 24.0);
  add_rmsea(m, n);
  const Eigen::MatrixXd implied = at.covariance().topLeftCorner(p, p);
  const Eigen::VectorXd sd = sample.diagonal().cwiseSqrt();
  double squares = 0.0;
  for (int i = 0; i < p; ++i)
    for (int j = 0; j <= i; ++j) squares += std::pow((sample(i, j) - implied(i, j)) / (sd[i] * sd[j]), 2);
  m.srmr = std::sqrt(squares / moments);
  // What the predictors' covariances say of themselves is no merit of the model: they count as 0 in what is explained.
  Eigen::MatrixXd explained = sample;
  for (const std::string& a : model.exogenous)
    for (const std::string& b : model.exogenous) explained(model.index(a), model.index(b)) = 0.0;
  const Eigen::MatrixXd all = at.precision() * explained, rest = at.precision() * (sample - implied);
  m.gfi = 1.0 - rest.cwiseProduct(rest.transpose()).sum() / all.cwiseProduct(all.transpose()).sum();
  m.agfi = m.df > 0 ? 1.0 - static_cast<double>(moments) / m.df * (1.0 - m.gfi) : 1.0;
  m.mfi = std::exp(-0.5 * (m.chisq - m.df) / n);
  m.ecvi = (m.chisq + 2.0 * m.npar) / n;
  return m;
}

}  // namespace ipsi::stats
