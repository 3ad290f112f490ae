// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/maps.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>

#include "core/base/parallel.h"
#include "core/numeric/distributions.h"

namespace ipsi::voxelwise {

using Eigen::Index;

std::map<Fitted, std::size_t> Maps::counts() const {
  std::map<Fitted, std::size_t> out;
  for (const Fitted f : state) ++out[f];
  return out;
}

Result<Maps> fit_stack(const VoxelModel& model, const Stack& stack, const std::vector<int>& columns, int threads,
                       const Task& task) {
  constexpr std::size_t kBlock = 256;  // with its residuals it stays in the cache
  const std::size_t places = stack.places();
  const auto rows = static_cast<Index>(places), k = static_cast<Index>(columns.size());
  Maps out;
  out.columns = columns;
  for (Eigen::MatrixXd* m : {&out.beta, &out.se, &out.t, &out.p, &out.df}) m->resize(rows, k);
  out.sigma.resize(rows);
  out.group_sd.resize(rows);
  out.n.resize(rows);
  out.state.resize(places);
  std::mutex mutex;
  std::optional<Error> error;
  const bool whole = parallel_for((places + kBlock - 1) / kBlock, threads, task, "fitting", [&](std::size_t b) {
    const std::size_t first = b * kBlock, count = std::min(kBlock, places - first);
    const auto y = stack.block(first, count);
    if (!y) {
      const std::lock_guard lock(mutex);
      error = y.error();
      return;
    }
    const BlockFit fit = model.fit(*y);
    const auto at = static_cast<Index>(first), size = static_cast<Index>(count);
    out.sigma.segment(at, size) = fit.sigma;
    out.group_sd.segment(at, size) = fit.group_sd;
    out.n.segment(at, size) = fit.n;
    std::copy(fit.state.begin(), fit.state.end(), out.state.begin() + static_cast<std::ptrdiff_t>(first));
    for (Index c = 0; c < k; ++c) {
      const int column = columns[c];
      out.beta.col(c).segment(at, size) = fit.beta.col(column);
      out.se.col(c).segment(at, size) = fit.se.col(column);
      out.df.col(c).segment(at, size) = fit.df.col(column);
      out.t.col(c).segment(at, size) = fit.beta.col(column).cwiseQuotient(fit.se.col(column));
      for (Index i = at; i < at + size; ++i) out.p(i, c) = numeric::t_two_sided(out.t(i, c), out.df(i, c));
    }
  });
  if (error) return tl::unexpected(*error);
  if (!whole) return fail(Code::Cancelled, "stopped by the user");
  return out;
}

}  // namespace ipsi::voxelwise
