// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/contact_sheet_job.h"

#include <QCoreApplication>
#include <QDate>
#include <QFileInfo>
#include <algorithm>
#include <utility>

#include "core/ingest/image_features.h"
#include "core/ingest/risk.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr int kThreads = 1;         // the window is in use
constexpr double kRiskShare = 0.4;  // of the work, where nothing is measured yet

Result<review::SheetResult> write(const study::Snapshot& snapshot, const std::filesystem::path& study,
                                  const review::SheetAsk& ask, const std::filesystem::path& out, const Task& task) {
  const auto features =
      ingest::study_features(snapshot, study, {kThreads, ingest::default_feature_cache()}, task.part(0.0, kRiskShare));
  if (!features) return tl::unexpected<Error>(features.error());
  const render::ThumbnailCache cache(render::ThumbnailCache::default_dir());
  return review::write_study_sheet(snapshot, study, ask, ingest::assess_risk(snapshot, *features), cache, out, kThreads,
                                   task.part(kRiskShare, 1.0));
}

}  // namespace

review::SheetAsk sheet_ask(const Context& context, const QStringList& people, int region) {
  review::SheetAsk ask;
  for (const QString& id : people) ask.subjects.push_back(id.toStdString());
  if (region >= 0) ask.region = std::string(kRegions[static_cast<std::size_t>(region)].key);
  const std::string rater = context.session.rater().toStdString();
  const auto& ratings = context.session.snapshot()->ratings;
  if (std::any_of(ratings.begin(), ratings.end(), [&](const auto& r) { return r.rater == rater; })) ask.rater = rater;
  return ask;
}

void start_contact_sheet(Context& context, const QString& path, review::SheetAsk ask, QObject* receiver,
                         std::function<void(const Result<review::SheetResult>&)> done) {
  if (ask.date.empty()) ask.date = QDate::currentDate().toString(Qt::ISODate).toStdString();
  const auto words = [](const char* text) { return QCoreApplication::translate("ContactSheet", text); };
  context.jobs.start<review::SheetResult>(
      {.title = words("Contact sheet")},
      [snapshot = context.session.snapshot(), study = context.session.path(), ask = std::move(ask),
       out = std::filesystem::path(path.toStdString())](const Task& task) {
        return write(*snapshot, study, ask, out, task);
      },
      receiver,
      [&shell = context.shell, path, words, done = std::move(done)](const Result<review::SheetResult>& made) {
        if (made)
          shell.toast(words("%1: %2 people, %3 regions")
                          .arg(QFileInfo(path).fileName())
                          .arg(made->people)
                          .arg(made->report.tiles));
        if (done) done(made);
      });
}

}  // namespace ipsi::ui
