// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ipsi::spec {

/// A work that methods cite.
struct Reference {
  std::string key;   ///< "pinheiro2000"
  std::string text;  ///< as it stands in a list of references
  std::string doi;   ///< without "https://doi.org/"; empty = none
};

/// All works known, by key.
[[nodiscard]] const std::vector<Reference>& references();
/// nullptr when there is none of that key.
[[nodiscard]] const Reference* find_reference(std::string_view key);

}  // namespace ipsi::spec
