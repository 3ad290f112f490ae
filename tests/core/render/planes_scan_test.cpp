// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <mutex>

#include "core/image/io.h"
#include "core/render/planes.h"
#include "core/render/scan.h"
#include "core/render/scan_cache.h"
#include "core/render/scan_scene.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

using Eigen::Vector3d;

image::Grid small_grid() {
  image::Grid grid;
  grid.size = {20, 18, 16};
  grid.affine.topRightCorner<3, 1>() = Vector3d(-30, -9, -6);
  return grid;
}

/// A person's files with a T1 whose every voxel is different; `seed` shifts the values.
ScanPaths write_person(const std::filesystem::path& dir, const image::Grid& grid, int seed = 0) {
  std::filesystem::create_directories(dir);
  image::Volume t1;
  t1.grid = grid;
  t1.stored = image::Stored::int16;
  image::Labels labels, lesion;
  labels.grid = lesion.grid = grid;
  lesion.stored = image::Stored::uint8;
  for (std::size_t i = 0; i < grid.voxels(); ++i) {
    const int n = static_cast<int>(i);
    t1.values.push_back(static_cast<float>((n * 7 + seed) % 5000));
    labels.values.push_back(n % 5 == 0 ? 12 : n % 7 == 0 ? 1022 : 0);
    lesion.values.push_back(n % 11 == 0 ? 1 : 0);
  }
  ScanPaths paths{dir / "T1.mgz", dir / "aseg.mgz", dir / "lesion.nii.gz"};
  EXPECT_OK(image::write_volume(t1, paths.t1));
  EXPECT_OK(image::write_labels(labels, paths.labels));
  EXPECT_OK(image::write_labels(lesion, paths.lesion));
  return paths;
}

TEST(Scans, ReadoutEqualsDirectIndexing) {  // against read_volume and read_labels, in four storage orders
  for (const char* codes : {"RAS", "LIA", "PSR", "SLA"}) {
    test::TemporaryDir dir;
    const ScanPaths paths = write_person(dir.path(), test::stored_as(small_grid(), codes));
    const auto scan = load_scan(paths, Task());
    ASSERT_OK(scan);
    const auto t1 = image::read_volume(paths.t1);
    const auto labels = image::read_labels(paths.labels);
    const auto lesion = image::read_labels(paths.lesion);
    ASSERT_OK(t1);
    ASSERT_OK(labels);
    ASSERT_OK(lesion);
    for (int k = 0; k < t1->grid.size[2]; ++k)
      for (int j = 0; j < t1->grid.size[1]; ++j)
        for (int i = 0; i < t1->grid.size[0]; ++i) {
          const Vector3d off(0.4, -0.4, 0.3);  // anywhere in the voxel
          const Readout at = read_out(**scan, t1->grid.to_world(Vector3d(i, j, k) + off));
          ASSERT_TRUE(at.inside);
          ASSERT_EQ(at.voxel, (std::array<int, 3>{i, j, k})) << codes;
          ASSERT_EQ(at.intensity, t1->at(i, j, k));
          ASSERT_EQ(at.label, labels->at(i, j, k));
          ASSERT_EQ(at.region, labels->at(i, j, k) == 12 ? 4 : -1);
          ASSERT_EQ(at.lesion, lesion->at(i, j, k) != 0);
        }
    EXPECT_FALSE(read_out(**scan, {500, 0, 0}).inside);
  }
}

TEST(Scans, PlacesOfRegionsAreTheirLabelsStatistics) {
  const auto images = test::phantom_on(test::ras_grid());
  const auto scan = make_scan(images.t1, images.labels, images.lesion);
  ASSERT_OK(scan);
  const RegionPlace& putamen = (*scan)->places[4];
  // World coordinates -29 .. -19, -9 .. 13, -3 .. 7: 11 x 23 x 11 voxels.
  EXPECT_EQ(putamen.voxels, 11 * 23 * 11);
  EXPECT_LT((putamen.centre_mm - Vector3d(-24, 2, 2)).norm(), 1e-9);
  EXPECT_LT((putamen.low_mm - Vector3d(-29.5, -9.5, -3.5)).norm(), 1e-9);
  EXPECT_LT((putamen.high_mm - Vector3d(-18.5, 13.5, 7.5)).norm(), 1e-9);
  EXPECT_EQ((*scan)->places[5].voxels, 0);
  EXPECT_EQ((*scan)->regions.values.size(), 11U * 23U * 11U);  // the box and no more
}

TEST(Scans, LayersOnOtherGridsAreFoundThroughTheWorld) {
  auto images = test::phantom_on(test::ras_grid());
  image::Grid coarse = test::ras_grid();
  coarse.size = {48, 48, 48};
  coarse.affine.topLeftCorner<3, 3>() *= 2.0;
  coarse.affine.topRightCorner<3, 1>() = Vector3d::Constant(-47.5);
  const auto lesion = test::phantom_on(test::stored_as(coarse, "LPS")).lesion;
  const auto scan = make_scan(images.t1, images.labels, lesion);
  ASSERT_OK(scan);
  for (std::size_t i = 0; i < lesion.values.size(); i += 13) {
    const int x = static_cast<int>(i % 48), y = static_cast<int>(i / 48 % 48), z = static_cast<int>(i / 48 / 48);
    const Vector3d world = lesion.grid.to_world({double(x), double(y), double(z)});
    EXPECT_EQ(read_out(**scan, world).lesion, lesion.values[i] != 0);
  }
}

TEST(Scans, ABrokenSegmentationIsAProblemNotAnEnd) {
  test::TemporaryDir dir;
  ScanPaths paths = write_person(dir.path(), small_grid());
  test::spit(paths.labels, "not an image");
  const auto scan = load_scan(paths, Task());
  ASSERT_OK(scan);
  ASSERT_EQ((*scan)->problems.size(), 1U);
  EXPECT_NE(to_line((*scan)->problems[0]).find("aseg.mgz"), std::string::npos);
  EXPECT_TRUE((*scan)->regions.empty());
  EXPECT_FALSE((*scan)->lesion.empty());
  test::spit(paths.t1, "not an image either");
  const auto none = load_scan(paths, Task());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::ReadFailed);
}

TEST(Scans, ACancelledLoadSaysSo) {
  test::TemporaryDir dir;
  const ScanPaths paths = write_person(dir.path(), small_grid());
  Task task;
  task.cancel();
  const auto scan = load_scan(paths, task);
  ASSERT_FALSE(scan);
  EXPECT_EQ(scan.error().code, Code::Cancelled);
}

TEST(Scans, IntensitiesAreShownBeforeTheLabels) {
  test::TemporaryDir dir;
  const ScanPaths paths = write_person(dir.path(), small_grid());
  std::shared_ptr<const Scan> first;
  const auto scan = load_scan(paths, Task(), [&](std::shared_ptr<const Scan> early) { first = std::move(early); });
  ASSERT_OK(scan);
  ASSERT_NE(first, nullptr);
  EXPECT_FALSE(first->whole);
  EXPECT_TRUE((*scan)->whole);
  EXPECT_EQ(first->grey, (*scan)->grey);  // shared, not read twice
}

TEST(Scans, FloatsThatAreWholeAreKeptSmall) {
  image::Volume t1;
  t1.grid.size = {2, 2, 2};
  t1.values = {0, 1, 2, 3, 250, 255, 6, 7};
  const auto bytes = image::compact(t1);
  ASSERT_OK(bytes);
  EXPECT_TRUE(std::holds_alternative<std::vector<std::uint8_t>>(bytes->values));
  t1.values[3] = -4;
  EXPECT_TRUE(std::holds_alternative<std::vector<std::int16_t>>(image::compact(t1)->values));
  t1.values[3] = 0.5F;
  t1.values[4] = NAN;
  const auto floats = image::compact(t1);
  EXPECT_TRUE(std::holds_alternative<std::vector<float>>(floats->values));
  EXPECT_EQ(floats->high, 255.0);
  EXPECT_TRUE(std::isnan(floats->at(0, 0, 1)));
}

TEST(Scans, RealFreeSurferVolumesAgreeWithTheGeneralReader) {
  IPSI_NEEDS_SHARED("data/freesurfer_subject/mri");
  const auto mri = test::shared_path("data/freesurfer_subject/mri");
  const ScanPaths paths{mri / "orig.mgz", mri / "aparc+aseg.mgz", {}};
  const auto scan = load_scan(paths, Task());
  ASSERT_OK(scan);
  // Counts from domain.md, section 4: voxels of 1 mm3 in this label volume.
  const std::array<long long, 12> counts{7653, 8472, 4969, 4938, 7475, 7785, 2476, 1911, 823, 859, 18109, 22261};
  for (std::size_t r = 0; r < counts.size(); ++r) EXPECT_EQ((*scan)->places[r].voxels, counts[r]) << kRegions[r].key;
  const auto t1 = image::read_volume(paths.t1);
  ASSERT_OK(t1);
  for (std::size_t i = 0; i < t1->values.size(); i += 9973) {
    const int x = static_cast<int>(i % 256), y = static_cast<int>(i / 256 % 256), z = static_cast<int>(i / 65536);
    const Readout at = read_out(**scan, t1->grid.to_world({double(x), double(y), double(z)}));
    ASSERT_EQ(at.voxel, (std::array<int, 3>{x, y, z}));
    ASSERT_EQ(at.intensity, t1->values[i]);
  }
  EXPECT_LT((*scan)->bytes(), std::size_t(48) << 20);
}

// ---- cache ---------------------------------------------------------------------------------------------------------

TEST(ScanCache, LoadsNeighboursAndKeepsItsBound) {
  test::TemporaryDir dir;
  std::vector<ScanPaths> queue;
  for (int p = 0; p < 12; ++p) queue.push_back(write_person(dir / fmt::format("p{}", p), small_grid(), p));
  const std::size_t one = (*load_scan(queue[0], Task()))->bytes();
  std::atomic<int> told = 0;
  ScanCache cache({.bytes = 4 * one + one / 2, .ahead = 2, .back = 1},
                  [&](const ScanPaths&, const ScanCache::Loaded& scan) { told += scan && (*scan)->whole ? 1 : 0; });
  EXPECT_EQ(cache.look_at(queue, 0), nullptr);
  cache.wait();
  EXPECT_EQ(told, 1);
  EXPECT_NE(cache.find(queue[0]), nullptr);
  EXPECT_NE(cache.find(queue[1]), nullptr);
  EXPECT_NE(cache.find(queue[2]), nullptr);
  EXPECT_EQ(cache.find(queue[3]), nullptr);
  for (std::size_t p = 1; p < queue.size(); ++p) {
    EXPECT_NE(cache.look_at(queue, p), nullptr) << p;  // was loaded ahead
    cache.wait();
    EXPECT_LE(cache.bytes(), 4 * one + one / 2);
    EXPECT_LE(cache.count(), 4U);
    EXPECT_NE(cache.find(queue[p - 1]), nullptr);
  }
  EXPECT_EQ(told, 1);  // prefetched people are answered at once
}

TEST(ScanCache, ScansLargerThanTheBoundAreStillShown) {
  test::TemporaryDir dir;
  std::vector<ScanPaths> queue{write_person(dir / "a", small_grid()), write_person(dir / "b", small_grid())};
  ScanCache cache({.bytes = 1, .ahead = 3, .back = 2}, {});
  cache.look_at(queue, 0);
  cache.wait();
  EXPECT_NE(cache.find(queue[0]), nullptr);
  EXPECT_EQ(cache.find(queue[1]), nullptr);  // no room to look ahead
  cache.look_at(queue, 1);
  cache.wait();
  EXPECT_EQ(cache.count(), 1U);
  EXPECT_NE(cache.find(queue[1]), nullptr);
}

TEST(ScanCache, TellsErrorsAndGoesOn) {
  test::TemporaryDir dir;
  std::vector<ScanPaths> queue{write_person(dir / "a", small_grid()), write_person(dir / "b", small_grid())};
  test::spit(queue[0].t1, "broken");
  std::mutex mutex;
  std::vector<std::string> told;
  ScanCache cache({}, [&](const ScanPaths&, const ScanCache::Loaded& scan) {
    const std::lock_guard lock(mutex);
    told.push_back(scan ? "scan" : to_line(scan.error()));
  });
  cache.look_at(queue, 0);
  cache.wait();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("T1.mgz"), std::string::npos);
  EXPECT_NE(cache.look_at(queue, 1), nullptr);  // the next person came all the same
}

TEST(ScanCache, AChangedFileIsReadAgain) {
  test::TemporaryDir dir;
  std::vector<ScanPaths> queue{write_person(dir / "a", small_grid())};
  ScanCache cache(ScanCache::Options{}, {});
  cache.look_at(queue, 0);
  cache.wait();
  const double before = read_out(*cache.find(queue[0]), {-29, -9, -6}).intensity;
  write_person(dir / "a", small_grid(), 1000);
  std::filesystem::last_write_time(queue[0].t1, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(cache.find(queue[0]), nullptr);
  cache.look_at(queue, 0);
  cache.wait();
  EXPECT_EQ(read_out(*cache.find(queue[0]), {-29, -9, -6}).intensity, before + 1000);
}

TEST(ScanCache, EndsAndClearsWhileLoading) {
  test::TemporaryDir dir;
  std::vector<ScanPaths> queue;
  for (int p = 0; p < 4; ++p) queue.push_back(write_person(dir / fmt::format("p{}", p), small_grid(), p));
  for (int round = 0; round < 20; ++round) {
    ScanCache cache(ScanCache::Options{}, {});
    cache.look_at(queue, static_cast<std::size_t>(round) % 4);
    if (round % 2 == 0) cache.clear();
    cache.look_at(queue, static_cast<std::size_t>(round + 1) % 4);
  }
  ScanCache cache(ScanCache::Options{}, {});
  cache.look_at({}, 0);
  cache.wait();
  EXPECT_EQ(cache.bytes(), 0U);
}

// ---- 3D ------------------------------------------------------------------------------------------------------------

TEST(ScanScene, PicksTheRegionThatIsInFront) {
  const auto images = test::phantom_on(test::ras_grid());
  const auto scan = make_scan(images.t1, images.labels, images.lesion);
  ASSERT_OK(scan);
  const auto model = scan_model(*scan, Task());
  ASSERT_OK(model);
  auto scene = ScanScene::open(*model);
  ASSERT_OK(scene);
  SceneView view;
  view.camera = *find_camera("front");  // the person's right at the left
  view.width = 200;
  view.height = 200;
  view.frame = {Vector3d(0, 0, 0), 100.0};
  view.shown.regions.set();
  view.shown.brain = false;
  view.background = {1, 2, 3};
  const auto what_at = [&](const Vector3d& world) {
    const auto picture = (*scene)->draw(view);
    EXPECT_OK(picture);
    const int x = static_cast<int>(100 + world.dot(view.camera.right()) * 2.0);
    const int y = static_cast<int>(100 - world.dot(view.camera.up) * 2.0);
    return static_cast<int>((*picture)->what[static_cast<std::size_t>(y * 200 + x)]);
  };
  EXPECT_EQ(what_at({-24, 2, 2}), 5);  // left putamen
  EXPECT_EQ(what_at({20, 10, 4}), ScenePicture::kLesion);
  EXPECT_EQ(what_at({0, 0, 40}), 0);
  const auto picture = (*scene)->draw(view);
  EXPECT_EQ((*picture)->pixels[0], 0xFF010203U);
  view.planes = {false, true, false};
  view.planes_mm = {0, 30, 0};  // a coronal slice in front of everything
  view.window = {0, 200};
  EXPECT_EQ(what_at({-24, 2, 2}), ScenePicture::kPlane);
  view.planes_mm = {0, -30, 0};  // behind
  EXPECT_EQ(what_at({-24, 2, 2}), 5);
  view.planes = {};
  view.camera = *find_camera("left");
  EXPECT_EQ(what_at({-24, 2, 2}), 5);
  view.shown.regions.reset();
  EXPECT_EQ(what_at({-24, 2, 2}), 0);
}

TEST(ScanScene, FlatColoursAreTheOnesGiven) {
  const auto images = test::phantom_on(test::ras_grid());
  const auto scan = make_scan(images.t1, images.labels, {});
  ASSERT_OK(scan);
  const auto model = scan_model(*scan, Task());
  ASSERT_OK(model);
  // The surface encloses the label's volume: 11 x 23 x 11 mm less what smoothing takes off a box's edges.
  EXPECT_NEAR((*model)->full->regions[4].volume_mm3(), 11 * 23 * 11, 0.06 * 11 * 23 * 11);
  EXPECT_NEAR((*model)->coarse->regions[4].volume_mm3(), (*model)->full->regions[4].volume_mm3(), 60.0);
  EXPECT_LT((*model)->coarse->regions[4].triangles.size(), (*model)->full->regions[4].triangles.size() / 3);
  EXPECT_EQ((*model)->lesion, nullptr);
}

}  // namespace
}  // namespace ipsi::render
