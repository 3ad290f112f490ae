// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/study/model.h"
#include "core/study/study.h"

namespace ipsi::study {

/// Where a scan's file is: `path` as it stands when absolute, else below the folder of the study file.
[[nodiscard]] std::filesystem::path scan_file(const Scan& scan, const std::filesystem::path& study_file);

/// The stale ratings once more, now of the label image as it is: what was said of the old image is said of the new one.
/// Flag, comment and time stay; nothing to do gives a request without changes.
/// `raters`: whose ratings; empty = everybody's.
[[nodiscard]] Request carry_over(const Snapshot& snapshot, const std::string& author,
                                 const std::vector<std::string>& raters = {});

}  // namespace ipsi::study
