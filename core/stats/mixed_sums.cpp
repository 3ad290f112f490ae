// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/mixed_sums.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <numeric>

namespace ipsi::stats::lme {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Index effects(const RandomPart& part) {
  return part.z.cols() * static_cast<Index>(part.groups.size());
}

// Within each block of columns Z is replaced by Z T^-1 with the mean over groups of Z'Z equal to I, so that one unit
// of a parameter means the same everywhere.
MatrixXd standardiser(const RandomPart& part) {
  const Index q = part.z.cols();
  MatrixXd mean = part.z.transpose() * part.z / static_cast<double>(part.groups.size());
  for (Index i = 0; i < q; ++i)
    for (Index j = 0; j < q; ++j)
      if (part.block[i] != part.block[j]) mean(i, j) = 0.0;
  const MatrixXd factor = mean.llt().matrixU();
  return factor.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(q, q));
}

void sum_first(MixedSums& out, const MatrixXd& z, const std::vector<int>& group, const MatrixXd& p) {
  const Index q = z.cols(), m = out.factors[0].m;
  out.s0 = MatrixXd::Zero(q, q * m);
  out.w0 = MatrixXd::Zero(q * m, p.cols());
  for (Index i = 0; i < z.rows(); ++i) {
    const Index g = group[i];
    for (Index a = 0; a < q; ++a)
      for (Index b = 0; b < q; ++b) out.s0(a, g * q + b) += z(i, a) * z(i, b);
  }
  for (Index c = 0; c < p.cols(); ++c)
    for (Index a = 0; a < q; ++a)
      for (Index i = 0; i < z.rows(); ++i) out.w0(group[i] * q + a, c) += z(i, a) * p(i, c);
}

// Rows sorted by group; for each group the effects of B it meets, all columns of a level together.
void sum_cross(MixedSums& out, const MatrixXd& z0, const std::vector<int>& group0, const std::vector<MatrixXd>& z,
               const std::vector<RandomPart>& random) {
  const Index n = z0.rows(), q0 = z0.cols(), m0 = out.factors[0].m;
  std::vector<Index> order(n);
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return group0[a] < group0[b]; });
  std::vector<Index> place(out.effects_b(), -1);
  std::vector<double> values;
  out.start.assign(1, 0);
  Index row = 0;
  for (Index g = 0; g < m0; ++g) {
    const Index from = row, base = out.start.back();
    for (; row < n && group0[order[row]] == g; ++row)
      for (std::size_t k = 1; k < out.factors.size(); ++k) {
        const Factor& f = out.factors[k];
        const Index effect = f.first + static_cast<Index>(random[f.part].group[order[row]]) * f.q;
        if (place[effect] >= 0) continue;
        for (Index c = 0; c < f.q; ++c) {
          place[effect + c] = 0;
          out.touch.push_back(effect + c);
        }
      }
    std::sort(out.touch.begin() + base, out.touch.end());
    const auto count = static_cast<Index>(out.touch.size()) - base;
    for (Index t = 0; t < count; ++t) place[out.touch[base + t]] = t;
    values.resize((base + count) * q0, 0.0);
    for (Index at = from; at < row; ++at)
      for (std::size_t k = 1; k < out.factors.size(); ++k) {
        const Factor& f = out.factors[k];
        const Index i = order[at];
        const Index effect = f.first + static_cast<Index>(random[f.part].group[i]) * f.q;
        for (Index c = 0; c < f.q; ++c)
          for (Index a = 0; a < q0; ++a) values[(base + place[effect + c]) * q0 + a] += z0(i, a) * z[k](i, c);
      }
    for (Index t = 0; t < count; ++t) place[out.touch[base + t]] = -1;
    out.start.push_back(static_cast<Index>(out.touch.size()));
  }
  out.cross = Eigen::Map<const MatrixXd>(values.data(), q0, static_cast<Index>(out.touch.size()));
}

void sum_rest(MixedSums& out, const std::vector<MatrixXd>& z, const std::vector<RandomPart>& random,
              const MatrixXd& p) {
  Index effects_b = 0;
  for (std::size_t k = 1; k < out.factors.size(); ++k) {
    out.factors[k].first = effects_b;
    effects_b += static_cast<Index>(out.factors[k].q) * out.factors[k].m;
  }
  out.wb = MatrixXd::Zero(effects_b, p.cols());
  std::vector<Eigen::Triplet<double>> triplets;
  const Index n = p.rows();
  for (std::size_t k = 1; k < out.factors.size(); ++k) {
    const Factor& f = out.factors[k];
    const std::vector<int>& group = random[f.part].group;
    for (Index c = 0; c < p.cols(); ++c)
      for (Index a = 0; a < f.q; ++a)
        for (Index i = 0; i < n; ++i) out.wb(f.first + group[i] * f.q + a, c) += z[k](i, a) * p(i, c);
    MatrixXd own = MatrixXd::Zero(f.q, static_cast<Index>(f.q) * f.m);
    for (Index i = 0; i < n; ++i)
      for (Index a = 0; a < f.q; ++a)
        for (Index b = 0; b < f.q; ++b) own(a, group[i] * f.q + b) += z[k](i, a) * z[k](i, b);
    for (Index g = 0; g < f.m; ++g)
      for (Index a = 0; a < f.q; ++a)
        for (Index b = 0; b < f.q; ++b)
          triplets.emplace_back(static_cast<int>(f.first + g * f.q + a), static_cast<int>(f.first + g * f.q + b),
                                own(a, g * f.q + b));
    for (std::size_t l = 1; l < k; ++l) {
      const Factor& h = out.factors[l];
      for (Index i = 0; i < n; ++i)
        for (Index a = 0; a < f.q; ++a)
          for (Index b = 0; b < h.q; ++b) {
            const auto one = static_cast<int>(f.first + group[i] * f.q + a);
            const auto two = static_cast<int>(h.first + random[h.part].group[i] * h.q + b);
            triplets.emplace_back(one, two, z[k](i, a) * z[l](i, b));
            triplets.emplace_back(two, one, z[k](i, a) * z[l](i, b));
          }
    }
  }
  out.cbb.resize(effects_b, effects_b);
  out.cbb.setFromTriplets(triplets.begin(), triplets.end());
}

}  // namespace

MixedSums mixed_sums(const MatrixXd& q, const VectorXd& r, const std::vector<RandomPart>& random, bool reml) {
  MixedSums out;
  out.n = static_cast<int>(q.rows());
  out.p = static_cast<int>(q.cols());
  out.reml = reml;
  out.rr = r.squaredNorm();
  std::vector<int> order(random.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return effects(random[a]) > effects(random[b]); });
  std::vector<MatrixXd> z;
  for (const int part : order) {
    const RandomPart& given = random[part];
    Factor f;
    f.part = part;
    f.q = static_cast<int>(given.z.cols());
    f.m = static_cast<int>(given.groups.size());
    f.block = given.block;
    f.back = standardiser(given);
    f.first_parameter = out.parameters;
    for (Index j = 0; j < f.q; ++j)
      for (Index i = j; i < f.q; ++i)
        if (f.block[i] == f.block[j]) f.entries.emplace_back(i, j);
    out.parameters += static_cast<Index>(f.entries.size());
    z.push_back(given.z * f.back);
    out.factors.push_back(std::move(f));
  }
  MatrixXd p(out.n, out.p + 1);
  p << q, r;
  const std::vector<int>& group0 = random[out.factors[0].part].group;
  sum_first(out, z[0], group0, p);
  sum_rest(out, z, random, p);
  sum_cross(out, z[0], group0, z, random);
  return out;
}

}  // namespace ipsi::stats::lme
