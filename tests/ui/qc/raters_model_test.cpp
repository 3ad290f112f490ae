// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/raters_model.h"

#include <QSignalSpy>
#include <cmath>

#include "core/ingest/assignment.h"
#include "core/ingest/blinding.h"
#include "core/ingest/rater_agreement.h"
#include "core/study/raters.h"
#include "tests/ui/qc/raters_support.h"

namespace ipsi::ui {
namespace {

using study::Flag;

struct Desk : test::RatedStudy {
  RatersModel model{context};
  void look() {
    model.setShown(true);
    settle();
  }
  void settle() {
    EXPECT_TRUE(test::wait_until([&] { return !model.state().working && jobs.idle(); }));
  }
  const RatersModel::State& state() { return model.state(); }
  const study::Snapshot& now() { return *session.snapshot(); }
};

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

TEST(RatersModel, NobodyHasRated) {
  Desk desk;
  desk.look();
  EXPECT_TRUE(desk.state().open);
  EXPECT_TRUE(desk.state().raters.empty());
  EXPECT_TRUE(desk.state().comparisons.empty());
  EXPECT_FALSE(desk.state().assigned);
  EXPECT_EQ(desk.state().patients, 9);
  ASSERT_EQ(desk.state().rules.size(), 4U);
  EXPECT_TRUE(desk.state().rules[0].used);
  EXPECT_EQ(desk.state().rules[0].decided, 0);
}

TEST(RatersModel, IsWorkedOutOnlyWhileSomebodyLooks) {
  Desk desk;
  desk.two_raters();
  EXPECT_TRUE(desk.jobs.idle());
  EXPECT_TRUE(desk.state().raters.empty());
  desk.look();
  EXPECT_EQ(desk.state().raters.size(), 2U);
  desk.model.setShown(false);
  desk.say(
      "C", [](int, const Region&) { return Flag::ok; }, 2);
  EXPECT_EQ(desk.state().raters.size(), 2U);
  desk.look();
  EXPECT_EQ(desk.state().raters.size(), 3U);
}

TEST(RatersModel, CountsWhatEachRaterSaid) {
  Desk desk;
  desk.two_raters();
  desk.say(
      "A#2", [](int, const Region&) { return Flag::ok; }, 1);
  desk.say(
      "gold", [](int, const Region&) { return Flag::failed; }, 1);
  desk.look();
  ASSERT_EQ(desk.state().raters.size(), 4U);
  EXPECT_EQ(desk.state().first_looks, 2);
  const auto& b = desk.state().raters[2];
  EXPECT_EQ(b.name, "B");
  EXPECT_EQ(b.people, 9);
  EXPECT_EQ(b.regions, 108);
  EXPECT_EQ(b.lesioned, 3);
  EXPECT_EQ(b.ok, 105);
  EXPECT_FALSE(b.last.isEmpty());
  EXPECT_TRUE(desk.state().raters[0].me) << "the window rates as A";
  EXPECT_EQ(desk.state().raters[1].role, RatersModel::Role::again);
  EXPECT_EQ(desk.state().raters[3].role, RatersModel::Role::gold) << "last";
}

TEST(RatersModel, AgreementIsTheCores) {
  Desk desk;
  desk.two_raters();
  desk.say(
      "A#2", [](int person, const Region&) { return person == 1 ? Flag::failed : Flag::ok; }, 3);
  desk.say(
      "gold", [](int, const Region&) { return Flag::ok; }, 2);
  for (const bool kept : {false, true}) {
    desk.model.setKept(kept);
    desk.look();
    const auto report = ingest::rater_agreement(
        desk.now(), {.categories = kept ? ingest::Categories::kept : ingest::Categories::flags});
    std::vector<const ingest::AgreementPart*> parts;
    for (const auto* list : {&report.pairs, &report.repeats, &report.gold})
      for (const auto& pair : *list) parts.push_back(&pair.part);
    ASSERT_EQ(desk.state().comparisons.size(), parts.size()) << "two raters: no row for everyone";
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(desk.state().categories.size(), kept ? 2 : 3);
    for (std::size_t c = 0; c < parts.size(); ++c) {
      const auto& rows = desk.state().comparisons[c].rows;
      std::vector<const numeric::Agreement*> wanted{&parts[c]->all};
      for (const auto& [name, a] : parts[c]->regions) wanted.push_back(&a);
      for (const auto& [name, a] : parts[c]->cohorts) wanted.push_back(&a);
      ASSERT_EQ(rows.size(), wanted.size());
      for (std::size_t r = 0; r < rows.size(); ++r) {
        const numeric::Agreement& a = *wanted[r];
        EXPECT_EQ(rows[r].n, a.items);
        EXPECT_EQ(rows[r].people, a.clusters);
        EXPECT_TRUE(same(rows[r].percent.value, a.percent.value));
        EXPECT_TRUE(same(rows[r].percent.low, a.percent.cluster_low));
        EXPECT_TRUE(same(rows[r].kappa.value, ingest::kappa_of(a).value));
        EXPECT_TRUE(same(rows[r].kappa.high, ingest::kappa_of(a).cluster_high));
        EXPECT_TRUE(same(rows[r].ac1.value, a.ac1.value));
        EXPECT_EQ(rows[r].note.toStdString(), ingest::note_of(a, report.categories));
      }
    }
  }
  EXPECT_EQ(desk.state().scores.size(), 2U);
  EXPECT_EQ(desk.state().scores[0].correct, 24);
}

TEST(RatersModel, ThreeRatersHaveARowForEveryone) {
  Desk desk;
  desk.two_raters();
  desk.say("C", [](int, const Region&) { return Flag::ok; });
  desk.look();
  ASSERT_EQ(desk.state().comparisons.size(), 4U);
  EXPECT_FALSE(desk.state().comparisons[0].cohen);
  EXPECT_TRUE(desk.state().comparisons[1].cohen);
  desk.model.compare(3);
  const QString chosen = desk.state().comparisons[3].title;
  desk.say("D", [](int, const Region&) { return Flag::ok; });
  desk.settle();
  EXPECT_EQ(desk.state().comparisons[static_cast<std::size_t>(desk.state().comparison)].title, chosen)
      << "the choice stays with the names";
}

TEST(RatersModel, AssignsInOneActAndMovesNobodyAgain) {
  Desk desk;
  desk.two_raters();
  desk.look();
  EXPECT_EQ(desk.state().plan.raters, (QStringList{"A", "B"})) << "proposed";
  RatersModel::Plan plan = desk.state().plan;
  plan.raters << "gold";
  const auto before = desk.now().last_act;
  EXPECT_FALSE(desk.model.assign(plan));
  EXPECT_FALSE(desk.state().plan_problem.isEmpty());
  EXPECT_EQ(desk.now().last_act, before);
  plan.raters = QStringList{"A", "B"};
  plan.overlap = 0.2;
  plan.repeats = 0.5;
  plan.seed = 7;
  ASSERT_TRUE(desk.model.assign(plan));
  desk.settle();
  EXPECT_EQ(desk.now().last_act, before + 1);
  ASSERT_TRUE(desk.state().assigned);
  EXPECT_TRUE(desk.state().plan_problem.isEmpty());
  const auto wanted = ingest::assign(
      {.raters = {"A", "B"}, .sharing = ingest::Sharing::split, .overlap = 0.2, .repeats = 0.5, .seed = 7},
      desk.now().people);
  const auto stored = ingest::assignment_of(desk.now());
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->looks, wanted.looks) << "as `ipsi qc assign` deals";
  ASSERT_EQ(desk.state().shares.size(), 2U);
  EXPECT_EQ(desk.state().shares[0].done, desk.state().shares[0].people) << "A has rated everybody";
  EXPECT_EQ(desk.state().shares[0].again_done, 0);
  ASSERT_TRUE(desk.model.assign(desk.state().plan));
  EXPECT_EQ(desk.now().last_act, before + 1) << "the same again changes nothing";
  ASSERT_TRUE(desk.session.undo());
  desk.settle();
  EXPECT_FALSE(desk.state().assigned);
}

TEST(RatersModel, BlindingIsInTheLogAndHidesNames) {
  Desk desk;
  desk.two_raters();
  desk.look();
  desk.model.setBlind(true);
  desk.settle();
  EXPECT_TRUE(desk.state().blind);
  EXPECT_TRUE(desk.state().me_blind);
  ASSERT_EQ(desk.state().disputes.size(), 3U);
  EXPECT_EQ(desk.state().disputes[0].person.toStdString(),
            ingest::coded_name(ingest::blinding(desk.now(), "A").seed, "sub-07", 1));
  desk.model.setShowFlags(true);
  EXPECT_TRUE(desk.state().disputes[0].flags.isEmpty()) << "not even on demand";
  desk.model.setMeBlind(false);
  desk.settle();
  EXPECT_FALSE(desk.state().me_blind);
  EXPECT_TRUE(desk.state().blind);
  EXPECT_FALSE(desk.state().raters[0].lifted.isEmpty());
  EXPECT_EQ(desk.state().disputes[0].person, "sub-07");
  EXPECT_EQ(desk.state().disputes[0].flags, "A ok, B lesioned");
  const auto file = study::Study::open(desk.folder / "small.ipsi", study::Access::read_only);
  ASSERT_OK(file);
  const auto log = *file->log();
  EXPECT_EQ(log.back().kind, "unblind");
  EXPECT_EQ(log.back().author, "A");
  EXPECT_EQ(log.back().summary, "A no longer rates blind");
}

TEST(RatersModel, DisagreementsAreHiddenUntilDecided) {
  Desk desk;
  desk.two_raters();
  desk.look();
  ASSERT_EQ(desk.state().disputes.size(), 3U);
  EXPECT_EQ(desk.state().open_disputes, 3);
  EXPECT_EQ(desk.state().open_matter, 3);
  for (const auto& d : desk.state().disputes) EXPECT_TRUE(d.flags.isEmpty());
  desk.say("consensus", [](int person, const Region& region) {
    return person == 8 && region.key == "left_putamen" ? Flag::ok : Flag::unrated;
  });
  desk.settle();
  EXPECT_EQ(desk.state().open_disputes, 2);
  EXPECT_EQ(desk.state().disputes[1].adjudicated, "ok");
  EXPECT_EQ(desk.state().disputes[1].flags, "A ok, B lesioned");
  EXPECT_TRUE(desk.state().disputes[0].flags.isEmpty());
}

TEST(RatersModel, AConflictIsEndedByTakingTheOlderAndUndone) {
  Desk desk;
  desk.a_conflict();
  desk.look();
  ASSERT_EQ(desk.state().conflicts.size(), 1U);
  EXPECT_EQ(desk.state().conflicts[0].counts, "lesioned");
  EXPECT_EQ(desk.state().conflicts[0].older, "ok");
  EXPECT_EQ(desk.state().conflicts[0].title, "Left caudate");
  desk.model.settle(0, true);
  desk.settle();
  EXPECT_TRUE(desk.state().conflicts.empty());
  EXPECT_EQ(desk.on_disk().front().flag, Flag::ok);
  ASSERT_TRUE(desk.session.undo());
  desk.settle();
  EXPECT_EQ(desk.state().conflicts.size(), 1U);
  EXPECT_EQ(desk.on_disk().front().flag, Flag::lesioned);
}

TEST(RatersModel, ARuleIsOneActAndSaysWhatItChanges) {
  Desk desk;
  desk.two_raters();
  desk.look();
  ASSERT_EQ(desk.state().rules.size(), 6U);
  const auto& a = desk.state().rules[4];
  EXPECT_EQ(a.key, "rater:A");
  EXPECT_EQ(a.differ, 3);
  EXPECT_EQ(a.taken_in, 3);
  EXPECT_EQ(a.taken_out, 0);
  EXPECT_EQ(desk.state().rules[0].left_out, 3);
  const auto before = desk.now().last_act;
  ASSERT_TRUE(desk.model.setRule("rater:A"));
  desk.settle();
  EXPECT_EQ(desk.now().last_act, before + 1);
  EXPECT_EQ(desk.state().rule, "rater:A");
  EXPECT_EQ(study::rule_text(study::options_of(desk.now())), "rater:A");
  EXPECT_TRUE(desk.state().rules[4].used);
  EXPECT_FALSE(desk.model.setRule("rater:nobody"));
  ASSERT_TRUE(desk.session.undo());
  desk.settle();
  EXPECT_EQ(desk.state().rule, "consensus");
}

TEST(RatersModel, PeopleAreChosenForGoldAnswers) {
  Desk desk;
  desk.look();
  QSignalSpy wanted(&desk.model, &RatersModel::queueWanted);
  desk.model.chooseCalibration(4);
  desk.settle();
  EXPECT_EQ(desk.state().calibration, 4);
  EXPECT_EQ(desk.state().answered, 0);
  desk.model.queueCalibration();
  EXPECT_EQ(wanted.size(), 1);
  EXPECT_EQ(desk.session.chosen().size(), 4);
  const int person = desk.session.chosen().front().right(2).toInt();
  desk.say("gold", [&](int i, const Region&) { return i == person ? Flag::ok : Flag::unrated; });
  desk.settle();
  EXPECT_EQ(desk.state().answered, 1);
}

TEST(RatersModel, AJobThatFailsSaysWhyAndRecovers) {
  Desk desk;
  desk.two_raters();
  study::Request request{.author = "A", .kind = "setting", .summary = "", .changes = {}};
  request.put(study::Setting{"assignment", "of another version"});
  ASSERT_TRUE(desk.session.apply(std::move(request)));
  desk.look();
  EXPECT_EQ(desk.state().what, "the assignment of raters cannot be read");
  EXPECT_FALSE(desk.state().mend.isEmpty());
  ASSERT_TRUE(desk.session.undo());
  ASSERT_TRUE(test::wait_until([&] { return desk.state().what.isEmpty() && !desk.state().working; }));
  EXPECT_EQ(desk.state().first_looks, 2);
}

TEST(RatersModel, NamesThatMeanSomethingSaySo) {
  EXPECT_TRUE(RatersModel::meaningOf("ab").isEmpty());
  EXPECT_TRUE(RatersModel::meaningOf("gold").contains("right answers"));
  EXPECT_TRUE(RatersModel::meaningOf("consensus").contains("disagree"));
  EXPECT_TRUE(RatersModel::meaningOf("ab#2").contains("second look of ab"));
}

TEST(RatersModel, FollowsTheStudyThatIsOpen) {
  Desk desk;
  desk.two_raters();
  desk.look();
  desk.session.close();
  EXPECT_FALSE(desk.state().open);
  EXPECT_TRUE(desk.state().raters.empty());
  EXPECT_TRUE(desk.model.reliability().isEmpty());
}

}  // namespace
}  // namespace ipsi::ui
