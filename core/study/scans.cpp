// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/scans.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace ipsi::study {
namespace {

using Visit = std::pair<std::string_view, std::string_view>;  // person, session

std::map<Visit, std::string_view> label_hashes(const Snapshot& snapshot) {
  std::map<Visit, std::string_view> hashes;
  for (const auto& scan : snapshot.scans)
    if (scan.kind == "labels") hashes[{scan.person, scan.session}] = scan.hash;
  return hashes;
}

}  // namespace

std::filesystem::path scan_file(const Scan& scan, const std::filesystem::path& study_file) {
  const std::filesystem::path path = scan.path;
  return path.is_absolute() ? path : study_file.parent_path() / path;
}

std::vector<Rating> stale_ratings(const Snapshot& snapshot) {
  const auto hashes = label_hashes(snapshot);
  std::vector<Rating> stale;
  for (const auto& rating : snapshot.ratings) {
    // Without an image then or now there is nothing that could have changed under the rater's eyes.
    if (rating.flag == Flag::unrated || rating.scan_hash.empty()) continue;
    const auto now = hashes.find({rating.person, rating.session});
    if (now != hashes.end() && !now->second.empty() && now->second != rating.scan_hash) stale.push_back(rating);
  }
  return stale;
}

Request carry_over(const Snapshot& snapshot, const std::string& author, const std::vector<std::string>& raters) {
  const auto hashes = label_hashes(snapshot);
  Request request{.author = author, .kind = "carry_over", .summary = "", .changes = {}};
  for (auto& rating : stale_ratings(snapshot)) {
    if (!raters.empty() && std::find(raters.begin(), raters.end(), rating.rater) == raters.end()) continue;
    rating.scan_hash = hashes.at({rating.person, rating.session});
    request.changes.push_back(Put(std::move(rating)));
  }
  const std::size_t n = request.changes.size();
  request.summary = fmt::format("{} rating{} carried over to changed label images", n, n == 1 ? "" : "s");
  return request;
}

}  // namespace ipsi::study
