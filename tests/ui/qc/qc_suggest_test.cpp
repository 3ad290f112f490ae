// SPDX-License-Identifier: GPL-3.0-or-later
// Suggestions: computed for all, shown as the rater wants, kept with the decision, never set.
#include "core/ingest/suggestion_log.h"
#include "tests/ui/qc/qc_support.h"

namespace ipsi::ui {
namespace {

constexpr std::size_t kPutamen = 4;  // left: 6 of 11 slabs in the lesion

struct Measured {
  test::QcStudy study{true};
  QcModel model{study.context};
  Measured() {
    model.setOrder(QcOrder::table);
    EXPECT_TRUE(test::wait_until(
        [&] { return model.state().images_known && model.state().scan && model.state().scan->whole; }));
    model.choosePerson(0);
    model.chooseRegion(static_cast<int>(kPutamen));
  }
  const QcTile& putamen() { return model.state().tiles[kPutamen]; }
  std::vector<ingest::ShownSuggestion> shown() {
    std::vector<ingest::ShownSuggestion> out;
    for (const auto& row : study.session.snapshot()->measurements)
      if (const auto read = ingest::read_shown(row)) out.push_back(*read);
    return out;
  }
};

TEST(QcSuggest, IsDottedWithItsNumbersAndNeverSet) {
  Measured desk;
  EXPECT_EQ(desk.putamen().suggested, QcFlag::lesioned);
  EXPECT_EQ(desk.putamen().flag, QcFlag::unrated);
  EXPECT_NEAR(desk.putamen().overlap, 6.0 / 11.0, 1e-12);
  EXPECT_TRUE(desk.putamen().why.contains("55 % of the region")) << desk.putamen().why.toStdString();
  EXPECT_NEAR(desk.putamen().lesion_mm3,
              6.0 / 11.0 * static_cast<double>(desk.model.state().scan->places[kPutamen].voxels), 1e-6);
  EXPECT_TRUE(desk.study.on_disk().empty());
}

TEST(QcSuggest, IsKeptWithTheDecisionAndUndoneWithIt) {
  Measured desk;
  desk.model.flag(QcFlag::ok);  // against it
  auto shown = desk.shown();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].flag, study::Flag::lesioned);
  EXPECT_EQ(shown[0].shown, ingest::Shown::before);
  EXPECT_GE(shown[0].seconds, 0.0);
  EXPECT_FALSE(shown[0].why.empty());
  const auto report = ingest::follow_report(*desk.study.session.snapshot());
  EXPECT_EQ(report.raters.at("A").at(ingest::Shown::before).suggested(), 1);
  EXPECT_EQ(report.raters.at("A").at(ingest::Shown::before).followed(), 0);
  desk.model.undo();
  EXPECT_TRUE(desk.shown().empty());
}

TEST(QcSuggest, WhoIsBlindToItSeesItAfterTheFlag) {
  Measured desk;
  desk.model.setSuggest(QcSuggest::after);
  EXPECT_EQ(desk.putamen().suggested, QcFlag::unrated);
  EXPECT_TRUE(desk.putamen().why.isEmpty());
  desk.model.flag(QcFlag::ok);
  EXPECT_EQ(desk.putamen().suggested, QcFlag::lesioned);
  ASSERT_EQ(desk.shown().size(), 1U);
  EXPECT_EQ(desk.shown()[0].shown, ingest::Shown::after);
  desk.model.setSuggest(QcSuggest::never);
  EXPECT_EQ(desk.putamen().suggested, QcFlag::unrated);
}

TEST(QcSuggest, SpaceLeavesWhatHasASuggestion) {
  Measured desk;
  // The other eleven labels are missing in the small images: every region has a suggestion but those that look well.
  int suggested = 0;
  for (const auto& tile : desk.model.state().tiles) suggested += tile.suggested != QcFlag::unrated ? 1 : 0;
  ASSERT_GT(suggested, 0);
  desk.model.acceptRest();
  desk.model.acceptRest();  // whatever was not looked at
  for (const auto& rating : desk.study.on_disk()) EXPECT_NE(rating.region, "left_putamen");
  EXPECT_EQ(desk.study.on_disk().size(), 12U - static_cast<std::size_t>(suggested));
  EXPECT_EQ(desk.model.person()->id, "sub-01");  // stays for the decision
  EXPECT_NE(desk.model.state().tiles[static_cast<std::size_t>(desk.model.state().region)].suggested, QcFlag::unrated);
  EXPECT_TRUE(desk.model.state().last.contains("suggestion")) << desk.model.state().last.toStdString();
}

TEST(QcSuggest, HiddenOnesDoNotGiveThemselvesAway) {
  Measured desk;
  desk.model.setSuggest(QcSuggest::after);
  desk.model.acceptRest();
  desk.model.acceptRest();
  EXPECT_EQ(desk.study.on_disk().size(), 12U);
}

TEST(QcSuggest, NextSuggestionGoesThroughPeopleThenToTheHighestRisk) {
  test::QcStudy study;
  study.lose_volume("sub-05", "left_caudate");
  QcModel model(study.context);
  model.setOrder(QcOrder::table);
  ASSERT_TRUE(test::wait_until([&] { return model.state().risk_known; }));
  model.choosePerson(0);
  model.nextSuggestion();
  EXPECT_EQ(model.person()->id, "sub-05");
  EXPECT_EQ(model.state().region_title, "Left caudate");
  EXPECT_EQ(model.state().order_by, QcOrder::table);
  model.flag(QcFlag::failed);
  model.choosePerson(0);
  model.nextSuggestion();  // the one before has a flag now
  EXPECT_FALSE(model.person()->id == "sub-05" && model.state().region_title == "Left caudate");
}

TEST(QcSuggest, TheListOfSuggestionsLosesWhatWasFollowed) {
  Measured desk;
  desk.model.setFilter(QcFilter::suggested);
  ASSERT_FALSE(desk.model.state().queue.empty());
  EXPECT_EQ(desk.model.state().queue[0].id, "sub-01");
  EXPECT_NE(desk.model.state().tiles[static_cast<std::size_t>(desk.model.state().region)].suggested, QcFlag::unrated);
}

}  // namespace
}  // namespace ipsi::ui
