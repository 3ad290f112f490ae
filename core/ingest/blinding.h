// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"
#include "core/study/study.h"

namespace ipsi::ingest {

// A study can be rated blind: raters see pictures and a coded name, not who it is, what the person can do, on which
// side, how long after the stroke, nor what others said. That is a setting of the study, so that it holds on every
// machine; to lift it, for one rater or for all, is an act of the log like any other.

/// What a rater is to see.
struct Blinding {
  bool on = false;         ///< for this rater
  std::uint64_t seed = 1;  ///< of coded_name (assignment.h): the assignment's where there is one
};

/// Second looks ("A#2") are blind where the first are. An empty name is nobody yet, blind where the study is.
[[nodiscard]] Blinding blinding(const study::Snapshot& snapshot, std::string_view rater);

/// The study is rated blind, whoever is exempt.
[[nodiscard]] bool is_blind(const study::Snapshot& snapshot);

/// A rater who has lifted it, and when.
struct Unblinded {
  std::string rater, time;  ///< ISO 8601 UTC
};
[[nodiscard]] std::vector<Unblinded> unblinded(const study::Snapshot& snapshot);

enum class Blind { on, off };
/// The study as a whole, by `author`. On again, it holds for whoever had lifted it too.
[[nodiscard]] study::Request set_blind(const study::Snapshot& snapshot, Blind blind, const std::string& author);
/// One rater alone, of a study that is blind. `time` ISO 8601 UTC.
/// @error InvalidInput  the study is not blind, or the name is no rater's
[[nodiscard]] Result<study::Request> set_blind(const study::Snapshot& snapshot, Blind blind, const std::string& rater,
                                               const std::string& author, const std::string& time);

}  // namespace ipsi::ingest
