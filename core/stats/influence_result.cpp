// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/influence_result.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/text.h"
#include "core/stats/coefficients.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;

std::vector<double> doubles(const Eigen::VectorXd& v) {
  return {v.data(), v.data() + v.size()};
}

Json deletions_json(const Deletions& d) {
  Json notes = Json::array();
  for (const DeletionNote& note : d.notes) notes.push_back(note.text);
  return Json{{"cooks_lme4", numbers(d.cooks)},
              {"dfbeta", matrix_json(d.dfbeta)},
              {"cooks_optimum", numbers(d.cooks)},
              {"cooks_standard", numbers(d.cooks_standard)},
              {"beta_deleted_optimum", matrix_json(d.beta)},
              {"se_deleted", matrix_json(d.se)},
              {"dfbetas", matrix_json(d.dfbetas)},
              {"sigma_deleted", numbers(d.sigma)},
              {"threshold", number(d.threshold)},
              {"boundary", d.boundary},
              {"notes", notes}};
}

/// Lower Cholesky factor of the random covariance over sigma^2, column by column.
Json theta_json(const LmeFit& fit) {
  const Eigen::MatrixXd d = fit.random_cov / (fit.sigma * fit.sigma);
  const Index q = d.rows();
  Eigen::MatrixXd l = Eigen::MatrixXd::Zero(q, q);
  Json out = Json::array();
  for (Index j = 0; j < q; ++j) {
    const double pivot = d(j, j) - l.row(j).head(j).squaredNorm();
    l(j, j) = pivot > 1e-14 * d(j, j) ? std::sqrt(pivot) : 0.0;
    out.push_back(number(l(j, j)));
    for (Index i = j + 1; i < q; ++i) {
      if (l(j, j) > 0.0) l(i, j) = (d(i, j) - l.row(i).head(j).dot(l.row(j).head(j))) / l(j, j);
      out.push_back(number(l(i, j)));
    }
  }
  return out;
}

std::vector<double> above(const Deletions& d) {
  std::vector<double> out(static_cast<std::size_t>(d.size()), 0.0);
  for (const int i : d.influential) out[static_cast<std::size_t>(i)] = 1.0;
  return out;
}

table::Table row_table(const Influence& influence, const LmeFit& fit, const RandomPart& random,
                       const std::vector<std::size_t>& rows) {
  const Deletions& d = influence.observation;
  std::vector<double> number;
  std::vector<std::string> group;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    number.push_back(static_cast<double>(rows[i]) + 1.0);
    group.push_back(random.groups[static_cast<std::size_t>(random.group[i])]);
  }
  std::vector<table::Column> columns{table::numeric("row", number),
                                     table::text("group", group),
                                     table::numeric("cook", doubles(d.cooks_standard)),
                                     table::logical("above", above(d)),
                                     table::numeric("cook_lme4", doubles(d.cooks)),
                                     table::numeric("cook_one_step", doubles(influence.one_step)),
                                     table::numeric("hat", doubles(influence.hat))};
  for (Index j = 0; j < d.dfbetas.cols(); ++j)
    columns.push_back(
        table::numeric("dfbetas " + fit.coefficients.name[static_cast<std::size_t>(j)], doubles(d.dfbetas.col(j))));
  return table::Table::from(std::move(columns)).value_or(table::Table());
}

table::Table group_table(const Influence& influence, const LmeFit& fit, const RandomPart& random) {
  const Deletions& d = influence.group;
  std::vector<table::Column> columns{
      table::text("group", random.groups),
      table::numeric("rows", std::vector<double>(influence.group_size.begin(), influence.group_size.end())),
      table::numeric("cook", doubles(d.cooks_standard)), table::logical("above", above(d)),
      table::numeric("cook_lme4", doubles(d.cooks))};
  for (Index j = 0; j < d.dfbetas.cols(); ++j)
    columns.push_back(
        table::numeric("dfbetas " + fit.coefficients.name[static_cast<std::size_t>(j)], doubles(d.dfbetas.col(j))));
  return table::Table::from(std::move(columns)).value_or(table::Table());
}

table::Table left_out_table(const Influence& influence, const LmeFit& fit, const RandomPart& random) {
  const Deletions& d = influence.group;
  std::vector<std::string> term, without;
  std::vector<double> n, value, se, df, low, high;
  const auto total = static_cast<double>(fit.n);
  for (std::size_t j = 0; j < fit.coefficients.name.size(); ++j) {
    const auto at = static_cast<Index>(j);
    const auto add = [&](const std::string& name, double rows, double b, double s, double f, double l, double h) {
      term.push_back(fit.coefficients.name[j]);
      without.push_back(name);
      n.push_back(rows);
      value.push_back(b);
      se.push_back(s);
      df.push_back(f);
      low.push_back(l);
      high.push_back(h);
    };
    add("", total, fit.coefficients.value(at), fit.coefficients.se(at), fit.coefficients.df(at),
        fit.coefficients.ci_low(at), fit.coefficients.ci_high(at));
    const double scale = fit.coefficients.se(at) / std::sqrt(fit.vcov(at, at));  // nlme's, of ML fits
    for (std::size_t g = 0; g < random.groups.size(); ++g) {
      const auto row = static_cast<Index>(g);
      add(random.groups[g], total - influence.group_size[g], d.beta(row, at), scale * d.se(row, at),
          influence.df(row, at), influence.ci_low(row, at), influence.ci_high(row, at));
    }
  }
  return table::Table::from({table::text("term", term), table::text("without", without), table::numeric("n", n),
                             table::numeric("estimate", value), table::numeric("se", se), table::numeric("df", df),
                             table::numeric("ci_low", low), table::numeric("ci_high", high)})
      .value_or(table::Table());
}

spec::Figure cook_rows_figure(const Influence& influence, const std::vector<std::size_t>& rows) {
  const Deletions& d = influence.observation;
  spec::Figure f;
  f.id = "cook_rows";
  f.title = "Cook's distance of each row";
  f.x.label = "Row of the table";
  f.y.label = "Cook's distance";
  spec::Series series;
  for (int i = 0; i < d.size(); ++i) {
    if (std::isnan(d.cooks_standard(i))) continue;
    series.x.push_back(static_cast<double>(rows[static_cast<std::size_t>(i)]) + 1.0);
    series.y.push_back(d.cooks_standard(i));
    series.filled.push_back(d.cooks_standard(i) > d.threshold);
  }
  f.lines.push_back({false, d.threshold, "4/n"});
  f.caption = fmt::format("Exact refits without each of {} rows. Filled: {} above 4/n = {:.4f}.", d.size(),
                          d.influential.size(), d.threshold);
  f.alt = fmt::format("Points of {} rows; {} lie above the line at 4/n.", series.x.size(), d.influential.size());
  f.series.push_back(std::move(series));
  return f;
}

spec::Figure cook_groups_figure(const Influence& influence, const RandomPart& random) {
  const Deletions& d = influence.group;
  spec::Figure f;
  f.id = "cook_groups";
  f.title = "Cook's distance of each level of " + random.name;
  f.horizontal = true;
  f.x.label = "Cook's distance";
  std::vector<std::string> passing;
  spec::Series series;
  for (int g = 0; g < d.size(); ++g) {
    const auto at = static_cast<std::size_t>(g);
    f.y.categories.push_back(fmt::format("{} (n {})", random.groups[at], influence.group_size[at]));
    if (std::isnan(d.cooks_standard(g))) continue;
    series.x.push_back(d.cooks_standard(g));
    series.y.push_back(g);
    series.filled.push_back(d.cooks_standard(g) > d.threshold);
    if (series.filled.back()) passing.push_back(random.groups[at]);
  }
  const double most = series.x.empty() ? 0.0 : *std::max_element(series.x.begin(), series.x.end());
  f.x.range = {0.0, 1.05 * std::max(most, d.threshold)};
  f.lines.push_back({true, d.threshold, "4/G"});
  f.caption = fmt::format("Exact refits without each of {} levels. Filled: above 4/G = {:.3f}.", d.size(), d.threshold);
  f.alt = fmt::format("Points of {} levels of {}. {}", series.x.size(), random.name,
                      passing.empty() ? "None lies above 4/G." : "Above 4/G: " + join(passing, ", ") + ".");
  f.series.push_back(std::move(series));
  return f;
}

spec::Figure forest_figure(const Influence& influence, const LmeFit& fit, const RandomPart& random, Index j) {
  const Deletions& d = influence.group;
  const std::string& name = fit.coefficients.name[static_cast<std::size_t>(j)];
  spec::Figure f;
  f.id = fmt::format("leave_one_out_{}", j);
  f.title = fmt::format("{} without each level of {}", name, random.name);
  f.horizontal = true;
  f.x.label = fmt::format("{} of {}, 95 % CI", "\xCE\xB2", name);
  spec::Series all, left;
  all.kind = left.kind = spec::Series::Kind::intervals;
  left.colour = -1;
  f.y.categories.push_back(fmt::format("all (n {})", fit.n));
  all.x.push_back(fit.coefficients.value(j));
  all.y.push_back(0.0);
  all.low.push_back(fit.coefficients.ci_low(j));
  all.high.push_back(fit.coefficients.ci_high(j));
  double least = fit.coefficients.value(j), most = least;
  for (int g = 0; g < d.size(); ++g) {
    const auto at = static_cast<std::size_t>(g);
    f.y.categories.push_back(fmt::format("without {} (n {})", random.groups[at], fit.n - influence.group_size[at]));
    if (std::isnan(d.beta(g, j))) continue;
    left.x.push_back(d.beta(g, j));
    left.y.push_back(g + 1.0);
    left.low.push_back(influence.ci_low(g, j));
    left.high.push_back(influence.ci_high(g, j));
    left.filled.push_back(d.cooks_standard(g) > d.threshold);
    least = std::min(least, d.beta(g, j));
    most = std::max(most, d.beta(g, j));
  }
  f.lines.push_back({true, fit.coefficients.value(j), ""});
  if (least <= 0.0 || most <= 0.0 || fit.coefficients.ci_low(j) <= 0.0) f.lines.push_back({true, 0.0, "0"});
  f.caption = fmt::format(
      "Estimate of all {} rows, and without each level in turn: {:.4g} to {:.4g}. Filled: Cook's "
      "distance of the level above 4/G.",
      fit.n, least, most);
  f.alt = fmt::format("Forest plot: {} is {:.4g} with all levels and between {:.4g} and {:.4g} without one.", name,
                      fit.coefficients.value(j), least, most);
  f.series.push_back(std::move(all));
  f.series.push_back(std::move(left));
  return f;
}

}  // namespace

Json to_json(const Influence& influence, const LmeFit& fit, const ModelData& data,
             const std::vector<std::size_t>& rows) {
  const RandomPart& random = data.random.front();
  Json observation = deletions_json(influence.observation);
  Json row = Json::array(), influential = Json::array();
  const auto row_number = [&](std::size_t i) { return (rows.empty() ? i : rows[i]) + 1; };
  for (std::size_t i = 0; i < static_cast<std::size_t>(influence.observation.size()); ++i) row.push_back(row_number(i));
  for (const int i : influence.observation.influential) influential.push_back(row_number(static_cast<std::size_t>(i)));
  observation["row"] = std::move(row);
  observation["influential"] = std::move(influential);
  Json group{{"groups", random.groups}};
  group.update(deletions_json(influence.group));
  group["n"] = influence.group_size;
  group["df"] = matrix_json(influence.df);
  group["ci95_lower"] = matrix_json(influence.ci_low);
  group["ci95_upper"] = matrix_json(influence.ci_high);
  Json names = Json::array();
  for (const int g : influence.group.influential) names.push_back(random.groups[static_cast<std::size_t>(g)]);
  group["influential"] = std::move(names);
  return Json{{"full",
               {{"name", fit.coefficients.name},
                {"beta", numbers(fit.coefficients.value)},
                {"vcov", matrix_json(fit.vcov)},
                {"theta", theta_json(fit)},
                {"sigma", number(fit.sigma)}}},
              {"observation", observation},
              {"group", group},
              {"one_step", {{"cooks", numbers(influence.one_step)}, {"hat", numbers(influence.hat)}}}};
}

void add_influence(spec::ResultSet& out, const Influence& influence, const LmeFit& fit, const ModelData& data,
                   const std::vector<std::size_t>& rows) {
  const RandomPart& random = data.random.front();
  out.json["influence"] = to_json(influence, fit, data, rows);
  out.tables.push_back({"influence_groups", "Influence of each level of " + random.name,
                        fmt::format("Cook's distance dfbeta' V^-1 dfbeta / p, threshold 4/G = {:.4g}; dfbetas: change "
                                    "in standard errors without it",
                                    influence.group.threshold),
                        group_table(influence, fit, random)});
  out.tables.push_back({"leave_one_group_out", "Estimates without each level of " + random.name,
                        "first row of each term: all rows; 95 % intervals, df by containment",
                        left_out_table(influence, fit, random)});
  out.tables.push_back(
      {"influence_rows", "Influence of each row",
       fmt::format("row: of the table, from 1; threshold 4/n = {:.4g}", influence.observation.threshold),
       row_table(influence, fit, random, rows)});
  out.figures.push_back(cook_groups_figure(influence, random));
  out.figures.push_back(cook_rows_figure(influence, rows));
  const Columns columns = data.columns;
  for (Index j = columns.has_intercept() ? 1 : 0; j < fit.coefficients.value.size(); ++j)
    out.figures.push_back(forest_figure(influence, fit, random, j));
  out.findings.insert(out.findings.end(), influence.findings.begin(), influence.findings.end());
  out.methods_text.push_back(fmt::format(
      "Influence was measured by refitting the model without each of the {} rows and without each of the {} levels of "
      "{} (exact refits, variances estimated anew): Cook's distance is dfbeta' V^-1 dfbeta / p with the covariance V "
      "of all rows, DFBETAs are changes in standard errors of the refit. Rows above 4/n: {}; levels above 4/G: {}.",
      fit.n, fit.n_groups, random.name, influence.observation.influential.size(), influence.group.influential.size()));
}

}  // namespace ipsi::stats
