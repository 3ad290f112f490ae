// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/settings.h"

#include <QFileInfo>
#include <QSettings>
#include <algorithm>
#include <chrono>
#include <utility>

namespace ipsi::ui {
namespace {
constexpr int kMostRecent = 8;
constexpr int kWriteAfterMs = 300;

QString login_name() {
  for (const char* variable : {"USER", "LOGNAME"}) {
    const QString name = qEnvironmentVariable(variable);
    if (!name.isEmpty()) return name;
  }
  return "rater";
}
}  // namespace

Settings::Settings(const QString& file, QObject* parent) : QObject(parent) {
  store_ = file.isEmpty() ? new QSettings(QSettings::IniFormat, QSettings::UserScope, "ipsi", "ipsi-desktop", this)
                          : new QSettings(file, QSettings::IniFormat, this);
  soon_.setSingleShot(true);
  soon_.setInterval(kWriteAfterMs);
  connect(&soon_, &QTimer::timeout, this, &Settings::write);
}

Settings::~Settings() {
  if (writer_.valid()) writer_.wait();
  for (const auto& [key, value] : waiting_) store_->setValue(key, value);
}

void Settings::write() {
  using namespace std::chrono_literals;
  if (writer_.valid() && writer_.wait_for(0s) != std::future_status::ready) {
    soon_.start();
    return;
  }
  writing_ = std::exchange(waiting_, {});
  writer_ = std::async(std::launch::async, [file = store_->fileName(), values = writing_] {
    QSettings store(file, QSettings::IniFormat);  // shares its contents with `store_`
    for (const auto& [key, value] : values) store.setValue(key, value);
    store.sync();
  });
}

QString Settings::theme() const {
  const QString stored = value("looks/theme", "system").toString();
  return stored == "light" || stored == "dark" ? stored : "system";
}
void Settings::setTheme(const QString& theme) {
  setValue("looks/theme", theme);
  emit looksChanged();
}
int Settings::textPercent() const {
  return std::clamp(value("looks/text", 100).toInt(), 90, 150);
}
void Settings::setTextPercent(int percent) {
  setValue("looks/text", std::clamp(percent, 90, 150));
  emit looksChanged();
}
bool Settings::radiological() const {
  return value("viewer/radiological", true).toBool();
}
void Settings::setRadiological(bool on) {
  if (on == radiological()) return;
  setValue("viewer/radiological", on);
  emit conventionChanged();
}
QString Settings::rater() const {
  const QString stored = value("study/rater").toString().trimmed();
  return stored.isEmpty() ? login_name() : stored;
}
void Settings::setRater(const QString& rater) {
  setValue("study/rater", rater.trimmed());
  emit raterChanged();
}

std::vector<Settings::Recent> Settings::recent() const {
  std::vector<Recent> out;
  const int n = store_->beginReadArray("recent");
  for (int i = 0; i < n; ++i) {
    store_->setArrayIndex(i);
    Recent item{store_->value("path").toString(), store_->value("opened").toDateTime(), {}};
    const QFileInfo file(item.path);
    if (!file.exists())
      item.note = tr("the file is not there");
    else if (!file.isWritable())
      item.note = tr("read-only");
    out.push_back(item);
  }
  store_->endArray();
  return out;
}

void Settings::addRecent(const QString& path) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  auto all = recent();
  std::erase_if(all, [&](const Recent& item) { return item.path == absolute; });
  all.insert(all.begin(), Recent{absolute, QDateTime::currentDateTime(), {}});
  if (all.size() > kMostRecent) all.resize(kMostRecent);
  store_->remove("recent");
  store_->beginWriteArray("recent");
  for (std::size_t i = 0; i < all.size(); ++i) {
    store_->setArrayIndex(static_cast<int>(i));
    store_->setValue("path", all[i].path);
    store_->setValue("opened", all[i].opened);
  }
  store_->endArray();
  emit recentChanged();
}

void Settings::removeRecent(const QString& path) {
  auto all = recent();
  std::erase_if(all, [&](const Recent& item) { return item.path == path; });
  store_->remove("recent");
  store_->beginWriteArray("recent", static_cast<int>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    store_->setArrayIndex(static_cast<int>(i));
    store_->setValue("path", all[i].path);
    store_->setValue("opened", all[i].opened);
  }
  store_->endArray();
  emit recentChanged();
}

QVariant Settings::value(const QString& key, const QVariant& fallback) const {
  for (const Values* newer : {&waiting_, &writing_})
    if (const auto it = newer->find(key); it != newer->end()) return it->second;
  return store_->value(key, fallback);
}

void Settings::setValue(const QString& key, const QVariant& value) {
  waiting_[key] = value;
  soon_.start();
}

}  // namespace ipsi::ui
