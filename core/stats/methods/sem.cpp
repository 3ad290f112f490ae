// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem.h"

#include <fmt/format.h>

#include <memory>

#include "core/base/text.h"
#include "core/spec/method.h"
#include "core/stats/request.h"
#include "core/stats/sem_data.h"
#include "core/stats/sem_diagram.h"

namespace ipsi::stats {
namespace {

std::vector<double> doubles(const Eigen::VectorXd& v) {
  return {v.data(), v.data() + v.size()};
}

table::Table parameter_table(const SemFit& fit, const SemModel& model) {
  std::vector<std::string> lhs, op, rhs, label;
  for (const SemRow& row : model.rows) {
    lhs.push_back(row.lhs);
    op.push_back(row.op);
    rhs.push_back(row.rhs);
    label.push_back(row.op == ":=" ? "" : row.label);
  }
  std::vector<table::Column> columns{table::text("lhs", lhs),
                                     table::text("op", op),
                                     table::text("rhs", rhs),
                                     table::text("label", label),
                                     table::numeric("estimate", doubles(fit.parameters.value)),
                                     table::numeric("se", doubles(fit.parameters.se)),
                                     table::numeric("z", doubles(fit.parameters.z)),
                                     table::numeric("p", doubles(fit.parameters.p)),
                                     table::numeric("ci_low", doubles(fit.parameters.ci_low)),
                                     table::numeric("ci_high", doubles(fit.parameters.ci_high)),
                                     table::numeric("std", doubles(fit.standardized.value)),
                                     table::numeric("std_se", doubles(fit.standardized.se))};
  if (!fit.bootstrap.rows.empty()) {
    std::vector<double> low, high, corrected_low, corrected_high;
    for (const auto& i : fit.bootstrap.rows) {
      low.push_back(i.low);
      high.push_back(i.high);
      corrected_low.push_back(i.corrected_low);
      corrected_high.push_back(i.corrected_high);
    }
    columns.push_back(table::numeric("boot_low", low));
    columns.push_back(table::numeric("boot_high", high));
    columns.push_back(table::numeric("boot_bc_low", corrected_low));
    columns.push_back(table::numeric("boot_bc_high", corrected_high));
  }
  return table::Table::from(std::move(columns)).value_or(table::Table());
}

table::Table effect_table(const SemFit& fit) {
  std::vector<std::string> from, to, kind;
  std::vector<double> value, se, standard, low, high;
  const auto add = [&](const SemEffect& e, const char* name, double v, double s, double std, const auto* interval) {
    from.push_back(e.from);
    to.push_back(e.to);
    kind.emplace_back(name);
    value.push_back(v);
    se.push_back(s);
    standard.push_back(std);
    low.push_back(interval != nullptr ? interval->low : v - 1.959963984540054 * s);
    high.push_back(interval != nullptr ? interval->high : v + 1.959963984540054 * s);
  };
  const bool boot = !fit.bootstrap.total.empty();
  for (std::size_t i = 0; i < fit.effects.size(); ++i) {
    const SemEffect& e = fit.effects[i];
    add(e, "direct", e.direct, e.direct_se, e.direct_std, boot ? &fit.bootstrap.direct[i] : nullptr);
    add(e, "indirect", e.indirect, e.indirect_se, e.indirect_std, boot ? &fit.bootstrap.indirect[i] : nullptr);
    add(e, "total", e.total, e.total_se, e.total_std, boot ? &fit.bootstrap.total[i] : nullptr);
  }
  auto out =
      table::Table::from({table::text("from", from), table::text("to", to), table::text("effect", kind),
                          table::numeric("estimate", value), table::numeric("se", se), table::numeric("ci_low", low),
                          table::numeric("ci_high", high), table::numeric("std", standard)});
  return out.value_or(table::Table());
}

table::Table route_table(const SemFit& fit) {
  std::vector<std::string> route;
  std::vector<double> value, se, standard;
  for (const SemRoute& r : fit.routes) {
    route.push_back(join(r.through, " > "));
    value.push_back(r.value);
    se.push_back(r.se);
    standard.push_back(r.standardized);
  }
  auto out = table::Table::from({table::text("route", route), table::numeric("estimate", value),
                                 table::numeric("se", se), table::numeric("std", standard)});
  return out.value_or(table::Table());
}

std::vector<std::pair<std::string, double>> quantities(const SemFit& fit) {
  const SemMeasures& m = fit.measures;
  return {{"rows", fit.n},
          {"free parameters", m.npar},
          {"chi-square", m.chisq},
          {"df", m.df},
          {"p of chi-square", m.p},
          {"CFI", m.cfi},
          {"TLI", m.tli},
          {"RMSEA", m.rmsea},
          {"RMSEA 90 % low", m.rmsea_low},
          {"RMSEA 90 % high", m.rmsea_high},
          {"p of RMSEA <= 0.05", m.rmsea_p},
          {"SRMR", m.srmr},
          {"log-likelihood", m.logl},
          {"AIC", m.aic},
          {"BIC", m.bic}};
}

struct Read {
  Json options;
  SemModel model;
  SemData data;
  std::size_t rows_given = 0, rows_selected = 0;
};

class Sem final : public spec::Method {
 public:
  const spec::MethodInfo& info() const override {
    static const spec::MethodInfo info{
        .key = "sem",
        .title = "Path model",
        .summary = "Path and structural equation models by maximum likelihood, in lavaan's notation.",
        .options = {spec::integer("bootstrap", 0, 0, 100000,
                                  "Resamples for percentile and bias-corrected intervals; 0 = none"),
                    spec::choice("labels", "std", {"std", "est", "ci"},
                                 "What the path diagram writes: standardised, in data units, or with intervals")},
        .references = {"joreskog1970", "mcardle1984", "rosseel2012", "efron1987"},
        .notation = spec::Notation::paths};
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
    const SemModel& model = request->model;
    auto fit = fit_sem(model, request->data.rows,
                       {.bootstrap = request->options["bootstrap"].get<int>(), .seed = spec.seed}, task);
    if (!fit) return tl::unexpected(fit.error());
    spec::ResultSet out;
    out.json = to_json(*fit, model);
    Json dropped = Json::object();
    for (const auto& d : request->data.dropped) dropped[d.variable] = d.rows;
    out.json["model"] = spec.formula;
    out.json["rows"] = Json{{"given", request->rows_given},
                            {"selected", request->rows_selected},
                            {"used", request->data.used.size()},
                            {"dropped", dropped}};
    out.findings = findings_of(*request);
    out.findings.insert(out.findings.end(), fit->findings.begin(), fit->findings.end());
    out.json["findings"] = out.findings;
    out.usable = fit->converged && fit->identified;
    add_tables(out, *fit, model);
    const std::string labels = request->options["labels"].get<std::string>();
    out.diagrams.push_back(sem_diagram(model, *fit,
                                       labels == "est"  ? DiagramLabels::estimates
                                       : labels == "ci" ? DiagramLabels::intervals
                                                        : DiagramLabels::standardized));
    out.methods_text.push_back(paragraph(*request, *fit));
    out.references = info().references;
    out.manifest = manifest_of(spec, data);
    task.progress(1.0);
    return out;
  }

 private:
  Result<Read> read(const spec::Spec& spec, const table::Table& data) const {
    if (spec.method != info().key)
      return fail(Code::InvalidInput, fmt::format("the spec is for method '{}', not '{}'", spec.method, info().key),
                  "key method", fmt::format("run `ipsi {}`", spec.method));
    auto options = spec::complete(info().options, spec.options);
    if (!options) return tl::unexpected(options.error());
    auto syntax = parse_sem(spec.formula);
    if (!syntax) return tl::unexpected(syntax.error());
    auto model = build_sem(*syntax, data.names());
    if (!model) return tl::unexpected(model.error());
    auto table = requested_table(spec, data);
    if (!table) return tl::unexpected(table.error());
    auto rows = sem_data(*model, *table);
    if (!rows) return tl::unexpected(rows.error());
    return Read{std::move(*options), std::move(*model), std::move(*rows), data.rows(), table->rows()};
  }

  static std::vector<std::string> findings_of(const Read& request) {
    std::vector<std::string> out;
    if (request.rows_selected < request.rows_given)
      out.push_back(fmt::format("{} of {} rows do not fulfil the row condition",
                                request.rows_given - request.rows_selected, request.rows_given));
    for (const auto& d : request.data.dropped)
      out.push_back(fmt::format("{} of {} rows left out: no {}", d.rows, request.rows_selected, d.variable));
    out.insert(out.end(), request.data.remarks.begin(), request.data.remarks.end());
    return out;
  }

  static void add_tables(spec::ResultSet& out, const SemFit& fit, const SemModel& model) {
    const std::string n = fmt::format("n = {}", fit.n);
    const SemBootstrap& boot = fit.bootstrap;
    const std::string intervals =
        boot.used > 0
            ? fmt::format("95 % intervals: normal, and of {} resamples (percentile, bias-corrected)", boot.used)
            : "95 % intervals, expected information";
    out.tables.push_back(
        {"parameters", "Parameters", n + "; " + intervals + "; std by all variables", parameter_table(fit, model)});
    out.tables.push_back({"fit", "Fit (ML)", "", quantity_table(quantities(fit))});
    if (!fit.effects.empty())
      out.tables.push_back({"effects", "Effects along the regressions",
                            n + (boot.used > 0 ? "; percentile intervals" : "; delta method"), effect_table(fit)});
    if (!fit.routes.empty())
      out.tables.push_back({"routes", "Indirect effects by route", n + "; delta method", route_table(fit)});
  }

  static std::string paragraph(const Read& request, const SemFit& fit) {
    const SemMeasures& m = fit.measures;
    std::size_t lost = request.rows_selected - request.data.used.size();
    std::string out = fmt::format(
        "A path model of {} observed{} variables was fitted by maximum likelihood to the covariances of {} complete "
        "rows "
        "({} were left out for missing values). Standard errors come from the expected information, those of defined, "
        "standardised and indirect effects from the delta method; observed predictors are taken as given.",
        request.model.observed.size(),
        request.model.latent.empty() ? "" : fmt::format(" and {} latent", request.model.latent.size()), fit.n, lost);
    if (m.df > 0)
      out += fmt::format(
          " Fit: chi-square {:.2f} on {} df, CFI {:.3f}, TLI {:.3f}, RMSEA {:.3f} (90 % interval {:.3f} to "
          "{:.3f}), SRMR {:.3f}.",
          m.chisq, m.df, m.cfi, m.tli, m.rmsea, m.rmsea_low, m.rmsea_high, m.srmr);
    else
      out += " The model is saturated: its fit cannot be tested.";
    if (fit.bootstrap.used > 0)
      out += fmt::format(" Intervals are also given from {} resamples of rows.", fit.bootstrap.used);
    return out;
  }
};

}  // namespace

std::unique_ptr<spec::Method> make_sem() {
  return std::make_unique<Sem>();
}

}  // namespace ipsi::stats
