// SPDX-License-Identifier: GPL-3.0-or-later
// The Explore workspace driven by real events: from key to painted window, printed and never asserted.
// usage: bench_explore STUDY.ipsi FOLDER [PICTURES]; a study of the people with scans is made in FOLDER first.
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>

#include "core/study/scans.h"
#include "core/study/study.h"
#include "ui/panels/explore_panel.h"

namespace {

using namespace ipsi;
using namespace ipsi::ui;

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0.0, resident = 0.0;
  file >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

void tell(const char* what, std::vector<double> ms) {
  if (ms.empty()) return;
  std::sort(ms.begin(), ms.end());
  std::printf("%-46s n %4zu  median %7.2f  p95 %7.2f  max %7.2f ms\n", what, ms.size(), ms[ms.size() / 2],
              ms[ms.size() * 95 / 100], ms.back());
}

class Clock {
 public:
  Clock() { timer_.start(); }
  [[nodiscard]] double ms() const { return static_cast<double>(timer_.nsecsElapsed()) / 1e6; }

 private:
  QElapsedTimer timer_;
};

template <class Holds>
void pump(const Holds& holds) {
  const Clock clock;
  while (!holds() && clock.ms() < 30000.0) QApplication::processEvents(QEventLoop::AllEvents, 2);
}

/// The people of a study who have a T1, in a study of their own.
Result<std::filesystem::path> with_scans(const std::filesystem::path& from, const std::filesystem::path& folder) {
  const auto source = study::Study::open(from, study::Access::read_only);
  if (!source) return tl::unexpected<Error>(source.error());
  const auto all = source->snapshot();
  if (!all) return tl::unexpected<Error>(all.error());
  std::set<std::string> kept;
  for (const auto& scan : all->scans)
    if (scan.kind == "t1") kept.insert(scan.person);
  study::Request request{.author = "bench", .kind = "import", .summary = "people with scans", .changes = {}};
  const auto take = [&](const auto& rows) {
    for (const auto& row : rows)
      if (kept.count(row.person) > 0) request.put(row);
  };
  for (const auto& cohort : all->cohorts) request.put(cohort);
  for (const auto& person : all->people)
    if (kept.count(person.id) > 0) request.put(person);
  take(all->sessions);
  take(all->measurements);
  take(all->scores);
  take(all->ratings);
  for (auto scan : all->scans) {
    scan.path = study::scan_file(scan, from).string();
    request.put(std::move(scan));
  }
  const auto path = folder / "with_scans.ipsi";
  auto made = study::Study::create(path);
  if (!made) return tl::unexpected<Error>(made.error());
  if (const auto act = made->apply(request); !act) return tl::unexpected<Error>(act.error());
  return path;
}

struct Desk {
  explicit Desk(const std::filesystem::path& folder)
      : settings(QString::fromStdString((folder / "settings.ini").string())) {}  // not the user's
  StudySession session;
  Jobs jobs;
  Actions actions;
  Settings settings;
  Shell shell;
  LiveModels models{session, jobs};
  Latencies latencies;
  Context context{session, jobs, actions, settings, shell, models, latencies};
};

bool whole(const ExploreModel::State& state) {
  return state.scan && state.scan->whole && !state.waiting;
}

void walk_people(Desk& desk, ExplorePanel& panel) {
  const auto& state = panel.model().state();
  std::vector<double> picture, surfaces;
  pump([&] { return state.model != nullptr; });
  const int n = state.people;
  std::printf("resident before the walk %.0f MB\n", resident_mb());
  int by = 1;
  for (int i = 0; i < 60; ++i) {
    panel.model().waitForScans();  // what a person looked at for a second has given
    if (state.position + by < 0 || state.position + by >= n) by = -by;
    const Clock clock;
    panel.model().step(by);
    pump([&] { return whole(state); });
    panel.repaint();
    QApplication::processEvents();
    picture.push_back(clock.ms());
    if (i % 4 == 3) {
      pump([&] { return state.model != nullptr; });
      panel.repaint();
      QApplication::processEvents();
      surfaces.push_back(clock.ms());
    }
    if (i == 24 || i == 49 || i == 59)
      std::printf("resident after %3d people %.0f MB, scans kept %.0f MB\n", i + 1, resident_mb(),
                  static_cast<double>(panel.model().cachedBytes()) / (1024.0 * 1024.0));
  }
  tell("next person, prefetched, planes and numbers", picture);
  tell("the same until the surfaces are there", surfaces);
  std::vector<double> cold;
  for (int i = 0; i < 12; ++i) {
    panel.model().step((2 * i + 7) % n - state.position);
    desk.jobs.cancelAll();
    panel.model().setActive(false);
    const Clock clock;
    panel.model().setActive(true);
    pump([&] { return whole(state); });
    panel.repaint();
    QApplication::processEvents();
    cold.push_back(clock.ms());
  }
  tell("a person not in memory (page cache warm)", cold);
}

void brush(ExplorePanel& panel, const QString& pictures) {
  panel.showCohort(true);
  QApplication::processEvents();
  auto* scatter = panel.findChild<BrushPlot*>("cohort.scatter");
  auto* tools = panel.findChild<Segments*>("cohort.tools");
  const auto send = [&](QEvent::Type type, const QPointF& at) {
    QMouseEvent event(type, at, scatter->mapToGlobal(at), Qt::LeftButton, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(scatter, &event);
  };
  for (const bool lasso : {false, true}) {
    emit tools->chosen(lasso ? 1 : 0);
    std::vector<double> ms;
    const double w = scatter->width(), h = scatter->height();
    const QPointF centre(0.5 * w, 0.5 * h);
    send(QEvent::MouseButtonPress, lasso ? centre + QPointF(0.4 * w, 0) : QPointF(60, 12));
    for (int i = 0; i < 300; ++i) {
      const double part = i / 299.0, turn = 2.0 * M_PI * part;
      const QPointF at = lasso ? centre + QPointF(0.4 * w * std::cos(turn), 0.4 * h * std::sin(turn))
                               : QPointF(60 + part * (w - 80), 12 + part * (h - 50));
      const Clock clock;
      send(QEvent::MouseMove, at);
      QApplication::processEvents();
      ms.push_back(clock.ms());
    }
    if (!pictures.isEmpty()) panel.grab().save(pictures + (lasso ? "/brush_lasso.png" : "/brush_rectangle.png"));
    send(QEvent::MouseButtonRelease, centre);
    std::printf("chosen %zu of %zu\n", panel.cohort().model().state().chosen.size(),
                panel.cohort().model().state().people.size());
    tell(lasso ? "brush, lasso: move to painted window" : "brush, rectangle: move to painted window", ms);
  }
}

int run(const std::filesystem::path& study, const std::filesystem::path& folder, const QString& pictures) {
  const auto small = with_scans(study, folder);
  if (!small) {
    std::printf("%s\n", to_line(small.error()).c_str());
    return 3;
  }
  Theme::apply(ThemeChoice::dark, 100);
  Desk desk(folder);
  desk.session.open(*small);
  ExplorePanel panel(desk.context);
  panel.resize(1298, 698);
  panel.show();
  walk_people(desk, panel);
  desk.session.open(study);
  panel.showCohort(false);
  std::vector<double> step;
  for (int i = 0; i < 60; ++i) {
    const Clock clock;
    panel.model().step(1);
    panel.repaint();
    QApplication::processEvents();
    step.push_back(clock.ms());
  }
  tell("next person of 828, most without scans", step);
  brush(panel, pictures);
  std::printf("resident at the end %.0f MB\n", resident_mb());
  desk.jobs.shutDown(1000);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc < 3) {
    std::printf("usage: bench_explore STUDY.ipsi FOLDER [PICTURES]\n");
    return 2;
  }
  return run(argv[1], argv[2], argc > 3 ? QString::fromLocal8Bit(argv[3]) : QString());
}
