// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/engine/batch_parts.h"
#include "core/engine/descriptives.h"

namespace ipsi::engine {
namespace {

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string region_words(const RegionModel& m) {
  return side_name(m.side) + " " + to_lower(structure_title(m.structure));
}

/// The model as it was fitted: "volume ~ primary_score + age + icv + sex + (1 | cohort)".
std::string formula_of(const Analysis& a) {
  std::string out = a.measure + " ~ " + a.predictor;
  if (!a.interaction.empty()) out += " * " + a.interaction;
  for (const std::string& covariate : a.covariates) out += " + " + covariate;
  return out + " + (1 | " + a.random + ")";
}

constexpr double kVifLimit = 2.5;  // acceptable up to here, Liew et al. (2021)

std::string list_words(std::vector<std::string> words) {
  if (words.size() < 2) return join(words, "");
  const std::string last = words.back();
  words.pop_back();
  return join(words, ", ") + " and " + last;
}

/// "all 12 models", or the regions by name.
std::string some_of(const std::vector<std::string>& regions, int models) {
  if (static_cast<int>(regions.size()) == models && models > 1) return fmt::format("all {} models", models);
  return join(regions, ", ");
}

std::string scaling_words(const Analysis& a) {
  std::vector<std::string> scaled;
  if (a.scale == Scale::z) scaled.emplace_back("volume");
  for (const std::string& covariate : a.covariates)
    if (covariate == "age" || covariate == "icv") scaled.push_back(covariate == "icv" ? "intracranial volume" : "age");
  std::string out;
  if (!scaled.empty())
    out = capital(list_words(scaled)) + (scaled.size() > 1 ? " were" : " was") +
          " z-scored over exactly the people of each model (SD with n - 1). ";
  if (a.scale == Scale::raw) out += "Volumes are in cubic millimetres. ";
  if (a.scale == Scale::log) out += "Volumes enter as natural logarithms of cubic millimetres. ";
  if (a.scale == Scale::ratio) out += "Volumes enter as thousandths of the intracranial volume. ";
  return out;
}

std::string correction_words(const Analysis& a) {
  switch (a.adjust) {
    case Adjust::bonferroni:
      return fmt::format(
          "A result counts as significant when its unrounded p is below {} / {} (Bonferroni over the "
          "regions of one analysis and predictor).",
          format_double(a.alpha), a.family);
    case Adjust::holm:
      return fmt::format("P-values were corrected by Holm's method for {} tests; significant below {}.", a.family,
                         format_double(a.alpha));
    case Adjust::bh:
      return fmt::format("The false discovery rate was held at {} by Benjamini and Hochberg's method for {} tests.",
                         format_double(a.alpha), a.family);
    case Adjust::none: return fmt::format("P-values are not corrected; threshold {}.", format_double(a.alpha));
  }
  return {};
}

/// What an analysis shares with others that differ in their formula only.
std::string settings_words(const Analysis& a) {
  return fmt::format("Linear mixed models, one per region and side, were fitted by {} with a random intercept per {}. ",
                     a.criterion == Criterion::reml ? "restricted maximum likelihood" : "maximum likelihood",
                     a.random) +
         scaling_words(a) + correction_words(a);
}

/// What a predictor is, where its name alone does not say.
std::string predictor_words(const std::string& predictor) {
  if (predictor == "primary_score")
    return "The primary score is, of the motor measures that a cohort reported, the one most common in the whole "
           "study, as a fraction of its maximum (0 worst, 1 best). ";
  if (predictor == "impairment") return "Impairment is FMA-UE as a fraction of its maximum. ";
  if (predictor == "activity")
    return "Activity is ARAT, or WMFT where there is no ARAT, as a fraction of its maximum. ";
  return {};
}

/// Words shared by several things, with the names of those: a sentence each, in order of appearance.
using Shared = std::vector<std::pair<std::string, std::vector<std::string>>>;
void share(Shared& shared, const std::string& words, const std::string& name) {
  const auto it = std::find_if(shared.begin(), shared.end(), [&](const auto& s) { return s.first == words; });
  if (it == shared.end())
    shared.push_back({words, {name}});
  else
    it->second.push_back(name);
}

/// The models of the analyses with one setting: "volume ~ ... (early and chronic); volume ~ ... (chronic_activity)".
std::string models_words(const std::vector<Analysis>& analyses, const std::string& settings) {
  Shared formulas;
  std::vector<std::string> interactions;
  for (const Analysis& a : analyses) {
    if (settings_words(a) != settings) continue;
    share(formulas, formula_of(a), a.id);
    if (!a.interaction.empty()) interactions.push_back(a.id);
  }
  std::vector<std::string> parts;
  for (const auto& [formula, ids] : formulas) parts.push_back(formula + " (" + list_words(ids) + ")");
  std::string out = (parts.size() == 1 ? "The model: " : "The models: ") + join(parts, "; ") + ". ";
  if (!interactions.empty())
    out += fmt::format("Of {} the coefficient of the interaction is reported. ", list_words(interactions));
  return out;
}

}  // namespace

spec::Figure forest_figure(int analysis, const Analysis& a, const Fitted& fitted) {
  spec::Figure f;
  f.id = "forest_" + a.id;
  f.title = a.title;
  f.horizontal = true;
  f.x.label = fmt::format("{} of {} ({}), 95 % CI", "\xCE\xB2", words_of(a.predictor),
                          a.scale == Scale::raw ? "mm\xC2\xB3 per unit" : fmt::format("{} per unit", unit_of(a.scale)));
  int n_low = 0;
  int n_high = 0;
  std::vector<std::string> passed;
  for (const std::string& side : a.sides) {
    spec::Series series;
    series.kind = spec::Series::Kind::intervals;
    series.colour = static_cast<int>(f.series.size());
    for (std::size_t i = 0; i < fitted.models.size(); ++i) {
      const RegionModel& m = fitted.models[i];
      if (m.analysis != analysis || m.side != side) continue;
      f.y.categories.push_back(fmt::format("{}, {} (n {})", structure_title(m.structure), side, m.people.n));
      if (!m.fit) continue;
      n_low = n_high == 0 ? m.people.n : std::min(n_low, m.people.n);
      n_high = std::max(n_high, m.people.n);
      series.x.push_back(m.beta());
      series.y.push_back(static_cast<double>(f.y.categories.size()) - 1.0);
      series.low.push_back(m.fit->coefficients.ci_low[m.coefficient]);
      series.high.push_back(m.fit->coefficients.ci_high[m.coefficient]);
      series.filled.push_back(fitted.significant[i]);
      if (fitted.significant[i]) passed.push_back(region_words(m));
    }
    f.series.push_back(std::move(series));
  }
  f.lines.push_back({true, 0.0, ""});
  f.caption =
      fmt::format("Estimates with 95 % intervals, {} to {} people a region. Filled: passes the corrected threshold.",
                  n_low, n_high);
  f.alt = fmt::format("Forest plot of {} models. {}", f.y.categories.size(),
                      passed.empty() ? "None passes the corrected threshold."
                                     : "Passing the corrected threshold: " + list_words(passed) + ".");
  return f;
}

spec::Figure exclusion_figure(const table::Table& qc) {
  spec::Figure f;
  f.id = "left_out";
  f.title = "Regions left out by quality control";
  f.horizontal = true;
  f.x.label = "Patients left out of the region's models, %";
  const table::Column* side = qc.find("side");
  const table::Column* region = qc.find("region");
  const table::Column* n = qc.find("n");
  const char* reasons[] = {"lesioned", "failed"};
  for (const char* reason : reasons) {
    spec::Series series;
    series.kind = spec::Series::Kind::bars;
    series.label = reason;
    series.colour = static_cast<int>(f.series.size());
    const table::Column* counts = qc.find(reason);
    for (std::size_t r = 0; r < qc.rows(); ++r) {
      if (f.series.empty())
        f.y.categories.push_back(fmt::format("{}, {}", structure_title(region->texts[r]), side->texts[r]));
      if (n->values[r] <= 0.0) continue;
      series.x.push_back(100.0 * counts->values[r] / n->values[r]);
      series.y.push_back(static_cast<double>(r));
    }
    f.series.push_back(std::move(series));
  }
  const double most = qc.rows() == 0 ? 0.0 : *std::max_element(n->values.begin(), n->values.end());
  f.caption = fmt::format(
      "Of {:.0f} patients analysed. Each region is left out by itself; the person stays in the others.", most);
  f.alt =
      "Bars of the percentage of patients whose region is lesioned or whose segmentation failed, by region and side.";
  return f;
}

std::vector<std::string> findings_of(const std::vector<Analysis>& analyses, const Fitted& fitted) {
  std::vector<std::string> out;
  int unrated = 0;
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    const Analysis& a = analyses[i];
    std::map<std::string, std::vector<std::string>> failed;  // by reason
    std::vector<std::string> diverged, singular, few;
    int inflated = 0;
    double worst = 0.0;
    for (const RegionModel& m : fitted.models) {
      if (m.analysis != static_cast<int>(i)) continue;
      unrated += m.people.unrated;
      if (!m.fit) failed[m.failure].push_back(region_words(m));
      if (!m.fit) continue;
      if (!m.fit->converged) diverged.push_back(region_words(m));
      if (m.fit->boundary) singular.push_back(region_words(m));
      if (m.n_cohorts < 5) few.push_back(region_words(m));
      if (m.fit->vif.max() > kVifLimit) {
        ++inflated;
        worst = std::max(worst, m.fit->vif.max());
      }
    }
    const auto say = [&](const std::string& what, const std::vector<std::string>& regions) {
      if (!regions.empty()) out.push_back(fmt::format("{}: {} ({})", a.title, what, some_of(regions, a.models())));
    };
    for (const auto& [reason, regions] : failed) say("not estimated, " + reason, regions);
    say("did not converge, the numbers must not be used", diverged);
    say(fmt::format("singular fit, no variance between {}s", a.random), singular);
    say(fmt::format("fewer than 5 {}s, so the variance between them is poorly known", a.random), few);
    if (inflated > 0)
      out.push_back(fmt::format("{}: variance inflation above {} in {} of {} models, at most {:.1f}{}", a.title,
                                kVifLimit, inflated, a.models(), worst,
                                a.interaction.empty() ? "" : "; a product shares variance with its parts"));
  }
  if (unrated > 0)
    out.push_back(
        fmt::format("{} values enter models without a rating; rate them, or read the results as preliminary", unrated));
  return out;
}

std::vector<std::string> methods_of(const std::vector<Analysis>& analyses, const Fitted& fitted,
                                    const DataFacts& facts) {
  std::vector<std::string> out;
  std::string data;
  if (facts.synthetic) data = "The data are simulated and describe no real person. ";
  data += fmt::format("{:.0f} patients were analysed, each at the first time-point. ", facts.people);
  std::vector<std::string> subsets;
  std::set<Subset> seen;
  for (const Analysis& a : analyses)
    if (seen.insert(a.subset).second) subsets.push_back(to_lower(title_of(a.subset)));
  data += fmt::format(
      "Time since stroke: {}. Regions were taken as ipsilesional or contralesional by the side of the "
      "lesion. A region rated as lesioned or as a failed segmentation left the models of that region "
      "only. {}",
      list_words(subsets), facts.rating_rule);
  if (!facts.volume_sources.empty()) data += fmt::format(" Volumes come from {}.", facts.volume_sources);
  out.push_back(data);
  std::string measures;
  std::set<std::string> described;
  for (const Analysis& a : analyses)
    if (described.insert(a.predictor).second) measures += predictor_words(a.predictor);
  if (!measures.empty()) out.push_back(trim(measures));
  Shared settings;
  for (const Analysis& a : analyses) share(settings, settings_words(a), a.id);
  for (const auto& [words, ids] : settings) out.push_back(models_words(analyses, words) + words);
  const auto fits =
      std::count_if(fitted.models.begin(), fitted.models.end(), [](const auto& m) { return m.fit.has_value(); });
  out.push_back(fmt::format(
      "{} of {} models could be estimated. Degrees of freedom follow the containment rule; p-values are two-sided from "
      "t; d = 2 t / sqrt(df). The random intercept was tested by a likelihood-ratio test (chi-square with one degree "
      "of freedom; the 50:50 mixture p is in fits.csv). Variance inflation comes from the correlation of the estimated "
      "coefficients. Scores with the lesion left and right were compared by the Wilcoxon rank-sum test "
      "(r = |z| / sqrt(n)), their normality by Shapiro and Wilk's test. Covariates count as significant below 0.05.",
      fits, fitted.models.size()));
  return out;
}

}  // namespace ipsi::engine
