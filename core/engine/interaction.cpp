// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/interaction.h"

#include <Eigen/Core>
#include <cctype>
#include <cmath>

#include "core/engine/descriptives.h"

namespace ipsi::engine {
namespace {

std::string p_words(double p) {
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

std::string sentence(const Interaction& i, const Analysis& a, double alpha) {
  const std::string what = words_of(i.moderator), predictor = words_of(a.predictor);
  const auto slope = [](const stats::Estimate& c, const std::string& where) {
    return fmt::format("{:.3g} (95 % CI {:.3g} to {:.3g}) at {}", c.value, c.low, c.high, where);
  };
  std::string out =
      fmt::format("{} {} the slope of {}: {}, {} (difference {:.3g}, {}).", what,
                  i.change.p < alpha ? "changes" : "is not shown to change", predictor, slope(i.at_low, i.low),
                  slope(i.at_high, i.high), i.at_high.value - i.at_low.value, p_words(i.change.p));
  out += fmt::format(" It {} by itself: volumes differ by {:.3g} (95 % CI {:.3g} to {:.3g}, {}) at the mean of {}.",
                     i.main.p < alpha ? "matters" : "is not shown to matter", i.main.value, i.main.low, i.main.high,
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
  const auto slope_at = [&](double value) {
    Eigen::VectorXd w = Eigen::VectorXd::Zero(p);
    w[kPredictor] = 1.0;
    w[p - 1] = value;
    return stats::estimate(*m.fit, {"", w}, nullptr);
  };
  out.at_low = slope_at(low);
  out.at_high = slope_at(high);
  Eigen::VectorXd w = Eigen::VectorXd::Zero(p);
  w[p - 1] = 1.0;
  out.change = stats::estimate(*m.fit, {"", w}, nullptr);
  w[kModerator] = 1.0;
  w[p - 1] = data->x.col(kPredictor).mean();
  out.main = stats::estimate(*m.fit, {"", w}, nullptr);
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
    const auto add = [&](const std::string& place, const stats::Estimate& c) {
      analysis.push_back(analyses[at].id);
      side.push_back(side_name(m.side));
      region.push_back(m.structure);
      moderator.push_back(i->moderator);
      where.push_back(place);
      n.push_back(m.people.n);
      beta.push_back(c.value);
      se.push_back(c.se);
      low.push_back(c.low);
      high.push_back(c.high);
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
