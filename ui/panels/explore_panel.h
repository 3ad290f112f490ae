// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QScrollArea>
#include <QStackedWidget>
#include <array>

#include "ui/panels/explore_cohort.h"
#include "ui/panels/explore_overlap.h"
#include "ui/panels/explore_regions.h"
#include "ui/panels/explore_scores.h"
#include "ui/viewer/scene3d_widget.h"
#include "ui/viewer/triplanar_widget.h"
#include "ui/viewmodels/explore_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The Explore workspace: one person in pictures and numbers, or all of them in plots that can be brushed.
class ExplorePanel : public QWidget {
  Q_OBJECT

 public:
  explicit ExplorePanel(Context& context, QWidget* parent = nullptr);
  ~ExplorePanel() override;
  [[nodiscard]] ExploreModel& model() { return model_; }
  [[nodiscard]] ExploreCohort& cohort() { return *cohort_; }
  [[nodiscard]] bool showsCohort() const;
  void showCohort(bool cohort);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] QWidget* personPage();
  [[nodiscard]] QWidget* picturesPane();
  [[nodiscard]] QWidget* numbersPane();
  [[nodiscard]] QWidget* personHead();
  [[nodiscard]] QWidget* facts();
  void addActions();
  void activate();
  void render();
  void renderFacts();
  void renderScan();
  void renderScene();
  void place();
  void keepLook();
  void restoreLook();
  void fit();

  Context& context_;
  ExploreModel model_;
  QStackedWidget* pages_;
  ExploreCohort* cohort_;
  QWidget* person_page_ = nullptr;
  QWidget* numbers_ = nullptr;
  EmptyState* empty_;
  ElidedLabel* title_ = nullptr;
  Segments* tabs_ = nullptr;
  QComboBox* visit_ = nullptr;
  QPushButton *lesion_ = nullptr, *qc_ = nullptr;
  TriplanarWidget* viewer_ = nullptr;
  Scene3dWidget* scene_ = nullptr;
  ExploreScores* scores_ = nullptr;
  ElidedLabel *scores_note_ = nullptr, *regions_note_ = nullptr;
  Label *lesioned_note_ = nullptr, *lesion_note_ = nullptr;
  std::array<ElidedLabel*, 6> facts_{};
  ExploreRegions* regions_ = nullptr;
  ExploreOverlap* overlap_ = nullptr;
  QString shown_person_;
  int shown_region_ = -1;
  bool restoring_ = false;
};

}  // namespace ipsi::ui
