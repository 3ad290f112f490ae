// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/study: words that do not count, kept as settings ("rating.older.<hash of the word>").

#include <optional>
#include <string_view>
#include <tuple>

#include "core/study/model.h"

namespace ipsi::study {

inline constexpr std::string_view kOlderWords = "rating.older.";

/// Its name comes from what the word says, so the same word is kept once.
[[nodiscard]] Setting older_word(const Rating& rating);
[[nodiscard]] std::optional<Rating> word_of(const Setting& setting);

/// A total order on what one rater said of one region: the newest counts, and ties do not depend on file order.
[[nodiscard]] inline auto weight(const Rating& r) {
  return std::tie(r.time, r.flag, r.comment);
}

}  // namespace ipsi::study
