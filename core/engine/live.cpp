// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/live.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/numeric/distributions.h"

namespace ipsi::engine {
namespace {

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

/// Everything of these people that a model of the analysis reads, but for its region.
bool same_people(const Frame& a, const std::vector<int>& in_a, const std::vector<std::string>& ids_a, const Frame& b,
                 const std::vector<int>& in_b, const std::vector<std::string>& ids_b, const Analysis& analysis) {
  if (in_a.size() != in_b.size() || in_a != in_b) return false;
  std::vector<std::string> columns = analysis.covariates;
  columns.push_back(analysis.predictor);
  columns.push_back(analysis.random);
  if (analysis.scale == Scale::ratio) columns.emplace_back("icv");
  if (!analysis.interaction.empty()) columns.push_back(analysis.interaction);
  for (const int m : in_a)
    if (ids_a[static_cast<std::size_t>(m)] != ids_b[static_cast<std::size_t>(m)]) return false;
  for (const std::string& column : columns) {
    const auto* x = a.number(column);
    const auto* y = b.number(column);
    if ((x == nullptr) != (y == nullptr)) return false;
    if (x != nullptr) {
      for (const int m : in_a)
        if (!same((*x)[static_cast<std::size_t>(m)], (*y)[static_cast<std::size_t>(m)])) return false;
      continue;
    }
    const auto* f = a.factor(column);
    const auto* g = b.factor(column);
    if (f == nullptr || g == nullptr || f->levels != g->levels || f->code != g->code) return false;
  }
  return true;
}

bool same_region(const Frame::Region& a, const Frame::Region& b, const std::vector<int>& members) {
  return std::all_of(members.begin(), members.end(), [&](int m) {
    const auto r = static_cast<std::size_t>(m);
    return a.mark[r] == b.mark[r] && same(a.volume[r], b.volume[r]);
  });
}

/// R's ppoints.
std::vector<double> normal_points(std::size_t n) {
  const double a = n <= 10 ? 0.375 : 0.5;
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = numeric::normal_quantile((static_cast<double>(i) + 1.0 - a) / (static_cast<double>(n) + 1.0 - 2.0 * a));
  return out;
}

std::vector<double> margins(const std::vector<double>& normal) {
  const double reach = numeric::normal_quantile(0.975), n = static_cast<double>(normal.size());
  std::vector<double> out;
  out.reserve(normal.size());
  for (const double z : normal)
    out.push_back(reach * std::sqrt(numeric::normal_below(z) * numeric::normal_above(z) / n) /
                  numeric::normal_density(z));
  return out;
}

std::vector<int> order_of(const std::vector<double>& values) {
  std::vector<int> out(values.size());
  std::iota(out.begin(), out.end(), 0);
  std::stable_sort(out.begin(), out.end(), [&](int a, int b) {
    return values[static_cast<std::size_t>(a)] < values[static_cast<std::size_t>(b)];
  });
  return out;
}

std::vector<double> in_order(const std::vector<double>& values, const std::vector<int>& order) {
  std::vector<double> out;
  out.reserve(order.size());
  for (const int i : order) out.push_back(values[static_cast<std::size_t>(i)]);
  return out;
}

void add_partial(Diagnostics& out, const RegionModel& m) {
  const auto& c = m.fit->coefficients;
  const double beta = c.value[m.coefficient], mean = m.x.mean(), half = c.ci_high[m.coefficient] - beta;
  out.x.assign(m.x.begin(), m.x.end());
  for (Eigen::Index i = 0; i < m.x.size(); ++i) out.partial.push_back(m.fit->residual[i] + beta * (m.x[i] - mean));
  constexpr int kSteps = 20;
  const double low = m.x.minCoeff(), high = m.x.maxCoeff();
  for (int i = 0; i <= kSteps; ++i) {
    const double x = low + (high - low) * i / kSteps;
    out.line_x.push_back(x);
    out.line_y.push_back(beta * (x - mean));
    out.line_low.push_back(beta * (x - mean) - half * std::abs(x - mean));
    out.line_high.push_back(beta * (x - mean) + half * std::abs(x - mean));
  }
}

}  // namespace

Result<Live> Live::prepare(const table::Table& people, std::vector<Analysis> analyses) {
  auto frame = Frame::from(people);
  if (!frame) return wrap(frame.error(), "analysis table");
  for (std::size_t i = 0; i < analyses.size(); ++i)
    if (auto ok = frame->load(analyses[i]); !ok) return wrap(ok.error(), fmt::format("analyses[{}]", i));
  if (frame->size() == 0)
    return fail(Code::InvalidInput, fmt::format("none of the {} people of the study is analysed", people.rows()), "",
                "see `ipsi study info` for the reasons");
  const auto subject = people.require("subject");
  if (!subject) return tl::unexpected<Error>(subject.error());
  Live out;
  out.people_ = people;
  auto ids = std::make_shared<std::vector<std::string>>();
  for (const std::size_t r : frame->table_rows()) ids->push_back((*subject)->texts[r]);
  for (const Analysis& a : analyses) out.members_.push_back(frame->members(a.subset));
  out.ids_ = std::move(ids);
  out.frame_ = std::make_shared<const Frame>(std::move(*frame));
  out.analyses_ = std::move(analyses);
  return out;
}

Result<void> Live::run(const Live* before, const Task& task) {
  std::vector<RegionModel> models;
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    const Analysis& a = analyses_[i];
    const bool kept = before != nullptr &&
                      same_people(*before->frame_, before->members_[i], *before->ids_, *frame_, members_[i], *ids_, a);
    for (const std::string& side : a.sides)
      for (const std::string& structure : a.structures) {
        const std::size_t at = models.size();
        if (kept &&
            same_region(before->frame_->region(side, structure), frame_->region(side, structure), members_[i])) {
          models.push_back(before->fitted_.models[at]);
          continue;
        }
        models.push_back(fit_region(*frame_, members_[i], a, side, structure, task));
        models.back().analysis = static_cast<int>(i);
        refitted_.push_back(at);
        if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
      }
  }
  fitted_ = correct(std::move(models), analyses_);
  return {};
}

Result<Live> Live::fit(const table::Table& people, std::vector<Analysis> analyses, const Task& task) {
  auto out = prepare(people, std::move(analyses));
  if (!out) return out;
  if (auto ok = out->run(nullptr, task); !ok) return tl::unexpected<Error>(ok.error());
  return out;
}

Result<Live> Live::update(const table::Table& people, const Task& task) const {
  auto out = prepare(people, analyses_);
  if (!out) return out;
  if (auto ok = out->run(this, task); !ok) return tl::unexpected<Error>(ok.error());
  return out;
}

std::size_t Live::index(int analysis, int row) const {
  int first = 0;
  for (int i = 0; i < analysis; ++i) first += analyses_[static_cast<std::size_t>(i)].models();
  return static_cast<std::size_t>(first + row);
}

Result<table::Table> Live::results(int analysis, const std::vector<Beside>& beside) const {
  const Analysis& a = analyses_[static_cast<std::size_t>(analysis)];
  Fitted own;
  for (int row = 0; row < a.models(); ++row) {
    const std::size_t at = index(analysis, row);
    own.models.push_back(fitted_.models[at]);
    own.models.back().analysis = 0;
    if (const auto r = static_cast<std::size_t>(row); r < beside.size()) own.models.back().beside = beside[r];
    own.p_adjusted.push_back(fitted_.p_adjusted[at]);
    own.significant.push_back(fitted_.significant[at]);
  }
  return results_table({a}, own);
}

const std::string& Live::person(int position) const {
  return (*ids_)[static_cast<std::size_t>(position)];
}

Diagnostics diagnostics_of(const RegionModel& m, const Analysis& a, const Frame& frame) {
  Diagnostics out;
  if (!m.fit) return out;
  const Frame::Factor& groups = *frame.factor(a.random);
  out.people = m.rows;
  for (const int r : m.rows)
    out.cohort.push_back(groups.levels[static_cast<std::size_t>(groups.code[static_cast<std::size_t>(r)])]);
  add_partial(out, m);
  out.fitted.assign(m.fit->fitted.begin(), m.fit->fitted.end());
  for (const double r : m.fit->residual) out.residual.push_back(r / m.fit->sigma);
  out.people_order = order_of(out.residual);
  out.people_sample = in_order(out.residual, out.people_order);
  out.people_normal = normal_points(out.people_sample.size());
  out.people_margin = margins(out.people_normal);
  if (!(m.fit->random_sd[0] > 0.0) || m.fit->boundary) return out;
  std::vector<std::string> names = out.cohort;  // groups of a fit are in the factor's own order
  std::sort(names.begin(), names.end(), [&](const std::string& p, const std::string& q) {
    return std::find(groups.levels.begin(), groups.levels.end(), p) <
           std::find(groups.levels.begin(), groups.levels.end(), q);
  });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<double> intercepts;
  for (Eigen::Index g = 0; g < m.fit->blups.rows(); ++g) intercepts.push_back(m.fit->blups(g, 0) / m.fit->random_sd[0]);
  const std::vector<int> order = order_of(intercepts);
  out.cohorts_sample = in_order(intercepts, order);
  out.cohorts_normal = normal_points(order.size());
  out.cohorts_margin = margins(out.cohorts_normal);
  for (const int g : order) out.cohort_order.push_back(names[static_cast<std::size_t>(g)]);
  return out;
}

}  // namespace ipsi::engine
