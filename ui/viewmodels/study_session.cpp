// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/study_session.h"

#include <QDateTime>
#include <QLockFile>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <optional>

#include "core/base/regions.h"
#include "core/ingest/blinding.h"
#include "core/study/lookup.h"
#include "core/study/patch.h"
#include "core/study/rating_journal.h"
#include "core/study/scans.h"
#include "core/study/shared_session.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/rating_patch.h"
#include "ui/viewmodels/shared_folder.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace fs = std::filesystem;
namespace {

constexpr int kRetryEvery = 2000;      // ms
constexpr std::size_t kAtATime = 300;  // edits of others that are taken in before the next event

std::vector<std::string> words(const QStringList& list) {
  std::vector<std::string> out;
  for (const auto& item : list) out.push_back(item.toStdString());
  return out;
}

/// Beside the study: says that a window has it open. A lock of a process that died is taken over.
QString lock_path(const fs::path& study) {
  return text_of((study.parent_path() / ("." + study.filename().string() + ".lock")).string());
}

/// A flag that could not be written, and what takes it back in memory.
struct Pending {
  study::Request request;
  std::vector<study::Change> back;
};

/// The session of a shared study on this machine, and the study that a window works on.
struct Joined {
  study::Study study;
  std::unique_ptr<SharedFolder> folder;
};

Result<Joined> join_share(const study::SharedPlace& place) {
  auto session = study::SharedSession::open(place);
  if (!session) return tl::unexpected<Error>(session.error());
  auto opened = study::Study::open(place.work(), study::Access::read_write);
  if (!opened) return tl::unexpected<Error>(opened.error());
  return Joined{std::move(*opened), std::make_unique<SharedFolder>(std::move(*session))};
}

std::vector<study::Rating> ratings_in(const std::vector<study::Change>& changes) {
  std::vector<study::Rating> out;
  for (const auto& change : changes) {
    if (const auto* put = std::get_if<study::Put>(&change)) {
      if (const auto* rating = std::get_if<study::Rating>(put)) out.push_back(*rating);
    } else if (const auto* rating = std::get_if<study::Rating>(&std::get<study::Remove>(change).row)) {
      out.push_back(*rating);
      out.back().flag = study::Flag::unrated;
      out.back().comment.clear();
    }
  }
  return out;
}

/// A suggestion that went with a flag: nothing is to be done anew for it.
bool is_shown(const study::Edit& edit) {
  return edit.table == "measurement" && edit.key.value("measure", std::string()) == study::kShownMeasure;
}
/// What no number depends on.
bool is_mark(const study::Edit& edit) {
  const auto setting = edit.table == "setting" ? edit.key.value("key", std::string()) : std::string();
  const auto of = [&](std::string_view family) { return setting.starts_with(family); };
  return of("run.") || of("later.") || of("rating.older.") || setting == study::kCopySetting;
}

std::vector<study::Measurement> shown_in(const std::vector<study::Change>& changes) {
  std::vector<study::Measurement> out;
  for (const auto& change : changes)
    if (const auto* put = std::get_if<study::Put>(&change))
      if (const auto* row = std::get_if<study::Measurement>(put)) out.push_back(*row);
  return out;
}

}  // namespace

struct StudySession::Impl {
  StudySession* self = nullptr;
  std::optional<study::Study> study;
  bool read_only = false;
  QString read_only_reason;
  fs::path path, file;
  std::unique_ptr<QLockFile> lock;
  std::optional<study::SharedPlace> place;  // of a shared study
  std::unique_ptr<SharedFolder> shared;     // null while another window has the session
  std::int64_t undo_after = 0;
  std::shared_ptr<study::Snapshot> snapshot = std::make_shared<study::Snapshot>();
  std::shared_ptr<const table::Table> table;
  int volumes_version = 0;
  QString rater = "rater", saved_at, subset = "all", person, region = text_of(std::string(kRegions.front().key));
  QStringList chosen;
  std::deque<Pending> pending;
  std::vector<Pending> taken_back;  // undone while still in memory
  Error write_error;
  Failure last_error;
  QTimer poll;

  /// What else reads the snapshot keeps its own: it is copied before it is changed, but only then.
  study::Snapshot& writable() {
    if (snapshot.use_count() > 1) snapshot = std::make_shared<study::Snapshot>(*snapshot);
    std::atomic_thread_fence(std::memory_order_acquire);  // a worker that let go of it has finished reading
    return *snapshot;
  }

  bool tell(const Error& error) {
    last_error = {text_of(error.what), text_of(error.where), text_of(error.mend)};
    emit self->failed(last_error.what, last_error.where, last_error.mend);
    return false;
  }

  void touch(Change change) {
    if (change.everything) ++volumes_version;
    if (table) {
      if (change.everything)
        table = nullptr;
      else if (!change.ratings.empty())
        table = patch_flags(*table, *snapshot, study::options_of(*snapshot), change.ratings);
    }
    emit self->changed(change);
    emit self->stateChanged();
  }

  /// Ratings of the edits as they are in the snapshot now.
  Change change_of(const std::vector<study::Act>& acts) {
    Change change;
    std::map<std::string, study::Rating> touched;
    for (const auto& act : acts)
      for (const auto& edit : act.edits) {
        if (edit.table != "rating") {
          if (!is_shown(edit)) (is_mark(edit) ? change.marks : change.everything) = true;
          continue;
        }
        study::Rating rating;
        const auto field = [&](const char* name) { return edit.key.value(name, std::string()); };
        rating.person = field("person"), rating.session = field("session");
        rating.region = field("region"), rating.rater = field("rater");
        touched.emplace(edit.key.dump(), rating);
      }
    const auto key = [](const study::Rating& r) { return std::tie(r.person, r.session, r.region, r.rater); };
    for (auto& [_, rating] : touched) {
      const auto at = std::lower_bound(snapshot->ratings.begin(), snapshot->ratings.end(), rating,
                                       [&](const study::Rating& a, const study::Rating& b) { return key(a) < key(b); });
      const bool there = at != snapshot->ratings.end() && key(*at) == key(rating);
      change.ratings.push_back(there ? *at : rating);
    }
    change.act = snapshot->last_act;
    return change;
  }

  /// When the rater last said something of the region; "" when never.
  [[nodiscard]] std::string time_of(const study::Rating& like) const {
    const auto key = [](const study::Rating& r) { return std::tie(r.person, r.session, r.region, r.rater); };
    const auto at = std::lower_bound(snapshot->ratings.begin(), snapshot->ratings.end(), like,
                                     [&](const study::Rating& a, const study::Rating& b) { return key(a) < key(b); });
    return at != snapshot->ratings.end() && key(*at) == key(like) ? at->time : std::string();
  }

  /// What the log has and the snapshot does not know yet, ours or another program's; `enough` as in study/patch.h.
  bool catch_up(bool ours, std::size_t enough = 0) {
    const auto last = study->last_act();
    if (last && *last == snapshot->last_act) return true;
    study::Snapshot& now = writable();
    const auto acts = study::catch_up(now, *study, enough);
    if (!acts) return tell(acts.error());
    for (const auto& waiting : pending) (void)study::apply_changes(now, waiting.request.changes);
    if (ours && shared) shared->wake();
    if (ours) saved_at = QDateTime::currentDateTime().toString("HH:mm:ss");
    touch(change_of(*acts));
    return true;
  }

  /// Writes and shows. The error is the study's own.
  Result<void> write(const study::Request& request) {
    if (read_only) return fail(Code::Environment, "the study is open for reading only", path.string());
    const auto act = study->apply(request);
    if (!act) return tl::unexpected<Error>(act.error());
    catch_up(true);
    return {};
  }

  void keep_in_memory(study::Request request) {
    auto ratings = ratings_in(request.changes);
    auto back = study::apply_changes(writable(), request.changes);
    pending.push_back({std::move(request), std::move(back)});
    Change change;
    change.ratings = std::move(ratings);
    touch(std::move(change));
  }

  /// A study that could not be written may be writable now: the other window closed, the disk was mounted again.
  bool become_writable() {
    if (place) {
      auto joined = join_share(*place);
      if (!joined) return false;
      take(std::move(*joined));
      read_only = false;
      read_only_reason.clear();
      return true;
    }
    auto next = std::make_unique<QLockFile>(lock_path(path));
    next->setStaleLockTime(0);
    if (!next->tryLock()) return false;
    auto opened = study::Study::open(path, study::Access::read_write);
    if (!opened) return false;
    study = std::move(*opened);
    lock = std::move(next);
    read_only = false;
    read_only_reason.clear();
    return true;
  }

  void take(Joined joined) {
    study = std::move(joined.study);
    shared = std::move(joined.folder);
    QObject::connect(shared.get(), &SharedFolder::changed, self, [this] {
      poll_now();
      emit self->stateChanged();
    });
  }

  void reset() {
    study.reset();
    shared.reset();
    place.reset();
    undo_after = 0;
    lock.reset();
    read_only = false;
    read_only_reason.clear();
    path.clear();
    file.clear();
    snapshot = std::make_shared<study::Snapshot>();
    ++volumes_version;
    table.reset();
    pending.clear();
    taken_back.clear();
    saved_at.clear();
    person.clear();
    chosen.clear();
  }

  void poll_now() {
    if (!study) return;
    if (!pending.empty()) {
      self->retry();
      return;
    }
    const auto last = study->last_act();
    if (!last || *last == snapshot->last_act) return;
    const auto before = snapshot->last_act;
    if (!catch_up(false, kAtATime) || snapshot->last_act == before) return;
    if (*last != snapshot->last_act) QTimer::singleShot(0, self, [this] { poll_now(); });  // keys come in between
  }
};

StudySession::StudySession(QObject* parent) : QObject(parent), impl_(std::make_unique<Impl>()) {
  impl_->self = this;
  impl_->poll.setInterval(kRetryEvery);
  connect(&impl_->poll, &QTimer::timeout, this, [this] { impl_->poll_now(); });
}
StudySession::~StudySession() = default;

bool StudySession::open(const fs::path& given) {
  std::error_code ec;
  fs::path path = fs::weakly_canonical(given, ec);
  if (ec) path = fs::absolute(given);
  if (impl_->study && path == impl_->path) return true;
  if (auto place = study::shared_place(path, impl_->rater.toStdString()); study::is_shared(place))
    return openShared(place);
  QString reason;
  auto lock = std::make_unique<QLockFile>(lock_path(path));
  lock->setStaleLockTime(0);
  // The study first: a file that is none gets no lock beside it.
  auto opened = study::Study::open(path, study::Access::read_only);
  if (!opened) return impl_->tell(opened.error());
  if (lock->tryLock()) {
    auto writable = study::Study::open(path, study::Access::read_write);
    if (writable)
      opened = std::move(writable);
    else
      reason = text_of(writable.error().what);
  } else {
    reason = lock->error() == QLockFile::LockFailedError ? tr("another window has it open")
                                                         : tr("its folder cannot be written to");
  }
  auto snapshot = opened->snapshot();
  if (!snapshot) return impl_->tell(snapshot.error());
  impl_->reset();
  impl_->path = impl_->file = path;
  impl_->study = std::move(*opened);
  impl_->read_only_reason = reason;
  impl_->read_only = !reason.isEmpty();
  if (!impl_->read_only) impl_->lock = std::move(lock);
  impl_->snapshot = std::make_shared<study::Snapshot>(std::move(*snapshot));
  tellOpened();
  return true;
}

bool StudySession::openShared(const study::SharedPlace& place) {
  auto joined = join_share(place);
  QString reason;
  std::optional<study::Study> reading;
  if (!joined) {
    if (joined.error().code != Code::Conflict) return impl_->tell(joined.error());
    auto opened = study::Study::open(place.work(), study::Access::read_only);
    if (!opened) return impl_->tell(opened.error());
    reading = std::move(*opened);
    reason = text_of(joined.error().what);
  }
  auto snapshot = (joined ? joined->study : *reading).snapshot();
  if (!snapshot) return impl_->tell(snapshot.error());
  impl_->reset();
  impl_->place = place;
  impl_->path = place.study;
  impl_->file = place.work();
  impl_->undo_after = study::copied_up_to(*snapshot);
  impl_->snapshot = std::make_shared<study::Snapshot>(std::move(*snapshot));
  impl_->read_only_reason = reason;
  impl_->read_only = !joined;
  if (joined)
    impl_->take(std::move(*joined));
  else
    impl_->study = std::move(*reading);
  tellOpened();
  return true;
}

void StudySession::tellOpened() {
  if (isOpen()) {
    impl_->poll.start();
    const QStringList ids = people();
    if (!ids.isEmpty()) impl_->person = ids.front();
  }
  emit opened();
  emit stateChanged();
  emit subsetChanged();
}

bool StudySession::create(const fs::path& path) {
  {
    auto made = study::Study::create(path);
    if (!made) return impl_->tell(made.error());
  }
  return open(path);
}

void StudySession::close() {
  if (!impl_->study) return;
  impl_->poll.stop();
  impl_->reset();
  tellOpened();
}

bool StudySession::isOpen() const {
  return impl_->study.has_value();
}
bool StudySession::readOnly() const {
  return impl_->read_only;
}
QString StudySession::readOnlyReason() const {
  return impl_->read_only_reason;
}
QString StudySession::name() const {
  return text_of(impl_->path.filename().string());
}
fs::path StudySession::path() const {
  return impl_->path;
}
fs::path StudySession::file() const {
  return impl_->file;
}

fs::path StudySession::scanRoot() const {
  return impl_->path;
}

std::shared_ptr<const study::Snapshot> StudySession::snapshot() const {
  return impl_->snapshot;
}

std::shared_ptr<const table::Table> StudySession::table() const {
  if (!impl_->table) {
    auto made = study::analysis_table(*impl_->snapshot, options());
    if (!made) impl_->tell(made.error());
    impl_->table = std::make_shared<const table::Table>(made ? std::move(*made) : table::Table());
  }
  return impl_->table;
}

int StudySession::volumesVersion() const {
  return impl_->volumes_version;
}

study::AnalysisOptions StudySession::options() const {
  return study::options_of(*impl_->snapshot);
}

bool StudySession::blind() const {
  return isOpen() && ingest::blinding(*impl_->snapshot, impl_->rater.toStdString()).on;
}

fs::path StudySession::scanPath(const QString& person, const QString& session, const QString& kind) const {
  study::Scan key;
  key.person = person.toStdString(), key.session = session.toStdString(), key.kind = kind.toStdString();
  const auto less = [](const study::Scan& a, const study::Scan& b) {
    return std::tie(a.person, a.session, a.kind) < std::tie(b.person, b.session, b.kind);
  };
  const auto& scans = impl_->snapshot->scans;
  const auto at = std::lower_bound(scans.begin(), scans.end(), key, less);
  if (at == scans.end() || less(key, *at)) return {};
  return study::scan_file(*at, scanRoot());
}

QString StudySession::firstSession(const QString& person) const {
  const auto* session = study::first_session(*impl_->snapshot, person.toStdString());
  return session != nullptr ? text_of(session->label) : QString();
}

bool StudySession::apply(study::Request request) {
  if (!impl_->study) return impl_->tell({Code::Conflict, "no study is open", "", "open or create one"});
  if (!retry())
    return impl_->tell({impl_->write_error.code, tr("%n flags are not saved yet", "", unsaved()).toStdString(),
                        impl_->path.string(), "save them elsewhere, or free the disk, then try again"});
  if (request.author.empty()) request.author = impl_->rater.toStdString();
  if (impl_->place)
    if (const auto refused = study::refused_in_copy(request, *impl_->place)) return impl_->tell(*refused);
  if (auto ok = impl_->write(request); !ok) return impl_->tell(ok.error());
  return true;
}

bool StudySession::rate(const std::vector<study::Rating>& ratings, const QString& summary,
                        const std::vector<study::Measurement>& shown) {
  if (!impl_->study) return impl_->tell({Code::Conflict, "no study is open", "", "open or create one"});
  study::Request request;
  request.author = impl_->rater.toStdString();
  request.kind = "rate";
  request.summary = summary.toStdString();
  for (study::Rating rating : ratings) {
    if (rating.rater.empty()) rating.rater = request.author;
    if (rating.session.empty()) rating.session = firstSession(text_of(rating.person)).toStdString();
    if (rating.scan_hash.empty())
      rating.scan_hash = study::labels_hash(*impl_->snapshot, rating.person, rating.session);
    request.put(std::move(rating));
  }
  for (const auto& row : shown) request.put(row);
  impl_->taken_back.clear();
  if (impl_->pending.empty() || retry()) {
    const auto ok = impl_->write(request);
    if (ok) return true;
    if (ok.error().code != Code::Environment) return impl_->tell(ok.error());
    impl_->write_error = ok.error();
  }
  for (auto& change : request.changes) {  // written later, but rated now; the study itself fills in the time otherwise
    auto* rating = std::get_if<study::Rating>(&std::get<study::Put>(change));
    if (rating != nullptr && rating->time.empty()) rating->time = study::time_after(impl_->time_of(*rating));
  }
  impl_->keep_in_memory(std::move(request));
  return true;
}

bool StudySession::retry() {
  if (impl_->pending.empty()) return true;
  if (impl_->read_only && !impl_->become_writable()) return false;
  bool wrote = false;
  while (!impl_->pending.empty()) {
    const auto act = impl_->study->apply(impl_->pending.front().request);
    if (!act) {
      impl_->write_error = act.error();
      if (act.error().code == Code::Environment) break;
      // Meanwhile the person was taken out of the study: say so instead of trying for ever.
      (void)study::apply_changes(impl_->writable(), impl_->pending.front().back);
      impl_->tell(act.error());
    }
    impl_->pending.pop_front();
    wrote = true;
  }
  if (wrote) {
    impl_->catch_up(true);
    emit stateChanged();
  }
  return impl_->pending.empty();
}

bool StudySession::undo(const QStringList& kinds) {
  if (!impl_->study) return false;
  if (!impl_->pending.empty() && (kinds.isEmpty() || kinds.contains("rate"))) {
    Pending last = std::move(impl_->pending.back());
    impl_->pending.pop_back();
    Change change;
    change.ratings = ratings_in(last.back);
    (void)study::apply_changes(impl_->writable(), last.back);
    impl_->taken_back.push_back(std::move(last));
    impl_->touch(std::move(change));
    return true;
  }
  const auto acts = impl_->study->undo(impl_->rater.toStdString(), 1, words(kinds), impl_->undo_after);
  if (!acts) return impl_->tell(acts.error());
  return impl_->catch_up(true);
}

bool StudySession::redo(const QStringList& kinds) {
  if (!impl_->study) return false;
  if (!impl_->taken_back.empty() && (kinds.isEmpty() || kinds.contains("rate"))) {
    auto rest = std::move(impl_->taken_back);
    Pending next = std::move(rest.back());
    rest.pop_back();
    const bool ok =
        rate(ratings_in(next.request.changes), text_of(next.request.summary), shown_in(next.request.changes));
    impl_->taken_back = std::move(rest);
    return ok;
  }
  const auto acts = impl_->study->redo(impl_->rater.toStdString(), 1, words(kinds), impl_->undo_after);
  if (!acts) return impl_->tell(acts.error());
  return impl_->catch_up(true);
}

bool StudySession::canUndo(const QStringList& kinds) const {
  if (!impl_->study) return false;
  if (!impl_->pending.empty()) return true;
  if (impl_->read_only) return false;
  const auto next = impl_->study->next_undo(impl_->rater.toStdString(), words(kinds), impl_->undo_after);
  return next && next->has_value();
}

bool StudySession::canRedo(const QStringList& kinds) const {
  if (!impl_->study) return false;
  if (!impl_->taken_back.empty()) return true;
  if (impl_->read_only || !impl_->pending.empty()) return false;
  const auto next = impl_->study->next_redo(impl_->rater.toStdString(), words(kinds), impl_->undo_after);
  return next && next->has_value();
}

QString StudySession::undoText(const QStringList& kinds) const {
  if (!impl_->study) return {};
  if (!impl_->pending.empty()) return text_of(impl_->pending.back().request.summary);
  if (impl_->read_only) return {};
  const auto next = impl_->study->next_undo(impl_->rater.toStdString(), words(kinds), impl_->undo_after);
  return next && *next ? text_of(**next) : QString();
}

QString StudySession::rater() const {
  return impl_->rater;
}
void StudySession::setRater(const QString& rater) {
  if (rater.trimmed().isEmpty() || rater == impl_->rater) return;
  impl_->rater = rater.trimmed();
  emit raterChanged();
  emit stateChanged();
  if (impl_->place && impl_->pending.empty()) openShared(study::shared_place(impl_->path, impl_->rater.toStdString()));
}
QString StudySession::savedAt() const {
  return impl_->saved_at;
}

int StudySession::unsaved() const {
  std::size_t n = 0;
  for (const auto& waiting : impl_->pending) n += waiting.request.changes.size();
  return static_cast<int>(n);
}

QString StudySession::problem() const {
  if (impl_->pending.empty()) {
    const auto* state = impl_->shared ? &impl_->shared->state() : nullptr;
    if (state == nullptr || state->unsent == 0 || state->problem.isEmpty()) return {};
    const QString sent = state->unsent == 1 ? tr("1 flag is not on the share yet")
                                            : tr("%1 flags are not on the share yet").arg(state->unsent);
    return tr("%1: %2. Trying again every 2 s.").arg(sent, state->problem);
  }
  const int n = unsaved();
  const QString flags = n == 1 ? tr("1 flag waits in memory") : tr("%1 flags wait in memory").arg(n);
  const QString why = impl_->read_only ? impl_->read_only_reason : text_of(impl_->write_error.what);
  return tr("%1: %2. Trying again every 2 s.").arg(flags, why);
}

bool StudySession::isShared() const {
  return impl_->place.has_value();
}

QString StudySession::sharedNote() const {
  if (!impl_->place) return {};
  if (!impl_->shared) return tr("Shared");
  const auto& state = impl_->shared->state();
  if (!state.problem.isEmpty()) return tr("Shared: out of reach, working on a copy");
  if (!state.looked) return tr("Shared");
  const auto n = state.raters.size();
  QString note = n == 1 ? tr("Shared: 1 rater") : tr("Shared: %1 raters").arg(n);
  if (!state.notes.isEmpty()) note += tr(", %1 left out").arg(state.notes.size());
  return note;
}

QString StudySession::sharedDetails() const {
  if (!impl_->place) return {};
  QStringList lines{
      tr("Flags go into files of their own beside the study: %1").arg(text_of(impl_->place->ratings.string()))};
  if (impl_->shared) {
    const auto& state = impl_->shared->state();
    lines << tr("Raters: %1").arg(state.raters.join(", "));
    if (!state.problem.isEmpty()) lines << state.problem;
    lines << state.notes;
  }
  return lines.join('\n');
}

bool StudySession::saveElsewhere(const fs::path& target) {
  if (!impl_->study) return false;
  if (auto ok = impl_->study->copy_to(target); !ok) return impl_->tell(ok.error());
  auto copy = study::Study::open(target, study::Access::read_write);
  if (!copy) return impl_->tell(copy.error());
  for (const auto& waiting : impl_->pending)
    if (const auto act = copy->apply(waiting.request); !act) return impl_->tell(act.error());
  study::Request moved{
      .author = impl_->rater.toStdString(), .kind = "move", .summary = "a copy elsewhere", .changes = {}};
  std::error_code ec;
  if (fs::weakly_canonical(target.parent_path(), ec) != impl_->path.parent_path())
    for (study::Scan scan : impl_->snapshot->scans) {
      scan.path = study::scan_file(scan, impl_->path).string();
      moved.put(std::move(scan));
    }
  if (impl_->place) {  // the copy is this rater's own
    moved.put(study::Setting{std::string(study::kSharedSetting), "0"});
    moved.changes.emplace_back(study::Remove{study::Setting{std::string(study::kCopySetting), ""}});
  }
  if (const auto act = copy->apply(moved); !act) return impl_->tell(act.error());
  { const auto closed = std::move(copy); }
  impl_->pending.clear();
  const bool ok = open(target);
  if (ok) {
    impl_->saved_at = QDateTime::currentDateTime().toString("HH:mm:ss");
    emit stateChanged();
  }
  return ok;
}

StudySession::Failure StudySession::lastError() const {
  return impl_->last_error;
}

QString StudySession::subset() const {
  return impl_->subset;
}
void StudySession::setSubset(const QString& subset) {
  if (subset == impl_->subset || !study::parse_subgroup(subset.toStdString())) return;
  impl_->subset = subset;
  emit subsetChanged();
}

int StudySession::subsetSize(const QString& subset) const {
  const auto group = study::parse_subgroup(subset.toStdString());
  const auto all = table();
  const auto* kind = all->find("group");
  if (!group || kind == nullptr) return 0;
  const auto rows = study::rows_of(*all, *group);
  if (!rows) return 0;
  return static_cast<int>(
      std::count_if(rows->begin(), rows->end(), [&](std::size_t row) { return kind->texts[row] == "patient"; }));
}

QString StudySession::person() const {
  return impl_->person;
}
QString StudySession::region() const {
  return impl_->region;
}
void StudySession::select(const QString& person, const QString& region) {
  const QString r = region.isEmpty() ? impl_->region : region;
  impl_->person = person;
  impl_->region = r;
  emit selected();
}

QStringList StudySession::chosen() const {
  return impl_->chosen;
}
void StudySession::setChosen(const QStringList& people) {
  impl_->chosen = people;
  emit chosenChanged();
}

StudySession::Counts StudySession::flagCounts() const {
  const auto all = table();
  const auto* kind = all->find("group");
  if (kind == nullptr) return {};
  Counts counts;
  for (const auto& region : kRegions) {
    const auto* flags = all->find("flag_" + std::string(region.key));
    if (flags == nullptr) continue;
    for (std::size_t row = 0; row < flags->texts.size(); ++row)
      if (kind->texts[row] == "patient") ++(flags->texts[row] == "unrated" ? counts.left : counts.done);
  }
  return counts;
}

QStringList StudySession::people() const {
  const auto all = table();
  const auto* subjects = all->find("subject");
  QStringList out;
  if (subjects != nullptr)
    for (const auto& id : subjects->texts) out << text_of(id);
  return out;
}

}  // namespace ipsi::ui
