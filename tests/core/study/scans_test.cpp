// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/scans.h"

#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

TEST(Stale, RatingsOfALabelImageThatChangedAndTheirCarryOver) {
  ipsi::test::TemporaryDir dir;
  auto study = test::made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto scan = [](const std::string& person, const std::string& kind, const std::string& hash) {
    return Request{"importer", "rescan", "", {Put(Scan{person, "1", kind, "x.mgz", hash, 1, 1})}};
  };
  const auto rated = [](const std::string& person, const std::string& rater, Flag flag, const std::string& hash) {
    return Request{rater,
                   "rate",
                   "",
                   {Put(Rating{person, "1", "left_thalamus", rater, flag, "c", "2024-01-01T00:00:00.000Z", hash})}};
  };
  ASSERT_OK(study->apply(scan("sub-001", "labels", "old")));
  ASSERT_OK(study->apply(scan("sub-001", "t1", "t1")));
  ASSERT_OK(study->apply(scan("sub-002", "labels", "same")));
  ASSERT_OK(study->apply(rated("sub-001", "A", Flag::failed, "old")));
  ASSERT_OK(study->apply(rated("sub-001", "B", Flag::ok, "old")));
  ASSERT_OK(study->apply(rated("sub-001", "C", Flag::unrated, "old")));
  ASSERT_OK(study->apply(rated("sub-002", "A", Flag::ok, "same")));
  ASSERT_OK(study->apply(rated("sub-003", "A", Flag::ok, "")));  // rated from the table alone
  EXPECT_TRUE(stale_ratings(*study->snapshot()).empty());

  ASSERT_OK(study->apply(scan("sub-001", "t1", "t1 again")));
  EXPECT_TRUE(stale_ratings(*study->snapshot()).empty()) << "only the labels are rated";
  ASSERT_OK(study->apply(scan("sub-001", "labels", "new")));
  const auto stale = stale_ratings(*study->snapshot());
  ASSERT_EQ(stale.size(), 2U);
  EXPECT_EQ(stale[0].rater, "A");
  EXPECT_EQ(stale[1].rater, "B");

  const Request mine = carry_over(*study->snapshot(), "A", {"A"});
  EXPECT_EQ(mine.changes.size(), 1U);
  ASSERT_OK(study->apply(mine));
  const auto after = study->snapshot();
  ASSERT_EQ(stale_ratings(*after).size(), 1U);
  const Rating& carried = after->ratings.front();
  EXPECT_EQ(carried.rater, "A");
  EXPECT_EQ(carried.flag, Flag::failed);
  EXPECT_EQ(carried.time, "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(carried.scan_hash, "new");
  ASSERT_OK(study->undo("A", 1, {"carry_over"}));
  EXPECT_EQ(stale_ratings(*study->snapshot()).size(), 2U);
  ASSERT_OK(study->apply(carry_over(*study->snapshot(), "A")));
  EXPECT_TRUE(stale_ratings(*study->snapshot()).empty());
  EXPECT_TRUE(carry_over(*study->snapshot(), "A").changes.empty());
  EXPECT_TRUE(study->verify()->empty());
}

TEST(ScanFile, IsBelowTheStudyUnlessAbsolute) {
  EXPECT_EQ(scan_file({"p", "1", "labels", "subjects/p/a.mgz", "", 0, 0}, "/data/x.ipsi"), "/data/subjects/p/a.mgz");
  EXPECT_EQ(scan_file({"p", "1", "labels", "/abs/a.mgz", "", 0, 0}, "/data/x.ipsi"), "/abs/a.mgz");
}

}  // namespace
}  // namespace ipsi::study
