// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rating_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/lookup.h"

namespace ipsi::study {
namespace {

// Header of the public extraction script; the columns between the twelve are kept so that the sheet fits others.
constexpr std::array<std::string_view, 17> kEnigmaColumns{
    "LLatVent", "RLatVent", "Lthal",  "Rthal", "Lcaud", "Rcaud",   "Lput",    "Rput", "Lpal",
    "Rpal",     "Lhippo",   "Rhippo", "Lamyg", "Ramyg", "Laccumb", "Raccumb", "ICV"};

std::size_t region_rank(std::string_view key) {
  const Region* region = find_region(key);
  return region == nullptr ? kRegions.size() : static_cast<std::size_t>(region - kRegions.data());
}

template <class F>
std::vector<std::string> texts(const std::vector<Rating>& ratings, F&& cell) {
  std::vector<std::string> out;
  out.reserve(ratings.size());
  for (const auto& rating : ratings) out.emplace_back(cell(rating));
  return out;
}

}  // namespace

void sort_ratings(std::vector<Rating>& ratings) {
  std::stable_sort(ratings.begin(), ratings.end(), [](const Rating& a, const Rating& b) {
    if (a.person != b.person) return natural_less(a.person, b.person);
    if (a.session != b.session) return natural_less(a.session, b.session);
    if (a.region != b.region) return region_rank(a.region) < region_rank(b.region);
    return a.rater < b.rater;
  });
}

Result<table::Table> long_table(std::vector<Rating> ratings) {
  sort_ratings(ratings);
  const auto column = [&](const char* name, auto&& cell) { return table::text(name, texts(ratings, cell)); };
  return table::Table::from({column("subject", [](const Rating& r) { return r.person; }),
                             column("session", [](const Rating& r) { return r.session; }),
                             column("region", [](const Rating& r) { return r.region; }),
                             column("flag", [](const Rating& r) { return std::string(to_string(r.flag)); }),
                             column("rater", [](const Rating& r) { return r.rater; }),
                             column("comment", [](const Rating& r) { return r.comment; }),
                             column("time", [](const Rating& r) { return r.time; })});
}

Result<table::Table> bids_table(std::vector<Rating> ratings, const std::string& version) {
  sort_ratings(ratings);
  const auto column = [&](const char* name, auto&& cell) { return table::text(name, texts(ratings, cell)); };
  const auto none = [](const Rating&) { return std::string(); };
  const auto roi = [](const Rating& r) {
    const Region* region = find_region(r.region);
    return region == nullptr ? r.region : std::string(region->structure);
  };
  const auto hemisphere = [](const Rating& r) {
    const Region* region = find_region(r.region);
    return region == nullptr ? std::string() : std::string(to_string(region->side));
  };
  return table::Table::from(
      {column("subject", [](const Rating& r) { return r.person; }),
       column("session", [](const Rating& r) { return r.session; }), column("roi", roi),
       column("hemisphere", hemisphere), column("flag", [](const Rating& r) { return std::string(to_string(r.flag)); }),
       column("reason", [](const Rating& r) { return r.comment; }),
       column("rater", [](const Rating& r) { return r.rater; }), column("time", [](const Rating& r) { return r.time; }),
       column("seconds", none), column("suggestion", none), column("blinded", none),
       column("version", [&](const Rating&) { return version; })});
}

Json bids_sidecar() {
  const auto column = [](const char* name, const char* description) {
    return Json{{"LongName", name}, {"Description", description}};
  };
  Json flag = column("Flag", "What the rater decided; lesioned and failed take the region out of its own models only");
  flag["Levels"] = Json{{"unrated", "not decided"},
                        {"ok", "the segmentation can be used"},
                        {"lesioned", "the region overlaps the lesion"},
                        {"failed", "the region is badly segmented"}};
  Json hemisphere = column("Hemisphere", "Anatomical side of the region");
  hemisphere["Levels"] = Json{{"left", "left"}, {"right", "right"}};
  Json seconds = column("Seconds", "Time the decision took");
  seconds["Units"] = "s";
  return Json{
      {"subject", column("Subject", "participant_id of participants.tsv")},
      {"session", column("Session", "Label of the visit")},
      {"roi", column("Region of interest", "thalamus, caudate, putamen, pallidum, accumbens, lateral_ventricle")},
      {"hemisphere", hemisphere},
      {"flag", flag},
      {"reason", column("Reason", "The rater's comment")},
      {"rater", column("Rater", "Who decided")},
      {"time", column("Time", "When, ISO 8601, UTC")},
      {"seconds", seconds},
      {"suggestion", column("Suggestion", "What the program had suggested; not recorded")},
      {"blinded", column("Blinded", "Whether clinical data were hidden; not recorded")},
      {"version", column("Version", "Version of Ipsi that wrote the table")}};
}

Result<table::Table> reason_table(const std::vector<Rating>& ratings) {
  struct Count {
    double regions = 0.0;
    std::set<std::string_view> people;
  };
  std::map<std::tuple<std::string_view, Flag, std::string_view>, Count> counts;
  for (const auto& rating : ratings) {
    if (rating.flag != Flag::lesioned && rating.flag != Flag::failed) continue;
    Count& count = counts[{rating.rater, rating.flag, rating.comment}];
    count.regions += 1.0;
    count.people.insert(rating.person);
  }
  using Entry = decltype(counts)::const_pointer;
  std::vector<Entry> order;
  for (const auto& entry : counts) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](Entry a, Entry b) {
    const auto& [rater, flag, reason] = a->first;
    const auto& [rater_b, flag_b, reason_b] = b->first;
    return std::tuple(rater, flag, -a->second.regions) < std::tuple(rater_b, flag_b, -b->second.regions);
  });
  std::vector<std::string> raters, flags, reasons;
  std::vector<double> regions, people;
  for (const Entry entry : order) {
    raters.emplace_back(std::get<0>(entry->first));
    flags.emplace_back(to_string(std::get<1>(entry->first)));
    reasons.emplace_back(std::get<2>(entry->first));
    regions.push_back(entry->second.regions);
    people.push_back(static_cast<double>(entry->second.people.size()));
  }
  return table::Table::from({table::text("rater", std::move(raters)), table::text("flag", std::move(flags)),
                             table::text("reason", std::move(reasons)), table::numeric("regions", std::move(regions)),
                             table::numeric("people", std::move(people))});
}

Result<table::Table> enigma_sheet(const Snapshot& snapshot, const AnalysisOptions& options) {
  const auto full = analysis_table(snapshot, options);
  if (!full) return full;
  const auto subject = full->require("subject");
  if (!subject) return tl::unexpected<Error>(subject.error());
  std::vector<std::size_t> order(full->rows());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return natural_less((*subject)->texts[a], (*subject)->texts[b]); });
  std::vector<std::string> ids;
  for (const std::size_t row : order) ids.push_back((*subject)->texts[row]);
  std::vector<table::Column> columns{table::text("SubjID", std::move(ids))};
  for (const auto name : kEnigmaColumns) {
    std::vector<double> cells(full->rows(), kMissing);
    for (const auto& region : kRegions) {
      if (region.enigma != name) continue;
      const auto flags = full->require("flag_" + std::string(region.key));
      if (!flags) return tl::unexpected<Error>(flags.error());
      for (std::size_t i = 0; i < order.size(); ++i) {
        const Flag flag = parse_flag((*flags)->texts[order[i]]).value_or(Flag::unrated);
        if (flag != Flag::unrated) cells[i] = flag == Flag::ok ? 0.0 : 1.0;
      }
    }
    columns.push_back(table::numeric(std::string(name), std::move(cells)));
  }
  return table::Table::from(std::move(columns));
}

}  // namespace ipsi::study
