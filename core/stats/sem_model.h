// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stats/sem_syntax.h"

namespace ipsi::stats {

/// One row of a parameter table.
struct SemRow {
  std::string lhs, op, rhs;  ///< op: "=~", "~", "~~", ":="
  int free = 0;              ///< 1.. number of the free parameter; 0 = not estimated. Equal labels: equal numbers
  double value = 0.0;        ///< what a row that is not free is fixed to
  double start = 0.0;        ///< NaN = to be found
  bool exogenous = false;    ///< (co)variance of observed predictors, held at its sample value
  std::string label;
  SemPlace place{};  ///< where its statement stands; {0, 0} for rows that the defaults added

  [[nodiscard]] std::string name() const { return lhs + " " + op + " " + rhs; }
};

/// A path model y = A y + e, Cov(e) = S over observed variables (first) and latent ones.
struct SemModel {
  std::vector<std::string> observed;   ///< [p] indicators, then responses, then predictors, as lavaan orders them
  std::vector<std::string> latent;     ///< [q]
  std::vector<std::string> exogenous;  ///< observed predictors whose (co)variances are held at the sample's
  std::vector<SemRow> rows;            ///< as written, then by default; definitions last
  int n_free = 0;
  std::vector<std::shared_ptr<const SemExpression>> definitions;  ///< of the ":=" rows, in their order
  std::vector<std::string> remarks;                               ///< what a reader should know about the defaults

  [[nodiscard]] int variables() const { return static_cast<int>(observed.size() + latent.size()); }
  [[nodiscard]] int index(const std::string& name) const;  ///< observed, then latent; -1 = neither
  [[nodiscard]] const std::string& variable(int index) const;
  [[nodiscard]] std::size_t n_paths() const { return rows.size() - definitions.size(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const;  ///< [n_free] of the first row of each
};

/// The model with what lavaan's sem() adds by itself: first loadings 1, residual variances, covariances among latent
/// predictors and among variables that are only responses, (co)variances of observed predictors at their sample
/// values; the residual variance of a single indicator 0.
/// @param columns  names that data could have: whatever is not latent must be among them
/// @error NotFound      a variable that is no column, or a label that no parameter has (the nearest name is offered)
/// @error InvalidInput  a variable regressed on itself, a parameter both fixed and free, definitions in a circle
[[nodiscard]] Result<SemModel> build_sem(const SemSyntax& syntax, const std::vector<std::string>& columns);

/// A model from its rows as they are; nothing is added. Text of ":=" rows stands in `rhs`.
[[nodiscard]] Result<SemModel> sem_from_rows(std::vector<SemRow> rows);

/// A value with its derivatives by the rows of the table.
struct SemDual {
  double value = 0.0;
  Eigen::VectorXd slope;  ///< [n_paths]
};

/// Values of the ":=" rows from those of the others: a label means the first row that has it.
/// @param value  [n_paths]
[[nodiscard]] std::vector<SemDual> evaluate_definitions(const SemModel& model, const Eigen::VectorXd& value);

/// The candidate nearest to `word` by edits, when it is near enough to be a slip; empty otherwise.
[[nodiscard]] std::string nearest_name(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace ipsi::stats
