// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/cohort.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "core/base/files.h"
#include "tests/support/support.h"

namespace ipsi::demo {
namespace {

/// R's default quantile (type 7).
double quantile(std::vector<double> v, double p) {
  std::ranges::sort(v);
  const double at = p * static_cast<double>(v.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const std::size_t high = std::min(low + 1, v.size() - 1);
  return v[low] + (at - std::floor(at)) * (v[high] - v[low]);
}

const Published& published() {
  static const Published data = [] {
    auto read = read_published();
    EXPECT_OK(read);
    return read.value_or(Published{});
  }();
  return data;
}

class DemoCohorts : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::vector<Person> people_ = draw_people(published(), 0, GetParam());
  [[nodiscard]] std::vector<double> of(int cohort, const std::function<double(const Person&)>& value) const {
    std::vector<double> out;
    for (const Person& p : people_)
      if (p.cohort == cohort) out.push_back(value(p));
    return out;
  }
  [[nodiscard]] long long count(const std::function<bool(const Person&)>& belongs) const {
    return std::ranges::count_if(people_, belongs);
  }
  [[nodiscard]] std::size_t cohorts(const std::function<bool(const Person&)>& belongs) const {
    std::set<int> seen;
    for (const Person& p : people_)
      if (belongs(p)) seen.insert(p.cohort);
    return seen.size();
  }
};

TEST_P(DemoCohorts, PeopleAndWomenPerCohortArePublished) {
  ASSERT_EQ(published().cohorts.size(), 28u);
  EXPECT_EQ(people_.size(), 828u);
  for (std::size_t c = 0; c < 28; ++c) {
    const CohortPlan& plan = published().cohorts[c];
    const auto women = of(static_cast<int>(c), [](const Person& p) { return p.female ? 1.0 : 0.0; });
    EXPECT_EQ(static_cast<int>(women.size()), plan.n) << plan.id();
    EXPECT_EQ(static_cast<int>(std::ranges::count(women, 1.0)), plan.females) << plan.id();
  }
}

// Liew 2021, Table 1. Ages are whole years; a median of an even number of people may fall on a half.
TEST_P(DemoCohorts, AgesAreSpreadAsPublished) {
  for (std::size_t c = 0; c < 28; ++c) {
    const CohortPlan& plan = published().cohorts[c];
    const auto ages = of(static_cast<int>(c), [](const Person& p) { return p.age; });
    EXPECT_NEAR(quantile(ages, 0.5), plan.age.median, 0.5) << plan.id();
    EXPECT_NEAR(quantile(ages, 0.75) - quantile(ages, 0.25), plan.age.iqr, 1.5) << plan.id();
    EXPECT_EQ(std::ranges::min(ages), plan.age.low) << plan.id();
    EXPECT_EQ(std::ranges::max(ages), plan.age.high) << plan.id();
  }
}

// Scores come in the steps of their test: 1/66 for the FMA-UE, 1/42 for the NIHSS; medians are printed to 0.01,
// extremes to 0.1.
TEST_P(DemoCohorts, ScoresAreSpreadAsPublished) {
  for (std::size_t c = 0; c < 28; ++c) {
    const CohortPlan& plan = published().cohorts[c];
    const double step = plan.primary_test == "nihss" ? 1.0 / 42 : plan.primary_test == "fmue_total" ? 1.0 / 66 : 0.0175;
    const auto scores = of(static_cast<int>(c), [](const Person& p) { return p.score; });
    EXPECT_NEAR(quantile(scores, 0.5), plan.score.median, step + 0.005) << plan.id();
    // Two quartiles, each rounded to a step; cohorts of a dozen interpolate across a steep place.
    EXPECT_NEAR(quantile(scores, 0.75) - quantile(scores, 0.25), plan.score.iqr, 2.1 * step + (plan.n < 17 ? 0.02 : 0))
        << plan.id();
    EXPECT_NEAR(std::ranges::min(scores), plan.score.low, 0.05) << plan.id();
    EXPECT_NEAR(std::ranges::max(scores), plan.score.high, 0.05) << plan.id();
  }
}

TEST_P(DemoCohorts, GroupsAreAsLargeAsPublishedAndComeFromAsManyCohorts) {
  const auto early = [](const Person& p) { return p.days <= 21; };
  const auto subacute = [](const Person& p) { return p.days <= 90; };
  const auto chronic = [](const Person& p) { return p.days >= 180; };
  const auto impairment = [&](const Person& p) { return chronic(p) && p.impairment(); };
  const auto activity = [&](const Person& p) { return chronic(p) && p.activity(); };
  EXPECT_EQ(count(early), 182);
  EXPECT_EQ(count(subacute), 274);
  EXPECT_EQ(count(chronic), 404);
  EXPECT_EQ(count(impairment), 256);
  EXPECT_EQ(count(activity), 116);
  EXPECT_EQ(cohorts(early), 6u);      // 182 - 172 - 4
  EXPECT_EQ(cohorts(subacute), 11u);  // 274 - 259 - 4
  EXPECT_EQ(cohorts(chronic), 22u);   // 404 - 378 - 4
  EXPECT_EQ(cohorts(impairment), 15u);
  EXPECT_EQ(cohorts(activity), 4u);
}

/// The rule of the analysis table: of the measures of a cohort the one most common in the whole data set.
TEST_P(DemoCohorts, ThePrimaryScoreRuleFindsTheIntendedTest) {
  std::map<std::string, int> common;
  for (const Person& p : people_)
    for (const RawScore& s : p.scores) ++common[s.column];
  for (const Person& p : people_) {
    const RawScore& best = *std::ranges::max_element(p.scores, {}, [&](const RawScore& s) { return common[s.column]; });
    EXPECT_EQ(best.column, published().cohorts[static_cast<std::size_t>(p.cohort)].primary_test) << p.id;
  }
}

TEST_P(DemoCohorts, RawScoresAreWholeAndInTheRangeOfTheirTest) {
  const std::map<std::string, double> max{{"fmue_total", 66}, {"arat_total", 57},       {"wmft_fas", 75},
                                          {"mbi", 100},       {"motricity_index", 100}, {"nihss", 42}};
  for (const Person& p : people_) {
    ASSERT_FALSE(p.scores.empty());
    for (const RawScore& s : p.scores) {
      EXPECT_EQ(s.raw, std::round(s.raw)) << p.id;
      EXPECT_GE(s.raw, 0) << p.id;
      EXPECT_LE(s.raw, max.at(s.column)) << p.id;
    }
    const RawScore& first = p.scores.front();
    const double fraction = first.raw / max.at(first.column);
    EXPECT_DOUBLE_EQ(p.score, first.column == "nihss" ? 1 - fraction : fraction) << p.id;
  }
}

TEST_P(DemoCohorts, HeadsAndLesionsArePlausible) {
  double women = 0, men = 0;
  int n_women = 0, n_men = 0;
  std::vector<double> lesions;
  for (const Person& p : people_) {
    EXPECT_GT(p.icv_mm3, 0.95e6);
    EXPECT_LT(p.icv_mm3, 2.05e6);
    (p.female ? women : men) += p.icv_mm3;
    ++(p.female ? n_women : n_men);
    lesions.push_back(p.lesion_mm3);
    EXPECT_EQ(p.days, std::round(p.days));
    EXPECT_GE(p.days, 1);
  }
  EXPECT_GT(men / n_men - women / n_women, 0.1e6);  // published difference about 0.15 L
  EXPECT_NEAR(quantile(lesions, 0.5), 4300, 1300);  // domain notes: median 4.3 mL
  const auto left = count([](const Person& p) { return p.lesion_side == Side::left; });
  EXPECT_GT(left, 350);  // 828 fair coins: 4.4 standard deviations
  EXPECT_LT(left, 478);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DemoCohorts, testing::Values(1, 2, 77));

TEST(DemoPeople, ControlsHaveNoStroke) {
  const auto people = draw_people(published(), 60, 1);
  ASSERT_EQ(people.size(), 888u);
  std::set<std::string> ids;
  for (const Person& p : people) EXPECT_TRUE(ids.insert(p.id).second) << p.id;
  for (std::size_t i = 828; i < people.size(); ++i) {
    EXPECT_TRUE(people[i].control);
    EXPECT_TRUE(std::isnan(people[i].days));
    EXPECT_TRUE(people[i].scores.empty());
    EXPECT_GE(people[i].age, 20);
    EXPECT_LE(people[i].age, 88);
  }
  const auto without = draw_people(published(), 0, 1);  // controls change nobody else
  for (std::size_t i = 0; i < without.size(); ++i) {
    EXPECT_EQ(without[i].id, people[i].id);
    EXPECT_EQ(without[i].score, people[i].score);
    EXPECT_EQ(without[i].icv_mm3, people[i].icv_mm3);
  }
}

TEST(DemoPublished, TheCopyIsThePaper) {
  IPSI_NEEDS_SHARED("papers");
  for (const std::string name : {"liew2021_table1_cohorts.csv", "liew2021_tables2-4_models.csv"})
    EXPECT_EQ(test::slurp(resource_dir() / "demo" / name), test::slurp(test::shared_path("papers/" + name))) << name;
}

}  // namespace
}  // namespace ipsi::demo
