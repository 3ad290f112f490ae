// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/map_export.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr int kWaitMs = 150;  // typing goes on: one preview at its end

}  // namespace

MapExport::MapExport(MapModel& map, QObject* parent) : QObject(parent), map_(map) {
  const Settings& kept = map.context().settings;
  Options& o = state_.options;
  o.width_mm = std::clamp(kept.value("map/width_mm", o.width_mm).toDouble(), 60.0, 400.0);
  o.dpi = std::clamp(kept.value("map/dpi", o.dpi).toDouble(), 72.0, 1200.0);
  o.pattern = kept.value("map/pattern", o.pattern).toString();
  wait_.setSingleShot(true);
  wait_.setInterval(kWaitMs);
  connect(&wait_, &QTimer::timeout, this, &MapExport::draw);
  connect(&map, &MapModel::changed, this, &MapExport::refresh);
  connect(&map, &MapModel::lookChanged, this, &MapExport::refresh);
}

void MapExport::open() {
  state_.shown = true;
  refresh();
}

void MapExport::close() {
  state_.shown = false;
  recipe_.reset();
  state_.recipe = state_.recipe_note = {};
  state_.stored_values = false;
  state_.options.alt.clear();
  state_.options.label.clear();
  wait_.stop();
  map_.context().jobs.cancelKey("map.preview");
  state_.drawing = false;
  emit changed();
}

void MapExport::setOptions(const Options& options) {
  if (options == state_.options) return;
  state_.options = options;
  Settings& keep = map_.context().settings;
  keep.setValue("map/width_mm", options.width_mm);
  keep.setValue("map/dpi", options.dpi);
  keep.setValue("map/pattern", options.pattern);
  refresh();
}

void MapExport::setPreviewDpi(double dpi) {
  if (dpi == preview_dpi_) return;
  preview_dpi_ = dpi;
  refresh();
}

QString MapExport::verb() const {
  return tr("Export %1 mm %2")
      .arg(QString::number(state_.options.width_mm, 'g', 4),
           text_of(report::to_string(state_.options.format)).toUpper());
}

QString MapExport::fileName() const {
  const auto* analysis = map_.analysis();
  QString study = map_.context().session.name();
  study.remove(QRegularExpression("\\.ipsi$"));
  QString name = state_.options.pattern;
  name.replace("{study}", study);
  name.replace("{analysis}", state_.options.all || analysis == nullptr ? QStringLiteral("map") : analysis->id);
  name.replace("{width}", QString::number(state_.options.width_mm, 'g', 4));
  name.replace("{dpi}", QString::number(state_.options.dpi, 'g', 4));
  name.replace(QRegularExpression("[/\\\\:*?\"<>|\\s]+"), "_");
  if (name.isEmpty()) name = "map";
  return name + "." + text_of(report::to_string(state_.options.format));
}

report::BrainMapOptions MapExport::drawOptions() const {
  const MapLook& look = map_.look();
  const Options& o = state_.options;
  report::BrainMapOptions out;
  out.format = o.format;
  out.view = o.view;
  out.width_mm = o.width_mm;
  out.dpi = o.dpi;
  out.transparent = o.transparent;
  out.camera = look.camera;
  out.brain = look.brain;
  out.limit = map_.state().limit;  // one scale for all analyses, also where one is shown alone
  out.colours = map_.scale().map;
  out.quantity = (o.label.isEmpty() ? map_.state().unit : o.label).toStdString();
  out.axial_mm = look.axial_mm;
  out.coronal_mm = look.coronal_mm;
  out.clip = look.clip;
  out.alt = o.alt.toStdString();
  return out;
}

report::MapValues MapExport::values() const {
  return state_.stored_values && recipe_ ? recipe_->values : map_.figureValues(state_.options.all);
}

// ---- the preview ---------------------------------------------------------------------------------------------------

void MapExport::refresh() {
  if (state_.shown && map_.state().values && map_.state().model) {
    state_.drawing = true;
    wait_.start();
  }
  emit changed();
}

void MapExport::draw() {
  if (!map_.state().values || !map_.state().model) return;
  report::BrainMapOptions options = drawOptions();
  options.format = report::Format::png;
  options.dpi = preview_dpi_;
  map_.context().jobs.start<report::BrainMap>(
      {.title = tr("Draw the preview"), .key = "map.preview", .lane = Jobs::Lane::normal, .quiet = true},
      [options, values = values(), head = map_.state().model->head](const Task& task) {
        return report::draw_brain_map(values, *head, options, task);
      },
      this,
      [this](Result<report::BrainMap> drawn) {
        if (!drawn && drawn.error().code == Code::Cancelled) return;
        state_.drawing = wait_.isActive();
        state_.what = state_.where = state_.mend = {};
        if (drawn) {
          state_.preview = QByteArray(drawn->bytes.data(), static_cast<qsizetype>(drawn->bytes.size()));
          state_.height_mm = drawn->height_mm;
          state_.alt = text_of(drawn->alt);
        } else {
          state_.preview.clear();
          state_.what = text_of(drawn.error().what);
          state_.where = text_of(drawn.error().where);
          state_.mend = text_of(drawn.error().mend);
        }
        emit changed();
      });
}

// ---- files ---------------------------------------------------------------------------------------------------------

void MapExport::write(const QString& path) {
  if (!map_.state().values || !map_.state().model) return;
  report::BrainMapOptions options = drawOptions();
  if (const auto format = report::format_of(path.toStdString())) options.format = *format;
  struct Written {};
  state_.writing = true;
  map_.context().jobs.start<Written>(
      {.title = verb(), .key = "map.export", .lane = Jobs::Lane::normal, .quiet = false},
      [options, values = values(), head = map_.state().model->head,
       out = std::filesystem::path(path.toStdString())](const Task& task) -> Result<Written> {
        auto drawn = report::draw_brain_map(values, *head, options, task);
        if (!drawn) return tl::unexpected<Error>(drawn.error());
        if (auto done = report::write_brain_map(*drawn, out); !done) return tl::unexpected<Error>(done.error());
        return Written{};
      },
      this,
      [this, path](Result<Written> done) {
        state_.writing = false;
        emit changed();
        if (done)
          emit written(path);
        else if (done.error().code != Code::Cancelled)
          emit failed(text_of(done.error().what), text_of(done.error().where), text_of(done.error().mend));
      });
  emit changed();
}

bool MapExport::openRecipe(const QString& path) {
  auto read = report::read_map_recipe(path.toStdString());
  if (!read) {
    emit failed(text_of(read.error().what), text_of(read.error().where), text_of(read.error().mend));
    return false;
  }
  recipe_ = std::move(*read);
  const report::BrainMapOptions& drawn = recipe_->options;
  const auto now = map_.state().values;
  const bool same = now && now->data_hash == recipe_->values.data_hash;
  state_.recipe = QFileInfo(path).fileName();
  state_.stored_values = !same;
  state_.recipe_note = {};
  if (!same)
    state_.recipe_note =
        tr("The values have changed since this figure was made (data %1, now %2). Shown are the values "
           "of then, which the recipe holds.")
            .arg(text_of(recipe_->values.data_hash).left(8), now ? text_of(now->data_hash).left(8) : tr("none"));
  if (map_.state().model && recipe_->atlas != map_.state().model->head->name)
    state_.recipe_note +=
        tr(" It was drawn on %1; here it is %2.").arg(text_of(recipe_->atlas), text_of(map_.state().model->head->name));
  Options options = state_.options;
  options.width_mm = drawn.width_mm;
  options.dpi = drawn.dpi;
  options.format = drawn.format;
  options.transparent = drawn.transparent;
  options.view = drawn.view;
  options.all = recipe_->values.panels.size() > 1;
  options.label = text_of(drawn.quantity);
  options.alt = text_of(drawn.alt);
  state_.options = options;
  state_.shown = true;
  if (same && !options.all && !recipe_->values.panels.empty())
    for (std::size_t a = 0; a < now->panels.size(); ++a)
      if (now->panels[a].title == recipe_->values.panels.front().title) map_.choose(static_cast<int>(a));
  MapLook look = map_.look();
  look.colours = text_of(drawn.colours->name);
  look.limit = drawn.limit;
  if (drawn.view != View::slices) {
    look.camera = drawn.camera;
    look.brain = drawn.brain.value_or(false);
  }
  look.clip = drawn.clip;
  look.axial_mm = drawn.axial_mm.value_or(look.axial_mm);
  look.coronal_mm = drawn.coronal_mm.value_or(look.coronal_mm);
  map_.setLook(look);
  emit changed();
  return true;
}

void MapExport::useTodaysValues() {
  state_.stored_values = false;
  state_.recipe_note = {};
  state_.options.alt.clear();  // it told the values of then
  refresh();
}

}  // namespace ipsi::ui
