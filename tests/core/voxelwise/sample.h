// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "core/numeric/random.h"
#include "core/stats/design.h"
#include "core/voxelwise/stack.h"

namespace ipsi::test {

/// People of some cohorts: age, sex, a column that is the same for a whole cohort.
struct Sample {
  table::Table table;
  stats::ModelData data;
};

inline Sample sample(int people, int cohorts, const std::string& formula, std::uint64_t seed = 4) {
  numeric::Stream stream(seed);
  std::vector<double> y, age, scanner;
  std::vector<std::string> sex, cohort;
  for (int i = 0; i < people; ++i) {
    const int g = i % cohorts;
    y.push_back(0.0);
    age.push_back(60.0 + 10.0 * stream.normal());
    sex.push_back(stream.uniform() < 0.5 ? "F" : "M");
    scanner.push_back(g % 3);
    cohort.push_back("c" + std::to_string(g));
  }
  Sample out;
  out.table = *table::Table::from({table::numeric("y", y), table::numeric("age", age), table::text("sex", sex),
                                   table::numeric("scanner", scanner), table::text("cohort", cohort)});
  out.data = stats::make_design(*stats::parse_formula(formula), out.table)->data;
  return out;
}

/// Values with an effect of the second column and differences between cohorts at every other place. [places x people]
inline Eigen::MatrixXf values(const stats::ModelData& data, int places, double missing, std::uint64_t seed = 9) {
  Eigen::MatrixXf out(places, data.x.rows());
  for (int v = 0; v < places; ++v) {
    numeric::Stream stream(seed, static_cast<std::uint64_t>(v));
    const std::size_t groups = data.random.empty() ? 1 : data.random[0].groups.size();
    std::vector<double> shift(groups);
    for (double& s : shift) s = (v % 2 == 0 ? 0.8 : 0.0) * stream.normal();
    for (Eigen::Index i = 0; i < data.x.rows(); ++i) {
      const int g = data.random.empty() ? 0 : data.random[0].group[i];
      const double y =
          2.5 + 0.2 * (shift[g] + stream.normal() + (v % 3 == 0 && data.x.cols() > 1 ? 0.05 * data.x(i, 1) : 0.0));
      out(v, i) = stream.uniform() < missing ? std::nanf("") : static_cast<float>(y);
    }
  }
  return out;
}

/// A stack in a grid of the given size.
inline voxelwise::Stack stack_of(const Eigen::MatrixXf& values, int nx, int ny, int nz) {
  image::Grid grid;
  grid.size = {nx, ny, nz};
  std::vector<std::uint32_t> voxels(static_cast<std::size_t>(values.rows()));
  std::iota(voxels.begin(), voxels.end(), 0U);
  return voxelwise::Stack::of(grid, voxels, values);
}

}  // namespace ipsi::test
