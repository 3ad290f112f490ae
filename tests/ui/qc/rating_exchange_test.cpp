// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/rating_exchange.h"

#include <QSignalSpy>

#include "core/study/export.h"
#include "tests/ui/qc/raters_support.h"

namespace ipsi::ui {
namespace {

using Format = RatingExchange::Format;
using Stage = RatingExchange::Stage;

constexpr const char* kHead = "subject\tsession\tregion\tflag\trater\tcomment\ttime\n";

struct Desk : test::RatedStudy {
  RatingExchange exchange{context};
  const RatingExchange::State& state() { return exchange.state(); }
  void read(const std::string& text, const QString& rater = {}, const std::string& name = "other.tsv") {
    test::spit(folder / name, text);
    exchange.plan(QString::fromStdString((folder / name).string()), rater);
    settle();
  }
  void settle() {
    EXPECT_TRUE(test::wait_until([&] { return state().stage != Stage::reading && jobs.idle(); }));
  }
  std::string write(Format format, const std::string& name) {
    QSignalSpy written(&exchange, &RatingExchange::written);
    exchange.write(format, QString::fromStdString((folder / name).string()));
    EXPECT_TRUE(test::wait_until([&] { return written.size() == 1; }));
    EXPECT_EQ(written.at(0).at(1).toString(), "");
    return test::slurp(folder / name);
  }
};

TEST(RatingExchange, ShowsAPlanAndImportsItInOneActThatUndoTakesBack) {
  Desk desk;
  const auto before = desk.session.snapshot()->last_act;
  desk.read(std::string(kHead) + "sub-01\t1\tleft_thalamus\tok\tB\t\t2024-01-01T00:00:00Z\n" +
            "sub-02\t1\tleft_thalamus\tfailed\tB\tmotion\t2024-01-01T00:00:00Z\n");
  EXPECT_EQ(desk.state().stage, Stage::planned);
  EXPECT_EQ(desk.state().rater, "B") << "as the file says";
  EXPECT_EQ(desk.state().added, 2);
  EXPECT_TRUE(desk.state().can_import);
  EXPECT_EQ(desk.session.snapshot()->last_act, before) << "nothing is written yet";
  ASSERT_TRUE(desk.exchange.import());
  EXPECT_EQ(desk.state().stage, Stage::idle);
  EXPECT_EQ(desk.session.snapshot()->last_act, before + 1);
  EXPECT_EQ(desk.on_disk().size(), 2U);
  EXPECT_EQ(desk.on_disk().front().rater, "B");
  ASSERT_TRUE(desk.session.undo()) << "by who imported";
  EXPECT_TRUE(desk.on_disk().empty());
}

TEST(RatingExchange, BadRowsAreListedByLineAndBlock) {
  Desk desk;
  desk.read(std::string(kHead) + "sub-01\t1\tleft_thalamus\tok\tB\t\t\n" + "sub-99\t1\tleft_thalamus\tok\tB\t\t\n");
  ASSERT_EQ(desk.state().problems.size(), 1U);
  EXPECT_EQ(desk.state().problems[0].place, "other.tsv, line 3, subject");
  EXPECT_EQ(desk.state().blocking, 1);
  EXPECT_FALSE(desk.state().can_import);
  EXPECT_FALSE(desk.exchange.import());
  EXPECT_TRUE(desk.on_disk().empty());
}

TEST(RatingExchange, AnotherNameMakesAnotherRater) {
  Desk desk;
  desk.a_conflict();
  const std::string text = std::string(kHead) + "sub-01\t1\tleft_caudate\tfailed\tC\t\t2024-05-03T10:00:00Z\n";
  desk.read(text);
  EXPECT_EQ(desk.state().changed, 1);
  EXPECT_EQ(desk.state().clashes.size(), 1U);
  desk.exchange.setRater("Chris");
  desk.settle();
  EXPECT_EQ(desk.state().changed, 0);
  EXPECT_EQ(desk.state().added, 1);
  EXPECT_TRUE(desk.state().clashes.empty());
}

TEST(RatingExchange, WithoutTimesTheFileWinsOnlyWhenAsked) {
  Desk desk;
  desk.two_raters();
  desk.read(std::string(kHead) + "sub-01\t1\tleft_thalamus\tfailed\tB\t\t\n");
  EXPECT_EQ(desk.state().blocking, 1);
  EXPECT_TRUE(desk.state().untimed);
  desk.exchange.setReplace(true);
  desk.settle();
  EXPECT_EQ(desk.state().blocking, 0);
  EXPECT_EQ(desk.state().changed, 1);
  EXPECT_TRUE(desk.state().can_import);
}

TEST(RatingExchange, AFlagSetMeanwhileMakesTheplanAnew) {
  Desk desk;
  desk.read(std::string(kHead) + "sub-01\t1\tleft_thalamus\tok\tB\t\t2024-01-01T00:00:00Z\n");
  EXPECT_EQ(desk.state().added, 1);
  desk.say(
      "B", [](int, const Region&) { return study::Flag::failed; }, 1);
  desk.settle();
  EXPECT_EQ(desk.state().added, 0);
  EXPECT_EQ(desk.state().kept, 1) << "the study's is newer now";
}

TEST(RatingExchange, WhatIsWrittenReadsBack) {
  Desk desk;
  desk.two_raters();
  desk.say("A", [](int i, const Region& r) {
    return i == 2 && r.key == "left_thalamus" ? study::Flag::failed : study::Flag::unrated;
  });
  const auto ratings = desk.on_disk();
  (void)desk.write(Format::table, "ratings.tsv");
  (void)desk.write(Format::bids, "desc-roiqc_flags.tsv");
  EXPECT_TRUE(std::filesystem::exists(desk.folder / "desc-roiqc_flags.json"));
  for (const char* name : {"ratings.tsv", "desc-roiqc_flags.tsv"}) {
    desk.exchange.plan(QString::fromStdString((desk.folder / name).string()));
    desk.settle();
    EXPECT_EQ(desk.state().unchanged, static_cast<long long>(ratings.size())) << name;
    EXPECT_FALSE(desk.state().can_import) << "all of it is there";
    EXPECT_EQ(desk.state().raters, (QStringList{"A", "B"}));
  }
  (void)desk.write(Format::sheet, "sheet.csv");
  desk.exchange.plan(QString::fromStdString((desk.folder / "sheet.csv").string()), "sheet");
  desk.settle();
  EXPECT_EQ(desk.state().added, 9 * 12);
  EXPECT_EQ(desk.state().blocking, 0);
}

TEST(RatingExchange, WritesWhatTheCoreMakes) {
  Desk desk;
  desk.two_raters();
  const auto snapshot = desk.session.snapshot();
  const auto options = study::options_of(*snapshot);
  EXPECT_EQ(desk.write(Format::volumes_x, "x.csv"),
            table::to_delimited(*study::volumes_marked(*snapshot, options, "x")));
  EXPECT_NE(desk.write(Format::volumes_x, "x.csv").find(",x,"), std::string::npos);
  EXPECT_EQ(desk.write(Format::volumes_na, "na.csv").find(",x,"), std::string::npos);
  EXPECT_EQ(desk.write(Format::reasons, "reasons.tsv"),
            table::to_delimited(*study::reason_table(snapshot->ratings), '\t'));
  EXPECT_NE(desk.write(Format::reliability, "reliability.tsv").find("share_lesioned"), std::string::npos);
}

TEST(RatingExchange, AFileThatCannotBeReadOrWrittenSaysWhy) {
  Desk desk;
  desk.exchange.plan("/nowhere/b.tsv");
  desk.settle();
  EXPECT_EQ(desk.state().stage, Stage::failed);
  EXPECT_FALSE(desk.state().what.isEmpty());
  QSignalSpy written(&desk.exchange, &RatingExchange::written);
  QSignalSpy told(&desk.shell, &Shell::errorWanted);
  desk.exchange.write(Format::table, "/nowhere/ratings.tsv");
  ASSERT_TRUE(test::wait_until([&] { return written.size() == 1; }));
  EXPECT_FALSE(written.at(0).at(1).toString().isEmpty());
  EXPECT_EQ(told.size(), 1);
  desk.exchange.cancel();
  EXPECT_EQ(desk.state().stage, Stage::idle);
}

}  // namespace
}  // namespace ipsi::ui
