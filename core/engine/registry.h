// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/spec/method.h"

namespace ipsi::engine {

/// Every method of every library, made once; each is a verb of the command line and an entry of the Model panel.
[[nodiscard]] const std::vector<std::unique_ptr<spec::Method>>& methods();

/// @error NotFound  names the methods there are
[[nodiscard]] Result<const spec::Method*> find_method(std::string_view key);

/// Check and run a spec with the method it names.
/// @error as the method's `check` and `run`
[[nodiscard]] Result<spec::ResultSet> run_method(const spec::Spec& spec, const table::Table& data, const Task& task);

}  // namespace ipsi::engine
