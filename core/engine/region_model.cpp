// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/region_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/base/text.h"

namespace ipsi::engine {
namespace {

constexpr double kCovariateAlpha = 0.05;  // of covariates, whatever the threshold of the predictor

/// Columns of the fixed part as they grow, with what they mean.
struct Design {
  std::vector<Eigen::VectorXd> columns;
  stats::Columns labels;

  void add(Eigen::VectorXd values, std::string name, int term) {
    columns.push_back(std::move(values));
    labels.names.push_back(std::move(name));
    labels.term.push_back(term);
  }
  int term(const std::string& label) {
    labels.terms.push_back(label);
    return static_cast<int>(labels.terms.size()) - 1;
  }
};

/// Values of one variable over the model's rows: one column, or one per level after the first.
struct Block {
  std::vector<Eigen::VectorXd> columns;
  std::vector<std::string> names;
};

Eigen::VectorXd gather(const std::vector<double>& values, const std::vector<int>& rows) {
  Eigen::VectorXd out(static_cast<Eigen::Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    out[static_cast<Eigen::Index>(i)] = values[static_cast<std::size_t>(rows[i])];
  return out;
}

/// (x - mean) / sd with n - 1; false when all values are equal.
bool standardise(Eigen::VectorXd& x) {
  const double mean = x.mean();
  x.array() -= mean;
  const double sd = std::sqrt(x.squaredNorm() / static_cast<double>(x.size() - 1));
  if (!(sd > 1e-12 * std::max(std::abs(mean), 1e-300))) return false;
  x /= sd;
  return true;
}

Result<Block> block_of(const Frame& frame, const std::vector<int>& rows, const std::string& name) {
  if (const auto* values = frame.number(name)) {
    Eigen::VectorXd x = gather(*values, rows);
    if (x.maxCoeff() == x.minCoeff())
      return fail(Code::RankDeficient, fmt::format("{} is {} in all {} rows", name, format_double(x[0]), rows.size()));
    return Block{{std::move(x)}, {name}};
  }
  const Frame::Factor& factor = *frame.factor(name);
  std::vector<int> used(factor.levels.size(), 0);
  for (const int r : rows) used[static_cast<std::size_t>(factor.code[static_cast<std::size_t>(r)])] = 1;
  if (std::count(used.begin(), used.end(), 1) < 2) {
    const auto only = static_cast<std::size_t>(std::find(used.begin(), used.end(), 1) - used.begin());
    return fail(Code::RankDeficient, fmt::format("{} is {} in all {} rows", name, factor.levels[only], rows.size()));
  }
  Block out;
  bool reference = true;
  for (std::size_t level = 0; level < used.size(); ++level) {
    if (used[level] == 0) continue;
    if (std::exchange(reference, false)) continue;
    Eigen::VectorXd x(static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
      x[static_cast<Eigen::Index>(i)] =
          factor.code[static_cast<std::size_t>(rows[i])] == static_cast<int>(level) ? 1.0 : 0.0;
    out.columns.push_back(std::move(x));
    out.names.push_back(name + factor.levels[level]);
  }
  return out;
}

bool missing(const Frame& frame, const std::string& column, int row) {
  const auto r = static_cast<std::size_t>(row);
  if (const auto* values = frame.number(column)) return std::isnan((*values)[r]);
  return frame.factor(column)->code[r] < 0;
}

std::vector<int> choose_rows(const Frame& frame, const std::vector<int>& members, const Analysis& a,
                             const Frame::Region& region, Attrition& people) {
  std::vector<int> rows;
  rows.reserve(members.size());
  people.subset = static_cast<int>(members.size());
  for (const int m : members) {
    const auto r = static_cast<std::size_t>(m);
    const bool unknown = std::any_of(a.covariates.begin(), a.covariates.end(),
                                     [&](const std::string& c) { return missing(frame, c, m); });
    const bool no_head = a.scale == Scale::ratio && missing(frame, "icv", m);
    if (missing(frame, a.predictor, m) || (!a.interaction.empty() && missing(frame, a.interaction, m)))
      ++people.no_predictor;
    else if (unknown || no_head || missing(frame, a.random, m))
      ++people.no_covariate;
    else if (region.mark[r] == Frame::Mark::lesioned)
      ++people.lesioned;
    else if (region.mark[r] == Frame::Mark::failed)
      ++people.failed;
    else if (std::isnan(region.volume[r]) || (a.scale == Scale::log && !(region.volume[r] > 0.0)))
      ++people.no_volume;
    else
      rows.push_back(m);
    if (!rows.empty() && rows.back() == m && region.mark[r] != Frame::Mark::ok) ++people.unrated;
  }
  people.n = static_cast<int>(rows.size());
  return rows;
}

stats::RandomPart random_part(const Frame& frame, const std::vector<int>& rows, const std::string& name) {
  const Frame::Factor& factor = *frame.factor(name);
  std::vector<int> renumber(factor.levels.size(), -1);
  for (const int r : rows) renumber[static_cast<std::size_t>(factor.code[static_cast<std::size_t>(r)])] = 0;
  stats::RandomPart out;
  for (std::size_t level = 0; level < renumber.size(); ++level) {
    if (renumber[level] < 0) continue;
    renumber[level] = static_cast<int>(out.groups.size());
    out.groups.push_back(factor.levels[level]);
  }
  out.group.reserve(rows.size());
  for (const int r : rows)
    out.group.push_back(renumber[static_cast<std::size_t>(factor.code[static_cast<std::size_t>(r)])]);
  out.z = Eigen::MatrixXd::Ones(static_cast<Eigen::Index>(rows.size()), 1);
  out.columns = {"(Intercept)"};
  out.block = {0};
  out.name = name;
  return out;
}

/// Fixed part in R's order: intercept, main effects, then the interaction.
Result<Design> fixed_part(const Frame& frame, const std::vector<int>& rows, const Analysis& a) {
  Design design;
  design.add(Eigen::VectorXd::Ones(static_cast<Eigen::Index>(rows.size())), "(Intercept)", -1);
  const auto add_block = [&](const Block& block, const std::string& label) {
    const int term = design.term(label);
    for (std::size_t k = 0; k < block.columns.size(); ++k) design.add(block.columns[k], block.names[k], term);
  };
  const auto predictor = block_of(frame, rows, a.predictor);
  if (!predictor) return tl::unexpected<Error>(predictor.error());
  add_block(*predictor, a.predictor);
  Block moderator;
  if (!a.interaction.empty()) {
    auto block = block_of(frame, rows, a.interaction);
    if (!block) return tl::unexpected<Error>(block.error());
    if (block->columns.size() != 1)
      return fail(Code::InvalidInput, fmt::format("{} has {} levels here; an interaction is estimated between two",
                                                  a.interaction, block->columns.size() + 1));
    moderator = std::move(*block);
    add_block(moderator, a.interaction);
  }
  for (const std::string& covariate : a.covariates) {
    auto block = block_of(frame, rows, covariate);
    if (!block) return tl::unexpected<Error>(block.error());
    // Age and ICV are z-scored on either scale: with the response in mm^3 the predictor's coefficient is the same.
    if (covariate == "age" || covariate == "icv") standardise(block->columns[0]);
    add_block(*block, covariate);
  }
  if (!a.interaction.empty())
    design.add(predictor->columns[0].cwiseProduct(moderator.columns[0]), predictor->names[0] + ":" + moderator.names[0],
               design.term(a.predictor + ":" + a.interaction));
  return design;
}

Result<stats::ModelData> model_data(const Frame& frame, const std::vector<int>& rows, const Analysis& a,
                                    const Frame::Region& region) {
  auto design = fixed_part(frame, rows, a);
  if (!design) return tl::unexpected<Error>(design.error());
  stats::ModelData data;
  data.y = gather(region.volume, rows);
  if (a.scale == Scale::log) data.y = data.y.array().log();
  if (a.scale == Scale::ratio) data.y = 1000.0 * data.y.cwiseQuotient(gather(*frame.number("icv"), rows));
  Eigen::VectorXd z = data.y;
  if (!standardise(z))
    return fail(Code::InvalidInput, fmt::format("the volume is {} in all rows", format_double(data.y[0])));
  if (a.scale == Scale::z) data.y = std::move(z);
  data.x.resize(data.y.size(), static_cast<Eigen::Index>(design->columns.size()));
  for (std::size_t c = 0; c < design->columns.size(); ++c)
    data.x.col(static_cast<Eigen::Index>(c)) = design->columns[c];
  data.columns = std::move(design->labels);
  data.random.push_back(random_part(frame, rows, a.random));
  return data;
}

/// What can be said plainly before any arithmetic; empty when the model can be tried.
std::string refuse(const RegionModel& m, const Analysis& a) {
  const Attrition& p = m.people;
  if (p.subset == 0) return fmt::format("nobody is in the subset '{}'", to_string(a.subset));
  if (p.group() == 0)
    return fmt::format("none of the {} people of the subset has {} and all covariates", p.subset, a.predictor);
  if (p.n == 0) return "everyone is left out by QC or has no volume";
  const int needed = static_cast<int>(a.covariates.size()) + (a.interaction.empty() ? 2 : 4) + 2;
  if (p.n < needed) return fmt::format("{} people are too few for this model", p.n);
  if (m.n_cohorts < 2)
    return fmt::format("all {} people are of one {}: no random intercept can be estimated", p.n, a.random);
  if (m.n_cohorts == p.n)
    return fmt::format("every {} has one person only: no random intercept can be estimated", a.random);
  return {};
}

void read_covariates(RegionModel& m, const Analysis& a) {
  for (const std::string& covariate : a.covariates)
    for (const stats::TermTest& test : m.fit->terms)
      if (test.term == covariate && test.p < kCovariateAlpha) m.significant_covariates.push_back(covariate);
}

Beside beside_of(const stats::ModelData& data, const stats::LmeFit& fit, int coefficient, const Task& task) {
  Beside out;
  if (!fit.converged) return out;
  if (const auto counts = stats::count_influential(data, fit, task)) out.influential = *counts;
  const auto robust = stats::fit_rlme(data, {}, task);
  if (robust && robust->converged) out.robust = robust_row(fit, *robust, coefficient);
  return out;
}

}  // namespace

double effect_size(double t, double df) {
  return 2.0 * t / std::sqrt(df);
}

double RegionModel::beta() const {
  return fit ? fit->coefficients.value[coefficient] : table::kMissing;
}
double RegionModel::p() const {
  return fit ? fit->coefficients.p[coefficient] : table::kMissing;
}
double RegionModel::effect_size() const {
  return fit ? engine::effect_size(fit->coefficients.t[coefficient], fit->coefficients.df[coefficient])
             : table::kMissing;
}

RobustRow robust_row(const stats::LmeFit& classical, const stats::RlmeFit& robust, int coefficient) {
  const auto& r = robust.coefficients;
  RobustRow out{r.value[coefficient], r.se[coefficient], r.t[coefficient], 0.0};
  const auto& c = classical.coefficients;
  out.shift = (out.beta - c.value[coefficient]) / c.se[coefficient];
  return out;
}

Result<stats::ModelData> region_data(const Frame& frame, const Analysis& a, const RegionModel& m) {
  if (!m.fit) return fail(Code::InvalidInput, "the model has no fit: " + m.failure);
  return model_data(frame, m.rows, a, frame.region(m.side, m.structure));
}

Beside beside_of(const Frame& frame, const Analysis& a, const RegionModel& m, const Task& task) {
  const auto data = region_data(frame, a, m);
  return data ? beside_of(*data, *m.fit, m.coefficient, task) : Beside{};
}

RegionModel fit_region(const Frame& frame, const std::vector<int>& members, const Analysis& a, const std::string& side,
                       const std::string& structure, const Task& task, Depth depth) {
  RegionModel out;
  out.side = side;
  out.structure = structure;
  out.predictor = a.interaction.empty() ? a.predictor : a.predictor + ":" + a.interaction;
  const Frame::Region& region = frame.region(side, structure);
  const std::vector<int> rows = choose_rows(frame, members, a, region, out.people);
  std::vector<int> groups;
  for (const int r : rows) groups.push_back(frame.factor(a.random)->code[static_cast<std::size_t>(r)]);
  std::sort(groups.begin(), groups.end());
  out.n_cohorts = static_cast<int>(std::unique(groups.begin(), groups.end()) - groups.begin());
  out.failure = refuse(out, a);
  if (!out.failure.empty()) return out;
  const auto data = model_data(frame, rows, a, region);
  if (!data) {
    out.failure = to_line(data.error());
    return out;
  }
  auto fit =
      stats::fit_lme(*data, {a.criterion == Criterion::ml ? stats::Criterion::ml : stats::Criterion::reml}, task);
  if (!fit) {
    out.failure = to_line(fit.error());
    return out;
  }
  out.coefficient = a.interaction.empty() ? 1 : static_cast<int>(data->x.cols()) - 1;
  if (depth == Depth::report) out.beside = beside_of(*data, *fit, out.coefficient, task);
  out.fit = std::move(*fit);
  out.rows = rows;
  out.x = data->x.col(out.coefficient);
  read_covariates(out, a);
  return out;
}

}  // namespace ipsi::engine
