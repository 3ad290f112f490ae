// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_model.h"

#include <QSignalSpy>
#include <cmath>

#include "core/ingest/risk.h"
#include "tests/ui/qc/qc_support.h"

namespace ipsi::ui {
namespace {

int index_of(const char* key) {
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (kRegions[r].key == key) return static_cast<int>(r);
  return -1;
}

TEST(QcModel, AdvancesToTheNextRegionThenToTheNextPerson) {
  test::QcStudy study;
  QcModel model(study.context);
  ASSERT_NE(model.person(), nullptr);
  EXPECT_EQ(model.person()->id, "sub-01");
  EXPECT_EQ(model.state().region, index_of("left_thalamus"));  // left lesion: ipsilesional first
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(model.person()->id, "sub-01");
    EXPECT_EQ(model.state().region, model.state().order[static_cast<std::size_t>(i)]);
    model.flag(i == 4 ? QcFlag::lesioned : QcFlag::ok);
    EXPECT_EQ(study.on_disk().size(), static_cast<std::size_t>(i + 1));  // on disk when it returns
  }
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().queue[0].rated, 12);
  EXPECT_EQ(model.state().left, 8);
  EXPECT_EQ(study.session.person(), "sub-02");
  int lesioned = 0;
  for (const auto& rating : study.on_disk()) lesioned += rating.flag == study::Flag::lesioned ? 1 : 0;
  EXPECT_EQ(lesioned, 1);
}

TEST(QcModel, TheIpsilesionalSideComesFirst) {
  test::QcStudy study;
  QcModel model(study.context);
  model.choosePerson(2);  // sub-03: right lesion
  EXPECT_EQ(model.state().columns[0], "Ipsilesional (R)");
  EXPECT_EQ(model.state().order[0], index_of("right_thalamus"));
  EXPECT_EQ(model.state().order[1], index_of("left_thalamus"));
  EXPECT_EQ(model.state().region, index_of("right_thalamus"));
  model.choosePair(2);
  EXPECT_EQ(model.state().region, index_of("right_putamen"));
  model.otherSide();
  EXPECT_EQ(model.state().region, index_of("left_putamen"));
  EXPECT_EQ(study.session.region(), "left_putamen");
}

TEST(QcModel, UndoGoesBackAcrossPeopleAtAnyDepth) {
  test::QcStudy study;
  QcModel model(study.context);
  model.flag(QcFlag::failed);
  model.nextPerson();
  model.chooseRegion(index_of("right_putamen"));
  model.flag(QcFlag::lesioned);
  model.choosePerson(5);
  model.undo();
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().region, index_of("right_putamen"));
  EXPECT_EQ(model.state().tiles[static_cast<std::size_t>(index_of("right_putamen"))].flag, QcFlag::unrated);
  model.undo();
  EXPECT_EQ(model.person()->id, "sub-01");
  EXPECT_EQ(model.state().rated, 0);
  EXPECT_FALSE(model.state().can_undo);
  model.undo();  // nothing left: says so, changes nothing
  EXPECT_EQ(model.state().last, "Nothing to undo");
  model.redo();
  EXPECT_EQ(model.state().tiles[0].flag, QcFlag::failed);
  model.redo();
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().tiles[static_cast<std::size_t>(index_of("right_putamen"))].flag, QcFlag::lesioned);
}

TEST(QcModel, SpaceNeverOverridesAFlagAndSaysHowMany) {
  test::QcStudy study(true);
  QcModel model(study.context);
  model.setSuggest(QcSuggest::never);  // most labels of these images are missing
  ASSERT_TRUE(test::wait_until([&] { return model.state().scan && model.state().scan->whole; }));
  for (int region = 0; region < 9; ++region) {
    model.chooseRegion(region);
    model.flag(region == 3 ? QcFlag::failed : QcFlag::lesioned);
  }
  model.chooseRegion(10);  // 9 and 11 lie in the pictures of 8 and 10
  model.acceptRest();
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().last, "sub-01: 3 set to ok");
  int ok = 0, lesioned = 0, failed = 0;
  for (const auto& rating : study.on_disk()) {
    ok += rating.flag == study::Flag::ok ? 1 : 0;
    lesioned += rating.flag == study::Flag::lesioned ? 1 : 0;
    failed += rating.flag == study::Flag::failed ? 1 : 0;
  }
  EXPECT_EQ(ok, 3);
  EXPECT_EQ(lesioned, 8);
  EXPECT_EQ(failed, 1);
  model.undo();  // all three at once
  EXPECT_EQ(model.person()->id, "sub-01");
  EXPECT_EQ(model.state().rated, 9);
}

TEST(QcModel, WhatWasNotShownIsAcceptedOnlyWhenAskedTwice) {
  test::QcStudy study;
  QcModel model(study.context);
  EXPECT_FALSE(model.state().message.isEmpty());  // no scan, in words
  model.acceptRest();
  EXPECT_EQ(model.person()->id, "sub-01");
  EXPECT_TRUE(study.on_disk().empty());
  model.acceptRest();
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(study.on_disk().size(), 12U);
  model.acceptRest();  // asked once a session
  EXPECT_EQ(study.on_disk().size(), 24U);
}

TEST(QcModel, ACorrectionStaysWhereItIs) {
  test::QcStudy study;
  QcModel model(study.context);
  model.acceptRest();
  model.acceptRest();
  model.previousPerson();
  model.chooseRegion(6);
  model.flag(QcFlag::lesioned);
  EXPECT_EQ(model.person()->id, "sub-01");
  EXPECT_EQ(model.state().region, 6);
  EXPECT_EQ(model.state().tiles[6].flag, QcFlag::lesioned);
}

TEST(QcModel, TheUnratedFilterSkipsWhoIsDone) {
  test::QcStudy study;
  QcModel model(study.context);
  model.choosePerson(1);
  model.acceptRest();
  model.acceptRest();
  EXPECT_EQ(model.person()->id, "sub-03");
  model.choosePerson(0);
  model.setFilter(QcFilter::unrated);
  EXPECT_EQ(model.state().queue.size(), 8U);
  EXPECT_EQ(model.person()->id, "sub-01");
  model.nextPerson();
  EXPECT_EQ(model.person()->id, "sub-03");
  study.session.select("sub-02", "right_caudate");  // from another workspace: shown all the same
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().region, index_of("right_caudate"));
  study.session.setSubset("early");  // 10 days: sub-01, -04, -07
  EXPECT_EQ(model.state().queue.size(), 3U);
}

TEST(QcModel, NumbersOfARegionAreThoseOfTheStudy) {
  test::QcStudy study;
  QcModel model(study.context);
  // Volumes are 1000 i + label; label 12 left and 51 right putamen.
  const auto& tile = model.state().tiles[4];
  EXPECT_DOUBLE_EQ(tile.numbers.volume, 1012.0);
  EXPECT_DOUBLE_EQ(tile.numbers.asymmetry, (1012.0 - 1051.0) / (1012.0 + 1051.0));
  EXPECT_TRUE(std::isnan(tile.numbers.z));
  EXPECT_TRUE(std::isnan(tile.overlap));
}

TEST(QcModel, ZIsTheOneThatRiskIsMadeOf) {
  test::QcStudy study;  // nine people are too few
  auto snapshot = *study.session.snapshot();
  for (int i = 10; i <= 40; ++i) {
    const std::string id = fmt::format("sub-{}", i);
    snapshot.people.push_back({id, snapshot.people[0].cohort, i == 40 ? "control" : "patient", "female", "left", ""});
    snapshot.sessions.push_back({id, "1", 1, "", 40.0 + i, 200.0});
    const double head = 1.4e6 + 7000.0 * (i % 11);
    snapshot.measurements.push_back({id, "1", "head", "icv", "aseg_stats", head, "mm3", ""});
    snapshot.measurements.push_back(
        {id, "1", "left_caudate", "volume", "aseg_stats", 0.002 * head - 5.0 * i + 90.0 * (i % 7), "mm3", ""});
  }
  const auto table = study::analysis_table(snapshot);
  ASSERT_OK(table);
  const auto norms = region_norms(*table);
  int compared = 0;
  for (const auto& risk : ingest::assess_risk(snapshot, {})) {
    if (risk.region != 2 || risk.person < "sub-10") continue;
    const auto& subjects = table->find("subject")->texts;
    const auto row =
        static_cast<std::size_t>(std::find(subjects.begin(), subjects.end(), risk.person) - subjects.begin());
    const auto numbers = qc_numbers(*table, row, norms)[2];
    EXPECT_DOUBLE_EQ(numbers.z, risk.z) << risk.person;
    EXPECT_GE(numbers.z_people, 30);
    EXPECT_TRUE(numbers.z_by_icv && numbers.z_by_age);
    ++compared;
  }
  EXPECT_EQ(compared, 31);
}

TEST(QcModel, OverlapIsTheShareOfTheRegionInTheLesion) {
  test::QcStudy study(true);
  QcModel model(study.context);
  ASSERT_TRUE(test::wait_until([&] { return model.state().scan && model.state().scan->whole; }));
  EXPECT_NEAR(model.state().tiles[4].overlap, 6.0 / 11.0, 1e-12);  // x = -29 .. -24 of -29 .. -19
  EXPECT_TRUE(std::isnan(model.state().tiles[0].overlap));         // no label, no share
  model.nextPerson();
  model.waitForScans();
  ASSERT_TRUE(test::wait_until([&] { return model.state().scan && !model.state().waiting; }));
  model.nextPerson();
  EXPECT_EQ(model.state().scan, nullptr);
  EXPECT_TRUE(model.state().message.contains("sub-03"));
  EXPECT_TRUE(std::isnan(model.state().tiles[4].overlap));
}

TEST(QcModel, ABrokenScanIsToldAndTheQueueGoesOn) {
  test::QcStudy study(true);
  test::spit(study.folder / "t1.nii.gz", "not an image");
  QcModel model(study.context);
  ASSERT_TRUE(test::wait_until([&] { return !model.state().message.isEmpty(); }));
  EXPECT_TRUE(model.state().message.contains("t1.nii.gz")) << model.state().message.toStdString();
  EXPECT_FALSE(model.state().waiting);
  model.flag(QcFlag::failed);
  EXPECT_EQ(study.on_disk().size(), 1U);
  model.nextPerson();
  EXPECT_EQ(model.person()->id, "sub-02");
}

TEST(QcModel, CommentsKeepTheFlagAndFlagsKeepTheComment) {
  test::QcStudy study;
  QcModel model(study.context);
  model.saveComment("  edge near the lesion ");
  EXPECT_EQ(model.state().tiles[0].flag, QcFlag::unrated);
  EXPECT_EQ(model.state().tiles[0].comment, "edge near the lesion");
  model.flag(QcFlag::lesioned);
  const auto ratings = study.on_disk();
  ASSERT_EQ(ratings.size(), 1U);
  EXPECT_EQ(ratings[0].comment, "edge near the lesion");
  EXPECT_EQ(ratings[0].flag, study::Flag::lesioned);
}

TEST(QcModel, HistoryIsReadFromTheLog) {
  test::QcStudy study;
  QcModel model(study.context);
  model.flag(QcFlag::ok);
  model.chooseRegion(0);
  model.flag(QcFlag::failed);
  model.chooseRegion(0);
  ASSERT_TRUE(test::wait_until([&] { return model.state().history.size() == 2; }));
  EXPECT_EQ(model.state().history[0].text, "ok to failed");
  EXPECT_EQ(model.state().history[1].text, "unrated to ok");
  EXPECT_EQ(model.state().history[1].rater, "A");
  model.undo();
  ASSERT_TRUE(test::wait_until([&] { return model.state().history.size() == 3; }));
  EXPECT_EQ(model.state().history[0].text, "failed to ok, undone");
}

TEST(QcModel, AnActIsToldOnce) {
  test::QcStudy study;
  QcModel model(study.context);
  ASSERT_TRUE(test::wait_until([&] { return study.jobs.idle(); }));
  QTest::qWait(20);
  QSignalSpy told(&model, &QcModel::changed);
  model.flag(QcFlag::ok);
  EXPECT_EQ(told.count(), 1);
}

TEST(QcModel, WithoutAStudyNothingHappens) {
  test::QcStudy study(false, false);
  QcModel model(study.context);
  EXPECT_EQ(model.person(), nullptr);
  model.flag(QcFlag::ok);
  model.acceptRest();
  model.undo();
  model.nextPerson();
  model.otherSide();
  model.saveComment("x");
  EXPECT_FALSE(model.state().open);
}

TEST(QcModel, AWholePersonFailsInOneActWithItsReason) {
  test::QcStudy study;
  QcModel model(study.context);
  const QString first = model.person()->id;
  model.flag(QcFlag::ok);
  model.failPerson("  ");  // no reason, nothing happens
  EXPECT_EQ(study.on_disk().size(), 1U);
  model.failPerson(" moved during the scan ");
  auto stored = study.on_disk();
  ASSERT_EQ(stored.size(), 12U);
  for (const auto& rating : stored) {
    EXPECT_EQ(rating.flag, study::Flag::failed);
    EXPECT_EQ(rating.comment, "moved during the scan");
    EXPECT_EQ(rating.person, first.toStdString());
  }
  EXPECT_NE(model.person()->id, first);
  model.undo();  // one undo takes all twelve back
  stored = study.on_disk();
  const auto ok = std::count_if(stored.begin(), stored.end(), [](const auto& r) { return r.flag == study::Flag::ok; });
  EXPECT_EQ(ok, 1);
  EXPECT_EQ(std::count_if(stored.begin(), stored.end(), [](const auto& r) { return r.flag == study::Flag::failed; }),
            0);
  EXPECT_EQ(model.person()->id, first);
}

TEST(QcModel, LaterIsKeptInTheStudyAndMakesAQueue) {
  test::QcStudy study;
  {
    QcModel model(study.context);
    const int region = model.state().region;
    model.toggleLater();
    EXPECT_TRUE(model.state().tiles[static_cast<std::size_t>(region)].later);
    EXPECT_NE(model.state().region, region);  // on to the next
    EXPECT_EQ(model.person()->later, 1);
    model.choosePerson(2);
    model.toggleLater();
    model.setFilter(QcFilter::later);
    EXPECT_EQ(model.state().queue.size(), 2U);
  }
  QcModel again(study.context);  // another day
  again.setFilter(QcFilter::later);
  ASSERT_EQ(again.state().queue.size(), 2U);
  again.choosePerson(0);
  int marked = -1;
  for (int r = 0; r < 12; ++r)
    if (again.state().tiles[static_cast<std::size_t>(r)].later) marked = r;
  ASSERT_GE(marked, 0);
  again.chooseRegion(marked);
  again.toggleLater();  // reviewed
  EXPECT_FALSE(again.state().tiles[static_cast<std::size_t>(marked)].later);
  EXPECT_TRUE(study.on_disk().empty());  // a mark is no flag
}

}  // namespace
}  // namespace ipsi::ui
