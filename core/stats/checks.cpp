// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/checks.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;

bool constant(const Eigen::MatrixXd& x, Index column) {
  return x.rows() > 0 && (x.col(column).array() == x(0, column)).all();
}

}  // namespace

Result<void> check_model_data(const ModelData& data) {
  const Index n = data.y.size();
  if (n == 0) return fail(Code::InvalidInput, "there are no rows to fit", "", "check the table and the row condition");
  if (data.x.rows() != n || data.x.cols() == 0 || (data.weights.size() != 0 && data.weights.size() != n))
    return fail(Code::InvalidInput, fmt::format("sizes disagree: y has {} rows, x {} x {}, weights {}", n,
                                                data.x.rows(), data.x.cols(), data.weights.size()));
  const auto& names = data.columns.names;
  if (!names.empty() && (static_cast<Index>(names.size()) != data.x.cols() || data.columns.term.size() != names.size()))
    return fail(Code::InvalidInput, fmt::format("{} names for {} columns of x", names.size(), data.x.cols()));
  if (!data.y.allFinite()) return fail(Code::InvalidInput, "the response holds a value that is not finite");
  if (!data.x.allFinite()) return fail(Code::InvalidInput, "a predictor holds a value that is not finite");
  if (data.weights.size() != 0 && !(data.weights.allFinite() && data.weights.minCoeff() > 0.0))
    return fail(Code::InvalidInput, "a weight is not a positive number", "", "take out rows of weight 0");
  return {};
}

Columns named_columns(const ModelData& data) {
  if (!data.columns.names.empty()) return data.columns;
  Columns out;
  for (Index j = 0; j < data.x.cols(); ++j) {
    if (j == 0 && constant(data.x, 0) && data.x(0, 0) == 1.0) {
      out.names.emplace_back("(Intercept)");
      out.term.push_back(-1);
      continue;
    }
    out.names.push_back(fmt::format("x{}", j + 1));
    out.term.push_back(static_cast<int>(out.terms.size()));
    out.terms.push_back(out.names.back());
  }
  return out;
}

Result<void> check_rank(const numeric::Orthonormal& basis, const Eigen::MatrixXd& x,
                        const std::vector<std::string>& names, const std::string& part) {
  if (basis.dependent.empty()) return {};
  std::vector<std::string> said;
  for (const auto& found : basis.dependent) {
    const std::string& name = names[found.column];
    std::vector<std::string> on;
    for (const int k : found.on) on.push_back(names[k]);
    if (constant(x, found.column))
      said.push_back(fmt::format("'{}' is {} in all {} rows", name, format_double(x(0, found.column)), x.rows()));
    else
      said.push_back(fmt::format("'{}' follows from {}", name, on.empty() ? "nothing (it is 0)" : join(on, ", ")));
  }
  return fail(Code::RankDeficient, "columns of the design depend on each other: " + join(said, "; "), part,
              "take one of them out of the formula");
}

}  // namespace ipsi::stats
