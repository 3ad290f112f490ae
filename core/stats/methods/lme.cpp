// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lme.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "core/base/text.h"
#include "core/spec/method.h"
#include "core/stats/influence_result.h"
#include "core/stats/lme_inference.h"
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

/// What the further parts of a result are made from.
struct Asked {
  const spec::Spec& spec;
  const Request& request;
  const LmeFit& fit;
  const Curvature* shape;
};

table::Table estimate_table(const std::vector<Estimate>& estimates) {
  std::vector<std::string> name;
  std::vector<double> value, se, df, t, p, low, high;
  for (const Estimate& e : estimates) {
    name.push_back(e.name);
    value.push_back(e.value);
    se.push_back(e.se);
    df.push_back(e.df);
    t.push_back(e.t);
    p.push_back(e.p);
    low.push_back(e.low);
    high.push_back(e.high);
  }
  auto out = table::Table::from({table::text("name", name), table::numeric("estimate", value), table::numeric("se", se),
                                 table::numeric("df", df), table::numeric("t", t), table::numeric("p", p),
                                 table::numeric("ci_low", low), table::numeric("ci_high", high)});
  return out.value_or(table::Table());
}

table::Table comparison_table(const std::vector<Comparison>& tests) {
  std::vector<std::string> name, kind, method;
  std::vector<double> chisq, df, p, plain;
  for (const Comparison& test : tests) {
    const Json json = to_json(test);
    name.push_back(test.name);
    method.push_back(json["method"]);
    kind.push_back(json["p_kind"]);
    chisq.push_back(test.chisq);
    df.push_back(test.df);
    p.push_back(test.p);
    plain.push_back(test.p_plain);
  }
  auto out = table::Table::from({table::text("without", name), table::text("method", method),
                                 table::numeric("chisq", chisq), table::numeric("df", df), table::numeric("p", p),
                                 table::text("p is", kind), table::numeric("p plain", plain)});
  return out.value_or(table::Table());
}

/// The smaller model over exactly the rows of the larger.
Result<ModelData> smaller_model(const Asked& asked, const std::string& text, const table::Table& data) {
  auto formula = parse_formula(text);
  if (!formula) return wrap(formula.error(), "compare");
  auto given = requested_table(asked.spec, data);
  if (!given) return tl::unexpected(given.error());
  auto design = make_design(*formula, given->select(asked.request.design.rows),
                            {.weights = asked.request.options["weights"].get<std::string>()});
  if (!design) return wrap(design.error(), "compare");
  if (design->rows.size() != asked.request.design.rows.size())
    return fail(Code::InvalidInput,
                "the smaller model has a variable that the larger does not have, missing in some rows", "compare",
                "leave terms of the first formula out in the second");
  return std::move(design->data);
}

void add_profile(spec::ResultSet& out, const std::vector<ProfileInterval>& intervals) {
  std::vector<std::string> name;
  std::vector<double> low, high;
  for (const ProfileInterval& interval : intervals) {
    name.push_back(interval.name);
    low.push_back(interval.low);
    high.push_back(interval.high);
  }
  out.json["profile_intervals"] = Json{{"name", name}, {"lower", numbers(low)}, {"upper", numbers(high)}};
  auto table =
      table::Table::from({table::text("term", name), table::numeric("ci_low", low), table::numeric("ci_high", high)});
  out.tables.push_back(
      {"profile", "95 % intervals by profile likelihood", "full maximum likelihood", table.value_or(table::Table())});
}

Result<void> add_comparisons(spec::ResultSet& out, const Asked& asked, const table::Table& data, const Task& task) {
  const Json& options = asked.request.options;
  const CompareOptions how{asked.fit.criterion, options["simulate"].get<int>(), asked.spec.seed};
  const ModelData& model = asked.request.design.data;
  auto parts = test_random_parts(model, how, task);
  if (!parts) return tl::unexpected(parts.error());
  if (!parts->empty()) {
    Json tests = Json::array();
    for (const Comparison& test : *parts) tests.push_back(to_json(test));
    out.json["lrt_random_parts"] = tests;
    out.tables.push_back(
        {"random_tests", "Likelihood-ratio test of each grouping factor", "", comparison_table(*parts)});
  }
  const auto text = options["compare"].get<std::string>();
  if (text.empty()) return {};
  auto small = smaller_model(asked, text, data);
  if (!small) return tl::unexpected(small.error());
  auto test = compare(*small, model, how, task);
  if (!test) return tl::unexpected(test.error());
  test->name = text;
  out.json["compare"] = to_json(*test);
  if (!test->note.empty()) out.findings.push_back(test->note);
  out.tables.push_back({"compare", "Likelihood-ratio test against a smaller model", "", comparison_table({*test})});
  return {};
}

Result<void> add_combinations(spec::ResultSet& out, const Asked& asked, const table::Table& data) {
  const Json& options = asked.request.options;
  const auto all = [&](const std::vector<Combination>& combinations) {
    std::vector<Estimate> estimates;
    for (const Combination& c : combinations) estimates.push_back(estimate(asked.fit, c, asked.shape));
    return estimates;
  };
  const std::string note =
      asked.shape != nullptr ? "df by Satterthwaite" : "df by containment, the smallest that takes part";
  if (const auto factor = options["means"].get<std::string>(); !factor.empty()) {
    auto given = requested_table(asked.spec, data);
    if (!given) return tl::unexpected(given.error());
    auto means = marginal_means(asked.request.formula, asked.request.design, *given, factor);
    if (!means) return tl::unexpected(means.error());
    const auto mean = all(*means), pairs = all(pairwise(*means));
    out.json["means"] = Json{{"factor", factor}, {"means", to_json(mean)}, {"differences", to_json(pairs)}};
    out.tables.push_back({"means", "Estimated marginal means of " + factor, note, estimate_table(mean)});
    out.tables.push_back({"differences", "Their differences", note + "; p not adjusted", estimate_table(pairs)});
    out.references.emplace_back("searle1980");
  }
  if (const auto text = options["contrast"].get<std::string>(); !text.empty()) {
    std::vector<Combination> combinations;
    for (const std::string& one : split(text, ';')) {
      if (trim(one).empty()) continue;
      auto parsed = parse_combination(one, asked.fit.coefficients.name);
      if (!parsed) return tl::unexpected(parsed.error());
      combinations.push_back(std::move(*parsed));
    }
    const auto estimates = all(combinations);
    out.json["contrasts"] = to_json(estimates);
    out.tables.push_back({"contrasts", "Linear combinations", note, estimate_table(estimates)});
  }
  if (const auto text = options["side"].get<std::string>(); !text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos)
      return fail(Code::Usage, fmt::format("--side {} names no side", text), "", "write --side x:lesion_side");
    auto words = side_in_words(asked.fit, trim(text.substr(0, colon)), trim(text.substr(colon + 1)), asked.shape);
    if (!words) return tl::unexpected(words.error());
    out.json["side"] = *words;
    for (const std::string& sentence : *words) out.findings.push_back(sentence);
  }
  return {};
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
             spec::choice("df", "containment", {"containment", "satterthwaite"},
                          "Degrees of freedom of the tests and intervals of fixed effects"),
             spec::choice("intervals", "wald", {"wald", "profile"},
                          "profile: 95 % intervals by the profile likelihood beside the table's"),
             spec::text("compare", "", "Formula of a smaller model: likelihood-ratio test against it"),
             spec::integer("simulate", 0, 0, 100000, "Simulations for the p of tests of random terms; 0 = none"),
             spec::text("means", "", "Estimated marginal means of FACTOR or FACTOR:FACTOR, and their differences"),
             spec::text("contrast", "", "Linear combinations of coefficients, \"name = x + 0.5 x:sexM; ..\""),
             spec::text("side", "", "X:SIDE: does the side change the relation with x? In words, of a model x * side"),
             spec::toggle("influence", "Refit without each row and each group: Cook's distance, DFBETAs")}),
        .references = {"pinheiro2000", "lindstrom1988", "stram1994", "fox1992", "wilkinson1973", "cook1977",
                       "nieuwenhuis2012", "efron1993", "davison1997", "freedman1983", "winkler2014", "phipson2010",
                       "satterthwaite1946", "kuznetsova2017", "bates2015", "gilmour1995", "searle1980", "self1987"}};
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
    std::optional<Curvature> shape;
    if (request->options["df"] == "satterthwaite" && fit->converged) {
      auto found = curvature(model, *fit);
      if (!found) return tl::unexpected(found.error());
      shape = std::move(*found);
      use_satterthwaite(*fit, model, *shape);
    }
    spec::ResultSet out;
    out.json = to_json(*fit, model);
    add_request(out.json, spec, *request);
    out.findings = dropped_findings(*request);
    out.findings.insert(out.findings.end(), fit->findings.begin(), fit->findings.end());
    out.json["df_method"] = shape ? "satterthwaite" : "containment";
    out.usable = fit->converged;
    out.tables.push_back({"coefficients", "Fixed effects on " + request->design.response,
                          shape ? "95 % intervals; df by Satterthwaite" : "95 % intervals; df by containment (nlme)",
                          coefficient_table(fit->coefficients)});
    out.tables.push_back({"random", "Random effects by " + group_names(model), "standard deviations; 95 % intervals",
                          random_table(*fit, model)});
    out.tables.push_back({"fit", reml ? "Fit (REML)" : "Fit (ML)", "", quantity_table(quantities(*fit, model))});
    out.methods_text.push_back(paragraph(spec, *request, *fit));
    out.references = {"pinheiro2000", "lindstrom1988", "stram1994", "fox1992", "wilkinson1973"};
    if (shape) out.references.insert(out.references.end(), {"satterthwaite1946", "kuznetsova2017"});
    if (model.random.size() > 1) out.references.insert(out.references.end(), {"bates2015", "gilmour1995"});
    if (fit->converged && request->options["intervals"] == "profile") {
      auto intervals = profile_intervals(model, *fit, task);
      if (!intervals) return tl::unexpected(intervals.error());
      add_profile(out, *intervals);
    }
    if (fit->converged) {
      const Asked asked{spec, *request, *fit, shape ? &*shape : nullptr};
      if (auto ok = add_comparisons(out, asked, data, task); !ok) return tl::unexpected(ok.error());
      if (auto ok = add_combinations(out, asked, data); !ok) return tl::unexpected(ok.error());
    }
    out.json["findings"] = out.findings;
    if (request->options["influence"].get<bool>()) {
      const auto found = influence(model, *fit, {}, task);
      if (!found) return tl::unexpected(found.error());
      add_influence(out, *found, *fit, model, request->rows);
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
        "tests with {} degrees of freedom, effect sizes are d = 2 t / sqrt(df), and the random part is "
        "compared with none by a likelihood-ratio test (plain chi-square{}).{}",
        spec.formula, terms, fit.criterion == Criterion::reml ? "restricted maximum likelihood" : "maximum likelihood",
        fit.n, levels, request.design.rows_dropped(),
        request.design.data.weights.size() > 0
            ? fmt::format(" Rows are weighted by {} (residual variance sigma^2 / w).",
                          request.options["weights"].get<std::string>())
            : "",
        request.options["df"] == "satterthwaite" ? "Satterthwaite's" : "containment",
        fit.random_test.p_mixture ? " and 50:50 mixture p" : " p",
        fit.boundary ? " The fit lies on the boundary of the parameter space." : "");
  }
};

}  // namespace

std::unique_ptr<spec::Method> make_lme() {
  return std::make_unique<Lme>();
}

}  // namespace ipsi::stats
