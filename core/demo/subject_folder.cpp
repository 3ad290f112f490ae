// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/subject_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace ipsi::demo {
namespace {

constexpr std::string_view kSynthetic = "synthetic, made by ipsi demo";

/// Rows of FreeSurfer 6's aseg.stats, in its order. Cortex and cerebral white matter are measures there, not rows.
constexpr std::array<std::pair<int, std::string_view>, 27> kRows{{
    {4, "Left-Lateral-Ventricle"},
    {5, "Left-Inf-Lat-Vent"},
    {7, "Left-Cerebellum-White-Matter"},
    {8, "Left-Cerebellum-Cortex"},
    {10, "Left-Thalamus-Proper"},
    {11, "Left-Caudate"},
    {12, "Left-Putamen"},
    {13, "Left-Pallidum"},
    {14, "3rd-Ventricle"},
    {15, "4th-Ventricle"},
    {16, "Brain-Stem"},
    {17, "Left-Hippocampus"},
    {18, "Left-Amygdala"},
    {24, "CSF"},
    {26, "Left-Accumbens-area"},
    {43, "Right-Lateral-Ventricle"},
    {44, "Right-Inf-Lat-Vent"},
    {46, "Right-Cerebellum-White-Matter"},
    {47, "Right-Cerebellum-Cortex"},
    {49, "Right-Thalamus-Proper"},
    {50, "Right-Caudate"},
    {51, "Right-Putamen"},
    {52, "Right-Pallidum"},
    {53, "Right-Hippocampus"},
    {54, "Right-Amygdala"},
    {58, "Right-Accumbens-area"},
    {77, "WM-hypointensities"},
}};

struct Sums {
  long long n = 0;
  double sum = 0, squares = 0;
  float lowest = 1e9F, highest = -1e9F;
};

}  // namespace

std::vector<SegmentRow> segment_rows(const std::vector<std::int32_t>& aseg, const std::vector<float>& norm) {
  std::array<Sums, 256> sums{};
  for (std::size_t i = 0; i < aseg.size(); ++i) {
    if (aseg[i] <= 0 || aseg[i] > 255) continue;
    Sums& s = sums[std::size_t(aseg[i])];
    const float v = norm[i];
    ++s.n;
    s.sum += double(v);
    s.squares += double(v) * double(v);
    s.lowest = std::min(s.lowest, v);
    s.highest = std::max(s.highest, v);
  }
  std::vector<SegmentRow> out;
  for (int label = 1; label < 256; ++label) {
    const Sums& s = sums[std::size_t(label)];
    if (s.n == 0) continue;
    const double mean = s.sum / double(s.n);
    const double variance = s.n > 1 ? std::max(0.0, s.squares - s.sum * mean) / double(s.n - 1) : 0.0;
    out.push_back({label, s.n, mean, std::sqrt(variance), double(s.lowest), double(s.highest)});
  }
  return out;
}

std::string aseg_stats(const ImagePerson& person, const std::vector<SegmentRow>& rows) {
  std::map<int, const SegmentRow*> by_label;
  long long brain = 0;
  long long ventricles = 0;
  long long below_tentorium = 0;
  for (const SegmentRow& row : rows) {
    by_label[row.label] = &row;
    brain += row.voxels;
    for (const int v : {4, 5, 43, 44, 14, 15, 24}) ventricles += row.label == v ? row.voxels : 0;
    for (const int v : {7, 8, 46, 47, 15, 16}) below_tentorium += row.label == v ? row.voxels : 0;
  }
  const auto of = [&](int label) { return by_label.contains(label) ? by_label[label]->voxels : 0LL; };
  std::string out = "# Title Segmentation Statistics \n# \n";
  out += fmt::format("# generating_program ipsi demo\n# cmdline {}\n# anatomy_type volume\n# \n", kSynthetic);
  out += fmt::format("# subjectname {}\n", person.id);
  const auto measure = [&](std::string_view name, std::string_view key, std::string_view title, double value) {
    out += fmt::format("# Measure {}, {}, {}, {:.6f}, mm^3\n", name, key, title, value);
  };
  measure("BrainSeg", "BrainSegVol", "Brain Segmentation Volume", double(brain));
  measure("BrainSegNotVent", "BrainSegVolNotVent", "Brain Segmentation Volume Without Ventricles",
          double(brain - ventricles));
  measure("lhCortex", "lhCortexVol", "Left hemisphere cortical gray matter volume", double(of(3)));
  measure("rhCortex", "rhCortexVol", "Right hemisphere cortical gray matter volume", double(of(42)));
  measure("Cortex", "CortexVol", "Total cortical gray matter volume", double(of(3) + of(42)));
  measure("lhCerebralWhiteMatter", "lhCerebralWhiteMatterVol", "Left hemisphere cerebral white matter volume",
          double(of(2)));
  measure("rhCerebralWhiteMatter", "rhCerebralWhiteMatterVol", "Right hemisphere cerebral white matter volume",
          double(of(41)));
  measure("CerebralWhiteMatter", "CerebralWhiteMatterVol", "Total cerebral white matter volume",
          double(of(2) + of(41)));
  measure("SupraTentorial", "SupraTentorialVol", "Supratentorial volume", double(brain - below_tentorium));
  measure("Mask", "MaskVol", "Mask Volume", double(brain));
  measure("EstimatedTotalIntraCranialVol", "eTIV", "Estimated Total Intracranial Volume", person.icv_mm3);
  out += "# SegVolFile mri/aseg.mgz \n# PVVolFile mri/T1.mgz \n# VoxelVolume_mm3 1 \n";
  constexpr std::array<std::array<std::string_view, 3>, 10> kColumns{{{"Index", "Index", "NA"},
                                                                      {"SegId", "Segmentation Id", "NA"},
                                                                      {"NVoxels", "Number of Voxels", "unitless"},
                                                                      {"Volume_mm3", "Volume", "mm^3"},
                                                                      {"StructName", "Structure Name", "NA"},
                                                                      {"normMean", "Intensity normMean", "MR"},
                                                                      {"normStdDev", "Intensity normStdDev", "MR"},
                                                                      {"normMin", "Intensity normMin", "MR"},
                                                                      {"normMax", "Intensity normMax", "MR"},
                                                                      {"normRange", "Intensity normRange", "MR"}}};
  for (std::size_t c = 0; c < kColumns.size(); ++c)
    out +=
        fmt::format("# TableCol {0:2} ColHeader {1}\n# TableCol {0:2} FieldName {2}\n# TableCol {0:2} Units     {3}\n",
                    c + 1, kColumns[c][0], kColumns[c][1], kColumns[c][2]);
  out += fmt::format("# NRows {} \n# NTableCols 10 \n", kRows.size());
  out += "# ColHeaders  Index SegId NVoxels Volume_mm3 StructName normMean normStdDev normMin normMax normRange  \n";
  int index = 0;
  for (const auto& [label, name] : kRows) {
    const auto it = by_label.find(label);
    const SegmentRow row = it == by_label.end() ? SegmentRow{.label = label} : *it->second;
    out += fmt::format("{:3d} {:3d}  {:8d} {:9.1f}  {:30s} {:9.4f} {:9.4f} {:9.4f} {:9.4f} {:9.4f} \n", ++index, label,
                       row.voxels, double(row.voxels), name, row.mean, row.sd, row.lowest, row.highest,
                       row.highest - row.lowest);
  }
  return out;
}

std::string build_stamp(const ImagePerson& person) {
  return fmt::format(
      "{}\nNot FreeSurfer and not a person: the Colin27 head, deformed. Standing for {}, {}, {:.0f} years.\n",
      kSynthetic, person.id, person.sex.empty() ? "sex not given" : person.sex, person.age_years);
}

std::string recon_all_done(const ImagePerson& person) {
  return fmt::format("------------------------------\nSUBJECT {}\nVERSION {}\nCMDARGS none\n", person.id, kSynthetic);
}

}  // namespace ipsi::demo
