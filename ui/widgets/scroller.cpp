// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/scroller.h"

namespace ipsi::ui {

QScrollArea* scroller(QWidget* inner) {
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  area->setWidget(inner);
  area->viewport()->setAutoFillBackground(false);
  inner->setAutoFillBackground(false);
  return area;
}

}  // namespace ipsi::ui
