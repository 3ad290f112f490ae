// SPDX-License-Identifier: GPL-3.0-or-later
// The whole demo with images: table, aseg.stats and label map agree, ratings follow from what was painted.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "core/brain/atlas.h"
#include "core/demo/demo.h"
#include "core/image/geometry.h"
#include "core/image/io.h"
#include "core/ingest/risk.h"
#include "core/study/analysis_table.h"
#include "core/study/study.h"
#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::demo {
namespace {

class DemoWithImages : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (brain::mricron_dir().empty()) return;
    dir_ = new test::TemporaryDir;
    DemoOptions options;
    options.images = 24;
    made_ = new Result<DemoSummary>(make_demo(*dir_ / "demo", options, {}));
  }
  static void TearDownTestSuite() {
    delete made_;
    delete dir_;
    made_ = nullptr;
    dir_ = nullptr;
  }
  void SetUp() override {
    if (dir_ == nullptr) GTEST_SKIP() << "needs the Debian package mricron-data";
    ASSERT_OK(*made_);
  }
  [[nodiscard]] static std::filesystem::path path(const std::string& name) { return *dir_ / ("demo/" + name); }
  static inline test::TemporaryDir* dir_ = nullptr;
  static inline Result<DemoSummary>* made_ = nullptr;
};

TEST_F(DemoWithImages, TableStatsAndLabelCountsAgree) {
  EXPECT_EQ((*made_)->images, 24);
  const auto csv = table::read_table(path("LandRvolumes.csv"));
  ASSERT_OK(csv);
  const auto study = study::Study::open(path("demo.ipsi"), study::Access::read_only);
  ASSERT_OK(study);
  const auto snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  std::map<std::string, double> values;  // person|region|source
  for (const auto& m : snapshot->measurements)
    if (m.measure == "volume" || m.measure == "icv") values[m.person + "|" + m.region + "|" + m.source] = m.value;
  const auto& ids = csv->find("SubjID")->texts;
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::directory_iterator(path("subjects"))) {
    const std::string id = entry.path().filename().string();
    seen.insert(id);
    const auto labels = image::read_labels(entry.path() / "mri/aseg.mgz");
    ASSERT_OK(labels);
    const auto stats = image::label_stats(*labels, nullptr);
    ASSERT_OK(stats);
    std::map<int, double> counted;
    for (const auto& s : *stats) counted[s.label] = static_cast<double>(s.voxels);
    const auto row = static_cast<std::size_t>(std::ranges::find(ids, id) - ids.begin());
    ASSERT_LT(row, ids.size());
    for (const Region& region : kRegions) {
      const double in_table = csv->find(region.enigma)->values[row];
      EXPECT_EQ(in_table, counted[region.label]) << id << ' ' << region.key;
      EXPECT_EQ(in_table, values.at(id + "|" + std::string(region.key) + "|aseg_stats")) << id << ' ' << region.key;
    }
    EXPECT_EQ(csv->find("ICV")->values[row], values.at(id + "|head|aseg_stats")) << id;
  }
  EXPECT_EQ(seen.size(), 24u);
}

TEST_F(DemoWithImages, EveryPublishedNumberStands) {
  const auto published = read_published();
  ASSERT_OK(published);
  const auto study = study::Study::open(path("demo.ipsi"), study::Access::read_only);
  ASSERT_OK(study);
  const auto snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  const auto t = study::analysis_table(*snapshot);
  ASSERT_OK(t);
  const auto& days = t->find("days_post_stroke")->values;
  for (const PublishedModel& m : published->models) {
    if (m.predictor != "sensorimotor_behaviour") continue;
    const auto& flag = t->find("flag_" + std::string(m.ipsi ? "ipsi_" : "contra_") + m.structure)->texts;
    int n = 0;
    for (std::size_t i = 0; i < t->rows(); ++i) {
      const bool in_time = m.analysis == "early"      ? days[i] <= 21
                           : m.analysis == "subacute" ? days[i] <= 90
                                                      : days[i] >= 180;
      n += in_time && flag[i] == "ok" ? 1 : 0;
    }
    EXPECT_EQ(n, m.n) << m.analysis << ' ' << m.structure << (m.ipsi ? " ipsi" : " contra");
  }
}

TEST_F(DemoWithImages, SomeSegmentationsAreBrokenAndRatedSo) {
  const auto study = study::Study::open(path("demo.ipsi"), study::Access::read_only);
  ASSERT_OK(study);
  const auto ratings = study->ratings();
  ASSERT_OK(ratings);
  int broken = 0, lesioned = 0;
  for (const auto& r : *ratings) {
    if (r.comment.starts_with("segmentation broken")) {
      ++broken;
      EXPECT_EQ(r.flag, study::Flag::failed);
    }
    if (r.comment.starts_with("the lesion covers")) {
      ++lesioned;
      EXPECT_EQ(r.flag, study::Flag::lesioned);
    }
  }
  EXPECT_GE(broken, 5);
  EXPECT_GE(lesioned, 5);
}

TEST_F(DemoWithImages, BrokenSegmentationsAreInTheFirstTenthOfTheQueue) {
  const auto study = study::Study::open(path("demo.ipsi"), study::Access::read_only);
  ASSERT_OK(study);
  const auto snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  const auto features = ingest::study_features(*snapshot, path("demo.ipsi"), {0, {}}, {});
  ASSERT_OK(features);
  ASSERT_EQ(features->size(), 24U);
  std::set<std::pair<std::string, std::string>> broken;
  for (const auto& r : snapshot->ratings)
    if (r.comment.starts_with("segmentation broken")) broken.insert({r.person, r.region});
  ASSERT_GE(broken.size(), 5U);
  const auto queue = ingest::assess_risk(*snapshot, *features);
  ASSERT_EQ(queue.size(), snapshot->people.size() * 12);
  // Among everybody, and among those whose images are there.
  std::size_t place = 0, place_seen = 0, seen = 0, in_tenth = 0, in_tenth_seen = 0;
  for (const auto& row : queue) seen += row.basis == ingest::Basis::images ? 1 : 0;
  for (const auto& row : queue) {
    ++place;
    place_seen += row.basis == ingest::Basis::images ? 1 : 0;
    if (!broken.contains({row.person, std::string(row.where().key)})) continue;
    in_tenth += 10 * place <= queue.size() ? 1 : 0;
    in_tenth_seen += 10 * place_seen <= seen ? 1 : 0;
    std::printf("%s %s: place %zu of %zu, %zu of the %zu with images; risk %.3f: %s\n", row.person.c_str(),
                std::string(row.where().key).c_str(), place, queue.size(), place_seen, seen, row.risk,
                row.reasons.empty() ? "" : row.reasons[0].text.c_str());
  }
  std::printf("%zu of %zu broken segmentations in the first tenth; %zu among those with images\n", in_tenth,
              broken.size(), in_tenth_seen);
  EXPECT_EQ(in_tenth, broken.size());
}

}  // namespace
}  // namespace ipsi::demo
