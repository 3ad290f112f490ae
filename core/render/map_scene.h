// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/task.h"
#include "core/render/compose.h"
#include "core/render/contour.h"
#include "core/render/scene.h"
#include "core/render/slice.h"

namespace ipsi::render {

/// The template as a live map needs it: surfaces in full and for dragging.
struct MapModel {
  std::shared_ptr<const brain::Template> head;
  std::shared_ptr<const HeadModel> full, coarse;
};
/// @error as head_model
/// @cost  about a second the first time: for a background thread
[[nodiscard]] Result<std::shared_ptr<const MapModel>> map_model(std::shared_ptr<const brain::Template> head,
                                                                const Task& task);

/// What is looked at; the colours are not part of it.
struct MapView {
  enum class Quality { drag, full };
  Camera camera;
  Frame frame;
  int width = 0, height = 0;  ///< device pixels
  bool brain = false;
  std::optional<Clip> clip{};
  Quality quality = Quality::full;
};

/// Which region is where in a picture, for picking and for outlines.
struct MapForms {
  int width = 0, height = 0;
  std::vector<std::uint8_t> region;                                  ///< [pixels] 0 none, else index in kRegions + 1
  std::array<std::vector<Loop>, kRegions.size()> outlines;           ///< in pixels; empty at drag quality
  std::array<std::vector<Loop>, kRegions.size()> excluded_outlines;  ///< of regions that are left out of the picture
};

struct MapPicture {
  Picture picture;  ///< clear background
  std::shared_ptr<const MapForms> forms;
};

/// Draws the template's regions in the colours of an analysis, again and again. OpenGL tells which region is where;
/// another analysis, a refit or another colour map is put on by the CPU, and panels of one view share one rendering.
/// Use from one thread at a time, and end it in the thread that used it.
class MapScene {
 public:
  /// @error Environment  no OpenGL
  [[nodiscard]] static Result<std::unique_ptr<MapScene>> open(std::shared_ptr<const MapModel> model);
  ~MapScene();
  /// @error InvalidInput  size; Environment
  [[nodiscard]] Result<MapPicture> draw(const MapView& view, const Paints& paints);
  [[nodiscard]] int renderings() const;  ///< by OpenGL so far: a change of colours makes none

 private:
  struct Work;
  explicit MapScene(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

}  // namespace ipsi::render
