// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/map_recipe.h"

#include <cairo.h>
#include <pango/pango.h>

#include <cmath>

#include "core/base/text.h"

namespace ipsi::report {
namespace {

std::string side_adjective(MapSides sides, Side half) {
  if (sides == MapSides::left_right) return std::string(to_string(half));
  return half == Side::left ? "ipsilesional" : "contralesional";
}

}  // namespace

std::string to_string(render::Look look) {
  switch (look) {
    case render::Look::plain: return "plain";
    case render::Look::significant: return "significant";
    case render::Look::not_significant: return "not_significant";
    case render::Look::excluded: return "excluded";
    case render::Look::untested: break;
  }
  return "untested";
}

std::string alt_text(const MapValues& values, const std::string& quantity) {
  std::vector<std::string> sentences;
  for (const MapPanel& panel : values.panels) {
    std::vector<std::string> parts;
    int tested = 0;
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      const RegionValue& region = panel.regions[r];
      tested += region.look != render::Look::untested && region.look != render::Look::excluded;
      if (region.look != render::Look::significant) continue;
      parts.push_back(fmt::format("{} {} {}", side_adjective(values.sides, kRegions[r].side),
                                  to_lower(structure_title(kRegions[r].structure)), tick_label(region.value, 0.01)));
    }
    const std::string title = panel.title.empty() ? "" : panel.title + ": ";
    const std::string found = parts.empty() ? "none significant" : "significant " + join(parts, ", ");
    sentences.push_back(title + fmt::format("{} of 12 regions with a value", tested) +
                        (values.tested ? ", " + found : "") + ".");
  }
  return fmt::format("Brain map of {} in twelve subcortical regions. {}", quantity, join(sentences, " "));
}

Json panels_json(const MapValues& values) {
  Json panels = Json::array();
  for (const MapPanel& panel : values.panels) {
    Json regions = Json::array();
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      const RegionValue& region = panel.regions[r];
      const bool ipsi = values.sides == MapSides::ipsi_contra;
      const bool left = kRegions[r].side == Side::left;
      regions.push_back({{"region", kRegions[r].structure},
                         {"side", ipsi ? (left ? "ipsi" : "contra") : (left ? "left" : "right")},
                         {"value", number(region.value)},
                         {"p", number(region.p)},
                         {"n", number(region.n)},
                         {"look", to_string(region.look)}});
    }
    panels.push_back({{"title", panel.title}, {"regions", std::move(regions)}});
  }
  return panels;
}

Json recipe_of(const MapValues& values, const brain::Template& head, const BrainMapOptions& options, const MapKey& key,
               double height_mm) {
  const auto vector = [](const Eigen::Vector3d& v) { return Json::array({v.x(), v.y(), v.z()}); };
  const bool ipsi = values.sides == MapSides::ipsi_contra;
  Json recipe;
  recipe["figure"] = "brain map";
  recipe["format"] = to_string(options.format);
  recipe["size_mm"] = Json::array({options.width_mm, height_mm});
  recipe["dpi"] = options.dpi;
  recipe["background"] = options.transparent ? "transparent" : "white";
  recipe["view"] = to_string(options.view);
  recipe["data"] = {{"hash", values.data_hash}, {"column", values.column}};
  recipe["quantity"] = key.quantity;
  recipe["scale"] = {{"colour_map", key.scale.map->name},
                     {"low", key.scale.low},
                     {"high", key.scale.high},
                     {"beyond", key.beyond_low || key.beyond_high}};
  recipe["significant_p"] = values.significant_p;
  recipe["sides"] = ipsi ? "ipsi/contra: ipsilesional drawn on the template's left hemisphere" : "left/right";
  recipe["orientation"] = "slices radiological: the person's left at the right of the picture";
  if (options.view != BrainMapOptions::View::slices)
    recipe["camera"] = {{"name", options.camera.name},
                        {"title", options.camera.title},
                        {"from", vector(options.camera.from)},
                        {"up", vector(options.camera.up)},
                        {"brain", options.brain.value_or(options.view == BrainMapOptions::View::both)}};
  if (options.view != BrainMapOptions::View::subcortical)
    recipe["slices_mm"] = {{"axial", slice_mm(head, render::Plane::axial, options.axial_mm)},
                           {"coronal", slice_mm(head, render::Plane::coronal, options.coronal_mm)}};
  recipe["atlas"] = {{"name", head.name}, {"source", head.source}};
  recipe["versions"] = {
      {"vtk", render::vtk_version()}, {"cairo", cairo_version_string()}, {"pango", pango_version_string()}};
  recipe["panels"] = panels_json(values);
  return recipe;
}

}  // namespace ipsi::report
