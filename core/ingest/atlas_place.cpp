// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/atlas_place.h"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/numeric/robust.h"

namespace ipsi::ingest {
namespace {

constexpr int kLeastCentres = 6;  // an affine map takes four; what is over tells which of them to doubt
constexpr double kDoubtMm = 1.5;  // spread of honest centres around the map, at least: heads differ in shape

AtlasPlace place(double mm3, const Eigen::Vector3d& centre, const std::array<double, 6>& c) {
  AtlasPlace out{mm3, centre, {}};
  out.spread_mm2 << c[0], c[3], c[4], c[3], c[1], c[5], c[4], c[5], c[2];
  return out;
}

bool known(const Eigen::Vector3d& centre) {
  return centre.allFinite();
}

/// Ventricles move with atrophy and lesions: they lead the map less than the nuclei do.
double trust(std::size_t region) {
  return kRegions[region].structure == "lateral_ventricle" ? 0.25 : 1.0;
}

}  // namespace

bool AtlasPlace::inside(const Eigen::Vector3d& at_mm) const {
  const Eigen::Vector3d d = at_mm - centre_mm;
  return d.dot(spread_mm2.inverse() * d) <= 5.0;
}

const std::array<AtlasPlace, kRegions.size()>& atlas_places() {
  // Moments of the twelve labels; tests/core/ingest/atlas_place_test.cpp compares them with the atlas itself.
  static const std::array<AtlasPlace, kRegions.size()> places{
      place(8060, {-12.0, -18.5, 7.5}, {27, 50, 30, 15, 2, 5}),
      place(7906, {12.4, -17.7, 7.5}, {27, 48, 29, -15, 0, 4}),
      place(5144, {-12.8, 10.5, 9.1}, {16, 94, 82, 12, -21, -64}),
      place(5346, {14.0, 12.0, 8.8}, {14, 92, 74, -4, 14, -60}),
      place(6324, {-25.3, 3.3, 1.4}, {19, 79, 36, 26, -6, -16}),
      place(6681, {26.7, 4.2, 1.1}, {21, 81, 34, -26, 5, -17}),
      place(2071, {-19.2, -1.4, 0.4}, {16, 28, 11, 16, 0, 1}),
      place(2063, {20.5, -0.8, 0.3}, {16, 28, 12, -16, -1, 3}),
      place(715, {-10.6, 9.4, -9.5}, {12, 8, 5, 0, 5, 1}),
      place(725, {10.6, 10.0, -9.0}, {11, 8, 5, 0, -4, 0}),
      place(11837, {-14.0, -12.8, 16.3}, {76, 578, 62, 167, 4, -34}),
      place(10120, {13.2, -11.1, 16.4}, {72, 480, 61, -144, -4, -43}),
  };
  return places;
}

std::optional<AtlasFit> fit_atlas(const Centres& centres, std::optional<std::size_t> without) {
  std::vector<std::size_t> used;
  for (std::size_t r = 0; r < centres.size(); ++r)
    if (known(centres[r]) && r != without) used.push_back(r);
  if (static_cast<int>(used.size()) < kLeastCentres) return std::nullopt;
  const auto n = static_cast<Eigen::Index>(used.size());
  Eigen::MatrixXd x(n, 4), y(n, 3);
  Eigen::VectorXd weight(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const std::size_t r = used[static_cast<std::size_t>(i)];
    x.row(i) << atlas_places()[r].centre_mm.transpose(), 1.0;
    y.row(i) = centres[r].transpose();
    weight[i] = trust(r);
  }
  Eigen::MatrixXd map;
  for (int step = 0; step < 30; ++step) {
    const Eigen::VectorXd root = weight.cwiseSqrt();
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(root.asDiagonal() * x);
    if (qr.rank() < 4) return std::nullopt;
    const Eigen::MatrixXd before = map;
    map = qr.solve(root.asDiagonal() * y);
    if (step > 0 && (map - before).norm() < 1e-9 * map.norm()) break;
    const Eigen::VectorXd far = (y - x * map).rowwise().norm();
    const double scale = std::max(kDoubtMm, numeric::mad({far.data(), far.data() + far.size()}, 0.0));
    for (Eigen::Index i = 0; i < n; ++i) {
      const double u = far[i] / (4.685 * scale);
      weight[i] = trust(used[static_cast<std::size_t>(i)]) * (u < 1.0 ? (1.0 - u * u) * (1.0 - u * u) : 0.0);
    }
  }
  AtlasFit out;
  out.to_person.topRows<3>() = map.transpose();
  if (std::abs(out.to_person.topLeftCorner<3, 3>().determinant()) < 1e-3) return std::nullopt;
  for (Eigen::Index i = 0; i < n; ++i)
    out.weight[used[static_cast<std::size_t>(i)]] = weight[i] / trust(used[static_cast<std::size_t>(i)]);
  out.regions = static_cast<int>(n);
  return out;
}

Centres displacements(const Centres& centres) {
  Centres out;
  for (std::size_t r = 0; r < centres.size(); ++r) {
    out[r].setConstant(std::numeric_limits<double>::quiet_NaN());
    if (!known(centres[r])) continue;
    const auto fit = fit_atlas(centres, r);
    if (!fit) continue;
    const Eigen::Vector4d at = fit->to_person.inverse() * centres[r].homogeneous();
    out[r] = at.head<3>() - atlas_places()[r].centre_mm;
  }
  return out;
}

}  // namespace ipsi::ingest
