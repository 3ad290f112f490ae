// SPDX-License-Identifier: GPL-3.0-or-later
// The real window driven by key events: milliseconds to the painted picture, printed and never asserted.
// usage: bench_desktop STUDY.ipsi [PEOPLE]   a demo study with images (ipsi demo DIR --images 24); it is copied first.
// QT_QPA_PLATFORM=offscreen, or under xvfb-run with QT_QPA_PLATFORM=xcb.
#include <fcntl.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QThread>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>

#include "app/gui/main_window.h"
#include "tests/bench/window_bench.h"
#include "ui/panels/qc_panel.h"
#include "ui/viewer/map_view.h"
#include "ui/viewer/plane_widget.h"
#include "ui/widgets/theme.h"

namespace {

using namespace ipsi;
using namespace ipsi::bench;
namespace fs = std::filesystem;

/// Milliseconds since this process was started, loading of libraries included.
double process_age_ms() {
  std::ifstream stat("/proc/self/stat"), uptime("/proc/uptime");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::vector<std::string> words;
  std::string word;
  for (const char c : text.substr(text.rfind(')') + 2) + ' ') {
    if (c != ' ') {
      word += c;
      continue;
    }
    words.push_back(std::exchange(word, {}));
  }
  double now = 0.0;
  uptime >> now;
  return 1e3 * (now - std::stod(words[19]) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

void wheel(QWidget* target, int steps) {
  const QPointF at(60, 60);
  QWheelEvent event(at, target->mapToGlobal(at), {}, QPoint(0, 120 * steps), Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(target, &event);
}

/// A copy of the study in which `people` more people point at the scans that are there.
fs::path prepare(const fs::path& study, const fs::path& folder, int people) {
  const fs::path copy = folder / "bench.ipsi";
  fs::copy_file(study, copy);
  auto opened = study::Study::open(copy, study::Access::read_write);
  if (!opened) {
    std::printf("%s\n", to_line(opened.error()).c_str());
    std::exit(3);
  }
  const auto rows = opened->snapshot();
  study::Request request{.author = "bench", .kind = "import", .summary = "linked scans", .changes = {}};
  std::vector<std::vector<study::Scan>> sources;
  for (study::Scan scan : rows->scans) {
    if (!fs::path(scan.path).is_absolute()) scan.path = (study.parent_path() / scan.path).string();
    request.put(scan);
    if (sources.empty() || sources.back().front().person != scan.person) sources.emplace_back();
    sources.back().push_back(scan);
  }
  int linked = 0;
  for (const study::Person& person : rows->people) {
    if (linked == people) break;
    const bool has =
        std::any_of(sources.begin(), sources.end(), [&](const auto& s) { return s[0].person == person.id; });
    if (has) continue;
    for (study::Scan scan : sources[static_cast<std::size_t>(linked) % sources.size()]) {
      // A name of its own, so that no cache takes it for the other person's; the disk holds it once.
      const fs::path link = folder / (person.id + "_" + fs::path(scan.path).filename().string());
      std::error_code ec;
      fs::create_hard_link(scan.path, link, ec);
      if (ec) fs::copy_file(scan.path, link, ec);
      scan.path = link.string();
      scan.person = person.id;
      request.put(scan);
    }
    ++linked;
  }
  if (const auto act = opened->apply(request); !act) {
    std::printf("%s\n", to_line(act.error()).c_str());
    std::exit(3);
  }
  return copy;
}

/// Takes a person's files out of the page cache.
void forget_files(const ui::StudySession& session, const QString& person) {
  for (const study::Scan& scan : session.snapshot()->scans) {
    if (scan.person != person.toStdString()) continue;
    const int file = ::open(scan.path.c_str(), O_RDONLY);
    if (file < 0) continue;
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

class Bench {
 public:
  int run(const fs::path& original, int people) {
    window_.keepLayout(false);
    window_.resize(1366, 768);
    window_.show();
    if (!window_.openStudy(QString::fromStdString(original.string()), "qc")) return 3;
    for (const study::Scan& scan : session_.snapshot()->scans) {
      session_.select(QString::fromStdString(scan.person));
      break;
    }
    find();
    until([&] { return model_->state().scan != nullptr; });
    settle();
    std::printf("platform %s, window 1366x768\n", qPrintable(QGuiApplication::platformName()));
    std::printf("%-58s %7.0f ms                                    asked < 1000 ms\n",
                "process start to the first person painted in QC", process_age_ms());
    session_.close();
    const QString copy = QString::fromStdString(prepare(original, folder_.path().toStdString(), people).string());
    if (!window_.openStudy(copy, "qc")) return 3;
    model_->setFilter(ui::QcFilter::with_scan);
    until([&] { return !model_->state().waiting && jobs_.idle(); });
    keys();
    slices();
    walk();
    liveLink();
    return 0;
  }

 private:
  void find() {
    panel_ = window_.findChild<ui::QcPanel*>("qc");
    viewer_ = window_.findChild<ui::TriplanarWidget*>("qc.viewer");
    model_ = &panel_->model();
  }

  void keys() {
    struct Stroke {
      const char* what;
      int code;
      const char* text;
    };
    for (const Stroke& s : {Stroke{"key to picture: flag (A, S, D in turn, on disk)", Qt::Key_A, "a"},
                            Stroke{"key to picture: fill, outline, off (F)", Qt::Key_F, "f"},
                            Stroke{"key to picture: lesion on, off (T)", Qt::Key_T, "t"},
                            Stroke{"key to picture: undo (Z)", Qt::Key_Z, "z"}}) {
      Figures figures;
      const int codes[] = {Qt::Key_A, Qt::Key_S, Qt::Key_D};
      const char* texts[] = {"a", "s", "d"};
      for (int i = 0; i < 60; ++i) {
        if (s.code == Qt::Key_A) model_->chooseRegion(i % 12);
        settle();
        QElapsedTimer clock;
        clock.start();
        if (s.code == Qt::Key_A)
          key(viewer_, codes[i % 3], texts[i % 3]);
        else
          key(viewer_, s.code, s.text);
        QApplication::processEvents();
        figures.add(ms_since(clock));
        QThread::msleep(8);
      }
      figures.print(s.what, "< 16");
    }
  }

  void slices() {
    for (const QSize size : {QSize(1100, 900), QSize(1920, 1200)}) {
      window_.resize(size);
      settle();
      for (int plane = 0; plane < 2; ++plane) {
        Figures figures;
        for (int i = 0; i < 80; ++i) {
          settle();
          QElapsedTimer clock;
          clock.start();
          if (plane == 0)
            wheel(viewer_->plane(viewer_->large()), i % 20 < 10 ? 1 : -1);
          else
            viewer_->setCrosshair(viewer_->crosshair() + Eigen::Vector3d::Constant(i % 20 < 10 ? 1.0 : -1.0));
          QApplication::processEvents();
          figures.add(ms_since(clock));
          QThread::msleep(4);
        }
        const std::string what =
            std::string(plane == 0 ? "slice step by the wheel" : "crosshair through three planes") + ", window " +
            std::to_string(size.width()) + "x" + std::to_string(size.height());
        figures.print(what.c_str(), size.width() == 1100 ? "< 4" : "< 8");
      }
    }
    window_.resize(1366, 768);
    settle();
  }

  void walk() {
    const int n = static_cast<int>(model_->state().queue.size());
    Figures ready, cold;
    double first_memory = 0.0;
    model_->choosePerson(0);
    until([&] { return !model_->state().waiting; });
    for (int i = 1; i <= 200; ++i) {
      model_->waitForScans();  // a rater looks at somebody for seconds: the neighbours are there
      settle();
      QElapsedTimer clock;
      clock.start();
      key(viewer_, Qt::Key_N, "n");
      until([&] { return !model_->state().waiting; });
      QApplication::processEvents();
      ready.add(ms_since(clock));
      if (i == 50) first_memory = memory_mb();
    }
    ready.print("next person, prefetched (N)", "< 50");
    std::printf("%-58s %7.0f MB after 50, %.0f MB after 200 people        asked < 1024 MB, flat\n", "memory, QC open",
                first_memory, memory_mb());
    for (int i = 0; i < 40; ++i) {
      const int far = (i * 37 + 11) % n;  // nobody's neighbour
      model_->waitForScans();
      forget_files(session_, model_->state().queue[static_cast<std::size_t>(far)].id);
      settle();
      QElapsedTimer clock;
      clock.start();
      model_->choosePerson(far);
      until([&] { return !model_->state().waiting; });
      QApplication::processEvents();
      cold.add(ms_since(clock));
    }
    cold.print("a person far away, page cache dropped", "< 150, p95 300");
  }

  void liveLink() {
    for (const char* workspace : {"model", "map"}) {
      if (!window_.showWorkspace(workspace)) continue;
      until([&] { return models_.state().live && !models_.state().working && jobs_.idle(); });
      settle();
      const bool map = QString(workspace) == "map";
      auto* scene = window_.findChild<ui::MapView3d*>("map.scene");
      if (map) until([&] { return scene->settled(); });
      Figures refits, painted, full;
      const auto rows = session_.snapshot();
      for (int i = 0; i < 40; ++i) {
        study::Rating rating = rows->ratings[static_cast<std::size_t>(i * 131 % 9000)];
        rating.flag = rating.flag == study::Flag::lesioned ? study::Flag::ok : study::Flag::lesioned;
        rating.time.clear();
        const int before = models_.state().generation;
        QElapsedTimer clock;
        clock.start();
        session_.rate({rating}, "bench");
        until([&] { return models_.state().generation > before; });
        refits.add(ms_since(clock));
        if (map) {  // drawn by a thread of its own: roughly first, then in full
          const quint64 ticket = scene->ticket();
          until([&] { return scene->shot().ticket >= ticket; });
          QApplication::processEvents();
          painted.add(ms_since(clock));
          until([&] { return scene->settled(); });
          QApplication::processEvents();
          full.add(ms_since(clock));
        } else {
          QApplication::processEvents();
          painted.add(ms_since(clock));
        }
        until([&] { return jobs_.idle(); });
        QThread::msleep(20);
        settle();
      }
      const std::string what = std::string("flag to refitted models, ") + workspace + " shown";
      refits.print(what.c_str(), "< 50");
      const std::string then = std::string("flag to painted ") + workspace;
      painted.print(then.c_str(), "< 100");
      if (map) full.print("flag to the map in full", "< 400");
      if (map) orbit(*scene);
    }
  }

  /// A drag: each step waits for its picture, as a hand would see it.
  void orbit(ui::MapView3d& scene) {
    Figures frames, full;
    for (int i = 0; i < 60; ++i) {
      QElapsedTimer clock;
      clock.start();
      scene.orbit(3.0, i % 2 == 0 ? 1.0 : -1.0);
      until([&] { return scene.shot().ticket >= scene.ticket(); });
      QApplication::processEvents();
      frames.add(ms_since(clock));
    }
    for (int i = 0; i < 10; ++i) {
      until([&] { return scene.settled(); });
      QElapsedTimer clock;
      clock.start();
      scene.setCamera(i % 2 == 0 ? "front" : "left");
      until([&] { return scene.settled(); });
      full.add(ms_since(clock));
    }
    frames.print("orbit: step to picture", "fluid");
    full.print("another view, in full", "< 400");
  }

  ui::StudySession session_;
  ui::Jobs jobs_;
  ui::Actions actions_;
  QTemporaryDir folder_;
  ui::Settings settings_{folder_.filePath("settings.conf")};
  ui::Shell shell_;
  ui::LiveModels models_{session_, jobs_};
  ui::Latencies latencies_;
  ui::Context context_{session_, jobs_, actions_, settings_, shell_, models_, latencies_};
  gui::MainWindow window_{context_, gui::workspaces()};
  ui::QcPanel* panel_ = nullptr;
  ui::TriplanarWidget* viewer_ = nullptr;
  ui::QcModel* model_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  if (argc < 2) {
    std::printf("usage: bench_desktop STUDY.ipsi [PEOPLE]\n");
    return 0;
  }
  QApplication app(argc, argv);
  ui::Theme::apply(ui::ThemeChoice::dark, 100);
  return Bench().run(fs::absolute(argv[1]), argc > 2 ? std::atoi(argv[2]) : 204);
}
