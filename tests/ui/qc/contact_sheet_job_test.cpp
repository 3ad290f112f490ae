// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/contact_sheet_job.h"

#include <optional>

#include "core/report/contact_sheet.h"
#include "core/table/carried.h"
#include "tests/ui/qc/qc_support.h"

namespace ipsi::ui {
namespace {

Result<std::string> ratings_in(const std::string& document) {
  return table::carried_table(document, report::kSheetTable);
}

TEST(ContactSheetJob, WritesTheStudyAsItWasWhenItBegan) {
  test::QcStudy desk(true);
  study::Rating rating{"sub-01", "1", "left_putamen", "", study::Flag::failed, "half", "", ""};
  ASSERT_TRUE(desk.session.rate({rating}, "one"));
  std::optional<Result<review::SheetResult>> made;
  const auto path = desk.folder / "sheet.html";
  start_contact_sheet(desk.context, QString::fromStdString(path.string()), {}, &desk.session,
                      [&](const Result<review::SheetResult>& result) { made = result; });
  rating.flag = study::Flag::ok;
  rating.time.clear();
  ASSERT_TRUE(desk.session.rate({rating}, "another"));
  ASSERT_TRUE(test::wait_until([&] { return made.has_value(); }));
  ASSERT_OK(*made);
  EXPECT_EQ((*made)->people, 9U);
  EXPECT_EQ((*made)->ratings, 1U);
  const auto table = ratings_in(test::slurp(path));
  ASSERT_OK(table);
  EXPECT_NE(table->find("\tfailed\tA\thalf\t"), std::string::npos) << *table;
}

TEST(ContactSheetJob, AsksForTheRatersFlagsOnceTheyHaveRated) {
  test::QcStudy desk;
  EXPECT_EQ(sheet_ask(desk.context, {"sub-02"}).rater, "");
  ASSERT_TRUE(desk.session.rate({{"sub-01", "1", "left_putamen", "", study::Flag::ok, "", "", ""}}, "one"));
  const auto ask = sheet_ask(desk.context, {"sub-02"}, 4);
  EXPECT_EQ(ask.rater, "A");
  EXPECT_EQ(ask.region, "left_putamen");
  EXPECT_EQ(ask.subjects, std::vector<std::string>{"sub-02"});
}

TEST(ContactSheetJob, AFailureIsInTheTray) {
  test::QcStudy desk;
  start_contact_sheet(desk.context, QString::fromStdString((desk.folder / "none" / "x.pdf").string()), {}, nullptr);
  ASSERT_TRUE(test::wait_until([&] { return desk.jobs.running(true) == 0; }));
  const auto jobs = desk.jobs.list();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].state, Jobs::State::failed);
  EXPECT_TRUE(jobs[0].error.contains("none"));
}

}  // namespace
}  // namespace ipsi::ui
