// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/label_names.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ipsi::image {
namespace {

struct Name {
  int label;
  std::string_view name;
};

constexpr std::array kAseg{
    Name{2, "Left-Cerebral-White-Matter"},
    Name{3, "Left-Cerebral-Cortex"},
    Name{4, "Left-Lateral-Ventricle"},
    Name{5, "Left-Inf-Lat-Vent"},
    Name{7, "Left-Cerebellum-White-Matter"},
    Name{8, "Left-Cerebellum-Cortex"},
    Name{10, "Left-Thalamus"},
    Name{11, "Left-Caudate"},
    Name{12, "Left-Putamen"},
    Name{13, "Left-Pallidum"},
    Name{14, "3rd-Ventricle"},
    Name{15, "4th-Ventricle"},
    Name{16, "Brain-Stem"},
    Name{17, "Left-Hippocampus"},
    Name{18, "Left-Amygdala"},
    Name{24, "CSF"},
    Name{25, "Left-Lesion"},
    Name{26, "Left-Accumbens-area"},
    Name{28, "Left-VentralDC"},
    Name{30, "Left-vessel"},
    Name{31, "Left-choroid-plexus"},
    Name{41, "Right-Cerebral-White-Matter"},
    Name{42, "Right-Cerebral-Cortex"},
    Name{43, "Right-Lateral-Ventricle"},
    Name{44, "Right-Inf-Lat-Vent"},
    Name{46, "Right-Cerebellum-White-Matter"},
    Name{47, "Right-Cerebellum-Cortex"},
    Name{49, "Right-Thalamus"},
    Name{50, "Right-Caudate"},
    Name{51, "Right-Putamen"},
    Name{52, "Right-Pallidum"},
    Name{53, "Right-Hippocampus"},
    Name{54, "Right-Amygdala"},
    Name{57, "Right-Lesion"},
    Name{58, "Right-Accumbens-area"},
    Name{60, "Right-VentralDC"},
    Name{62, "Right-vessel"},
    Name{63, "Right-choroid-plexus"},
    Name{72, "5th-Ventricle"},
    Name{77, "WM-hypointensities"},
    Name{78, "Left-WM-hypointensities"},
    Name{79, "Right-WM-hypointensities"},
    Name{80, "non-WM-hypointensities"},
    Name{81, "Left-non-WM-hypointensities"},
    Name{82, "Right-non-WM-hypointensities"},
    Name{85, "Optic-Chiasm"},
    Name{251, "CC_Posterior"},
    Name{252, "CC_Mid_Posterior"},
    Name{253, "CC_Central"},
    Name{254, "CC_Mid_Anterior"},
    Name{255, "CC_Anterior"},
};

/// Desikan-Killiany parcels 1000 + i and 2000 + i.
constexpr std::array<std::string_view, 36> kCortex{"unknown",
                                                   "bankssts",
                                                   "caudalanteriorcingulate",
                                                   "caudalmiddlefrontal",
                                                   "corpuscallosum",
                                                   "cuneus",
                                                   "entorhinal",
                                                   "fusiform",
                                                   "inferiorparietal",
                                                   "inferiortemporal",
                                                   "isthmuscingulate",
                                                   "lateraloccipital",
                                                   "lateralorbitofrontal",
                                                   "lingual",
                                                   "medialorbitofrontal",
                                                   "middletemporal",
                                                   "parahippocampal",
                                                   "paracentral",
                                                   "parsopercularis",
                                                   "parsorbitalis",
                                                   "parstriangularis",
                                                   "pericalcarine",
                                                   "postcentral",
                                                   "posteriorcingulate",
                                                   "precentral",
                                                   "precuneus",
                                                   "rostralanteriorcingulate",
                                                   "rostralmiddlefrontal",
                                                   "superiorfrontal",
                                                   "superiorparietal",
                                                   "superiortemporal",
                                                   "supramarginal",
                                                   "frontalpole",
                                                   "temporalpole",
                                                   "transversetemporal",
                                                   "insula"};

}  // namespace

std::optional<std::string> freesurfer_name(int label) {
  const auto found = std::lower_bound(kAseg.begin(), kAseg.end(), label,
                                      [](const Name& name, int wanted) { return name.label < wanted; });
  if (found != kAseg.end() && found->label == label) return std::string(found->name);
  for (const auto& [base, prefix] : {std::pair<int, std::string_view>{1000, "ctx-lh-"}, {2000, "ctx-rh-"}})
    if (label >= base && label < base + static_cast<int>(kCortex.size()))
      return std::string(prefix) + std::string(kCortex[static_cast<std::size_t>(label - base)]);
  return std::nullopt;
}

}  // namespace ipsi::image
