// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/engine/analyses.h"
#include "core/engine/batch_parts.h"
#include "core/engine/region_model.h"
#include "core/stats/lme_inference.h"

namespace ipsi::engine {

/// What a model with an interaction says: does the moderator change the predictor's slope, and does it matter by
/// itself.
struct Interaction {
  std::string moderator;            ///< "lesion_side"
  std::string low, high;            ///< where the slopes are given: levels, or "age 51.2" (mean - SD) and "age 74.8"
  stats::Estimate at_low, at_high;  ///< slope of the predictor there
  stats::Estimate change;           ///< of the slope: the interaction; per unit of a number
  stats::Estimate main;             ///< high against low at the predictor's mean; per unit of a number
  std::string words;                ///< the answers in two sentences
};

/// Containment df: the smallest of the coefficients that take part. Nothing where the analysis has no interaction or
/// the model no fit.
[[nodiscard]] std::optional<Interaction> interaction_of(const RegionModel& model, const Analysis& analysis,
                                                        const Frame& frame);

/// Rows of all models with an interaction: analysis, side, region, moderator, where, n, beta, se, ci_low, ci_high, p.
/// @param frames  [analyses] the frame of each
[[nodiscard]] Result<table::Table> interaction_table(const std::vector<Analysis>& analyses, const Fitted& fitted,
                                                     const std::vector<const Frame*>& frames);

}  // namespace ipsi::engine
