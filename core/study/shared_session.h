// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/study/rating_merge.h"
#include "core/study/shared_place.h"
#include "core/study/study.h"

namespace ipsi::study {

/// One rater's side of a study on a shared drive.
///
/// Decisions are written to a working copy on this machine (`SharedPlace::work`), by whoever opens it: on disk when
/// `apply` returns, so a kill loses at most the key in flight and a slow share holds nobody up. `round` does the rest:
/// it appends what is new in the copy's log to the rater's own file on the share, and brings other raters' files and
/// changes of the shared study into the copy. What could not be sent is sent by a later round. No lock of the share is
/// ever asked for; one lock on this machine keeps a second session of the same rater out.
///
/// An object belongs to one thread at a time, which may wait for the share as long as that takes.
class SharedSession {
 public:
  /// Makes the working copy when there is none yet.
  /// @error Conflict  another program on this machine has the session; Environment, ReadFailed, NotFound as for copying
  [[nodiscard]] static Result<SharedSession> open(const SharedPlace& place);

  SharedSession(SharedSession&&) noexcept;
  SharedSession& operator=(SharedSession&&) noexcept;
  ~SharedSession();

  struct State {
    int unsent = 0;                   ///< decisions that are not on the share yet
    std::string problem;              ///< why the share could not be used, one line; empty when it could
    std::vector<std::string> notes;   ///< files and lines that are left out, each in a line
    std::vector<std::string> raters;  ///< who has a file on the share, this rater too
    bool changed = false;             ///< others' words or another study came into the working copy
  };
  /// `wrote` is called after every act that came into the copy, hundreds of them when somebody's file is met first.
  State round(const std::function<void()>& wrote = {});

  [[nodiscard]] const SharedPlace& place() const;
  [[nodiscard]] std::filesystem::path own_file() const;
  /// The working copy; acts written here go out with the next round.
  [[nodiscard]] Study& work();

 private:
  struct Impl;
  explicit SharedSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The newest act of a working copy that was not made in it: undo goes no further back.
[[nodiscard]] std::int64_t copied_up_to(const Snapshot& work);

/// Why such a change cannot be made in a working copy, where it would stay: nullopt when it can.
[[nodiscard]] std::optional<Error> refused_in_copy(const Request& request, const SharedPlace& place);

/// All rating files of a folder, by name.
struct RatingFolder {
  std::vector<Voice> voices;
  std::vector<std::string> instances;  ///< of each voice: "anna@pc7-3f9a11c0"
  std::vector<RowProblem> unused;      ///< lines left out; `subject` names the file
  std::vector<Error> unreadable;       ///< files left out
};
[[nodiscard]] RatingFolder read_rating_folder(const std::filesystem::path& folder);

}  // namespace ipsi::study
