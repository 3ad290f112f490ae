// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_model.h"

#include <QDateTime>
#include <QMetaObject>
#include <QRegularExpression>
#include <QStringList>
#include <QTimeZone>
#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/study/analysis_table.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr std::size_t kCount = kRegions.size();
constexpr int kAhead = 3, kBack = 2;

const Region& region_at(int index) {
  return kRegions[static_cast<std::size_t>(index)];
}
int index_of(const std::string& key) {
  for (std::size_t r = 0; r < kCount; ++r)
    if (kRegions[r].key == key) return static_cast<int>(r);
  return -1;
}
QcFlag to_qc(study::Flag flag) {
  switch (flag) {
    case study::Flag::ok: return QcFlag::ok;
    case study::Flag::lesioned: return QcFlag::lesioned;
    case study::Flag::failed: return QcFlag::failed;
    case study::Flag::unrated: break;
  }
  return QcFlag::unrated;
}
study::Flag to_study(QcFlag flag) {
  switch (flag) {
    case QcFlag::ok: return study::Flag::ok;
    case QcFlag::lesioned: return study::Flag::lesioned;
    case QcFlag::failed: return study::Flag::failed;
    case QcFlag::unrated: break;
  }
  return study::Flag::unrated;
}
QString clock(const std::string& iso) {
  QDateTime time = QDateTime::fromString(text_of(iso), Qt::ISODate);
  if (!time.isValid()) return text_of(iso);
  time = time.toLocalTime();
  const bool today = time.date() == QDate::currentDate();
  return time.toString(today ? QStringLiteral("HH:mm:ss") : QStringLiteral("yyyy-MM-dd HH:mm"));
}

}  // namespace

QString qc_word(QcFlag flag) {
  return text_of(study::to_string(to_study(flag)));
}

/// Everything inside is told by one `changed`.
class QcModel::Hold {
 public:
  explicit Hold(QcModel& model) : model_(model) { ++model_.holds_; }
  ~Hold() {
    model_.dirty_ = true;
    if (--model_.holds_ > 0) return;
    model_.dirty_ = false;
    emit model_.changed();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  QcModel& model_;
};

QcModel::QcModel(Context& context, QObject* parent) : QObject(parent), context_(context), session_(context.session) {
  // Comes from a worker; delivered in this object's thread, and dropped when this object is gone.
  cache_ = std::make_unique<render::ScanCache>([this](const render::ScanPaths& paths, const auto& scan) {
    QMetaObject::invokeMethod(
        this, [this, paths, scan] { onScan(paths, scan); }, Qt::QueuedConnection);
  });
  state_.filter = static_cast<QcFilter>(std::clamp(context.settings.value("qc/filter", 0).toInt(), 0, 2));
  connect(&session_, &StudySession::opened, this, &QcModel::onOpened);
  connect(&session_, &StudySession::changed, this, &QcModel::onChanged);
  connect(&session_, &StudySession::selected, this, &QcModel::onSelected);
  connect(&session_, &StudySession::subsetChanged, this, [this] {
    const Hold hold(*this);
    rebuildQueue();
  });
  connect(&session_, &StudySession::chosenChanged, this, &QcModel::onChosen);
  if (!session_.chosen().isEmpty()) state_.filter = QcFilter::chosen;
  onOpened();
}

QcModel::~QcModel() = default;

const QcModel::Person* QcModel::person() const {
  if (state_.current < 0 || state_.current >= static_cast<int>(state_.queue.size())) return nullptr;
  return &state_.queue[static_cast<std::size_t>(state_.current)];
}

// ---- what others do ------------------------------------------------------------------------------------------------

void QcModel::onOpened() {
  const Hold hold(*this);
  const bool none_chosen = state_.filter == QcFilter::chosen && session_.chosen().isEmpty();
  const QcFilter filter = none_chosen ? QcFilter::all : state_.filter;
  const int version = state_.queue_version;
  state_ = {};
  state_.filter = filter;
  state_.queue_version = version;
  state_.open = session_.isOpen();
  events_.clear();
  events_read_ = 0;
  unseen_asked_.clear();
  wanted_ = {};
  overlap_.fill(table::kMissing);
  cache_->clear();
  readLater();
  rebuildQueue();
  refreshLast();
  readHistory();
}

void QcModel::onChanged(const StudySession::Change& change) {
  const Hold hold(*this);
  if (change.everything || change.marks) readLater();
  if (change.marks) {
    for (auto& p : state_.queue) count(p);
    refreshPerson();
  }
  if (change.everything) {
    rebuildQueue();
  } else {
    for (const auto& rating : change.ratings)
      for (auto& p : state_.queue)
        if (p.id == text_of(rating.person)) count(p);
    countLeft();
  }
  if (travelling_ && !change.ratings.empty()) {
    const auto& first = change.ratings.front();
    goToPerson(text_of(first.person), index_of(first.region));
  }
  refreshPerson();
  refreshLast();
  readHistory();
}

void QcModel::onSelected() {
  if (holds_ > 0) return;  // our own doing
  const Hold hold(*this);
  goToPerson(session_.person(), index_of(session_.region().toStdString()));
}

void QcModel::onChosen() {
  const Hold hold(*this);
  state_.filter = session_.chosen().isEmpty() ? QcFilter::all : QcFilter::chosen;
  rebuildQueue();
}

// ---- the queue -----------------------------------------------------------------------------------------------------

void QcModel::rebuildQueue() {
  const auto* here = person();
  const QString keep = here != nullptr ? here->id : session_.person();
  const auto table = session_.table();
  const auto* subjects = table->find("subject");
  const auto* sessions = table->find("session");
  const auto* groups = table->find("group");
  const auto* cohorts = table->find("cohort");
  const auto* sides = table->find("lesion_side");
  const QStringList picked = session_.chosen();
  const std::set<QString> chosen(picked.begin(), picked.end());
  state_.chosen = static_cast<int>(chosen.size());
  std::vector<Person> queue;
  const auto group = study::parse_subgroup(session_.subset().toStdString());
  const auto rows = study::rows_of(*table, group.value_or(study::Subgroup::all));
  if (subjects != nullptr && sessions != nullptr && groups != nullptr && cohorts != nullptr && sides != nullptr && rows)
    for (const std::size_t row : *rows) {
      if (groups->texts[row] != "patient") continue;
      Person p;
      p.id = text_of(subjects->texts[row]);
      p.session = text_of(sessions->texts[row]);
      p.cohort = text_of(cohorts->texts[row]);
      p.side = text_of(sides->texts[row]);
      p.row = row;
      p.scan = !pathsOf(p).t1.empty();
      count(p);
      // Who is looked at stays, except where the queue is a list of people.
      if (isWanted(p, chosen) || (p.id == keep && state_.filter != QcFilter::chosen)) queue.push_back(std::move(p));
    }
  state_.queue = std::move(queue);
  ++state_.queue_version;
  state_.current = -1;
  countLeft();
  if (state_.queue.empty()) {
    refreshPerson();
    lookAtScan();
    return;
  }
  int index = 0;
  const auto same = [&](const Person& p) { return p.id == keep; };
  const auto found = std::find_if(state_.queue.begin(), state_.queue.end(), same);
  const auto open = std::find_if(state_.queue.begin(), state_.queue.end(),
                                 [](const Person& p) { return p.rated < static_cast<int>(kCount); });
  if (found != state_.queue.end())
    index = static_cast<int>(found - state_.queue.begin());
  else if (open != state_.queue.end())
    index = static_cast<int>(open - state_.queue.begin());
  const int wanted = found != state_.queue.end() ? index_of(session_.region().toStdString()) : -1;
  goTo(index, wanted >= 0 ? wanted : state_.region);
}

bool QcModel::isWanted(const Person& p, const std::set<QString>& chosen) const {
  switch (state_.filter) {
    case QcFilter::unrated: return p.rated < static_cast<int>(kCount);
    case QcFilter::with_scan: return p.scan;
    case QcFilter::chosen: return chosen.count(p.id) > 0;
    case QcFilter::later: return p.later > 0;
    case QcFilter::all: break;
  }
  return true;
}

void QcModel::count(Person& p) const {
  p.rated = 0;
  p.later = 0;
  for (int r = 0; r < static_cast<int>(kCount); ++r) {
    p.rated += shown(p, r) != QcFlag::unrated ? 1 : 0;
    p.later += later_.contains(p.id + ' ' + text_of(region_at(r).key)) ? 1 : 0;
  }
}

void QcModel::countLeft() {
  state_.left = static_cast<int>(std::count_if(state_.queue.begin(), state_.queue.end(),
                                               [](const Person& p) { return p.rated < static_cast<int>(kCount); }));
}

const study::Rating* QcModel::own(const Person& p, int region) const {
  const auto& ratings = session_.snapshot()->ratings;  // in key order
  const std::string id = p.id.toStdString(), session = p.session.toStdString(), rater = session_.rater().toStdString();
  const std::string key(region_at(region).key);
  const auto wanted = std::tie(id, session, key, rater);
  const auto at = std::lower_bound(ratings.begin(), ratings.end(), wanted, [](const study::Rating& r, const auto& w) {
    return std::tie(r.person, r.session, r.region, r.rater) < w;
  });
  if (at == ratings.end() || std::tie(at->person, at->session, at->region, at->rater) != wanted) return nullptr;
  return &*at;
}

QcFlag QcModel::shown(const Person& p, int region) const {
  const study::Rating* mine = own(p, region);
  if (mine != nullptr && mine->flag != study::Flag::unrated) return to_qc(mine->flag);
  const auto table = session_.table();
  const auto* flags = table->find("flag_" + std::string(region_at(region).key));
  if (flags == nullptr || p.row >= flags->texts.size()) return QcFlag::unrated;
  return to_qc(study::parse_flag(flags->texts[p.row]).value_or(study::Flag::unrated));
}

// ---- where we are --------------------------------------------------------------------------------------------------

void QcModel::goTo(int index, int region) {
  const bool other = index != state_.current;
  state_.current = index;
  state_.region = region;
  refreshPerson();
  if (region < 0) {
    state_.region = firstUnrated(-1);
    if (state_.region < 0) state_.region = state_.order[0];
    refreshPerson();
  }
  if (const auto* p = person()) session_.select(p->id, text_of(region_at(state_.region).key));
  if (other) lookAtScan();
}

bool QcModel::goToPerson(const QString& id, int region) {
  const auto same = [&](const Person& p) { return p.id == id; };
  auto found = std::find_if(state_.queue.begin(), state_.queue.end(), same);
  if (found == state_.queue.end() && state_.filter != QcFilter::all) {  // hidden by the filter: show everybody
    state_.filter = QcFilter::all;
    state_.current = -1;
    rebuildQueue();
    found = std::find_if(state_.queue.begin(), state_.queue.end(), same);
  }
  if (found == state_.queue.end()) return false;
  goTo(static_cast<int>(found - state_.queue.begin()), region >= 0 ? region : state_.region);
  return true;
}

void QcModel::setFilter(QcFilter filter) {
  if (filter == state_.filter) return;
  const Hold hold(*this);
  state_.filter = filter;
  // People who were chosen are not known any more at the next start.
  if (filter != QcFilter::chosen) context_.settings.setValue("qc/filter", static_cast<int>(filter));
  rebuildQueue();
}

void QcModel::choosePerson(int index) {
  if (index < 0 || index >= static_cast<int>(state_.queue.size()) || index == state_.current) return;
  const Hold hold(*this);
  goTo(index, -1);
}

void QcModel::chooseRegion(int region) {
  if (person() == nullptr || region < 0 || region >= static_cast<int>(kCount)) return;
  const Hold hold(*this);
  goTo(state_.current, region);
}

void QcModel::choosePair(int structure) {
  chooseRegion(2 * structure + (std::max(state_.region, 0) & 1));
}

void QcModel::otherSide() {
  if (state_.region >= 0) chooseRegion(state_.region ^ 1);
}

void QcModel::step(int by, bool unrated_only) {
  const int n = static_cast<int>(state_.queue.size());
  for (int index = state_.current + by; index >= 0 && index < n; index += by) {
    if (unrated_only && state_.queue[static_cast<std::size_t>(index)].rated == static_cast<int>(kCount)) continue;
    goTo(index, -1);
    return;
  }
  state_.last = by < 0 ? tr("This is the first person of the queue")
                : unrated_only && state_.left > 0
                    ? tr("End of the queue: %1 people before have regions without a flag").arg(state_.left)
                    : tr("End of the queue");
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

int QcModel::firstUnrated(int after) const {
  const auto at = std::find(state_.order.begin(), state_.order.end(), after);
  const std::size_t from = at == state_.order.end() ? 0 : static_cast<std::size_t>(at - state_.order.begin()) + 1;
  for (std::size_t i = 0; i < kCount; ++i) {
    const int region = state_.order[(from + i) % kCount];
    if (state_.tiles[static_cast<std::size_t>(region)].flag == QcFlag::unrated) return region;
  }
  return -1;
}

void QcModel::refreshPerson() {
  const auto* p = person();
  const bool right_first = p != nullptr && p->side == "right";
  const bool sided = right_first || (p != nullptr && p->side == "left");
  for (int i = 0; i < static_cast<int>(kCount); ++i)
    state_.order[static_cast<std::size_t>(i)] = right_first ? i ^ 1 : i;
  state_.columns = sided ? std::array{right_first ? tr("Ipsilesional (R)") : tr("Ipsilesional (L)"),
                                      right_first ? tr("Contralesional (L)") : tr("Contralesional (R)")}
                         : std::array{tr("Left"), tr("Right")};
  state_.rated = 0;
  std::array<QcNumbers, kRegions.size()> numbers;
  if (p != nullptr) {
    const auto table = session_.table();
    numbers = qc_numbers(*table, p->row, region_norms(*table));
  }
  for (std::size_t r = 0; r < kCount; ++r) {
    Tile& tile = state_.tiles[r];
    tile = {};
    // A tile is narrow: "Accumbens", as the mock screens have it.
    tile.title =
        kRegions[r].structure == "accumbens" ? tr("Accumbens") : text_of(structure_title(kRegions[r].structure));
    tile.numbers = numbers[r];
    tile.overlap = overlap_[r];
    if (p == nullptr) continue;
    tile.flag = shown(*p, static_cast<int>(r));
    if (const auto* mine = own(*p, static_cast<int>(r))) tile.comment = text_of(mine->comment);
    if (tile.flag != QcFlag::unrated) ++state_.rated;
    tile.later = later_.contains(p->id + ' ' + text_of(kRegions[r].key));
  }
  state_.region_title = state_.region >= 0 ? text_of(region_at(state_.region).title) : QString();
  refreshHistory();
}

// ---- flags ---------------------------------------------------------------------------------------------------------

bool QcModel::rate(const std::vector<int>& regions, QcFlag flag, const QString& summary) {
  const auto* p = person();
  std::vector<study::Rating> ratings;
  for (const int region : regions) {
    study::Rating rating;
    rating.person = p->id.toStdString();
    rating.session = p->session.toStdString();
    rating.region = std::string(region_at(region).key);
    rating.flag = to_study(flag);
    rating.comment = state_.tiles[static_cast<std::size_t>(region)].comment.toStdString();
    ratings.push_back(std::move(rating));
  }
  return session_.rate(ratings, summary);
}

void QcModel::flag(QcFlag flag) {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const Hold hold(*this);
  const int region = state_.region;
  const QcFlag before = state_.tiles[static_cast<std::size_t>(region)].flag;
  const bool was_complete = state_.rated == static_cast<int>(kCount);
  const QString summary =
      QString("%1 of %2: %3 -> %4").arg(text_of(region_at(region).key), p->id, qc_word(before), qc_word(flag));
  if (!rate({region}, flag, summary)) return;
  watchPace();
  if (was_complete) return;  // a correction: stay and look
  const int next = firstUnrated(region);
  if (next >= 0)
    goTo(state_.current, next);
  else
    step(1, true);
}

bool QcModel::seen() const {
  return state_.scan != nullptr && state_.scan->whole;
}

void QcModel::acceptRest() {
  const auto* p = person();
  if (p == nullptr) return;
  const Hold hold(*this);
  std::vector<int> rest;
  for (const int region : state_.order)
    if (state_.tiles[static_cast<std::size_t>(region)].flag == QcFlag::unrated) rest.push_back(region);
  if (rest.empty()) {
    step(1, state_.filter == QcFilter::unrated);
    return;
  }
  const int n = static_cast<int>(rest.size());
  if (!seen() && !unseen_allowed_) {
    if (unseen_asked_ != p->id) {
      unseen_asked_ = p->id;
      state_.last = tr("Not shown yet. Space again: %1 ok unseen; N skips").arg(n);
      state_.last_flag = QcFlag::unrated;
      return;
    }
    unseen_allowed_ = true;
  }
  const QString words = n == 1 ? tr("%1: 1 set to ok").arg(p->id) : tr("%1: %2 set to ok").arg(p->id).arg(n);
  if (!rate(rest, QcFlag::ok, words)) return;
  step(1, state_.filter == QcFilter::unrated);
}

void QcModel::failPerson(const QString& reason) {
  const auto* p = person();
  if (p == nullptr || reason.trimmed().isEmpty()) return;
  const Hold hold(*this);
  std::vector<int> all;
  for (const int region : state_.order) {
    all.push_back(region);
    state_.tiles[static_cast<std::size_t>(region)].comment = reason.trimmed();
  }
  if (!rate(all, QcFlag::failed, tr("%1: all 12 failed, %2").arg(p->id, reason.trimmed()))) return;
  step(1, state_.filter == QcFilter::unrated);
}

QString QcModel::laterKey() const {
  return "later." + session_.rater();
}

void QcModel::readLater() {
  const auto listed = text_of(session_.snapshot()->setting(laterKey().toStdString()));
  const QStringList lines = listed.split('\n', Qt::SkipEmptyParts);
  later_ = {lines.begin(), lines.end()};
}

void QcModel::toggleLater() {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const Hold hold(*this);
  const QString mark = p->id + ' ' + text_of(region_at(state_.region).key);
  auto wanted = later_;
  const bool on = wanted.insert(mark).second;
  if (!on) wanted.erase(mark);
  study::Request request{.author = session_.rater().toStdString(),
                         .kind = "later",
                         .summary = (on ? tr("%1: review later") : tr("%1: no review later")).arg(mark).toStdString(),
                         .changes = {}};
  request.put(
      study::Setting{laterKey().toStdString(), QStringList(wanted.begin(), wanted.end()).join('\n').toStdString()});
  if (!session_.apply(std::move(request))) return;
  const int next = on ? firstUnrated(state_.region) : -1;
  if (next >= 0) goTo(state_.current, next);
}

void QcModel::watchPace() {
  if (!clock_.isValid()) clock_.start();
  pace_.setBreaks(context_.settings.value("qc/breaks", false).toBool());
  switch (pace_.flagged(clock_.elapsed())) {
    case Pace::Hint::none: return;
    case Pace::Hint::fast:
      context_.shell.toast(tr("%1 flags in a row, each in less than 0.4 s. A second look?").arg(Pace::kFastFlags));
      return;
    case Pace::Hint::rest: context_.shell.toast(tr("45 minutes without a pause. Time for a break?")); return;
  }
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
                  ? tr("%1 has no FreeSurfer surfaces beside its scan").arg(person() ? person()->id : "")
                  : text_of(to_line(state_.cortex->problems.front())));
      });
}

void QcModel::undo() {
  const Hold hold(*this);
  travelling_ = true;
  const QString what = session_.undoText({"rate"});
  if (what.isEmpty() || !session_.undo({"rate"})) {
    if (what.isEmpty()) state_.last = tr("Nothing to undo");
  }
  travelling_ = false;
}

void QcModel::redo() {
  const Hold hold(*this);
  if (!session_.canRedo({"rate"})) {
    state_.last = tr("Nothing to redo");
    return;
  }
  travelling_ = true;
  session_.redo({"rate"});
  travelling_ = false;
}

void QcModel::saveComment(const QString& comment) {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const Tile& tile = state_.tiles[static_cast<std::size_t>(state_.region)];
  const QString words = comment.trimmed();
  if (words == tile.comment) return;
  const Hold hold(*this);
  const study::Rating* mine = own(*p, state_.region);
  study::Rating rating;
  rating.person = p->id.toStdString();
  rating.session = p->session.toStdString();
  rating.region = std::string(region_at(state_.region).key);
  rating.flag = mine != nullptr ? mine->flag : study::Flag::unrated;  // a comment is not a flag
  rating.comment = words.toStdString();
  session_.rate({rating}, tr("comment on %1 of %2").arg(text_of(rating.region), p->id));
}

void QcModel::refreshLast() {
  const QStringList kinds{"rate"};
  const QString summary = session_.undoText(kinds);
  state_.can_undo = !summary.isEmpty();
  state_.last = summary;
  state_.last_flag = QcFlag::unrated;
  static const QRegularExpression form("^(\\w+) of (.+): \\w+ -> (\\w+)$");
  const auto match = form.match(summary);
  const int region = match.hasMatch() ? index_of(match.captured(1).toStdString()) : -1;
  if (region >= 0) {
    const QString word = match.captured(3);
    state_.last = tr("%1: %2, %3").arg(text_of(region_at(region).title), word, match.captured(2));
    state_.last_flag = to_qc(study::parse_flag(word.toStdString()).value_or(study::Flag::unrated));
  } else if (summary.endsWith("set to ok")) {
    state_.last_flag = QcFlag::ok;
  }
}

// ---- history -------------------------------------------------------------------------------------------------------

void QcModel::readHistory() {
  if (!session_.isOpen()) return;
  context_.jobs.start<QcEvents>(
      {.title = tr("Read the log"), .key = "qc.history", .lane = Jobs::Lane::live, .quiet = true},
      [path = session_.path(), after = events_read_](const Task& task) { return qc_events(path, after, task); }, this,
      [this, path = session_.path()](Result<QcEvents> read) {
        if (!read || path != session_.path() || read->last_act <= events_read_) return;
        events_read_ = read->last_act;
        for (auto& event : read->events) events_[{event.person, event.region}].push_back(std::move(event));
        const Hold hold(*this);
        refreshHistory();
      });
}

void QcModel::refreshHistory() {
  state_.history.clear();
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const auto found = events_.find({p->id.toStdString(), std::string(region_at(state_.region).key)});
  if (found == events_.end()) return;
  for (auto it = found->second.rbegin(); it != found->second.rend(); ++it) {
    Event event{clock(it->time), {}, text_of(it->rater)};
    event.text = it->before != it->after ? tr("%1 to %2").arg(text_of(it->before), text_of(it->after))
                 : it->comment.empty()   ? tr("%1 again").arg(text_of(it->after))
                                         : tr("comment: %1").arg(text_of(it->comment));
    if (it->taken_back) event.text += tr(", undone");
    state_.history.push_back(std::move(event));
  }
}

// ---- scans ---------------------------------------------------------------------------------------------------------

render::ScanPaths QcModel::pathsOf(const Person& p) const {
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
  scan_stale_ = !shown_;
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
  if (wanted_.t1.empty()) {
    if (!near.empty()) (void)cache_->look_at(near, 0);  // the next ones may come meanwhile
    state_.scan.reset();
    if (p != nullptr) state_.message = tr("%1: no scan. Flags work all the same, N skips.").arg(p->id);
    refreshPerson();
    return;
  }
  if (auto scan = cache_->look_at(near, at)) {
    takeScan(std::move(scan));
    return;
  }
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
  state_.message = tr("%1: %2. N skips.").arg(p != nullptr ? p->id : QString(), text_of(to_line(scan.error())));
}

void QcModel::takeScan(std::shared_ptr<const render::Scan> scan) {
  state_.scan = std::move(scan);
  state_.waiting = !state_.scan->whole;
  if (state_.scan->whole) readSurfaces();
  if (state_.scan->whole) overlap_ = qc_overlap(*state_.scan);
  refreshPerson();
}

}  // namespace ipsi::ui
