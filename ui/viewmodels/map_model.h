// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/render/map_scene.h"
#include "core/report/brain_map.h"
#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// How the map looks: the same for the screen and for the figure that is exported.
struct MapLook {
  QString colours = "diverging";
  std::optional<double> limit;  ///< absent: the smallest even number that holds all analyses
  render::Camera camera = render::cameras().front();
  bool brain = false;  ///< the translucent brain
  std::optional<render::Clip> clip;
  double axial_mm = 4.0, coronal_mm = 8.0;
  bool all = false;  ///< a panel for each analysis instead of the one chosen
};

/// The Map workspace: the live models as colours of the template's regions.
///
/// Values are those of results.csv as of now (engine::Live), read by the function that reads the file; so a figure
/// exported here is the one that `ipsi map --values results.csv` draws.
class MapModel : public QObject {
  Q_OBJECT

 public:
  /// One region's model: a row of results.csv.
  struct Row {
    QString title;   ///< "Putamen"
    int region = 0;  ///< index in kRegions; ipsilesional stands on the left
    double n = 0, cohorts = 0, beta = 0, low = 0, high = 0, se = 0, df = 0, t = 0, p = 0, p_adjusted = 0, d = 0;
    render::Look look = render::Look::untested;
    render::Rgb colour{};  ///< that fills it
    bool beyond = false;   ///< outside the limits
    QString notes;         ///< why it failed, who was left out
    [[nodiscard]] bool significant() const { return look == render::Look::significant; }
  };
  struct Analysis {
    QString id, title, brief;  ///< brief: "Chronic", "Chronic, impairment"
    int most = 0, least = 0;   ///< people in its models
    int cohorts = 0;           ///< at most
    std::vector<Row> rows;     ///< ipsilesional first, in the order of the models
    render::Paints paints{};
    int significant = 0, muted = 0, untested = 0, excluded = 0;
  };
  struct State {
    bool open = false, working = false;
    QString what, where, mend;  ///< why there are no values
    std::vector<Analysis> analyses;
    int current = 0, row = 0;
    bool left_right = false;        ///< halves of the template are left and right, not ipsi- and contralesional
    std::array<QString, 2> halves;  ///< "Ipsilesional", "Contralesional": left and right half of the template
    QString quantity;  ///< over the colour bar: "β, volume in z units, from worst (0) to best (1) behaviour"
    QString unit;      ///< the same in short, for figures
    QString source;    ///< "flags of A, 404 people": where the values come from
    double limit = 1.0, significant_p = 0.05 / 12;
    int beyond = 0;  ///< values outside the limits, in all analyses
    bool head_loading = false;
    QString head_what, head_mend;                     ///< why there is no template
    std::shared_ptr<const render::MapModel> model;    ///< the template's forms; null until loaded
    std::shared_ptr<const report::MapValues> values;  ///< of all analyses; null without fits
    int generation = 0;
  };

  explicit MapModel(Context& context, QObject* parent = nullptr);
  ~MapModel() override;
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const MapLook& look() const { return look_; }
  [[nodiscard]] const Analysis* analysis() const;  ///< the one chosen
  [[nodiscard]] const Row* row() const;
  [[nodiscard]] Context& context() { return context_; }

  /// Fit and load what is missing: when the workspace is shown.
  void wake();
  void loadTemplate();  ///< again, after its package was installed
  using Source = std::function<Result<brain::Template>(const Task&)>;
  void setTemplateSource(Source source) { source_ = std::move(source); }  ///< instead of Colin27; before `wake`
  void choose(int analysis);
  void chooseRow(int row);
  void chooseRegion(int region);           ///< index in kRegions
  [[nodiscard]] int regionChosen() const;  ///< -1 without values
  void setLook(const MapLook& look);
  void keepCamera(const render::Camera& camera) { look_.camera = camera; }

  [[nodiscard]] render::Scale scale() const;
  /// Values for a figure: all analyses or the one chosen.
  [[nodiscard]] report::MapValues figureValues(bool all) const;
  struct Copied {
    QString tsv, html;
  };
  /// The chosen analysis' rows, as shown.
  [[nodiscard]] Copied table() const;
  /// The chosen analysis as a volume: what `ipsi map --out X.nii.gz` writes.
  void exportVolume(const QString& path);

 signals:
  void changed();      ///< values, analyses, template, failures
  void lookChanged();  ///< colours, limits, brain, cut, slices, panels
  void rowChanged();
  void told(const QString& words);  ///< something to say once: written, or why not

 private:
  void follow();
  void colour();
  [[nodiscard]] Result<void> readValues();

  Context& context_;
  State state_;
  MapLook look_;
  Source source_ = brain::load_colin27;
  int seen_ = -1;
};

}  // namespace ipsi::ui
