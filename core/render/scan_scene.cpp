// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/scan_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/LU>

namespace ipsi::render {
namespace {

constexpr double kFar = 1000.0;                              // depth of the frame's centre (Scene)
constexpr double kCoarse = 0.2;                              // share of triangles while dragging
constexpr double kLesionFront = 0.55, kLesionBehind = 0.10;  // opacity before and behind a region
constexpr double kWholeBrainMm3 = 4e5;

image::Labels labels_of(const Layer<std::uint8_t>& layer) {
  image::Labels out;
  out.grid = layer.grid;
  out.values.assign(layer.values.begin(), layer.values.end());
  return out;
}

/// Everything that has a label, in voxels of `step` times the size: a smooth form is wanted, not each voxel, and a
/// coarser grid costs far less than taking triangles away afterwards.
image::Labels envelope(const Layer<std::uint16_t>& labels, int step) {
  image::Labels out;
  const auto& size = labels.grid.size;
  for (std::size_t a = 0; a < 3; ++a) out.grid.size[a] = (size[a] + step - 1) / step;
  out.grid.affine = labels.grid.affine;
  out.grid.affine.topLeftCorner<3, 3>() *= step;
  out.grid.affine.col(3).head<3>() = labels.grid.to_world(Eigen::Vector3d::Constant(0.5 * (step - 1)));
  std::vector<int> counts(out.grid.voxels(), 0);
  std::size_t at = 0;
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i, ++at)
        if (labels.values[at] != 0) ++counts[out.grid.index(i / step, j / step, k / step)];
  out.values.resize(counts.size());
  for (std::size_t v = 0; v < counts.size(); ++v) out.values[v] = 2 * counts[v] >= step * step * step ? 1 : 0;
  return out;
}

std::uint32_t pack(double r, double g, double b) {
  const auto byte = [](double v) { return static_cast<std::uint32_t>(std::clamp(std::lround(v), 0L, 255L)); };
  return 0xFF000000U | byte(r) << 16 | byte(g) << 8 | byte(b);
}

struct Colour {
  double r = 0, g = 0, b = 0;
  void over(const Colour& top, double alpha) {
    r += alpha * (top.r - r);
    g += alpha * (top.g - g);
    b += alpha * (top.b - b);
  }
};

Colour colour_of(const std::uint8_t* rgba) {
  return {double(rgba[0]), double(rgba[1]), double(rgba[2])};
}

/// Slices seen by parallel rays: the nearest one at each pixel.
class Slices {
 public:
  Slices(const Scan& scan, const SceneView& view) : scan_(scan), view_(view) {
    turn_ = scan.grey->grid.affine.topLeftCorner<3, 3>().inverse();
    shift_ = scan.grey->grid.affine.topRightCorner<3, 1>();
    any_ = view.planes[0] || view.planes[1] || view.planes[2];
    mm_ = view.frame.height_mm / view.height;
    gain_ = 255.0 / std::max(view.window.high - view.window.low, 1e-12);
  }
  /// Depth of the nearest slice and its grey level; infinity where there is none. Air is looked through.
  [[nodiscard]] std::pair<double, double> at(int x, int y) const {
    std::pair<double, double> out{std::numeric_limits<double>::infinity(), 0.0};
    if (!any_) return out;
    const Eigen::Vector3d on_frame = view_.frame.centre + (x + 0.5 - 0.5 * view_.width) * mm_ * view_.camera.right() -
                                     (y + 0.5 - 0.5 * view_.height) * mm_ * view_.camera.up;
    for (int a = 0; a < 3; ++a) {
      if (!view_.planes[static_cast<std::size_t>(a)] || std::abs(view_.camera.from[a]) < 0.02) continue;
      const double way = (view_.planes_mm[a] - on_frame[a]) / view_.camera.from[a];
      const double depth = kFar - way;
      if (depth >= out.first) continue;
      const Eigen::Vector3d voxel = turn_ * (on_frame + way * view_.camera.from - shift_);
      const int i = static_cast<int>(std::floor(voxel[0] + 0.5)), j = static_cast<int>(std::floor(voxel[1] + 0.5)),
                k = static_cast<int>(std::floor(voxel[2] + 0.5));
      if (!scan_.grey->grid.inside(i, j, k)) continue;
      const double level = (scan_.grey->at(i, j, k) - view_.window.low) * gain_;
      if (!(level > 12.0)) continue;
      out = {depth, std::min(level, 255.0)};
    }
    return out;
  }
  [[nodiscard]] bool any() const { return any_; }

 private:
  const Scan& scan_;
  const SceneView& view_;
  Eigen::Matrix3d turn_;
  Eigen::Vector3d shift_;
  bool any_ = false;
  double mm_ = 1.0, gain_ = 1.0;
};

bool same(const SceneView& a, const SceneView& b) {  // as far as OpenGL is concerned
  return a.camera.from == b.camera.from && a.camera.up == b.camera.up && a.frame.centre == b.frame.centre &&
         a.frame.height_mm == b.frame.height_mm && a.width == b.width && a.height == b.height &&
         a.quality == b.quality && a.shown.regions == b.shown.regions && a.shown.brain == b.shown.brain &&
         a.lesion == b.lesion;
}

}  // namespace

Result<std::shared_ptr<const ScanModel>> scan_model(std::shared_ptr<const Scan> scan, const Task& task) {
  if (scan->regions.empty())
    return fail(Code::InvalidInput, "the segmentation has none of the twelve regions", scan->paths.labels.string(),
                "give a label volume with FreeSurfer labels (10 thalamus left, 49 right, ...)");
  auto model = std::make_shared<ScanModel>();
  auto full = std::make_shared<HeadModel>(), coarse = std::make_shared<HeadModel>();
  const image::Labels regions = labels_of(scan->regions);
  const auto stopped = [] { return fail(Code::Cancelled, "stopped by the user"); };
  Eigen::Vector3d low = Eigen::Vector3d::Constant(1e30), high = -low;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    if (task.cancelled()) return stopped();
    task.progress(static_cast<double>(r) / 14.0, "surfaces");
    if (scan->places[r].voxels == 0) continue;
    full->regions[r] = surface_of(regions, static_cast<int>(r) + 1);
    coarse->regions[r] = surface_of(regions, static_cast<int>(r) + 1, {.keep = kCoarse});
    low = low.cwiseMin(scan->places[r].low_mm);
    high = high.cwiseMax(scan->places[r].high_mm);
  }
  model->centre_mm = 0.5 * (low + high);
  model->radius_mm = 0.5 * (high - low).norm();
  model->brain_radius_mm = 0.0;
  const auto labelled = static_cast<double>(
      std::count_if(scan->labels.values.begin(), scan->labels.values.end(), [](std::uint16_t v) { return v != 0; }));
  if (task.cancelled()) return stopped();
  if (labelled * scan->labels.grid.voxel_mm3() > kWholeBrainMm3) {
    full->brain = surface_of(envelope(scan->labels, 3), 1, {.smoothing_iterations = 20, .pass_band = 0.08});
    coarse->brain = surface_of(envelope(scan->labels, 5), 1, {.smoothing_iterations = 20, .pass_band = 0.08});
    for (const Eigen::Vector3f& p : full->brain.points)
      model->brain_radius_mm = std::max(model->brain_radius_mm, (p.cast<double>() - model->centre_mm).norm());
  }
  if (task.cancelled()) return stopped();
  if (!scan->lesion.empty()) {
    auto lesion = std::make_shared<HeadModel>();
    lesion->regions[0] = surface_of(labels_of(scan->lesion), 1);
    if (!lesion->regions[0].empty()) model->lesion = std::move(lesion);
  }
  model->full = std::move(full);
  model->coarse = std::move(coarse);
  model->scan = std::move(scan);
  return std::shared_ptr<const ScanModel>(std::move(model));
}

struct ScanScene::Work {
  std::shared_ptr<const ScanModel> model;
  std::unique_ptr<Scene> full, coarse, lesion;
  SceneView seen;  ///< the view the surfaces below were made for
  bool fresh = false;
  Surfaces surfaces, lesion_surfaces;
  ScenePicture picture;

  Result<void> render(const SceneView& view, int over);
  void compose_all(const SceneView& view, int over);
};

ScanScene::ScanScene(std::unique_ptr<Work> work) : work_(std::move(work)) {}
ScanScene::~ScanScene() = default;

Result<std::unique_ptr<ScanScene>> ScanScene::open(std::shared_ptr<const ScanModel> model) {
  auto work = std::make_unique<Work>();
  auto full = Scene::open(model->full);
  if (!full) return tl::unexpected<Error>(full.error());
  work->full = std::move(*full);
  work->model = std::move(model);
  return std::unique_ptr<ScanScene>(new ScanScene(std::move(work)));
}

const ScanModel& ScanScene::model() const {
  return *work_->model;
}

Result<void> ScanScene::Work::render(const SceneView& view, int over) {
  const bool drag = view.quality == SceneView::Quality::drag;
  const auto scene_for = [](std::unique_ptr<Scene>& scene,
                            const std::shared_ptr<const HeadModel>& from) -> Result<void> {
    if (scene) return {};
    auto opened = Scene::open(from);
    if (!opened) return tl::unexpected<Error>(opened.error());
    scene = std::move(*opened);
    return {};
  };
  if (drag)
    if (auto ok = scene_for(coarse, model->coarse); !ok) return ok;
  Scene& scene = drag ? *coarse : *full;
  auto made = scene.render(view.camera, view.frame, view.width * over, view.height * over, view.shown);
  if (!made) return tl::unexpected<Error>(made.error());
  surfaces = std::move(*made);
  lesion_surfaces = {};
  if (view.lesion && model->lesion) {
    if (auto ok = scene_for(lesion, model->lesion); !ok) return ok;
    Shown shown;
    shown.regions.set(0);
    shown.brain = false;
    auto lesion_made = lesion->render(view.camera, view.frame, view.width * over, view.height * over, shown);
    if (!lesion_made) return tl::unexpected<Error>(lesion_made.error());
    lesion_surfaces = std::move(*lesion_made);
  }
  return {};
}

void ScanScene::Work::compose_all(const SceneView& view, int over) {
  ComposeOptions options;
  options.supersampling = over;
  options.brain = view.brain;
  options.brain_rim = 0.5;
  const Picture regions = compose(surfaces, view.paints, options);
  Picture sore;
  if (!lesion_surfaces.region.empty()) {
    Paints paints{};
    paints[0] = {Look::plain, kLesionColour};
    ComposeOptions plain;
    plain.supersampling = over;
    sore = compose(lesion_surfaces, paints, plain);
  }
  picture.width = view.width;
  picture.height = view.height;
  const auto n = static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height);
  picture.pixels.resize(n);
  picture.what.assign(n, 0);
  const Slices slices(*model->scan, view);
  const Colour ground{double(view.background.r), double(view.background.g), double(view.background.b)};
  std::size_t i = 0;
  for (int y = 0; y < view.height; ++y)
    for (int x = 0; x < view.width; ++x, ++i) {
      // The middle sample of the pixel says what is in front of what.
      const std::size_t s = static_cast<std::size_t>(y * over + over / 2) * static_cast<std::size_t>(surfaces.width) +
                            static_cast<std::size_t>(x * over + over / 2);
      const std::uint8_t region = surfaces.region[s];
      const double depth = region != 0 ? double(surfaces.depth[s]) : std::numeric_limits<double>::infinity();
      Colour colour = ground;
      picture.what[i] = region;
      const auto [slice_depth, level] = slices.at(x, y);
      const bool slice = std::isfinite(slice_depth);
      const bool hidden = slice && slice_depth < depth;  // the slice hides the region
      if (slice) colour = {level, level, level};
      const std::uint8_t* rgba = &regions.rgba[4 * i];
      if (!hidden)
        colour.over(colour_of(rgba), rgba[3] / 255.0);
      else
        picture.what[i] = ScenePicture::kPlane;
      if (!sore.rgba.empty() && sore.rgba[4 * i + 3] != 0) {
        const double at = lesion_surfaces.region[s] != 0 ? double(lesion_surfaces.depth[s]) : depth;
        const double front = std::min(depth, slice_depth);
        const double opacity = at <= front ? kLesionFront : (slice_depth < at && slice ? 0.0 : kLesionBehind);
        colour.over(colour_of(&sore.rgba[4 * i]), opacity * sore.rgba[4 * i + 3] / 255.0);
        if (picture.what[i] == 0) picture.what[i] = ScenePicture::kLesion;
      }
      picture.pixels[i] = pack(colour.r, colour.g, colour.b);
    }
}

namespace {

/// A line around the visible pixels of a region, `reach` pixels wide, inside it.
void draw_rim(ScenePicture& picture, std::uint8_t what, int reach, Rgb colour) {
  std::vector<std::size_t> rim;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const std::size_t i =
          static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x);
      if (picture.what[i] != what) continue;
      bool edge = false;
      for (int d = 1; d <= reach && !edge; ++d)
        for (const auto& [dx, dy] : {std::pair{d, 0}, {-d, 0}, {0, d}, {0, -d}}) {
          const int u = x + dx, v = y + dy;
          if (u < 0 || v < 0 || u >= picture.width || v >= picture.height) continue;
          edge = edge || picture.what[static_cast<std::size_t>(v) * static_cast<std::size_t>(picture.width) +
                                      static_cast<std::size_t>(u)] != what;
        }
      if (edge) rim.push_back(i);
    }
  for (const std::size_t i : rim) picture.pixels[i] = pack(colour.r, colour.g, colour.b);
}

}  // namespace

Result<const ScenePicture*> ScanScene::draw(const SceneView& view) {
  const int over = view.quality == SceneView::Quality::full ? 2 : 1;
  if (!work_->fresh || !same(work_->seen, view)) {
    work_->fresh = false;
    if (auto ok = work_->render(view, over); !ok) return tl::unexpected<Error>(ok.error());
    work_->seen = view;
    work_->fresh = true;
  }
  work_->compose_all(view, over);
  if (view.current >= 0)
    draw_rim(work_->picture, static_cast<std::uint8_t>(view.current + 1),
             std::max(1, static_cast<int>(std::lround(1.6 * view.pixel_ratio))), kOutlineCurrent);
  return static_cast<const ScenePicture*>(&work_->picture);
}

}  // namespace ipsi::render
