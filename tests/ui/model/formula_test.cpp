// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/model_formula.h"

#include <gtest/gtest.h>

namespace ipsi::ui {
namespace {

const QStringList kColumns{"primary_score", "activity", "age", "sex", "icv", "lesion_side", "cohort"};
const QStringList kGroups{"cohort"};

TEST(ModelFormula, ReadsBackWhatItWrites) {
  for (const QString& interaction : {QString(), QString("lesion_side")})
    for (const QStringList& covariates : {QStringList{}, QStringList{"age"}, QStringList{"icv", "sex", "age"}}) {
      const ModelFormula formula{"activity", interaction, covariates, "cohort"};
      const auto read = parseFormula(formulaText(formula), kColumns, kGroups);
      ASSERT_TRUE(read.formula) << read.problem.toStdString();
      EXPECT_EQ(*read.formula, formula);
    }
}

TEST(ModelFormula, BlanksAndOrderAreFree) {
  const auto read = parseFormula("volume~(1|cohort)+primary_score *lesion_side\n + age", kColumns, kGroups);
  ASSERT_TRUE(read.formula) << read.problem.toStdString();
  EXPECT_EQ(*read.formula, (ModelFormula{"primary_score", "lesion_side", {"age"}, "cohort"}));
}

TEST(ModelFormula, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "volume ~"},
      {"thickness ~ age + (1 | cohort)", "volume ~"},
      {"volume ~ primary_score + age", "(1 | cohort)"},
      {"volume ~ primary_score + (1 | site)", "'site'"},
      {"volume ~ primary_scor + (1 | cohort)", "'primary_scor'"},
      {"volume ~ primary_score + age * sex + (1 | cohort)", "'age * sex'"},
      {"volume ~ primary_score * age * sex + (1 | cohort)", "only the first"},
      {"volume ~ age + age + (1 | cohort)", "twice"},
      {"volume ~ (1 | cohort)", "predictor"},
      {"volume ~ age + + sex + (1 | cohort)", "too many"},
      {"volume ~ age + (1 | cohort) + (1 | cohort)", "One random"},
  };
  for (const auto& [text, word] : cases) {
    const auto read = parseFormula(text, kColumns, kGroups);
    EXPECT_FALSE(read.formula) << text;
    EXPECT_TRUE(read.problem.contains(word)) << text << ": " << read.problem.toStdString();
  }
}

}  // namespace
}  // namespace ipsi::ui
