// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/field.h"

#include <algorithm>
#include <utility>

#include "core/image/morphology.h"

namespace ipsi::brain {
namespace {

image::Grid grid_of(const std::array<int, 3>& size) {
  image::Grid grid;
  grid.size = size;
  return grid;
}

/// The voxels that are set (or those that are not) as a label image of unit spacing.
image::Labels labels_of(const Mask& mask, std::uint8_t wanted) {
  image::Labels out{grid_of(mask.size), std::vector<std::int32_t>(mask.values.size()), image::Stored::uint8};
  for (std::size_t i = 0; i < mask.values.size(); ++i) out.values[i] = (mask.values[i] != 0) == (wanted != 0) ? 1 : 0;
  return out;
}

Field distance_to_value(const Mask& mask, std::uint8_t wanted) {
  Field out;
  out.size = mask.size;
  out.values = std::move(image::distance_mm(labels_of(mask, wanted)).values);
  return out;
}

}  // namespace

Field distance_to(const Mask& mask) {
  return distance_to_value(mask, 1);
}

Field signed_distance(const Mask& mask) {
  Field out = distance_to_value(mask, 1);
  const Field in = distance_to_value(mask, 0);
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] = mask.values[i] != 0 ? 0.5F - in.values[i] : out.values[i] - 0.5F;
  return out;
}

Field smooth(const Field& field, double sigma) {
  Field out;
  out.size = field.size;
  out.values = image::gaussian_smooth({grid_of(field.size), field.values, image::Stored::float32}, sigma).values;
  return out;
}

Mask smooth(const Mask& mask, double sigma) {
  Field soft(mask.size);
  for (std::size_t i = 0; i < soft.values.size(); ++i) soft.values[i] = mask.values[i] != 0 ? 1.0F : 0.0F;
  soft = smooth(soft, sigma);
  Mask out(mask.size);
  for (std::size_t i = 0; i < soft.values.size(); ++i) out.values[i] = soft.values[i] >= 0.5F;
  return out;
}

Mask largest_part(const Mask& mask) {
  const auto parts = image::connected_components(labels_of(mask, 1), image::Neighbours::faces6);
  Mask out(mask.size);
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = parts.labels.values[i] == 1;
  return out;
}

Mask fill_holes(const Mask& mask) {
  const auto gaps = image::connected_components(labels_of(mask, 0), image::Neighbours::faces6);
  std::vector<bool> open(gaps.voxels.size() + 1, false);
  const auto [nx, ny, nz] = mask.size;
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i)
        if (i == 0 || j == 0 || k == 0 || i == nx - 1 || j == ny - 1 || k == nz - 1)
          open[std::size_t(gaps.labels.at(i, j, k))] = true;
  Mask out = mask;
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const auto gap = std::size_t(gaps.labels.values[i]);
    if (gap != 0 && !open[gap]) out.values[i] = 1;
  }
  return out;
}

std::size_t count(const Mask& mask) {
  return std::size_t(std::ranges::count_if(mask.values, [](std::uint8_t v) { return v != 0; }));
}

}  // namespace ipsi::brain
