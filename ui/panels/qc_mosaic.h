// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <QWidget>

#include "ui/viewer/mosaic_widget.h"
#include "ui/viewmodels/qc_model.h"
#include "ui/viewmodels/qc_thumbnails.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The current region of everybody in the queue, in the queue's order: thumbnails, flags and what speaks against each.
/// Paints QcModel::state() and chooses its person; flags are the workspace's own keys.
class QcMosaic : public QWidget {
  Q_OBJECT

 public:
  explicit QcMosaic(Context& context, QcModel& model, QWidget* parent = nullptr);

  void setLook(const render::PlaneLook& look);  ///< overlay, lesion and convention, as in the single view
  void setOverlayHidden(bool hidden);           ///< while a key is held
  [[nodiscard]] MosaicWidget& tiles() { return *tiles_; }
  [[nodiscard]] QcThumbnails& thumbnails() { return thumbnails_; }

 signals:
  void opened();  ///< the current person is wanted in the single view

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void render();
  void renderFoot();
  void wantVisible();
  void chooseSheet();
  [[nodiscard]] MosaicTile tile(int index);
  [[nodiscard]] QcThumbnails::Who who(int index) const;

  Context& context_;
  QcModel& model_;
  QcThumbnails thumbnails_;
  MosaicWidget* tiles_;
  ElidedLabel *title_, *progress_;
  QPushButton* stop_;
  int queue_version_ = -1;
};

}  // namespace ipsi::ui
