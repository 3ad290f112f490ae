// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/study/model.h"

namespace ipsi::ingest {

/// One thing that is looked for in a study, found or not.
struct HealthCheck {
  std::string key;    ///< "zeros", "marks", "rounded_icv", "icv_range", "icv_failed", "swap", "no_age", ..
  std::string title;  ///< "Volumes of 0 in the source"
  std::string means;  ///< what it is and what was made of it
  std::vector<std::pair<std::string, std::string>> people;  ///< who, with what was found; each person once
  long long values = 0;                                     ///< values concerned; as many as people where one each
};

/// What an owner of the data should know of a study as it stands: all checks, also those that find nothing.
/// Volumes, scores and sides of all sessions; missing covariates at the first time-point.
[[nodiscard]] std::vector<HealthCheck> health_of(const study::Snapshot& snapshot);

}  // namespace ipsi::ingest
