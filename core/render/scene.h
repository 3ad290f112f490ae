// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/render/head_model.h"

namespace ipsi::render {

/// From where a head is looked at (parallel projection), in RAS directions.
struct Camera {
  std::string name;               ///< "oblique", "front", "left", ...: the name in options and recipes
  std::string title;              ///< for people: "from the front, 32° to the left, 18° from above"
  Eigen::Vector3d from{0, 1, 0};  ///< unit direction from the head to the eye
  Eigen::Vector3d up{0, 0, 1};    ///< unit direction that is up in the picture, at right angles to `from`

  [[nodiscard]] Eigen::Vector3d right() const { return up.cross(from); }  ///< direction to the picture's right
};

/// A camera `azimuth` degrees from the front towards the anatomical left, `elevation` degrees above the horizon.
[[nodiscard]] Camera camera_at(double azimuth_degrees, double elevation_degrees);
/// oblique (the default), oblique-right, front, back, left, right, top, bottom.
[[nodiscard]] const std::vector<Camera>& cameras();
[[nodiscard]] const Camera* find_camera(std::string_view name);  ///< nullptr when unknown

/// The part of the projection plane that a picture shows.
struct Frame {
  Eigen::Vector3d centre{0, 0, 0};  ///< RAS mm, in the middle of the picture
  double height_mm = 100.0;         ///< of the picture; its width follows from the pixels
};

enum class Extent { regions, brain };

/// What has to fit: width and height in mm of the projected surfaces, and their middle.
struct Bounds {
  Eigen::Vector3d centre{0, 0, 0};
  double width_mm = 0.0, height_mm = 0.0;
};
[[nodiscard]] Bounds bounds_of(const HeadModel& model, const Camera& camera, Extent extent);
/// The frame of a picture of width/height `aspect` around these bounds, with a margin (share of the size).
[[nodiscard]] Frame frame_around(const Bounds& bounds, double aspect, double margin = 0.03);

/// A cut across an axis: what lies on the viewer's side of it is taken away, and closed regions show their inside as
/// a flat face.
struct Clip {
  int axis = 0;        ///< 0 R, 1 A, 2 S
  double at_mm = 0.0;  ///< RAS
  friend bool operator==(const Clip&, const Clip&) = default;
};

struct Shown {
  std::bitset<kRegions.size()> regions;  ///< order of kRegions
  bool brain = true;
  std::optional<Clip> clip{};
};

/// Surfaces seen from a camera, before any colour: one value a pixel, rows from the top.
///
/// Colour, edges, hatches and picking are made from these on the CPU (compose.h, contour.h), so panels that differ in
/// colour only share one rendering, and a pixel's region is exact.
struct Surfaces {
  int width = 0, height = 0;  ///< pixels as rendered (supersampling included)
  double mm_per_pixel = 1.0;
  std::vector<std::uint8_t> region;    ///< 0 background, else index in kRegions + 1
  std::vector<std::uint8_t> diffuse;   ///< light: kFullLight is a factor of 1
  std::vector<std::uint8_t> specular;  ///< white added, 255 = all white
  std::vector<float> depth;            ///< mm from the front, infinity where there is no region
  std::vector<std::uint8_t> brain;     ///< 0 outside, else 1 + 254 |cos| of the angle to the viewer

  static constexpr double kFullLight = 200.0;
  [[nodiscard]] std::size_t pixels() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
};

/// A head model in an off-screen OpenGL context. Safe to use from any thread, one rendering at a time.
class Scene {
 public:
  /// @error Environment  no OpenGL (see Offscreen)
  [[nodiscard]] static Result<std::unique_ptr<Scene>> open(std::shared_ptr<const HeadModel> model);
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  /// @error InvalidInput  a side below 1 or above 16384 pixels
  /// @error Environment   OpenGL failed
  /// @cost  about 0.2 s for 3 million pixels on software OpenGL with two cores
  [[nodiscard]] Result<Surfaces> render(const Camera& camera, const Frame& frame, int width, int height,
                                        const Shown& shown);
  [[nodiscard]] const HeadModel& model() const;

 private:
  struct Vtk;
  explicit Scene(std::unique_ptr<Vtk> vtk);
  std::unique_ptr<Vtk> vtk_;
};

/// "9.1.0": the version of the library that drew, for recipes.
[[nodiscard]] std::string vtk_version();

}  // namespace ipsi::render
