// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rating_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/study/raters.h"
#include "core/study/rating_journal.h"
#include "core/study/rating_merge.h"
#include "core/table/carried.h"
#include "core/table/delimited.h"

namespace ipsi::ingest {
namespace {

std::vector<Problem> problems_of(const std::vector<study::RowProblem>& rows, const std::string& file) {
  std::vector<Problem> out;
  for (const auto& row : rows)
    out.push_back({Severity::blocks, "rating_row", file, row.line, row.column, row.subject, row.what, row.mend, 0});
  return out;
}

/// Through the importer that knows the traps of such sheets; ratings alone, the flow of people is not its business.
Result<void> plan_sheet(RatingPlan& out, const Sources& sources, const study::Snapshot& snapshot, const Task& task) {
  auto made = plan(sources, snapshot, task);
  if (!made) return tl::unexpected<Error>(made.error());
  out.problems = made->problems;
  out.raters = {sources.rater};
  std::map<std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>, const study::Rating*>
      stored;
  for (const auto& r : snapshot.ratings) stored[{r.person, r.session, r.region, r.rater}] = &r;
  for (const auto& change : made->changes) {
    const auto* put = std::get_if<study::Put>(&change);
    const auto* rating = put == nullptr ? nullptr : std::get_if<study::Rating>(put);
    if (rating == nullptr) continue;
    out.request.changes.push_back(change);
    const auto found = stored.find({rating->person, rating->session, rating->region, rating->rater});
    if (found == stored.end())
      ++out.added;
    else
      ++(found->second->flag == rating->flag ? out.unchanged : out.changed);
  }
  out.request.summary = fmt::format("{} ratings of {}", out.request.changes.size(), out.file);
  out.sheet = std::move(*made);
  return {};
}

/// The file that a rater of a shared study writes; its rater takes the name given, unless it speaks for several.
Result<RatingPlan> plan_journal(const std::filesystem::path& path, const std::string& text,
                                const study::Snapshot& snapshot, const std::string& rater) {
  RatingPlan out;
  out.file = path.filename().string();
  auto journal = study::read_journal(text, out.file);
  if (!journal) return tl::unexpected<Error>(journal.error());
  std::set<std::string> raters, people;
  for (const auto& line : journal->lines) {
    raters.insert(line.word.rating.rater);
    people.insert(study::look_of(line.word.rating.rater).name);
  }
  out.raters.assign(raters.begin(), raters.end());
  out.renamed = people.size() == 1;
  if (out.renamed)
    for (auto& line : journal->lines)
      line.word.rating.rater = study::look_name(rater, study::look_of(line.word.rating.rater).number);
  auto merge = study::merge_words({study::voice_of(*journal, out.file)}, snapshot, rater);
  const auto& n = merge.voices.front();
  out.request = std::move(merge.request);
  out.request.kind = "import_ratings";
  out.rows = static_cast<long long>(journal->lines.size());
  out.added = n.added;
  out.changed = n.changed + n.taken_back;
  out.unchanged = n.unchanged;
  out.kept = n.kept;
  out.conflicts = std::move(merge.conflicts);
  out.problems = problems_of(journal->problems, out.file);
  for (auto& p : out.problems) p.severity = Severity::drops;  // a cut line does not take the others with it
  if (n.unknown > 0)
    out.problems.push_back({Severity::drops, "unmatched", out.file, 0, "", n.first_unknown,
                            fmt::format("{} flags are of people or sessions that are not in the study", n.unknown),
                            "they stay in the file; import the people first", 0});
  return out;
}

/// The ratings of a contact sheet.
Result<table::Sheet> carried_rows(const std::filesystem::path& path, const std::string& bytes) {
  const auto tsv = table::carried_table(bytes, "ratings.tsv");
  if (!tsv) return wrap(tsv.error(), path.string());
  return table::parse_delimited(*tsv, path.filename().string());
}

}  // namespace

bool RatingPlan::blocked() const {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& p) { return p.severity == Severity::blocks; });
}

Result<RatingPlan> plan_ratings(const std::filesystem::path& path, const study::Snapshot& snapshot,
                                const std::string& rater, study::Untimed untimed,
                                const std::filesystem::path& study_dir, const Task& task) {
  if (trim(rater).empty()) return fail(Code::Usage, "the rater has no name", "--rater", "name who rated");
  const auto text = read_file(path);
  if (text && study::is_journal(*text)) return plan_journal(path, *text, snapshot, rater);
  const auto sheet = text && table::may_carry_table(*text) ? carried_rows(path, *text) : table::read_sheet(path);
  if (!sheet) return tl::unexpected<Error>(sheet.error());
  RatingPlan out;
  out.file = sheet->file;
  out.rows = static_cast<long long>(sheet->rows.size());
  out.request = {.author = rater, .kind = "import_ratings", .summary = "", .changes = {}};
  if (!study::is_rating_table(*sheet) && sheet->find("flag") < 0) {
    Sources sources;
    sources.qc = path;
    sources.rater = rater;
    sources.study_dir = study_dir;
    if (auto ok = plan_sheet(out, sources, snapshot, task); !ok) return tl::unexpected<Error>(ok.error());
    return out;
  }
  auto file = study::read_ratings(*sheet, snapshot, rater);
  if (!file) return tl::unexpected<Error>(file.error());
  out.raters = file->raters;
  out.renamed = file->renamed;
  if (!file->problems.empty()) {
    out.refused = Code::InvalidInput;
    out.problems = problems_of(file->problems, out.file);
    return out;
  }
  auto merge = study::merge_ratings(*file, snapshot, rater, untimed);
  out.request = std::move(merge.request);
  out.added = merge.added;
  out.changed = merge.changed;
  out.unchanged = merge.unchanged;
  out.kept = merge.kept;
  out.conflicts = std::move(merge.conflicts);
  out.problems = problems_of(merge.problems, out.file);
  return out;
}

}  // namespace ipsi::ingest
