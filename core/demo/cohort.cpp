// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/cohort.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "core/demo/draws.h"

namespace ipsi::demo {
namespace {

// Purposes of random streams; see Draws.
enum Purpose : std::uint64_t { kAges = 1, kScores, kWomen, kPeriods, kPersonal, kControls };

/// Steps and direction of the tests used here; min is 0 for all. The maxima are those of the importer.
struct Scale {
  std::string_view column;
  double max;
  bool high_is_good;
};
constexpr Scale kScales[] = {{"fmue_total", 66, true}, {"arat_total", 57, true},       {"wmft_fas", 75, true},
                             {"mbi", 100, true},       {"motricity_index", 100, true}, {"nihss", 42, false}};

const Scale& scale_of(std::string_view column) {
  return *std::ranges::find(kScales, column, &Scale::column);  // read_published has checked that it is there
}

double to_raw(const Scale& scale, double fraction) {
  return std::round(scale.max * (scale.high_is_good ? fraction : 1.0 - fraction));
}

double to_fraction(const Scale& scale, double raw) {
  return scale.high_is_good ? raw / scale.max : 1.0 - raw / scale.max;
}

/// Share of the tail (outside the middle half) that lies within `t` (0..1) of its way to the extreme. A tail that is
/// long against the middle half is thin: a few outliers, not a quarter of the people strewn over it.
double tail(double t, double length, double iqr, double range) {
  const double ratio = length / std::max(iqr, 0.05 * range);
  return length * std::pow(t, std::clamp(1.2 + 0.5 * ratio, 1.0, 6.0));
}

/// Value at share p (0..1) of a distribution with this spread.
double quantile(const Spread& s, double p) {
  const double range = s.high - s.low;
  if (range <= 0) return s.median;
  double q3 = std::min(s.high, s.median + s.iqr * (s.high - s.median) / range);
  double q1 = q3 - s.iqr;
  if (q1 < s.low) {
    q1 = s.low;
    q3 = std::max(s.median, q1 + s.iqr);
  }
  if (p < 0.25) return q1 - tail((0.25 - p) / 0.25, q1 - s.low, s.iqr, range);
  if (p > 0.75) return q3 + tail((p - 0.75) / 0.25, s.high - q3, s.iqr, range);
  return p < 0.5 ? q1 + (s.median - q1) * (p - 0.25) / 0.25 : s.median + (q3 - s.median) * (p - 0.5) / 0.25;
}

/// n values of this spread in random order. They sit at evenly spaced shares, jittered only where that cannot move
/// the median or the quartiles.
std::vector<double> spread_values(const Spread& s, int n, Draws draws) {
  std::vector<double> values;
  const double step = n > 1 ? 1.0 / (n - 1) : 1.0;
  for (int i = 0; i < n; ++i) {
    double p = n > 1 ? i * step : 0.5;
    const double jitter = 0.8 * step * (draws.uniform() - 0.5);
    double nearest = std::min(p, 1.0 - p);
    for (const double fixed : {0.25, 0.5, 0.75}) nearest = std::min(nearest, std::abs(p - fixed));
    if (nearest > 1.01 * step) p += jitter;
    values.push_back(quantile(s, p));
  }
  draws.shuffle(values);
  return values;
}

double draw_days(Period period, Draws& draws) {
  const double u = draws.uniform();
  switch (period) {
    case Period::early: return std::round(2.0 + 19.0 * std::pow(u, 1.4));
    case Period::late_subacute: return std::round(22.0 + 68.0 * u);
    case Period::between: return std::round(91.0 + 88.0 * u);
    case Period::chronic: return std::round(std::min(9000.0, 180.0 + 620.0 * std::exp(1.1 * draws.normal())));
  }
  return kNone;
}

double draw_icv(bool female, Draws& draws) {
  return std::round((female ? 1.41e6 : 1.57e6) + 0.125e6 * draws.bounded_normal());
}

/// Lesion size: log-normal, median 4.3 mL and wide, larger where the score is worse.
/// @source domain notes on ATLAS: median 4.3 mL, 5th percentile 0.14, 95th 136
double draw_lesion_mm3(double score, Draws& draws) {
  const double severity = (0.65 - score) / 0.28;
  const double z = 0.35 * severity + std::sqrt(1.0 - 0.35 * 0.35) * draws.bounded_normal();
  return std::round(std::clamp(4300.0 * std::exp(1.9 * z), 60.0, 300000.0));
}

std::string draw_class(double lesion_mm3, Draws& draws) {
  const double cortical = lesion_mm3 > 20000 ? 0.75 : 0.35;
  if (draws.uniform() > cortical) return "subcortical";
  return draws.uniform() < (lesion_mm3 > 20000 ? 0.8 : 0.4) ? "mixed" : "cortical";
}

/// The raw scores of one person, and from them the primary score.
void set_scores(Person& person, const CohortPlan& plan, double fraction, Draws& draws) {
  const Scale& scale = scale_of(plan.primary_test);
  const double raw = to_raw(scale, fraction);
  person.score = to_fraction(scale, raw);
  person.scores.push_back({plan.primary_test, raw});
  if (plan.second_test.empty()) return;
  const Scale& second = scale_of(plan.second_test);
  double other = std::clamp(person.score + 0.08 * draws.bounded_normal(), 0.0, 1.0);
  if (!second.high_is_good) other = 0.55 + 0.45 * other;  // living patients reach about 20 of 42 points
  person.scores.push_back({plan.second_test, to_raw(second, other)});
}

void draw_cohort(const CohortPlan& plan, int index, std::uint64_t seed, std::vector<Person>& people) {
  const auto number = static_cast<std::uint64_t>(plan.number);
  const auto ages = spread_values(plan.age, plan.n, Draws(seed, kAges, number));
  const auto scores = spread_values(plan.score, plan.n, Draws(seed, kScores, number));
  std::vector<char> women(static_cast<std::size_t>(plan.n), 0);
  std::fill_n(women.begin(), plan.females, 1);
  Draws(seed, kWomen, number).shuffle(women);
  std::vector<Period> periods;
  for (const Period p : {Period::early, Period::late_subacute, Period::between, Period::chronic})
    periods.insert(periods.end(), static_cast<std::size_t>(plan.count[static_cast<int>(p)]), p);
  Draws(seed, kPeriods, number).shuffle(periods);

  for (std::size_t i = 0; i < ages.size(); ++i) {
    Draws draws(seed, kPersonal, number, i);
    Person person;
    person.id = fmt::format("sub-c{:02}s{:03}", plan.number, i + 1);
    person.cohort = index;
    person.female = women[i] != 0;
    person.age = std::round(ages[i]);
    person.period = periods[i];
    person.days = draw_days(person.period, draws);
    person.lesion_side = draws.uniform() < 0.5 ? Side::left : Side::right;
    person.icv_mm3 = draw_icv(person.female, draws);
    set_scores(person, plan, scores[i], draws);
    person.lesion_mm3 = draw_lesion_mm3(person.score, draws);
    person.lesion_class = draw_class(person.lesion_mm3, draws);
    people.push_back(std::move(person));
  }
}

}  // namespace

std::string CohortPlan::id() const {
  return fmt::format("cohort-{:02}", number);
}

bool Person::has(std::string_view column) const {
  return std::ranges::find(scores, column, &RawScore::column) != scores.end();
}

const PublishedModel* Published::model(const std::string& analysis, const std::string& predictor,
                                       std::string_view structure, bool ipsi) const {
  for (const PublishedModel& m : models)
    if (m.analysis == analysis && m.predictor == predictor && m.structure == structure && m.ipsi == ipsi) return &m;
  return nullptr;
}

std::vector<Person> draw_people(const Published& published, int controls, std::uint64_t seed) {
  std::vector<Person> people;
  for (std::size_t c = 0; c < published.cohorts.size(); ++c)
    draw_cohort(published.cohorts[c], static_cast<int>(c), seed, people);

  std::vector<int> so_far(published.cohorts.size(), 0);
  for (int i = 0; i < controls; ++i) {  // spread over the cohorts in turn, so that no cohort is all controls
    const std::size_t c = static_cast<std::size_t>(i) % published.cohorts.size();
    Draws draws(seed, kControls, static_cast<std::uint64_t>(i));
    Person person;
    person.id = fmt::format("sub-c{:02}h{:03}", published.cohorts[c].number, ++so_far[c]);
    person.cohort = static_cast<int>(c);
    person.control = true;
    person.female = draws.uniform() < 0.5;
    person.age = std::round(20.0 + 68.0 * std::pow(draws.uniform(), 0.8));
    person.icv_mm3 = draw_icv(person.female, draws);
    people.push_back(std::move(person));
  }
  return people;
}

}  // namespace ipsi::demo
