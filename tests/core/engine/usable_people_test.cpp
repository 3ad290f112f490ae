// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/usable_people.h"

#include "core/engine/batch.h"
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

TEST(UsablePeople, ATableThatIsNoAnalysisTableIsRefused) {
  const auto none = table::Table::from({table::numeric("x", {1.0})});
  ASSERT_OK(none);
  const auto refused = usable_people(*none, study::Subgroup::all);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::NotFound);
}

}  // namespace
}  // namespace ipsi::engine
