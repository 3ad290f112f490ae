// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/study: one open study file.

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "core/study/rows.h"
#include "core/study/sqlite.h"
#include "core/study/study.h"

namespace ipsi::study {

inline constexpr std::int64_t kApplicationId = 0x49505349;  // "IPSI", in the header of the file

/// "" when there is none of that key.
[[nodiscard]] Result<std::string> setting_of(Database& database, const std::string& key);

/// Brings an empty or older database to the newest schema, in one transaction.
[[nodiscard]] Result<void> migrate(Database& database);
[[nodiscard]] int newest_schema();

struct Study::Impl {
  std::filesystem::path path;
  Database database;
  bool read_only = false;
  int schema = 0;

  /// Select, upsert and delete by key of one table, prepared when first used.
  struct TableStatements {
    Statement select, upsert, remove;
  };
  std::array<TableStatements, std::variant_size_v<Put>> statements;
  Statement insert_act, insert_edit;

  Result<void> connect(Access access);

  Result<std::optional<Values>> stored(const TableSpec& table, const Values& key);
  Result<void> put(const TableSpec& table, const Values& row);
  Result<void> remove(const TableSpec& table, const Values& key);

  Result<std::int64_t> log_act(const Act& act);
  Result<void> log_edit(std::int64_t act, std::int64_t ordinal, const TableSpec& table, const Values* before,
                        const Values* after);
  /// Commits; a missing parent becomes an error of `code` that names the row and its parent.
  Result<void> commit(Transaction& transaction, Code code);
  Result<std::vector<Edit>> edits_of(std::int64_t act);
  Result<Act> read_act(std::int64_t id);

  enum class Direction { back, forward };
  /// Undo or redo of `steps` acts, all in one transaction.
  Result<std::vector<Act>> step_back(const std::string& author, int steps, const std::vector<std::string>& kinds,
                                     Direction direction, std::int64_t after);
  /// Appends the inverse of act `id` as an act of `kind`, inside an open transaction. Returns act `id`.
  Result<Act> take_back(std::int64_t id, const std::string& author, std::string_view kind, const std::string& summary);

 private:
  Result<void> use_journal(Access access);
};

}  // namespace ipsi::study
