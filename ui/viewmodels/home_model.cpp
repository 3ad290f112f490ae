// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/home_model.h"

#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QStandardPaths>
#include <cmath>

#include "core/demo/demo.h"

namespace ipsi::ui {
namespace {

constexpr int kImages = 24;

QString short_folder(const QString& path) {
  QString folder = QFileInfo(path).absolutePath();
  const QString home = QDir::homePath();
  if (folder.startsWith(home)) folder = "~" + folder.mid(home.size());
  return folder;
}

}  // namespace

QString day_in_words(const QDateTime& time, const QDateTime& now) {
  const auto days = time.date().daysTo(now.date());
  if (days == 0) return HomeModel::tr("today");
  if (days == 1) return HomeModel::tr("yesterday");
  return QLocale::c().toString(time.date(), time.date().year() == now.date().year() ? "d MMM" : "d MMM yyyy");
}

HomeModel::HomeModel(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.settings, &Settings::recentChanged, this, &HomeModel::refresh);
  connect(&context.jobs, &Jobs::changed, this, [this] {
    if (job_ != 0) refresh();
  });
  refresh();
}

QString HomeModel::sampleFolder() {
  return QDir(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)).filePath("ipsi/sample");
}

void HomeModel::refresh() {
  state_.recent.clear();
  for (const auto& item : context_.settings.recent())
    state_.recent.push_back({item.path, QFileInfo(item.path).fileName(), short_folder(item.path),
                             day_in_words(item.opened, QDateTime::currentDateTime()), item.note});
  state_.sample_there = QFileInfo::exists(sampleFolder() + "/demo.ipsi");
  state_.making = false;
  for (const auto& job : context_.jobs.list()) {
    if (job.id != job_ || job.state == Jobs::State::failed) continue;
    state_.making = true;
    state_.fraction = job.fraction;
    state_.step = job.what;
    if (job.seconds_left >= 0) state_.step += tr(", %1 s left").arg(std::max(1L, std::lround(job.seconds_left)));
  }
  emit changed();
}

void HomeModel::openSample() {
  const QString study = sampleFolder() + "/demo.ipsi";
  if (QFileInfo::exists(study)) {
    emit sampleReady(study);
    return;
  }
  if (state_.making) return;
  const std::string folder = sampleFolder().toStdString();
  QDir().mkpath(QFileInfo(sampleFolder()).absolutePath());
  job_ = context_.jobs.start<demo::DemoSummary>(
      {.title = tr("Make the sample study"), .key = "home.sample"},
      [folder](const Task& task) {
        demo::DemoOptions options;
        options.images = kImages;
        options.overwrite = Overwrite::yes;  // a folder of ours without a study is a leftover
        return demo::make_demo(folder, options, task);
      },
      this,
      [this, study](Result<demo::DemoSummary> made) {
        job_ = 0;
        refresh();
        if (made)
          emit sampleReady(study);
        else if (made.error().code != Code::Cancelled)
          context_.shell.tellError(QString::fromStdString(made.error().what),
                                   QString::fromStdString(made.error().where),
                                   QString::fromStdString(made.error().mend));
      });
  refresh();
}

void HomeModel::cancelSample() {
  context_.jobs.cancel(job_);
}

void HomeModel::forget(const QString& path) {
  context_.settings.removeRecent(path);
}

}  // namespace ipsi::ui
