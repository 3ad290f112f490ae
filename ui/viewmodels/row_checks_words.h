// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/model_checks.h"
#include "core/engine/sensitivity.h"
#include "ui/viewmodels/row_checks.h"

// How checks of a model become figures and sentences; for RowChecks only.
namespace ipsi::ui {

void add_assumptions(RowChecks::State& state, const engine::ModelChecks& checks, const stats::LmeFit& fit);
void add_influence(RowChecks::State& state, const engine::ModelChecks& checks, const stats::LmeFit& fit);
void add_robust(RowChecks::State& state, const engine::ModelChecks& checks, const engine::RegionModel& model);

void add_sensitivity(RowChecks::State& state, const engine::Sensitivity& tried, const engine::Analysis& analysis);

}  // namespace ipsi::ui
