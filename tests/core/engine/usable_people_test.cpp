// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/usable_people.h"

#include "core/engine/batch.h"
#include "core/engine/interaction.h"
#include "core/engine/live.h"
#include "core/engine/registry.h"
#include "core/study/analysis_table.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

/// A formula on these people is the region's model of the batch.
TEST(UsablePeople, AFormulaGivesTheBatchsEstimate) {
  auto patients = test::many_patients(240, 9);
  for (std::size_t i = 0; i < patients.size(); ++i) patients[i].days = static_cast<double>(5 + i * 3);
  auto snapshot = test::snapshot_of(patients);
  for (std::size_t i = 0; i < snapshot.ratings.size(); i += 17)
    snapshot.ratings[i].flag = i % 2 == 0 ? study::Flag::lesioned : study::Flag::failed;
  const auto people = study::analysis_table(snapshot, {});
  ASSERT_OK(people);
  const auto batch = run_batch(snapshot, published_analyses(), {}, Task());
  ASSERT_OK(batch);
  const auto results = test::table_of(*batch, "results");
  int compared = 0;
  for (const auto& [subset, word] :
       {std::pair{study::Subgroup::all, "all"}, std::pair{study::Subgroup::chronic, "chronic"}}) {
    const auto usable = usable_people(*people, subset);
    ASSERT_OK(usable);
    for (const char* structure : {"putamen", "thalamus"}) {
      const std::size_t r = test::row_of(results, word, "ipsilesional", structure);
      spec::Spec spec;
      spec.method = "lme";
      spec.formula = fmt::format("z(ipsi_{}) ~ primary_score + z(age) + z(icv) + sex + (1 | cohort)", structure);
      const auto fit = run_method(spec, *usable, Task());
      ASSERT_OK(fit);
      EXPECT_EQ(fit->json["n_obs"].get<double>(), test::number(results, "n", r));
      EXPECT_TRUE(test::near(fit->json["fixed"]["value"][1].get<double>(), test::number(results, "beta", r), 1e-7));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 4);
}

/// Logarithms and shares of the head: the same models by a formula.
TEST(UsablePeople, OtherOutcomesAreTheFormulasToo) {
  auto patients = test::many_patients(200, 8);
  patients[11].volume = 0.0;  // no logarithm
  const auto snapshot = test::snapshot_of(patients);
  const auto people = study::analysis_table(snapshot, {});
  ASSERT_OK(people);
  const auto usable = usable_people(*people, study::Subgroup::all);
  ASSERT_OK(usable);
  Analyses analyses = published_analyses();
  analyses.analyses = {analyses.analyses[3]};
  ASSERT_EQ(analyses.analyses[0].subset, study::Subgroup::all);
  const std::string rest = " ~ primary_score + z(age) + z(icv) + sex + (1 | cohort)";
  for (const auto& [scale, outcome] : {std::pair{Scale::log, std::string("log(ipsi_putamen)")},
                                       std::pair{Scale::ratio, std::string("I(1000 * ipsi_putamen / icv)")},
                                       std::pair{Scale::raw, std::string("ipsi_putamen")}}) {
    analyses.analyses[0].scale = scale;
    const auto batch = run_batch(snapshot, analyses, {}, Task());
    ASSERT_OK(batch);
    const auto results = test::table_of(*batch, "results");
    const std::size_t r = test::row_of(results, "all", "ipsilesional", "putamen");
    auto rows = *usable;
    if (scale == Scale::log) {
      auto volume = *rows.find("ipsi_putamen");
      for (double& v : volume.values)
        if (v <= 0.0) v = table::kMissing;
      rows = *rows.with(volume);
      EXPECT_EQ(test::number(results, "n", r), 199.0);
    }
    spec::Spec spec;
    spec.method = "lme";
    spec.formula = outcome + rest;
    const auto fit = run_method(spec, rows, Task());
    ASSERT_OK(fit);
    EXPECT_EQ(fit->json["n_obs"].get<double>(), test::number(results, "n", r));
    EXPECT_TRUE(test::near(fit->json["fixed"]["value"][1].get<double>(), test::number(results, "beta", r), 1e-7));
    EXPECT_TRUE(test::near(fit->json["fixed"]["se"][1].get<double>(), test::number(results, "se", r), 1e-7));
  }
}

/// The slope at the other level is the coefficient of the same model with the levels the other way round; the moderator
/// at the predictor's mean is its coefficient once the predictor is centred.
TEST(Interaction, SlopesAndMainEffectAreThoseOfRecodedModels) {
  auto patients = test::many_patients(220, 8);
  const auto snapshot = test::snapshot_of(patients);
  const auto people = study::analysis_table(snapshot, {});
  ASSERT_OK(people);
  const auto usable = usable_people(*people, study::Subgroup::all);
  ASSERT_OK(usable);
  Analyses analyses = published_analyses();
  analyses.analyses = {analyses.analyses[3]};
  analyses.analyses[0].interaction = "lesion_side";
  const auto live = Live::fit(*people, analyses.analyses, Task());
  ASSERT_OK(live);
  const std::size_t at = live->index(0, 2);
  const RegionModel& m = live->fitted().models[at];
  ASSERT_EQ(m.structure, "putamen");
  const auto said = interaction_of(m, live->analyses()[0], live->frame());
  ASSERT_TRUE(said);
  EXPECT_EQ(said->low, "left");
  EXPECT_EQ(said->high, "right");
  EXPECT_TRUE(test::near(said->change.value, m.beta(), 1e-12));
  EXPECT_TRUE(test::near(said->change.p, m.p(), 1e-10));
  const auto fit = [&](const std::vector<std::string>& levels, const std::string& predictor) {
    spec::Spec spec;
    spec.method = "lme";
    spec.formula = "z(ipsi_putamen) ~ " + predictor + " * lesion_side + z(age) + z(icv) + sex + (1 | cohort)";
    spec.factors["lesion_side"] = levels;
    return run_method(spec, *usable, Task())->json["fixed"];
  };
  const Json left = fit({"left", "right"}, "primary_score"), right = fit({"right", "left"}, "primary_score");
  const auto same = [](const stats::Estimate& c, const Json& fixed, int k) {
    EXPECT_TRUE(test::near(c.value, fixed["value"][k].get<double>(), 1e-7));
    EXPECT_TRUE(test::near(c.se, fixed["se"][k].get<double>(), 1e-7));
    EXPECT_TRUE(test::near(c.p, fixed["p"][k].get<double>(), 1e-5, 1e-12));
  };
  same(said->at_low, left, 1);
  same(said->at_high, right, 1);
  const Json centred = fit({"left", "right"}, "scale(primary_score)");
  same(said->main, centred, 2);
  EXPECT_NE(said->words.find("slope"), std::string::npos);
  EXPECT_NE(said->words.find(said->change.p < 0.05 ? "changes" : "is not shown to change"), std::string::npos);
}

TEST(UsablePeople, ATableThatIsNoAnalysisTableIsRefused) {
  const auto none = table::Table::from({table::numeric("x", {1.0})});
  ASSERT_OK(none);
  const auto refused = usable_people(*none, study::Subgroup::all);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::NotFound);
}

}  // namespace
}  // namespace ipsi::engine
