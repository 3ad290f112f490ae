// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace ipsi {

/// JSON with keys in the order they were written.
using Json = nlohmann::ordered_json;

/// A double as the command line prints it: missing or undefined is null, infinity the string "Inf" / "-Inf".
[[nodiscard]] inline Json number(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  return value;
}

/// Any range of doubles as an array of `number`.
template <class Range>
[[nodiscard]] Json numbers(const Range& values) {
  Json out = Json::array();
  for (const double v : values) out.push_back(number(v));
  return out;
}

}  // namespace ipsi
