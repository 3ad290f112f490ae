// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/ingest/flow.h"
#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
namespace fs = std::filesystem;
using test::of_trap;
using test::spit;

Sources demo_like(const fs::path& dir) {
  spit(dir / "p.tsv",
       "participant_id\tsession\tsite\tage\tsex\tdays_post_stroke\tlesion_side\tgroup\tfma_ue\n"
       "a\t1\tA\t60\tf\t200\tleft\tpatient\t30\n"
       "a\t2\tA\t61\tf\t500\tleft\tpatient\t40\n"  // a later session
       "b\t1\tA\t\tf\t200\tright\tpatient\t30\n"   // no age
       "c\t1\tB\t60\t\t200\tright\tpatient\t30\n"  // no sex
       "d\t1\tB\t60\tm\t200\tbilateral\tpatient\t30\n"
       "e\t1\tB\t60\tm\t200\tleft\tpatient\t\n"  // no score
       "f\t1\tB\t60\tm\t\t\tcontrol\t\n"
       "g\t1\tB\t60\tm\t200\tleft\tpatient\t30\n"  // no volumes
       "h\t1\tB\t60\tm\t200\tright\tpatient\t66\n"
       "i\t1\t\t60\tm\t200\tright\tpatient\t66\n");  // no cohort
  spit(dir / "v.csv",
       "SubjID,session,Lthal,Rthal,ICV\na,1,7000,7100,1500000\na,2,6900,7000,1500000\nb,1,7000,7100,1500000\nc,1,7000,"
       "7100,1500000\n"
       "d,1,7000,7100,1500000\ne,1,7000,7100,1500000\nf,1,7000,7100,1500000\nh,1,7000,7100,1500000\ni,1,7000,7100,"
       "1500000\nz,1,7000,7100,1500000\n");
  Sources sources;
  sources.participants = dir / "p.tsv";
  sources.volumes = dir / "v.csv";
  return sources;
}

TEST(Flow, CountsEveryoneWhoLeavesAndWhy) {
  test::TemporaryDir dir;
  const auto plan = test::plan_of(demo_like(dir.path()));
  struct Step {
    const char* label;
    long long n, out;
  };
  const std::vector<Step> expected{{"Found in the sources", 10, 1},
                                   {"Imported", 9, 0},
                                   {"First time-point", 9, 0},
                                   {"Patients", 9, 1},
                                   {"Cohort known", 8, 1},
                                   {"Subcortical volumes known", 7, 1},
                                   {"Lesion side left or right", 6, 1},
                                   {"Age known", 5, 1},
                                   {"Sex known", 4, 1},
                                   {"Intracranial volume known", 3, 0},
                                   {"Behaviour score known", 3, 1},
                                   {"Analysed", 2, 0}};
  ASSERT_EQ(plan.flow.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(plan.flow[i].label, expected[i].label);
    EXPECT_EQ(plan.flow[i].n, expected[i].n) << expected[i].label;
    EXPECT_EQ(plan.flow[i].out, expected[i].out) << expected[i].label;
    EXPECT_EQ(plan.flow[i].ordinal, static_cast<int>(i));
  }
  EXPECT_EQ(plan.flow[2].detail, "1 later session set aside");
  EXPECT_EQ(plan.flow[6].detail, "bilateral lesion: 1");
  EXPECT_EQ(plan.exclusions.size(), 7U);
  EXPECT_EQ(plan.matched, 8);
  EXPECT_EQ(plan.importable, 9);
  EXPECT_EQ(plan.people, 10);
}

TEST(Import, IsOneActThatCanBeUndone) {
  test::TemporaryDir dir;
  auto study = study::Study::create(dir / "s.ipsi");
  ASSERT_OK(study);
  const auto empty = study->snapshot();
  ASSERT_OK(empty);
  const auto plan = ingest::plan(demo_like(dir.path()), *empty, Task{});
  ASSERT_OK(plan);
  const auto request = to_request(*plan, "me");
  ASSERT_OK(request);
  ASSERT_OK(study->apply(*request));
  const auto full = study->snapshot();
  ASSERT_OK(full);
  EXPECT_EQ(full->people.size(), 9U);
  EXPECT_EQ(full->sessions.size(), 10U);
  EXPECT_EQ(full->flow.size(), 12U);
  EXPECT_EQ(full->exclusions.size(), 7U);
  ASSERT_OK(study->verify());
  EXPECT_TRUE(study->verify()->empty());
  ASSERT_OK(study->undo("me", 1));
  const auto back = study->snapshot();
  ASSERT_OK(back);
  EXPECT_TRUE(back->people.empty() && back->cohorts.empty() && back->sessions.empty() && back->measurements.empty() &&
              back->scores.empty() && back->exclusions.empty() && back->flow.empty() &&
              back->settings.size() == empty->settings.size());
}

TEST(Import, TwiceChangesNothing) {
  test::TemporaryDir dir;
  auto study = study::Study::create(dir / "s.ipsi");
  ASSERT_OK(study);
  for (int pass = 0; pass < 2; ++pass) {
    const auto snapshot = study->snapshot();
    ASSERT_OK(snapshot);
    const auto plan = ingest::plan(demo_like(dir.path()), *snapshot, Task{});
    ASSERT_OK(plan);
    const auto act = study->apply(*to_request(*plan, "me"));
    ASSERT_OK(act);
    EXPECT_EQ(*act == 0, pass == 1);
  }
}

TEST(Import, WhatIsBlockedChangesNothing) {
  test::TemporaryDir dir;
  spit(dir / "v.csv", "SubjID,Lthal\na,1\na,2\nb,3\nb,3\n");
  Sources sources;
  sources.volumes = dir / "v.csv";
  const auto plan = test::plan_of(sources);
  const auto request = to_request(plan, "me");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Code::Conflict);
  EXPECT_NE(request.error().mend.find("2 problems block"), std::string::npos);
  EXPECT_EQ(plan.duplicates.size(), 2U);
}

TEST(Import, LaterSourcesFillInAndKeepWhatWasKnown) {
  test::TemporaryDir dir;
  auto study = study::Study::create(dir / "s.ipsi");
  ASSERT_OK(study);
  auto sources = demo_like(dir.path());
  Sources table_only;
  table_only.participants = sources.participants;
  const auto first = ingest::plan(table_only, *study->snapshot(), Task{});
  ASSERT_OK(first);
  ASSERT_OK(study->apply(*to_request(*first, "me")));
  EXPECT_EQ(study->snapshot()->flow.back().n, 0);  // nobody has volumes yet
  Sources volumes_only;
  volumes_only.volumes = sources.volumes;
  const auto second = ingest::plan(volumes_only, *study->snapshot(), Task{});
  ASSERT_OK(second);
  EXPECT_EQ(second->matched, 8);
  ASSERT_OK(study->apply(*to_request(*second, "me")));
  const auto snapshot = study->snapshot();
  EXPECT_EQ(snapshot->flow.back().n, 2);
  EXPECT_EQ(snapshot->exclusions.size(), 7U);  // "no_volumes" was taken back where they came
  const auto a = std::ranges::find(snapshot->people, "a", &study::Person::id);
  EXPECT_EQ(a->sex, "female");
}

TEST(Import, HandMadeExclusionsStay) {
  study::Snapshot snapshot;
  snapshot.cohorts = {{"A", "A"}};
  snapshot.people = {{"a", "A", "patient", "female", "left", ""}, {"b", "A", "patient", "female", "left", ""}};
  for (const char* id : {"a", "b"}) {
    snapshot.sessions.push_back({id, "1", 1, "", 60, 200});
    snapshot.measurements.push_back({id, "1", "left_thalamus", "volume", "enigma_csv", 7000, "mm3", ""});
    snapshot.measurements.push_back({id, "1", "head", "icv", "enigma_csv", 1.5e6, "mm3", ""});
    snapshot.scores.push_back({id, "1", "FMA-UE", 33, 0, 66, "high", 0.5, ""});
  }
  snapshot.exclusions = {{"b", "withdrawn", "withdrew consent"}};
  const auto flow = flow_of(snapshot);
  EXPECT_TRUE(flow.exclusions.empty());
  EXPECT_EQ(flow.steps.back().n, 1);
  EXPECT_EQ(flow.steps[flow.steps.size() - 2].label, "Not excluded by hand");
}

TEST(Import, VolumesWithoutSessionGoToTheOnlyOneAndAreAskedOtherwise) {
  test::TemporaryDir dir;
  auto sources = demo_like(dir.path());
  spit(dir / "v.csv", "SubjID,Lthal\na,7000\nb,7000\n");
  const auto plan = test::plan_of(sources);
  EXPECT_TRUE(test::named(plan, "which_session", "v.csv", 2, "SubjID", "a"));
  EXPECT_EQ(test::measurement(plan, "a", "left_thalamus", "volume", "enigma_csv"), nullptr);
  EXPECT_NE(test::measurement(plan, "b", "left_thalamus", "volume", "enigma_csv"), nullptr);
  sources.session = "2";
  const auto second = test::plan_of(sources);
  ASSERT_NE(test::measurement(second, "a", "left_thalamus", "volume", "enigma_csv"), nullptr);
  EXPECT_EQ(test::measurement(second, "a", "left_thalamus", "volume", "enigma_csv")->session, "2");
  EXPECT_TRUE(test::named(second, "first_session_without_volumes", "p.tsv", 2, "", "a"));
}

TEST(Import, JsonHasTheKeysOfTheContract) {
  test::TemporaryDir dir;
  spit(dir / "v.csv", "SubjID,Lthal\na,0\n");
  Sources sources;
  sources.volumes = dir / "v.csv";
  const Json json = to_json(test::plan_of(sources));
  EXPECT_EQ(json["matched"], 1);
  const Json& problem = json["problems"][0];
  for (const char* key : {"file", "line", "column", "subject", "trap", "what", "mend"})
    EXPECT_TRUE(problem.contains(key)) << key;
  EXPECT_EQ(problem["file"], "v.csv");
  EXPECT_EQ(problem["line"], 2);
  EXPECT_EQ(problem["column"], "Lthal");
  EXPECT_EQ(problem["subject"], "a");
}

TEST(Import, TheNumberOfThreadsChangesNothing) {
  test::TemporaryDir dir;
  for (int i = 0; i < 9; ++i) test::write_subject(dir.path(), "sub-" + std::to_string(i));
  spit(dir / "sub-4" / "stats" / "aseg.stats", "broken");
  Sources sources;
  sources.freesurfer = dir.path();
  sources.threads = 1;
  const auto one = to_json(test::plan_of(sources)).dump();
  sources.threads = 4;
  EXPECT_EQ(to_json(test::plan_of(sources)).dump(), one);
}

TEST(Import, IsCancelled) {
  test::TemporaryDir dir;
  const auto sources = demo_like(dir.path());
  Task task;
  task.cancel();
  const auto plan = ingest::plan(sources, {}, task);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::Cancelled);
}

TEST(Import, NeedsSomethingToImport) {
  const auto plan = ingest::plan({}, {}, Task{});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::Usage);
}

}  // namespace
}  // namespace ipsi::ingest
