// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/task.h"
#include "core/render/compose.h"
#include "core/render/head_model.h"
#include "core/render/planes.h"
#include "core/render/scan.h"
#include "core/render/scene.h"

namespace ipsi::render {

/// One person's surfaces, in full and with a fifth of the triangles for the time of a drag.
struct ScanModel {
  std::shared_ptr<const Scan> scan;
  std::shared_ptr<const HeadModel> full, coarse;  ///< regions and, where all of the brain has labels, its envelope
  std::shared_ptr<const HeadModel> lesion;        ///< as region 0; null where there is none
  Eigen::Vector3d centre_mm{0, 0, 0};             ///< of a ball around the regions
  double radius_mm = 60.0;
  double brain_radius_mm = 100.0;  ///< around the same centre; 0 without an envelope
};
/// @error InvalidInput  none of the twelve labels occurs; Cancelled
/// @cost  some tenths of a second: for a background thread
[[nodiscard]] Result<std::shared_ptr<const ScanModel>> scan_model(std::shared_ptr<const Scan> scan, const Task& task);

/// What a 3D picture shows.
struct SceneView {
  enum class Quality { drag, full };
  Camera camera;
  Frame frame;
  int width = 0, height = 0;  ///< device pixels
  Quality quality = Quality::full;
  Shown shown;  ///< regions; `brain`: the envelope
  bool lesion = true;
  std::array<bool, 3> planes{};        ///< slices across R, A, S
  Eigen::Vector3d planes_mm{0, 0, 0};  ///< where they cut
  GreyWindow window;                   ///< of the slices
  Paints paints{};
  int current = -1;  ///< region with an edge, index in kRegions
  Rgb background{}, brain{0x6E, 0x78, 0x86};
  double pixel_ratio = 1.0;
};

/// Pixels as in PlanePicture, and what is seen at each: 0 nothing, region index + 1, kLesion, kPlane.
struct ScenePicture {
  static constexpr std::uint8_t kLesion = 100, kPlane = 101;
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;
  std::vector<std::uint8_t> what;
};

/// Draws a person's surfaces without a window. Colours are put on by the CPU after OpenGL has told which region is
/// where, so a change of flags or of the lesion's visibility needs no new rendering. Use from one thread at a time.
class ScanScene {
 public:
  /// @error Environment  no OpenGL
  [[nodiscard]] static Result<std::unique_ptr<ScanScene>> open(std::shared_ptr<const ScanModel> model);
  ~ScanScene();
  /// @error InvalidInput  size; Environment. The picture is valid until the next call.
  [[nodiscard]] Result<const ScenePicture*> draw(const SceneView& view);
  [[nodiscard]] const ScanModel& model() const;

 private:
  struct Work;
  explicit ScanScene(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

}  // namespace ipsi::render
