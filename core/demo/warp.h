// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <vector>

namespace ipsi::demo {

using Point = Eigen::Array4f;  ///< x, y, z in template mm; the last lane is free

/// A smooth map of template space, y -> y + u(y), with u on a lattice and linear in between. The fourth lane of u is
/// carried along unchanged by the map: the logarithm of the scanner's shading.
class Warp {
 public:
  static constexpr float kStep = 2.0F;  ///< mm between nodes

  /// The identity on the box [low, high] mm. Beyond the box u keeps its edge value.
  Warp(const std::array<double, 3>& low, const std::array<double, 3>& high);

  [[nodiscard]] Point displacement(const Point& y) const;
  [[nodiscard]] Point operator()(const Point& y) const {
    Point u = displacement(y);
    u.head<3>() += y.head<3>();
    return u;
  }

  [[nodiscard]] const std::array<int, 3>& size() const { return size_; }
  [[nodiscard]] Point node(int i, int j, int k) const;  ///< position of a node
  [[nodiscard]] Point& at(int i, int j, int k) { return u_[index(i, j, k)]; }
  [[nodiscard]] const Point& at(int i, int j, int k) const { return u_[index(i, j, k)]; }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return std::size_t(i) + std::size_t(size_[0]) * (std::size_t(j) + std::size_t(size_[1]) * std::size_t(k));
  }

  /// A box of nodes, low to high inclusive.
  struct Nodes {
    std::array<int, 3> low{}, high{};
    [[nodiscard]] int extent(std::size_t a) const { return high[a] - low[a] + 1; }
    [[nodiscard]] std::size_t count() const {
      return std::size_t(extent(0)) * std::size_t(extent(1)) * std::size_t(extent(2));
    }
  };
  [[nodiscard]] Nodes nodes_in(const std::array<double, 3>& low, const std::array<double, 3>& high) const;

  /// This map after a small step: y -> this(y + v(y)), v given on a box of nodes (i fastest) and zero outside it.
  void step_before(const Nodes& nodes, const std::vector<Point>& v);

  /// Smallest determinant of the map's derivative: of its linear pieces at every corner of every cell.
  [[nodiscard]] double lowest_jacobian() const;

 private:
  std::array<int, 3> size_{};
  Point origin_;
  std::vector<Point> u_;
};

}  // namespace ipsi::demo
