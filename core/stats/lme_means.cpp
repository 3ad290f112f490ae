// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "core/base/text.h"
#include "core/stats/expression.h"
#include "core/stats/lme_inference.h"
#include "core/stats/sem_model.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

bool part_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == ':' || (c & 0x80) != 0;
}

}  // namespace

Result<Combination> parse_combination(const std::string& text, const std::vector<std::string>& names) {
  Combination out;
  out.of = VectorXd::Zero(static_cast<Index>(names.size()));
  std::string rest = text;
  if (const std::size_t equals = rest.find('='); equals != std::string::npos) {
    out.name = trim(rest.substr(0, equals));
    rest = rest.substr(equals + 1);
  } else {
    out.name = trim(text);
  }
  const auto misread = [&](const std::string& what) {
    return fail(Code::Usage, what, fmt::format("contrast '{}'", trim(text)), "write e.g. \"slope = x + 0.5 * x:sexM\"");
  };
  double sign = 1.0;
  bool any = false, due = true;
  for (std::size_t i = 0; i < rest.size();) {
    const char c = rest[i];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (c == '+' || c == '-') {
      sign = due ? (c == '-' ? -sign : sign) : (c == '-' ? -1.0 : 1.0);
      due = true;
      ++i;
    } else {
      double factor = sign;
      if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') {
        const std::size_t start = i;
        while (i < rest.size() && (std::isdigit(static_cast<unsigned char>(rest[i])) != 0 || rest[i] == '.')) ++i;
        const auto value = parse_double(rest.substr(start, i - start));
        if (!value) return misread(fmt::format("'{}' is no number", rest.substr(start, i - start)));
        factor *= *value;
        while (i < rest.size() && (std::isspace(static_cast<unsigned char>(rest[i])) != 0 || rest[i] == '*')) ++i;
      }
      std::string name;
      if (i < rest.size() && rest[i] == '`') {
        const std::size_t close = rest.find('`', i + 1);
        if (close == std::string::npos) return misread("the backtick is never closed");
        name = rest.substr(i + 1, close - i - 1);
        i = close + 1;
      } else if (rest.compare(i, 11, "(Intercept)") == 0) {
        name = "(Intercept)";
        i += 11;
      } else {
        while (i < rest.size() && part_of_name(rest[i])) name += rest[i++];
      }
      if (name.empty() || !due)
        return misread(i < rest.size() ? fmt::format("'{}' is not expected", rest[i])
                                       : "a coefficient is due at the end");
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) {
        const std::string near = nearest_name(name, names);
        return fail(
            Code::NotFound, fmt::format("there is no coefficient '{}'", name), fmt::format("contrast '{}'", trim(text)),
            near.empty() ? "the coefficients are " + join(names, ", ") : fmt::format("did you mean '{}'?", near));
      }
      out.of(found - names.begin()) += factor;
      sign = 1.0;
      due = false;
      any = true;
    }
  }
  if (!any || due) return misread("a coefficient is due at the end");
  return out;
}

Result<std::vector<Combination>> marginal_means(const Formula& formula, const Design& design, const table::Table& data,
                                                const std::string& factor) {
  const Columns& columns = design.data.columns;
  // The factors of the fixed part with their levels in the rows of the model.
  std::map<std::size_t, std::vector<std::string>> levels;
  TermBits used = 0;
  for (const TermBits term : formula.terms) used |= term;
  for (std::size_t v = 0; v < formula.variables.size(); ++v) {
    if ((used >> v & 1U) == 0) continue;
    auto variable = evaluate(*formula.expressions[v], data, design.rows);
    if (!variable) return tl::unexpected(variable.error());
    if (variable->is_factor) levels[v] = variable->levels;
  }
  std::vector<std::size_t> shown;
  for (const std::string& name : split(factor, ':')) {
    const auto at =
        std::find(formula.variables.begin(), formula.variables.end(), trim(name)) - formula.variables.begin();
    if (!levels.contains(static_cast<std::size_t>(at))) {
      std::vector<std::string> known;
      for (const auto& [v, unused] : levels) known.push_back(formula.variables[v]);
      return fail(Code::InvalidInput, fmt::format("'{}' is no factor of the fixed part", trim(name)), "means",
                  known.empty() ? "the model has no factor" : "name one of " + join(known, ", "));
    }
    shown.push_back(static_cast<std::size_t>(at));
  }
  // Every cell of all factors: the row a person of this cell with mean numbers would have.
  std::vector<std::size_t> order = shown;
  for (const auto& [v, unused] : levels)
    if (std::find(order.begin(), order.end(), v) == order.end()) order.push_back(v);
  std::map<std::size_t, std::size_t> cell;
  std::vector<Combination> out;
  const auto p = static_cast<Index>(columns.names.size());
  const auto value_of = [&](Index column, Result<double>& into) {
    if (columns.term[column] < 0) return 1.0;
    const std::vector<std::string> parts = split(columns.names[column], ':');
    std::size_t at = 0;
    double product = 1.0;
    const TermBits term = formula.terms[static_cast<std::size_t>(columns.term[column])];
    for (std::size_t v = 0; v < formula.variables.size(); ++v) {
      if ((term >> v & 1U) == 0) continue;
      const std::string& part = at < parts.size() ? parts[at] : columns.names[column];
      ++at;
      if (levels.contains(v)) {
        product *= part == formula.variables[v] + levels[v][cell[v]] ? 1.0 : 0.0;
        continue;
      }
      const auto own = std::find(columns.names.begin(), columns.names.end(), part) - columns.names.begin();
      if (own == p)
        into = fail(Code::InvalidInput, fmt::format("the mean of '{}' is not known to the model", part), "means",
                    "add its main effect to the formula");
      else
        product *= design.data.x.col(own).mean();
    }
    return product;
  };
  std::size_t cells = 1, per = 1;
  for (const std::size_t v : order) cells *= levels[v].size();
  for (std::size_t k = shown.size(); k < order.size(); ++k) per *= levels[order[k]].size();
  for (std::size_t c = 0; c < cells; ++c) {
    std::size_t rest = c;
    std::string name;
    for (std::size_t k = order.size(); k-- > 0;) {
      cell[order[k]] = rest % levels[order[k]].size();
      rest /= levels[order[k]].size();
    }
    for (const std::size_t v : shown) name += (name.empty() ? "" : ":") + levels[v][cell[v]];
    if (c % per == 0) out.push_back({name, VectorXd::Zero(p)});
    for (Index j = 0; j < p; ++j) {
      Result<double> fine = 0.0;
      out.back().of(j) += value_of(j, fine) / static_cast<double>(per);
      if (!fine) return tl::unexpected(fine.error());
    }
  }
  return out;
}

std::vector<Combination> pairwise(const std::vector<Combination>& means) {
  std::vector<Combination> out;
  for (std::size_t a = 0; a < means.size(); ++a)
    for (std::size_t b = a + 1; b < means.size(); ++b)
      out.push_back({means[a].name + " - " + means[b].name, means[a].of - means[b].of});
  return out;
}

}  // namespace ipsi::stats
