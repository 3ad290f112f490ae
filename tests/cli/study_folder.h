// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/regions.h"
#include "core/study/study.h"
#include "tests/support/support.h"

namespace ipsi::test {

/// A folder with `s.ipsi`: six patients (odd: lesion right, even: left; sub-006 bilateral) in two cohorts and a
/// control.
class StudyFolder {
 public:
  StudyFolder() {
    using namespace ipsi::study;
    auto study = Study::create(file());
    Request request{"importer", "import", "six patients and a control", {}};
    for (const char* cohort : {"c1", "c2"}) request.put(Cohort{cohort, ""});
    for (int i = 1; i <= 7; ++i) {
      const std::string id = fmt::format("sub-{:03}", i);
      const char* side = i == 7 ? "none" : i == 6 ? "bilateral" : i % 2 == 0 ? "left" : "right";
      request.put(Person{id, i % 2 == 0 ? "c2" : "c1", i == 7 ? "control" : "patient", i % 2 == 0 ? "female" : "male",
                         side, ""});
      request.put(Session{id, "1", 1, "", 50.5 + i, i == 7 ? kMissing : 40.0 * i});
      request.put(Measurement{id, "1", "head", "icv", "enigma_csv", 1.4e6 + i, "mm3", ""});
      for (const auto& region : kRegions)
        request.put(Measurement{id, "1", std::string(region.key), "volume", "enigma_csv", 1000.25 + i + region.label,
                                "mm3", ""});
      if (i < 7) request.put(Score{id, "1", "FMA-UE", 10.0 * i, 0, 66, "high", 10.0 * i / 66.0, ""});
    }
    request.put(Session{"sub-001", "2", 2, "", 52.5, 400});
    request.put(Exclusion{"sub-006", "no_side", "the lesion is bilateral"});
    request.put(Exclusion{"sub-007", "control", "a control"});
    if (!study || !study->apply(request)) std::abort();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return dir_.path(); }
  [[nodiscard]] std::filesystem::path file() const { return dir_ / "s.ipsi"; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return dir_ / name; }

 private:
  TemporaryDir dir_;
};

}  // namespace ipsi::test
