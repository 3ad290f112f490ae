// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demo.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "core/base/json.h"
#include "core/study/analysis_table.h"
#include "core/study/study.h"
#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::demo {
namespace {

namespace fs = std::filesystem;

DemoOptions tables_only(std::uint64_t seed = 1, int controls = 0) {
  DemoOptions options;
  options.images = 0;
  options.controls = controls;
  options.seed = seed;
  return options;
}

Result<study::Snapshot> snapshot_of(const fs::path& dir) {
  auto study = study::Study::open(dir / "demo.ipsi", study::Access::read_only);
  if (!study) return tl::unexpected<Error>(study.error());
  return study->snapshot();
}

const std::vector<double>& numbers_of(const table::Table& t, const std::string& name) {
  const auto* column = t.find(name);
  EXPECT_NE(column, nullptr) << name;
  static const std::vector<double> none;
  return column == nullptr ? none : column->values;
}
const std::vector<std::string>& texts_of(const table::Table& t, const std::string& name) {
  const auto* column = t.find(name);
  EXPECT_NE(column, nullptr) << name;
  static const std::vector<std::string> none;
  return column == nullptr ? none : column->texts;
}

/// n and cohorts of every printed row, counted in the analysis table of the finished study.
void expect_published_rows(const table::Table& t) {
  const auto published = read_published();
  ASSERT_OK(published);
  const auto& days = numbers_of(t, "days_post_stroke");
  const auto& cohort = texts_of(t, "cohort");
  for (const PublishedModel& m : published->models) {
    const std::string predictor = m.predictor == "sensorimotor_impairment" ? "impairment"
                                  : m.predictor == "activity_limitations"  ? "activity"
                                                                           : "primary_score";
    const auto& x = numbers_of(t, predictor);
    const std::string region = (m.ipsi ? "ipsi_" : "contra_") + m.structure;
    const auto& flag = texts_of(t, "flag_" + region);
    const auto& volume = numbers_of(t, region);
    int n = 0;
    std::set<std::string> cohorts;
    for (std::size_t i = 0; i < t.rows(); ++i) {
      const bool in_time = m.analysis == "early"      ? days[i] <= 21
                           : m.analysis == "subacute" ? days[i] <= 90
                                                      : days[i] >= 180;
      if (!in_time || std::isnan(x[i]) || flag[i] != "ok" || std::isnan(volume[i])) continue;
      ++n;
      cohorts.insert(cohort[i]);
    }
    EXPECT_EQ(n, m.n) << m.analysis << ' ' << predictor << ' ' << region;
    EXPECT_EQ(static_cast<int>(cohorts.size()), m.n_cohorts) << m.analysis << ' ' << predictor << ' ' << region;
  }
}

TEST(Demo, TheStudyHoldsThePublishedPeopleAndSaysItIsSynthetic) {
  const test::TemporaryDir dir;
  const auto made = make_demo(dir / "demo", tables_only(), {});
  ASSERT_OK(made);
  EXPECT_EQ(made->patients, 828);
  EXPECT_EQ(made->cohorts, 28);
  EXPECT_TRUE(made->notes.empty()) << made->notes.front();  // the importer finds nothing wrong
  const auto snapshot = snapshot_of(dir / "demo");
  ASSERT_OK(snapshot);
  EXPECT_EQ(snapshot->people.size(), 828u);
  EXPECT_EQ(snapshot->cohorts.size(), 28u);
  EXPECT_EQ(snapshot->ratings.size(), 828u * 12);
  EXPECT_EQ(snapshot->setting("synthetic"), "true");
  EXPECT_NE(test::slurp(dir / "demo/README.txt").find("SYNTHETIC"), std::string::npos);
  EXPECT_EQ(Json::parse(test::slurp(dir / "demo/participants.json"))["synthetic"], true);
  EXPECT_EQ(
      test::slurp(dir / "demo/LandRvolumes.csv").substr(0, 120),
      std::string("SubjID,LLatVent,RLatVent,Lthal,Rthal,Lcaud,Rcaud,Lput,Rput,Lpal,Rpal,Lhippo,Rhippo,Lamyg,Ramyg,"
                  "Laccumb,Raccumb,ICV\nsub-c01s001,")
          .substr(0, 120));
  const auto study = study::Study::open(dir / "demo/demo.ipsi", study::Access::read_only);
  ASSERT_OK(study);
  const auto differences = study->verify();
  ASSERT_OK(differences);
  EXPECT_TRUE(differences->empty());
}

TEST(Demo, TheAnalysisTableHasEveryPublishedNumberAndThePlantedScores) {
  const test::TemporaryDir dir;
  ASSERT_OK(make_demo(dir / "demo", tables_only(3), {}));
  const auto snapshot = snapshot_of(dir / "demo");
  ASSERT_OK(snapshot);
  const auto t = study::analysis_table(*snapshot);
  ASSERT_OK(t);
  ASSERT_EQ(t->rows(), 828u);
  expect_published_rows(*t);

  const auto published = read_published();
  ASSERT_OK(published);
  const auto people = draw_people(*published, 0, 3);
  const auto planted = plant(*published, people, 3);
  std::map<std::string, std::size_t> row;
  for (std::size_t i = 0; i < t->rows(); ++i) row[texts_of(*t, "subject")[i]] = i;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const std::size_t r = row.at(people[i].id);
    EXPECT_NEAR(numbers_of(*t, "primary_score")[r], people[i].score, 1e-12) << people[i].id;
    EXPECT_EQ(numbers_of(*t, "icv")[r], people[i].icv_mm3);
    EXPECT_NEAR(numbers_of(*t, "lesion_volume")[r], people[i].lesion_mm3, 1e-6);  // cc in the table
    EXPECT_EQ(numbers_of(*t, "analysed")[r], 1.0) << texts_of(*t, "excluded_because")[r];
    for (std::size_t m = 0; m < kModelRegions; ++m) {
      const std::string name = std::string(m < 6 ? "ipsi_" : "contra_") + std::string(kStructures[m % 6]);
      EXPECT_EQ(numbers_of(*t, name)[r], planted.brains[i].volume_mm3[anatomical(m, people[i].lesion_side)]);
    }
  }
}

TEST(Demo, EqualSeedsGiveEqualBytesAndOthersDoNot) {
  const test::TemporaryDir dir;
  ASSERT_OK(make_demo(dir / "a", tables_only(2, 10), {}));
  ASSERT_OK(make_demo(dir / "b", tables_only(2, 10), {}));
  ASSERT_OK(make_demo(dir / "c", tables_only(4, 10), {}));
  for (const std::string name :
       {"participants.tsv", "LandRvolumes.csv", "analyses.json", "participants.json", "README.txt"}) {
    EXPECT_EQ(test::slurp(dir / ("a/" + name)), test::slurp(dir / ("b/" + name))) << name;
  }
  EXPECT_NE(test::slurp(dir / "a/LandRvolumes.csv"), test::slurp(dir / "c/LandRvolumes.csv"));
  const auto a = snapshot_of(dir / "a"), b = snapshot_of(dir / "b");
  ASSERT_OK(a);
  ASSERT_OK(b);
  const auto ta = study::analysis_table(*a), tb = study::analysis_table(*b);
  ASSERT_OK(ta);
  ASSERT_OK(tb);
  EXPECT_EQ(ta->hash(), tb->hash());
}

TEST(Demo, ControlsComeOnRequestWithoutSideOrDays) {
  const test::TemporaryDir dir;
  const auto made = make_demo(dir / "demo", tables_only(1, 35), {});
  ASSERT_OK(made);
  EXPECT_EQ(made->controls, 35);
  const auto snapshot = snapshot_of(dir / "demo");
  ASSERT_OK(snapshot);
  int controls = 0;
  std::map<std::string, double> days;
  for (const auto& s : snapshot->sessions) days[s.person] = s.days_post_stroke;
  for (const auto& p : snapshot->people) {
    if (p.group != "control") continue;
    ++controls;
    EXPECT_NE(p.lesion_side, "left");
    EXPECT_NE(p.lesion_side, "right");
    EXPECT_TRUE(std::isnan(days.at(p.id))) << p.id;
  }
  EXPECT_EQ(controls, 35);
  const auto t = study::analysis_table(*snapshot);
  ASSERT_OK(t);
  expect_published_rows(*t);  // controls disturb no model of patients
}

TEST(Demo, NeverOverwritesUnasked) {
  const test::TemporaryDir dir;
  ASSERT_OK(make_demo(dir / "demo", tables_only(), {}));
  test::spit(dir / "demo/mine.txt", "keep me");
  const std::string before = test::slurp(dir / "demo/LandRvolumes.csv");
  const auto again = make_demo(dir / "demo", tables_only(2), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::Conflict);
  EXPECT_EQ(test::slurp(dir / "demo/LandRvolumes.csv"), before);
  auto options = tables_only(2);
  options.overwrite = Overwrite::yes;
  ASSERT_OK(make_demo(dir / "demo", options, {}));
  EXPECT_NE(test::slurp(dir / "demo/LandRvolumes.csv"), before);
  EXPECT_EQ(test::slurp(dir / "demo/mine.txt"), "keep me");
  int entries = 0;  // no half-made folder is left beside it
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(dir.path())) ++entries;
  EXPECT_EQ(entries, 1);
}

TEST(Demo, RefusesNumbersOutOfRangeAndStopsWhenAsked) {
  const test::TemporaryDir dir;
  auto options = tables_only();
  options.images = -1;
  auto made = make_demo(dir / "demo", options, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::Usage);
  options = tables_only(1, -5);
  made = make_demo(dir / "demo", options, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::Usage);
  const Task task;
  task.cancel();
  made = make_demo(dir / "demo", tables_only(), task);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::Cancelled);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(Demo, PeopleWithImagesComeFromManyCohortsAndBothSides) {
  const auto published = read_published();
  ASSERT_OK(published);
  const auto people = draw_people(*published, 0, 1);
  const auto chosen = choose_for_images(*published, people, 24, 1);
  ASSERT_EQ(chosen.size(), 24u);
  std::set<std::size_t> different(chosen.begin(), chosen.end());
  EXPECT_EQ(different.size(), 24u);
  std::set<int> cohorts;
  std::set<Period> periods;
  int left = 0;
  for (const std::size_t i : chosen) {
    cohorts.insert(people[i].cohort);
    periods.insert(people[i].period);
    left += people[i].lesion_side == Side::left ? 1 : 0;
  }
  EXPECT_GE(cohorts.size(), 20u);
  EXPECT_GE(periods.size(), 3u);
  EXPECT_NEAR(left, 12, 4);
}

}  // namespace
}  // namespace ipsi::demo
