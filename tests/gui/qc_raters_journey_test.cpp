// SPDX-License-Identifier: GPL-3.0-or-later
// From two raters' files to models of either and of what they agreed on, in the real window: files, kappa table, queue
// of disagreements, consensus, models; every number against the command line's.
#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <cmath>
#include <map>

#include "app/gui/main_window.h"
#include "core/base/json.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/demo/demo.h"
#include "core/engine/live.h"
#include "core/table/delimited.h"
#include "tests/cli/run.h"
#include "tests/support/qt_support.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/qc_audit.h"
#include "ui/panels/qc_pages.h"
#include "ui/panels/qc_raters.h"
#include "ui/widgets/cells_table.h"

namespace ipsi::gui {
namespace {

/// A demo study without ratings, and the files of two raters: A's as the demo had them, B's with every 400th another.
class RatersJourney : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryDir>();
    const auto made = demo::make_demo(*folder_ / "demo", demo::DemoOptions{.images = 0}, Task());
    ASSERT_OK(made);
    study_ = made->study;
    auto study = study::Study::open(study_, study::Access::read_write);
    ASSERT_OK(study);
    auto ratings = *study->ratings();
    study::Request request{.author = "setup", .kind = "setup", .summary = "no ratings", .changes = {}};
    std::string a = "subject\tsession\tregion\tflag\trater\ttime\n", b = a;
    int i = 0;
    for (const auto& r : ratings) {
      request.changes.emplace_back(study::Remove{r});
      const auto line = [&](const char* rater, study::Flag flag) {
        return fmt::format("{}\t{}\t{}\t{}\t{}\t2024-05-01T10:00:00Z\n", r.person, r.session, r.region,
                           study::to_string(flag), rater);
      };
      a += line("A", r.flag);
      const bool other = ++i % 400 == 0;
      disagree_ += other ? 1 : 0;
      b += line("B", !other ? r.flag : r.flag == study::Flag::ok ? study::Flag::lesioned : study::Flag::ok);
    }
    ASSERT_OK(study->apply(request));
    test::spit(*folder_ / "a.tsv", a);
    test::spit(*folder_ / "b.tsv", b);
    ASSERT_GE(disagree_, 20);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    session_.setRater("lead");
    window_.resize(1366, 768);
    window_.show();
    window_.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window_));
    ASSERT_TRUE(window_.openStudy(QString::fromStdString(study_.string()), "qc"));
  }
  void TearDown() override {
    jobs_.cancelAll();
    EXPECT_TRUE(test::wait_until([&] { return jobs_.idle(); }));
  }
  template <class W>
  W* find(const char* name) {
    W* out = window_.findChild<W*>(name);
    EXPECT_NE(out, nullptr) << name;
    return out;
  }
  void key(Qt::Key code, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : static_cast<QWidget*>(&window_), code, modifiers);
  }
  static Json cli(const std::vector<std::string>& words) {
    const auto ran = test::ipsi(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.json();
  }
  void bring(const char* file) {
    auto* page = find<ui::QcRaters>("qc.raters");
    page->showPart(ui::QcRaters::files);
    page->exchange().plan(QString::fromStdString((*folder_ / file).string()));
    ASSERT_TRUE(test::wait_until([&] { return page->exchange().state().can_import && jobs_.idle(); }));
    EXPECT_EQ(page->exchange().state().added, 9936);
    find<QPushButton>("qc.files.import")->click();
    ASSERT_TRUE(test::wait_until([&] { return !page->model().state().working && jobs_.idle(); }));
  }
  [[nodiscard]] bool fitted() { return models_.state().live && !models_.state().working && jobs_.idle(); }

  /// results.csv of the window against that of `ipsi batch --ratings`, cell by cell.
  void compareWithBatch(const QString& rule) {
    const auto out = *folder_ / "results";
    ASSERT_EQ(test::ipsi({"batch", study_.string(), "--out", out.string(), "--ratings", rule.toStdString(), "--no-maps",
                          "--force"})
                  .code,
              0);
    const auto sheet = table::read_sheet(out / "results.csv");
    ASSERT_OK(sheet);
    const auto shown = models_.state().live->results();
    ASSERT_OK(shown);
    const auto own = table::parse_delimited(table::to_delimited(*shown), "window");
    ASSERT_OK(own);
    std::size_t compared = 0;
    for (const auto& row : own->rows)
      for (const auto& other : sheet->rows) {
        const auto same = [&](const std::string& name) {
          return row.cells[static_cast<std::size_t>(own->find(name))] ==
                 other.cells[static_cast<std::size_t>(sheet->find(name))];
        };
        if (!same("analysis") || !same("side") || !same("region")) continue;
        for (const std::string& name : own->header) {
          if (name.starts_with("n_influential") || name.starts_with("robust_")) continue;  // a batch's alone
          ASSERT_GE(sheet->find(name), 0) << name;
          EXPECT_TRUE(same(name)) << name << " by " << rule.toStdString();
          ++compared;
        }
      }
    EXPECT_EQ(compared, 72U * (own->header.size() - 5));
  }

  static inline std::unique_ptr<test::TemporaryDir> folder_;
  static inline std::filesystem::path study_;
  static inline int disagree_ = 0;
  ui::StudySession session_;
  ui::Jobs jobs_;
  ui::Actions actions_;
  ui::Settings settings_{QString::fromStdString((*folder_ / "settings.conf").string())};
  ui::Shell shell_;
  ui::LiveModels models_{session_, jobs_};
  ui::Latencies latencies_;
  ui::Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
  MainWindow window_{context_, workspaces()};
};

TEST_F(RatersJourney, TwoFilesBecomeAgreementConsensusAndModels) {
  ASSERT_TRUE(actions_.trigger("qc.page.raters"));
  ASSERT_NO_FATAL_FAILURE(bring("a.tsv"));
  ASSERT_NO_FATAL_FAILURE(bring("b.tsv"));

  // The kappa table.
  auto* page = find<ui::QcRaters>("qc.raters");
  page->showPart(ui::QcRaters::agreement);
  const Json report = cli({"qc", "agreement", study_.string(), "--json"});
  const Json& pair = report.at("pairs").at(0);
  auto* table = find<ui::CellsTable>("qc.agreement.table");
  const auto number = [](const Json& json, double scale, int digits) {
    return ui::formatNumber(json.is_null() ? std::nan("") : scale * json.get<double>(), digits);
  };
  ASSERT_EQ(table->rows(), 1 + 12 + 28);
  EXPECT_EQ(table->cell(0, 1).text, "9,936");
  EXPECT_EQ(table->cell(0, 4).text, number(pair.at("overall").at("kappa"), 1, 2));
  EXPECT_LT(pair.at("overall").at("kappa").get<double>(), 1.0);
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const Json& region = pair.at("regions").at(std::string(kRegions[r].key));
    const int row = static_cast<int>(r) + 1;
    EXPECT_EQ(table->cell(row, 0).text.toStdString(), kRegions[r].title);
    EXPECT_EQ(table->cell(row, 3).text, number(region.at("percent"), 100, 1));
    EXPECT_EQ(table->cell(row, 4).text, number(region.at("kappa"), 1, 2));
    EXPECT_EQ(table->cell(row, 5).text, number(region.at("ac1"), 1, 2));
  }

  // The queue of disagreements, decided with one hand in the name of the consensus: B was wrong about all.
  page->showPart(ui::QcRaters::disputes);
  EXPECT_EQ(page->model().state().open_disputes, disagree_);
  find<QPushButton>("qc.disputes.adjudicate")->click();
  auto& qc = window_.findChild<ui::QcPanel*>("qc")->model();
  ASSERT_EQ(qc.state().filter, ui::QcFilter::disagree);
  const auto by_a = cli({"qc", "list", study_.string(), "--rater", "A", "--json"});
  std::map<std::pair<std::string, std::string>, std::string> flag_of;
  for (const Json& r : by_a) flag_of[{r.at("subject"), r.at("region")}] = r.at("flag");
  for (int i = 0; i < disagree_; ++i) {
    const auto* person = qc.person();
    ASSERT_NE(person, nullptr);
    const auto& region = kRegions[static_cast<std::size_t>(qc.state().region)];
    ASSERT_TRUE(person->wanted[static_cast<std::size_t>(qc.state().region)]) << i;
    EXPECT_EQ(qc.state().tiles[static_cast<std::size_t>(qc.state().region)].flag, ui::QcFlag::unrated);
    const std::string flag = flag_of.at({person->id.toStdString(), std::string(region.key)});
    key(flag == "ok" ? Qt::Key_A : flag == "lesioned" ? Qt::Key_S : Qt::Key_D);
  }
  EXPECT_EQ(cli({"qc", "disagreements", study_.string(), "--open", "--json"}).size(), 0U);

  // Models of A, of B and of the consensus, which is A's now.
  key(Qt::Key_4, Qt::ControlModifier);
  ASSERT_TRUE(test::wait_until([&] { return fitted(); }, 60000));
  auto* flags = find<QComboBox>("model.ratings");
  std::map<QString, std::string> results;
  for (const QString rule : {"rater:A", "rater:B", "consensus"}) {
    const int index = flags->findData(rule);
    ASSERT_GE(index, 0) << rule.toStdString();
    flags->setCurrentIndex(index);
    emit flags->activated(index);
    ASSERT_TRUE(test::wait_until([&] { return fitted(); }, 60000));
    ASSERT_NO_FATAL_FAILURE(compareWithBatch(rule));
    results[rule] = table::to_delimited(*models_.state().live->results());
  }
  EXPECT_EQ(results["consensus"], results["rater:A"]);
  EXPECT_NE(results["consensus"], results["rater:B"]);

  // A flag set while the models look through B's eyes moves them, and only if it is B's.
  flags->setCurrentIndex(flags->findData("rater:B"));
  emit flags->activated(flags->currentIndex());
  ASSERT_TRUE(test::wait_until([&] { return fitted(); }, 60000));
  study::Rating rating;
  for (const auto& person : session_.snapshot()->people)
    if (person.lesion_side == "left" && flag_of.at({person.id, "left_putamen"}) == "ok") rating.person = person.id;
  rating.region = "left_putamen";
  rating.flag = study::Flag::failed;
  rating.rater = "B";
  const auto before = models_.state().live;
  ASSERT_TRUE(session_.rate({rating}, "B changes their mind"));
  ASSERT_TRUE(test::wait_until([&] { return fitted() && models_.state().live != before; }, 60000));
  EXPECT_FALSE(models_.state().moved.empty());
  compareWithBatch("rater:B");
  const auto moved = models_.state().live;
  rating.rater = "A";
  ASSERT_TRUE(session_.rate({rating}, "A too"));
  ASSERT_TRUE(test::wait_until([&] { return fitted() && models_.state().live != moved; }, 60000));
  EXPECT_TRUE(models_.state().moved.empty());

  // Who leaves, by the study's own rule.
  key(Qt::Key_2, Qt::ControlModifier);
  ASSERT_TRUE(actions_.trigger("qc.page.audit"));
  auto& audit = find<ui::QcAudit>("qc.audit")->model();
  ASSERT_TRUE(test::wait_until([&] { return !audit.state().working && jobs_.idle(); }));
  const Json rows = cli({"qc", "audit", study_.string(), "--json"}).at("audit");
  ASSERT_EQ(rows.size(), 4 * audit.state().rows.size());
  for (std::size_t r = 0; r < audit.state().rows.size(); ++r) {
    EXPECT_EQ(audit.state().rows[r].left_out, rows.at(4 * r).at("n_left_out").get<int>());
    const Json& difference = rows.at(4 * r).at("difference");
    EXPECT_EQ(std::isnan(audit.state().rows[r].d), difference.is_null());
    if (!difference.is_null()) {
      EXPECT_DOUBLE_EQ(audit.state().rows[r].d, difference.get<double>());
    }
  }
  EXPECT_TRUE(audit.state().headline.contains("larger lesions")) << audit.state().headline.toStdString();
}

}  // namespace
}  // namespace ipsi::gui
