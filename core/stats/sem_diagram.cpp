// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem_diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/stats/path_layout.h"

namespace ipsi::stats {
namespace {

std::string stars(double p) {
  return p < 0.001 ? "***" : (p < 0.01 ? "**" : (p < 0.05 ? "*" : ""));
}

/// With a minus sign as long as a plus.
std::string typeset(std::string text) {
  for (std::size_t at = 0; (at = text.find('-', at)) != std::string::npos; at += 3) text.replace(at, 1, "\xE2\x88\x92");
  return text;
}

std::string number_words(double value, double p) {
  if (!std::isfinite(value)) return "";
  return typeset(std::abs(value) < 0.995e3 ? fmt::format("{:.2f}", value) : fmt::format("{:.3g}", value)) + stars(p);
}

std::string label_of(const SemFit& fit, Eigen::Index r, DiagramLabels labels) {
  const SemEstimates& s = fit.standardized;
  if (labels == DiagramLabels::estimates) return number_words(fit.parameters.value[r], fit.parameters.p[r]);
  if (labels == DiagramLabels::intervals && std::isfinite(s.p[r]))
    return typeset(fmt::format("{:.2f} [{:.2f}, {:.2f}]", s.value[r], s.ci_low[r], s.ci_high[r]));
  return number_words(s.value[r], s.p[r]);
}

/// Predictors of every response, where another observed predictor is not one.
std::set<std::string> covariates_of(const SemModel& model) {
  std::set<std::string> responses;
  for (const SemRow& row : model.rows)
    if (row.op == "~") responses.insert(row.lhs);
  std::set<std::string> out;
  for (const std::string& name : model.exogenous) {
    std::set<std::string> own;
    for (const SemRow& row : model.rows)
      if (row.op == "~" && row.rhs == name) own.insert(row.lhs);
    if (own.size() == responses.size() && responses.size() > 1) out.insert(name);
  }
  const bool others = out.size() < model.exogenous.size() || !model.latent.empty();
  return others ? out : std::set<std::string>{};
}

PathGraph graph_of(const SemModel& model, const SemFit& fit, DiagramLabels labels, bool& hidden) {
  PathGraph graph;
  const std::set<std::string> covariates = covariates_of(model);
  for (int v = 0; v < model.variables(); ++v) {
    const std::string& name = model.variable(v);
    PathGraph::Node node{
        .label = name, .latent = v >= static_cast<int>(model.observed.size()), .covariate = covariates.contains(name)};
    int loads = 0;
    bool regressed = false;
    for (const SemRow& row : model.rows) {
      if (row.op == "=~" && row.rhs == name) {
        ++loads;
        if (node.factor < 0) node.factor = model.index(row.lhs);
      }
      regressed = regressed || (row.op == "~" && (row.lhs == name || row.rhs == name));
    }
    if (loads == 0 || regressed || node.latent) node.factor = -1;
    graph.nodes.push_back(std::move(node));
  }
  // With many predictors their covariances, which are not estimated, would hide the model.
  hidden = model.exogenous.size() > 3 || (!covariates.empty() && model.exogenous.size() > 1);
  for (std::size_t r = 0; r < model.n_paths(); ++r) {
    const SemRow& row = model.rows[r];
    const auto i = static_cast<Eigen::Index>(r);
    const bool variance = row.op == "~~" && row.lhs == row.rhs, covariance = row.op == "~~" && !variance;
    const int l = model.index(row.lhs), right = model.index(row.rhs);
    const bool explained = std::any_of(model.rows.begin(), model.rows.end(), [&](const SemRow& o) {
      return (o.op == "~" && o.lhs == row.lhs) || (o.op == "=~" && o.rhs == row.lhs);
    });
    if (variance && !explained) continue;
    if (covariance && ((row.exogenous && hidden) || (row.free == 0 && fit.parameters.value[i] == 0.0))) continue;
    if (variance && row.free == 0 && fit.parameters.value[i] == 0.0) continue;
    PathGraph::Edge edge{.kind = variance
                                     ? PathGraph::Edge::Kind::residual
                                     : (covariance ? PathGraph::Edge::Kind::covariance : PathGraph::Edge::Kind::path),
                         .from = row.op == "~" ? right : l,
                         .to = row.op == "~" ? l : right};
    const double standard = fit.standardized.value[i], p = fit.standardized.p[i];
    edge.label = variance ? number_words(labels == DiagramLabels::estimates ? fit.parameters.value[i] : standard, 1.0)
                          : label_of(fit, i, labels);
    edge.width_pt = variance || !std::isfinite(standard) ? 0.5 : 0.5 + 1.3 * std::fmin(1.0, std::abs(standard));
    edge.muted = !variance && !(p < 0.05);
    graph.edges.push_back(std::move(edge));
  }
  return graph;
}

}  // namespace

spec::Diagram sem_diagram(const SemModel& model, const SemFit& fit, DiagramLabels labels) {
  bool hidden = false;
  const PathGraph graph = graph_of(model, fit, labels, hidden);
  spec::Diagram out = lay_out(graph);
  out.id = "path_diagram";
  out.title = "Path diagram";
  const char* what = labels == DiagramLabels::estimates   ? "Coefficients in the units of the data"
                     : labels == DiagramLabels::intervals ? "Standardised coefficients with 95 % intervals"
                                                          : "Standardised coefficients";
  out.caption =
      fmt::format("{}, n = {}. Lines are as thick as the standardised coefficient is large, grey where p >= 0.05{}.{}",
                  what, fit.n, labels == DiagramLabels::intervals ? "" : "; * p < 0.05, ** p < 0.01, *** p < 0.001",
                  hidden ? " Covariances among observed predictors are not drawn." : "");
  out.alt = "Path diagram:";
  for (std::size_t r = 0; r < model.n_paths(); ++r)
    if (model.rows[r].op == "~" || model.rows[r].op == "=~")
      out.alt += fmt::format(" {} to {} {};", model.rows[r].op == "~" ? model.rows[r].rhs : model.rows[r].lhs,
                             model.rows[r].op == "~" ? model.rows[r].lhs : model.rows[r].rhs,
                             label_of(fit, static_cast<Eigen::Index>(r), labels));
  return out;
}

}  // namespace ipsi::stats
