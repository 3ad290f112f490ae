// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/regions.h"
#include "core/base/task.h"
#include "core/brain/atlas.h"

namespace ipsi::demo {

/// How an automatic segmentation goes wrong.
enum class Fault {
  none,
  leak,   ///< the label runs out into the neighbouring tissue
  shift,  ///< the whole label sits beside its structure
  half,   ///< a good part of the structure is missing
  any,    ///< in a request: one of the three, chosen by the seed
};
[[nodiscard]] std::string_view to_string(Fault fault);  ///< "none", "leak", "shift", "half", "any"

/// What is asked of one synthetic person. Arrays follow kRegions.
struct ImagePerson {
  std::string id;         ///< name of the subject folder
  std::string sex;        ///< free text, written into build-stamp.txt only
  double age_years = 60;  ///< written into build-stamp.txt; atrophy shows through the targets
  Side lesion_side = Side::left;
  double icv_mm3 = 1.5e6;               ///< scales the head; printed in aseg.stats
  std::array<double, 12> target_mm3{};  ///< rounded to whole voxels of 1 mm^3
  double lesion_mm3 = 0;                ///< rounded to whole voxels; 0: no lesion, an empty mask
  std::uint64_t seed = 0;               ///< one number per person; equal requests give equal bytes
  std::array<Fault, 12> faults{};       ///< segmentations broken on purpose
};

/// What became of one region in the label map.
struct RegionOutcome {
  long long intact_voxels = 0;  ///< before lesion and fault: equals the rounded target
  long long voxels = 0;         ///< voxels of the label in aseg.mgz = NVoxels = Volume_mm3 in aseg.stats
  double lesion_overlap = 0;    ///< share (0..1) of the intact region that lies inside the lesion
  Fault fault = Fault::none;    ///< what was broken (never `any`)
};

struct PersonImages {
  std::string id;
  std::filesystem::path subject_dir;          ///< DIR/subjects/<id>
  std::filesystem::path lesion_path;          ///< DIR/lesions/<id>_lesion.nii.gz
  std::array<RegionOutcome, 12> regions{};    ///< kRegions order
  double lesion_mm3 = 0;                      ///< voxels set in the mask
  std::string lesion_site;                    ///< "lenticulostriate", "middle cerebral, cortical", ...; "" without
  Eigen::Vector3d lesion_centre_mm{0, 0, 0};  ///< centre of mass, world RAS mm of the person's scan
  double lowest_jacobian = 0;                 ///< of the deformation of the head, over the whole grid; > 0
};

/// Makes synthetic heads from a template. Holds what all of them share (distances to each region, tissue classes);
/// const members may be called from several threads at once.
class HeadMaker {
 public:
  /// @error InvalidInput  the template lacks one of the twelve regions
  [[nodiscard]] static Result<HeadMaker> create(const brain::Template& head);
  HeadMaker(HeadMaker&&) noexcept;
  HeadMaker& operator=(HeadMaker&&) noexcept;
  ~HeadMaker();

  /// Write DIR/subjects/<id>/{mri/{orig,T1,brain,aseg}.mgz, stats/aseg.stats, scripts/recon-all.done,
  /// scripts/build-stamp.txt} and DIR/lesions/<id>_lesion.nii.gz.
  ///
  /// The template is deformed smoothly and one-to-one so that its regions take the asked volumes; the count of
  /// each label is then made exact. A lesion may eat into labels, a fault breaks them: see RegionOutcome.
  /// @error InvalidInput  id with a slash, a target or ICV that no head can have (named)
  /// @error Environment   a file cannot be written
  [[nodiscard]] Result<PersonImages> write(const ImagePerson& person, const std::filesystem::path& dir,
                                           const Task& task) const;

 private:
  struct Shared;
  explicit HeadMaker(std::unique_ptr<const Shared> shared);
  std::unique_ptr<const Shared> shared_;
};

/// The images of `people` under `dir`, in the order of `people`, `threads` persons at a time (0: as many as the
/// machine has cores, up to 8). The bytes do not depend on the number of threads.
/// @error as brain::load_colin27 and HeadMaker::write; Cancelled
/// @cost  a few seconds a person and core
[[nodiscard]] Result<std::vector<PersonImages>> write_images(const std::vector<ImagePerson>& people,
                                                             const std::filesystem::path& dir, int threads,
                                                             const Task& task);

}  // namespace ipsi::demo
