// SPDX-License-Identifier: GPL-3.0-or-later
// The Study workspace with 10,000 people: milliseconds from a keystroke in the filter, or a press on a column's head,
// to the painted table; and the dry run of the sample's tables. Printed, never asserted.
#include <QApplication>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "core/demo/demo.h"
#include "core/ingest/import.h"
#include "core/study/study.h"
#include "ui/panels/study_panel.h"
#include "ui/widgets/theme.h"

namespace {

using namespace ipsi;
namespace fs = std::filesystem;

constexpr int kPeople = 10000, kPatients = 828;

class Timings {
 public:
  void add(const QElapsedTimer& clock) { values_.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6); }
  void print(const char* what, const char* asked) {
    std::sort(values_.begin(), values_.end());
    const auto at = [&](double part) {
      return values_[static_cast<std::size_t>(part * static_cast<double>(values_.size() - 1))];
    };
    std::printf("%-58s median %7.2f  p95 %7.2f  max %7.2f ms  n %3zu   asked %s\n", what, at(0.5), at(0.95), at(1.0),
                values_.size(), asked);
  }

 private:
  std::vector<double> values_;
};

Result<fs::path> make(const fs::path& dir, int controls) {
  auto made = demo::make_demo(dir, {.images = 0, .controls = controls}, Task());
  if (!made) return tl::unexpected<Error>(made.error());
  return made->study;
}

void table_of_ten_thousand(ui::StudyPanel& panel) {
  auto* table = panel.findChild<QTableView*>("study.table");
  auto* filter = panel.findChild<QLineEdit*>("study.filter");
  panel.peopleModel().setView(ui::PeopleModel::View::people);
  const auto paint = [&] { (void)panel.grab(); };
  paint();
  Timings empty, typed, sorted, cohorts;
  QElapsedTimer clock;
  for (int i = 0; i < 30; ++i) {
    clock.start();
    paint();
    empty.add(clock);
  }
  filter->setFocus();
  for (const char* words : {"female", "age>70 left", "cohort-1 fma", "days<21 r", "sub-c0"}) {
    for (const char* c = words; *c != 0; ++c) {
      clock.start();
      QTest::keyClick(filter, *c);
      paint();
      typed.add(clock);
    }
    while (!filter->text().isEmpty()) {
      clock.start();
      QTest::keyClick(filter, Qt::Key_Backspace);
      paint();
      typed.add(clock);
    }
  }
  const int columns = table->model()->columnCount();
  for (int round = 0; round < 4; ++round)
    for (int column = 0; column < columns; ++column) {
      clock.start();
      emit table->horizontalHeader()->sectionClicked(column);
      paint();
      sorted.add(clock);
    }
  for (int i = 0; i < 10; ++i) {
    clock.start();
    panel.peopleModel().setView(i % 2 == 0 ? ui::PeopleModel::View::cohorts : ui::PeopleModel::View::people);
    paint();
    cohorts.add(clock);
  }
  std::printf("rows %d\n", table->model()->rowCount());
  empty.print("the panel painted once more, nothing changed", "-");
  typed.print("a keystroke in the filter to the painted table", "< 100");
  sorted.print("a press on a column's head to the painted table", "< 100");
  cohorts.print("cohorts to people and back", "< 100");
}

void a_flag(ui::StudySession& session) {
  Timings flags;
  QElapsedTimer clock;
  const QStringList people = session.people();
  for (int i = 0; i < 20; ++i) {
    study::Rating rating;
    rating.person = people[i].toStdString(), rating.region = "left_putamen";
    rating.session = session.firstSession(people[i]).toStdString();
    rating.flag = i % 2 == 0 ? study::Flag::failed : study::Flag::ok;
    clock.start();
    session.rate({rating}, "bench");
    flags.add(clock);
  }
  flags.print("a flag set, on disk, with the table listening", "-");
}

void dry_runs(const fs::path& dir) {
  const auto made = study::Study::create(dir / "empty.ipsi");
  if (!made) return;
  const auto snapshot = made->snapshot();
  ingest::Sources sources;
  sources.volumes = dir / "828/LandRvolumes.csv";
  sources.participants = dir / "828/participants.tsv";
  sources.study_dir = dir;
  Timings plan, run;
  QElapsedTimer clock;
  for (int i = 0; i < 20; ++i) {
    clock.start();
    if (!ingest::plan(sources, *snapshot, Task())) return;
    plan.add(clock);
    clock.start();
    if (!ui::dry_run(sources, *snapshot, Task())) return;
    run.add(clock);
  }
  plan.print("ingest::plan of the sample's two tables, 828 people", "-");
  run.print("the same with the tables kept for showing places", "-");
}

}  // namespace

int main(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QTemporaryDir folder;
  qputenv("XDG_CONFIG_HOME", folder.filePath("config").toLocal8Bit());
  QApplication app(argc, argv);
  ui::Theme::apply(ui::ThemeChoice::light, 100);
  const fs::path dir = folder.path().toStdString();
  const auto many = make(dir / "10000", kPeople - kPatients);
  const auto few = make(dir / "828", 0);
  if (!many || !few) {
    std::fprintf(stderr, "%s\n", to_line(many ? few.error() : many.error()).c_str());
    return 1;
  }
  ui::StudySession session;
  ui::Jobs jobs(nullptr, 2);
  ui::Actions actions;
  ui::Settings settings(folder.filePath("settings.conf"));
  ui::Shell shell;
  ui::LiveModels models{session, jobs};
  ui::Latencies latencies;
  ui::Context context{session, jobs, actions, settings, shell, models, latencies};
  QElapsedTimer clock;
  clock.start();
  if (!session.open(*many)) return 1;
  std::printf("open a study of %d people: %.0f ms\n", kPeople, static_cast<double>(clock.elapsed()));
  clock.start();
  ui::StudyPanel panel(context);
  std::printf("make the Study workspace: %.0f ms\n", static_cast<double>(clock.elapsed()));
  panel.resize(1298, 698);
  panel.show();
  table_of_ten_thousand(panel);
  a_flag(session);
  dry_runs(dir);
  return 0;
}
