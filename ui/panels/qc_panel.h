// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>
#include <QStackedWidget>
#include <functional>
#include <vector>

#include "ui/panels/qc_foot.h"
#include "ui/panels/qc_key_map.h"
#include "ui/panels/qc_keys.h"
#include "ui/panels/qc_mosaic.h"
#include "ui/panels/qc_queue_pane.h"
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

  /// A page that may take the place of pictures and tiles: a button at the queue's foot and an action. It is made when
  /// first wanted; Esc or its own `showPage({})` lead back.
  void addPage(const QString& key, const QString& title, const char* words, std::function<QWidget*()> make);
  void showPage(const QString& key);  ///< empty: rating
  /// One region over people in place of the three planes; the keys rate on.
  void showMosaic(bool shown);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] QWidget* centrePane();
  [[nodiscard]] QWidget* headRow();
  [[nodiscard]] QWidget* tilesPane();
  void makeMenu();
  void addActions();
  void setKeys(const QcKeymap& keys);
  void savePicture();
  void render();
  void renderScan();
  void renderLook();
  void place();
  void keepLook();
  void restoreLook();
  void act(const QcStroke& stroke);
  bool keyPressed(QWidget* focus, QKeyEvent* event);
  void showKeyMap(bool shown);
  void hideOverlays(bool hidden);
  void focusPictures();
  void fit();

  Context& context_;
  QcModel model_;
  bool whole_head_ = false;
  bool restoring_ = false;
  QString shown_person_;
  std::shared_ptr<const render::Cortex> shown_cortex_;
  int shown_region_ = -2;
  Label* rated_note_;
  ElidedLabel* title_;
  QcQueuePane* queue_;
  QcFoot* foot_;
  Segments* overlay_;
  QPushButton *lesion_, *window_;
  QMenu* menu_;
  QAction* head_action_ = nullptr;
  TriplanarWidget* viewer_;
  QcMosaic* mosaic_;
  QStackedWidget* pictures_;  ///< planes or mosaic
  QcTiles* tiles_;
  QWidget* work_ = nullptr;
  QcKeymap keys_;
  QcKeyStrip* strip_ = nullptr;
  QcKeyMap* key_map_ = nullptr;
  QWidget *rating_ = nullptr, *tiles_pane_ = nullptr;
  QStackedWidget* stack_ = nullptr;  ///< rating, then the pages that were made
  struct Page {
    QString key;
    std::function<QWidget*()> make;
    QWidget* widget = nullptr;
  };
  std::vector<Page> pages_;
  QString page_;  ///< shown now; empty while rating
  EmptyState* empty_;
};

}  // namespace ipsi::ui
