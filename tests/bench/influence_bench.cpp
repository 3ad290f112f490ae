// SPDX-License-Identifier: GPL-3.0-or-later
// Refits of a mixed model without each of its rows (404 people, 16 cohorts or so), here and in R's lme4, in one run.
// CPU time; nothing is asserted.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/numeric/random.h"
#include "core/stats/influence.h"
#include "core/table/delimited.h"

namespace {

using namespace ipsi;

double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
}

template <class Work>
double median_ms(int rounds, Work&& work) {
  std::vector<double> ms;
  for (int r = 0; r < rounds; ++r) {
    const double start = cpu_ms();
    work();
    ms.push_back(cpu_ms() - start);
  }
  std::sort(ms.begin(), ms.end());
  return ms[ms.size() / 2];
}

stats::ModelData simulated(Eigen::Index n, int groups, Eigen::Index p) {
  numeric::Stream stream(1);
  stats::ModelData data;
  data.y.resize(n);
  data.x = Eigen::MatrixXd::Ones(n, p);
  stats::RandomPart random;
  random.z = Eigen::MatrixXd::Ones(n, 1);
  random.columns = {"(Intercept)"};
  random.block = {0};
  random.name = "g";
  std::vector<double> u;
  for (int g = 0; g < groups; ++g) {
    random.groups.push_back(std::to_string(g));
    u.push_back(0.6 * stream.normal());
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 1; j < p; ++j) data.x(i, j) = stream.normal();
    random.group.push_back(static_cast<int>(i) % groups);
    data.y(i) = 0.3 * data.x(i, 1) + u[static_cast<std::size_t>(i % groups)] + stream.normal();
  }
  data.random = {random};
  return data;
}

}  // namespace

int main() {
  const std::string file = std::string(IPSI_SHARED_DIR) + "/oracles/stats/lme/stroke_ipsi_lv_interact/data.csv";
  table::TypeOptions types;
  types.factors["sex"] = {"F", "M"};
  const auto given = table::read_table(file, types);
  if (given) {
    auto column = **given->require("cohort");
    std::vector<std::string> names;
    for (std::size_t r = 0; r < given->rows(); ++r) names.push_back(column.cell(r));
    const auto data = given->with(table::text("cohort", names));
    const auto formula = stats::parse_formula("volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort)");
    const auto design = stats::make_design(*formula, *data);
    if (!design) return fmt::print(stderr, "{}\n", to_line(design.error())), 1;
    const auto fit = stats::fit_lme(design->data);
    Eigen::VectorXd cooks;
    const auto rows = [&] { cooks = stats::influence(design->data, *fit, {.groups = false})->observation.cooks; };
    const double before = median_ms(21, rows);
    std::string peer;
    const std::string command =
        fmt::format("Rscript --vanilla '{}/bench/influence_peer.R' '{}' 2>&1", IPSI_TESTS_DIR, file);
    if (FILE* pipe = ::popen(command.c_str(), "r")) {
      char line[512];
      while (std::fgets(line, sizeof line, pipe) != nullptr) peer += line;
      ::pclose(pipe);
    }
    const double after = median_ms(21, rows);
    const double counted = median_ms(21, [&] { (void)stats::count_influential(design->data, *fit); });
    const double all = median_ms(21, [&] { cooks = stats::influence(design->data, *fit)->observation.cooks; });
    fmt::print("{} refits, n = {}, {} cohorts, {} columns\n", fit->n, fit->n, fit->n_groups, design->data.x.cols());
    fmt::print("ipsi, without each row             {:>9.2f} ms (after the peer: {:.2f})\n", before, after);
    fmt::print("ipsi, and without each cohort      {:>9.2f} ms\n", all);
    fmt::print("ipsi, counts above 4/n and 4/G     {:>9.2f} ms\n", counted);
    std::istringstream in(peer);
    double ms = 0.0, largest = 0.0, off = 0.0, value = 0.0;
    if (in >> ms) {
      for (Eigen::Index i = 0; i < cooks.size() && in >> value; ++i) {
        off = std::max(off, std::abs(value - cooks(i)));
        largest = std::max(largest, value);
      }
      fmt::print("lme4::influence                    {:>9.2f} ms   {:.0f} x\n", ms, ms / after);
      fmt::print("largest difference of Cook's distance {:.1e} of the largest\n", off / largest);
    } else {
      fmt::print("no R here, so no peer: {}\n", peer);
    }
  } else {
    fmt::print("{}; no peer\n", to_line(given.error()));
  }

  fmt::print("\n{:>8} {:>8} {:>8} {:>12} {:>16}\n", "rows", "groups", "columns", "ms", "us a deletion");
  for (const auto& [n, groups, p] : {std::array{200, 16, 5},
                                     {400, 16, 5},
                                     {1600, 16, 5},
                                     {6400, 16, 5},
                                     {1600, 4, 5},
                                     {1600, 64, 5},
                                     {1600, 256, 5},
                                     {1600, 16, 10},
                                     {1600, 16, 20}}) {
    const stats::ModelData data = simulated(n, groups, p);
    const auto fit = stats::fit_lme(data);
    const double ms = median_ms(5, [&] { (void)stats::influence(data, *fit); });
    fmt::print("{:>8} {:>8} {:>8} {:>12.2f} {:>16.2f}\n", n, groups, p, ms, 1e3 * ms / (n + groups));
  }
  return 0;
}
