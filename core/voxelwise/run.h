// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/table/table.h"
#include "core/voxelwise/permute.h"

namespace ipsi::voxelwise {

/// A whole voxel-wise analysis, from a table with a column of files to a folder of maps.
struct Request {
  std::string images;                ///< column with the path of each person's image
  std::filesystem::path stack;       ///< or one file: frame k is the image of row k of the table
  std::string formula;               ///< "age + sex + (1 | cohort)"; a left side, if written, is the image column
  std::string missing;               ///< column with paths of masks of what an image does not know; empty = none
  std::filesystem::path mask;        ///< where to look; empty = everywhere
  std::filesystem::path surface;     ///< neighbours of vertices, for TFCE on a mesh
  std::vector<std::string> columns;  ///< of the design to report and to correct; empty = all but the intercept
  std::filesystem::path folder;      ///< paths of the table start here; empty = where the program runs
  int permutations = 0;
  Exchange exchange = Exchange::shuffles;
  std::string blocks;  ///< column of the blocks to shuffle within; empty = the groups of the random term
  bool tfce = false;
  double extent = 0.0, height = 2.0;  ///< TFCE's E and H; extent 0 = 0.5 (volumes), 1 (meshes)
  Neighbours neighbours = Neighbours::corners;
  std::uint64_t seed = 1;
  int threads = 0;
};

/// What was done and what came out: keys n, places, columns [{name, file names, extremes}], fitted, not_fitted ..
struct Outcome {
  Json json;
  std::vector<std::string> findings;
};

/// Reads the images, fits, corrects, and writes `<out>/<column>_beta.nii.gz` (se, t, df, p, neglog10p, p_fdr, p_fwe,
/// tfce, p_tfce), n, sigma, group_sd, state and manifest.json; .mgz for vertices. Nothing is written before all is
/// computed.
/// @error as Stack::read, make_design, VoxelModel::make, permute; NotFound  a column; Conflict  `out` is not empty
[[nodiscard]] Result<Outcome> run(const Request& request, const table::Table& data, const std::filesystem::path& out,
                                  Overwrite overwrite, const Task& task);

}  // namespace ipsi::voxelwise
