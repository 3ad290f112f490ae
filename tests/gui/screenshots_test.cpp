// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every workspace in every look, into <build>/screenshots, for people to look at; and what a program can
// say of them: they are painted, and no word is cut off.
#include <QDir>
#include <QListWidget>
#include <QPainter>
#include <set>
#include <thread>

#include "app/gui/main_window.h"
#include "core/demo/demo.h"
#include "core/ingest/assignment.h"
#include "tests/gui/clipping.h"
#include "tests/support/qt_support.h"
#include "ui/panels/qc_raters.h"
#include "ui/widgets/style.h"

namespace ipsi::gui {
namespace {

struct Look {
  const char* name;
  ui::ThemeChoice theme;
  int text_percent;
  QSize size;
  double scale;
};
const std::vector<Look> kLooks{
    {"light", ui::ThemeChoice::light, 100, {1366, 768}, 1},
    {"dark", ui::ThemeChoice::dark, 100, {1366, 768}, 1},
    {"dark_1280x720", ui::ThemeChoice::dark, 100, {1280, 720}, 1},
    {"light_x2", ui::ThemeChoice::light, 100, {1366, 768}, 2},
    {"light_text150", ui::ThemeChoice::light, 150, {1366, 768}, 1},
    {"dark_1920x1080", ui::ThemeChoice::dark, 100, {1920, 1080}, 1},
};

class Screenshots : public testing::Test {
 protected:
  void SetUp() override { QDir().mkpath(kFolder); }

  void take(const QString& name, bool at_rest = true) {
    for (const Look& look : kLooks) {
      ui::Theme::apply(look.theme, look.text_percent);
      window_.resize(look.size);
      QTest::qWait(60);
      if (at_rest) {
        ASSERT_TRUE(test::wait_until([&] { return !window_.busy(); }, 120000)) << name.toStdString();
      }
      QTest::qWait(60);
      const QStringList cut = test::clipped(window_);
      EXPECT_TRUE(cut.isEmpty()) << name.toStdString() << " " << look.name << ": " << cut.join("; ").toStdString();
      QImage image(look.size * look.scale, QImage::Format_ARGB32_Premultiplied);
      image.setDevicePixelRatio(look.scale);
      window_.render(&image);
      ASSERT_TRUE(image.save(QString("%1/%2_%3.png").arg(kFolder, name, look.name)));
      std::set<QRgb> colours;
      for (int y = 0; y < image.height(); y += 3)
        for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
      EXPECT_GT(colours.size(), 20u) << name.toStdString() << " " << look.name << " is all but empty";
    }
  }

  const QString kFolder = IPSI_SCREENSHOTS;
  test::TemporaryDir folder_;
  ui::StudySession session_;
  ui::Jobs jobs_;
  ui::Actions actions_;
  ui::Settings settings_{QString::fromStdString((folder_ / "settings.conf").string())};
  ui::Shell shell_;
  ui::LiveModels models_{session_, jobs_};
  ui::Latencies latencies_;
  ui::Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
  MainWindow window_{context_, workspaces()};
};

TEST_F(Screenshots, HomeFirstAndWithRecentStudies) {
  window_.show();
  take("home_first");
  for (const char* name : {"chronic-2024.ipsi", "pilot.ipsi"})
    settings_.addRecent(QString::fromStdString((folder_ / name).string()));
  take("home_recent");
}

TEST_F(Screenshots, EveryWorkspaceOfAnEmptyStudy) {
  window_.show();
  ASSERT_TRUE(session_.create(folder_ / "empty.ipsi"));
  for (const auto& workspace : workspaces()) {
    ASSERT_TRUE(window_.showWorkspace(workspace.key));
    take("empty_" + workspace.key);
  }
}

TEST_F(Screenshots, EveryWorkspaceOfTheSampleStudy) {
  demo::DemoOptions options;
  options.images = 2;
  const auto made = demo::make_demo(folder_ / "demo", options, Task());
  ASSERT_OK(made);
  window_.show();
  ASSERT_TRUE(window_.openStudy(QString::fromStdString(made->study.string())));
  for (const auto& scan : session_.snapshot()->scans)
    if (scan.kind == "labels") session_.select(QString::fromStdString(scan.person));
  for (const auto& workspace : workspaces()) {
    ASSERT_TRUE(window_.showWorkspace(workspace.key));
    take("sample_" + workspace.key);
  }
}

TEST_F(Screenshots, ModelsThatMoveAreComparedAndFail) {
  const auto made = demo::make_demo(folder_ / "demo", demo::DemoOptions{.images = 0}, Task());
  ASSERT_OK(made);
  window_.show();
  ASSERT_TRUE(window_.openStudy(QString::fromStdString(made->study.string()), "model"));
  const auto fitted = [&] { return models_.state().live && !models_.state().working && jobs_.idle(); };
  ASSERT_TRUE(test::wait_until(fitted));
  session_.setSubset("chronic");
  ASSERT_TRUE(actions_.trigger("model.keep"));
  const auto flag = [&](const std::string& structure, study::Flag to, std::size_t most) {
    std::vector<study::Rating> ratings;
    for (const study::Person& person : session_.snapshot()->people) {
      if (ratings.size() == most) break;
      if (person.lesion_side != "left" && person.lesion_side != "right") continue;
      study::Rating rating;
      rating.person = person.id;
      rating.region = person.lesion_side + "_" + structure;
      rating.flag = to;
      ratings.push_back(rating);
    }
    ASSERT_TRUE(session_.rate(ratings, "flags"));
    ASSERT_TRUE(test::wait_until(fitted));
  };
  ASSERT_NO_FATAL_FAILURE(flag("putamen", study::Flag::failed, 60));
  models_.chooseRow(2);
  take("model_moved");
  ASSERT_TRUE(actions_.trigger("model.side"));
  take("model_side_by_side");
  ASSERT_TRUE(actions_.trigger("model.side"));
  ASSERT_NO_FATAL_FAILURE(flag("caudate", study::Flag::failed, 10000));
  models_.chooseRow(1);
  take("model_failing");
  auto* runs = window_.findChild<QListWidget*>("model.runs");
  runs->setCurrentRow(0);
  QTest::keyClick(runs, Qt::Key_Return);
  take("model_compared");
}

TEST_F(Screenshots, MapsOfOneOfAllCutAndOnPaper) {
  const auto made = demo::make_demo(folder_ / "demo", demo::DemoOptions{.images = 0}, Task());
  ASSERT_OK(made);
  window_.show();
  ASSERT_TRUE(window_.openStudy(QString::fromStdString(made->study.string()), "map"));
  ASSERT_TRUE(test::wait_until([&] { return models_.state().live && !window_.busy(); }, 120000));
  session_.setSubset("chronic");
  models_.chooseRow(2);
  take("map_chronic");
  ASSERT_TRUE(actions_.trigger("map.cut"));
  ASSERT_TRUE(actions_.trigger("map.cortex"));
  take("map_cut_cortex");
  ASSERT_TRUE(actions_.trigger("map.cut") && actions_.trigger("map.cut") && actions_.trigger("map.cut"));
  ASSERT_TRUE(actions_.trigger("map.panels"));
  take("map_panels");
  ASSERT_TRUE(actions_.trigger("map.panels"));
  ASSERT_TRUE(actions_.trigger("map.export"));
  QTest::qWait(400);  // the preview begins when typing ends
  take("map_export");
}

TEST_F(Screenshots, RatersAndThoseLeftOut) {
  const auto made = demo::make_demo(folder_ / "demo", demo::DemoOptions{.images = 0}, Task());
  ASSERT_OK(made);
  {
    // A second rater of every fifth person, who differs now and then, and once from themselves.
    auto study = study::Study::open(made->study, study::Access::read_write);
    ASSERT_OK(study);
    study::Request request{.author = "B", .kind = "import_ratings", .summary = "B's flags", .changes = {}};
    int i = 0;
    const auto ratings = *study->ratings();
    for (study::Rating r : ratings) {
      if (++i % 60 > 12) continue;
      r.rater = "B";
      if (i % 31 == 0) r.flag = r.flag == study::Flag::ok ? study::Flag::lesioned : study::Flag::ok;
      request.put(r);
    }
    ASSERT_OK(study->apply(request));
    const auto snapshot = study->snapshot();
    ASSERT_OK(snapshot);
    const auto plan = ingest::assign(
        {.raters = {"B", "demo-rater"}, .sharing = ingest::Sharing::split, .overlap = 0.15, .repeats = 0.05},
        snapshot->people);
    study::Request deal{.author = "B", .kind = "setting", .summary = "assigned", .changes = {}};
    for (auto& setting : ingest::to_settings(plan)) deal.put(std::move(setting));
    ASSERT_OK(study->apply(deal));
  }
  session_.setRater("B");
  window_.show();
  ASSERT_TRUE(window_.openStudy(QString::fromStdString(made->study.string()), "qc"));
  ASSERT_TRUE(actions_.trigger("qc.page.raters"));
  const char* parts[] = {"who", "assignment", "agreement", "disagreements", "rules", "files"};
  for (int part = 0; part < 6; ++part) {
    ASSERT_TRUE(actions_.trigger(QString("qc.raters.%1").arg(part)));
    take(QString("raters_%1").arg(parts[part]));
  }
  test::spit(folder_ / "c.tsv",
             "subject\tregion\tflag\trater\ttime\nsub-x\tleft_caudate\tok\tC\t2024-05-01T10:00:00Z\n");
  window_.findChild<ui::QcRaters*>("qc.raters")->exchange().plan(QString::fromStdString((folder_ / "c.tsv").string()));
  take("raters_plan");
  ASSERT_TRUE(actions_.trigger("qc.page.audit"));
  take("left_out");
}

TEST_F(Screenshots, PaletteJobsToastAndQuestionOverAStudy) {
  window_.show();
  ASSERT_TRUE(session_.create(folder_ / "busy.ipsi"));
  const auto stop = [](const Task& task) -> Result<int> {
    task.progress(0.5, "cohort 14 of 28");
    while (!task.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return fail(Code::Cancelled, "stopped");
  };
  const auto full = [](const Task&) -> Result<int> { return fail(Code::Environment, "the disk is full", "map.png"); };
  jobs_.start<int>({.title = "Leave one cohort out"}, stop, nullptr, [](Result<int>) {});
  jobs_.start<int>({.title = "Export the map"}, full, nullptr, [](Result<int>) {});
  ASSERT_TRUE(test::wait_until([&] { return jobs_.running() == 1; }));
  actions_.trigger("jobs.tray");
  shell_.toast("3 set to ok", "Undo", "Z");
  take("shell_jobs_toast", false);
  actions_.trigger("jobs.tray");
  actions_.trigger("palette");
  take("shell_palette", false);
  window_.close();
  take("shell_question", false);
  jobs_.cancelAll();
  EXPECT_TRUE(test::wait_until([&] { return jobs_.idle(); }));
}

TEST_F(Screenshots, AReadOnlyStudyWithAFlagThatIsNotSaved) {
  ui::StudySession other;
  ASSERT_TRUE(other.create(folder_ / "held.ipsi"));
  study::Request request{.author = "a", .kind = "import", .summary = "one person", .changes = {}};
  request.put(study::Cohort{"A", "A"});
  request.put(study::Person{"sub-01", "A", "patient", "female", "left", ""});
  request.put(study::Session{"sub-01", "1", 1, "", 60, 10});
  ASSERT_TRUE(other.apply(request));
  window_.show();
  ASSERT_TRUE(window_.openStudy(QString::fromStdString((folder_ / "held.ipsi").string())));
  study::Rating rating;
  rating.person = "sub-01", rating.region = "left_thalamus", rating.flag = study::Flag::failed;
  ASSERT_TRUE(session_.rate({rating}, "flag"));
  take("failing_not_saved");
}

}  // namespace
}  // namespace ipsi::gui
