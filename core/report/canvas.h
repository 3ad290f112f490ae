// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/render/compose.h"

namespace ipsi::report {

enum class Format { png, pdf, svg };
[[nodiscard]] std::string to_string(Format format);
/// By the extension of a file name: .png, .pdf, .svg.
[[nodiscard]] std::optional<Format> format_of(std::string_view file_name);

inline constexpr double kMmPerInch = 25.4;
inline constexpr double kMmPerPoint = kMmPerInch / 72.0;

struct Stroke {
  render::Rgb colour{};
  double width_pt = 0.5;
  std::vector<double> dash_pt{};  ///< on, off, ...; empty = solid
  bool round = false;             ///< round caps and joins
  double opacity = 1.0;
};

struct Fill {
  render::Rgb colour{};
  double opacity = 1.0;
};

/// Lines in mm from the top left; several make one shape, filled even-odd.
struct Path {
  struct Line {
    std::vector<Eigen::Vector2d> points;
    bool closed = false;
  };
  std::vector<Line> lines;

  [[nodiscard]] static Path segment(double x1, double y1, double x2, double y2);
  [[nodiscard]] static Path rectangle(double x, double y, double width, double height);
  [[nodiscard]] static Path polygon(std::vector<Eigen::Vector2d> points);
  [[nodiscard]] static Path polyline(std::vector<Eigen::Vector2d> points);
  [[nodiscard]] static Path circle(double x, double y, double radius);
};

enum class Align { left, centre, right };

/// Words in the house's face for figures (Liberation Sans).
struct Text {
  std::string words;
  double size_pt = 7.0;
  bool bold = false;
  bool italic = false;
  Align align = Align::left;
  render::Rgb colour{};
  double wrap_mm = 0.0;       ///< break lines at this width; 0 = never
  double turn_degrees = 0.0;  ///< anticlockwise around the anchor
};

struct TextSize {
  double width_mm = 0.0, height_mm = 0.0;  ///< of all lines
  double ascent_mm = 0.0;                  ///< top to the first base line
  int lines = 1;
};

struct CanvasOptions {
  Format format = Format::png;
  double width_mm = 174.0, height_mm = 100.0;
  double dpi = 300.0;                            ///< of PNG; PDF and SVG embed pictures at this density
  bool transparent = false;                      ///< no background; white otherwise
  std::string title{}, description{};            ///< for those who cannot see it; PDF and SVG carry them
  std::function<void(std::string_view)> sink{};  ///< PDF: takes bytes as they are made; `finish` gives none then
};

/// A page to draw on in millimetres, written as PNG, PDF or SVG; text stays text in the latter two. The same calls
/// give the same bytes.
class Canvas {
 public:
  /// @error InvalidInput  size or dpi not positive, or more than 30,000 pixels a side
  [[nodiscard]] static Result<Canvas> create(const CanvasOptions& options);
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;
  ~Canvas();

  [[nodiscard]] const CanvasOptions& options() const;
  /// The nearest edge between pixels: pictures that start and end there are copied, not resampled.
  [[nodiscard]] double snap(double mm) const;

  void draw(const Path& path, const Fill& fill);
  void draw(const Path& path, const Stroke& stroke);
  /// `y` is the base line of the first line.
  void draw(double x, double y, const Text& text);
  void draw(double x, double y, double width, double height, const render::Picture& picture);
  /// Drawing is confined to the shape until `unclip`; may be nested.
  void clip(const Path& path);
  void unclip();
  /// Go on with another page of the same size; PDF only.
  void next_page();

  /// The file's bytes. Call once, last.
  /// @error Environment  memory ran out while drawing
  [[nodiscard]] Result<std::string> finish();

  struct Backend;  ///< one a format; private to canvas*.cpp

 private:
  explicit Canvas(std::unique_ptr<Backend> backend);
  std::unique_ptr<Backend> backend_;
};

/// The room that words take; the same in every format.
[[nodiscard]] TextSize measure(const Text& text);

}  // namespace ipsi::report
