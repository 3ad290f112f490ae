// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/patch.h"

#include <random>

#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

using ipsi::test::TemporaryDir;
using test::made;
using test::rows_of;

/// Puts, changes and removes of several tables; some regions more than once.
Request edits(std::mt19937& random, int n) {
  Request request{.author = "A", .kind = "edit", .summary = "", .changes = {}};
  const auto change = [&](Put row) {
    if (random() % 3 == 0)
      request.changes.emplace_back(Remove{std::move(row)});
    else
      request.put(std::move(row));
  };
  for (int i = 0; i < n; ++i) {
    const std::string person = fmt::format("sub-{:03}", 1 + random() % 40), region(kRegions[random() % 12].key);
    const std::string number = std::to_string(random() % 1000);
    change(Rating{person, "1", region, random() % 2 == 0 ? "A" : "B", static_cast<Flag>(random() % 4), number});
    change(Setting{"key." + std::to_string(random() % 50), number});
    change(Measurement{person, "1", region, "volume", random() % 2 == 0 ? "enigma_csv" : "other", 1.0 * i, "mm3", ""});
  }
  return request;
}

TEST(Patch, ASnapshotBroughtUpToDateEqualsOneReadAnew) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi", 40);
  ASSERT_OK(study);
  std::mt19937 random(3);
  Snapshot step_by_step = *study->snapshot(), far_behind = step_by_step, at_once = step_by_step;
  for (int i = 0; i < 40; ++i) {
    ASSERT_OK(study->apply(edits(random, i % 5 == 0 ? 60 : 2)));
    const auto acts = catch_up(step_by_step, *study);
    ASSERT_OK(acts);
    EXPECT_LE(acts->size(), 1U);
    ASSERT_EQ(rows_of(step_by_step), rows_of(*study->snapshot())) << i;
    EXPECT_EQ(step_by_step.last_act, *study->last_act());
  }
  const auto acts = catch_up(far_behind, *study);
  ASSERT_OK(acts);
  EXPECT_EQ(acts->size(), study->log(1)->size()) << "all that it did not know";
  EXPECT_EQ(rows_of(far_behind), rows_of(step_by_step));
  ASSERT_OK(apply_acts(at_once, *acts));
  EXPECT_EQ(rows_of(at_once), rows_of(step_by_step)) << "thousands at once";
  EXPECT_TRUE(catch_up(far_behind, *study)->empty());
}

}  // namespace
}  // namespace ipsi::study
