// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

namespace ipsi::ui {

/// The model in the words of a formula: volume ~ predictor * interaction + covariates + (1 | random).
struct ModelFormula {
  QString predictor = "primary_score";
  QString interaction;  ///< empty = none
  QStringList covariates{"age", "sex", "icv"};
  QString random = "cohort";
  bool operator==(const ModelFormula&) const = default;
};

/// "volume ~ primary_score + age + sex + icv + (1 | cohort)"
[[nodiscard]] QString formulaText(const ModelFormula& formula);

struct ParsedFormula {
  std::optional<ModelFormula> formula;
  QString problem;  ///< what is wrong and what to write instead; empty when `formula` is there
};
/// `columns`: names that exist; `groups`: those that may stand right of the bar.
[[nodiscard]] ParsedFormula parseFormula(const QString& text, const QStringList& columns, const QStringList& groups);

}  // namespace ipsi::ui
