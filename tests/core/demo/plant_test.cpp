// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/plant.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::demo {
namespace {

using study::Flag;

const Published& published() {
  static const Published data = [] {
    auto read = read_published();
    EXPECT_OK(read);
    return read.value_or(Published{});
  }();
  return data;
}

bool belongs(const Person& p, const std::string& analysis, const std::string& predictor) {
  if (p.control) return false;
  if (predictor == "sensorimotor_impairment" && !p.impairment()) return false;
  if (predictor == "activity_limitations" && !p.activity()) return false;
  if (analysis == "early") return p.days <= 21;
  if (analysis == "subacute") return p.days <= 90;
  return p.days >= 180;
}

std::size_t structure_index(const std::string& structure) {
  return static_cast<std::size_t>(std::ranges::find(kStructures, structure) - kStructures.begin());
}

class DemoPlant : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::vector<Person> people_ = draw_people(published(), 40, GetParam());
  Planted planted_ = plant(published(), people_, GetParam());
};

void expect_published_numbers(const std::vector<Person>& people, const std::vector<Brain>& brains) {
  ASSERT_EQ(published().models.size(), 60u);
  for (const PublishedModel& m : published().models) {
    const std::size_t region = model_region(structure_index(m.structure), m.ipsi);
    int n = 0;
    std::set<int> cohorts;
    for (std::size_t i = 0; i < people.size(); ++i) {
      if (!belongs(people[i], m.analysis, m.predictor)) continue;
      if (brains[i].flag[anatomical(region, people[i].lesion_side)] != Flag::ok) continue;
      ++n;
      cohorts.insert(people[i].cohort);
    }
    const std::string name = m.analysis + " " + m.predictor + (m.ipsi ? " ipsi " : " contra ") + m.structure;
    EXPECT_EQ(n, m.n) << name;
    EXPECT_EQ(static_cast<int>(cohorts.size()), m.n_cohorts) << name;
  }
}

// Every printed row of Liew 2021, Tables 2-4: n, and the number of cohorts that its df implies.
TEST_P(DemoPlant, NumbersOfPeopleAndCohortsPerRegionArePublished) {
  expect_published_numbers(people_, planted_.brains);
}

TEST_P(DemoPlant, OthersMakeUpForBrainsThatAreFixed) {
  std::vector<KnownBrain> known;
  for (std::size_t i = 3; i < 828 && known.size() < 24; i += 35) {
    if (!published().cohorts[static_cast<std::size_t>(people_[i].cohort)].lost_chronic.empty()) continue;
    KnownBrain k{i, {}};
    k.brain.volume_mm3.fill(1234);
    k.brain.flag.fill(Flag::ok);
    for (const std::size_t r : {i % 10, (i * 7) % 10}) k.brain.flag[r] = i % 2 == 0 ? Flag::lesioned : Flag::failed;
    known.push_back(k);
  }
  ASSERT_GE(known.size(), 20u);
  const Planted with = plant(published(), people_, GetParam(), known);
  expect_published_numbers(people_, with.brains);
  for (const KnownBrain& k : known) {
    EXPECT_EQ(with.brains[k.person].flag, k.brain.flag);
    EXPECT_EQ(with.brains[k.person].volume_mm3, k.brain.volume_mm3);
  }
}

// t = beta / SE as printed; the residual is tuned for it on this very design.
TEST_P(DemoPlant, ExpectedStandardErrorsArePublished) {
  for (std::size_t s = 0; s < 6; ++s)
    for (const bool ipsi : {true, false}) {
      const auto* m = published().model("chronic", "sensorimotor_behaviour", kStructures[s], ipsi);
      ASSERT_NE(m, nullptr);
      const Truth& truth = planted_.chronic[model_region(s, ipsi)];
      EXPECT_EQ(truth.beta, m->beta);
      EXPECT_EQ(truth.n, m->n);
      EXPECT_EQ(truth.n_cohorts, m->n_cohorts);
      const double se = std::abs(m->t) >= 2 ? std::abs(m->beta / m->t) : m->se;
      EXPECT_NEAR(truth.expected_se, se, 1e-12) << m->structure << (ipsi ? " ipsi" : " contra");
      EXPECT_GT(truth.sigma, 0.5);
      EXPECT_LT(truth.sigma, 1.0);
    }
}

// Ranges reported by FreeSurfer studies of adults are wide; those of ENIGMA's 20 example people must lie inside ours
// and ours must not be more than about twice as wide (ventricles: the example people are younger).
TEST_P(DemoPlant, VolumesOfGoodSegmentationsAreThoseOfAdults) {
  constexpr double kLow[6] = {4000, 1900, 2700, 1000, 200, 3000};
  constexpr double kHigh[6] = {10000, 5400, 7600, 2900, 980, 60000};
  for (std::size_t i = 0; i < people_.size(); ++i)
    for (std::size_t r = 0; r < 12; ++r) {
      const double v = planted_.brains[i].volume_mm3[r];
      EXPECT_EQ(v, std::round(v));
      EXPECT_GT(v, 0);
      if (planted_.brains[i].flag[r] != Flag::ok) continue;
      EXPECT_GE(v, kLow[r / 2]) << people_[i].id << ' ' << kRegions[r].key;
      EXPECT_LE(v, kHigh[r / 2]) << people_[i].id << ' ' << kRegions[r].key;
    }
}

TEST_P(DemoPlant, LossesAreLesionsOnOneSideAndFailuresOnTheOther) {
  int lesioned[2] = {0, 0}, failed[2] = {0, 0};
  double score_kept = 0, score_lost = 0, size_kept = 0, size_lost = 0;
  int kept = 0, lost = 0;
  for (std::size_t i = 0; i < 828; ++i)
    for (std::size_t m = 0; m < kModelRegions; ++m) {
      const Flag flag = planted_.brains[i].flag[anatomical(m, people_[i].lesion_side)];
      if (flag == Flag::lesioned) ++lesioned[m / 6];
      if (flag == Flag::failed) ++failed[m / 6];
      if (m % 6 == 5) {
        EXPECT_EQ(flag, Flag::ok);  // ventricles: n equals the group in every printed table
        continue;
      }
      if (m >= 6) continue;
      (flag == Flag::ok ? score_kept : score_lost) += people_[i].score;
      (flag == Flag::ok ? size_kept : size_lost) += std::log(people_[i].lesion_mm3);
      ++(flag == Flag::ok ? kept : lost);
    }
  EXPECT_GT(lesioned[0], 3 * failed[0]);
  EXPECT_GT(failed[1], 5 * lesioned[1]);
  EXPECT_GT(size_lost / lost, size_kept / kept + 0.5);     // not at random: larger lesions
  EXPECT_LT(score_lost / lost, score_kept / kept - 0.02);  // and lower scores
}

INSTANTIATE_TEST_SUITE_P(Seeds, DemoPlant, testing::Values(1, 2, 3));

TEST(DemoPlanted, ControlsAreAllGood) {
  const auto people = draw_people(published(), 100, 1);
  const Planted planted = plant(published(), people, 1);
  for (std::size_t i = 828; i < people.size(); ++i)
    for (std::size_t r = 0; r < 12; ++r) EXPECT_EQ(planted.brains[i].flag[r], Flag::ok);
}

TEST(DemoPlanted, SeedsDifferAndRepeat) {
  const auto people = draw_people(published(), 0, 5);
  const auto a = plant(published(), people, 5), b = plant(published(), people, 5);
  const auto other = plant(published(), draw_people(published(), 0, 6), 6);
  int differ = 0;
  for (std::size_t i = 0; i < people.size(); ++i) {
    EXPECT_EQ(a.brains[i].volume_mm3, b.brains[i].volume_mm3);
    EXPECT_EQ(a.brains[i].flag, b.brains[i].flag);
    differ += a.brains[i].volume_mm3 != other.brains[i].volume_mm3 ? 1 : 0;
  }
  EXPECT_EQ(differ, 828);
}

// shared/data/enigma_example: 20 people of the ENIGMA toolbox, 20-60 years. Real adults must fit into what the demo
// calls possible, and its middle must lie among them.
TEST(DemoPlanted, AgreesWithRealExamplePeople) {
  IPSI_NEEDS_SHARED("data/enigma_example/metr1_SubVol.csv");
  const auto real = table::read_table(test::shared_path("data/enigma_example/metr1_SubVol.csv"));
  ASSERT_OK(real);
  const auto people = draw_people(published(), 400, 1);
  const Planted planted = plant(published(), people, 1);
  for (std::size_t r = 0; r < 10; ++r) {  // without ventricles: these people are young
    const auto* column = real->find(kRegions[r].enigma);
    ASSERT_NE(column, nullptr);
    double mean = 0;
    for (std::size_t i = 828; i < people.size(); ++i) mean += planted.brains[i].volume_mm3[r] / 400.0;
    EXPECT_GT(mean, std::ranges::min(column->values)) << kRegions[r].key;
    EXPECT_LT(mean, std::ranges::max(column->values)) << kRegions[r].key;
  }
}

}  // namespace
}  // namespace ipsi::demo
