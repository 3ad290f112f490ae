// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::spec {

/// The whole of a request for one run of one method: window, command line and stored file mean the same by it.
struct Spec {
  int schema = 1;
  std::string id;
  std::string method;
  std::string formula;
  std::string rows;  ///< row filter, e.g. "days_post_stroke >= 180 and group == 'patient'"; empty = all
  std::map<std::string, std::vector<std::string>> factors;  ///< levels in order, first = reference
  Json options = Json::object();
  std::uint64_t seed = 1;
};

/// @error InvalidInput  unknown or missing keys, wrong types, a newer schema
[[nodiscard]] Result<Spec> spec_from_json(const Json& json);
[[nodiscard]] Json to_json(const Spec& spec);

}  // namespace ipsi::spec
