// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/canvas.h"

namespace ipsi::report {

/// What a format has to be able to do. Private to canvas*.cpp.
struct Canvas::Backend {
  explicit Backend(CanvasOptions given) : options(std::move(given)) {}
  virtual ~Backend() = default;
  CanvasOptions options;

  virtual void fill(const Path& path, const Fill& fill) = 0;
  virtual void stroke(const Path& path, const Stroke& stroke) = 0;
  /// One line of text; (x, y) is where its base line is anchored by `align`.
  virtual void line(double x, double y, const std::string& words, const Text& style) = 0;
  virtual void picture(double x, double y, double width, double height, const render::Picture& picture) = 0;
  virtual void clip(const Path& path) = 0;
  virtual void unclip() = 0;
  virtual void next_page() {}
  virtual Result<std::string> finish() = 0;
};

[[nodiscard]] std::unique_ptr<Canvas::Backend> make_cairo_backend(const CanvasOptions& options);  ///< PNG and PDF
[[nodiscard]] std::unique_ptr<Canvas::Backend> make_svg_backend(const CanvasOptions& options);

/// A picture as the bytes of a PNG file.
[[nodiscard]] std::string to_png(const render::Picture& picture);

/// Lines of wrapped text, with the distance between base lines.
struct Lines {
  std::vector<std::string> lines;
  double pitch_mm = 0.0;
};
[[nodiscard]] Lines break_lines(const Text& text);

}  // namespace ipsi::report
