// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/analysis_table.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/study/subgroup.h"
#include "core/table/delimited.h"
#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

double number(const table::Table& table, const std::string& column, std::size_t row) {
  return table.find(column)->values.at(row);
}
std::string text(const table::Table& table, const std::string& column, std::size_t row) {
  return table.find(column)->texts.at(row);
}

Snapshot one_person(const std::string& side) {
  Snapshot s;
  s.cohorts = {{"c", ""}};
  s.people = {{"sub-1", "c", "patient", "female", side, ""}};
  s.sessions = {{"sub-1", "1", 1, "", 60, 200}};
  for (const auto& region : kRegions)
    s.measurements.push_back(
        {"sub-1", "1", std::string(region.key), "volume", "enigma_csv", 100.0 + region.label, "mm3", ""});
  return s;
}

TEST(AnalysisTable, IpsiIsTheSideOfTheLesion) {
  for (const std::string side : {"left", "right"}) {
    Snapshot s = one_person(side);
    s.ratings = {{"sub-1", "1", "left_caudate", "A", Flag::lesioned, "", "", ""}};
    const auto table = analysis_table(s);
    ASSERT_OK(table);
    EXPECT_EQ(number(*table, "left_thalamus", 0), 110);
    EXPECT_EQ(number(*table, "right_thalamus", 0), 149);
    EXPECT_EQ(number(*table, "ipsi_thalamus", 0), side == "left" ? 110 : 149);
    EXPECT_EQ(number(*table, "contra_thalamus", 0), side == "left" ? 149 : 110);
    EXPECT_EQ(number(*table, "ipsi_lateral_ventricle", 0), side == "left" ? 104 : 143);
    EXPECT_EQ(text(*table, side == "left" ? "flag_ipsi_caudate" : "flag_contra_caudate", 0), "lesioned");
    EXPECT_EQ(text(*table, side == "left" ? "flag_contra_caudate" : "flag_ipsi_caudate", 0), "unrated");
    EXPECT_EQ(number(*table, "left_caudate", 0), 111) << "flags never blank a volume here";
  }
  for (const std::string side : {"bilateral", "none", ""}) {
    const auto table = analysis_table(one_person(side));
    ASSERT_OK(table);
    EXPECT_TRUE(std::isnan(number(*table, "ipsi_thalamus", 0)));
    EXPECT_EQ(text(*table, "flag_ipsi_thalamus", 0), "");
    EXPECT_EQ(number(*table, "left_thalamus", 0), 110);
  }
}

TEST(AnalysisTable, MirroringTheStudyMirrorsNothingButTheSides) {
  Snapshot s = one_person("left");
  Snapshot mirrored = one_person("right");
  for (auto& m : mirrored.measurements) {
    const Region& region = *find_region(m.region);
    m.region = region_of(region.structure, other(region.side)).key;
  }
  const auto a = analysis_table(s), b = analysis_table(mirrored);
  ASSERT_OK(a);
  ASSERT_OK(b);
  for (const auto structure : kStructures)
    for (const std::string prefix : {"ipsi_", "contra_"})
      EXPECT_EQ(number(*a, prefix + std::string(structure), 0), number(*b, prefix + std::string(structure), 0));
}

TEST(AnalysisTable, TakesTheFirstTimePointAndTheFirstSourceThatHasAValue) {
  Snapshot s = one_person("left");
  s.sessions.push_back({"sub-1", "0", 0, "", 59, 10});
  s.measurements.push_back({"sub-1", "0", "left_thalamus", "volume", "label_count", 7, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "left_thalamus", "volume", "aseg_stats", kMissing, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "left_thalamus", "volume", "enigma_csv", 5, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "right_thalamus", "volume", "label_count", 8, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "left_putamen", "volume", "unheard_of", 9, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "head", "icv", "table", 1.4e6, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "head", "icv", "enigma_csv", 1.5e6, "mm3", ""});
  s.measurements.push_back({"sub-1", "0", "lesion", "volume", "table", 4300, "mm3", ""});
  const auto table = analysis_table(s);
  ASSERT_OK(table);
  EXPECT_EQ(text(*table, "session", 0), "0");
  EXPECT_EQ(number(*table, "age", 0), 59);
  EXPECT_EQ(number(*table, "days_post_stroke", 0), 10);
  EXPECT_EQ(number(*table, "left_thalamus", 0), 5);
  EXPECT_EQ(number(*table, "right_thalamus", 0), 8);
  EXPECT_TRUE(std::isnan(number(*table, "left_putamen", 0)));
  EXPECT_TRUE(std::isnan(number(*table, "left_caudate", 0))) << "the later session does not fill in";
  EXPECT_EQ(text(*table, "volume_source", 0), "enigma_csv+label_count");
  EXPECT_EQ(number(*table, "icv", 0), 1.5e6);
  EXPECT_EQ(text(*table, "icv_source", 0), "enigma_csv");
  EXPECT_EQ(number(*table, "lesion_volume", 0), 4300);
  const auto counted = analysis_table(s, {.volume_sources = {"label_count"}});
  EXPECT_EQ(number(*counted, "left_thalamus", 0), 7);
}

TEST(AnalysisTable, PatientsComeBeforeControlsInNaturalOrder) {
  Snapshot s;
  for (const char* id : {"sub-10", "sub-9", "hc-2", "sub-1", "hc-1"})
    s.people.push_back({id, "", id[0] == 'h' ? "control" : "patient", "", "", ""});
  s.exclusions = {{"sub-9", "no_age", "age is missing"}, {"hc-1", "control", ""}};
  const auto table = analysis_table(s);
  ASSERT_OK(table);
  EXPECT_EQ(table->find("subject")->texts, (std::vector<std::string>{"sub-1", "sub-9", "sub-10", "hc-1", "hc-2"}));
  EXPECT_EQ(table->find("analysed")->values, (std::vector<double>{1, 0, 1, 0, 1}));
  EXPECT_EQ(table->find("analysed")->kind, table::Column::Kind::logical);
  EXPECT_EQ(table->find("excluded_because")->texts,
            (std::vector<std::string>{"", "age is missing", "", "control", ""}));
}

TEST(AnalysisTable, PrimaryScoreIsTheCohortsMeasureThatIsCommonestOverall) {
  Snapshot s;
  const auto person = [&](const std::string& id, const std::string& cohort, std::map<std::string, double> scores) {
    s.people.push_back({id, cohort, "patient", "", "left", ""});
    s.sessions.push_back({id, "1", 1, "", 50, 200});
    for (const auto& [test, value] : scores) s.scores.push_back({id, "1", test, 1, 0, 1, "high", value, ""});
  };
  person("a1", "a", {{"FMA-UE", 0.1}, {"ARAT", 0.2}});  // overall: FMA-UE 3, ARAT 2, NIHSS 2, WMFT 1, MoCA 5
  person("a2", "a", {{"ARAT", 0.3}, {"MoCA", 0.9}});
  person("b1", "b", {{"NIHSS", 0.4}, {"WMFT", 0.45}, {"MoCA", 0.9}});
  person("b2", "b", {{"NIHSS", 0.5}, {"MoCA", 0.9}});
  person("c1", "c", {{"FMA-UE", 0.6}});
  person("c2", "c", {{"FMA-UE", 0.7}, {"MoCA", 0.9}});
  person("d1", "d", {{"MoCA", 0.9}});
  const auto table = analysis_table(s);
  ASSERT_OK(table);
  const std::vector<std::string> tests{"FMA-UE", "", "NIHSS", "NIHSS", "FMA-UE", "FMA-UE", ""};
  EXPECT_EQ(table->find("primary_test")->texts, tests);
  const std::vector<double> scores{0.1, kMissing, 0.4, 0.5, 0.6, 0.7, kMissing};
  for (std::size_t i = 0; i < scores.size(); ++i)
    EXPECT_TRUE(ipsi::test::near(number(*table, "primary_score", i), scores[i], 0)) << i;
  EXPECT_EQ(text(*table, "activity_test", 0), "ARAT");
  EXPECT_EQ(text(*table, "activity_test", 2), "WMFT");
  EXPECT_EQ(number(*table, "activity", 2), 0.45);
  EXPECT_EQ(number(*table, "impairment", 5), 0.7);
  EXPECT_EQ(number(*table, "score_nihss", 3), 0.5);
  EXPECT_EQ(number(*table, "score_fma_ue", 4), 0.6);
}

TEST(DecidedFlag, FollowsTheRule) {
  const Rating ok{"p", "1", "r", "A", Flag::ok}, lesioned{"p", "1", "r", "B", Flag::lesioned},
      failed{"p", "1", "r", "C", Flag::failed}, agreed{"p", "1", "r", "consensus", Flag::ok},
      open{"p", "1", "r", "consensus", Flag::unrated};
  const AnalysisOptions strictest{.rule = RatingRule::strictest}, consensus{},
      only_b{.rule = RatingRule::one_rater, .rater = "B"};
  EXPECT_EQ(decided_flag({}, consensus), Flag::unrated);
  EXPECT_EQ(decided_flag({&ok, &lesioned, &failed}, strictest), Flag::failed);
  EXPECT_EQ(decided_flag({&failed, &lesioned, &ok}, consensus), Flag::failed);
  EXPECT_EQ(decided_flag({&failed, &agreed, &lesioned}, consensus), Flag::ok);
  EXPECT_EQ(decided_flag({&failed, &agreed, &lesioned}, strictest), Flag::failed);
  EXPECT_EQ(decided_flag({&ok, &open, &lesioned}, consensus), Flag::lesioned);
  EXPECT_EQ(decided_flag({&ok, &lesioned, &failed}, only_b), Flag::lesioned);
  EXPECT_EQ(decided_flag({&ok, &failed}, only_b), Flag::unrated);
  EXPECT_FALSE(analysis_table(Snapshot{}, {.rule = RatingRule::one_rater}));
}

TEST(Subgroup, HasTheLimitsOfTheReferenceAnalysis) {
  const auto groups = [](double days) {
    std::string out;
    for (const Subgroup g : {Subgroup::subacute, Subgroup::early, Subgroup::chronic, Subgroup::all})
      if (contains(g, days)) out += std::string(to_string(g)) + " ";
    return out;
  };
  EXPECT_EQ(groups(0), "subacute early all ");
  EXPECT_EQ(groups(21), "subacute early all ");
  EXPECT_EQ(groups(22), "subacute all ");
  EXPECT_EQ(groups(90), "subacute all ");
  EXPECT_EQ(groups(91), "all ");
  EXPECT_EQ(groups(179), "all ");
  EXPECT_EQ(groups(180), "chronic all ");
  EXPECT_EQ(groups(-4), "all ");
  EXPECT_EQ(groups(kMissing), "all ");
  EXPECT_EQ(parse_subgroup(" Chronic"), Subgroup::chronic);
  EXPECT_FALSE(parse_subgroup("acute"));
}

TEST(CountFlow, GoesFromEveryoneToTheAnalysed) {
  Snapshot s;
  for (int i = 0; i < 10; ++i) s.people.push_back({fmt::format("p{}", i), "", "patient", "", "", ""});
  s.exclusions = {{"p1", "no_sex", "sex is missing"}, {"p2", "no_side", "bilateral"},
                  {"p3", "no_side", "unknown side"},  {"p4", "no_age", ""},
                  {"p5", "by_hand", "withdrew"},      {"gone", "no_age", ""},
                  {"p6", "no_side", "bilateral"},     {"p7", "not_first_session", ""}};
  std::vector<std::string> lines;
  for (const auto& step : count_flow(s))
    lines.push_back(fmt::format("{} {} -{} {}", step.label, step.n, step.out, step.detail));
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "Everyone 10 -0 ", "not_first_session 10 -1 ", "no_side 9 -3 bilateral: 2; unknown side: 1",
                       "no_age 6 -1 ", "no_sex 5 -1 sex is missing: 1", "by_hand 4 -1 withdrew: 1", "Analysed 3 -0 "}));
}

// The simulated study of the statistical oracles, put into a study file and read back as an analysis table: n and
// cohorts of each region's chronic model must be those that R counted (enigma_sim/table.csv).
TEST(AnalysisTable, CountsWhatTheOracleCounts) {
  IPSI_NEEDS_SHARED("oracles/stats/enigma_sim/data.csv");
  const auto data = table::read_table(ipsi::test::shared_path("oracles/stats/enigma_sim/data.csv"));
  ASSERT_OK(data);
  const std::map<std::string, std::string> structures{{"Thal", "thalamus"},    {"Caud", "caudate"},
                                                      {"Put", "putamen"},      {"Pal", "pallidum"},
                                                      {"Accumb", "accumbens"}, {"LatVent", "lateral_ventricle"}};
  Request request{"oracle", "import", "enigma_sim", {}};
  for (std::size_t r = 0; r < data->rows(); ++r) {
    const std::string id = text(*data, "subject_id", r), cohort = data->find("cohort")->cell(r);
    request.put(Cohort{cohort, ""});
    request.put(Person{id, cohort, "patient", text(*data, "sex", r) == "F" ? "female" : "male",
                       text(*data, "lesion_side", r) == "L" ? "left" : "right", ""});
    request.put(Session{id, "1", 1, "", number(*data, "age", r), number(*data, "days_post_stroke", r)});
    request.put(Measurement{id, "1", "head", "icv", "enigma_csv", number(*data, "icv", r), "mm3", ""});
    for (const auto& [short_name, structure] : structures)
      for (const std::string side : {"L", "R"}) {
        const std::string region = (side == "L" ? "left_" : "right_") + structure;
        const auto flag = parse_flag(text(*data, "qc_" + side + short_name, r));
        ASSERT_TRUE(flag);
        request.put(
            Measurement{id, "1", region, "volume", "enigma_csv", number(*data, side + short_name, r), "mm3", ""});
        request.put(Rating{id, "1", region, "oracle", *flag, "", "", ""});
      }
  }
  ipsi::test::TemporaryDir dir;
  auto study = Study::create(dir / "sim.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply(request));
  const auto snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  const auto table = analysis_table(*snapshot);
  ASSERT_OK(table);
  ASSERT_EQ(table->rows(), data->rows());
  const auto chronic = rows_of(*table, Subgroup::chronic);
  ASSERT_OK(chronic);
  const auto expected = table::read_table(ipsi::test::shared_path("oracles/stats/enigma_sim/table.csv"));
  ASSERT_OK(expected);
  ASSERT_EQ(expected->rows(), 12U);
  for (std::size_t e = 0; e < expected->rows(); ++e) {
    const std::string region = text(*expected, "side", e) + "_" + structures.at(text(*expected, "roi", e));
    double n = 0;
    std::set<std::string> cohorts;
    for (const std::size_t row : *chronic) {
      if (text(*table, "flag_" + region, row) != "ok" || std::isnan(number(*table, region, row))) continue;
      ++n;
      cohorts.insert(text(*table, "cohort", row));
    }
    EXPECT_EQ(n, number(*expected, "n", e)) << region;
    EXPECT_EQ(static_cast<double>(cohorts.size()), number(*expected, "cohorts", e)) << region;
  }
  // And cell by cell: ipsi and contra of every person against the columns of the source.
  std::map<std::string, std::size_t> source_row;
  for (std::size_t r = 0; r < data->rows(); ++r) source_row[text(*data, "subject_id", r)] = r;
  for (std::size_t row = 0; row < table->rows(); ++row) {
    const std::size_t from = source_row.at(text(*table, "subject", row));
    const std::string ipsi = text(*data, "lesion_side", from), contra = ipsi == "L" ? "R" : "L";
    for (const auto& [short_name, structure] : structures) {
      EXPECT_EQ(number(*table, "ipsi_" + structure, row), number(*data, ipsi + short_name, from));
      EXPECT_EQ(number(*table, "contra_" + structure, row), number(*data, contra + short_name, from));
      EXPECT_EQ(text(*table, "flag_ipsi_" + structure, row), text(*data, "qc_" + ipsi + short_name, from));
      EXPECT_EQ(text(*table, "flag_contra_" + structure, row), text(*data, "qc_" + contra + short_name, from));
    }
  }
}

}  // namespace
}  // namespace ipsi::study
