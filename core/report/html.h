// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/spec/result.h"

namespace ipsi::report {

/// A picture that was rendered elsewhere: a brain map, a photograph of a scan.
struct Picture {
  std::string analysis;  ///< id of the analysis it belongs to; empty = shown at the end
  std::string title, caption, alt;
  std::string png;  ///< the file's bytes
};

struct Graphics {
  std::map<std::string, std::string> svg;  ///< figure id -> SVG document; a figure without one is left out
  std::vector<Picture> pictures;
};

/// The result of a batch as one HTML file that needs no network: style inline, figures as SVG inside, pictures as
/// data. Light or dark as the reader's system asks; prints on white. Every number stands beside its n.
///
/// Reads `result.json` {title, question, study, synthetic, analyses} and the tables results, table1, table1_total,
/// flow, qc, exclusions, scores, scores_by_side; a table that is absent has no section.
/// @error InvalidInput  there is no table "results", or it lacks a column
[[nodiscard]] Result<std::string> html_report(const spec::ResultSet& result, const Graphics& graphics);

}  // namespace ipsi::report
