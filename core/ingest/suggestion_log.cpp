// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/suggestion_log.h"

#include <cmath>
#include <tuple>

#include "core/base/text.h"

namespace ipsi::ingest {
namespace {

// A note reads "lesioned, before, 4.2 s: overlap 31 % of the region, 1,240 mm3"; the seconds may be missing.
constexpr std::array kSuggested{study::Flag::unrated, study::Flag::lesioned, study::Flag::failed};
constexpr std::array kGiven{study::Flag::ok, study::Flag::lesioned, study::Flag::failed};
constexpr std::array kShown{Shown::before, Shown::after, Shown::never};

std::string_view word_of(study::Flag suggested) {
  return suggested == study::Flag::unrated ? "none" : study::to_string(suggested);
}

template <class List>
std::optional<std::size_t> place_in(const List& list, study::Flag flag) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i] == flag) return i;
  return std::nullopt;
}

Json share(long long part, long long of) {
  return of == 0 ? Json(nullptr) : Json(static_cast<double>(part) / static_cast<double>(of));
}

}  // namespace

std::string_view to_string(Shown shown) {
  switch (shown) {
    case Shown::before: return "before";
    case Shown::after: return "after";
    case Shown::never: return "never";
  }
  return "";
}

study::Measurement shown_row(const study::Rating& rating, const RegionRisk& risk, Shown shown, double seconds) {
  std::string head = fmt::format("{}, {}", word_of(risk.suggestion.flag), to_string(shown));
  if (!std::isnan(seconds)) head += fmt::format(", {:.1f} s", seconds);
  return {.person = rating.person,
          .session = rating.session,
          .region = rating.region,
          .measure = std::string(kShownMeasure),
          .source = rating.rater,
          .value = risk.risk,
          .unit = "risk",
          .note = risk.suggestion.why.empty() ? head : head + ": " + risk.suggestion.why};
}

std::optional<ShownSuggestion> read_shown(const study::Measurement& row) {
  if (row.measure != kShownMeasure) return std::nullopt;
  for (const study::Flag flag : kSuggested)
    for (const Shown shown : kShown) {
      const std::string head = fmt::format("{}, {}", word_of(flag), to_string(shown));
      if (!row.note.starts_with(head)) continue;
      ShownSuggestion out{flag, shown, row.value, "", study::kMissing};
      std::string_view rest = std::string_view(row.note).substr(head.size());
      if (rest.starts_with(", ")) {
        const auto end = rest.find(" s");
        const auto seconds = end != rest.npos ? parse_double(rest.substr(2, end - 2)) : std::nullopt;
        if (!seconds) continue;
        out.seconds = *seconds;
        rest.remove_prefix(end + 2);
      }
      if (rest.empty()) return out;
      if (!rest.starts_with(": ")) continue;
      out.why = rest.substr(2);
      return out;
    }
  return std::nullopt;
}

long long Following::suggested() const {
  long long n = 0;
  for (std::size_t s = 1; s < count.size(); ++s)
    for (const long long c : count[s]) n += c;
  return n;
}

long long Following::followed() const {
  return count[1][1] + count[2][2];
}

long long Following::against_none() const {
  return count[0][1] + count[0][2];
}

FollowReport follow_report(const study::Snapshot& snapshot) {
  using Key = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
  std::map<Key, ShownSuggestion> shown;
  for (const auto& m : snapshot.measurements)
    if (auto read = read_shown(m)) shown[{m.person, m.session, m.region, m.source}] = std::move(*read);
  FollowReport out;
  for (const auto& rating : snapshot.ratings) {
    const auto given = place_in(kGiven, rating.flag);
    if (!given) continue;
    const auto found = shown.find({rating.person, rating.session, rating.region, rating.rater});
    if (found == shown.end()) {
      ++out.unknown[rating.rater];
      continue;
    }
    ++out.raters[rating.rater][found->second.shown].count[*place_in(kSuggested, found->second.flag)][*given];
  }
  return out;
}

Json to_json(const FollowReport& report) {
  Json rows = Json::array();
  for (const auto& [rater, by_time] : report.raters)
    for (const auto& [shown, following] : by_time) {
      Json counts = Json::object();
      for (std::size_t s = 0; s < kSuggested.size(); ++s)
        for (std::size_t g = 0; g < kGiven.size(); ++g)
          counts[std::string(word_of(kSuggested[s]))][std::string(study::to_string(kGiven[g]))] = following.count[s][g];
      const auto& none = following.count[0];
      rows.push_back({{"rater", rater},
                      {"shown", to_string(shown)},
                      {"suggested", following.suggested()},
                      {"followed", following.followed()},
                      {"followed_fraction", share(following.followed(), following.suggested())},
                      {"none_suggested", none[0] + none[1] + none[2]},
                      {"flagged_without", following.against_none()},
                      {"counts", std::move(counts)}});
    }
  Json unknown = Json::object();
  for (const auto& [rater, n] : report.unknown) unknown[rater] = n;
  return Json{{"raters", std::move(rows)}, {"without_record", std::move(unknown)}};
}

}  // namespace ipsi::ingest
