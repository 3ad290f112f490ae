// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/stats/design.h"
#include "core/voxelwise/stack.h"
#include "core/voxelwise/tfce.h"

namespace ipsi::voxelwise {

/// What may be exchanged under the null hypothesis.
enum class Exchange {
  sign_flips,  ///< signs of the residuals of a whole block: symmetric about 0
  shuffles,    ///< residuals among the rows of a block
};

struct PermuteOptions {
  int count = 1000;
  Exchange exchange = Exchange::shuffles;
  /// [n] rows of one block share a number. Empty = the groups of the random term; without one every row is a block of
  /// its own for flips, and all rows are one for shuffles
  std::vector<int> blocks;
  std::uint64_t seed = 1;
  const Adjacency* adjacency = nullptr;  ///< for TFCE; null = none
  TfceOptions tfce;
  int threads = 0;
};

/// Family-wise corrected, two-sided, one column of the design. NaN where the model was not fitted.
struct Corrected {
  std::vector<float> t;          ///< [places] as in Maps
  std::vector<float> tfce;       ///< [places] of t, signed; empty without adjacency
  std::vector<float> p_t;        ///< [places] by the largest |t| of each permutation
  std::vector<float> p_tfce;     ///< [places] by the largest |TFCE|
  std::vector<float> largest_t;  ///< [count] of each permutation, in their order
  std::vector<float> largest_tfce;
};

/// Permutation test of one column after Freedman and Lane: the residuals of the model without it (by least squares) are
/// flipped or shuffled, the whole model is fitted to them again - the variance ratio too - and the largest |t| (|TFCE|)
/// over all places kept. p = (1 + permutations that reach it) / (1 + count). A place with missing rows exchanges those
/// it knows. The same numbers for any number of threads.
/// @param column  of data.x
/// @error InvalidInput  shuffles of a column that does not vary inside any block; as VoxelModel::make; Cancelled
/// @cost  count x places x (n p + n groups for flips of a mixed model); a place with missing rows O(n p) on its own
/// @source Freedman & Lane (1983); Winkler et al. (2014), NeuroImage 92
[[nodiscard]] Result<Corrected> permute(const stats::ModelData& data, int column, const Stack& stack,
                                        const PermuteOptions& options, const Task& task);

}  // namespace ipsi::voxelwise
