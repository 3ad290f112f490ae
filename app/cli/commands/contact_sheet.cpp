// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/base/text.h"
#include "core/ingest/image_features.h"
#include "core/ingest/risk.h"
#include "core/review/study_sheet.h"
#include "core/study/study.h"

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string study, out, flags;
  review::SheetAsk ask;
  bool force = false, no_risk = false, no_cache = false;
};

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:04}-{:02}-{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

Result<std::set<study::Flag>> flags_of(const std::string& text) {
  std::set<study::Flag> out;
  for (const std::string& word : split(text, ',')) {
    if (trim(word).empty()) continue;
    const auto flag = study::parse_flag(trim(word));
    if (!flag)
      return fail(Code::Usage, fmt::format("the flag is '{}'", trim(word)), "--flag",
                  "use ok, lesioned, failed and unrated, with commas between");
    out.insert(*flag);
  }
  return out;
}

Result<std::vector<ingest::RegionRisk>> risks_of(const study::Snapshot& snapshot, const fs::path& file,
                                                 const Options& o, Cli& cli, const Task& task) {
  ingest::FeatureOptions options;
  options.threads = cli.threads();
  if (!o.no_cache) options.cache_dir = ingest::default_feature_cache();
  const auto features = ingest::study_features(snapshot, file, options, task);
  if (!features) return tl::unexpected<Error>(features.error());
  return ingest::assess_risk(snapshot, *features);
}

int run_sheet(Options o, Cli& cli) {
  const auto flags = flags_of(o.flags);
  if (!flags) return cli.problem(flags.error());
  o.ask.flags = *flags;
  o.ask.date = today();
  std::error_code ec;
  if (fs::exists(o.out, ec) && !o.force)
    return cli.problem({Code::Conflict, "the file exists", o.out, "name another, or add --force"});
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const fs::path file = fs::absolute(o.study);
  const Task task = cli.task();
  std::vector<ingest::RegionRisk> risks;
  if (!o.no_risk) {
    auto judged = risks_of(*snapshot, file, o, cli, task.part(0.0, 0.4));
    if (!judged) return cli.problem(judged.error());
    risks = std::move(*judged);
  }
  const render::ThumbnailCache cache(o.no_cache ? fs::path() : render::ThumbnailCache::default_dir());
  const auto made =
      review::write_study_sheet(*snapshot, file, o.ask, risks, cache, o.out, cli.threads(), task.part(0.4, 1.0));
  if (!made) return cli.problem(made.error());
  const auto& report = made->report;
  std::string text =
      fmt::format("{}: {} people, {} regions, {} ratings", o.out, made->people, report.tiles, made->ratings);
  if (report.pages > 0) text += fmt::format(", {} pages", report.pages);
  if (report.without_picture > 0) text += fmt::format("; {} regions without a picture", report.without_picture);
  return cli.done(Json{{"file", o.out},
                       {"people", made->people},
                       {"regions", report.tiles},
                       {"without_picture", report.without_picture},
                       {"ratings", made->ratings},
                       {"pages", report.pages == 0 ? Json(nullptr) : Json(report.pages)}},
                  text);
}

}  // namespace

void add_contact_sheet(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("qc", "Quality control: rate regions, look at ratings, exchange them");
  CLI::App* verb = cli.verb(group, "sheet", "A contact sheet: pictures, flags and the ratings themselves, PDF or HTML",
                            [o, &cli] { return run_sheet(*o, cli); });
  verb->add_option("study", o->study, "The study file (.ipsi)")->required();
  verb->add_option("--out", o->out, "File to write: .pdf or .html")->required();
  verb->add_option("--region", o->ask.region,
                   "One region over people: left_, right_, ipsi_ or contra_ with thalamus, caudate, putamen, pallidum, "
                   "accumbens, lateral_ventricle; without a side, both");
  verb->add_option("--subject", o->ask.subjects, "Only these people; may be given several times");
  verb->add_option("--flag", o->flags, "Only who has such a flag: failed,lesioned; with --region only those regions");
  verb->add_option("--rater", o->ask.rater, "This rater's flags; without it what the study's rule decides");
  verb->add_option("--limit", o->ask.limit, "At most so many people")->check(CLI::PositiveNumber);
  verb->add_flag("--no-risk", o->no_risk, "Leave out risk and reasons: images need not be measured");
  verb->add_flag("--no-cache", o->no_cache, "Make thumbnails and measures again, and keep nothing");
  verb->add_flag("--force", o->force, "Replace the file where it exists");
}

}  // namespace ipsi::cli
