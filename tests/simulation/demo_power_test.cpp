// SPDX-License-Identifier: GPL-3.0-or-later
// The planted effects of the demo study come back at their power. The generator (core/demo) and the fit (core/stats)
// share no code, so agreement says something about both.
#include <algorithm>
#include <array>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "core/demo/plant.h"
#include "core/stats/design.h"
#include "core/stats/formula.h"
#include "core/stats/lme.h"
#include "core/table/table.h"
#include "tests/support/support.h"

namespace ipsi {
namespace {

constexpr int kSeeds = 400;
constexpr double kAlpha = 0.05 / 12;

struct Target {
  std::string structure;
  double beta, t, df;  // Liew 2021, Table 3, chronic, ipsilesional
  double power;        // of a t test of noncentrality t, two-sided at 0.05/12
};
const std::array<Target, 3> kTargets{{{"putamen", 1.01, 3.54, 183, 0.74},
                                      {"accumbens", 0.72, 3.15, 264, 0.60},
                                      {"lateral_ventricle", -0.70, -4.04, 378, 0.88}}};

double power_of(const Target& target) {
  const double critical =
      boost::math::quantile(boost::math::complement(boost::math::students_t(target.df), kAlpha / 2));
  const boost::math::non_central_t t(target.df, std::abs(target.t));
  return boost::math::cdf(boost::math::complement(t, critical)) + boost::math::cdf(t, -critical);
}

struct Estimate {
  double beta = 0, t = 0, df = 0, p = 1;
};

/// The published model on the rows that are in the chronic group and rated ok: what `ipsi batch` fits.
Result<Estimate> fit(const std::vector<demo::Person>& people, const demo::Planted& planted,
                     const std::string& structure) {
  const auto s = static_cast<std::size_t>(std::ranges::find(kStructures, structure) - kStructures.begin());
  std::vector<double> volume, score, age, icv;
  std::vector<std::string> sex, cohort;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const demo::Person& p = people[i];
    const std::size_t region = demo::anatomical(demo::model_region(s, true), p.lesion_side);
    if (!(p.days >= 180) || planted.brains[i].flag[region] != study::Flag::ok) continue;
    volume.push_back(planted.brains[i].volume_mm3[region]);
    score.push_back(p.score);
    age.push_back(p.age);
    icv.push_back(p.icv_mm3);
    sex.emplace_back(p.female ? "female" : "male");
    cohort.push_back(std::to_string(p.cohort));
  }
  const auto data =
      table::Table::from({table::numeric("volume", volume), table::numeric("score", score), table::numeric("age", age),
                          table::numeric("icv", icv), table::text("sex", sex), table::text("cohort", cohort)});
  if (!data) return tl::unexpected<Error>(data.error());
  const auto formula = stats::parse_formula("scale(volume) ~ score + scale(age) + scale(icv) + sex + (1 | cohort)");
  if (!formula) return tl::unexpected<Error>(formula.error());
  const auto design = stats::make_design(*formula, *data);
  if (!design) return tl::unexpected<Error>(design.error());
  const auto lme = stats::fit_lme(design->data);
  if (!lme) return tl::unexpected<Error>(lme.error());
  const int at = lme->coefficients.find("score");
  if (at < 0) return fail(Code::NotFound, "no coefficient `score`");
  return Estimate{lme->coefficients.value[at], lme->coefficients.t[at], lme->coefficients.df[at],
                  lme->coefficients.p[at]};
}

TEST(DemoPower, TheoryGivesThePrintedPowers) {
  double all = 1;
  for (const Target& target : kTargets) {
    EXPECT_NEAR(power_of(target), target.power, 0.005) << target.structure;
    all *= power_of(target);
  }
  EXPECT_NEAR(all, 0.39, 0.005);  // residuals of the regions are independent
}

TEST(DemoPower, SeedOneShowsAllThree) {
  const auto published = demo::read_published();
  ASSERT_OK(published);
  const auto people = demo::draw_people(*published, 0, 1);
  const auto planted = demo::plant(*published, people, 1);
  for (const Target& target : kTargets) {
    const auto estimate = fit(people, planted, target.structure);
    ASSERT_OK(estimate);
    EXPECT_LT(estimate->p, kAlpha) << target.structure;
    EXPECT_GT(estimate->beta * target.beta, 0) << target.structure;
    EXPECT_EQ(estimate->df, target.df) << target.structure;
  }
}

// Each count is compared with its binomial distribution at 3.29 standard errors, each mean with its own Monte-Carlo
// error at 3.29: with right code and other seeds each of the seven comparisons would fail once in 1000 times, one of
// them once in 140. The seeds are fixed, so the test does not flicker. Seed 1 is among them although it was chosen to
// show all three: that adds at most 1/400 to each power.
TEST(DemoPower, EffectsComeBackAtTheirPowerAndSize) {
  const auto published = demo::read_published();
  ASSERT_OK(published);
  std::array<int, 3> found{};
  std::array<double, 3> sum{}, squares{}, sum_t{};
  int all_three = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const auto people = demo::draw_people(*published, 0, static_cast<std::uint64_t>(seed));
    const auto planted = demo::plant(*published, people, static_cast<std::uint64_t>(seed));
    bool all = true;
    for (std::size_t k = 0; k < kTargets.size(); ++k) {
      const auto estimate = fit(people, planted, kTargets[k].structure);
      ASSERT_OK(estimate);
      const bool significant = estimate->p < kAlpha;
      found[k] += significant ? 1 : 0;
      all = all && significant;
      sum[k] += estimate->beta;
      squares[k] += estimate->beta * estimate->beta;
      sum_t[k] += estimate->t;
    }
    all_three += all ? 1 : 0;
  }
  const auto check = [](int count, double power, const std::string& what) {
    const double error = std::sqrt(power * (1 - power) / kSeeds);
    const double rate = static_cast<double>(count) / kSeeds;
    std::printf("%-18s power %.3f, expected %.3f +- %.3f\n", what.c_str(), rate, power, error);
    EXPECT_NEAR(rate, power, 3.29 * error) << what;
  };
  double joint = 1;
  for (std::size_t k = 0; k < kTargets.size(); ++k) {
    const Target& target = kTargets[k];
    const double mean = sum[k] / kSeeds;
    const double error = std::sqrt((squares[k] / kSeeds - mean * mean) / (kSeeds - 1));
    std::printf("%-18s mean beta %.4f, planted %.2f, Monte-Carlo error %.4f, mean t %.3f (published %.2f)\n",
                target.structure.c_str(), mean, target.beta, error, sum_t[k] / kSeeds, target.t);
    EXPECT_NEAR(mean, target.beta, 3.29 * error) << target.structure;
    // The spread of the estimates is the published standard error (chi-square of 399: within 12 % at 3.29).
    EXPECT_NEAR(error * std::sqrt(static_cast<double>(kSeeds)), std::abs(target.beta / target.t),
                0.12 * std::abs(target.beta / target.t))
        << target.structure;
    joint *= power_of(target);
    check(found[k], power_of(target), target.structure);
  }
  check(all_three, joint, "all three");
}

}  // namespace
}  // namespace ipsi
