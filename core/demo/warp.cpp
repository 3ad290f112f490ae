// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/warp.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ipsi::demo {

Warp::Warp(const std::array<double, 3>& low, const std::array<double, 3>& high)
    : origin_(float(low[0]), float(low[1]), float(low[2]), 0.0F) {
  std::size_t n = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    size_[a] = int(std::ceil((high[a] - low[a]) / kStep)) + 1;
    n *= std::size_t(size_[a]);
  }
  u_.assign(n, Point::Zero());
}

Point Warp::node(int i, int j, int k) const {
  return origin_ + kStep * Point(float(i), float(j), float(k), 0.0F);
}

Point Warp::displacement(const Point& y) const {
  Point t = (y - origin_) * (1.0F / kStep);
  std::array<int, 3> cell;
  std::array<float, 3> f;
  for (int a = 0; a < 3; ++a) {
    const float x = std::clamp(t[a], 0.0F, float(size_[std::size_t(a)] - 1));
    cell[std::size_t(a)] = std::min(int(x), size_[std::size_t(a)] - 2);
    f[std::size_t(a)] = x - float(cell[std::size_t(a)]);
  }
  const std::size_t row = std::size_t(size_[0]);
  const std::size_t slice = row * std::size_t(size_[1]);
  const Point* p = u_.data() + index(cell[0], cell[1], cell[2]);
  const Point a = p[0] + f[0] * (p[1] - p[0]);
  const Point b = p[row] + f[0] * (p[row + 1] - p[row]);
  const Point c = p[slice] + f[0] * (p[slice + 1] - p[slice]);
  const Point d = p[slice + row] + f[0] * (p[slice + row + 1] - p[slice + row]);
  const Point near = a + f[1] * (b - a);
  const Point far = c + f[1] * (d - c);
  return near + f[2] * (far - near);
}

Warp::Nodes Warp::nodes_in(const std::array<double, 3>& low, const std::array<double, 3>& high) const {
  Nodes out;
  for (std::size_t a = 0; a < 3; ++a) {
    const double origin = origin_[int(a)];
    out.low[a] = std::clamp(int(std::floor((low[a] - origin) / kStep)), 0, size_[a] - 1);
    out.high[a] = std::clamp(int(std::ceil((high[a] - origin) / kStep)), out.low[a], size_[a] - 1);
  }
  return out;
}

void Warp::step_before(const Nodes& nodes, const std::vector<Point>& v) {
  std::vector<Point> moved(nodes.count());
  std::size_t at = 0;
  for (int k = nodes.low[2]; k <= nodes.high[2]; ++k)
    for (int j = nodes.low[1]; j <= nodes.high[1]; ++j)
      for (int i = nodes.low[0]; i <= nodes.high[0]; ++i, ++at) {
        Point u = displacement(node(i, j, k) + v[at]) + v[at];
        u[3] = this->at(i, j, k)[3];
        moved[at] = u;
      }
  at = 0;
  for (int k = nodes.low[2]; k <= nodes.high[2]; ++k)
    for (int j = nodes.low[1]; j <= nodes.high[1]; ++j)
      for (int i = nodes.low[0]; i <= nodes.high[0]; ++i, ++at) this->at(i, j, k) = moved[at];
}

double Warp::lowest_jacobian() const {
  float lowest = std::numeric_limits<float>::infinity();
  const auto [nx, ny, nz] = size_;
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i)
        for (int corner = 0; corner < 8; ++corner) {
          const int a = i + ((corner & 1) != 0 ? 1 : -1);
          const int b = j + ((corner & 2) != 0 ? 1 : -1);
          const int c = k + ((corner & 4) != 0 ? 1 : -1);
          if (a < 0 || b < 0 || c < 0 || a >= nx || b >= ny || c >= nz) continue;
          const Point& u = at(i, j, k);
          Eigen::Matrix3f d;
          d.col(0) = ((at(a, j, k) - u) * (float(a - i) / kStep)).head<3>().matrix();
          d.col(1) = ((at(i, b, k) - u) * (float(b - j) / kStep)).head<3>().matrix();
          d.col(2) = ((at(i, j, c) - u) * (float(c - k) / kStep)).head<3>().matrix();
          d.diagonal().array() += 1.0F;
          const Eigen::Vector3f x = d.col(0);
          const Eigen::Vector3f y = d.col(1);
          const Eigen::Vector3f z = d.col(2);
          const float det = x[0] * (y[1] * z[2] - y[2] * z[1]) - y[0] * (x[1] * z[2] - x[2] * z[1]) +
                            z[0] * (x[1] * y[2] - x[2] * y[1]);
          lowest = std::min(lowest, det);
        }
  return double(lowest);
}

}  // namespace ipsi::demo
