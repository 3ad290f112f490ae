// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/volumes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/ingest/behaviour.h"
#include "core/ingest/draft.h"
#include "core/ingest/limits.h"

namespace ipsi::ingest {
namespace {

struct Column {
  std::size_t at = 0;
  MeasureColumn meaning;
  bool known = true;  ///< false: a numeric extra that is kept under its own name
};

/// Cells of an extra column are numbers or marks, and at least one is a number.
bool numeric_column(const table::Sheet& sheet, std::size_t at) {
  bool any = false;
  for (const auto& row : sheet.rows) {
    if (sheet.number(row.cells[at]))
      any = true;
    else if (!is_mark(row.cells[at]))
      return false;
  }
  return any;
}

std::vector<Column> find_columns(Draft& draft, const table::Sheet& sheet, int id, int session) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < sheet.header.size(); ++i) {
    const std::string& name = sheet.header[i];
    if (static_cast<int>(i) == id || static_cast<int>(i) == session) {
      draft.plan.columns.push_back({sheet.file, name, static_cast<int>(i) == id ? "id" : "session", ""});
    } else if (auto meaning = enigma_column(name)) {
      draft.plan.columns.push_back({sheet.file, name, meaning->region + " " + meaning->measure, ""});
      columns.push_back({i, std::move(*meaning), true});
    } else if (!name.empty() && numeric_column(sheet, i)) {
      draft.plan.columns.push_back({sheet.file, name, "extra measurement '" + name + "'", ""});
      columns.push_back({i, {name, "extra", ""}, false});
    } else {
      draft.plan.columns.push_back({sheet.file, name, "", name.empty() ? "it has no name" : "it is not a measure"});
    }
  }
  return columns;
}

/// 1,52346e+06 and 1.52346E+06 alike.
bool has_exponent(std::string_view cell) {
  return std::ranges::any_of(cell, [](char c) { return c == 'e' || c == 'E'; });
}

class Reader {
 public:
  Reader(Draft& draft, const table::Sheet& sheet) : draft_(draft), sheet_(sheet) {}

  void cell(const Origin& row, const PersonSession& where, const std::string& text, const Column& column) {
    study::Measurement m;
    m.person = where.person;
    m.session = where.session;
    m.region = column.meaning.region;
    m.measure = column.meaning.measure;
    m.source = "enigma_csv";
    m.unit = column.meaning.unit;
    Origin at = row;
    at.column = sheet_.header[column.at];
    const auto value = sheet_.number(text);
    if (is_mark(text)) {
      m.note = kNoteMark;
      if (column.known)
        draft_.problem(
            Severity::warns, "mark", at,
            fmt::format("{} is {}: excluded, reason unknown", at.column, text.empty() ? "blank" : "'" + text + "'"),
            "the volume is missing; lesioned or failed is not concluded from it, rate it or import the quality sheet");
    } else if (!value) {
      m.note = fmt::format("'{}' is not a number", text);
      draft_.problem(Severity::drops, "not_a_number", at, fmt::format("'{}' is not a number", text),
                     text.find(',') != std::string::npos
                         ? "is it a decimal comma or a thousands separator? write 1234.5"
                         : "correct the cell or leave it empty");
    } else {
      number(at, m, text, *value, column);
    }
    draft_.put(std::move(m));
  }

 private:
  void number(const Origin& at, study::Measurement& m, const std::string& text, double value, const Column& column) {
    const bool icv = m.measure == "icv";
    if (column.known && value == 0) {
      m.note = kNoteMissing;
      draft_.problem(Severity::warns, icv ? "icv_zero" : "missing_structure", at,
                     fmt::format("{} is 0: missing in the source, not a small volume", at.column),
                     icv ? "the intracranial volume is missing; look at this person's FreeSurfer run"
                         : "the volume is missing; look whether FreeSurfer found the structure");
      return;
    }
    if (column.known && value < 0) {
      m.note = fmt::format("{} is negative", text);
      draft_.problem(Severity::drops, "negative_volume", at, fmt::format("{} is {}, below zero", at.column, text),
                     "correct the cell");
      return;
    }
    m.value = value;
    if (has_exponent(text))
      draft_.problem(Severity::warns, "six_significant_digits", at,
                     fmt::format("{} is written {}: rounded to few digits", at.column, text),
                     "give the FreeSurfer folders too: the value of aseg.stats is then preferred");
    if (!icv) return;
    if (value < kSmallIcv)
      draft_.problem(Severity::warns, "icv_small", at,
                     fmt::format("the intracranial volume is {:.4g} L, below 0.8 L{}", value / 1e6,
                                 value < 3000 && value > 500 ? " (is it in mL?)" : ""),
                     "look at the skull strip and the Talairach transform; volumes are in mm3");
    if (value > kLargeIcv)
      draft_.problem(Severity::warns, "icv_large", at,
                     fmt::format("the intracranial volume is {:.4g} L, above 2.2 L", value / 1e6),
                     "look at the skull strip and the Talairach transform");
  }

  Draft& draft_;
  const table::Sheet& sheet_;
};

/// ICVs such as 1684160 among 1198380: awk printed six digits and the spreadsheet wrote them out.
void note_rounded_icv(Draft& draft, const table::Sheet& sheet, const std::vector<Column>& columns) {
  for (const Column& column : columns) {
    if (column.meaning.measure != "icv") continue;
    long long large = 0;
    long long rounded = 0;
    for (const auto& row : sheet.rows) {
      const auto value = sheet.number(row.cells[column.at]);
      if (!value || *value < 1e6 || has_exponent(row.cells[column.at])) continue;
      ++large;
      if (std::fmod(*value, 10.0) == 0.0) ++rounded;
    }
    if (large >= kEnoughRounded && rounded == large)
      draft.problem(Severity::warns, "six_significant_digits", {"volumes", sheet.file, 0, sheet.header[column.at], ""},
                    fmt::format("all {} values above 1 L end in 0: rounded to 6 significant digits", large),
                    "give the FreeSurfer folders too: the value of aseg.stats is then preferred");
  }
}

}  // namespace

std::optional<MeasureColumn> enigma_column(std::string_view header) {
  const std::string name = plain_name(header);
  for (const Region& region : kRegions)
    if (name == plain_name(region.enigma) || name == plain_name(region.key))
      return MeasureColumn{std::string(region.key), "volume", "mm3"};
  static constexpr std::array<std::array<std::string_view, 2>, 16> kOthers{{{"lhippo", "left_hippocampus"},
                                                                            {"rhippo", "right_hippocampus"},
                                                                            {"lamyg", "left_amygdala"},
                                                                            {"ramyg", "right_amygdala"},
                                                                            {"lefthippocampus", "left_hippocampus"},
                                                                            {"righthippocampus", "right_hippocampus"},
                                                                            {"leftamygdala", "left_amygdala"},
                                                                            {"rightamygdala", "right_amygdala"},
                                                                            {"thirdventricle", "third_ventricle"},
                                                                            {"fourthventricle", "fourth_ventricle"},
                                                                            {"brainstem", "brainstem"},
                                                                            {"3rdventricle", "third_ventricle"},
                                                                            {"4thventricle", "fourth_ventricle"},
                                                                            {"icv", "head"},
                                                                            {"etiv", "head"},
                                                                            {"estimatedtotalintracranialvol", "head"}}};
  for (const auto& [written, region] : kOthers)
    if (name == written) return MeasureColumn{std::string(region), region == "head" ? "icv" : "volume", "mm3"};
  for (const std::string_view side : {"l", "r"}) {
    const std::string whole = (side == "l" ? "left" : "right") + std::string("_cortex");
    if (name == std::string(side) + "thickness") return MeasureColumn{whole, "thickness", "mm"};
    if (name == std::string(side) + "surfarea") return MeasureColumn{whole, "area", "mm2"};
    const std::string lower = to_lower(trim(header));
    if (!lower.starts_with(std::string(side) + "_")) continue;
    for (const auto& [end, measure, unit] : {std::array<std::string_view, 3>{"_thickavg", "thickness", "mm"},
                                             std::array<std::string_view, 3>{"_surfavg", "area", "mm2"}})
      if (lower.ends_with(end) && lower.size() > end.size() + 2)
        return MeasureColumn{(side == "l" ? "left_" : "right_") + lower.substr(2, lower.size() - 2 - end.size()),
                             std::string(measure), std::string(unit)};
  }
  return std::nullopt;
}

Result<void> read_volumes(Draft& draft, const std::filesystem::path& path, const Task& task) {
  auto sheet = table::read_sheet(path);
  if (!sheet) return tl::unexpected(sheet.error());
  draft.take_shape(*sheet);
  draft.skip_lines(*sheet);
  const int id =
      find_column(*sheet, {"SubjID", "subject_id", "subject", "participant_id", "SubjectID", "ID", "BIDS_ID"});
  if (id < 0)
    return fail(Code::InvalidInput, "there is no column SubjID",
                fmt::format("{}, line {}", sheet->file, sheet->header_line),
                "the columns are " + join(sheet->header, ", "));
  const int session = find_column(*sheet, {"session", "ses", "visit"});
  if (sheet->rows.empty())
    return fail(Code::InvalidInput, "the table has a header and no rows", sheet->file,
                "add the volumes or leave the file out");
  const auto columns = find_columns(draft, *sheet, id, session);
  if (std::ranges::none_of(columns, &Column::known))
    return fail(Code::InvalidInput, "no column holds a volume, thickness, area or ICV that is known",
                fmt::format("{}, line {}", sheet->file, sheet->header_line),
                "the columns are " + join(sheet->header, ", "));
  Reader reader(draft, *sheet);
  for (std::size_t r = 0; r < sheet->rows.size(); ++r) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const auto& row = sheet->rows[r];
    Origin at{"volumes", sheet->file, row.line, sheet->header[static_cast<std::size_t>(id)],
              row.cells[static_cast<std::size_t>(id)]};
    if (at.id.empty()) {
      draft.problem(Severity::drops, "id_empty", at, "the row has no id", "add the id or delete the row");
      continue;
    }
    if (const std::string reason = not_a_subject(at.id); !reason.empty()) {
      draft.problem(Severity::drops, "non_subject", at, fmt::format("'{}' is skipped: {}", at.id, reason),
                    "nothing to do");
      draft.plan.skipped.emplace_back(at.id, reason);
      continue;
    }
    if (excel_mangles(at.id))
      draft.problem(Severity::warns, "id_excel", at,
                    fmt::format("'{}' is what Excel takes for a date or a number", at.id),
                    "compare the id with the source; format the column as text before saving");
    const auto where = draft.place(at, session < 0 ? "" : row.cells[static_cast<std::size_t>(session)]);
    if (!where) continue;
    for (const Column& column : columns) reader.cell(at, *where, row.cells[column.at], column);
    task.progress(static_cast<double>(r + 1) / static_cast<double>(sheet->rows.size()), sheet->file);
  }
  note_rounded_icv(draft, *sheet, columns);
  return {};
}

}  // namespace ipsi::ingest
