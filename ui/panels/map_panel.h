// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>
#include <QScrollArea>
#include <QSlider>
#include <QStackedWidget>

#include "ui/panels/map_figure.h"
#include "ui/panels/map_scale.h"
#include "ui/panels/map_table.h"
#include "ui/viewer/map_slice.h"
#include "ui/viewer/map_view.h"
#include "ui/viewmodels/map_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The Map workspace: the regions in 3D and in two slices, coloured by the live models, beside their table.
class MapPanel : public QWidget {
  Q_OBJECT

 public:
  explicit MapPanel(Context& context, QWidget* parent = nullptr);
  ~MapPanel() override;
  [[nodiscard]] MapModel& model() { return model_; }
  [[nodiscard]] MapExport& figure() { return figure_; }

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  [[nodiscard]] QWidget* centrePane();
  [[nodiscard]] QWidget* headRow();
  [[nodiscard]] QWidget* pictures();
  [[nodiscard]] QWidget* viewRow();
  [[nodiscard]] QWidget* tablePane();
  [[nodiscard]] QWidget* details();
  void makeMenus();
  void addActions();
  void render();
  void renderHead();
  void renderPictures();
  void renderLook();
  void renderRow();
  void setAll(bool all);
  void cutAlong(int axis);
  void moveCut(double mm);
  void copyTable();
  void openFigure();
  void closeFigure();
  void chooseRecipe();
  void chooseVolumeFile();
  void fit();
  void fitNote();

  Context& context_;
  MapModel model_;
  MapExport figure_{model_};
  Label *title_ = nullptr, *same_note_ = nullptr;
  ElidedLabel *note_ = nullptr, *camera_words_ = nullptr;
  QStringList note_words_;
  Badge* badge_ = nullptr;
  Segments* panels_ = nullptr;
  QPushButton *view_ = nullptr, *cortex_ = nullptr, *cut_ = nullptr, *colours_ = nullptr;
  QMenu *view_menu_ = nullptr, *cut_menu_ = nullptr, *colour_menu_ = nullptr;
  QSlider* cut_at_ = nullptr;
  MapView3d* scene_ = nullptr;
  MapSlice *axial_ = nullptr, *coronal_ = nullptr;
  QStackedWidget *centre_ = nullptr, *right_ = nullptr;
  MapPreview* preview_ = nullptr;
  MapFigureForm* form_ = nullptr;
  QWidget *slices_ = nullptr, *work_ = nullptr, *table_pane_ = nullptr, *template_missing_ = nullptr,
          *failed_ = nullptr;
  MapBar* bar_ = nullptr;
  MapLegend* legend_ = nullptr;
  MapStrip* strip_ = nullptr;
  MapTable* table_ = nullptr;
  Label *region_title_ = nullptr, *notes_ = nullptr;
  std::array<Label*, 5> values_{};
  EmptyState* empty_ = nullptr;
  ErrorCard *failure_ = nullptr, *no_template_ = nullptr;
};

}  // namespace ipsi::ui
