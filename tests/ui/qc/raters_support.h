// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/rating_files.h"
#include "core/table/delimited.h"
#include "tests/ui/qc/qc_support.h"

namespace ipsi::test {

/// What a rater says of a region of a person (1 ..).
using Says = std::function<study::Flag(int person, const Region& region)>;

/// A study of nine people that raters have looked at, and its lesion volumes: person i has i mL.
struct RatedStudy : QcStudy {
  RatedStudy() {
    study::Request request{.author = "importer", .kind = "import", .summary = "lesions", .changes = {}};
    for (int i = 1; i <= 9; ++i)
      request.put(study::Measurement{id(i), "1", "lesion", "volume", "mask", 1000.0 * i, "mm3", ""});
    EXPECT_TRUE(session.apply(std::move(request)));
  }
  static std::string id(int person) { return fmt::format("sub-{:02}", person); }
  void say(const std::string& rater, const Says& says, int people = 9) {
    study::Request request{.author = rater, .kind = "rate", .summary = "flags", .changes = {}};
    for (int i = 1; i <= people; ++i)
      for (const auto& region : kRegions)
        if (const auto flag = says(i, region); flag != study::Flag::unrated)
          request.put(study::Rating{id(i), "1", std::string(region.key), rater, flag, "", "", ""});
    EXPECT_TRUE(session.apply(std::move(request)));
  }
  /// A lets everything pass; B takes the left putamen of people 7, 8 and 9 out.
  void two_raters() {
    say("A", [](int, const Region&) { return study::Flag::ok; });
    say("B", [](int person, const Region& region) {
      return person > 6 && region.key == "left_putamen" ? study::Flag::lesioned : study::Flag::ok;
    });
  }
  /// One name that two files used: the newer word is `lesioned`, the older `ok`.
  void a_conflict() {
    const auto sheet = [](const char* flag, const char* time) {
      return fmt::format("subject\tregion\tflag\trater\ttime\nsub-01\tleft_caudate\t{}\tC\t{}\n", flag, time);
    };
    for (const auto& text : {sheet("ok", "2024-05-01T10:00:00Z"), sheet("lesioned", "2024-05-02T10:00:00Z")}) {
      const auto snapshot = session.snapshot();
      const auto file = study::read_ratings(*table::parse_delimited(text, "c.tsv"), *snapshot, "C");
      ASSERT_OK(file);
      ASSERT_TRUE(session.apply(study::merge_ratings(*file, *snapshot, "importer").request));
    }
  }
};

}  // namespace ipsi::test
