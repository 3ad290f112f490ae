// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/spec/diagram.h"
#include "core/spec/figure.h"
#include "core/table/table.h"

namespace ipsi::spec {

/// What a run gives, as data: reports, tables, windows and the command line only lay it out.
struct ResultSet {
  struct NamedTable {
    std::string key, title, note;
    table::Table table;
  };
  Json json;  ///< the structured result `--json` prints
  std::vector<NamedTable> tables;
  std::vector<Figure> figures;
  std::vector<Diagram> diagrams;
  std::vector<std::string> findings;      ///< dropped rows, boundary fits, non-convergence: shown with the result
  std::vector<std::string> methods_text;  ///< paragraphs made from what was really run
  std::vector<std::string> references;
  Json manifest = Json::object();  ///< spec and data hashes, last act, versions, seed, seconds
  bool usable = true;              ///< false: computed but must not be used (exit 4)
};

}  // namespace ipsi::spec
