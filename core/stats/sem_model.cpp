// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "core/base/text.h"

namespace ipsi::stats {
namespace {

using Names = std::vector<std::string>;
constexpr double kFind = std::numeric_limits<double>::quiet_NaN();

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
void add(Names& names, const std::string& name) {
  if (!has(names, name)) names.push_back(name);
}

/// What part each variable plays; order within each list is that of appearance.
struct Roles {
  Names latent, indicators, responses, predictors;
  Names observed;   // indicators, responses, predictors, those in covariances only
  Names exogenous;  // observed predictors that are neither indicator nor response, nor in a written covariance

  explicit Roles(const std::vector<SemRow>& rows) {
    for (const SemRow& r : rows)
      if (r.op == "=~") add(latent, r.lhs);
    for (const SemRow& r : rows) {
      if (r.op == "=~") add(indicators, r.rhs);
      if (r.op == "~") {
        add(responses, r.lhs);
        add(predictors, r.rhs);
      }
    }
    for (const Names* list : {&indicators, &responses, &predictors})
      for (const std::string& name : *list)
        if (!has(latent, name)) add(observed, name);
    for (const SemRow& r : rows)
      if (r.op == "~~")
        for (const std::string& name : {r.lhs, r.rhs})
          if (!has(latent, name)) add(observed, name);
    for (const std::string& name : predictors)
      if (!has(latent, name) && !has(indicators, name) && !has(responses, name)) exogenous.push_back(name);
  }
};

std::size_t edits(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t up = row[j];
      row[j] = std::min({up + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = up;
    }
  }
  return row[b.size()];
}

std::string offer(const std::string& word, const Names& known, const std::string& kind) {
  const std::string near = nearest_name(word, known);
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  Names some(known.begin(), known.begin() + static_cast<long>(std::min<std::size_t>(known.size(), 12)));
  return known.empty() ? "there are no " + kind
                       : fmt::format("the {} are {}{}", kind, join(some, ", "), known.size() > 12 ? ", .." : "");
}

SemRow row_of(const SemPath& path) {
  SemRow row{.lhs = path.lhs, .op = path.op, .rhs = path.rhs, .start = kFind, .label = path.label, .place = path.place};
  row.free = path.fixed && !path.freed ? 0 : -1;  // numbered at the end
  if (path.fixed) row.value = *path.fixed;
  if (path.start) row.start = *path.start;
  return row;
}

/// The rows that lavaan's sem() would add.
class Defaults {
 public:
  Defaults(std::vector<SemRow>& rows, const Roles& roles) : rows_(rows), roles_(roles) {}

  void add_all() {
    for (const std::string& name : roles_.observed)
      if (!has(roles_.exogenous, name)) variance(name);
    for (const std::string& name : roles_.latent) variance(name);
    Names free_latent, last;
    for (const std::string& name : roles_.latent) {
      const bool response = has(roles_.responses, name), indicator = has(roles_.indicators, name);
      if (!response && !indicator) free_latent.push_back(name);
      if (response && !indicator && !has(roles_.predictors, name)) last.push_back(name);
    }
    for (const std::string& name : roles_.observed)
      if (has(roles_.responses, name) && !has(roles_.indicators, name) && !has(roles_.predictors, name))
        last.push_back(name);
    pairs(free_latent, false);
    pairs(last, false);
    for (std::size_t i = 0; i < roles_.exogenous.size(); ++i)
      for (std::size_t j = i; j < roles_.exogenous.size(); ++j) add_row(roles_.exogenous[i], roles_.exogenous[j], true);
  }

 private:
  bool written(const std::string& a, const std::string& b) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const SemRow& r) {
      return r.op == "~~" && ((r.lhs == a && r.rhs == b) || (r.lhs == b && r.rhs == a));
    });
  }
  void add_row(const std::string& a, const std::string& b, bool exogenous) {
    if (written(a, b)) return;
    rows_.push_back({.lhs = a,
                     .op = "~~",
                     .rhs = b,
                     .free = exogenous ? 0 : -1,
                     .start = kFind,
                     .exogenous = exogenous,
                     .place = {0, 0}});
  }
  void variance(const std::string& name) {
    if (written(name, name)) return;
    add_row(name, name, false);
    if (only_indicator(name)) rows_.back().free = 0;  // its factor is the variable itself
  }
  /// Of an observed variable: some factor has no other indicator.
  bool only_indicator(const std::string& name) const {
    return std::any_of(roles_.latent.begin(), roles_.latent.end(), [&](const std::string& factor) {
      Names own;
      for (const SemRow& r : rows_)
        if (r.op == "=~" && r.lhs == factor) own.push_back(r.rhs);
      return own == Names{name} && !has(roles_.latent, name);
    });
  }
  void pairs(const Names& names, bool exogenous) {
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t j = i + 1; j < names.size(); ++j) add_row(names[i], names[j], exogenous);
  }

  std::vector<SemRow>& rows_;
  const Roles& roles_;
};

/// A factor has no unit of its own: its first loading is 1 unless the model frees it.
Result<void> fix_first_loadings(std::vector<SemRow>& rows, const SemSyntax& syntax) {
  Names seen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SemRow& row = rows[i];
    if (row.op != "=~" || has(seen, row.lhs)) continue;
    seen.push_back(row.lhs);
    const SemPath& path = syntax.paths[i];
    if (path.freed || path.fixed) continue;
    if (path.start)
      return fail(Code::InvalidInput, fmt::format("the first loading of {} is fixed to 1, so it has no start", row.lhs),
                  to_string(row.place), fmt::format("write NA*{0} + start(..)*{0} to free it", row.rhs));
    row.free = 0;
    row.value = 1.0;
  }
  return {};
}

/// Rows of one label share one parameter; a fixed one among them fixes all.
void number_parameters(SemModel& model) {
  std::map<std::string, const SemRow*> fixed;
  for (const SemRow& row : model.rows)
    if (row.op != ":=" && row.free == 0 && !row.exogenous && !row.label.empty()) fixed.try_emplace(row.label, &row);
  std::map<std::string, int> known;
  model.n_free = 0;
  for (SemRow& row : model.rows) {
    if (row.op == ":=" || row.free == 0) continue;
    if (const auto same = fixed.find(row.label); !row.label.empty() && same != fixed.end()) {
      model.remarks.push_back(fmt::format("{} shares the label '{}' with {}, which is fixed to {}", row.name(),
                                          row.label, same->second->name(), format_double(same->second->value)));
      row.free = 0;
      row.value = same->second->value;
      continue;
    }
    if (row.label.empty()) {
      row.free = ++model.n_free;
      continue;
    }
    const auto [at, fresh] = known.try_emplace(row.label, model.n_free + 1);
    if (fresh) ++model.n_free;
    row.free = at->second;
  }
}

Result<void> check_names(const SemSyntax& syntax, const Roles& roles, const Names& columns) {
  Names known = columns;
  known.insert(known.end(), roles.latent.begin(), roles.latent.end());
  for (const SemPath& path : syntax.paths) {
    for (const auto& [name, place] : {std::pair(path.lhs, path.lhs_place), std::pair(path.rhs, path.place)})
      if (!has(known, name))
        return fail(Code::NotFound, fmt::format("'{}' is no column of the data", name), to_string(place),
                    offer(name, known, "columns"));
    if (path.op != "~~" && path.lhs == path.rhs)
      return fail(Code::InvalidInput,
                  fmt::format("{} {} {} explains a variable by itself", path.lhs, path.op, path.rhs),
                  to_string(path.place), path.op == "~" ? "its variance is written with ~~" : "name its indicators");
    if (path.fixed && path.freed)
      return fail(Code::InvalidInput, fmt::format("{} {} {} is both fixed and free", path.lhs, path.op, path.rhs),
                  to_string(path.place), "keep the number or the NA");
  }
  return {};
}

// ---- definitions ----

struct Scope {
  std::map<std::string, std::size_t> labels;       // row
  std::map<std::string, std::size_t> definitions;  // number among the definitions

  explicit Scope(const SemModel& model) {
    std::size_t defined = 0;
    for (std::size_t i = 0; i < model.rows.size(); ++i) {
      const SemRow& row = model.rows[i];
      if (row.op == ":=")
        definitions[row.lhs] = defined++;
      else if (!row.label.empty())
        labels.try_emplace(row.label, i);
    }
  }
};

Result<void> check_expression(const SemModel& model, const Scope& scope, const SemExpression& e, Names& open) {
  if (e.kind == SemExpression::Kind::name && !scope.labels.contains(e.text)) {
    const auto at = scope.definitions.find(e.text);
    if (at == scope.definitions.end()) {
      Names known;
      for (const auto& [name, row] : scope.labels) known.push_back(name);
      for (const auto& [name, row] : scope.definitions) known.push_back(name);
      return fail(Code::NotFound, fmt::format("no parameter has the label '{}'", e.text), to_string(e.place),
                  offer(e.text, known, "labels"));
    }
    if (has(open, e.text))
      return fail(Code::InvalidInput, fmt::format("the definition of '{}' leads back to itself", e.text),
                  to_string(e.place), "define it by labels");
    open.push_back(e.text);
    auto ok = check_expression(model, scope, *model.definitions[at->second], open);
    open.pop_back();
    return ok;
  }
  for (const auto& argument : e.arguments)
    if (auto ok = check_expression(model, scope, *argument, open); !ok) return ok;
  return {};
}

Result<void> check_definitions(const SemModel& model) {
  const Scope scope(model);
  for (const auto& [name, at] : scope.definitions) {
    Names open{name};
    if (auto ok = check_expression(model, scope, *model.definitions[at], open); !ok) return ok;
  }
  return {};
}

SemDual evaluate(const SemModel& model, const Scope& scope, const SemExpression& e, const Eigen::VectorXd& value) {
  SemDual out{.value = e.number, .slope = Eigen::VectorXd::Zero(value.size())};
  const auto of = [&](std::size_t i) { return evaluate(model, scope, *e.arguments[i], value); };
  switch (e.kind) {
    case SemExpression::Kind::number: return out;
    case SemExpression::Kind::name: {
      if (const auto row = scope.labels.find(e.text); row != scope.labels.end()) {
        const auto i = static_cast<Eigen::Index>(row->second);
        out.value = value[i];
        out.slope[i] = 1.0;
        return out;
      }
      return evaluate(model, scope, *model.definitions[scope.definitions.at(e.text)], value);
    }
    case SemExpression::Kind::negative: {
      const SemDual a = of(0);
      return {-a.value, -a.slope};
    }
    case SemExpression::Kind::call: {
      const SemDual a = of(0);
      if (e.text == "exp") return {std::exp(a.value), std::exp(a.value) * a.slope};
      if (e.text == "log") return {std::log(a.value), a.slope / a.value};
      if (e.text == "sqrt") return {std::sqrt(a.value), a.slope / (2.0 * std::sqrt(a.value))};
      return {std::abs(a.value), a.value < 0.0 ? Eigen::VectorXd(-a.slope) : a.slope};
    }
    case SemExpression::Kind::binary: break;
  }
  const SemDual a = of(0), b = of(1);
  switch (e.text[0]) {
    case '+': return {a.value + b.value, a.slope + b.slope};
    case '-': return {a.value - b.value, a.slope - b.slope};
    case '*': return {a.value * b.value, a.slope * b.value + b.slope * a.value};
    case '/': return {a.value / b.value, a.slope / b.value - b.slope * (a.value / (b.value * b.value))};
    default: {
      out.value = std::pow(a.value, b.value);
      out.slope = b.value * std::pow(a.value, b.value - 1.0) * a.slope;
      if (!b.slope.isZero(0.0)) out.slope += out.value * std::log(a.value) * b.slope;
      return out;
    }
  }
}

}  // namespace

int SemModel::index(const std::string& name) const {
  const auto in = [&](const Names& names) {
    const auto at = std::find(names.begin(), names.end(), name);
    return at == names.end() ? -1 : static_cast<int>(at - names.begin());
  };
  if (const int l = in(latent); l >= 0) return static_cast<int>(observed.size()) + l;
  return in(observed);
}

const std::string& SemModel::variable(int index) const {
  const auto i = static_cast<std::size_t>(index);
  return i < observed.size() ? observed[i] : latent[i - observed.size()];
}

Names SemModel::parameter_names() const {
  Names out(static_cast<std::size_t>(n_free));
  for (const SemRow& row : rows)
    if (row.free > 0 && out[static_cast<std::size_t>(row.free - 1)].empty())
      out[static_cast<std::size_t>(row.free - 1)] = row.name();
  return out;
}

Result<SemModel> build_sem(const SemSyntax& syntax, const Names& columns) {
  SemModel model;
  for (const SemPath& path : syntax.paths) model.rows.push_back(row_of(path));
  if (model.rows.empty())
    return fail(Code::InvalidInput, "the model has no paths", "model", "write at least one statement with =~, ~ or ~~");
  Roles roles(model.rows);
  if (auto ok = check_names(syntax, roles, columns); !ok) return tl::unexpected(ok.error());
  if (auto ok = fix_first_loadings(model.rows, syntax); !ok) return tl::unexpected(ok.error());
  Names kept;
  for (const std::string& name : roles.exogenous) {
    const bool written = std::any_of(syntax.paths.begin(), syntax.paths.end(), [&](const SemPath& p) {
      return p.op == "~~" && (p.lhs == name || p.rhs == name);
    });
    if (written)
      model.remarks.push_back(
          fmt::format("the predictor {} is in a written covariance: its variance is estimated", name));
    else
      kept.push_back(name);
  }
  roles.exogenous = kept;
  for (const std::string& name : roles.latent)
    if (has(columns, name))
      model.remarks.push_back(fmt::format("{} is a latent variable here; the column of that name is not used", name));
  Defaults(model.rows, roles).add_all();
  model.observed = roles.observed;
  model.latent = roles.latent;
  model.exogenous = roles.exogenous;
  for (const SemDefinition& d : syntax.definitions) {
    model.rows.push_back({.lhs = d.name, .op = ":=", .rhs = d.text, .label = d.name, .place = d.place});
    model.definitions.push_back(d.expression);
  }
  number_parameters(model);
  if (auto ok = check_definitions(model); !ok) return tl::unexpected(ok.error());
  return model;
}

Result<SemModel> sem_from_rows(std::vector<SemRow> rows) {
  SemModel model;
  std::stable_partition(rows.begin(), rows.end(), [](const SemRow& r) { return r.op != ":="; });
  model.rows = std::move(rows);
  const Roles roles(model.rows);
  model.observed = roles.observed;
  model.latent = roles.latent;
  for (const SemRow& row : model.rows) {
    if (row.exogenous) {
      add(model.exogenous, row.lhs);
      add(model.exogenous, row.rhs);
    }
    if (row.op != ":=") continue;
    auto parsed = parse_sem(row.lhs + " := " + row.rhs);
    if (!parsed) return tl::unexpected(parsed.error());
    model.definitions.push_back(parsed->definitions.at(0).expression);
  }
  number_parameters(model);
  if (auto ok = check_definitions(model); !ok) return tl::unexpected(ok.error());
  return model;
}

std::vector<SemDual> evaluate_definitions(const SemModel& model, const Eigen::VectorXd& value) {
  const Scope scope(model);
  std::vector<SemDual> out;
  for (const auto& definition : model.definitions) out.push_back(evaluate(model, scope, *definition, value));
  return out;
}

std::string nearest_name(const std::string& word, const Names& candidates) {
  std::string best;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates)
    if (const std::size_t d = edits(to_lower(word), to_lower(candidate)); d < fewest) {
      fewest = d;
      best = candidate;
    }
  return best;
}

}  // namespace ipsi::stats
