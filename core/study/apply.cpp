// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/study/impl.h"

namespace ipsi::study {
namespace {

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

std::string where_key(const TableSpec& table) {
  std::string out;
  for (std::size_t i = 0; i < table.keys; ++i)
    out += (i == 0 ? " WHERE " : " AND ") + quoted(table.columns[i].name) + " = ?";
  return out;
}

std::string select_sql(const TableSpec& table) {
  std::string columns;
  for (const auto& column : table.columns) columns += (columns.empty() ? "" : ", ") + quoted(column.name);
  return "SELECT " + columns + " FROM " + table.name + where_key(table);
}

std::string upsert_sql(const TableSpec& table) {
  std::string columns, marks, keys, sets;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name = quoted(table.columns[i].name);
    columns += (i == 0 ? "" : ", ") + name;
    marks += i == 0 ? "?" : ", ?";
    if (i < table.keys)
      keys += (i == 0 ? "" : ", ") + name;
    else
      sets += (i == table.keys ? "" : ", ") + name + " = excluded." + name;
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}", table.name, columns, marks,
                     keys, sets);
}

/// The statement, prepared when first asked for.
Result<Statement*> prepared(Database& database, Statement& statement, const auto& sql) {
  if (!statement) {
    auto made = database.prepare(sql());
    if (!made) return tl::unexpected<Error>(made.error());
    statement = std::move(*made);
  }
  return &statement;
}

/// A child table whose rows point at a parent.
struct Reference {
  const char* child;
  std::vector<std::string> columns;
  const char* parent;
  std::vector<std::string> keys;
};

const std::vector<Reference>& references() {
  static const std::vector<Reference> all{
      {"person", {"cohort"}, "cohort", {"id"}},
      {"session", {"person"}, "person", {"id"}},
      {"scan", {"person", "session"}, "session", {"person", "label"}},
      {"measurement", {"person", "session"}, "session", {"person", "label"}},
      {"score", {"person", "session"}, "session", {"person", "label"}},
      {"rating", {"person", "session"}, "session", {"person", "label"}},
      {"exclusion", {"person"}, "person", {"id"}},
  };
  return all;
}

std::string parent_words(const Reference& reference, const TableSpec& child, const Values& row) {
  const TableSpec& parent = *find_table(reference.parent);
  Values key = empty_row(parent);
  for (std::size_t i = 0; i < reference.columns.size(); ++i)
    for (std::size_t c = 0; c < child.columns.size(); ++c)
      if (child.columns[c].name == reference.columns[i]) key[i] = row[c];
  return describe(parent, key);
}

/// Names a row whose parent is missing, and that parent. Only looked for once a commit has failed.
Error name_orphan(Database& database, Code code, const Error& fallback) {
  for (const auto& reference : references()) {
    const TableSpec& child = *find_table(reference.child);
    std::string columns, match, present;
    for (const auto& column : child.columns) columns += (columns.empty() ? "c." : ", c.") + quoted(column.name);
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
      match +=
          fmt::format("{}p.{} = c.{}", i == 0 ? "" : " AND ", quoted(reference.keys[i]), quoted(reference.columns[i]));
      present += fmt::format("c.{} IS NOT NULL AND ", quoted(reference.columns[i]));
    }
    auto statement =
        database.prepare(fmt::format("SELECT {} FROM {} c WHERE {} NOT EXISTS (SELECT 1 FROM {} p WHERE {}) LIMIT 1",
                                     columns, child.name, present, reference.parent, match));
    if (!statement) return fallback;
    const auto found = statement->step();
    if (!found) return fallback;
    if (!*found) continue;
    const Values row = read_values(child, *statement);
    const std::string parent = parent_words(reference, child, row);
    return {code, fmt::format("{} needs {}, which would not be in the study", describe(child, row), parent), "",
            fmt::format("add the {} as well, or take out what needs it first", reference.parent)};
  }
  return fallback;
}

}  // namespace

Result<std::optional<Values>> Study::Impl::stored(const TableSpec& table, const Values& key) {
  auto statement = prepared(database, statements[index_of(table)].select, [&] { return select_sql(table); });
  if (!statement) return tl::unexpected<Error>(statement.error());
  for (std::size_t i = 0; i < table.keys; ++i) (*statement)->bind_value(static_cast<int>(i), key[i]);
  const auto found = (*statement)->step();
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found) return std::optional<Values>();
  std::optional<Values> row = read_values(table, **statement);
  (*statement)->reset();
  return row;
}

Result<void> Study::Impl::put(const TableSpec& table, const Values& row) {
  auto statement = prepared(database, statements[index_of(table)].upsert, [&] { return upsert_sql(table); });
  if (!statement) return tl::unexpected<Error>(statement.error());
  for (std::size_t i = 0; i < row.size(); ++i) (*statement)->bind_value(static_cast<int>(i), row[i]);
  return (*statement)->run();
}

Result<void> Study::Impl::remove(const TableSpec& table, const Values& key) {
  auto statement = prepared(database, statements[index_of(table)].remove,
                            [&] { return "DELETE FROM " + table.name + where_key(table); });
  if (!statement) return tl::unexpected<Error>(statement.error());
  for (std::size_t i = 0; i < table.keys; ++i) (*statement)->bind_value(static_cast<int>(i), key[i]);
  return (*statement)->run();
}

Result<std::int64_t> Study::Impl::log_act(const Act& act) {
  auto statement = prepared(database, insert_act, [] {
    return "INSERT INTO act (id, time, author, kind, summary, undoes) "
           "VALUES ((SELECT coalesce(max(id), 0) + 1 FROM act), ?, ?, ?, ?, ?) RETURNING id";
  });
  if (!statement) return tl::unexpected<Error>(statement.error());
  Statement& insert = **statement;
  insert.bind(0, act.time);
  insert.bind(1, act.author);
  insert.bind(2, act.kind);
  insert.bind(3, act.summary);
  if (act.undoes == 0)
    insert.bind_null(4);
  else
    insert.bind(4, act.undoes);
  if (const auto row = insert.step(); !row) return tl::unexpected<Error>(row.error());
  const std::int64_t id = insert.integer(0);
  if (auto ok = insert.run(); !ok) return tl::unexpected<Error>(ok.error());
  return id;
}

Result<void> Study::Impl::log_edit(std::int64_t act, std::int64_t ordinal, const TableSpec& table, const Values* before,
                                   const Values* after) {
  auto statement = prepared(database, insert_edit, [] {
    return "INSERT INTO edit (act, ordinal, table_name, key, before, after) VALUES (?, ?, ?, ?, ?, ?)";
  });
  if (!statement) return tl::unexpected<Error>(statement.error());
  Statement& insert = **statement;
  const std::string key = key_json(table, after != nullptr ? *after : *before);
  const std::string was = before != nullptr ? rest_json(table, *before) : std::string();
  const std::string is = after != nullptr ? rest_json(table, *after) : std::string();
  insert.bind(0, act);
  insert.bind(1, ordinal);
  insert.bind(2, std::string_view(table.name));
  insert.bind(3, std::string_view(key));
  if (before != nullptr)
    insert.bind(4, std::string_view(was));
  else
    insert.bind_null(4);
  if (after != nullptr)
    insert.bind(5, std::string_view(is));
  else
    insert.bind_null(5);
  return insert.run();
}

Result<void> Study::Impl::commit(Transaction& transaction, Code code) {
  auto ok = transaction.commit();
  if (ok || !is_foreign_key_failure(database.last_code())) return ok;
  return tl::unexpected<Error>(name_orphan(database, code, ok.error()));
}

Result<std::int64_t> Study::apply(const Request& request) {
  if (impl_->read_only)
    return fail(Code::Environment, "the study was opened for reading only", impl_->path.string(),
                "open it for writing");
  if (request.author.empty() || request.kind.empty())
    return fail(Code::InvalidInput, "a change needs an author and a kind", request.summary, "name who makes it");
  if (request.kind == "undo" || request.kind == "redo")
    return fail(Code::InvalidInput, fmt::format("the kind '{}' belongs to the log itself", request.kind),
                request.summary, "name another kind");
  auto transaction = Transaction::begin(impl_->database, Transaction::Kind::write);
  if (!transaction) return tl::unexpected<Error>(transaction.error());

  if (request.based_on >= 0) {
    const auto newest = impl_->database.integer("SELECT coalesce(max(id), 0) FROM act");
    if (!newest) return newest;
    if (*newest != request.based_on)
      return fail(Code::Conflict, fmt::format("the study has changed since act {}", request.based_on),
                  impl_->path.string(), "look at it again");
  }

  Act act{.time = now_utc(), .author = request.author, .kind = request.kind, .summary = request.summary, .edits = {}};
  std::int64_t ordinal = 0;
  for (const auto& change : request.changes) {
    const auto* put = std::get_if<Put>(&change);
    const Put& row = put != nullptr ? *put : std::get<Remove>(change).row;
    const TableSpec& table = tables()[row.index()];
    Values after = to_values(row);
    if (put != nullptr)
      if (auto ok = check_row(row, table, after); !ok) return tl::unexpected<Error>(ok.error());
    const auto before = impl_->stored(table, after);
    if (!before) return tl::unexpected<Error>(before.error());
    if (put != nullptr) {
      if (const auto* rating = std::get_if<Rating>(&row); rating != nullptr && rating->time.empty()) {
        constexpr std::size_t kTime = 6;  // a rating without a time is of now, or of when the same was said before
        after[kTime] = before->has_value() ? (**before)[kTime] : Value(act.time);
        if (before->has_value() && **before != after)
          after[kTime] = time_after(std::get<std::string>((**before)[kTime]), act.time);
      }
      if (*before == after) continue;
    } else if (!before->has_value()) {
      continue;
    }
    if (act.id == 0) {
      const auto id = impl_->log_act(act);
      if (!id) return id;
      act.id = *id;
    }
    const Values* was = before->has_value() ? &**before : nullptr;
    if (auto ok = put != nullptr ? impl_->put(table, after) : impl_->remove(table, after); !ok)
      return tl::unexpected<Error>(ok.error());
    if (auto ok = impl_->log_edit(act.id, ordinal++, table, was, put != nullptr ? &after : nullptr); !ok)
      return tl::unexpected<Error>(ok.error());
  }
  if (act.id == 0) return 0;
  if (auto ok = impl_->commit(*transaction, Code::InvalidInput); !ok) return tl::unexpected<Error>(ok.error());
  return act.id;
}

}  // namespace ipsi::study
