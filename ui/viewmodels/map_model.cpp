// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/map_model.h"

#include <algorithm>
#include <cmath>

#include "core/engine/batch_parts.h"
#include "core/engine/live.h"
#include "core/report/map_recipe.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

const QString kTemplateJob = QStringLiteral("map.template");

double cell(const table::Table& table, const char* column, std::size_t row) {
  const table::Column* found = table.find(column);
  return found != nullptr && found->kind != table::Column::Kind::text ? found->values[row] : table::kMissing;
}

int region_index(const engine::RegionModel& model) {
  const bool left = model.side == "ipsi" || model.side == "left";
  const Region& region = region_of(model.structure, left ? Side::left : Side::right);
  return static_cast<int>(&region - kRegions.data());
}

MapModel::Row row_of(const table::Table& results, std::size_t at, const engine::RegionModel& model) {
  MapModel::Row row;
  row.title = text_of(structure_title(model.structure));
  row.region = region_index(model);
  row.n = cell(results, "n", at);
  row.cohorts = cell(results, "n_cohorts", at);
  row.beta = cell(results, "beta", at);
  row.low = cell(results, "ci_low", at);
  row.high = cell(results, "ci_high", at);
  row.se = cell(results, "se", at);
  row.df = cell(results, "df", at);
  row.t = cell(results, "t", at);
  row.p = cell(results, "p", at);
  row.p_adjusted = cell(results, "p_adjusted", at);
  row.d = cell(results, "d", at);
  if (const table::Column* notes = results.find("notes")) row.notes = text_of(notes->texts[at]);
  return row;
}

void count_people(MapModel::Analysis& analysis) {
  analysis.least = -1;
  for (const MapModel::Row& row : analysis.rows) {
    if (std::isnan(row.n)) continue;
    const int n = static_cast<int>(row.n);
    analysis.most = std::max(analysis.most, n);
    analysis.least = analysis.least < 0 ? n : std::min(analysis.least, n);
    if (!std::isnan(row.cohorts)) analysis.cohorts = std::max(analysis.cohorts, static_cast<int>(row.cohorts));
  }
  analysis.least = std::max(analysis.least, 0);
}

}  // namespace

MapModel::MapModel(Context& context, QObject* parent) : QObject(parent), context_(context) {
  const Settings& kept = context.settings;
  look_.colours = kept.value("map/colours", look_.colours).toString();
  if (render::find_colormap(look_.colours.toStdString()) == nullptr) look_.colours = "diverging";
  look_.brain = kept.value("map/brain", false).toBool();
  connect(&context.models, &LiveModels::changed, this, &MapModel::follow);
  connect(&context.models, &LiveModels::rowChanged, this, [this] {
    state_.row = context_.models.state().row;
    emit rowChanged();
  });
  follow();
}

MapModel::~MapModel() = default;

void MapModel::wake() {
  context_.models.wake();
  if (!state_.model && !state_.head_loading && state_.head_what.isEmpty()) loadTemplate();
}

void MapModel::loadTemplate() {
  state_.head_loading = true;
  state_.head_what = state_.head_mend = {};
  struct Loaded {
    std::shared_ptr<const render::MapModel> model;
  };
  context_.jobs.start<Loaded>(
      {.title = tr("Load the template"), .key = kTemplateJob, .lane = Jobs::Lane::normal, .quiet = true},
      [source = source_](const Task& task) -> Result<Loaded> {
        auto head = source(task.part(0.0, 0.7));
        if (!head) return tl::unexpected<Error>(head.error());
        auto model = render::map_model(std::make_shared<const brain::Template>(std::move(*head)), task.part(0.7, 1.0));
        if (!model) return tl::unexpected<Error>(model.error());
        return Loaded{*model};
      },
      this,
      [this](Result<Loaded> loaded) {
        state_.head_loading = false;
        if (loaded) {
          state_.model = loaded->model;
        } else {
          state_.head_what = text_of(loaded.error().what);
          state_.head_mend = text_of(loaded.error().mend);
        }
        emit changed();
      });
  emit changed();
}

// ---- the models ----------------------------------------------------------------------------------------------------

void MapModel::follow() {
  const LiveModels::State& models = context_.models.state();
  state_.open = models.open;
  state_.working = models.working;
  state_.what = models.what;
  state_.where = models.where;
  state_.mend = models.mend;
  state_.current = models.current;
  state_.row = models.row;
  if (!models.live) {
    state_.analyses.clear();
    state_.values.reset();
    seen_ = -1;
  } else if (models.generation != seen_) {
    seen_ = models.generation;
    ++state_.generation;
    if (const auto read = readValues(); !read) {
      state_.analyses.clear();
      state_.values.reset();
      state_.what = text_of(read.error().what);
      state_.where = text_of(read.error().where);
      state_.mend = text_of(read.error().mend);
    }
  }
  emit changed();
}

Result<void> MapModel::readValues() {
  const auto live = context_.models.state().live;
  const auto results = live->results();
  if (!results) return tl::unexpected<Error>(results.error());
  const auto& asked = live->analyses();
  report::MapValuesOptions options;
  for (const engine::Analysis& a : asked) options.titles[a.id] = a.title;
  auto values = report::map_values_of(*results, "results.csv", options);
  if (!values) return tl::unexpected<Error>(values.error());
  state_.analyses.clear();
  for (std::size_t a = 0; a < asked.size(); ++a) {
    Analysis analysis;
    analysis.id = text_of(asked[a].id);
    analysis.title = text_of(asked[a].title);
    const QString first = analysis.title.section(", ", 0, 0);
    const bool again = std::any_of(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(a),
                                   [&](const engine::Analysis& other) { return other.subset == asked[a].subset; });
    analysis.brief = again ? QString(analysis.title).remove("sensorimotor ") : first;
    for (int r = 0; r < asked[a].models(); ++r) {
      const auto at = live->index(static_cast<int>(a), r);
      analysis.rows.push_back(row_of(*results, at, live->fitted().models[at]));
    }
    count_people(analysis);
    state_.analyses.push_back(std::move(analysis));
  }
  state_.left_right = values->sides == report::MapSides::left_right;
  state_.halves = state_.left_right ? std::array<QString, 2>{tr("Left"), tr("Right")}
                                    : std::array<QString, 2>{tr("Ipsilesional"), tr("Contralesional")};
  state_.significant_p = values->significant_p;
  const engine::Analysis& one = asked.front();
  const QString unit = one.scale == engine::Scale::z ? tr("volume in z units") : tr("volume in mm\u00b3");
  state_.unit = tr("\u03b2, %1").arg(unit);
  state_.quantity = one.predictor == "primary_score"
                        ? tr("%1, from worst (0) to best (1) behaviour").arg(state_.unit)
                        : tr("%1 a unit of %2").arg(state_.unit, text_of(engine::words_of(one.predictor)));
  state_.values = std::make_shared<const report::MapValues>(std::move(*values));
  colour();
  return {};
}

render::Scale MapModel::scale() const {
  const render::Colormap* map = render::find_colormap(look_.colours.toStdString());
  return {-state_.limit, state_.limit, map != nullptr ? map : &render::diverging()};
}

/// Limits over all analyses, then each region's colour.
void MapModel::colour() {
  if (!state_.values) return;
  state_.limit = report::limit_of(*state_.values, {.limit = look_.limit});
  state_.beyond = 0;
  const render::Scale scale = this->scale();
  for (std::size_t a = 0; a < state_.analyses.size(); ++a) {
    Analysis& analysis = state_.analyses[a];
    const report::MapPanel& panel = state_.values->panels[a];
    analysis.paints = report::paints_of(panel, scale);
    analysis.significant = analysis.muted = analysis.untested = analysis.excluded = 0;
    for (Row& row : analysis.rows) {
      const auto region = static_cast<std::size_t>(row.region);
      row.look = panel.regions[region].look;
      row.colour = render::fill_of(analysis.paints[region]);
      row.beyond = row.look != render::Look::excluded && scale.beyond(row.beta);
      state_.beyond += row.beyond ? 1 : 0;
      switch (row.look) {
        case render::Look::significant: ++analysis.significant; break;
        case render::Look::not_significant:
        case render::Look::plain: ++analysis.muted; break;
        case render::Look::excluded: ++analysis.excluded; break;
        case render::Look::untested: ++analysis.untested; break;
      }
    }
  }
}

const MapModel::Analysis* MapModel::analysis() const {
  const auto at = static_cast<std::size_t>(std::max(0, state_.current));
  return at < state_.analyses.size() ? &state_.analyses[at] : nullptr;
}

const MapModel::Row* MapModel::row() const {
  const Analysis* now = analysis();
  const auto at = static_cast<std::size_t>(std::max(0, state_.row));
  return now != nullptr && at < now->rows.size() ? &now->rows[at] : nullptr;
}

int MapModel::regionChosen() const {
  const Row* chosen = row();
  return chosen != nullptr ? chosen->region : -1;
}

void MapModel::choose(int analysis) {
  context_.models.choose(analysis);
}

void MapModel::chooseRow(int row) {
  context_.models.chooseRow(row);
}

void MapModel::chooseRegion(int region) {
  const Analysis* now = analysis();
  if (now == nullptr) return;
  const auto found = std::find_if(now->rows.begin(), now->rows.end(), [&](const Row& r) { return r.region == region; });
  if (found != now->rows.end()) chooseRow(static_cast<int>(found - now->rows.begin()));
}

void MapModel::setLook(const MapLook& look) {
  const bool recolour = look.colours != look_.colours || look.limit != look_.limit;
  look_ = look;
  context_.settings.setValue("map/colours", look_.colours);
  context_.settings.setValue("map/brain", look_.brain);
  if (recolour) colour();
  emit lookChanged();
}

// ---- out of the window
// -----------------------------------------------------------------------------------------------

report::MapValues MapModel::figureValues(bool all) const {
  report::MapValues out;
  if (!state_.values) return out;
  out = *state_.values;
  const auto at = static_cast<std::size_t>(std::max(0, state_.current));
  if (all || at >= out.panels.size()) return out;
  out.panels = {out.panels[at]};
  out.tested = std::ranges::any_of(out.panels.front().regions, [](const report::RegionValue& region) {
    return region.look == render::Look::significant || region.look == render::Look::not_significant;
  });
  return out;
}

MapModel::Copied MapModel::table() const {
  Copied out;
  const Analysis* now = analysis();
  if (now == nullptr) return out;
  const auto number = [](double value, int decimals) {
    return std::isnan(value) ? QString() : QString::number(value, 'f', decimals);
  };
  const auto p_of = [](double p) {
    return std::isnan(p) ? QString() : p < 0.001 ? QStringLiteral("<0.001") : QString::number(p, 'f', 3);
  };
  const QStringList header{tr("Side"),   tr("Region"),  tr("N"),  tr("cohorts"),     tr("beta"),
                           tr("CI low"), tr("CI high"), tr("SE"), tr("df"),          tr("t"),
                           tr("p"),      tr("p x 12"),  tr("d"),  tr("significant"), tr("notes")};
  const QString note = tr("%1; %2; significant below p %3")
                           .arg(now->title, state_.quantity, QString::number(state_.significant_p, 'g', 2));
  out.tsv = note + "\n" + header.join('\t') + "\n";
  out.html = "<p>" + note.toHtmlEscaped() + "</p><table border=\"1\" cellspacing=\"0\"><tr><th>" +
             header.join("</th><th>") + "</th></tr>";
  for (const Row& row : now->rows) {
    const bool left = kRegions[static_cast<std::size_t>(row.region)].side == Side::left;
    const QStringList cells{state_.halves[left ? 0 : 1],
                            row.title,
                            number(row.n, 0),
                            number(row.cohorts, 0),
                            number(row.beta, 3),
                            number(row.low, 3),
                            number(row.high, 3),
                            number(row.se, 3),
                            number(row.df, 0),
                            number(row.t, 2),
                            p_of(row.p),
                            p_of(row.p_adjusted),
                            number(row.d, 2),
                            row.significant() ? tr("yes") : tr("no"),
                            row.notes};
    out.tsv += cells.join('\t') + "\n";
    out.html += "<tr>";
    for (qsizetype c = 0; c < cells.size(); ++c) {
      const bool words = c < 2 || c > 12;
      const QString content = cells[c].toHtmlEscaped();
      out.html += QString("<td align=\"%1\">%2</td>")
                      .arg(words ? "left" : "right", row.significant() ? "<b>" + content + "</b>" : content);
    }
    out.html += "</tr>";
  }
  out.html += "</table>";
  return out;
}

void MapModel::exportVolume(const QString& path) {
  if (!state_.values || !state_.model) return;
  struct Written {};
  const auto values = figureValues(false);
  context_.jobs.start<Written>(
      {.title = tr("Write the values as a volume"), .key = "map.volume", .lane = Jobs::Lane::normal, .quiet = false},
      [values, model = state_.model, out = std::filesystem::path(path.toStdString())](const Task&) -> Result<Written> {
        const auto written = report::write_map_volume(values, *model->head, out);
        if (!written) return tl::unexpected<Error>(written.error());
        return Written{};
      },
      this,
      [this, path](Result<Written> written) {
        if (written)
          emit told(tr("Wrote %1").arg(path));
        else
          context_.shell.tellError(text_of(written.error().what), text_of(written.error().where),
                                   text_of(written.error().mend));
      });
}

}  // namespace ipsi::ui
