// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/ingest/risk.h"
#include "core/ingest/suggestion_log.h"
#include "core/study/lookup.h"
#include "core/study/study.h"

namespace ipsi::cli {
namespace {

struct Options {
  std::string study, region, subject;
  int limit = 0;  // 0 = all
  bool no_images = false, no_cache = false, followed = false;
};

/// Whether a row is meant by --region: "thalamus" both sides, "ipsi_thalamus" by the side of the lesion.
class RegionFilter {
 public:
  static Result<RegionFilter> make(const std::string& name, const study::Snapshot& snapshot) {
    RegionFilter out;
    out.all_ = name.empty();
    if (out.all_) return out;
    for (const auto& person : snapshot.people)
      for (const auto& region : kRegions) {
        if (name == region.structure) {
          out.wanted_.insert({person.id, region.key});
          continue;
        }
        const auto resolved = study::resolve_region(name, person);
        if (resolved && (*resolved)->key == region.key) out.wanted_.insert({person.id, region.key});
        if (!resolved && resolved.error().code == Code::NotFound) return tl::unexpected<Error>(resolved.error());
      }
    return out;
  }
  [[nodiscard]] bool operator()(const ingest::RegionRisk& risk) const {
    return all_ || wanted_.contains({risk.person, risk.where().key});
  }

 private:
  bool all_ = true;
  std::set<std::pair<std::string, std::string_view>> wanted_;
};

Json row_json(const ingest::RegionRisk& risk) {
  Json reasons = Json::array(), signs = Json::array();
  for (const auto& r : risk.reasons) {
    reasons.push_back(r.text);
    signs.push_back({{"sign", to_string(r.sign)}, {"value", number(r.value)}, {"points", number(r.points)}});
  }
  const bool none = risk.suggestion.flag == study::Flag::unrated;
  return {{"subject", risk.person},
          {"session", risk.session},
          {"region", risk.where().key},
          {"risk", number(risk.risk)},
          {"reasons", std::move(reasons)},
          {"lesion_mm3", number(risk.lesion_mm3)},
          {"lesion_fraction", number(risk.lesion_fraction)},
          {"lesion_share", number(risk.lesion_share)},
          {"lesion_distance_mm", number(risk.lesion_distance_mm)},
          {"expected_in_lesion", number(risk.expected_in_lesion)},
          {"suggestion", none ? Json(nullptr) : Json(study::to_string(risk.suggestion.flag))},
          {"suggested_because", none ? Json(nullptr) : Json(risk.suggestion.why)},
          {"basis", to_string(risk.basis)},
          {"volume_mm3", number(risk.volume_mm3)},
          {"expected_mm3", number(risk.expected_mm3)},
          {"z", number(risk.z)},
          {"asymmetry", number(risk.asymmetry)},
          {"asymmetry_z", number(risk.asymmetry_z)},
          {"displaced_mm", number(risk.displaced_mm)},
          {"signs", std::move(signs)}};
}

std::string row_text(const ingest::RegionRisk& risk) {
  std::vector<std::string> words;
  for (const auto& r : risk.reasons) words.push_back(r.text);
  const bool none = risk.suggestion.flag == study::Flag::unrated;
  return fmt::format("{:4.2f}  {:<9} {} {}  {}\n", risk.risk, none ? "-" : study::to_string(risk.suggestion.flag),
                     risk.person + (risk.session == "1" ? "" : " (" + risk.session + ")"), risk.where().key,
                     fmt::join(words, "; "));
}

int run_followed(const study::Snapshot& snapshot, Cli& cli) {
  const auto report = ingest::follow_report(snapshot);
  std::string text;
  for (const auto& [rater, by_time] : report.raters)
    for (const auto& [shown, f] : by_time)
      text += fmt::format("{} (shown {}): followed {} of {} suggestions; flagged {} where none was suggested\n", rater,
                          to_string(shown), f.followed(), f.suggested(), f.against_none());
  for (const auto& [rater, n] : report.unknown)
    text += fmt::format("{}: {} decisions without a record of what was suggested\n", rater, n);
  if (text.empty()) text = "nothing is rated yet\n";
  return cli.done(ingest::to_json(report), text);
}

int run_suggest(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  if (o.followed) return run_followed(*snapshot, cli);
  const auto wanted = RegionFilter::make(o.region, *snapshot);
  if (!wanted) return cli.problem(wanted.error());

  std::vector<ingest::SessionFeatures> features;
  if (!o.no_images) {
    ingest::FeatureOptions options;
    options.threads = cli.threads();
    if (!o.no_cache) options.cache_dir = ingest::default_feature_cache();
    auto measured = ingest::study_features(*snapshot, std::filesystem::absolute(o.study), options, cli.task());
    if (!measured) return cli.problem(measured.error());
    features = std::move(*measured);
  }
  for (const auto& f : features)
    if (!f.problem.empty()) cli.note(fmt::format("{} is judged by the table alone: {}", f.person, f.problem));

  Json rows = Json::array();
  std::string text = "risk  suggested subject region  because\n";
  int told = 0;
  for (const auto& risk : ingest::assess_risk(*snapshot, features)) {
    if (!(*wanted)(risk) || (!o.subject.empty() && risk.person != o.subject)) continue;
    if (o.limit > 0 && told >= o.limit) break;
    ++told;
    if (cli.json())
      rows.push_back(row_json(risk));
    else
      text += row_text(risk);
  }
  return cli.done(rows, text);
}

}  // namespace

void add_suggest(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("qc", "Quality control: rate regions, look at ratings, exchange them");
  CLI::App* verb = cli.verb(group, "suggest", "What to look at first, and why; sets no flag",
                            [o, &cli] { return run_suggest(*o, cli); });
  verb->add_option("study", o->study, "The study file (.ipsi)")->required();
  verb->add_option("--region", o->region,
                   "left_, right_, ipsi_ or contra_ with thalamus, caudate, putamen, pallidum, accumbens, "
                   "lateral_ventricle; without a side, both");
  verb->add_option("--subject", o->subject, "Only this person");
  verb->add_option("--limit", o->limit, "At most so many rows; without it all")->check(CLI::PositiveNumber);
  verb->add_flag("--no-images", o->no_images, "By the tables alone: nothing is read but the study");
  verb->add_flag("--no-cache", o->no_cache, "Measure the images again, and keep nothing");
  verb->add_flag("--followed", o->followed, "How raters followed what they were shown, instead");
}

}  // namespace ipsi::cli
