// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace ipsi::stats {
namespace {

/// Levels that have a row.
std::vector<std::string> levels_with_rows(const table::Column& column) {
  std::vector<std::string> out;
  for (const std::string& level : table::levels_of(column))
    if (std::find(column.texts.begin(), column.texts.end(), level) != column.texts.end()) out.push_back(level);
  return out;
}

Result<std::vector<double>> numbers_of(const SemModel& model, const table::Column& column,
                                       std::vector<std::string>& remarks) {
  if (column.kind != table::Column::Kind::text) return column.values;
  const std::vector<std::string> levels = levels_with_rows(column);
  const bool predictor =
      std::find(model.exogenous.begin(), model.exogenous.end(), column.name) != model.exogenous.end();
  if (!predictor || levels.size() != 2)
    return fail(
        Code::InvalidInput,
        fmt::format(
            "'{}' holds texts ({}{})", column.name,
            join({levels.begin(), levels.begin() + static_cast<long>(std::min<std::size_t>(3, levels.size()))}, ", "),
            levels.size() > 3 ? ", .." : ""),
        "model",
        predictor ? "code it as numbers: a predictor of two texts is coded 0 and 1 by itself"
                  : "responses and indicators must be numbers");
  remarks.push_back(fmt::format("{} is coded {} = 0, {} = 1", column.name, levels[0], levels[1]));
  std::vector<double> out;
  for (const std::string& text : column.texts)
    out.push_back(text.empty() ? table::kMissing : (text == levels[1] ? 1.0 : 0.0));
  return out;
}

}  // namespace

Result<SemData> sem_data(const SemModel& model, const table::Table& data) {
  SemData out;
  std::vector<std::vector<double>> columns;
  for (const std::string& name : model.observed) {
    auto column = data.require(name);
    if (!column) return wrap(column.error(), "model");
    auto values = numbers_of(model, **column, out.remarks);
    if (!values) return tl::unexpected(values.error());
    columns.push_back(std::move(*values));
  }
  std::vector<int> missing(columns.size(), 0);
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const auto gap = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return !std::isfinite(c[i]); });
    if (gap == columns.end())
      out.used.push_back(i);
    else
      ++missing[static_cast<std::size_t>(gap - columns.begin())];
  }
  for (std::size_t j = 0; j < columns.size(); ++j)
    if (missing[j] > 0) out.dropped.push_back({model.observed[j], missing[j]});
  if (out.used.empty()) {
    const auto most = std::max_element(missing.begin(), missing.end()) - missing.begin();
    return fail(Code::InvalidInput, fmt::format("none of the {} rows is complete", data.rows()), "model",
                data.rows() == 0 ? "widen the row condition"
                                 : fmt::format("{} leaves out {}", model.observed[static_cast<std::size_t>(most)],
                                               missing[static_cast<std::size_t>(most)]));
  }
  out.rows.resize(static_cast<Eigen::Index>(out.used.size()), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t i = 0; i < out.used.size(); ++i)
    for (std::size_t j = 0; j < columns.size(); ++j)
      out.rows(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = columns[j][out.used[i]];
  return out;
}

}  // namespace ipsi::stats
