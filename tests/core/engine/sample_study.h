// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/spec/result.h"
#include "core/study/model.h"
#include "core/study/study.h"
#include "core/table/table.h"

namespace ipsi::test {

/// The rows of a study that says what oracles/stats/enigma_sim/data.csv says: 828 patients of 28 cohorts.
[[nodiscard]] std::vector<study::Change> enigma_changes(const std::filesystem::path& data_csv);

/// A patient with everything a model needs; tests change what they are about.
struct Patient {
  std::string id, cohort = "a", sex = "female", side = "left";
  double age = 60.0, days = 400.0, icv = 1.5e6, score = 0.5;
  std::string test = "FMA-UE";
  double volume = 1000.0;              ///< of all twelve regions
  study::Flag flag = study::Flag::ok;  ///< of all twelve regions
  std::string excluded;                ///< step; empty = analysed
};
[[nodiscard]] study::Snapshot snapshot_of(const std::vector<Patient>& patients);

/// `n` patients in `cohorts` cohorts, their values from a fixed sequence of numbers without any relation.
[[nodiscard]] std::vector<Patient> many_patients(int n, int cohorts);

[[nodiscard]] table::Table table_of(const spec::ResultSet& result, const std::string& key);
[[nodiscard]] double number(const table::Table& table, const std::string& column, std::size_t row);
[[nodiscard]] std::string text(const table::Table& table, const std::string& column, std::size_t row);
/// The row of `results`-like tables with this analysis, side and region; fails the test when there is none.
[[nodiscard]] std::size_t row_of(const table::Table& table, const std::string& analysis, const std::string& side,
                                 const std::string& region);

}  // namespace ipsi::test
