// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_model.h"

#include <QMetaObject>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "core/ingest/blinding.h"
#include "core/ingest/suggestion_log.h"
#include "core/study/raters.h"
#include "ui/viewmodels/qc_hold.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr std::size_t kCount = kRegions.size();

const Region& region_at(int index) {
  return kRegions[static_cast<std::size_t>(index)];
}
int index_of(const std::string& key) {
  for (std::size_t r = 0; r < kCount; ++r)
    if (kRegions[r].key == key) return static_cast<int>(r);
  return -1;
}
/// Lists of people that are only known while the window lives, or that somebody has to begin.
bool is_kept(QcFilter filter) {
  return filter != QcFilter::chosen && filter != QcFilter::disagree && filter != QcFilter::calibration;
}
template <class T>
T kept(const Settings& settings, const char* key, int count) {
  return static_cast<T>(std::clamp(settings.value(key, 0).toInt(), 0, count - 1));
}

}  // namespace

QcModel::QcModel(Context& context, QObject* parent)
    : QObject(parent), context_(context), session_(context.session), risk_(context), history_(context) {
  // Comes from a worker; delivered in this object's thread, and dropped when this object is gone.
  cache_ = std::make_unique<render::ScanCache>([this](const render::ScanPaths& paths, const auto& scan) {
    QMetaObject::invokeMethod(
        this, [this, paths, scan] { onScan(paths, scan); }, Qt::QueuedConnection);
  });
  state_.filter = kept<QcFilter>(context.settings, "qc/filter", kQcFilters);
  if (!is_kept(state_.filter)) state_.filter = QcFilter::all;
  state_.order_by = kept<QcOrder>(context.settings, "qc/order", 3);
  state_.suggest = kept<QcSuggest>(context.settings, "qc/suggest", 3);
  connect(&session_, &StudySession::opened, this, &QcModel::onOpened);
  connect(&session_, &StudySession::changed, this, &QcModel::onChanged);
  connect(&session_, &StudySession::selected, this, &QcModel::onSelected);
  const auto again = [this] {
    const Hold hold(*this);
    rebuildQueue();
  };
  connect(&session_, &StudySession::subsetChanged, this, again);
  connect(&session_, &StudySession::raterChanged, this, [this, again] {
    readLater();
    again();
    refreshLast();
  });
  connect(&session_, &StudySession::chosenChanged, this, &QcModel::onChosen);
  connect(&risk_, &QcRisk::changed, this, &QcModel::onRisk);
  connect(&history_, &QcHistory::changed, this, [this] {
    const Hold hold(*this);
    refreshHistory();
  });
  if (!session_.chosen().isEmpty()) state_.filter = QcFilter::chosen;
  onOpened();
  risk_.want(true);
}

QcModel::~QcModel() = default;

const QcPerson* QcModel::person() const {
  if (state_.current < 0 || state_.current >= static_cast<int>(state_.queue.size())) return nullptr;
  return &state_.queue[static_cast<std::size_t>(state_.current)];
}

// ---- what others do ------------------------------------------------------------------------------------------------

void QcModel::onOpened() {
  const Hold hold(*this);
  QcState fresh;
  fresh.filter = state_.filter == QcFilter::chosen && session_.chosen().isEmpty() ? QcFilter::all : state_.filter;
  fresh.order_by = state_.order_by;
  fresh.suggest = state_.suggest;
  fresh.queue_version = state_.queue_version;
  fresh.open = session_.isOpen();
  state_ = std::move(fresh);
  history_.clear();
  unseen_asked_.clear();
  seen_of_.clear();
  rated_here_ = placed_ = false;
  wanted_ = {};
  overlap_.fill(table::kMissing);
  cache_->clear();
  readLater();
  rebuildQueue();
  refreshLast();
  history_.read();
}

void QcModel::onChanged(const StudySession::Change& change) {
  const Hold hold(*this);
  if (change.everything || change.marks) readLater();
  const QcAsk asked = ask();
  const QcSource from = source();
  if (change.marks)
    for (auto& p : state_.queue) count_flags(from, asked, p);
  if (change.everything) {
    rebuildQueue();
  } else {
    std::set<QString> touched;
    for (const auto& rating : change.ratings) touched.insert(text_of(rating.person));
    for (auto& p : state_.queue)
      if (touched.contains(p.id)) count_flags(from, asked, p);
    countLeft();
  }
  if (travelling_ && !change.ratings.empty()) {
    const auto& first = change.ratings.front();
    goToPerson(text_of(first.person), index_of(first.region));
  }
  refreshPerson();
  refreshLast();
  history_.read();
}

void QcModel::onSelected() {
  if (holds_ > 0) return;  // our own doing
  const auto* p = person();
  const int region = index_of(session_.region().toStdString());
  placed_ = true;  // also where we are already: whoever asked for this person is not to be moved away
  if (p != nullptr && p->id == session_.person() && region == state_.region) return;
  const Hold hold(*this);
  goToPerson(session_.person(), region);
}

void QcModel::onChosen() {
  const Hold hold(*this);
  state_.filter = session_.chosen().isEmpty() ? QcFilter::all : QcFilter::chosen;
  rebuildQueue();
}

/// What was passed stays where it is once somebody has rated; a queue nobody has begun starts at its top.
void QcModel::onRisk() {
  const Hold hold(*this);
  state_.risk_known = risk_.state().tables;
  state_.images_known = risk_.state().images;
  if (state_.order_by == QcOrder::risk || state_.filter == QcFilter::suggested) {
    const auto* here = person();
    const QString keep = here != nullptr ? here->id : QString(), rater = here != nullptr ? here->rater : QString();
    auto fresh = qc_queue(source(), ask(), keep);
    const auto same = [](const QcPerson& a, const QcPerson& b) { return a.id == b.id && a.rater == b.rater; };
    if (rated_here_ && here != nullptr) {
      std::vector<QcPerson> head(state_.queue.begin(), state_.queue.begin() + state_.current + 1), queue;
      std::set<std::pair<QString, QString>> passed;
      for (const auto& p : head) passed.emplace(p.id, p.rater);
      for (const auto& p : head)
        for (const auto& f : fresh)
          if (same(p, f)) queue.push_back(f);
      for (auto& f : fresh)
        if (!passed.contains({f.id, f.rater})) queue.push_back(std::move(f));
      fresh = std::move(queue);
    }
    state_.queue = std::move(fresh);
    ++state_.queue_version;
    state_.current = -1;
    for (std::size_t i = 0; i < state_.queue.size(); ++i)
      if (state_.queue[i].id == keep && state_.queue[i].rater == rater) state_.current = static_cast<int>(i);
    countLeft();
    if (state_.current < 0 || !placed_) {
      state_.current = -1;
      goTo(firstOpen(), -1);
    } else {
      lookAtScan();  // other neighbours
    }
  }
  refreshPerson();
}

// ---- the queue -----------------------------------------------------------------------------------------------------

QcAsk QcModel::ask() const {
  const std::string rater = session_.rater().toStdString();
  const auto blind = ingest::blinding(*session_.snapshot(), rater);
  const QStringList picked = session_.chosen();
  return {.filter = state_.filter,
          .order = state_.order_by,
          .region = state_.only_region,
          .cohort = state_.only_cohort,
          .subset = session_.subset(),
          .rater = session_.rater(),
          .blind = blind.on,
          .seed = blind.seed,
          .chosen = {picked.begin(), picked.end()},
          .later = later_};
}

QcSource QcModel::source() const {
  return {session_.snapshot(), session_.table(),
          [this](const QString& person, const QString& session) { return risk_.of(person, session); },
          [this](const QString& person, const QString& session) {
            return !session_.scanPath(person, session, "t1").empty() ||
                   !session_.scanPath(person, session, "brain").empty();
          }};
}

void QcModel::rebuildQueue() {
  const auto* here = person();
  const QString keep = here != nullptr ? here->id : session_.person();
  const QcAsk asked = ask();
  state_.chosen = static_cast<int>(asked.chosen.size());
  state_.blind = asked.blind;
  state_.risk_known = risk_.state().tables;
  state_.images_known = risk_.state().images;
  readCohorts();
  state_.queue = qc_queue(source(), asked, keep);
  ++state_.queue_version;
  state_.current = -1;
  countLeft();
  if (state_.queue.empty()) {
    refreshPerson();
    lookAtScan();
    return;
  }
  const auto found =
      std::find_if(state_.queue.begin(), state_.queue.end(), [&](const QcPerson& p) { return p.id == keep; });
  const bool there = found != state_.queue.end();
  const int wanted = there ? index_of(session_.region().toStdString()) : -1;
  const int index = there ? static_cast<int>(found - state_.queue.begin()) : firstOpen();
  const auto& regions = state_.queue[static_cast<std::size_t>(index)].wanted;
  goTo(index, wanted >= 0 && regions[static_cast<std::size_t>(wanted)] ? wanted : -1);
}

void QcModel::readCohorts() {
  state_.cohorts.clear();
  if (state_.blind) return;
  for (const auto& cohort : session_.snapshot()->cohorts) state_.cohorts << text_of(cohort.id);
}

int QcModel::firstOpen() const {
  const auto open = std::find_if(state_.queue.begin(), state_.queue.end(), [](const QcPerson& p) { return !p.done(); });
  return open != state_.queue.end() ? static_cast<int>(open - state_.queue.begin()) : 0;
}

void QcModel::countLeft() {
  state_.left = static_cast<int>(
      std::count_if(state_.queue.begin(), state_.queue.end(), [](const QcPerson& p) { return !p.done(); }));
}

void QcModel::setFilter(QcFilter filter) {
  if (filter == state_.filter) return;
  const Hold hold(*this);
  state_.filter = filter;
  if (is_kept(filter)) context_.settings.setValue("qc/filter", static_cast<int>(filter));
  rebuildQueue();
}

void QcModel::setOrder(QcOrder order) {
  if (order == state_.order_by) return;
  const Hold hold(*this);
  state_.order_by = order;
  context_.settings.setValue("qc/order", static_cast<int>(order));
  rebuildQueue();
}

void QcModel::setOnlyRegion(int region) {
  const Hold hold(*this);
  state_.only_region = region >= 0 && region < static_cast<int>(kCount) ? region : -1;
  rebuildQueue();
}

void QcModel::setOnlyCohort(const QString& cohort) {
  const Hold hold(*this);
  state_.only_cohort = cohort;
  rebuildQueue();
}

void QcModel::setSuggest(QcSuggest when) {
  const Hold hold(*this);
  state_.suggest = when;
  context_.settings.setValue("qc/suggest", static_cast<int>(when));
  refreshPerson();
}

void QcModel::setAcross(bool across) {
  if (across == state_.across) return;
  const Hold hold(*this);
  state_.across = across;
  if (!across) lookAtScan();
}

// ---- where we are --------------------------------------------------------------------------------------------------

void QcModel::goTo(int index, int region) {
  const bool other = index != state_.current;
  const int before = state_.region;
  state_.current = index;
  state_.region = region;
  refreshPerson();
  if (region < 0) {
    state_.region = state_.across && before >= 0 ? before : arrival();
    refreshPerson();
  }
  if (other || state_.region != before) region_clock_.start();
  noteSeen();
  const QString shown = text_of(region_at(state_.region).key);
  if (const auto* p = person(); p != nullptr && (p->id != session_.person() || shown != session_.region()))
    session_.select(p->id, shown);
  if (other) {
    asked_ = Latencies::now();
    lookAtScan();
  }
}

bool QcModel::goToPerson(const QString& id, int region) {
  const auto same = [&](const QcPerson& p) { return p.id == id; };
  // The place one is at first: a person may have several.
  if (const auto* here = person(); here != nullptr && here->id == id) {
    goTo(state_.current, region >= 0 ? region : state_.region);
    return true;
  }
  auto found = std::find_if(state_.queue.begin(), state_.queue.end(), same);
  const bool narrowed = state_.filter != QcFilter::all || state_.only_region >= 0 || !state_.only_cohort.isEmpty();
  if (found == state_.queue.end() && narrowed) {  // hidden by the filter: show everybody
    state_.filter = QcFilter::all;
    state_.only_region = -1;
    state_.only_cohort.clear();
    state_.current = -1;
    rebuildQueue();
    found = std::find_if(state_.queue.begin(), state_.queue.end(), same);
  }
  if (found == state_.queue.end()) return false;
  goTo(static_cast<int>(found - state_.queue.begin()), region >= 0 ? region : state_.region);
  return true;
}

void QcModel::choosePerson(int index) {
  if (index < 0 || index >= static_cast<int>(state_.queue.size()) || index == state_.current) return;
  const Hold hold(*this);
  placed_ = true;
  goTo(index, -1);
}

void QcModel::chooseRegion(int region) {
  if (person() == nullptr || region < 0 || region >= static_cast<int>(kCount)) return;
  const Hold hold(*this);
  placed_ = true;
  goTo(state_.current, region);
}

void QcModel::choosePair(int structure) {
  chooseRegion(2 * structure + (std::max(state_.region, 0) & 1));
}

void QcModel::otherSide() {
  if (state_.region >= 0) chooseRegion(state_.region ^ 1);
}

void QcModel::step(int by, bool unrated_only) {
  placed_ = true;
  const int n = static_cast<int>(state_.queue.size());
  const auto fits = [&](int index) { return !unrated_only || !state_.queue[static_cast<std::size_t>(index)].done(); };
  for (int index = state_.current + by; index >= 0 && index < n; index += by) {
    if (!fits(index)) continue;
    goTo(index, -1);
    return;
  }
  for (int index = 0; by > 0 && unrated_only && index < state_.current; ++index) {
    if (!fits(index)) continue;
    goTo(index, -1);
    state_.last = tr("End of the queue, back to the top: %1 people left").arg(state_.left);
    state_.last_flag = QcFlag::unrated;
    return;
  }
  state_.last = by < 0 ? tr("This is the first person of the queue") : tr("End of the queue");
  state_.last_flag = QcFlag::unrated;
}

void QcModel::nextPerson() {
  const Hold hold(*this);
  step(1, state_.filter == QcFilter::unrated);
}
void QcModel::previousPerson() {
  const Hold hold(*this);
  step(-1, false);
}

void QcModel::nextSuggestion() {
  const Hold hold(*this);
  const QcSource from = source();
  const int n = static_cast<int>(state_.queue.size());
  int best_person = -1, best_region = -1;
  double best = -1.0;
  for (int i = 0; i < n; ++i) {  // from here on, then from the top
    const int index = (state_.current + i) % n;
    const auto& p = state_.queue[static_cast<std::size_t>(index)];
    const auto* risk = risk_.of(p.id, p.session);
    if (risk == nullptr) continue;
    for (const int region : state_.order) {
      const auto r = static_cast<std::size_t>(region);
      if (!p.wanted[r] || (i == 0 && region == state_.region)) continue;
      if (shown_flag(from, p, session_.rater(), region) != QcFlag::unrated) continue;
      if (state_.suggest == QcSuggest::before && (*risk)[r].suggestion.flag != study::Flag::unrated) {
        placed_ = true;
        goTo(index, region);
        return;
      }
      if ((*risk)[r].risk > best) best = (*risk)[r].risk, best_person = index, best_region = region;
    }
  }
  if (best_person < 0) {
    state_.last = state_.risk_known ? tr("No region without a flag") : tr("Risk is not known yet");
    state_.last_flag = QcFlag::unrated;
    return;
  }
  placed_ = true;
  goTo(best_person, best_region);
}

int QcModel::firstUnrated(int after) const {
  const auto at = std::find(state_.order.begin(), state_.order.end(), after);
  const std::size_t from = at == state_.order.end() ? 0 : static_cast<std::size_t>(at - state_.order.begin()) + 1;
  for (std::size_t i = 0; i < kCount; ++i) {
    const int region = state_.order[(from + i) % kCount];
    const auto& tile = state_.tiles[static_cast<std::size_t>(region)];
    if (tile.wanted && tile.flag == QcFlag::unrated) return region;
  }
  return -1;
}

/// The region to look at first: what the list is of, else the first without a flag.
int QcModel::arrival() const {
  const auto is = [&](const QcTile& tile) {
    switch (state_.filter) {
      case QcFilter::lesioned: return tile.flag == QcFlag::lesioned;
      case QcFilter::failed: return tile.flag == QcFlag::failed;
      case QcFilter::commented: return !tile.comment.isEmpty();
      case QcFilter::later: return tile.later;
      case QcFilter::suggested: return tile.suggested != QcFlag::unrated && tile.suggested != tile.flag;
      default: return tile.flag == QcFlag::unrated;
    }
  };
  for (const int region : state_.order)
    if (const auto& tile = state_.tiles[static_cast<std::size_t>(region)]; tile.wanted && is(tile)) return region;
  if (const int open = firstUnrated(-1); open >= 0) return open;
  for (const int region : state_.order)
    if (state_.tiles[static_cast<std::size_t>(region)].wanted) return region;
  return state_.order[0];
}

}  // namespace ipsi::ui
