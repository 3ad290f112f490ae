// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lm.h"

#include <fmt/format.h>

#include <memory>

#include "core/spec/method.h"
#include "core/stats/request.h"
#include "core/stats/resample/on_request.h"

namespace ipsi::stats {
namespace {

class Lm final : public spec::Method {
 public:
  const spec::MethodInfo& info() const override {
    static const spec::MethodInfo info{
        .key = "lm",
        .title = "Linear model",
        .summary = "Ordinary or weighted least squares with the diagnostics of every row.",
        .options = with_resampling(
            {spec::text("weights", "", "Column of weights (inverse variances); rows of weight 0 are left out")}),
        .references = {"chambers1992", "wilkinson1973", "cook1977", "fox1992", "efron1993", "davison1997",
                       "freedman1983", "winkler2014", "phipson2010"}};
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
    auto fit = fit_lm(request->design.data);
    if (!fit) return tl::unexpected(fit.error());
    spec::ResultSet out;
    out.json = to_json(*fit);
    add_request(out.json, spec, *request);
    out.findings = dropped_findings(*request);
    out.findings.insert(out.findings.end(), fit->findings.begin(), fit->findings.end());
    out.json["findings"] = out.findings;
    out.tables.push_back({"coefficients", "Coefficients of " + request->design.response, "95 % intervals",
                          coefficient_table(fit->coefficients)});
    out.tables.push_back({"fit", "Fit", "",
                          quantity_table({{"rows", fit->n},
                                          {"residual df", fit->df_residual},
                                          {"sigma", fit->sigma},
                                          {"R squared", fit->r_squared},
                                          {"adjusted R squared", fit->adj_r_squared},
                                          {"F", fit->f},
                                          {"p of F", fit->f_p},
                                          {"log-likelihood", fit->log_likelihood},
                                          {"AIC", fit->aic},
                                          {"BIC", fit->bic},
                                          {"largest VIF", fit->vif.max()}})});
    const std::string weights = request->options["weights"].get<std::string>();
    out.methods_text.push_back(
        fmt::format("The linear model {} was fitted by {}least squares to {} rows ({} left out for missing values or "
                    "zero weights). Factors are coded by treatment contrasts; tests are two-sided t tests with {} "
                    "degrees of freedom.",
                    spec.formula, weights.empty() ? "ordinary " : fmt::format("weighted (weights: {}) ", weights),
                    fit->n, request->design.rows_dropped(), fit->df_residual));
    out.references = {"chambers1992", "wilkinson1973", "cook1977", "fox1992"};
    if (auto ok = add_resampling(out, spec, data, *request, Criterion::reml, task); !ok)
      return tl::unexpected(ok.error());
    out.manifest = manifest_of(spec, data);
    task.progress(1.0);
    return out;
  }

 private:
  Result<Request> read(const spec::Spec& spec, const table::Table& data) const {
    auto request = prepare(info(), spec, data, "weights");
    if (request && !request->design.data.random.empty())
      return fail(Code::InvalidInput,
                  fmt::format("the formula has a random term ({})", request->formula.random[0].text), "formula",
                  "run `ipsi lme`, or take it out");
    return request;
  }
};

}  // namespace

std::unique_ptr<spec::Method> make_lm() {
  return std::make_unique<Lm>();
}

}  // namespace ipsi::stats
