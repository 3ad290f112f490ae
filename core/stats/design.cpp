// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/design.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/base/text.h"
#include "core/stats/expression.h"
#include "core/stats/sem_model.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;

// The columns one variable brings into one term.
struct Coded {
  Eigen::MatrixXd values;
  std::vector<std::string> names;
};

Coded sum_to_zero(const Variable& variable) {
  const Index n = static_cast<Index>(variable.codes.size());
  const auto last = static_cast<int>(variable.levels.size()) - 1;
  Coded out{Eigen::MatrixXd::Zero(n, last), {}};
  for (Index i = 0; i < n; ++i) {
    if (variable.codes[i] == last)
      out.values.row(i).setConstant(-1.0);
    else
      out.values(i, variable.codes[i]) = 1.0;
  }
  for (int k = 1; k <= last; ++k) out.names.push_back(variable.label + std::to_string(k));
  return out;
}

Coded coded(const Variable& variable, bool full, Contrasts contrasts) {
  if (variable.is_factor && !full && contrasts == Contrasts::sum_to_zero) return sum_to_zero(variable);
  Coded out;
  if (!variable.is_factor) {
    out.values = variable.values;
    for (const std::string& suffix : variable.suffixes) out.names.push_back(variable.label + suffix);
    return out;
  }
  const int skip = full ? 0 : 1;
  const Index n = static_cast<Index>(variable.codes.size());
  out.values = Eigen::MatrixXd::Zero(n, static_cast<Index>(variable.levels.size()) - skip);
  for (Index i = 0; i < n; ++i)
    if (variable.codes[i] >= skip) out.values(i, variable.codes[i] - skip) = 1.0;
  for (std::size_t k = skip; k < variable.levels.size(); ++k) out.names.push_back(variable.label + variable.levels[k]);
  return out;
}

// R's rule: a factor is coded by contrasts in a term when an earlier term holds the rest of that term.
bool needs_all_levels(const std::vector<TermBits>& terms, std::size_t position, std::size_t variable) {
  const TermBits rest = terms[position] & ~(TermBits{1} << variable);
  if (rest == 0) return false;
  for (std::size_t k = 0; k < position; ++k)
    if ((rest & ~terms[k]) == 0) return false;
  return true;
}

struct Matrix {
  Eigen::MatrixXd x;
  Columns columns;
};

// model.matrix of R: intercept, then the terms in order; within a term the first variable runs fastest.
Matrix model_matrix(const Formula& formula, const std::vector<TermBits>& terms, bool intercept,
                    const std::vector<Variable>& variables, Index n, Contrasts contrasts = Contrasts::treatment) {
  std::vector<Coded> blocks;
  Matrix out;
  if (intercept) {
    blocks.push_back({Eigen::MatrixXd::Ones(n, 1), {"(Intercept)"}});
    out.columns.term.push_back(-1);
  }
  bool first_factor_due = !intercept;  // without an intercept the first factor met shows all its levels
  for (std::size_t t = 0; t < terms.size(); ++t) {
    Coded block;
    for (std::size_t v = 0; v < variables.size(); ++v) {
      if ((terms[t] >> v & 1U) == 0) continue;
      bool full = variables[v].is_factor && needs_all_levels(terms, t, v);
      if (first_factor_due && variables[v].is_factor) {
        full = true;
        first_factor_due = false;
      }
      Coded next = coded(variables[v], full, contrasts);
      if (block.names.empty()) {
        block = std::move(next);
        continue;
      }
      Coded product{Eigen::MatrixXd(n, block.values.cols() * next.values.cols()), {}};
      for (Index b = 0, at = 0; b < next.values.cols(); ++b)
        for (Index a = 0; a < block.values.cols(); ++a, ++at) {
          product.values.col(at) = block.values.col(a).cwiseProduct(next.values.col(b));
          product.names.push_back(block.names[a] + ":" + next.names[b]);
        }
      block = std::move(product);
    }
    out.columns.term.insert(out.columns.term.end(), block.names.size(), static_cast<int>(t));
    out.columns.terms.push_back(formula.label(terms[t]));
    blocks.push_back(std::move(block));
  }
  Index p = 0;
  for (const Coded& block : blocks) p += block.values.cols();
  out.x.resize(n, p);
  Index at = 0;
  for (Coded& block : blocks) {
    out.x.middleCols(at, block.values.cols()) = block.values;
    at += block.values.cols();
    std::move(block.names.begin(), block.names.end(), std::back_inserter(out.columns.names));
  }
  return out;
}

struct Selected {
  std::vector<std::size_t> rows;
  std::vector<Design::Dropped> dropped;
};

Result<Selected> complete_rows(const Formula& formula, const table::Table& data, const DesignOptions& options) {
  std::vector<std::string> names = formula.columns_used();
  if (!options.weights.empty() && std::find(names.begin(), names.end(), options.weights) == names.end())
    names.push_back(options.weights);
  std::vector<const table::Column*> columns;
  for (const std::string& name : names) {
    auto column = data.require(name);
    if (!column) {
      Error error = column.error();
      const std::string near = nearest_name(name, data.names());
      if (!near.empty()) error.mend = fmt::format("did you mean '{}'? {}", near, error.mend);
      return wrap(error, "formula");
    }
    columns.push_back(*column);
  }
  if (data.rows() == 0)
    return fail(Code::InvalidInput, "the table has no rows", "", "check the file or the row condition");
  Selected out;
  std::vector<int> count(names.size(), 0);
  out.rows.reserve(data.rows());
  for (std::size_t row = 0; row < data.rows(); ++row) {
    std::size_t k = 0;
    while (k < columns.size() && !columns[k]->missing(row)) ++k;
    if (k == columns.size())
      out.rows.push_back(row);
    else
      ++count[k];
  }
  std::vector<std::string> reasons;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (count[k] == 0) continue;
    out.dropped.push_back({names[k], count[k]});
    reasons.push_back(fmt::format("{} without {}", count[k], names[k]));
  }
  if (out.rows.empty())
    return fail(Code::InvalidInput,
                fmt::format("no row is left for the model: of {} rows {}", data.rows(), join(reasons, ", ")), "",
                "check these columns or take them out of the formula");
  return out;
}

Result<std::vector<Variable>> evaluate_all(const Formula& formula, const table::Table& data,
                                           const std::vector<std::size_t>& rows) {
  std::vector<Variable> out;
  for (std::size_t v = 0; v < formula.expressions.size(); ++v) {
    auto variable = evaluate(*formula.expressions[v], data, rows);
    if (!variable) return tl::unexpected(variable.error());
    const bool response = static_cast<int>(v) == formula.response;
    if (response && (variable->is_factor || variable->values.cols() != 1)) {
      const bool logical = variable->is_factor && data.find(formula.variables[v]) != nullptr &&
                           data.find(formula.variables[v])->kind == table::Column::Kind::logical;
      return fail(Code::InvalidInput,
                  fmt::format("the response '{}' {}", variable->label,
                              logical ? "is true or false, not a number"
                                      : (variable->is_factor ? "holds text, not numbers" : "has several columns")),
                  "formula, left side", "name a numeric column");
    }
    if (!response && variable->is_factor && variable->levels.size() < 2)
      return fail(Code::InvalidInput,
                  fmt::format("'{}' has one level only ('{}') in the {} rows of the model", variable->label,
                              variable->levels.empty() ? "" : variable->levels[0], rows.size()),
                  "formula", "take it out of the formula or widen the rows");
    out.push_back(std::move(*variable));
  }
  return out;
}

// The levels of a grouping factor: a column's own, or the combinations of several columns that occur, the first column
// running slowest.
Result<Variable> grouping_of(const std::vector<std::string>& columns, const table::Table& data,
                             const std::vector<std::size_t>& rows) {
  Variable out;
  for (const std::string& name : columns) {
    auto column = data.require(name);
    if (!column) return wrap(column.error(), "formula");
    Variable next = as_factor(**column, rows);
    if (out.levels.empty()) {
      out = std::move(next);
      continue;
    }
    const std::size_t width = next.levels.size();
    std::vector<int> renumber(out.levels.size() * width, -1);
    for (std::size_t i = 0; i < rows.size(); ++i) renumber[out.codes[i] * width + next.codes[i]] = 0;
    std::vector<std::string> levels;
    for (std::size_t k = 0; k < renumber.size(); ++k) {
      if (renumber[k] < 0) continue;
      renumber[k] = static_cast<int>(levels.size());
      levels.push_back(out.levels[k / width] + ":" + next.levels[k % width]);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) out.codes[i] = renumber[out.codes[i] * width + next.codes[i]];
    out.levels = std::move(levels);
  }
  return out;
}

// Terms of the same grouping factor are blocks of one part.
Result<RandomPart> random_part(const Formula& formula, const std::vector<RandomTerm>& terms,
                               const std::vector<Variable>& variables, const table::Table& data,
                               const std::vector<std::size_t>& rows) {
  RandomPart out;
  out.name = terms.front().group;
  std::vector<Matrix> parts;
  for (const RandomTerm& term : terms) {
    Matrix part = model_matrix(formula, term.terms, term.intercept, variables, static_cast<Index>(rows.size()));
    const int first = out.block.empty() ? 0 : out.block.back() + 1;
    if (!term.correlated)
      for (const TermBits bits : term.terms)
        for (std::size_t v = 0; v < variables.size(); ++v)
          if ((bits >> v & 1U) != 0 && variables[v].is_factor)
            return fail(Code::InvalidInput, fmt::format("'||' stands with the factor '{}'", variables[v].label),
                        fmt::format("formula, ({})", term.text), "use numeric columns there, or '|'");
    for (Index j = 0; j < part.x.cols(); ++j) out.block.push_back(first + (term.correlated ? 0 : static_cast<int>(j)));
    out.columns.insert(out.columns.end(), part.columns.names.begin(), part.columns.names.end());
    parts.push_back(std::move(part));
  }
  out.z.resize(static_cast<Index>(rows.size()), static_cast<Index>(out.columns.size()));
  for (Index at = 0; const Matrix& part : parts) {
    out.z.middleCols(at, part.x.cols()) = part.x;
    at += part.x.cols();
  }
  auto grouping = grouping_of(terms.front().group_columns, data, rows);
  if (!grouping) return tl::unexpected(grouping.error());
  if (grouping->levels.size() < 2)
    return fail(Code::InvalidInput,
                fmt::format("'{}' has one level only ('{}') in the {} rows of the model; a random effect needs two",
                            out.name, grouping->levels[0], rows.size()),
                "formula", "use `ipsi lm` without the random term, or widen the rows");
  out.group = std::move(grouping->codes);
  out.groups = std::move(grouping->levels);
  return out;
}

Result<std::vector<RandomPart>> random_parts(const Formula& formula, const std::vector<Variable>& variables,
                                             const table::Table& data, const std::vector<std::size_t>& rows) {
  const auto columns_of = [](const RandomTerm& term) {
    return std::set<std::string>(term.group_columns.begin(), term.group_columns.end());
  };
  std::vector<std::vector<RandomTerm>> factors;
  for (const RandomTerm& term : formula.random) {
    const auto same = std::find_if(factors.begin(), factors.end(),
                                   [&](const auto& terms) { return columns_of(terms.front()) == columns_of(term); });
    if (same == factors.end())
      factors.push_back({term});
    else
      same->push_back(term);
  }
  std::vector<RandomPart> out;
  for (const std::vector<RandomTerm>& terms : factors) {
    auto part = random_part(formula, terms, variables, data, rows);
    if (!part) return tl::unexpected(part.error());
    out.push_back(std::move(*part));
  }
  return out;
}

Result<Eigen::VectorXd> weights_of(const table::Table& data, const std::string& name, std::vector<std::size_t>& rows,
                                   std::vector<Design::Dropped>& dropped) {
  const table::Column& column = *data.find(name);  // complete_rows has met it
  if (column.kind != table::Column::Kind::numeric)
    return fail(Code::InvalidInput, fmt::format("the weights '{}' are no numbers", name), "", "name a numeric column");
  for (const std::size_t row : rows)
    if (!(column.values[row] >= 0.0))
      return fail(Code::InvalidInput, fmt::format("the weight '{}' is {}", name, format_double(column.values[row])),
                  fmt::format("data row {}", row + 1), "give weights of 0 or more");
  const std::size_t before = rows.size();
  std::erase_if(rows, [&](std::size_t row) { return column.values[row] == 0.0; });
  if (rows.size() < before) dropped.push_back({name + " = 0", static_cast<int>(before - rows.size())});
  if (rows.empty())
    return fail(Code::InvalidInput, fmt::format("every weight '{}' is 0", name), "", "give positive weights");
  Eigen::VectorXd out(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Index>(i)) = column.values[rows[i]];
  return out;
}

}  // namespace

int Design::rows_dropped() const {
  return std::accumulate(dropped.begin(), dropped.end(), 0, [](int sum, const Dropped& d) { return sum + d.rows; });
}

Result<Design> make_design(const Formula& formula, const table::Table& data, const DesignOptions& options) {
  if (formula.response < 0)
    return fail(Code::Usage, "the formula has no response", "formula, column 1", "write it before '~'");
  auto selected = complete_rows(formula, data, options);
  if (!selected) return tl::unexpected(selected.error());
  Design out;
  out.rows = std::move(selected->rows);
  out.dropped = std::move(selected->dropped);
  if (!options.weights.empty()) {
    auto weights = weights_of(data, options.weights, out.rows, out.dropped);
    if (!weights) return tl::unexpected(weights.error());
    out.data.weights = std::move(*weights);
  }
  auto variables = evaluate_all(formula, data, out.rows);
  if (!variables) return tl::unexpected(variables.error());
  const auto response = static_cast<std::size_t>(formula.response);
  out.response = formula.variables[response];
  out.data.y = (*variables)[response].values.col(0);
  Matrix matrix =
      model_matrix(formula, formula.terms, formula.intercept, *variables, out.data.y.size(), options.contrasts);
  if (matrix.x.cols() == 0)
    return fail(Code::InvalidInput, "the formula has neither intercept nor predictors", "formula", "write y ~ 1");
  out.data.x = std::move(matrix.x);
  out.data.columns = std::move(matrix.columns);
  auto random = random_parts(formula, *variables, data, out.rows);
  if (!random) return tl::unexpected(random.error());
  out.data.random = std::move(*random);
  return out;
}

}  // namespace ipsi::stats
