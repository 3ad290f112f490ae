// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>
#include <optional>

#include "core/report/map_recipe.h"
#include "ui/viewmodels/map_model.h"

namespace ipsi::ui {

/// The figure that is made from the map: what it looks like on paper, before and when it is written.
///
/// Drawn by report::draw_brain_map, as `ipsi map` does, from the map's own values, camera, colours and slices. Beside
/// each figure stands its recipe; one that is opened brings its figure back, from the map's values where these are the
/// same still, else from those it holds, which is said.
class MapExport : public QObject {
  Q_OBJECT

 public:
  using View = report::BrainMapOptions::View;
  struct Options {
    double width_mm = 174.0, dpi = 300.0;
    report::Format format = report::Format::png;
    bool transparent = false;
    View view = View::both;
    bool all = false;                          ///< a panel for each analysis
    QString label;                             ///< over the colour bar; empty: the map's own words
    QString alt;                               ///< the figure in words; empty: made from the values
    QString pattern = "{analysis}_{width}mm";  ///< of the file's name: {study} {analysis} {width} {dpi}
    friend bool operator==(const Options&, const Options&) = default;
  };
  struct State {
    Options options;
    bool shown = false;  ///< the preview is on screen
    bool drawing = false, writing = false;
    QByteArray preview;  ///< PNG at the screen's own density
    double height_mm = 0.0;
    QString alt;                 ///< made from the values, or as written by hand
    QString what, where, mend;   ///< why there is no preview
    QString recipe;              ///< name of the recipe that was opened; empty without
    QString recipe_note;         ///< what differs from when it was written; empty: nothing
    bool stored_values = false;  ///< the figure shows the recipe's values, not today's
  };

  explicit MapExport(MapModel& map, QObject* parent = nullptr);
  [[nodiscard]] const State& state() const { return state_; }

  void open();  ///< show the preview, and keep it up to date
  void close();
  void setOptions(const Options& options);
  void setPreviewDpi(double dpi);  ///< of the screen, in device pixels
  [[nodiscard]] QString fileName() const;
  [[nodiscard]] QString verb() const;  ///< "Export 174 mm PNG"

  /// What draw_brain_map gets for the file.
  [[nodiscard]] report::BrainMapOptions drawOptions() const;
  [[nodiscard]] report::MapValues values() const;

  void write(const QString& path);  ///< the figure, and its recipe beside it
  /// Look and options as the recipe says. False: `failed` told why.
  bool openRecipe(const QString& path);
  void useTodaysValues();

 signals:
  void changed();
  void written(const QString& path);
  void failed(const QString& what, const QString& where, const QString& mend);

 private:
  void refresh();
  void draw();

  MapModel& map_;
  State state_;
  double preview_dpi_ = 96.0;
  std::optional<report::MapRecipe> recipe_;
  QTimer wait_;
};

}  // namespace ipsi::ui
