// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/risk_reasons.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/ingest/limits.h"
#include "core/numeric/robust.h"

namespace ipsi::ingest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Every number here stands in the table of docs/methods/risk.md.
constexpr double kStatsDiffer = 0.15;       // rule of thumb of the domain note
constexpr double kTouches = 0.01;           // of a region in the lesion
constexpr double kClearly = 0.05;           // then the lesion explains what else is wrong
constexpr double kLeastOverlapMm3 = 10;     // voxels at an edge are no overlap
constexpr double kDestroyedZ = -3.0;        // volume below which a region counts as destroyed
constexpr double kExpectedInLesion = 0.25;  // of the place where it should be
constexpr double kFaultPoints = 1.5;        // of signs that speak of the segmentation itself

bool ventricle(const RegionRisk& risk) {
  return risk.where().structure == "lateral_ventricle";
}

void add(RegionRisk& risk, Sign sign, double value, double points, std::string text) {
  risk.reasons.push_back({sign, value, points, std::move(text)});
}

double relative(double value, double against) {
  return std::abs(value - against) / against;
}

/// Share of an asymmetry that this side answers for: the one whose own volume is off in that direction.
double share_of_side(const Case& c, std::size_t region) {
  const std::size_t left = region & ~std::size_t{1};
  const double sign = c.asymmetry_z[left] < 0 ? 1.0 : -1.0;  // low: the left is small or the right is large
  const double of_left = std::max(0.0, -sign * c.z[left].z), of_right = std::max(0.0, sign * c.z[left + 1].z);
  if (!(of_left + of_right > 0.0)) return 0.5;
  const double share = (region == left ? of_left : of_right) / (of_left + of_right);
  return share < 0.25 ? 0.0 : share > 0.75 ? 1.0 : share;
}

void add_outlier(RegionRisk& risk, Sign sign, const char* rule, double low, double high) {
  constexpr double kPoints = 0.25;  // the same volume as in the z: named for those who work by these rules
  if (risk.volume_mm3 < low)
    add(risk, sign, risk.volume_mm3, kPoints,
        fmt::format("low by {} ({} mm3, limit {})", rule, whole(risk.volume_mm3), whole(low)));
  if (risk.volume_mm3 > high)
    add(risk, sign, risk.volume_mm3, kPoints,
        fmt::format("high by {} ({} mm3, limit {})", rule, whole(risk.volume_mm3), whole(high)));
}

/// Left labels on the right of right ones, in the world that the header tells.
void add_reversed(const Case& c, RegionRisk& risk) {
  if (c.features == nullptr || risk.basis != Basis::images) return;
  const auto& shape = c.features->image.shape;
  int known = 0, reversed = 0;
  const auto is_reversed = [&](std::size_t left) {
    return shape[left].voxels > 0 && shape[left + 1].voxels > 0 &&
           shape[left].centre_mm[0] > shape[left + 1].centre_mm[0];
  };
  for (std::size_t left = 0; left < shape.size(); left += 2) {
    known += shape[left].voxels > 0 && shape[left + 1].voxels > 0 ? 1 : 0;
    reversed += is_reversed(left) ? 1 : 0;
  }
  if (!is_reversed(risk.region & ~std::size_t{1})) return;
  add(risk, Sign::sides, reversed, 4.0,
      reversed == known ? fmt::format("left and right labels change sides in all {} pairs: image header or labels "
                                      "may be exchanged",
                                      known)
                        : "the left label lies to the right of the right one");
}

/// A table that fits the image crosswise and not straight.
void add_exchanged(const Case& c, RegionRisk& risk) {
  constexpr double kFits = 0.02, kMisses = 0.06;
  const std::size_t left = risk.region & ~std::size_t{1};
  const double l = c.counted[left], r = c.counted[left + 1];
  for (const auto& other : c.others) {
    const double tl = other.mm3[left], tr = other.mm3[left + 1];
    const double straight = std::abs(tl - l) + std::abs(tr - r), crossed = std::abs(tl - r) + std::abs(tr - l);
    if (!(crossed <= kFits * (l + r) && straight >= kMisses * (l + r))) continue;
    add(risk, Sign::sides, tl - tr, 3.0,
        fmt::format("{} has the volumes of left and right exchanged ({} and {} mm3, image {} and {})", other.source,
                    whole(tl), whole(tr), whole(l), whole(r)));
  }
}

void add_stats(const Case& c, RegionRisk& risk) {
  const double counted = c.counted[risk.region];
  for (const auto& other : c.others) {
    const double value = other.mm3[risk.region];
    if (!(counted > 0.0) || std::isnan(value) || relative(value, counted) <= kStatsDiffer) continue;
    int differ = 0;
    for (std::size_t r = 0; r < kRegions.size(); ++r)
      differ += c.counted[r] > 0.0 && relative(other.mm3[r], c.counted[r]) > kStatsDiffer ? 1 : 0;
    constexpr int kDifferentSubjects = 6;
    add(risk, Sign::stats, value / counted - 1.0, 1.0 + ramp(relative(value, counted), kStatsDiffer, 0.5, 1.0),
        fmt::format(
            "{} says {} mm3, the label image {} ({:+.0f} %){}", other.source, whole(value), whole(counted),
            100.0 * (value / counted - 1.0),
            differ >= kDifferentSubjects ? fmt::format("; {} regions differ: of different subjects?", differ) : ""));
  }
}

double points_of_fault(const RegionRisk& risk) {
  double sum = 0.0;
  for (const Reason& r : risk.reasons)
    if (r.sign != Sign::lesion && r.sign != Sign::tukey && r.sign != Sign::mean_sd) sum += r.points;
  return sum;
}

bool destroyed(const RegionRisk& risk) {
  const bool gone = risk.basis == Basis::images &&
                    std::ranges::any_of(risk.reasons, [](const Reason& r) { return r.sign == Sign::missing; });
  return gone || risk.z < kDestroyedZ;
}

}  // namespace

double ramp(double value, double from, double to, double most) {
  if (!(value > from)) return 0.0;
  return most * std::min(1.0, (value - from) / (to - from));
}

std::string whole(double value) {
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return value <= -0.5 ? "-" + digits : digits;
}

std::array<ImageNorm, kRegions.size()> image_norms(const std::vector<SessionFeatures>& features) {
  constexpr double kLeastSpreadMm = 0.5, kLeastRoughnessSpread = 0.02;
  constexpr double kMedianOfThree = 1.5382;  // median length of a 3D normal vector of SD 1 a side
  std::array<ImageNorm, kRegions.size()> out;
  for (std::size_t r = 0; r < out.size(); ++r) {
    std::array<std::vector<double>, 3> moved;
    std::vector<double> rough;
    for (const auto& f : features) {
      if (!f.problem.empty() || f.image.shape[r].voxels == 0) continue;
      rough.push_back(std::log(f.image.shape[r].roughness));
      for (Eigen::Index a = 0; a < 3; ++a) moved[static_cast<std::size_t>(a)].push_back(f.image.displaced[r][a]);
    }
    ImageNorm& norm = out[r];
    norm.people = static_cast<int>(rough.size());
    norm.log_roughness = norm.roughness_spread = kNaN;
    if (norm.people < kLeastForNorm) continue;
    norm.log_roughness = numeric::median(rough);
    norm.roughness_spread = std::max(kLeastRoughnessSpread, numeric::mad(rough, norm.log_roughness));
    norm.displaced = {numeric::median(moved[0]), numeric::median(moved[1]), numeric::median(moved[2])};
    std::vector<double> lengths;
    for (std::size_t i = 0; i < moved[0].size(); ++i)
      lengths.push_back((Eigen::Vector3d(moved[0][i], moved[1][i], moved[2][i]) - norm.displaced).norm());
    const double spread = numeric::median(lengths) / kMedianOfThree;
    if (std::isnan(spread))
      norm.displaced.setZero();
    else
      norm.displaced_spread = std::max(kLeastSpreadMm, spread);
  }
  return out;
}

void add_volume_reasons(const Case& c, const EnigmaLimits& limits, RegionRisk& risk) {
  constexpr double kMissing = 3.0;
  const std::size_t r = risk.region;
  const bool seen = risk.basis == Basis::images;
  if (seen && c.features->image.shape[r].voxels == 0)
    add(risk, Sign::missing, 0.0, kMissing, "no label in the image");
  else if (std::isnan(risk.volume_mm3) && !seen)
    add(risk, Sign::missing, 0.0, kMissing,
        c.volumes->note[r].empty() ? "no volume" : "no volume (" + c.volumes->note[r] + ")");
  if (!std::isnan(risk.z)) {
    const auto* plane = c.z[r].plane;
    const char* adjusted = plane->by_icv ? (plane->by_age ? "" : ", not adjusted for age")
                                         : (plane->by_age ? ", not adjusted for ICV" : ", not adjusted");
    const double points = ramp(std::abs(risk.z), 2.0, 6.0, 3.0);
    if (points > 0.0)
      add(risk, Sign::volume, risk.z, points,
          fmt::format("volume z {:+.1f} ({} mm3, usual {}{})", risk.z, whole(risk.volume_mm3), whole(risk.expected_mm3),
                      adjusted));
  }
  if (!std::isnan(risk.asymmetry_z)) {
    const double share = share_of_side(c, r), points = share * ramp(std::abs(risk.asymmetry_z), 2.0, 6.0, 2.0);
    if (points > 0.0)
      add(risk, Sign::asymmetry, risk.asymmetry_z, points,
          fmt::format("asymmetry z {:+.1f} ((L - R) / (L + R) = {:+.2f})", risk.asymmetry_z, risk.asymmetry));
  }
  add_outlier(risk, Sign::tukey, "Q1 - 1.5 IQR .. Q3 + 1.5 IQR", limits.tukey_low, limits.tukey_high);
  add_outlier(risk, Sign::mean_sd, "mean +/- 2.698 SD", limits.sd_low, limits.sd_high);
}

void add_image_reasons(const Case& c, const ImageNorm& norm, RegionRisk& risk) {
  if (risk.basis != Basis::images) return;
  const RegionShape& s = c.features->image.shape[risk.region];
  if (s.voxels == 0) return;
  constexpr double kSpeckMm3 = 10.0;
  const double split = s.second_mm3 / s.largest_mm3;
  const double of_pieces = s.second_mm3 < kSpeckMm3 ? 0.0
                           : ventricle(risk)        ? ramp(split, 0.05, 0.25, 2.0)
                                                    : ramp(split, 0.01, 0.1, 2.0);
  if (of_pieces > 0.0)
    add(risk, Sign::pieces, s.pieces, of_pieces,
        fmt::format("{} components, the second {} mm3", s.pieces, whole(s.second_mm3)));
  const double of_holes = ventricle(risk) || s.hole_mm3 < kSpeckMm3 ? 0.0 : ramp(s.hole_mm3 / s.mm3, 0.005, 0.05, 1.5);
  if (of_holes > 0.0)
    add(risk, Sign::holes, s.hole_mm3, of_holes,
        fmt::format("{} {} inside, {} mm3", s.holes, s.holes == 1 ? "hole" : "holes", whole(s.hole_mm3)));
  const double rough = (std::log(s.roughness) - norm.log_roughness) / norm.roughness_spread;
  const double of_roughness = ramp(rough, 3.0, 8.0, 2.0);
  if (of_roughness > 0.0)
    add(risk, Sign::roughness, rough, of_roughness,
        fmt::format("surface z {:+.1f} ({:.2f} times a ball's, usual {:.2f})", rough, s.roughness,
                    std::exp(norm.log_roughness)));
  const double z = risk.displaced_mm / norm.displaced_spread;
  const double of_place = ramp(z, 3.0, 6.5, 4.0);
  if (of_place > 0.0)
    add(risk, Sign::place, risk.displaced_mm, of_place,
        fmt::format("centre {:.1f} mm from where the other regions put it (usual spread {:.1f})", risk.displaced_mm,
                    norm.displaced_spread));
  if (s.at_border) add(risk, Sign::border, 1.0, 2.0, "touches the border of the image: cut off?");
  add_stats(c, risk);
}

void add_side_reasons(const Case& c, RegionRisk& risk) {
  add_reversed(c, risk);
  add_exchanged(c, risk);
  if (risk.basis != Basis::images || !c.features->image.has_lesion) return;
  const double left = c.features->image.lesion_left;
  const bool left_in_table = c.table_side == "left", right_in_table = c.table_side == "right";
  if ((left_in_table && left <= 1.0 - kOneSide) || (right_in_table && left >= kOneSide))
    add(risk, Sign::sides, left, 1.0,
        fmt::format("the table says lesion {}, {:.0f} % of the mask lies on the {}", c.table_side,
                    100.0 * std::max(left, 1.0 - left), left_in_table ? "right" : "left"));
}

void add_lesion_reasons(const Case& c, RegionRisk& risk) {
  if (risk.basis != Basis::images || !c.features->image.has_lesion) return;
  constexpr double kNearMm = 2.0;
  const RegionOverlap& o = c.features->image.lesion.regions[risk.region];
  if (risk.lesion_fraction >= kTouches && risk.lesion_mm3 >= kLeastOverlapMm3)
    add(risk, Sign::lesion, risk.lesion_fraction, 0.5 + ramp(risk.lesion_fraction, kTouches, 0.3, 1.0),
        fmt::format("overlap {:.0f} % of the region, {} mm3", 100.0 * risk.lesion_fraction, whole(risk.lesion_mm3)));
  else if (risk.lesion_distance_mm <= kNearMm)
    add(risk, Sign::lesion, risk.lesion_distance_mm, 0.25,
        risk.lesion_mm3 > 0.0 ? fmt::format("the lesion touches it, {} mm3", whole(risk.lesion_mm3))
                              : fmt::format("lesion {:.1f} mm away", risk.lesion_distance_mm));
  if (!destroyed(risk) || !(risk.expected_in_lesion >= kExpectedInLesion)) return;
  add(risk, Sign::lesion, risk.expected_in_lesion, 1.0,
      fmt::format("{:.0f} % of where it should be lies in the lesion ({})", 100.0 * risk.expected_in_lesion,
                  std::isnan(o.expected_fraction) ? "by the atlas" : "the other side, mirrored"));
}

Suggestion suggest(const RegionRisk& risk) {
  const bool overlaps = risk.lesion_fraction >= kTouches && risk.lesion_mm3 >= kLeastOverlapMm3;
  const bool clearly = overlaps && risk.lesion_fraction >= kClearly;
  const bool gone_in_lesion = destroyed(risk) && risk.expected_in_lesion >= kExpectedInLesion;
  const bool faulty = points_of_fault(risk) >= kFaultPoints;
  const auto words = [&](auto keep) {
    std::vector<std::string> parts;
    for (const Reason& r : risk.reasons)
      if (keep(r) && parts.size() < 2) parts.push_back(r.text);
    return fmt::format("{}", fmt::join(parts, "; "));
  };
  if (clearly || gone_in_lesion || (overlaps && !faulty))
    return {study::Flag::lesioned, words([](const Reason& r) { return r.sign == Sign::lesion; })};
  if (faulty) return {study::Flag::failed, words([](const Reason& r) { return r.sign != Sign::lesion; })};
  return {};
}

}  // namespace ipsi::ingest
