// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stats/design.h"
#include "core/stats/sem_model.h"
#include "core/table/table.h"

namespace ipsi::stats {

/// A path model met with a table.
struct SemData {
  Eigen::MatrixXd rows;                  ///< [n x p] complete rows, columns as model.observed
  std::vector<std::size_t> used;         ///< [n] rows of the table
  std::vector<Design::Dropped> dropped;  ///< by the first variable that is missing
  std::vector<std::string> remarks;      ///< how texts were coded
};

/// Numbers and truths as they are; an observed predictor that holds two texts becomes 0 (first level) and 1.
/// @error NotFound      a variable is no column
/// @error InvalidInput  texts that are not such a predictor; no row is complete (says which variable leaves most out)
[[nodiscard]] Result<SemData> sem_data(const SemModel& model, const table::Table& data);

}  // namespace ipsi::stats
