// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/model.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numeric/orthonormal.h"
#include "core/stats/checks.h"
#include "core/stats/lme_profile.h"
#include "core/voxelwise/model_parts.h"

namespace ipsi::voxelwise {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kExact = 1e-26;  // of y'y; as stats::fit_lme

Result<void> check_random(const stats::ModelData& data) {
  if (data.random.empty()) return {};
  const stats::RandomPart& random = data.random.front();
  const bool intercept = random.z.cols() == 1 && (random.z.array() == 1.0).all();
  if (data.random.size() > 1 || !intercept)
    return fail(Code::InvalidInput, "voxel-wise models take one random intercept, (1 | group), or none", "formula",
                "leave the other random terms out");
  if (random.groups.size() < 2)
    return fail(Code::InvalidInput, fmt::format("'{}' has one level; a random effect needs two", random.name),
                "formula", "leave the random term out, or widen the rows");
  return {};
}

// Columns that vary inside a group, over rows for which `there` holds; `candidates` are those that may.
template <class There>
std::vector<bool> varying(const MatrixXd& x, const std::vector<int>& group, std::size_t groups,
                          const std::vector<bool>& candidates, There&& there) {
  std::vector<bool> out(static_cast<std::size_t>(x.cols()), false);
  std::vector<Index> first(groups);
  for (Index j = 0; j < x.cols(); ++j) {
    if (!candidates[j]) continue;
    std::fill(first.begin(), first.end(), Index{-1});
    for (Index i = 0; i < x.rows() && !out[j]; ++i) {
      if (!there(i)) continue;
      Index& seen = first[group[i]];
      if (seen < 0)
        seen = i;
      else
        out[j] = x(i, j) != x(seen, j);
    }
  }
  return out;
}

}  // namespace

Eigen::VectorXd VoxelModel::Parts::freedom(double rows, double groups, const std::vector<bool>& inner) const {
  const auto columns_inner = static_cast<double>(std::count(inner.begin(), inner.end(), true));
  const double intercept = columns.has_intercept() ? 1.0 : 0.0;
  VectorXd out(p());
  if (group.empty()) {
    out.setConstant(rows - static_cast<double>(p()));
    return out;
  }
  const double df_outer = groups - intercept - (static_cast<double>(p()) - intercept - columns_inner);
  const double df_inner = rows - groups - columns_inner + (1.0 - intercept);
  for (Index j = 0; j < p(); ++j)
    out(j) = columns.term[j] < 0 ? std::max(df_inner, df_outer) : (inner[j] ? df_inner : df_outer);
  return out;
}

Result<VoxelModel> VoxelModel::make(const stats::ModelData& data) {
  if (data.weights.size() != 0)
    return fail(Code::InvalidInput, "voxel-wise models take no weights", "", "leave them out");
  if (auto ok = check_random(data); !ok) return tl::unexpected(ok.error());
  auto parts = std::make_shared<Parts>();
  parts->columns = stats::named_columns(data);
  parts->x = data.x;
  const Index n = parts->n(), p = parts->p();
  if (n <= p + 1)
    return fail(Code::InvalidInput, fmt::format("{} images are too few for {} coefficients", n, p), "",
                "use more images or fewer predictors");
  numeric::Orthonormal basis = numeric::orthonormal(data.x);
  if (auto ok = stats::check_rank(basis, data.x, parts->columns.names, "fixed part"); !ok)
    return tl::unexpected(ok.error());
  parts->q = std::move(basis.q);
  parts->back = basis.r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(p, p));
  parts->varies.assign(static_cast<std::size_t>(p), false);
  if (!data.random.empty()) {
    const stats::RandomPart& random = data.random.front();
    parts->group = random.group;
    const auto m = static_cast<Index>(random.groups.size());
    parts->size = VectorXd::Zero(m);
    parts->c = MatrixXd::Zero(p, m);
    for (Index i = 0; i < n; ++i) {
      parts->size(random.group[i]) += 1.0;
      parts->c.col(random.group[i]) += parts->q.row(i).transpose();
    }
    if (parts->size.maxCoeff() < 2.0)
      return fail(
          Code::InvalidInput,
          fmt::format("every level of '{}' has one row; its variance cannot be told from the residual", random.name),
          "formula", "group by something that repeats");
    std::vector<bool> candidates(static_cast<std::size_t>(p), true);
    if (parts->columns.has_intercept()) candidates[0] = false;
    parts->varies = varying(parts->x, parts->group, random.groups.size(), candidates, [](Index) { return true; });
    parts->ratio = RatioProfile::of(static_cast<double>(n - p), parts->size, parts->c);
  }
  VoxelModel out;
  out.parts_ = std::move(parts);
  return out;
}

int VoxelModel::rows() const {
  return static_cast<int>(parts_->n());
}
const stats::Columns& VoxelModel::columns() const {
  return parts_->columns;
}
bool VoxelModel::mixed() const {
  return !parts_->group.empty();
}

Reduced reduce(const VoxelModel::Parts& parts, const std::vector<int>& missing) {
  const Index p = parts.p(), m = parts.m();
  Reduced out;
  out.n = static_cast<int>(parts.n()) - static_cast<int>(missing.size());
  out.state = Fitted::too_few;
  if (out.n <= static_cast<int>(p) + 1) return out;
  MatrixXd gram = MatrixXd::Identity(p, p), c = parts.c;
  VectorXd size = parts.size;
  for (const int i : missing) {
    gram.selfadjointView<Eigen::Lower>().rankUpdate(parts.q.row(i).transpose(), -1.0);
    if (parts.group.empty()) continue;
    c.col(parts.group[i]) -= parts.q.row(i).transpose();
    size(parts.group[i]) -= 1.0;
  }
  if (!parts.group.empty()) {
    for (Index g = 0; g < m; ++g)
      if (size(g) > 0.0) out.kept.push_back(static_cast<int>(g));
    if (out.kept.size() < 2 || size.maxCoeff() < 2.0) return out;
    out.c = c(Eigen::all, out.kept);
    out.size = size(out.kept);
  }
  const Eigen::LLT<MatrixXd> llt(gram);
  const VectorXd pivot = llt.matrixLLT().diagonal();
  out.state = Fitted::dependent;
  if (llt.info() != Eigen::Success || pivot.minCoeff() < 1e-6) return out;
  out.basis = llt.matrixU().solve(MatrixXd::Identity(p, p));
  out.inverse = out.basis * out.basis.transpose();
  out.state = Fitted::yes;
  std::vector<bool> inner;
  if (!parts.group.empty()) {
    std::size_t at = 0;  // rows are asked for in rising order, from the first again for each column
    inner = varying(parts.x, parts.group, static_cast<std::size_t>(m), parts.varies, [&](Index i) {
      if (i == 0) at = 0;
      while (at < missing.size() && missing[at] < i) ++at;
      return at == missing.size() || missing[at] != i;
    });
  }
  out.df = parts.freedom(out.n, static_cast<double>(out.kept.size()), inner);
  return out;
}

namespace {

// One block on its way from values to estimates.
class Block {
 public:
  Block(const VoxelModel::Parts& parts, const MatrixXd& y) : parts_(parts), r_(y), places_(y.rows()) {
    const Index p = parts.p();
    out_.beta = out_.se = out_.df = MatrixXd::Constant(places_, p, kNaN);
    out_.sigma = out_.group_sd = VectorXd::Constant(places_, kNaN);
    out_.n = Eigen::VectorXi::Constant(places_, static_cast<int>(parts.n()));
    out_.state.assign(static_cast<std::size_t>(places_), Fitted::yes);
    full_df_ = parts.freedom(static_cast<double>(parts.n()), static_cast<double>(parts.m()), parts.varies);
    packed_.resize(p * (p + 1) / 2, parts.m());
    for (Index g = 0; g < parts.m(); ++g) {
      double* at = packed_.col(g).data();
      for (Index j = 0; j < p; ++j)
        for (Index i = j; i < p; ++i) *at++ = parts.c(i, g) * parts.c(j, g);
    }
  }

  BlockFit run() {
    centre();
    project();
    const bool mixed = !parts_.group.empty();
    if (mixed) sums_by_group();
    for (Index b = 0; b < places_; ++b) {
      if (!usable(out_.state[b])) continue;
      if (rr_(b) <= kExact * yy_(b))
        out_.state[b] = Fitted::exact;
      else if (!mixed)
        least_squares(b);
      else if (missing_[b].empty())
        mixed_full(b);
      else
        mixed_reduced(b);
    }
    return std::move(out_);
  }

 private:
  // Values less their mean (where the model has an intercept to give it to), missing ones 0.
  void centre() {
    const Index n = parts_.n();
    missing_.resize(static_cast<std::size_t>(places_));
    VectorXd sum = VectorXd::Zero(places_), low = VectorXd::Constant(places_, std::numeric_limits<double>::infinity());
    VectorXd high = -low;
    for (Index i = 0; i < n; ++i) {
      double* y = r_.col(i).data();
      for (Index b = 0; b < places_; ++b) {
        if (std::isnan(y[b])) {
          missing_[b].push_back(static_cast<int>(i));
          continue;
        }
        sum(b) += y[b];
        low(b) = std::min(low(b), y[b]);
        high(b) = std::max(high(b), y[b]);
      }
    }
    reduced_.resize(static_cast<std::size_t>(places_));
    for (Index b = 0; b < places_; ++b) {
      const auto lost = static_cast<int>(missing_[b].size());
      out_.n(b) = static_cast<int>(n) - lost;
      sum(b) = out_.n(b) > 0 && parts_.columns.has_intercept() ? sum(b) / out_.n(b) : 0.0;
      if (lost == 0) continue;
      // Neighbours often miss the same rows.
      reduced_[b] = b > 0 && missing_[b] == missing_[b - 1] ? reduced_[b - 1]
                                                            : std::make_shared<Reduced>(reduce(parts_, missing_[b]));
      out_.state[b] = reduced_[b]->state;
    }
    for (Index b = 0; b < places_; ++b)
      if (usable(out_.state[b]) && low(b) == high(b)) out_.state[b] = Fitted::constant;
    r_.colwise() -= sum;
    clear_missing();
    mean_ = sum;
    yy_ = r_.rowwise().squaredNorm() + out_.n.cast<double>().cwiseProduct(sum.cwiseAbs2());
  }

  void clear_missing() {
    for (Index b = 0; b < places_; ++b)
      for (const int i : missing_[b]) r_(b, i) = 0.0;
  }

  // Least-squares shares on Q and what they leave; twice, so that rounding of the first is gone.
  void project() {
    const MatrixXd first = r_ * parts_.q;
    r_.noalias() -= first * parts_.q.transpose();
    clear_missing();
    MatrixXd second = r_ * parts_.q;
    for (Index b = 0; b < places_; ++b)
      if (reduced_[b] && usable(out_.state[b])) second.row(b) *= reduced_[b]->inverse;
    r_.noalias() -= second * parts_.q.transpose();
    clear_missing();
    const VectorXd ones = parts_.q.colwise().sum();
    share_ = first + second + mean_ * ones.transpose();
    rr_ = r_.rowwise().squaredNorm();
  }

  void sums_by_group() {
    c_ = MatrixXd::Zero(places_, parts_.m());
    for (Index i = 0; i < parts_.n(); ++i) c_.col(parts_.group[i]) += r_.col(i);
    // A place's numbers side by side from here on.
    e2_ = (parts_.ratio.u.transpose() * c_.transpose()).cwiseAbs2();
    c_.transposeInPlace();
  }

  void store(Index b, const VectorXd& share, const MatrixXd& inverse, const VectorXd& df, double s2, double l) {
    out_.beta.row(b) = (parts_.back * share).transpose();
    const MatrixXd half = parts_.back * inverse;
    out_.se.row(b) = (s2 * half.cwiseProduct(parts_.back).rowwise().sum()).cwiseSqrt().transpose();
    out_.df.row(b) = df.transpose();
    out_.sigma(b) = std::sqrt(s2);
    out_.group_sd(b) = std::sqrt(l * s2);
  }

  void least_squares(Index b) {
    const Index p = parts_.p();
    const bool full = missing_[b].empty();
    const double s2 = rr_(b) / static_cast<double>(out_.n(b) - p);
    store(b, share_.row(b).transpose(), full ? MatrixXd::Identity(p, p) : reduced_[b]->inverse,
          full ? full_df_ : reduced_[b]->df, s2, 0.0);
  }

  void mixed_full(Index b) {
    const Index p = parts_.p();
    const RatioProfile::Minimum minimum = parts_.ratio.minimise(e2_.col(b).data(), rr_(b));
    const double l = minimum.l;
    if (!minimum.converged) {
      out_.state[b] = Fitted::not_converged;
      return;
    }
    if (l == 0.0) out_.state[b] = Fitted::boundary;
    const double rss = parts_.ratio.rss(e2_.col(b).data(), rr_(b), l);
    weight_ = l / (1.0 + l * parts_.size.array());
    sums_.noalias() = packed_ * weight_;
    a_.resize(p, p);
    const double* at = sums_.data();
    for (Index j = 0; j < p; ++j)
      for (Index i = j; i < p; ++i) a_(i, j) = (i == j ? 1.0 : 0.0) - *at++;
    const Eigen::LLT<MatrixXd> llt(a_);
    weight_.array() *= c_.col(b).array();
    const VectorXd step = llt.solve(parts_.c * weight_);
    store(b, share_.row(b).transpose() - step, llt.solve(MatrixXd::Identity(p, p)), full_df_, rss / parts_.ratio.nu, l);
  }

  void mixed_reduced(Index b) {
    const Reduced& here = *reduced_[b];
    stats::lme::CrossProducts sums;
    sums.n = here.n;
    sums.p = static_cast<int>(parts_.p());
    sums.q = 1;
    sums.m = static_cast<int>(here.kept.size());
    sums.zz = here.size.transpose();
    const MatrixXd zx = here.basis.transpose() * here.c;
    sums.zx = Eigen::Map<const MatrixXd>(zx.data(), 1, zx.size());
    sums.zr = c_.col(b)(here.kept).transpose();
    sums.rr = rr_(b);
    const stats::lme::Solution found = stats::lme::solve_single(sums, {});
    if (!found.converged) {
      out_.state[b] = Fitted::not_converged;
      return;
    }
    if (found.boundary) out_.state[b] = Fitted::boundary;
    store(b, share_.row(b).transpose() + here.basis * found.b, here.basis * found.inverse * here.basis.transpose(),
          here.df, found.rss / sums.nu(), found.d(0, 0));
  }

  const VoxelModel::Parts& parts_;
  MatrixXd r_;  // [B x n] values, then residuals
  Index places_;
  BlockFit out_;
  VectorXd full_df_, mean_, yy_, rr_;
  MatrixXd packed_, share_, c_, e2_, a_;
  VectorXd weight_, sums_;
  std::vector<std::vector<int>> missing_;
  std::vector<std::shared_ptr<const Reduced>> reduced_;
};

}  // namespace

BlockFit VoxelModel::fit(const MatrixXd& y) const {
  return Block(*parts_, y).run();
}

}  // namespace ipsi::voxelwise
