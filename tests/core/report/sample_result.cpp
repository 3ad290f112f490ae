// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/report/sample_result.h"

#include <cmath>
#include <utility>

namespace ipsi::test {
namespace {

using table::kMissing;

table::Table made(std::vector<table::Column> columns) {
  return *table::Table::from(std::move(columns));
}

table::Table results() {
  return made({table::text("analysis", {"chronic", "chronic", "chronic"}),
               table::text("subset", {"chronic", "chronic", "chronic"}),
               table::text("predictor", {"primary_score", "primary_score", "primary_score"}),
               table::text("side", {"ipsilesional", "ipsilesional", "contralesional"}),
               table::text("region", {"putamen", "accumbens", "putamen"}),
               table::numeric("n", {207, 289, 0}),
               table::numeric("n_cohorts", {20, 21, 0}),
               table::numeric("beta", {1.0163416376104306, -0.001, kMissing}),
               table::numeric("ci_low", {0.49435337126894352, -0.4, kMissing}),
               table::numeric("ci_high", {1.5383299039519178, 0.398, kMissing}),
               table::numeric("se", {0.26460184257327962, 0.2, kMissing}),
               table::numeric("df", {183, 264, kMissing}),
               table::numeric("t", {3.8410225254911516, -0.005, kMissing}),
               table::numeric("p", {0.00016766214159309313, 0.996, kMissing}),
               table::numeric("p_adjusted", {0.0020119456991171177, 1.0, kMissing}),
               table::logical("significant", {1, 0, kMissing}),
               table::numeric("d", {0.56176677066856562, -0.0006, kMissing}),
               table::text("significant_covariates", {"age;icv", "", ""}),
               table::numeric("lrt_chisq", {12.25, INFINITY, kMissing}),
               table::numeric("lrt_p", {0.00046, 0.0, kMissing}),
               table::numeric("vif_max", {1.4, 1.5, kMissing}),
               table::logical("converged", {1, 1, 0}),
               table::text("notes", {"left out: 158 lesioned", "", "everyone is <left out> & gone"})});
}

}  // namespace

spec::ResultSet sample_result() {
  spec::ResultSet out;
  out.json = Json{{"title", "Volumes & <scores>"},
                  {"question", "Is it \"so\"?"},
                  {"study", "a<b>&c.ipsi"},
                  {"synthetic", true},
                  {"analyses", Json::array({Json{{"id", "chronic"},
                                                 {"title", "Chronic <180 d & more>"},
                                                 {"response", {{"scale", "z"}}},
                                                 {"correction", {{"kind", "bonferroni"}, {"family", 12}}},
                                                 {"alpha", 0.05}}})}};
  out.tables.push_back({"results", "Results", "A row per model.", results()});
  out.tables.push_back(
      {"table1", "Cohorts", "",
       made({table::text("cohort_id", {"<script>alert(1)</script>", "R&D \"x\""}), table::numeric("n", {1234, 2}),
             table::numeric("females", {10, 1}), table::numeric("age_median", {61.25, 70})})});
  out.tables.push_back({"flow", "Flow", "",
                        made({table::text("section", {"study", "subset"}), table::text("step", {"Imported", "Chronic"}),
                              table::text("detail", {"all <rows>", ""}), table::numeric("n", {1285, 404}),
                              table::numeric("out", {0, 424})})});
  spec::Figure figure;
  figure.id = "forest_chronic";
  figure.title = "Chronic";
  figure.alt = "One \"passes\" & <one> not.";
  figure.caption = "n 207 to 289";
  figure.x.range = std::pair{-1.0, 2.0};
  figure.horizontal = true;
  spec::Series series;
  series.kind = spec::Series::Kind::intervals;
  series.x = {1.0, -0.001};
  series.y = {0, 1};
  series.low = {0.5, -0.4};
  series.high = {1.5, kMissing};
  series.filled = {true, false};
  figure.series = {series};
  figure.lines = {{true, 0.0, ""}};
  out.figures = {figure};
  out.findings = {"putamen: singular & so on <x>"};
  out.methods_text = {"p < 0.05 & d > 0."};
  out.references = {"pinheiro2000", "an unknown <key>"};
  out.manifest = Json{{"last_act", 12}, {"versions", {{"ipsi", "0.1.0"}}}};
  return out;
}

}  // namespace ipsi::test
