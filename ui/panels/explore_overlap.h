// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/explore_model.h"

namespace ipsi::ui {

/// The regions the lesion reaches, as bars of their share inside it, and a sentence about the others.
class ExploreOverlap : public QWidget {
  Q_OBJECT

 public:
  explicit ExploreOverlap(QWidget* parent = nullptr);
  void setState(const ExploreModel::State& state);
  [[nodiscard]] QString sentence() const { return sentence_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] int rowHeight() const;
  struct Row {
    QString title;
    double share, mm3;
  };
  std::vector<Row> rows_;
  QString sentence_;
};

}  // namespace ipsi::ui
