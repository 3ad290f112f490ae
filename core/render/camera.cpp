// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/render/scene.h"

namespace ipsi::render {

Camera camera_at(double azimuth_degrees, double elevation_degrees) {
  const double a = azimuth_degrees * std::numbers::pi / 180.0, e = elevation_degrees * std::numbers::pi / 180.0;
  Camera camera;
  camera.name = fmt::format("{:g},{:g}", azimuth_degrees, elevation_degrees);
  camera.title = fmt::format("from the front, {:g}° to the {}, {:g}° from {}", std::abs(azimuth_degrees),
                             azimuth_degrees < 0 ? "right" : "left", std::abs(elevation_degrees),
                             elevation_degrees < 0 ? "below" : "above");
  camera.from = {-std::sin(a) * std::cos(e), std::cos(a) * std::cos(e), std::sin(e)};
  camera.up = {std::sin(a) * std::sin(e), -std::cos(a) * std::sin(e), std::cos(e)};
  return camera;
}

const std::vector<Camera>& cameras() {
  static const std::vector<Camera> all = [] {
    const auto named = [](const char* name, double azimuth, double elevation, const char* title = nullptr) {
      Camera camera = camera_at(azimuth, elevation);
      camera.name = name;
      if (title != nullptr) camera.title = title;
      return camera;
    };
    return std::vector<Camera>{named("oblique", 32, 18), named("oblique-right", -32, 18),
                               named("front", 0, 0, "from the front"), named("back", 180, 0, "from behind"),
                               named("left", 90, 0, "from the left"), named("right", -90, 0, "from the right"),
                               // Seen from above with the front up, as a map is held.
                               Camera{"top", "from above", {0, 0, 1}, {0, 1, 0}},
                               Camera{"bottom", "from below", {0, 0, -1}, {0, 1, 0}}};
  }();
  return all;
}

const Camera* find_camera(std::string_view name) {
  const auto& all = cameras();
  const auto it = std::ranges::find(all, name, &Camera::name);
  return it == all.end() ? nullptr : &*it;
}

Bounds bounds_of(const HeadModel& model, const Camera& camera, Extent extent) {
  const Eigen::Vector3d axes[3] = {camera.right(), camera.up, camera.from};
  Eigen::Vector3d low = Eigen::Vector3d::Constant(std::numeric_limits<double>::infinity()), high = -low;
  const auto add = [&](const Mesh& mesh) {
    for (const Eigen::Vector3f& point : mesh.points)
      for (int a = 0; a < 3; ++a) {
        const double at = point.cast<double>().dot(axes[a]);
        low[a] = std::min(low[a], at);
        high[a] = std::max(high[a], at);
      }
  };
  for (const Mesh& mesh : model.regions) add(mesh);
  if (extent == Extent::brain) add(model.brain);
  if (!(low[0] <= high[0])) return {};
  const Eigen::Vector3d middle = 0.5 * (low + high);
  return {middle[0] * axes[0] + middle[1] * axes[1] + middle[2] * axes[2], high[0] - low[0], high[1] - low[1]};
}

Frame frame_around(const Bounds& bounds, double aspect, double margin) {
  const double height = std::max(bounds.height_mm, bounds.width_mm / aspect);
  return {bounds.centre, std::max(height, 1.0) * (1.0 + 2.0 * margin)};
}

}  // namespace ipsi::render
