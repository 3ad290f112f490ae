// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/health.h"

#include <cmath>
#include <map>
#include <set>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/ingest/limits.h"
#include "core/study/analysis_table.h"

namespace ipsi::ingest {
namespace {

std::string title_of(const std::string& region) {
  const Region* known = find_region(region);
  return known == nullptr ? region : std::string(known->title);
}

/// Findings by person, in the order of their ids.
class Check {
 public:
  Check(std::string key, std::string title, std::string means)
      : made_{std::move(key), std::move(title), std::move(means), {}, 0} {}
  void add(const std::string& person, const std::string& what) {
    found_[person].push_back(what);
    ++made_.values;
  }
  [[nodiscard]] HealthCheck done() && {
    for (auto& [person, what] : found_) made_.people.emplace_back(person, join(what, ", "));
    return std::move(made_);
  }

 private:
  HealthCheck made_;
  std::map<std::string, std::vector<std::string>> found_;
};

/// A table printed with six digits, then written out by a spreadsheet: every value above 1 L ends in 0.
std::set<std::string> rounded_tables(const study::Snapshot& snapshot) {
  std::map<std::string, std::pair<long long, long long>> by_source;  // large, of these ending in 0
  for (const auto& m : snapshot.measurements) {
    if (m.measure != "icv" || !(m.value >= 1e6)) continue;
    auto& [large, rounded] = by_source[m.source];
    ++large;
    rounded += std::fmod(m.value, 10.0) == 0.0 ? 1 : 0;
  }
  std::set<std::string> out;
  for (const auto& [source, counts] : by_source)
    if (counts.first >= kEnoughRounded && counts.first == counts.second) out.insert(source);
  return out;
}

void look_at_measurements(const study::Snapshot& snapshot, std::vector<HealthCheck>& out) {
  Check zeros("zeros", "Volumes of 0", "A zero in the source means missing; read as missing.");
  Check marks("marks", "Marked x or NA", "Read as missing; lesioned or failed is not concluded.");
  Check rounded("rounded_icv", "ICV of six digits", "Import the FreeSurfer folders for the exact value.");
  Check range("icv_range", "ICV beyond 0.8 to 2.2 L", "Used as it is; look at the scan.");
  Check failed("icv_failed", "ICV below the brain", "A failed estimate, taken as missing.");
  const auto tables = rounded_tables(snapshot);
  for (const auto& m : snapshot.measurements) {
    if (std::isnan(m.value)) {
      if (m.note == kNoteMissing) zeros.add(m.person, m.measure == "icv" ? "ICV" : title_of(m.region));
      if (m.note == kNoteMark) marks.add(m.person, m.measure == "icv" ? "ICV" : title_of(m.region));
      if (m.note.starts_with(kNoteFailedIcv)) failed.add(m.person, m.note);
    } else if (m.measure == "icv") {
      if (m.value < kSmallIcv || m.value > kLargeIcv) range.add(m.person, fmt::format("{:.3f} L", m.value / 1e6));
      if (m.value >= 1e6 && tables.count(m.source) != 0) rounded.add(m.person, fmt::format("{:.0f} mm3", m.value));
    }
  }
  for (Check* check : {&zeros, &marks, &rounded, &range, &failed}) out.push_back(std::move(*check).done());
}

void look_at_sides(const study::Snapshot& snapshot, std::vector<HealthCheck>& out) {
  Check swap("swap", "Left and right disagree", "The table and the lesion mask name different sides.");
  std::map<std::string, std::string> sides;
  for (const auto& person : snapshot.people) sides[person.id] = person.lesion_side;
  for (const auto& m : snapshot.measurements) {
    if (m.region != "lesion" || m.measure != "left_fraction" || std::isnan(m.value)) continue;
    const std::string& table = sides[m.person];
    const std::string mask = m.value >= kOneSide ? "left" : m.value <= 1 - kOneSide ? "right" : "";
    if (!mask.empty() && mask != table && (table == "left" || table == "right"))
      swap.add(m.person, fmt::format("table {}, mask {}", table, mask));
  }
  out.push_back(std::move(swap).done());
}

void look_at_covariates(const study::Snapshot& snapshot, std::vector<HealthCheck>& out) {
  const auto table = study::analysis_table(snapshot, study::options_of(snapshot));
  if (!table) return;
  const auto* subjects = table->find("subject");
  const auto* groups = table->find("group");
  struct Wanted {
    const char *column, *key, *title;
  };
  for (const Wanted& w :
       {Wanted{"age", "no_age", "Age missing"}, Wanted{"sex", "no_sex", "Sex missing"},
        Wanted{"days_post_stroke", "no_days", "Days since stroke missing"},
        Wanted{"lesion_side", "no_side", "Lesion side missing"}, Wanted{"icv", "no_icv", "ICV missing"},
        Wanted{"primary_score", "no_score", "Behaviour score missing"}}) {
    Check check(w.key, w.title,
                std::string_view(w.key) == "no_days" ? "Analysed with everyone, in no time group."
                                                     : "Not analysed; see the flow.");
    const auto* column = table->find(w.column);
    for (std::size_t row = 0; row < table->rows(); ++row)
      if (column->missing(row) && groups->texts[row] != "control") check.add(subjects->texts[row], w.title);
    out.push_back(std::move(check).done());
  }
}

void look_at_scores(const study::Snapshot& snapshot, std::vector<HealthCheck>& out) {
  Check outside("out_of_range", "Scores out of range", "Kept as they are, without a fraction; never clipped.");
  for (const auto& score : snapshot.scores)
    if (score.raw < score.min_used || (std::isnan(score.normalised) && score.raw > score.max_used))
      outside.add(score.person,
                  fmt::format("{} {} of {}", score.test, format_double(score.raw), format_double(score.max_used)));
  out.push_back(std::move(outside).done());
}

}  // namespace

std::vector<HealthCheck> health_of(const study::Snapshot& snapshot) {
  std::vector<HealthCheck> out;
  look_at_measurements(snapshot, out);
  look_at_sides(snapshot, out);
  look_at_scores(snapshot, out);
  look_at_covariates(snapshot, out);
  return out;
}

}  // namespace ipsi::ingest
