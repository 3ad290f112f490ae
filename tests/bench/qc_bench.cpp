// SPDX-License-Identifier: GPL-3.0-or-later
// Rating in the real window, by key events: milliseconds and megabytes, printed and never asserted.
// usage: bench_qc STUDY.ipsi [DECISIONS] [PEOPLE] [PARTS]   a demo study with images; 2000 decisions, 828 people and
// all parts (risk,decide,cold,mosaic,share) by default.
// A new study is made in which every person has folders that link to the images of those who have some; it starts
// without ratings and with empty caches of its own. QT_QPA_PLATFORM=offscreen, or under xvfb-run with xcb.
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "app/gui/main_window.h"
#include "core/base/regions.h"
#include "core/review/session_pictures.h"
#include "core/study/scans.h"
#include "core/study/shared_session.h"
#include "tests/bench/window_bench.h"
#include "ui/panels/qc_mosaic.h"
#include "ui/panels/qc_panel.h"
#include "ui/widgets/theme.h"

namespace {

using namespace ipsi;
using namespace ipsi::bench;
namespace fs = std::filesystem;

/// How late a timer of 5 ms is: as long as an event waits.
class Waits : public QObject {
 public:
  Waits() {
    timer_.setInterval(5);
    timer_.setTimerType(Qt::PreciseTimer);
    connect(&timer_, &QTimer::timeout, this, [this] {
      figures.add(std::max(0.0, ms_since(clock_) - 5.0));
      clock_.start();
    });
    clock_.start();
    timer_.start();
  }
  Figures figures;

 private:
  QTimer timer_;
  QElapsedTimer clock_;
};

/// The study without its ratings; the images of whoever has some are everybody's. The hashes of the rows are made
/// different, so that no cache takes one person for another.
fs::path prepare(const fs::path& original, const fs::path& folder, std::size_t people) {
  const auto opened = study::Study::open(original, study::Access::read_only);
  const fs::path file = folder / "bench.ipsi";
  auto made = study::Study::create(file);
  if (!opened || !made) std::exit(3);
  const auto rows = *opened->snapshot();
  std::map<std::string, std::vector<study::Scan>> sources;
  for (const study::Scan& scan : rows.scans)
    if (scan.kind == "t1" || scan.kind == "labels" || scan.kind == "lesion") sources[scan.person].push_back(scan);
  std::erase_if(sources, [](const auto& source) { return source.second.size() < 3; });
  study::Request request{.author = "bench", .kind = "import", .summary = "linked scans", .changes = {}};
  for (const auto& row : rows.cohorts) request.put(row);
  for (const auto& row : rows.people) request.put(row);
  for (const auto& row : rows.sessions) request.put(row);
  for (const auto& row : rows.measurements) request.put(row);
  for (const auto& row : rows.scores) request.put(row);
  for (const auto& row : rows.exclusions) request.put(row);
  auto source = sources.begin();
  std::size_t linked = 0;
  for (const study::Person& person : rows.people) {
    if (sources.empty() || linked++ == people) break;
    for (study::Scan scan : source->second) {
      const fs::path target = study::scan_file(scan, original);
      const fs::path link = folder / "subjects" / person.id / target.filename();
      fs::create_directories(link.parent_path());
      std::error_code ec;
      fs::create_symlink(target, link, ec);
      struct stat info {};
      ::stat(target.c_str(), &info);
      scan.path = link.string();
      scan.person = person.id;
      scan.hash = person.id + scan.kind;
      scan.bytes = static_cast<std::int64_t>(info.st_size);
      scan.modified = static_cast<std::int64_t>(info.st_mtime);
      request.put(scan);
    }
    if (++source == sources.end()) source = sources.begin();
  }
  if (const auto act = made->apply(request); !act) {
    std::printf("%s\n", to_line(act.error()).c_str());
    std::exit(3);
  }
  return file;
}

/// Takes a file out of the page cache; only this one, for others may be at work on the machine.
void forget(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  ::fdatasync(file);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
}

class Bench {
 public:
  int run(const fs::path& original, int decisions, int people, const std::string& parts) {
    const fs::path file = prepare(original, folder_.path().toStdString(), static_cast<std::size_t>(people));
    session_.setRater("bench");
    window_.resize(1366, 768);
    window_.show();
    if (!window_.openStudy(QString::fromStdString(file.string()), "qc")) return 3;
    panel_ = window_.findChild<ui::QcPanel*>("qc");
    viewer_ = window_.findChild<ui::TriplanarWidget*>("qc.viewer");
    mosaic_ = window_.findChild<ui::QcMosaic*>("qc.mosaic");
    model_ = &panel_->model();
    model_->setOrder(ui::QcOrder::table);
    until([&] { return model_->state().scan && !model_->state().waiting; });
    std::printf("%zu people, %d decisions, window 1366 x 768, Qt platform %s\n", model_->state().queue.size(),
                decisions, qPrintable(QGuiApplication::platformName()));
    const auto wanted = [&](const char* part) { return parts.empty() || parts.find(part) != std::string::npos; };
    if (wanted("risk")) riskInUse();
    if (wanted("decide")) decide(decisions);
    if (wanted("cold")) cold();
    if (wanted("mosaic")) {
      mosaicFromScans();
      mosaicFromDisk();
    }
    if (wanted("share")) share();
    return 0;
  }

 private:
  [[nodiscard]] bool there() const { return model_->state().scan && !model_->state().waiting; }

  /// Somebody rates while risk and overlap of all are measured.
  void riskInUse() {
    QElapsedTimer all;
    all.start();
    Waits waits;
    const int codes[] = {Qt::Key_E, Qt::Key_W, Qt::Key_F, Qt::Key_T};
    const char* texts[] = {"e", "w", "f", "t"};
    int n = 0;
    const auto& risk = model_->risk().state();
    while (!risk.images && risk.problem.isEmpty() && all.elapsed() < 1'200'000) {
      key(viewer_, codes[n % 4], texts[n % 4]);
      if (++n % 40 == 0) key(viewer_, Qt::Key_N, "n");
      QElapsedTimer pause;
      pause.start();
      while (pause.elapsed() < 120) QApplication::processEvents(QEventLoop::AllEvents, 5);
    }
    std::printf("%-58s %7.1f s, %d keys meanwhile%s        asked < 360 s\n", "risk and overlap of all, window in use",
                static_cast<double>(all.elapsed()) / 1000.0, n, qPrintable(risk.problem));
    waits.figures.print("  an event waits meanwhile", "< 50, the longest");
    until([&] { return jobs_.idle(); });
  }

  void decide(int decisions) {
    Figures flags, next;
    model_->choosePerson(0);
    until([&] { return there(); });
    const int codes[] = {Qt::Key_A, Qt::Key_A, Qt::Key_S, Qt::Key_A, Qt::Key_D};
    const char* texts[] = {"a", "a", "s", "a", "d"};
    for (int i = 0; i < decisions; ++i) {
      const bool last = model_->state().rated == 11;
      if (last) model_->waitForScans();  // twelve decisions take seconds: the next person has come meanwhile
      settle();
      const int before = model_->state().current;
      QElapsedTimer clock;
      clock.start();
      key(viewer_, codes[i % 5], texts[i % 5]);
      if (model_->state().current != before) until([&] { return there(); });
      QApplication::processEvents();
      (model_->state().current != before ? next : flags).add(ms_since(clock));
      if (i % 200 == 199) tellMemory(i + 1);
    }
    flags.print("key to picture: a flag, on disk, next region", "< 16, p95 50");
    next.print("next person, prefetched", "< 30, p95 100");
  }

  /// What the process holds, and how much of that somebody asked for: the rest is the allocator's.
  static void tellMemory(int decisions) {
    const auto heap = ::mallinfo2();
    std::printf("  memory after %4d decisions %6.0f MB, in use %6.0f MB\n", decisions, memory_mb(),
                static_cast<double>(heap.uordblks + heap.hblkhd) / 1048576.0);
  }

  void cold() {
    Figures figures;
    const auto& queue = model_->state().queue;
    const auto n = static_cast<int>(std::count_if(queue.begin(), queue.end(), [](const auto& p) { return p.scan; }));
    for (int i = 0; n > 0 && i < 40; ++i) {
      const int far = (i * 37 + 211) % n;  // nobody's neighbour
      model_->waitForScans();
      const auto& person = model_->state().queue[static_cast<std::size_t>(far)];
      for (const char* kind : {"t1", "labels", "lesion"}) forget(session_.scanPath(person.id, person.session, kind));
      settle();
      QElapsedTimer clock;
      clock.start();
      model_->choosePerson(far);
      until([&] { return there(); });
      QApplication::processEvents();
      figures.add(ms_since(clock));
    }
    figures.print("next person, cold", "< 150, p95 300");
  }

  [[nodiscard]] bool allVisible() const {
    const auto [first, last] = mosaic_->tiles().visible();
    for (int i = first; i < last; ++i) {
      const auto& person = model_->state().queue[static_cast<std::size_t>(i)];
      if (!mosaic_->thumbnails().find({person.id, person.session}).pictures) return false;
    }
    return last > first;
  }

  double showMosaic() {
    settle();
    QElapsedTimer clock;
    clock.start();
    key(viewer_, Qt::Key_G, "g");
    until([&] { return allVisible(); });
    settle();
    return ms_since(clock);
  }

  void mosaicFromScans() {
    model_->choosePerson(0);
    until([&] { return there() && jobs_.idle(); });
    const double ms = showMosaic();
    const auto [first, last] = mosaic_->tiles().visible();
    std::printf("%-58s %7.0f ms for %d tiles\n", "mosaic first time, nothing cached (from scans)", ms, last - first);
    key(&mosaic_->tiles(), Qt::Key_G, "g");
    mosaic_->thumbnails().stopPreparing();
    until([&] { return jobs_.idle(); });
  }

  /// As if the background had been through all of them: what one person has is stored for all who link to it.
  void fillCache() {
    const review::ImageIndex index(*session_.snapshot(), session_.path());
    const render::ThumbnailCache cache(render::ThumbnailCache::default_dir());
    std::map<fs::path, render::Thumbnails> made;
    for (const auto& person : model_->state().queue) {
      const auto images = index.find(person.id.toStdString(), person.session.toStdString());
      if (images.empty()) continue;
      const fs::path target = fs::canonical(images.paths.t1);
      if (!made.contains(target))
        if (auto read = review::session_thumbnails(images, cache, {})) made[target] = std::move(*read);
      if (const auto key = review::thumbnail_key(images); key && made.contains(target)) cache.store(*key, made[target]);
    }
  }

  void mosaicFromDisk() {
    fillCache();
    const QString path = QString::fromStdString(session_.path().string());
    session_.close();  // forgets what is in memory
    if (!window_.openStudy(path, "qc")) return;
    model_->setOrder(ui::QcOrder::table);
    until([&] { return there() && jobs_.idle(); }, 600);
    const double ms = showMosaic();
    const auto [first, last] = mosaic_->tiles().visible();
    std::printf("%-58s %7.0f ms for %d tiles        asked < 500 ms\n", "mosaic first time, from the disk's cache", ms,
                last - first);
    until([&] { return jobs_.idle(); }, 600);
    Figures frames;
    auto* bar = mosaic_->tiles().verticalScrollBar();
    int missing = 0;
    for (int y = 0; y < bar->maximum(); y += 24) {  // a row in six frames
      QElapsedTimer clock;
      clock.start();
      bar->setValue(y);
      mosaic_->tiles().viewport()->repaint();
      QApplication::processEvents();
      const double spent = ms_since(clock);
      frames.add(spent);
      missing += allVisible() ? 0 : 1;
      if (spent < 16.6) QThread::usleep(static_cast<unsigned long>(1000.0 * (16.6 - spent)));
    }
    frames.print("mosaic, a frame of scrolling through all", "< 16.7");
    std::printf("%-58s %zu of %zu frames; %d with a tile still coming; memory %.0f MB\n",
                "  frames longer than 16.7 ms", frames.above(16.7), frames.size(), missing, memory_mb());
    Figures flags;
    for (int i = 0; i < 100; ++i) {
      settle();
      QElapsedTimer clock;
      clock.start();
      key(&mosaic_->tiles(), Qt::Key_A, "a");
      QApplication::processEvents();
      flags.add(ms_since(clock));
    }
    flags.print("key to picture: a flag in the mosaic, next person", "< 16, p95 50");
  }

  /// The study on a share where three others have rated everybody: their words are met for the first time.
  void share() {
    const fs::path file = session_.path();
    session_.close();
    qputenv("XDG_DATA_HOME", folder_.filePath("machine").toLocal8Bit());
    std::size_t words = 0;
    {
      auto study = study::Study::open(file, study::Access::read_write);
      study::Request request{.author = "lead", .kind = "setting", .summary = "shared", .changes = {}};
      request.put(study::Setting{std::string(study::kSharedSetting), "1"});
      if (!study || !study->apply(request)) return;
    }
    for (const char* name : {"one", "two", "three"}) {
      auto other = study::SharedSession::open(study::shared_place(file, name));
      if (!other) return;
      study::Request request{.author = name, .kind = "rate", .summary = "flags", .changes = {}};
      const auto people = other->work().snapshot()->people;
      for (const auto& person : people)
        for (const auto& region : kRegions) {
          study::Rating word;
          word.person = person.id, word.session = "1", word.region = region.key, word.rater = name;
          word.flag = study::Flag::ok, word.time = "2026-01-01T00:00:00Z";
          request.put(word);
          ++words;
        }
      (void)other->work().apply(request);
      (void)other->round();
    }
    QElapsedTimer all;
    all.start();
    if (!window_.openStudy(QString::fromStdString(file.string()), "qc")) return;
    until([&] { return there(); });
    Waits waits;
    until([&] { return session_.snapshot()->ratings.size() >= words; }, 300);
    std::printf("%-58s %7.1f s for %zu words\n", "others' words met for the first time on a share",
                static_cast<double>(all.elapsed()) / 1000.0, words);
    waits.figures.print("  an event waits meanwhile", "< 50, the longest");
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
  ui::QcMosaic* mosaic_ = nullptr;
  ui::QcModel* model_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  if (argc < 2) {
    std::printf("bench_qc STUDY.ipsi [DECISIONS] [PEOPLE] [PARTS]: no study given\n");
    return 0;
  }
  const QTemporaryDir caches;
  qputenv("XDG_CACHE_HOME", caches.path().toLocal8Bit());
  QApplication app(argc, argv);
  ui::Theme::apply(ui::ThemeChoice::dark, 100);
  return Bench().run(fs::absolute(argv[1]), argc > 2 ? std::atoi(argv[2]) : 2000, argc > 3 ? std::atoi(argv[3]) : 828,
                     argc > 4 ? argv[4] : "");
}
