// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/fs_stats.h"

#include <cmath>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using ipsi::test::shared_path;
using ipsi::test::slurp;

TEST(AsegStats, ReadsARealFileOfFreeSurfer51) {  // numbers of shared domain notes, section 4
  IPSI_NEEDS_SHARED("data/freesurfer_subject/stats/aseg.stats");
  const auto stats = parse_aseg_stats(slurp(shared_path("data/freesurfer_subject/stats/aseg.stats")), "aseg.stats");
  ASSERT_OK(stats);
  EXPECT_EQ(stats->subject, "Pitt_50038");
  EXPECT_NEAR(stats->icv(), 964342.335086, 1e-6);
  EXPECT_NEAR(stats->measure("SupraTentorialVol"), 1007453.520967, 1e-6);
  EXPECT_TRUE(stats->version.starts_with("5.1")) << stats->version;
  ASSERT_NE(stats->segment(4), nullptr);
  EXPECT_NEAR(stats->segment(4)->mm3, 3414, 1);
  EXPECT_NEAR(stats->segment(43)->mm3, 2674, 1);
  EXPECT_NEAR(stats->segment(11)->mm3, 3632, 1);
  EXPECT_NEAR(stats->segment(50)->mm3, 3796, 1);
  EXPECT_EQ(stats->segment(10)->name, "Left-Thalamus-Proper");
}

TEST(AparcStats, ReadsARealFile) {
  IPSI_NEEDS_SHARED("data/freesurfer_subject/stats/lh.aparc.stats");
  const auto stats =
      parse_aparc_stats(slurp(shared_path("data/freesurfer_subject/stats/lh.aparc.stats")), "lh.aparc.stats");
  ASSERT_OK(stats);
  EXPECT_EQ(stats->parcels.size(), 34U);
  EXPECT_DOUBLE_EQ(stats->measure("MeanThickness"), 2.7559);
  EXPECT_DOUBLE_EQ(stats->measure("WhiteSurfArea"), 80040.5);
}

TEST(AsegStats, MatchesByLabelWhateverTheName) {
  for (const bool old_names : {true, false}) {
    const auto stats = parse_aseg_stats(test::aseg_stats("s", 512, 1.5e6, 1e6, old_names), "aseg.stats");
    ASSERT_OK(stats);
    EXPECT_DOUBLE_EQ(stats->segment(10)->mm3, 512);
    EXPECT_DOUBLE_EQ(stats->icv(), 1.5e6);  // ICV and eTIV alike
  }
}

TEST(AsegStats, RefusesATableThatIsCutOffAndSaysTheLine) {
  std::string text = test::aseg_stats("s", 512, 1.5e6, 1e6, true);
  text.resize(text.size() - 4);  // in the middle of the last row, after its volume
  text.resize(text.rfind(' '));
  const auto stats = parse_aseg_stats(text, "s/stats/aseg.stats");
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().where, "s/stats/aseg.stats, line 16");  // 4 header lines and 12 rows
  EXPECT_FALSE(parse_aseg_stats("# Measure a, b, c, 1, mm^3\n", "x"));
  EXPECT_FALSE(parse_aseg_stats("", "x"));
}

}  // namespace
}  // namespace ipsi::ingest
