// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/resample/on_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/text.h"

namespace ipsi::stats {
namespace {

std::vector<double> doubles(const Eigen::VectorXd& v) {
  return {v.data(), v.data() + v.size()};
}

BootstrapKind kind_of(const std::string& word) {
  for (const BootstrapKind kind : {BootstrapKind::groups, BootstrapKind::parametric})
    if (to_string(kind) == word) return kind;
  return BootstrapKind::cases;
}

Result<Blocks> blocks_from(const spec::Spec& spec, const table::Table& data, const Request& request,
                           const std::string& name) {
  const ModelData& model = request.design.data;
  if (name.empty()) return model.random.empty() ? one_block(model.y.size()) : blocks_of(model.random.front());
  const auto table = requested_table(spec, data);
  if (!table) return tl::unexpected(table.error());
  const auto column = table->require(name);
  if (!column) return wrap(column.error(), "blocks");
  Blocks out;
  out.name = name;
  std::map<std::string, int> number;
  for (std::size_t i = 0; i < request.rows.size(); ++i) {
    const std::string cell = (*column)->cell(request.design.rows[i]);
    if (cell.empty())
      return fail(Code::InvalidInput, fmt::format("row {} has no {}", request.rows[i] + 1, name), "blocks",
                  fmt::format("fill it, or keep rows by --rows \"{} is known\"", name));
    const auto [it, fresh] = number.try_emplace(cell, static_cast<int>(out.names.size()));
    if (fresh) out.names.push_back(cell);
    out.code.push_back(it->second);
  }
  return out;
}

table::Table bootstrap_table(const Bootstrap& b) {
  return table::Table::from({table::text("term", b.name), table::numeric("estimate", doubles(b.estimate)),
                             table::numeric("se", doubles(b.se)), table::numeric("bias", doubles(b.bias)),
                             table::numeric("percentile_low", doubles(b.percentile_low)),
                             table::numeric("percentile_high", doubles(b.percentile_high)),
                             table::numeric("bca_low", doubles(b.bca_low)),
                             table::numeric("bca_high", doubles(b.bca_high))})
      .value_or(table::Table());
}

std::string drawn_words(const Bootstrap& b, const Blocks& blocks) {
  switch (b.kind) {
    case BootstrapKind::groups: return "whole levels of " + blocks.name;
    case BootstrapKind::parametric: return "responses from the fitted model";
    case BootstrapKind::cases: break;
  }
  return blocks.name.empty() ? "rows" : "rows inside each level of " + blocks.name;
}

Result<void> add_bootstrap(spec::ResultSet& out, const ModelData& model, const Blocks& blocks,
                           const BootstrapOptions& options, const Task& task) {
  const auto found = bootstrap(model, blocks, options, task);
  if (!found) return tl::unexpected(found.error());
  out.json["bootstrap"] = to_json(*found);
  out.json["bootstrap"]["seed"] = options.seed;
  out.json["bootstrap"]["blocks"] = blocks.name.empty() ? Json(nullptr) : Json(blocks.name);
  out.tables.push_back({"bootstrap", "Bootstrap of the coefficients",
                        fmt::format("{} draws of {}; {:.0f} % percentile and BCa intervals",
                                    options.draws - found->failed, drawn_words(*found, blocks), 100.0 * options.level),
                        bootstrap_table(*found)});
  out.findings.insert(out.findings.end(), found->findings.begin(), found->findings.end());
  out.methods_text.push_back(fmt::format(
      "Coefficients were bootstrapped by {} draws of {} (seed {}); intervals are percentile and {} intervals.",
      options.draws - found->failed, drawn_words(*found, blocks), options.seed,
      found->kind == BootstrapKind::parametric ? "bias-corrected" : "bias-corrected and accelerated (BCa)"));
  out.references.insert(out.references.end(), {"efron1993", "davison1997"});
  return {};
}

Result<void> add_permutation(spec::ResultSet& out, const ModelData& model, const Blocks& blocks,
                             const std::string& term, const PermutationOptions& options, const Task& task) {
  const auto found = permute(model, blocks, term, options, task);
  if (!found) return tl::unexpected(found.error());
  out.json["permutation"] = to_json(*found);
  out.json["permutation"]["seed"] = options.seed;
  out.tables.push_back(
      {"permutation", "Permutation test of " + term,
       "Freedman-Lane; " + (blocks.name.empty() ? std::string("all rows") : "inside levels of " + blocks.name),
       quantity_table({{"F", found->statistic},
                       {"columns", static_cast<double>(found->columns.size())},
                       {"permutations", found->permutations},
                       {"as large", found->as_large},
                       {"p by permutation", found->p},
                       {"p of the model", found->p_wald}})});
  out.findings.insert(out.findings.end(), found->findings.begin(), found->findings.end());
  out.methods_text.push_back(fmt::format(
      "{} was tested by {} permutations of the residuals of the model without it ({}; Freedman-Lane; seed {}); "
      "p = (permutations with a statistic as large + 1) / (permutations + 1).",
      term, found->permutations, blocks.name.empty() ? "all rows" : "inside levels of " + blocks.name, options.seed));
  out.references.insert(out.references.end(), {"freedman1983", "winkler2014", "phipson2010"});
  return {};
}

}  // namespace

std::vector<spec::Option> with_resampling(std::vector<spec::Option> options) {
  options.push_back(spec::integer("bootstrap", 0, 0, 1000000, "Bootstrap draws of the coefficients; 0 = none"));
  options.push_back(spec::choice("bootstrap-kind", "cases", {"cases", "groups", "parametric"},
                                 "What is drawn: rows inside each block, whole blocks, or responses from the model"));
  options.push_back(spec::text("permute", "", "Coefficient or term to test by permutation (Freedman-Lane)"));
  options.push_back(spec::integer("permutations", 4999, 99, 10000000, "How many"));
  options.push_back(
      spec::text("blocks", "", "Column whose levels rows stay in; a mixed model's grouping factor when not given"));
  return options;
}

Result<void> add_resampling(spec::ResultSet& out, const spec::Spec& spec, const table::Table& data,
                            const Request& request, Criterion criterion, const Task& task) {
  const Json& o = request.options;
  const int draws = o["bootstrap"].get<int>();
  const auto term = o["permute"].get<std::string>();
  if (draws == 0 && term.empty()) return {};
  const auto blocks = blocks_from(spec, data, request, o["blocks"].get<std::string>());
  if (!blocks) return tl::unexpected(blocks.error());
  const ModelData& model = request.design.data;
  if (draws > 0) {
    const BootstrapOptions options{.kind = kind_of(o["bootstrap-kind"].get<std::string>()),
                                   .draws = draws,
                                   .seed = spec.seed,
                                   .criterion = criterion};
    if (options.kind == BootstrapKind::groups && blocks->name.empty())
      return fail(Code::InvalidInput, "no groups are named to draw whole groups of", "blocks", "add --blocks COLUMN");
    if (auto ok = add_bootstrap(out, model, *blocks, options, task); !ok) return ok;
  }
  if (!term.empty()) {
    const PermutationOptions options{
        .permutations = o["permutations"].get<int>(), .seed = spec.seed, .criterion = criterion};
    if (auto ok = add_permutation(out, model, *blocks, term, options, task); !ok) return ok;
  }
  out.json["findings"] = out.findings;
  std::vector<std::string> once;
  for (const std::string& key : out.references)
    if (std::find(once.begin(), once.end(), key) == once.end()) once.push_back(key);
  out.references = std::move(once);
  return {};
}

std::string_view to_string(BootstrapKind kind) {
  switch (kind) {
    case BootstrapKind::groups: return "groups";
    case BootstrapKind::parametric: return "parametric";
    case BootstrapKind::cases: break;
  }
  return "cases";
}

Json to_json(const Bootstrap& b) {
  return Json{{"kind", to_string(b.kind)},
              {"draws", b.draws.rows()},
              {"failed", b.failed},
              {"level", b.level},
              {"name", b.name},
              {"estimate", numbers(b.estimate)},
              {"se", numbers(b.se)},
              {"bias", numbers(b.bias)},
              {"percentile_lower", numbers(b.percentile_low)},
              {"percentile_upper", numbers(b.percentile_high)},
              {"bca_lower", numbers(b.bca_low)},
              {"bca_upper", numbers(b.bca_high)},
              {"z0", numbers(b.z0)},
              {"acceleration", numbers(b.acceleration)}};
}

Json to_json(const Permutation& p) {
  return Json{{"term", p.term},
              {"columns", p.columns},
              {"blocks", p.blocks.empty() ? Json(nullptr) : Json(p.blocks)},
              {"F", number(p.statistic)},
              {"permutations", p.permutations},
              {"failed", p.failed},
              {"as_large", p.as_large},
              {"p", number(p.p)},
              {"p_wald", number(p.p_wald)}};
}

}  // namespace ipsi::stats
