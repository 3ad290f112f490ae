// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/spec/diagram.h"

// Private to the library.
namespace ipsi::stats {

/// What a path diagram shows, without places.
struct PathGraph {
  struct Node {
    std::string label;
    bool latent = false;
    int factor = -1;         ///< of a variable that is nothing but an indicator: its factor's node
    bool covariate = false;  ///< a predictor of every response: stands below, out of the way
  };
  struct Edge {
    enum class Kind { path, covariance, residual };
    Kind kind = Kind::path;
    int from = 0, to = 0;  ///< residual: equal
    std::string label;
    double width_pt = 0.6;
    bool muted = false;
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

/// Columns from left to right by the order of the regressions, long paths given room between the nodes they pass;
/// indicators fan out on the free side of their factor (left of first ones, right of last ones, below those whose
/// indicators' errors covary); covariances and paths in the way of a node become curves; labels go where they cover
/// neither node nor label.
/// @cost  edges^2 x candidates: about a millisecond for thirty edges
[[nodiscard]] spec::Diagram lay_out(const PathGraph& graph);

/// Width of words in the house's face for figures, in mm.
[[nodiscard]] double words_mm(const std::string& words, double size_pt);

}  // namespace ipsi::stats
