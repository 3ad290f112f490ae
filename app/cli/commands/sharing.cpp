// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/cli.h"
#include "core/base/text.h"
#include "core/study/rating_merge.h"
#include "core/study/shared_session.h"
#include "core/study/study.h"

// ipsi study share, ipsi qc merge: several raters on one folder, each with an own rating file beside the study

namespace ipsi::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string study, by, folder;
  bool off = false, dry_run = false;
};

std::string author_of(const Options& o) {
  if (!trim(o.by).empty()) return trim(o.by);
  const char* user = std::getenv("USER");
  return user != nullptr && *user != '\0' ? user : "coordinator";
}

fs::path folder_of(const Options& o) {
  return o.folder.empty() ? study::ratings_folder(fs::absolute(o.study)) : fs::path(o.folder);
}

// --- share

Result<std::int64_t> set_shared(const Options& o) {
  auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return tl::unexpected<Error>(study.error());
  study::Request request{.author = author_of(o),
                         .kind = "setting",
                         .summary = o.off ? "no longer shared" : "shared: every rater writes an own file",
                         .changes = {}};
  request.put(study::Setting{std::string(study::kSharedSetting), o.off ? "0" : "1"});
  return study->apply(request);
}

/// Words that stand in files and not in the study.
long long waiting(const study::Study& study, const fs::path& folder) {
  const auto snapshot = study.snapshot();
  if (!snapshot) return 0;
  const auto files = study::read_rating_folder(folder);
  return study::merge_words(files.voices, *snapshot, "lead").news();
}

int run_share(const Options& o, Cli& cli) {
  const auto act = set_shared(o);
  if (!act) return cli.problem(act.error());
  // Opened once more: a shared study has its changes in the file itself, where the others read them.
  const auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const fs::path folder = folder_of(o);
  std::error_code ec;
  if (!o.off && !fs::is_directory(folder, ec)) {
    fs::create_directory(folder, fs::absolute(o.study).parent_path(), ec);  // who may write there may write here
    if (ec)
      return cli.problem({Code::Environment, "the folder of rating files cannot be made: " + ec.message(),
                          folder.string(), "check permissions and free space"});
  }
  if (const long long n = o.off ? waiting(*study, folder) : 0; n > 0)
    cli.note(fmt::format("{} flags in {} are not in the study yet: `ipsi qc merge {}` brings them in", n,
                         folder.string(), o.study));
  return cli.done(
      Json{{"study", o.study},
           {"shared", !o.off},
           {"ratings", folder.string()},
           {"act", *act == 0 ? Json(nullptr) : Json(*act)}},
      o.off ? fmt::format("{} is no longer shared: a window writes into the study itself", o.study)
            : fmt::format("{} is shared: every rater writes an own file in {}. `ipsi qc merge {}` brings them in.",
                          o.study, folder.string(), o.study));
}

// --- merge

Json json_of(const study::VoiceCount& n) {
  return {{"file", n.name}, {"added", n.added},         {"changed", n.changed},       {"unchanged", n.unchanged},
          {"kept", n.kept}, {"conflicts", n.conflicts}, {"taken_back", n.taken_back}, {"unknown", n.unknown}};
}

Json json_of(const study::Rating& r) {
  return {{"subject", r.person}, {"session", r.session}, {"region", r.region}, {"flag", study::to_string(r.flag)},
          {"rater", r.rater},    {"comment", r.comment}, {"time", r.time}};
}

std::string text_of(const std::vector<study::VoiceCount>& files) {
  std::size_t wide = 4;
  for (const auto& n : files) wide = std::max(wide, n.name.size());
  std::string out = fmt::format("{:<{}} {:>7} {:>7} {:>7} {:>7} {:>9} {:>10}\n", "file", wide, "new", "changed", "same",
                                "kept", "conflicts", "taken back");
  for (const auto& n : files)
    out += fmt::format("{:<{}} {:>7} {:>7} {:>7} {:>7} {:>9} {:>10}\n", n.name, wide, n.added, n.changed, n.unchanged,
                       n.kept, n.conflicts, n.taken_back);
  return out;
}

/// What was left out, one line each; the same as JSON.
Json tell_unused(const study::RatingFolder& files, const study::WordMerge& merge, const fs::path& folder, Cli& cli) {
  Json rows = Json::array();
  const auto tell = [&](const std::string& file, int line, const std::string& what, const std::string& mend) {
    const std::string where = line > 0 ? fmt::format("{}, line {}", file, line) : file;
    cli.note(to_line({Code::InvalidInput, what, where, mend}));
    rows.push_back(
        Json{{"file", file}, {"line", line > 0 ? Json(line) : Json(nullptr)}, {"what", what}, {"mend", mend}});
  };
  for (const auto& error : files.unreadable) tell(error.where, 0, error.what, error.mend);
  for (const auto& p : files.unused) tell((folder / p.subject).string(), p.line, p.what, p.mend);
  for (const auto& n : merge.voices)
    if (n.unknown > 0)
      tell((folder / n.name).string(), 0,
           fmt::format("{} flags are of people or sessions that are not in the study ({})", n.unknown, n.first_unknown),
           "they stay in the file; import the people and merge again");
  return rows;
}

int run_merge(const Options& o, Cli& cli) {
  auto study = study::Study::open(o.study, o.dry_run ? study::Access::read_only : study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const fs::path folder = folder_of(o);
  std::error_code ec;
  if (!fs::is_directory(folder, ec) && (!o.folder.empty() || snapshot->setting(study::kSharedSetting) != "1"))
    return cli.problem({Code::NotFound, "there is no folder of rating files", folder.string(),
                        "raters make it by rating a shared study; see `ipsi study share`"});
  const auto files = study::read_rating_folder(folder);
  const auto merge = study::merge_words(files.voices, *snapshot, author_of(o));
  const Json problems = tell_unused(files, merge, folder, cli);
  if (files.voices.empty() && !files.unreadable.empty()) return cli.problem(files.unreadable.front());
  const auto act = o.dry_run ? Result<std::int64_t>(0) : study->apply(merge.request);
  if (!act) return cli.problem(act.error());
  if (!merge.conflicts.empty())
    cli.note(
        fmt::format("{} regions have two different flags under one name ({}); the newer counts, the other is kept: "
                    "`ipsi qc conflicts {}` lists them",
                    merge.conflicts.size(), merge.conflicts.front().counts.rater, o.study));
  Json rows = Json::array(), conflicts = Json::array();
  for (const auto& n : merge.voices) rows.push_back(json_of(n));
  for (const auto& c : merge.conflicts)
    conflicts.push_back(Json{{"counts", json_of(c.counts)}, {"other", json_of(c.other)}});
  std::string last = o.dry_run ? "Would merge " + merge.request.summary : merge.request.summary;
  if (!o.dry_run && *act == 0) last = "Nothing changed: the study holds all of this already.";
  return cli.done(Json{{"act", *act == 0 ? Json(nullptr) : Json(*act)},
                       {"dry_run", o.dry_run},
                       {"files", rows},
                       {"conflicts", conflicts},
                       {"problems", problems}},
                  files.voices.empty() ? std::string("No rating files yet.") : text_of(merge.voices) + last);
}

}  // namespace

void add_sharing(Cli& cli) {
  const auto verb = [&](CLI::App& group, const char* name, const char* what, auto run) {
    auto o = std::make_shared<Options>();
    CLI::App* made = cli.verb(group, name, what, [o, &cli, run] { return run(*o, cli); });
    made->add_option("study", o->study, "The study file (.ipsi)")->required();
    made->add_option("--by", o->by, "Who does it, for the log and undo (default: $USER)");
    return std::pair(made, o);
  };
  const auto [share, s] =
      verb(cli.group("study", "A study: make, fill, look into, check"), "share",
           "Let several raters work on it where it lies, each into an own file beside it", run_share);
  share->add_flag("--off", s->off, "No longer, even on a network share");

  const auto [merge, m] = verb(cli.group("qc", "Quality control: rate regions, look at ratings, exchange them"),
                               "merge", "Bring the raters' files beside a shared study into it", run_merge);
  merge->add_option("--folder", m->folder, "Folder of rating files; without it the one beside the study");
  merge->add_flag("--dry-run", m->dry_run, "Only say what would change");
}

}  // namespace ipsi::cli
