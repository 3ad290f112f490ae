// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/image/bytes.h"

namespace ipsi::image {
namespace {

// Grids that coincide must give back their values: what rounding leaves of an index is not interpolated.
constexpr double kSnap = 1e-6;

template <class Image>
Image to_ras_image(const Image& image) {
  const Grid& in = image.grid;
  const std::array<int, 3> axes = in.world_axes();
  Image out;
  out.stored = image.stored;
  out.grid.affine = in.affine;
  std::array<std::ptrdiff_t, 3> stride{};  // of the input, along the axes of the output
  std::ptrdiff_t start = 0;
  const std::array<std::ptrdiff_t, 3> in_stride{1, in.size[0], std::ptrdiff_t(in.size[0]) * in.size[1]};
  for (int i = 0; i < 3; ++i) {
    const int world = axes[i];
    const bool flip = in.affine(world, i) < 0.0;
    out.grid.size[world] = in.size[i];
    out.grid.affine.col(world) = in.affine.col(i) * (flip ? -1.0 : 1.0);
    if (flip) out.grid.affine.col(3) += in.affine.col(i) * (in.size[i] - 1);
    stride[world] = flip ? -in_stride[i] : in_stride[i];
    if (flip) start += in_stride[i] * (in.size[i] - 1);
  }
  out.values = roomy<typename decltype(out.values)::value_type>(in.voxels());
  out.values.resize(in.voxels());
  auto* to = out.values.data();
  for (int k = 0; k < out.grid.size[2]; ++k)
    for (int j = 0; j < out.grid.size[1]; ++j) {
      const auto* from = image.values.data() + start + j * stride[1] + k * stride[2];
      for (int i = 0; i < out.grid.size[0]; ++i, from += stride[0]) *to++ = *from;
    }
  return out;
}

/// One row of the target as seen from the moving image: index(i) = start + i * step, and which i lie inside.
struct Row {
  Eigen::Vector3d start, step;
  int first = 0, last = -1;  ///< inclusive; empty when last < first

  [[nodiscard]] double at(int axis, int i) const { return start[axis] + i * step[axis]; }

  /// Keep the i whose index along every axis lies in [-0.5, size - 0.5).
  void clip(const std::array<int, 3>& size, int n) {
    first = 0;
    last = n - 1;
    for (int axis = 0; axis < 3 && first <= last; ++axis) {
      const auto inside = [&](int i) { return at(axis, i) >= -0.5 && at(axis, i) < size[axis] - 0.5; };
      if (step[axis] != 0.0) {
        const double a = (-0.5 - start[axis]) / step[axis];
        const double b = (size[axis] - 0.5 - start[axis]) / step[axis];
        // One too many on either side; the exact test below, which is the one that counts, takes them away.
        first = static_cast<int>(std::clamp(std::ceil(std::min(a, b)) - 1.0, double(first), double(n)));
        last = static_cast<int>(std::clamp(std::floor(std::max(a, b)) + 1.0, -1.0, double(last)));
      }
      while (first <= last && !inside(first)) ++first;
      while (first <= last && !inside(last)) --last;
    }
  }
};

/// Calls `fill(row, out)` for each row of `grid` that meets the moving image.
template <class Image, class Fill>
Image resample_rows(const Image& moving, const Grid& grid, const Fill& fill) {
  Image out;
  out.grid = grid;
  out.stored = moving.stored;
  out.values = roomy<typename decltype(out.values)::value_type>(grid.voxels());
  out.values.assign(grid.voxels(), 0);
  Eigen::Matrix4d between = moving.grid.affine.inverse() * grid.affine;
  // Axes that run along each other exactly must not drift apart by rounding over 256 voxels.
  between = between.unaryExpr([](double v) {
    const double nearest = std::nearbyint(v);
    return std::abs(v - nearest) < 1e-9 ? nearest : v;
  });
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j) {
      Row row;
      row.start = (between * Eigen::Vector4d(0, j, k, 1)).head<3>();
      row.step = between.col(0).head<3>();
      row.clip(moving.grid.size, grid.size[0]);
      if (row.first <= row.last) fill(row, out.values.data() + grid.index(0, j, k));
    }
  return out;
}

/// Interpolation along one axis: the two neighbours as offsets, and the weight of the second.
struct Tap {
  std::size_t low, high;
  double weight;

  Tap(double at, int size, std::size_t stride) {
    const double x = std::clamp(at, 0.0, double(size - 1));
    auto cell = static_cast<int>(x);
    weight = x - cell;
    if (weight > 1.0 - kSnap) ++cell;
    if (weight < kSnap || weight > 1.0 - kSnap) weight = 0.0;
    low = static_cast<std::size_t>(cell) * stride;
    high = weight == 0.0 ? low : low + stride;  // a NaN beside an exact hit stays out
  }
};

double mix(double a, double b, double weight) {
  return weight == 0.0 ? a : a + weight * (b - a);
}

struct Sums {
  int label = 0;
  long long voxels = 0;
  double i = 0, j = 0, k = 0;
  double shift = 0, sum = 0, squares = 0;  // of intensities less the first one, so that squares keep their digits
  std::array<int, 3> low{}, high{};
};

/// Finds the sums of a label; small ranges of labels by a table, others by hashing.
class SumsTable {
 public:
  SumsTable(int low, int high) : low_(low) {
    const long long range = static_cast<long long>(high) - low + 1;
    if (range <= (1 << 20)) table_.assign(static_cast<std::size_t>(range), -1);
  }
  Sums& of(int label) {
    int& at = table_.empty() ? hashed_.try_emplace(label, -1).first->second
                             : table_[static_cast<std::size_t>(static_cast<long long>(label) - low_)];
    if (at < 0) {
      at = static_cast<int>(rows.size());
      rows.emplace_back().label = label;
    }
    return rows[static_cast<std::size_t>(at)];
  }
  std::vector<Sums> rows;

 private:
  int low_;
  std::vector<int> table_;
  std::unordered_map<int, int> hashed_;
};

LabelStats finish(const Sums& s, const Grid& grid, bool with_intensity) {
  LabelStats out;
  const double n = static_cast<double>(s.voxels);
  out.label = s.label;
  out.voxels = s.voxels;
  out.mm3 = n * grid.voxel_mm3();
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  out.mean = with_intensity ? s.shift + s.sum / n : kNone;
  out.sd =
      with_intensity && s.voxels > 1 ? std::sqrt(std::max(0.0, (s.squares - s.sum * s.sum / n) / (n - 1.0))) : kNone;
  if (with_intensity && std::isnan(s.squares)) out.sd = kNone;  // max(0, NaN) is 0
  out.centre_mm = grid.to_world(Eigen::Vector3d(s.i / n, s.j / n, s.k / n));
  out.low = s.low;
  out.high = s.high;
  return out;
}

}  // namespace

Volume to_ras(const Volume& volume) {
  return to_ras_image(volume);
}
Labels to_ras(const Labels& labels) {
  return to_ras_image(labels);
}

Labels resample(const Labels& moving, const Grid& grid) {
  const std::size_t sy = static_cast<std::size_t>(moving.grid.size[0]);
  const std::size_t sz = sy * static_cast<std::size_t>(moving.grid.size[1]);
  const std::int32_t* from = moving.values.data();
  return resample_rows(moving, grid, [&](const Row& row, std::int32_t* out) {
    for (int i = row.first; i <= row.last; ++i) {
      // Inside, index + 0.5 is not negative: cutting off is rounding down.
      const auto x = static_cast<std::size_t>(static_cast<int>(row.at(0, i) + 0.5));
      const auto y = static_cast<std::size_t>(static_cast<int>(row.at(1, i) + 0.5));
      const auto z = static_cast<std::size_t>(static_cast<int>(row.at(2, i) + 0.5));
      out[i] = from[x + y * sy + z * sz];
    }
  });
}

Volume resample(const Volume& moving, const Grid& grid) {
  const std::array<int, 3>& size = moving.grid.size;
  const std::size_t sy = static_cast<std::size_t>(size[0]);
  const std::size_t sz = sy * static_cast<std::size_t>(size[1]);
  const float* from = moving.values.data();
  Volume out = resample_rows(moving, grid, [&](const Row& row, float* to) {
    for (int i = row.first; i <= row.last; ++i) {
      const Tap x(row.at(0, i), size[0], 1);
      const Tap y(row.at(1, i), size[1], sy);
      const Tap z(row.at(2, i), size[2], sz);
      const auto along_x = [&](std::size_t yz) { return mix(from[x.low + yz], from[x.high + yz], x.weight); };
      const auto along_y = [&](std::size_t plane) {
        return mix(along_x(y.low + plane), along_x(y.high + plane), y.weight);
      };
      to[i] = static_cast<float>(mix(along_y(z.low), along_y(z.high), z.weight));
    }
  });
  out.stored = Stored::float32;
  return out;
}

double field_of_view_overlap(const Grid& a, const Grid& b) {
  const double volume_a = a.voxel_mm3() * static_cast<double>(a.voxels());
  const double volume_b = b.voxel_mm3() * static_cast<double>(b.voxels());
  const Grid& small = volume_a <= volume_b ? a : b;
  const Grid& large = volume_a <= volume_b ? b : a;
  if (small.voxels() == 0) return 0.0;
  constexpr int kSteps = 48;  // points along each axis, in the middle of equal cells
  const Eigen::Matrix4d between = large.affine.inverse() * small.affine;
  int inside = 0;
  for (int k = 0; k < kSteps; ++k)
    for (int j = 0; j < kSteps; ++j)
      for (int i = 0; i < kSteps; ++i) {
        const Eigen::Vector4d at(small.size[0] * (i + 0.5) / kSteps - 0.5, small.size[1] * (j + 0.5) / kSteps - 0.5,
                                 small.size[2] * (k + 0.5) / kSteps - 0.5, 1.0);
        const Eigen::Vector3d v = (between * at).head<3>();
        bool in = true;
        for (int axis = 0; axis < 3; ++axis) in = in && v[axis] >= -0.5 && v[axis] <= large.size[axis] - 0.5;
        inside += in ? 1 : 0;
      }
  return static_cast<double>(inside) / (kSteps * kSteps * kSteps);
}

Result<std::vector<LabelStats>> label_stats(const Labels& labels, const Volume* intensities) {
  const Grid& grid = labels.grid;
  if (intensities != nullptr && !intensities->grid.same_as(grid))
    return fail(Code::InvalidInput, "labels and volume lie on different grids", "",
                "resample one of them: ipsi image resample IN --like REF --out OUT");
  std::vector<LabelStats> out;
  if (labels.values.empty()) return out;
  const auto [low, high] = std::minmax_element(labels.values.begin(), labels.values.end());
  SumsTable table(*low, *high);
  std::size_t at = 0;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j) {
      int run_label = 0;
      Sums* s = nullptr;
      for (int i = 0; i < grid.size[0]; ++i, ++at) {
        const int label = labels.values[at];
        if (label == 0) continue;
        if (s == nullptr || label != run_label) {
          s = &table.of(label);
          run_label = label;
        }
        const std::array<int, 3> voxel{i, j, k};
        if (s->voxels++ == 0) {
          s->low = s->high = voxel;
          if (intensities != nullptr) s->shift = intensities->values[at];
        }
        s->i += i;
        s->j += j;
        s->k += k;
        for (std::size_t axis = 0; axis < 3; ++axis) {
          s->low[axis] = std::min(s->low[axis], voxel[axis]);
          s->high[axis] = std::max(s->high[axis], voxel[axis]);
        }
        if (intensities != nullptr) {
          const double v = intensities->values[at] - s->shift;
          s->sum += v;
          s->squares += v * v;
        }
      }
    }
  out.reserve(table.rows.size());
  for (const Sums& s : table.rows) out.push_back(finish(s, grid, intensities != nullptr));
  std::sort(out.begin(), out.end(), [](const LabelStats& a, const LabelStats& b) { return a.label < b.label; });
  return out;
}

}  // namespace ipsi::image
