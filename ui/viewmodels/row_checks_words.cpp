// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/row_checks_words.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "ui/viewmodels/model_rows.h"
#include "ui/viewmodels/rating_rules.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr int kGrey = -1, kBlue = 0, kOrange = 1;  // in Theme::category's order
constexpr std::size_t kMostCohorts = 8;            // bars that stay readable
constexpr double kUnusual = 0.05;

QString number(double x, int places) {
  return std::isfinite(x) ? QString::number(x, 'f', places).replace('-', QChar(0x2212)) : QString(QChar(0x2013));
}
QString p_words(double p) {
  return p < 0.001 ? QString("p < 0.001") : QString("p %1").arg(p, 0, 'f', 3);
}

spec::Series points(int colour, bool filled) {
  spec::Series out;
  out.kind = spec::Series::Kind::points;
  out.colour = colour;
  out.filled = {filled};
  return out;
}

/// Values over their place, those beyond the threshold filled; `names` are what the points are.
ModelPlot over_index(const Eigen::VectorXd& values, double threshold, const std::vector<std::string>& names) {
  ModelPlot out;
  spec::Series below = points(kBlue, false), above = points(kOrange, true);
  std::vector<QString> below_names, above_names;
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const bool beyond = values[i] > threshold;
    (beyond ? above : below).x.push_back(static_cast<double>(i + 1));
    (beyond ? above : below).y.push_back(values[i]);
    (beyond ? above_names : below_names).push_back(text_of(names[static_cast<std::size_t>(i)]));
  }
  out.figure.series = {below, above};
  out.names = {below_names, above_names};
  return out;
}

/// The largest few of some values by name, one line each.
ModelPlot largest(const Eigen::VectorXd& values, const std::vector<std::string>& names, bool smallest,
                  const std::function<bool(double)>& stands_out) {
  ModelPlot out;
  std::vector<Eigen::Index> order;
  for (Eigen::Index i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return smallest ? values[a] < values[b] : values[a] > values[b];
  });
  if (order.size() > kMostCohorts) order.resize(kMostCohorts);
  spec::Series below = points(kBlue, false), above = points(kOrange, true);
  std::vector<QString> below_names, above_names;
  for (const Eigen::Index i : order) {
    const auto& name = names[static_cast<std::size_t>(i)];
    auto& series = stands_out(values[i]) ? above : below;
    series.x.push_back(values[i]);
    series.y.push_back(static_cast<double>(out.figure.y.categories.size()));
    (stands_out(values[i]) ? above_names : below_names).push_back(text_of(name));
    out.figure.y.categories.push_back(name);
  }
  out.figure.horizontal = true;
  out.figure.series = {below, above};
  out.names = {below_names, above_names};
  return out;
}

RowChecks::Reading normality(const QString& who, const stats::Shapiro& test) {
  const bool unusual = test.p < kUnusual;
  return {who, RowChecks::tr("Shapiro-Wilk W %1, %2, n %3").arg(number(test.w, 3), p_words(test.p)).arg(test.n),
          unusual ? RowChecks::tr("Points that leave the band bend away from a normal distribution.")
                  : RowChecks::tr("Inside the band: as a normal distribution would."),
          unusual};
}

}  // namespace

void add_assumptions(RowChecks::State& state, const engine::ModelChecks& checks, const stats::LmeFit& fit) {
  const auto& a = checks.assumptions;
  if (a.people) state.people.push_back(normality(RowChecks::tr("People"), *a.people));
  if (a.cohorts) state.cohorts.push_back(normality(RowChecks::tr("Cohorts"), *a.cohorts));
  const bool fans = a.spread_p < kUnusual;
  state.spread.push_back(
      {RowChecks::tr("Spread"),
       RowChecks::tr("ρ(|residual|, fitted) %1, %2").arg(number(a.spread_rho, 2), p_words(a.spread_p)),
       !fans                ? RowChecks::tr("A level cloud: the spread is the same everywhere.")
       : a.spread_rho > 0.0 ? RowChecks::tr("The spread grows with the fitted value: try the logarithm as outcome.")
                            : RowChecks::tr("The spread shrinks with the fitted value."),
       fans});
  for (std::size_t i = 0; i < a.vif.terms.size() && a.vif.defined(); ++i) {
    const double v = a.vif.gvif_adj[i] * a.vif.gvif_adj[i];
    const bool high = v > 2.5;
    state.columns.push_back(
        {title_of_column(a.vif.terms[i]), number(v, 2),
         high ? RowChecks::tr("shares much with the others: its beta is hard to tell apart") : QString(), high});
  }
  spec::Series cloud = points(kBlue, false);
  std::vector<QString> names;
  for (Eigen::Index i = 0; i < fit.residual.size(); ++i) {
    cloud.x.push_back(fit.fitted[i]);
    cloud.y.push_back(std::sqrt(std::abs(fit.residual[i] / fit.sigma)));
    names.push_back(text_of(checks.people[static_cast<std::size_t>(i)]));
  }
  state.scale_location.figure.title = RowChecks::tr("Scale-location").toStdString();
  state.scale_location.figure.x.label = RowChecks::tr("fitted").toStdString();
  state.scale_location.figure.y.label = RowChecks::tr("√|residual, SD|").toStdString();
  state.scale_location.figure.series = {std::move(cloud)};
  state.scale_location.names = {std::move(names)};
}

void add_influence(RowChecks::State& state, const engine::ModelChecks& checks, const stats::LmeFit& fit) {
  const stats::Influence& influence = *checks.influence;
  const auto& people = influence.observation;
  const auto& cohorts = influence.group;
  QStringList who;
  for (const int g : cohorts.influential) who << text_of(checks.cohorts[static_cast<std::size_t>(g)]);
  state.influence = RowChecks::tr("Cook's distance is beyond 4/n in %1 of %2 people, beyond 4/G in %3 of %4 cohorts%5.")
                        .arg(people.influential.size())
                        .arg(people.size())
                        .arg(cohorts.influential.size())
                        .arg(cohorts.size())
                        .arg(who.isEmpty() ? QString() : ": " + who.join(", "));
  state.cooks_people = over_index(people.cooks_standard, people.threshold, checks.people);
  auto& by_person = state.cooks_people.figure;
  by_person.title = RowChecks::tr("Cook's distance of people").toStdString();
  by_person.x.label = RowChecks::tr("person, in the table's order").toStdString();
  by_person.y.label = RowChecks::tr("Cook's distance").toStdString();
  by_person.lines.push_back({false, people.threshold, "4/n"});
  state.cooks_cohorts =
      largest(cohorts.cooks_standard, checks.cohorts, false, [&](double d) { return d > cohorts.threshold; });
  state.cooks_cohorts.figure.title = RowChecks::tr("Cook's distance of cohorts, the largest").toStdString();
  state.cooks_cohorts.figure.x.label = RowChecks::tr("Cook's distance without the cohort").toStdString();
  const double most = std::max(cohorts.threshold, cohorts.cooks_standard.maxCoeff());
  if (std::isfinite(most)) state.cooks_cohorts.figure.x.range = {{0.0, 1.05 * most}};
  state.cooks_cohorts.figure.lines.push_back({true, cohorts.threshold, "4/G"});

  const int c = checks.coefficient;
  std::vector<int> order(checks.cohorts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return cohorts.beta(a, c) < cohorts.beta(b, c); });
  spec::Series line;
  line.kind = spec::Series::Kind::intervals;
  line.colour = kBlue;
  std::vector<QString> names;
  for (const int g : order) {
    if (!std::isfinite(cohorts.beta(g, c))) continue;
    line.x.push_back(cohorts.beta(g, c));
    line.y.push_back(static_cast<double>(names.size()));
    line.low.push_back(influence.ci_low(g, c));
    line.high.push_back(influence.ci_high(g, c));
    line.filled.push_back(influence.ci_low(g, c) > 0.0 || influence.ci_high(g, c) < 0.0);
    const auto& name = checks.cohorts[static_cast<std::size_t>(g)];
    names.push_back(text_of(name));
    state.without.figure.y.categories.push_back(
        name + " (" + std::to_string(influence.group_size[static_cast<std::size_t>(g)]) + ")");
  }
  state.without.figure.title = RowChecks::tr("Beta without each cohort").toStdString();
  state.without.figure.x.label = RowChecks::tr("β without the cohort (its people), 95 % CI").toStdString();
  state.without.figure.horizontal = true;
  state.without.figure.series = {std::move(line)};
  state.without.figure.lines.push_back({true, fit.coefficients.value[c], RowChecks::tr("all").toStdString()});
  state.without.figure.lines.push_back({true, 0.0, ""});
  state.without.names = {std::move(names)};
}

void add_robust(RowChecks::State& state, const engine::ModelChecks& checks, const engine::RegionModel& m) {
  const stats::RlmeFit& robust = *checks.robust;
  const auto& row = checks.robust_row;
  const auto& c = m.fit->coefficients;
  state.differs = row.differs();
  const auto light = (robust.weight.array() < 0.5).count();
  const QString moved = RowChecks::tr("it moves by %1 standard errors").arg(number(std::abs(row.shift), 2));
  state.robust =
      state.differs
          ? RowChecks::tr("The robust fit differs from the classical one: %1. See who is weighted down.").arg(moved)
          : RowChecks::tr("The robust fit agrees with the classical one: %1.").arg(moved);
  state.robust += ' ' + RowChecks::tr("%1 of %2 people count less than half.").arg(light).arg(robust.weight.size());
  if (!robust.converged) state.robust = RowChecks::tr("The robust fit has not settled: do not use it.");
  state.pairs = {{QString::fromUtf8("β"), c.value[m.coefficient], row.beta},
                 {"SE", c.se[m.coefficient], row.se},
                 {"t", c.t[m.coefficient], row.t},
                 {RowChecks::tr("residual SD"), m.fit->sigma, robust.sigma},
                 {RowChecks::tr("SD of cohorts"), m.fit->random_sd[0], robust.random_sd[0]}};
  spec::Series full = points(kBlue, false), less = points(kOrange, true);
  std::vector<QString> full_names, less_names;
  for (Eigen::Index i = 0; i < robust.weight.size(); ++i) {
    const bool low = robust.weight[i] < 0.5;
    (low ? less : full).x.push_back(robust.residual[i] / robust.sigma);
    (low ? less : full).y.push_back(robust.weight[i]);
    (low ? less_names : full_names).push_back(text_of(checks.people[static_cast<std::size_t>(i)]));
  }
  auto& figure = state.weights_people.figure;
  figure.title = RowChecks::tr("Weights of people").toStdString();
  figure.x.label = RowChecks::tr("residual, robust SD").toStdString();
  figure.y.label = RowChecks::tr("weight").toStdString();
  figure.y.range = {{0.0, 1.05}};
  figure.series = {std::move(full), std::move(less)};
  figure.lines.push_back({false, 0.5, ""});
  state.weights_people.names = {std::move(full_names), std::move(less_names)};
  state.weights_cohorts = largest(robust.weight_group, checks.cohorts, true, [](double w) { return w < 0.5; });
  state.weights_cohorts.figure.title = RowChecks::tr("Weights of cohorts, the smallest").toStdString();
  state.weights_cohorts.figure.x.label = RowChecks::tr("weight").toStdString();
  state.weights_cohorts.figure.x.range = {{0.0, 1.05}};
}

void add_sensitivity(RowChecks::State& state, const engine::Sensitivity& tried, const engine::Analysis& analysis) {
  const auto result = engine::sensitivity_result(tried, analysis);
  state.sentences.clear();
  for (const auto& line : result.findings) state.sentences << sentence(text_of(line)) + '.';
  std::vector<const engine::Specification*> rows;
  for (const auto& row : tried.rows)
    if (!row.repeats && row.failure.empty()) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    if (a->without.empty() != b->without.empty()) return a->without.empty();
    return !a->without.empty() && a->beta < b->beta;
  });
  spec::Series line;
  line.kind = spec::Series::Kind::intervals;
  line.colour = kBlue;
  auto& figure = state.choices.figure;
  std::vector<QString> names;
  for (const auto* row : rows) {
    const QString how = text_of(engine::to_string(row->estimator)).remove("LME, ").remove(" LME");
    const QString rule = row->ratings == "lesioned_kept" ? RowChecks::tr("lesioned kept")  // whose else fits no line
                                                         : ruleWords(text_of(row->ratings));
    QString title = row->without.empty() ? rule + ", " + how : RowChecks::tr("without %1").arg(text_of(row->without));
    if (row->base) title = RowChecks::tr("as asked for");
    line.x.push_back(row->beta);
    line.y.push_back(static_cast<double>(names.size()));
    line.low.push_back(row->ci_low);
    line.high.push_back(row->ci_high);
    line.filled.push_back(row->p < analysis.alpha);
    figure.y.categories.push_back(title.toStdString() + " (" + std::to_string(row->n) + ")");
    names.push_back(text_of(row->without));
  }
  figure.title = RowChecks::tr("Beta under other choices").toStdString();
  figure.x.label = RowChecks::tr("β, 95 % CI; filled: p below alpha").toStdString();
  figure.horizontal = true;
  figure.series = {std::move(line)};
  figure.lines.push_back({true, tried.base.beta(), ""});
  figure.lines.push_back({true, 0.0, ""});
  state.choices.names = {std::move(names)};
}

}  // namespace ipsi::ui
