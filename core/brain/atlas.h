// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/task.h"
#include "core/image/volume.h"

namespace ipsi::brain {

/// A head with its twelve regions, all on one RAS+ grid in template space (world mm).
struct Template {
  std::string name;       ///< "Colin27"
  std::string source;     ///< package, version, licence: printed in reports
  image::Volume head;     ///< whole head T1
  image::Volume brain;    ///< skull-stripped T1
  image::Labels regions;  ///< FreeSurfer labels of the twelve regions (base/regions.h), 0 elsewhere
  image::Labels tissue;   ///< the whole brain as aseg labels it, roughly; the twelve regions included
};

/// Where Debian's mricron-data keeps its templates; $IPSI_MRICRON overrides. Empty when the package is absent.
[[nodiscard]] std::filesystem::path mricron_dir();

/// Colin27 with the built-in twelve-region atlas: thalamus, caudate, putamen, pallidum from AAL; accumbens and
/// lateral ventricles seeded by JHU-189 and fitted to Colin27's own intensities. The atlas is built once and
/// kept in the user's cache folder ($XDG_CACHE_HOME/ipsi), keyed by the hashes of its sources.
/// @error Environment  mricron-data is not installed (says how to install it)
/// @error ReadFailed, InvalidInput  a file of the package is damaged or is something else
/// @cost  about 0.1 s from the cache, some 4 s the first time
[[nodiscard]] Result<Template> load_colin27(const Task& task);

}  // namespace ipsi::brain
