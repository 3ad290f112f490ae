// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lme_freedom.h"

#include <algorithm>

namespace ipsi::stats::lme {
namespace {

using Eigen::Index;

bool constant_within(const double* x, const RandomPart& random) {
  std::vector<double> first(random.groups.size());
  std::vector<char> seen(random.groups.size(), 0);
  for (std::size_t i = 0; i < random.group.size(); ++i) {
    const int g = random.group[i];
    if (seen[g] == 0) {
      seen[g] = 1;
      first[g] = x[i];
    } else if (x[i] != first[g]) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool nested(const RandomPart& inner, const RandomPart& outer) {
  if (outer.groups.size() > inner.groups.size()) return false;
  std::vector<int> in(inner.groups.size(), -1);
  for (std::size_t i = 0; i < inner.group.size(); ++i) {
    int& level = in[inner.group[i]];
    if (level >= 0 && level != outer.group[i]) return false;
    level = outer.group[i];
  }
  return true;
}

double Freedom::term(Index first, Index width) const {
  const int rows = static_cast<int>(df.size()) - 1;
  double out = -1e300;
  for (Index j = first; j < first + width; ++j) {
    if (stratum[j] == rows) return df[rows];
    out = std::max(out, column(j));
  }
  return out;
}

Freedom containment(const ModelData& data, const Columns& columns) {
  const auto& random = data.random;
  const Index p = data.x.cols();
  const int intercept = columns.has_intercept() ? 1 : 0;
  const auto count = static_cast<int>(random.size());
  // What each factor adds to the levels of those it is nested in.
  std::vector<double> levels(count), above(count, 0.0);
  for (int k = 0; k < count; ++k) {
    levels[k] = static_cast<double>(random[k].groups.size());
    for (int j = 0; j < count; ++j)
      if (j != k && nested(random[k], random[j]) && (levels[k] > static_cast<double>(random[j].groups.size()) || j < k))
        above[k] = std::max(above[k], static_cast<double>(random[j].groups.size()));
  }
  Freedom out;
  out.stratum.assign(p, count);
  std::vector<double> columns_in(count + 1, 0.0);
  for (Index j = intercept; j < p; ++j) {
    for (int k = 0; k < count; ++k) {
      if (!constant_within(data.x.col(j).data(), random[k])) continue;
      if (out.stratum[j] == count || levels[k] - above[k] < levels[out.stratum[j]] - above[out.stratum[j]])
        out.stratum[j] = k;
    }
    columns_in[out.stratum[j]] += 1.0;
  }
  double rows = static_cast<double>(data.x.rows()) - 1.0;
  for (int k = 0; k < count; ++k) {
    rows -= levels[k] - (above[k] > 0.0 ? above[k] : 1.0);
    out.df.push_back(levels[k] - (above[k] > 0.0 ? above[k] : intercept) - columns_in[k]);
  }
  out.df.push_back(rows - columns_in[count] + (1 - intercept));
  out.column.resize(p);
  for (Index j = 0; j < p; ++j) out.column(j) = out.df[out.stratum[j]];
  if (intercept == 1) out.column(0) = *std::max_element(out.df.begin(), out.df.end());
  return out;
}

}  // namespace ipsi::stats::lme
