// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/images.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/base/files.h"
#include "core/image/geometry.h"
#include "core/image/io.h"
#include "core/image/morphology.h"
#include "tests/core/brain/colin27.h"
#include "tests/support/support.h"

namespace ipsi::demo {
namespace {
namespace fs = std::filesystem;

/// Usual adult volumes, a little uneven so that no two regions agree by accident.
ImagePerson usual(const std::string& id, std::uint64_t seed) {
  ImagePerson p{.id = id, .sex = "female", .age_years = 61, .icv_mm3 = 1.46e6, .seed = seed};
  p.target_mm3 = {6801, 6577, 3402, 3555, 4911, 4733, 1707, 1613, 521, 549, 14032, 12671};
  return p;
}

/// What a subject folder holds, read back as any user's would be.
struct Folder {
  image::Volume orig, t1, brain;
  image::Labels aseg, lesion;
  std::map<int, long long> counts;
};
Result<Folder> read_back(const PersonImages& made) {
  const fs::path mri = made.subject_dir / "mri";
  Folder out;
  for (const auto& [name, volume] :
       {std::pair{"orig.mgz", &out.orig}, {"T1.mgz", &out.t1}, {"brain.mgz", &out.brain}}) {
    auto read = image::read_volume(mri / name);
    if (!read) return tl::unexpected(read.error());
    *volume = *std::move(read);
  }
  auto aseg = image::read_labels(mri / "aseg.mgz");
  if (!aseg) return tl::unexpected(aseg.error());
  out.aseg = *std::move(aseg);
  auto lesion = image::read_mask(made.lesion_path);
  if (!lesion) return tl::unexpected(lesion.error());
  out.lesion = *std::move(lesion);
  for (const int label : out.aseg.values) ++out.counts[label];
  return out;
}

Result<PersonImages> make(const ImagePerson& person, const fs::path& dir) {
  const auto head = test::colin27();
  if (!head) return tl::unexpected(head.error());
  const auto maker = HeadMaker::create(*head);
  if (!maker) return tl::unexpected(maker.error());
  return maker->write(person, dir, Task{});
}

/// SegId -> (NVoxels, Volume_mm3) of an aseg.stats.
std::map<int, std::pair<long long, double>> table_of(const std::string& text) {
  std::map<int, std::pair<long long, double>> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream fields(line);
    int index = 0, label = 0;
    long long voxels = 0;
    double mm3 = 0;
    fields >> index >> label >> voxels >> mm3;
    out[label] = {voxels, mm3};
  }
  return out;
}

double mean_where(const image::Volume& volume, const image::Labels& labels, int label) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < labels.values.size(); ++i)
    if (labels.values[i] == label) {
      sum += double(volume.values[i]);
      ++n;
    }
  return sum / n;
}

TEST(Images, LabelsStatsAndTargetsAgree) {
  IPSI_NEEDS_COLIN27();
  const test::TemporaryDir dir;
  const ImagePerson person = usual("sub-c01s001", 11);
  const auto made = make(person, dir.path());
  ASSERT_OK(made);
  const auto folder = read_back(*made);
  ASSERT_OK(folder);
  const std::string stats = test::slurp(made->subject_dir / "stats" / "aseg.stats");
  const auto table = table_of(stats);
  for (std::size_t r = 0; r < 12; ++r) {
    const int label = kRegions[r].label;
    const auto target = (long long)person.target_mm3[r];
    EXPECT_EQ(folder->counts.at(label), target) << kRegions[r].title;
    EXPECT_EQ(made->regions[r].voxels, target);
    EXPECT_EQ(made->regions[r].intact_voxels, target);
    EXPECT_EQ(made->regions[r].lesion_overlap, 0.0);
    EXPECT_EQ(table.at(label).first, target);
    EXPECT_EQ(table.at(label).second, double(target));
  }
  EXPECT_GT(made->lowest_jacobian, 0.0);
  EXPECT_NE(
      stats.find("EstimatedTotalIntraCranialVol, eTIV, Estimated Total Intracranial Volume, 1460000.000000, mm^3"),
      std::string::npos);
  EXPECT_NE(test::slurp(made->subject_dir / "scripts" / "build-stamp.txt").find("synthetic, made by ipsi demo"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(made->subject_dir / "scripts" / "recon-all.done"));
  EXPECT_EQ(made->lesion_mm3, 0.0);
  EXPECT_EQ(std::ranges::count(folder->lesion.values, 1), 0);

  // A conformed FreeSurfer volume.
  for (const image::Grid* grid : {&folder->orig.grid, &folder->t1.grid, &folder->brain.grid, &folder->aseg.grid}) {
    EXPECT_EQ(grid->orientation(), "LIA");
    EXPECT_EQ(grid->size, (std::array<int, 3>{256, 256, 256}));
    EXPECT_NEAR(grid->voxel_mm3(), 1.0, 1e-9);
    EXPECT_TRUE(grid->same_as(folder->t1.grid));
  }
  EXPECT_EQ(folder->t1.stored, image::Stored::uint8);
  EXPECT_EQ(folder->orig.stored, image::Stored::uint8);
  for (std::size_t i = 0; i < folder->brain.values.size(); ++i)
    ASSERT_EQ(folder->brain.values[i], folder->aseg.values[i] == 0 ? 0.0F : folder->t1.values[i]);

  // The picture shows what the labels say: fluid dark, white matter at FreeSurfer's 110, nuclei in between.
  for (const int label : {4, 43}) EXPECT_LT(mean_where(folder->t1, folder->aseg, label), 48.0) << label;
  for (const int label : {2, 41}) EXPECT_NEAR(mean_where(folder->t1, folder->aseg, label), 108.0, 5.0) << label;
  for (const int label : {11, 50, 26, 58}) EXPECT_NEAR(mean_where(folder->t1, folder->aseg, label), 84.0, 5.0) << label;
  for (const int label : {12, 51}) EXPECT_NEAR(mean_where(folder->t1, folder->aseg, label), 93.5, 4.0) << label;
}

TEST(Images, LeftIsLeftAndRegionsAreInOnePiece) {
  IPSI_NEEDS_COLIN27();
  const test::TemporaryDir dir;
  const auto made = make(usual("a", 12), dir.path());
  ASSERT_OK(made);
  const auto folder = read_back(*made);
  ASSERT_OK(folder);
  const auto rows = image::label_stats(folder->aseg, nullptr);
  ASSERT_OK(rows);
  std::map<int, Eigen::Vector3d> centre;
  for (const auto& row : *rows) centre[row.label] = row.centre_mm;
  for (const std::string_view structure : kStructures) {
    const double left = centre.at(region_of(structure, Side::left).label).x();
    const double right = centre.at(region_of(structure, Side::right).label).x();
    EXPECT_GT(right - left, 12.0) << structure;  // accumbens, the closest pair, lies 20 mm apart
  }
  EXPECT_GT(centre.at(10).y() - centre.at(8).y(), 20.0);  // thalamus before cerebellum
  EXPECT_GT(centre.at(10).z() - centre.at(8).z(), 20.0);  // and above it
  for (const Region& region : kRegions) {
    const auto box = image::bounding_box(folder->aseg, region.label);
    ASSERT_TRUE(box);
    image::Labels part = image::crop(folder->aseg, *box);
    for (auto& v : part.values) v = v == region.label ? 1 : 0;
    EXPECT_EQ(image::connected_components(part).voxels.size(), 1U) << region.title;
  }
}

TEST(Images, AnOldBrainWithHugeVentriclesStaysInOnePlace) {
  IPSI_NEEDS_COLIN27();
  const test::TemporaryDir dir;
  ImagePerson person = usual("old", 13);
  person.icv_mm3 = 1.25e6;
  person.target_mm3[10] = 38000;
  person.target_mm3[11] = 6000;
  const auto made = make(person, dir.path());
  ASSERT_OK(made);
  const auto folder = read_back(*made);
  ASSERT_OK(folder);
  EXPECT_EQ(folder->counts.at(4), 38000);
  EXPECT_EQ(folder->counts.at(43), 6000);
  EXPECT_EQ(folder->counts.at(11), (long long)person.target_mm3[2]);
  EXPECT_GT(made->lowest_jacobian, 0.0);
  // Were labels grown without the picture, a third of the large ventricle would be tissue (mean above 60).
  EXPECT_LT(mean_where(folder->t1, folder->aseg, 4), 48.0);
  EXPECT_LT(mean_where(folder->t1, folder->aseg, 43), 50.0);
}

TEST(Images, LesionIsInTheBrainOnItsSideAndDark) {
  IPSI_NEEDS_COLIN27();
  for (const Side side : {Side::left, Side::right}) {
    const test::TemporaryDir dir;
    ImagePerson person = usual("a", side == Side::left ? 14 : 15);
    person.lesion_side = side;
    person.lesion_mm3 = side == Side::left ? 21000 : 4321;
    const auto made = make(person, dir.path());
    ASSERT_OK(made);
    const auto folder = read_back(*made);
    ASSERT_OK(folder);
    EXPECT_FALSE(folder->lesion.grid.same_as(folder->aseg.grid));  // a grid of its own
    EXPECT_EQ(std::ranges::count(folder->lesion.values, 1), (long long)person.lesion_mm3);
    EXPECT_EQ(made->lesion_mm3, person.lesion_mm3);
    EXPECT_EQ(image::connected_components(folder->lesion, image::Neighbours::faces6).voxels.size(), 1U);
    const image::Labels here = image::resample(folder->lesion, folder->aseg.grid);
    EXPECT_EQ(std::ranges::count(here.values, 1), (long long)person.lesion_mm3);
    const std::set<int> of_side = side == Side::left ? std::set{3, 10, 11, 12, 13, 17, 18, 26, 77, 2}
                                                     : std::set{42, 49, 50, 51, 52, 53, 54, 58, 77, 41};
    std::map<int, std::pair<double, double>> inside;  // label: voxels, of them in the lesion
    double sum = 0;
    for (std::size_t i = 0; i < here.values.size(); ++i) {
      ++inside[folder->aseg.values[i]].first;
      if (here.values[i] == 0) continue;
      ASSERT_TRUE(of_side.contains(folder->aseg.values[i])) << folder->aseg.values[i];
      ++inside[folder->aseg.values[i]].second;
      sum += double(folder->t1.values[i]);
    }
    EXPECT_LT(sum / person.lesion_mm3, 62.0);  // between fluid and cortex; grey matter has 80
    const auto stats = image::label_stats(folder->lesion, nullptr);
    ASSERT_OK(stats);
    EXPECT_LT((stats->front().centre_mm - made->lesion_centre_mm).norm(), 0.01);
    for (std::size_t r = 0; r < 12; ++r) {
      const auto& region = made->regions[r];
      EXPECT_EQ(region.voxels, folder->counts.at(kRegions[r].label)) << kRegions[r].title;
      if (kRegions[r].side != side) {
        EXPECT_EQ(region.lesion_overlap, 0.0) << kRegions[r].title;
        EXPECT_EQ(region.voxels, region.intact_voxels) << kRegions[r].title;
      }
      const auto& [all, hit] = inside[kRegions[r].label];
      // Lost voxels lie in the lesion: with them the overlap of the intact region comes out.
      const double lost = double(region.intact_voxels - region.voxels);
      EXPECT_NEAR((hit + lost) / (all + lost), region.lesion_overlap, 1e-9) << kRegions[r].title;
    }
  }
}

TEST(Images, FaultsBreakOnlyTheirRegion) {
  IPSI_NEEDS_COLIN27();
  const test::TemporaryDir dir;
  ImagePerson person = usual("a", 16);
  person.faults[0] = Fault::leak;
  person.faults[3] = Fault::half;
  person.faults[4] = Fault::shift;
  person.faults[7] = Fault::any;
  const auto made = make(person, dir.path());
  ASSERT_OK(made);
  const auto folder = read_back(*made);
  ASSERT_OK(folder);
  const auto table = table_of(test::slurp(made->subject_dir / "stats" / "aseg.stats"));
  for (std::size_t r = 0; r < 12; ++r) {
    const auto& region = made->regions[r];
    EXPECT_EQ(region.voxels, folder->counts.at(kRegions[r].label)) << kRegions[r].title;
    EXPECT_EQ(region.voxels, table.at(kRegions[r].label).first) << kRegions[r].title;
    EXPECT_EQ(region.fault == Fault::none, person.faults[r] == Fault::none);
    EXPECT_NE(region.fault, Fault::any);
    if (region.fault == Fault::none) {
      EXPECT_EQ(region.voxels, region.intact_voxels) << kRegions[r].title;
    }
  }
  EXPECT_GT(made->regions[0].voxels, 3 * made->regions[0].intact_voxels / 2);
  EXPECT_LT(made->regions[3].voxels, 7 * made->regions[3].intact_voxels / 10);
  EXPECT_GT(made->regions[3].voxels, 3 * made->regions[3].intact_voxels / 10);
}

std::map<std::string, std::string> hashes(const fs::path& dir) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(dir))
    if (entry.is_regular_file()) out[fs::relative(entry.path(), dir).string()] = file_hash(entry.path()).value_or("");
  return out;
}

TEST(Images, BytesDependOnTheRequestAlone) {
  IPSI_NEEDS_COLIN27();
  ASSERT_OK(test::colin27());  // sets the cache folder
  std::vector<ImagePerson> people{usual("a", 21), usual("b", 22)};
  people[0].lesion_mm3 = 9000;
  people[1].faults[5] = Fault::any;
  const test::TemporaryDir one, two;
  const auto first = write_images(people, one.path(), 1, Task{});
  ASSERT_OK(first);
  const auto second = write_images(people, two.path(), 2, Task{});
  ASSERT_OK(second);
  const auto files = hashes(one.path());
  EXPECT_EQ(files.size(), 2U * 8U);
  EXPECT_EQ(files, hashes(two.path()));
  EXPECT_EQ((*first)[0].id, "a");
  EXPECT_EQ((*second)[1].id, "b");
  EXPECT_NE(files.at("subjects/a/mri/T1.mgz"), files.at("subjects/b/mri/T1.mgz"));
}

TEST(Images, RefuseWhatNoHeadCanBe) {
  IPSI_NEEDS_COLIN27();
  const auto head = test::colin27();
  ASSERT_OK(head);
  const auto maker = HeadMaker::create(*head);
  ASSERT_OK(maker);
  const auto refuse = [&](const ImagePerson& person, const std::string& word) {
    const test::TemporaryDir dir;
    const auto made = maker->write(person, dir.path(), Task{});
    ASSERT_FALSE(made) << word;
    EXPECT_EQ(made.error().code, Code::InvalidInput);
    EXPECT_NE(to_line(made.error()).find(word), std::string::npos) << to_line(made.error());
    EXPECT_TRUE(fs::is_empty(dir.path())) << word;
  };
  ImagePerson person = usual("../b", 1);
  refuse(person, "../b");
  person = usual("a", 1);
  person.icv_mm3 = std::nan("");
  refuse(person, "ICV");
  person = usual("a", 1);
  person.target_mm3[8] = 60000;
  refuse(person, "Left nucleus accumbens");
  person = usual("a", 1);
  person.lesion_mm3 = 390000;
  person.icv_mm3 = 0.9e6;
  person.target_mm3 = {5000, 5000, 3000, 3000, 4000, 4000, 1200, 1200, 400, 400, 6000, 6000};
  refuse(person, "hemisphere");

  brain::Template lacking = *head;
  for (auto& v : lacking.regions.values)
    if (v == 26) v = 0;
  const auto none = HeadMaker::create(lacking);
  ASSERT_FALSE(none);
  EXPECT_NE(to_line(none.error()).find("Left nucleus accumbens"), std::string::npos);
}

TEST(Images, StopWhenTold) {
  IPSI_NEEDS_COLIN27();
  ASSERT_OK(test::colin27());
  const test::TemporaryDir dir;
  const Task task;
  task.cancel();
  const auto made = write_images({usual("a", 1)}, dir.path(), 1, task);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::Cancelled);
}

}  // namespace
}  // namespace ipsi::demo
