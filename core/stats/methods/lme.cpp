// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lme.h"

#include <fmt/format.h>

#include <memory>

#include "core/base/text.h"
#include "core/spec/method.h"
#include "core/stats/influence_result.h"
#include "core/stats/request.h"
#include "core/stats/resample/on_request.h"

namespace ipsi::stats {
namespace {

table::Table random_table(const LmeFit& fit, const ModelData& model) {
  std::vector<std::string> names;
  std::vector<double> values, low, high;
  const auto add = [&](const RandomPart& random, bool with_group, const std::string& name, double value) {
    names.push_back(with_group ? name + " by " + random.name : name);
    values.push_back(value);
    double from = table::kMissing, to = table::kMissing;
    for (const VarianceInterval& interval : fit.random_intervals)
      if (interval.name == name && interval.group == random.name) {
        from = interval.low;
        to = interval.high;
      }
    low.push_back(from);
    high.push_back(to);
  };
  const bool several = model.random.size() > 1;
  for (std::size_t part = 0; part < model.random.size(); ++part) {
    const RandomPart& random = model.random[part];
    const RandomEstimate estimate = fit.estimate(part);
    for (Eigen::Index i = 0; i < estimate.sd.size(); ++i)
      add(random, several, fmt::format("sd({})", random.columns[i]), estimate.sd(i));
    for (Eigen::Index i = 0; i < estimate.sd.size(); ++i)
      for (Eigen::Index j = i + 1; j < estimate.sd.size(); ++j)
        if (random.block[i] == random.block[j])
          add(random, several, fmt::format("cor({},{})", random.columns[i], random.columns[j]), estimate.corr(i, j));
  }
  names.emplace_back("sigma (residual)");
  values.push_back(fit.sigma);
  low.push_back(fit.has_intervals ? fit.sigma_low : table::kMissing);
  high.push_back(fit.has_intervals ? fit.sigma_high : table::kMissing);
  auto out = table::Table::from({table::text("term", names), table::numeric("estimate", values),
                                 table::numeric("ci_low", low), table::numeric("ci_high", high)});
  return out.value_or(table::Table());
}

std::string group_names(const ModelData& model) {
  std::vector<std::string> names;
  for (const RandomPart& part : model.random) names.push_back(part.name);
  return join(names, ", ");
}

std::vector<std::pair<std::string, double>> quantities(const LmeFit& fit, const ModelData& model) {
  std::vector<std::pair<std::string, double>> out{{"rows", fit.n}};
  for (const RandomPart& part : model.random)
    out.emplace_back(model.random.size() > 1 ? "levels of " + part.name : "groups", part.groups.size());
  const std::vector<std::pair<std::string, double>> rest{{"log-likelihood", fit.log_likelihood},
                                                         {"AIC", fit.aic},
                                                         {"BIC", fit.bic},
                                                         {"LRT of no random effect, chi-square", fit.random_test.chisq},
                                                         {"LRT df", fit.random_test.df},
                                                         {"LRT p (plain)", fit.random_test.p}};
  out.insert(out.end(), rest.begin(), rest.end());
  if (fit.random_test.p_mixture) out.emplace_back("LRT p (50:50 mixture)", *fit.random_test.p_mixture);
  out.emplace_back("largest VIF", fit.vif.max());
  return out;
}

class Lme final : public spec::Method {
 public:
  const spec::MethodInfo& info() const override {
    static const spec::MethodInfo info{
        .key = "lme",
        .title = "Linear mixed model",
        .summary =
            "Mixed model with random intercepts and slopes, crossed or nested groups and weights, by REML or ML.",
        .options = with_resampling(
            {spec::choice("criterion", "REML", {"REML", "ML"}, "Restricted or full maximum likelihood"),
             spec::text("weights", "", "Column of prior weights w: the residual variance is sigma^2 / w"),
             spec::toggle("influence", "Refit without each row and each group: Cook's distance, DFBETAs")}),
        .references = {"pinheiro2000", "lindstrom1988", "stram1994", "fox1992", "wilkinson1973", "cook1977",
                       "nieuwenhuis2012", "efron1993", "davison1997", "freedman1983", "winkler2014", "phipson2010"}};
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
    const bool reml = request->options["criterion"] == "REML";
    const ModelData& model = request->design.data;
    auto fit = fit_lme(model, {.criterion = reml ? Criterion::reml : Criterion::ml}, task);
    if (!fit) return tl::unexpected(fit.error());
    spec::ResultSet out;
    out.json = to_json(*fit, model);
    add_request(out.json, spec, *request);
    out.findings = dropped_findings(*request);
    out.findings.insert(out.findings.end(), fit->findings.begin(), fit->findings.end());
    out.json["findings"] = out.findings;
    out.usable = fit->converged;
    out.tables.push_back({"coefficients", "Fixed effects on " + request->design.response,
                          "95 % intervals; df by containment (nlme)", coefficient_table(fit->coefficients)});
    out.tables.push_back({"random", "Random effects by " + group_names(model), "standard deviations; 95 % intervals",
                          random_table(*fit, model)});
    out.tables.push_back({"fit", reml ? "Fit (REML)" : "Fit (ML)", "", quantity_table(quantities(*fit, model))});
    out.methods_text.push_back(paragraph(spec, *request, *fit));
    out.references = {"pinheiro2000", "lindstrom1988", "stram1994", "fox1992", "wilkinson1973"};
    if (request->options["influence"].get<bool>()) {
      const auto found = influence(model, *fit, {}, task);
      if (!found) return tl::unexpected(found.error());
      add_influence(out, *found, *fit, model, request->design.rows);
      out.json["findings"] = out.findings;
      out.references.insert(out.references.end(), {"cook1977", "nieuwenhuis2012"});
    }
    const Criterion criterion = reml ? Criterion::reml : Criterion::ml;
    if (auto ok = add_resampling(out, spec, data, *request, criterion, task); !ok) return tl::unexpected(ok.error());
    out.manifest = manifest_of(spec, data);
    task.progress(1.0);
    return out;
  }

 private:
  Result<Request> read(const spec::Spec& spec, const table::Table& data) const {
    auto request = prepare(info(), spec, data, "weights");
    if (request && request->design.data.random.empty())
      return fail(Code::InvalidInput, "the formula has no random term", "formula", "add (1 | group), or run `ipsi lm`");
    return request;
  }

  static std::string paragraph(const spec::Spec& spec, const Request& request, const LmeFit& fit) {
    std::string terms;
    for (const RandomTerm& term : request.formula.random) terms += (terms.empty() ? "(" : " + (") + term.text + ")";
    std::string levels;
    for (const RandomPart& part : request.design.data.random)
      levels += fmt::format("{}{} levels of {}", levels.empty() ? "" : " and ", part.groups.size(), part.name);
    return fmt::format(
        "The linear mixed model {} (random part {}) was fitted by {} to {} rows in {} ({} rows were left "
        "out for missing values).{} Factors are coded by treatment contrasts; fixed effects are tested by two-sided t "
        "tests with containment degrees of freedom, effect sizes are d = 2 t / sqrt(df), and the random part is "
        "compared with none by a likelihood-ratio test (plain chi-square{}).{}",
        spec.formula, terms, fit.criterion == Criterion::reml ? "restricted maximum likelihood" : "maximum likelihood",
        fit.n, levels, request.design.rows_dropped(),
        request.design.data.weights.size() > 0
            ? fmt::format(" Rows are weighted by {} (residual variance sigma^2 / w).",
                          request.options["weights"].get<std::string>())
            : "",
        fit.random_test.p_mixture ? " and 50:50 mixture p" : " p",
        fit.boundary ? " The fit lies on the boundary of the parameter space." : "");
  }
};

}  // namespace

std::unique_ptr<spec::Method> make_lme() {
  return std::make_unique<Lme>();
}

}  // namespace ipsi::stats
