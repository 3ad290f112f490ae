// SPDX-License-Identifier: GPL-3.0-or-later
// The brain map at 174 mm and 300 dpi: what one figure costs in a fresh process, step by step, and again once the
// surfaces are made. Needs mricron-data; printed, never asserted.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <vector>

#include "core/report/brain_map.h"

namespace {

using namespace ipsi;
using Clock = std::chrono::steady_clock;

/// Processor time of all threads: what the work costs when others keep the machine busy.
double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Spread of a fixed piece of arithmetic: what the machine itself adds.
void print_noise() {
  double least = 1e9, most = 0;
  volatile double sink = 0;
  for (int run = 0; run < 15; ++run) {
    const auto start = Clock::now();
    double x = 0;
    for (int i = 1; i < 4000000; ++i) x += 1.0 / i;
    sink = sink + x;
    const double ms = ms_since(start);
    least = std::min(least, ms);
    most = std::max(most, ms);
  }
  std::printf("noise of the machine: the same arithmetic takes %.1f to %.1f ms\n", least, most);
}

report::MapValues values(int panels) {
  report::MapValues out;
  out.tested = true;
  out.column = "beta";
  for (int p = 0; p < panels; ++p) {
    report::MapPanel panel;
    panel.title = "Panel";
    for (std::size_t r = 0; r < kRegions.size(); ++r)
      panel.regions[r] = {-1.0 + 0.18 * static_cast<double>(r), 0.01, 200,
                          r % 4 == 0 ? render::Look::significant : render::Look::not_significant};
    out.panels.push_back(panel);
  }
  return out;
}

}  // namespace

int main() {
  print_noise();
  const auto begin = Clock::now();
  const auto head = brain::load_colin27(Task());
  if (!head) {
    std::printf("skipped: %s\n", to_line(head.error()).c_str());
    return 0;
  }
  std::printf("%-44s %7.0f ms\n", "Colin27 and its twelve regions", ms_since(begin));
  const auto surfaces = Clock::now();
  if (!render::head_model(*head, Task())) return 1;
  std::printf("%-44s %7.0f ms\n", "surfaces of regions and brain", ms_since(surfaces));
  for (const int panels : {1, 5})
    for (int run = 0; run < 3; ++run) {
      const auto start = Clock::now();
      const double cpu = cpu_ms();
      const auto map = report::draw_brain_map(values(panels), *head, {.width_mm = 174, .dpi = 300}, Task());
      if (!map) {
        std::printf("failed: %s\n", to_line(map.error()).c_str());
        return 1;
      }
      std::printf("figure 174 mm, 300 dpi, %d panel%s, run %d          %7.0f ms (cpu %.0f; %.0f kB)\n", panels,
                  panels == 1 ? " " : "s", run + 1, ms_since(start), cpu_ms() - cpu,
                  static_cast<double>(map->bytes.size()) / 1000.0);
      if (panels == 1 && run == 0)
        std::printf("%-44s %7.0f ms (cpu %.0f)  reach: < 3000 on software GL\n", "the first figure from nothing",
                    ms_since(begin), cpu_ms());
    }
  return 0;
}
