// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/draft.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.h"
#include "core/ingest/behaviour.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;
namespace {

std::string keyed(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out += part;
    out += '\x1f';
  }
  return out;
}

/// NaN equals NaN, text by value: has anything to be written?
template <class Row>
void overlay(Rows<Row>& rows, std::set<std::string>& touched, std::string_view kind, Row row) {
  std::string key = key_of(row);
  touched.insert(std::string(kind) + key);
  rows.insert_or_assign(std::move(key), std::move(row));
}

void keep(std::string& field, const std::string& old) {
  if (field.empty()) field = old;
}
void keep(double& field, double old) {
  if (std::isnan(field)) field = old;
}

}  // namespace

std::string key_of(const study::Cohort& row) {
  return keyed({row.id});
}
std::string key_of(const study::Person& row) {
  return keyed({row.id});
}
std::string key_of(const study::Session& row) {
  return keyed({row.person, row.label});
}
std::string key_of(const study::Scan& row) {
  return keyed({row.person, row.session, row.kind});
}
std::string key_of(const study::Measurement& row) {
  return keyed({row.person, row.session, row.region, row.measure, row.source});
}
std::string key_of(const study::Score& row) {
  return keyed({row.person, row.session, row.test});
}
std::string key_of(const study::Rating& row) {
  return keyed({row.person, row.session, row.region, row.rater});
}
std::string key_of(const study::Setting& row) {
  return keyed({row.key});
}

bool is_mark(std::string_view cell) {
  const std::string word = to_lower(trim(cell));
  static constexpr std::array<std::string_view, 10> kMarks{"",  "x", "na",   "nan",  "n/a",
                                                           ".", "-", "#n/a", "null", "none"};
  return std::ranges::find(kMarks, word) != kMarks.end();
}

bool is_iso_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U})
    if (text[i] < '0' || text[i] > '9') return false;
  const int month = (text[5] - '0') * 10 + (text[6] - '0');
  const int day = (text[8] - '0') * 10 + (text[9] - '0');
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         (text.size() == 10 || text[10] == 'T' || text[10] == ' ');
}

std::string counted(long long n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

int find_column(const table::Sheet& sheet, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < sheet.header.size(); ++i)
      if (plain_name(sheet.header[i]) == plain_name(name)) return static_cast<int>(i);
  return -1;
}

Draft::Draft(const Sources& from, const study::Snapshot& snapshot) : sources(from), before(snapshot) {
  const auto load = [](auto& into, const auto& list) {
    for (const auto& row : list) into.emplace(key_of(row), row);
  };
  load(cohorts, before.cohorts);
  load(people, before.people);
  load(sessions, before.sessions);
  load(scans, before.scans);
  load(measurements, before.measurements);
  load(scores, before.scores);
  load(ratings, before.ratings);
  load(settings, before.settings);
  for (const study::Person& person : before.people) roster.add(person.id);
  for (const study::Session& session : before.sessions)
    roster.add_composed(session.person + "_" + session.label, {session.person, session.label});
  open = before.people.empty();
}

void Draft::problem(Severity severity, std::string trap, const Origin& at, std::string what, std::string mend) {
  plan.problems.push_back(
      {severity, std::move(trap), at.file, at.line, at.column, at.id, std::move(what), std::move(mend), 0});
}

std::vector<std::string> Draft::sessions_of(const std::string& person) const {
  std::vector<std::string> labels;
  for (auto it = sessions.lower_bound(keyed({person})); it != sessions.end() && it->second.person == person; ++it)
    labels.push_back(it->second.label);
  return labels;
}

std::string Draft::known_session(const std::string& person, const std::string& label) const {
  for (const std::string& known : sessions_of(person))
    if (plain_session(known) == plain_session(label)) return known;
  return to_lower(label).starts_with("ses-") ? label.substr(4) : label;
}

const study::Scan* Draft::scan(const PersonSession& at, const std::string& kind) const {
  const auto it = scans.find(keyed({at.person, at.session, kind}));
  return it == scans.end() ? nullptr : &it->second;
}

std::string Draft::settle_session(const std::string& person, std::string session) const {
  if (session.empty()) session = sources.session;
  if (session.empty()) {
    const auto labels = sessions_of(person);
    if (labels.size() > 1) return {};
    session = labels.empty() ? "1" : labels.front();
  }
  return known_session(person, session);
}

std::optional<PersonSession> Draft::foresee(const std::string& id, const std::string& session) const {
  const Roster::Match found = roster.match(id);
  using Kind = Roster::Match::Kind;
  if (found.kind != Kind::exact && !(found.kind == Kind::close && sources.join)) return std::nullopt;
  PersonSession where{found.person, settle_session(found.person, session.empty() ? found.session : session)};
  return where.session.empty() ? std::nullopt : std::optional(where);
}

bool Draft::twice(const Origin& at, const PersonSession& where) {
  const auto [it, first] = taken_.try_emplace(keyed({at.source, where.person, where.session}), at);
  if (first) return false;
  const Origin& other = it->second;
  const std::string both =
      other.id == at.id ? fmt::format("'{}'", at.id) : fmt::format("'{}' and '{}'", other.id, at.id);
  const std::string lines =
      at.line > 0 ? fmt::format("lines {} and {}", other.line, at.line) : fmt::format("{} and {}", other.file, at.file);
  problem(Severity::blocks, "duplicate_id", at,
          fmt::format("{} stand{} twice for session {} ({})", both, other.id == at.id ? "s" : "", where.session, lines),
          fmt::format("keep one row of each session{}, or name the sessions in a `session` column or as ID_ses-2",
                      at.line > 0 ? fmt::format(" (--skip-line {}:{} leaves one out)", at.file, at.line) : ""));
  if (other.file == at.file) plan.problems.back().other_line = other.line;
  plan.duplicates.push_back(fmt::format("{} ({}, {})", where.person, at.file, lines));
  return true;
}

std::optional<PersonSession> Draft::place(const Origin& at, const std::string& session) {
  Roster::Match found = roster.match(at.id);
  using Kind = Roster::Match::Kind;
  if (found.kind == Kind::ambiguous) {
    left_out[at.source].insert(at.id);
    problem(Severity::drops, "id_ambiguous", at, fmt::format("'{}' could be {}", at.id, join(found.candidates, " or ")),
            "write the id as in the participants table");
    return std::nullopt;
  }
  if (found.kind == Kind::close) {
    plan.joins.push_back({at.file, at.line, at.id, found.person, found.why, sources.join});
    problem(
        sources.join ? Severity::notes : Severity::drops, "id_join", at,
        fmt::format("'{}' is most likely {} (they differ in {})", at.id, found.person, found.why),
        sources.join ? "joined, as --join was given" : "give --join to accept the proposed joins, or correct the id");
    if (!sources.join) {
      left_out[at.source].insert(at.id);
      return std::nullopt;
    }
  }
  if (found.kind == Kind::none) {
    if (!open || at.source == "qc") {  // a quality sheet makes no people
      left_out[at.source].insert(at.id);
      problem(Severity::drops, "unmatched", at,
              fmt::format("'{}' is neither in the participants table nor in the study", at.id),
              at.source == "qc" ? "import this person first or correct the id"
                                : "add it to the participants table or correct the id");
      return std::nullopt;
    }
    const auto parts = split_session(at.id);
    found.person = parts ? parts->person : at.id;
    found.session = parts ? parts->session : "";
    roster.add(found.person);
  }
  PersonSession where{found.person, settle_session(found.person, !session.empty() ? session : found.session)};
  if (where.session.empty()) {
    left_out[at.source].insert(at.id);
    problem(Severity::drops, "which_session", at,
            fmt::format("{} has sessions {}; this row does not say which it is of", where.person,
                        join(sessions_of(where.person), ", ")),
            "add a `session` column, write the id as ID_ses-N, or give --session");
    return std::nullopt;
  }
  if (twice(at, where)) return std::nullopt;
  seen[at.source].insert(where.person);
  if (people.find(keyed({where.person})) == people.end()) {
    study::Person person;
    person.id = where.person;
    person.group = "patient";
    put(person);
  }
  if (sessions.find(keyed({where.person, where.session})) == sessions.end()) {
    study::Session row;
    row.person = where.person;
    row.label = where.session;
    put(row);
  }
  return where;
}

std::optional<PersonSession> Draft::enrol(const Origin& at, const std::string& session) {
  PersonSession where{at.id, session};
  if (const auto parts = split_session(at.id); parts && session.empty()) where = *parts;
  if (!roster.has(where.person)) {
    // A person of the study written a little differently is a proposal, not a second person.
    const Roster::Match found = roster.match(where.person);
    if (found.kind == Roster::Match::Kind::close) {
      const bool in_study = std::ranges::any_of(before.people, [&](const auto& p) { return p.id == found.person; });
      plan.joins.push_back({at.file, at.line, at.id, found.person, found.why, sources.join && in_study});
      if (in_study && sources.join) {
        problem(Severity::notes, "id_join", at,
                fmt::format("'{}' is taken as {} (they differ in {})", at.id, found.person, found.why),
                "joined, as --join was given");
        where.person = found.person;
      } else {
        problem(
            Severity::warns, "id_join", at,
            fmt::format("'{}' and {} differ only in {}; they are kept as two people", at.id, found.person, found.why),
            in_study ? "give --join if they are one person" : "correct the id if they are one person");
      }
    }
  }
  if (where.session.empty()) where.session = sources.session.empty() ? "1" : sources.session;
  where.session = known_session(where.person, where.session);
  if (twice(at, where)) return std::nullopt;
  roster.add(where.person);
  roster.add_composed(where.person + "_" + where.session, where);
  rows.try_emplace(where.person, at);
  seen[at.source].insert(where.person);
  return where;
}

void Draft::put(study::Cohort row) {
  overlay(cohorts, touched, "cohort", std::move(row));
}

void Draft::put(study::Person row) {
  if (const auto it = people.find(key_of(row)); it != people.end()) {
    const study::Person& old = it->second;
    keep(row.cohort, old.cohort);
    keep(row.group, old.group);
    keep(row.sex, old.sex);
    keep(row.lesion_side, old.lesion_side);
    keep(row.lesion_class, old.lesion_class);
  }
  overlay(people, touched, "person", std::move(row));
}

void Draft::put(study::Session row) {
  if (const auto it = sessions.find(key_of(row)); it != sessions.end()) {
    const study::Session& old = it->second;
    keep(row.date, old.date);
    keep(row.age_years, old.age_years);
    keep(row.days_post_stroke, old.days_post_stroke);
    row.ordinal = old.ordinal;
  }
  overlay(sessions, touched, "session", std::move(row));
}

void Draft::put(study::Scan row) {
  overlay(scans, touched, "scan", std::move(row));
}
void Draft::put(study::Measurement row) {
  overlay(measurements, touched, "measurement", std::move(row));
}
void Draft::put(study::Score row) {
  overlay(scores, touched, "score", std::move(row));
}
void Draft::put(study::Rating row) {
  overlay(ratings, touched, "rating", std::move(row));
}
void Draft::put(study::Setting row) {
  overlay(settings, touched, "setting", std::move(row));
}

void Draft::skip_lines(table::Sheet& sheet) {
  std::erase_if(sheet.rows, [&](const table::Sheet::Row& row) {
    if (sources.skip_lines.count({sheet.file, row.line}) == 0) return false;
    const std::string id = row.cells.empty() ? std::string() : row.cells.front();
    problem(Severity::notes, "skipped_line", {"", sheet.file, row.line, "", id}, "the line is left out, as asked",
            "nothing to do");
    plan.skipped.emplace_back(fmt::format("{}:{}", sheet.file, row.line), "left out as asked");
    return true;
  });
}

void Draft::take_shape(const table::Sheet& sheet) {
  static const std::map<std::string, std::pair<std::string, Severity>> kTraps{
      {"bom", {"excel_bom", Severity::notes}},
      {"crlf", {"excel_crlf", Severity::notes}},
      {"semicolon", {"excel_semicolon", Severity::notes}},
      {"decimal_comma", {"excel_decimal_comma", Severity::notes}},
      {"trailing_comma", {"trailing_comma", Severity::notes}},
      {"ragged_row", {"ragged_row", Severity::warns}},
      {"empty_row", {"empty_row", Severity::notes}},
  };
  for (const table::Oddity& oddity : sheet.oddities) {
    const auto it = kTraps.find(oddity.kind);
    const Severity severity = it == kTraps.end() ? Severity::notes : it->second.second;
    problem(
        severity, it == kTraps.end() ? oddity.kind : it->second.first, {"", sheet.file, oddity.line, "", ""},
        oddity.text,
        severity == Severity::warns ? "compare the row with the source" : "nothing to do if the preview looks right");
  }
  Preview preview;
  preview.file = sheet.file;
  preview.separator = sheet.separator == '\t' ? "tab" : std::string(1, sheet.separator);
  preview.decimal_comma = sheet.decimal_comma;
  preview.header = sheet.header;
  for (std::size_t r = 0; r < std::min<std::size_t>(3, sheet.rows.size()); ++r)
    preview.rows.push_back(sheet.rows[r].cells);
  // Remembered with the study, so that a later reader knows how the numbers were read.
  put(study::Setting{"import.layout." + sheet.file, fmt::format("separator {}, decimal {}", preview.separator,
                                                                sheet.decimal_comma ? "comma" : "point")});
  plan.previews.push_back(std::move(preview));
  for (std::size_t i = 0; i < sheet.header.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (plain_name(sheet.header[i]) == plain_name(sheet.header[j]) && !sheet.header[i].empty())
        problem(Severity::blocks, "duplicate_column", {"", sheet.file, sheet.header_line, sheet.header[i], ""},
                fmt::format("columns {} and {} are both called '{}'", j + 1, i + 1, sheet.header[i]),
                "rename or delete one");
}

std::string Draft::kept_path(const fs::path& path) const {
  std::error_code ec;
  const fs::path whole = fs::absolute(path, ec).lexically_normal();
  if (sources.study_dir.empty()) return whole.string();
  const fs::path base = fs::absolute(sources.study_dir, ec).lexically_normal();
  const fs::path relative = whole.lexically_relative(base);
  if (relative.empty() || *relative.begin() == "..") return whole.string();
  return relative.generic_string();
}

}  // namespace ipsi::ingest
