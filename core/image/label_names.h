// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace ipsi::image {

/// FreeSurfer's name of an aseg or Desikan-Killiany (aparc+aseg) label: 10 "Left-Thalamus", 1022 "ctx-lh-postcentral".
/// nullopt for numbers that those tables do not have.
/// @source FreeSurferColorLUT.txt, numbers and names only
[[nodiscard]] std::optional<std::string> freesurfer_name(int label);

}  // namespace ipsi::image
