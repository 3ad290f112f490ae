// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/stats/sem_parts.h"

namespace ipsi::stats {
namespace {

constexpr std::size_t kMostRoutes = 200;

/// Who is reached by one path or more, without walking every route.
std::vector<bool> reached_from(const std::vector<std::vector<int>>& next, std::size_t from) {
  std::vector<bool> out(next.size(), false);
  std::vector<std::size_t> open{from};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const int to : next[at])
      if (!out[static_cast<std::size_t>(to)]) {
        out[static_cast<std::size_t>(to)] = true;
        open.push_back(static_cast<std::size_t>(to));
      }
  }
  return out;
}

}  // namespace

SemGraph sem_graph(const SemModel& model) {
  const auto m = static_cast<std::size_t>(model.variables());
  std::vector<std::vector<int>> next(m);  // responses of a variable
  std::vector<bool> part(m, false);
  for (const SemRow& row : model.rows) {
    if (row.op != "~" && row.op != "=~") continue;
    int from = model.index(row.rhs), to = model.index(row.lhs);
    if (row.op == "=~") std::swap(from, to);
    next[static_cast<std::size_t>(from)].push_back(to);
    if (row.op == "~") part[static_cast<std::size_t>(from)] = part[static_cast<std::size_t>(to)] = true;
  }
  SemGraph out;
  std::vector<int> route;
  const std::function<void(int)> walk = [&](int at) {
    for (const int to : next[static_cast<std::size_t>(at)]) {
      if (out.too_many || std::find(route.begin(), route.end(), to) != route.end()) continue;
      route.push_back(to);
      if (route.size() > 2 && part[static_cast<std::size_t>(to)]) {
        if (out.routes.size() < kMostRoutes)
          out.routes.push_back(route);
        else
          out.too_many = true;
      }
      walk(to);
      route.pop_back();
    }
  };
  std::vector<std::vector<bool>> reached;
  for (std::size_t from = 0; from < m; ++from) reached.push_back(reached_from(next, from));
  for (std::size_t from = 0; from < m; ++from) {
    if (!part[from]) continue;
    for (std::size_t to = 0; to < m; ++to) {
      if (!reached[from][to] || to == from || !part[to]) continue;
      const bool indirect = std::any_of(next[from].begin(), next[from].end(),
                                        [&](int z) { return reached[static_cast<std::size_t>(z)][to]; });
      out.pairs.push_back({static_cast<int>(from), static_cast<int>(to), indirect});
    }
    route = {static_cast<int>(from)};
    walk(static_cast<int>(from));
  }
  std::stable_sort(out.routes.begin(), out.routes.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return out;
}

SemDerived effect_values(const SemGraph& graph, const SemDiscrepancy& at, Eigen::Index n_free) {
  const auto count = static_cast<Eigen::Index>(3 * graph.pairs.size() + graph.routes.size());
  SemDerived out{Eigen::VectorXd::Zero(count), Eigen::MatrixXd::Zero(count, n_free)};
  const Eigen::MatrixXd &a = at.paths(), &b = at.reach();
  Eigen::Index row = 0;
  for (const SemGraph::Pair& pair : graph.pairs) {
    const double direct = a(pair.to, pair.from), total = pair.indirect ? b(pair.to, pair.from) : direct;
    out.value.segment(row, 3) << direct, total - direct, total;
    for (const auto& q : at.positions()) {
      if (!q.path || q.free < 0) continue;
      const double self = q.i == pair.to && q.j == pair.from ? 1.0 : 0.0;
      const double moves = pair.indirect ? b(pair.to, q.i) * b(q.j, pair.from) : self;  // d B = B dA B
      out.slope(row, q.free) += self;
      out.slope(row + 1, q.free) += moves - self;
      out.slope(row + 2, q.free) += moves;
    }
    row += 3;
  }
  for (const std::vector<int>& route : graph.routes) {
    double product = 1.0;
    for (std::size_t i = 1; i < route.size(); ++i) product *= a(route[i], route[i - 1]);
    out.value[row] = product;
    for (const auto& q : at.positions()) {
      if (!q.path || q.free < 0) continue;
      for (std::size_t i = 1; i < route.size(); ++i) {
        if (q.i != route[i] || q.j != route[i - 1]) continue;
        double others = 1.0;
        for (std::size_t k = 1; k < route.size(); ++k)
          if (k != i) others *= a(route[k], route[k - 1]);
        out.slope(row, q.free) += others;
      }
    }
    ++row;
  }
  return out;
}

void add_effects(const SemModel& model, const SemDiscrepancy& at, SemFit& fit) {
  const SemGraph graph = sem_graph(model);
  const SemDerived values = effect_values(graph, at, model.n_free);
  const Eigen::VectorXd se = delta_se(values.slope, fit.vcov), sd = at.covariance().diagonal().cwiseSqrt();
  Eigen::Index row = 0;
  for (const SemGraph::Pair& pair : graph.pairs) {
    const double unit = sd[pair.from] / sd[pair.to];
    SemEffect e{.from = model.variable(pair.from), .to = model.variable(pair.to)};
    e.direct = values.value[row];
    e.indirect = values.value[row + 1];
    e.total = values.value[row + 2];
    e.direct_se = se[row];
    e.indirect_se = se[row + 1];
    e.total_se = se[row + 2];
    e.direct_std = e.direct * unit;
    e.indirect_std = e.indirect * unit;
    e.total_std = e.total * unit;
    fit.effects.push_back(std::move(e));
    row += 3;
  }
  for (const std::vector<int>& route : graph.routes) {
    SemRoute r;
    for (const int v : route) r.through.push_back(model.variable(v));
    r.value = values.value[row];
    r.se = se[row];
    r.standardized = r.value * sd[route.front()] / sd[route.back()];
    fit.routes.push_back(std::move(r));
    ++row;
  }
  if (graph.too_many) fit.findings.push_back("there are more routes than are listed; effects by pair are complete");
}

}  // namespace ipsi::stats
