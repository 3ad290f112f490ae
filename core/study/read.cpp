// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/impl.h"

namespace ipsi::study {
namespace {

/// All rows of the table of `Row` in the order of their keys; with `where`, those for which it holds of `parameter`.
template <class Row>
Result<void> read_rows(Database& database, std::vector<Row>& out, const std::string& where = {},
                       const std::string& parameter = {}) {
  const TableSpec& table = tables()[Put(Row()).index()];
  std::string columns, order;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", table.columns[i].name);
    if (i < table.keys) order += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", table.columns[i].name);
  }
  auto statement = database.prepare(fmt::format("SELECT {} FROM {} {} ORDER BY {}", columns, table.name, where, order));
  if (!statement) return tl::unexpected<Error>(statement.error());
  if (!where.empty()) statement->bind(0, std::string_view(parameter));
  for (;;) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return {};
    out.push_back(std::get<Row>(to_row(table, read_values(table, *statement))));
  }
}

Result<std::int64_t> newest_act(Database& database) {
  return database.integer("SELECT coalesce(max(id), 0) FROM act");
}

Result<Json> parse_cell(const Statement& statement, int column) {
  if (statement.is_null(column)) return Json(nullptr);
  Json value = Json::parse(statement.text(column), nullptr, false);
  if (value.is_discarded()) return fail(Code::ReadFailed, "the log holds text that is not JSON", "log");
  return value;
}

Result<Edit> read_edit(const Statement& statement, int first) {
  Edit edit;
  edit.table = statement.text(first);
  auto key = parse_cell(statement, first + 1);
  auto before = parse_cell(statement, first + 2);
  auto after = parse_cell(statement, first + 3);
  for (const auto* part : {&key, &before, &after})
    if (!*part) return tl::unexpected<Error>(part->error());
  edit.key = std::move(*key);
  edit.before = std::move(*before);
  edit.after = std::move(*after);
  return edit;
}

}  // namespace

Edit inverse(Edit edit) {
  std::swap(edit.before, edit.after);
  return edit;
}

Result<Snapshot> Study::snapshot() const {
  Database& database = impl_->database;
  auto transaction = Transaction::begin(database, Transaction::Kind::read);
  if (!transaction) return tl::unexpected<Error>(transaction.error());
  Snapshot out;
  Result<void> ok;
  if (ok) ok = read_rows(database, out.cohorts);
  if (ok) ok = read_rows(database, out.people);
  if (ok) ok = read_rows(database, out.sessions);
  if (ok) ok = read_rows(database, out.scans);
  if (ok) ok = read_rows(database, out.measurements);
  if (ok) ok = read_rows(database, out.scores);
  if (ok) ok = read_rows(database, out.ratings);
  if (ok) ok = read_rows(database, out.exclusions);
  if (ok) ok = read_rows(database, out.flow);
  if (ok) ok = read_rows(database, out.settings);
  if (!ok) return tl::unexpected<Error>(ok.error());
  const auto newest = newest_act(database);
  if (!newest) return tl::unexpected<Error>(newest.error());
  out.last_act = *newest;
  return out;
}

Result<Snapshot> Study::snapshot_of(const std::string& person) const {
  Database& database = impl_->database;
  auto transaction = Transaction::begin(database, Transaction::Kind::read);
  if (!transaction) return tl::unexpected<Error>(transaction.error());
  Snapshot out;
  Result<void> ok = read_rows(database, out.people, "WHERE id = ?", person);
  if (ok && !out.people.empty()) ok = read_rows(database, out.cohorts, "WHERE id = ?", out.people.front().cohort);
  const std::string of_person = "WHERE person = ?";
  if (ok) ok = read_rows(database, out.sessions, of_person, person);
  if (ok) ok = read_rows(database, out.scans, of_person, person);
  if (ok) ok = read_rows(database, out.measurements, of_person, person);
  if (ok) ok = read_rows(database, out.scores, of_person, person);
  if (ok) ok = read_rows(database, out.ratings, of_person, person);
  if (ok) ok = read_rows(database, out.exclusions, of_person, person);
  if (ok) ok = read_rows(database, out.settings);
  if (!ok) return tl::unexpected<Error>(ok.error());
  const auto newest = newest_act(database);
  if (!newest) return tl::unexpected<Error>(newest.error());
  out.last_act = *newest;
  return out;
}

Result<std::vector<Person>> Study::people() const {
  std::vector<Person> out;
  if (auto ok = read_rows(impl_->database, out); !ok) return tl::unexpected<Error>(ok.error());
  return out;
}

Result<std::vector<Rating>> Study::ratings() const {
  std::vector<Rating> out;
  if (auto ok = read_rows(impl_->database, out); !ok) return tl::unexpected<Error>(ok.error());
  return out;
}

Result<std::string> setting_of(Database& database, const std::string& key) {
  auto statement = database.prepare("SELECT value FROM setting WHERE key = ?");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind(0, std::string_view(key));
  const auto found = statement->step();
  if (!found) return tl::unexpected<Error>(found.error());
  return *found ? statement->text(0) : std::string();
}

Result<std::string> Study::setting(const std::string& key) const {
  return setting_of(impl_->database, key);
}

Result<std::int64_t> Study::last_act() const {
  return newest_act(impl_->database);
}

Result<std::vector<Edit>> Study::Impl::edits_of(std::int64_t act) {
  auto statement = database.prepare("SELECT table_name, key, before, after FROM edit WHERE act = ? ORDER BY ordinal");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind(0, act);
  std::vector<Edit> edits;
  for (;;) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return edits;
    auto edit = read_edit(*statement, 0);
    if (!edit) return wrap(edit.error(), path.string());
    edits.push_back(std::move(*edit));
  }
}

Result<std::vector<Act>> Study::log(std::int64_t after, std::size_t enough) const {
  auto statement = impl_->database.prepare(
      "SELECT a.id, a.time, a.author, a.kind, a.summary, a.undoes, e.table_name, e.key, e.before, e.after "
      "FROM act a LEFT JOIN edit e ON e.act = a.id WHERE a.id > ? ORDER BY a.id, e.ordinal");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind(0, after);
  std::vector<Act> acts;
  std::size_t edits = 0;
  for (;;) {
    const auto more = statement->step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return acts;
    const bool next = acts.empty() || acts.back().id != statement->integer(0);
    if (next && enough > 0 && edits >= enough) return acts;
    if (next)
      acts.push_back({.id = statement->integer(0),
                      .time = statement->text(1),
                      .author = statement->text(2),
                      .kind = statement->text(3),
                      .summary = statement->text(4),
                      .undoes = statement->integer(5),
                      .edits = {}});
    if (statement->is_null(6)) continue;
    auto edit = read_edit(*statement, 6);
    if (!edit) return wrap(edit.error(), impl_->path.string());
    acts.back().edits.push_back(std::move(*edit));
    ++edits;
  }
}

}  // namespace ipsi::study
