// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::table {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// One named column, immutable once in a Table. Missing: NaN in numbers, an empty string in text.
struct Column {
  enum class Kind { numeric, text, logical };
  std::string name;
  Kind kind = Kind::numeric;
  std::vector<double> values;       ///< kind numeric, logical (0, 1 or NaN)
  std::vector<std::string> texts;   ///< kind text
  std::vector<std::string> levels;  ///< text only: levels in order, first = reference; empty = sorted on use

  [[nodiscard]] std::size_t size() const { return kind == Kind::text ? texts.size() : values.size(); }
  [[nodiscard]] bool missing(std::size_t row) const;
  /// The cell as it is written to CSV: shortest number that reads back, true/false, "" when missing.
  [[nodiscard]] std::string cell(std::size_t row) const;
};

[[nodiscard]] Column numeric(std::string name, std::vector<double> values);
[[nodiscard]] Column text(std::string name, std::vector<std::string> texts, std::vector<std::string> levels = {});
[[nodiscard]] Column logical(std::string name, std::vector<double> values);

/// An immutable table: columns of equal length, shared between copies (copying costs nothing).
class Table {
 public:
  Table() = default;
  /// Columns must be of equal length and of different names.
  /// @error InvalidInput
  [[nodiscard]] static Result<Table> from(std::vector<Column> columns);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_.size(); }
  [[nodiscard]] const Column& column(std::size_t index) const { return *columns_[index]; }
  /// nullptr when there is none of that name.
  [[nodiscard]] const Column* find(std::string_view name) const;
  /// @error NotFound  names the column and those that exist
  [[nodiscard]] Result<const Column*> require(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  /// The given rows, in the given order.
  [[nodiscard]] Table select(const std::vector<std::size_t>& rows) const;
  /// With `column` added, or replaced where the name exists. Its length must be rows() (any, if the table is empty).
  [[nodiscard]] Result<Table> with(Column column) const;
  /// Only these columns, in this order.
  [[nodiscard]] Result<Table> with_only(const std::vector<std::string>& names) const;

  /// Content hash of names, kinds and cells: equal tables, equal hashes.
  [[nodiscard]] std::string hash() const;
  /// Rows as an array of objects; missing is null.
  [[nodiscard]] Json to_json() const;

 private:
  std::vector<std::shared_ptr<const Column>> columns_;
  std::size_t rows_ = 0;
};

/// Sorted distinct non-missing texts, or `levels` where the column fixes them. Numeric columns: numbers in
/// numeric order, as text.
[[nodiscard]] std::vector<std::string> levels_of(const Column& column);

}  // namespace ipsi::table
