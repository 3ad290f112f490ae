// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"

namespace ipsi::ingest {

class Draft;

/// What the name of an image file says about a lesion mask.
struct MaskName {
  std::string id, session, space;
  std::string skip;  ///< why it is no lesion mask by its name; "" when it may be one
};
/// "sub-1_lesion.nii.gz", "sub-1.nii.gz", "sub-1_ses-2_space-orig_label-lesion_desc-T1lesion_mask.nii.gz", ..
[[nodiscard]] MaskName mask_name(const std::string& file);

struct MaskFile {
  std::filesystem::path path;
  std::string file;  ///< for messages: below the folder that was given
  MaskName name;
};

/// Check, measure and keep these masks; overlap with the person's segmentation where there is one.
/// @error Cancelled
[[nodiscard]] Result<void> read_masks(Draft& draft, const std::string& folder, std::vector<MaskFile> masks,
                                      const Task& task);

}  // namespace ipsi::ingest
