// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/base/text.h"
#include "core/engine/batch_parts.h"
#include "core/engine/descriptives.h"

namespace ipsi::engine {
namespace {

using table::Column;
using table::kMissing;
using table::Table;

/// Text and number columns by name, kept in the order in which they are first named.
class Sheet {
 public:
  void text(const char* name, std::string value) { at(name, Column::Kind::text).texts.push_back(std::move(value)); }
  void number(const char* name, double value) { at(name, Column::Kind::numeric).values.push_back(value); }
  void logical(const char* name, double value) { at(name, Column::Kind::logical).values.push_back(value); }
  [[nodiscard]] Result<Table> done() { return Table::from(std::move(columns_)); }

 private:
  Column& at(const char* name, Column::Kind kind) {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      next_ = next_ + 1 < columns_.size() ? next_ + 1 : 0;  // columns come in the same order row after row
      if (columns_[next_].name == name) return columns_[next_];
    }
    Column made;
    made.name = name;
    made.kind = kind;
    columns_.push_back(std::move(made));
    next_ = columns_.size() - 1;
    return columns_.back();
  }
  std::vector<Column> columns_;
  std::size_t next_ = 0;
};

void add_estimate(Sheet& out, const stats::Coefficients& c, int at) {
  out.number("beta", c.value[at]);
  out.number("ci_low", c.ci_low[at]);
  out.number("ci_high", c.ci_high[at]);
  out.number("se", c.se[at]);
  out.number("df", c.df[at]);
  out.number("t", c.t[at]);
  out.number("p", c.p[at]);
}

void add_result(Sheet& out, const Analysis& a, const RegionModel& m, double p_adjusted, bool significant) {
  out.text("analysis", a.id);
  out.text("subset", std::string(to_string(a.subset)));
  out.text("predictor", m.predictor);
  out.text("side", side_name(m.side));
  out.text("region", m.structure);
  out.number("n", m.people.n);
  out.number("n_cohorts", m.n_cohorts);
  if (m.fit)
    add_estimate(out, m.fit->coefficients, m.coefficient);
  else
    for (const char* name : {"beta", "ci_low", "ci_high", "se", "df", "t", "p"}) out.number(name, kMissing);
  out.number("p_adjusted", p_adjusted);
  out.logical("significant", m.fit ? (significant ? 1.0 : 0.0) : kMissing);
  out.number("d", m.effect_size());
  out.text("significant_covariates", join(m.significant_covariates, ";"));
  out.number("lrt_chisq", m.fit ? m.fit->random_test.chisq : kMissing);
  out.number("lrt_p", m.fit ? m.fit->random_test.p : kMissing);
  out.number("vif_max", m.fit ? m.fit->vif.max() : kMissing);
  out.number("robust_beta", m.beside.robust ? m.beside.robust->beta : kMissing);
  out.number("robust_se", m.beside.robust ? m.beside.robust->se : kMissing);
  out.number("robust_t", m.beside.robust ? m.beside.robust->t : kMissing);
  out.number("n_influential", m.beside.influential ? m.beside.influential->rows : kMissing);
  out.number("n_influential_cohorts", m.beside.influential ? m.beside.influential->groups : kMissing);
  out.logical("converged", m.fit && m.fit->converged ? 1.0 : 0.0);
  out.text("notes", notes_of(m, a));
}

}  // namespace

std::string notes_of(const RegionModel& m, const Analysis& a) {
  std::vector<std::string> notes;
  if (!m.failure.empty()) notes.push_back(m.failure);
  if (m.fit && !m.fit->converged) notes.emplace_back("did not converge: do not use");
  if (m.fit && m.fit->boundary) notes.push_back(fmt::format("boundary fit: no variance between {}s", a.random));
  std::vector<std::string> out;
  const auto left = [&](int n, const std::string& why) {
    if (n > 0) out.push_back(fmt::format("{} {}", n, why));
  };
  const Attrition& p = m.people;
  left(p.no_predictor, "without " + (a.interaction.empty() ? a.predictor : a.predictor + " or " + a.interaction));
  left(p.no_covariate, "without a covariate");
  left(p.lesioned, "lesioned");
  left(p.failed, "failed");
  left(p.no_volume, "without a volume");
  if (!out.empty()) notes.push_back("left out: " + join(out, ", "));
  if (p.unrated > 0) notes.push_back(fmt::format("{} unrated kept", p.unrated));
  if (!a.ratings.empty()) notes.push_back("ratings: " + a.ratings);
  return join(notes, "; ");
}

Result<Table> results_table(const std::vector<Analysis>& analyses, const Fitted& fitted) {
  Sheet out;
  for (std::size_t i = 0; i < fitted.models.size(); ++i) {
    const RegionModel& m = fitted.models[i];
    add_result(out, analyses[static_cast<std::size_t>(m.analysis)], m, fitted.p_adjusted[i], fitted.significant[i]);
  }
  return out.done();
}

Result<Table> coefficients_table(const std::vector<Analysis>& analyses, const Fitted& fitted) {
  Sheet out;
  for (const RegionModel& m : fitted.models) {
    if (!m.fit) continue;
    for (std::size_t k = 0; k < m.fit->coefficients.name.size(); ++k) {
      out.text("analysis", analyses[static_cast<std::size_t>(m.analysis)].id);
      out.text("side", side_name(m.side));
      out.text("region", m.structure);
      out.text("term", m.fit->coefficients.name[k]);
      add_estimate(out, m.fit->coefficients, static_cast<int>(k));
    }
  }
  return out.done();
}

Result<Table> fits_table(const std::vector<Analysis>& analyses, const Fitted& fitted) {
  Sheet out;
  for (const RegionModel& m : fitted.models) {
    if (!m.fit) continue;
    const stats::LmeFit& f = *m.fit;
    const double between = f.random_sd[0];
    out.text("analysis", analyses[static_cast<std::size_t>(m.analysis)].id);
    out.text("side", side_name(m.side));
    out.text("region", m.structure);
    out.number("sd_between", between);
    out.number("sd_residual", f.sigma);
    out.number("icc", between * between / (between * between + f.sigma * f.sigma));
    out.number("log_likelihood", f.log_likelihood);
    out.number("aic", f.aic);
    out.number("bic", f.bic);
    out.number("lrt_chisq", f.random_test.chisq);
    out.number("lrt_p", f.random_test.p);
    out.number("lrt_p_mixture", f.random_test.p_mixture.value_or(kMissing));
    out.logical("boundary", f.boundary ? 1.0 : 0.0);
    out.logical("converged", f.converged ? 1.0 : 0.0);
  }
  return out.done();
}

}  // namespace ipsi::engine
