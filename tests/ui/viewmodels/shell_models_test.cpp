// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>

#include "tests/support/qt_support.h"
#include "tests/ui/viewmodels/small_study.h"
#include "ui/viewmodels/context.h"
#include "ui/viewmodels/dropped.h"
#include "ui/viewmodels/home_model.h"
#include "ui/viewmodels/palette.h"

namespace ipsi::ui {
namespace {

class Shelled : public testing::Test {
 protected:
  test::TemporaryDir folder_;
  StudySession session_;
  Jobs jobs_;
  Actions actions_;
  Settings settings_{QString::fromStdString((folder_ / "settings.conf").string())};
  Shell shell_;
  LiveModels models_{session_, jobs_};
  Latencies latencies_;
  Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
};

QStringList titles(const std::vector<PaletteEntry>& entries) {
  QStringList out;
  for (const auto& entry : entries) out << entry.title;
  return out;
}

TEST(Palette, RanksStartsBeforeMiddles) {
  EXPECT_LT(match_rank("z", "ok"), 0);
  EXPECT_LT(match_rank("un ok", "undo"), 0);  // every word must occur
  EXPECT_GE(match_rank("", "anything"), 0);
  EXPECT_LT(match_rank("un", "Undo"), match_rank("un", "Flag undone"));
  EXPECT_LT(match_rank("put", "Left putamen"), match_rank("put", "Computed"));
}

TEST_F(Shelled, PaletteFindsActionsPeopleAndRegions) {
  int ran = 0;
  actions_.add({"a", "Go to QC", "Ctrl+2", {}, [&] { ++ran; }});
  actions_.add({"b", "Flag ok", "A", "qc", [&] { ran += 10; }});
  actions_.add({"c", "Undo", "Ctrl+Z", {}, [&] {}, [] { return false; }, "take back"});
  EXPECT_EQ(titles(palette_entries(context_, "", "")), (QStringList{"Go to QC", "Undo"}));
  EXPECT_EQ(titles(palette_entries(context_, "qc", "")), (QStringList{"Go to QC", "Flag ok", "Undo"}));
  const auto undo = palette_entries(context_, "", "take");
  ASSERT_EQ(titles(undo), QStringList{"Undo"});
  EXPECT_FALSE(undo[0].enabled);
  EXPECT_EQ(undo[0].shortcut, "Ctrl+Z");
  palette_entries(context_, "qc", "flag")[0].run();
  EXPECT_EQ(ran, 10);

  test::make_small_study(folder_ / "s.ipsi");
  ASSERT_TRUE(session_.open(folder_ / "s.ipsi"));
  const auto people = palette_entries(context_, "", "sub-03");
  ASSERT_EQ(titles(people), QStringList{"sub-03"});
  people[0].run();
  EXPECT_EQ(session_.person(), "sub-03");
  const auto regions = palette_entries(context_, "", "putamen");
  ASSERT_EQ(titles(regions), (QStringList{"Left putamen", "Right putamen"}));
  regions[1].run();
  EXPECT_EQ(session_.region(), "right_putamen");
  EXPECT_EQ(session_.person(), "sub-03");
  EXPECT_EQ(titles(palette_entries(context_, "", "Rput")).front(), "Right putamen");
}

TEST_F(Shelled, ActionsGoWithTheirOwner) {
  auto owner = std::make_unique<QObject>();
  int ran = 0;
  actions_.add({"x", "X", {}, {}, [&] { ++ran; }}, owner.get());
  EXPECT_TRUE(actions_.trigger("x"));
  owner.reset();
  EXPECT_FALSE(actions_.trigger("x"));
  EXPECT_EQ(ran, 1);
}

TEST_F(Shelled, SettingsAreKeptAndRecentHasEachStudyOnce) {
  settings_.setTheme("dark");
  settings_.setTextPercent(400);
  settings_.setRadiological(false);
  test::spit(folder_ / "a.ipsi", "x");
  for (const char* name : {"a.ipsi", "b.ipsi", "a.ipsi"})
    settings_.addRecent(QString::fromStdString((folder_ / name).string()));
  EXPECT_EQ(settings_.theme(), "dark");  // at once
  const QString file = QString::fromStdString((folder_ / "settings.conf").string());
  ASSERT_TRUE(test::wait_until([&] { return Settings(file).theme() == "dark"; }));  // and on the disk soon after
  Settings again(file);
  EXPECT_EQ(again.textPercent(), 150);
  EXPECT_FALSE(again.radiological());
  const auto recent = settings_.recent();
  ASSERT_EQ(recent.size(), 2u);
  EXPECT_TRUE(recent[0].path.endsWith("a.ipsi"));
  EXPECT_TRUE(recent[0].note.isEmpty());
  EXPECT_FALSE(recent[1].note.isEmpty());  // never was a file
  settings_.removeRecent(recent[1].path);
  EXPECT_EQ(settings_.recent().size(), 1u);
}

TEST(Home, DaysInWords) {
  const QDateTime now(QDate(2026, 11, 20), QTime(9, 0));
  EXPECT_EQ(day_in_words(now.addSecs(-3600), now), "today");
  EXPECT_EQ(day_in_words(now.addSecs(-3600 * 10), now), "yesterday");  // by the calendar, not by 24 hours
  EXPECT_EQ(day_in_words(QDateTime(QDate(2026, 11, 3), QTime(9, 0)), now), "3 Nov");
  EXPECT_EQ(day_in_words(QDateTime(QDate(2024, 11, 3), QTime(9, 0)), now), "3 Nov 2024");
}

TEST_F(Shelled, DroppedFilesAreNamedForWhatTheyAre) {
  const auto path = [&](const char* name) { return QString::fromStdString((folder_ / name).string()); };
  const auto kind = [&](const char* name) {
    const auto found = classify_dropped({path(name)});
    EXPECT_TRUE(found.title.contains(QFileInfo(path(name)).fileName())) << name;
    EXPECT_FALSE(found.detail.isEmpty()) << name;
    return found.offers.empty() ? QString() : found.offers[0].kind;
  };
  test::spit(folder_ / "LandRvolumes.csv", "SubjID,LLatVent,RLatVent,Lthal,Rthal,ICV\nsub-1,1,2,3,4,5\n");
  test::spit(folder_ / "semicolon.csv", "\xEF\xBB\xBFSubjID;Lthal;Rthal\n");
  test::spit(folder_ / "participants.tsv", "participant_id\tsite\tage\n");
  test::spit(folder_ / "shopping.csv", "milk,bread\n1,2\n");
  test::spit(folder_ / "empty.csv", "");
  test::spit(folder_ / "photo.jpg", "x");
  test::spit(folder_ / "demo.ipsi", "x");
  std::filesystem::create_directories(folder_ / "subjects/sub-1/stats");
  test::spit(folder_ / "subjects/sub-1/stats/aseg.stats", "x");
  std::filesystem::create_directories(folder_ / "lesion_masks");
  std::filesystem::create_directories(folder_ / "holiday");
  EXPECT_EQ(kind("LandRvolumes.csv"), "volumes");
  EXPECT_EQ(kind("semicolon.csv"), "volumes");
  EXPECT_EQ(kind("participants.tsv"), "participants");
  EXPECT_EQ(kind("subjects"), "freesurfer");
  EXPECT_EQ(kind("subjects/sub-1"), "freesurfer");
  EXPECT_EQ(kind("lesion_masks"), "lesions");
  for (const char* name : {"shopping.csv", "empty.csv", "photo.jpg", "holiday", "missing.csv"})
    EXPECT_EQ(kind(name), "") << name;
  EXPECT_EQ(classify_dropped({path("demo.ipsi")}).study, path("demo.ipsi"));
  EXPECT_EQ(classify_dropped({path("LandRvolumes.csv"), path("participants.tsv")}).offers.size(), 2u);
}

}  // namespace
}  // namespace ipsi::ui
