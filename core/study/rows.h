// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/study: the rows of model.h as tables of cells, so that storing, logging, undoing and verifying are
// written once for all tables.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/study/sqlite.h"
#include "core/study/study.h"

namespace ipsi::study {

enum class CellType { text, integer, real };

struct ColumnSpec {
  std::string name;
  CellType type = CellType::text;
  bool key = false;
  bool reference = false;  ///< an empty text is stored as NULL: it points nowhere
};

/// A table of the database. Columns are in the order of the struct in model.h; the first `keys` are its key.
struct TableSpec {
  std::string name;
  std::vector<ColumnSpec> columns;
  std::size_t keys = 0;
};

/// All tables, parents before children; the index is that of the alternative in Put.
[[nodiscard]] const std::vector<TableSpec>& tables();
/// nullptr when there is none of that name.
[[nodiscard]] const TableSpec* find_table(std::string_view name);
[[nodiscard]] std::size_t index_of(const TableSpec& table);

[[nodiscard]] Values to_values(const Put& row);
[[nodiscard]] Put to_row(const TableSpec& table, const Values& values);
[[nodiscard]] Values read_values(const TableSpec& table, const Statement& statement);

/// Equal cells; used to leave out what changes nothing.
[[nodiscard]] bool equal_rows(const TableSpec& table, const Values& a, const Values& b);

/// The key columns as a JSON object, compact text.
[[nodiscard]] std::string key_json(const TableSpec& table, const Values& values);
/// The other columns as a JSON object, compact text.
[[nodiscard]] std::string rest_json(const TableSpec& table, const Values& values);
/// Both back into cells. `rest` may lack columns that a later schema added: they get their empty value.
/// @error ReadFailed  not what this version writes
[[nodiscard]] Result<Values> from_json(const TableSpec& table, const Json& key, const Json& rest);
/// Cells of the key columns alone, the others empty.
[[nodiscard]] Values empty_row(const TableSpec& table);

/// "rating of left_thalamus, sub-0012, session 1, by A": the row for people.
[[nodiscard]] std::string describe(const TableSpec& table, const Values& values);

/// The rules that the schema also keeps, told in words.
/// @error InvalidInput  names the row, the field and the value
[[nodiscard]] Result<void> check_row(const Put& row, const TableSpec& table, const Values& values);

}  // namespace ipsi::study
