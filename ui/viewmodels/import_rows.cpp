// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/import_rows.h"

#include <QFile>
#include <QObject>
#include <QTextStream>
#include <algorithm>
#include <array>
#include <fstream>
#include <tuple>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/table/table.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace fs = std::filesystem;
namespace {

constexpr int kAround = 2;            // lines before and after
constexpr qsizetype kLongest = 4000;  // characters of a line that are shown
constexpr int kCellLongest = 40;      // of a cell in the list

QString tr(const char* text) {
  return QObject::tr(text);
}
QString capital(const QString& s) {
  if (s.isEmpty() || !s[0].isLetter()) return s;
  // A column's own name ("Lthal is 0") keeps its letters.
  return s[0].toUpper() + s.mid(1);
}

bool is_table(const fs::path& path) {
  const std::string end = to_lower(path.extension().string());
  return end == ".csv" || end == ".tsv" || end == ".txt" || end == ".xlsx";
}

int count_lines(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  int n = 0;
  char last = '\n';
  std::array<char, 65536> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    n += static_cast<int>(std::count(buffer.data(), buffer.data() + in.gcount(), '\n'));
    last = buffer[static_cast<std::size_t>(in.gcount()) - 1];
  }
  return last == '\n' ? n : n + 1;
}

/// What Import does with a trap, where the severity alone does not say it.
QString does_of(const ingest::Problem& p) {
  static const std::map<std::string_view, const char*> kDoes{
      {"missing_structure", QT_TR_NOOP("read as missing")},
      {"icv_zero", QT_TR_NOOP("read as missing")},
      {"mark", QT_TR_NOOP("read as missing, unrated")},
      {"six_significant_digits", QT_TR_NOOP("kept as written")},
      {"non_subject", QT_TR_NOOP("skipped")},
      {"id_excel", QT_TR_NOOP("kept as written")},
      {"id_empty", QT_TR_NOOP("the row is left out")},
      {"duplicate_id", QT_TR_NOOP("choose a line")},
      {"sex_levels", QT_TR_NOOP("answer at the right")},
      {"ragged_row", QT_TR_NOOP("the rest is read as missing")},
      {"icv_small", QT_TR_NOOP("kept, look at the scan")},
      {"icv_large", QT_TR_NOOP("kept, look at the scan")},
      {"icv_below_brain", QT_TR_NOOP("read as missing")},
      {"swap", QT_TR_NOOP("kept, check both")},
      {"out_of_range", QT_TR_NOOP("this score is left out")},
      {"not_a_number", QT_TR_NOOP("read as missing")},
      {"negative_volume", QT_TR_NOOP("read as missing")},
      {"empty_mask", QT_TR_NOOP("kept as no visible lesion")},
      {"skipped_line", QT_TR_NOOP("left out")},
      {"unreadable", QT_TR_NOOP("left out, the others go on")},
      {"trailing_comma", QT_TR_NOOP("the column is dropped")},
      {"excel_crlf", QT_TR_NOOP("read as meant")},
      {"excel_bom", QT_TR_NOOP("read as meant")},
      {"excel_semicolon", QT_TR_NOOP("read as meant")},
      {"excel_decimal_comma", QT_TR_NOOP("read as meant")},
      {"no_cohort", QT_TR_NOOP("kept, see the flow")},
      {"no_side", QT_TR_NOOP("kept for left and right")},
  };
  if (p.trap == "id_join") return p.severity == ingest::Severity::drops ? tr("left out unless joined") : tr("joined");
  if (p.trap == "unmatched")
    return p.severity == ingest::Severity::drops ? tr("left out") : tr("imported without them");
  if (p.trap == "unable_code") return p.severity == ingest::Severity::drops ? tr("no score") : tr("the worst score");
  if (const auto found = kDoes.find(p.trap); found != kDoes.end()) return tr(found->second);
  switch (p.severity) {
    case ingest::Severity::blocks: return tr("nothing is imported until this is settled");
    case ingest::Severity::drops: return tr("left out");
    case ingest::Severity::warns: return tr("kept, look at it");
    case ingest::Severity::notes: break;
  }
  return tr("nothing to do");
}

/// What it is, where the cell beside it says the rest; else the core's whole sentence.
QString is_of(const ingest::Problem& p, const QString& whole) {
  static const std::map<std::string_view, const char*> kIs{
      {"missing_structure", QT_TR_NOOP("Zero means missing in the source")},
      {"icv_zero", QT_TR_NOOP("Zero means missing in the source")},
      {"mark", QT_TR_NOOP("Excluded, reason unknown")},
      {"six_significant_digits", QT_TR_NOOP("Six digits only, rounded")},
      {"non_subject", QT_TR_NOOP("Not a subject")},
      {"id_excel", QT_TR_NOOP("A spreadsheet takes it for a date")},
      {"duplicate_id", QT_TR_NOOP("Duplicate id")},
      {"icv_small", QT_TR_NOOP("Below 0.8 L")},
      {"icv_large", QT_TR_NOOP("Above 2.2 L")},
      {"not_a_number", QT_TR_NOOP("Not a number")},
      {"negative_volume", QT_TR_NOOP("Below zero")},
      {"ragged_row", QT_TR_NOOP("The row is too short")},
      {"sex_levels", QT_TR_NOOP("Sex is written as numbers")},
      {"excel_crlf", QT_TR_NOOP("Windows line ends")},
      {"excel_bom", QT_TR_NOOP("Byte-order mark of Excel")},
      {"mask_grid", QT_TR_NOOP("Taken to the segmentation's grid")},
      {"empty_mask", QT_TR_NOOP("The mask is empty")},
      {"excel_semicolon", QT_TR_NOOP("Cells separated by semicolons")},
      {"excel_decimal_comma", QT_TR_NOOP("Decimal commas")},
      {"trailing_comma", QT_TR_NOOP("An empty column at the end")},
      {"skipped_line", QT_TR_NOOP("Left out as asked")},
  };
  const QString word = QStringLiteral("' is most likely ");
  if (p.trap == "id_join" && whole.contains(word))
    return tr("Most likely %1").arg(whole.section(word, 1).section(" (", 0, 0));
  if (p.trap == "unmatched" && p.line > 0)
    return p.severity == ingest::Severity::drops ? tr("In no other source") : tr("Has no row of volumes");
  if (p.line == 0 && p.trap == "six_significant_digits") return whole;  // of all values together
  if (const auto found = kIs.find(p.trap); found != kIs.end()) return tr(found->second);
  return whole;
}

/// What to do, in the window's words where the core names an option of the command line.
QString mend_of(const ingest::Problem& p) {
  static const std::map<std::string_view, const char*> kMends{
      {"id_join", QT_TR_NOOP("answer at the right, or correct the id in the file")},
      {"duplicate_id", QT_TR_NOOP("answer at the right which line counts, or name the sessions in a session column")},
      {"sex_levels", QT_TR_NOOP("answer at the right which level is female")},
      {"sex_unknown", QT_TR_NOOP("write female or male")},
      {"unable_code", QT_TR_NOOP("answer at the right what the codes mean, or correct the cell")},
      {"alternative_maximum", QT_TR_NOOP("answer at the right which maximum was used")},
      {"out_of_range", QT_TR_NOOP("correct the cell; another scale can be set under Scores after the import")},
      {"which_session", QT_TR_NOOP("name the session in a session column or as ID_ses-2")},
      {"first_session_without_volumes", QT_TR_NOOP("give both tables the same session names")},
  };
  if (const auto found = kMends.find(p.trap); found != kMends.end()) return tr(found->second);
  return text_of(p.mend);
}

ProblemState state_of(const ingest::Problem& p) {
  switch (p.severity) {
    case ingest::Severity::blocks: return ProblemState::blocked;
    case ingest::Severity::drops:
      return p.trap == "non_subject" || p.mend == "nothing to do" ? ProblemState::handled : ProblemState::error;
    case ingest::Severity::warns: return p.trap == "mark" ? ProblemState::handled : ProblemState::check;
    case ingest::Severity::notes: break;
  }
  return ProblemState::handled;
}

const table::Sheet::Row* row_at(const table::Sheet& sheet, int line) {
  const auto at = std::lower_bound(sheet.rows.begin(), sheet.rows.end(), line,
                                   [](const table::Sheet::Row& row, int wanted) { return row.line < wanted; });
  return at != sheet.rows.end() && at->line == line ? &*at : nullptr;
}

int column_at(const table::Sheet& sheet, const std::string& name) {
  const auto at = std::find(sheet.header.begin(), sheet.header.end(), name);
  return at == sheet.header.end() ? -1 : static_cast<int>(at - sheet.header.begin());
}

QString found_in(const DryRun& run, const ingest::Problem& p) {
  if (p.trap == "unmatched") return {};
  const auto sheet = run.sheets.find(p.file);
  if (sheet == run.sheets.end() || p.line <= 0 || p.column.empty()) return {};
  const auto* row = row_at(sheet->second, p.line);
  const int at = column_at(sheet->second, p.column);
  if (row == nullptr || at < 0 || at >= static_cast<int>(row->cells.size())) return {};
  const std::string& cell = row->cells[static_cast<std::size_t>(at)];
  if (cell.empty()) return tr("blank");
  const QString whole = text_of(cell);
  return whole.size() > kCellLongest ? whole.left(kCellLongest) + "…" : whole;
}

/// "left_thalamus volume" -> {"thalamus", "mm³"}
std::pair<QString, QString> meaning_of(const std::string& as) {
  if (as == "id") return {tr("subject"), {}};
  if (as == "head icv") return {tr("intracranial volume"), tr("mm³")};
  if (as == "days_post_stroke") return {tr("days since stroke"), tr("d")};
  if (as == "age") return {tr("age"), tr("years")};
  if (as == "lesion_side") return {tr("lesion side"), {}};
  if (as == "lesion_class") return {tr("lesion class"), {}};
  if (as == "lesion volume (cc)") return {tr("lesion volume"), tr("cc, read as mm³")};
  if (as == "lesion volume (mm3)") return {tr("lesion volume"), tr("mm³")};
  const auto unit = [](const QString& measure) {
    return measure == "volume"      ? tr("mm³")
           : measure == "area"      ? tr("mm²")
           : measure == "thickness" ? tr("mm")
                                    : QString();
  };
  if (as.starts_with("left_") || as.starts_with("right_")) {
    const QString rest = text_of(as).section('_', 1);
    const QString measure = rest.section(' ', -1);
    QString name = rest.section(' ', 0, -2).replace('_', ' ');
    if (measure != "volume") name += " " + measure;
    return {name, unit(measure)};
  }
  if (as.starts_with("extra measurement")) return {tr("kept, not used"), {}};
  return {text_of(as).replace('_', ' '), as.starts_with("third") || as.starts_with("fourth") ? tr("mm³") : QString()};
}

QString note_of(const DryRun& run, const ingest::ColumnUse& use) {
  const auto sheet = run.sheets.find(use.file);
  if (sheet == run.sheets.end()) return {};
  const int at = column_at(sheet->second, use.column);
  if (at < 0) return {};
  std::map<std::string, int> levels;
  int missing = 0;
  for (const auto& row : sheet->second.rows) {
    const std::string& cell = row.cells[static_cast<std::size_t>(at)];
    const std::string low = to_lower(cell);
    if (low.empty() || low == "na" || low == "n/a" || low == "nan" || low == ".")
      ++missing;
    else if (levels.size() < 1000)
      ++levels[cell];
  }
  if (use.as == "cohort") return tr("%1 different").arg(levels.size());
  if (use.as == "sex" && levels.size() <= 3) {
    QStringList told;
    for (const auto& [level, n] : levels) told << QString("%1: %2").arg(text_of(level)).arg(n);
    return told.join(", ");
  }
  return missing > 0 ? tr("%1 missing").arg(missing) : QString();
}

}  // namespace

Result<DryRun> dry_run(const ingest::Sources& sources, const study::Snapshot& snapshot, const Task& task) {
  auto plan = ingest::plan(sources, snapshot, task);
  if (!plan) return tl::unexpected(plan.error());
  DryRun run;
  run.plan = std::move(*plan);
  fs::path participants = sources.participants;
  std::error_code ec;
  if (participants.empty() && !sources.bids.empty() && fs::exists(sources.bids / "participants.tsv", ec))
    participants = sources.bids / "participants.tsv";
  for (const fs::path& path : {sources.volumes, participants, sources.qc}) {
    if (path.empty()) continue;
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const std::string name = path.filename().string();
    run.file[name] = path;
    run.order.push_back(name);
    if (!is_table(path)) continue;
    auto sheet = table::read_sheet(path);
    if (!sheet) continue;  // the plan has told
    run.lines[name] = to_lower(path.extension().string()) == ".xlsx"
                          ? (sheet->rows.empty() ? sheet->header_line : sheet->rows.back().line)
                          : count_lines(path);
    run.sheets.emplace(name, std::move(*sheet));
  }
  for (const fs::path& path : {sources.freesurfer, sources.bids, sources.lesions})
    if (!path.empty()) run.folder[path.lexically_normal().filename().string()] = path;
  return run;
}

QString problem_word(ProblemState state) {
  switch (state) {
    case ProblemState::handled: return tr("handled");
    case ProblemState::check: return tr("check");
    case ProblemState::error: return tr("error");
    case ProblemState::blocked: return tr("blocked");
  }
  return {};
}

std::vector<ProblemRow> problem_rows(const DryRun& run) {
  std::vector<ProblemRow> rows;
  rows.reserve(run.plan.problems.size());
  for (const auto& p : run.plan.problems) {
    ProblemRow row;
    row.state = state_of(p);
    row.file = text_of(p.file);
    row.line = p.line;
    row.other_line = p.other_line;
    row.column = text_of(p.column);
    row.subject = text_of(p.subject);
    row.found = found_in(run, p);
    const bool named =
        (!p.column.empty() && p.what.starts_with(p.column)) || (!p.subject.empty() && p.what.starts_with(p.subject));
    row.what = named ? text_of(p.what) : capital(text_of(p.what));
    row.is = is_of(p, row.what);
    row.does = does_of(p);
    row.mend = mend_of(p);
    row.trap = text_of(p.trap);
    const bool table = run.sheets.count(p.file) != 0 || run.file.count(p.file) != 0;
    row.band = table ? row.file : text_of(ingest::trap_title(p.trap));
    rows.push_back(std::move(row));
  }
  std::map<QString, int> order;
  int next = 0;
  for (const auto& name : run.order) order.try_emplace(text_of(name), next++);
  const auto rank = [&](const ProblemRow& row) {
    const auto found = order.find(row.file);
    return found != order.end() ? found->second : next;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const ProblemRow& a, const ProblemRow& b) {
    const int x = rank(a), y = rank(b);
    return std::tie(x, a.band, a.file, a.line) < std::tie(y, b.band, b.file, b.line);
  });
  return rows;
}

std::vector<ColumnRow> column_rows(const DryRun& run) {
  std::vector<ColumnRow> rows;
  auto columns = run.plan.columns;
  std::stable_sort(columns.begin(), columns.end(), [&](const auto& a, const auto& b) {
    const auto rank = [&](const std::string& file) { return std::find(run.order.begin(), run.order.end(), file); };
    return rank(a.file) < rank(b.file);
  });
  for (const auto& use : columns) {
    ColumnRow row;
    row.file = text_of(use.file);
    row.name = use.column.empty() ? tr("(no name)") : text_of(use.column);
    row.used = !use.as.empty();
    if (row.used) {
      std::tie(row.meaning, row.note) = meaning_of(use.as);
      if (row.note.isEmpty() || use.as == "age" || use.as == "days_post_stroke") {
        const QString extra = note_of(run, use);
        if (!extra.isEmpty()) row.note = extra;
      }
    } else {
      row.meaning = tr("not read: %1").arg(text_of(use.why));
    }
    const bool pair = !rows.empty() && use.as.starts_with("right_") && rows.back().file == row.file &&
                      rows.back().meaning == row.meaning && rows.back().used;
    if (pair)
      rows.back().name += ", " + row.name;
    else
      rows.push_back(std::move(row));
  }
  return rows;
}

std::pair<int, int> cell_range(const QString& line, QChar separator, int index) {
  int cell = 0;
  qsizetype start = 0;
  bool quoted = false;
  for (qsizetype i = 0; i <= line.size(); ++i) {
    const bool end = i == line.size();
    if (!end && line[i] == '"') quoted = !quoted;
    if (!end && (quoted || line[i] != separator)) continue;
    if (cell == index) {
      while (start < i && line[start].isSpace()) ++start;
      qsizetype stop = i;
      while (stop > start && line[stop - 1].isSpace()) --stop;
      return {static_cast<int>(start), static_cast<int>(stop - start)};
    }
    ++cell;
    start = i + 1;
  }
  return {-1, 0};
}

namespace {

/// Wanted lines of a text file, by number.
std::map<int, QString> read_lines(const fs::path& path, const std::vector<int>& wanted) {
  std::map<int, QString> out;
  QFile file(QString::fromStdString(path.string()));
  if (wanted.empty() || !file.open(QIODevice::ReadOnly)) return out;
  const int last = *std::max_element(wanted.begin(), wanted.end());
  for (int n = 1; n <= last && !file.atEnd(); ++n) {
    QByteArray bytes = file.readLine();
    if (std::find(wanted.begin(), wanted.end(), n) == wanted.end()) continue;
    while (bytes.endsWith('\n') || bytes.endsWith('\r')) bytes.chop(1);
    out[n] = QString::fromUtf8(bytes).left(kLongest).remove(QChar(0xFEFF));
  }
  return out;
}

std::map<int, QString> sheet_lines(const table::Sheet& sheet, const std::vector<int>& wanted) {
  std::map<int, QString> out;
  for (const int n : wanted) {
    if (n == sheet.header_line) out[n] = text_of(join(sheet.header, "\t"));
    if (const auto* row = row_at(sheet, n)) out[n] = text_of(join(row->cells, "\t"));
  }
  return out;
}

}  // namespace

Excerpt excerpt_of(const DryRun& run, const ProblemRow& row) {
  Excerpt out;
  const std::string name = row.file.toStdString();
  fs::path path;
  if (const auto known = run.file.find(name); known != run.file.end()) path = known->second;
  for (const auto& [folder, root] : run.folder) {
    std::error_code ec;
    if (path.empty() && !name.empty() && fs::exists(root / name, ec)) path = root / name;
  }
  out.path = QString::fromStdString(path.string());
  out.title = row.file.isEmpty() ? tr("The sources as a whole")
              : row.line > 0     ? tr("%1, line %2").arg(row.file).arg(row.line)
                                 : row.file;
  const auto sheet = run.sheets.find(name);
  const bool table = sheet != run.sheets.end();
  if (path.empty() || (!table && row.line <= 0)) {
    out.note = row.line > 0 ? tr("the file is not there any more") : tr("not about one line");
    return out;
  }
  const int header = table ? sheet->second.header_line : 0;
  std::vector<int> wanted;
  if (header > 0) wanted.push_back(header);
  const auto around = [&](int middle, int by) {
    for (int n = std::max(middle - by, 1); n <= middle + by; ++n)
      if (std::find(wanted.begin(), wanted.end(), n) == wanted.end()) wanted.push_back(n);
  };
  if (row.other_line > 0) around(row.other_line, 1);
  around(row.line > 0 ? row.line : header + 1, row.other_line > 0 ? 1 : kAround);
  std::sort(wanted.begin(), wanted.end());
  const bool workbook = to_lower(path.extension().string()) == ".xlsx";
  const auto lines = workbook && table ? sheet_lines(sheet->second, wanted) : read_lines(path, wanted);
  const QChar separator = workbook || !table ? QChar('\t') : QChar(sheet->second.separator);
  const int column = table ? column_at(sheet->second, row.column.toStdString()) : -1;
  for (const auto& [number, line] : lines) {
    Excerpt::Line shown{number,           line, number == row.line || (row.other_line > 0 && number == row.other_line),
                        number == header, -1,   0};
    if (shown.current && column >= 0) std::tie(shown.mark_at, shown.mark_length) = cell_range(line, separator, column);
    out.lines.push_back(std::move(shown));
  }
  if (out.lines.empty()) out.note = tr("the file cannot be read any more");
  return out;
}

std::string problems_csv(const std::vector<ProblemRow>& rows) {
  std::vector<std::string> state, file, line, column, subject, found, what, does, mend, trap;
  for (const auto& row : rows) {
    state.push_back(problem_word(row.state).toStdString());
    file.push_back(row.file.toStdString());
    line.push_back(row.line > 0 ? std::to_string(row.line) : "");
    column.push_back(row.column.toStdString());
    subject.push_back(row.subject.toStdString());
    found.push_back(row.found.toStdString());
    what.push_back(row.what.toStdString());
    does.push_back(row.does.toStdString());
    mend.push_back(row.mend.toStdString());
    trap.push_back(row.trap.toStdString());
  }
  const auto made = table::Table::from(
      {table::text("state", state), table::text("file", file), table::text("line", line), table::text("column", column),
       table::text("subject", subject), table::text("found", found), table::text("what", what),
       table::text("import_will", does), table::text("mend", mend), table::text("trap", trap)});
  return made ? table::to_delimited(*made) : std::string();
}

}  // namespace ipsi::ui
