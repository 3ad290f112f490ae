// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_thumbnails.h"

#include <sys/resource.h>
#include <unistd.h>

#include <QMetaObject>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr int kWorkers = 2;
constexpr int kNiceVisible = 3, kNiceBackground = 15;
constexpr const char* kJob = "qc.thumbnails";

/// The window comes first. Threads of this thread inherit it; it cannot be taken back.
void give_way(int by) {
  [[maybe_unused]] const int refused = setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), by);
}

bool same_files(const review::SessionImages& a, const review::SessionImages& b) {
  const auto same = [](const study::Scan& x, const study::Scan& y) {
    return x.path == y.path && x.hash == y.hash && x.bytes == y.bytes && x.modified == y.modified;
  };
  return same(a.grey, b.grey) && same(a.labels, b.labels) && same(a.lesion, b.lesion);
}

}  // namespace

/// Wishes go in under the lock, pictures come out into a tray that the GUI thread empties when it is told.
struct QcThumbnails::Shop {
  struct Wish {
    Who who;
    review::SessionImages images;
    bool asked_cache = false;
  };
  struct Made {
    Who who;
    review::SessionImages images;
    Entry entry;
  };

  render::ThumbnailCache cache;
  std::mutex mutex;
  std::condition_variable wake, quiet;
  std::deque<Wish> wishes;
  std::set<Who> running;
  std::vector<Made> tray;
  std::atomic<int> open{0};  ///< wishes and running
  Task task;                 ///< cancelled when another study is opened
  bool closing = false;
  QcThumbnails* owner;
  std::array<std::thread, kWorkers> workers;

  Shop(QcThumbnails* of, const std::filesystem::path& dir) : cache(dir), owner(of) {}

  void count() { open = static_cast<int>(wishes.size() + running.size()); }

  /// What the disk has comes before what must be read from a scan, each in the order of the wishes.
  [[nodiscard]] std::optional<Wish> next() {
    auto at = std::find_if(wishes.begin(), wishes.end(), [](const Wish& w) { return !w.asked_cache; });
    if (at == wishes.end()) at = wishes.begin();
    if (at == wishes.end()) return std::nullopt;
    Wish wish = std::move(*at);
    wishes.erase(at);
    return wish;
  }

  [[nodiscard]] static Entry entry_of(Result<render::Thumbnails> read) {
    if (!read) return {nullptr, text_of(to_line(read.error())), false};
    return {std::make_shared<const render::Thumbnails>(std::move(*read)), {}, false};
  }

  void work() {
    give_way(kNiceVisible);
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return closing || !wishes.empty(); });
      if (closing) return;
      auto wish = next();
      if (!wish) continue;
      running.insert(wish->who);
      count();
      const Task now = task;
      lock.unlock();
      std::optional<Entry> entry;
      if (!wish->asked_cache && !wish->images.empty()) {
        if (const auto key = review::thumbnail_key(wish->images); !key)
          entry = Entry{nullptr, text_of(to_line(key.error())), false};
        else if (auto kept = cache.find(*key))
          entry = entry_of(std::move(*kept));
      } else {
        entry = entry_of(review::session_thumbnails(wish->images, cache, now));
      }
      lock.lock();
      running.erase(wish->who);
      if (!entry && !now.cancelled()) {
        wish->asked_cache = true;
        wishes.push_back(std::move(*wish));
        wake.notify_one();
      } else if (entry && !now.cancelled()) {
        const bool first = tray.empty();
        tray.push_back({wish->who, std::move(wish->images), std::move(*entry)});
        if (first)
          QMetaObject::invokeMethod(
              owner, [o = owner] { o->take(); }, Qt::QueuedConnection);
      }
      count();
      if (open == 0) quiet.notify_all();
    }
  }
};

QcThumbnails::QcThumbnails(Context& context, QObject* parent, const std::filesystem::path& cache_dir)
    : QObject(parent), context_(context), shop_(std::make_shared<Shop>(this, cache_dir)) {
  for (std::thread& worker : shop_->workers) worker = std::thread([shop = shop_.get()] { shop->work(); });
  connect(&context.session, &StudySession::opened, this, &QcThumbnails::onOpened);
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything) readIndex();
  });
  connect(&context.jobs, &Jobs::changed, this, [this] {
    if (!state_.background) return;
    const auto jobs = context_.jobs.list();
    const auto mine = std::find_if(jobs.begin(), jobs.end(), [this](const auto& job) { return job.id == job_; });
    if (mine == jobs.end() || mine->what == state_.progress) return;
    state_.progress = mine->what;
    emit changed();
  });
  onOpened();
}

QcThumbnails::~QcThumbnails() {
  context_.jobs.cancel(job_);
  {
    const std::lock_guard lock(shop_->mutex);
    shop_->closing = true;
    shop_->task.cancel();
  }
  shop_->wake.notify_all();
  for (std::thread& worker : shop_->workers) worker.join();
}

void QcThumbnails::onOpened() {
  stopPreparing();
  {
    const std::lock_guard lock(shop_->mutex);
    shop_->task.cancel();
    shop_->task = Task();
    shop_->wishes.clear();
    shop_->tray.clear();
    shop_->count();
  }
  kept_.clear();
  wanted_.clear();
  prepared_.clear();
  bytes_ = 0;
  state_ = {};
  index_.reset();
  readIndex();
}

void QcThumbnails::readIndex() {
  const auto index = std::make_shared<const review::ImageIndex>(*context_.session.snapshot(), context_.session.path());
  if (index_)  // what was read of files that are others now, is read again
    std::erase_if(kept_, [&](const auto& kept) {
      const auto images = [&](const review::ImageIndex& of) {
        return of.find(kept.first.person.toStdString(), kept.first.session.toStdString());
      };
      if (same_files(images(*index_), images(*index))) return false;
      bytes_ -= kept.second.bytes;
      return true;
    });
  index_ = index;
  want(std::vector(wanted_));
  emit changed();
}

QcThumbnails::Entry QcThumbnails::find(const Who& who) const {
  const auto found = kept_.find(who);
  if (found == kept_.end()) return {};
  found->second.used = ++clock_;
  return found->second.entry;
}

void QcThumbnails::want(const std::vector<Who>& people) {
  wanted_ = people;
  bool none = false;
  {
    const std::lock_guard lock(shop_->mutex);
    shop_->wishes.clear();
    for (const Who& who : people) {
      const bool coming = shop_->running.contains(who) || std::any_of(shop_->tray.begin(), shop_->tray.end(),
                                                                      [&](const auto& m) { return m.who == who; });
      if (coming || kept_.contains(who)) continue;
      auto images = index_->find(who.person.toStdString(), who.session.toStdString());
      if (images.empty()) {
        kept_[who] = {{nullptr, tr("%1 has no scan in this study").arg(who.person), true}, 0, ++clock_};
        none = true;
      } else {
        shop_->wishes.push_back({who, std::move(images), false});
      }
    }
    shop_->count();
  }
  shop_->wake.notify_all();
  const bool waiting = shop_->open > 0;
  if (!waiting) startBackground();
  if (waiting == state_.waiting && !none) return;
  state_.waiting = waiting;
  emit changed();
}

/// Everything that the workers have laid down.
void QcThumbnails::take() {
  std::vector<Shop::Made> made;
  {
    const std::lock_guard lock(shop_->mutex);
    made.swap(shop_->tray);
  }
  for (Shop::Made& m : made) {
    if (!same_files(m.images, index_->find(m.who.person.toStdString(), m.who.session.toStdString()))) continue;
    Kept& kept = kept_[m.who];
    bytes_ -= kept.bytes;
    kept.entry = std::move(m.entry);
    kept.bytes = kept.entry.pictures ? kept.entry.pictures->bytes() : 0;
    kept.used = ++clock_;
    bytes_ += kept.bytes;
  }
  shrink();
  state_.waiting = shop_->open > 0;
  if (!state_.waiting) startBackground();
  emit changed();
}

/// What is wanted stays; of the others the longest unused goes.
void QcThumbnails::shrink() {
  if (bytes_ <= kBytes) return;
  const std::set<Who> wanted(wanted_.begin(), wanted_.end());
  std::vector<std::pair<std::uint64_t, const Who*>> by_use;
  for (const auto& [who, kept] : kept_)
    if (kept.bytes > 0 && !wanted.contains(who)) by_use.emplace_back(kept.used, &who);
  std::sort(by_use.begin(), by_use.end());
  for (const auto& [used, who] : by_use) {
    if (bytes_ <= kBytes / 10 * 9) return;
    const auto at = kept_.find(*who);
    bytes_ -= at->second.bytes;
    kept_.erase(at);
  }
}

void QcThumbnails::wait() const {
  std::unique_lock lock(shop_->mutex);
  shop_->quiet.wait(lock, [this] { return shop_->open == 0; });
}

// ---- everybody else ------------------------------------------------------------------------------------------------

void QcThumbnails::prepare(const std::vector<Who>& people) {
  if (people == prepared_ || shop_->cache.dir().empty()) return;
  prepared_ = people;
  to_prepare_ = true;
  if (shop_->open == 0) startBackground();
}

void QcThumbnails::stopPreparing() {
  to_prepare_ = false;
  if (!state_.background) return;
  context_.jobs.cancel(job_);
  state_.background = false;
  state_.progress.clear();
}

void QcThumbnails::startBackground() {
  if (!to_prepare_) return;
  to_prepare_ = false;
  std::vector<review::SessionImages> people;
  for (const Who& who : prepared_) {
    auto images = index_->find(who.person.toStdString(), who.session.toStdString());
    if (!images.empty()) people.push_back(std::move(images));
  }
  if (people.empty()) return;
  state_.background = true;
  job_ = context_.jobs.start<int>(
      {.title = tr("Thumbnails"), .key = kJob},
      [people = std::move(people), shop = shop_](const Task& task) -> Result<int> {
        int failed = 0;
        // A thread of its own: it gives way to everybody, for good.
        std::thread([&] { failed = prepare_all(people, *shop, task); }).join();
        if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
        return failed;
      },
      this,
      [this](const Result<int>&) {
        state_.background = false;
        state_.progress.clear();
        emit changed();
      });
}

int QcThumbnails::prepare_all(const std::vector<review::SessionImages>& people, Shop& shop, const Task& task) {
  give_way(kNiceBackground);
  int failed = 0;
  for (std::size_t i = 0; i < people.size() && !task.cancelled(); ++i) {
    while (shop.open > 0 && !task.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    task.progress(static_cast<double>(i) / static_cast<double>(people.size()),
                  fmt::format("{} of {}", i, people.size()));
    const auto key = review::thumbnail_key(people[i]);
    if (key && shop.cache.has(*key)) continue;
    if (!key || !review::session_thumbnails(people[i], shop.cache, task)) ++failed;  // told by its own tile
  }
  return failed;
}

QString anchor_words(const render::Thumbnail& thumbnail) {
  switch (thumbnail.anchor) {
    case render::Anchor::mirrored: return QcThumbnails::tr("no label: mirrored place");
    case render::Anchor::atlas: return QcThumbnails::tr("no label: atlas place");
    case render::Anchor::head: return QcThumbnails::tr("no label: middle of head");
    case render::Anchor::label: break;
  }
  return {};
}

}  // namespace ipsi::ui
