// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/study/subgroup.h"

namespace ipsi::engine {

/// Time since the stroke: `subset` in files and tables.
using Subset = study::Subgroup;
/// For people: "Chronic (180 days or more)".
[[nodiscard]] std::string_view title_of(Subset subset);

/// The response: z-scored over the model's rows, in its own unit (mm^3), its natural logarithm, or in thousandths of
/// the intracranial volume.
enum class Scale { z, raw, log, ratio };
enum class Criterion { reml, ml };
enum class Adjust { bonferroni, holm, bh, none };
[[nodiscard]] std::string_view to_string(Scale scale);
/// What a coefficient is counted in: "SD of volume", "mm3", "log of mm3", "per mille of intracranial volume".
[[nodiscard]] std::string_view unit_of(Scale scale);
[[nodiscard]] std::string_view to_string(Criterion criterion);
[[nodiscard]] std::string_view to_string(Adjust adjust);

/// One question asked of every region: the same model on the same people, once per structure and side.
struct Analysis {
  std::string id;     ///< letters, digits, '_', '-', '.': names files too
  std::string title;  ///< for people; made from the rest when not given
  Subset subset = Subset::all;
  std::string predictor;    ///< a numeric column of the analysis table
  std::string interaction;  ///< column that moderates the predictor; empty = none
  std::string measure = "volume";
  std::vector<std::string> structures;               ///< of kStructures; all six by default
  std::vector<std::string> sides{"ipsi", "contra"};  ///< ipsi, contra, left, right
  Scale scale = Scale::z;
  std::vector<std::string> covariates{"age", "icv", "sex"};
  std::string random = "cohort";  ///< grouping factor of the random intercept
  Criterion criterion = Criterion::reml;
  Adjust adjust = Adjust::bonferroni;
  int family = 0;  ///< number of tests corrected for; 0 in JSON means the analysis' own models
  double alpha = 0.05;
  std::string ratings;  ///< whose flags count: "rater:A", "consensus", .. (study/raters.h); empty = as the others

  [[nodiscard]] int models() const { return static_cast<int>(structures.size() * sides.size()); }
};

struct Analyses {
  std::string title;     ///< heading of the report; empty = made from the study
  std::string question;  ///< opening of the report; empty = made from the analyses
  std::string ratings;   ///< for analyses that do not name their own; empty = as the study is set
  std::vector<Analysis> analyses;
};

/// The published set: {subacute, early, chronic, all} x primary score, chronic x impairment, chronic x activity,
/// chronic x lesion-side interaction; twelve regions each, 84 models.
/// @source Liew et al. (2021), Brain Communications 3(4) fcab254
[[nodiscard]] Analyses published_analyses();

/// What analyses.json says, defaults filled in. Everything but id, subset and predictor may be left out.
/// @error InvalidInput  an unknown key or word (the nearest known one is offered), a wrong type, a duplicate id;
///                      `where` is the JSON path: "analyses[2].response.scale"
[[nodiscard]] Result<Analyses> analyses_from_json(const Json& json);

/// @error NotFound, ReadFailed; InvalidInput  not JSON (line and column named), or as `analyses_from_json`
[[nodiscard]] Result<Analyses> read_analyses(const std::filesystem::path& path);

/// The whole request with every default written out; reads back equal.
[[nodiscard]] Json to_json(const Analyses& analyses);
[[nodiscard]] Json to_json(const Analysis& analysis);

}  // namespace ipsi::engine
