// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/demo/cohort.h"
#include "core/table/delimited.h"

namespace ipsi::demo {
namespace {

constexpr std::array<std::string_view, 6> kTests{"fmue_total", "arat_total",      "wmft_fas",
                                                 "mbi",        "motricity_index", "nihss"};

/// A resource table read by column name; the first thing that is wrong is kept with its place.
class Rows {
 public:
  explicit Rows(table::Sheet sheet) : sheet_(std::move(sheet)) {}
  [[nodiscard]] std::size_t size() const { return sheet_.rows.size(); }

  [[nodiscard]] std::string text(std::size_t row, std::string_view column) {
    const int at = sheet_.find(column);
    if (at < 0) blame(row, column, "the column is missing");
    return at < 0 ? "" : sheet_.rows[row].cells[static_cast<std::size_t>(at)];
  }
  [[nodiscard]] double number(std::size_t row, std::string_view column) {
    const std::string cell = text(row, column);
    const auto value = sheet_.number(cell);
    if (!value) blame(row, column, fmt::format("'{}' is no number", cell));
    return value.value_or(0.0);
  }
  [[nodiscard]] int count(std::size_t row, std::string_view column) {
    return static_cast<int>(std::lround(number(row, column)));
  }
  void blame(std::size_t row, std::string_view column, std::string what) {
    if (!problem_.what.empty()) return;
    problem_ = Error{Code::InvalidInput, std::move(what),
                     fmt::format("{}, line {}, column {}", sheet_.file, sheet_.rows[row].line, column),
                     "the program's own data are damaged: install it again"};
  }
  [[nodiscard]] const Error& problem() const { return problem_; }

 private:
  table::Sheet sheet_;
  Error problem_;
};

Result<Rows> read_rows(const char* name) {
  auto sheet = table::read_sheet(resource_dir() / "demo" / name);
  if (!sheet) return wrap(sheet.error(), "data of the demo study");
  return Rows(std::move(*sheet));
}

Spread spread(Rows& rows, std::size_t row, const std::string& what) {
  return {rows.number(row, what + "_median"), rows.number(row, what + "_iqr"), rows.number(row, what + "_min"),
          rows.number(row, what + "_max")};
}

std::vector<std::string> words(const std::string& cell) {
  std::vector<std::string> out;
  for (const std::string& word : split(cell, ' '))
    if (!word.empty()) out.push_back(word);
  return out;
}

Result<void> read_plan(std::vector<CohortPlan>& cohorts) {
  auto rows = read_rows("plan.csv");
  if (!rows) return tl::unexpected<Error>(rows.error());
  for (std::size_t r = 0; r < rows->size(); ++r) {
    const auto it = std::ranges::find(cohorts, rows->count(r, "cohort_id"), &CohortPlan::number);
    if (it == cohorts.end()) {
      rows->blame(r, "cohort_id", "there is no such published cohort");
      break;
    }
    int sum = 0;
    constexpr std::array<std::string_view, 4> kColumns{"early", "late_subacute", "between", "chronic"};
    for (std::size_t p = 0; p < kColumns.size(); ++p) sum += it->count[p] = rows->count(r, kColumns[p]);
    if (sum != it->n) rows->blame(r, "chronic", fmt::format("{} people planned, {} published", sum, it->n));
    it->primary_test = rows->text(r, "primary_test");
    it->second_test = rows->text(r, "second_test");
    for (const std::string& test : {it->primary_test, it->second_test})
      if (!test.empty() && std::ranges::find(kTests, test) == kTests.end())
        rows->blame(r, "primary_test", fmt::format("the test '{}' is not known", test));
    if (it->primary_test.empty()) rows->blame(r, "primary_test", "the cohort has no test");
    it->lost_subacute = words(rows->text(r, "lost_subacute"));
    it->lost_chronic = words(rows->text(r, "lost_chronic"));
  }
  for (const CohortPlan& cohort : cohorts)
    if (cohort.primary_test.empty() && rows->size() > 0)
      rows->blame(0, "cohort_id", fmt::format("cohort {} has no plan", cohort.number));
  if (!rows->problem().what.empty()) return tl::unexpected<Error>(rows->problem());
  return {};
}

Result<std::vector<CohortPlan>> read_cohorts() {
  auto rows = read_rows("liew2021_table1_cohorts.csv");
  if (!rows) return tl::unexpected<Error>(rows.error());
  std::vector<CohortPlan> cohorts;
  for (std::size_t r = 0; r < rows->size(); ++r) {
    CohortPlan cohort;
    cohort.number = rows->count(r, "cohort_id");
    cohort.n = rows->count(r, "n");
    cohort.females = rows->count(r, "females");
    if (cohort.females + rows->count(r, "males") != cohort.n) rows->blame(r, "males", "women and men are not n");
    cohort.age = spread(*rows, r, "age");
    cohort.score = spread(*rows, r, "score");
    cohorts.push_back(std::move(cohort));
  }
  if (!rows->problem().what.empty()) return tl::unexpected<Error>(rows->problem());
  if (auto plan = read_plan(cohorts); !plan) return tl::unexpected<Error>(plan.error());
  return cohorts;
}

Result<std::vector<PublishedModel>> read_models() {
  auto rows = read_rows("liew2021_tables2-4_models.csv");
  if (!rows) return tl::unexpected<Error>(rows.error());
  std::vector<PublishedModel> models;
  for (std::size_t r = 0; r < rows->size(); ++r) {
    PublishedModel m;
    m.analysis = rows->text(r, "analysis");
    m.predictor = rows->text(r, "predictor");
    m.ipsi = rows->text(r, "side") == "ipsilesional";
    const auto structure = parse_structure(rows->text(r, "region"));
    if (!structure) rows->blame(r, "region", "not one of the six structures");
    m.structure = structure.value_or("");
    m.n = rows->count(r, "n");
    m.beta = rows->number(r, "beta");
    m.se = rows->number(r, "se");
    m.df = rows->number(r, "df");
    m.t = rows->number(r, "t");
    m.n_cohorts = m.n - static_cast<int>(std::lround(m.df)) - 4;
    for (const std::string& word : split(rows->text(r, "significant_covariates"), ';')) {
      m.age |= word == "Age";
      m.sex |= word == "Sex";
      m.icv |= word == "ICV";
    }
    models.push_back(std::move(m));
  }
  if (!rows->problem().what.empty()) return tl::unexpected<Error>(rows->problem());
  return models;
}

}  // namespace

Result<Published> read_published() {
  auto cohorts = read_cohorts();
  if (!cohorts) return tl::unexpected<Error>(cohorts.error());
  auto models = read_models();
  if (!models) return tl::unexpected<Error>(models.error());
  return Published{std::move(*cohorts), std::move(*models)};
}

}  // namespace ipsi::demo
