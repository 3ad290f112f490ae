// SPDX-License-Identifier: GPL-3.0-or-later
// Ratings with a column per rater, as programs for reliability take them (R's irr, psych).
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/study/rating_files.h"

namespace ipsi::study {
namespace {

constexpr std::string_view kPrefix = "rater:";

bool is_rater(std::string_view header) {
  return header.size() > kPrefix.size() && header.starts_with(kPrefix);
}

}  // namespace

Result<table::Table> rating_matrix(std::vector<Rating> ratings) {
  sort_ratings(ratings);
  std::set<std::string> raters;
  for (const auto& rating : ratings) raters.insert(rating.rater);
  std::vector<std::string> subjects, sessions, regions;
  std::map<std::string, std::vector<std::string>> flags;
  const Rating* before = nullptr;
  for (const auto& rating : ratings) {
    const auto place = [](const Rating& r) { return std::tie(r.person, r.session, r.region); };
    if (before == nullptr || place(*before) != place(rating)) {
      subjects.push_back(rating.person);
      sessions.push_back(rating.session);
      regions.push_back(rating.region);
      for (const auto& rater : raters) flags[rater].emplace_back();
    }
    flags[rating.rater].back() = std::string(to_string(rating.flag));
    before = &rating;
  }
  std::vector<table::Column> columns{table::text("subject", subjects), table::text("session", sessions),
                                     table::text("region", regions)};
  for (const auto& rater : raters) columns.push_back(table::text(std::string(kPrefix) + rater, flags[rater]));
  return table::Table::from(std::move(columns));
}

bool is_rating_matrix(const table::Sheet& sheet) {
  return sheet.find("flag") < 0 && sheet.find("region") >= 0 &&
         std::any_of(sheet.header.begin(), sheet.header.end(), is_rater);
}

table::Sheet matrix_as_long(const table::Sheet& sheet) {
  table::Sheet out = sheet;
  std::vector<std::size_t> kept, raters;
  for (std::size_t i = 0; i < sheet.header.size(); ++i) (is_rater(sheet.header[i]) ? raters : kept).push_back(i);
  out.header.clear();
  out.rows.clear();
  for (const std::size_t i : kept) out.header.push_back(sheet.header[i]);
  out.header.insert(out.header.end(), {"rater", "flag"});
  for (const auto& row : sheet.rows)
    for (const std::size_t i : raters) {
      const std::string& flag = row.cells[i];
      if (flag.empty() || flag == "n/a" || flag == "NA") continue;  // this rater did not see this region
      table::Sheet::Row said{row.line, {}};
      for (const std::size_t k : kept) said.cells.push_back(row.cells[k]);
      said.cells.push_back(sheet.header[i].substr(kPrefix.size()));
      said.cells.push_back(flag);
      out.rows.push_back(std::move(said));
    }
  return out;
}

}  // namespace ipsi::study
