// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

#include "core/ingest/image_features.h"

namespace ipsi::ingest {
namespace {

// Raise when the same images would be measured otherwise: what older versions kept is then not read.
constexpr int kVersion = 1;

Json vector_json(const Eigen::Vector3d& v) {
  return numbers(std::array{v[0], v[1], v[2]});
}

double real(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Eigen::Vector3d vector_of(const Json& json) {
  return {real(json.at(0)), real(json.at(1)), real(json.at(2))};
}

Json shape_json(const RegionShape& s) {
  return Json::array({s.voxels, number(s.mm3), vector_json(s.centre_mm), s.pieces, number(s.largest_mm3),
                      number(s.second_mm3), s.holes, number(s.hole_mm3), number(s.surface_mm2), number(s.roughness),
                      s.at_border});
}

RegionShape shape_of(const Json& j) {
  RegionShape s;
  s.voxels = j.at(0).get<long long>();
  s.mm3 = real(j.at(1));
  s.centre_mm = vector_of(j.at(2));
  s.pieces = j.at(3).get<int>();
  s.largest_mm3 = real(j.at(4));
  s.second_mm3 = real(j.at(5));
  s.holes = j.at(6).get<int>();
  s.hole_mm3 = real(j.at(7));
  s.surface_mm2 = real(j.at(8));
  s.roughness = real(j.at(9));
  s.at_border = j.at(10).get<bool>();
  return s;
}

Json overlap_json(const RegionOverlap& o) {
  return numbers(std::array{o.region_mm3, o.overlap_mm3, o.fraction_of_region, o.fraction_of_lesion, o.distance_mm,
                            o.expected_fraction});
}

RegionOverlap overlap_of(const Json& j) {
  return {real(j.at(0)), real(j.at(1)), real(j.at(2)), real(j.at(3)), real(j.at(4)), real(j.at(5))};
}

}  // namespace

Json to_json(const ImageFeatures& features) {
  Json regions = Json::array();
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    regions.push_back(Json{{"shape", shape_json(features.shape[r])},
                           {"displaced", vector_json(features.displaced[r])},
                           {"lesion", overlap_json(features.lesion.regions[r])},
                           {"atlas", number(features.atlas[r])}});
  return Json{{"version", kVersion},
              {"has_lesion", features.has_lesion},
              {"lesion_mm3", number(features.lesion.lesion_mm3)},
              {"view", number(features.lesion.view)},
              {"resampled", features.lesion.resampled},
              {"lesion_left", number(features.lesion_left)},
              {"lesion_problem", features.lesion_problem},
              {"regions", std::move(regions)}};
}

std::optional<ImageFeatures> features_of(const Json& json) {
  try {
    if (!json.is_object() || json.value("version", 0) != kVersion) return std::nullopt;
    ImageFeatures out;
    out.has_lesion = json.at("has_lesion").get<bool>();
    out.lesion.lesion_mm3 = real(json.at("lesion_mm3"));
    out.lesion.view = real(json.at("view"));
    out.lesion.resampled = json.at("resampled").get<bool>();
    out.lesion_left = real(json.at("lesion_left"));
    out.lesion_problem = json.at("lesion_problem").get<std::string>();
    const Json& regions = json.at("regions");
    if (regions.size() != kRegions.size()) return std::nullopt;
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      out.shape[r] = shape_of(regions[r].at("shape"));
      out.displaced[r] = vector_of(regions[r].at("displaced"));
      out.lesion.regions[r] = overlap_of(regions[r].at("lesion"));
      out.atlas[r] = real(regions[r].at("atlas"));
    }
    return out;
  } catch (const Json::exception&) {  // damaged, or by another program: as if it were not there
    return std::nullopt;
  }
}

}  // namespace ipsi::ingest
