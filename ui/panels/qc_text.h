// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "ui/viewmodels/qc_state.h"

namespace ipsi::ui {

// Words of the QC workspace that several of its parts say.

[[nodiscard]] QString qc_filter_words(QcFilter filter);
/// Why the queue is empty.
[[nodiscard]] QString qc_empty_words(const QcState& state);
/// Core's plain letters as a screen has them: mm3 raised, a true minus.
[[nodiscard]] QString qc_typeset(QString words);
/// "suggested lesioned: overlap 31 % of the region, 1,240 mm3"; empty for none.
[[nodiscard]] QString qc_suggestion_words(const QcTile& tile);
/// "risk 0.97: volume z -4.1 (3,120 mm3, usual 5,480); split into 3"; empty where nothing is known.
[[nodiscard]] QString qc_risk_words(const QcTile& tile);
[[nodiscard]] QString qc_region_title(int region);

}  // namespace ipsi::ui
