// SPDX-License-Identifier: GPL-3.0-or-later
// The published batch of 84 models with LRT and VIF, from the study file to results.csv (budget: 100 ms).
//   bench_batch [STUDY.ipsi] [repeats]     without a study: the demo study of 828 patients is made first

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "core/base/files.h"
#include "core/demo/demo.h"
#include "core/engine/batch.h"
#include "core/study/study.h"
#include "core/table/delimited.h"

namespace {

using namespace ipsi;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// CPU time of the whole process, all threads: what other programs on the machine do not lengthen.
double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

struct Times {
  std::vector<double> open, compute, write, all, cpu_open, cpu_compute, cpu;
};

void print(const char* what, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double f) { return ms[static_cast<std::size_t>(f * static_cast<double>(ms.size() - 1))]; };
  std::printf("  %-34s median %7.1f ms   fastest %7.1f   quartiles %.1f to %.1f\n", what, at(0.5), ms.front(), at(0.25),
              at(0.75));
}

bool once(const fs::path& study, const fs::path& out, int threads, Times& times) {
  const auto start = Clock::now();
  const double cpu = cpu_ms();
  const auto opened = study::Study::open(study, study::Access::read_only);
  if (!opened) return false;
  const auto snapshot = opened->snapshot();
  if (!snapshot) return false;
  times.open.push_back(ms_since(start));
  const double cpu_open = cpu_ms();
  times.cpu_open.push_back(cpu_open - cpu);
  const auto computing = Clock::now();
  const auto result = engine::run_batch(*snapshot, engine::published_analyses(), {.threads = threads}, Task());
  if (!result) {
    std::fprintf(stderr, "%s\n", to_line(result.error()).c_str());
    return false;
  }
  times.compute.push_back(ms_since(computing));
  times.cpu_compute.push_back(cpu_ms() - cpu_open);
  const auto writing = Clock::now();
  if (!write_file(out, table::to_delimited(result->tables[0].table))) return false;
  times.write.push_back(ms_since(writing));
  times.all.push_back(ms_since(start));
  times.cpu.push_back(cpu_ms() - cpu);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path scratch = fs::temp_directory_path() / ("ipsi_batch_bench." + std::to_string(::getpid()));
  fs::create_directories(scratch);
  fs::path study = argc > 1 ? argv[1] : "";
  const int repeats = argc > 2 ? std::max(1, std::atoi(argv[2])) : 31;
  if (study.empty()) {
    const auto made = demo::make_demo(scratch / "demo", {.images = 0}, Task());
    if (!made) {
      std::fprintf(stderr, "%s\n", to_line(made.error()).c_str());
      return 1;
    }
    study = made->study;
  }
  int status = 0;
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  for (const int threads : {1, processors}) {
    Times times;
    for (int i = 0; i < repeats && status == 0; ++i)
      status = once(study, scratch / "results.csv", threads, times) ? 0 : 1;
    if (status != 0) break;
    std::printf("published batch, 84 models, %d thread%s, %d repeats (budget 100 ms)\n", threads,
                threads == 1 ? "" : "s", repeats);
    print("study file -> snapshot", times.open);
    print("snapshot -> tables, 84 models", times.compute);
    print("results.csv on disk", times.write);
    print("study file -> results.csv", times.all);
    print("CPU: study file -> snapshot", times.cpu_open);
    print("CPU: snapshot -> tables", times.cpu_compute);
    print("CPU: all", times.cpu);
  }
  std::error_code ec;
  fs::remove_all(scratch, ec);
  return status;
}
