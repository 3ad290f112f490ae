// SPDX-License-Identifier: GPL-3.0-or-later
// Two crossed random intercepts on lme4's InstEval (73,421 rows, 2,972 students, 1,128 lecturers), beside lmer in the
// same run: CPU seconds of both, and how far the estimates are apart. Needs R with lme4, which brings the data.
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <string>

#include "core/stats/lme.h"
#include "core/table/delimited.h"

namespace {

using namespace ipsi;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

int main() {
  const std::string csv =
      (std::filesystem::temp_directory_path() / fmt::format("insteval_{}.csv", ::getpid())).string();
  const std::string command = fmt::format("Rscript --vanilla '{}/bench/lmm_peer.R' '{}' 2>&1", IPSI_TESTS_DIR, csv);
  std::string said;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) said += line;
    ::pclose(pipe);
  }
  double seconds = 0.0, log_likelihood = 0.0, beta = 0.0, se = 0.0, sigma = 0.0;
  std::istringstream in(said);
  if (!(in >> seconds >> log_likelihood >> beta >> se >> sigma))
    return fmt::print("no R with lme4 here: {}\n", said), std::filesystem::remove(csv), 0;
  const auto data = table::read_table(csv, {});
  std::filesystem::remove(csv);
  if (!data) return fmt::print(stderr, "{}\n", to_line(data.error())), 1;
  const auto formula = stats::parse_formula("y ~ service + (1 | d) + (1 | s)");
  for (int round = 0; round < 2; ++round) {
    const double start = cpu_seconds();
    const auto design = stats::make_design(*formula, *data);
    if (!design) return fmt::print(stderr, "{}\n", to_line(design.error())), 1;
    const double middle = cpu_seconds();
    const auto fit = stats::fit_lme(design->data);
    const double end = cpu_seconds();
    if (!fit) return fmt::print(stderr, "{}\n", to_line(fit.error())), 1;
    fmt::print("{} rows, {} and {} levels; {} evaluations\n", fit->n, fit->n_groups, fit->further[0].blups.rows(),
               fit->evaluations);
    fmt::print("lme4::lmer {:.2f} s   ipsi {:.2f} s (design {:.2f}, fit {:.2f})   {:.1f} x\n", seconds, end - start,
               middle - start, end - middle, seconds / (end - start));
    fmt::print("log-likelihood {:.8f} (ours {:+.1e}), beta {:+.1e}, se {:+.1e}, sigma {:+.1e} relative\n",
               log_likelihood, fit->log_likelihood - log_likelihood, fit->coefficients.value(1) / beta - 1.0,
               fit->coefficients.se(1) / se - 1.0, fit->sigma / sigma - 1.0);
  }
  return 0;
}
