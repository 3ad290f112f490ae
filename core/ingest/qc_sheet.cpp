// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <optional>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/ingest/behaviour.h"
#include "core/ingest/draft.h"
#include "core/ingest/volumes.h"

namespace ipsi::ingest {
namespace {

struct QcColumn {
  std::size_t at = 0;
  std::vector<const Region*> regions;  ///< one, both sides of a structure, or all twelve
};

/// Lthal is one region, "Thal" both sides, "all"/"subject" everything; other names (hippocampus, ICV) are not rated.
std::vector<const Region*> regions_of(const std::string& header) {
  if (const auto meaning = enigma_column(header))
    if (const Region* region = find_region(meaning->region)) return {region};
  const std::string name = plain_name(header);
  std::vector<const Region*> out;
  for (const std::string_view whole :
       {"all", "subject", "whole", "wholesubject", "subjectfail", "overall", "fail", "failed", "exclude"})
    if (name == whole)
      for (const Region& region : kRegions) out.push_back(&region);
  if (!out.empty()) return out;
  if (const auto structure = parse_structure(header))
    return {&region_of(*structure, Side::left), &region_of(*structure, Side::right)};
  return {};
}

}  // namespace

Result<void> read_qc_sheet(Draft& draft, const std::filesystem::path& path, const Task& task) {
  auto sheet = table::read_sheet(path);
  if (!sheet) return tl::unexpected(sheet.error());
  draft.take_shape(*sheet);
  draft.skip_lines(*sheet);
  const int id = find_column(*sheet, {"SubjID", "subject_id", "participant_id", "subject", "SubjectID", "ID"});
  if (id < 0)
    return fail(Code::InvalidInput, "the quality sheet has no column SubjID",
                fmt::format("{}, line {}", sheet->file, sheet->header_line),
                "the columns are " + join(sheet->header, ", "));
  const int session = find_column(*sheet, {"session", "ses"});
  std::vector<QcColumn> columns;
  for (std::size_t i = 0; i < sheet->header.size(); ++i) {
    const std::string& name = sheet->header[i];
    if (static_cast<int>(i) == id || static_cast<int>(i) == session) {
      draft.plan.columns.push_back({sheet->file, name, static_cast<int>(i) == id ? "id" : "session", ""});
      continue;
    }
    auto regions = regions_of(name);
    draft.plan.columns.push_back({sheet->file, name,
                                  regions.empty()       ? ""
                                  : regions.size() == 1 ? "rating of " + std::string(regions[0]->key)
                                                        : fmt::format("rating of {} regions", regions.size()),
                                  regions.empty() ? "not one of the twelve rated regions" : ""});
    if (!regions.empty()) columns.push_back({i, std::move(regions)});
  }
  if (columns.empty())
    return fail(Code::InvalidInput, "no column of the quality sheet is a region",
                fmt::format("{}, line {}", sheet->file, sheet->header_line),
                "the columns are " + join(sheet->header, ", "));
  for (std::size_t r = 0; r < sheet->rows.size(); ++r) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const auto& row = sheet->rows[r];
    Origin at{"qc", sheet->file, row.line, sheet->header[static_cast<std::size_t>(id)],
              row.cells[static_cast<std::size_t>(id)]};
    if (at.id.empty() || !not_a_subject(at.id).empty()) {
      draft.problem(
          Severity::drops, at.id.empty() ? "id_empty" : "non_subject", at,
          at.id.empty() ? "the row has no id" : fmt::format("'{}' is skipped: {}", at.id, not_a_subject(at.id)),
          at.id.empty() ? "add the id or delete the row" : "nothing to do");
      if (!at.id.empty()) draft.plan.skipped.emplace_back(at.id, not_a_subject(at.id));
      continue;
    }
    const auto where = draft.place(at, session < 0 ? "" : row.cells[static_cast<std::size_t>(session)]);
    if (!where) continue;
    for (const QcColumn& column : columns) {
      const std::string& cell = row.cells[column.at];
      const auto value = sheet->number(cell);
      Origin place = at;
      place.column = sheet->header[column.at];
      if (!value || (*value != 0 && *value != 1)) {
        if (cell.empty()) continue;  // blank says neither ok nor failed
        draft.problem(Severity::drops, "qc_value", place,
                      fmt::format("'{}' is neither 1 (fail) nor 0 (ok); no rating", cell),
                      "write 1 for a failed segmentation, 0 or nothing otherwise");
        continue;
      }
      for (const Region* region : column.regions) {
        study::Rating rating;
        rating.person = where->person;
        rating.session = where->session;
        rating.region = region->key;
        rating.rater = draft.sources.rater;
        rating.flag = *value == 1 ? study::Flag::failed : study::Flag::ok;
        rating.comment = column.regions.size() == 12 ? "the whole subject failed (" + sheet->file + ")" : "";
        if (column.regions.size() == 12 && *value == 0) continue;  // 0 for the whole says nothing of each region
        // A fail stays a fail when the whole-subject column and a region's own column disagree.
        const auto it = draft.ratings.find(key_of(rating));
        if (it != draft.ratings.end() && draft.touched.count("rating" + it->first) != 0 &&
            it->second.flag == study::Flag::failed)
          continue;
        if (it != draft.ratings.end() && it->second.flag == rating.flag) {  // importing twice changes nothing
          rating = it->second;
        }
        draft.put(std::move(rating));
      }
    }
    task.progress(static_cast<double>(r + 1) / static_cast<double>(sheet->rows.size()), sheet->file);
  }
  return {};
}

}  // namespace ipsi::ingest
