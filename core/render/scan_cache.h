// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "core/render/scan.h"

namespace ipsi::render {

/// Scans kept in memory around the one that is looked at, loaded ahead in the background.
///
/// A scan is known by the paths, sizes and times of its files, so a file that changed is read again. Two threads work:
/// one for what is looked at, one for what may come. All functions may be called from any thread.
class ScanCache {
 public:
  struct Options {
    std::size_t bytes = std::size_t(384) << 20;  ///< kept at most; the scan looked at is kept in any case
    std::size_t ahead = 3, back = 2;             ///< people loaded before they are asked for
  };
  using Loaded = Result<std::shared_ptr<const Scan>>;
  /// Called from a worker when the scan looked at has come: first, where labels take longer, with `whole == false`.
  /// An error is told once.
  using Listener = std::function<void(const ScanPaths& paths, const Loaded& scan)>;

  explicit ScanCache(Listener listener);  ///< with default options
  ScanCache(Options options, Listener listener);
  ~ScanCache();  ///< cancels what is under way and waits for it
  ScanCache(const ScanCache&) = delete;
  ScanCache& operator=(const ScanCache&) = delete;

  /// Look at `queue[current]` now; its neighbours in the queue are loaded after it. What is no longer wanted is
  /// cancelled. Returns the scan at once when it is in memory (the listener is not called then), else null.
  std::shared_ptr<const Scan> look_at(const std::vector<ScanPaths>& queue, std::size_t current);

  /// The scan when it is in memory, else null. Starts nothing.
  [[nodiscard]] std::shared_ptr<const Scan> find(const ScanPaths& paths) const;

  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::size_t count() const;
  void wait() const;  ///< until nothing is left to load
  void clear();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ipsi::render
