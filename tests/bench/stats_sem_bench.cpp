// SPDX-License-Identifier: GPL-3.0-or-later
// PoliticalDemocracy from its text to measures, standardised solution and effects, here and by lavaan where R has it,
// in one run. CPU time, median of rounds; nothing is asserted. stats_sem_bench [DATA.csv]
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "core/stats/sem.h"
#include "core/stats/sem_data.h"
#include "core/table/delimited.h"

int main(int argc, char** argv) {
  using namespace ipsi;
  const std::string file = argc > 1 ? argv[1] : IPSI_SHARED_DIR "/oracles/stats/sem/political_democracy/data.csv";
  const auto data = table::read_table(file, {});
  if (!data) return fmt::print("no data: {}\n", to_line(data.error())), 0;
  const std::string text =
      "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem60 ~ ind60\n"
      "dem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8";
  int iterations = 0;
  const auto cpu = [] { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  std::vector<double> ms;
  for (int round = 0; round < 41; ++round) {
    const double start = cpu();
    for (int i = 0; i < 20; ++i) {
      const auto model = stats::build_sem(*stats::parse_sem(text), data->names());
      const auto fit = stats::fit_sem(*model, stats::sem_data(*model, *data)->rows);
      iterations = fit->iterations;
    }
    ms.push_back((cpu() - start) / 20.0);
  }
  std::sort(ms.begin(), ms.end());
  fmt::print("ipsi    {:.3f} ms (quartiles {:.3f} .. {:.3f}), {} steps\n", ms[20], ms[10], ms[30], iterations);
  const std::string command =
      fmt::format("Rscript --vanilla '{}/bench/sem_peer.R' '{}' 9 2>/dev/null", IPSI_TESTS_DIR, file);
  double peer = 0.0;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%lf", &peer) != 1) peer = 0.0;
    ::pclose(pipe);
  }
  if (peer > 0.0)
    fmt::print("lavaan  {:.1f} ms, {:.0f} times\n", peer, peer / ms[20]);
  else
    fmt::print("no R with lavaan here, so no peer\n");
}
