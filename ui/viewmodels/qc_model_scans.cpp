// SPDX-License-Identifier: GPL-3.0-or-later
// The pictures of the current person: read ahead, shown when they have come.
#include <algorithm>
#include <utility>

#include "ui/viewmodels/qc_hold.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr int kAhead = 3, kBack = 2;

}  // namespace

render::ScanPaths QcModel::pathsOf(const QcPerson& p) const {
  render::ScanPaths paths;
  paths.t1 = session_.scanPath(p.id, p.session, "t1");
  if (paths.t1.empty()) paths.t1 = session_.scanPath(p.id, p.session, "brain");
  paths.labels = session_.scanPath(p.id, p.session, "labels");
  paths.lesion = session_.scanPath(p.id, p.session, "lesion");
  return paths;
}

void QcModel::setShown(bool shown) {
  if (shown == shown_) return;
  shown_ = shown;
  if (!shown || !scan_stale_) return;
  const Hold hold(*this);
  lookAtScan();
}

void QcModel::lookAtScan() {
  scan_stale_ = !shown_ || state_.across;
  if (scan_stale_) return;
  overlap_.fill(table::kMissing);
  state_.message.clear();
  state_.waiting = false;
  const auto* p = person();
  wanted_ = p != nullptr ? pathsOf(*p) : render::ScanPaths{};
  std::vector<render::ScanPaths> near;
  std::size_t at = 0;
  const int n = static_cast<int>(state_.queue.size());
  for (int i = std::max(0, state_.current - kBack); i < std::min(n, state_.current + kAhead + 1); ++i) {
    auto paths = i == state_.current ? wanted_ : pathsOf(state_.queue[static_cast<std::size_t>(i)]);
    if (paths.t1.empty()) continue;
    if (i == state_.current) at = near.size();
    near.push_back(std::move(paths));
  }
  from_disk_ = false;
  if (wanted_.t1.empty()) {
    if (!near.empty()) (void)cache_->look_at(near, 0);  // the next ones may come meanwhile
    state_.scan.reset();
    if (p != nullptr) state_.message = tr("%1: no scan. Flags work all the same, N skips.").arg(p->name);
    refreshPerson();
    return;
  }
  if (auto scan = cache_->look_at(near, at)) {
    takeScan(std::move(scan));
    return;
  }
  from_disk_ = true;
  state_.waiting = true;  // the old picture stays until the new one is there
  refreshPerson();
}

void QcModel::onScan(const render::ScanPaths& paths, const render::ScanCache::Loaded& scan) {
  if (!(paths == wanted_)) return;
  if (!scan && scan.error().code == Code::Cancelled) return;
  const Hold hold(*this);
  if (scan) {
    takeScan(*scan);
    return;
  }
  state_.waiting = false;
  state_.scan.reset();
  const auto* p = person();
  // A path may say who it is.
  const QString why = text_of(state_.blind ? scan.error().what : to_line(scan.error()));
  state_.message = tr("%1: %2. N skips.").arg(p != nullptr ? p->name : QString(), why);
}

void QcModel::takeScan(std::shared_ptr<const render::Scan> scan) {
  state_.scan = std::move(scan);
  state_.waiting = !state_.scan->whole;
  if (state_.scan->whole) readSurfaces();
  if (state_.scan->whole) overlap_ = qc_overlap(*state_.scan);
  noteSeen();
  if (state_.scan->whole && asked_ != 0)
    context_.latencies.ready(from_disk_ ? tr("Next person, from disk") : tr("Next person, read ahead"),
                             std::exchange(asked_, 0));
  refreshPerson();
}

void QcModel::wantSurfaces(bool wanted) {
  if (wanted == surfaces_) return;
  surfaces_ = wanted;
  readSurfaces();
}

void QcModel::readSurfaces() {
  state_.cortex.reset();
  context_.jobs.cancelKey("qc.surfaces");
  if (!surfaces_ || !state_.scan) return;
  using Read = std::shared_ptr<const render::Cortex>;
  context_.jobs.start<Read>(
      {.title = tr("Read surfaces"), .key = "qc.surfaces", .lane = Jobs::Lane::live, .quiet = true},
      [paths = wanted_](const Task& task) { return render::load_cortex(paths, task); }, this,
      [this](Result<Read> cortex) {
        if (!cortex || !state_.scan) return;
        const Hold hold(*this);
        state_.cortex = std::move(*cortex);
        if (state_.cortex->empty())
          context_.shell.toast(
              state_.cortex->problems.empty()
                  ? tr("%1 has no FreeSurfer surfaces beside its scan").arg(person() ? person()->name : "")
                  : text_of(to_line(state_.cortex->problems.front())));
      });
}

}  // namespace ipsi::ui
