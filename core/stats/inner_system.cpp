// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/inner_system.h"

#include <algorithm>
#include <cmath>

namespace ipsi::stats::lme {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::SparseMatrix;
using Eigen::VectorXd;

namespace {

constexpr Index kSmall = 48;         // below this, recursion costs more than it saves
constexpr Index kAlwaysDense = 200;  // so small that dense is quick whatever the pattern
constexpr double kDenseShare = 0.1;  // of the lower triangle that is not 0

Index find(const SparseMatrix<double>& lower, Index row, Index column) {
  const int* from = lower.innerIndexPtr() + lower.outerIndexPtr()[column];
  const int* to = lower.innerIndexPtr() + lower.outerIndexPtr()[column + 1];
  return std::lower_bound(from, to, static_cast<int>(row)) - lower.innerIndexPtr();
}

}  // namespace

// With L = [A 0; B C]: L^-1 = [A^-1 0; -C^-1 B A^-1  C^-1].
void invert_lower(Eigen::Ref<MatrixXd> l) {
  const Index n = l.rows();
  if (n <= kSmall) {
    MatrixXd unit = MatrixXd::Identity(n, n);
    l.triangularView<Eigen::Lower>().solveInPlace(unit);
    l.triangularView<Eigen::Lower>() = unit;
    return;
  }
  const Index h = n / 2;
  auto a = l.topLeftCorner(h, h);
  auto b = l.bottomLeftCorner(n - h, h);
  auto c = l.bottomRightCorner(n - h, n - h);
  c.triangularView<Eigen::Lower>().solveInPlace(b);
  a.triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(b);
  b = -b;
  invert_lower(a);
  invert_lower(c);
}

// With L = [A 0; B C]: L'L = [A'A + B'B  .; C'B  C'C].
void square_lower(Eigen::Ref<MatrixXd> l) {
  const Index n = l.rows();
  if (n <= kSmall) {
    const MatrixXd lower = l.triangularView<Eigen::Lower>();
    l.triangularView<Eigen::Lower>() = lower.transpose() * lower;
    return;
  }
  const Index h = n / 2;
  auto a = l.topLeftCorner(h, h);
  auto b = l.bottomLeftCorner(n - h, h);
  auto c = l.bottomRightCorner(n - h, n - h);
  square_lower(a);
  a.selfadjointView<Eigen::Lower>().rankUpdate(b.transpose());
  b = (c.transpose().triangularView<Eigen::Upper>() * b).eval();
  square_lower(c);
}

InnerSystem::InnerSystem(const MixedSums& sums) : sums_(sums), size_(sums.effects_b()) {
  if (size_ == 0) return;
  if (size_ > kAlwaysDense) {
    std::vector<std::vector<int>> below(size_);
    for (Index j = 0; j < size_; ++j) {
      below[j].push_back(static_cast<int>(j));
      for (SparseMatrix<double>::InnerIterator it(sums.cbb, j); it; ++it)
        if (it.row() > j) below[j].push_back(static_cast<int>(it.row()));
    }
    for (std::size_t g = 0; g + 1 < sums.start.size(); ++g)
      for (Index a = sums.start[g]; a < sums.start[g + 1]; ++a)
        for (Index b = a + 1; b < sums.start[g + 1]; ++b)
          below[sums.touch[a]].push_back(static_cast<int>(sums.touch[b]));
    std::size_t filled = 0;
    for (auto& column : below) {
      std::sort(column.begin(), column.end());
      column.erase(std::unique(column.begin(), column.end()), column.end());
      filled += column.size();
    }
    dense_ = static_cast<double>(filled) > kDenseShare * 0.5 * static_cast<double>(size_) * static_cast<double>(size_);
    if (!dense_) {
      sparse_.resize(size_, size_);
      sparse_.reserve(static_cast<Index>(filled));
      for (Index j = 0; j < size_; ++j) {
        sparse_.startVec(j);
        for (const int i : below[j]) sparse_.insertBack(i, j) = 0.0;
      }
      sparse_.finalize();
      for (std::size_t g = 0; g + 1 < sums.start.size(); ++g) {
        position_start_.push_back(static_cast<Index>(position_.size()));
        for (Index a = sums.start[g]; a < sums.start[g + 1]; ++a)
          for (Index b = a; b < sums.start[g + 1]; ++b)
            position_.push_back(find(sparse_, sums.touch[b], sums.touch[a]));
      }
    }
  }
  if (dense_) s_.resize(size_, size_);
}

void InnerSystem::reset(const SparseMatrix<double>& scaled) {
  if (dense_) {
    s_.setIdentity();
    for (Index j = 0; j < size_; ++j)
      for (SparseMatrix<double>::InnerIterator it(scaled, j); it; ++it)
        if (it.row() >= j) s_(it.row(), j) += it.value();
    return;
  }
  std::fill_n(sparse_.valuePtr(), sparse_.nonZeros(), 0.0);
  for (Index j = 0; j < size_; ++j) {
    sparse_.valuePtr()[find(sparse_, j, j)] += 1.0;
    for (SparseMatrix<double>::InnerIterator it(scaled, j); it; ++it)
      if (it.row() >= j) sparse_.valuePtr()[find(sparse_, it.row(), j)] += it.value();
  }
}

void InnerSystem::subtract(Index g, const Eigen::Ref<const MatrixXd>& f) {
  const Index* touch = sums_.touch.data() + sums_.start[g];
  const Index count = f.cols();
  const Index* position = dense_ ? nullptr : position_.data() + position_start_[g];
  for (Index a = 0; a < count; ++a)
    for (Index b = a; b < count; ++b) {
      const double value = f.rows() == 1 ? f(0, a) * f(0, b) : f.col(a).dot(f.col(b));
      if (dense_)
        s_(touch[b], touch[a]) -= value;
      else
        sparse_.valuePtr()[*position++] -= value;
    }
}

bool InnerSystem::factorise() {
  if (dense_) return Eigen::LLT<Eigen::Ref<MatrixXd>>(s_).info() == Eigen::Success;  // in place
  if (!analysed_) llt_.analyzePattern(sparse_);
  analysed_ = true;
  llt_.factorize(sparse_);
  return llt_.info() == Eigen::Success;
}

double InnerSystem::log_det() const {
  if (dense_) return 2.0 * s_.diagonal().array().log().sum();
  const SparseMatrix<double>& l = llt_.matrixL().nestedExpression();
  double sum = 0.0;
  for (Index j = 0; j < size_; ++j) sum += std::log(l.valuePtr()[l.outerIndexPtr()[j]]);
  return 2.0 * sum;
}

MatrixXd InnerSystem::solve(const MatrixXd& b) const {
  if (!dense_) return llt_.solve(b);
  MatrixXd out = s_.triangularView<Eigen::Lower>().solve(b);
  s_.triangularView<Eigen::Lower>().transpose().solveInPlace(out);
  return out;
}

void InnerSystem::invert() {
  if (!dense_) return invert_sparse();
  inverse_ = s_;
  invert_lower(inverse_);
  square_lower(inverse_);
}

// The entries of S^-1 on the pattern of its factor, from the last column to the first.
// Takahashi, Fagan & Chen (1973); Erisman & Tinney (1975), Commun. ACM 18.
void InnerSystem::invert_sparse() {
  factor_ = llt_.matrixL().nestedExpression();
  sparse_inverse_ = factor_;
  double* z = sparse_inverse_.valuePtr();
  const int* start = factor_.outerIndexPtr();
  const int* row = factor_.innerIndexPtr();
  const double* l = factor_.valuePtr();
  for (Index j = size_ - 1; j >= 0; --j) {
    const double pivot = l[start[j]];
    for (int a = start[j + 1] - 1; a >= start[j]; --a) {
      double sum = 0.0;
      for (int b = start[j] + 1; b < start[j + 1]; ++b) {
        const Index high = std::max(row[a], row[b]), low = std::min(row[a], row[b]);
        sum += l[b] * (low == j ? z[b] : z[find(sparse_inverse_, high, low)]);
      }
      z[a] = ((a == start[j] ? 1.0 / pivot : 0.0) - sum) / pivot;
    }
  }
}

double InnerSystem::inverse(Index i, Index j) const {
  if (dense_) return i >= j ? inverse_(i, j) : inverse_(j, i);
  const auto& order = llt_.permutationP().indices();
  const Index a = order.size() == 0 ? i : order(i), b = order.size() == 0 ? j : order(j);
  return sparse_inverse_.valuePtr()[find(sparse_inverse_, std::max(a, b), std::min(a, b))];
}

}  // namespace ipsi::stats::lme
