// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace ipsi::study {

/// Where the parts of one rater's shared session lie.
struct SharedPlace {
  std::filesystem::path study;    ///< the shared study, only ever read
  std::filesystem::path ratings;  ///< the folder of rating files beside it: "<stem>.ratings"
  std::filesystem::path local;    ///< folder on this machine, kept for good
  std::string rater;

  [[nodiscard]] std::filesystem::path work() const { return local / "work.ipsi"; }  ///< the rater's working copy
  [[nodiscard]] std::filesystem::path base() const { return local / "base.ipsi"; }  ///< the study when last looked at
};

[[nodiscard]] std::filesystem::path ratings_folder(const std::filesystem::path& study);
[[nodiscard]] SharedPlace shared_place(const std::filesystem::path& study, const std::string& rater);

/// Several people rate this study where it lies, each into an own file: the study says so (setting "session.shared"),
/// or it says nothing and lies on a network share. A study that is out of reach is shared when there is a working copy.
[[nodiscard]] bool is_shared(const SharedPlace& place);

/// A whole copy of a study that others may be writing, without a lock or a file beside it. What a writer that was
/// killed left half-done is taken back in the copy.
/// @error NotFound; ReadFailed; Environment  it is being written all the time, or the copy cannot be made
[[nodiscard]] Result<void> copy_quietly(const std::filesystem::path& study, const std::filesystem::path& to);

/// Size, time and file number: another text when somebody has written the file. Empty when it is not there.
[[nodiscard]] std::string file_stamp(const std::filesystem::path& path);

}  // namespace ipsi::study
