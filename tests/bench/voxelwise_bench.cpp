// SPDX-License-Identifier: GPL-3.0-or-later
// A random-intercept model at 230,000 places of 400 images with 5 columns, and 1,000 sign flips with TFCE, two threads;
// then growth with places. Printed, never asserted: bench_voxelwise [share of the full size] [permutations].
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <numeric>

#include "core/numeric/random.h"
#include "core/voxelwise/maps.h"
#include "core/voxelwise/permute.h"

namespace {

using namespace ipsi;

struct Clock {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  double cpu = now();
  static double now() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  void print(const std::string& what) const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    fmt::print("{:<66} wall {:7.2f} s   CPU {:7.2f} s   peak memory {:5.2f} GB\n", what, seconds, now() - cpu,
               static_cast<double>(usage.ru_maxrss) / 1048576.0);
    std::fflush(stdout);
  }
};

stats::ModelData design(int people, int cohorts, int columns) {
  numeric::Stream stream(3);
  stats::ModelData out;
  out.y = Eigen::VectorXd::Zero(people);
  out.x = Eigen::MatrixXd::Ones(people, columns);
  for (int j = 1; j < columns; ++j)
    for (int i = 0; i < people; ++i) out.x(i, j) = stream.normal();
  out.columns.names.emplace_back("(Intercept)");
  out.columns.term.push_back(-1);
  for (int j = 1; j < columns; ++j) {
    out.columns.names.push_back("x" + std::to_string(j));
    out.columns.term.push_back(j - 1);
    out.columns.terms.push_back(out.columns.names.back());
  }
  if (cohorts == 0) return out;
  stats::RandomPart part{.z = Eigen::MatrixXd::Ones(people, 1), .columns = {"(Intercept)"}, .block = {0}};
  for (int i = 0; i < people; ++i) part.group.push_back(i % cohorts);
  for (int g = 0; g < cohorts; ++g) part.groups.push_back("c" + std::to_string(g));
  part.name = "cohort";
  out.random.push_back(part);
  return out;
}

/// A ball in a 2 mm grid of brain size.
voxelwise::Stack stack(std::size_t places, int people, double missing) {
  image::Grid grid;
  grid.size = {91, 109, 91};
  std::vector<std::pair<double, std::uint32_t>> near;
  for (int k = 0; k < 91; ++k)
    for (int j = 0; j < 109; ++j)
      for (int i = 0; i < 91; ++i)
        near.emplace_back(std::hypot(i - 45, j - 54, k - 45), static_cast<std::uint32_t>(grid.index(i, j, k)));
  std::nth_element(near.begin(), near.begin() + static_cast<long>(places), near.end());
  std::vector<std::uint32_t> voxels;
  for (std::size_t v = 0; v < places; ++v) voxels.push_back(near[v].second);
  std::sort(voxels.begin(), voxels.end());
  Eigen::MatrixXf values(static_cast<Eigen::Index>(places), people);
  for (int i = 0; i < people; ++i) {
    numeric::Stream stream(8, static_cast<std::uint64_t>(i));
    const double cohort = 0.3 * std::sin(i % 28);
    const int lesion = static_cast<int>(stream.below(places));
    for (std::size_t v = 0; v < places; ++v) {
      // Sums of three uniforms are normal enough here, and quick.
      const double x = stream.uniform() + stream.uniform() + stream.uniform() - 1.5;
      values(static_cast<Eigen::Index>(v), i) = static_cast<float>(2.5 + 0.2 * (2.0 * x + cohort));
    }
    const auto lost = static_cast<std::size_t>(missing * static_cast<double>(places));
    for (std::size_t v = 0; v < lost; ++v)
      values(static_cast<Eigen::Index>((static_cast<std::size_t>(lesion) + v) % places), i) = std::nanf("");
  }
  return voxelwise::Stack::of(grid, voxels, values);
}

/// CPU seconds a place of R's nlme and lme4 (refit of a model that is set up), from a script of its own.
void print_peer(double seconds_a_place) {
  FILE* pipe = ::popen("Rscript --vanilla '" IPSI_TESTS_DIR "/bench/voxelwise_peer.R' 2>&1", "r");
  if (pipe == nullptr) return;
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    char name[64];
    double seconds = 0.0;
    if (std::sscanf(line, "%63s %lf", name, &seconds) == 2 && seconds > 0.0)
      fmt::print("  R {:<12} {:10.1f} us a place, {:8.0f} times as long\n", name, 1e6 * seconds,
                 seconds / seconds_a_place);
  }
  ::pclose(pipe);
}

bool fits(const voxelwise::VoxelModel& model, std::size_t places) {
  double cpu = 0.0;
  for (const double part : {0.125, 0.25, 0.5, 1.0}) {
    const auto images = stack(static_cast<std::size_t>(part * static_cast<double>(places)), 400, 0.0);
    const Clock clock;
    if (!voxelwise::fit_stack(model, images, {1}, 2, {})) return false;
    cpu = Clock::now() - clock.cpu;
    clock.print(fmt::format("(1 | cohort), {} places x 400 x 5, p of one column", images.places()));
  }
  print_peer(cpu / static_cast<double>(places));
  const auto images = stack(places, 400, 0.0);
  const Clock clock;
  if (!voxelwise::fit_stack(model, images, {0, 1, 2, 3, 4}, 2, {})) return false;
  clock.print("the same, p of all columns");
  const auto lesions = stack(places, 400, 0.03);
  const Clock again;
  if (!voxelwise::fit_stack(model, lesions, {1}, 2, {})) return false;
  again.print("the same with lesions: 3 % of each image missing");
  return true;
}

/// Growth with groups, a quarter of the places.
bool groups(std::size_t places) {
  const auto images = stack(places / 4, 400, 0.0);
  for (const int cohorts : {7, 28, 100, 200}) {
    const auto model = voxelwise::VoxelModel::make(design(400, cohorts, 5));
    if (!model) return false;
    const Clock clock;
    if (!voxelwise::fit_stack(*model, images, {1}, 2, {})) return false;
    clock.print(fmt::format("{} groups, {} places x 400 x 5", cohorts, images.places()));
  }
  return true;
}

bool permutations(const stats::ModelData& mixed, std::size_t places, int count) {
  using voxelwise::Exchange;
  const auto one = [&](const stats::ModelData& data, const voxelwise::Stack& images, int column, Exchange exchange,
                       int permutations, const voxelwise::Adjacency* near, const std::string& what) {
    voxelwise::PermuteOptions options{.count = permutations, .exchange = exchange, .adjacency = near, .threads = 2};
    const Clock clock;
    const auto result = voxelwise::permute(data, column, images, options, {});
    clock.print(fmt::format("{}, {} permutations", what, permutations));
    return result.has_value();
  };
  const auto images = stack(places, 400, 0.0);
  const auto near = voxelwise::grid_adjacency(images.grid(), images.voxels(), voxelwise::Neighbours::corners);
  const auto one_sample = design(400, 0, 1);
  const int few = std::max(1, count / 20);
  return one(one_sample, images, 0, Exchange::sign_flips, count, nullptr, "sign flips of one sample, largest t") &&
         one(one_sample, images, 0, Exchange::sign_flips, count, &near, "sign flips of one sample, TFCE (26)") &&
         one(mixed, images, 1, Exchange::shuffles, few, &near, "(1 | cohort), shuffles within cohorts, TFCE") &&
         one(mixed, stack(places / 10, 400, 0.03), 1, Exchange::shuffles, few, nullptr,
             "(1 | cohort), a tenth of the places, lesions, shuffles");
}

}  // namespace

int main(int argc, char** argv) {
  const double share = argc > 1 ? std::atof(argv[1]) : 1.0;
  const int count = argc > 2 ? std::atoi(argv[2]) : 1000;
  const auto places = static_cast<std::size_t>(230000 * share);
  const auto mixed = design(400, 28, 5);
  const auto model = voxelwise::VoxelModel::make(mixed);
  if (!model) return fmt::print("{}\n", to_line(model.error())), 1;
  return fits(*model, places) && groups(places) && permutations(mixed, places, count) ? 0 : 1;
}
