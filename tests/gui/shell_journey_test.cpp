// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDragEnterEvent>
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QUrl>
#include <thread>

#include "app/gui/command_palette.h"
#include "app/gui/main_window.h"
#include "app/gui/program.h"
#include "tests/support/qt_support.h"
#include "tests/ui/viewmodels/small_study.h"
#include "ui/viewmodels/home_model.h"
#include "ui/widgets/style.h"

namespace ipsi::gui {
namespace {

/// The real window with two plain pages in place of the workspaces.
class Window : public testing::Test {
 protected:
  void SetUp() override {
    ui::Theme::apply(ui::ThemeChoice::light, 100);
    path_ = folder_ / "small.ipsi";
    test::make_small_study(path_);
    session_.setRater("A");
    const auto page = [this](const char* key, const char* title, int number) {
      return Workspace{key, title, key, number, [this, key](ui::Context&) -> QWidget* {
                         ++made_[key];
                         auto* frame = new QFrame;
                         frame->setFocusPolicy(Qt::StrongFocus);
                         frame->setObjectName(QString("page.") + key);
                         return frame;
                       }};
    };
    window_ = std::make_unique<MainWindow>(context_, std::vector{page("study", "Study", 1), page("qc", "QC", 2)});
    window_->resize(1366, 768);
    window_->show();
    window_->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(window_.get()));
  }
  void TearDown() override {
    jobs_.cancelAll();
    EXPECT_TRUE(test::wait_until([&] { return jobs_.idle(); }));
  }
  template <class W = QWidget>
  W* find(const char* name) {
    auto* widget = window_->findChild<W*>(name);
    EXPECT_NE(widget, nullptr) << name;
    return widget;
  }
  QString label(const char* name) { return find<QLabel>(name)->text(); }
  bool open() { return window_->openStudy(QString::fromStdString(path_.string())); }
  void press(const char* keys) {
    QTest::keySequence(
        QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : static_cast<QWidget*>(window_.get()),
        QKeySequence(keys));
  }
  bool rate(const char* person, study::Flag flag) {
    study::Rating r;
    r.person = person, r.region = "left_thalamus", r.flag = flag;
    return session_.rate({r}, "flag");
  }

  test::TemporaryDir folder_;
  std::filesystem::path path_;
  std::map<std::string, int> made_;
  ui::StudySession session_;
  ui::Jobs jobs_;
  ui::Actions actions_;
  ui::Settings settings_{QString::fromStdString((folder_ / "settings.conf").string())};
  ui::Shell shell_;
  ui::LiveModels models_{session_, jobs_};
  ui::Latencies latencies_;
  ui::Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
  std::unique_ptr<MainWindow> window_;
};

TEST_F(Window, StartsAtHomeWithTheSampleUnderTheKeyboard) {
  EXPECT_TRUE(find("home")->isVisible());
  EXPECT_FALSE(find("shell.rail")->isVisible());
  EXPECT_TRUE(find("home.sample")->hasFocus());
  EXPECT_EQ(label("top.name"), "Ipsi");
}

TEST_F(Window, WorkspacesAreMadeWhenFirstShownAndReachedByKeys) {
  ASSERT_TRUE(open());
  EXPECT_EQ(window_->workspace(), "study");
  EXPECT_EQ(made_["qc"], 0);
  QTest::keyClick(window_.get(), Qt::Key_2, Qt::ControlModifier);
  EXPECT_EQ(window_->workspace(), "qc");
  QTest::keyClick(window_.get(), Qt::Key_1, Qt::ControlModifier);
  QTest::keyClick(window_.get(), Qt::Key_2, Qt::ControlModifier);
  EXPECT_EQ(made_["qc"], 1);
  EXPECT_TRUE(find("page.qc")->isVisible());
  QTest::keyClick(window_.get(), Qt::Key_5, Qt::ControlModifier);  // there is no Map here
  EXPECT_EQ(window_->workspace(), "qc");
  EXPECT_EQ(settings_.value("layout/workspace").toString(), "qc");
  EXPECT_EQ(settings_.recent().size(), 1u);
}

TEST_F(Window, CtrlKFindsAPersonARegionAndACommand) {
  ASSERT_TRUE(open());
  press("Ctrl+K");
  auto* palette = find<CommandPalette>("palette");
  ASSERT_TRUE(palette->isVisible());
  auto* typed = find<QLineEdit>("palette.typed");
  EXPECT_TRUE(typed->hasFocus());
  EXPECT_GT(palette->count(), 15);
  QTest::keyClicks(typed, "sub-07");
  EXPECT_EQ(palette->count(), 1);
  QTest::keyClick(typed, Qt::Key_Return);
  EXPECT_FALSE(palette->isVisible());
  EXPECT_EQ(session_.person(), "sub-07");
  press("Ctrl+K");
  QTest::keyClicks(typed, "chronic");
  QTest::keyClick(typed, Qt::Key_Return);
  EXPECT_EQ(session_.subset(), "chronic");
  press("Ctrl+K");
  QTest::keyClick(typed, Qt::Key_Escape);
  EXPECT_FALSE(palette->isVisible());
}

TEST_F(Window, CountsUndoAndSaveStateFollowAFlag) {
  ASSERT_TRUE(open());
  EXPECT_EQ(label("status.left"), "108");
  EXPECT_FALSE(find<QPushButton>("top.undo")->isEnabled());
  ASSERT_TRUE(rate("sub-01", study::Flag::failed));
  EXPECT_EQ(label("status.done"), "1");
  EXPECT_EQ(label("status.left"), "107");
  EXPECT_TRUE(label("status.saved").startsWith("saved "));
  find<QPushButton>("top.undo")->click();
  EXPECT_EQ(label("status.done"), "0");
  press("Ctrl+Shift+Z");
  EXPECT_EQ(label("status.done"), "1");
  press("Ctrl+Z");
  EXPECT_EQ(label("status.done"), "0");
}

TEST_F(Window, TheBannerSaysNotSavedWhileItIsSo) {
  ui::StudySession other;
  ASSERT_TRUE(other.open(path_));  // another window has it
  ASSERT_TRUE(open());
  EXPECT_FALSE(find("shell.banner")->isVisible());
  EXPECT_TRUE(find("top.readonly")->isVisible());
  ASSERT_TRUE(rate("sub-01", study::Flag::failed));
  EXPECT_TRUE(find("shell.banner")->isVisible());
  EXPECT_EQ(label("shell.banner.title"), "Not saved");
  EXPECT_EQ(label("status.saved"), "not saved");
  window_->close();  // asks, in the window
  EXPECT_TRUE(window_->isVisible());
  EXPECT_TRUE(find("shell.question")->isVisible());
  QTest::keyClick(find("shell.question"), Qt::Key_Escape);
  other.close();
  EXPECT_TRUE(test::wait_until([&] { return !find("shell.banner")->isVisible(); }));
  EXPECT_TRUE(label("status.saved").startsWith("saved "));
  window_->close();
  EXPECT_FALSE(window_->isVisible());
}

TEST_F(Window, ClosingDuringAJobAsksAndCanStopIt) {
  ASSERT_TRUE(open());
  bool cancelled = false;
  jobs_.start<int>(
      {.title = "Leave one cohort out"},
      [](const Task& task) -> Result<int> {
        while (!task.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return fail(Code::Cancelled, "stopped");
      },
      nullptr, [&](Result<int>) { cancelled = true; });
  EXPECT_TRUE(find<QPushButton>("top.jobs")->text().startsWith("1 job"));
  find<QPushButton>("top.jobs")->click();
  EXPECT_TRUE(find("jobs.tray")->isVisible());
  window_->close();
  EXPECT_TRUE(window_->isVisible());
  find<QPushButton>("shell.question.0")->click();
  EXPECT_TRUE(test::wait_until([&] { return !window_->isVisible(); }));
  jobs_.cancelAll();
  EXPECT_TRUE(test::wait_until([&] { return cancelled; }));
}

TEST_F(Window, DroppedFilesSayWhatTheyAreAndGoToTheStudyWorkspace) {
  ASSERT_TRUE(open());
  window_->showWorkspace("qc");
  test::spit(folder_ / "LandRvolumes.csv", "SubjID,Lthal,Rthal\nsub-1,1,2\n");
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(QString::fromStdString((folder_ / "LandRvolumes.csv").string()))});
  QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &enter);
  EXPECT_TRUE(enter.isAccepted());
  EXPECT_TRUE(find("shell.question")->isVisible());  // says what it is while it hovers
  QDropEvent drop(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &drop);
  ASSERT_TRUE(find("shell.question")->isVisible());
  EXPECT_TRUE(find("shell.question")->accessibleName().contains("LandRvolumes.csv is a table of region volumes"));
  find<QPushButton>("shell.question.0")->click();
  EXPECT_TRUE(test::wait_until([&] { return window_->workspace() == "study"; }));
  const auto offers = shell_.takeOffers();
  ASSERT_EQ(offers.size(), 1u);
  EXPECT_EQ(offers[0].kind, "volumes");
}

TEST_F(Window, AFileThatIsNoStudyIsToldAndNothingIsLost) {
  ASSERT_TRUE(open());
  test::spit(folder_ / "bad.ipsi", "this is certainly not an SQLite file");
  EXPECT_FALSE(window_->openStudy(QString::fromStdString((folder_ / "bad.ipsi").string())));
  EXPECT_TRUE(find("shell.question")->isVisible());
  EXPECT_TRUE(find("shell.question")->accessibleName().contains("not an Ipsi study"));
  EXPECT_EQ(session_.name(), "small.ipsi");
}

TEST_F(Window, FitsTheSmallestScreenInEveryThemeAndTextSize) {
  ASSERT_TRUE(open());
  for (const auto theme : {ui::ThemeChoice::light, ui::ThemeChoice::dark})
    for (const int percent : {90, 100, 150}) {
      ui::Theme::apply(theme, percent);
      window_->resize(1280, 720);
      QTest::qWait(30);
      EXPECT_LE(window_->minimumSizeHint().width(), 1280) << percent;
      EXPECT_LE(window_->minimumSizeHint().height(), 720) << percent;
      EXPECT_EQ(window_->size(), QSize(1280, 720)) << percent;
    }
  ui::Theme::apply(ui::ThemeChoice::light, 100);
}

TEST_F(Window, EveryControlHasANameForScreenReaders) {
  ASSERT_TRUE(open());
  for (auto* button : window_->findChildren<QAbstractButton*>())
    if (button->isVisible()) {
      EXPECT_FALSE(button->text().isEmpty() && button->accessibleName().isEmpty())
          << button->objectName().toStdString();
    }
}

TEST(Options, ArgumentsOfTheDesktop) {
  const auto ok = parse_options({"ipsi-desktop", "s.ipsi", "--workspace", "qc", "--subject", "sub-1", "--theme", "dark",
                                 "--size", "1366x768", "--screenshot", "a.png"});
  ASSERT_OK(ok);
  EXPECT_EQ(ok->study, "s.ipsi");
  EXPECT_EQ(ok->size, QSize(1366, 768));
  EXPECT_EQ(ok->workspace, "qc");
  for (const QStringList& bad :
       {QStringList{"--workspace", "kitchen"}, QStringList{"--theme", "pink"}, QStringList{"--size", "big"},
        QStringList{"--nonsense"}, QStringList{"a", "b"}, QStringList{"--text", "500"}}) {
    const auto result = parse_options(QStringList{"ipsi-desktop"} + bad);
    ASSERT_FALSE(result.has_value()) << bad.join(' ').toStdString();
    EXPECT_EQ(exit_code(result.error().code), 2);
  }
}

}  // namespace
}  // namespace ipsi::gui
