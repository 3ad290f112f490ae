// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/study_model.h"

#include <QSignalSpy>
#include <map>

#include "core/ingest/flow.h"
#include "tests/cli/run.h"
#include "tests/ui/study/study_support.h"
#include "ui/viewmodels/people_model.h"

namespace ipsi::ui {
namespace {
using test::StudyDesk;

const ingest::HealthCheck& check(const StudyModel& model, const char* key) {
  for (const auto& c : model.state().health)
    if (c.key == key) return c;
  ADD_FAILURE() << "no check " << key;
  return model.state().health.front();
}

/// The tables with every trap, settled and imported.
void import_traps(StudyDesk& desk) {
  ImportModel import(desk.context);
  import.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(import));
  for (const auto& q : import.state().questions)
    if (q.id.startsWith("duplicate:")) {
      import.answer(q.id, "last");
      break;
    }
  ASSERT_TRUE(test::planned(import));
  ASSERT_TRUE(import.import());
}

TEST(StudyModel, HealthNamesWhoAndWhat) {
  StudyDesk desk(0);
  import_traps(desk);
  StudyModel model(desk.context);
  ASSERT_FALSE(model.state().empty);
  const auto& range = check(model, "icv_range");
  ASSERT_EQ(range.people.size(), 2U);
  EXPECT_EQ(range.people[0], (std::pair<std::string, std::string>("sub-011", "0.700 L")));
  EXPECT_EQ(range.people[1].first, "sub-012");
  EXPECT_EQ(check(model, "zeros").people.size(), 1U);  // sub-010's ICV; line 3 was left out
  EXPECT_EQ(check(model, "zeros").people[0].second, "ICV");
  EXPECT_EQ(check(model, "marks").people.size(), 3U);
  EXPECT_EQ(check(model, "swap").people.size(), 0U);
  EXPECT_GT(model.state().concerns, 0);
}

TEST(StudyModel, SidesThatDisagreeAreFound) {
  StudyDesk desk;
  study::Request request{.author = "B", .kind = "import", .summary = "masks", .changes = {}};
  request.put(study::Measurement{"sub-01", "1", "lesion", "left_fraction", "mask", 0.1, "", ""});   // table: left
  request.put(study::Measurement{"sub-02", "1", "lesion", "left_fraction", "mask", 0.95, "", ""});  // table: left
  ASSERT_TRUE(desk.session.apply(request));
  StudyModel model(desk.context);
  ASSERT_EQ(check(model, "swap").people.size(), 1U);
  EXPECT_EQ(check(model, "swap").people[0].first, "sub-01");
  EXPECT_EQ(check(model, "no_score").people.size(), 9U);
}

TEST(StudyModel, TheFlowNamesEveryoneWhoLeaves) {
  StudyDesk desk(0);
  import_traps(desk);
  StudyModel model(desk.context);
  const auto& flow = model.state().flow;
  ASSERT_FALSE(flow.empty());
  for (int i = 0; i < static_cast<int>(flow.size()); ++i) {
    EXPECT_EQ(static_cast<long long>(model.leaving(i).size()), flow[static_cast<std::size_t>(i)].out) << i;
    EXPECT_EQ(static_cast<long long>(model.reaching(i).size()), flow[static_cast<std::size_t>(i)].n) << i;
  }
  EXPECT_EQ(flow.back().label, "Analysed");
}

TEST(StudyModel, RescalingIsOneActAndClipsNothing) {
  StudyDesk desk(0);
  {
    ImportModel import(desk.context);
    import.add(desk.clean());
    ASSERT_TRUE(test::planned(import));
    ASSERT_TRUE(import.import());
  }
  StudyModel model(desk.context);
  ASSERT_EQ(model.state().scales.size(), 1U);
  const auto& scale = model.state().scales[0];
  EXPECT_EQ(scale.test, "FMA-UE");
  EXPECT_EQ(scale.max, "66");
  EXPECT_EQ(scale.n, 5);
  EXPECT_EQ(scale.range, "31 to 35");
  const auto before = *desk.session.snapshot();
  ASSERT_TRUE(model.rescale(0, 33, true));
  EXPECT_EQ(desk.session.snapshot()->last_act, before.last_act + 1);
  std::map<std::string, double> now;
  for (const auto& score : desk.session.snapshot()->scores) now[score.person] = score.normalised;
  EXPECT_DOUBLE_EQ(now["p-1"], 31.0 / 33.0);
  EXPECT_DOUBLE_EQ(now["p-3"], 1.0);
  EXPECT_TRUE(std::isnan(now["p-4"]));  // 34 of 33: kept, without a fraction
  EXPECT_EQ(model.state().scales[0].out_of_range, 2);
  EXPECT_EQ(model.outOfRange(0).front().second, "34 of 33");
  EXPECT_EQ(check(model, "out_of_range").people.size(), 2U);
  // Two people have no score left, and the flow says so.
  EXPECT_EQ(model.state().flow.back().n, 3);
  EXPECT_EQ(desk.session.snapshot()->exclusions.size(), 2U);
  ASSERT_TRUE(desk.session.undo({"rescale"}));
  const auto after = *desk.session.snapshot();
  ASSERT_EQ(after.scores.size(), before.scores.size());
  for (std::size_t i = 0; i < after.scores.size(); ++i)
    EXPECT_DOUBLE_EQ(after.scores[i].normalised, before.scores[i].normalised);
  EXPECT_EQ(model.state().flow.back().n, 5);
  ASSERT_TRUE(model.rescale(0, 66, false));
  for (const auto& score : desk.session.snapshot()->scores) EXPECT_DOUBLE_EQ(score.normalised, 1 - score.raw / 66);
}

TEST(StudyModel, AMaximumThatIsNoneIsRefused) {
  StudyDesk desk(0);
  {
    ImportModel import(desk.context);
    import.add(desk.clean());
    ASSERT_TRUE(test::planned(import));
    ASSERT_TRUE(import.import());
  }
  StudyModel model(desk.context);
  EXPECT_FALSE(model.rescale(0, 0, true));
  EXPECT_FALSE(model.state().scale_error.isEmpty());
  EXPECT_EQ(desk.session.snapshot()->last_act, 1);
}

TEST(StudyModel, NothingIsSaidOfAnEmptyStudy) {
  StudyDesk desk(0);
  StudyModel model(desk.context);
  EXPECT_TRUE(model.state().empty);
  EXPECT_TRUE(model.state().health.empty());
  EXPECT_TRUE(model.state().flow.empty());
  EXPECT_FALSE(model.rescale(0, 10, true));
  desk.session.close();
  EXPECT_FALSE(model.state().open);
}

// What the window shows is what the command line prints.
TEST(StudyModel, NumbersAreThoseOfTheCommandLine) {
  StudyDesk desk(0);
  ImportModel import(desk.context);
  import.add(StudyDesk::traps());
  ASSERT_TRUE(test::planned(import));
  const auto ran = test::ipsi({"study", "import", desk.file("small.ipsi"), "--volumes",
                               test::tests_path("data/ingest/LandRvolumes.csv").string(), "--participants",
                               test::tests_path("data/ingest/participants.tsv").string(), "--dry-run", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json dry = ran.json();
  EXPECT_EQ(import.state().counts[0].n, dry.at("matched").get<long long>());
  EXPECT_EQ(import.state().problems.size(), dry.at("problems").size());
  EXPECT_EQ(import.run()->plan.people, dry.at("people").get<long long>());
  import.cancel();

  import_traps(desk);
  StudyModel model(desk.context);
  PeopleModel people(desk.context);
  people.setView(PeopleModel::View::people);
  const Json info = test::ipsi({"study", "info", desk.file("small.ipsi"), "--json"}).json();
  EXPECT_EQ(people.state().people, info.at("patients").get<int>() + info.at("controls").get<int>());
  EXPECT_EQ(people.state().cohorts, info.at("cohorts").get<int>());
  EXPECT_EQ(people.state().analysed, info.at("analysed").get<int>());
  EXPECT_EQ(model.state().flow.back().n, info.at("analysed").get<long long>());
  const Json table = test::ipsi({"study", "table", desk.file("small.ipsi"), "--json"}).json();
  ASSERT_EQ(table.size(), people.state().shown.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const int row = static_cast<int>(i);
    EXPECT_EQ(people.cell(row, 0).toStdString(), table[i].at("subject").get<std::string>());
    const auto& score = table[i].at("primary_score");
    EXPECT_EQ(people.cell(row, 5), score.is_null() ? QString("–") : QString::number(score.get<double>(), 'f', 2));
    EXPECT_EQ(people.cell(row, 2), QString::number(table[i].at("age").get<double>(), 'f', 0));
    int known = 0;
    for (const auto& region : kRegions) known += table[i].at(std::string(region.key)).is_null() ? 0 : 1;
    EXPECT_EQ(people.cell(row, 10), QString::number(known));
    EXPECT_EQ(people.out(row), !table[i].at("analysed").get<bool>());
  }
}

}  // namespace
}  // namespace ipsi::ui
