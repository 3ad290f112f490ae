// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/anova.h"

#include <fmt/format.h>

#include <memory>

#include "core/spec/method.h"
#include "core/stats/request.h"

namespace ipsi::stats {
namespace {

table::Table shown(const AnovaTable& anova) {
  std::vector<std::string> term;
  std::vector<double> sum_sq, df, f, p, eta;
  for (const AnovaTable::Row& row : anova.rows) {
    term.push_back(row.term);
    sum_sq.push_back(row.sum_sq);
    df.push_back(row.df);
    f.push_back(row.f);
    p.push_back(row.p);
    eta.push_back(row.partial_eta2);
  }
  return table::Table::from({table::text("term", term), table::numeric("sum_sq", sum_sq), table::numeric("df", df),
                             table::numeric("F", f), table::numeric("p", p), table::numeric("partial_eta2", eta)})
      .value_or(table::Table());
}

class AnovaMethod final : public spec::Method {
 public:
  const spec::MethodInfo& info() const override {
    static const spec::MethodInfo info{.key = "anova",
                                       .title = "Analysis of variance",
                                       .summary = "ANOVA and ANCOVA with sums of squares of types I, II and III.",
                                       .options = {},
                                       .references = {"chambers1992", "wilkinson1973", "fox2019"}};
    return info;
  }

  Result<void> check(const spec::Spec& spec, const table::Table& data) const override {
    auto request = read(spec, data);
    if (!request) return tl::unexpected(request.error());
    return {};
  }

  Result<spec::ResultSet> run(const spec::Spec& spec, const table::Table& data, const Task& task) const override {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    auto request = read(spec, data);
    if (!request) return tl::unexpected(request.error());
    auto table = requested_table(spec, data);
    if (!table) return tl::unexpected(table.error());
    const auto result = anova(request->formula, *table);
    if (!result) return tl::unexpected(result.error());
    spec::ResultSet out;
    out.json = to_json(*result);
    add_request(out.json, spec, *request);
    out.findings = dropped_findings(*request);
    out.json["findings"] = out.findings;
    const std::string of = "Variance of " + request->design.response;
    out.tables.push_back({"type1", of + ", type I", "each term after those before it", shown(result->type1)});
    out.tables.push_back(
        {"type2", of + ", type II", "each term after all that do not contain it", shown(result->type2)});
    out.tables.push_back(
        {"type3", of + ", type III", "each term after all others; sum-to-zero contrasts", shown(result->type3)});
    out.methods_text.push_back(fmt::format(
        "The linear model {} was fitted to {} rows ({} left out for missing values) and its terms tested by F tests "
        "with "
        "sums of squares of types I, II and III (the last with sum-to-zero contrasts of factors); effect sizes are "
        "partial eta squared.",
        spec.formula, result->n, request->design.rows_dropped()));
    out.references = info().references;
    out.manifest = manifest_of(spec, data);
    task.progress(1.0);
    return out;
  }

 private:
  Result<Request> read(const spec::Spec& spec, const table::Table& data) const {
    auto request = prepare(info(), spec, data);
    if (request && !request->design.data.random.empty())
      return fail(Code::InvalidInput,
                  fmt::format("the formula has a random term ({})", request->formula.random[0].text), "formula",
                  "run `ipsi lme`, or take it out");
    return request;
  }
};

}  // namespace

std::unique_ptr<spec::Method> make_anova() {
  return std::make_unique<AnovaMethod>();
}

}  // namespace ipsi::stats
