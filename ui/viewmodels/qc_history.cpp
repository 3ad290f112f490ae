// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_history.h"

#include <QDateTime>

#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

QString clock(const std::string& iso) {
  QDateTime time = QDateTime::fromString(text_of(iso), Qt::ISODate);
  if (!time.isValid()) return text_of(iso);
  time = time.toLocalTime();
  const bool today = time.date() == QDate::currentDate();
  return time.toString(today ? QStringLiteral("HH:mm:ss") : QStringLiteral("yyyy-MM-dd HH:mm"));
}

}  // namespace

void QcHistory::clear() {
  events_.clear();
  read_ = 0;
}

void QcHistory::read() {
  if (!context_.session.isOpen()) return;
  context_.jobs.start<QcEvents>(
      {.title = tr("Read the log"), .key = "qc.history", .lane = Jobs::Lane::live, .quiet = true},
      [path = context_.session.file(), after = read_](const Task& task) { return qc_events(path, after, task); }, this,
      [this, path = context_.session.file()](Result<QcEvents> read) {
        if (!read || path != context_.session.file() || read->last_act <= read_) return;
        read_ = read->last_act;
        for (auto& event : read->events) events_[{event.person, event.region}].push_back(std::move(event));
        emit changed();
      });
}

std::vector<QcEventLine> QcHistory::of(const QString& person, const QString& region, const QString& only) const {
  std::vector<QcEventLine> out;
  const auto found = events_.find({person.toStdString(), region.toStdString()});
  if (found == events_.end()) return out;
  for (auto it = found->second.rbegin(); it != found->second.rend(); ++it) {
    QcEventLine line{clock(it->time), {}, text_of(it->rater)};
    if (!only.isEmpty() && line.rater != only) continue;
    line.text = it->before != it->after ? tr("%1 to %2").arg(text_of(it->before), text_of(it->after))
                : it->comment.empty()   ? tr("%1 again").arg(text_of(it->after))
                                        : tr("comment: %1").arg(text_of(it->comment));
    if (it->taken_back) line.text += tr(", undone");
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace ipsi::ui
