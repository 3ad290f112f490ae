// SPDX-License-Identifier: GPL-3.0-or-later
// What can only be seen when every source has been read.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/text.h"
#include "core/ingest/behaviour.h"
#include "core/ingest/draft.h"
#include "core/ingest/limits.h"

namespace ipsi::ingest {
namespace {

template <class Row>
bool read_now(const Draft& draft, std::string_view kind, const Row& row) {
  return draft.touched.count(std::string(kind) + key_of(row)) != 0;
}

/// "2" before "10"; text after numbers.
bool label_before(const std::string& a, const std::string& b) {
  const auto x = parse_integer(a);
  const auto y = parse_integer(b);
  if (x && y) return *x < *y;
  if (x || y) return x.has_value();
  return a < b;
}

const study::Session* first_session(const Draft& draft, const std::string& person) {
  const study::Session* first = nullptr;
  for (auto it = draft.sessions.lower_bound(person + '\x1f'); it != draft.sessions.end() && it->second.person == person;
       ++it)
    if (first == nullptr || it->second.ordinal < first->ordinal) first = &it->second;
  return first;
}

bool has_volume(const Draft& draft, const std::string& person, const std::string& session) {
  for (auto it = draft.measurements.lower_bound(person + '\x1f' + session + '\x1f');
       it != draft.measurements.end() && it->second.person == person && it->second.session == session; ++it)
    if (it->second.measure == "volume" && it->second.region != "lesion" && !std::isnan(it->second.value)) return true;
  return false;
}

/// Where a person's row stands, for problems that are about the person.
Origin origin_of(const Draft& draft, const std::string& person, const std::string& column = "") {
  const auto it = draft.rows.find(person);
  Origin at = it == draft.rows.end() ? Origin{"study", "", 0, "", person} : it->second;
  at.column = column;
  at.id = person;
  return at;
}

}  // namespace

void order_sessions(Draft& draft) {
  std::map<std::string, std::vector<study::Session*>> by_person;
  for (auto& [key, session] : draft.sessions) by_person[session.person].push_back(&session);
  long long later = 0;
  for (auto& [person, list] : by_person) {
    if (list.size() == 1 && list[0]->ordinal == 1) continue;
    later += static_cast<long long>(list.size()) - 1;
    const bool dated = std::ranges::none_of(list, [](const auto* s) { return s->date.empty(); });
    const bool timed = std::ranges::none_of(list, [](const auto* s) { return std::isnan(s->days_post_stroke); });
    std::ranges::stable_sort(list, [&](const auto* a, const auto* b) {
      if (dated && a->date != b->date) return a->date < b->date;
      if (!dated && timed && a->days_post_stroke != b->days_post_stroke)
        return a->days_post_stroke < b->days_post_stroke;
      return label_before(a->label, b->label);
    });
    int ordinal = 0;
    for (study::Session* session : list) {
      if (session->ordinal == ++ordinal) continue;
      session->ordinal = ordinal;
      draft.touched.insert("session" + key_of(*session));
    }
  }
  if (later > 0)
    draft.problem(Severity::notes, "later_sessions", {"study", "", 0, "", ""},
                  counted(later, "later session is", "later sessions are") +
                      " kept but set aside: the first time-point of each person is analysed",
                  "nothing to do");
}

void check_icv(Draft& draft) {
  for (auto& [key, m] : draft.measurements) {
    if (m.measure != "icv" || std::isnan(m.value)) continue;
    study::Measurement tent = m;
    tent.measure = "supratentorial";
    tent.source = "aseg_stats";
    const auto it = draft.measurements.find(key_of(tent));
    if (it == draft.measurements.end() || !(m.value < it->second.value)) continue;
    if (!read_now(draft, "measurement", m) && !read_now(draft, "measurement", tent)) continue;
    const study::Scan* scan = draft.scan({m.person, m.session}, "aseg_stats");
    draft.problem(
        Severity::warns, "icv_below_brain", {m.source, scan == nullptr ? m.source : scan->path, 0, "", m.person},
        fmt::format(
            "the intracranial volume {:.0f} mm3 ({}) is below the supratentorial volume {:.0f} mm3: a failed estimate",
            m.value, m.source, it->second.value),
        "the ICV is taken as missing; look at the Talairach transform and run FreeSurfer again");
    m.note = fmt::format("{}: {:.0f} mm3 is below the supratentorial volume {:.0f} mm3", kNoteFailedIcv, m.value,
                         it->second.value);
    m.value = study::kMissing;
    draft.touched.insert("measurement" + key);
  }
}

void check_marks(Draft& draft) {
  std::map<std::string, std::vector<std::string>> by_person;
  for (const auto& [key, m] : draft.measurements) {
    if (m.source != "enigma_csv" || m.note != kNoteMark || !read_now(draft, "measurement", m)) continue;
    for (const char* source : {"aseg_stats", "label_count"}) {
      study::Measurement other = m;
      other.source = source;
      const auto it = draft.measurements.find(key_of(other));
      if (it == draft.measurements.end() || std::isnan(it->second.value)) continue;
      by_person[m.person].push_back(m.region);
      break;
    }
  }
  for (const auto& [person, regions] : by_person)
    draft.problem(
        Severity::warns, "conflict", {"volumes", draft.sources.volumes.filename().string(), 0, "", person},
        fmt::format("{} marked as excluded in the table, but the FreeSurfer folder has a value: {}",
                    counted(static_cast<long long>(regions.size()), "volume is", "volumes are"), join(regions, ", ")),
        "the folder's value will be analysed: rate the region failed or lesioned to leave it out");
}

void check_sides(Draft& draft) {
  long long compared = 0;
  long long swapped = 0;
  for (const auto& [key, m] : draft.measurements) {
    if (m.region != "lesion" || m.measure != "left_fraction" || std::isnan(m.value)) continue;
    const auto person = draft.people.find(m.person + '\x1f');
    if (person == draft.people.end()) continue;
    if (!read_now(draft, "measurement", m) && !read_now(draft, "person", person->second)) continue;
    const std::string& table = person->second.lesion_side;
    const std::string mask = m.value >= kOneSide ? "left" : m.value <= 1 - kOneSide ? "right" : "bilateral";
    const study::Scan* scan = draft.scan({m.person, m.session}, "lesion");
    const double share = 100 * std::max(m.value, 1 - m.value);
    Origin at = origin_of(draft, m.person, "lesion_side");
    if (draft.rows.count(m.person) == 0) at = {"lesions", scan == nullptr ? "" : scan->path, 0, "", m.person};
    if (table.empty() && person->second.group != "control") {
      draft.problem(Severity::notes, "no_side", at,
                    fmt::format("the lesion side is not known; the mask lies {} ({:.0f} % of it)",
                                mask == "bilateral" ? "on both sides" : mask, share),
                    "fill in the lesion side; it is suggested, never set");
      continue;
    }
    if (table != "left" && table != "right") continue;
    ++compared;
    if (mask == table) continue;
    if (mask == "bilateral") {
      draft.problem(Severity::notes, "swap", at,
                    fmt::format("the table says {}, the mask lies on both sides ({:.0f} % on one)", table, share),
                    "look at the mask");
      continue;
    }
    ++swapped;
    draft.problem(
        Severity::warns, "swap", at,
        fmt::format("the table says {}, {:.0f} % of the lesion mask{} lies {} of the midline", table, share,
                    scan == nullptr ? "" : " " + scan->path, mask),
        "the side in the table, the sides of the volumes or the orientation of the mask is wrong: look at both");
  }
  if (compared >= 3 && 2 * swapped > compared)
    draft.problem(Severity::warns, "swap", {"lesions", draft.sources.lesions.filename().string(), 0, "", ""},
                  fmt::format("{} of {} masks lie on the other side than the table says", swapped, compared),
                  "so many point to all masks being flipped, or to the codes of the side being exchanged");
}

void check_measures(Draft& draft) {
  std::map<std::string, std::map<std::string, long long>> tests;  // cohort -> test -> people
  std::map<std::string, long long> scored;
  for (const auto& [key, person] : draft.people) {
    const study::Session* first = first_session(draft, person.id);
    if (first == nullptr || person.cohort.empty()) continue;
    bool any = false;
    for (auto it = draft.scores.lower_bound(person.id + '\x1f' + first->label + '\x1f');
         it != draft.scores.end() && it->second.person == person.id && it->second.session == first->label; ++it) {
      if (std::isnan(it->second.normalised) || it->second.test == "MoCA" || it->second.test == "MMSE") continue;
      ++tests[person.cohort][it->second.test];
      any = true;
    }
    if (any) ++scored[person.cohort];
  }
  for (const auto& [cohort, counts] : tests) {
    if (std::ranges::any_of(counts, [&](const auto& c) { return c.second == scored[cohort]; })) continue;
    std::vector<std::string> told;
    for (const auto& [test, n] : counts) told.push_back(fmt::format("{} ({})", test, n));
    draft.problem(Severity::warns, "mixed_measures",
                  {"participants", draft.sources.participants.filename().string(), 0, "", ""},
                  fmt::format("cohort {}: no test was done by all {} with a score: {}", cohort,
                              counted(scored[cohort], "person", "people"), join(told, ", ")),
                  "the primary score mixes tests within this cohort; each score keeps the name of its test");
  }
}

void check_first_sessions(Draft& draft) {
  for (const auto& [key, person] : draft.people) {
    const study::Session* first = first_session(draft, person.id);
    const auto labels = draft.sessions_of(person.id);
    if (first == nullptr || labels.size() < 2 || has_volume(draft, person.id, first->label)) continue;
    for (const std::string& label : labels) {
      if (!has_volume(draft, person.id, label)) continue;
      draft.problem(Severity::warns, "first_session_without_volumes", origin_of(draft, person.id),
                    fmt::format("the first session, {}, has no volumes, session {} has", first->label, label),
                    "give both tables the same session names, or name the session of the rows with --session");
      break;
    }
  }
}

void check_cohorts(Draft& draft) {
  long long n = 0;
  for (const auto& [key, person] : draft.people)
    if (person.cohort.empty() && draft.rows.count(person.id) == 0 && draft.touched.count("person" + key) != 0) ++n;
  if (n > 0)
    draft.problem(
        Severity::warns, "no_cohort", {"study", "", 0, "", ""},
        fmt::format("no table names the cohort, age, sex or lesion side of {}", counted(n, "person", "people")),
        "import a participants table too");
}

}  // namespace ipsi::ingest
