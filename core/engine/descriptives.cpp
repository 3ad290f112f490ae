// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/descriptives.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/text.h"
#include "core/engine/quantiles.h"
#include "core/stats/basic/ranks.h"
#include "core/stats/basic/shapiro.h"
#include "core/study/subgroup.h"

namespace ipsi::engine {
namespace {

using table::Column;
using table::Table;

/// A table as it is filled row by row.
class Filler {
 public:
  Filler(std::vector<std::string> texts, std::vector<std::string> numbers) {
    for (auto& name : texts) columns_.push_back(table::text(std::move(name), {}));
    for (auto& name : numbers) columns_.push_back(table::numeric(std::move(name), {}));
  }
  void add(const std::vector<std::string>& texts, const std::vector<double>& numbers) {
    std::size_t t = 0;
    std::size_t k = 0;
    for (Column& c : columns_)
      if (c.kind == Column::Kind::text)
        c.texts.push_back(texts[t++]);
      else
        c.values.push_back(numbers[k++]);
  }
  [[nodiscard]] Result<Table> done() { return Table::from(std::move(columns_)); }

 private:
  std::vector<Column> columns_;
};

std::vector<int> everyone(const Frame& frame) {
  std::vector<int> out(frame.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<int>(i);
  return out;
}

std::vector<double> pick(const std::vector<double>& values, const std::vector<int>& rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const int r : rows) out.push_back(values[static_cast<std::size_t>(r)]);
  return out;
}

/// How many of these rows read `word` in a text column.
double counted(const Frame::Factor& factor, const std::vector<int>& rows, const std::string& word) {
  const auto it = std::find(factor.levels.begin(), factor.levels.end(), word);
  if (it == factor.levels.end()) return 0.0;
  const int code = static_cast<int>(it - factor.levels.begin());
  return static_cast<double>(
      std::count_if(rows.begin(), rows.end(), [&](int r) { return factor.code[static_cast<std::size_t>(r)] == code; }));
}

Result<void> load_all(Frame& frame, const std::vector<std::string>& columns) {
  for (const std::string& column : columns)
    if (auto ok = frame.load(column); !ok) return ok;
  return {};
}

void add_cohort(Filler& out, const Frame& frame, const std::string& name, const std::vector<int>& rows) {
  const Spread age = spread_of(pick(*frame.number("age"), rows));
  const Spread score = spread_of(pick(*frame.number("primary_score"), rows));
  const Frame::Factor& sex = *frame.factor("sex");
  out.add({name}, {static_cast<double>(rows.size()), counted(sex, rows, "female"), counted(sex, rows, "male"),
                   age.median, age.iqr(), age.min, age.max, score.median, score.iqr(), score.min, score.max});
}

Filler table_one_columns() {
  return {{"cohort_id"},
          {"n", "females", "males", "age_median", "age_iqr", "age_min", "age_max", "score_median", "score_iqr",
           "score_min", "score_max"}};
}

Result<void> load_table_one(Frame& frame) {
  if (auto ok = load_all(frame, {"cohort", "sex", "age", "primary_score"}); !ok) return ok;
  for (const char* name : {"age", "primary_score"})
    if (frame.number(name) == nullptr)
      return fail(Code::InvalidInput, fmt::format("the column '{}' holds text", name), "analysis table");
  for (const char* name : {"cohort", "sex"})
    if (frame.factor(name) == nullptr)
      return fail(Code::InvalidInput, fmt::format("the column '{}' holds numbers", name), "analysis table");
  return {};
}

/// Subset and predictor of each analysis, each pair once, in order.
std::vector<std::pair<Subset, std::string>> distinct(const std::vector<Analysis>& analyses) {
  std::vector<std::pair<Subset, std::string>> out;
  for (const Analysis& a : analyses)
    if (std::find(out.begin(), out.end(), std::pair{a.subset, a.predictor}) == out.end())
      out.emplace_back(a.subset, a.predictor);
  return out;
}

/// W and p of the normality of some scores; NaN with a reason where the test cannot be made.
std::pair<double, double> normality(const std::vector<double>& scores, const std::string& who, std::string& notes) {
  const auto test = stats::shapiro(scores);
  if (test) return {test->w, test->p};
  notes += (notes.empty() ? "" : "; ") + fmt::format("Shapiro-Wilk, {}: {}", who, test.error().what);
  return {table::kMissing, table::kMissing};
}

/// The column that says which test a predictor came from; empty when it is one test by itself.
std::string source_column(const std::string& predictor) {
  if (predictor == "primary_score") return "primary_test";
  if (predictor == "activity") return "activity_test";
  return {};
}

std::string own_name(const std::string& predictor) {
  if (predictor == "impairment") return "FMA-UE";
  return predictor.starts_with("score_") ? predictor.substr(6) : predictor;
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  const auto x = parse_integer(a);
  const auto y = parse_integer(b);
  if (x && y && *x != *y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

std::string side_name(const std::string& side) {
  return side == "ipsi" || side == "contra" ? side + "lesional" : side;
}

Result<Table> table_one(Frame& frame) {
  if (auto ok = load_table_one(frame); !ok) return tl::unexpected<Error>(ok.error());
  const Frame::Factor& cohort = *frame.factor("cohort");
  std::map<std::string, std::vector<int>, decltype(&natural_less)> by_cohort(&natural_less);
  for (const int r : everyone(frame)) {
    const int code = cohort.code[static_cast<std::size_t>(r)];
    by_cohort[code < 0 ? std::string("(none)") : cohort.levels[static_cast<std::size_t>(code)]].push_back(r);
  }
  Filler out = table_one_columns();
  for (const auto& [name, rows] : by_cohort) add_cohort(out, frame, name, rows);
  return out.done();
}

Result<Table> table_one_total(Frame& frame) {
  if (auto ok = load_table_one(frame); !ok) return tl::unexpected<Error>(ok.error());
  Filler out = table_one_columns();
  add_cohort(out, frame, "all", everyone(frame));
  return out.done();
}

Result<Table> scores_by_side(Frame& frame, const std::vector<Analysis>& analyses) {
  if (auto ok = load_all(frame, {"lesion_side"}); !ok) return tl::unexpected<Error>(ok.error());
  const Frame::Factor* side = frame.factor("lesion_side");
  Filler out({"subset", "predictor", "notes"},
             {"n_left", "n_right", "median_left", "iqr_left", "median_right", "iqr_right", "shapiro_w", "shapiro_p",
              "shapiro_w_left", "shapiro_p_left", "shapiro_w_right", "shapiro_p_right", "wilcoxon_w", "wilcoxon_p",
              "wilcoxon_r"});
  for (const auto& [subset, predictor] : distinct(analyses)) {
    const std::vector<double>& scores = *frame.number(predictor);
    std::vector<double> all, left, right;
    for (const int m : frame.members(subset)) {
      const auto r = static_cast<std::size_t>(m);
      if (side == nullptr || side->code[r] < 0 || std::isnan(scores[r])) continue;
      const std::string& where = side->levels[static_cast<std::size_t>(side->code[r])];
      if (where != "left" && where != "right") continue;
      all.push_back(scores[r]);
      (where == "left" ? left : right).push_back(scores[r]);
    }
    std::string notes;
    const auto [w_all, p_all] = normality(all, "all", notes);
    const auto [w_left, p_left] = normality(left, "left", notes);
    const auto [w_right, p_right] = normality(right, "right", notes);
    const auto test = stats::rank_sum(left, right);
    if (!test) notes += (notes.empty() ? "" : "; ") + ("Wilcoxon: " + test.error().what);
    const Spread l = spread_of(left);
    const Spread r = spread_of(right);
    out.add({std::string(to_string(subset)), predictor, notes},
            {static_cast<double>(l.n), static_cast<double>(r.n), l.median, l.iqr(), r.median, r.iqr(), w_all, p_all,
             w_left, p_left, w_right, p_right, test ? test->w : table::kMissing, test ? test->p : table::kMissing,
             test ? test->r : table::kMissing});
  }
  return out.done();
}

Result<Table> score_sources(Frame& frame, const std::vector<Analysis>& analyses) {
  Filler out({"subset", "predictor", "test"}, {"n", "n_cohorts", "median", "q1", "q3", "min", "max"});
  if (auto ok = frame.load("cohort"); !ok) return tl::unexpected<Error>(ok.error());
  const Frame::Factor* cohort = frame.factor("cohort");
  for (const auto& [subset, predictor] : distinct(analyses)) {
    const std::string source = source_column(predictor);
    const Frame::Factor* test = nullptr;
    if (!source.empty() && frame.load(source)) test = frame.factor(source);
    std::map<std::string, std::pair<std::vector<double>, std::set<int>>> by_test;
    const std::vector<double>& scores = *frame.number(predictor);
    for (const int m : frame.members(subset)) {
      const auto r = static_cast<std::size_t>(m);
      if (std::isnan(scores[r])) continue;
      const bool named = test != nullptr && test->code[r] >= 0;
      auto& [values, cohorts] =
          by_test[named ? test->levels[static_cast<std::size_t>(test->code[r])] : own_name(predictor)];
      values.push_back(scores[r]);
      cohorts.insert(cohort == nullptr ? 0 : cohort->code[r]);
    }
    for (const auto& [name, found] : by_test) {
      const Spread s = spread_of(found.first);
      out.add({std::string(to_string(subset)), predictor, name},
              {static_cast<double>(s.n), static_cast<double>(found.second.size()), s.median, s.q1, s.q3, s.min, s.max});
    }
  }
  return out.done();
}

Result<Table> flow_table(const study::Snapshot& snapshot, const Frame& frame, const std::vector<Analysis>& analyses,
                         const std::vector<RegionModel>& models) {
  Filler out({"section", "step", "detail"}, {"n", "out"});
  for (const study::FlowStep& step : snapshot.flow.empty() ? study::count_flow(snapshot) : snapshot.flow)
    out.add({"study", step.label, step.detail}, {static_cast<double>(step.n), static_cast<double>(step.out)});
  const auto total = static_cast<double>(frame.size());
  std::set<Subset> seen;
  for (const Analysis& a : analyses) {
    if (!seen.insert(a.subset).second) continue;
    const auto n = static_cast<double>(frame.members(a.subset).size());
    out.add({"subset", std::string(title_of(a.subset)), "of the patients analysed"}, {n, total - n});
  }
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    int smallest = -1;
    int largest = -1;
    const Attrition* first = nullptr;
    for (const RegionModel& m : models) {
      if (m.analysis != static_cast<int>(i)) continue;
      if (first == nullptr) first = &m.people;
      smallest = smallest < 0 ? m.people.n : std::min(smallest, m.people.n);
      largest = std::max(largest, m.people.n);
    }
    if (first == nullptr) continue;
    std::string detail = fmt::format("{} to {} people a region", smallest, largest);
    if (first->no_predictor > 0) detail += fmt::format("; {} without the score", first->no_predictor);
    if (first->no_covariate > 0) detail += fmt::format("; {} without a covariate", first->no_covariate);
    out.add({"analysis", analyses[i].title, detail},
            {static_cast<double>(first->group()), static_cast<double>(first->no_predictor + first->no_covariate)});
  }
  return out.done();
}

Result<Table> exclusion_table(const std::vector<Analysis>& analyses, const std::vector<RegionModel>& models) {
  Filler out({"analysis", "subset", "predictor", "side", "region"},
             {"n_subset", "no_predictor", "no_covariate", "n_group", "lesioned", "failed", "no_volume", "n", "unrated",
              "n_cohorts"});
  for (const RegionModel& m : models) {
    const Analysis& a = analyses[static_cast<std::size_t>(m.analysis)];
    const Attrition& p = m.people;
    std::vector<double> counts;
    for (const int k : {p.subset, p.no_predictor, p.no_covariate, p.group(), p.lesioned, p.failed, p.no_volume, p.n,
                        p.unrated, m.n_cohorts})
      counts.push_back(k);
    out.add({a.id, std::string(to_string(a.subset)), m.predictor, side_name(m.side), m.structure}, counts);
  }
  return out.done();
}

Result<Table> qc_table(const Frame& frame, const std::vector<Analysis>& analyses) {
  std::vector<std::pair<std::string, std::string>> wanted;
  for (const Analysis& a : analyses)
    for (const std::string& side : a.sides)
      for (const std::string& structure : a.structures)
        if (std::find(wanted.begin(), wanted.end(), std::pair{side, structure}) == wanted.end())
          wanted.emplace_back(side, structure);
  Filler out({"side", "region"}, {"n", "ok", "lesioned", "failed", "unrated", "share_out"});
  for (const auto& [side, structure] : wanted) {
    const Frame::Region& region = frame.region(side, structure);
    double ok = 0.0, lesioned = 0.0, failed = 0.0, unrated = 0.0;
    for (const Frame::Mark mark : region.mark)
      ++(mark == Frame::Mark::ok         ? ok
         : mark == Frame::Mark::lesioned ? lesioned
         : mark == Frame::Mark::failed   ? failed
                                         : unrated);
    const double n = ok + lesioned + failed + unrated;
    out.add({side_name(side), structure},
            {n, ok, lesioned, failed, unrated, n > 0 ? (lesioned + failed) / n : table::kMissing});
  }
  return out.done();
}

}  // namespace ipsi::engine
