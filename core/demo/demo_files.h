// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/demo/cohort.h"
#include "core/demo/demo.h"
#include "core/demo/plant.h"

namespace ipsi::demo {

/// Left and right hippocampus, left and right amygdala, mm^3: columns of LandRvolumes.csv that nothing models.
using Limbic = std::array<double, 4>;
[[nodiscard]] Limbic draw_limbic(const Person& person, std::size_t index, std::uint64_t seed);

/// participants.tsv: a row per person; "n/a" where there is none.
[[nodiscard]] std::string participants_tsv(const Published& published, const std::vector<Person>& people);
/// participants.json: what each column means, and that all of it is synthetic.
[[nodiscard]] std::string participants_json();
/// LandRvolumes.csv with ENIGMA's header, one row per person in the order of `people`.
[[nodiscard]] std::string volumes_csv(const std::vector<Person>& people, const std::vector<Brain>& brains,
                                      const std::vector<Limbic>& limbic);
/// analyses.json: the published batch.
[[nodiscard]] std::string analyses_json();
/// README.txt of the folder.
[[nodiscard]] std::string readme_txt(const DemoOptions& options);

}  // namespace ipsi::demo
