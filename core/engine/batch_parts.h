// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/engine/analyses.h"
#include "core/engine/region_model.h"
#include "core/spec/figure.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::engine {

/// The models of a batch with their corrected p-values, in the order of the request.
struct Fitted {
  std::vector<RegionModel> models;
  std::vector<double> p_adjusted;  ///< [models]
  std::vector<bool> significant;   ///< [models]
};

/// Add the p-values corrected within each analysis, and what passes.
[[nodiscard]] Fitted correct(std::vector<RegionModel> models, const std::vector<Analysis>& analyses);

/// results.csv: the columns of cli.md in their order.
[[nodiscard]] Result<table::Table> results_table(const std::vector<Analysis>& analyses, const Fitted& fitted);
/// coefficients.csv: analysis side region term beta se df t p ci_low ci_high, all coefficients of all models.
[[nodiscard]] Result<table::Table> coefficients_table(const std::vector<Analysis>& analyses, const Fitted& fitted);
/// fits.csv: variances, likelihoods and the two p-values of the random intercept.
[[nodiscard]] Result<table::Table> fits_table(const std::vector<Analysis>& analyses, const Fitted& fitted);

/// What a reader of one row should know: why it failed, who was left out, a fit on the boundary.
[[nodiscard]] std::string notes_of(const RegionModel& model, const Analysis& analysis);

/// Estimates with intervals of one analysis, a row per side and structure; filled = significant.
[[nodiscard]] spec::Figure forest_figure(int analysis, const Analysis& request, const Fitted& fitted);
/// Percent of the analysed patients left out by QC, by region and side.
[[nodiscard]] spec::Figure exclusion_figure(const table::Table& qc);

/// Failed models, boundary fits, failures to converge, few cohorts, unrated regions: a line each.
[[nodiscard]] std::vector<std::string> findings_of(const std::vector<Analysis>& analyses, const Fitted& fitted);

/// Paragraphs that say what was done, from what was really run.
struct DataFacts {
  double people = 0.0;         ///< patients analysed
  std::string rating_rule;     ///< a sentence
  std::string volume_sources;  ///< "FreeSurfer's aseg.stats (24 people)"; empty = not known
  bool synthetic = false;
};
[[nodiscard]] std::vector<std::string> methods_of(const std::vector<Analysis>& analyses, const Fitted& fitted,
                                                  const DataFacts& facts);

/// "sensorimotor behaviour" for primary_score; a column's name with blanks otherwise.
[[nodiscard]] std::string words_of(std::string_view column);

}  // namespace ipsi::engine
