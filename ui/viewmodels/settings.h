// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QVariant>
#include <future>
#include <map>
#include <vector>

class QSettings;

namespace ipsi::ui {

/// What is kept between runs, in the user's configuration folder (XDG): looks, convention, recent studies, layouts.
class Settings : public QObject {
  Q_OBJECT

 public:
  /// `file` for tests; empty = $XDG_CONFIG_HOME/ipsi/ipsi-desktop.ini.
  explicit Settings(const QString& file = {}, QObject* parent = nullptr);
  ~Settings() override;

  [[nodiscard]] QString theme() const;  ///< "system", "light", "dark"
  void setTheme(const QString& theme);
  [[nodiscard]] int textPercent() const;  ///< 90..150
  void setTextPercent(int percent);
  /// The convention of all slices: radiological = the patient's right is on the left of the picture.
  [[nodiscard]] bool radiological() const;
  void setRadiological(bool on);
  [[nodiscard]] QString rater() const;  ///< login name until set
  void setRater(const QString& rater);

  struct Recent {
    QString path;
    QDateTime opened;
    QString note;  ///< "file is gone"; made when asked
  };
  [[nodiscard]] std::vector<Recent> recent() const;
  void addRecent(const QString& path);
  void removeRecent(const QString& path);

  /// Anything else by key: "qc/zoom", "layout/model".
  [[nodiscard]] QVariant value(const QString& key, const QVariant& fallback = {}) const;
  /// Holds at once; the disk has it a moment later, written by another thread: a key that changes the look of a scan
  /// does not wait for a disk.
  void setValue(const QString& key, const QVariant& value);

 signals:
  void looksChanged();  ///< theme or text size
  void conventionChanged();
  void recentChanged();
  void raterChanged();

 private:
  using Values = std::map<QString, QVariant>;
  void write();

  QSettings* store_;
  Values waiting_, writing_;  ///< not on the disk yet
  QTimer soon_;
  std::future<void> writer_;
};

}  // namespace ipsi::ui
