// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/image/volume.h"
#include "core/ingest/problem.h"
#include "core/study/model.h"

namespace ipsi::ingest {

/// What one subject folder holds; rows still lack person and session.
struct SubjectFolder {
  std::string name;
  std::vector<study::Measurement> measurements;
  std::vector<study::Scan> scans;
  std::vector<Problem> problems;  ///< `subject` and `file` filled in
  std::string version;            ///< of FreeSurfer
  int unreadable = 0;             ///< files that could not be read
};

/// What is stored already, so that unchanged files are neither hashed nor counted again.
struct KnownSubject {
  std::map<std::string, const study::Scan*> scans;  ///< by kind
  std::vector<const study::Measurement*> label_counts;
};

/// Words a path as the study keeps it.
using KeptPath = std::function<std::string(const std::filesystem::path&)>;

/// Read one FreeSurfer (or FastSurfer) subject folder: aseg.stats, aparc.stats, label counts, scans.
/// Never fails: what cannot be read becomes a problem. Nothing is written below the folder.
[[nodiscard]] SubjectFolder read_subject_folder(const std::filesystem::path& dir, const std::string& name,
                                                const KnownSubject& known, const KeptPath& kept_path);

/// Voxels of a segmentation as measurements of source "label_count", note `from`; rows lack person and session.
/// Regions that are not there count as 0: "missing in source".
void count_labels(const image::Labels& labels, const std::string& from, std::vector<study::Measurement>& out);

/// FreeSurfer labels that are measured beside the twelve regions: label, region key.
struct ExtraLabel {
  int label;
  const char* region;
};
inline constexpr ExtraLabel kExtraLabels[] = {{17, "left_hippocampus"},
                                              {53, "right_hippocampus"},
                                              {18, "left_amygdala"},
                                              {54, "right_amygdala"},
                                              {5, "left_inferior_lateral_ventricle"},
                                              {44, "right_inferior_lateral_ventricle"},
                                              {14, "third_ventricle"},
                                              {15, "fourth_ventricle"},
                                              {16, "brainstem"}};

}  // namespace ipsi::ingest
