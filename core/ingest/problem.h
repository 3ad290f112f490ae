// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::ingest {

/// What a problem does to the import.
enum class Severity {
  blocks,  ///< nothing is imported until it is resolved
  drops,   ///< this cell, row or file is left out; everything else goes on
  warns,   ///< imported, but somebody should look
  notes,   ///< understood all the same; told so that nothing happens in silence
};
[[nodiscard]] std::string_view to_string(Severity severity);

/// Something about the input that its owner should know: where it is, what it is, what to do.
struct Problem {
  Severity severity = Severity::notes;
  std::string trap;     ///< short name of the kind, "duplicate_id"; the table of traps is in problem.cpp
  std::string file;     ///< file name, or path below the folder that was given
  int line = 0;         ///< 1-based, 0 = the whole file
  std::string column;   ///< header of the column, "" = none in particular
  std::string subject;  ///< id as written in the source
  std::string what;     ///< plain words with the value
  std::string mend;     ///< what to do about it
  int other_line = 0;   ///< the line that it disagrees with (the first row of a duplicate), 0 = none
};

/// {"severity","trap","file","line","column","subject","what","mend"}; line, column and subject are null where none.
[[nodiscard]] Json to_json(const Problem& problem);

/// "LandRvolumes.csv:5:ICV" with the parts that there are.
[[nodiscard]] std::string place_of(const Problem& problem);

/// The problem as the one error that ends a real import.
[[nodiscard]] Error to_error(const Problem& problem);

/// Title of a kind of trap for people ("The same id twice"); the slug itself where it has none.
[[nodiscard]] std::string_view trap_title(std::string_view trap);

}  // namespace ipsi::ingest
