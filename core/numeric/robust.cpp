// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/robust.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ipsi::numeric {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormal = 1.4826022185056018;  // 1 / Phi^-1(3/4)
constexpr double kTuning = 4.685;               // 95 % efficient where errors are normal
constexpr int kMostSteps = 60;

/// Weighted least squares; false when the weighted columns are dependent.
bool solve(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& weights, Eigen::VectorXd& beta) {
  const Eigen::VectorXd root = weights.cwiseSqrt();
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(root.asDiagonal() * x);
  if (qr.rank() < x.cols()) return false;
  beta = qr.solve(root.cwiseProduct(y));
  return true;
}

double mad_of(const Eigen::VectorXd& residuals) {
  return mad({residuals.data(), residuals.data() + residuals.size()}, 0.0);
}

/// Weights from residuals until beta stands still.
template <class Weight>
bool iterate(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, Eigen::VectorXd& beta, const Weight& weight) {
  for (int step = 0; step < kMostSteps; ++step) {
    const Eigen::VectorXd residuals = y - x * beta;
    const Eigen::VectorXd weights = residuals.unaryExpr([&](double r) { return weight(std::abs(r)); });
    const Eigen::VectorXd before = beta;
    if (!solve(x, y, weights, beta)) return false;
    if ((beta - before).norm() <= 1e-10 * (1.0 + beta.norm())) break;
  }
  return true;
}

}  // namespace

double median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return kNaN;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

double mad(const std::vector<double>& values, double middle) {
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double v : values) distances.push_back(std::abs(v - middle));
  return kNormal * median(std::move(distances));
}

double quantile(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return kNaN;
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  if (low + 1 >= sorted.size()) return sorted.back();
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[low + 1] - sorted[low]);
}

RobustFit robust_fit(const Eigen::MatrixXd& x, const Eigen::VectorXd& y) {
  RobustFit out;
  if (x.rows() <= x.cols() || !solve(x, y, Eigen::VectorXd::Ones(y.size()), out.beta)) return out;
  const double tiny = 1e-6 * (1e-300 + mad_of(y - x * out.beta));
  if (!iterate(x, y, out.beta, [&](double r) { return 1.0 / std::max(r, tiny); })) return out;
  out.good = true;
  out.scale = mad_of(y - x * out.beta);
  if (!(out.scale > 1e-12 * y.cwiseAbs().maxCoeff())) {  // half of them lie on the plane, but for rounding: it is found
    out.scale = 0.0;
    return out;
  }
  Eigen::VectorXd refined = out.beta;
  const double limit = kTuning * out.scale;
  const bool kept = iterate(x, y, refined, [&](double r) {
    const double u = r / limit;
    return u < 1.0 ? (1.0 - u * u) * (1.0 - u * u) : 0.0;
  });
  if (!kept) return out;
  out.beta = std::move(refined);
  out.scale = mad_of(y - x * out.beta);
  return out;
}

}  // namespace ipsi::numeric
