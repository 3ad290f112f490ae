// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::spec {

/// One declared setting of a method. From it come the CLI flag `--key`, the form in the window and the schema.
struct Option {
  enum class Kind { real, integer, choice, toggle, text };
  std::string key;
  Kind kind = Kind::text;
  Json fallback;                     ///< value when not given
  double low = 0.0, high = 0.0;      ///< inclusive range of real and integer
  std::vector<std::string> choices;  ///< of choice
  std::string help;                  ///< one line, with unit
};

[[nodiscard]] Option real(std::string key, double fallback, double low, double high, std::string help);
[[nodiscard]] Option integer(std::string key, int fallback, int low, int high, std::string help);
[[nodiscard]] Option choice(std::string key, std::string fallback, std::vector<std::string> choices, std::string help);
[[nodiscard]] Option toggle(std::string key, std::string help);  ///< off unless given
[[nodiscard]] Option text(std::string key, std::string fallback, std::string help);

/// `given` with defaults filled in, every value checked.
/// @error InvalidInput  unknown key, wrong type, out of range, not one of the choices (all named)
[[nodiscard]] Result<Json> complete(const std::vector<Option>& options, const Json& given);

}  // namespace ipsi::spec
