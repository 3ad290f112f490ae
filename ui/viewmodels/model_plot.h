// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

#include "core/spec/figure.h"

namespace ipsi::ui {

/// A figure, and what each of its points is: [series][point], a person or a cohort; empty where a point is neither.
struct ModelPlot {
  spec::Figure figure;
  std::vector<std::vector<QString>> names;

  [[nodiscard]] bool empty() const { return figure.series.empty(); }
};

}  // namespace ipsi::ui
