// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/influence.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>

#include "core/base/text.h"
#include "core/numeric/distributions.h"
#include "core/numeric/orthonormal.h"
#include "core/stats/checks.h"
#include "core/stats/lme_profile.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// A column of Q keeps 1 - (what was deleted) of its square; below this the downdate has lost too many digits, or all.
constexpr double kLeft = 1e-4;

/// The full fit on the orthonormal scale: X = Q R, y = Q share + r.
struct Whole {
  const ModelData& data;
  const RandomPart& random;
  const LmeFit& fit;
  bool reml;
  Index n, p, m, q;
  MatrixXd columns;  ///< [p x n] Q'
  MatrixXd z;        ///< [q x n] Z'
  VectorXd r, share;
  MatrixXd back;  ///< R^-1
  lme::CrossProducts sums;
  lme::Solution solution;
  MatrixXd information;                ///< (covariance of b)^-1
  std::vector<std::vector<int>> rows;  ///< [m] of each group
};

/// Rows that are left, as data of their own; groups without a row are gone.
ModelData without(const ModelData& data, const std::vector<char>& gone, const std::vector<Index>& columns) {
  const RandomPart& random = data.random.front();
  std::vector<Index> rows;
  for (Index i = 0; i < data.y.size(); ++i)
    if (gone[static_cast<std::size_t>(i)] == 0) rows.push_back(i);
  ModelData out;
  out.y = data.y(rows);
  out.x = data.x(rows, columns);
  if (data.weights.size() != 0) out.weights = data.weights(rows);
  RandomPart part;
  part.z = random.z(rows, Eigen::all);
  part.columns = random.columns;
  part.block = random.block;
  part.name = random.name;
  std::vector<int> number(random.groups.size(), -1);
  for (const Index i : rows) number[static_cast<std::size_t>(random.group[static_cast<std::size_t>(i)])] = 0;
  for (std::size_t g = 0; g < number.size(); ++g) {
    if (number[g] < 0) continue;
    number[g] = static_cast<int>(part.groups.size());
    part.groups.push_back(random.groups[g]);
  }
  for (const Index i : rows)
    part.group.push_back(number[static_cast<std::size_t>(random.group[static_cast<std::size_t>(i)])]);
  out.random = {std::move(part)};
  return out;
}

class Deleter {
 public:
  Deleter(const Whole& whole, const Task& task) : w_(whole), task_(task) {
    if (w_.q == 1) single_ = std::make_unique<lme::SingleRefit>(w_.sums, w_.solution.d(0, 0));
    gone_.assign(static_cast<std::size_t>(w_.n), 0);
    factor_ = MatrixXd::Zero(w_.p, w_.p);
  }

  /// Of refits made from the data: their degrees of freedom, and how many columns they had.
  struct Scratch {
    VectorXd df;
    int columns = 0;
  };
  std::map<int, Scratch> scratch;

  void observation(int i, Deletions& out) {
    const auto g = static_cast<Index>(w_.random.group[static_cast<std::size_t>(i)]);
    const auto x = w_.columns.col(i);
    const auto z = w_.z.col(i);
    const double r = w_.r(i);
    const bool last = w_.rows[static_cast<std::size_t>(g)].size() == 1;
    const std::vector<int> only{i};
    if (!takes_away(only, last ? 1 : 0)) return from_scratch(only, i, fmt::format("row {}", i + 1), out);
    gone_xx_.noalias() = x * x.transpose();
    gone_xr_ = r * x;
    begin(g, last, 1);
    if (!last) {
      sums_.zz.middleCols(g * w_.q, w_.q).noalias() -= z * z.transpose();
      sums_.zx.middleCols(g * w_.p, w_.p).noalias() -= z * x.transpose();
      sums_.zr.col(g) -= r * z;
    }
    if (!solve(r * r)) return from_scratch(only, i, fmt::format("row {}", i + 1), out);
    write(i, out);
  }

  void group(int g, Deletions& out) {
    const std::vector<int>& rows = w_.rows[static_cast<std::size_t>(g)];
    const std::string name = fmt::format("{} {}", w_.random.name, w_.random.groups[static_cast<std::size_t>(g)]);
    if (!takes_away(rows, 1)) return from_scratch(rows, g, name, out);
    gone_xx_.setZero(w_.p, w_.p);
    gone_xr_.setZero(w_.p);
    double rr = 0.0;
    for (const int i : rows) {
      gone_xx_.noalias() += w_.columns.col(i) * w_.columns.col(i).transpose();
      gone_xr_ += w_.r(i) * w_.columns.col(i);
      rr += w_.r(i) * w_.r(i);
    }
    begin(g, true, static_cast<int>(rows.size()));
    if (!solve(rr)) return from_scratch(rows, g, name, out);
    write(g, out);
  }

 private:
  /// False when what is left is certainly no mixed model; fitting from the data then says why.
  [[nodiscard]] bool takes_away(const std::vector<int>& rows, int groups) const {
    const auto n = w_.n - static_cast<Index>(rows.size());
    const auto m = w_.m - groups;
    return n > w_.p + 1 && m >= 2 && n > m;
  }

  void begin(Index g, bool all_of_group, int rows) {
    sums_ = w_.sums;
    sums_.n -= rows;
    if (!all_of_group) return;
    sums_.zz.middleCols(g * w_.q, w_.q).setZero();
    sums_.zx.middleCols(g * w_.p, w_.p).setZero();
    sums_.zr.col(g).setZero();
  }

  /// Columns orthonormal again, residual orthogonal to them again; then the search. False: not from these sums.
  bool solve(double gone_rr) {
    const Index p = w_.p;
    // Q'Q of what is left is I - gone = L L'.
    for (Index j = 0; j < p; ++j) {
      for (Index i = j; i < p; ++i) {
        double sum = (i == j ? 1.0 : 0.0) - gone_xx_(i, j);
        for (Index k = 0; k < j; ++k) sum -= factor_(i, k) * factor_(j, k);
        if (i == j && !(sum > kLeft)) return false;
        factor_(i, j) = i == j ? std::sqrt(sum) : sum / factor_(j, j);
      }
    }
    half_ = -gone_xr_;
    forward(half_.data());
    sums_.rr = w_.sums.rr - gone_rr - half_.squaredNorm();
    if (!(sums_.rr > 1e-10 * w_.sums.rr)) return false;
    shift_ = half_;
    backward(shift_.data());
    if (w_.q == 1) {
      Eigen::Map<MatrixXd> x(sums_.zx.data(), p, w_.m);
      sums_.zr.row(0).noalias() -= shift_.transpose() * x;
      for (Index g = 0; g < w_.m; ++g) forward(x.col(g).data());
      solution_ = single_->near(sums_);
      return solution_.converged;
    }
    for (Index g = 0; g < w_.m; ++g) {
      auto x = sums_.zx.middleCols(g * p, p);
      sums_.zr.col(g).noalias() -= x * shift_;
      x = factor_.triangularView<Eigen::Lower>().solve(x.transpose()).transpose().eval();
    }
    if (!w_.solution.boundary) solution_ = lme::solve_blocks_near(sums_, w_.random.block, w_.solution.d, task_);
    if (w_.solution.boundary || !solution_.converged) solution_ = lme::solve_blocks(sums_, w_.random.block, task_);
    return solution_.converged || solution_.cancelled;
  }

  // L x = b and L' x = b in place; a few columns, millions of times.
  void forward(double* x) const {
    for (Index i = 0; i < w_.p; ++i) {
      double sum = x[i];
      for (Index k = 0; k < i; ++k) sum -= factor_(i, k) * x[k];
      x[i] = sum / factor_(i, i);
    }
  }
  void backward(double* x) const {
    for (Index i = w_.p - 1; i >= 0; --i) {
      double sum = x[i];
      for (Index k = i + 1; k < w_.p; ++k) sum -= factor_(k, i) * x[k];
      x[i] = sum / factor_(i, i);
    }
  }

  void write(Index k, Deletions& out) {
    if (solution_.cancelled) return;
    half_ = solution_.b;
    backward(half_.data());
    half_ += shift_ - w_.solution.b;  // change of b on the scale of Q
    change_.noalias() = w_.back * half_;
    scale_ = w_.back.transpose();  // column j becomes L^-1 times row j of R^-1
    const double s2 = solution_.rss / sums_.nu();
    for (Index j = 0; j < w_.p; ++j) {
      forward(scale_.col(j).data());
      product_.noalias() = solution_.inverse.lazyProduct(scale_.col(j));
      const double se = std::sqrt(s2 * scale_.col(j).dot(product_));
      const double d = change_(j);
      out.beta(k, j) = w_.fit.coefficients.value(j) + d;
      out.se(k, j) = se;
      out.dfbeta(k, j) = d;
      out.dfbetas(k, j) = d / se;
    }
    out.cooks_standard(k) = half_.dot(w_.information * half_) / static_cast<double>(w_.p);
    out.sigma(k) = std::sqrt(s2);
    out.boundary += solution_.boundary ? 1 : 0;
  }

  /// The rare way: columns that the deleted rows carried alone are left out, the rest is fitted from the data.
  void from_scratch(const std::vector<int>& rows, Index k, const std::string& name, Deletions& out) {
    for (const int i : rows) gone_[static_cast<std::size_t>(i)] = 1;
    std::vector<Index> kept;
    std::vector<char> estimable(static_cast<std::size_t>(w_.p), 1);
    for (Index j = 0; j < w_.p; ++j) kept.push_back(j);
    ModelData data = without(w_.data, gone_, kept);
    const numeric::Orthonormal basis = numeric::orthonormal(data.x);
    std::vector<std::string> lost;
    for (const auto& dependent : basis.dependent) {
      estimable[static_cast<std::size_t>(dependent.column)] = 0;
      lost.push_back(w_.fit.coefficients.name[static_cast<std::size_t>(dependent.column)]);
      kept.erase(std::find(kept.begin(), kept.end(), static_cast<Index>(dependent.column)));
      // What a lost column leans on changes its meaning without it.
      for (const int on : dependent.on) {
        if (estimable[static_cast<std::size_t>(on)] == 1)
          lost.push_back(w_.fit.coefficients.name[static_cast<std::size_t>(on)]);
        estimable[static_cast<std::size_t>(on)] = 0;
      }
    }
    if (!lost.empty()) data = without(w_.data, gone_, kept);
    for (const int i : rows) gone_[static_cast<std::size_t>(i)] = 0;
    const auto at = static_cast<int>(k);
    if (!lost.empty())
      out.notes.push_back({at, fmt::format("without {}: {} cannot be estimated", name, join(lost, ", "))});
    const auto fit = fit_lme(data, {.criterion = w_.fit.criterion}, task_);
    if (!fit || !fit->converged) {
      out.notes.push_back(
          {at, fmt::format("without {}: no fit, {}", name, fit ? "the likelihood has no maximum" : fit.error().what)});
      return;
    }
    Scratch& kept_df = scratch[at];
    kept_df = {VectorXd::Constant(w_.p, kNaN), static_cast<int>(kept.size())};
    out.sigma(k) = fit->sigma;
    out.boundary += fit->boundary ? 1 : 0;
    for (std::size_t c = 0; c < kept.size(); ++c) {
      const Index j = kept[c];
      if (estimable[static_cast<std::size_t>(j)] == 0) continue;
      const auto from = static_cast<Index>(c);
      const double se = std::sqrt(fit->vcov(from, from));
      kept_df.df(j) = fit->coefficients.df(from);
      out.beta(k, j) = fit->coefficients.value(from);
      out.se(k, j) = se;
      out.dfbeta(k, j) = out.beta(k, j) - w_.fit.coefficients.value(j);
      out.dfbetas(k, j) = out.dfbeta(k, j) / se;
    }
    if (!lost.empty()) return;
    const VectorXd change = out.dfbeta.row(k).transpose();
    out.cooks_standard(k) = change.dot(w_.fit.vcov.llt().solve(change)) / static_cast<double>(w_.p);
  }

  const Whole& w_;
  const Task& task_;
  std::unique_ptr<lme::SingleRefit> single_;
  lme::CrossProducts sums_;
  lme::Solution solution_;
  MatrixXd gone_xx_, factor_, scale_;
  VectorXd gone_xr_, half_, shift_, change_, product_;
  std::vector<char> gone_;
};

Whole whole_of(const ModelData& data, const LmeFit& fit, const Task& task) {
  const RandomPart& random = data.random.front();
  Whole w{.data = data, .random = random, .fit = fit, .reml = fit.criterion == Criterion::reml};
  w.n = data.x.rows();
  w.p = data.x.cols();
  w.m = static_cast<Index>(random.groups.size());
  w.q = random.z.cols();
  MatrixXd x = data.x;
  VectorXd y = data.y;
  RandomPart scaled = random;
  if (data.weights.size() != 0) {
    const VectorXd root = data.weights.cwiseSqrt();
    x = root.asDiagonal() * x;
    y = y.cwiseProduct(root);
    scaled.z = root.asDiagonal() * scaled.z;
  }
  const numeric::Orthonormal basis = numeric::orthonormal(x);
  w.share = basis.q.transpose() * y;
  w.r = y - basis.q * w.share;
  const VectorXd more = basis.q.transpose() * w.r;
  w.share += more;
  w.r -= basis.q * more;
  w.back = basis.r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(w.p, w.p));
  w.sums = lme::cross_products(basis.q, w.r, scaled, w.reml);
  w.columns = basis.q.transpose();
  w.z = scaled.z.transpose();
  const MatrixXd d = fit.random_cov / (fit.sigma * fit.sigma);
  if (w.q == 1)
    w.solution = lme::SingleRefit(w.sums, d(0, 0)).near(w.sums);
  else
    w.solution = fit.boundary ? lme::solve_blocks(w.sums, random.block, task)
                              : lme::solve_blocks_near(w.sums, random.block, d, task);
  const double s2 = w.solution.rss / w.sums.nu();
  w.information = w.solution.inverse.llt().solve(MatrixXd::Identity(w.p, w.p)) / s2;
  w.rows.resize(static_cast<std::size_t>(w.m));
  for (Index i = 0; i < w.n; ++i)
    w.rows[static_cast<std::size_t>(random.group[static_cast<std::size_t>(i)])].push_back(static_cast<int>(i));
  return w;
}

Deletions empty_deletions(Index k, Index p) {
  Deletions out;
  out.beta = out.se = out.dfbeta = out.dfbetas = MatrixXd::Constant(k, p, kNaN);
  out.cooks = out.cooks_standard = out.sigma = VectorXd::Constant(k, kNaN);
  out.threshold = 4.0 / static_cast<double>(k);
  return out;
}

void finish(Deletions& out, Index p) {
  const auto k = static_cast<double>(out.size());
  out.cooks = out.cooks_standard * ((k - static_cast<double>(p)) / k);
  for (int i = 0; i < out.size(); ++i)
    if (out.cooks_standard(i) > out.threshold) out.influential.push_back(i);
}

/// h_i = z_i' M z_i + v_i' A^-1 v_i, M_g = D~ (I + S_g D~)^-1, v_i = q_i - C_g' M_g z_i.
void one_step(const Whole& w, Influence& out) {
  out.hat.resize(w.n);
  out.one_step.resize(w.n);
  const double sigma = std::sqrt(w.solution.rss / w.sums.nu());
  for (Index g = 0; g < w.m; ++g) {
    const auto s = w.sums.zz.middleCols(g * w.q, w.q);
    const auto c = w.sums.zx.middleCols(g * w.p, w.p);
    const MatrixXd h = MatrixXd::Identity(w.q, w.q) + s * w.solution.d;
    const MatrixXd m = w.solution.d * h.partialPivLu().inverse();
    for (const int i : w.rows[static_cast<std::size_t>(g)]) {
      const VectorXd mz = m * w.z.col(i);
      const VectorXd v = w.columns.col(i) - c.transpose() * mz;
      const double hat = w.z.col(i).dot(mz) + v.dot(w.solution.inverse * v);
      const double root = w.data.weights.size() != 0 ? std::sqrt(w.data.weights(i)) : 1.0;
      const double r = root * w.fit.residual(i) / sigma;
      out.hat(i) = hat;
      out.one_step(i) = r * r * hat / ((1.0 - hat) * (1.0 - hat) * static_cast<double>(w.p));
    }
  }
}

/// 95 % intervals of the estimates without a group, by nlme's df of the rows that are left.
void group_intervals(const Whole& w, const std::map<int, Deleter::Scratch>& scratch, Influence& out) {
  const Columns columns = named_columns(w.data);
  out.df = out.ci_low = out.ci_high = MatrixXd::Constant(w.m, w.p, kNaN);
  Eigen::MatrixXi varies = Eigen::MatrixXi::Zero(w.m, w.p);  // does the column vary inside the group
  for (Index g = 0; g < w.m; ++g) {
    const std::vector<int>& rows = w.rows[static_cast<std::size_t>(g)];
    for (Index j = 0; j < w.p; ++j)
      for (const int i : rows) varies(g, j) |= w.data.x(i, j) != w.data.x(rows.front(), j) ? 1 : 0;
  }
  const Eigen::RowVectorXi total = varies.colwise().sum();
  const int intercept = columns.has_intercept() ? 1 : 0;
  for (Index g = 0; g < w.m; ++g) {
    const auto n = static_cast<double>(w.n - static_cast<Index>(w.rows[static_cast<std::size_t>(g)].size()));
    const auto m = static_cast<double>(w.m - 1);
    const auto from_data = scratch.find(static_cast<int>(g));
    int inner = 0;
    for (Index j = intercept; j < w.p; ++j) inner += total(j) > varies(g, j) ? 1 : 0;
    const double inner_df = n - m - inner + (intercept == 0 ? 1.0 : 0.0);
    const double outer_df = m - static_cast<double>(w.p - inner);
    const int used = from_data == scratch.end() ? static_cast<int>(w.p) : from_data->second.columns;
    // Tables of ML fits show nlme's scaled standard errors; these intervals agree with them.
    const double scale = w.reml ? 1.0 : std::sqrt(n / (n - used));
    for (Index j = 0; j < w.p; ++j) {
      if (std::isnan(out.group.beta(g, j))) continue;
      double df = total(j) > varies(g, j) ? inner_df : outer_df;
      if (j < intercept) df = std::max(inner_df, outer_df);
      if (from_data != scratch.end()) df = from_data->second.df(j);
      const double reach = df > 0.0 ? numeric::t_quantile(0.975, df) : kNaN;
      out.df(g, j) = df;
      out.ci_low(g, j) = out.group.beta(g, j) - scale * reach * out.group.se(g, j);
      out.ci_high(g, j) = out.group.beta(g, j) + scale * reach * out.group.se(g, j);
    }
  }
}

/// Cook's distance of each row to first order: the row becomes a column of its own (0 but for the row), which leaves
/// the likelihood of the others. For fixed V~ that has a closed form; the ratio then moves by one Newton step.
class Screen {
 public:
  explicit Screen(const Whole& w) : w_(w), l_(w.solution.d(0, 0)) {
    curvature_ = lme::SingleRefit(w.sums, l_).curvature();
    const Eigen::Map<const MatrixXd> c(w.sums.zx.data(), w.p, w.m);
    h_ = (1.0 + l_ * w.sums.zz.row(0).array()).matrix().transpose();
    c_ = c;
    e_ = w.sums.zr.row(0).transpose() - c_.transpose() * w.solution.b;
    zpy_ = e_.cwiseQuotient(h_);                                          // Z'P y
    reach_ = w.solution.inverse * (c_ * h_.cwiseInverse().asDiagonal());  // A^-1 X'V~^-1 Z
    drift_ = -(reach_ * zpy_);                                            // db / dl
    rss1_ = -zpy_.squaredNorm();
    residual_ = w.r - w.columns.transpose() * w.solution.b;
  }

  /// Cook's distance of the textbook; NaN where one step does not do.
  double cook(Index i) {
    const auto g = static_cast<Index>(w_.random.group[static_cast<std::size_t>(i)]);
    const double z = w_.z(0, i), m = l_ * z / h_(g), nu = w_.sums.nu(), rss = w_.solution.rss;
    v_ = w_.columns.col(i) - m * c_.col(g);
    a_.noalias() = w_.solution.inverse.lazyProduct(v_);
    const double vii = 1.0 - m * z, pii = vii - v_.dot(a_);
    const double u = residual_(i) - m * e_(g);
    if (!(pii > kLeft)) return kNaN;
    pz_.noalias() = -(reach_.transpose() * v_);
    pz_(g) += z / h_(g);
    const double du = -pz_.dot(zpy_), dp = -pz_.squaredNorm();
    const double gone = u * u / pii, left = rss - gone;
    if (!(left > 0.1 * rss)) return kNaN;
    const double log_det1 = -nu * rss1_ / rss;  // the whole deviance is flat here
    const double own = w_.reml ? dp / pii : -(z / h_(g)) * (z / h_(g)) / vii;
    const double slope = (nu - 1.0) * (rss1_ - (2.0 * u * du - gone * dp) / pii) / left + log_det1 + own;
    const double step = -slope / curvature_;
    if (!(std::abs(step) < 0.3 * l_)) return kNaN;
    a_ = step * drift_ - (u / pii) * a_;
    return a_.dot(w_.information * a_) / static_cast<double>(w_.p);
  }

 private:
  const Whole& w_;
  double l_, curvature_ = 0.0, rss1_ = 0.0;
  VectorXd h_, e_, zpy_, drift_, residual_, v_, a_, pz_;
  MatrixXd c_, reach_;
};

void say(const Deletions& d, const std::string& what, std::vector<std::string>& findings) {
  constexpr std::size_t kNamed = 8;
  for (std::size_t i = 0; i < std::min(kNamed, d.notes.size()); ++i) findings.push_back(d.notes[i].text);
  if (d.notes.size() > kNamed)
    findings.push_back(
        fmt::format("and {} more deletions of {} where not all is estimated", d.notes.size() - kNamed, what));
  if (d.boundary > 0)
    findings.push_back(
        fmt::format("in {} of {} deletions of {} the random covariance is singular", d.boundary, d.size(), what));
}

Result<void> check(const ModelData& data, const LmeFit& fit) {
  if (auto ok = check_model_data(data); !ok) return tl::unexpected(ok.error());
  if (data.random.empty())
    return fail(Code::InvalidInput, "the model has no random effect", "",
                "the diagnostics of `ipsi lm` have Cook's distance");
  if (data.random.size() > 1)
    return fail(Code::InvalidInput,
                fmt::format("influence takes one grouping factor, not {} ('{}' and '{}'..)", data.random.size(),
                            data.random[0].name, data.random[1].name),
                "random part", "leave one, or fit without influence");
  if (fit.residual.size() != data.y.size() || fit.coefficients.value.size() != data.x.cols())
    return fail(Code::InvalidInput, "the fit is not of these data");
  if (!fit.converged)
    return fail(Code::InvalidInput, "the fit has not converged; its influence means nothing", "", "change the model");
  return {};
}

}  // namespace

Result<Influence> influence(const ModelData& data, const LmeFit& fit, const InfluenceOptions& options,
                            const Task& task) {
  if (auto ok = check(data, fit); !ok) return tl::unexpected(ok.error());
  const Whole whole = whole_of(data, fit, task);
  if (whole.solution.cancelled) return fail(Code::Cancelled, "stopped by the user");
  Influence out;
  Deleter deleter(whole, task);
  const auto k = (options.observations ? whole.n : 0) + (options.groups ? whole.m : 0);
  Index done = 0;
  const auto all = [&](Index count, Deletions& into, void (Deleter::*remove)(int, Deletions&)) -> bool {
    into = empty_deletions(count, whole.p);
    for (Index i = 0; i < count; ++i) {
      if (task.cancelled()) return false;
      (deleter.*remove)(static_cast<int>(i), into);
      if (++done % 256 == 0) task.progress(static_cast<double>(done) / static_cast<double>(k), "refits");
    }
    finish(into, whole.p);
    return !task.cancelled();
  };
  if (options.observations && !all(whole.n, out.observation, &Deleter::observation))
    return fail(Code::Cancelled, "stopped by the user");
  if (options.groups) {
    deleter.scratch.clear();
    if (!all(whole.m, out.group, &Deleter::group)) return fail(Code::Cancelled, "stopped by the user");
    group_intervals(whole, deleter.scratch, out);
  }
  for (const auto& rows : whole.rows) out.group_size.push_back(static_cast<int>(rows.size()));
  one_step(whole, out);
  say(out.observation, "a row", out.findings);
  say(out.group, "a level of " + data.random.front().name, out.findings);
  return out;
}

Result<InfluentialCounts> count_influential(const ModelData& data, const LmeFit& fit, const Task& task) {
  if (auto ok = check(data, fit); !ok) return tl::unexpected(ok.error());
  const Whole whole = whole_of(data, fit, task);
  if (whole.solution.cancelled) return fail(Code::Cancelled, "stopped by the user");
  Deletions rows = empty_deletions(whole.n, whole.p), groups = empty_deletions(whole.m, whole.p);
  Deleter deleter(whole, task);
  std::optional<Screen> screen;
  if (whole.q == 1 && whole.solution.d(0, 0) > 0.0) screen.emplace(whole);
  for (Index i = 0; i < whole.n && !task.cancelled(); ++i) {
    const double cook = screen ? screen->cook(i) / rows.threshold : kNaN;
    if (cook < 0.7 || cook > 1.5)
      rows.cooks_standard(i) = cook * rows.threshold;
    else
      deleter.observation(static_cast<int>(i), rows);
  }
  for (Index g = 0; g < whole.m && !task.cancelled(); ++g) deleter.group(static_cast<int>(g), groups);
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  finish(rows, whole.p);
  finish(groups, whole.p);
  return InfluentialCounts{static_cast<int>(rows.influential.size()), static_cast<int>(groups.influential.size())};
}

}  // namespace ipsi::stats
