// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/atlas_place.h"

#include <cmath>

#include "core/brain/atlas.h"
#include "core/image/geometry.h"
#include "tests/core/ingest/balls.h"

namespace ipsi::ingest {
namespace {

Centres atlas_centres() {
  Centres out;
  for (std::size_t r = 0; r < out.size(); ++r) out[r] = atlas_places()[r].centre_mm;
  return out;
}

Eigen::Affine3d some_head() {
  Eigen::Affine3d map = Eigen::Affine3d::Identity();
  map.translate(Eigen::Vector3d(4, -20, 11));
  map.rotate(Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 0.5).normalized()));
  map.scale(Eigen::Vector3d(1.1, 0.93, 1.04));
  return map;
}

TEST(AtlasFit, FindsAnyAffineHead) {
  const Eigen::Affine3d map = some_head();
  Centres centres = atlas_centres();
  for (auto& c : centres) c = map * c;
  const auto fit = fit_atlas(centres);
  ASSERT_TRUE(fit);
  EXPECT_TRUE(fit->to_person.isApprox(map.matrix(), 1e-9));
  EXPECT_EQ(fit->regions, 12);
  for (const auto& d : displacements(centres)) EXPECT_LT(d.norm(), 1e-9);
}

TEST(AtlasFit, TellsWhichRegionMoved) {
  const Eigen::Affine3d map = some_head();
  for (std::size_t moved = 0; moved < kRegions.size(); ++moved) {
    Centres centres = atlas_centres();
    const Eigen::Vector3d by(3, 5, -4);
    centres[moved] += by;
    for (auto& c : centres) c = map * c;
    const Centres found = displacements(centres);
    EXPECT_TRUE(found[moved].isApprox(by, 1e-6)) << kRegions[moved].key << ": " << found[moved].transpose();
    for (std::size_t r = 0; r < found.size(); ++r)
      if (r != moved) {
        EXPECT_LT(found[r].norm(), by.norm()) << kRegions[r].key << " beside " << kRegions[moved].key;
      }
  }
}

TEST(AtlasFit, IsNotGivenByTooFewCentres) {
  Centres centres = atlas_centres();
  for (std::size_t r = 5; r < centres.size(); ++r) centres[r].setConstant(std::nan(""));
  EXPECT_FALSE(fit_atlas(centres));
  for (const auto& d : displacements(centres)) EXPECT_TRUE(std::isnan(d[0]));
}

TEST(AtlasPlaces, AreThoseOfTheAtlas) {
  if (brain::mricron_dir().empty()) GTEST_SKIP() << "needs the Debian package mricron-data";
  const auto atlas = brain::load_colin27({});
  ASSERT_OK(atlas);
  const auto stats = image::label_stats(atlas->regions, nullptr);
  ASSERT_OK(stats);
  for (const auto& s : *stats) {
    const Region* region = region_of_label(s.label);
    ASSERT_NE(region, nullptr);
    const AtlasPlace& place = atlas_places()[static_cast<std::size_t>(region - kRegions.data())];
    EXPECT_NEAR(place.mm3, s.mm3, 0.5) << region->key;
    EXPECT_LT((place.centre_mm - s.centre_mm).norm(), 0.1) << region->key;
  }
  // Volume of the solid ellipsoid of equal moments, against the region's: how far it may stand for it.
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const double ellipsoid =
        4.0 / 3.0 * M_PI * std::pow(5.0, 1.5) * std::sqrt(atlas_places()[r].spread_mm2.determinant());
    EXPECT_GT(ellipsoid / atlas_places()[r].mm3, 0.95) << kRegions[r].key;
    EXPECT_TRUE(atlas_places()[r].inside(atlas_places()[r].centre_mm));
  }
}

}  // namespace
}  // namespace ipsi::ingest
