// SPDX-License-Identifier: GPL-3.0-or-later
// Planes, scan loading and 3D: median and 95th percentile, wall and CPU time, printed and never asserted.
// usage: bench_viewer [T1 LABELS [LESION]]; without files Colin27 is written as FreeSurfer would store it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/brain/atlas.h"
#include "core/image/geometry.h"
#include "core/image/io.h"
#include "core/render/planes.h"
#include "core/render/scan.h"
#include "core/render/scan_scene.h"

namespace {

using namespace ipsi;
using namespace ipsi::render;

struct Times {
  std::vector<double> wall, cpu;
  void run(const std::function<void()>& work) {
    timespec a{}, b{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    const auto start = std::chrono::steady_clock::now();
    work();
    const auto stop = std::chrono::steady_clock::now();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    wall.push_back(std::chrono::duration<double, std::milli>(stop - start).count());
    cpu.push_back(static_cast<double>(b.tv_sec - a.tv_sec) * 1e3 + static_cast<double>(b.tv_nsec - a.tv_nsec) / 1e6);
  }
  void print(const std::string& what) {
    const auto at = [](std::vector<double>& v, double share) {
      std::sort(v.begin(), v.end());
      return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1))];
    };
    std::printf("%-58s wall %8.2f (p95 %8.2f)   cpu %8.2f (p95 %8.2f) ms\n", what.c_str(), at(wall, 0.5),
                at(wall, 0.95), at(cpu, 0.5), at(cpu, 0.95));
    std::fflush(stdout);
  }
};

void drop_from_cache(const std::filesystem::path& path) {
  if (path.empty()) return;
  const int file = ::open(path.c_str(), O_RDONLY);
  if (file < 0) return;
  ::fsync(file);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
}

/// Three planes as the QC screen lays them out in a window of this size, zoomed to a pair of regions.
std::vector<PlaneView> three(const Scan& scan, int width, int height, double box_mm) {
  std::vector<PlaneView> views(3);
  const int left = static_cast<int>(0.587 * (width - 8));
  for (int p = 0; p < 3; ++p) {
    PlaneView& view = views[static_cast<std::size_t>(p)];
    view.plane = static_cast<Plane>(p);
    view.width = p == 0 ? left : width - 8 - left;
    view.height = p == 0 ? height : (height - 12) / 2;
    view.centre_mm = scan.middle_mm();
    view.mm_per_pixel = box_mm / std::min(view.width, view.height);
    view.region = 4;
  }
  return views;
}

void bench_planes(const Scan& scan, int width, int height, double box_mm, const PlaneLook& look, const char* name) {
  std::vector<PlaneRenderer> renderers(3);
  auto views = three(scan, width, height, box_mm);
  Times times;
  for (int step = 0; step < 120; ++step)
    times.run([&] {
      for (std::size_t p = 0; p < 3; ++p) {
        PlaneView view = views[p];
        view.look = look;
        const int across = axes_of(view.plane, look.convention).across;
        view.centre_mm[across] = snap_to_slice(scan, across, view.centre_mm[across] - 15.0 + step % 30);
        renderers[p].draw(scan, view);
      }
    });
  times.print(fmt::format("three planes {}x{}, {}", width, height, name));
}

int run(const ScanPaths& paths) {
  Times cold, warm;
  std::shared_ptr<const Scan> scan;
  const auto load = [&] {
    auto loaded = load_scan(paths, Task());
    if (loaded)
      scan = *loaded;
    else
      std::printf("%s\n", to_line(loaded.error()).c_str());
  };
  for (int i = 0; i < 9; ++i) {
    for (const auto* path : {&paths.t1, &paths.labels, &paths.lesion}) drop_from_cache(*path);
    cold.run(load);
  }
  for (int i = 0; i < 9; ++i) warm.run(load);
  if (!scan) return 3;
  cold.print("load a person, page cache dropped");
  warm.print("load a person, in the page cache");
  std::printf("scan in memory: %.1f MB\n", static_cast<double>(scan->bytes()) / 1e6);
  for (const auto& [w, h] : {std::pair{1100, 900}, {1920, 1200}}) {
    PlaneLook look;
    bench_planes(*scan, w, h, 100.0, look, "outlines, lesion");
    bench_planes(*scan, w, h, 250.0, look, "whole head, outlines, lesion");
    look.overlay = Overlay::fill;
    bench_planes(*scan, w, h, 100.0, look, "fill, lesion");
    look.overlay = Overlay::outline;
    look.interpolation = Interpolation::nearest;
    bench_planes(*scan, w, h, 100.0, look, "outlines, lesion, nearest");
    look.interpolation = Interpolation::linear;
    look.overlay = Overlay::off;
    look.lesion = false;
    bench_planes(*scan, w, h, 100.0, look, "nothing over the grey");
  }
  Times model_time;
  Result<std::shared_ptr<const ScanModel>> model = fail(Code::Cancelled, "");
  for (int i = 0; i < 3; ++i) model_time.run([&] { model = scan_model(scan, Task()); });
  model_time.print("surfaces of a person");
  if (!model) return 0;
  auto scene = ScanScene::open(*model);
  if (!scene) {
    std::printf("no 3D: %s\n", to_line(scene.error()).c_str());
    return 0;
  }
  SceneView view;
  view.width = 640;
  view.height = 480;
  view.shown.regions.set();
  view.frame = {(*model)->centre_mm, 2.2 * (*model)->radius_mm};
  for (const auto quality : {SceneView::Quality::drag, SceneView::Quality::full}) {
    Times turn, paint;
    view.quality = quality;
    for (int i = 0; i < 12; ++i) {
      view.camera = camera_at(10.0 * i, 18.0);
      turn.run([&] { static_cast<void>((*scene)->draw(view)); });
      paint.run([&] { static_cast<void>((*scene)->draw(view)); });
    }
    const std::string name = quality == SceneView::Quality::drag ? "drag" : "full";
    turn.print("3D 640x480, turned, " + name);
    paint.print("3D 640x480, other colours, " + name);
  }
  return 0;
}

/// Colin27 as FreeSurfer would store it: 256^3, 1 mm, LIA, T1 in 8 bits, labels in 32, and a ball for a lesion.
Result<ScanPaths> make_files(const std::filesystem::path& dir) {
  auto head = brain::load_colin27(Task());
  if (!head) return tl::unexpected<Error>(head.error());
  image::Grid grid;
  grid.size = {256, 256, 256};
  grid.affine.topLeftCorner<3, 3>() << -1, 0, 0, 0, 0, 1, 0, -1, 0;
  grid.affine.topRightCorner<3, 1>() = Eigen::Vector3d(128, -146, 138);
  image::Volume t1 = image::resample(head->head, grid);
  const float top = *std::max_element(t1.values.begin(), t1.values.end());
  for (float& v : t1.values) v = std::round(v * 255.0F / top);
  t1.stored = image::Stored::uint8;
  image::Labels labels = image::resample(head->tissue, grid), lesion = labels;
  labels.stored = image::Stored::int32;
  lesion.stored = image::Stored::uint8;
  for (int k = 0; k < 256; ++k)
    for (int j = 0; j < 256; ++j)
      for (int i = 0; i < 256; ++i)
        lesion.values[grid.index(i, j, k)] =
            (grid.to_world({double(i), double(j), double(k)}) - Eigen::Vector3d(-27, 2, 4)).norm() < 14 ? 1 : 0;
  const ScanPaths paths{dir / "T1.mgz", dir / "aseg.mgz", dir / "lesion.nii.gz"};
  if (auto ok = image::write_volume(t1, paths.t1); !ok) return tl::unexpected<Error>(ok.error());
  if (auto ok = image::write_labels(labels, paths.labels); !ok) return tl::unexpected<Error>(ok.error());
  if (auto ok = image::write_labels(lesion, paths.lesion); !ok) return tl::unexpected<Error>(ok.error());
  return paths;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 3) return run({argv[1], argv[2], argc > 3 ? argv[3] : ""});
  const auto dir = std::filesystem::temp_directory_path() / fmt::format("ipsi-bench-viewer-{}", ::getpid());
  std::filesystem::create_directories(dir);
  const auto paths = make_files(dir);
  if (!paths) std::printf("%s\n", to_line(paths.error()).c_str());
  const int rc = paths ? run(*paths) : exit_code(paths.error().code);
  std::filesystem::remove_all(dir);
  return rc;
}
