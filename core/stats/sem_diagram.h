// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/spec/diagram.h"
#include "core/stats/sem.h"

namespace ipsi::stats {

enum class DiagramLabels {
  standardized,  ///< "0.45***"
  estimates,     ///< in data units, with stars
  intervals,     ///< standardised with its 95 % interval: "0.45 [0.24, 0.65]"
};

/// The path diagram of a fit: latent variables as ellipses, observed ones as boxes, lines as thick as the standardised
/// coefficient is large and grey where p >= 0.05.
[[nodiscard]] spec::Diagram sem_diagram(const SemModel& model, const SemFit& fit, DiagramLabels labels);

}  // namespace ipsi::stats
