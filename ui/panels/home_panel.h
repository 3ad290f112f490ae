// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProgressBar>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/viewmodels/home_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The start page: sample study, ways to begin with own data, a place to drop files, recent studies.
class HomePanel : public QWidget {
  Q_OBJECT

 public:
  explicit HomePanel(Context& context, QWidget* parent = nullptr);
  void openSample() { model_.openSample(); }

 signals:
  void openWanted();  ///< choose a study
  void studyWanted(const QString& path, const QString& workspace);
  void filesWanted(const QStringList& paths);  ///< to begin a study from

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void render();
  void fitText();
  void renderRecent();
  void chooseFolder();
  void chooseTable();
  [[nodiscard]] QWidget* sampleCard();
  [[nodiscard]] QWidget* ways();

  HomeModel model_;
  QWidget* page_ = nullptr;
  QBoxLayout* sample_row_ = nullptr;
  QPushButton* open_sample_;
  Label* sample_note_;
  QWidget* progress_;
  QProgressBar* bar_;
  ElidedLabel* step_;
  Label* recent_title_;
  QWidget* recent_;
};

}  // namespace ipsi::ui
