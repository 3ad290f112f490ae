// SPDX-License-Identifier: GPL-3.0-or-later
// Who is in the queue, in which order, and in whose name flags are given there.
#include <set>

#include "core/ingest/assignment.h"
#include "core/ingest/blinding.h"
#include "core/study/raters.h"
#include "tests/ui/qc/qc_support.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

QStringList ids(const QcState& state) {
  QStringList out;
  for (const auto& p : state.queue) out << p.id;
  return out;
}

TEST(QcOrder, TheRiskiestPersonIsFirstAndAQueueNobodyBeganStartsThere) {
  test::QcStudy study;
  study.lose_volume("sub-05", "left_caudate");
  QcModel model(study.context);
  EXPECT_EQ(ids(model.state()).front(), "sub-01");  // nothing is known yet: the table's order
  ASSERT_TRUE(test::wait_until([&] { return model.state().risk_known; }));
  EXPECT_EQ(ids(model.state()).front(), "sub-05");
  EXPECT_EQ(model.person()->id, "sub-05");
  EXPECT_GT(model.person()->risk, model.state().queue[1].risk);
  EXPECT_TRUE(model.person()->reason.contains("volume")) << model.person()->reason.toStdString();
  EXPECT_EQ(model.state().queue.size(), 9U);
  model.setOrder(QcOrder::table);
  EXPECT_EQ(ids(model.state()).front(), "sub-01");
  EXPECT_EQ(model.person()->id, "sub-05");  // nobody is moved
}

TEST(QcOrder, WhoIsBeingRatedStaysWhereTheyAreWhenRiskArrives) {
  test::QcStudy study;
  study.lose_volume("sub-05", "left_caudate");
  QcModel model(study.context);
  model.choosePerson(1);
  model.flag(QcFlag::ok);
  ASSERT_TRUE(test::wait_until([&] { return model.state().risk_known; }));
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().current, 1);  // what was passed stays as it was
  EXPECT_EQ(ids(model.state()).mid(0, 3), (QStringList{"sub-01", "sub-02", "sub-05"}));
  EXPECT_EQ(model.state().queue.size(), 9U);
}

TEST(QcOrder, WhoSomebodyAskedForStaysWhenRiskArrivesEvenIfTheyWereShownAlready) {
  test::QcStudy study;
  study.lose_volume("sub-05", "left_caudate");
  QcModel model(study.context);
  study.session.select(model.person()->id, study.session.region());  // "show in QC" of the one that is there
  ASSERT_TRUE(test::wait_until([&] { return model.state().risk_known; }));
  EXPECT_EQ(model.person()->id, "sub-01");
}

TEST(QcOrder, RandomOrderIsTheSameEachTimeAndKeepsEverybody) {
  test::QcStudy study;
  QcModel model(study.context);
  model.setOrder(QcOrder::random);
  const QStringList once = ids(model.state());
  EXPECT_EQ(std::set<QString>(once.begin(), once.end()).size(), 9U);
  EXPECT_NE(once,
            (QStringList{"sub-01", "sub-02", "sub-03", "sub-04", "sub-05", "sub-06", "sub-07", "sub-08", "sub-09"}));
  QcModel again(study.context);  // the order is kept in the settings
  EXPECT_EQ(again.state().order_by, QcOrder::random);
  EXPECT_EQ(ids(again.state()), once);
}

TEST(QcOrder, OnlyOneRegionOrOneCohort) {
  test::QcStudy study;
  QcModel model(study.context);
  model.setOnlyCohort("A");
  EXPECT_EQ(ids(model.state()), (QStringList{"sub-02", "sub-04", "sub-06", "sub-08"}));
  model.setOnlyRegion(4);
  EXPECT_EQ(model.state().region, 4);
  EXPECT_EQ(model.person()->of(), 1);
  model.flag(QcFlag::failed);
  EXPECT_EQ(model.person()->id, "sub-04");  // one region asked for, one given: on to the next person
  EXPECT_EQ(model.state().region, 4);
  EXPECT_EQ(study.on_disk().size(), 1U);
  model.setOnlyRegion(-1);
  model.setOnlyCohort({});
  EXPECT_EQ(model.state().queue.size(), 9U);
}

TEST(QcOrder, ListsOfFlagsOpenOnTheRegionTheyAreOf) {
  test::QcStudy study;
  study.rate_as("A", "sub-03", "left_pallidum", study::Flag::failed);
  study.rate_as("A", "sub-03", "left_thalamus", study::Flag::ok);
  study.rate_as("A", "sub-07", "right_caudate", study::Flag::lesioned);
  QcModel model(study.context);
  model.setFilter(QcFilter::failed);
  ASSERT_TRUE(ids(model.state()).contains("sub-03"));
  EXPECT_FALSE(ids(model.state()).contains("sub-07"));
  model.choosePerson(static_cast<int>(ids(model.state()).indexOf("sub-03")));
  EXPECT_EQ(model.state().region_title, "Left pallidum");
  model.setFilter(QcFilter::lesioned);
  ASSERT_TRUE(ids(model.state()).contains("sub-07"));
  model.choosePerson(static_cast<int>(ids(model.state()).indexOf("sub-07")));
  EXPECT_EQ(model.state().region_title, "Right caudate");
  model.saveComment("edge");
  model.setFilter(QcFilter::commented);
  EXPECT_EQ(ids(model.state()), QStringList{"sub-07"});
}

TEST(QcOrder, DisagreementsAreDecidedForAllWithBothFlagsHidden) {
  test::QcStudy study;
  study.rate_as("A", "sub-02", "left_caudate", study::Flag::ok);
  study.rate_as("B", "sub-02", "left_caudate", study::Flag::lesioned);
  study.rate_as("A", "sub-02", "left_putamen", study::Flag::ok);
  study.rate_as("B", "sub-02", "left_putamen", study::Flag::ok);
  study.rate_as("A", "sub-06", "right_putamen", study::Flag::failed);
  study.rate_as("B", "sub-06", "right_putamen", study::Flag::lesioned);
  QcModel model(study.context);
  model.setFilter(QcFilter::disagree);
  ASSERT_EQ(ids(model.state()), (QStringList{"sub-02", "sub-06"}));
  EXPECT_EQ(model.person()->of(), 1);
  EXPECT_EQ(model.state().region_title, "Left caudate");
  for (const auto& tile : model.state().tiles) {
    EXPECT_EQ(tile.flag, QcFlag::unrated);
    EXPECT_TRUE(tile.others.isEmpty());
  }
  EXPECT_TRUE(model.state().history.empty());
  model.flag(QcFlag::lesioned);
  EXPECT_EQ(model.person()->id, "sub-06");
  model.previousPerson();
  EXPECT_EQ(model.state().tiles[2].flag, QcFlag::lesioned);
  EXPECT_EQ(model.state().tiles[2].others, (QStringList{"A: ok", "B: lesioned"}));  // now they may be seen
  const auto found = study::disagreements(*study.session.snapshot());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].adjudicated, study::Flag::lesioned);
  model.undo();
  EXPECT_EQ(study::disagreements(*study.session.snapshot())[0].adjudicated, study::Flag::unrated);
}

TEST(QcOrder, AssignedPeopleComeOnceForEachLookUnderACode) {
  test::QcStudy study;
  ingest::AssignmentPlan plan{
      .raters = {"A", "B"}, .sharing = ingest::Sharing::split, .overlap = 0.0, .repeats = 0.5, .seed = 3};
  const auto dealt = ingest::assign(plan, study.session.snapshot()->people);
  study::Request request{.author = "A", .kind = "setting", .summary = "dealt", .changes = {}};
  for (auto& setting : ingest::to_settings(dealt)) request.put(setting);
  ASSERT_TRUE(study.session.apply(std::move(request)));
  study.rate_as("B", "sub-01", "left_caudate", study::Flag::failed);
  QcModel model(study.context);
  model.setFilter(QcFilter::mine);
  int mine = 0, second = 0;
  for (const auto& [person, looks] : dealt.looks)
    for (const auto& look : looks) {
      mine += study::look_of(look).name == "A" ? 1 : 0;
      second += look == "A#2" ? 1 : 0;
    }
  ASSERT_GT(second, 0);
  ASSERT_EQ(static_cast<int>(model.state().queue.size()), mine);
  std::set<QString> names;
  const QcPerson* again = nullptr;
  int at = -1;
  for (std::size_t i = 0; i < model.state().queue.size(); ++i) {
    const auto& p = model.state().queue[i];
    names.insert(p.name);
    EXPECT_NE(p.name, p.id);
    EXPECT_TRUE(p.own_only);
    if (p.rater == "A#2") again = &p, at = static_cast<int>(i);
  }
  EXPECT_EQ(static_cast<int>(names.size()), mine);  // the second look has a name of its own
  ASSERT_NE(again, nullptr);
  const std::string id = again->id.toStdString();
  study.rate_as("A", id, "left_thalamus", study::Flag::failed);  // the first look
  model.choosePerson(at);
  EXPECT_EQ(model.state().tiles[0].flag, QcFlag::unrated);  // says nothing of it
  model.chooseRegion(0);
  model.flag(QcFlag::ok);
  bool kept = false;
  for (const auto& rating : study.on_disk()) kept = kept || (rating.person == id && rating.rater == "A#2");
  EXPECT_TRUE(kept);
  EXPECT_FALSE(model.state().last.contains(text_of(id))) << model.state().last.toStdString();
}

TEST(QcOrder, WhoIsBlindSeesCodesAndNobodyElsesFlags) {
  test::QcStudy study;
  study.rate_as("B", "sub-01", "left_caudate", study::Flag::failed);
  ASSERT_TRUE(study.session.apply(ingest::set_blind(*study.session.snapshot(), ingest::Blind::on, "lead")));
  QcModel model(study.context);
  EXPECT_TRUE(model.state().blind);
  EXPECT_TRUE(model.state().cohorts.isEmpty());
  EXPECT_EQ(model.state().queue.size(), 9U);
  for (std::size_t i = 0; i < model.state().queue.size(); ++i) {
    model.choosePerson(static_cast<int>(i));
    EXPECT_FALSE(model.person()->name.contains("sub"));
    EXPECT_EQ(model.state().columns[0], "Left");
    for (const auto& tile : model.state().tiles) EXPECT_EQ(tile.flag, QcFlag::unrated);
    EXPECT_FALSE(model.state().message.contains("sub")) << model.state().message.toStdString();
  }
  model.flag(QcFlag::ok);
  EXPECT_FALSE(model.state().last.contains("sub")) << model.state().last.toStdString();
}

TEST(QcOrder, AcrossPeopleAFlagGoesOnToTheNextPerson) {
  test::QcStudy study;
  QcModel model(study.context);
  model.chooseRegion(6);
  model.setAcross(true);
  model.flag(QcFlag::ok);
  EXPECT_EQ(model.person()->id, "sub-02");
  EXPECT_EQ(model.state().region, 6);
  model.choosePerson(4);
  EXPECT_EQ(model.state().region, 6);  // the region is what the mosaic is of
  model.flag(QcFlag::failed);
  EXPECT_EQ(model.person()->id, "sub-06");
  EXPECT_EQ(study.on_disk().size(), 2U);
  model.acceptRest();  // the region that is seen, not the other eleven
  EXPECT_EQ(study.on_disk().size(), 3U);
  EXPECT_EQ(model.person()->id, "sub-07");
}

}  // namespace
}  // namespace ipsi::ui
