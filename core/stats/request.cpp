// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/text.h"
#include "core/spec/rows.h"

namespace ipsi::stats {
namespace {

Result<table::Column> with_levels(const table::Column& column, const std::vector<std::string>& levels) {
  std::vector<std::string> texts(column.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i] = column.cell(i);
    if (!texts[i].empty() && std::find(levels.begin(), levels.end(), texts[i]) == levels.end())
      return fail(Code::InvalidInput, fmt::format("'{}' of '{}' is none of its levels", texts[i], column.name),
                  fmt::format("data row {}", i + 1), fmt::format("add it to {}", join(levels, ", ")));
  }
  return table::text(column.name, std::move(texts), levels);
}

std::vector<double> doubles(const Eigen::VectorXd& v) {
  return {v.data(), v.data() + v.size()};
}

}  // namespace

namespace {

/// The table of a spec, and which rows of the given one it holds.
struct Selected {
  table::Table table;
  std::vector<std::size_t> rows;
};

Result<Selected> selected(const spec::Spec& spec, const table::Table& data) {
  table::Table out = data;
  for (const auto& [name, levels] : spec.factors) {
    auto column = data.require(name);
    if (!column) return wrap(column.error(), "factors");
    if ((*column)->kind == table::Column::Kind::text && (*column)->levels == levels) continue;
    auto factor = with_levels(**column, levels);
    if (!factor) return tl::unexpected(factor.error());
    auto next = out.with(std::move(*factor));
    if (!next) return tl::unexpected(next.error());
    out = std::move(*next);
  }
  if (spec.rows.empty()) {
    std::vector<std::size_t> all(out.rows());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return Selected{std::move(out), std::move(all)};
  }
  auto rows = spec::rows_where(out, spec.rows);
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty() && data.rows() > 0)
    return fail(Code::InvalidInput, fmt::format("none of the {} rows fulfils the row condition", data.rows()),
                spec.rows, "widen it");
  return Selected{out.select(*rows), std::move(*rows)};
}

}  // namespace

Result<table::Table> requested_table(const spec::Spec& spec, const table::Table& data) {
  auto found = selected(spec, data);
  if (!found) return tl::unexpected(found.error());
  return std::move(found->table);
}

Result<Request> prepare(const spec::MethodInfo& info, const spec::Spec& spec, const table::Table& data,
                        const std::string& weights_option) {
  if (spec.method != info.key)
    return fail(Code::InvalidInput, fmt::format("the spec is for method '{}', not '{}'", spec.method, info.key),
                "key method", fmt::format("run `ipsi {}`", spec.method));
  auto options = spec::complete(info.options, spec.options);
  if (!options) return tl::unexpected(options.error());
  auto formula = parse_formula(spec.formula);
  if (!formula) return tl::unexpected(formula.error());
  auto found = selected(spec, data);
  if (!found) return tl::unexpected(found.error());
  DesignOptions design_options;
  if (!weights_option.empty()) design_options.weights = (*options)[weights_option].get<std::string>();
  auto design = make_design(*formula, found->table, design_options);
  if (!design) return tl::unexpected(design.error());
  std::vector<std::size_t> rows;
  for (const std::size_t r : design->rows) rows.push_back(found->rows[r]);
  return Request{.options = std::move(*options),
                 .formula = std::move(*formula),
                 .design = std::move(*design),
                 .rows_given = data.rows(),
                 .rows_selected = found->rows.size(),
                 .rows = std::move(rows)};
}

std::vector<std::string> dropped_findings(const Request& request) {
  std::vector<std::string> out;
  if (request.rows_selected < request.rows_given)
    out.push_back(fmt::format("{} of {} rows do not fulfil the row condition",
                              request.rows_given - request.rows_selected, request.rows_given));
  for (const Design::Dropped& dropped : request.design.dropped) {
    const bool weight = dropped.variable.ends_with(" = 0");
    out.push_back(fmt::format("{} of {} rows left out: {}", dropped.rows, request.rows_selected,
                              weight ? "weight " + dropped.variable : "no " + dropped.variable));
  }
  return out;
}

void add_request(Json& json, const spec::Spec& spec, const Request& request) {
  Json dropped = Json::object();
  for (const Design::Dropped& d : request.design.dropped) dropped[d.variable] = d.rows;
  json["formula"] = spec.formula;
  json["rows"] = Json{{"given", request.rows_given},
                      {"selected", request.rows_selected},
                      {"used", request.design.rows.size()},
                      {"dropped", dropped}};
}

table::Table coefficient_table(const Coefficients& c) {
  auto out = table::Table::from(
      {table::text("term", c.name), table::numeric("estimate", doubles(c.value)), table::numeric("se", doubles(c.se)),
       table::numeric("df", doubles(c.df)), table::numeric("t", doubles(c.t)), table::numeric("p", doubles(c.p)),
       table::numeric("ci_low", doubles(c.ci_low)), table::numeric("ci_high", doubles(c.ci_high))});
  return out.value_or(table::Table());
}

table::Table quantity_table(const std::vector<std::pair<std::string, double>>& rows) {
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& [name, value] : rows) {
    names.push_back(name);
    values.push_back(value);
  }
  auto out = table::Table::from({table::text("quantity", names), table::numeric("value", values)});
  return out.value_or(table::Table());
}

Json manifest_of(const spec::Spec& spec, const table::Table& data) {
  return Json{{"method", spec.method}, {"spec", spec::to_json(spec)}, {"data", data.hash()}, {"seed", spec.seed}};
}

}  // namespace ipsi::stats
