// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "tests/ui/qc/qc_support.h"

namespace ipsi::test {

/// Fifteen patients, all regions rated ok but two, with intracranial and lesion volumes; two with images.
/// sub-01 has three sessions (days 10, 60, 400) with scores, sub-02 one, sub-03 none.
struct ExploreStudy : QcStudy {
  static constexpr int kPeople = 15;

  explicit ExploreStudy(bool images = false, bool open = true) : QcStudy(images, false) {
    fill();
    if (open) {
      EXPECT_TRUE(session.open(folder / "small.ipsi"));
    }
  }

  void fill() {
    auto study = study::Study::open(folder / "small.ipsi", study::Access::read_write);
    ASSERT_OK(study);
    study::Request request{.author = "importer", .kind = "import", .summary = "more", .changes = {}};
    for (int i = 1; i <= kPeople; ++i) {
      const std::string id = fmt::format("sub-{:02}", i);
      request.put(study::Person{id, i % 2 == 0 ? "A" : "B", "patient", i % 2 == 0 ? "male" : "female",
                                i % 3 == 0 ? "right" : "left", ""});
      const double days = i % 3 == 1 ? 10 : i % 3 == 2 ? 60 : 400;
      request.put(study::Session{id, "1", 1, "", 60.0 + i, days});
      const double head = 1.4e6 + 1e4 * ((7 * i) % 11);
      request.put(study::Measurement{id, "1", "head", "icv", "aseg_stats", head, "mm3", ""});
      if (i != 4) request.put(study::Measurement{id, "1", "lesion", "volume", "table", 500.0 * i * i, "mm3", ""});
      for (const auto& region : kRegions) {
        request.put(study::Measurement{id, "1", std::string(region.key), "volume", "aseg_stats",
                                       0.004 * head + 100.0 * ((5 * i) % 7) + region.label, "mm3", ""});
        study::Rating rating;
        rating.person = id;
        rating.session = "1";
        rating.region = std::string(region.key);
        rating.rater = "A";
        rating.flag = i == 5 && region.label == 12   ? study::Flag::lesioned
                      : i == 6 && region.label == 12 ? study::Flag::failed
                                                     : study::Flag::ok;
        request.put(rating);
      }
      if (i != 3) score(request, id, "1", "FMA-UE", 6.0 + 3 * i, 66);
    }
    request.put(study::Session{"sub-01", "2", 2, "", 61.2, 60});
    request.put(study::Session{"sub-01", "3", 3, "", 62.1, 400});
    request.put(study::Measurement{"sub-01", "2", "left_thalamus", "volume", "aseg_stats", 7777.0, "mm3", ""});
    request.put(study::Measurement{"sub-01", "2", "head", "icv", "aseg_stats", 1.45e6, "mm3", ""});
    score(request, "sub-01", "2", "FMA-UE", 30, 66);
    score(request, "sub-01", "2", "ARAT", 20, 57);
    score(request, "sub-01", "3", "FMA-UE", 47, 66);
    ASSERT_OK(study->apply(request));
  }
  static void score(study::Request& request, const std::string& id, const char* session, const char* test, double raw,
                    double max) {
    request.put(study::Score{id, session, test, raw, 0.0, max, "high", raw / max, ""});
  }
};

inline int region_index(const char* key) {
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (kRegions[r].key == key) return static_cast<int>(r);
  return -1;
}

}  // namespace ipsi::test
