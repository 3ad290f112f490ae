// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/spec/diagram.h"

namespace ipsi::ui {

/// A diagram of boxes and arrows on screen, in the theme's colours, as large as its width allows.
class DiagramView : public QWidget {
  Q_OBJECT

 public:
  explicit DiagramView(QWidget* parent = nullptr);
  void setDiagram(const spec::Diagram& diagram);
  [[nodiscard]] const spec::Diagram& diagram() const { return diagram_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] double scaleFor(int width) const;  ///< px per mm

  spec::Diagram diagram_;
};

}  // namespace ipsi::ui
