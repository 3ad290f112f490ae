// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/brain_map.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/render/contour.h"
#include "core/render/slice.h"
#include "core/report/map_key.h"
#include "core/report/map_recipe.h"

namespace ipsi::report {
namespace {

using render::Look;
using View = BrainMapOptions::View;

constexpr double kMargin = 2.0, kGap = 4.0;           // mm: around the figure, between panels
constexpr double kTitleBase = 3.2, kTitleRow = 3.6;   // first base line, distance of lines
constexpr double kUnderTitle = 1.6, kLabelRow = 4.4;  // words under a picture
constexpr double kLetterRoom = 3.6;                   // title starts this far right of the panel letter

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// Where everything inside a panel lies, from the panel's top left.
struct PanelPlan {
  double width = 0, height = 0, title_height = 0;
  Box scene, axial, coronal;  ///< width 0: not shown
  double label_y = 0;         ///< base line of contra, N, ipsi
};

struct Plan {
  std::size_t columns = 1, rows = 1;
  PanelPlan panel;
  bool key_in_grid = false;  ///< the key takes the empty place at the end of the grid
  double key_y = 0, height = 0;
};

/// All that stays the same while the panels are drawn.
struct Work {
  const MapValues& values;
  const brain::Template& head;
  const BrainMapOptions& options;
  const Task& task;
  bool brain = true;
  MapKey key;
  Plan plan;
  render::Bounds bounds;
  render::Field axial_field, coronal_field;
  std::shared_ptr<const render::HeadModel> model;
  std::unique_ptr<render::Scene> scene;
  int supersampling = 2;
  std::map<std::string, render::Surfaces> surfaces;  ///< by the regions shown
  std::optional<render::SliceView> axial, coronal;
};

Path to_path(const std::vector<render::Loop>& loops, const Box& box, double mm_per_unit) {
  Path path;
  for (const render::Loop& loop : loops) {
    Path::Line line{{}, true};
    line.points.reserve(loop.size());
    for (const auto& p : loop) line.points.emplace_back(box.x + p.x() * mm_per_unit, box.y + p.y() * mm_per_unit);
    path.lines.push_back(std::move(line));
  }
  return path;
}

/// Ids of analyses and predictors as words.
std::string shown_title(const MapPanel& panel) {
  std::string title = panel.title;
  std::ranges::replace(title, '_', ' ');
  return title;
}

std::string people(const MapPanel& panel) {
  double low = INFINITY, high = -INFINITY;
  for (const RegionValue& region : panel.regions) {
    if (std::isnan(region.n)) continue;
    low = std::min(low, region.n);
    high = std::max(high, region.n);
  }
  if (high < low) return {};
  return low == high ? fmt::format("N {:g}", low) : fmt::format("N {:g} to {:g}", low, high);
}

/// The words at the left and right edge of a 3D picture: sides where it shows them, else front and back.
std::pair<std::string, std::string> edge_words(const render::Camera& camera, MapSides sides) {
  const Eigen::Vector3d right = camera.right();
  if (std::abs(right.x()) >= std::abs(right.y())) {
    const Side at_right = right.x() > 0 ? Side::right : Side::left;
    return {side_word(sides, other(at_right)), side_word(sides, at_right)};
  }
  return right.y() > 0 ? std::pair{"back", "front"} : std::pair{"front", "back"};
}

// ---- layout -----------------------------------------------------------------------------------------------------

int title_lines(const MapValues& values, double width) {
  int lines = 0;
  const double letter = values.panels.size() > 1 ? kLetterRoom : 0.0;
  for (const MapPanel& panel : values.panels)
    if (!panel.title.empty())
      lines =
          std::max(lines, measure({.words = shown_title(panel), .size_pt = kTitlePt, .wrap_mm = width - letter}).lines);
  return values.panels.size() > 1 ? std::max(lines, 1) : lines;
}

/// Axial and coronal side by side, equally high, `width` together.
void place_slices(PanelPlan& panel, double x, double y, double width, const Work& work) {
  const double a = work.axial_field.width / work.axial_field.height;
  const double c = work.coronal_field.width / work.coronal_field.height;
  const double height = (width - kGap) / (a + c);
  panel.axial = {x, y, height * a, height};
  panel.coronal = {x + panel.axial.width + kGap, y, height * c, height};
}

PanelPlan plan_panel(const Work& work, double width) {
  PanelPlan panel;
  panel.width = width;
  const int lines = title_lines(work.values, width);
  panel.title_height = lines == 0 ? 0.0 : kTitleBase + kTitleRow * (lines - 1) + kUnderTitle;
  const double top = panel.title_height;
  const double aspect = std::max(0.6, work.bounds.width_mm / std::max(work.bounds.height_mm, 1.0));
  double bottom = top;
  if (work.options.view == View::slices) {
    place_slices(panel, 0, top, width, work);
    bottom = panel.axial.y + panel.axial.height + kLabelRow;
  } else if (work.options.view == View::subcortical || width < 72.0) {
    panel.scene = {0, top, width, width / aspect};
    bottom = top + panel.scene.height;
    if (work.options.view == View::both) {
      bottom += 1.5;
      place_slices(panel, 0, bottom, width, work);
      bottom += panel.axial.height + kLabelRow;
    }
  } else {
    // 3D at the left, the slices over each other at the right; the width of the slices makes both equally high.
    const double tall =
        work.axial_field.height / work.axial_field.width + work.coronal_field.height / work.coronal_field.width;
    const double slice = std::min(((width - kGap) / aspect - 2 * kLabelRow) / (tall + 1.0 / aspect), 0.42 * width);
    const double scene = width - kGap - slice;
    const double axial = slice * work.axial_field.height / work.axial_field.width;
    const double coronal = slice * work.coronal_field.height / work.coronal_field.width;
    const double height = std::max(scene / aspect, axial + coronal + 2 * kLabelRow);
    panel.scene = {0, top, scene, height};
    panel.axial = {scene + kGap, top, slice, axial};
    panel.coronal = {scene + kGap, top + axial + kLabelRow, slice, coronal};
    bottom = top + height;
  }
  panel.label_y = bottom + 2.6;
  panel.height = panel.label_y + 1.0;
  return panel;
}

Plan plan_figure(const Work& work) {
  Plan plan;
  const double width = work.options.width_mm - 2 * kMargin;
  const std::size_t most = work.options.width_mm >= 150 ? 3 : work.options.width_mm >= 100 ? 2 : 1;
  const std::size_t panels = work.values.panels.size();
  plan.columns = std::min(panels, most);
  plan.rows = (panels + plan.columns - 1) / plan.columns;
  const double each = (width - kGap * static_cast<double>(plan.columns - 1)) / static_cast<double>(plan.columns);
  plan.panel = plan_panel(work, each);
  const double rows = static_cast<double>(plan.rows);
  const double grid = plan.panel.height * rows + kGap * (rows - 1);
  plan.key_in_grid =
      panels % plan.columns != 0 && each >= kBarWidth + 6 && plan.panel.height >= tall_key_height(work.key);
  plan.key_y = kMargin + grid + kGap;
  plan.height = kMargin + grid + kMargin;
  if (!plan.key_in_grid) plan.height += kGap + wide_key_height(work.key, width);
  return plan;
}

// ---- drawing ----------------------------------------------------------------------------------------------------

/// A scene once for each set of shown regions: panels that differ in colour only share it.
Result<const render::Surfaces*> surfaces_for(Work& work, const Box& box, const std::bitset<kRegions.size()>& shown,
                                             bool brain) {
  const std::string key = shown.to_string() + (brain ? "+brain" : "");
  if (const auto it = work.surfaces.find(key); it != work.surfaces.end()) return &it->second;
  const double per_mm = work.options.dpi / kMmPerInch * work.supersampling;
  const int width = std::max(1, static_cast<int>(std::lround(box.width * per_mm)));
  const int height = std::max(1, static_cast<int>(std::lround(box.height * per_mm)));
  const render::Frame frame = render::frame_around(work.bounds, box.width / box.height);
  auto drawn = work.scene->render(work.options.camera, frame, width, height, {shown, brain, work.options.clip});
  if (!drawn) return tl::unexpected(drawn.error());
  return &work.surfaces.emplace(key, std::move(*drawn)).first->second;
}

/// Outlines of a region in a rendering, in mm on the page.
Path outline_of(const render::Surfaces& surfaces, const std::vector<std::uint8_t>& ids, std::size_t region,
                const Box& box) {
  const auto loops = render::trace(ids, surfaces.width, surfaces.height, static_cast<std::uint8_t>(region + 1));
  std::vector<render::Loop> seen;
  for (const auto& loop : loops)  // specks of a few pixels are seams between surfaces, not parts of the picture
    if (render::area_of(loop) >= 40.0) seen.push_back(loop);
  return to_path(render::smooth(seen, 8, 0.2), box, box.width / surfaces.width);
}

Result<void> draw_scene(Canvas& canvas, Work& work, const MapPanel& panel, Box box) {
  // On pixel edges, so that the picture is copied and not resampled.
  box = {canvas.snap(box.x), canvas.snap(box.y), canvas.snap(box.width), canvas.snap(box.height)};
  std::bitset<kRegions.size()> shown, excluded;
  for (std::size_t r = 0; r < panel.regions.size(); ++r)
    (panel.regions[r].look == Look::excluded ? excluded : shown).set(r);
  const auto solid = surfaces_for(work, box, shown, work.brain);
  if (!solid) return tl::unexpected(solid.error());
  const render::Paints paints = paints_of(panel, work.key.scale);
  canvas.draw(box.x, box.y, box.width, box.height,
              render::compose(**solid, paints, {.supersampling = work.supersampling}));
  for (const std::size_t r : render::painting_order(paints))
    if (shown[r]) draw_edge(canvas, outline_of(**solid, (*solid)->region, r, box), panel.regions[r].look);
  if (excluded.none()) return {};
  const auto ghosts = surfaces_for(work, box, excluded, false);
  if (!ghosts) return tl::unexpected(ghosts.error());
  std::vector<std::uint8_t> visible = (*ghosts)->region;
  for (std::size_t i = 0; i < visible.size(); ++i)
    if ((*ghosts)->depth[i] > (*solid)->depth[i]) visible[i] = 0;
  for (std::size_t r = 0; r < panel.regions.size(); ++r)
    if (excluded[r]) draw_edge(canvas, outline_of(**ghosts, visible, r, box), Look::excluded);
  return {};
}

void draw_slice(Canvas& canvas, const Work& work, const MapPanel& panel, const render::SliceView& view,
                const Box& box) {
  canvas.draw(box.x, box.y, box.width, box.height, view.head);
  const render::Paints paints = paints_of(panel, work.key.scale);
  const double scale = box.width / view.field.width;
  const double weight = std::clamp(scale / 0.25, 0.6, 1.0);  // regions smaller than a quarter of life size: finer edges
  for (const std::size_t r : render::painting_order(paints))
    if (!view.regions[r].empty()) draw_region(canvas, to_path(view.regions[r], box, scale), paints[r], weight);
  const char* axis = view.plane == render::Plane::axial ? "z" : "y";
  const double y = box.y + box.height + 3.0;
  const auto letter = [&](Side half) {
    const std::string word = side_word(work.values.sides, half);
    return std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(word[0]))));
  };
  canvas.draw(box.x + box.width / 2, y,
              Text{.words = fmt::format("{} = {} mm", axis, tick_label(view.at_mm, 1.0)),
                   .size_pt = kLabelPt,
                   .align = Align::centre});
  // In the upper corners, which a brain leaves empty.
  canvas.draw(box.x, box.y + 2.4, Text{.words = letter(Side::right), .size_pt = kLabelPt});
  canvas.draw(box.x + box.width, box.y + 2.4,
              Text{.words = letter(Side::left), .size_pt = kLabelPt, .align = Align::right});
}

Result<void> draw_panel(Canvas& canvas, Work& work, std::size_t index, double x, double y) {
  const MapPanel& panel = work.values.panels[index];
  const PanelPlan& plan = work.plan.panel;
  const bool letters = work.values.panels.size() > 1;
  const auto moved = [&](const Box& box) { return Box{box.x + x, box.y + y, box.width, box.height}; };
  if (letters) {
    std::string letter(1, static_cast<char>('a' + index % 26));
    if (index >= 26) letter.insert(letter.begin(), static_cast<char>('a' + index / 26 - 1));
    canvas.draw(x, y + kTitleBase, Text{.words = letter, .size_pt = kLetterPt, .bold = true});
  }
  const double indent = letters ? kLetterRoom : 0.0;
  if (!panel.title.empty())
    canvas.draw(x + indent, y + kTitleBase,
                Text{.words = shown_title(panel), .size_pt = kTitlePt, .wrap_mm = plan.width - indent});
  if (plan.scene.width > 0) {
    if (auto drawn = draw_scene(canvas, work, panel, moved(plan.scene)); !drawn) return drawn;
  }
  if (work.axial) draw_slice(canvas, work, panel, *work.axial, moved(plan.axial));
  if (work.coronal) draw_slice(canvas, work, panel, *work.coronal, moved(plan.coronal));
  const bool sides_in_slices_only = work.options.view == View::slices;
  const double right = x + (plan.scene.width > 0 ? plan.scene.width : plan.width), base = y + plan.label_y;
  if (!sides_in_slices_only) {
    const auto [at_left, at_right] = edge_words(work.options.camera, work.values.sides);
    canvas.draw(x, base, Text{.words = at_left, .size_pt = kLabelPt});
    canvas.draw(right, base, Text{.words = at_right, .size_pt = kLabelPt, .align = Align::right});
  }
  canvas.draw((x + right) / 2, base, Text{.words = people(panel), .size_pt = kLabelPt, .align = Align::centre});
  return {};
}

// ---- preparing --------------------------------------------------------------------------------------------------

MapKey key_of(const MapValues& values, const BrainMapOptions& options) {
  MapKey key;
  const double limit = limit_of(values, options);
  key.scale = {-limit, limit, options.colours};
  key.quantity = options.quantity;
  if (key.quantity.empty()) key.quantity = values.column == "beta" ? "β" : values.column;
  key.significant_p = values.significant_p;
  for (const Look look : {Look::significant, Look::not_significant, Look::untested, Look::excluded}) {
    const bool occurs = std::ranges::any_of(values.panels, [look](const MapPanel& panel) {
      return std::ranges::any_of(panel.regions, [look](const RegionValue& region) { return region.look == look; });
    });
    const bool verdict = look == Look::significant || look == Look::not_significant;
    if (occurs || (verdict && values.tested)) key.looks.push_back(look);
  }
  for (const MapPanel& panel : values.panels)
    for (const RegionValue& region : panel.regions) {
      key.beyond_low = key.beyond_low || region.value < -limit;
      key.beyond_high = key.beyond_high || region.value > limit;
    }
  return key;
}

Result<void> check(const MapValues& values, const BrainMapOptions& options) {
  if (values.panels.empty())
    return fail(Code::InvalidInput, "a brain map needs values", "", "give at least one analysis");
  if (!(options.width_mm >= 60.0))
    return fail(Code::InvalidInput, fmt::format("a brain map {:g} mm wide cannot be read", options.width_mm), "",
                "choose at least 60 mm; journals use 85, 114 and 174");
  if (!(options.dpi > 0) || options.width_mm / kMmPerInch * options.dpi > 30000.0)
    return fail(Code::InvalidInput, fmt::format("{:g} mm at {:g} dpi cannot be drawn", options.width_mm, options.dpi),
                "", "choose a dpi of 72 to 1200: at most 30,000 pixels a side");
  if (options.limit && !(*options.limit > 0 && std::isfinite(*options.limit)))
    return fail(Code::InvalidInput, fmt::format("the limit {:g} of the scale is not positive", *options.limit), "",
                "give a positive number");
  return {};
}

/// Surfaces and slices, as far as the view needs them.
Result<void> prepare(Work& work) {
  const View view = work.options.view;
  if (view != View::slices) {
    auto model = render::head_model(work.head, work.task.part(0.0, 0.4));
    if (!model) return tl::unexpected(model.error());
    work.model = *model;
    work.bounds = render::bounds_of(*work.model, work.options.camera,
                                    work.brain ? render::Extent::brain : render::Extent::regions);
    auto scene = render::Scene::open(work.model);
    if (!scene) return tl::unexpected(scene.error());
    work.scene = std::move(*scene);
  }
  if (view != View::subcortical) {
    work.axial_field = render::field_of(work.head, render::Plane::axial);
    work.coronal_field = render::field_of(work.head, render::Plane::coronal);
    if (!(work.axial_field.width > 0))
      return fail(Code::InvalidInput, "the atlas has none of the twelve regions", work.head.name,
                  "give a label volume with FreeSurfer labels (10 thalamus left, 49 right, ...)");
  }
  work.plan = plan_figure(work);
  const double pixels =
      work.plan.panel.scene.width * work.plan.panel.scene.height * std::pow(work.options.dpi / kMmPerInch, 2);
  if (pixels > 8e6) work.supersampling = 1;  // finer than the eye already; memory would grow fourfold
  const auto slice = [&](render::Plane plane, double at, const render::Field& field,
                         const Box& box) -> Result<render::SliceView> {
    const double per_mm = box.width / field.width * work.options.dpi / kMmPerInch;
    return render::cut(work.head, plane, at, field, {.pixels_per_mm = per_mm});
  };
  if (view == View::subcortical) return {};
  auto axial = slice(render::Plane::axial, slice_mm(work.head, render::Plane::axial, work.options.axial_mm),
                     work.axial_field, work.plan.panel.axial);
  if (!axial) return tl::unexpected(axial.error());
  auto coronal = slice(render::Plane::coronal, slice_mm(work.head, render::Plane::coronal, work.options.coronal_mm),
                       work.coronal_field, work.plan.panel.coronal);
  if (!coronal) return tl::unexpected(coronal.error());
  work.axial = std::move(*axial);
  work.coronal = std::move(*coronal);
  return {};
}

}  // namespace

render::Paints paints_of(const MapPanel& panel, const render::Scale& scale) {
  render::Paints paints{};
  for (std::size_t r = 0; r < paints.size(); ++r)
    paints[r] = {panel.regions[r].look,
                 scale.colour(std::isnan(panel.regions[r].value) ? 0.0 : panel.regions[r].value)};
  return paints;
}

std::string to_string(View view) {
  switch (view) {
    case View::subcortical: return "subcortical";
    case View::slices: return "slices";
    case View::both: break;
  }
  return "both";
}

std::string side_word(MapSides sides, Side half) {
  if (sides == MapSides::ipsi_contra) return half == Side::left ? "ipsi" : "contra";
  return half == Side::left ? "L" : "R";
}

double slice_mm(const brain::Template& head, render::Plane plane, std::optional<double> asked) {
  if (asked) return *asked;
  // Chosen by eye: thalamus, striatum and both horns of the ventricle; accumbens under the caudate head.
  if (head.name == "Colin27") return plane == render::Plane::axial ? 4.0 : 8.0;
  return render::best_layer(head, plane);
}

double limit_of(const MapValues& values, const BrainMapOptions& options) {
  if (options.limit) return *options.limit;
  std::vector<double> all;
  for (const MapPanel& panel : values.panels)
    for (const RegionValue& region : panel.regions)
      if (region.look != Look::excluded) all.push_back(region.value);
  return render::nice_limit(all);
}

Result<BrainMap> draw_brain_map(const MapValues& values, const brain::Template& head, const BrainMapOptions& options,
                                const Task& task) {
  if (auto fine = check(values, options); !fine) return tl::unexpected(fine.error());
  Work work{.values = values, .head = head, .options = options, .task = task};
  work.brain = options.brain.value_or(options.view == View::both) && !head.brain.values.empty();
  work.key = key_of(values, options);
  if (auto ready = prepare(work); !ready) return tl::unexpected(ready.error());
  BrainMap out;
  out.alt = options.alt.empty() ? alt_text(values, work.key.quantity) : options.alt;
  out.height_mm = work.plan.height;
  auto canvas = Canvas::create({.format = options.format,
                                .width_mm = options.width_mm,
                                .height_mm = work.plan.height,
                                .dpi = options.dpi,
                                .transparent = options.transparent,
                                .title = "Brain map of " + work.key.quantity,
                                .description = out.alt});
  if (!canvas) return tl::unexpected(canvas.error());
  const Plan& plan = work.plan;
  const auto corner = [&](std::size_t place) {
    return Eigen::Vector2d(kMargin + static_cast<double>(place % plan.columns) * (plan.panel.width + kGap),
                           kMargin + static_cast<double>(place / plan.columns) * (plan.panel.height + kGap));
  };
  const std::size_t panels = values.panels.size();
  for (std::size_t i = 0; i < panels; ++i) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const Eigen::Vector2d at = corner(i);
    if (auto drawn = draw_panel(*canvas, work, i, at.x(), at.y()); !drawn) return tl::unexpected(drawn.error());
    task.progress(0.4 + 0.5 * static_cast<double>(i + 1) / static_cast<double>(panels), "drawing");
  }
  if (plan.key_in_grid) {
    const Eigen::Vector2d at = corner(panels);
    const std::size_t free = plan.columns * plan.rows - panels;
    const double width = plan.panel.width * static_cast<double>(free) + kGap * static_cast<double>(free - 1);
    draw_tall_key(*canvas, work.key, at.x(), at.y() + (plan.panel.height - tall_key_height(work.key)) / 2, width);
  } else {
    draw_wide_key(*canvas, work.key, kMargin, plan.key_y, options.width_mm - 2 * kMargin);
  }
  out.recipe = recipe_of(values, head, options, work.key, plan.height);
  out.recipe["alt"] = out.alt;
  auto bytes = canvas->finish();
  if (!bytes) return tl::unexpected(bytes.error());
  out.bytes = std::move(*bytes);
  task.progress(1.0);
  return out;
}

image::Volume to_volume(const MapPanel& panel, const brain::Template& head) {
  image::Volume out;
  out.grid = head.regions.grid;
  out.stored = image::Stored::float32;
  out.values.assign(head.regions.values.size(), 0.0F);
  for (std::size_t i = 0; i < out.values.size(); ++i)
    if (const Region* region = region_of_label(head.regions.values[i])) {
      const RegionValue& value = panel.regions[static_cast<std::size_t>(region - kRegions.data())];
      out.values[i] = value.look == Look::excluded ? NAN : static_cast<float>(value.value);
    }
  return out;
}

}  // namespace ipsi::report
