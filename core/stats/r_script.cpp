// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/r_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "core/base/text.h"
#include "core/stats/registry.h"
#include "core/stats/request.h"
#include "core/stats/sem_data.h"
#include "core/table/delimited.h"

namespace ipsi::stats {
namespace {

constexpr const char* kHead = R"(# {title}
# Written by Ipsi. Run it with: Rscript {name}.R
# It reads {name}.csv beside it ({rows} rows, those of the model), fits the model again and compares.
file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(file)) dirname(file[1]) else getwd()
d <- read.csv(file.path(here, "{name}.csv"), check.names = FALSE, na.strings = "", colClasses = c({classes}))
{factors})";

constexpr const char* kChecks = R"(
wrong <- 0L
check <- function(what, got, want, relative, absolute = 0) {
  off <- abs(as.numeric(got) - want)
  ok <- length(got) == length(want) && all(is.na(want) | (!is.na(off) & off <= relative * abs(want) + absolute))
  cat(sprintf("%-16s %-8s largest difference %.1e\n", what, if (ok) "agrees" else "DIFFERS", suppressWarnings(max(off, na.rm = TRUE))))
  if (!ok) wrong <<- wrong + 1L
}
)";

constexpr const char* kEnd = R"(
if (wrong > 0L) stop(sprintf("%d of the lines above differ from Ipsi's numbers", wrong), call. = FALSE)
)";

/// A text as R writes it.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c != '\r') out += c;
  }
  return out + "\"";
}

std::string vector_of(const std::vector<std::string>& items) {
  std::string out = "c(";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i > 0 ? (i % 6 == 0 ? ",\n  " : ", ") : "") + items[i];
  return out + ")";
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(quoted(text));
  return vector_of(items);
}

std::string one_number(const Json& value) {
  if (!value.is_number()) return "NA";
  return format_double(value.get<double>());
}
std::string numbers_list(const Json& values) {
  std::vector<std::string> items;
  for (const Json& v : values) items.push_back(one_number(v));
  return vector_of(items);
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

/// Reading of the rows: classes of the columns, factors with their levels in order.
std::string head_of(const table::Table& rows, const std::string& title, const std::string& name) {
  std::string classes, factors;
  for (std::size_t c = 0; c < rows.columns(); ++c) {
    const table::Column& column = rows.column(c);
    const bool is_number = column.kind == table::Column::Kind::numeric;
    classes +=
        fmt::format("{}{} = \"{}\"", c > 0 ? ", " : "", quoted(column.name), is_number ? "numeric" : "character");
    if (is_number) continue;
    std::vector<std::string> levels;
    for (const std::string& level : column.kind == table::Column::Kind::text
                                        ? table::levels_of(column)
                                        : std::vector<std::string>{"false", "true"})
      for (std::size_t r = 0; r < rows.rows(); ++r)
        if (column.cell(r) == level) {
          levels.push_back(level);
          break;
        }
    factors += fmt::format("d[[{0}]] <- factor(d[[{0}]], levels = {1})\n", quoted(column.name), quoted_list(levels));
  }
  return fmt::format(fmt::runtime(kHead), fmt::arg("title", one_line(title)), fmt::arg("name", name),
                     fmt::arg("rows", rows.rows()), fmt::arg("classes", classes), fmt::arg("factors", factors));
}

std::string needs(const std::string& package) {
  return fmt::format(
      "if (!requireNamespace(\"{0}\", quietly = TRUE)) {{\n  cat(\"{0} is not installed, so nothing was compared: "
      "install.packages(\\\"{0}\\\")\\n\")\n  quit(save = \"no\")\n}}\n",
      package);
}

// ---- linear and mixed models ----

std::string fixed_formula(const Formula& formula) {
  std::string out =
      formula.variables[static_cast<std::size_t>(formula.response)] + " ~ " + (formula.intercept ? "1" : "0");
  for (const TermBits term : formula.terms)
    if (term != 0) out += " + " + formula.label(term);
  return out;
}

/// @param se  standard errors that R should find, in which estimates are measured
std::string compare(const Json& value, const Json& se, double accuracy, const std::string& value_of,
                    const std::string& se_of) {
  return fmt::format("se <- {}\ncheck(\"estimates\", {}, {}, 0, {} * se)\ncheck(\"standard errors\", {}, se, {})\n",
                     numbers_list(se), value_of, numbers_list(value), accuracy, se_of, accuracy);
}

std::string lm_body(const Request& request, const Json& result) {
  const auto weights = request.options["weights"].get<std::string>();
  std::string out = fmt::format("fit <- lm({}, data = d{})\nprint(summary(fit))\n", fixed_formula(request.formula),
                                weights.empty() ? "" : fmt::format(", weights = d[[{}]]", quoted(weights)));
  out += kChecks;
  const Json& c = result["coefficients"];
  out += compare(c["value"], c["se"], 1e-6, "coef(fit)", "coef(summary(fit))[, 2]");
  return out + fmt::format("check(\"p\", coef(summary(fit))[, 4], {}, 1e-5, 1e-12)\n", numbers_list(c["p"]));
}

std::string nlme_text(const std::string& fixed, const std::string& random, const Json& result) {
  std::string out = needs("nlme") + "library(nlme)\n";
  out += fmt::format(
      "fit <- lme({}, random = {}, data = d, method = \"{}\", control = lmeControl(maxIter = 200, msMaxIter = 500, "
      "msMaxEval = 5000))\n"
      "print(summary(fit))\n",
      fixed, random, result["method"].get<std::string>());
  out += kChecks;
  const Json& f = result["fixed"];
  out += "table <- summary(fit)$tTable\n";
  out += compare(f["value"], f["se"], 1e-4, "fixef(fit)", "table[, 2]");
  // nlme counts containment degrees of freedom, which is what ours are unless another kind was asked for.
  out += fmt::format("check(\"df\", table[, 3], {}, 0)\n", numbers_list(f["df"]));
  out += fmt::format("check(\"sigma\", fit$sigma, {}, 1e-4)\n", one_number(result["sigma"]));
  return out +
         fmt::format("check(\"log-likelihood\", as.numeric(logLik(fit)), {}, 0, 1e-5)\n", one_number(result["logLik"]));
}

std::string lmer_text(const std::string& formula, const std::string& weights, const Json& result) {
  std::string out = needs("lme4") + "library(lme4)\n";
  out += fmt::format("fit <- lmer({}, data = d, REML = {}{})\nprint(summary(fit))\n", formula,
                     result["method"] == "REML" ? "TRUE" : "FALSE",
                     weights.empty() ? "" : fmt::format(", weights = d[[{}]]", quoted(weights)));
  out += kChecks;
  Json se = Json::array();
  for (std::size_t i = 0; i < result["vcov"].size(); ++i) se.push_back(std::sqrt(result["vcov"][i][i].get<double>()));
  out += compare(result["fixed"]["value"], se, 1e-3, "fixef(fit)", "sqrt(diag(as.matrix(vcov(fit))))");
  out += fmt::format("check(\"sigma\", sigma(fit), {}, 1e-3)\n", one_number(result["sigma"]));
  return out +
         fmt::format("check(\"log-likelihood\", as.numeric(logLik(fit)), {}, 0, 1e-4)\n", one_number(result["logLik"]));
}

std::string lme_body(const spec::Spec& spec, const Request& request, const Json& result, const table::Table& rows) {
  const auto& random = request.formula.random;
  const auto weights = request.options["weights"].get<std::string>();
  // nlme counts our degrees of freedom; with slopes or several groups lme4 finds the maximum more reliably.
  const bool intercept = weights.empty() && random.size() == 1 && random[0].terms.empty() && random[0].intercept &&
                         rows.find(random[0].group) != nullptr && request.design.data.random.size() == 1;
  if (!intercept) return lmer_text(one_line(spec.formula), weights, result);
  return nlme_text(fixed_formula(request.formula), "~ 1 | " + random[0].group, result);
}

std::string rlme_body(const spec::Spec& spec, const Json& result) {
  std::string out = needs("robustlmm");
  out += fmt::format(
      "fit <- robustlmm::rlmer({}, data = d, method = \"{}\", rel.tol = 1e-10, max.iter = 3000)\nprint(summary(fit))\n",
      one_line(spec.formula), result["method"].get<std::string>());
  out += kChecks;
  const Json& f = result["fixed"];
  out += compare(f["value"], f["se"], 1e-3, "lme4::fixef(fit)", "sqrt(diag(as.matrix(vcov(fit))))");
  return out + fmt::format("check(\"sigma\", sigma(fit), {}, 1e-3)\n", one_number(result["sigma"]));
}

/// nlme takes no other names, not even in backticks: "score:lesion_sideright" becomes "score_lesion_sideright".
std::string plain_name(std::string name) {
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_') c = '_';
  return name;
}

const char* const kRFunctions = "z <- function(x) (x - mean(x)) / sd(x)\n";

Result<RScript> linear_script(const spec::MethodInfo& info, const spec::Spec& spec, const table::Table& data,
                              const Json& result, const std::string& name) {
  const std::string weights = info.key == "rlme" ? "" : "weights";
  auto request = prepare(info, spec, data, weights);
  if (!request) return tl::unexpected(request.error());
  auto table = requested_table(spec, data);
  if (!table) return tl::unexpected(table.error());
  std::vector<std::string> columns = request->formula.columns_used();
  if (!weights.empty())
    if (auto w = request->options["weights"].get<std::string>();
        !w.empty() && std::find(columns.begin(), columns.end(), w) == columns.end())
      columns.push_back(w);
  auto rows = table->select(request->design.rows).with_only(columns);
  if (!rows) return tl::unexpected(rows.error());
  RScript out;
  out.csv = table::to_delimited(*rows);
  out.code = head_of(*rows, info.title + ": " + spec.formula, name) + kRFunctions;
  out.code += info.key == "lm"    ? lm_body(*request, result)
              : info.key == "lme" ? lme_body(spec, *request, result, *rows)
                                  : rlme_body(spec, result);
  out.code += kEnd;
  return out;
}

// ---- path models ----

Result<RScript> sem_script(const spec::MethodInfo& info, const spec::Spec& spec, const table::Table& data,
                           const Json& result, const std::string& name) {
  auto syntax = parse_sem(spec.formula);
  if (!syntax) return tl::unexpected(syntax.error());
  auto model = build_sem(*syntax, data.names());
  if (!model) return tl::unexpected(model.error());
  auto table = requested_table(spec, data);
  if (!table) return tl::unexpected(table.error());
  auto used = sem_data(*model, *table);
  if (!used) return tl::unexpected(used.error());
  std::vector<table::Column> columns;
  for (std::size_t j = 0; j < model->observed.size(); ++j) {
    const auto column = used->rows.col(static_cast<Eigen::Index>(j));
    columns.push_back(table::numeric(model->observed[j], {column.begin(), column.end()}));
  }
  auto rows = table::Table::from(std::move(columns));
  if (!rows) return tl::unexpected(rows.error());
  RScript out;
  out.csv = table::to_delimited(*rows);
  out.code = head_of(*rows, info.title, name) + needs("lavaan");
  out.code += fmt::format(
      "model <- {}\nfit <- lavaan::sem(model, data = d)\nprint(lavaan::summary(fit, fit.measures = TRUE, "
      "standardized = TRUE))\n",
      quoted(spec.formula));
  out.code += kChecks;
  const Json& p = result["parameters"];
  out.code += fmt::format(
      "want <- data.frame(lhs = {}, op = {},\n  rhs = {})\n", quoted_list(p["lhs"].get<std::vector<std::string>>()),
      quoted_list(p["op"].get<std::vector<std::string>>()), quoted_list(p["rhs"].get<std::vector<std::string>>()));
  out.code +=
      "got <- lavaan::parameterEstimates(fit)\n"
      "i <- match(paste(want$lhs, want$op, want$rhs), paste(got$lhs, got$op, got$rhs))\n"
      "j <- match(paste(want$rhs, want$op, want$lhs), paste(got$lhs, got$op, got$rhs))\n"
      "i[is.na(i) & want$op == \"~~\"] <- j[is.na(i) & want$op == \"~~\"]\n";
  out.code += fmt::format(
      "se <- {}\ncheck(\"estimates\", got$est[i], {}, 1e-6, 1e-4 * ifelse(is.na(se), 0, se))\n"
      "check(\"standard errors\", got$se[i], se, 1e-4, 1e-9)\n",
      numbers_list(p["se"]), numbers_list(p["est"]));
  std::vector<std::string> keys{"chisq", "df", "cfi", "tli", "rmsea", "srmr"};
  Json values = Json::array();
  for (const std::string& key : keys) values.push_back(result["fit"][key]);
  out.code += fmt::format("check(\"fit measures\", lavaan::fitMeasures(fit)[{}], {}, 1e-5, 1e-5)\n", quoted_list(keys),
                          numbers_list(values));
  out.code += kEnd;
  return out;
}

}  // namespace

Result<RScript> r_script(const spec::Spec& spec, const table::Table& data, const Json& result,
                         const std::string& name) {
  static constexpr std::array<const char*, 4> kPeers{"lm", "lme", "rlme", "sem"};
  if (std::find(kPeers.begin(), kPeers.end(), spec.method) == kPeers.end())
    return fail(Code::InvalidInput, fmt::format("there is no R script of '{}'", spec.method), "",
                "lm, lme, rlme and sem have one");
  for (const auto& method : methods()) {
    if (method->info().key != spec.method) continue;
    return spec.method == "sem" ? sem_script(method->info(), spec, data, result, name)
                                : linear_script(method->info(), spec, data, result, name);
  }
  return fail(Code::NotFound, fmt::format("there is no method '{}'", spec.method));
}

Result<RScript> r_script_of_numbers(const ModelData& data, const LmeFit& fit, const std::string& response,
                                    const std::string& title, const std::string& name) {
  if (data.random.size() != 1 || data.random[0].columns.size() != 1)
    return fail(Code::InvalidInput, "the model is not one with a random intercept alone", title);
  const RandomPart& random = data.random[0];
  const auto of = [](const auto& column) { return std::vector<double>(column.begin(), column.end()); };
  std::vector<table::Column> columns{table::numeric(plain_name(response), of(data.y))};
  std::string fixed = plain_name(response) + " ~ 1";
  for (Eigen::Index j = 1; j < data.x.cols(); ++j) {
    const std::string column = plain_name(data.columns.names[static_cast<std::size_t>(j)]);
    columns.push_back(table::numeric(column, of(data.x.col(j))));
    fixed += " + " + column;
  }
  std::vector<std::string> groups;
  for (const int g : random.group) groups.push_back(random.groups[static_cast<std::size_t>(g)]);
  columns.push_back(table::text(random.name, groups, random.groups));
  auto rows = table::Table::from(std::move(columns));
  if (!rows) return tl::unexpected(rows.error());
  RScript out;
  out.csv = table::to_delimited(*rows);
  out.code = head_of(*rows, title, name) + nlme_text(fixed, "~ 1 | " + random.name, to_json(fit, data)) + kEnd;
  return out;
}

}  // namespace ipsi::stats
