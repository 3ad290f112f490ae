// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/interaction.h"

#include <Eigen/Core>
#include <cctype>
#include <cmath>

#include "core/engine/descriptives.h"
#include "core/numeric/distributions.h"

namespace ipsi::engine {
namespace {

Contrast contrast(const stats::LmeFit& fit, const Eigen::VectorXd& weights, double df) {
  Contrast out;
  out.beta = weights.dot(fit.coefficients.value);
  // The table's se (for ML larger than vcov's): the same scale for sums.
  const double scale = fit.coefficients.se[0] / std::sqrt(fit.vcov(0, 0));
  out.se = scale * std::sqrt(weights.dot(fit.vcov * weights));
  const double reach = numeric::t_quantile(0.975, df) * out.se;
  out.ci_low = out.beta - reach;
  out.ci_high = out.beta + reach;
  out.t = out.beta / out.se;
  out.p = numeric::t_two_sided(out.t, df);
  return out;
}

std::string p_words(double p) {
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

std::string sentence(const Interaction& i, const Analysis& a, double alpha) {
  const std::string what = words_of(i.moderator), predictor = words_of(a.predictor);
  const auto slope = [](const Contrast& c, const std::string& where) {
    return fmt::format("{:.3g} (95 % CI {:.3g} to {:.3g}) at {}", c.beta, c.ci_low, c.ci_high, where);
  };
  std::string out = fmt::format("{} {} the slope of {}: {}, {} (difference {:.3g}, {}).", what,
                                i.change.p < alpha ? "changes" : "does not change", predictor, slope(i.at_low, i.low),
                                slope(i.at_high, i.high), i.at_high.beta - i.at_low.beta, p_words(i.change.p));
  out += fmt::format(" It {} by itself: volumes differ by {:.3g} (95 % CI {:.3g} to {:.3g}, {}) at the mean of {}.",
                     i.main.p < alpha ? "matters" : "does not matter", i.main.beta, i.main.ci_low, i.main.ci_high,
                     p_words(i.main.p), predictor);
  out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

}  // namespace

std::optional<Interaction> interaction_of(const RegionModel& m, const Analysis& a, const Frame& frame) {
  if (a.interaction.empty() || !m.fit) return std::nullopt;
  const auto data = region_data(frame, a, m);
  if (!data) return std::nullopt;
  constexpr Eigen::Index kPredictor = 1, kModerator = 2;
  const Eigen::Index p = data->x.cols();
  const Eigen::VectorXd moderator = data->x.col(kModerator);
  Interaction out;
  out.moderator = a.interaction;
  double low = 0.0, high = 1.0;
  if (frame.number(a.interaction) != nullptr) {
    const double mean = moderator.mean();
    const double sd = std::sqrt((moderator.array() - mean).square().sum() / static_cast<double>(moderator.size() - 1));
    low = mean - sd;
    high = mean + sd;
    out.low = fmt::format("{} {:.3g}", words_of(a.interaction), low);
    out.high = fmt::format("{} {:.3g}", words_of(a.interaction), high);
  } else {
    const Frame::Factor& factor = *frame.factor(a.interaction);
    out.high = data->columns.names[kModerator].substr(a.interaction.size());
    for (const int r : m.rows)
      if (const auto& level = factor.levels[static_cast<std::size_t>(factor.code[static_cast<std::size_t>(r)])];
          level != out.high)
        out.low = level;
  }
  const double df = m.fit->coefficients.df[kPredictor];
  const auto slope_at = [&](double value) {
    Eigen::VectorXd w = Eigen::VectorXd::Zero(p);
    w[kPredictor] = 1.0;
    w[p - 1] = value;
    return contrast(*m.fit, w, df);
  };
  out.at_low = slope_at(low);
  out.at_high = slope_at(high);
  Eigen::VectorXd w = Eigen::VectorXd::Zero(p);
  w[p - 1] = 1.0;
  out.change = contrast(*m.fit, w, df);
  w[kModerator] = 1.0;
  w[p - 1] = data->x.col(kPredictor).mean();
  out.main = contrast(*m.fit, w, df);
  out.words = sentence(out, a, a.alpha);
  return out;
}

Result<table::Table> interaction_table(const std::vector<Analysis>& analyses, const Fitted& fitted,
                                       const std::vector<const Frame*>& frames) {
  std::vector<std::string> analysis, side, region, moderator, where;
  std::vector<double> n, beta, se, low, high, p;
  for (const RegionModel& m : fitted.models) {
    const auto at = static_cast<std::size_t>(m.analysis);
    const auto i = interaction_of(m, analyses[at], *frames[at]);
    if (!i) continue;
    const auto add = [&](const std::string& place, const Contrast& c) {
      analysis.push_back(analyses[at].id);
      side.push_back(side_name(m.side));
      region.push_back(m.structure);
      moderator.push_back(i->moderator);
      where.push_back(place);
      n.push_back(m.people.n);
      beta.push_back(c.beta);
      se.push_back(c.se);
      low.push_back(c.ci_low);
      high.push_back(c.ci_high);
      p.push_back(c.p);
    };
    add("slope at " + i->low, i->at_low);
    add("slope at " + i->high, i->at_high);
    add("change of the slope", i->change);
    add("moderator at the predictor's mean", i->main);
  }
  return table::Table::from({table::text("analysis", analysis), table::text("side", side),
                             table::text("region", region), table::text("moderator", moderator),
                             table::text("estimate_of", where), table::numeric("n", n), table::numeric("beta", beta),
                             table::numeric("se", se), table::numeric("ci_low", low), table::numeric("ci_high", high),
                             table::numeric("p", p)});
}

}  // namespace ipsi::engine
