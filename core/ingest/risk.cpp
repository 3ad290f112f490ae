// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/risk.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/ingest/risk_reasons.h"
#include "core/numeric/robust.h"
#include "core/study/lookup.h"

namespace ipsi::ingest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double asymmetry_of(double left, double right) {
  return left > 0.0 && right > 0.0 ? (left - right) / (left + right) : kNaN;
}

/// What is usual for each pair; a structure's norm stands at its left region.
std::array<AsymmetryNorm, kRegions.size()> asymmetry_norms(const std::vector<SessionVolumes>& sessions) {
  std::array<AsymmetryNorm, kRegions.size()> out;
  for (std::size_t left = 0; left < out.size(); left += 2) {
    std::vector<double> values;
    for (const auto& s : sessions) {
      const double a = asymmetry_of(s.mm3[left], s.mm3[left + 1]);
      if (s.first && s.patient && !std::isnan(a)) values.push_back(a);
    }
    AsymmetryNorm& norm = out[left];
    norm.people = static_cast<int>(values.size());
    norm.middle = numeric::median(values);
    norm.spread = numeric::mad(values, norm.middle);
    out[left + 1] = norm;
  }
  return out;
}

using SessionKey = std::pair<std::string_view, std::string_view>;

/// Volumes by session and source, to hold against the label image.
std::map<SessionKey, std::vector<Case::Other>> other_volumes(const study::Snapshot& snapshot) {
  std::map<std::string_view, std::size_t> regions;
  for (std::size_t r = 0; r < kRegions.size(); ++r) regions[kRegions[r].key] = r;
  std::map<SessionKey, std::vector<Case::Other>> out;
  for (const auto& m : snapshot.measurements) {
    if (m.measure != "volume" || (m.source != "aseg_stats" && m.source != "enigma_csv")) continue;
    const auto region = regions.find(m.region);
    if (region == regions.end()) continue;
    auto& list = out[{m.person, m.session}];
    auto found = std::ranges::find(list, m.source, &Case::Other::source);
    if (found == list.end()) {
      list.push_back({m.source, {}});
      found = list.end() - 1;
      found->mm3.fill(kNaN);
    }
    found->mm3[region->second] = m.value;
  }
  return out;
}

/// All that a study says of what is usual.
struct Norms {
  std::array<RegionNorm, kRegions.size()> volume;
  std::array<AsymmetryNorm, kRegions.size()> asymmetry;
  std::array<ImageNorm, kRegions.size()> image;
  std::array<EnigmaLimits, kRegions.size()> enigma;
};

Norms norms_of(const std::vector<SessionVolumes>& sessions, const std::vector<SessionFeatures>& features) {
  Norms out{region_norms(sessions), asymmetry_norms(sessions), image_norms(features), {}};
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    std::vector<double> volumes;
    for (const auto& s : sessions)
      if (s.first) volumes.push_back(s.mm3[r]);
    out.enigma[r] = enigma_limits(std::move(volumes));
  }
  return out;
}

void fill_case(Case& c, const Norms& norms) {
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    c.z[r] = norms.volume[r].of(c.volumes->mm3[r], c.volumes->icv, c.volumes->age);
    const std::size_t left = r & ~std::size_t{1};
    const AsymmetryNorm& a = norms.asymmetry[r];
    const double value = asymmetry_of(c.volumes->mm3[left], c.volumes->mm3[left + 1]);
    c.asymmetry_z[r] = a.people >= kLeastForNorm && a.spread > 0.0 ? (value - a.middle) / a.spread : kNaN;
    const bool seen = c.features != nullptr && c.features->problem.empty();
    c.counted[r] = seen ? c.features->image.shape[r].mm3 : kNaN;
  }
}

void fill_numbers(const Case& c, const Norms& norms, RegionRisk& out) {
  const std::size_t r = out.region, left = r & ~std::size_t{1};
  out.volume_mm3 = c.volumes->mm3[r];
  out.z = c.z[r].z;
  out.expected_mm3 = c.z[r].expected;
  out.asymmetry = asymmetry_of(c.volumes->mm3[left], c.volumes->mm3[left + 1]);
  out.asymmetry_z = c.asymmetry_z[r];
  if (out.basis != Basis::images) return;
  const ImageFeatures& image = c.features->image;
  out.displaced_mm = (image.displaced[r] - norms.image[r].displaced).norm();
  if (!image.has_lesion) return;
  const RegionOverlap& o = image.lesion.regions[r];
  out.lesion_mm3 = o.overlap_mm3;
  out.lesion_fraction = o.fraction_of_region;
  out.lesion_share = o.fraction_of_lesion;
  out.lesion_distance_mm = o.distance_mm;
  out.expected_in_lesion = std::isnan(o.expected_fraction) ? image.atlas[r] : o.expected_fraction;
}

RegionRisk judge(const Case& c, std::size_t region, const Norms& norms) {
  RegionRisk out;
  out.person = c.volumes->person;
  out.session = c.volumes->session;
  out.region = region;
  out.basis = c.features == nullptr ? Basis::table : c.features->problem.empty() ? Basis::images : Basis::unreadable;
  fill_numbers(c, norms, out);
  add_volume_reasons(c, norms.enigma[region], out);
  add_image_reasons(c, norms.image[region], out);
  add_side_reasons(c, out);
  add_lesion_reasons(c, out);
  std::ranges::stable_sort(out.reasons, std::greater<>(), &Reason::points);
  out.suggestion = suggest(out);
  if (out.basis == Basis::table)
    out.reasons.push_back({Sign::no_image, 0.0, 0.0, "by the table alone: no label image"});
  else if (out.basis == Basis::unreadable)
    out.reasons.push_back({Sign::no_image, 0.0, 0.0, "by the table alone: " + c.features->problem});
  else if (!c.features->image.lesion_problem.empty())
    out.reasons.push_back({Sign::no_image, 0.0, 0.0, "lesion not compared: " + c.features->image.lesion_problem});
  double points = 0.0;
  for (const Reason& r : out.reasons) points += r.points;
  out.risk = 1.0 - std::exp2(-points);
  return out;
}

}  // namespace

std::string_view to_string(Sign sign) {
  switch (sign) {
    case Sign::missing: return "missing";
    case Sign::volume: return "volume";
    case Sign::asymmetry: return "asymmetry";
    case Sign::pieces: return "pieces";
    case Sign::holes: return "holes";
    case Sign::roughness: return "roughness";
    case Sign::place: return "place";
    case Sign::border: return "border";
    case Sign::stats: return "stats";
    case Sign::sides: return "sides";
    case Sign::lesion: return "lesion";
    case Sign::tukey: return "tukey";
    case Sign::mean_sd: return "mean_sd";
    case Sign::no_image: return "no_image";
  }
  return "";
}

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::images: return "images";
    case Basis::table: return "table";
    case Basis::unreadable: return "unreadable";
  }
  return "";
}

std::vector<RegionRisk> assess_risk(const study::Snapshot& snapshot, const std::vector<SessionFeatures>& features) {
  const auto sessions = session_volumes(snapshot, study::options_of(snapshot));
  const Norms norms = norms_of(sessions, features);
  const auto others = other_volumes(snapshot);
  std::map<SessionKey, const SessionFeatures*> images;
  for (const auto& f : features) images[{f.person, f.session}] = &f;
  std::map<std::string_view, std::string> sides;
  for (const auto& person : snapshot.people) sides[person.id] = person.lesion_side;
  std::vector<RegionRisk> out;
  for (const auto& volumes : sessions) {
    Case c;
    c.volumes = &volumes;
    const auto image = images.find({volumes.person, volumes.session});
    if (image != images.end()) c.features = image->second;
    const bool known = std::ranges::any_of(volumes.mm3, [](double v) { return !std::isnan(v); }) ||
                       std::ranges::any_of(volumes.note, [](const std::string& n) { return !n.empty(); });
    if (!known && c.features == nullptr) continue;
    c.table_side = sides[volumes.person];
    if (const auto found = others.find({volumes.person, volumes.session}); found != others.end())
      c.others = found->second;
    fill_case(c, norms);
    for (std::size_t r = 0; r < kRegions.size(); ++r) out.push_back(judge(c, r, norms));
  }
  std::ranges::stable_sort(out, [](const RegionRisk& a, const RegionRisk& b) {
    if (a.risk != b.risk) return a.risk > b.risk;
    if (a.person != b.person) return study::natural_less(a.person, b.person);
    if (a.session != b.session) return study::natural_less(a.session, b.session);
    return a.region < b.region;
  });
  return out;
}

}  // namespace ipsi::ingest
