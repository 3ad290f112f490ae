// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QPlainTextEdit>
#include <QTimer>
#include <QVBoxLayout>
#include <map>

#include "ui/viewmodels/model_analysis.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The specification: subgroup, variables, the declared options of the analysis, and the formula line in sync.
class ModelForm : public QWidget {
  Q_OBJECT

 public:
  explicit ModelForm(ModelAnalysis& model, QWidget* parent = nullptr);
  void render();

 signals:
  void sideBySideWanted(bool wanted);  ///< all analyses in one table

 private:
  [[nodiscard]] QComboBox* combo(const char* name, const QString& title);
  void renderCovariates();
  void placeCovariate(QCheckBox* box);
  [[nodiscard]] QWidget* optionField(const ModelAnalysis::Option& option);
  void makeOptions();
  void renderOptions();

  ModelAnalysis& model_;
  QVBoxLayout* column_;
  QComboBox *analysis_, *predictor_, *interaction_, *group_, *ratings_;
  QVBoxLayout *outcome_, *more_;
  QPushButton* disclose_;
  QWidget *covariates_, *options_;
  std::map<QString, QWidget*> fields_;
  std::map<QString, QCheckBox*> boxes_;
  int covariate_cell_ = 0;  ///< next free of the grid of two columns
  QPlainTextEdit* formula_;
  Label* problem_;
  QTimer typing_;
};

}  // namespace ipsi::ui
