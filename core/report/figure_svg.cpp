// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/figure_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/report/map_key.h"

namespace ipsi::report {
namespace {

using render::Rgb;
using spec::Axis;
using spec::Figure;
using spec::Series;
using Kind = Series::Kind;

// Okabe and Ito (2008); beyond eight groups everything is grey.
constexpr std::array<Rgb, 8> kCategories{{{0x00, 0x72, 0xB2},
                                          {0xE6, 0x9F, 0x00},
                                          {0x00, 0x9E, 0x73},
                                          {0xCC, 0x79, 0xA7},
                                          {0x56, 0xB4, 0xE9},
                                          {0xD5, 0x5E, 0x00},
                                          {0xF0, 0xE4, 0x42},
                                          {0x00, 0x00, 0x00}}};
constexpr Rgb kGrey{0x76, 0x7E, 0x8A}, kBlack{0, 0, 0}, kWhite{255, 255, 255}, kMuted{0x54, 0x5C, 0x67};
constexpr double kOuter = 2.0, kTick = 1.0, kMark = 0.85, kCategoryPitch = 4.2;
constexpr double kHalfLetter = 0.9;  // from the middle of 7 pt digits down to their base line

Rgb colour_of(const Series& series) {
  return series.colour >= 0 && series.colour < static_cast<int>(kCategories.size())
             ? kCategories[static_cast<std::size_t>(series.colour)]
             : kGrey;
}

bool is_filled(const Series& series, std::size_t i) {
  return i >= series.filled.size() || series.filled[i];
}

/// A data axis mapped to millimetres on the page.
struct Ruler {
  double low = 0, high = 1, from = 0, to = 1;
  bool logarithmic = false;
  [[nodiscard]] double at(double value) const {
    const auto f = [this](double v) { return logarithmic ? std::log10(v) : v; };
    return from + (f(value) - f(low)) / (f(high) - f(low)) * (to - from);
  }
  [[nodiscard]] bool holds(double value) const { return std::isfinite(value) && (!logarithmic || value > 0); }
};

struct Span {
  double low = INFINITY, high = -INFINITY;
  void add(double v) {
    if (!std::isfinite(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

/// The values that an axis has to hold.
Span span_of(const Figure& figure, bool vertical) {
  const Axis& axis = vertical ? figure.y : figure.x;
  const bool value_axis = figure.horizontal != vertical;  // the one along which intervals and bars lie
  Span span;
  for (const Series& s : figure.series) {
    for (const double v : vertical ? s.y : s.x) span.add(v);
    if (!value_axis) continue;
    for (const double v : s.low) span.add(v);
    for (const double v : s.high) span.add(v);
    if (s.kind == Kind::bars && !axis.logarithmic) span.add(0.0);
  }
  for (const auto& line : figure.lines)
    if (line.vertical != vertical) span.add(line.at);
  return span;
}

Ruler ruler_of(const Figure& figure, bool vertical) {
  const Axis& axis = vertical ? figure.y : figure.x;
  Ruler ruler;
  ruler.logarithmic = axis.logarithmic;
  if (!axis.categories.empty()) {
    ruler.low = -0.6;
    ruler.high = static_cast<double>(axis.categories.size()) - 0.4;
    return ruler;
  }
  Span span = span_of(figure, vertical);
  if (axis.range) return Ruler{axis.range->first, axis.range->second, 0, 1, axis.logarithmic};
  if (!(span.low <= span.high)) span = {axis.logarithmic ? 1.0 : 0.0, axis.logarithmic ? 10.0 : 1.0};
  if (span.low == span.high) {
    const double room = axis.logarithmic ? 0.0 : std::max(std::abs(span.low) * 0.1, 0.5);
    span = axis.logarithmic ? Span{span.low / 2, span.high * 2} : Span{span.low - room, span.high + room};
  } else if (axis.logarithmic) {
    const double room = std::pow(span.high / span.low, 0.05);
    span = {span.low / room, span.high * room};
  } else {
    const bool bars = std::ranges::any_of(figure.series, [](const Series& s) { return s.kind == Kind::bars; });
    const double room = 0.05 * (span.high - span.low);
    const bool value_axis = figure.horizontal != vertical;
    // Bars stand on their zero.
    if (!(bars && value_axis && span.low == 0.0)) span.low -= room;
    if (!(bars && value_axis && span.high == 0.0)) span.high += room;
  }
  ruler.low = span.low;
  ruler.high = span.high;
  return ruler;
}

Result<void> check(const Figure& figure, const FigureOptions& options) {
  if (!(options.width_mm >= 30.0) || !(options.height_mm == 0.0 || options.height_mm >= 30.0))
    return fail(Code::InvalidInput,
                fmt::format("a figure of {:g} x {:g} mm cannot be read", options.width_mm, options.height_mm),
                figure.id, "give at least 30 mm a side");
  for (const Series& s : figure.series) {
    const auto fits = [&](std::size_t n) { return n == 0 || n == s.x.size(); };
    if (s.x.size() != s.y.size() || !fits(s.low.size()) || !fits(s.high.size()) ||
        (s.kind == Kind::band && (s.low.size() != s.x.size() || s.high.size() != s.x.size())))
      return fail(Code::InvalidInput, "the columns of a series have different lengths",
                  fmt::format("figure {}, series '{}'", figure.id, s.label));
  }
  for (const bool vertical : {false, true}) {
    const Axis& axis = vertical ? figure.y : figure.x;
    const Span span = span_of(figure, vertical);
    if (axis.logarithmic && (span.low <= 0 || (axis.range && axis.range->first <= 0)))
      return fail(Code::InvalidInput, fmt::format("a logarithmic axis cannot show {:g}", span.low),
                  "figure " + figure.id, "leave out what is not positive, or use a linear axis");
    if (axis.range && !(axis.range->first < axis.range->second))
      return fail(Code::InvalidInput,
                  fmt::format("the range {:g} to {:g} is empty", axis.range->first, axis.range->second),
                  "figure " + figure.id);
  }
  return {};
}

class Plot {
 public:
  Plot(const Figure& figure, Canvas& canvas, double width, double height) : f_(figure), c_(canvas) {
    x_ = ruler_of(figure, false);
    y_ = ruler_of(figure, true);
    arrange(width, height);
  }

  void draw() {
    reference_lines();
    c_.clip(Path::rectangle(x_.from - 1.2, top_ - 1.2, x_.to - x_.from + 2.4, bottom_ - top_ + 2.4));
    for (const Kind kind : {Kind::band, Kind::bars, Kind::intervals, Kind::points, Kind::line})
      for (const Series& s : f_.series)
        if (s.kind == kind) series(s);
    c_.unclip();
    x_axis();
    y_axis();
    key();
    end_labels();
  }

 private:
  const Figure& f_;
  Canvas& c_;
  Ruler x_, y_;
  double top_ = 0, bottom_ = 0;
  std::vector<double> x_ticks_, y_ticks_;
  double x_step_ = 1, y_step_ = 1;

  static double step_of(const std::vector<double>& at) { return at.size() > 1 ? at[1] - at[0] : 1.0; }
  static double width_of(const std::string& words, double pt) {
    return measure({.words = words, .size_pt = pt}).width_mm;
  }
  static std::string tick_words(const Ruler& ruler, double at, double step) {
    if (!ruler.logarithmic) return tick_label(at, step);
    return fmt::format("{:g}", at);
  }
  static bool labelled_at_end(const Series& s) { return s.kind == Kind::line && !s.label.empty(); }
  static bool in_key(const Series& s) { return !s.label.empty() && s.kind != Kind::line; }

  void arrange(double width, double height) {
    y_ticks_ = f_.y.categories.empty() ? ticks(y_.low, y_.high, 5, y_.logarithmic) : std::vector<double>{};
    y_step_ = step_of(y_ticks_);
    double left_words = 0.0;
    for (const double at : y_ticks_) left_words = std::max(left_words, width_of(tick_words(y_, at, y_step_), kLabelPt));
    for (const std::string& name : f_.y.categories) left_words = std::max(left_words, width_of(name, kLabelPt));
    double right_words = 1.0;
    for (const Series& s : f_.series)
      if (labelled_at_end(s)) right_words = std::max(right_words, 1.5 + width_of(s.label, kLabelPt));
    for (const auto& line : f_.lines)
      if (!line.vertical && !line.label.empty())
        right_words = std::max(right_words, 1.5 + width_of(line.label, kLabelPt));
    const double left = kOuter + (f_.y.label.empty() ? 0.0 : 4.2) + left_words + kTick + 1.0;
    x_.from = left;
    x_.to = std::max(left + 10.0, width - kOuter - right_words);
    x_ticks_ = f_.x.categories.empty()
                   ? ticks(x_.low, x_.high, std::max(2, static_cast<int>((x_.to - x_.from) / 14.0)), x_.logarithmic)
                   : std::vector<double>{};
    x_step_ = step_of(x_ticks_);
    if (!x_ticks_.empty() && right_words <= 1.0)  // room for half of the last number
      x_.to -= std::max(0.0, width_of(tick_words(x_, x_ticks_.back(), x_step_), kLabelPt) / 2 - 1.0);
    const bool has_key = std::ranges::any_of(f_.series, in_key);
    const bool has_line_words =
        std::ranges::any_of(f_.lines, [](const auto& l) { return l.vertical && !l.label.empty(); });
    top_ = kOuter + (has_key ? 5.0 : 0.0) + (has_line_words ? 3.6 : 0.0) + 1.0;
    bottom_ = height - kOuter - kTick - 3.4 - (f_.x.label.empty() ? 0.0 : 4.4);
    // Categories read from the top down, numbers grow upwards.
    y_.from = f_.y.categories.empty() ? bottom_ : top_;
    y_.to = f_.y.categories.empty() ? top_ : bottom_;
  }

  void reference_lines() {
    for (const auto& line : f_.lines) {
      const Ruler& ruler = line.vertical ? x_ : y_;
      if (!ruler.holds(line.at) || line.at < std::min(ruler.low, ruler.high) ||
          line.at > std::max(ruler.low, ruler.high))
        continue;
      const double at = ruler.at(line.at);
      const Path path = line.vertical ? Path::segment(at, top_, at, bottom_) : Path::segment(x_.from, at, x_.to, at);
      const bool zero = line.at == 0.0;  // zero is where things are measured from: solid
      c_.draw(path, Stroke{.colour = kGrey,
                           .width_pt = 0.5,
                           .dash_pt = zero ? std::vector<double>{} : std::vector<double>{3, 3}});
      if (line.vertical && !line.label.empty())
        c_.draw(at, top_ - 1.0, Text{.words = line.label, .align = Align::centre, .colour = kMuted});
    }
  }

  void series(const Series& s) {
    switch (s.kind) {
      case Kind::band: return band(s);
      case Kind::bars: return bars(s);
      case Kind::line: return line(s);
      case Kind::intervals: return intervals(s);
      case Kind::points: return points(s);
    }
  }

  [[nodiscard]] bool drawable(const Series& s, std::size_t i) const { return x_.holds(s.x[i]) && y_.holds(s.y[i]); }

  void mark(const Series& s, std::size_t i, bool square) {
    const double x = x_.at(s.x[i]), y = y_.at(s.y[i]);
    const Path shape = square ? Path::rectangle(x - kMark, y - kMark, 2 * kMark, 2 * kMark) : Path::circle(x, y, kMark);
    c_.draw(shape, Fill{is_filled(s, i) ? colour_of(s) : kWhite});
    c_.draw(shape, Stroke{.colour = colour_of(s), .width_pt = 0.75});
  }

  void points(const Series& s) {
    for (std::size_t i = 0; i < s.x.size(); ++i)
      if (drawable(s, i)) mark(s, i, false);
  }

  void intervals(const Series& s) {
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      if (!drawable(s, i)) continue;
      const Ruler& along = f_.horizontal ? x_ : y_;
      const double middle = f_.horizontal ? s.x[i] : s.y[i];
      const double low = i < s.low.size() && along.holds(s.low[i]) ? s.low[i] : middle;
      const double high = i < s.high.size() && along.holds(s.high[i]) ? s.high[i] : middle;
      const double across = f_.horizontal ? y_.at(s.y[i]) : x_.at(s.x[i]);
      const double a = along.at(low), b = along.at(high);
      c_.draw(f_.horizontal ? Path::segment(a, across, b, across) : Path::segment(across, a, across, b),
              Stroke{.colour = colour_of(s), .width_pt = 0.75});
      mark(s, i, is_filled(s, i));
    }
  }

  void line(const Series& s) {
    Path path;
    bool open = false;
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      if (!drawable(s, i)) {
        open = false;
        continue;
      }
      if (!open) path.lines.emplace_back();
      open = true;
      path.lines.back().points.emplace_back(x_.at(s.x[i]), y_.at(s.y[i]));
    }
    c_.draw(path, Stroke{.colour = colour_of(s), .width_pt = 1.0, .round = true});
  }

  void band(const Series& s) {
    std::vector<Eigen::Vector2d> upper, lower;
    const Ruler& along = f_.horizontal ? x_ : y_;
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      const double across = f_.horizontal ? s.y[i] : s.x[i];
      if (!(f_.horizontal ? y_ : x_).holds(across) || !along.holds(s.low[i]) || !along.holds(s.high[i])) continue;
      const double c = (f_.horizontal ? y_ : x_).at(across), a = along.at(s.low[i]), b = along.at(s.high[i]);
      lower.push_back(f_.horizontal ? Eigen::Vector2d(a, c) : Eigen::Vector2d(c, a));
      upper.push_back(f_.horizontal ? Eigen::Vector2d(b, c) : Eigen::Vector2d(c, b));
    }
    lower.insert(lower.end(), upper.rbegin(), upper.rend());
    if (lower.size() > 2) c_.draw(Path::polygon(std::move(lower)), Fill{colour_of(s), 0.13});
  }

  /// Data distance between neighbouring bars.
  [[nodiscard]] double bar_pitch() const {
    std::vector<double> at;
    for (const Series& s : f_.series)
      if (s.kind == Kind::bars)
        at.insert(at.end(), (f_.horizontal ? s.y : s.x).begin(), (f_.horizontal ? s.y : s.x).end());
    std::ranges::sort(at);
    double pitch = INFINITY;
    for (std::size_t i = 1; i < at.size(); ++i)
      if (at[i] > at[i - 1]) pitch = std::min(pitch, at[i] - at[i - 1]);
    return std::isfinite(pitch) ? pitch : 1.0;
  }

  void bars(const Series& s) {
    std::size_t groups = 0, mine = 0;
    for (const Series& other : f_.series) {
      if (other.kind != Kind::bars) continue;
      if (&other == &s) mine = groups;
      ++groups;
    }
    const bool categories = !(f_.horizontal ? f_.y : f_.x).categories.empty();
    const double whole = bar_pitch() * (categories ? 0.74 : 1.0), each = whole / static_cast<double>(groups);
    const Ruler &across = f_.horizontal ? y_ : x_, &along = f_.horizontal ? x_ : y_;
    const double base = along.at(along.logarithmic ? along.low : std::clamp(0.0, along.low, along.high));
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      if (!drawable(s, i)) continue;
      const double start = (f_.horizontal ? s.y[i] : s.x[i]) - whole / 2 + each * static_cast<double>(mine);
      const double a = across.at(start), b = across.at(start + each), end = along.at(f_.horizontal ? s.x[i] : s.y[i]);
      const double low = std::min(a, b), size = std::abs(b - a), from = std::min(base, end),
                   length = std::abs(end - base);
      const Path box =
          f_.horizontal ? Path::rectangle(from, low, length, size) : Path::rectangle(low, from, size, length);
      c_.draw(box, Fill{colour_of(s)});
      if (!categories) c_.draw(box, Stroke{.colour = kWhite, .width_pt = 0.35});  // histogram bars touch
    }
  }

  void x_axis() {
    const Stroke axis{.colour = kBlack, .width_pt = kAxisPt};
    c_.draw(Path::segment(x_.from, bottom_, x_.to, bottom_), axis);
    const double base = bottom_ + kTick + 3.0;
    for (const double at : x_ticks_) {
      c_.draw(Path::segment(x_.at(at), bottom_, x_.at(at), bottom_ + kTick), axis);
      c_.draw(x_.at(at), base, Text{.words = tick_words(x_, at, x_step_), .align = Align::centre});
    }
    for (std::size_t i = 0; i < f_.x.categories.size(); ++i)
      c_.draw(x_.at(static_cast<double>(i)), base, Text{.words = f_.x.categories[i], .align = Align::centre});
    if (!f_.x.label.empty())
      c_.draw((x_.from + x_.to) / 2, base + 4.2,
              Text{.words = f_.x.label, .size_pt = kTitlePt, .align = Align::centre});
  }

  void y_axis() {
    const Stroke axis{.colour = kBlack, .width_pt = kAxisPt};
    for (std::size_t i = 0; i < f_.y.categories.size(); ++i)
      c_.draw(x_.from - kTick - 1.0, y_.at(static_cast<double>(i)) + kHalfLetter,
              Text{.words = f_.y.categories[i], .align = Align::right});
    if (!f_.y.categories.empty()) return;
    c_.draw(Path::segment(x_.from, bottom_, x_.from, top_), axis);
    for (const double at : y_ticks_) {
      c_.draw(Path::segment(x_.from - kTick, y_.at(at), x_.from, y_.at(at)), axis);
      c_.draw(x_.from - kTick - 0.7, y_.at(at) + kHalfLetter,
              Text{.words = tick_words(y_, at, y_step_), .align = Align::right});
    }
    if (!f_.y.label.empty())
      c_.draw(kOuter + 2.8, (top_ + bottom_) / 2,
              Text{.words = f_.y.label, .size_pt = kTitlePt, .align = Align::centre, .turn_degrees = 90});
  }

  /// Names of series that have no end to stand at, in one row over the plot.
  void key() {
    double x = x_.from;
    for (const Series& s : f_.series) {
      if (!in_key(s)) continue;
      const double y = kOuter + 2.0;
      const Path swatch = s.kind == Kind::points || s.kind == Kind::intervals ? Path::circle(x + 1.0, y - 0.9, kMark)
                                                                              : Path::rectangle(x, y - 2.0, 2.6, 2.2);
      c_.draw(swatch, Fill{colour_of(s), s.kind == Kind::band ? 0.3 : 1.0});
      c_.draw(x + 3.6, y, Text{.words = s.label});
      x += 3.6 + width_of(s.label, kLabelPt) + 4.0;
    }
  }

  void end_labels() {
    struct Label {
      double y;
      std::string words;
      Rgb colour;
    };
    std::vector<Label> labels;
    for (const Series& s : f_.series) {
      if (!labelled_at_end(s)) continue;
      for (std::size_t i = s.x.size(); i-- > 0;)
        if (drawable(s, i)) {
          labels.push_back({std::clamp(y_.at(s.y[i]), top_, bottom_) + kHalfLetter, s.label, colour_of(s)});
          break;
        }
    }
    for (const auto& line : f_.lines)
      if (!line.vertical && !line.label.empty() && y_.holds(line.at))
        labels.push_back({std::clamp(y_.at(line.at), top_, bottom_) + kHalfLetter, line.label, kMuted});
    std::ranges::sort(labels, {}, &Label::y);
    double last = -INFINITY;
    for (Label& label : labels) {  // pushed apart where lines end close together
      label.y = std::max(label.y, last + 3.0);
      last = label.y;
      c_.draw(x_.to + 1.5, label.y, Text{.words = label.words, .colour = label.colour});
    }
  }
};

double natural_height(const Figure& figure, double width) {
  if (figure.y.categories.empty()) return std::round(width * 2.0 / 3.0);
  std::size_t bar_groups = 0;
  for (const Series& s : figure.series) bar_groups += s.kind == Kind::bars ? 1 : 0;
  const double pitch = std::max(kCategoryPitch, 2.4 * static_cast<double>(bar_groups));
  return std::max(30.0, 20.0 + pitch * static_cast<double>(figure.y.categories.size()));
}

}  // namespace

std::vector<double> ticks(double low, double high, int count, bool logarithmic) {
  std::vector<double> out;
  if (!(low < high)) return {low};
  if (logarithmic) {
    const bool few = std::log10(high / low) < 2.5;
    for (int e = static_cast<int>(std::floor(std::log10(low))); e <= static_cast<int>(std::ceil(std::log10(high))); ++e)
      for (const double m : {1.0, 2.0, 5.0}) {
        const double at = m * std::pow(10.0, e);
        if ((m == 1.0 || few) && at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)) out.push_back(at);
      }
    if (out.size() >= 2) return out;
    out.clear();
  }
  const double raw = (high - low) / std::max(count, 1);
  double step = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double m : {1.0, 2.0, 5.0, 10.0})
    if (m * step >= raw * 0.999) {
      step *= m;
      break;
    }
  for (int halving = 0; halving < 3; ++halving) {
    out.clear();
    const auto first = std::llround(std::ceil(low / step - 1e-9)), last = std::llround(std::floor(high / step + 1e-9));
    for (long long i = first; i <= last; ++i) out.push_back(static_cast<double>(i) * step);
    if (out.size() >= 2) break;
    step /= 2;
  }
  return out;
}

Result<std::string> draw_figure(const Figure& figure, const FigureOptions& options) {
  if (auto fine = check(figure, options); !fine) return tl::unexpected(fine.error());
  const double height = options.height_mm > 0 ? options.height_mm : natural_height(figure, options.width_mm);
  auto canvas = Canvas::create({.format = options.format,
                                .width_mm = options.width_mm,
                                .height_mm = height,
                                .dpi = options.dpi,
                                .transparent = options.transparent,
                                .title = figure.title,
                                .description = figure.alt});
  if (!canvas) return tl::unexpected(canvas.error());
  Plot(figure, *canvas, options.width_mm, height).draw();
  return canvas->finish();
}

Result<std::string> to_svg(const Figure& figure, double width_mm, double height_mm) {
  return draw_figure(figure, {.format = Format::svg, .width_mm = width_mm, .height_mm = height_mm});
}

}  // namespace ipsi::report
