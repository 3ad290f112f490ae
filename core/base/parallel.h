// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/resource.h>
#include <algorithm>

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "core/base/task.h"

namespace ipsi {

/// Whether the threads take their share of the processors, or only what nobody else wants.
enum class Manners { equal, polite };

/// Run work(i) for i in [0, n) on `threads` threads (0 = processors). Work must only touch its own slot.
/// Returns false when the task was cancelled; some of the work was then not done.
template <class Work>
[[nodiscard]] bool parallel_for(std::size_t n, int threads, const Task& task, const std::string& what, Work work,
                                Manners manners = Manners::equal) {
  std::size_t count =
      threads > 0 ? static_cast<std::size_t>(threads) : std::max(1U, std::thread::hardware_concurrency());
  count = std::min(count, std::max<std::size_t>(n, 1));
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto loop = [&] {
    for (std::size_t i = next++; i < n && !task.cancelled(); i = next++) {
      work(i);
      const std::size_t finished = ++done;
      task.progress(static_cast<double>(finished) / static_cast<double>(n), what);
    }
  };
  std::vector<std::jthread> helpers;
  if (manners == Manners::polite) {
    for (std::size_t t = 0; t < count; ++t)
      helpers.emplace_back([&] {
        // On Linux a thread has a nice value of its own; what cannot be had changes nothing but the feel.
        [[maybe_unused]] const int refused = ::setpriority(PRIO_PROCESS, 0, 10);
        loop();
      });
  } else {
    for (std::size_t t = 1; t < count; ++t) helpers.emplace_back(loop);
    loop();
  }
  helpers.clear();  // joins
  return !task.cancelled();
}

}  // namespace ipsi
