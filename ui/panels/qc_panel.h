// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <vector>

#include "ui/panels/qc_key_map.h"
#include "ui/panels/qc_keys.h"
#include "ui/panels/qc_queue.h"
#include "ui/panels/qc_tiles.h"
#include "ui/viewer/triplanar_widget.h"
#include "ui/viewmodels/qc_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The QC workspace: queue, three planes, twelve tiles, and a keyboard for one hand.
///
/// Rating keys act wherever the keyboard is inside the workspace, but never while a text field has it. On a button or
/// in the queue, Space, Tab and the arrows keep their usual meaning; F6 and Esc lead back to the picture.
class QcPanel : public QWidget {
  Q_OBJECT

 public:
  explicit QcPanel(Context& context, QWidget* parent = nullptr);
  ~QcPanel() override;
  [[nodiscard]] QcModel& model() { return model_; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] QWidget* queuePane();
  [[nodiscard]] QWidget* centrePane();
  [[nodiscard]] QWidget* headRow();
  [[nodiscard]] QWidget* footRow();
  [[nodiscard]] QWidget* tilesPane();
  void makeMenu();
  void addActions();
  void setKeys(const QcKeymap& keys);
  void askWhy(bool ask);
  void savePicture();
  void render();
  void renderScan();
  void renderFoot();
  void renderLook();
  void place();
  void keepLook();
  void restoreLook();
  void act(const QcStroke& stroke);
  bool keyPressed(QWidget* focus, QKeyEvent* event);
  void showKeyMap(bool shown);
  void fit();

  Context& context_;
  QcModel model_;
  bool whole_head_ = false;
  bool restoring_ = false;
  bool asking_why_ = false;  ///< the comment's field takes the reason why a person fails
  QString shown_person_;
  std::shared_ptr<const render::Cortex> shown_cortex_;
  int shown_region_ = -2;
  Label *left_note_, *rated_note_, *flag_text_, *history_more_;
  ElidedLabel *title_, *last_;
  std::array<ElidedLabel*, 2> history_{};
  FlagIcon *flag_icon_, *last_icon_;
  QComboBox* filter_;
  QcQueue* queue_;
  Segments* overlay_;
  QPushButton *lesion_, *window_, *undo_;
  QMenu* menu_;
  QAction* head_action_ = nullptr;
  TriplanarWidget* viewer_;
  QLineEdit* comment_;
  QcTiles* tiles_;
  QWidget* work_ = nullptr;
  QcKeymap keys_;
  QcKeyStrip* strip_ = nullptr;
  QcKeyMap* key_map_ = nullptr;
  QWidget *queue_pane_ = nullptr, *tiles_pane_ = nullptr;
  EmptyState* empty_;
};

}  // namespace ipsi::ui
