// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/cohort_model.h"

#include <algorithm>
#include <cmath>

#include "core/report/figure_svg.h"
#include "core/study/analysis_table.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr int kBins = 24;                // about; their edges are round numbers
constexpr double kMargin = 0.03;         // of an axis, beyond the data
constexpr double kLeastLesionMl = 0.01;  // smaller ones are drawn here: one voxel is 0.001

QcFlag flag_of(const std::string& word) {
  if (word == "ok") return QcFlag::ok;
  if (word == "lesioned") return QcFlag::lesioned;
  return word == "failed" ? QcFlag::failed : QcFlag::unrated;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double v) {
    if (std::isnan(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  [[nodiscard]] bool empty() const { return !(low <= high); }
};

CohortModel::Axis axis_of(const Range& range, int ticks) {
  CohortModel::Axis axis;
  if (range.empty()) return axis;
  const double wide = range.high - range.low, pad = wide > 0.0 ? kMargin * wide : std::max(1.0, 0.1 * range.high);
  axis.low = range.low - pad;
  axis.high = range.high + pad;
  axis.ticks = report::ticks(axis.low, axis.high, ticks, false);
  return axis;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return table::kMissing;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

}  // namespace

CohortModel::CohortModel(Context& context, QObject* parent)
    : QObject(parent), context_(context), session_(context.session) {
  const auto again = [this] {
    stale_ = true;
    if (active_) refresh();
  };
  connect(&session_, &StudySession::opened, this, [this, again] {
    chosen_.clear();
    before_.clear();
    cohort_.clear();
    score_.clear();
    again();
  });
  connect(&session_, &StudySession::changed, this, again);
  connect(&session_, &StudySession::subsetChanged, this, again);
  connect(&session_, &StudySession::selected, this, again);
}

void CohortModel::setActive(bool active) {
  active_ = active;
  if (active && stale_) refresh();
}

std::string CohortModel::scoreColumn() const {
  return score_.isEmpty() ? "primary_score" : study::score_column(score_.toStdString());
}

void CohortModel::refresh() {
  stale_ = false;
  state_.open = session_.isOpen();
  state_.region = 0;
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (text_of(kRegions[r].key) == session_.region()) state_.region = static_cast<int>(r);
  const auto& region = kRegions[static_cast<std::size_t>(state_.region)];
  state_.region_title = text_of(region.title);
  const auto table = session_.table();
  std::set<QString> tests, cohorts;
  const auto snapshot = session_.snapshot();
  for (const auto& score : snapshot->scores)
    if (table->find(study::score_column(score.test)) != nullptr) tests.insert(text_of(score.test));
  if (tests.count(score_) == 0) score_.clear();
  state_.scores = {tr("Primary score")};
  for (const auto& test : tests) state_.scores << test;
  state_.score = score_.isEmpty() ? 0 : static_cast<int>(state_.scores.indexOf(score_, 1));
  state_.people.clear();
  state_.current = -1;
  const auto* subjects = table->find("subject");
  const auto* groups = table->find("group");
  const auto* of_cohort = table->find("cohort");
  const auto* volumes = table->find(region.key);
  const auto* flags = table->find("flag_" + std::string(region.key));
  const auto* scores = table->find(scoreColumn());
  const auto* lesions = table->find("lesion_volume");
  const auto* reasons = table->find("excluded_because");
  const auto rows =
      study::rows_of(*table, study::parse_subgroup(session_.subset().toStdString()).value_or(study::Subgroup::all));
  const bool whole = subjects != nullptr && groups != nullptr && of_cohort != nullptr && volumes != nullptr &&
                     flags != nullptr && lesions != nullptr && reasons != nullptr && rows;
  if (whole)
    for (const std::size_t row : *rows) {
      if (groups->texts[row] != "patient") continue;
      Person p;
      p.id = text_of(subjects->texts[row]);
      p.cohort = text_of(of_cohort->texts[row]);
      p.volume = volumes->values[row];
      p.score = scores != nullptr ? scores->values[row] : table::kMissing;
      p.lesion_ml = lesions->values[row] / 1000.0;
      p.flag = flag_of(flags->texts[row]);
      p.out = text_of(reasons->texts[row]);
      cohorts.insert(p.cohort);
      if (p.id == session_.person()) {
        state_.current = static_cast<int>(state_.people.size());
      }
      state_.people.push_back(std::move(p));
    }
  state_.cohorts = QStringList(cohorts.begin(), cohorts.end());
  const QString own = state_.current >= 0 ? state_.people[static_cast<std::size_t>(state_.current)].cohort : QString();
  state_.cohort = static_cast<int>(state_.cohorts.indexOf(cohort_.isEmpty() ? own : cohort_));
  ++state_.version;
  refreshAxes();
  refreshFates();
  refreshChosen();
}

void CohortModel::refreshAxes() {
  Range volume, score, lesion;
  state_.no_volume = state_.no_score = state_.drawn = 0;
  for (const auto& p : state_.people) {
    volume.add(p.volume);
    score.add(p.score);
    if (p.lesion_ml > 0.0) lesion.add(std::log10(std::max(p.lesion_ml, kLeastLesionMl)));
    if (std::isnan(p.volume))
      ++state_.no_volume;
    else if (std::isnan(p.score))
      ++state_.no_score;
    else
      ++state_.drawn;
  }
  state_.volume = axis_of(volume, 8);
  state_.score_axis = axis_of(score, 6);
  state_.lesion = axis_of(lesion, 4);
  state_.lesion.logarithmic = true;
  state_.lesion.ticks.clear();
  if (!lesion.empty())
    for (int e = static_cast<int>(std::ceil(state_.lesion.low)); e <= static_cast<int>(state_.lesion.high); ++e)
      state_.lesion.ticks.push_back(std::pow(10.0, e));
  state_.bins.clear();
  if (volume.empty()) return;
  const auto edges = report::ticks(volume.low, volume.high, kBins, false);
  const double step = edges.size() > 1 ? edges[1] - edges[0] : 1.0;
  for (double at = std::floor(volume.low / step); at * step <= volume.high; at += 1.0)
    state_.bins.push_back({at * step, (at + 1.0) * step, 0, 0});
  state_.volume.low = std::min(state_.volume.low, state_.bins.front().low);
  state_.volume.high = std::max(state_.volume.high, state_.bins.back().high);
}

void CohortModel::refreshFates() {
  // As a region's model sees them: who is in no analysis, then by the region's flag.
  state_.fates = {{tr("ok"), QcFlag::ok},
                  {tr("lesioned"), QcFlag::lesioned},
                  {tr("failed"), QcFlag::failed},
                  {tr("unrated"), QcFlag::unrated},
                  {tr("not analysed"), QcFlag::unrated, false}};
  std::array<std::vector<double>, 5> lesions;
  state_.fate.clear();
  for (const auto& p : state_.people) {
    const std::size_t at = !p.out.isEmpty()             ? 4
                           : p.flag == QcFlag::ok       ? 0
                           : p.flag == QcFlag::lesioned ? 1
                           : p.flag == QcFlag::failed   ? 2
                                                        : 3;
    state_.fate.push_back(static_cast<int>(at));
    ++state_.fates[at].n;
    if (p.lesion_ml > 0.0)
      lesions[at].push_back(p.lesion_ml);
    else
      ++state_.fates[at].unknown;
  }
  for (std::size_t i = 0; i < lesions.size(); ++i) state_.fates[i].median = median_of(lesions[i]);
}

void CohortModel::refreshChosen() {
  state_.chosen.clear();
  for (auto& bin : state_.bins) bin.n = bin.chosen = 0;
  for (auto& fate : state_.fates) fate.chosen = 0;
  const double first = state_.bins.empty() ? 0.0 : state_.bins.front().low,
               step = state_.bins.empty() ? 1.0 : state_.bins.front().high - first;
  for (std::size_t i = 0; i < state_.people.size(); ++i) {
    auto& p = state_.people[i];
    p.chosen = chosen_.count(p.id) > 0;
    if (p.chosen) {
      state_.chosen.push_back(static_cast<int>(i));
      ++state_.fates[static_cast<std::size_t>(state_.fate[i])].chosen;
    }
    if (std::isnan(p.volume) || state_.bins.empty()) continue;
    const auto at = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(std::floor((p.volume - first) / step)), 0,
                                               static_cast<std::ptrdiff_t>(state_.bins.size()) - 1);
    auto& bin = state_.bins[static_cast<std::size_t>(at)];
    ++bin.n;
    if (p.chosen) ++bin.chosen;
  }
  state_.most = 0;
  for (const auto& bin : state_.bins) state_.most = std::max(state_.most, bin.n);
  state_.chosen_elsewhere = static_cast<int>(chosen_.size() - state_.chosen.size());
  emit changed();
}

void CohortModel::chooseRegion(int region) {
  if (region < 0 || region >= static_cast<int>(kRegions.size())) return;
  session_.select(session_.person(), text_of(kRegions[static_cast<std::size_t>(region)].key));
}

void CohortModel::chooseScore(int score) {
  if (score < 0 || score >= state_.scores.size() || score == state_.score) return;
  score_ = score == 0 ? QString() : state_.scores[score];
  refresh();
}

void CohortModel::chooseCohort(int cohort) {
  if (cohort < 0 || cohort >= state_.cohorts.size() || cohort == state_.cohort) return;
  cohort_ = state_.cohorts[cohort];
  state_.cohort = cohort;
  ++state_.version;
  emit changed();
}

void CohortModel::choosePerson(int index) {
  if (index < 0 || index >= static_cast<int>(state_.people.size())) return;
  session_.select(state_.people[static_cast<std::size_t>(index)].id);
}

void CohortModel::beginBrush() {
  before_ = chosen_;
}

void CohortModel::brush(const std::vector<int>& people, Brush how) {
  std::set<QString> next = how == Brush::replace ? std::set<QString>() : before_;
  for (const int i : people) {
    if (i < 0 || i >= static_cast<int>(state_.people.size())) continue;
    const QString& id = state_.people[static_cast<std::size_t>(i)].id;
    if (how == Brush::remove)
      next.erase(id);
    else
      next.insert(id);
  }
  if (next == chosen_) return;
  chosen_ = std::move(next);
  refreshChosen();
}

void CohortModel::cancelBrush() {
  if (chosen_ == before_) return;
  chosen_ = before_;
  refreshChosen();
}

void CohortModel::clearBrush() {
  if (chosen_.empty()) return;
  chosen_.clear();
  before_.clear();
  refreshChosen();
}

void CohortModel::openInQc() {
  QStringList ids;
  for (const int i : state_.chosen) ids << state_.people[static_cast<std::size_t>(i)].id;
  if (ids.isEmpty()) return;
  session_.setChosen(ids);
  context_.shell.showWorkspace("qc");
}

}  // namespace ipsi::ui
