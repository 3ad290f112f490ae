// SPDX-License-Identifier: GPL-3.0-or-later
// A model of one's own: what the window shows is what the method gives.
#include <QComboBox>
#include <QPlainTextEdit>
#include <QSignalSpy>

#include "core/engine/registry.h"
#include "core/engine/usable_people.h"
#include "core/table/delimited.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/qt_support.h"
#include "ui/panels/method_panel.h"
#include "ui/widgets/cells_table.h"

namespace ipsi::ui {
namespace {

using test::wait_until;

class OwnModel : public testing::Test {
 protected:
  void SetUp() override {
    session_.setRater("rater");
    auto made = study::Study::create(folder_ / "m.ipsi");
    ASSERT_OK(made);
    const auto rows = test::snapshot_of(test::many_patients(160, 8));
    study::Request request{"test", "import", "rows", {}};
    const auto put = [&](const auto& list) {
      for (const auto& row : list) request.put(row);
    };
    put(rows.cohorts), put(rows.people), put(rows.sessions), put(rows.measurements), put(rows.scores);
    put(rows.ratings), put(rows.exclusions);
    ASSERT_OK(made->apply(request));
    ASSERT_TRUE(session_.open(folder_ / "m.ipsi"));
    session_.setSubset("all");
  }
  static int index_of(const MethodRun& model, const QString& key) {
    const auto& methods = model.state().methods;
    return static_cast<int>(std::find_if(methods.begin(), methods.end(), [&](const auto& m) { return m.key == key; }) -
                            methods.begin());
  }
  [[nodiscard]] spec::ResultSet wanted(const MethodRun& model) const {
    const auto people = engine::usable_people(*session_.table(), study::Subgroup::all);
    spec::Spec spec;
    spec.method = model.state().methods[static_cast<std::size_t>(model.state().method)].key.toStdString();
    spec.formula = model.state().text.toStdString();
    auto result = engine::run_method(spec, *people, Task());
    EXPECT_OK(result);
    return std::move(*result);
  }

  test::TemporaryDir folder_;
  StudySession session_;
  Jobs jobs_;
  Actions actions_;
  Settings settings_;
  Shell shell_;
  LiveModels models_{session_, jobs_};
  Latencies latencies_;
  Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
};

TEST_F(OwnModel, EveryMethodOfTheRegistryIsOffered) {
  MethodRun model(context_);
  ASSERT_EQ(model.state().methods.size(), engine::methods().size());
  for (std::size_t i = 0; i < engine::methods().size(); ++i)
    EXPECT_EQ(model.state().methods[i].key.toStdString(), engine::methods()[i]->info().key);
  EXPECT_EQ(model.state().options.size(), engine::find_method("lme").value()->info().options.size());
}

TEST_F(OwnModel, ItsTablesAreThoseOfTheMethodAndAFlagMovesThem) {
  MethodPanel panel(context_);
  panel.resize(1200, 700);
  panel.show();
  auto& model = panel.model();
  for (const char* key : {"lm", "lme", "rlme"}) {
    model.setMethod(index_of(model, key));
    ASSERT_TRUE(wait_until([&] { return model.state().any; })) << key << model.state().what.toStdString();
    const auto result = wanted(model);
    ASSERT_EQ(model.state().tables.size(), result.tables.size());
    for (std::size_t t = 0; t < result.tables.size(); ++t) {
      const auto& shown = model.state().tables[t];
      const auto& table = result.tables[t].table;
      ASSERT_EQ(shown.rows.size(), table.rows());
      const auto* estimate = table.find("estimate");
      if (estimate == nullptr) continue;
      const auto column = shown.head.indexOf("estimate");
      for (std::size_t r = 0; r < table.rows(); ++r) {
        QString text = shown.rows[r][column];
        EXPECT_NEAR(text.replace(QChar(0x2212), '-').toDouble(), estimate->values[r],
                    1e-3 * std::abs(estimate->values[r]));
      }
    }
    EXPECT_EQ(panel.findChildren<CellsTable*>().size(), static_cast<qsizetype>(result.tables.size()));
  }
  const auto before = model.state().tables.front().rows;
  std::vector<study::Rating> flags;
  for (int i = 1; i <= 20; ++i) {
    study::Rating r;
    r.person = fmt::format("sub-{:04d}", i), r.session = "1", r.region = i % 2 == 0 ? "left_putamen" : "right_putamen";
    r.flag = study::Flag::failed;
    flags.push_back(r);
  }
  ASSERT_TRUE(session_.rate(flags, "flags"));
  ASSERT_TRUE(wait_until([&] { return model.state().any && !model.state().working; }));
  EXPECT_NE(model.state().tables.front().rows, before);
}

TEST_F(OwnModel, WhatCannotBeReadIsSaidInPlaceAndTheTextOfEachMethodStays) {
  MethodPanel panel(context_);
  panel.show();
  auto& model = panel.model();
  model.setText("z(ipsi_putamen) ~ primry_score + (1 | cohort)");
  EXPECT_FALSE(model.state().what.isEmpty());
  EXPECT_FALSE(model.state().any);
  EXPECT_TRUE(panel.findChild<ErrorCard*>("model.own.error")->isVisible());
  for (const auto& job : jobs_.list()) EXPECT_NE(job.state, Jobs::State::failed) << "half a word is no failed job";
  model.setMethod(index_of(model, "lm"));
  EXPECT_FALSE(model.state().text.contains("cohort"));
  model.setMethod(index_of(model, "lme"));
  EXPECT_EQ(model.state().text, "z(ipsi_putamen) ~ primry_score + (1 | cohort)");
  EXPECT_EQ(panel.findChild<QPlainTextEdit*>("model.own.text")->toPlainText(), model.state().text);
  model.setText("z(ipsi_putamen) ~ primary_score + (1 | cohort)");
  EXPECT_TRUE(wait_until([&] { return model.state().any; }));
  EXPECT_FALSE(panel.findChild<ErrorCard*>("model.own.error")->isVisible());
}

TEST_F(OwnModel, ItIsWrittenAsTheCommandLineWritesIt) {
  MethodRun model(context_);
  model.setActive(true);
  ASSERT_TRUE(wait_until([&] { return model.state().any; }));
  QSignalSpy written(&model, &MethodRun::exported);
  const auto folder = folder_ / "out";
  model.exportTo(QString::fromStdString(folder.string()));
  ASSERT_TRUE(wait_until([&] { return written.size() == 1; }));
  EXPECT_EQ(written[0][1].toString().toStdString(), "");
  for (const char* name : {"result.json", "methods.txt", "coefficients.csv"})
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
  const auto table = table::to_table(*table::read_sheet(folder / "coefficients.csv"));
  ASSERT_OK(table);
  EXPECT_EQ(table->find("estimate")->values, wanted(model).tables.front().table.find("estimate")->values);
}

}  // namespace
}  // namespace ipsi::ui
