// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/audit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/engine/adjust.h"
#include "core/engine/quantiles.h"
#include "core/numeric/distributions.h"
#include "core/study/raters.h"

namespace ipsi::engine {
namespace {

using table::kMissing;

constexpr double kZ = 1.959963984540054;  // of a 95 % interval
constexpr int kBins = 5;
constexpr int kLeastInBin = 5;

/// What is asked of everyone.
struct Variable {
  const char* key;
  const char* words;
  bool log;
  std::vector<double> raw, value;  ///< [people]; value on the scale compared
};

/// One region as the models of its side see it.
struct Leaving {
  std::string side, structure;  ///< "ipsi", "thalamus"; "any", "any"
  std::vector<int> out;         ///< [people] 1 left out, 0 kept, -1 has no such region (no side)
  int lesioned = 0, failed = 0, unrated = 0;
};

struct Data {
  std::size_t people = 0;
  std::vector<std::string> cohort;
  std::vector<Variable> variables;
  std::vector<Leaving> regions;
};

std::vector<double> logarithms(const std::vector<double>& raw) {
  std::vector<double> out;
  for (const double x : raw) out.push_back(x > 0.0 ? std::log10(x) : kMissing);
  return out;
}

Result<std::vector<Leaving>> regions_of(const table::Table& people) {
  std::vector<Leaving> out;
  Leaving any{"any", "any", std::vector<int>(people.rows(), -1)};
  for (const char* side : {"ipsi", "contra"})
    for (const auto structure : kStructures) {
      const auto flags = people.require(fmt::format("flag_{}_{}", side, structure));
      if (!flags) return tl::unexpected<Error>(flags.error());
      Leaving region{side, std::string(structure), {}};
      for (std::size_t i = 0; i < people.rows(); ++i) {
        const std::string& flag = (*flags)->texts[i];
        const int lesioned = flag == "lesioned" ? 1 : 0, failed = flag == "failed" ? 1 : 0;
        region.lesioned += lesioned;
        region.failed += failed;
        region.unrated += flag == "unrated" ? 1 : 0;
        region.out.push_back(flag.empty() ? -1 : lesioned + failed);
        any.out[i] = std::max(any.out[i], region.out.back());
      }
      out.push_back(std::move(region));
    }
  out.push_back(std::move(any));
  return out;
}

Result<Data> data_of(const study::Snapshot& snapshot, const study::AnalysisOptions& options) {
  const auto full = study::analysis_table(snapshot, options);
  if (!full) return tl::unexpected<Error>(full.error());
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < full->rows(); ++i)
    if (full->find("analysed")->values[i] == 1.0 && full->find("group")->texts[i] == "patient") rows.push_back(i);
  if (rows.empty())
    return fail(Code::InvalidInput, "no patient of the study is analysed", "audit",
                "see `ipsi study info` for the reasons");
  const table::Table people = full->select(rows);
  Data out;
  out.people = people.rows();
  out.cohort = people.find("cohort")->texts;
  std::vector<double> right;
  for (const auto& side : people.find("lesion_side")->texts)
    right.push_back(side == "right" ? 1.0 : side == "left" ? 0.0 : kMissing);
  out.variables = {
      {"lesion_volume", "lesion volume (log10 mm3)", true, people.find("lesion_volume")->values, {}},
      {"primary_score", "sensorimotor score (0 worst, 1 best)", false, people.find("primary_score")->values, {}},
      {"right_lesion", "lesion on the right", false, right, {}},
      {"days_post_stroke", "days since the stroke (log10)", true, people.find("days_post_stroke")->values, {}}};
  for (auto& variable : out.variables) variable.value = variable.log ? logarithms(variable.raw) : variable.raw;
  auto regions = regions_of(people);
  if (!regions) return tl::unexpected<Error>(regions.error());
  out.regions = std::move(*regions);
  return out;
}

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double variance_of(const std::vector<double>& x) {
  if (x.size() < 2) return kMissing;
  const double mean = mean_of(x);
  double sum = 0.0;
  for (const double v : x) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(x.size() - 1);
}

/// Columns by name, filled a row at a time.
class Sheet {
 public:
  void text(const std::string& name, std::string cell) { column(name, true).texts.push_back(std::move(cell)); }
  void number(const std::string& name, double cell) { column(name, false).values.push_back(cell); }
  std::vector<double>& numbers(const std::string& name) { return column(name, false).values; }
  [[nodiscard]] Result<table::Table> finish() { return table::Table::from(std::move(columns_)); }

 private:
  table::Column& column(const std::string& name, bool text) {
    const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const auto& c) { return c.name == name; });
    if (found != columns_.end()) return *found;
    columns_.push_back(text ? table::text(name, {}) : table::numeric(name, {}));
    return columns_.back();
  }
  std::vector<table::Column> columns_;
};

void add_row(Sheet& sheet, const Leaving& region, const Variable& variable) {
  std::vector<double> left, kept, left_raw, kept_raw, x;
  std::vector<int> y;
  int missing = 0;
  for (std::size_t i = 0; i < region.out.size(); ++i) {
    if (region.out[i] < 0) continue;
    if (std::isnan(variable.value[i])) {
      ++missing;
      continue;
    }
    x.push_back(variable.value[i]);
    y.push_back(region.out[i]);
    (region.out[i] == 1 ? left : kept).push_back(variable.value[i]);
    (region.out[i] == 1 ? left_raw : kept_raw).push_back(variable.raw[i]);
  }
  const bool binary = std::string_view(variable.key) == "right_lesion";
  const StandardDifference d = standard_difference(left, kept);
  const double sd = binary ? 1.0 : std::sqrt(variance_of(x));
  const LogisticSlope slope = logistic_slope(x, y);
  sheet.text("side", region.side);
  sheet.text("region", region.structure);
  sheet.text("variable", variable.key);
  sheet.number("n_left_out", static_cast<double>(left.size()));
  sheet.number("n_kept", static_cast<double>(kept.size()));
  sheet.number("n_missing", missing);
  sheet.number("n_lesioned", region.side == "any" ? kMissing : region.lesioned);
  sheet.number("n_failed", region.side == "any" ? kMissing : region.failed);
  sheet.number("n_unrated", region.side == "any" ? kMissing : region.unrated);
  // Of a yes or no the share says more than the median.
  sheet.number("middle_left_out", binary ? (left.empty() ? kMissing : mean_of(left)) : spread_of(left_raw).median);
  sheet.number("middle_kept", binary ? (kept.empty() ? kMissing : mean_of(kept)) : spread_of(kept_raw).median);
  sheet.number("difference", d.value);
  sheet.number("difference_low", d.low);
  sheet.number("difference_high", d.high);
  sheet.number("odds_ratio", std::exp(slope.beta * sd));
  sheet.number("odds_low", std::exp((slope.beta - kZ * slope.se) * sd));
  sheet.number("odds_high", std::exp((slope.beta + kZ * slope.se) * sd));
  sheet.number("p", slope.p);
}

/// Corrects p over the rows of one variable but `any`, which is made of the others.
void add_adjusted(Sheet& sheet, const Data& data) {
  const std::vector<double> p = sheet.numbers("p");
  std::vector<double> adjusted(p.size(), kMissing);
  for (std::size_t v = 0; v < data.variables.size(); ++v) {
    std::vector<double> own;
    for (std::size_t r = 0; r + 1 < data.regions.size(); ++r) own.push_back(p[r * data.variables.size() + v]);
    const auto made = adjust(own, Adjust::bh, static_cast<int>(own.size()));
    for (std::size_t r = 0; r < own.size(); ++r) adjusted[r * data.variables.size() + v] = made[r];
  }
  for (const double value : adjusted) sheet.number("p_adjusted", value);
}

void add_cohorts(Sheet& rows, Sheet& spread, const Data& data, const Leaving& region) {
  std::map<std::string, std::pair<double, double>> cohorts;  // n, left out
  double n = 0.0, left = 0.0;
  for (std::size_t i = 0; i < region.out.size(); ++i) {
    if (region.out[i] < 0 || data.cohort[i].empty()) continue;
    auto& [all, out] = cohorts[data.cohort[i]];
    all += 1.0;
    out += region.out[i];
    n += 1.0;
    left += region.out[i];
  }
  double chi = 0.0, least = n;
  for (const auto& [cohort, counts] : cohorts) {
    const auto [all, out] = counts;
    rows.text("side", region.side);
    rows.text("region", region.structure);
    rows.text("cohort", cohort);
    rows.number("n", all);
    rows.number("left_out", out);
    rows.number("share", out / all);
    const double expected = all * left / n, stays = all - expected;
    least = std::min({least, expected, stays});
    chi += (out - expected) * (out - expected) * (1.0 / expected + 1.0 / stays);
  }
  const auto groups = static_cast<double>(cohorts.size());
  const bool defined = groups > 1.0 && left > 0.0 && left < n;
  spread.text("side", region.side);
  spread.text("region", region.structure);
  spread.number("n", n);
  spread.number("left_out", left);
  spread.number("cohorts", groups);
  spread.number("cramers_v", defined ? std::sqrt(chi / n) : kMissing);
  spread.number("chi_square", defined ? chi : kMissing);
  spread.number("df", defined ? groups - 1.0 : kMissing);
  spread.number("p", defined ? numeric::chi2_above(chi, groups - 1.0) : kMissing);
  spread.number("least_expected", defined ? least : kMissing);
}

/// Fifths of the people by lesion volume (fewer groups where there are few people).
struct Bins {
  std::vector<int> of;            ///< [people] -1 where the volume is not known or 0
  std::vector<double> middle_ml;  ///< [bins] median
};

Bins bins_of(const Variable& volume) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < volume.value.size(); ++i)
    if (!std::isnan(volume.value[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return volume.value[a] < volume.value[b]; });
  Bins out{std::vector<int>(volume.value.size(), -1), {}};
  const int bins = std::min(kBins, static_cast<int>(order.size()) / kLeastInBin);
  for (int b = 0; b < bins; ++b) {
    const std::size_t from = order.size() * static_cast<std::size_t>(b) / static_cast<std::size_t>(bins);
    const std::size_t to = order.size() * static_cast<std::size_t>(b + 1) / static_cast<std::size_t>(bins);
    std::vector<double> ml;
    for (std::size_t k = from; k < to; ++k) {
      out.of[order[k]] = b;
      ml.push_back(volume.raw[order[k]] / 1000.0);
    }
    out.middle_ml.push_back(spread_of(ml).median);
  }
  return out;
}

/// Rows of the table and, for a side's regions, a line of the figure.
void add_volume(Sheet& sheet, spec::Figure& figure, const Bins& bins, const Leaving& region, int colour) {
  spec::Series line{
      spec::Series::Kind::line, std::string(structure_title(region.structure)), {}, {}, {}, {}, {}, colour};
  for (std::size_t b = 0; b < bins.middle_ml.size(); ++b) {
    double n = 0.0, left = 0.0;
    for (std::size_t i = 0; i < region.out.size(); ++i) {
      if (bins.of[i] != static_cast<int>(b) || region.out[i] < 0) continue;
      n += 1.0;
      left += region.out[i];
    }
    const double share = n > 0.0 ? left / n : kMissing;
    sheet.text("side", region.side);
    sheet.text("region", region.structure);
    sheet.number("bin", static_cast<double>(b) + 1.0);
    sheet.number("lesion_ml", bins.middle_ml[b]);
    sheet.number("n", n);
    sheet.number("left_out", left);
    sheet.number("share", share);
    line.x.push_back(bins.middle_ml[b]);
    line.y.push_back(100.0 * share);
  }
  if (line.x.empty()) return;
  spec::Series points = line;
  points.kind = spec::Series::Kind::points;
  points.label.clear();
  figure.series.push_back(std::move(line));
  figure.series.push_back(std::move(points));
}

spec::Figure volume_figure(const std::string& side, const Data& data, const Bins& bins, Sheet& sheet) {
  spec::Figure f;
  f.id = "left_out_" + side;
  f.title = fmt::format("{} regions left out, by lesion volume", side == "ipsi" ? "Ipsilesional" : "Contralesional");
  f.x = {"lesion volume (mL), median of each group", std::nullopt, {}, true};
  f.y = {"people whose region is left out (%)", std::pair(0.0, 100.0), {}, false};
  int colour = 0;
  for (const auto& region : data.regions)
    if (region.side == side) add_volume(sheet, f, bins, region, colour++);
  const auto known = std::count_if(bins.of.begin(), bins.of.end(), [](int b) { return b >= 0; });
  f.caption = fmt::format("{} groups of equal size by lesion volume, {} people; {} more have no lesion volume.",
                          bins.middle_ml.size(), known, data.people - static_cast<std::size_t>(known));
  f.alt =
      fmt::format("Share of {} people whose {}lesional region is left out by QC, against lesion volume.", known, side);
  return f;
}

spec::Figure difference_figure(const table::Table& audit, std::size_t variables) {
  spec::Figure f;
  f.id = "lesion_volume_difference";
  f.title = "Lesion volume of those left out against those kept";
  f.horizontal = true;
  f.x.label = "standardised difference of log lesion volume, 95 % CI";
  spec::Series series{spec::Series::Kind::intervals, "", {}, {}, {}, {}, {}, 0};
  const auto cell = [&](const char* name, std::size_t r) { return audit.find(name)->values[r]; };
  for (std::size_t r = 0; r < audit.rows(); r += variables) {
    const std::string& side = audit.find("side")->texts[r];
    const std::string& region = audit.find("region")->texts[r];
    f.y.categories.push_back(fmt::format(
        "{} (n {} | {})", side == "any" ? "Any of the twelve" : fmt::format("{}, {}", structure_title(region), side),
        cell("n_left_out", r), cell("n_kept", r)));
    if (std::isnan(cell("difference", r))) continue;
    series.x.push_back(cell("difference", r));
    series.y.push_back(static_cast<double>(f.y.categories.size()) - 1.0);
    series.low.push_back(cell("difference_low", r));
    series.high.push_back(cell("difference_high", r));
    series.filled.push_back(series.low.back() > 0.0 || series.high.back() < 0.0);
  }
  f.series.push_back(std::move(series));
  f.lines.push_back({true, 0.0, ""});
  f.caption = "n left out | kept, of those whose lesion volume is known. Filled: the interval excludes 0.";
  f.alt = fmt::format("Standardised differences of lesion volume for {} regions.", f.y.categories.size());
  return f;
}

/// One line for each variable by which those left out differ.
std::vector<std::string> findings_of_audit(const table::Table& audit, const Data& data) {
  std::vector<std::string> out;
  for (std::size_t v = 0; v < data.variables.size(); ++v) {
    int more = 0, less = 0, tested = 0;
    for (std::size_t r = 0; r + 1 < data.regions.size(); ++r) {
      const std::size_t row = r * data.variables.size() + v;
      const double p = audit.find("p_adjusted")->values[row], d = audit.find("difference")->values[row];
      if (std::isnan(p)) continue;
      ++tested;
      if (p < 0.05) ++(d > 0 ? more : less);
    }
    if (more + less > 0)
      out.push_back(
          fmt::format("Leaving goes with {}: higher among those left out in {} and lower in {} of {} regions "
                      "that can be compared (corrected p < 0.05)",
                      data.variables[v].words, more, less, tested));
  }
  for (const auto& variable : data.variables) {
    const auto missing =
        std::count_if(variable.value.begin(), variable.value.end(), [](double value) { return std::isnan(value); });
    if (missing > 0)
      out.push_back(fmt::format("{} of {} people are without {}{}", missing, data.people, variable.words,
                                variable.log ? " (not known, or 0 and below, which has no logarithm)" : ""));
  }
  return out;
}

}  // namespace

LogisticSlope logistic_slope(const std::vector<double>& x, const std::vector<int>& y) {
  constexpr LogisticSlope kNone{kMissing, kMissing, kMissing};
  const auto ones = std::count(y.begin(), y.end(), 1);
  if (ones == 0 || ones == static_cast<std::ptrdiff_t>(y.size())) return kNone;
  const double mean = mean_of(x), sd = std::sqrt(variance_of(x));
  if (!(sd > 0.0)) return kNone;
  // The likelihood has a maximum only where the groups overlap.
  double low[2] = {HUGE_VAL, HUGE_VAL}, high[2] = {-HUGE_VAL, -HUGE_VAL};
  for (std::size_t i = 0; i < x.size(); ++i) {
    low[y[i]] = std::min(low[y[i]], x[i]);
    high[y[i]] = std::max(high[y[i]], x[i]);
  }
  if (high[0] <= low[1] || high[1] <= low[0]) return kNone;
  const double share = static_cast<double>(ones) / static_cast<double>(y.size());
  double a = std::log(share / (1.0 - share)), b = 0.0, step_a = 0.0, step_b = 0.0, last = -HUGE_VAL;
  for (int step = 0; step < 200; ++step) {
    double g_a = 0.0, g_b = 0.0, h_aa = 0.0, h_ab = 0.0, h_bb = 0.0, log_likelihood = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = (x[i] - mean) / sd, eta = a + b * z, p = 1.0 / (1.0 + std::exp(-eta));
      const double residual = y[i] - p, weight = p * (1.0 - p);
      log_likelihood += y[i] * eta - std::max(eta, 0.0) - std::log1p(std::exp(-std::abs(eta)));
      g_a += residual;
      g_b += residual * z;
      h_aa += weight;
      h_ab += weight * z;
      h_bb += weight * z * z;
    }
    const double det = h_aa * h_bb - h_ab * h_ab;
    if (log_likelihood < last - 1e-9 || !(det > 0.0)) {  // overshot: half of the last step
      step_a /= 2.0;
      step_b /= 2.0;
      a -= step_a;
      b -= step_b;
      continue;
    }
    last = log_likelihood;
    step_a = (h_bb * g_a - h_ab * g_b) / det;
    step_b = (h_aa * g_b - h_ab * g_a) / det;
    if (std::abs(step_a) + std::abs(step_b) < 1e-10) {
      const double se = std::sqrt(h_aa / det);
      return {b / sd, se / sd, numeric::normal_two_sided(b / se)};
    }
    a += step_a;
    b += step_b;
  }
  return kNone;
}

StandardDifference standard_difference(const std::vector<double>& a, const std::vector<double>& b) {
  const double spread = std::sqrt((variance_of(a) + variance_of(b)) / 2.0);
  if (a.size() < 2 || b.size() < 2 || !(spread > 0.0)) return {kMissing, kMissing, kMissing};
  const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  const double d = (mean_of(a) - mean_of(b)) / spread;
  const double se = std::sqrt((n + m) / (n * m) + d * d / (2.0 * (n + m)));
  return {d, d - kZ * se, d + kZ * se};
}

Result<spec::ResultSet> exclusion_audit(const study::Snapshot& snapshot, const study::AnalysisOptions& options) {
  const auto data = data_of(snapshot, options);
  if (!data) return tl::unexpected<Error>(data.error());
  Sheet audit, cohorts, spread, volumes;
  const Bins bins = bins_of(data->variables.front());
  for (const auto& region : data->regions) {
    for (const auto& variable : data->variables) add_row(audit, region, variable);
    add_cohorts(cohorts, spread, *data, region);
  }
  add_adjusted(audit, *data);
  spec::ResultSet out;
  for (const char* side : {"ipsi", "contra"}) out.figures.push_back(volume_figure(side, *data, bins, volumes));
  struct Made {
    const char *key, *title, *note;
    Result<table::Table> table;
  };
  Made made[] = {
      {"audit", "Those left out against those kept",
       "difference: standardised, left out minus kept; odds of leaving per SD (right against left for the "
       "side); middle: median, or share on the right",
       audit.finish()},
      {"audit_cohorts", "Left out by cohort", "", cohorts.finish()},
      {"audit_cohort_spread", "How much cohorts differ", "The chi-square p is rough where least_expected is below 5.",
       spread.finish()},
      {"audit_volume", "Left out by lesion volume", "Groups of equal size by lesion volume.", volumes.finish()}};
  for (auto& m : made) {
    if (!m.table) return wrap(m.table.error(), m.key);
    out.tables.push_back({m.key, m.title, m.note, std::move(*m.table)});
  }
  const table::Table& rows = out.tables.front().table;
  out.figures.push_back(difference_figure(rows, data->variables.size()));
  out.findings = findings_of_audit(rows, *data);
  out.methods_text = {fmt::format(
      "For each region the {} patients analysed were divided into those whose region was left out (rated lesioned or "
      "failed; rule for several raters: {}) and those kept (ok or not rated). The groups were compared by standardised "
      "differences with 95 % intervals and by logistic regression of leaving on lesion volume (log10), sensorimotor "
      "score, side of the lesion and days since the stroke (log10), each by itself; p-values were corrected over the "
      "twelve regions of a variable (Benjamini-Hochberg).",
      data->people, study::rule_text(options))};
  out.references = {"liew2021"};
  out.json = Json{{"people", data->people}, {"ratings", study::rule_text(options)}, {"findings", out.findings}};
  for (const auto& named : out.tables) out.json[named.key] = named.table.to_json();
  out.manifest = Json{{"schema", 1}, {"kind", "audit"}, {"last_act", snapshot.last_act}};
  return out;
}

}  // namespace ipsi::engine
