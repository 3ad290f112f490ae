// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/usable_people.h"

#include <string>

namespace ipsi::engine {

Result<table::Table> usable_people(const table::Table& people, study::Subgroup subset) {
  auto rows = study::rows_of(people, subset);
  if (!rows) return tl::unexpected<Error>(rows.error());
  const auto analysed = people.require("analysed");
  if (!analysed) return tl::unexpected<Error>(analysed.error());
  std::erase_if(*rows, [&](std::size_t r) { return (*analysed)->values[r] != 1.0; });
  table::Table out = people.select(*rows);
  constexpr std::string_view kFlag = "flag_";
  for (const std::string& name : out.names()) {
    if (!name.starts_with(kFlag)) continue;
    const table::Column* flag = out.find(name);
    const table::Column* volume = out.find(name.substr(kFlag.size()));
    if (volume == nullptr || volume->kind != table::Column::Kind::numeric || flag->kind != table::Column::Kind::text)
      continue;
    table::Column kept = *volume;
    for (std::size_t r = 0; r < kept.values.size(); ++r)
      if (flag->texts[r] == "lesioned" || flag->texts[r] == "failed") kept.values[r] = table::kMissing;
    auto next = out.with(std::move(kept));
    if (!next) return next;
    out = std::move(*next);
  }
  return out;
}

}  // namespace ipsi::engine
