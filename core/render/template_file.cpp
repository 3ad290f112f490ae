// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/template_file.h"

#include <algorithm>

#include "core/base/regions.h"
#include "core/image/geometry.h"
#include "core/image/io.h"

namespace ipsi::render {

Result<brain::Template> template_from_files(const std::filesystem::path& labels, const std::filesystem::path& head) {
  const auto read = image::read_labels(labels);
  if (!read) return tl::unexpected(read.error());
  brain::Template out;
  out.name = labels.filename().string();
  out.source = labels.string();
  out.regions = image::to_ras(*read);
  if (std::ranges::none_of(out.regions.values, [](int label) { return region_of_label(label) != nullptr; }))
    return fail(Code::InvalidInput, "the atlas has none of the twelve regions", labels.string(),
                "give a label volume with FreeSurfer labels (10 thalamus left, 49 right, ...)");
  if (head.empty()) return out;
  const auto volume = image::read_volume(head);
  if (!volume) return tl::unexpected(volume.error());
  if (image::field_of_view_overlap(volume->grid, out.regions.grid) < 0.5)
    return fail(Code::InvalidInput, "the head and the atlas lie apart in the world",
                head.string() + " and " + labels.string(), "give a head in the space of the atlas");
  out.brain = volume->grid.same_as(out.regions.grid) ? *volume : image::resample(*volume, out.regions.grid);
  out.head = out.brain;
  return out;
}

}  // namespace ipsi::render
