// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <QShortcut>
#include <QStackedWidget>
#include <QTimer>
#include <map>
#include <vector>

#include "app/gui/diagnostics.h"
#include "app/gui/workspaces.h"
#include "ui/viewmodels/context.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/rail.h"

namespace ipsi::ui {
class HomePanel;
}

namespace ipsi::gui {

class CommandPalette;
class JobTray;
class StatusBar;
class TopBar;

/// The window: rail, top bar, banner, the workspaces (made when first shown), status bar; Home while no study is open.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  MainWindow(ui::Context& context, std::vector<Workspace> workspaces, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// "qc"; "" = Home. False where there is none of that key.
  bool showWorkspace(const QString& key);
  [[nodiscard]] QString workspace() const { return current_; }
  /// Opens a study as the user would: into `workspace`, else where the user was last.
  bool openStudy(const QString& path, const QString& workspace = {});
  void closeWithoutAsking();
  [[nodiscard]] bool busy() const;  ///< jobs, quiet ones included
  void keepLayout(bool keep) { keep_layout_ = keep; }

 protected:
  bool event(QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void addActions();
  void bindShortcuts();
  void renderProblem();
  void offerModels();
  [[nodiscard]] QString placeKey() const;
  void keepPlace();
  void restorePlace(const QStringList& place);
  void toggleSide(const QString& side);
  void restoreSides(const QString& key);
  [[nodiscard]] ui::Pane* sidePane(const QString& key, const QString& side) const;
  void studyOpened();
  void tellError(const QString& what, const QString& where, const QString& mend);
  void chooseStudy();
  void newStudy();
  void saveElsewhere();
  void showDiagnostics();
  void dropped(const QStringList& paths);
  [[nodiscard]] QWidget* page(const QString& key);
  [[nodiscard]] bool keptFromBlind(const QString& key);

  ui::Context& context_;
  std::vector<Workspace> workspaces_;
  std::map<QString, QWidget*> pages_;
  QString current_;
  QString wanted_;  ///< the workspace to open a study in; empty = where the user was last
  ui::Rail* rail_;
  TopBar* top_;
  ui::Banner* banner_;
  ui::QuestionBar* question_;
  QStackedWidget* stack_;
  ui::HomePanel* home_;
  StatusBar* status_;
  ui::Toast* toast_;
  CommandPalette* palette_;
  JobTray* tray_;
  Diagnostics* diagnostics_ = nullptr;  ///< made when first asked for
  std::vector<QShortcut*> shortcuts_;
  QTimer rebind_;
  bool force_close_ = false, keep_layout_ = true, models_offered_ = false;
};

}  // namespace ipsi::gui
