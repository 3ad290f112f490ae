// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <string_view>

#include "core/study/impl.h"

namespace ipsi::study {
namespace {

// An act is taken back when an undo of it stands, and an undo stands until a redo takes that back.
constexpr std::string_view kUndoable = R"sql(
  SELECT a.id, a.kind, a.summary FROM act a
  WHERE a.author = ? AND a.kind NOT IN ('undo', 'redo')
    AND NOT EXISTS (SELECT 1 FROM act u WHERE u.undoes = a.id AND u.kind = 'undo'
                    AND NOT EXISTS (SELECT 1 FROM act r WHERE r.undoes = u.id AND r.kind = 'redo'))
  ORDER BY a.id DESC)sql";

// Standing undos, newest first, with the act they took back; those older than a later act of the author are lost.
constexpr std::string_view kRedoable = R"sql(
  SELECT u.id, a.kind, a.summary FROM act u JOIN act a ON a.id = u.undoes
  WHERE u.author = ? AND u.kind = 'undo'
    AND NOT EXISTS (SELECT 1 FROM act r WHERE r.undoes = u.id AND r.kind = 'redo')
  ORDER BY u.id DESC)sql";

constexpr std::string_view kForwardActs = R"sql(
  SELECT id, kind, summary FROM act WHERE author = ? AND kind NOT IN ('undo', 'redo') ORDER BY id DESC)sql";

struct Candidate {
  std::int64_t id = 0;
  std::string summary;
};

/// The first `count` acts of a query above whose kind is wanted and whose id is past `after`.
Result<std::vector<Candidate>> candidates(Database& database, std::string_view sql, const std::string& author,
                                          const std::vector<std::string>& kinds, int count, std::int64_t after = 0) {
  auto statement = database.prepare(sql);
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind(0, std::string_view(author));
  std::vector<Candidate> out;
  while (static_cast<int>(out.size()) < count) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more || statement->integer(0) <= after) break;
    if (kinds.empty() || std::find(kinds.begin(), kinds.end(), statement->text(1)) != kinds.end())
      out.push_back({statement->integer(0), statement->text(2)});
  }
  return out;
}

/// Who touched this row last; only asked for on a conflict.
std::string last_change(Database& database, const std::string& table, const std::string& key) {
  auto statement = database.prepare(
      "SELECT a.id, a.author, a.time FROM edit e JOIN act a ON a.id = e.act "
      "WHERE e.table_name = ? AND e.key = ? ORDER BY e.act DESC, e.ordinal DESC LIMIT 1");
  if (!statement) return "since";
  statement->bind(0, std::string_view(table));
  statement->bind(1, std::string_view(key));
  const auto found = statement->step();
  if (!found || !*found) return "since";
  return fmt::format("by {} (act {}, {})", statement->text(1), statement->integer(0), statement->text(2));
}

/// The row an edit speaks of, once before and once after it; nullopt where there was none.
struct BothSides {
  const TableSpec* table;
  Values key;
  std::optional<Values> before, after;
};

Result<BothSides> both_sides(const Edit& edit) {
  const TableSpec* table = find_table(edit.table);
  if (table == nullptr) return fail(Code::ReadFailed, fmt::format("the log names an unknown table '{}'", edit.table));
  BothSides sides{.table = table, .key = {}, .before = {}, .after = {}};
  auto key = from_json(*table, edit.key, Json::object());
  if (!key) return tl::unexpected<Error>(key.error());
  sides.key = std::move(*key);
  for (const bool after : {false, true}) {
    const Json& rest = after ? edit.after : edit.before;
    if (rest.is_null()) continue;
    auto values = from_json(*table, edit.key, rest);
    if (!values) return tl::unexpected<Error>(values.error());
    (after ? sides.after : sides.before) = std::move(*values);
  }
  return sides;
}

}  // namespace

Result<Act> Study::Impl::take_back(std::int64_t id, const std::string& author, std::string_view kind,
                                   const std::string& summary) {
  auto edits = edits_of(id);
  if (!edits) return tl::unexpected<Error>(edits.error());
  const Act act{.time = now_utc(),
                .author = author,
                .kind = std::string(kind),
                .summary = fmt::format("{}: {}", kind, summary),
                .undoes = id,
                .edits = {}};
  const auto logged = log_act(act);
  if (!logged) return tl::unexpected<Error>(logged.error());
  std::int64_t ordinal = 0;
  for (auto edit = edits->rbegin(); edit != edits->rend(); ++edit) {
    const auto sides = both_sides(*edit);
    if (!sides) return wrap(sides.error(), path.string());
    const auto& [table, key, before, after] = *sides;
    const auto now = stored(*table, key);
    if (!now) return tl::unexpected<Error>(now.error());
    if (*now != after)
      return fail(Code::Conflict,
                  fmt::format("the {} was changed {}, so '{}' cannot be taken back", describe(*table, key),
                              last_change(database, table->name, key_json(*table, key)), summary),
                  fmt::format("act {}", id), "set the value you want instead");
    if (auto ok = before ? put(*table, *before) : remove(*table, key); !ok) return tl::unexpected<Error>(ok.error());
    if (auto ok = log_edit(*logged, ordinal++, *table, after ? &*after : nullptr, before ? &*before : nullptr); !ok)
      return tl::unexpected<Error>(ok.error());
  }
  return read_act(id);
}

Result<Act> Study::Impl::read_act(std::int64_t id) {
  auto statement = database.prepare("SELECT time, author, kind, summary, undoes FROM act WHERE id = ?");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind(0, id);
  const auto found = statement->step();
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found) return fail(Code::NotFound, fmt::format("there is no act {}", id), path.string());
  Act act{.id = id,
          .time = statement->text(0),
          .author = statement->text(1),
          .kind = statement->text(2),
          .summary = statement->text(3),
          .undoes = statement->integer(4),
          .edits = {}};
  auto edits = edits_of(id);
  if (!edits) return tl::unexpected<Error>(edits.error());
  act.edits = std::move(*edits);
  return act;
}

Result<std::vector<Act>> Study::Impl::step_back(const std::string& author, int steps,
                                                const std::vector<std::string>& kinds, Direction direction,
                                                std::int64_t after) {
  const bool redo = direction == Direction::forward;
  if (read_only)
    return fail(Code::Environment, "the study was opened for reading only", path.string(), "open it for writing");
  if (author.empty()) return fail(Code::InvalidInput, "undo needs an author", "", "name whose acts to take back");
  if (steps < 1) return fail(Code::InvalidInput, fmt::format("{} steps", steps), "", "take back at least one");
  auto transaction = Transaction::begin(database, Transaction::Kind::write);
  if (!transaction) return tl::unexpected<Error>(transaction.error());
  if (redo) {  // an undo older than the author's newest act of these kinds has been overtaken
    const auto newest = candidates(database, kForwardActs, author, kinds, 1);
    if (!newest) return tl::unexpected<Error>(newest.error());
    if (!newest->empty()) after = std::max(after, newest->front().id);
  }
  const auto chosen = candidates(database, redo ? kRedoable : kUndoable, author, kinds, steps, after);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  if (chosen->empty())
    return fail(Code::NotFound, fmt::format("{} has nothing to {}", author, redo ? "redo" : "undo"), path.string(),
                "`ipsi study log` shows who did what");
  std::vector<Act> acts;
  for (const auto& candidate : *chosen) {
    auto act = take_back(candidate.id, author, redo ? "redo" : "undo", candidate.summary);
    if (act && redo) act = read_act(act->undoes);  // what is in effect again, not the undo that went
    if (!act) return tl::unexpected<Error>(act.error());
    acts.push_back(std::move(*act));
  }
  if (auto ok = commit(*transaction, Code::Conflict); !ok) return tl::unexpected<Error>(ok.error());
  return acts;
}

namespace {
Result<std::optional<std::string>> next_of(Database& database, std::string_view sql, const std::string& author,
                                           const std::vector<std::string>& kinds, std::int64_t after) {
  const auto chosen = candidates(database, sql, author, kinds, 1, after);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  return chosen->empty() ? std::nullopt : std::optional(chosen->front().summary);
}
}  // namespace

Result<std::optional<std::string>> Study::next_undo(const std::string& author, const std::vector<std::string>& kinds,
                                                    std::int64_t after) const {
  return next_of(impl_->database, kUndoable, author, kinds, after);
}

Result<std::optional<std::string>> Study::next_redo(const std::string& author, const std::vector<std::string>& kinds,
                                                    std::int64_t after) const {
  const auto newest = candidates(impl_->database, kForwardActs, author, kinds, 1);
  if (!newest) return tl::unexpected<Error>(newest.error());
  return next_of(impl_->database, kRedoable, author, kinds,
                 newest->empty() ? after : std::max(after, newest->front().id));
}

Result<std::vector<Act>> Study::undo(const std::string& author, int steps, const std::vector<std::string>& kinds,
                                     std::int64_t after) {
  return impl_->step_back(author, steps, kinds, Impl::Direction::back, after);
}

Result<std::vector<Act>> Study::redo(const std::string& author, int steps, const std::vector<std::string>& kinds,
                                     std::int64_t after) {
  return impl_->step_back(author, steps, kinds, Impl::Direction::forward, after);
}

}  // namespace ipsi::study
