// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/table_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/study/analysis_table.h"
#include "core/study/study.h"
#include "core/table/delimited.h"

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

Result<table::Table> read_study(const fs::path& path) {
  const auto opened = study::Study::open(path, study::Access::read_only);
  if (!opened) return tl::unexpected<Error>(opened.error());
  const auto snapshot = opened->snapshot();
  if (!snapshot) return tl::unexpected<Error>(snapshot.error());
  return study::analysis_table(*snapshot, study::options_of(*snapshot));
}

}  // namespace

void TableInput::declare(CLI::App& verb) {
  auto* file = verb.add_option("--table", table, "CSV, TSV or XLSX with a header row");
  verb.add_option("--study", study, "The analysis table of a study")->excludes(file);
  verb.add_option("--factor", factors, "NAME=a,b,c: levels of a factor in order, first = reference; repeatable")
      ->take_all();
  verb.add_option("--numeric", numeric, "NAME: a column that must hold numbers; repeatable")->take_all();
}

Result<std::map<std::string, std::vector<std::string>>> levels_of(const std::vector<std::string>& factors) {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& factor : factors) {
    const std::size_t equals = factor.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == factor.size())
      return fail(Code::Usage, fmt::format("--factor {} names no levels", factor), "", "write --factor NAME=a,b,c");
    std::vector<std::string>& levels = out[trim(factor.substr(0, equals))];
    for (const std::string& level : split(factor.substr(equals + 1), ',')) {
      const std::string text = trim(level);
      if (text.empty() || std::find(levels.begin(), levels.end(), text) != levels.end())
        return fail(Code::Usage, fmt::format("--factor {} has an empty or repeated level", factor), "",
                    "name each once");
      levels.push_back(text);
    }
  }
  return out;
}

Result<table::Table> read_input(const TableInput& input,
                                const std::map<std::string, std::vector<std::string>>& factors) {
  if (!input.study.empty()) return read_study(input.study);
  if (input.table.empty()) return fail(Code::Usage, "no data are named", "", "add --table FILE or --study FILE");
  table::TypeOptions types;
  types.factors = factors;
  types.numeric = input.numeric;
  return table::read_table(input.table, types);
}

}  // namespace ipsi::cli
