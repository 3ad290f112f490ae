// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rlme.h"

#include <fmt/format.h>

#include <memory>

#include "core/spec/method.h"
#include "core/stats/request.h"

namespace ipsi::stats {
namespace {

table::Table weights_table(const RlmeFit& fit, const RandomPart& random) {
  std::vector<double> weights(fit.weight_group.data(), fit.weight_group.data() + fit.weight_group.size());
  std::vector<double> rows(random.groups.size(), 0.0), low(random.groups.size(), 0.0);
  for (Eigen::Index i = 0; i < fit.weight.size(); ++i) {
    const auto g = static_cast<std::size_t>(random.group[static_cast<std::size_t>(i)]);
    rows[g] += 1.0;
    low[g] += fit.weight[i] < 0.5 ? 1.0 : 0.0;
  }
  auto out = table::Table::from({table::text("group", random.groups), table::numeric("weight", weights),
                                 table::numeric("rows", rows), table::numeric("rows_below_half", low)});
  return out.value_or(table::Table());
}

std::vector<std::pair<std::string, double>> quantities(const RlmeFit& fit, const RandomPart& random) {
  std::vector<std::pair<std::string, double>> out{{"rows", fit.n}, {"groups", fit.n_groups}, {"sigma", fit.sigma}};
  for (Eigen::Index i = 0; i < fit.random_sd.size(); ++i)
    out.emplace_back(fmt::format("sd({})", random.columns[static_cast<std::size_t>(i)]), fit.random_sd[i]);
  if (fit.random_sd.size() == 2) out.emplace_back("cor", fit.random_corr(0, 1));
  out.emplace_back("rows with weight below 1/2", static_cast<double>((fit.weight.array() < 0.5).count()));
  out.emplace_back("smallest weight of a row", fit.weight.minCoeff());
  out.emplace_back("smallest weight of a group", fit.weight_group.minCoeff());
  return out;
}

class Rlme final : public spec::Method {
 public:
  const spec::MethodInfo& info() const override {
    static const spec::MethodInfo info{
        .key = "rlme",
        .title = "Robust mixed model",
        .summary = "Mixed model whose rows and groups have bounded influence (smoothed Huber, design adaptive scales).",
        .options = {spec::choice("estimator", "DAStau", {"DAStau", "DASvar"},
                                 "How scales are corrected: by the distribution of residuals, or by variances alone")},
        .references = {"koller2013", "koller2022", "wilkinson1973"}};
    return info;
  }

  Result<void> check(const spec::Spec& spec, const table::Table& data) const override {
    auto request = read(spec, data);
    if (!request) return tl::unexpected(request.error());
    return {};
  }

  Result<spec::ResultSet> run(const spec::Spec& spec, const table::Table& data, const Task& task) const override {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    auto request = read(spec, data);
    if (!request) return tl::unexpected(request.error());
    const bool das_var = request->options["estimator"] == "DASvar";
    const ModelData& model = request->design.data;
    auto fit = fit_rlme(model, {.scale = das_var ? ScaleEstimator::das_var : ScaleEstimator::das_tau}, task);
    if (!fit) return tl::unexpected(fit.error());
    spec::ResultSet out;
    out.json = to_json(*fit, model);
    add_request(out.json, spec, *request);
    out.findings = dropped_findings(*request);
    out.findings.insert(out.findings.end(), fit->findings.begin(), fit->findings.end());
    out.json["findings"] = out.findings;
    out.usable = fit->converged;
    out.tables.push_back({"coefficients", "Fixed effects on " + request->design.response,
                          "95 % intervals and p by the normal distribution", coefficient_table(fit->coefficients)});
    out.tables.push_back({"weights", "Weights by " + model.random.front().name,
                          "1: counts in full; rows whose own weight is below 1/2",
                          weights_table(*fit, model.random.front())});
    out.tables.push_back({"fit", "Robust fit", "", quantity_table(quantities(*fit, model.random.front()))});
    out.methods_text.push_back(paragraph(spec, *request, *fit));
    out.references = info().references;
    out.manifest = manifest_of(spec, data);
    task.progress(1.0);
    return out;
  }

 private:
  Result<Request> read(const spec::Spec& spec, const table::Table& data) const {
    auto request = prepare(info(), spec, data);
    if (request && request->design.data.random.empty())
      return fail(Code::InvalidInput, "the formula has no random term", "formula", "add (1 | group)");
    return request;
  }

  static std::string paragraph(const spec::Spec& spec, const Request& request, const RlmeFit& fit) {
    return fmt::format(
        "The linear mixed model {} was fitted robustly ({}) to {} rows in {} levels of {} ({} rows were left out for "
        "missing values): residuals and random effects enter through the smoothed Huber function (k = {} and {}), "
        "scales "
        "by Huber's Proposal 2 with design adaptive corrections. Tests and intervals use the normal approximation, as "
        "degrees of freedom are not defined for this estimator.{}",
        spec.formula, fit.scale == ScaleEstimator::das_tau ? "DAStau" : "DASvar", fit.n, fit.n_groups,
        request.design.data.random.front().name, request.design.rows_dropped(), fit.bound_residual, fit.bound_random,
        fit.boundary ? " The variance between groups was estimated as 0." : "");
  }
};

}  // namespace

std::unique_ptr<spec::Method> make_rlme() {
  return std::make_unique<Rlme>();
}

}  // namespace ipsi::stats
