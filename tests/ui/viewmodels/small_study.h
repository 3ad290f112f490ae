// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/regions.h"
#include "core/study/study.h"
#include "tests/support/support.h"

namespace ipsi::test {

/// A study of `n` people (sub-01 ..) of two cohorts with volumes, without ratings; every third has a right lesion, the
/// others a left one; days after the stroke are 10, 60, 400, 10, ..
inline void make_small_study(const std::filesystem::path& path, int n = 9) {
  auto made = study::Study::create(path);
  ASSERT_OK(made);
  study::Request request{.author = "importer", .kind = "import", .summary = "people", .changes = {}};
  for (const char* cohort : {"A", "B"}) request.put(study::Cohort{cohort, cohort});
  for (int i = 1; i <= n; ++i) {
    const std::string id = fmt::format("sub-{:02}", i);
    request.put(study::Person{id, i % 2 == 0 ? "A" : "B", "patient", "female", i % 3 == 0 ? "right" : "left", ""});
    const double days = i % 3 == 1 ? 10 : i % 3 == 2 ? 60 : 400;
    request.put(study::Session{id, "1", 1, "", 60.0 + i, days});
    request.put(study::Scan{id, "1", "labels", "scans/" + id + ".mgz", "hash-of-" + id, 1, 1});
    for (const auto& region : kRegions)
      request.put(study::Measurement{id, "1", std::string(region.key), "volume", "aseg_stats",
                                     1000.0 * i + region.label, "mm3", ""});
  }
  ASSERT_OK(made->apply(request));
}

}  // namespace ipsi::test
