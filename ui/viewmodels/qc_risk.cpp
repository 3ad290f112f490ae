// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_risk.h"

#include "core/ingest/image_features.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr auto kTables = "qc.risk.tables", kImages = "qc.risk.images";

std::map<std::pair<std::string, std::string>, QcRisk::Regions> by_session(std::vector<ingest::RegionRisk> rows) {
  std::map<std::pair<std::string, std::string>, QcRisk::Regions> out;
  for (auto& row : rows) {
    const std::size_t region = row.region;
    out[{row.person, row.session}][region] = std::move(row);
  }
  return out;
}

}  // namespace

QcRisk::QcRisk(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.session, &StudySession::opened, this, &QcRisk::begin);
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything) begin();
  });
}

const QcRisk::Regions* QcRisk::of(const QString& person, const QString& session) const {
  const auto found = known_.rows.find({person.toStdString(), session.toStdString()});
  return found != known_.rows.end() ? &found->second : nullptr;
}

void QcRisk::want(bool wanted) {
  wanted_ = wanted;
  begin();
}

void QcRisk::begin() {
  const StudySession& session = context_.session;
  if (!session.isOpen()) {
    context_.jobs.cancelKey(kTables);
    context_.jobs.cancelKey(kImages);
    known_.rows.clear();
    state_ = {};
    version_ = -1;
    return;
  }
  if (!wanted_ || version_ == session.volumesVersion()) return;
  version_ = session.volumesVersion();
  context_.jobs.cancelKey(kImages);
  context_.jobs.start<Known>(
      {.title = tr("Risk from volumes"), .key = kTables, .lane = Jobs::Lane::live, .quiet = true},
      [snapshot = session.snapshot()](const Task&) -> Result<Known> {
        return Known{by_session(ingest::assess_risk(*snapshot, {}))};
      },
      this,
      [this](Result<Known> known) {
        if (!known) return;
        take(std::move(*known), false);
        measure();
      });
}

void QcRisk::measure() {
  const StudySession& session = context_.session;
  context_.jobs.start<Known>(
      {.title = tr("Measure regions and lesions"), .key = kImages, .lane = Jobs::Lane::normal, .quiet = false},
      [snapshot = session.snapshot(), file = session.scanRoot()](const Task& task) -> Result<Known> {
        const ingest::FeatureOptions options{
            .threads = 0, .cache_dir = ingest::default_feature_cache(), .background = true};
        const auto features = ingest::study_features(*snapshot, file, options, task);
        if (!features) return tl::unexpected<Error>(features.error());
        return Known{by_session(ingest::assess_risk(*snapshot, *features))};
      },
      this,
      [this](Result<Known> known) {
        if (known)
          take(std::move(*known), true);
        else if (known.error().code != Code::Cancelled) {
          state_.problem = text_of(to_line(known.error()));
          emit changed();
        }
      });
}

void QcRisk::take(Known known, bool images) {
  known_ = std::move(known);
  state_ = {true, images, {}};
  emit changed();
}

}  // namespace ipsi::ui
