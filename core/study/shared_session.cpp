// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/shared_session.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/study/patch.h"
#include "core/study/rating_journal.h"
#include "core/study/rating_merge.h"
#include "core/study/shared_diff.h"

namespace ipsi::study {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMergedAtATime = 300;  // rows in one act

/// Of a name what every file system takes; the name itself stands in the file.
std::string file_name_part(const std::string& name) {
  std::string out;
  for (const char c : name.substr(0, 48)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += plain ? c : '_';
  }
  return out.empty() ? "rater" : out;
}

std::string new_instance() {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const std::string name = split(host, '.').front();
  std::random_device random;
  return fmt::format("{}-{:08x}", name.empty() ? "machine" : file_name_part(name), random());
}

/// What a working copy knows of itself: a setting that only it has.
struct CopyNote {
  std::string instance, study, rater;
  std::int64_t after = 0;

  [[nodiscard]] Setting setting() const {
    return {std::string(kCopySetting),
            Json{{"instance", instance}, {"study", study}, {"rater", rater}, {"after", after}}.dump()};
  }
};

std::optional<CopyNote> copy_note(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return CopyNote{json.value("instance", ""), json.value("study", ""), json.value("rater", ""),
                  json.value("after", std::int64_t{0})};
}

/// Held while the object lives and given back by the system when the process dies.
class LocalLock {
 public:
  LocalLock() = default;
  LocalLock(LocalLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  LocalLock& operator=(LocalLock&&) = delete;
  ~LocalLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  Result<void> take(const fs::path& file) {
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0)
      return fail(Code::Environment, fmt::format("the working copy cannot be locked: {}", std::strerror(errno)),
                  file.string(), "check its permissions and the free space");
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return {};
    return fail(Code::Conflict, "another window has it open", file.string(), "use that one, or close it");
  }

 private:
  int fd_ = -1;
};

Result<void> make_working_copy(const SharedPlace& place) {
  if (auto ok = copy_quietly(place.study, place.base()); !ok) return ok;
  const fs::path next = place.work().string() + ".new";
  std::error_code ec;
  for (const char* part : {"", "-wal", "-shm", "-journal"}) fs::remove(next.string() + part, ec);
  const auto bytes = read_file(place.base());
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  if (auto ok = write_file(next, *bytes); !ok) return ok;
  {
    auto work = Study::open(next, Access::read_write);
    if (!work) return tl::unexpected<Error>(work.error());
    const auto last = work->last_act();
    if (!last) return tl::unexpected<Error>(last.error());
    const CopyNote note{new_instance(), place.study.string(), place.rater, *last};
    Request request{.author = std::string(kShareAuthor),
                    .kind = "shared",
                    .summary = "working copy of a shared study",
                    .changes = {}};
    request.put(note.setting());
    if (const auto act = work->apply(request); !act) return tl::unexpected<Error>(act.error());
  }
  fs::rename(next, place.work(), ec);
  if (ec) return fail(Code::Environment, "cannot put the working copy in place: " + ec.message(), place.local.string());
  return {};
}

/// A file of somebody else as it was when last read.
struct Heard {
  std::string stamp, text;
  Voice voice;
  std::string rater;
  std::vector<std::string> notes;
};

/// What the file has beyond `known`, which a writer that only appends has left as it was; all of it where it got
/// shorter.
Result<std::string> read_on(const fs::path& file, const std::string& known) {
  std::error_code ec;
  if (known.empty() || !fs::is_regular_file(file, ec) || fs::file_size(file, ec) < known.size() || ec)
    return read_file(file);
  std::ifstream in(file, std::ios::binary);
  std::string text = known;
  in.seekg(static_cast<std::streamoff>(known.size()));
  text.append(std::istreambuf_iterator<char>(in), {});
  if (in.bad() || !in) return read_file(file);
  return text;
}

Heard hear(const fs::path& file, std::string stamp, const std::string& known) {
  Heard heard;
  heard.stamp = std::move(stamp);
  heard.voice.name = file.filename().string();
  auto text = read_on(file, known);
  const auto journal = text ? read_journal(*text, heard.voice.name) : Result<Journal>(tl::unexpected(text.error()));
  if (!journal) {
    heard.notes.push_back(to_line(journal.error()));
    return heard;
  }
  heard.text = std::move(*text);
  heard.text.resize(journal->whole);
  heard.rater = journal->rater;
  heard.voice = voice_of(*journal, heard.voice.name);
  for (const auto& problem : journal->problems)
    heard.notes.push_back(fmt::format("{}, line {}: {}", heard.voice.name, problem.line, problem.what));
  return heard;
}

std::vector<fs::path> rating_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
    if (entry->path().extension() == ".tsv") out.push_back(entry->path());
  std::sort(out.begin(), out.end());
  return out;
}

/// Regions of which two states of a file say different things.
void add_touched(const Voice& before, const Voice& now, std::set<std::string>& touched) {
  std::map<std::string, std::string> words;
  for (const auto& word : before.current) words[word_key(word.rating)] = region_key(word.rating);
  for (const auto& word : now.current)
    if (words.erase(word_key(word.rating)) == 0) touched.insert(region_key(word.rating));
  for (const auto& [_, region] : words) touched.insert(region);
}

}  // namespace

struct SharedSession::Impl {
  SharedPlace place;
  LocalLock lock;
  std::optional<Study> work;
  CopyNote note;
  Snapshot snapshot;  // of the working copy
  JournalText text{"", ""};
  std::size_t sent = 0;  // bytes of the own file known to be on the share
  bool all = true;       // merge everything in the next round
  bool skipped = false;  // the last merge left regions to the next
  std::set<std::string> touched;
  std::map<std::string, Heard> heard;
  std::string study_stamp;
  std::function<void()> wrote;  // of the present round

  Result<void> open() {
    std::error_code ec;
    fs::create_directories(place.local, ec);
    if (ec)
      return fail(Code::Environment, "there is no place for the working copy: " + ec.message(), place.local.string(),
                  "make room, or set XDG_DATA_HOME to a folder of your own");
    if (auto ok = lock.take(place.local / "lock"); !ok) return ok;
    if (fs::exists(place.work(), ec)) {
      study_stamp = read_file(stamp_file()).value_or("");
    } else {
      const std::string stamp = file_stamp(place.study);
      if (auto ok = make_working_copy(place); !ok) return ok;
      looked_at(stamp);
    }
    auto opened = Study::open(place.work(), Access::read_write);
    if (!opened) return tl::unexpected<Error>(opened.error());
    work = std::move(*opened);
    auto now = work->snapshot();
    if (!now) return tl::unexpected<Error>(now.error());
    snapshot = std::move(*now);
    const auto found = copy_note(snapshot.setting(kCopySetting));
    if (!found || found->instance.empty())
      return fail(Code::ReadFailed, "the working copy does not know what it is a copy of", place.work().string(),
                  "move it elsewhere; a new one is made");
    note = *found;
    return write_again();
  }

  [[nodiscard]] fs::path stamp_file() const { return place.local / "base.stamp"; }
  void looked_at(const std::string& stamp) {
    study_stamp = stamp;
    (void)write_file(stamp_file(), stamp);  // else the next session looks once more
  }

  /// The own file from the log, from its first line.
  Result<void> write_again() {
    text = JournalText(place.rater, note.instance);
    sent = 0;
    const auto acts = work->log(note.after);
    if (!acts) return tl::unexpected<Error>(acts.error());
    for (const auto& act : *acts)
      if (act.id <= snapshot.last_act) text.add(act);
    return {};
  }

  /// What was written into the copy since the last look, by a window or by another program.
  Result<void> follow() {
    const auto acts = catch_up(snapshot, *work);
    if (!acts) return tl::unexpected<Error>(acts.error());
    for (const auto& act : *acts) text.add(act);
    touched.merge(text.take_touched());
    return {};
  }

  fs::path own_file() const { return place.ratings / (file_name_part(place.rater) + "@" + note.instance + ".tsv"); }

  Result<void> send() {
    if (text.lines_after(sent) == 0) return {};
    std::error_code ec;
    if (!fs::exists(place.study, ec))
      return fail(Code::Environment, "the shared study is out of reach", place.study.string());
    if (!fs::is_directory(place.ratings, ec)) {
      fs::create_directory(place.ratings, place.study.parent_path(), ec);  // who may write there may write here
      if (ec && !fs::is_directory(place.ratings))
        return fail(Code::Environment, "the folder of rating files cannot be made: " + ec.message(),
                    place.ratings.string());
    }
    auto ok = continue_file(own_file(), text.text(), sent);
    if (!ok && ok.error().code == Code::Conflict) {
      // An older working copy came back, or the file was tampered with: it stays as it is, as somebody else's.
      note.instance = new_instance();
      Request request{
          .author = std::string(kShareAuthor), .kind = "shared", .summary = "another rating file", .changes = {}};
      request.put(note.setting());
      if (const auto act = work->apply(request); !act) return tl::unexpected<Error>(act.error());
      if (auto followed = follow(); !followed) return followed;
      if (auto again = write_again(); !again) return again;
      ok = continue_file(own_file(), text.text(), 0);
    }
    if (ok) sent = text.text().size();
    return ok;
  }

  void listen(State& state) {
    std::set<std::string> there;
    for (const auto& file : rating_files(place.ratings)) {
      const std::string name = file.filename().string();
      if (name == own_file().filename()) continue;
      there.insert(name);
      Heard& known = heard[name];
      const std::string stamp = file_stamp(file);
      if (known.stamp != stamp || stamp.empty()) {
        Heard now = hear(file, stamp, known.text);
        add_touched(known.voice, now.voice, touched);
        known = std::move(now);
      }
    }
    std::erase_if(heard, [&](const auto& entry) { return !there.contains(entry.first); });
    std::set<std::string> raters{place.rater};
    for (const auto& [_, known] : heard) {
      if (!known.rater.empty()) raters.insert(known.rater);
      state.notes.insert(state.notes.end(), known.notes.begin(), known.notes.end());
    }
    state.raters.assign(raters.begin(), raters.end());
  }

  std::vector<Voice> voices() const {
    std::vector<Voice> out;
    out.push_back({.name = "own", .current = text.said().current, .earlier = text.said().earlier, .gone = {}});
    for (const auto& [_, known] : heard) out.push_back(known.voice);
    return out;
  }

  /// Brings words into the copy; `more` speaks for the shared study. A few at a time, so that a rater who writes
  /// meanwhile hardly waits; the regions they write to are left to the next round.
  Result<bool> merge(const Voice* more) {
    auto speaking = voices();
    if (more != nullptr) speaking.push_back(*more);
    const auto merged = merge_words(speaking, snapshot, std::string(kShareAuthor), all ? nullptr : &touched);
    all = false;
    touched.clear();
    std::set<std::string> left;
    skipped = false;
    const auto& changes = merged.request.changes;
    for (std::size_t at = 0; at < changes.size();) {
      Request part{
          .author = std::string(kShareAuthor), .kind = "shared", .summary = merged.request.summary, .changes = {}};
      part.based_on = snapshot.last_act;
      std::size_t end = at;
      while (end < changes.size() &&
             (part.changes.size() < kMergedAtATime || merged.regions[end] == merged.regions[end - 1])) {
        if (left.contains(merged.regions[end]))
          skipped = true;
        else
          part.changes.push_back(changes[end]);
        ++end;
      }
      const auto act = work->apply(part);
      if (act) at = end;
      if (!act && act.error().code != Code::Conflict) {
        all = true;
        return tl::unexpected<Error>(act.error());
      }
      if (auto ok = follow(); !ok) return tl::unexpected<Error>(ok.error());
      if (!act) left = touched;
      if (act && wrote) wrote();
    }
    return !changes.empty();
  }

  /// What the coordinator did to the shared study.
  Result<bool> look_at_study() {
    const std::string stamp = file_stamp(place.study);
    if (stamp.empty()) return fail(Code::Environment, "the shared study is out of reach", place.study.string());
    if (stamp == study_stamp) return false;
    const fs::path next = place.local / "next.ipsi";
    if (auto ok = copy_quietly(place.study, next); !ok) return tl::unexpected<Error>(ok.error());
    const auto look = [](const fs::path& path) -> Result<Snapshot> {
      const auto study = Study::open(path, Access::read_only);
      return study ? study->snapshot() : Result<Snapshot>(tl::unexpected<Error>(study.error()));
    };
    const auto before = look(place.base()), now = look(next);
    if (!before) return tl::unexpected<Error>(before.error());
    if (!now) return tl::unexpected<Error>(now.error());
    Request request{.author = std::string(kShareAuthor),
                    .kind = "shared",
                    .summary = "the shared study has changed",
                    .changes = {}};
    const auto changes = study_changes(*before, *now, snapshot);
    for (std::size_t at = 0; at < changes.size(); at += kMergedAtATime) {
      const auto end = changes.begin() + static_cast<std::ptrdiff_t>(std::min(at + kMergedAtATime, changes.size()));
      request.changes.assign(changes.begin() + static_cast<std::ptrdiff_t>(at), end);
      if (const auto act = work->apply(request); !act) return tl::unexpected<Error>(act.error());
      if (wrote) wrote();
    }
    if (auto ok = follow(); !ok) return tl::unexpected<Error>(ok.error());
    all = true;
    const Voice voice = study_voice(*before, *now);
    const auto words = merge(&voice);
    if (!words) return words;
    if (skipped) return true;  // what the study says of those is looked at once more
    std::error_code ec;
    fs::rename(next, place.base(), ec);
    if (ec) return fail(Code::Environment, "cannot put the copy in place: " + ec.message(), place.base().string());
    looked_at(stamp);
    return !changes.empty() || *words;
  }
};

SharedSession::SharedSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SharedSession::SharedSession(SharedSession&&) noexcept = default;
SharedSession& SharedSession::operator=(SharedSession&&) noexcept = default;
SharedSession::~SharedSession() = default;

const SharedPlace& SharedSession::place() const {
  return impl_->place;
}
fs::path SharedSession::own_file() const {
  return impl_->own_file();
}
Study& SharedSession::work() {
  return *impl_->work;
}

Result<SharedSession> SharedSession::open(const SharedPlace& place) {
  auto impl = std::make_unique<Impl>();
  impl->place = place;
  if (auto ok = impl->open(); !ok) return tl::unexpected<Error>(ok.error());
  return SharedSession(std::move(impl));
}

SharedSession::State SharedSession::round(const std::function<void()>& wrote) {
  State state;
  impl_->wrote = wrote;
  const auto tell = [&](const Error& error) {
    if (state.problem.empty()) state.problem = error.what;
  };
  if (auto ok = impl_->follow(); !ok) tell(ok.error());
  if (auto ok = impl_->send(); !ok) tell(ok.error());
  impl_->listen(state);
  if (const auto changed = impl_->look_at_study())
    state.changed = *changed;
  else
    tell(changed.error());
  if (impl_->all || !impl_->touched.empty()) {
    if (const auto changed = impl_->merge(nullptr))
      state.changed = state.changed || *changed;
    else
      tell(changed.error());
  }
  state.unsent = impl_->text.lines_after(impl_->sent);
  return state;
}

std::int64_t copied_up_to(const Snapshot& work) {
  const auto note = copy_note(work.setting(kCopySetting));
  return note ? note->after : 0;
}

std::optional<Error> refused_in_copy(const Request& request, const SharedPlace& place) {
  for (const auto& change : request.changes) {
    const auto* put = std::get_if<Put>(&change);
    const Put& row = put != nullptr ? *put : std::get<Remove>(change).row;
    if (std::holds_alternative<Rating>(row) || std::holds_alternative<Setting>(row)) continue;
    const auto* beside = std::get_if<Measurement>(&row);
    if (beside != nullptr && beside->measure == kShownMeasure) continue;
    return Error{Code::Conflict, "the study is shared: what is in it is changed on the share, not in a rater's copy",
                 place.study.string(), "use `ipsi study import` there; it arrives here by itself"};
  }
  return std::nullopt;
}

RatingFolder read_rating_folder(const fs::path& folder) {
  RatingFolder out;
  for (const auto& file : rating_files(folder)) {
    const std::string name = file.filename().string();
    const auto bytes = read_file(file);
    const auto journal = bytes ? read_journal(*bytes, file.string()) : Result<Journal>(tl::unexpected(bytes.error()));
    if (!journal) {
      out.unreadable.push_back(journal.error());
      continue;
    }
    for (auto problem : journal->problems) {
      problem.subject = name;
      out.unused.push_back(std::move(problem));
    }
    out.voices.push_back(voice_of(*journal, name));
    out.instances.push_back(journal->rater + "@" + journal->instance);
  }
  return out;
}

}  // namespace ipsi::study
