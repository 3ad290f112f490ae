// SPDX-License-Identifier: GPL-3.0-or-later
// One mixed model of the published kind (chronic, ipsilesional putamen: 207 people, 16 cohorts), here and in R, in one
// run. Times are CPU time of this thread; what is printed is the median and the quartiles over rounds. Nothing is
// asserted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stats/lme.h"
#include "core/table/delimited.h"

namespace {

using namespace ipsi;

double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
}

struct Timing {
  double median = 0.0, low = 0.0, high = 0.0;
};

template <class Work>
std::vector<double> measure(int rounds, int batch, Work&& work) {
  std::vector<double> out;
  for (int r = 0; r < rounds; ++r) {
    const double start = cpu_ms();
    for (int i = 0; i < batch; ++i) work();
    out.push_back((cpu_ms() - start) / batch);
  }
  return out;
}

Timing summary(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const std::size_t n = ms.size();
  return {ms[n / 2], ms[n / 4], ms[3 * n / 4]};
}

void print(const std::string& name, const Timing& t, double against) {
  fmt::print("{:<34} {:>10.2f} us   quartiles {:.2f} .. {:.2f}   {:>8.1f} x\n", name, 1e3 * t.median, 1e3 * t.low,
             1e3 * t.high, against / t.median);
}

}  // namespace

int main() {
  const std::string folder = std::string(IPSI_TESTS_DIR) + "/reference/stats/lme/stroke_ipsi_put";
  table::TypeOptions types;
  types.factors["sex"] = {"F", "M"};
  types.factors["cohort"] = {"1",  "2",  "7",  "11", "12", "13", "15", "17",
                             "18", "19", "20", "28", "32", "34", "35", "38"};
  const auto data = table::read_table(folder + "/data.csv", types);
  if (!data) return fmt::print(stderr, "{}\n", to_line(data.error())), 1;
  const std::string text = "volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort)";
  const auto formula = stats::parse_formula(text);
  const auto design = stats::make_design(*formula, *data);
  if (!design) return fmt::print(stderr, "{}\n", to_line(design.error())), 1;

  double keep = 0.0;
  const auto fit = [&] { keep += stats::fit_lme(design->data)->coefficients.value(1); };
  const auto whole = [&] {
    const auto parsed = stats::parse_formula(text);
    const auto made = stats::make_design(*parsed, *data);
    keep += stats::fit_lme(made->data)->coefficients.value(1);
  };
  constexpr int kRounds = 41, kBatch = 50;
  fit();
  whole();
  std::vector<double> fits = measure(kRounds, kBatch, fit);
  std::vector<double> wholes = measure(kRounds, kBatch, whole);

  std::string peers;
  const std::string command =
      fmt::format("Rscript --vanilla '{}/bench/lme_peer.R' '{}/data.csv' 15 2>&1", IPSI_TESTS_DIR, folder);
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) peers += line;
    ::pclose(pipe);
  }
  // Half of our rounds before R and half after: a machine that slows down in between shows in the quartiles.
  const auto more_fits = measure(kRounds, kBatch, fit);
  const auto more_wholes = measure(kRounds, kBatch, whole);
  fits.insert(fits.end(), more_fits.begin(), more_fits.end());
  wholes.insert(wholes.end(), more_wholes.begin(), more_wholes.end());

  const auto ours = stats::fit_lme(design->data);
  fmt::print("{}\nn = {}, cohorts = {}, REML; CPU time a fit, median of {} rounds\n\n", text, ours->n, ours->n_groups,
             2 * kRounds);
  double nlme = 0.0;
  std::istringstream lines(peers);
  std::string name;
  double median = 0.0, low = 0.0, high = 0.0, beta = 0.0, se = 0.0;
  bool any = false;
  while (lines >> name >> median >> low >> high >> beta >> se) {
    if (!any) nlme = median;
    any = true;
    print(name, {median, low, high}, nlme);
    fmt::print("{:<34} beta {:.10f}  se {:.10f}  (ours: {:+.1e}, {:+.1e} relative)\n", "", beta, se,
               ours->coefficients.value(1) / beta - 1.0, ours->coefficients.se(1) / se - 1.0);
  }
  if (!any) fmt::print("no R here, so no peer: {}\n", peers.empty() ? "Rscript said nothing" : peers);
  print("ipsi, formula + design + fit", summary(wholes), nlme);
  print("ipsi, fit (with LRT, VIF, BLUPs, CI)", summary(fits), nlme);
  fmt::print("likelihood evaluations: {}; 84 such models: {:.2f} ms\n", ours->evaluations,
             84.0 * summary(wholes).median);
  return std::isfinite(keep) ? 0 : 1;
}
