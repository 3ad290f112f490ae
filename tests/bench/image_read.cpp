// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/image/geometry.h"
#include "core/image/io.h"

// Reading a 256^3 .mgz (issue: < 100 ms) beside zlib inflating the same bytes in the same run.

namespace {

namespace fs = std::filesystem;
using namespace ipsi;

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Processor time of this process: what the work costs when others keep the machine busy.
double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// Median, and the spread of the middle half as the machine's noise.
void report(const char* what, const std::function<bool()>& work) {
  constexpr int kRuns = 21;
  std::vector<double> times;
  std::vector<double> cpu;
  for (int run = 0; run < kRuns; ++run) {
    const double start = now_ms();
    const double start_cpu = cpu_ms();
    if (!work()) {
      std::printf("%-40s failed\n", what);
      return;
    }
    times.push_back(now_ms() - start);
    cpu.push_back(cpu_ms() - start_cpu);
  }
  std::sort(times.begin(), times.end());
  std::sort(cpu.begin(), cpu.end());
  std::printf("%-40s median %6.1f ms (cpu %6.1f)  fastest %6.1f  middle half %.1f-%.1f\n", what, times[kRuns / 2],
              cpu[kRuns / 2], times[0], times[kRuns / 4], times[3 * kRuns / 4]);
}

bool zlib_inflate(const std::string& compressed, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return status == Z_STREAM_END;
}

/// A head-like volume: smooth intensities with noise inside a ball, 0 outside.
image::Volume synthetic() {
  image::Volume v;
  v.grid.size = {256, 256, 256};
  v.stored = image::Stored::uint8;
  unsigned state = 1;
  for (int k = 0; k < 256; ++k)
    for (int j = 0; j < 256; ++j)
      for (int i = 0; i < 256; ++i) {
        const int r = (i - 128) * (i - 128) + (j - 128) * (j - 128) + (k - 128) * (k - 128);
        state = state * 1664525U + 1013904223U;
        v.values.push_back(r < 100 * 100 ? static_cast<float>(60 + r / 100 + static_cast<int>(state >> 29)) : 0.0F);
      }
  return v;
}

void measure(const fs::path& path) {
  const auto compressed = read_file(path);
  const auto volume = image::read_volume(path);
  if (!compressed || !volume) {
    std::printf("%s: cannot be read\n", path.c_str());
    return;
  }
  std::printf("%s, %s, %.1f MB compressed\n", path.filename().c_str(), image::to_string(volume->stored).c_str(),
              static_cast<double>(compressed->size()) / 1e6);
  std::string room(volume->values.size() * 8 + 100000, '\0');
  report("  zlib inflate alone, into warm memory", [&] { return zlib_inflate(*compressed, room); });
  report("  read_volume", [&] { return image::read_volume(path).has_value(); });
  report("  read_labels", [&] { return image::read_labels(path).has_value(); });
  const auto labels = image::read_labels(path);
  if (!labels) return;
  const image::Grid ras = image::to_ras(*labels).grid;
  report("  to_ras", [&] { return image::to_ras(*labels).values.size() == labels->values.size(); });
  report("  resample, nearest", [&] { return !image::resample(*labels, ras).values.empty(); });
  report("  resample, linear", [&] { return !image::resample(*volume, ras).values.empty(); });
  report("  label_stats", [&] { return image::label_stats(*labels, &*volume).has_value(); });
}

}  // namespace

int main() {
  const fs::path real = fs::path(IPSI_SHARED_DIR) / "data/freesurfer_subject/mri";
  if (fs::exists(real / "orig.mgz")) {
    measure(real / "orig.mgz");
    measure(real / "aparc+aseg.mgz");
  }
  const fs::path made = fs::temp_directory_path() / ("ipsi-bench-" + std::to_string(::getpid()) + ".mgz");
  if (image::write_volume(synthetic(), made)) measure(made);
  std::error_code ignored;
  fs::remove(made, ignored);
  return 0;
}
