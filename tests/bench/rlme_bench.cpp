// SPDX-License-Identifier: GPL-3.0-or-later
// Robust mixed models of the oracle's 404 people, here and (where R has it) by robustlmm, in one run. CPU time of this
// process, median and quartiles; nothing is asserted. robustlmm is not in Debian: without it the seconds that the
// oracle's makers measured on such a machine are what we are held against.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stats/rlme.h"
#include "core/table/delimited.h"

namespace {

using namespace ipsi;

constexpr double kTau = 1280.0, kVar = 380.0;  // ms of robustlmm 3.2-2

double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
}

void measure(const stats::ModelData& data, stats::ScaleEstimator scale, const char* name, double peer) {
  std::vector<double> ms;
  int evaluations = 0;
  for (int i = 0; i < 41; ++i) {
    const double start = cpu_ms();
    const auto fit = stats::fit_rlme(data, {.scale = scale});
    ms.push_back(cpu_ms() - start);
    if (fit) evaluations = fit->evaluations;
  }
  std::sort(ms.begin(), ms.end());
  fmt::print("{:<10} n {}  median {:8.2f} ms  quartiles {:.2f} .. {:.2f}  {} evaluations  peer {:.0f} ms: {:.0f} x\n",
             name, data.y.size(), ms[20], ms[10], ms[30], evaluations, peer, peer / ms[20]);
}

double peer_ms(const std::string& file, const char* method) {
  const std::string command = fmt::format(
      "Rscript --vanilla -e \"if (!requireNamespace('robustlmm', quietly=TRUE)) quit(); d <- read.csv('{}'); "
      "d\\$cohort <- factor(d\\$cohort); f <- volume_z ~ primary_score + age_z + icv_z + sex + (1|cohort); "
      "t <- system.time(robustlmm::rlmer(f, d, method='{}')); cat(1000*sum(t[1:2]))\" 2>/dev/null",
      file, method);
  double ms = 0.0;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%lf", &ms) != 1) ms = 0.0;
    ::pclose(pipe);
  }
  return ms;
}

}  // namespace

int main() {
  const std::string file = std::string(IPSI_SHARED_DIR) + "/oracles/stats/robust_lme/stroke_ipsi_lv_contam/data.csv";
  if (!std::filesystem::exists(file)) return fmt::print("no {}: nothing to time\n", file), 0;
  const auto sheet = table::read_sheet(file);
  auto data = sheet ? table::to_table(*sheet) : Result<table::Table>(tl::unexpected<Error>(sheet.error()));
  if (!data) return fmt::print(stderr, "{}\n", to_line(data.error())), 1;
  if (const auto* cohort = data->find("cohort"); cohort->kind == table::Column::Kind::numeric) {
    auto names = table::text("cohort", {});
    for (const double c : cohort->values) names.texts.push_back(fmt::format("{}", c));
    data = data->with(names);
  }
  const auto formula = stats::parse_formula("volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort)");
  const auto design = stats::make_design(*formula, *data);
  if (!design) return fmt::print(stderr, "{}\n", to_line(design.error())), 1;
  const double tau = peer_ms(file, "DAStau"), var = peer_ms(file, "DASvar");
  fmt::print("{}\n",
             tau > 0.0 ? "robustlmm in this run" : "no robustlmm here: against 1280 and 380 ms, as measured once");
  measure(design->data, stats::ScaleEstimator::das_tau, "DAStau", tau > 0.0 ? tau : kTau);
  measure(design->data, stats::ScaleEstimator::das_var, "DASvar", var > 0.0 ? var : kVar);
  return 0;
}
