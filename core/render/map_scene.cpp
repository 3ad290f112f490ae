// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/map_scene.h"

#include <algorithm>
#include <utility>

namespace ipsi::render {
namespace {

constexpr double kCoarse = 0.2;      // share of the triangles while dragging
constexpr int kOver = 2;             // samples a side of a pixel at full quality
constexpr std::size_t kKept = 6;     // renderings kept: panels may leave out different regions
constexpr double kSpeck = 40.0;      // outlines of fewer samples are seams between surfaces
constexpr int kSmoothingPasses = 8;  // as in the printed figure
constexpr double kTolerance = 0.2;

using Regions = std::bitset<kRegions.size()>;

/// Every `step`th sample, so that a picture can be coloured at a quarter of the cost.
Surfaces thinned(const Surfaces& s, int step) {
  Surfaces out;
  out.width = s.width / step;
  out.height = s.height / step;
  out.mm_per_pixel = s.mm_per_pixel * step;
  const std::size_t n = out.pixels();
  out.region.resize(n);
  out.diffuse.resize(n);
  out.specular.resize(n);
  out.depth.resize(n);
  out.brain.resize(n);
  std::size_t to = 0;
  for (int y = 0; y < out.height; ++y) {
    std::size_t from = static_cast<std::size_t>(y * step + step / 2) * static_cast<std::size_t>(s.width) +
                       static_cast<std::size_t>(step / 2);
    for (int x = 0; x < out.width; ++x, ++to, from += static_cast<std::size_t>(step)) {
      out.region[to] = s.region[from];
      out.diffuse[to] = s.diffuse[from];
      out.specular[to] = s.specular[from];
      out.depth[to] = s.depth[from];
      out.brain[to] = s.brain[from];
    }
  }
  return out;
}

std::vector<Loop> outline(const std::vector<std::uint8_t>& ids, const Surfaces& s, std::size_t region) {
  std::vector<Loop> seen;
  for (auto& loop : trace(ids, s.width, s.height, static_cast<std::uint8_t>(region + 1)))
    if (area_of(loop) >= kSpeck) seen.push_back(std::move(loop));
  auto out = smooth(seen, kSmoothingPasses, kTolerance);
  for (Loop& loop : out)
    for (auto& point : loop) point /= kOver;
  return out;
}

bool same_sight(const MapView& a, const MapView& b) {
  return a.camera.from == b.camera.from && a.camera.up == b.camera.up && a.frame.centre == b.frame.centre &&
         a.frame.height_mm == b.frame.height_mm && a.width == b.width && a.height == b.height && a.brain == b.brain &&
         a.clip == b.clip;
}

}  // namespace

Result<std::shared_ptr<const MapModel>> map_model(std::shared_ptr<const brain::Template> head, const Task& task) {
  auto full = head_model(*head, task.part(0.0, 0.6));
  if (!full) return tl::unexpected<Error>(full.error());
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  auto out = std::make_shared<MapModel>();
  out->head = std::move(head);
  out->full = *full;
  out->coarse = std::make_shared<const HeadModel>(simplified(**full, kCoarse));
  task.progress(1.0);
  return std::shared_ptr<const MapModel>(std::move(out));
}

struct MapScene::Work {
  struct Seen {
    MapView view;
    Regions left_out;
    Surfaces surfaces;
    std::optional<Surfaces> thin;  ///< of a full rendering, when it was asked for at drag quality
    std::shared_ptr<const MapForms> forms;
  };
  std::shared_ptr<const MapModel> model;
  std::unique_ptr<Scene> full, coarse;
  std::vector<Seen> seen;  ///< newest last
  int renderings = 0;

  Result<Surfaces> render(const MapView& view, const Regions& shown, bool brain);
  Result<Seen*> look(const MapView& view, const Regions& left_out);
  Result<std::shared_ptr<const MapForms>> forms_of(const Seen& seen);
};

Result<Surfaces> MapScene::Work::render(const MapView& view, const Regions& shown, bool brain) {
  const bool drag = view.quality == MapView::Quality::drag;
  if (drag && !coarse) {
    auto opened = Scene::open(model->coarse);
    if (!opened) return tl::unexpected<Error>(opened.error());
    coarse = std::move(*opened);
  }
  const int over = drag ? 1 : kOver;
  ++renderings;
  return (drag ? *coarse : *full)
      .render(view.camera, view.frame, view.width * over, view.height * over, {shown, brain, view.clip});
}

Result<std::shared_ptr<const MapForms>> MapScene::Work::forms_of(const Seen& from) {
  auto forms = std::make_shared<MapForms>();
  const bool full_quality = from.view.quality == MapView::Quality::full;
  forms->width = from.view.width;
  forms->height = from.view.height;
  forms->region = full_quality ? thinned(from.surfaces, kOver).region : from.surfaces.region;
  if (!full_quality) return std::shared_ptr<const MapForms>(std::move(forms));
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (!from.left_out[r]) forms->outlines[r] = outline(from.surfaces.region, from.surfaces, r);
  if (from.left_out.none()) return std::shared_ptr<const MapForms>(std::move(forms));
  auto ghosts = render(from.view, from.left_out, false);
  if (!ghosts) return tl::unexpected<Error>(ghosts.error());
  for (std::size_t i = 0; i < ghosts->region.size(); ++i)
    if (ghosts->depth[i] > from.surfaces.depth[i]) ghosts->region[i] = 0;
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (from.left_out[r]) forms->excluded_outlines[r] = outline(ghosts->region, *ghosts, r);
  return std::shared_ptr<const MapForms>(std::move(forms));
}

/// What was rendered of this view, or a new rendering. A full one serves for drag quality as well.
Result<MapScene::Work::Seen*> MapScene::Work::look(const MapView& view, const Regions& left_out) {
  std::erase_if(seen, [&](const Seen& s) { return !same_sight(s.view, view); });
  for (const bool exact : {false, true})
    for (Seen& s : seen) {
      const bool good = exact ? s.view.quality == view.quality : s.view.quality == MapView::Quality::full;
      if (good && s.left_out == left_out) return &s;
    }
  Seen now{view, left_out, {}, std::nullopt, nullptr};
  Regions shown = ~left_out;
  auto made = render(view, shown, view.brain);
  if (!made) return tl::unexpected<Error>(made.error());
  now.surfaces = std::move(*made);
  auto forms = forms_of(now);
  if (!forms) return tl::unexpected<Error>(forms.error());
  now.forms = std::move(*forms);
  if (seen.size() >= kKept) seen.erase(seen.begin());
  seen.push_back(std::move(now));
  return &seen.back();
}

MapScene::MapScene(std::unique_ptr<Work> work) : work_(std::move(work)) {}
MapScene::~MapScene() = default;

Result<std::unique_ptr<MapScene>> MapScene::open(std::shared_ptr<const MapModel> model) {
  auto work = std::make_unique<Work>();
  auto full = Scene::open(model->full);
  if (!full) return tl::unexpected<Error>(full.error());
  work->full = std::move(*full);
  work->model = std::move(model);
  return std::unique_ptr<MapScene>(new MapScene(std::move(work)));
}

int MapScene::renderings() const {
  return work_->renderings;
}

Result<MapPicture> MapScene::draw(const MapView& view, const Paints& paints) {
  Regions left_out;
  for (std::size_t r = 0; r < paints.size(); ++r) left_out[r] = paints[r].look == Look::excluded;
  const auto found = work_->look(view, left_out);
  if (!found) return tl::unexpected<Error>(found.error());
  Work::Seen& seen = **found;
  const bool rendered_full = seen.view.quality == MapView::Quality::full;
  const bool rough = view.quality == MapView::Quality::drag;
  if (rendered_full && rough && !seen.thin) seen.thin = thinned(seen.surfaces, kOver);
  const Surfaces& from = rendered_full && rough ? *seen.thin : seen.surfaces;
  return MapPicture{compose(from, paints, {.supersampling = rough ? 1 : kOver}), seen.forms};
}

}  // namespace ipsi::render
