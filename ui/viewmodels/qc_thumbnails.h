// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <compare>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/render/thumbnail.h"
#include "core/review/session_pictures.h"
#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// Thumbnails of people of a queue: what is visible first, from the disk's cache else from the scans, then everybody
/// else in the background, onto the disk only.
class QcThumbnails : public QObject {
  Q_OBJECT

 public:
  struct Who {
    QString person, session;
    friend auto operator<=>(const Who& a, const Who& b) {
      const int by = a.person.compare(b.person);
      return (by != 0 ? by : a.session.compare(b.session)) <=> 0;
    }
    friend bool operator==(const Who& a, const Who& b) = default;
  };
  struct State {
    bool waiting = false;     ///< somebody who is wanted has no picture yet
    bool background = false;  ///< thumbnails of the others are being made
    QString progress;         ///< "312 of 828"
  };
  /// What there is of one person. Neither: not read yet.
  struct Entry {
    std::shared_ptr<const render::Thumbnails> pictures;
    QString problem;       ///< why there are none, and what to do
    bool no_scan = false;  ///< the study names none
  };
  static constexpr std::size_t kBytes = std::size_t(72) << 20;

  explicit QcThumbnails(Context& context, QObject* parent = nullptr,
                        const std::filesystem::path& cache_dir = render::ThumbnailCache::default_dir());
  ~QcThumbnails() override;

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] Entry find(const Who& who) const;
  /// Read these, the first first, unless they are here already; what was asked before and is not under way is dropped.
  void want(const std::vector<Who>& people);
  /// Once nothing is wanted: make the thumbnails of all of these that have none yet. In the tray, at low priority.
  void prepare(const std::vector<Who>& people);
  void stopPreparing();

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  void wait() const;  ///< for tests and benches: until nothing wanted is left to read (not the background)

 signals:
  void changed();

 private:
  struct Shop;
  struct Kept {
    Entry entry;
    std::size_t bytes = 0;
    mutable std::uint64_t used = 0;
  };
  void onOpened();
  void readIndex();
  void take();
  void shrink();
  void startBackground();
  static int prepare_all(const std::vector<review::SessionImages>& people, Shop& shop, const Task& task);

  Context& context_;
  State state_;
  std::shared_ptr<const review::ImageIndex> index_;
  std::map<Who, Kept> kept_;
  std::vector<Who> wanted_;
  std::vector<Who> prepared_;  ///< everybody else
  bool to_prepare_ = false;    ///< not begun yet
  qint64 job_ = 0;
  std::size_t bytes_ = 0;
  mutable std::uint64_t clock_ = 0;
  std::shared_ptr<Shop> shop_;  ///< the workers' side
};

/// Where a thumbnail shows a region that has no label: "no label, mirrored place"; empty for one that has.
[[nodiscard]] QString anchor_words(const render::Thumbnail& thumbnail);

}  // namespace ipsi::ui
