// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/spec/result.h"

namespace ipsi::report {

/// A whole result set as JSON: what `ipsi batch` keeps as result.json so that a report can be made again without
/// running the models again. Reads back equal.
[[nodiscard]] Json to_json(const spec::ResultSet& result);

/// @error InvalidInput  a key is missing or of the wrong type; the file was not written by `ipsi batch`
[[nodiscard]] Result<spec::ResultSet> result_from_json(const Json& json);

/// The same from text. @error InvalidInput  also when it is not JSON
[[nodiscard]] Result<spec::ResultSet> result_from_text(std::string_view text);

/// The table of this key; nullptr when there is none.
[[nodiscard]] const spec::ResultSet::NamedTable* find_table(const spec::ResultSet& result, std::string_view key);

}  // namespace ipsi::report
