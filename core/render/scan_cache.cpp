// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/scan_cache.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace ipsi::render {
namespace fs = std::filesystem;
namespace {

/// Paths, sizes and times: two asks with the same key get the same scan.
std::string key_of(const ScanPaths& paths) {
  std::string key;
  for (const fs::path* path : {&paths.t1, &paths.labels, &paths.lesion}) {
    std::error_code ec;
    key += path->string();
    if (!path->empty()) {
      const auto size = fs::file_size(*path, ec);
      const auto time = fs::last_write_time(*path, ec);
      key += fmt::format("\n{} {}", ec ? 0 : size, ec ? 0 : time.time_since_epoch().count());
    }
    key += '\n';
  }
  return key;
}

}  // namespace

struct ScanCache::Impl {
  struct Wish {
    ScanPaths paths;
    std::string key;
  };
  struct Kept {
    std::shared_ptr<const Scan> scan;
    std::size_t bytes = 0;
    std::uint64_t used = 0;  ///< larger: later
  };
  struct Running {
    std::string key;
    Task task;
  };

  Options options;
  Listener listener;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<Wish> wishes;  ///< the first is looked at, the others follow by importance
  std::map<std::string, Kept> kept;
  std::set<std::string> failed;                   ///< of the present wishes; asked again by look_at
  std::array<std::optional<Running>, 2> running;  ///< 0: looked at, 1: ahead
  std::size_t bytes = 0, largest = 0;
  std::uint64_t clock = 0;
  bool stopping = false;
  std::array<std::thread, 2> workers;

  [[nodiscard]] bool known(const std::string& key) const { return kept.count(key) > 0 || failed.count(key) > 0; }
  [[nodiscard]] bool under_way(const std::string& key) const {
    return std::any_of(running.begin(), running.end(), [&](const auto& r) { return r && r->key == key; });
  }

  /// What a worker should load now; nullopt when there is nothing.
  [[nodiscard]] std::optional<Wish> next(std::size_t lane) const {
    if (wishes.empty()) return std::nullopt;
    if (lane == 0) {
      const Wish& first = wishes.front();
      if (known(first.key) || under_way(first.key)) return std::nullopt;
      return first;
    }
    // Ahead only once what is looked at has come, and as far as there is room without dropping other wishes.
    if (!known(wishes.front().key)) return std::nullopt;
    std::size_t wanted = 0;
    for (const Wish& wish : wishes)
      if (const auto it = kept.find(wish.key); it != kept.end()) wanted += it->second.bytes;
    for (const Wish& wish : wishes)
      if (!known(wish.key) && !under_way(wish.key))
        return wanted + largest <= options.bytes ? std::optional(wish) : std::nullopt;
    return std::nullopt;
  }

  [[nodiscard]] bool idle() const { return !running[0] && !running[1] && !next(0) && !next(1); }

  /// Drop scans until they fit: first those nobody wishes, the longest unused first; then the last wishes.
  void shrink() {
    const auto rank = [&](const std::string& key) {
      for (std::size_t i = 0; i < wishes.size(); ++i)
        if (wishes[i].key == key) return i;
      return wishes.size();
    };
    while (bytes > options.bytes && !kept.empty()) {
      auto worst = kept.end();
      for (auto it = kept.begin(); it != kept.end(); ++it) {
        const std::size_t r = rank(it->first);
        if (r == 0) continue;
        if (worst == kept.end() || r > rank(worst->first) ||
            (r == rank(worst->first) && it->second.used < worst->second.used))
          worst = it;
      }
      if (worst == kept.end()) return;
      bytes -= worst->second.bytes;
      kept.erase(worst);
    }
  }

  void keep(const std::string& key, const std::shared_ptr<const Scan>& scan) {
    Kept& entry = kept[key];
    bytes -= entry.bytes;
    entry = {scan, scan->bytes(), ++clock};
    bytes += entry.bytes;
    largest = std::max(largest, entry.bytes);
    shrink();
  }

  void tell(const std::string& key, const ScanPaths& paths, const Loaded& result) {
    {
      const std::lock_guard lock(mutex);
      if (stopping || wishes.empty() || wishes.front().key != key) return;
    }
    if (listener) listener(paths, result);
  }

  void work(std::size_t lane) {
    std::unique_lock lock(mutex);
    while (true) {
      std::optional<Wish> wish;
      changed.wait(lock, [&] { return stopping || (wish = next(lane)).has_value(); });
      if (stopping) return;
      running[lane] = Running{wish->key, Task()};
      const Task task = running[lane]->task;
      lock.unlock();
      const Loaded result = load_scan(wish->paths, task, [&](std::shared_ptr<const Scan> early) {
        if (!task.cancelled()) tell(wish->key, wish->paths, Loaded(std::move(early)));
      });
      lock.lock();
      const bool cancelled = task.cancelled();
      if (result)
        keep(wish->key, *result);
      else if (!cancelled)
        failed.insert(wish->key);
      lock.unlock();
      if (!cancelled || result) tell(wish->key, wish->paths, result);
      lock.lock();
      running[lane].reset();  // only now: `wait` returns after the listener heard
      changed.notify_all();
    }
  }
};

ScanCache::ScanCache(Listener listener) : ScanCache(Options{}, std::move(listener)) {}

ScanCache::ScanCache(Options options, Listener listener) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  impl_->listener = std::move(listener);
  for (std::size_t lane = 0; lane < impl_->workers.size(); ++lane)
    impl_->workers[lane] = std::thread([this, lane] { impl_->work(lane); });
}

ScanCache::~ScanCache() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (auto& r : impl_->running)
      if (r) r->task.cancel();
  }
  impl_->changed.notify_all();
  for (std::thread& worker : impl_->workers) worker.join();
}

std::shared_ptr<const Scan> ScanCache::look_at(const std::vector<ScanPaths>& queue, std::size_t current) {
  std::vector<Impl::Wish> wishes;
  if (current < queue.size()) {
    const auto add = [&](std::size_t i) { wishes.push_back({queue[i], key_of(queue[i])}); };
    add(current);
    for (std::size_t d = 1; d <= std::max(impl_->options.ahead, impl_->options.back); ++d) {
      if (d <= impl_->options.ahead && current + d < queue.size()) add(current + d);
      if (d <= impl_->options.back && d <= current) add(current - d);
    }
  }
  const std::lock_guard lock(impl_->mutex);
  impl_->wishes = std::move(wishes);
  impl_->failed.clear();
  for (auto& r : impl_->running) {
    if (!r) continue;
    const bool wanted =
        std::any_of(impl_->wishes.begin(), impl_->wishes.end(), [&](const Impl::Wish& w) { return w.key == r->key; });
    if (!wanted) r->task.cancel();
  }
  std::shared_ptr<const Scan> found;
  if (!impl_->wishes.empty())
    if (const auto it = impl_->kept.find(impl_->wishes.front().key); it != impl_->kept.end()) {
      it->second.used = ++impl_->clock;
      found = it->second.scan;
    }
  impl_->shrink();
  impl_->changed.notify_all();
  return found;
}

std::shared_ptr<const Scan> ScanCache::find(const ScanPaths& paths) const {
  const std::string key = key_of(paths);
  const std::lock_guard lock(impl_->mutex);
  const auto it = impl_->kept.find(key);
  return it == impl_->kept.end() ? nullptr : it->second.scan;
}

std::size_t ScanCache::bytes() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->bytes;
}

std::size_t ScanCache::count() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->kept.size();
}

void ScanCache::wait() const {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->idle(); });
}

void ScanCache::clear() {
  const std::lock_guard lock(impl_->mutex);
  impl_->wishes.clear();
  impl_->failed.clear();
  impl_->kept.clear();
  impl_->bytes = 0;
  for (auto& r : impl_->running)
    if (r) r->task.cancel();
  impl_->changed.notify_all();
}

}  // namespace ipsi::render
