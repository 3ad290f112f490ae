// SPDX-License-Identifier: GPL-3.0-or-later
// The way through the real window that a first user takes, with the keyboard: rate a person with the left hand, take a
// flag back, see the models move, compare them with the command line, drop a table full of traps.
#include <QDropEvent>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <cmath>

#include "app/gui/main_window.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/regions.h"
#include "core/demo/demo.h"
#include "core/engine/live.h"
#include "core/ingest/blinding.h"
#include "core/table/delimited.h"
#include "tests/cli/run.h"
#include "tests/support/qt_support.h"
#include "ui/panels/map_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/qc_panel.h"
#include "ui/panels/study_panel.h"
#include "ui/viewmodels/palette.h"

namespace ipsi::gui {
namespace {

class Journey : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryDir>();
    const auto made = demo::make_demo(*folder_ / "demo", demo::DemoOptions{.images = 1}, Task());
    ASSERT_OK(made);
    study_ = made->study;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    session_.setRater("ab");
    window_.resize(1366, 768);
    window_.show();
    window_.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window_));
    ASSERT_TRUE(window_.openStudy(QString::fromStdString(study_.string()), "qc"));
    for (const study::Scan& scan : session_.snapshot()->scans)
      if (scan.kind == "labels") session_.select(QString::fromStdString(scan.person), "left_thalamus");
    qc_ = &window_.findChild<ui::QcPanel*>("qc")->model();
    ASSERT_TRUE(test::wait_until([&] { return qc_->state().scan != nullptr; }));
  }
  void TearDown() override {
    jobs_.cancelAll();
    EXPECT_TRUE(test::wait_until([&] { return jobs_.idle(); }));
  }
  void key(Qt::Key code, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : static_cast<QWidget*>(&window_), code, modifiers);
  }
  [[nodiscard]] bool fitted() { return models_.state().live && !models_.state().working && jobs_.idle(); }
  /// Flags of this rater in the file, read by another program.
  static Json flags() { return test::ipsi({"qc", "list", study_.string(), "--rater", "ab", "--json"}).json(); }

  static inline std::unique_ptr<test::TemporaryDir> folder_;
  static inline std::filesystem::path study_;
  ui::StudySession session_;
  ui::Jobs jobs_;
  ui::Actions actions_;
  ui::Settings settings_{QString::fromStdString((*folder_ / "settings.conf").string())};
  ui::Shell shell_;
  ui::LiveModels models_{session_, jobs_};
  ui::Latencies latencies_;
  ui::Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
  MainWindow window_{context_, workspaces()};
  ui::QcModel* qc_ = nullptr;
};

TEST_F(Journey, TheLeftHandRatesAPersonAndTheModelsMoveAsTheCommandLineSays) {
  // Twelve regions: number, other side, flag. All keys lie under the left hand.
  const std::size_t before = flags().size();
  for (int pair = 0; pair < 6; ++pair) {
    key(static_cast<Qt::Key>(Qt::Key_1 + pair));
    key(Qt::Key_S);
    key(Qt::Key_Tab);
    key(Qt::Key_A);
    key(Qt::Key_Tab);
  }
  EXPECT_EQ(flags().size(), before + 12);
  key(Qt::Key_Z);
  EXPECT_EQ(flags().size(), before + 11);

  key(Qt::Key_4, Qt::ControlModifier);
  ASSERT_EQ(window_.workspace(), "model");
  ASSERT_TRUE(test::wait_until([&] { return fitted(); }));
  const auto still = models_.state().live;
  key(Qt::Key_2, Qt::ControlModifier);
  const QString person = qc_->person()->id;
  const QString side = qc_->person()->side;
  ASSERT_TRUE(side == "left" || side == "right");
  session_.select(person, side + "_putamen");
  key(Qt::Key_D);
  ASSERT_TRUE(test::wait_until([&] { return fitted() && models_.state().live != still; }));
  ASSERT_FALSE(models_.state().moved.empty());
  EXPECT_LE(models_.state().moved.size(), 6U);
  for (const std::size_t m : models_.state().moved)
    EXPECT_EQ(models_.state().live->fitted().models[m].structure, "putamen");

  // The numbers in the window against those of the command line, cell by cell.
  const auto out = *folder_ / "results";
  ASSERT_EQ(test::ipsi({"batch", study_.string(), "--out", out.string(), "--no-maps", "--force"}).code, 0);
  const auto sheet = table::read_sheet(out / "results.csv");
  ASSERT_OK(sheet);
  const auto shown = models_.state().live->results();
  ASSERT_OK(shown);
  const auto wanted = table::parse_delimited(table::to_delimited(*shown), "window");
  ASSERT_OK(wanted);
  std::size_t compared = 0;
  const int analysis = sheet->find("analysis");
  for (const auto& row : wanted->rows)
    for (const auto& other : sheet->rows) {
      const auto same = [&](const char* name) {
        return row.cells[static_cast<std::size_t>(wanted->find(name))] ==
               other.cells[static_cast<std::size_t>(sheet->find(name))];
      };
      if (!same("analysis") || !same("side") || !same("region")) continue;
      for (const std::string& name : wanted->header) {
        if (name.starts_with("n_influential") || name.starts_with("robust_")) continue;  // a batch's alone
        ASSERT_GE(sheet->find(name), 0) << name;
        EXPECT_TRUE(same(name.c_str())) << name << " of " << other.cells[static_cast<std::size_t>(analysis)];
        ++compared;
      }
    }
  EXPECT_EQ(compared, 72U * (wanted->header.size() - 5));

  // And painted: the cell of the table is the rounded number.
  key(Qt::Key_4, Qt::ControlModifier);
  auto* table = window_.findChild<ui::ModelTable*>("model.table");
  const auto& model = window_.findChild<ui::ModelPanel*>("model")->model();
  ASSERT_EQ(model.state().rows.size(), 12U);
  for (int r = 0; r < 12; ++r)
    EXPECT_EQ(table->cell(r, 4), ui::formatNumber(models_.state().live->model(models_.state().current, r).beta(), 2));
}

TEST_F(Journey, WhoRatesBlindSeesNothingButQc) {
  const auto people = [&] {
    std::size_t n = 0;
    for (const auto& entry : ui::palette_entries(context_, "qc", "sub-c", 20))
      n += entry.kind == ui::PaletteEntry::Kind::person ? 1 : 0;
    return n;
  };
  EXPECT_GT(people(), 0U);
  ASSERT_TRUE(session_.apply(ingest::set_blind(*session_.snapshot(), ingest::Blind::on, "ab")));
  for (const Qt::Key code : {Qt::Key_1, Qt::Key_3, Qt::Key_4, Qt::Key_5}) {
    key(code, Qt::ControlModifier);
    EXPECT_EQ(window_.workspace(), "qc");
  }
  EXPECT_EQ(people(), 0U);
  ASSERT_TRUE(session_.undo());
  key(Qt::Key_3, Qt::ControlModifier);
  EXPECT_EQ(window_.workspace(), "explore");
}

TEST_F(Journey, DiagnosticsTellHowLongKeysTook) {
  for (int i = 0; i < 5; ++i) {
    QTest::keyClick(window_.windowHandle(), Qt::Key_E);  // another slice: something to paint
    QTest::qWait(1);
  }
  const auto keys = [&] {
    for (const auto& row : latencies_.rows())
      if (row.what == "Key to picture") return row.n;
    return 0;
  };
  ASSERT_TRUE(test::wait_until([&] { return keys() > 0; }));
  ASSERT_TRUE(actions_.trigger("help.diagnostics"));
  const auto* shown = window_.findChild<Diagnostics*>("diagnostics");
  ASSERT_NE(shown, nullptr);
  EXPECT_TRUE(shown->isVisible());
  EXPECT_TRUE(shown->text().contains("Key to picture\t")) << shown->text().toStdString();
  EXPECT_LE(keys(), 5);
}

TEST_F(Journey, TheMapIsExportedWithItsRecipe) {
  key(Qt::Key_5, Qt::ControlModifier);
  ASSERT_EQ(window_.workspace(), "map");
  EXPECT_TRUE(window_.findChild<QAbstractButton*>("status.convention")->text().startsWith("Ipsi / contra"));
  ASSERT_TRUE(test::wait_until([&] { return fitted(); }));
  auto& figure = window_.findChild<ui::MapPanel*>("map")->figure();
  ASSERT_TRUE(actions_.trigger("map.export"));
  ASSERT_TRUE(test::wait_until([&] { return figure.state().shown && !figure.state().preview.isEmpty(); }, 60000))
      << figure.state().what.toStdString();
  auto options = figure.state().options;
  options.width_mm = 85.0;
  options.dpi = 150.0;
  figure.setOptions(options);
  QSignalSpy written(&figure, &ui::MapExport::written);
  const auto file = *folder_ / "map.png";
  figure.write(QString::fromStdString(file.string()));
  ASSERT_TRUE(test::wait_until([&] { return written.size() == 1; }, 60000));
  EXPECT_EQ(QImage(QString::fromStdString(file.string())).width(), 502);  // 85 mm at 150 dpi
  const auto recipe = read_file(file.string() + ".json");
  ASSERT_OK(recipe);
  EXPECT_FALSE(Json::parse(*recipe).at("panels").empty());
}

TEST_F(Journey, WhoeverComesBackIsWhereTheyWere) {
  key(Qt::Key_3);
  key(Qt::Key_Tab);
  const QString person = session_.person(), region = session_.region();
  EXPECT_TRUE(region.endsWith("putamen"));
  auto* viewer = window_.findChild<ui::TriplanarWidget*>("qc.viewer");
  auto look = viewer->look();
  look.window = render::GreyWindow{31.0, 97.0};
  viewer->setLook(look);
  emit viewer->lookChanged();
  const QString file = QString::fromStdString((*folder_ / "settings.conf").string());
  ASSERT_TRUE(test::wait_until([&] { return ui::Settings(file).value("qc/window").toList().size() == 2; }));
  // A second program with the same settings, as after a kill: this one never closed.
  ui::StudySession session;
  ui::Jobs jobs;
  ui::Actions actions;
  ui::Settings settings{file};
  ui::Shell shell;
  ui::LiveModels models{session, jobs};
  ui::Latencies latencies;
  ui::Context context{session, jobs, actions, settings, shell, models, latencies};
  MainWindow window{context, workspaces()};
  window.show();
  ASSERT_TRUE(window.openStudy(QString::fromStdString(study_.string())));
  EXPECT_EQ(window.workspace(), "qc");
  EXPECT_EQ(session.person(), person);
  EXPECT_EQ(session.region(), region);
  const auto& qc = window.findChild<ui::QcPanel*>("qc")->model().state();
  ASSERT_GE(qc.current, 0);
  EXPECT_EQ(qc.queue[static_cast<std::size_t>(qc.current)].id, person);
  const auto again = window.findChild<ui::TriplanarWidget*>("qc.viewer")->look().window;
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->low, 31.0);
  EXPECT_EQ(again->high, 97.0);
  EXPECT_TRUE(test::wait_until([&] { return jobs.idle(); }));
}

TEST_F(Journey, ADroppedTableFullOfTrapsIsADryRunThatNamesThem) {
  const QString file = QString::fromStdString(test::tests_path("data/ingest/LandRvolumes.csv").string());
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(file)});
  QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&window_, &enter);
  QDropEvent drop(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&window_, &drop);
  ASSERT_TRUE(window_.findChild<QWidget*>("shell.question")->isVisible());
  auto* accept = window_.findChild<QPushButton*>("shell.question.0");
  ASSERT_NE(accept, nullptr) << window_.findChild<QWidget*>("shell.question")->accessibleName().toStdString();
  accept->click();
  ASSERT_TRUE(test::wait_until([&] { return window_.workspace() == "study"; }));
  const auto before = session_.snapshot()->last_act;
  auto& import = window_.findChild<ui::StudyPanel*>("study")->importModel();
  ASSERT_TRUE(test::wait_until([&] { return import.state().stage == ui::ImportModel::Stage::planned; }));
  EXPECT_FALSE(import.state().problems.empty());
  int placed = 0;
  for (const auto& problem : import.state().problems) {
    EXPECT_FALSE(problem.what.isEmpty());
    // Either a place in the file or the person it is about.
    EXPECT_TRUE(!problem.file.isEmpty() || !problem.subject.isEmpty()) << problem.what.toStdString();
    placed += problem.file == "LandRvolumes.csv" && problem.line > 0 ? 1 : 0;
  }
  EXPECT_GE(placed, 8);
  EXPECT_EQ(session_.snapshot()->last_act, before);  // nothing has been written
}

TEST_F(Journey, APaneThatIsHiddenStaysHiddenInItsWorkspace) {
  auto* tiles = window_.findChild<QWidget*>("qc.tiles");
  ASSERT_TRUE(tiles->isVisible());
  const int before = window_.findChild<QWidget*>("qc.viewer")->width();
  key(Qt::Key_F8);
  EXPECT_FALSE(tiles->isVisible());
  QApplication::processEvents();
  EXPECT_GT(window_.findChild<QWidget*>("qc.viewer")->width(), before);  // the picture has the room
  key(Qt::Key_4, Qt::ControlModifier);
  EXPECT_TRUE(test::wait_until([&] { return window_.findChild<QWidget*>("model.fitted")->isVisible(); }));
  key(Qt::Key_2, Qt::ControlModifier);
  EXPECT_FALSE(tiles->isVisible());
  EXPECT_TRUE(settings_.value("layout/qc.right").toBool());
  ASSERT_TRUE(actions_.trigger("view.right"));
  EXPECT_TRUE(tiles->isVisible());
}

}  // namespace
}  // namespace ipsi::gui
