// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/problem.h"

#include <utility>

namespace ipsi::ingest {
namespace {

// Every trap that an import names, in the words of the report. The slug is what scripts see.
constexpr std::pair<std::string_view, std::string_view> kTitles[] = {
    {"missing_structure", "Volumes of 0: missing in the source"},
    {"six_significant_digits", "Numbers rounded to 6 significant digits"},
    {"mark", "Marks (x, NA, blank): excluded, reason unknown"},
    {"fs_version", "FreeSurfer versions"},
    {"non_subject", "Rows and folders that are no subject"},
    {"id_join", "Ids that nearly match"},
    {"id_ambiguous", "Ids that could mean several people"},
    {"id_excel", "Ids that Excel takes for dates or numbers"},
    {"id_empty", "Rows without an id"},
    {"unmatched", "Ids without a counterpart"},
    {"duplicate_id", "The same id twice"},
    {"skipped_line", "Lines left out as asked"},
    {"duplicate_column", "The same column twice"},
    {"which_session", "Sessions that are not named"},
    {"first_session_without_volumes", "First sessions without volumes"},
    {"excel_semicolon", "Cells separated by semicolons"},
    {"excel_decimal_comma", "Decimal commas"},
    {"excel_bom", "Byte-order marks"},
    {"excel_crlf", "Windows line ends"},
    {"trailing_comma", "Trailing empty columns"},
    {"ragged_row", "Rows that are too short"},
    {"empty_row", "Empty rows"},
    {"not_a_number", "Cells that are no number"},
    {"negative_volume", "Negative volumes"},
    {"icv_zero", "Intracranial volumes of 0"},
    {"icv_small", "Small intracranial volumes"},
    {"icv_large", "Large intracranial volumes"},
    {"icv_below_brain", "Intracranial volumes below the brain's"},
    {"swap", "Left and right that disagree"},
    {"sex_levels", "Sex written as numbers"},
    {"sex_unknown", "Sex that is not understood"},
    {"side_unknown", "Lesion sides that are not understood"},
    {"class_unknown", "Lesion classes that are not understood"},
    {"group_unknown", "Groups that are not understood"},
    {"no_side", "Patients without ipsi- and contralesional values"},
    {"no_cohort", "People without a cohort"},
    {"conflict", "Sources that contradict each other"},
    {"age", "Ages"},
    {"days", "Days since stroke"},
    {"chronicity_conflict", "Chronicity against days since stroke"},
    {"out_of_range", "Scores outside their scale"},
    {"alternative_maximum", "Scales with two maxima in use"},
    {"unable_code", "Codes for \"unable\""},
    {"ambiguous_measure", "Columns that could be two tests"},
    {"ratio_needs_unaffected", "Scores that need the other limb"},
    {"unaffected_zero", "Zero in the unaffected limb"},
    {"ratio_above_one", "The affected limb is the stronger"},
    {"mixed_measures", "Cohorts with different tests"},
    {"stats_and_images_differ", "Stats and images of different subjects"},
    {"missing_piece", "Missing files of a subject"},
    {"unreadable", "Files that could not be read"},
    {"not_a_mask", "Files that are no lesion mask"},
    {"empty_mask", "Empty lesion masks"},
    {"field_of_view", "Lesion and segmentation that do not overlap"},
    {"mask_grid", "Lesions resampled to the segmentation"},
    {"template_space", "Images in template space"},
    {"several_masks", "Several masks of one session"},
    {"subject_name", "Folders whose stats name another subject"},
    {"bids", "BIDS description"},
    {"qc_value", "Quality marks that are not understood"},
    {"later_sessions", "Later sessions"},
    {"date", "Dates that are not written year-month-day"},
};

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::blocks: return "blocks";
    case Severity::drops: return "drops";
    case Severity::warns: return "warns";
    case Severity::notes: return "notes";
  }
  return "notes";
}

Json to_json(const Problem& problem) {
  const auto text = [](const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); };
  return {{"severity", to_string(problem.severity)},
          {"trap", problem.trap},
          {"file", text(problem.file)},
          {"line", problem.line > 0 ? Json(problem.line) : Json(nullptr)},
          {"column", text(problem.column)},
          {"subject", text(problem.subject)},
          {"what", problem.what},
          {"mend", text(problem.mend)}};
}

std::string place_of(const Problem& problem) {
  std::string out = problem.file;
  if (problem.line > 0) out += fmt::format(":{}", problem.line);
  if (!problem.column.empty()) out += (out.empty() ? "" : ":") + problem.column;
  return out;
}

Error to_error(const Problem& problem) {
  std::string where = problem.file;
  const auto add = [&](const std::string& part) { where += (where.empty() ? "" : ", ") + part; };
  if (problem.line > 0) add(fmt::format("line {}", problem.line));
  if (!problem.column.empty()) add("column " + problem.column);
  if (!problem.subject.empty()) add("subject " + problem.subject);
  return {Code::Conflict, problem.what, where, problem.mend};
}

std::string_view trap_title(std::string_view trap) {
  for (const auto& [slug, title] : kTitles)
    if (slug == trap) return title;
  return trap;
}

}  // namespace ipsi::ingest
