// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_thumbnails.h"

#include "tests/ui/qc/qc_support.h"

namespace ipsi::ui {
namespace {

using Who = QcThumbnails::Who;
const Who kFirst{"sub-01", "1"}, kSecond{"sub-02", "1"}, kThird{"sub-03", "1"};

struct Wall {
  test::QcStudy study{true};
  test::TemporaryDir cache;
  QcThumbnails thumbnails{study.context, nullptr, cache.path()};

  [[nodiscard]] bool come(const Who& who) {
    return test::wait_until([&] {
      const auto entry = thumbnails.find(who);
      return entry.pictures != nullptr || !entry.problem.isEmpty();
    });
  }
  [[nodiscard]] int files() const {
    int n = 0;
    for (const auto& file : std::filesystem::directory_iterator(cache.path()))
      n += file.path().extension() == ".thumbs";
    return n;
  }
};

TEST(QcThumbnails, WhoIsWantedComesAndIsKeptOnTheDisk) {
  Wall wall;
  EXPECT_EQ(wall.thumbnails.find(kFirst).pictures, nullptr);
  wall.thumbnails.want({kFirst, kThird});
  EXPECT_TRUE(wall.thumbnails.state().waiting);
  EXPECT_TRUE(wall.thumbnails.find(kThird).no_scan);  // told at once
  ASSERT_TRUE(wall.come(kFirst));
  const auto entry = wall.thumbnails.find(kFirst);
  ASSERT_NE(entry.pictures, nullptr) << entry.problem.toStdString();
  EXPECT_EQ(entry.pictures->of[4].anchor, render::Anchor::label);
  EXPECT_EQ(entry.pictures->of[5].anchor, render::Anchor::head);  // the phantom has the left putamen only
  EXPECT_FALSE(wall.thumbnails.state().waiting);
  EXPECT_EQ(wall.files(), 1);
  EXPECT_EQ(wall.thumbnails.find(kSecond).pictures, nullptr);
  // Another window takes them from there: equal, and nothing is made.
  QcThumbnails again(wall.study.context, nullptr, wall.cache.path());
  again.want({kFirst});
  ASSERT_TRUE(test::wait_until([&] { return again.find(kFirst).pictures != nullptr; }));
  EXPECT_EQ(*again.find(kFirst).pictures, *entry.pictures);
}

TEST(QcThumbnails, AScanThatCannotBeReadSaysWhyAndTheOthersGoOn) {
  Wall wall;
  const auto broken = wall.study.folder / "t1.nii.gz";
  std::filesystem::copy_file(broken, wall.study.folder / "good.nii.gz");
  test::spit(broken, "this is no image");
  study::Request request{.author = "importer", .kind = "import", .summary = "another file", .changes = {}};
  request.put(study::Scan{"sub-02", "1", "t1", "good.nii.gz", "hash of good", 1, 1});
  ASSERT_TRUE(wall.study.session.apply(request));
  wall.thumbnails.want({kFirst, kSecond});
  ASSERT_TRUE(wall.come(kFirst));
  ASSERT_TRUE(wall.come(kSecond));
  EXPECT_EQ(wall.thumbnails.find(kFirst).pictures, nullptr);
  EXPECT_TRUE(wall.thumbnails.find(kFirst).problem.contains("t1.nii.gz"));
  EXPECT_FALSE(wall.thumbnails.find(kFirst).no_scan);
  EXPECT_NE(wall.thumbnails.find(kSecond).pictures, nullptr) << wall.thumbnails.find(kSecond).problem.toStdString();
  EXPECT_EQ(wall.files(), 1);
}

TEST(QcThumbnails, ADamagedFileOfTheCacheIsMadeAgain) {
  Wall wall;
  wall.thumbnails.want({kFirst});
  ASSERT_TRUE(wall.come(kFirst));
  const auto made = *wall.thumbnails.find(kFirst).pictures;
  for (const auto& file : std::filesystem::directory_iterator(wall.cache.path())) test::spit(file.path(), "rubbish");
  QcThumbnails again(wall.study.context, nullptr, wall.cache.path());
  again.want({kFirst});
  ASSERT_TRUE(test::wait_until([&] { return again.find(kFirst).pictures != nullptr; }));
  EXPECT_EQ(*again.find(kFirst).pictures, made);
}

TEST(QcThumbnails, EverybodyElseIsPreparedOnTheDiskOnly) {
  Wall wall;
  wall.thumbnails.prepare({kFirst, kSecond, kThird});
  EXPECT_TRUE(wall.thumbnails.state().background);
  ASSERT_TRUE(test::wait_until([&] { return !wall.thumbnails.state().background; }));
  EXPECT_EQ(wall.files(), 1);  // both have the same images
  EXPECT_EQ(wall.thumbnails.bytes(), 0U);
  wall.thumbnails.prepare({kFirst, kSecond, kThird});  // nothing new
  EXPECT_FALSE(wall.thumbnails.state().background);
}

TEST(QcThumbnails, PreparingStopsAndTheWindowWorksOn) {
  Wall wall;
  wall.thumbnails.prepare({kFirst, kSecond});
  wall.thumbnails.stopPreparing();
  EXPECT_FALSE(wall.thumbnails.state().background);
  ASSERT_TRUE(test::wait_until([&] { return wall.study.jobs.idle(); }));
  wall.thumbnails.want({kSecond});
  ASSERT_TRUE(wall.come(kSecond));
}

TEST(QcThumbnails, AnotherStudyForgetsAllOfIt) {
  Wall wall;
  wall.thumbnails.want({kFirst, kSecond});
  ASSERT_TRUE(wall.come(kFirst));
  wall.study.session.close();
  EXPECT_EQ(wall.thumbnails.find(kFirst).pictures, nullptr);
  EXPECT_EQ(wall.thumbnails.bytes(), 0U);
  wall.thumbnails.want({kFirst});  // of no study
  EXPECT_TRUE(wall.thumbnails.find(kFirst).no_scan);
}

}  // namespace
}  // namespace ipsi::ui
