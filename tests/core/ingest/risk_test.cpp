// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/risk.h"

#include <cmath>
#include <functional>
#include <stdexcept>

#include "core/ingest/risk_reasons.h"
#include "core/numeric/random.h"
#include "tests/core/ingest/balls.h"

namespace ipsi::ingest {
namespace {
using test::ball;
using test::ball_brain;
using test::compacted;
using test::region_at;

constexpr int kPeople = 60;
constexpr double kRadius = 3.4;  // of the balls that stand for regions

/// Volumes that follow ICV and age, with 5 % of spread; nobody has images.
study::Snapshot table_study() {
  study::Snapshot s;
  numeric::Stream random(11);
  s.cohorts.push_back({"c", ""});
  for (int i = 0; i < kPeople; ++i) {
    const std::string id = fmt::format("sub-{}", i + 1);
    const double icv = 1.5e6 + 1.2e5 * random.normal(), age = 60 + 10 * random.normal();
    s.people.push_back({id, "c", "patient", "", "left", ""});
    s.sessions.push_back({id, "1", 1, "", age, 200});
    s.measurements.push_back({id, "1", "head", "icv", "enigma_csv", icv, "mm3", ""});
    for (const auto& region : kRegions)
      s.measurements.push_back({id, "1", std::string(region.key), "volume", "enigma_csv",
                                5000 + 0.003 * (icv - 1.5e6) - 20 * (age - 60) + 250 * random.normal(), "mm3", ""});
  }
  return s;
}

study::Measurement& volume_of(study::Snapshot& s, const std::string& person, std::string_view region) {
  for (auto& m : s.measurements)
    if (m.person == person && m.region == region && m.measure == "volume") return m;
  throw std::runtime_error("no such row");
}

const RegionRisk& row_of(const std::vector<RegionRisk>& rows, const std::string& person, std::string_view region) {
  for (const auto& r : rows)
    if (r.person == person && r.where().key == region) return r;
  throw std::runtime_error("no such row");
}

const Reason* reason_of(const RegionRisk& risk, Sign sign) {
  for (const auto& r : risk.reasons)
    if (r.sign == sign) return &r;
  return nullptr;
}

TEST(VolumeNorm, HoldsPeopleAgainstTheirHeadAndAge) {
  auto s = table_study();
  const auto sessions = session_volumes(s);
  const auto norms = region_norms(sessions);
  const auto z = norms[0].of(5000, 1.5e6, 60);
  ASSERT_NE(z.plane, nullptr);
  EXPECT_TRUE(z.plane->by_icv && z.plane->by_age);
  EXPECT_EQ(z.plane->people, kPeople);
  EXPECT_NEAR(z.plane->per_icv, 0.003, 0.0012);
  EXPECT_NEAR(z.plane->per_age, -20, 12);
  EXPECT_NEAR(z.z, 0.0, 0.6);
  EXPECT_NEAR(norms[0].of(5000, 1.7e6, 60).z, -2.4, 1.0);
  const auto bare = norms[0].of(5000, std::nan(""), std::nan(""));
  ASSERT_NE(bare.plane, nullptr);
  EXPECT_FALSE(bare.plane->by_icv || bare.plane->by_age);
  EXPECT_TRUE(std::isnan(norms[0].of(std::nan(""), 1.5e6, 60).z));
  EXPECT_FALSE(std::isnan(norms[0].of(std::nan(""), 1.5e6, 60).expected));
  s.people.resize(9);
  s.sessions.resize(9);
  EXPECT_TRUE(std::isnan(region_norms(session_volumes(s))[0].of(5000, 1.5e6, 60).z)) << "too few people";
}

TEST(VolumeNorm, TakesTheFirstSourceThatHasAValue) {
  study::Snapshot s;
  s.people.push_back({"a", "", "patient", "", "", ""});
  s.sessions.push_back({"a", "2", 2, "", 61, 9});
  s.sessions.push_back({"a", "1", 1, "", 60, 8});
  const auto put = [&](const char* session, const char* source, double value, const char* note = "") {
    s.measurements.push_back({"a", session, "left_thalamus", "volume", source, value, "mm3", note});
  };
  put("1", "aseg_stats", std::nan(""), "missing in source");
  put("1", "enigma_csv", 7000);
  put("1", "label_count", 6000);
  put("2", "label_count", 6500);
  put("2", "lesion_mask", 1);
  const auto rows = session_volumes(s);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_FALSE(rows[0].first);
  EXPECT_EQ(rows[0].mm3[0], 6500);
  EXPECT_TRUE(rows[1].first);
  EXPECT_EQ(rows[1].mm3[0], 7000);
  EXPECT_EQ(rows[1].source[0], "enigma_csv");
  EXPECT_EQ(rows[1].note[0], "aseg_stats: missing in source");
  EXPECT_TRUE(std::isnan(rows[1].mm3[1]));
}

TEST(EnigmaLimits, AreBothRulesByTheirNames) {
  std::vector<double> v;
  for (int i = 1; i <= 19; ++i) v.push_back(i);
  v.push_back(100);
  v.push_back(std::nan(""));
  const EnigmaLimits limits = enigma_limits(v);
  // R: q <- quantile(c(1:19, 100), c(.25, .75)); q + c(-1.5, 1.5) * diff(q); mean(v) + c(-1, 1) * 2.698 * sd(v)
  EXPECT_EQ(limits.people, 20);
  EXPECT_DOUBLE_EQ(limits.tukey_low, 5.75 - 1.5 * 9.5);
  EXPECT_DOUBLE_EQ(limits.tukey_high, 15.25 + 1.5 * 9.5);
  EXPECT_NEAR(limits.sd_low, 14.5 - 2.698 * std::sqrt(435.0), 1e-9);
  EXPECT_NEAR(limits.sd_high, 14.5 + 2.698 * std::sqrt(435.0), 1e-9);
  EXPECT_TRUE(std::isnan(enigma_limits({1, 2, 3}).tukey_low));
}

TEST(Risk, AHalvedVolumeComesFirstAndSaysWhy) {
  auto s = table_study();
  volume_of(s, "sub-7", "left_putamen").value *= 0.5;
  const auto rows = assess_risk(s, {});
  ASSERT_EQ(rows.size(), kPeople * 12U);
  EXPECT_EQ(rows[0].person, "sub-7");
  EXPECT_EQ(rows[0].where().key, "left_putamen");
  EXPECT_GT(rows[0].risk, 0.9);
  ASSERT_NE(reason_of(rows[0], Sign::volume), nullptr);
  EXPECT_EQ(reason_of(rows[0], Sign::volume)->text.rfind("volume z -", 0), 0U);
  EXPECT_NE(reason_of(rows[0], Sign::asymmetry), nullptr);
  ASSERT_NE(reason_of(rows[0], Sign::tukey), nullptr);
  EXPECT_NE(reason_of(rows[0], Sign::tukey)->text.find("low by Q1 - 1.5 IQR .. Q3 + 1.5 IQR"), std::string::npos);
  ASSERT_NE(reason_of(rows[0], Sign::mean_sd), nullptr);
  EXPECT_NE(reason_of(rows[0], Sign::mean_sd)->text.find("low by mean +/- 2.698 SD"), std::string::npos);
  EXPECT_EQ(rows[0].suggestion.flag, study::Flag::failed);
  EXPECT_EQ(rows[0].basis, Basis::table);
  EXPECT_EQ(rows[0].reasons.back().text, "by the table alone: no label image");
  EXPECT_EQ(reason_of(row_of(rows, "sub-7", "right_putamen"), Sign::asymmetry), nullptr) << "the left one is to blame";
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LE(rows[i].risk, rows[i - 1].risk);
  const auto quiet = std::ranges::count_if(rows, [](const RegionRisk& r) { return r.risk < 0.3; });
  EXPECT_GT(quiet, static_cast<long>(rows.size() * 9 / 10)) << "most people are as usual";
}

TEST(Risk, AMissingVolumeIsNoSmallVolume) {
  auto s = table_study();
  auto& m = volume_of(s, "sub-3", "right_caudate");
  m.value = std::nan("");
  m.note = "missing in source";
  const auto rows = assess_risk(s, {});
  const RegionRisk& row = row_of(rows, "sub-3", "right_caudate");
  EXPECT_TRUE(std::isnan(row.z));
  ASSERT_NE(reason_of(row, Sign::missing), nullptr);
  EXPECT_EQ(reason_of(row, Sign::missing)->text, "no volume (enigma_csv: missing in source)");
  EXPECT_GT(row.risk, 0.8);
}

TEST(Risk, NoRatingMovesTheQueue) {
  auto s = table_study();
  const auto before = assess_risk(s, {});
  for (const auto& p : s.people)
    s.ratings.push_back({p.id, "1", "left_thalamus", "A", study::Flag::failed, "", "", ""});
  const auto after = assess_risk(s, {});
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].risk, after[i].risk);
}

/// Twelve heads of balls that differ by half a millimetre; `spoil` breaks the labels of the fifth.
class RiskOfImages : public testing::Test {
 protected:
  static std::vector<SessionFeatures> heads(study::Snapshot& s, const std::function<void(image::Labels&)>& spoil,
                                            const image::CompactLabels* lesion = nullptr) {
    std::vector<SessionFeatures> out;
    numeric::Stream random(3);
    for (int i = 0; i < 12; ++i) {
      const std::string id = fmt::format("sub-{}", i + 1);
      Centres move;
      for (auto& m : move) m = 0.4 * Eigen::Vector3d(random.normal(), random.normal(), random.normal());
      auto head = ball_brain(kRadius, move);
      if (i == 4) spoil(head);
      SessionFeatures f;
      f.person = id;
      f.session = "1";
      f.image = measure_image(compacted(head), i == 4 ? lesion : nullptr);
      s.people.push_back({id, "", "patient", "", "left", ""});
      s.sessions.push_back({id, "1", 1, "", 60, 100});
      for (std::size_t r = 0; r < 12; ++r)
        s.measurements.push_back({id, "1", std::string(kRegions[r].key), "volume", "label_count",
                                  f.image.shape[r].voxels > 0 ? f.image.shape[r].mm3 : std::nan(""), "mm3", ""});
      out.push_back(std::move(f));
    }
    return out;
  }
  static std::vector<RegionRisk> judged(const std::function<void(image::Labels&)>& spoil,
                                        const image::CompactLabels* lesion = nullptr) {
    study::Snapshot s;
    const auto features = heads(s, spoil, lesion);
    return assess_risk(s, features);
  }
  static void clear(image::Labels& head, int label) {
    for (auto& v : head.values)
      if (v == label) v = 0;
  }
};

TEST_F(RiskOfImages, AShiftedLabelComesFirst) {
  const std::size_t r = region_at("left_thalamus");
  const auto rows = judged([&](image::Labels& head) {
    clear(head, 10);
    ball(head, atlas_places()[r].centre_mm + Eigen::Vector3d(-1, -8, 5), kRadius, 10);
  });
  EXPECT_EQ(rows[0].person, "sub-5");
  EXPECT_EQ(rows[0].region, r);
  const Reason* place = reason_of(rows[0], Sign::place);
  ASSERT_NE(place, nullptr);
  EXPECT_NEAR(place->value, std::sqrt(90.0), 1.5);
  EXPECT_NE(place->text.find("mm from where the other regions put it"), std::string::npos);
  EXPECT_EQ(rows[0].suggestion.flag, study::Flag::failed);
}

TEST_F(RiskOfImages, SplitMissingAndHollowLabelsAreNamed) {
  image::Labels second = test::empty_head(110);
  const Eigen::Vector3d beside = atlas_places()[region_at("right_putamen")].centre_mm + Eigen::Vector3d(10, 0, 0);
  ball(second, beside, 2, 1);
  const auto split = judged([&](image::Labels& head) { ball(head, beside, 2, 51); });
  const Reason* pieces = reason_of(row_of(split, "sub-5", "right_putamen"), Sign::pieces);
  ASSERT_NE(pieces, nullptr);
  EXPECT_EQ(pieces->text, fmt::format("2 components, the second {} mm3", std::ranges::count(second.values, 1)));
  EXPECT_EQ(split[0].person, "sub-5");
  const auto gone = judged([&](image::Labels& head) { clear(head, 50); });
  const RegionRisk& missing = row_of(gone, "sub-5", "right_caudate");
  ASSERT_NE(reason_of(missing, Sign::missing), nullptr);
  EXPECT_EQ(missing.reasons[0].text, "no label in the image");
  EXPECT_GT(missing.risk, 0.85);
  const auto hollow = judged([&](image::Labels& head) {
    ball(head, atlas_places()[region_at("left_caudate")].centre_mm, 5, 11);
    ball(head, atlas_places()[region_at("left_caudate")].centre_mm, 2, 0);
  });
  ASSERT_NE(reason_of(row_of(hollow, "sub-5", "left_caudate"), Sign::holes), nullptr);
}

TEST_F(RiskOfImages, ExchangedSidesAreSuspected) {
  const auto rows = judged([&](image::Labels& head) {
    for (auto& v : head.values)
      if (const Region* region = region_of_label(v)) v = region_of(region->structure, other(region->side)).label;
  });
  for (int i = 0; i < 12; ++i) EXPECT_EQ(rows[static_cast<std::size_t>(i)].person, "sub-5");
  const Reason* sides = reason_of(rows[0], Sign::sides);
  ASSERT_NE(sides, nullptr);
  EXPECT_NE(sides->text.find("in all 6 pairs"), std::string::npos);

  study::Snapshot s;
  auto features = heads(s, [&](image::Labels& head) {
    ball(head, atlas_places()[region_at("left_thalamus")].centre_mm, 5, 10);  // so that the sides differ
  });
  const auto& shape = features[4].image.shape;
  for (const std::size_t r : {region_at("left_thalamus"), region_at("right_thalamus")})
    s.measurements.push_back(
        {"sub-5", "1", std::string(kRegions[r].key), "volume", "enigma_csv", shape[r ^ 1U].mm3, "mm3", ""});
  const auto judged_rows = assess_risk(s, features);
  const Reason* exchanged = reason_of(row_of(judged_rows, "sub-5", "right_thalamus"), Sign::sides);
  ASSERT_NE(exchanged, nullptr);
  EXPECT_NE(exchanged->text.find("exchanged"), std::string::npos);
  EXPECT_NE(reason_of(row_of(judged_rows, "sub-5", "right_thalamus"), Sign::stats), nullptr);
}

TEST_F(RiskOfImages, ALesionSuggestsLesionedAlsoWhereNothingIsLeft) {
  const std::size_t r = region_at("left_putamen");
  image::Labels mask = test::empty_head(110);
  ball(mask, atlas_places()[r].centre_mm, 9, 1);
  const auto lesion = compacted(mask);
  const auto covered = judged([](image::Labels&) {}, &lesion);
  const RegionRisk& row = row_of(covered, "sub-5", "left_putamen");
  EXPECT_DOUBLE_EQ(row.lesion_fraction, 1.0);
  EXPECT_EQ(row.suggestion.flag, study::Flag::lesioned);
  EXPECT_NE(row.suggestion.why.find("overlap 100 % of the region"), std::string::npos);
  EXPECT_EQ(row_of(covered, "sub-5", "right_putamen").suggestion.flag, study::Flag::unrated);
  EXPECT_EQ(row_of(covered, "sub-4", "left_putamen").suggestion.flag, study::Flag::unrated);

  const auto destroyed = judged([&](image::Labels& head) { clear(head, 12); }, &lesion);
  const RegionRisk& gone = row_of(destroyed, "sub-5", "left_putamen");
  EXPECT_TRUE(std::isnan(gone.lesion_fraction));
  EXPECT_GT(gone.expected_in_lesion, 0.9) << "the right putamen, mirrored";
  EXPECT_EQ(gone.suggestion.flag, study::Flag::lesioned);
  EXPECT_NE(gone.suggestion.why.find("mirrored"), std::string::npos);

  ball(mask, atlas_places()[r].centre_mm, 13, 1);
  const auto large = compacted(mask);
  const auto both = judged(
      [&](image::Labels& head) {
        clear(head, 12);
        clear(head, 51);
      },
      &large);
  const RegionRisk& atlas = row_of(both, "sub-5", "left_putamen");
  EXPECT_GT(atlas.expected_in_lesion, 0.4);
  EXPECT_EQ(atlas.suggestion.flag, study::Flag::lesioned);
  EXPECT_NE(atlas.suggestion.why.find("by the atlas"), std::string::npos);
  EXPECT_EQ(row_of(both, "sub-5", "right_putamen").suggestion.flag, study::Flag::failed) << "no lesion there";
}

TEST_F(RiskOfImages, AnUnreadableImageIsJudgedByItsTable) {
  study::Snapshot s;
  auto features = heads(s, [](image::Labels&) {});
  features[4].image = {};
  features[4].problem = "sub-5.mgz: cut short";
  const auto rows = assess_risk(s, features);
  const RegionRisk& row = row_of(rows, "sub-5", "left_putamen");
  EXPECT_EQ(row.basis, Basis::unreadable);
  EXPECT_EQ(reason_of(row, Sign::missing), nullptr);
  EXPECT_EQ(row.reasons.back().text, "by the table alone: sub-5.mgz: cut short");
}

TEST(RiskWords, WholeNumbersAndRamps) {
  EXPECT_EQ(whole(1240.4), "1,240");
  EXPECT_EQ(whole(212), "212");
  EXPECT_EQ(whole(1234567), "1,234,567");
  EXPECT_DOUBLE_EQ(ramp(4, 2, 6, 3), 1.5);
  EXPECT_DOUBLE_EQ(ramp(9, 2, 6, 3), 3);
  EXPECT_DOUBLE_EQ(ramp(std::nan(""), 2, 6, 3), 0);
}

}  // namespace
}  // namespace ipsi::ingest
