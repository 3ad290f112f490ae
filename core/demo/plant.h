// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/demo/cohort.h"
#include "core/study/model.h"

namespace ipsi::demo {

/// Region of a model: 0..5 ipsilesional, 6..11 contralesional, in the order of kStructures.
inline constexpr std::size_t kModelRegions = 12;
[[nodiscard]] constexpr std::size_t model_region(std::size_t structure, bool ipsi) {
  return structure + (ipsi ? 0 : 6);
}
/// Index into kRegions of a model region for a lesion on this side.
[[nodiscard]] std::size_t anatomical(std::size_t model_region, Side lesion_side);

/// What is known of the twelve regions of one person; arrays follow kRegions.
struct Brain {
  std::array<double, 12> volume_mm3{};  ///< whole mm^3
  std::array<study::Flag, 12> flag{};   ///< ok, lesioned or failed
};

/// A brain that is fixed beforehand (its images exist): the others make up for it so that every n stays as published.
struct KnownBrain {
  std::size_t person = 0;
  Brain brain;
};

/// The truth of one region in one group: volume in SD = beta score + age + icv + sex effects + cohort + residual.
struct Truth {
  double beta = 0;                      ///< per unit of score, response of SD 1 over exactly the rows of the model
  double age = 0, icv = 0, female = 0;  ///< per 14 years, per 0.15 L, women against men
  double tau = 0, sigma = 0;            ///< SD of cohort intercepts and of residuals
  double expected_se = 0;               ///< of beta by generalised least squares, from this very design
  int n = 0, n_cohorts = 0;             ///< rows and cohorts that are left
};

/// What was planted: everyone's brain, and the truth of each model region for those who can be fitted.
struct Planted {
  std::vector<Brain> brains;                        ///< one per person
  std::vector<std::array<double, 12>> intact_mm3;   ///< before lesion and failure changed anything; kRegions order
  std::array<Truth, kModelRegions> chronic, early;  ///< days 180 or more, 0-21
  std::array<Truth, kModelRegions> late;            ///< days 22-90; tuned for the whole subacute group, early included
};

/// Ratings: who is left out of which region.
///
/// Per region exactly the published number stays in each of: early, subacute, chronic, chronic with FMA-UE, chronic
/// with an activity measure; whole cohorts drop out as the published df imply. Larger lesions and lower scores are left
/// out more often; nothing depends on the volume itself, so that the planted effects stay what they are.
[[nodiscard]] std::vector<std::array<study::Flag, 12>> draw_flags(const Published& published,
                                                                  const std::vector<Person>& people, std::uint64_t seed,
                                                                  const std::vector<KnownBrain>& known);

/// Ratings and volumes of everyone.
///
/// For the rows of each chronic and early model the residual SD is set so that the expected standard error of beta,
/// computed by generalised least squares from this very design, is the published one, and the covariate effects so
/// that the response has SD 1: hence the expected t is the published t. Days 22-90 are then set so that the subacute
/// group expects its own. Where the design cannot give both (the
/// published table is rounded and its designs are unknown), SD 1 is kept and `expected_se` says what came out.
[[nodiscard]] Planted plant(const Published& published, const std::vector<Person>& people, std::uint64_t seed,
                            const std::vector<KnownBrain>& known = {});

}  // namespace ipsi::demo
