// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <unordered_map>

#include "core/base/regions.h"
#include "core/study/impl.h"

namespace ipsi::study {
namespace {

using Lines = std::vector<std::string>;
/// Rows of one table by their key as JSON text.
using Rows = std::unordered_map<std::string, Values>;

constexpr std::size_t kMostLines = 200;  // a broken study may differ in every row

void add(Lines& lines, std::string line) {
  if (lines.size() < kMostLines)
    lines.push_back(std::move(line));
  else if (lines.size() == kMostLines)
    lines.emplace_back("... and more");
}

Result<void> check_sqlite(Database& database, Lines& lines) {
  auto statement = database.prepare("PRAGMA integrity_check(20)");
  if (!statement) return tl::unexpected<Error>(statement.error());
  for (;;) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) break;
    if (const std::string text = statement->text(0); text != "ok") add(lines, "file: " + text);
  }
  auto orphans = database.prepare("PRAGMA foreign_key_check");
  if (!orphans) return tl::unexpected<Error>(orphans.error());
  for (;;) {
    const auto more = orphans->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return {};
    add(lines, fmt::format("a row of {} has no {}", orphans->text(0), orphans->text(2)));
  }
}

/// Tables, indexes and the triggers that guard the log must be those of the schema.
Result<void> check_schema(Database& database, Lines& lines) {
  Database fresh;
  if (auto ok = fresh.open_in_memory(); !ok) return ok;
  if (auto ok = migrate(fresh); !ok) return ok;
  std::map<std::string, std::string> sides[2];
  for (int side = 0; side < 2; ++side) {
    auto statement = (side == 0 ? fresh : database)
                         .prepare(
                             "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema "
                             "WHERE name NOT LIKE 'sqlite_stat%'");
    if (!statement) return tl::unexpected<Error>(statement.error());
    for (;;) {
      const auto more = statement->step();
      if (!more) return tl::unexpected<Error>(more.error());
      if (!*more) break;
      sides[side][statement->text(0)] = statement->text(1);
    }
  }
  for (const auto& [name, sql] : sides[0]) {
    const auto found = sides[1].find(name);
    if (found == sides[1].end())
      add(lines, fmt::format("schema: {} is missing", name));
    else if (found->second != sql)
      add(lines, fmt::format("schema: {} was altered", name));
  }
  for (const auto& [name, sql] : sides[1])
    if (sides[0].count(name) == 0) add(lines, fmt::format("schema: {} does not belong here", name));
  return {};
}

Result<void> check_regions(Database& database, Lines& lines) {
  auto statement = database.prepare("SELECT key, structure, side, label FROM region");
  if (!statement) return tl::unexpected<Error>(statement.error());
  std::size_t count = 0;
  for (;; ++count) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) break;
    const Region* region = find_region(statement->text(0));
    if (region == nullptr || statement->text(1) != region->structure || statement->text(2) != to_string(region->side) ||
        statement->integer(3) != region->label)
      add(lines, fmt::format("region {}: is not one of the twelve", statement->text(0)));
  }
  if (count != kRegions.size())
    add(lines, fmt::format("region: {} rows, and there are {} regions", count, kRegions.size()));
  return {};
}

Json parse(const Statement& statement, int column) {
  return statement.is_null(column) ? Json(nullptr) : Json::parse(statement.text(column), nullptr, false);
}

/// The tables as the log alone makes them.
Result<std::vector<Rows>> replay(Database& database, Lines& lines) {
  std::vector<Rows> replayed(tables().size());
  auto statement =
      database.prepare("SELECT act, ordinal, table_name, key, before, after FROM edit ORDER BY act, ordinal");
  if (!statement) return tl::unexpected<Error>(statement.error());
  for (;;) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return replayed;
    const std::string place = fmt::format("act {}, edit {}", statement->integer(0), statement->integer(1));
    const TableSpec* table = find_table(statement->text(2));
    if (table == nullptr) {
      add(lines, fmt::format("{}: there is no table '{}'", place, statement->text(2)));
      continue;
    }
    const Json key = parse(*statement, 3);
    std::optional<Values> sides[2];
    bool readable = !key.is_discarded();
    for (int side = 0; side < 2 && readable; ++side) {
      const Json rest = parse(*statement, 4 + side);
      if (rest.is_null()) continue;
      auto values =
          rest.is_discarded() ? Result<Values>(fail(Code::ReadFailed, "not JSON")) : from_json(*table, key, rest);
      readable = values.has_value();
      if (readable) sides[side] = std::move(*values);
    }
    if (!readable) {
      add(lines, place + ": cannot be read");
      continue;
    }
    Rows& rows = replayed[index_of(*table)];
    const std::string name = key_json(*table, sides[1] ? *sides[1] : *sides[0]);
    const auto found = rows.find(name);
    if ((found != rows.end()) != sides[0].has_value() || (sides[0] && found->second != *sides[0]))
      add(lines, fmt::format("{}: says that {} was {}, and the acts before it left it otherwise", place,
                             describe(*table, sides[1] ? *sides[1] : *sides[0]),
                             sides[0] ? rest_json(*table, *sides[0]) : "absent"));
    if (sides[1])
      rows[name] = std::move(*sides[1]);
    else
      rows.erase(name);
  }
}

Result<void> compare(Database& database, const TableSpec& table, Rows replayed, Lines& lines) {
  std::string columns;
  for (const auto& column : table.columns) columns += fmt::format("{}\"{}\"", columns.empty() ? "" : ", ", column.name);
  auto statement = database.prepare(fmt::format("SELECT {} FROM {}", columns, table.name));
  if (!statement) return tl::unexpected<Error>(statement.error());
  for (;;) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) break;
    const Values row = read_values(table, *statement);
    const auto found = replayed.find(key_json(table, row));
    if (found == replayed.end()) {
      add(lines, fmt::format("{}: in the table, not in the log", describe(table, row)));
      continue;
    }
    if (found->second != row)
      add(lines, fmt::format("{}: the table says {}, the log {}", describe(table, row), rest_json(table, row),
                             rest_json(table, found->second)));
    replayed.erase(found);
  }
  std::map<std::string, std::string> missing;  // sorted, so that two runs tell the same
  for (const auto& [key, row] : replayed) missing[key] = describe(table, row);
  for (const auto& [key, words] : missing) add(lines, words + ": in the log, not in the table");
  return {};
}

}  // namespace

Result<std::vector<std::string>> Study::verify() const {
  Database& database = impl_->database;
  auto transaction = Transaction::begin(database, Transaction::Kind::read);
  if (!transaction) return tl::unexpected<Error>(transaction.error());
  Lines lines;
  Result<void> ok = check_sqlite(database, lines);
  if (ok) ok = check_schema(database, lines);
  if (ok) ok = check_regions(database, lines);
  if (!ok) return tl::unexpected<Error>(ok.error());
  auto replayed = replay(database, lines);
  if (!replayed) return tl::unexpected<Error>(replayed.error());
  for (std::size_t i = 0; i < tables().size(); ++i)
    if (ok = compare(database, tables()[i], std::move((*replayed)[i]), lines); !ok)
      return tl::unexpected<Error>(ok.error());
  return lines;
}

}  // namespace ipsi::study
