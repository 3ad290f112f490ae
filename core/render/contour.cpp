// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/contour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace ipsi::render {
namespace {

// Directions of pixel edges, the inside on the right hand: east along the top, south along the right side, ...
enum : std::uint8_t { kEast = 0, kSouth = 1, kWest = 2, kNorth = 3 };
constexpr std::array<std::array<int, 2>, 4> kStep{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};

/// Drop points nearer than `tolerance` to the chord (Douglas-Peucker), recursion on an explicit stack.
Loop simplified(const Loop& loop, double tolerance) {
  const std::size_t n = loop.size();
  std::vector<bool> keep(n + 1, false);
  const auto at = [&](std::size_t i) -> const Eigen::Vector2d& { return loop[i % n]; };
  // Two anchors far apart, so that a closed line has two open halves.
  std::size_t far = 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((at(i) - at(0)).squaredNorm() > (at(far) - at(0)).squaredNorm()) far = i;
  std::vector<std::pair<std::size_t, std::size_t>> todo{{0, far}, {far, n}};
  keep[0] = keep[far] = true;
  while (!todo.empty()) {
    const auto [first, last] = todo.back();
    todo.pop_back();
    if (last <= first + 1) continue;
    const Eigen::Vector2d chord = at(last) - at(first);
    const double length = chord.norm();
    double worst = -1.0;
    std::size_t where = first;
    for (std::size_t i = first + 1; i < last; ++i) {
      const Eigen::Vector2d d = at(i) - at(first);
      const double off = length > 0 ? std::abs(chord.x() * d.y() - chord.y() * d.x()) / length : d.norm();
      if (off > worst) worst = off, where = i;
    }
    if (worst <= tolerance) continue;
    keep[where] = true;
    todo.emplace_back(first, where);
    todo.emplace_back(where, last);
  }
  Loop out;
  for (std::size_t i = 0; i < n; ++i)
    if (keep[i]) out.push_back(loop[i]);
  return out;
}

void relax(Loop& loop, Loop& scratch, double weight) {
  const std::size_t n = loop.size();
  for (std::size_t i = 0; i < n; ++i)
    scratch[i] = loop[i] + weight * (0.5 * (loop[(i + n - 1) % n] + loop[(i + 1) % n]) - loop[i]);
  loop.swap(scratch);
}

}  // namespace

std::vector<Loop> trace(const std::vector<std::uint8_t>& ids, int width, int height, std::uint8_t id) {
  const auto inside = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < height &&
           ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] == id;
  };
  // Only the box around the region is looked at.
  int left = width, right = -1, top = height, bottom = -1;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] == id) {
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = y;
      }
  if (right < left) return {};
  // Bit d of a corner: an unused edge leaves it in direction d.
  const auto stride = static_cast<std::size_t>(right - left) + 2;
  const auto corner = [&](int x, int y) {
    return static_cast<std::size_t>(y - top) * stride + static_cast<std::size_t>(x - left);
  };
  std::vector<std::uint8_t> edges(stride * (static_cast<std::size_t>(bottom - top) + 2), 0);
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      if (!inside(x, y)) continue;
      if (!inside(x, y - 1)) edges[corner(x, y)] |= 1U << kEast;
      if (!inside(x + 1, y)) edges[corner(x + 1, y)] |= 1U << kSouth;
      if (!inside(x, y + 1)) edges[corner(x + 1, y + 1)] |= 1U << kWest;
      if (!inside(x - 1, y)) edges[corner(x, y + 1)] |= 1U << kNorth;
    }
  std::vector<Loop> loops;
  for (int y0 = top; y0 <= bottom + 1; ++y0)
    for (int x0 = left; x0 <= right + 1; ++x0) {
      if ((edges[corner(x0, y0)] & (1U << kEast)) == 0) continue;  // every loop has an edge to the east
      Loop loop;
      int x = x0, y = y0;
      std::uint8_t direction = kEast;
      do {
        loop.emplace_back(x, y);
        if (loop.size() > 1) edges[corner(x, y)] &= static_cast<std::uint8_t>(~(1U << direction));
        x += kStep[direction][0];
        y += kStep[direction][1];
        // Right turn first: pixels that meet at a corner stay apart.
        const std::uint8_t there = edges[corner(x, y)];
        for (const int turn : {1, 0, 3}) {
          const auto next = static_cast<std::uint8_t>((direction + turn) % 4);
          if ((there & (1U << next)) == 0) continue;
          direction = next;
          break;
        }
      } while (x != x0 || y != y0 || direction != kEast);  // the first edge is still there to be met again
      edges[corner(x0, y0)] &= static_cast<std::uint8_t>(~(1U << kEast));
      loops.push_back(std::move(loop));
    }
  return loops;
}

std::vector<Loop> smooth(const std::vector<Loop>& loops, int passes, double tolerance) {
  constexpr double kShrink = 0.5, kGrow = -0.53;
  std::vector<Loop> out;
  for (const Loop& loop : loops) {
    const std::size_t n = loop.size();
    if (n < 6) continue;
    Loop line(n), scratch(n);
    for (std::size_t i = 0; i < n; ++i) line[i] = 0.5 * (loop[i] + loop[(i + 1) % n]);
    for (int pass = 0; pass < passes; ++pass) {
      relax(line, scratch, kShrink);
      relax(line, scratch, kGrow);
    }
    out.push_back(simplified(line, tolerance));
  }
  return out;
}

double area_of(const Loop& loop) {
  double twice = 0.0;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    const Eigen::Vector2d &p = loop[i], &q = loop[(i + 1) % loop.size()];
    twice += p.x() * q.y() - p.y() * q.x();
  }
  return std::abs(twice) / 2;
}

}  // namespace ipsi::render
