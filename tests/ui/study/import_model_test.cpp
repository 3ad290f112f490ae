// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/import_model.h"

#include <QSignalSpy>
#include <algorithm>

#include "core/ingest/import.h"
#include "tests/ui/study/study_support.h"

namespace ipsi::ui {
namespace {
using test::StudyDesk;
using Stage = ImportModel::Stage;

const ProblemRow* find(const ImportModel& model, const char* trap, int line, const char* column) {
  for (const auto& row : model.state().problems)
    if (row.trap == trap && row.line == line && row.column == column) return &row;
  return nullptr;
}

TEST(ImportModel, EveryTrapIsNamedWithItsPlaceAndWhatWasFound) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  EXPECT_EQ(model.state().stage, Stage::running);
  ASSERT_TRUE(test::planned(model));
  const auto& state = model.state();
  const auto* zero = find(model, "missing_structure", 3, "Lthal");
  ASSERT_NE(zero, nullptr);
  EXPECT_EQ(zero->found, "0");
  EXPECT_EQ(zero->subject, "sub-002");
  EXPECT_EQ(zero->does, "read as missing");
  EXPECT_EQ(zero->state, ProblemState::check);
  const auto* rounded = find(model, "six_significant_digits", 4, "ICV");
  ASSERT_NE(rounded, nullptr);
  EXPECT_EQ(rounded->found, "1,52346e+06");
  const auto* twice = find(model, "duplicate_id", 15, "SubjID");
  ASSERT_NE(twice, nullptr);
  EXPECT_EQ(twice->other_line, 3);
  EXPECT_EQ(twice->state, ProblemState::blocked);
  EXPECT_EQ(find(model, "non_subject", 7, "SubjID")->state, ProblemState::handled);
  EXPECT_EQ(find(model, "not_a_number", 21, "Lthal")->found, "abc");
  EXPECT_FALSE(state.can_import);
  EXPECT_EQ(state.import_text, "Import 0 of 20");
  EXPECT_TRUE(state.blocked_why.contains("blocks"));
  EXPECT_EQ(desk.session.snapshot()->people.size(), 0U);
}

TEST(ImportModel, WhatIsShownIsThePlanOfTheCore) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(model));
  ingest::Sources sources;
  sources.volumes = test::tests_path("data/ingest/LandRvolumes.csv");
  sources.participants = test::tests_path("data/ingest/participants.tsv");
  const auto plan = ingest::plan(sources, *desk.session.snapshot(), Task());
  ASSERT_OK(plan);
  const auto& state = model.state();
  ASSERT_EQ(state.problems.size(), plan->problems.size());
  EXPECT_EQ(state.filter_counts[0], static_cast<int>(plan->problems.size()));
  EXPECT_EQ(state.counts[0].n, plan->matched);
  EXPECT_EQ(state.counts[0].ids.size(), plan->matched);
  std::vector<std::string> shown, told;
  for (const auto& row : state.problems)
    shown.push_back(fmt::format("{}:{}:{}", row.file.toStdString(), row.line, row.trap.toStdString()));
  for (const auto& p : plan->problems) told.push_back(fmt::format("{}:{}:{}", p.file, p.line, p.trap));
  std::sort(shown.begin(), shown.end()), std::sort(told.begin(), told.end());
  EXPECT_EQ(shown, told);
  long long unmatched = 0, shown_unmatched = 0;
  for (const auto& u : plan->unmatched) unmatched += static_cast<long long>(u.ids.size());
  for (const auto& c : state.counts) shown_unmatched += c.key.startsWith("in:") ? c.n : 0;
  EXPECT_EQ(shown_unmatched, unmatched);
}

TEST(ImportModel, ImportIsOneActThatUndoTakesBack) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  QSignalSpy toast(&desk.shell, &Shell::toastWanted);
  model.add(desk.clean());
  ASSERT_TRUE(test::planned(model));
  EXPECT_EQ(model.state().import_text, "Import 5 of 5");
  EXPECT_TRUE(model.state().problems.empty()) << model.state().problems.front().what.toStdString();
  ASSERT_TRUE(model.import());
  EXPECT_EQ(model.state().stage, Stage::idle);
  EXPECT_EQ(desk.session.snapshot()->people.size(), 5U);
  EXPECT_EQ(desk.session.snapshot()->last_act, 1);
  EXPECT_EQ(toast.count(), 1);
  ASSERT_TRUE(desk.session.undo({"import"}));
  EXPECT_EQ(desk.session.snapshot()->people.size(), 0U);
  EXPECT_EQ(desk.session.snapshot()->scores.size(), 0U);
  ASSERT_TRUE(desk.session.redo());
  EXPECT_EQ(desk.session.snapshot()->people.size(), 5U);
}

TEST(ImportModel, SexIsAskedForAndNeverGuessed) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(desk.clean(true));
  ASSERT_TRUE(test::planned(model));
  EXPECT_FALSE(model.state().can_import);
  ASSERT_EQ(model.state().questions.size(), 1U);
  const auto& q = model.state().questions[0];
  EXPECT_EQ(q.id, "sex.female");
  ASSERT_EQ(q.answers.size(), 2U);
  EXPECT_EQ(q.answers[0].text, "1, 2 people");
  EXPECT_EQ(q.answers[1].text, "2, 3 people");
  EXPECT_FALSE(q.answers[0].chosen || q.answers[1].chosen);
  model.answer("sex.female", "2");
  ASSERT_TRUE(test::planned(model));
  EXPECT_TRUE(model.state().can_import);
  EXPECT_TRUE(model.state().questions[0].answers[1].chosen);
  ASSERT_TRUE(model.import());
  int female = 0;
  for (const auto& person : desk.session.snapshot()->people) female += person.sex == "female" ? 1 : 0;
  EXPECT_EQ(female, 3);
}

TEST(ImportModel, ADuplicateIsSettledByChoosingALine) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(model));
  const auto& questions = model.state().questions;
  const auto q =
      std::find_if(questions.begin(), questions.end(), [](const auto& x) { return x.id.startsWith("duplicate:"); });
  ASSERT_NE(q, questions.end());
  EXPECT_EQ(q->answers[1].text, "Line 15");
  model.answer(q->id, "last");  // line 3 has a zero, line 15 a volume
  ASSERT_TRUE(test::planned(model));
  EXPECT_TRUE(model.state().can_import);
  EXPECT_EQ(model.state().import_text, "Import 16 of 20");
  EXPECT_EQ(find(model, "missing_structure", 3, "Lthal"), nullptr);
  EXPECT_NE(find(model, "skipped_line", 3, ""), nullptr);
  model.answer("join", "yes");
  ASSERT_TRUE(test::planned(model));
  EXPECT_EQ(model.state().import_text, "Import 16 of 17");
  ASSERT_TRUE(model.import());
  for (const auto& m : desk.session.snapshot()->measurements)
    if (m.person == "sub-002" && m.region == "left_thalamus") {
      EXPECT_DOUBLE_EQ(m.value, 7200.1);
    }
}

TEST(ImportModel, TheLinesAreThoseOfTheFile) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(model));
  for (std::size_t i = 0; i < model.state().problems.size(); ++i)
    if (model.state().problems[i].trap == "six_significant_digits") model.choose(static_cast<int>(i));
  const auto& excerpt = model.state().excerpt;
  EXPECT_EQ(excerpt.title, "LandRvolumes.csv, line 4");
  ASSERT_EQ(excerpt.lines.size(), 6U);  // the header and two lines on each side
  EXPECT_TRUE(excerpt.lines[0].header);
  const auto& line = excerpt.lines[3];
  EXPECT_TRUE(line.current);
  EXPECT_EQ(line.number, 4);
  EXPECT_TRUE(line.text.startsWith("sub-003;9500,5;"));
  EXPECT_EQ(line.text.mid(line.mark_at, line.mark_length), "1,52346e+06");
}

TEST(ImportModel, CellsAreFoundInQuotedLines) {
  const QString line = "\"a,b\", c ,,d";
  const auto cell = [&](int index) {
    const auto [at, length] = cell_range(line, ',', index);
    return at < 0 ? QString("none") : line.mid(at, length);
  };
  EXPECT_EQ(cell(0), "\"a,b\"");
  EXPECT_EQ(cell(1), "c");
  EXPECT_EQ(cell(2), "");
  EXPECT_EQ(cell(3), "d");
  EXPECT_EQ(cell(4), "none");
}

TEST(ImportModel, AFilterNarrowsAndKeepsTheChosenWhereItCan) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(model));
  model.setFilter(ImportModel::Filter::bad);
  const auto& state = model.state();
  EXPECT_EQ(static_cast<int>(state.shown.size()), state.filter_counts[2]);
  EXPECT_LT(state.filter_counts[2], state.filter_counts[0]);
  for (const int i : state.shown) EXPECT_GE(state.problems[static_cast<std::size_t>(i)].state, ProblemState::error);
  const int first = state.current;
  model.step(1);
  EXPECT_NE(model.state().current, first);
  const int second = model.state().current;
  model.setFilter(ImportModel::Filter::all);
  EXPECT_EQ(model.state().current, second);
}

TEST(ImportModel, WhoACountIsCanBeSeen) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(model));
  model.openCount("in:volumes:participants");
  EXPECT_EQ(model.state().opened_count, "in:volumes:participants");
  for (const auto& count : model.state().counts) EXPECT_EQ(count.n, count.ids.size()) << count.key.toStdString();
  model.openCount("in:volumes:participants");
  EXPECT_TRUE(model.state().opened_count.isEmpty());
}

TEST(ImportModel, AnUnreadableFolderIsSaidAndTheSourcesStay) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add({{"freesurfer", QString::fromStdString(desk.file("nowhere"))}});
  ASSERT_TRUE(test::wait_until([&] { return model.state().stage == Stage::failed; }));
  EXPECT_FALSE(model.state().error.what.isEmpty());
  EXPECT_TRUE(model.state().error.where.contains("nowhere") || model.state().error.what.contains("nowhere"));
  ASSERT_EQ(model.state().sources.size(), 1U);
  EXPECT_TRUE(desk.jobs.list().empty());  // told in its place, not in the tray as well
  EXPECT_FALSE(model.import());
  model.add(desk.clean());
  model.remove("freesurfer");
  ASSERT_TRUE(test::planned(model));
  EXPECT_TRUE(model.state().error.what.isEmpty());
}

TEST(ImportModel, ABrokenTableIsAnErrorWithItsLine) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add({{"volumes", desk.write("LandRvolumes.csv", "SubjID,Lthal\np-1,7000\np-2,7000,1,2,3\n")}});
  ASSERT_TRUE(test::wait_until([&] { return model.state().stage == Stage::failed; }));
  EXPECT_TRUE(model.state().error.where.contains("3")) << model.state().error.where.toStdString();
}

TEST(ImportModel, AReadOnlyStudyIsLookedAtButNotWritten) {
  StudyDesk desk(0);
  StudySession other;
  ASSERT_TRUE(other.open(desk.folder / "small.ipsi"));
  ASSERT_TRUE(other.readOnly());
  Context context{other, desk.jobs, desk.actions, desk.settings, desk.shell, desk.models, desk.latencies};
  ImportModel model(context);
  model.add(desk.clean());
  ASSERT_TRUE(test::planned(model));
  EXPECT_FALSE(model.state().can_import);
  EXPECT_TRUE(model.state().blocked_why.contains("read-only"));
  EXPECT_FALSE(model.import());
  EXPECT_EQ(model.state().stage, Stage::planned);
  EXPECT_FALSE(model.state().error.what.isEmpty());
}

TEST(ImportModel, ADryRunCanBeStopped) {
  StudyDesk desk(0);
  std::string volumes = "SubjID,Lthal,Rthal\n";
  for (int i = 0; i < 40000; ++i) volumes += fmt::format("p-{},7000.5,7001.5\n", i);
  ImportModel model(desk.context);
  model.add({{"volumes", desk.write("LandRvolumes.csv", volumes)}});
  model.stop();
  ASSERT_TRUE(test::wait_until([&] { return model.state().stage == Stage::stopped; }));
  EXPECT_EQ(model.state().sources[0].badge, "not read");
  EXPECT_EQ(desk.session.snapshot()->people.size(), 0U);
  model.cancel();
  EXPECT_FALSE(model.active());
}

TEST(ImportModel, AnotherImportMeanwhileIsSeen) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(desk.clean());
  ASSERT_TRUE(test::planned(model));
  study::Request request{.author = "B", .kind = "import", .summary = "x", .changes = {}};
  request.put(study::Cohort{"Y", "Y"});
  request.put(study::Person{"q-1", "Y", "patient", "female", "left", ""});
  ASSERT_TRUE(desk.session.apply(request));
  EXPECT_EQ(model.state().stage, Stage::running);
  ASSERT_TRUE(test::planned(model));
}

TEST(ImportModel, TheListIsWrittenAsATableAndWhole) {
  StudyDesk desk(0);
  ImportModel model(desk.context);
  model.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(model));
  ASSERT_TRUE(model.exportProblems(QString::fromStdString(desk.file("list.csv"))));
  const auto sheet = table::read_sheet(desk.folder / "list.csv");
  ASSERT_OK(sheet);
  EXPECT_EQ(sheet->rows.size(), model.state().problems.size());
  ASSERT_TRUE(model.exportProblems(QString::fromStdString(desk.file("all.json"))));
  const Json json = Json::parse(test::slurp(desk.folder / "all.json"));
  EXPECT_EQ(json.at("problems").size(), model.state().problems.size());
  EXPECT_FALSE(model.exportProblems(QString::fromStdString(desk.file("no/such/folder/list.csv"))));
}

}  // namespace
}  // namespace ipsi::ui
