// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/ingest/import.h"
#include "core/table/delimited.h"

namespace ipsi::ui {

/// A dry run as it was worked out by the job, with the tables that it read, to show places in them.
struct DryRun {
  ingest::Plan plan;
  std::map<std::string, table::Sheet> sheets;           ///< by file name
  std::map<std::string, std::filesystem::path> folder;  ///< source folder by its name, to find files below it
  std::map<std::string, std::filesystem::path> file;    ///< path by file name
  std::map<std::string, int> lines;                     ///< in the file
  std::vector<std::string> order;                       ///< file names as the sources were given
};

/// Reads the sources and works the plan out; nothing is written. Errors as of ingest::plan.
[[nodiscard]] Result<DryRun> dry_run(const ingest::Sources& sources, const study::Snapshot& snapshot, const Task& task);

enum class ProblemState { handled, check, error, blocked };

/// One line of the list of problems.
struct ProblemRow {
  ProblemState state = ProblemState::handled;
  QString band;  ///< what it is listed under: the table, or the kind of trap where every file has its own
  QString file, column, subject, found;
  int line = 0, other_line = 0;  ///< 0 = none
  QString is;                    ///< in few words, beside column and cell: "Zero means missing in the source"
  QString what;                  ///< whole: "Lthal is 0: missing in the source, not a small volume"
  QString does;                  ///< what Import will do: "read as missing"
  QString mend;
  QString trap;
};
[[nodiscard]] QString problem_word(ProblemState state);  ///< "check"

/// Tables first, in the order of the sources, by line; then what is said of folders and images, by kind.
[[nodiscard]] std::vector<ProblemRow> problem_rows(const DryRun& run);

/// How columns of one file were understood; left and right of a structure are one line.
struct ColumnRow {
  QString file, name, meaning, note;
  bool used = true;
};
[[nodiscard]] std::vector<ColumnRow> column_rows(const DryRun& run);

/// A piece of a file as it stands, around a line.
struct Excerpt {
  struct Line {
    int number = 0;
    QString text;
    bool current = false, header = false;
    int mark_at = -1, mark_length = 0;  ///< the cell in question, in characters
  };
  QString title, note;  ///< "LandRvolumes.csv, line 46"; why there are no lines
  QString path;         ///< for Show file
  std::vector<Line> lines;
};
[[nodiscard]] Excerpt excerpt_of(const DryRun& run, const ProblemRow& row);

/// Position and length of cell `index` in a raw line of a delimited file; {-1, 0} where it has none.
[[nodiscard]] std::pair<int, int> cell_range(const QString& line, QChar separator, int index);

/// The list as CSV, a line per problem.
[[nodiscard]] std::string problems_csv(const std::vector<ProblemRow>& rows);

}  // namespace ipsi::ui
