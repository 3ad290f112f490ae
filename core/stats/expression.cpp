// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/expression.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>
#include <unordered_map>

#include "core/base/text.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Rows = std::vector<std::size_t>;

// R's choice between fixed and scientific notation: the shorter, fixed when equal.
std::string number_text(double value) {
  const std::string shortest = fmt::format("{}", value);
  const std::string fixed =
      std::abs(value) < 1e15 && value == std::floor(value) ? fmt::format("{:.0f}", value) : shortest;
  for (int digits = 0; digits < 16; ++digits) {
    const std::string scientific = fmt::format("{:.{}e}", value, digits);
    if (std::stod(scientific) == value) return scientific.size() < fixed.size() ? scientific : fixed;
  }
  return fixed;
}

std::string name_text(const std::string& name) {
  const auto good = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.' || (c & 0x80) != 0; };
  const bool word = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name[0] != '_' &&
                    std::all_of(name.begin(), name.end(), good);
  return word ? name : fmt::format("`{}`", name);
}

Error about(const Expression& expression, const std::string& what, const std::string& mend) {
  return {Code::InvalidInput, what, "formula, " + deparse(expression), mend};
}

Result<Eigen::VectorXd> numbers(const Expression& e, const table::Table& data, const Rows& rows);

Result<Eigen::VectorXd> column_numbers(const Expression& e, const table::Table& data, const Rows& rows) {
  auto column = data.require(e.text);
  if (!column) return tl::unexpected(column.error());
  if ((*column)->kind == table::Column::Kind::text)
    return tl::unexpected(about(e, fmt::format("'{}' holds text, not numbers", e.text), "use a numeric column here"));
  Eigen::VectorXd out(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Index>(i)) = (*column)->values[rows[i]];
  return out;
}

Result<Eigen::VectorXd> arithmetic(const Expression& e, const table::Table& data, const Rows& rows) {
  auto a = numbers(*e.arguments[0], data, rows);
  if (!a) return a;
  auto b = numbers(*e.arguments[1], data, rows);
  if (!b) return b;
  switch (e.text[0]) {
    case '+': return Eigen::VectorXd(*a + *b);
    case '-': return Eigen::VectorXd(*a - *b);
    case '*': return Eigen::VectorXd(a->cwiseProduct(*b));
    case '/': return Eigen::VectorXd(a->cwiseQuotient(*b));
    default: return Eigen::VectorXd(a->binaryExpr(*b, [](double x, double y) { return std::pow(x, y); }));
  }
}

Result<Eigen::VectorXd> scaled(const Expression& e, const Eigen::VectorXd& x) {
  const Eigen::VectorXd centred = x.array() - x.mean();
  const double squares = centred.squaredNorm();
  if (x.size() < 2 || !(squares > 1e-28 * x.squaredNorm()))
    return tl::unexpected(about(e, fmt::format("the {} values to scale are all equal", x.size()),
                                "take the variable out of the formula"));
  return Eigen::VectorXd(centred / std::sqrt(squares / static_cast<double>(x.size() - 1)));
}

Result<Eigen::VectorXd> function_of(const Expression& e, const table::Table& data, const Rows& rows) {
  auto x = numbers(*e.arguments[0], data, rows);
  if (!x || e.text == "I") return x;
  if (e.text == "scale" || e.text == "z") return scaled(e, *x);
  double (*f)(double) = nullptr;
  if (e.text == "log") f = [](double v) { return std::log(v); };
  if (e.text == "log2") f = [](double v) { return std::log2(v); };
  if (e.text == "log10") f = [](double v) { return std::log10(v); };
  if (e.text == "log1p") f = [](double v) { return std::log1p(v); };
  if (e.text == "sqrt") f = [](double v) { return std::sqrt(v); };
  if (e.text == "exp") f = [](double v) { return std::exp(v); };
  if (e.text == "abs") f = [](double v) { return std::abs(v); };
  if (f == nullptr)
    return tl::unexpected(
        about(e, fmt::format("{}() cannot stand inside arithmetic", e.text), "use it as a term of its own"));
  return Eigen::VectorXd(x->unaryExpr(f));
}

Result<Eigen::VectorXd> numbers(const Expression& e, const table::Table& data, const Rows& rows) {
  using Kind = Expression::Kind;
  const Index n = static_cast<Index>(rows.size());
  switch (e.kind) {
    case Kind::name: return column_numbers(e, data, rows);
    case Kind::number: return Eigen::VectorXd(Eigen::VectorXd::Constant(n, e.number));
    case Kind::parenthesis: return numbers(*e.arguments[0], data, rows);
    case Kind::negative: {
      auto x = numbers(*e.arguments[0], data, rows);
      if (!x) return x;
      return Eigen::VectorXd(-*x);
    }
    case Kind::binary: return arithmetic(e, data, rows);
    case Kind::call: break;
  }
  return function_of(e, data, rows);
}

// Orthogonal polynomials over the rows, positive leading coefficient, unit length (R's poly), or plain powers.
Result<Variable> polynomial(const Expression& e, const table::Table& data, const Rows& rows) {
  auto x = numbers(*e.arguments[0], data, rows);
  if (!x) return tl::unexpected(x.error());
  const Index degree = static_cast<Index>(e.arguments[1]->number);
  const bool raw = e.arguments.size() == 3 && e.arguments[2]->text == "TRUE";
  const std::set<double> different(x->begin(), x->end());
  if (static_cast<Index>(different.size()) <= degree)
    return tl::unexpected(
        about(e, fmt::format("degree {} needs {} different values, there are {}", degree, degree + 1, different.size()),
              "lower the degree"));
  Variable out;
  out.values.resize(x->size(), degree);
  const Eigen::ArrayXd centred = x->array() - x->mean();
  Eigen::MatrixXd basis(x->size(), degree + 1);
  basis.col(0).setConstant(1.0 / std::sqrt(static_cast<double>(x->size())));
  for (Index k = 1; k <= degree; ++k) {
    out.suffixes.push_back(std::to_string(k));
    if (raw) {
      out.values.col(k - 1) = x->array().pow(static_cast<double>(k));
      continue;
    }
    // Multiplying the last polynomial by x instead of taking powers keeps high degrees accurate.
    basis.col(k) = k == 1 ? centred : Eigen::ArrayXd(basis.col(k - 1).array() * centred);
    for (int pass = 0; pass < 2; ++pass)
      for (Index j = 0; j < k; ++j) basis.col(k) -= basis.col(j).dot(basis.col(k)) * basis.col(j);
    basis.col(k).normalize();
    out.values.col(k - 1) = basis.col(k);
  }
  return out;
}

template <class Key, class Value>
int code_of(std::unordered_map<Key, int>& known, const Value& value) {
  return known.try_emplace(Key(value), static_cast<int>(known.size())).first->second;
}

// Codes in order of appearance -> codes in level order, levels without rows left out.
void order_levels(Variable& out, const std::vector<int>& order, const std::vector<std::string>& names) {
  std::vector<int> rank(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<int>(i);
  for (int& code : out.codes) code = rank[code];
  for (const int i : order) out.levels.push_back(names[i]);
}

Variable text_factor(const table::Column& column, const Rows& rows) {
  Variable out;
  out.codes.resize(rows.size());
  std::unordered_map<std::string_view, int> known;
  std::vector<std::string> names;
  const std::string* last = nullptr;
  int last_code = -1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& text = column.texts[rows[i]];
    if (last == nullptr || text != *last) {
      last_code = code_of(known, std::string_view(text));
      last = &text;
      if (static_cast<std::size_t>(last_code) == names.size()) names.push_back(text);
    }
    out.codes[i] = last_code;
  }
  std::vector<int> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  if (column.levels.empty()) {
    std::sort(order.begin(), order.end(), [&](int a, int b) { return names[a] < names[b]; });
  } else {
    order.clear();
    for (const std::string& level : column.levels)
      if (const auto found = known.find(level); found != known.end()) order.push_back(found->second);
    // A cell outside the fixed levels cannot come from a file; a table made by hand may hold one: last, in order.
    for (std::size_t i = 0; i < names.size() && order.size() < names.size(); ++i)
      if (std::find(order.begin(), order.end(), static_cast<int>(i)) == order.end())
        order.push_back(static_cast<int>(i));
  }
  order_levels(out, order, names);
  return out;
}

Variable number_factor(const Rows& rows, const table::Column& column) {
  Variable out;
  out.codes.resize(rows.size());
  std::unordered_map<double, int> known;
  std::vector<double> values;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double value = column.values[rows[i]];
    out.codes[i] = code_of(known, value);
    if (static_cast<std::size_t>(out.codes[i]) == values.size()) values.push_back(value);
  }
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) { return values[a] < values[b]; });
  std::vector<std::string> names;
  for (const double value : values) {
    if (column.kind == table::Column::Kind::logical)
      names.emplace_back(value != 0.0 ? "TRUE" : "FALSE");
    else
      names.push_back(format_double(value));
  }
  order_levels(out, order, names);
  return out;
}

}  // namespace

std::string deparse(const Expression& e) {
  using Kind = Expression::Kind;
  switch (e.kind) {
    case Kind::name: return name_text(e.text);
    case Kind::number: return number_text(e.number);
    case Kind::negative: return fmt::format("-{}", deparse(*e.arguments[0]));
    case Kind::parenthesis: return fmt::format("({})", deparse(*e.arguments[0]));
    case Kind::binary: {
      const bool tight = e.text == "^" || e.text == "/";
      return deparse(*e.arguments[0]) + (tight ? e.text : " " + e.text + " ") + deparse(*e.arguments[1]);
    }
    case Kind::call: break;
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < e.arguments.size(); ++i)
    parts.push_back((e.argument_names[i].empty() ? "" : e.argument_names[i] + " = ") + deparse(*e.arguments[i]));
  return e.text + "(" + join(parts, ", ") + ")";
}

void collect_columns(const Expression& e, std::vector<std::string>& into) {
  if (e.kind == Expression::Kind::name && std::find(into.begin(), into.end(), e.text) == into.end())
    into.push_back(e.text);
  // The third argument of poly is TRUE or FALSE, no column.
  const std::size_t used = e.kind == Expression::Kind::call && e.text == "poly" ? 1 : e.arguments.size();
  for (std::size_t i = 0; i < used; ++i) collect_columns(*e.arguments[i], into);
}

Variable as_factor(const table::Column& column, const Rows& rows) {
  Variable out = column.kind == table::Column::Kind::text ? text_factor(column, rows) : number_factor(rows, column);
  out.is_factor = true;
  return out;
}

Result<Variable> evaluate(const Expression& e, const table::Table& data, const Rows& rows) {
  const bool factor_call = e.kind == Expression::Kind::call && e.text == "factor";
  const Expression& inner = factor_call ? *e.arguments[0] : e;
  Variable out;
  if (inner.kind == Expression::Kind::name) {
    auto column = data.require(inner.text);
    if (!column) return tl::unexpected(column.error());
    if (factor_call || (*column)->kind != table::Column::Kind::numeric) {
      out = as_factor(**column, rows);
      out.label = deparse(e);
      return out;
    }
  } else if (factor_call) {
    return tl::unexpected(about(e, "factor() takes a column", "make the column first"));
  }
  if (e.kind == Expression::Kind::call && e.text == "poly") {
    auto made = polynomial(e, data, rows);
    if (!made) return made;
    out = std::move(*made);
  } else {
    auto values = numbers(e, data, rows);
    if (!values) return tl::unexpected(values.error());
    out.values = std::move(*values);
    out.suffixes = {""};
  }
  out.label = deparse(e);
  for (Index i = 0; i < out.values.rows(); ++i)
    if (!out.values.row(i).allFinite())
      return tl::unexpected(about(e, fmt::format("it is no finite number in data row {}", rows[i] + 1),
                                  "take that row out or change the function"));
  return out;
}

}  // namespace ipsi::stats
