// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rescale.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "core/base/text.h"
#include "core/ingest/draft.h"
#include "core/ingest/flow.h"
#include "core/study/lookup.h"
#include "core/study/patch.h"

namespace ipsi::ingest {
namespace {

constexpr std::string_view kRatioNote = "ratio to the unaffected limb";
constexpr std::string_view kOtherNote = "no value of the unaffected limb";
constexpr std::string_view kOutside = "outside ";

const Measure* measure_of(const std::string& test) {
  for (const Measure& m : measures())
    if (m.test == test) return &m;
  return nullptr;
}

bool is_ratio(const study::Score& score) {
  return std::isnan(score.max_used) || score.note == kRatioNote || score.note == kOtherNote;
}

bool outside(const study::Score& score) {
  return !is_ratio(score) && (score.raw < score.min_used || score.raw > score.max_used);
}

bool on_scale(const study::Score& score, const ScaleInUse& scale) {
  if (score.test != scale.test || score.direction != to_string(scale.better)) return false;
  if (is_ratio(score)) return scale.ratio();
  return score.min_used == scale.min && score.max_used == scale.max;
}

}  // namespace

std::vector<ScaleInUse> scales_of(const study::Snapshot& snapshot) {
  std::map<std::string, std::string> cohort_of;
  for (const auto& person : snapshot.people) cohort_of[person.id] = person.cohort;
  struct Seen {
    ScaleInUse scale;
    std::set<std::string> people, cohorts;
  };
  std::map<std::tuple<std::string, double, double, std::string>, Seen> found;  // larger maximum first, open last
  for (const auto& score : snapshot.scores) {
    const double max = is_ratio(score) ? study::kMissing : score.max_used;
    auto& [scale, people, cohorts] = found[{score.test, std::isnan(max) ? 0.0 : -max, score.min_used, score.direction}];
    scale.test = score.test, scale.min = score.min_used, scale.max = max;
    scale.better = score.direction == "low" ? Better::low : Better::high;
    ++scale.n;
    people.insert(score.person);
    if (const auto& cohort = cohort_of[score.person]; !cohort.empty()) cohorts.insert(cohort);
    if (!std::isnan(score.normalised)) ++scale.fractions;
    if (outside(score))
      scale.out_of_range.emplace_back(score.person,
                                      fmt::format("{} of {}", format_double(score.raw), format_double(max)));
    if (std::isnan(score.raw)) continue;
    scale.lowest = std::isnan(scale.lowest) ? score.raw : std::min(scale.lowest, score.raw);
    scale.highest = std::isnan(scale.highest) ? score.raw : std::max(scale.highest, score.raw);
  }
  std::vector<ScaleInUse> out;
  for (auto& [key, seen] : found) {
    ScaleInUse& scale = seen.scale;
    scale.people = static_cast<long long>(seen.people.size());
    scale.cohorts.assign(seen.cohorts.begin(), seen.cohorts.end());
    std::ranges::sort(scale.cohorts, [](const auto& a, const auto& b) { return study::natural_less(a, b); });
    const Measure* measure = measure_of(scale.test);
    scale.unit = scale.ratio() ? "ratio" : measure != nullptr && measure->timed ? "s" : "points";
    if (measure != nullptr) scale.note = measure->note;
    out.push_back(std::move(scale));
  }
  return out;
}

Result<study::Request> rescale(const study::Snapshot& snapshot, const ScaleInUse& scale, double max, Better better,
                               const std::string& author) {
  if (scale.ratio())
    return fail(Code::InvalidInput, fmt::format("{} is an open scale; it has no maximum", scale.test), scale.test,
                "each value is set against the other limb");
  if (!std::isfinite(max) || !(max > scale.min))
    return fail(Code::InvalidInput,
                fmt::format("{} is no maximum above the minimum {}", format_double(max), format_double(scale.min)),
                scale.test, "name a larger number");
  study::Request request{author, "rescale", "", {}};
  long long n = 0;
  long long out = 0;
  for (study::Score score : snapshot.scores) {
    if (!on_scale(score, scale)) continue;
    ++n;
    score.max_used = max;
    score.direction = to_string(better);
    if (!std::isnan(score.raw)) {  // "unable" has no raw value and stays the worst score
      const auto fraction = fraction_of_maximum(score.raw, score.min_used, max, better);
      score.normalised = fraction ? *fraction : study::kMissing;
      if (!fraction) {
        ++out;
        score.note = fmt::format("{}{} to {}", kOutside, format_double(score.min_used), format_double(max));
      } else if (score.note.starts_with(kOutside)) {
        score.note.clear();
      }
    }
    request.put(std::move(score));
  }
  if (n == 0) return fail(Code::NotFound, fmt::format("no score of {} is on this scale", scale.test), scale.test);
  request.summary = fmt::format("{}: maximum {} to {}, {} is better, {}{}", scale.test, format_double(scale.max),
                                format_double(max), to_string(better), counted(n, "score", "scores"),
                                out > 0 ? fmt::format(", {} out of range", out) : "");
  study::Snapshot after = snapshot;
  study::apply_changes(after, request.changes);
  for (study::Change& change : changes_to(flow_of(after, kept_out(snapshot)), snapshot))
    request.changes.push_back(std::move(change));
  return request;
}

}  // namespace ipsi::ingest
