// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/freesurfer.h"

#include <cmath>

#include "core/base/files.h"
#include "core/ingest/rescan.h"
#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
namespace fs = std::filesystem;
using test::aseg_stats;
using test::measurement;
using test::of_trap;
using test::spit;
using test::write_subject;

Plan plan_of_dir(const fs::path& dir) {
  Sources sources;
  sources.freesurfer = dir;
  return test::plan_of(sources);
}

const study::Scan* scan(const Plan& plan, std::string_view person, std::string_view kind) {
  return test::planned<study::Scan>(plan, [&](const study::Scan& s) { return s.person == person && s.kind == kind; });
}

bool told(const Plan& plan, std::string_view trap, std::string_view file, std::string_view subject) {
  return test::named(plan, trap, file, 0, "", subject);
}

TEST(FreeSurfer, ReadsTheRealSubjectWhoseStatsAreAnotherPersons) {
  IPSI_NEEDS_SHARED("data/freesurfer_subject/mri/aparc+aseg.mgz");
  const auto plan = plan_of_dir(ipsi::test::shared_path("data/freesurfer_subject"));
  const std::string id = "freesurfer_subject";
  EXPECT_EQ(plan.importable, 1);
  // Numbers of the shared domain notes, section 4: stats and counts apart, by source.
  struct Row {
    const char* region;
    double count;
  };
  for (const Row& row : {Row{"left_lateral_ventricle", 18109},
                         {"right_lateral_ventricle", 22261},
                         {"left_thalamus", 7653},
                         {"right_thalamus", 8472},
                         {"left_caudate", 4969},
                         {"right_caudate", 4938},
                         {"left_putamen", 7475},
                         {"right_putamen", 7785},
                         {"left_pallidum", 2476},
                         {"right_pallidum", 1911},
                         {"left_accumbens", 823},
                         {"right_accumbens", 859}}) {
    const auto* m = measurement(plan, id, row.region, "volume", "label_count");
    ASSERT_NE(m, nullptr) << row.region;
    EXPECT_DOUBLE_EQ(m->value, row.count) << row.region;
  }
  EXPECT_NEAR(measurement(plan, id, "left_lateral_ventricle", "volume", "aseg_stats")->value, 3414, 1);
  EXPECT_NEAR(measurement(plan, id, "right_caudate", "volume", "aseg_stats")->value, 3796, 1);
  EXPECT_TRUE(told(plan, "stats_and_images_differ", id + "/stats/aseg.stats", id));
  EXPECT_NE(of_trap(plan, "stats_and_images_differ")[0].what.find("right_lateral_ventricle 2674 v 22261"),
            std::string::npos);  // the largest difference first
  // Its ICV is below its own supratentorial volume: a failed estimate, so no ICV.
  ASSERT_EQ(of_trap(plan, "icv_below_brain").size(), 1U);
  EXPECT_EQ(of_trap(plan, "icv_below_brain")[0].subject, id);
  const auto* icv = measurement(plan, id, "head", "icv", "aseg_stats");
  EXPECT_TRUE(std::isnan(icv->value));
  EXPECT_NE(icv->note.find("964342"), std::string::npos);
  EXPECT_DOUBLE_EQ(measurement(plan, id, "left_cortex", "thickness", "aparc_stats")->value, 2.7559);
  EXPECT_TRUE(told(plan, "subject_name", id + "/stats/aseg.stats", id));
  ASSERT_EQ(of_trap(plan, "fs_version").size(), 1U);
  EXPECT_NE(of_trap(plan, "fs_version")[0].what.find("5.1"), std::string::npos);
  // No aseg.mgz, T1.mgz or brain.mgz: aparc+aseg, orig and brainmask stand in.
  EXPECT_TRUE(scan(plan, id, "labels")->path.ends_with("mri/aparc+aseg.mgz"));
  EXPECT_TRUE(scan(plan, id, "t1")->path.ends_with("mri/orig.mgz"));
  EXPECT_TRUE(scan(plan, id, "brain")->path.ends_with("mri/brainmask.mgz"));
  EXPECT_EQ(scan(plan, id, "labels")->hash,
            *file_hash(ipsi::test::shared_path("data/freesurfer_subject/mri/aparc+aseg.mgz")));
}

TEST(FreeSurfer, FindsTheRealSubjectAmongOtherFolders) {
  IPSI_NEEDS_SHARED("data/freesurfer_subject");
  const auto plan = plan_of_dir(ipsi::test::shared_path("data"));
  EXPECT_EQ(plan.importable, 1);
  EXPECT_TRUE(told(plan, "non_subject", "atlases", "atlases"));
}

TEST(FreeSurfer, AgreeingStatsAndLabelsAreQuiet) {
  test::TemporaryDir dir;
  write_subject(dir.path(), "sub-1");
  const auto plan = plan_of_dir(dir.path());
  EXPECT_EQ(of_trap(plan, "stats_and_images_differ").size(), 0U);
  EXPECT_EQ(of_trap(plan, "icv_below_brain").size(), 0U);
  EXPECT_EQ(plan.count(Severity::drops), 0);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "label_count")->value, 64 * 8);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "aseg_stats")->value, 512);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "head", "icv", "aseg_stats")->value, 1.5e6);
}

TEST(FreeSurfer, NamesOfAnyVersionGiveTheSameVolumesAndMixedVersionsAreTold) {
  test::TemporaryDir dir;
  for (const char* id : {"old", "new"}) {
    fs::create_directories(dir / id / "stats");
    spit(dir / id / "stats" / "aseg.stats", aseg_stats(id, 512, 1.5e6, 1e6, std::string(id) == "old"));
  }
  fs::create_directories(dir / "new" / "scripts");
  spit(dir / "new" / "scripts" / "build-stamp.txt", "freesurfer-linux-ubuntu22_x86_64-7.4.1-20230613\n");
  const auto plan = plan_of_dir(dir.path());
  for (const char* id : {"old", "new"}) {
    EXPECT_DOUBLE_EQ(measurement(plan, id, "left_thalamus", "volume", "aseg_stats")->value, 512) << id;
    EXPECT_DOUBLE_EQ(measurement(plan, id, "head", "icv", "aseg_stats")->value, 1.5e6) << id;
  }
  ASSERT_EQ(of_trap(plan, "fs_version").size(), 1U);
  EXPECT_EQ(of_trap(plan, "fs_version")[0].severity, Severity::warns);
  EXPECT_NE(of_trap(plan, "fs_version")[0].what.find("7.4.1"), std::string::npos);
}

TEST(FreeSurfer, SkipsWhatIsNoSubjectAndSaysWhy) {
  test::TemporaryDir dir;
  write_subject(dir.path(), "sub-1");
  for (const char* id : {"fsaverage", "lh.EC_average", "QC", "logs"}) fs::create_directories(dir / id / "stats");
  fs::create_directories(dir / "empty");
  spit(dir / "notes.txt", "x");
  const auto plan = plan_of_dir(dir.path());
  EXPECT_EQ(plan.importable, 1);
  for (const char* id : {"fsaverage", "lh.EC_average", "QC", "logs", "empty", "notes.txt"})
    EXPECT_TRUE(told(plan, "non_subject", id, id)) << id;
  EXPECT_EQ(plan.skipped.size(), 6U);
}

TEST(FreeSurfer, ABrokenFileNeverStopsTheOthers) {
  test::TemporaryDir dir;
  for (const char* id : {"sub-1", "sub-2", "sub-3", "sub-4"}) write_subject(dir.path(), id);
  const std::string whole = ipsi::test::slurp(dir / "sub-2" / "mri" / "aseg.mgz");
  spit(dir / "sub-2" / "mri" / "aseg.mgz", whole.substr(0, whole.size() / 2));
  spit(dir / "sub-3" / "stats" / "aseg.stats", "not stats");
  spit(dir / "sub-4" / "mri" / "T1.mgz", "not an image");
  const auto plan = plan_of_dir(dir.path());
  EXPECT_EQ(plan.importable, 4);
  EXPECT_TRUE(told(plan, "unreadable", "sub-2/mri/aseg.mgz", "sub-2"));
  EXPECT_TRUE(told(plan, "unreadable", "sub-3/stats/aseg.stats", "sub-3"));
  EXPECT_TRUE(told(plan, "unreadable", "sub-4/mri/T1.mgz", "sub-4"));
  EXPECT_TRUE(std::ranges::any_of(
      plan.problems, [](const Problem& p) { return p.what == "3 of 4 subject folders could not be read whole"; }));
  EXPECT_EQ(measurement(plan, "sub-2", "left_thalamus", "volume", "label_count"), nullptr);
  EXPECT_NE(measurement(plan, "sub-2", "left_thalamus", "volume", "aseg_stats"), nullptr);
  EXPECT_NE(measurement(plan, "sub-3", "left_thalamus", "volume", "label_count"), nullptr);
  EXPECT_EQ(scan(plan, "sub-2", "labels"), nullptr);
}

TEST(FreeSurfer, TakesLinksAndReadOnlyFoldersAndWritesNothing) {
  test::TemporaryDir dir;
  write_subject(dir.path() / "store", "sub-1");
  fs::create_directories(dir / "subjects");
  fs::create_directory_symlink(dir / "store" / "sub-1", dir / "subjects" / "sub-1");
  fs::create_directory_symlink(dir / "nowhere", dir / "subjects" / "sub-2");
  const auto list = [&] {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(dir / "store")) out.push_back(entry.path().string());
    std::ranges::sort(out);
    return out;
  };
  const auto before = list();
  fs::permissions(dir / "store" / "sub-1", fs::perms::owner_read | fs::perms::owner_exec);
  const auto plan = plan_of_dir(dir / "subjects");
  EXPECT_EQ(plan.importable, 1);
  EXPECT_TRUE(told(plan, "unreadable", "sub-2", "sub-2"));
  EXPECT_EQ(list(), before);
  fs::permissions(dir / "store" / "sub-1", fs::perms::owner_all);
}

TEST(FreeSurfer, MissingPiecesAreAcceptedAndTold) {
  test::TemporaryDir dir;
  fs::create_directories(dir / "sub-1" / "stats");
  spit(dir / "sub-1" / "stats" / "aseg.stats", aseg_stats("sub-1", 512, 1.5e6, 1e6, false));
  const auto plan = plan_of_dir(dir.path());
  EXPECT_EQ(plan.importable, 1);
  ASSERT_EQ(of_trap(plan, "missing_piece").size(), 1U);
  EXPECT_NE(of_trap(plan, "missing_piece")[0].what.find("no head image"), std::string::npos);
  EXPECT_NE(of_trap(plan, "missing_piece")[0].what.find("no segmentation"), std::string::npos);
}

TEST(FreeSurfer, AcceptsFastSurferNamesByPattern) {
  test::TemporaryDir dir;
  write_subject(dir.path(), "sub-1");
  fs::rename(dir / "sub-1" / "stats" / "aseg.stats", dir / "sub-1" / "stats" / "aseg.VINN.stats");
  fs::rename(dir / "sub-1" / "mri" / "aseg.mgz", dir / "sub-1" / "mri" / "aparc.DKTatlas+aseg.deep.mgz");
  const auto plan = plan_of_dir(dir.path());
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "aseg_stats")->value, 512);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "label_count")->value, 512);
  ASSERT_EQ(of_trap(plan, "missing_piece").size(), 1U);
  EXPECT_NE(of_trap(plan, "missing_piece")[0].what.find("aseg.VINN.stats"), std::string::npos);
  EXPECT_NE(of_trap(plan, "missing_piece")[0].what.find("aparc.DKTatlas+aseg.deep.mgz"), std::string::npos);
}

TEST(FreeSurfer, AnIcvBelowTheBrainFailsInEverySource) {
  test::TemporaryDir dir;
  fs::create_directories(dir / "subjects" / "sub-1" / "stats");
  spit(dir / "subjects" / "sub-1" / "stats" / "aseg.stats", aseg_stats("sub-1", 512, 0.96e6, 1.0e6, false));
  spit(dir / "v.csv", "SubjID,Lthal,ICV\nsub-1,512,960000\n");
  Sources sources;
  sources.freesurfer = dir / "subjects";
  sources.volumes = dir / "v.csv";
  const auto plan = test::plan_of(sources);
  EXPECT_EQ(of_trap(plan, "icv_below_brain").size(), 2U);
  EXPECT_TRUE(std::isnan(measurement(plan, "sub-1", "head", "icv", "aseg_stats")->value));
  EXPECT_TRUE(std::isnan(measurement(plan, "sub-1", "head", "icv", "enigma_csv")->value));
}

TEST(FreeSurfer, AStructureWithoutVoxelsIsMissing) {
  test::TemporaryDir dir;
  fs::create_directories(dir / "sub-1" / "stats");
  std::string text = aseg_stats("sub-1", 512, 1.5e6, 1e6, false);
  text.replace(text.find("512.0"), 5, "  0.0");  // the first row: left thalamus
  spit(dir / "sub-1" / "stats" / "aseg.stats", text);
  const auto plan = plan_of_dir(dir.path());
  EXPECT_TRUE(told(plan, "missing_structure", "sub-1/stats/aseg.stats", "sub-1"));
  EXPECT_TRUE(std::isnan(measurement(plan, "sub-1", "left_thalamus", "volume", "aseg_stats")->value));
}

TEST(FreeSurfer, AMarkInTheTableIsNotSilentlyOverruled) {
  test::TemporaryDir dir;
  write_subject(dir / "subjects", "sub-1");
  spit(dir / "v.csv", "SubjID,Lthal,Rthal,ICV\nsub-1,x,512,1500000\n");
  Sources sources;
  sources.freesurfer = dir / "subjects";
  sources.volumes = dir / "v.csv";
  const auto plan = test::plan_of(sources);
  EXPECT_TRUE(test::named(plan, "mark", "v.csv", 2, "Lthal", "sub-1"));
  EXPECT_TRUE(told(plan, "conflict", "v.csv", "sub-1"));
  EXPECT_EQ(of_trap(plan, "conflict").size(), 1U);
}

TEST(Rescan, SeesChangedAndMissingFiles) {
  test::TemporaryDir dir;
  write_subject(dir.path() / "subjects", "sub-1");
  Sources sources;
  sources.freesurfer = dir / "subjects";
  sources.study_dir = dir.path();
  const auto plan = test::plan_of(sources);
  EXPECT_EQ(scan(plan, "sub-1", "labels")->path, "subjects/sub-1/mri/aseg.mgz");  // below the study: relative
  study::Snapshot snapshot;
  for (const study::Change& change : plan.changes)
    if (const auto* put = std::get_if<study::Put>(&change))
      if (const auto* row = std::get_if<study::Scan>(put)) snapshot.scans.push_back(*row);
  const auto same = rescan(snapshot, dir.path(), {.trust_times = false}, Task{});
  ASSERT_OK(same);
  EXPECT_EQ(same->unchanged, static_cast<long long>(snapshot.scans.size()));
  auto head = test::small_head();
  head.values[0] = 10;
  ASSERT_OK(image::write_labels(head, dir / "subjects" / "sub-1" / "mri" / "aseg.mgz"));
  fs::remove(dir / "subjects" / "sub-1" / "mri" / "T1.mgz");
  const auto changed = rescan(snapshot, dir.path(), {.trust_times = false}, Task{});
  ASSERT_OK(changed);
  ASSERT_EQ(changed->changed.size(), 1U);
  EXPECT_EQ(changed->changed[0].kind, "labels");
  EXPECT_NE(changed->changed[0].hash, scan(plan, "sub-1", "labels")->hash);
  ASSERT_EQ(changed->missing.size(), 1U);
  EXPECT_EQ(changed->missing[0].kind, "t1");
}

}  // namespace
}  // namespace ipsi::ingest
