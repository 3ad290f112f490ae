// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace ipsi {

enum class Side { left, right };

/// One of the twelve subcortical regions that are rated and modelled.
struct Region {
  std::string_view key;        ///< "left_thalamus": the name in files, tables and on the command line
  std::string_view structure;  ///< "thalamus"
  Side side;                   ///< anatomical side
  int label;                   ///< FreeSurfer aseg label (10)
  std::string_view enigma;     ///< ENIGMA column of LandRvolumes.csv ("Lthal")
  std::string_view title;      ///< for people: "Left thalamus"
};

/// The six structures in the order of tables and keys 1..6.
inline constexpr std::array<std::string_view, 6> kStructures{"thalamus", "caudate",   "putamen",
                                                             "pallidum", "accumbens", "lateral_ventricle"};
/// "Thalamus", ..., "Nucleus accumbens", "Lateral ventricle"; same order as kStructures.
inline constexpr std::array<std::string_view, 6> kStructureTitles{"Thalamus", "Caudate",           "Putamen",
                                                                  "Pallidum", "Nucleus accumbens", "Lateral ventricle"};

/// Structure by structure, left before right.
inline constexpr std::array<Region, 12> kRegions{{
    {"left_thalamus", "thalamus", Side::left, 10, "Lthal", "Left thalamus"},
    {"right_thalamus", "thalamus", Side::right, 49, "Rthal", "Right thalamus"},
    {"left_caudate", "caudate", Side::left, 11, "Lcaud", "Left caudate"},
    {"right_caudate", "caudate", Side::right, 50, "Rcaud", "Right caudate"},
    {"left_putamen", "putamen", Side::left, 12, "Lput", "Left putamen"},
    {"right_putamen", "putamen", Side::right, 51, "Rput", "Right putamen"},
    {"left_pallidum", "pallidum", Side::left, 13, "Lpal", "Left pallidum"},
    {"right_pallidum", "pallidum", Side::right, 52, "Rpal", "Right pallidum"},
    {"left_accumbens", "accumbens", Side::left, 26, "Laccumb", "Left nucleus accumbens"},
    {"right_accumbens", "accumbens", Side::right, 58, "Raccumb", "Right nucleus accumbens"},
    {"left_lateral_ventricle", "lateral_ventricle", Side::left, 4, "LLatVent", "Left lateral ventricle"},
    {"right_lateral_ventricle", "lateral_ventricle", Side::right, 43, "RLatVent", "Right lateral ventricle"},
}};

[[nodiscard]] const Region* find_region(std::string_view key);                 ///< by key; nullptr when unknown
[[nodiscard]] const Region* region_of_label(int freesurfer_label);             ///< nullptr when not one of the twelve
[[nodiscard]] const Region& region_of(std::string_view structure, Side side);  ///< structure must be one of kStructures
[[nodiscard]] std::string_view structure_title(std::string_view structure);    ///< "Nucleus accumbens"
[[nodiscard]] inline Side other(Side side) {
  return side == Side::left ? Side::right : Side::left;
}
[[nodiscard]] inline std::string_view to_string(Side side) {
  return side == Side::left ? "left" : "right";
}

/// A structure by any name people write: "Nucleus accumbens", "accumb", "LatVent", "Lateral ventricle", "Thal",
/// "putamen"; case, blanks, '-' and '_' do not matter. nullopt when it is none of the six.
[[nodiscard]] std::optional<std::string_view> parse_structure(std::string_view name);

}  // namespace ipsi
