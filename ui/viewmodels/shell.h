// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>
#include <vector>

namespace ipsi::ui {

/// What a panel may ask of the window without knowing it: go to another workspace, say something, offer files.
class Shell : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// "qc", "model", ... Nothing happens where there is no such workspace.
  void showWorkspace(const QString& key) { emit workspaceWanted(key); }
  /// A short message with at most one action ("Undo", "Z").
  void toast(const QString& text, const QString& action = {}, const QString& key = {}, std::function<void()> run = {}) {
    emit toastWanted(text, action, key, std::move(run));
  }
  /// A failure that is nobody's pane: shown as a bar with details to copy.
  void tellError(const QString& what, const QString& where, const QString& mend) {
    emit errorWanted(what, where, mend);
  }

  /// Files somebody wants imported (Home's buttons, drag and drop): the Study workspace takes them when it is there.
  struct Offer {
    QString kind;  ///< "volumes", "participants", "qc", "freesurfer", "bids", "lesions"
    QString path;
  };
  void offerImport(const std::vector<Offer>& offers) {
    offers_.insert(offers_.end(), offers.begin(), offers.end());
    emit importOffered();
  }
  [[nodiscard]] std::vector<Offer> takeOffers() { return std::exchange(offers_, {}); }

 signals:
  void workspaceWanted(const QString& key);
  void toastWanted(const QString& text, const QString& action, const QString& key, std::function<void()> run);
  void errorWanted(const QString& what, const QString& where, const QString& mend);
  void importOffered();

 private:
  std::vector<Offer> offers_;
};

}  // namespace ipsi::ui
