// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/engine/analyses.h"
#include "core/table/table.h"

namespace ipsi::engine {

/// The analysed patients of an analysis table as plain columns, made once for all models of a batch.
class Frame {
 public:
  enum class Mark : std::uint8_t { none, unrated, ok, lesioned, failed };

  /// One region of one side: its volumes (mm^3) and what the raters said.
  struct Region {
    std::vector<double> volume;  ///< [n] NaN where missing or without an ipsilesional side
    std::vector<Mark> mark;      ///< [n]
  };
  /// A text column as numbers.
  struct Factor {
    std::vector<int> code;            ///< [n] index into levels; -1 = missing
    std::vector<std::string> levels;  ///< sorted, or as the column fixes them
  };

  /// @error NotFound  a column that the table of a study always has is missing
  [[nodiscard]] static Result<Frame> from(const table::Table& table);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// Rows of the table these are.
  [[nodiscard]] const std::vector<std::size_t>& table_rows() const { return rows_; }

  /// Load what an analysis needs; afterwards the getters below find it. Not for several threads at once.
  /// @error NotFound      no such column (the near ones are named)
  /// @error InvalidInput  the predictor is not a number, the random factor is not text
  [[nodiscard]] Result<void> load(const Analysis& analysis);
  [[nodiscard]] Result<void> load(const std::string& column);

  [[nodiscard]] const std::vector<double>* number(
      const std::string& column) const;                                 ///< nullptr: not numeric or not loaded
  [[nodiscard]] const Factor* factor(const std::string& column) const;  ///< nullptr: not text or not loaded
  [[nodiscard]] const Region& region(const std::string& side, const std::string& structure) const;  ///< must be loaded

  /// Positions of the patients of a time subset, in the table's order.
  [[nodiscard]] std::vector<int> members(Subset subset) const;

 private:
  table::Table table_;
  std::vector<std::size_t> rows_;
  std::vector<double> days_;
  std::map<std::string, std::vector<double>> numbers_;
  std::map<std::string, Factor> factors_;
  std::map<std::string, Region> regions_;  // "ipsi_thalamus"
};

}  // namespace ipsi::engine
