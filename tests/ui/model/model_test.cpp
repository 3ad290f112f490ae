// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QComboBox>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <cmath>
#include <set>

#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/engine/analysis_options.h"
#include "core/engine/batch.h"
#include "core/engine/live.h"
#include "core/engine/model_checks.h"
#include "core/engine/sensitivity.h"
#include "core/table/delimited.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/qt_support.h"
#include "ui/panels/model_panel.h"

namespace ipsi::ui {
namespace {

using test::wait_until;

void write_study(const std::filesystem::path& path, const study::Snapshot& rows) {
  auto made = study::Study::create(path);
  ASSERT_OK(made);
  study::Request request{"test", "import", "rows", {}};
  const auto put = [&](const auto& list) {
    for (const auto& row : list) request.put(row);
  };
  put(rows.cohorts), put(rows.people), put(rows.sessions), put(rows.measurements), put(rows.scores);
  put(rows.ratings), put(rows.exclusions);
  ASSERT_OK(made->apply(request));
}

class Model : public testing::Test {
 protected:
  void SetUp() override {
    session_.setRater("rater");
    auto patients = test::many_patients(220, 8);
    for (std::size_t i = 0; i < patients.size(); i += 3) patients[i].days = 10;
    write_study(folder_ / "m.ipsi", test::snapshot_of(patients));
  }
  void open() { ASSERT_TRUE(session_.open(folder_ / "m.ipsi")); }
  [[nodiscard]] bool settled() const { return jobs_.idle(); }

  study::Rating rating(const std::string& person, const std::string& region, study::Flag flag) const {
    study::Rating out;
    out.person = person;
    out.session = "1";
    out.region = region;
    out.flag = flag;
    return out;
  }

  /// Every number of the rows against a batch on the session's snapshot, exactly.
  void expectBatch(ModelAnalysis& model, const engine::Analysis& analysis) {
    model.checks().setActive(true);
    ASSERT_TRUE(wait_until([&] { return settled(); }));
    const auto batch = engine::run_batch(*session_.snapshot(), {.analyses = {analysis}}, {}, Task());
    ASSERT_OK(batch);
    const auto t = test::table_of(*batch, "results");
    const auto& rows = model.state().rows;
    ASSERT_EQ(rows.size(), t.rows());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto& row = rows[r];
      EXPECT_EQ(test::text(t, "region", r), row.structure.toStdString());
      EXPECT_EQ(test::text(t, "notes", r), row.notes.toStdString());
      const std::pair<const char*, double> cells[] = {{"n", row.n},
                                                      {"n_cohorts", row.cohorts},
                                                      {"beta", row.beta},
                                                      {"ci_low", row.low},
                                                      {"ci_high", row.high},
                                                      {"se", row.se},
                                                      {"df", row.df},
                                                      {"t", row.t},
                                                      {"p", row.p},
                                                      {"d", row.d},
                                                      {"p_adjusted", row.p_adjusted}};
      for (const auto& [column, shown] : cells) {
        const double wanted = test::number(t, column, r);
        EXPECT_TRUE(wanted == shown || (std::isnan(wanted) && std::isnan(shown))) << column << " of row " << r;
      }
      if (row.usable) {
        EXPECT_EQ(test::number(t, "significant", r) == 1.0, row.significant);
      }
    }
    // The copied text is results.csv itself.
    const auto lines = model.tsv().split('\n', Qt::SkipEmptyParts);
    ASSERT_EQ(lines.size(), static_cast<qsizetype>(t.rows()) + 1);
    for (std::size_t r = 0; r < t.rows(); ++r) {
      const auto cells = lines[static_cast<qsizetype>(r) + 1].split('\t');
      ASSERT_EQ(cells.size(), static_cast<qsizetype>(t.columns()));
      for (std::size_t c = 2; c < t.columns(); ++c)  // 0 and 1 name the analysis
        EXPECT_EQ(cells[static_cast<qsizetype>(c)].toStdString(), t.column(c).cell(r));
    }
  }

  static engine::Analysis plain(const std::string& subset = "all") {
    engine::Analysis a;
    a.id = "model";
    a.subset = *study::parse_subgroup(subset);
    a.predictor = "primary_score";
    a.structures.assign(kStructures.begin(), kStructures.end());
    a.covariates = {"age", "icv", "sex"};
    a.family = 12;
    a.title = "x";
    return a;
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

TEST_F(Model, AWindowWithoutAStudySaysWhatToDo) {
  ModelPanel panel(context_);
  panel.resize(1298, 690);
  panel.show();
  EXPECT_TRUE(panel.findChild<QWidget*>("model.empty")->isVisible());
  EXPECT_FALSE(actions_.enabled("model.copy"));
  EXPECT_FALSE(panel.grab().isNull());
}

TEST_F(Model, CellsEqualTheBatch) {
  open();
  session_.setSubset("all");
  ModelAnalysis model(context_);
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  expectBatch(model, plain());
  session_.setSubset("chronic");
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().title.startsWith("Chronic"); }));
  expectBatch(model, plain("chronic"));
}

TEST_F(Model, AFlagMovesOneRowAndEqualsTheBatchAgain) {
  open();
  session_.setSubset("all");
  ModelAnalysis model(context_);
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  const auto before = model.state().rows;
  const std::string side = session_.snapshot()->people[4].lesion_side == "left" ? "ipsi" : "contra";
  ASSERT_TRUE(session_.rate({rating("sub-0005", "left_putamen", study::Flag::lesioned)}, "one flag"));
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  int moved = 0;
  for (std::size_t r = 0; r < 12; ++r) {
    const auto& row = model.state().rows[r];
    moved += row.moved ? 1 : 0;
    if (row.moved) {
      EXPECT_EQ(row.side.toStdString(), side);
      EXPECT_EQ(row.structure, "putamen");
      EXPECT_EQ(row.n, before[r].n - 1);
    }
  }
  EXPECT_EQ(moved, 1);
  expectBatch(model, plain());
  ASSERT_TRUE(session_.undo());
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  for (std::size_t r = 0; r < 12; ++r) EXPECT_EQ(model.state().rows[r].beta, before[r].beta);
}

TEST_F(Model, ManyFlagsAtOnceEndAtTheLast) {
  open();
  session_.setSubset("all");
  ModelAnalysis model(context_);
  for (int i = 1; i <= 30; ++i)
    ASSERT_TRUE(session_.rate({rating(fmt::format("sub-{:04d}", i), std::string(kRegions[std::size_t(i % 12)].key),
                                      i % 2 == 0 ? study::Flag::failed : study::Flag::lesioned)},
                              "flag"));
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  expectBatch(model, plain());
}

TEST_F(Model, FormAndFormulaFollowEachOther) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  EXPECT_EQ(model.state().text, "volume ~ primary_score + age + icv + sex + (1 | cohort)");
  model.setCovariate("sex", false);
  EXPECT_EQ(panel.findChild<QPlainTextEdit*>("model.formula")->toPlainText(),
            "volume ~ primary_score + age + icv + (1 | cohort)");
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  auto wanted = plain();
  wanted.covariates = {"age", "icv"};
  expectBatch(model, wanted);
  panel.findChild<QPlainTextEdit*>("model.formula")
      ->setPlainText("volume ~ primary_score * lesion_side + age + (1 | cohort)");
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().formula.interaction == "lesion_side"; }));
  EXPECT_EQ(panel.findChild<QComboBox*>("model.interaction")->currentData().toString(), "lesion_side");
  wanted.interaction = "lesion_side";
  wanted.covariates = {"age"};
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  expectBatch(model, wanted);
  model.setText("volume ~ nothing + (1 | cohort)");
  EXPECT_TRUE(model.state().problem.contains("'nothing'"));
  EXPECT_TRUE(panel.findChild<QWidget*>("model.problem")->isVisible());
  expectBatch(model, wanted);  // what stood there stays
}

TEST_F(Model, AFailingRowSaysWhyBesideTheOthers) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.resize(1298, 690);
  panel.show();
  std::vector<study::Rating> flags;
  for (const auto& person : session_.snapshot()->people)
    for (const char* region : {"left_caudate", "right_caudate"})
      flags.push_back(rating(person.id, region, study::Flag::failed));
  ASSERT_TRUE(session_.rate(flags, "all caudates"));
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  const auto& rows = model.state().rows;
  ASSERT_EQ(rows.size(), 12U);
  EXPECT_EQ(rows[1].structure, "caudate");
  EXPECT_FALSE(rows[1].failure.isEmpty());
  EXPECT_TRUE(rows[0].failure.isEmpty());
  model.select(1);
  auto* failure = panel.findChild<QLabel*>("model.failure");
  EXPECT_TRUE(failure->isVisible());
  EXPECT_EQ(failure->text(), rows[1].failure);
  EXPECT_FALSE(panel.findChild<Chart*>("model.partial")->isVisible());
  EXPECT_TRUE(model.state().summary.contains("2 without a fit"));
  EXPECT_FALSE(panel.grab().isNull());
  expectBatch(model, plain());
}

TEST_F(Model, APointOpensItsScanAndTheTableIsCopied) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.resize(1298, 690);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  auto* table = panel.findChild<ModelTable*>("model.table");
  QTest::keyClick(table, Qt::Key_Down);
  QTest::keyClick(table, Qt::Key_Down);
  EXPECT_EQ(model.state().selected, 2);
  EXPECT_EQ(table->cell(2, 1).toInt(), model.state().rows[2].n);

  QSignalSpy wanted(&shell_, &Shell::workspaceWanted);
  emit panel.findChild<Chart*>("model.partial")->pointChosen(1, 7);
  ASSERT_EQ(wanted.size(), 1);
  EXPECT_EQ(session_.person(), model.state().partial.names[1][7]);
  EXPECT_TRUE(session_.region().endsWith("putamen"));

  ASSERT_TRUE(actions_.trigger("model.copy"));
  const auto* data = QGuiApplication::clipboard()->mimeData();
  EXPECT_EQ(data->text(), model.tsv());
  EXPECT_TRUE(data->html().contains("Nucleus accumbens"));
}

TEST_F(Model, BehindARowStandInfluenceAndTheRobustFitAndAPointOpensItsScan) {
  open();
  ModelPanel panel(context_);
  panel.resize(1366, 768);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().rows.empty() && !model.checks().state().working; }));
  model.select(2);
  ASSERT_TRUE(wait_until([&] { return settled() && !model.checks().state().working; }));
  const auto& live = *models_.state().live;
  const auto& m = live.model(models_.state().current, 2);
  const auto wanted = engine::check_model(m, live.analyses()[static_cast<std::size_t>(models_.state().current)],
                                          live.frame(), live.ids(), Task());
  ASSERT_OK(wanted);

  auto* choice = panel.findChild<Segments*>("model.checks");
  choice->button(1)->click();
  const auto& checks = model.checks().state();
  const auto& cooks = checks.cooks_people;
  ASSERT_EQ(cooks.figure.series.size(), 2U);
  EXPECT_EQ(cooks.figure.series[0].x.size() + cooks.figure.series[1].x.size(), static_cast<std::size_t>(m.people.n));
  EXPECT_EQ(cooks.figure.series[1].x.size(), wanted->influence->observation.influential.size());
  EXPECT_TRUE(
      checks.influence.contains(QString("%1 of %2 people").arg(cooks.figure.series[1].x.size()).arg(m.people.n)));
  EXPECT_EQ(checks.without.figure.series[0].x.size(), static_cast<std::size_t>(m.n_cohorts));
  EXPECT_EQ(panel.findChild<Chart*>("model.cooks.people")->figure().series[1].y, cooks.figure.series[1].y);

  choice->button(2)->click();
  EXPECT_EQ(checks.pairs.front().robust, wanted->robust_row.beta);
  EXPECT_EQ(checks.pairs.front().classical, m.beta());
  EXPECT_EQ(model.state().rows[2].robust, wanted->robust_row.beta);
  EXPECT_EQ(
      panel.findChild<ModelTable*>("model.table")->cell(2, 10),
      (wanted->robust_row.differs() ? QString::fromUtf8("≠ ") : QString()) + formatNumber(wanted->robust_row.beta, 2));

  QSignalSpy shown(&shell_, &Shell::workspaceWanted);
  choice->button(1)->click();
  emit panel.findChild<Chart*>("model.cooks.people")->pointChosen(0, 4);
  EXPECT_EQ(session_.person(), cooks.names[0][4]);
  ASSERT_EQ(shown.size(), 1);
  EXPECT_EQ(shown[0][0].toString(), "qc");
}

TEST_F(Model, OtherChoicesAreThoseOfTheEngineAndFollowTheRow) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.resize(1366, 768);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  panel.findChild<Segments*>("model.checks")->button(3)->click();
  for (const int row : {0, 4}) {
    model.select(row);
    const auto& checks = model.checks().state();
    ASSERT_TRUE(wait_until([&] { return settled() && !checks.trying && !checks.sentences.isEmpty(); }));
    const auto& m = models_.state().live->model(models_.state().current, row);
    const auto wanted =
        engine::sensitivity(*session_.snapshot(), plain(), m.side, m.structure, {.table = session_.options()}, Task());
    ASSERT_OK(wanted);
    std::multiset<double> betas;
    for (const auto& choice : wanted->rows)
      if (!choice.repeats && choice.failure.empty()) betas.insert(choice.beta);
    const auto& line = checks.choices.figure.series.front();
    EXPECT_EQ(std::multiset<double>(line.x.begin(), line.x.end()), betas);
    EXPECT_EQ(line.x.front(), m.beta());
    EXPECT_TRUE(panel.findChild<Label*>("model.sensitivity")->text().contains("have the sign"));
  }
}

TEST_F(Model, AnInteractionIsAnsweredInWords) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.resize(1366, 768);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  auto* answer = panel.findChild<Label*>("model.answer");
  EXPECT_FALSE(answer->isVisible());
  model.setInteraction("lesion_side");
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().answer.isEmpty(); }));
  EXPECT_TRUE(answer->isVisible());
  const bool changes = model.state().rows[0].p < 0.05;
  EXPECT_TRUE(answer->text().contains(changes ? "Lesion side changes" : "Lesion side is not shown to change"))
      << answer->text().toStdString();
}

TEST_F(Model, TheRobustColumnFollowsAFlag) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.show();
  auto& model = panel.model();
  const auto known = [&] {
    return settled() && !model.state().rows.empty() &&
           std::none_of(model.state().rows.begin(), model.state().rows.end(),
                        [](const auto& row) { return row.usable && std::isnan(row.robust); });
  };
  ASSERT_TRUE(wait_until(known));
  const auto before = model.state().rows;
  const QString person = model.state().partial.names[1][0];
  const QString region = models_.regionOf(person);
  ASSERT_TRUE(session_.rate({rating(person.toStdString(), region.toStdString(), study::Flag::failed)}, "flag"));
  ASSERT_TRUE(wait_until([&] { return known() && model.state().rows[0].n == before[0].n - 1; }));
  EXPECT_NE(model.state().rows[0].robust, before[0].robust);
  for (std::size_t r = 1; r < before.size(); ++r) EXPECT_EQ(model.state().rows[r].robust, before[r].robust);
  expectBatch(model, plain());
}

TEST_F(Model, ScatterHoldsEveryoneOnceAndTheRowsSlope) {
  open();
  session_.setSubset("all");
  ModelAnalysis model(context_);
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  const auto& state = model.state();
  const auto& series = state.partial.figure.series;
  ASSERT_EQ(series.size(), 4U);
  std::set<QString> people;
  for (const auto& names : state.partial.names) people.insert(names.begin(), names.end());
  EXPECT_EQ(static_cast<int>(people.size()), state.rows[0].n);
  EXPECT_EQ(state.cohort_people + state.other_people, state.rows[0].n);
  const auto& line = series[3];
  EXPECT_NEAR((line.y.back() - line.y.front()) / (line.x.back() - line.x.front()), state.rows[0].beta, 1e-12);
}

TEST_F(Model, SideBySideHoldsTheNumbersOfEveryAnalysis) {
  open();
  ModelPanel panel(context_);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  ASSERT_TRUE(actions_.trigger("model.side"));
  auto* table = panel.findChild<CellsTable*>("model.sidebyside");
  ASSERT_TRUE(table->isVisible());
  const auto& live = *models_.state().live;
  ASSERT_EQ(model.state().columns.size(), live.analyses().size());
  ASSERT_EQ(table->rows(), 12);
  for (int a = 0; a < static_cast<int>(live.analyses().size()); ++a)
    for (int r = 0; r < 12; ++r) {
      const auto& m = live.model(a, r);
      if (!m.fit) continue;
      EXPECT_EQ(table->cell(r, a + 1).text, formatNumber(m.beta(), 2));
      EXPECT_EQ(table->cell(r, a + 1).note, QString("%1 / %2").arg(m.people.n).arg(m.n_cohorts));
    }
  emit table->chosen(4, 2);  // a cell chooses both
  EXPECT_EQ(model.state().current, 1);
  EXPECT_EQ(model.state().selected, 4);
  EXPECT_EQ(session_.subset().toStdString(), std::string(study::to_string(live.analyses()[1].subset)));
}

TEST_F(Model, ARunIsKeptGoesStaleAndComesBackWithUndo) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  const auto kept = model.state().rows;
  ASSERT_TRUE(actions_.trigger("model.keep"));
  ASSERT_EQ(model.runs().state().runs.size(), 1U);
  EXPECT_EQ(model.runs().state().runs[0].name, "All times, sensorimotor behaviour, consensus");
  ASSERT_TRUE(wait_until([&] { return jobs_.idle(); }));
  EXPECT_FALSE(model.runs().state().runs[0].stale);

  ASSERT_TRUE(session_.rate({rating("sub-0005", "left_putamen", study::Flag::failed)}, "one flag"));
  ASSERT_TRUE(wait_until([&] { return jobs_.idle() && model.runs().state().runs[0].stale; }));
  model.runs().compare(0);
  const auto& state = model.runs().state();
  ASSERT_EQ(state.rows.size(), 12U);
  EXPECT_EQ(state.differ, 1);
  EXPECT_EQ(state.note, "the same question");
  for (std::size_t r = 0; r < 12; ++r) {
    EXPECT_EQ(state.rows[r].beta_then, kept[r].beta);
    EXPECT_EQ(state.rows[r].n_then, kept[r].n);
    EXPECT_EQ(state.rows[r].beta_now, model.state().rows[r].beta);
  }
  EXPECT_TRUE(panel.findChild<CellsTable*>("model.comparison")->isVisible());

  ASSERT_TRUE(session_.undo({"rate"}));
  ASSERT_TRUE(wait_until([&] { return jobs_.idle() && !model.runs().state().runs[0].stale; }));
  EXPECT_EQ(model.runs().state().differ, 0);

  model.runs().rename(0, "baseline");
  EXPECT_EQ(model.runs().state().runs[0].name, "baseline");
  model.runs().remove(0);
  EXPECT_TRUE(model.runs().state().runs.empty());
  ASSERT_TRUE(session_.undo());
  ASSERT_EQ(model.runs().state().runs.size(), 1U);
  EXPECT_EQ(model.runs().state().runs[0].name, "baseline");
  // Another window reads the same run from the file, and the log replays to it.
  const auto study = study::Study::open(folder_ / "m.ipsi", study::Access::read_only);
  ASSERT_OK(study);
  ASSERT_OK(study->verify());
}

TEST_F(Model, OptionsComeFromTheEngineAndChangeTheAnswer) {
  open();
  session_.setSubset("all");
  ModelPanel panel(context_);
  panel.show();
  auto& model = panel.model();
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  ASSERT_EQ(model.state().options.size(), engine::analysis_options().size());
  auto* criterion = panel.findChild<QComboBox*>("model.option.criterion");
  ASSERT_NE(criterion, nullptr);
  criterion->setCurrentIndex(criterion->findData("ML"));
  emit criterion->activated(criterion->currentIndex());
  model.setOption("correction", "holm");
  model.setOption("scale", "raw");
  ASSERT_TRUE(wait_until([&] { return settled() && !model.state().working; }));
  auto wanted = plain();
  wanted.criterion = engine::Criterion::ml;
  wanted.adjust = engine::Adjust::holm;
  wanted.scale = engine::Scale::raw;
  expectBatch(model, wanted);
  EXPECT_EQ(model.state().correction, "p Holm");
}

TEST_F(Model, ExportEqualsTheBatch) {
  open();
  ModelAnalysis model(context_);
  ASSERT_TRUE(wait_until([&] { return settled() && model.state().rows.size() == 12; }));
  QSignalSpy done(&model, &ModelAnalysis::exported);
  const auto csv = folder_ / "results.csv", workbook = folder_ / "results.xlsx";
  model.exportTo(QString::fromStdString(csv.string()));
  ASSERT_TRUE(wait_until([&] { return done.size() == 1; }));
  EXPECT_EQ(done[0][1].toString(), "");
  const auto batch =
      engine::run_batch(*session_.snapshot(), {.analyses = models_.state().live->analyses()}, {}, Task());
  ASSERT_OK(batch);
  EXPECT_EQ(*read_file(csv), table::to_delimited(test::table_of(*batch, "results")));
  model.exportTo(QString::fromStdString(workbook.string()));
  ASSERT_TRUE(wait_until([&] { return done.size() == 2; }));
  EXPECT_EQ(done[1][1].toString(), "");
  EXPECT_TRUE(std::filesystem::exists(workbook));
  model.exportTo("/no/such/folder/results.csv");
  ASSERT_TRUE(wait_until([&] { return done.size() == 3; }));
  EXPECT_TRUE(done[2][1].toString().contains("/no/such/folder"));
}

}  // namespace
}  // namespace ipsi::ui
