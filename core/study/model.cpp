// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/model.h"

#include <array>

#include "core/base/text.h"

namespace ipsi::study {
namespace {

constexpr std::array<std::string_view, 4> kFlags{"unrated", "ok", "lesioned", "failed"};

}  // namespace

std::string_view to_string(Flag flag) {
  return kFlags[static_cast<std::size_t>(flag)];
}

std::optional<Flag> parse_flag(std::string_view text) {
  const std::string word = to_lower(trim(text));
  for (std::size_t i = 0; i < kFlags.size(); ++i)
    if (word == kFlags[i]) return static_cast<Flag>(i);
  return std::nullopt;
}

std::string Snapshot::setting(std::string_view key, std::string_view fallback) const {
  for (const auto& entry : settings)
    if (entry.key == key) return entry.value;
  return std::string(fallback);
}

}  // namespace ipsi::study
