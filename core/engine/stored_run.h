// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/engine/analyses.h"
#include "core/engine/live.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::engine {

/// Results of an analysis as they were when somebody kept them. They live in the study, as settings of its own: a run
/// kept, renamed or thrown away is an act of the log like any other.
struct StoredRun {
  std::string key;        ///< of the setting: "run.0003"
  std::string name;       ///< "Chronic, consensus"
  std::string time;       ///< ISO 8601, UTC
  std::int64_t act = 0;   ///< newest act of the study it was made from
  std::string data_hash;  ///< of the people, volumes and flags its models read
  std::string version;    ///< of Ipsi
  Analysis analysis;
  table::Table results;  ///< rows of results.csv
};

/// One analysis of `live` as a run; the key is the next one free in the study.
/// @error as results_table
[[nodiscard]] Result<StoredRun> keep_run(const Live& live, int analysis, const study::Snapshot& snapshot,
                                         std::string name, std::string time);

[[nodiscard]] study::Setting to_setting(const StoredRun& run);
/// @error InvalidInput  not written by this version or an older one
[[nodiscard]] Result<StoredRun> run_from_setting(const study::Setting& setting);
/// All of a study, oldest first; one that cannot be read is left out and named in `problems`.
struct StoredRuns {
  std::vector<StoredRun> runs;
  std::vector<Error> problems;
};
[[nodiscard]] StoredRuns stored_runs(const study::Snapshot& snapshot);

/// Hash of everything an analysis reads of these people: who they are, the columns of the model, volumes and flags.
/// @error NotFound, InvalidInput  as Frame::load
[[nodiscard]] Result<std::string> data_hash(const table::Table& people, const Analysis& analysis);

}  // namespace ipsi::engine
