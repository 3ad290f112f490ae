// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ipsi::ingest {

// Rules of thumb, used alike when a table is read and when a study is looked over.
inline constexpr double kSmallIcv = 0.8e6;  ///< mm3
inline constexpr double kLargeIcv = 2.2e6;  ///< mm3
inline constexpr double kOneSide = 0.75;    ///< of a lesion's volume: below, it counts as lying on both sides
inline constexpr int kEnoughRounded = 5;    ///< large values that all end in 0 before rounding is concluded

/// Written by the readers into the note of a measurement without value, read back when a study is looked over.
inline constexpr const char* kNoteMissing = "missing in source";
inline constexpr const char* kNoteMark = "excluded, reason unknown";
inline constexpr const char* kNoteFailedIcv = "failed estimate";

}  // namespace ipsi::ingest
