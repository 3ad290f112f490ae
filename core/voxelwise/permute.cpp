// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/permute.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>

#include "core/base/parallel.h"
#include "core/numeric/random.h"
#include "core/voxelwise/model_parts.h"

namespace ipsi::voxelwise {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// The same model with the tested column last: what it adds to the others is then the last column of Q.
stats::ModelData with_last(const stats::ModelData& data, int column) {
  stats::ModelData out = data;
  std::vector<int> order;
  for (int j = 0; j < static_cast<int>(data.x.cols()); ++j)
    if (j != column) order.push_back(j);
  order.push_back(column);
  out.x = data.x(Eigen::all, order);
  out.columns = {};
  for (const int j : order) {
    out.columns.names.push_back(data.columns.names[j]);
    out.columns.term.push_back(static_cast<int>(out.columns.terms.size()));
    out.columns.terms.push_back(data.columns.names[j]);
  }
  return out;
}

/// Row i of an exchanged response takes sign[i] times row from[i].
struct Exchanged {
  std::vector<int> from;
  std::vector<double> sign;
  std::vector<int>
      shuffled;  ///< rows by group, shuffled in it: a place that knows some rows only passes over the others
};

/// Rows block by block, in their order.
std::vector<int> rows_by_block(const std::vector<int>& blocks) {
  std::vector<int> rows(blocks.size());
  std::iota(rows.begin(), rows.end(), 0);
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) { return blocks[a] < blocks[b]; });
  return rows;
}

Exchanged exchanged(const PermuteOptions& options, int index) {
  const std::size_t n = options.blocks.size();
  const std::vector<int> rows = rows_by_block(options.blocks);
  Exchanged out{std::vector<int>(n), std::vector<double>(n, 1.0), rows};
  std::iota(out.from.begin(), out.from.end(), 0);
  if (index == 0) return out;  // as observed
  numeric::Stream stream(options.seed, static_cast<std::uint64_t>(index));
  if (options.exchange == Exchange::sign_flips) {
    // What the rows of a block share, an effect of their group, changes its sign with them.
    std::map<int, double> sign;
    for (std::size_t i = 0; i < n; ++i) {
      const auto [at, fresh] = sign.try_emplace(options.blocks[i], 1.0);
      if (fresh && (stream.bits() >> 63) != 0) at->second = -1.0;
      out.sign[i] = at->second;
    }
    return out;
  }
  std::vector<double> key(n);
  for (double& k : key) k = stream.uniform();
  std::sort(out.shuffled.begin(), out.shuffled.end(), [&](int a, int b) {
    return options.blocks[a] != options.blocks[b] ? options.blocks[a] < options.blocks[b] : key[a] < key[b];
  });
  for (std::size_t k = 0; k < n; ++k) out.from[rows[k]] = out.shuffled[k];
  return out;
}

/// Exchanges `first`.. of a chunk as one matrix: E W has Q'Pe of each, then (flips of a mixed model) Z'Pe.
struct Chunk {
  int first = 0, count = 0;
  std::vector<Exchanged> each;
  MatrixXd w;  ///< [n x count width]
  Index width = 0;
  bool sums = false;  ///< width holds Z'Pe too
};

Chunk chunk_of(const VoxelModel::Parts& parts, const PermuteOptions& options, int first, int count) {
  Chunk out{.first = first, .count = count};
  const Index n = parts.n(), p = parts.p();
  // Shuffles within the groups leave their sums.
  const bool within = options.exchange == Exchange::shuffles && options.blocks == parts.group;
  out.sums = !parts.group.empty() && !within;
  out.width = p + (out.sums ? parts.m() : 0);
  out.w = MatrixXd::Zero(n, out.width * count);
  for (int k = 0; k < count; ++k) {
    out.each.push_back(exchanged(options, first + k));
    const Exchanged& e = out.each.back();
    auto w = out.w.middleCols(out.width * k, out.width);
    for (Index i = 0; i < n; ++i) {
      w.row(e.from[i]).head(p) = e.sign[i] * parts.q.row(i);
      if (out.sums) w(e.from[i], p + parts.group[i]) = e.sign[i];
    }
  }
  return out;
}

/// t of the last column from what the likelihood needs; the working space of one thread.
class Statistic {
 public:
  /// @param c  [p x m] sums by group of orthonormal columns, the tested one last; @param size [m]
  void set(double nu, const VectorXd& size, const MatrixXd& c, const RatioProfile* profile) {
    nu_ = nu;
    size_ = &size;
    c_ = &c;
    profile_ = profile;
    if (profile == nullptr) return;
    const Index p = c.rows(), m = c.cols();
    packed_.resize(p * (p + 1) / 2, m);
    for (Index g = 0; g < m; ++g) {
      double* at = packed_.col(g).data();
      for (Index j = 0; j < p; ++j)
        for (Index i = j; i < p; ++i) *at++ = c(i, g) * c(j, g);
    }
  }
  /// @param share  [p] Q'y; @param sums [m] Z'y (mixed); @param yy  y'y
  double operator()(const VectorXd& share, const VectorXd& sums, double yy) {
    const double rr = std::max(yy - share.squaredNorm(), 0.0);
    const Index last = share.size() - 1;
    if (profile_ == nullptr) return share(last) / std::sqrt(rr / nu_);
    left_.noalias() = sums - c_->transpose() * share;
    e2_.noalias() = profile_->u.transpose() * left_;
    e2_ = e2_.cwiseAbs2();
    const RatioProfile::Minimum found = profile_->minimise(e2_.data(), rr);
    const double l = found.l;
    if (!found.converged) return std::numeric_limits<double>::quiet_NaN();
    const double sigma = std::sqrt(profile_->rss(e2_.data(), rr, l) / nu_);
    weight_ = l / (1.0 + l * size_->array());
    flat_.noalias() = packed_ * weight_;
    const Index p = share.size();
    a_.resize(p, p);
    const double* at = flat_.data();
    for (Index j = 0; j < p; ++j)
      for (Index i = j; i < p; ++i) a_(i, j) = (i == j ? 1.0 : 0.0) - *at++;
    llt_.compute(a_);
    weight_.array() *= left_.array();
    step_.noalias() = *c_ * weight_;
    llt_.matrixL().solveInPlace(step_);
    // The last of L' b = step is alone on its line, and the last of the inverse's diagonal is 1 / L_pp^2.
    const double pivot = llt_.matrixLLT()(last, last);
    return (share(last) - step_(last) / pivot) * pivot / sigma;
  }

 private:
  double nu_ = 0.0;
  const VectorXd* size_ = nullptr;
  const MatrixXd* c_ = nullptr;
  const RatioProfile* profile_ = nullptr;
  MatrixXd packed_, a_;
  VectorXd left_, e2_, weight_, flat_, step_;
  Eigen::LLT<MatrixXd> llt_;
};

/// A block of places and its permutations.
class Exchanger {
 public:
  Exchanger(const VoxelModel::Parts& parts, const std::vector<int>& blocks, const Chunk& chunk)
      : parts_(parts), blocks_(blocks), chunk_(chunk) {}

  /// @param out  [count][places], written at `first`..
  void run(MatrixXd y, std::size_t first, std::vector<std::vector<float>>& out) {
    const Index places = y.rows(), p = parts_.p();
    missing_.assign(static_cast<std::size_t>(places), {});
    VectorXd sum = VectorXd::Zero(places), low = VectorXd::Constant(places, std::numeric_limits<double>::infinity());
    VectorXd high = -low;
    for (Index i = 0; i < y.cols(); ++i)
      for (Index b = 0; b < places; ++b) {
        if (std::isnan(y(b, i))) {
          missing_[b].push_back(static_cast<int>(i));
          y(b, i) = 0.0;
          continue;
        }
        low(b) = std::min(low(b), y(b, i));
        high(b) = std::max(high(b), y(b, i));
      }
    const VectorXd yy = y.rowwise().squaredNorm();
    // Residuals of the model without the tested column, twice for rounding.
    const auto others = parts_.q.leftCols(p - 1);
    const MatrixXd observed = y;
    for (int twice = 0; twice < 2; ++twice) y -= (y * others).eval() * others.transpose();
    const VectorXd ee = y.rowwise().squaredNorm();
    const bool mixed = !parts_.group.empty();
    const MatrixXd products = y * chunk_.w;
    MatrixXd sums(places, mixed ? parts_.m() : 0);
    sums.setZero();
    if (mixed)
      for (Index i = 0; i < y.cols(); ++i) sums.col(parts_.group[i]) += y.col(i);
    statistic_.set(mixed ? parts_.ratio.nu : static_cast<double>(parts_.n() - p), parts_.size, parts_.c,
                   mixed ? &parts_.ratio : nullptr);
    for (Index b = 0; b < places; ++b) {
      const bool varies = low(b) < high(b);
      if (!missing_[b].empty() && varies) continue;
      const bool fitted = varies && ee(b) - square_of_share(products, b) > 1e-26 * yy(b);
      for (int k = 0; k < chunk_.count; ++k) {
        float t = kNaN;
        if (fitted) {
          share_ = products.row(b).segment(chunk_.width * k, p).transpose();
          if (chunk_.sums)
            sums_ = products.row(b).segment(chunk_.width * k + p, parts_.m()).transpose();
          else if (mixed)
            sums_ = sums.row(b).transpose();
          t = static_cast<float>(statistic_(share_, sums_, ee(b)));
        }
        out[k][first + b] = t;
      }
    }
    for (Index b = 0; b < places; ++b)
      if (!missing_[b].empty() && low(b) < high(b)) reduced(observed.row(b).transpose(), b, first, yy(b), out);
  }

 private:
  /// Of the observed order, only asked for to see an exact fit.
  double square_of_share(const MatrixXd& products, Index b) const {
    return chunk_.first == 0 ? products.row(b).head(parts_.p()).squaredNorm() : 0.0;
  }

  /// What the places that miss `missing` share. q_ is orthonormal over the rows that are left, 0 at the others.
  void leave_out(const std::vector<int>& missing) {
    if (here_ && before_ == missing) return;
    before_ = missing;
    here_ = reduce(parts_, missing);
    if (!usable(here_->state)) return;
    if (!parts_.group.empty()) {
      basis_c_ = here_->basis.transpose() * here_->c;
      profile_ = RatioProfile::of(here_->n - static_cast<double>(parts_.p()), here_->size, basis_c_);
    }
    q_ = parts_.q * here_->basis;
    for (const int i : missing) q_.row(i).setZero();
    known_.assign(static_cast<std::size_t>(parts_.n()), 1);
    for (const int i : missing) known_[i] = 0;
    order_ = rows_by_block(blocks_);
    std::erase_if(order_, [&](int i) { return known_[i] == 0; });
  }

  VectorXd sums_of(const VectorXd& e) const {
    VectorXd all = VectorXd::Zero(parts_.m());
    for (const int i : order_) all(parts_.group[i]) += e(i);
    return all(here_->kept);
  }

  /// @param e  [n] values, 0 where missing
  void reduced(VectorXd e, Index b, std::size_t first, double yy, std::vector<std::vector<float>>& out) {
    leave_out(missing_[b]);
    const Index p = parts_.p();
    const bool mixed = !parts_.group.empty();
    double ee = 0.0;
    bool fitted = usable(here_->state);
    if (fitted) {
      for (int twice = 0; twice < 2; ++twice) e -= q_.leftCols(p - 1) * (q_.leftCols(p - 1).transpose() * e);
      ee = e.squaredNorm();
      fitted = ee - (q_.rightCols(1).transpose() * e).squaredNorm() > 1e-26 * yy;
    }
    if (!fitted) {
      for (int k = 0; k < chunk_.count; ++k) out[k][first + b] = kNaN;
      return;
    }
    statistic_.set(here_->n - static_cast<double>(p), here_->size, basis_c_, mixed ? &profile_ : nullptr);
    if (mixed) sums_ = sums_of(e);  // shuffles in a group leave its sum
    VectorXd moved = VectorXd::Zero(e.size());
    for (int k = 0; k < chunk_.count; ++k) {
      const Exchanged& x = chunk_.each[k];
      std::size_t at = 0;
      for (const int row : x.shuffled)
        if (known_[row] != 0) {
          moved(order_[at]) = x.sign[order_[at]] * e(row);
          ++at;
        }
      share_.noalias() = q_.transpose() * moved;
      if (chunk_.sums) sums_ = sums_of(moved);
      out[k][first + b] = static_cast<float>(statistic_(share_, sums_, ee));
    }
  }

  const VoxelModel::Parts& parts_;
  const std::vector<int>& blocks_;
  const Chunk& chunk_;
  Statistic statistic_;
  VectorXd share_, sums_;
  std::vector<std::vector<int>> missing_;
  std::vector<int> before_, order_;
  std::vector<char> known_;
  std::optional<Reduced> here_;
  RatioProfile profile_;
  MatrixXd basis_c_, q_;
};

/// Working spaces for TFCE, one for each thread that asks.
class TfcePool {
 public:
  explicit TfcePool(const PermuteOptions& options) : options_(options) {}
  void operator()(const float* values, float* out) {
    std::unique_ptr<Tfce> mine;
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        mine = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (!mine) mine = std::make_unique<Tfce>(*options_.adjacency, options_.tfce);
    (*mine)(values, out);
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(mine));
  }

 private:
  const PermuteOptions& options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Tfce>> free_;
};

/// (1 + values of `largest` that reach x) / (1 + count).
class UpperTail {
 public:
  explicit UpperTail(std::vector<float> largest) : sorted_(std::move(largest)) {
    std::sort(sorted_.begin(), sorted_.end());
  }
  float operator()(float x) const {
    if (std::isnan(x)) return kNaN;
    const float reached = std::abs(x) * (1.0F - 1e-5F);  // the same numbers added in another order
    const auto above = sorted_.end() - std::lower_bound(sorted_.begin(), sorted_.end(), reached);
    return static_cast<float>((1.0 + static_cast<double>(above)) / (1.0 + static_cast<double>(sorted_.size())));
  }

 private:
  std::vector<float> sorted_;
};

float largest_of(const std::vector<float>& map) {
  float out = 0.0F;
  for (const float v : map) out = std::max(out, std::abs(v));  // NaN loses every comparison
  return out;
}

Result<void> check_exchange(const VoxelModel::Parts& parts, const PermuteOptions& options, const std::string& name) {
  if (options.count < 1) return fail(Code::InvalidInput, "there are no permutations to make", "", "ask for 1 or more");
  if (options.exchange == Exchange::sign_flips) return {};
  const auto column = parts.x.col(parts.p() - 1);
  std::map<int, double> first;
  bool moves = false;
  for (Index i = 0; i < column.size(); ++i)
    moves = moves || first.try_emplace(options.blocks[i], column(i)).first->second != column(i);
  if (moves) return {};
  return fail(Code::InvalidInput,
              fmt::format("'{}' is the same in all rows of each block: shuffling them changes nothing", name), "",
              "flip signs instead (--exchange flips)");
}

using StatisticMaps = std::vector<std::vector<float>>;  // [permutations of a chunk][places]

Result<StatisticMaps> statistics(const VoxelModel::Parts& parts, const PermuteOptions& options, const Stack& stack,
                                 const Chunk& chunk, const Task& task) {
  constexpr std::size_t kBlock = 256;
  const std::size_t places = stack.places();
  StatisticMaps t(static_cast<std::size_t>(chunk.count), std::vector<float>(places));
  std::mutex mutex;
  std::optional<Error> error;
  const auto block = [&](std::size_t b) {
    const std::size_t at = b * kBlock;
    auto y = stack.block(at, std::min(kBlock, places - at));
    if (!y) {
      const std::lock_guard lock(mutex);
      error = y.error();
      return;
    }
    Exchanger(parts, options.blocks, chunk).run(std::move(*y), at, t);
  };
  const bool whole = parallel_for((places + kBlock - 1) / kBlock, options.threads, task, "permutations", block);
  if (error) return tl::unexpected(*error);
  if (!whole) return fail(Code::Cancelled, "stopped by the user");
  return t;
}

/// The largest value of each permutation of a chunk, and of the first chunk what was observed.
Result<void> take_peaks(StatisticMaps& t, const PermuteOptions& options, int first, TfcePool& tfce, Corrected& out,
                        const Task& task) {
  if (first == 0) out.t = t[0];
  std::vector<float> peak(t.size()), peak_tfce(t.size());
  const auto permutation = [&](std::size_t k) {
    for (std::size_t i = 0; i < out.t.size(); ++i)
      if (std::isnan(out.t[i])) t[k][i] = kNaN;  // not fitted as observed: no part of any permutation
    peak[k] = largest_of(t[k]);
    if (options.adjacency == nullptr) return;
    std::vector<float> map(out.t.size());
    tfce(t[k].data(), map.data());
    peak_tfce[k] = largest_of(map);
    if (first == 0 && k == 0) out.tfce = std::move(map);
  };
  if (!parallel_for(t.size(), options.threads, task, "permutations", permutation))
    return fail(Code::Cancelled, "stopped by the user");
  const std::ptrdiff_t skip = first == 0 ? 1 : 0;
  out.largest_t.insert(out.largest_t.end(), peak.begin() + skip, peak.end());
  if (options.adjacency != nullptr)
    out.largest_tfce.insert(out.largest_tfce.end(), peak_tfce.begin() + skip, peak_tfce.end());
  return {};
}

}  // namespace

Result<Corrected> permute(const stats::ModelData& data, int column, const Stack& stack, const PermuteOptions& options,
                          const Task& task) {
  const stats::ModelData ordered = with_last(data, column);
  const auto model = VoxelModel::make(ordered);
  if (!model) return tl::unexpected(model.error());
  const VoxelModel::Parts& parts = model->parts();
  PermuteOptions settled = options;
  const auto n = static_cast<std::size_t>(parts.n());
  if (settled.blocks.empty()) settled.blocks = parts.group;
  if (settled.blocks.empty()) {
    settled.blocks.assign(n, 0);
    if (settled.exchange == Exchange::sign_flips) std::iota(settled.blocks.begin(), settled.blocks.end(), 0);
  }
  if (settled.blocks.size() != n)
    return fail(Code::InvalidInput, fmt::format("{} blocks for {} rows", settled.blocks.size(), n));
  if (auto ok = check_exchange(parts, settled, data.columns.names[column]); !ok) return tl::unexpected(ok.error());
  constexpr int kChunk = 64;
  Corrected out;
  TfcePool tfce(options);
  const int all = options.count + 1;  // the first is what was observed
  for (int first = 0; first < all; first += kChunk) {
    const int count = std::min(kChunk, all - first);
    const Task part = task.part(static_cast<double>(first) / all, static_cast<double>(first + count) / all);
    const Chunk chunk = chunk_of(parts, settled, first, count);
    auto t = statistics(parts, settled, stack, chunk, part.part(0.0, 0.5));
    if (!t) return tl::unexpected(t.error());
    if (auto ok = take_peaks(*t, settled, first, tfce, out, part.part(0.5, 1.0)); !ok)
      return tl::unexpected(ok.error());
  }
  for (std::size_t i = 0; i < out.tfce.size(); ++i)
    if (std::isnan(out.t[i])) out.tfce[i] = kNaN;
  const UpperTail tail_t(out.largest_t);
  for (const float v : out.t) out.p_t.push_back(tail_t(v));
  const UpperTail tail_tfce(out.largest_tfce);
  for (const float v : out.tfce) out.p_tfce.push_back(tail_tfce(v));
  return out;
}

}  // namespace ipsi::voxelwise
