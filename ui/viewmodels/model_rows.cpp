// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/model_rows.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/regions.h"
#include "core/engine/batch_parts.h"

namespace ipsi::ui {
namespace {

constexpr int kGrey = -1, kBlue = 0, kOrange = 1;  // in Theme::category's order

ModelAnalysis::Row row_of(const engine::RegionModel& m, const engine::Analysis& a, double adjusted, bool significant) {
  ModelAnalysis::Row row;
  row.side = text_of(m.side);
  row.structure = text_of(m.structure);
  row.title = text_of(structure_title(m.structure));
  row.n = m.people.n;
  row.cohorts = m.n_cohorts;
  row.beta = m.beta();
  row.p = m.p();
  row.d = m.effect_size();
  row.df = row.low = row.high = row.se = row.t = row.was = row.vif = row.lrt_p = row.robust = table::kMissing;
  if (m.fit) {
    const auto& c = m.fit->coefficients;
    row.df = c.df[m.coefficient];
    row.low = c.ci_low[m.coefficient];
    row.high = c.ci_high[m.coefficient];
    row.se = c.se[m.coefficient];
    row.t = c.t[m.coefficient];
    row.usable = m.fit->converged;
    row.vif = m.fit->vif.max();
    row.lrt_p = m.fit->random_test.p;
  }
  row.p_adjusted = adjusted;
  row.significant = significant;
  row.failure = text_of(m.failure);
  if (m.fit && !m.fit->converged) row.failure = ModelAnalysis::tr("did not converge: do not use");
  row.notes = text_of(engine::notes_of(m, a));
  return row;
}

spec::Series series(spec::Series::Kind kind, std::vector<double> x, std::vector<double> y, int colour, bool filled) {
  spec::Series out;
  out.kind = kind;
  out.x = std::move(x);
  out.y = std::move(y);
  out.colour = colour;
  out.filled = {filled};
  return out;
}

/// Sample against normal quantiles with the line of a standard normal and its envelope.
ModelAnalysis::Plot quantile_plot(std::vector<double> normal, std::vector<double> sample,
                                  const std::vector<double>& margin, std::vector<QString> names, const QString& title) {
  ModelAnalysis::Plot out;
  out.figure.title = title.toStdString();
  if (normal.empty()) return out;
  const auto [low, high] = std::minmax({normal.front(), normal.back(), sample.front(), sample.back()});
  out.figure.x.label = ModelAnalysis::tr("normal quantile").toStdString();
  out.figure.y.label = ModelAnalysis::tr("sample quantile").toStdString();
  spec::Series band = series(spec::Series::Kind::band, normal, {}, kGrey, true);
  for (std::size_t i = 0; i < normal.size(); ++i) {
    band.low.push_back(normal[i] - margin[i]);
    band.high.push_back(normal[i] + margin[i]);
  }
  out.figure.series.push_back(std::move(band));
  out.figure.series.push_back(series(spec::Series::Kind::line, {low, high}, {low, high}, kGrey, true));
  out.figure.series.push_back(series(spec::Series::Kind::points, std::move(normal), std::move(sample), kBlue, false));
  out.names = {{}, {}, std::move(names)};
  return out;
}

QString largest_cohort(const engine::Diagnostics& d) {
  std::map<std::string, int> count;
  for (const std::string& c : d.cohort) ++count[c];
  const auto most =
      std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == count.end() ? QString() : text_of(most->first);
}

}  // namespace

bool has_values(const table::Table& people, const std::string& name) {
  const table::Column* column = people.find(name);
  if (column == nullptr) return false;
  for (std::size_t r = 0; r < column->size(); ++r)
    if (!column->missing(r)) return true;
  return false;
}

QString sentence(QString words) {
  if (!words.isEmpty()) words[0] = words[0].toUpper();
  return words;
}

QString title_of_column(const std::string& column) {
  static const std::map<std::string, const char*> titles{
      {"primary_score", QT_TRANSLATE_NOOP("ipsi::ui::ModelAnalysis", "Sensorimotor behaviour")},
      {"impairment", QT_TRANSLATE_NOOP("ipsi::ui::ModelAnalysis", "Impairment (FMA-UE)")},
      {"activity", QT_TRANSLATE_NOOP("ipsi::ui::ModelAnalysis", "Activity limitation")},
      {"icv", "ICV"},
      {"days_post_stroke", QT_TRANSLATE_NOOP("ipsi::ui::ModelAnalysis", "Days since stroke")},
      {"primary_test", QT_TRANSLATE_NOOP("ipsi::ui::ModelAnalysis", "Test")}};
  const auto it = titles.find(column);
  if (it != titles.end()) return ModelAnalysis::tr(it->second);
  if (column.starts_with("score_")) return text_of(column.substr(6)).replace('_', '-').toUpper();
  return sentence(text_of(column).replace('_', ' '));
}

QString subset_title(study::Subgroup subset) {
  switch (subset) {
    case study::Subgroup::subacute: return ModelAnalysis::tr("Subacute");
    case study::Subgroup::early: return ModelAnalysis::tr("Early");
    case study::Subgroup::chronic: return ModelAnalysis::tr("Chronic");
    case study::Subgroup::all: break;
  }
  return ModelAnalysis::tr("All times");
}

QString title_of_analysis(const engine::Analysis& a) {
  const QString title = subset_title(a.subset) + ", " + text_of(engine::words_of(a.predictor)).trimmed();
  return a.interaction.empty() ? title
                               : ModelAnalysis::tr("%1 by %2").arg(title, text_of(engine::words_of(a.interaction)));
}

QString title_of_row(const QString& side, const QString& title) {
  const QString name = title.toLower();
  if (side == "ipsi") return ModelAnalysis::tr("Ipsilesional %1").arg(name);
  if (side == "contra") return ModelAnalysis::tr("Contralesional %1").arg(name);
  return sentence(side) + ' ' + name;
}

std::vector<ModelAnalysis::Row> rows_of(const engine::Live& live, int analysis) {
  const engine::Analysis& a = live.analyses()[static_cast<std::size_t>(analysis)];
  std::vector<ModelAnalysis::Row> out;
  for (int r = 0; r < a.models(); ++r) {
    const std::size_t at = live.index(analysis, r);
    out.push_back(row_of(live.fitted().models[at], a, live.fitted().p_adjusted[at], live.fitted().significant[at]));
  }
  return out;
}

void add_diagnostics(ModelAnalysis::State& state, const engine::Live& live, const engine::Diagnostics& d) {
  const auto name = [&](int index) { return text_of(live.person(d.people[static_cast<std::size_t>(index)])); };
  std::vector<QString> names, sorted, groups;
  for (std::size_t i = 0; i < d.people.size(); ++i) names.push_back(name(static_cast<int>(i)));
  for (const int i : d.people_order) sorted.push_back(name(i));
  for (const std::string& g : d.cohort_order) groups.push_back(text_of(g));
  auto& figure = state.fitted.figure;
  figure.title = ModelAnalysis::tr("Residuals against fitted").toStdString();
  figure.x.label = ModelAnalysis::tr("fitted, %1").arg(state.unit).toStdString();
  figure.y.label = ModelAnalysis::tr("residual, SD").toStdString();
  figure.series.push_back(series(spec::Series::Kind::points, d.fitted, d.residual, kBlue, false));
  figure.lines.push_back({false, 0.0, ""});
  state.fitted.names = {names};
  state.people =
      quantile_plot(d.people_normal, d.people_sample, d.people_margin, sorted, ModelAnalysis::tr("Q-Q of people"));
  state.cohorts =
      quantile_plot(d.cohorts_normal, d.cohorts_sample, d.cohorts_margin, groups, ModelAnalysis::tr("Q-Q of cohorts"));
}

void add_scatter(ModelAnalysis::State& state, const engine::Live& live, const engine::RegionModel& m,
                 const engine::Diagnostics& d) {
  if (std::find(d.cohort.begin(), d.cohort.end(), state.cohort.toStdString()) == d.cohort.end())
    state.cohort = largest_cohort(d);
  const std::string cohort = state.cohort.toStdString();
  spec::Series band = series(spec::Series::Kind::band, d.line_x, {}, kBlue, true);
  band.low = d.line_low;
  band.high = d.line_high;
  spec::Series one = series(spec::Series::Kind::points, {}, {}, kOrange, true);
  spec::Series others = series(spec::Series::Kind::points, {}, {}, kGrey, false);
  std::vector<QString> one_names, other_names;
  for (std::size_t i = 0; i < d.x.size(); ++i) {
    const bool own = d.cohort[i] == cohort;
    (own ? one : others).x.push_back(d.x[i]);
    (own ? one : others).y.push_back(d.partial[i]);
    (own ? one_names : other_names).push_back(text_of(live.person(d.people[i])));
  }
  state.cohort_people = static_cast<int>(one_names.size());
  state.other_people = static_cast<int>(other_names.size());
  state.other_cohorts = m.n_cohorts - 1;
  auto& figure = state.partial.figure;
  figure.title = ModelAnalysis::tr("Partial residuals of %1").arg(state.row_title).toStdString();
  figure.alt = state.row_note.toStdString();
  figure.x.label = engine::words_of(m.predictor);
  if (m.predictor == "primary_score" || m.predictor == "impairment" || m.predictor == "activity")
    figure.x.label += ModelAnalysis::tr(", fraction of maximum").toStdString();
  figure.y.label = ModelAnalysis::tr("partial residual, %1").arg(state.unit).toStdString();
  figure.series = {band, others, one, series(spec::Series::Kind::line, d.line_x, d.line_y, kBlue, true)};
  state.partial.names = {{}, other_names, one_names, {}};
}

}  // namespace ipsi::ui
