// SPDX-License-Identifier: GPL-3.0-or-later
// Risk and overlap of many people: bench_risk STUDY.ipsi [people] [threads].
// The study's own label images and masks are linked again and again until there are as many people as asked for.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "core/image/compact.h"
#include "core/ingest/risk.h"
#include "core/study/scans.h"
#include "core/study/study.h"

namespace {
namespace fs = std::filesystem;
using namespace ipsi;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

double peak_mb() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_maxrss) / 1024.0;
}

/// The scans of the people who have them, given to everybody in turn.
void spread_scans(study::Snapshot& s, std::size_t people, const fs::path& file) {
  std::map<std::string, std::map<std::string, study::Scan>> owned;
  for (const auto& scan : s.scans) owned[scan.person][scan.kind] = scan;
  std::vector<study::Scan> scans;
  auto next = owned.begin();
  for (std::size_t i = 0; i < people && i < s.sessions.size() && !owned.empty(); ++i) {
    for (const char* kind : {"labels", "lesion"}) {
      const auto found = next->second.find(kind);
      if (found == next->second.end()) continue;
      study::Scan scan = found->second;
      scan.path = study::scan_file(scan, file).string();
      scan.person = s.sessions[i].person;
      scan.session = s.sessions[i].label;
      scans.push_back(std::move(scan));
    }
    if (++next == owned.end()) next = owned.begin();
  }
  s.scans = std::move(scans);
}

void stages(const study::Snapshot& s, const fs::path& file) {
  double read_labels = 0, read_mask = 0, shapes = 0, all = 0;
  int n = 0;
  for (std::size_t i = 0; i + 1 < s.scans.size() && n < 24; i += 2, ++n) {
    const double t0 = cpu();
    const auto labels = image::read_compact_labels(study::scan_file(s.scans[i], file), {});
    const double t1 = cpu();
    const auto mask = image::read_compact_mask(study::scan_file(s.scans[i + 1], file), {});
    const double t2 = cpu();
    if (!labels || !mask) continue;
    (void)ingest::region_shapes(*labels);
    const double t3 = cpu();
    (void)ingest::measure_image(*labels, &*mask);
    read_labels += t1 - t0;
    read_mask += t2 - t1;
    shapes += t3 - t2;
    all += cpu() - t3;
  }
  if (n > 0)
    std::printf("a person, cpu ms: labels %.1f, mask %.1f, shapes %.1f, all measures %.1f\n", 1e3 * read_labels / n,
                1e3 * read_mask / n, 1e3 * shapes / n, 1e3 * all / n);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::printf("bench_risk STUDY.ipsi [people] [threads]: no study given\n");
    return 0;
  }
  const fs::path file = fs::absolute(argv[1]);
  const auto people = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 828);
  const int threads = argc > 3 ? std::atoi(argv[3]) : 2;
  const auto study = study::Study::open(file, study::Access::read_only);
  if (!study) return std::printf("%s\n", to_line(study.error()).c_str()), 1;
  auto snapshot = study->snapshot();
  if (!snapshot) return std::printf("%s\n", to_line(snapshot.error()).c_str()), 1;
  spread_scans(*snapshot, people, file);
  stages(*snapshot, file);
  const double start = now(), start_cpu = cpu();
  const auto features = ingest::study_features(*snapshot, file, {threads, {}}, {});
  if (!features) return std::printf("%s\n", to_line(features.error()).c_str()), 1;
  const double wall = now() - start, used = cpu() - start_cpu;
  std::printf("%zu people, %d threads: %.1f s (%.1f s of processor), %.0f ms a person; peak %.0f MB\n",
              features->size(), threads, wall, used,
              1e3 * wall / static_cast<double>(std::max<std::size_t>(1, features->size())), peak_mb());
  const double before = now();
  const auto rows = ingest::assess_risk(*snapshot, *features);
  std::printf("judged %zu regions in %.2f s\n", rows.size(), now() - before);
  return 0;
}
