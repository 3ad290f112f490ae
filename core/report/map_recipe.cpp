// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/map_recipe.h"

#include <cairo.h>
#include <pango/pango.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/image/io.h"

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
  if (options.clip) recipe["clip"] = {{"axis", options.clip->axis}, {"at_mm", options.clip->at_mm}};
  if (options.view != BrainMapOptions::View::subcortical)
    recipe["slices_mm"] = {{"axial", slice_mm(head, render::Plane::axial, options.axial_mm)},
                           {"coronal", slice_mm(head, render::Plane::coronal, options.coronal_mm)}};
  recipe["atlas"] = {{"name", head.name}, {"source", head.source}};
  recipe["versions"] = {{"ipsi", IPSI_VERSION},
                        {"vtk", render::vtk_version()},
                        {"cairo", cairo_version_string()},
                        {"pango", pango_version_string()}};
  recipe["panels"] = panels_json(values);
  return recipe;
}

Result<void> write_brain_map(BrainMap& map, const std::filesystem::path& out) {
  const std::filesystem::path recipe = out.string() + ".json";
  map.recipe["out"] = out.string();
  map.recipe["recipe"] = recipe.string();
  if (auto written = write_file(out, map.bytes); !written) return written;
  return write_file(recipe, map.recipe.dump(2) + "\n");
}

Result<Json> write_map_volume(const MapValues& values, const brain::Template& head, const std::filesystem::path& out) {
  const auto written = image::write_volume(to_volume(values.panels.front(), head), out);
  if (!written) return tl::unexpected(written.error());
  const bool ipsi = values.sides == MapSides::ipsi_contra;
  const std::filesystem::path beside = out.string() + ".json";
  Json recipe{{"figure", "values as a volume"},
              {"out", out.string()},
              {"recipe", beside.string()},
              {"sides", ipsi ? "ipsi/contra: ipsilesional drawn on the template's left hemisphere" : "left/right"},
              {"outside_regions", 0},
              {"without_value", "NaN"},
              {"data", {{"hash", values.data_hash}, {"column", values.column}}},
              {"atlas", {{"name", head.name}, {"source", head.source}}},
              {"versions", {{"ipsi", IPSI_VERSION}}},
              {"panels", panels_json(values)}};
  if (const auto done = write_file(beside, recipe.dump(2) + "\n"); !done) return tl::unexpected(done.error());
  return recipe;
}

namespace {

double number_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>() == "Inf" ? INFINITY : -INFINITY;  // as base/json.h writes them
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Eigen::Vector3d vector_of(const Json& json) {
  return {json.at(0).get<double>(), json.at(1).get<double>(), json.at(2).get<double>()};
}

render::Look look_of(const std::string& word) {
  for (const auto look : {render::Look::plain, render::Look::significant, render::Look::not_significant,
                          render::Look::untested, render::Look::excluded})
    if (word == to_string(look)) return look;
  throw std::invalid_argument("there is no look '" + word + "'");
}

MapPanel panel_of(const Json& json, bool ipsi) {
  MapPanel panel;
  panel.title = json.at("title").get<std::string>();
  for (const Json& cell : json.at("regions")) {
    const auto structure = parse_structure(cell.at("region").get<std::string>());
    if (!structure) throw std::invalid_argument("there is no region '" + cell.at("region").get<std::string>() + "'");
    const bool left = cell.at("side").get<std::string>() == (ipsi ? "ipsi" : "left");
    const Region& region = region_of(*structure, left ? Side::left : Side::right);
    panel.regions[static_cast<std::size_t>(&region - kRegions.data())] = {
        number_of(cell.at("value")), number_of(cell.at("p")), number_of(cell.at("n")),
        look_of(cell.at("look").get<std::string>())};
  }
  return panel;
}

void read_look(const Json& json, BrainMapOptions& options) {
  const auto format = format_of("." + json.at("format").get<std::string>());
  if (!format) throw std::invalid_argument("there is no format '" + json.at("format").get<std::string>() + "'");
  options.format = *format;
  for (const auto view :
       {BrainMapOptions::View::subcortical, BrainMapOptions::View::slices, BrainMapOptions::View::both})
    if (json.at("view").get<std::string>() == to_string(view)) options.view = view;
  options.width_mm = json.at("size_mm").at(0).get<double>();
  options.dpi = json.at("dpi").get<double>();
  options.transparent = json.at("background").get<std::string>() == "transparent";
  options.quantity = json.at("quantity").get<std::string>();
  options.limit = json.at("scale").at("high").get<double>();
  const auto colours = json.at("scale").at("colour_map").get<std::string>();
  options.colours = render::find_colormap(colours);
  if (options.colours == nullptr) throw std::invalid_argument("there is no colour map '" + colours + "'");
  options.alt = json.value("alt", std::string());
  if (json.contains("camera")) {
    const Json& camera = json.at("camera");
    options.camera = {camera.at("name").get<std::string>(), camera.at("title").get<std::string>(),
                      vector_of(camera.at("from")), vector_of(camera.at("up"))};
    options.brain = camera.at("brain").get<bool>();
  }
  if (json.contains("clip"))
    options.clip = render::Clip{json.at("clip").at("axis").get<int>(), json.at("clip").at("at_mm").get<double>()};
  if (options.clip && (options.clip->axis < 0 || options.clip->axis > 2))
    throw std::invalid_argument("an axis is 0, 1 or 2");
  if (json.contains("slices_mm")) {
    options.axial_mm = json.at("slices_mm").at("axial").get<double>();
    options.coronal_mm = json.at("slices_mm").at("coronal").get<double>();
  }
}

MapRecipe recipe_from(const Json& json) {
  MapRecipe out;
  read_look(json, out.options);
  const bool ipsi = json.at("sides").get<std::string>().starts_with("ipsi");
  out.values.sides = ipsi ? MapSides::ipsi_contra : MapSides::left_right;
  out.values.column = json.at("data").at("column").get<std::string>();
  out.values.data_hash = json.at("data").at("hash").get<std::string>();
  out.values.significant_p = json.at("significant_p").get<double>();
  for (const Json& panel : json.at("panels")) out.values.panels.push_back(panel_of(panel, ipsi));
  for (const MapPanel& panel : out.values.panels)
    for (const RegionValue& region : panel.regions)
      out.values.tested =
          out.values.tested || region.look == render::Look::significant || region.look == render::Look::not_significant;
  out.atlas = json.at("atlas").at("name").get<std::string>();
  out.atlas_source = json.at("atlas").at("source").get<std::string>();
  for (const auto& [name, version] : json.at("versions").items()) out.versions[name] = version.get<std::string>();
  return out;
}

}  // namespace

Result<MapRecipe> parse_map_recipe(const Json& json, const std::string& file) {
  if (!json.is_object() || json.value("figure", Json()) != "brain map")
    return fail(Code::InvalidInput, "this is not the recipe of a brain map", file,
                "choose the .json that was written beside a figure");
  try {
    return recipe_from(json);
  } catch (const std::exception& error) {  // of the JSON library, or thrown above
    return fail(Code::InvalidInput, fmt::format("the recipe cannot be used: {}", error.what()), file,
                "draw the figure anew, or correct the file");
  }
}

Result<MapRecipe> read_map_recipe(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  const Json json = Json::parse(*text, nullptr, false);
  if (json.is_discarded())
    return fail(Code::InvalidInput, "this is not JSON", path.string(),
                "choose the .json that was written beside a figure");
  return parse_map_recipe(json, path.string());
}

}  // namespace ipsi::report
