// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "core/engine/live.h"
#include "ui/viewmodels/model_analysis.h"
#include "ui/viewmodels/text.h"

// How Model turns fits into rows and figures; for its view-models only.
namespace ipsi::ui {

/// Whether a column is there and holds anything: what a form may offer.
[[nodiscard]] bool has_values(const table::Table& people, const std::string& column);
[[nodiscard]] QString sentence(QString words);  ///< with a capital
/// "Age", "Impairment (FMA-UE)": a column of the analysis table for people.
[[nodiscard]] QString title_of_column(const std::string& column);
/// "Chronic", "All times".
[[nodiscard]] QString subset_title(study::Subgroup subset);
/// "Chronic, sensorimotor behaviour by lesion side".
[[nodiscard]] QString title_of_analysis(const engine::Analysis& analysis);
/// "Ipsilesional putamen".
[[nodiscard]] QString title_of_row(const QString& side, const QString& title);

/// Rows of one analysis, in the engine's order.
[[nodiscard]] std::vector<ModelAnalysis::Row> rows_of(const engine::Live& live, int analysis);

/// Residuals against fitted, and normal quantiles of people and cohorts.
void add_diagnostics(ModelAnalysis::State& state, const engine::Live& live, const engine::Diagnostics& d);
/// The scatter of partial residuals with one cohort coloured: state.cohort, or the largest where that has nobody.
void add_scatter(ModelAnalysis::State& state, const engine::Live& live, const engine::RegionModel& model,
                 const engine::Diagnostics& d);

}  // namespace ipsi::ui
