// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/patch.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <type_traits>

#include "core/study/rows.h"

namespace ipsi::study {
namespace {

auto key_of(const Cohort& r) {
  return std::tie(r.id);
}
auto key_of(const Person& r) {
  return std::tie(r.id);
}
auto key_of(const Session& r) {
  return std::tie(r.person, r.label);
}
auto key_of(const Scan& r) {
  return std::tie(r.person, r.session, r.kind);
}
auto key_of(const Measurement& r) {
  return std::tie(r.person, r.session, r.region, r.measure, r.source);
}
auto key_of(const Score& r) {
  return std::tie(r.person, r.session, r.test);
}
auto key_of(const Rating& r) {
  return std::tie(r.person, r.session, r.region, r.rater);
}
auto key_of(const Exclusion& r) {
  return std::tie(r.person);
}
auto key_of(const FlowStep& r) {
  return std::tie(r.ordinal);
}
auto key_of(const Setting& r) {
  return std::tie(r.key);
}

std::vector<Cohort>& rows_of(Snapshot& s, const Cohort&) {
  return s.cohorts;
}
std::vector<Person>& rows_of(Snapshot& s, const Person&) {
  return s.people;
}
std::vector<Session>& rows_of(Snapshot& s, const Session&) {
  return s.sessions;
}
std::vector<Scan>& rows_of(Snapshot& s, const Scan&) {
  return s.scans;
}
std::vector<Measurement>& rows_of(Snapshot& s, const Measurement&) {
  return s.measurements;
}
std::vector<Score>& rows_of(Snapshot& s, const Score&) {
  return s.scores;
}
std::vector<Rating>& rows_of(Snapshot& s, const Rating&) {
  return s.ratings;
}
std::vector<Exclusion>& rows_of(Snapshot& s, const Exclusion&) {
  return s.exclusions;
}
std::vector<FlowStep>& rows_of(Snapshot& s, const FlowStep&) {
  return s.flow;
}
std::vector<Setting>& rows_of(Snapshot& s, const Setting&) {
  return s.settings;
}

/// Puts the row, or removes the one of its key. Returns what was there before.
template <class Row>
std::optional<Row> set_row(std::vector<Row>& rows, Row row, bool put) {
  const auto at =
      std::lower_bound(rows.begin(), rows.end(), row, [](const Row& a, const Row& b) { return key_of(a) < key_of(b); });
  const bool there = at != rows.end() && key_of(*at) == key_of(row);
  std::optional<Row> before;
  if (there) before = *at;
  if (put && there)
    *at = std::move(row);
  else if (put)
    rows.insert(at, std::move(row));
  else if (there)
    rows.erase(at);
  return before;
}

std::optional<Put> set(Snapshot& snapshot, const Put& row, bool put) {
  return std::visit(
      [&](const auto& r) -> std::optional<Put> {
        using Row = std::remove_cvref_t<decltype(r)>;
        auto before = set_row<Row>(rows_of(snapshot, r), r, put);
        if (!before) return std::nullopt;
        return Put(std::move(*before));
      },
      row);
}

}  // namespace

Result<void> apply_acts(Snapshot& snapshot, const std::vector<Act>& acts) {
  for (const auto& act : acts) {
    if (act.id <= snapshot.last_act) continue;
    for (const auto& edit : act.edits) {
      const TableSpec* table = find_table(edit.table);
      if (table == nullptr)
        return fail(Code::ReadFailed, fmt::format("the log names an unknown table '{}'", edit.table),
                    fmt::format("act {}", act.id), "update Ipsi");
      const bool put = !edit.after.is_null();
      const auto values = from_json(*table, edit.key, put ? edit.after : Json::object());
      if (!values) return wrap(values.error(), fmt::format("act {}", act.id));
      set(snapshot, to_row(*table, *values), put);
    }
    snapshot.last_act = act.id;
  }
  return {};
}

Result<std::vector<Act>> catch_up(Snapshot& snapshot, const Study& study) {
  constexpr std::size_t kMostEdits = 1000;
  auto acts = study.log(snapshot.last_act);
  if (!acts || acts->empty()) return acts;
  std::size_t edits = 0;
  for (const auto& act : *acts) edits += act.edits.size();
  if (edits <= kMostEdits && apply_acts(snapshot, *acts)) return acts;
  auto fresh = study.snapshot();
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  auto more = study.log(acts->back().id);  // what came while it was read
  if (!more) return more;
  for (auto& act : *more)
    if (act.id <= fresh->last_act) acts->push_back(std::move(act));
  snapshot = std::move(*fresh);
  return acts;
}

std::vector<Change> apply_changes(Snapshot& snapshot, const std::vector<Change>& changes) {
  std::vector<Change> back;
  for (const auto& change : changes) {
    const auto* put = std::get_if<Put>(&change);
    const Put& row = put != nullptr ? *put : std::get<Remove>(change).row;
    auto before = set(snapshot, row, put != nullptr);
    if (before)
      back.emplace_back(std::in_place_type<Put>, std::move(*before));
    else if (put != nullptr)
      back.emplace_back(Remove{row});
  }
  std::reverse(back.begin(), back.end());
  return back;
}

}  // namespace ipsi::study
