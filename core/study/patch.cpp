// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/patch.h"

#include <algorithm>
#include <iterator>
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

/// Many rows put and removed at once: one walk through each table instead of one for each row.
class Edits {
 public:
  void add(Put row, bool put) {
    std::visit(
        [&](auto& r) {
          std::get<List<std::remove_cvref_t<decltype(r)>>>(lists_).push_back({std::move(r), put});
        },
        row);
  }
  void apply(Snapshot& snapshot) {
    std::apply([&](auto&... list) { (apply(snapshot, list), ...); }, lists_);
  }

 private:
  template <class Row>
  struct Edit {
    Row row;
    bool put;
  };
  template <class Row>
  using List = std::vector<Edit<Row>>;

  template <class Row>
  static void apply(Snapshot& snapshot, List<Row>& edits) {
    const auto less = [](const Row& a, const Row& b) { return key_of(a) < key_of(b); };
    std::stable_sort(edits.begin(), edits.end(), [&](const auto& a, const auto& b) { return less(a.row, b.row); });
    std::vector<Row>& rows = rows_of(snapshot, Row());
    std::vector<Row> fresh;
    std::vector<bool> gone;
    for (std::size_t i = 0; i < edits.size(); ++i) {
      if (i + 1 < edits.size() && !less(edits[i].row, edits[i + 1].row)) continue;  // the last word on a key counts
      const auto at = std::lower_bound(rows.begin(), rows.end(), edits[i].row, less);
      const bool there = at != rows.end() && !less(edits[i].row, *at);
      if (there && edits[i].put) {
        *at = std::move(edits[i].row);
      } else if (there) {
        gone.resize(rows.size());
        gone[static_cast<std::size_t>(at - rows.begin())] = true;
      } else if (edits[i].put) {
        fresh.push_back(std::move(edits[i].row));
      }
    }
    if (!gone.empty()) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (gone[i]) continue;
        if (kept != i) rows[kept] = std::move(rows[i]);
        ++kept;
      }
      rows.resize(kept);
    }
    const auto old = static_cast<std::ptrdiff_t>(rows.size());
    std::move(fresh.begin(), fresh.end(), std::back_inserter(rows));
    std::inplace_merge(rows.begin(), rows.begin() + old, rows.end(), less);
  }

  std::tuple<List<Cohort>, List<Person>, List<Session>, List<Scan>, List<Measurement>, List<Score>, List<Rating>,
             List<Exclusion>, List<FlowStep>, List<Setting>>
      lists_;
};

}  // namespace

Result<void> apply_acts(Snapshot& snapshot, const std::vector<Act>& acts) {
  Edits edits;
  std::int64_t last = snapshot.last_act;
  for (const auto& act : acts) {
    if (act.id <= last) continue;
    for (const auto& edit : act.edits) {
      const TableSpec* table = find_table(edit.table);
      if (table == nullptr)
        return fail(Code::ReadFailed, fmt::format("the log names an unknown table '{}'", edit.table),
                    fmt::format("act {}", act.id), "update Ipsi");
      const bool put = !edit.after.is_null();
      const auto values = from_json(*table, edit.key, put ? edit.after : Json::object());
      if (!values) return wrap(values.error(), fmt::format("act {}", act.id));
      edits.add(to_row(*table, *values), put);
    }
    last = act.id;
  }
  edits.apply(snapshot);
  snapshot.last_act = last;
  return {};
}

Result<std::vector<Act>> catch_up(Snapshot& snapshot, const Study& study, std::size_t enough) {
  constexpr std::size_t kMostEdits = 1000;
  auto acts = study.log(snapshot.last_act, enough);
  if (!acts || acts->empty()) return acts;
  std::size_t edits = 0;
  for (const auto& act : *acts) edits += act.edits.size();
  if ((enough > 0 || edits <= kMostEdits) && apply_acts(snapshot, *acts)) return acts;
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
