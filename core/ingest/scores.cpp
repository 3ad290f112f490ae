// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/text.h"
#include "core/ingest/behaviour.h"
#include "core/ingest/draft.h"

namespace ipsi::ingest {
namespace {

constexpr std::size_t kEnoughToJudge = 3;  // people of a cohort, before its largest value tells the scale

struct ScoreColumn {
  std::size_t at = 0;
  Measure measure;
  int unaffected = -1;
};

class Reader {
 public:
  Reader(Draft& draft, const table::Sheet& sheet, const std::vector<ScoreRow>& rows)
      : draft_(draft), sheet_(sheet), rows_(rows) {}

  void read(const ScoreColumn& column) {
    if (!column.measure.ratio()) settle_maxima(column);
    for (const ScoreRow& row : rows_) {
      const std::string& text = row.row->cells[column.at];
      if (is_mark(text)) continue;
      if (column.measure.ratio())
        ratio(column, row, text);
      else
        plain(column, row, text);
    }
  }

 private:
  [[nodiscard]] Origin origin(const ScoreRow& row, std::size_t at) const {
    return {"participants", sheet_.file, row.row->line, sheet_.header[at], row.id};
  }

  /// Which maximum each cohort used: the user's word, else by its largest value where two are in use.
  void settle_maxima(const ScoreColumn& column) {
    const Measure& m = column.measure;
    maxima_.clear();
    fallback_ = m.max;
    if (const auto it = draft_.sources.maxima.find(m.test); it != draft_.sources.maxima.end()) {
      fallback_ = it->second;
      return;
    }
    if (m.other_max == 0) return;
    std::map<std::string, std::vector<double>> by_cohort;
    std::vector<double> all;
    for (const ScoreRow& row : rows_) {
      const std::string& text = row.row->cells[column.at];
      const auto value = sheet_.number(text);
      if (!value || is_unable_code(text, value, m, m.max) || *value > std::max(m.max, m.other_max) || *value < m.min)
        continue;
      by_cohort[row.cohort].push_back(*value);
      all.push_back(*value);
    }
    if (all.empty()) return;
    const std::string name = sheet_.header[column.at];
    const double largest = *std::ranges::max_element(all);
    if (m.test == "FMA-UE" || m.test == "mRS") {  // never switched by itself: a cohort may simply not reach the top
      if (largest == m.other_max && all.size() >= 10)
        draft_.problem(Severity::notes, "alternative_maximum",
                       {"participants", sheet_.file, sheet_.header_line, name, ""},
                       fmt::format("the largest {} is {}; a scale with maximum {} is in use too, {} is used", m.test,
                                   format_double(largest), format_double(m.other_max), format_double(m.max)),
                       fmt::format("give --max {}={} if that scale was used", m.test, format_double(m.other_max)));
      return;
    }
    fallback_ = scale_of(m, largest);
    for (const auto& [cohort, values] : by_cohort) {
      const double top = *std::ranges::max_element(values);
      const double used =
          values.size() >= kEnoughToJudge || top > std::min(m.max, m.other_max) ? scale_of(m, top) : fallback_;
      maxima_[cohort] = used;
      if (used == m.max) continue;
      draft_.problem(
          Severity::warns, "alternative_maximum", {"participants", sheet_.file, sheet_.header_line, name, ""},
          fmt::format("cohort {}: the largest {} of {} is {}, so the scale 0 to {} is taken instead of 0 to {}", cohort,
                      m.test, counted(static_cast<long long>(values.size()), "person", "people"), format_double(top),
                      format_double(used), format_double(m.max)),
          fmt::format("give --max {}={} if that is wrong", m.test, format_double(m.max)));
    }
  }

  static double scale_of(const Measure& m, double largest) {
    const double low = std::min(m.max, m.other_max);
    return largest <= low ? low : std::max(m.max, m.other_max);
  }

  void plain(const ScoreColumn& column, const ScoreRow& row, const std::string& text) {
    const Measure& m = column.measure;
    const auto it = maxima_.find(row.cohort);
    const double max = it == maxima_.end() ? fallback_ : it->second;
    const auto value = sheet_.number(text);
    if (is_unable_code(text, value, m, max)) return unable(column, row, text, max);
    if (!value) {
      draft_.problem(Severity::drops, "not_a_number", origin(row, column.at),
                     fmt::format("{} '{}' is not a number; no score", m.test, text),
                     "correct the cell or leave it empty");
      return;
    }
    const auto fraction = fraction_of_maximum(*value, m.min, max, m.better);
    if (!fraction) {
      draft_.problem(
          Severity::drops, "out_of_range", origin(row, column.at),
          fmt::format("{} {} lies outside {} to {}; no score", m.test, text, format_double(m.min), format_double(max)),
          fmt::format("correct the cell, or give --max {}=N if another scale was used", m.test));
      return;
    }
    put(row, m, *value, max, *fraction, "");
  }

  void ratio(const ScoreColumn& column, const ScoreRow& row, const std::string& text) {
    const Measure& m = column.measure;
    const auto affected = sheet_.number(text);
    if (is_unable_code(text, affected, m, study::kMissing)) return unable(column, row, text, study::kMissing);
    if (!affected || *affected < 0) {
      draft_.problem(Severity::drops, "not_a_number", origin(row, column.at),
                     fmt::format("{} '{}' is no measurement; no score", m.test, text),
                     "correct the cell or leave it empty");
      return;
    }
    const std::string other = column.unaffected < 0 ? "" : row.row->cells[static_cast<std::size_t>(column.unaffected)];
    const auto unaffected = sheet_.number(other);
    if (!unaffected || is_unable_code(other, unaffected, m, study::kMissing)) {
      if (column.unaffected >= 0)
        draft_.problem(
            Severity::warns, "ratio_needs_unaffected", origin(row, static_cast<std::size_t>(column.unaffected)),
            fmt::format("{} of the unaffected limb is missing; the raw value is kept, without a fraction", m.test),
            "fill in the other limb");
      put(row, m, *affected, study::kMissing, study::kMissing, "no value of the unaffected limb");
      return;
    }
    const auto fraction = limb_ratio(*affected, *unaffected, m.better);
    if (!fraction) {
      draft_.problem(
          Severity::drops, "unaffected_zero", origin(row, static_cast<std::size_t>(column.unaffected)),
          fmt::format("{}: {} (affected {}, unaffected {}); no score", m.test, fraction.error().what, text, other),
          "correct the cell or leave it empty");
      return;
    }
    if (*fraction > 1)
      draft_.problem(Severity::warns, "ratio_above_one", origin(row, column.at),
                     fmt::format("{}: affected {} against unaffected {} gives {:.3g}, above 1; kept", m.test, text,
                                 other, *fraction),
                     "check that the two columns are not exchanged");
    put(row, m, *affected, *unaffected, *fraction, "ratio to the unaffected limb");
  }

  void unable(const ScoreColumn& column, const ScoreRow& row, const std::string& text, double max) {
    const Measure& m = column.measure;
    const bool worst = draft_.sources.unable == Unable::worst;
    draft_.problem(worst ? Severity::warns : Severity::drops, "unable_code", origin(row, column.at),
                   fmt::format("{} '{}' is a code for \"unable\"; {}", m.test, text,
                               worst ? "counted as the worst score" : "no score"),
                   worst ? "nothing to do, as --unable worst was given"
                         : "give --unable worst to count it as the worst score, or correct the cell");
    if (worst) put(row, m, study::kMissing, max, 0.0, fmt::format("unable to perform (code {})", text));
  }

  void put(const ScoreRow& row, const Measure& m, double raw, double max, double fraction, std::string note) {
    study::Score score;
    score.person = row.at.person;
    score.session = row.at.session;
    score.test = m.test;
    score.raw = raw;
    score.min_used = m.min;
    score.max_used = max;
    score.direction = to_string(m.better);
    score.normalised = fraction;
    score.note = std::move(note);
    const std::string key = key_of(score);
    if (!fresh_.insert(key).second) {
      draft_.problem(Severity::warns, "conflict", {"participants", sheet_.file, row.row->line, "", row.id},
                     fmt::format("two columns hold {}; the first is kept", m.test), "leave one of them out");
      return;
    }
    draft_.put(std::move(score));
  }

  Draft& draft_;
  const table::Sheet& sheet_;
  const std::vector<ScoreRow>& rows_;
  std::map<std::string, double> maxima_;  // by cohort
  double fallback_ = 0;
  std::set<std::string> fresh_;
};

}  // namespace

void read_scores(Draft& draft, const table::Sheet& sheet, const std::vector<ScoreRow>& rows, std::vector<bool>& used) {
  std::vector<ScoreColumn> columns;
  const auto use = [&](std::size_t i, std::string as) {
    used[i] = true;
    draft.plan.columns.push_back({sheet.file, sheet.header[i], std::move(as), ""});
  };
  for (std::size_t i = 0; i < sheet.header.size(); ++i) {
    if (used[i]) continue;
    const std::string plain = plain_name(sheet.header[i]);
    if (plain == "mas") {
      used[i] = true;
      draft.plan.columns.push_back(
          {sheet.file, sheet.header[i], "", "MAS is both the Modified Ashworth and the Motor Assessment Scale"});
      draft.problem(Severity::drops, "ambiguous_measure",
                    {"participants", sheet.file, sheet.header_line, sheet.header[i], ""},
                    "MAS could be the Modified Ashworth Scale or the Motor Assessment Scale; the column is left out",
                    "call it ASHWORTH or UL_MAS");
      continue;
    }
    if (auto measure = measure_of_column(sheet.header[i])) {
      ScoreColumn column{i, std::move(*measure), -1};
      for (std::size_t j = 0; j < sheet.header.size(); ++j)
        if (const Measure* other = measure_of_unaffected(sheet.header[j]);
            other != nullptr && other->test == column.measure.test)
          column.unaffected = static_cast<int>(j);
      use(i, "score " + column.measure.test);
      if (column.unaffected >= 0)
        use(static_cast<std::size_t>(column.unaffected), "unaffected limb of " + column.measure.test);
      else if (column.measure.ratio())
        draft.problem(
            Severity::warns, "ratio_needs_unaffected",
            {"participants", sheet.file, sheet.header_line, sheet.header[i], ""},
            fmt::format(
                "{} has an open scale and no column of the unaffected limb; raw values are kept, without a fraction",
                column.measure.test),
            "add " + column.measure.unaffected.front());
      columns.push_back(std::move(column));
    }
  }
  Reader reader(draft, sheet, rows);
  for (const ScoreColumn& column : columns) reader.read(column);
}

}  // namespace ipsi::ingest
