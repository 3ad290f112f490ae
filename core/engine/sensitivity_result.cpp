// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/engine/batch_parts.h"
#include "core/engine/sensitivity.h"

namespace ipsi::engine {
namespace {

struct Summary {
  int fitted = 0, failed = 0, repeats = 0, same_sign = 0, significant = 0;
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

Summary summary_of(const Sensitivity& s, double alpha) {
  Summary out;
  for (const Specification& row : s.rows) {
    if (row.repeats || std::isnan(row.beta)) {
      ++(row.repeats ? out.repeats : out.failed);
      continue;
    }
    ++out.fitted;
    out.same_sign += (row.beta > 0.0) == (s.base.beta() > 0.0) ? 1 : 0;
    out.significant += row.p < alpha ? 1 : 0;
    out.low = std::min(out.low, row.beta);
    out.high = std::max(out.high, row.beta);
  }
  return out;
}

table::Table curve_table(const Sensitivity& s) {
  std::vector<std::string> ratings, estimator, without, failure;
  std::vector<double> base, same, repeats, n, cohorts, beta, low, high, se, df, p;
  for (const Specification& row : s.rows) {
    ratings.push_back(row.ratings);
    estimator.emplace_back(to_string(row.estimator));
    without.push_back(row.without);
    base.push_back(row.base ? 1.0 : 0.0);
    same.push_back(row.same_people ? 1.0 : 0.0);
    repeats.push_back(row.repeats ? 1.0 : 0.0);
    n.push_back(row.n);
    cohorts.push_back(row.n_cohorts);
    beta.push_back(row.beta);
    low.push_back(row.ci_low);
    high.push_back(row.ci_high);
    se.push_back(row.se);
    df.push_back(row.df);
    p.push_back(row.p);
    failure.push_back(row.failure);
  }
  return table::Table::from({table::text("ratings", ratings), table::text("estimator", estimator),
                             table::text("without", without), table::logical("base", base),
                             table::logical("same_people", same), table::logical("repeats", repeats),
                             table::numeric("n", n), table::numeric("n_cohorts", cohorts), table::numeric("beta", beta),
                             table::numeric("ci_low", low), table::numeric("ci_high", high), table::numeric("se", se),
                             table::numeric("df", df), table::numeric("p", p), table::text("notes", failure)})
      .value_or(table::Table());
}

table::Table detectable_table(const Sensitivity& s) {
  std::vector<double> alpha, power, beta;
  for (const Detectable& d : s.detectable) {
    alpha.push_back(d.alpha);
    power.push_back(d.power);
    beta.push_back(d.beta);
  }
  return table::Table::from(
             {table::numeric("alpha", alpha), table::numeric("power", power), table::numeric("beta", beta)})
      .value_or(table::Table());
}

std::string label_of(const Specification& row) {
  if (row.base) return fmt::format("as asked for (n {})", row.n);
  if (!row.without.empty()) return fmt::format("without {} (n {})", row.without, row.n);
  return fmt::format("{}, {} (n {})", row.ratings, to_string(row.estimator), row.n);
}

/// Rows by size of the estimate, the one that was asked for filled.
spec::Figure curve_figure(const Sensitivity& s, const Analysis& a, const Summary& summary) {
  std::vector<const Specification*> order;
  for (const Specification& row : s.rows)
    if (!row.repeats && !std::isnan(row.beta)) order.push_back(&row);
  std::stable_sort(order.begin(), order.end(), [](const auto* x, const auto* y) { return x->beta < y->beta; });
  spec::Figure f;
  f.id = "specification_curve";
  f.title = fmt::format("{}, {}: other choices", structure_title(s.base.structure), s.base.side);
  f.horizontal = true;
  f.x.label = fmt::format("{} of {} ({} per unit), 95 % CI", "\xCE\xB2", words_of(a.predictor), s.unit);
  spec::Series all, base;
  all.kind = base.kind = spec::Series::Kind::intervals;
  all.colour = -1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Specification& row = *order[i];
    f.y.categories.push_back(label_of(row));
    spec::Series& into = row.base ? base : all;
    into.x.push_back(row.beta);
    into.y.push_back(static_cast<double>(i));
    into.low.push_back(row.ci_low);
    into.high.push_back(row.ci_high);
    into.filled.push_back(row.p < a.alpha);
  }
  f.lines.push_back({true, 0.0, ""});
  f.caption =
      fmt::format("{} fits, {} failed. Filled: p below {} (not corrected).", summary.fitted, summary.failed, a.alpha);
  f.alt = summary.fitted == 0 ? "No choice could be fitted."
                              : fmt::format("Estimates of {} choices from {:.3g} to {:.3g}; {} with p below {}.",
                                            summary.fitted, summary.low, summary.high, summary.significant, a.alpha);
  f.series.push_back(std::move(base));
  f.series.push_back(std::move(all));
  return f;
}

void add_words(spec::ResultSet& out, const Sensitivity& s, const Analysis& a, const Summary& summary) {
  if (!s.base.failure.empty()) out.findings.push_back("the model as asked for has no fit: " + s.base.failure);
  if (summary.failed > 0)
    out.findings.push_back(fmt::format("{} of {} choices could not be fitted", summary.failed, s.rows.size()));
  if (summary.fitted == 0 || !s.base.fit) return;
  out.findings.push_back(
      fmt::format("{} of {} different fits have the sign of the one asked for, {} have p < {}; estimates from "
                  "{:.3g} to {:.3g}",
                  summary.same_sign, summary.fitted, summary.significant, a.alpha, summary.low, summary.high));
  const Specification* least = nullptr;
  for (const Specification& row : s.rows)
    if (!row.without.empty() && !std::isnan(row.beta) &&
        (least == nullptr || std::abs(row.beta - s.base.beta()) > std::abs(least->beta - s.base.beta())))
      least = &row;
  if (least != nullptr)
    out.findings.push_back(fmt::format("of all {}s, leaving out {} moves the estimate most: from {:.3g} to {:.3g}",
                                       a.random, least->without, s.base.beta(), least->beta));
  for (const Detectable& d : s.detectable)
    out.findings.push_back(
        fmt::format("with these {} people in {} {}s an effect of {:.3g} {} per unit would be found "
                    "with {:.0f} % power at alpha = {:.2g}",
                    s.base.people.n, s.base.n_cohorts, a.random, d.beta, s.unit, 100.0 * d.power, d.alpha));
  if (s.icc)
    out.findings.push_back(
        fmt::format("{:.0f} % of the variance beyond the predictors lies between {}s (95 % interval "
                    "{:.0f} to {:.0f} %)",
                    100.0 * s.icc->value, a.random, 100.0 * s.icc->low, 100.0 * s.icc->high));
}

Json row_json(const Specification& row) {
  return Json{{"ratings", row.ratings},
              {"estimator", to_string(row.estimator)},
              {"without", row.without.empty() ? Json(nullptr) : Json(row.without)},
              {"base", row.base},
              {"same_people", row.same_people},
              {"repeats", row.repeats},
              {"n", row.n},
              {"n_cohorts", row.n_cohorts},
              {"beta", number(row.beta)},
              {"ci_low", number(row.ci_low)},
              {"ci_high", number(row.ci_high)},
              {"se", number(row.se)},
              {"df", number(row.df)},
              {"p", number(row.p)},
              {"notes", row.failure}};
}

}  // namespace

spec::ResultSet sensitivity_result(const Sensitivity& s, const Analysis& a) {
  const Summary summary = summary_of(s, a.alpha);
  spec::ResultSet out;
  Json rows = Json::array(), detectable = Json::array();
  for (const Specification& row : s.rows) rows.push_back(row_json(row));
  for (const Detectable& d : s.detectable)
    detectable.push_back(Json{{"alpha", number(d.alpha)}, {"power", number(d.power)}, {"beta", number(d.beta)}});
  Json icc = nullptr;
  if (s.icc)
    icc =
        Json{{"value", number(s.icc->value)}, {"ci95_lower", number(s.icc->low)}, {"ci95_upper", number(s.icc->high)}};
  out.json = Json{{"analysis", a.id},
                  {"predictor", s.base.predictor},
                  {"side", s.base.side},
                  {"region", s.base.structure},
                  {"unit", s.unit},
                  {"alpha", a.alpha},
                  {"rows", rows},
                  {"summary",
                   {{"fitted", summary.fitted},
                    {"failed", summary.failed},
                    {"repeats", summary.repeats},
                    {"same_sign", summary.same_sign},
                    {"significant", summary.significant},
                    {"beta_low", number(summary.low)},
                    {"beta_high", number(summary.high)}}},
                  {"smallest_detectable", detectable},
                  {"icc", icc}};
  out.tables.push_back(
      {"specification_curve", "The same question under other choices",
       fmt::format("beta in {} per unit of {}; robust rows by the normal distribution", s.unit, words_of(a.predictor)),
       curve_table(s)});
  out.tables.push_back({"detectable", "Smallest effect found with this power",
                        "noncentral t with the standard error and df of the model as asked for", detectable_table(s)});
  out.figures.push_back(curve_figure(s, a, summary));
  add_words(out, s, a, summary);
  out.json["findings"] = out.findings;
  out.methods_text.push_back(fmt::format(
      "Sensitivity: the model was fitted under every rule for several raters, by REML, ML and robustly, and without "
      "each "
      "{} ({} fits). Each fit chose its rows and scaled its variables anew. The smallest detectable effect is that at "
      "which a noncentral t distribution with the model's standard error and degrees of freedom exceeds the critical "
      "value with the power named; the intraclass correlation has the interval of the profile likelihood.",
      a.random, s.rows.size()));
  out.references = {"simonsohn2020", "koller2013", "pinheiro2000"};
  return out;
}

}  // namespace ipsi::engine
