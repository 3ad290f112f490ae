// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/registry.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/stats/registry.h"

namespace ipsi::engine {

const std::vector<std::unique_ptr<spec::Method>>& methods() {
  static const std::vector<std::unique_ptr<spec::Method>> all = [] {
    std::vector<std::unique_ptr<spec::Method>> out;
    for (auto& method : stats::methods()) out.push_back(std::move(method));
    return out;
  }();
  return all;
}

Result<const spec::Method*> find_method(std::string_view key) {
  std::vector<std::string> keys;
  for (const auto& method : methods()) {
    if (method->info().key == key) return method.get();
    keys.push_back(method->info().key);
  }
  return fail(Code::NotFound, fmt::format("there is no method '{}'", key), "", "methods are " + join(keys, ", "));
}

Result<spec::ResultSet> run_method(const spec::Spec& spec, const table::Table& data, const Task& task) {
  const auto method = find_method(spec.method);
  if (!method) return tl::unexpected(method.error());
  if (auto ok = (*method)->check(spec, data); !ok) return tl::unexpected(ok.error());
  return (*method)->run(spec, data, task);
}

}  // namespace ipsi::engine
