// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rating_files.h"

#include <algorithm>
#include <array>
#include <map>
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
