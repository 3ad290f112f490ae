// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/plant.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "core/demo/draws.h"

namespace ipsi::demo {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using study::Flag;

enum Purpose : std::uint64_t { kCohortIntercept = 40, kResidual, kDamage };

/// Volumes of an adult after stroke, one side: mean, SD and limits in mm^3, and the mean of the lesioned side against
/// the other. Chosen by us inside what FreeSurfer gives for adults (compare the people of ENIGMA's example table,
/// tests/core/demo); lateral ventricles are those of a group with a median age of 62.
struct Norm {
  double mean, sd, low, high, ipsi;
};
constexpr std::array<Norm, 6> kNorms{{{6700, 780, 4000, 10000, 0.97},      // thalamus
                                      {3400, 430, 1900, 5400, 0.97},       // caudate
                                      {4900, 600, 2700, 7600, 0.96},       // putamen
                                      {1800, 215, 1000, 2900, 0.97},       // pallidum
                                      {540, 85, 200, 980, 0.96},           // accumbens
                                      {17500, 5600, 3000, 60000, 1.12}}};  // lateral ventricle

constexpr double kVarianceRatio = 0.12;  // tau^2 / sigma^2: cohorts differ, but much less than people
constexpr int kColumns = 5;              // intercept, score, age, icv, female
constexpr int kScore = 1;

double age_units(const Person& p) {
  return (p.age - 62.0) / 14.0;
}
double icv_units(const Person& p) {
  return (p.icv_mm3 - 1.5e6) / 0.15e6;
}

/// The rows of one model and what generalised least squares makes of them when tau^2 / sigma^2 is known.
class Design {
 public:
  Design(const std::vector<Person>& people, std::vector<std::size_t> rows) : rows_(std::move(rows)) {
    const auto n = static_cast<Eigen::Index>(rows_.size());
    x_.resize(n, kColumns);
    for (Eigen::Index r = 0; r < n; ++r) {
      const Person& p = people[rows_[static_cast<std::size_t>(r)]];
      x_.row(r) << 1.0, p.score, age_units(p), icv_units(p), p.female ? 1.0 : 0.0;
      groups_[p.cohort].push_back(r);
    }
    // V0^-1 X with V0 = I + ratio Z Z': a row minus a share of its cohort's sum.
    weighted_ = x_;
    for (const auto& [cohort, members] : groups_) {
      const double size = static_cast<double>(members.size());
      const double share = kVarianceRatio / (1.0 + kVarianceRatio * size);
      Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(kColumns);
      for (const Eigen::Index r : members) sum += x_.row(r);
      for (const Eigen::Index r : members) weighted_.row(r) -= share * sum;
      spread_ += size * size;
    }
    const MatrixXd inverse = (x_.transpose() * weighted_).ldlt().solve(MatrixXd::Identity(kColumns, kColumns));
    unit_variance_ = inverse(kScore, kScore);
    estimator_ = weighted_ * inverse.row(kScore).transpose();
  }

  [[nodiscard]] const std::vector<std::size_t>& rows() const { return rows_; }
  [[nodiscard]] int n() const { return static_cast<int>(rows_.size()); }
  [[nodiscard]] int n_cohorts() const { return static_cast<int>(groups_.size()); }
  /// Variance of the estimated score effect for sigma = 1.
  [[nodiscard]] double unit_variance() const { return unit_variance_; }
  /// [n] beta-hat = estimator' y.
  [[nodiscard]] const VectorXd& estimator() const { return estimator_; }
  /// Sample variance (n - 1) that the fixed effects alone have.
  [[nodiscard]] double covariance(const VectorXd& a, const VectorXd& b) const {
    const VectorXd u = x_ * a, v = x_ * b;
    return (u.array() - u.mean()).matrix().dot((v.array() - v.mean()).matrix()) / (n() - 1);
  }
  /// Expected sample variance of random part and residual for sigma = 1.
  [[nodiscard]] double unit_noise() const { return 1.0 + kVarianceRatio * (n() - spread_ / n()) / (n() - 1); }

 private:
  std::vector<std::size_t> rows_;
  MatrixXd x_, weighted_;
  std::map<int, std::vector<Eigen::Index>> groups_;
  double spread_ = 0, unit_variance_ = 0;
  VectorXd estimator_;
};

/// Standard error that the printed row means: from beta and t where t has three figures, else the printed one.
double published_se(const PublishedModel& m) {
  return std::abs(m.t) >= 2.0 ? std::abs(m.beta / m.t) : m.se;
}

/// What a region's volume has when score effect and residual variance are given: covariate effects that fill the
/// response up to variance 1 over the rows of `design`. The residual gives way where there is no room.
Truth fill(const Design& design, const PublishedModel& m, double beta, double variance) {
  Truth truth;
  truth.n = design.n();
  truth.n_cohorts = design.n_cohorts();
  truth.beta = beta;
  const double age_sign = m.structure == "lateral_ventricle" ? 1.0 : -1.0;
  VectorXd fixed = VectorXd::Zero(kColumns), free = VectorXd::Zero(kColumns);
  fixed << 0, beta, 0.04 * age_sign, 0.04, 0.02;  // what was printed as not significant is small, not absent
  free << 0, 0, m.age ? 0.34 * age_sign : 0.0, m.icv ? 0.30 : 0.0, m.sex ? -0.35 : 0.0;
  if (free.isZero()) free << 0, 0, 0.15 * age_sign, 0.15, 0;

  const double a = design.covariance(free, free);
  const double b = 2.0 * design.covariance(fixed, free);
  const double c = design.covariance(fixed, fixed);
  const double least = c + 0.05 * b + 0.0025 * a;  // covariates all but gone
  variance = std::min(variance, (1.0 - least) / design.unit_noise());
  const double missing = c - (1.0 - variance * design.unit_noise());
  const double scale = (-b + std::sqrt(b * b - 4.0 * a * missing)) / (2.0 * a);
  const VectorXd effects = fixed + scale * free;
  truth.age = effects[2];
  truth.icv = effects[3];
  truth.female = effects[4];
  truth.sigma = std::sqrt(variance);
  truth.tau = std::sqrt(kVarianceRatio * variance);
  truth.expected_se = std::sqrt(variance * design.unit_variance());
  return truth;
}

/// Residual variance at which the expected standard error is the printed one.
double printed_variance(const Design& design, const PublishedModel& m) {
  const double se = published_se(m);
  return se * se / design.unit_variance();
}

/// Where scores and women are counted from, so that groups have about equal means.
constexpr double kScoreCentre = 0.62, kWomen = 0.41;

double fixed_part(const Person& p, const Truth& truth) {
  const double score = p.control ? 0.0 : truth.beta * (p.score - kScoreCentre);
  return score + truth.age * age_units(p) + truth.icv * icv_units(p) + truth.female * ((p.female ? 1.0 : 0.0) - kWomen);
}

/// Days 22-90, so that the whole subacute group, of which early is a part, expects its own printed beta and pools to
/// its own printed residual.
Truth calibrate_late(const Design& subacute, const Design& late, const std::vector<Person>& people, const Truth& early,
                     const PublishedModel& m) {
  const double pooled = printed_variance(subacute, m);
  const double n_late = late.n(), n_early = subacute.n() - n_late;
  const double variance = (subacute.n() * pooled - n_early * early.sigma * early.sigma) / n_late;
  Truth truth = fill(late, m, m.beta, std::max(0.2, variance));
  for (int round = 0; round < 4; ++round) {  // the covariates depend on beta a little
    double others = 0, per_beta = 0;
    for (std::size_t r = 0; r < subacute.rows().size(); ++r) {
      const Person& p = people[subacute.rows()[r]];
      const double weight = subacute.estimator()[static_cast<Eigen::Index>(r)];
      if (p.period == Period::early) {
        others += weight * fixed_part(p, early);
      } else {
        Truth rest = truth;
        rest.beta = 0;
        others += weight * fixed_part(p, rest);
        per_beta += weight * (p.score - kScoreCentre);
      }
    }
    const double beta = std::clamp((m.beta - others) / per_beta, -1.5, 1.5);
    truth = fill(late, m, beta, std::max(0.2, variance));
  }
  return truth;
}

/// A residual of mean 0 and SD 1: normal, for the ventricles skewed to the right as they are in people.
double residual(bool ventricle, Draws draws) {
  const double z = draws.bounded_normal();
  if (!ventricle) return z;
  constexpr double kSkew = 0.16;  // z + k (z^2 - 1), rescaled; third moment about 6 k
  return (z + kSkew * (z * z - 1.0)) / std::sqrt(1.0 + 2.0 * kSkew * kSkew);
}

double damaged(double volume, Flag flag, Draws draws) {
  if (flag == Flag::lesioned) return volume * (0.25 + 0.7 * draws.uniform());
  return volume * (draws.uniform() < 0.6 ? 0.4 + 0.4 * draws.uniform() : 1.25 + 0.4 * draws.uniform());
}

}  // namespace

std::size_t anatomical(std::size_t model_region, Side lesion_side) {
  const bool left = (model_region < 6) == (lesion_side == Side::left);
  return 2 * (model_region % 6) + (left ? 0 : 1);
}

Planted plant(const Published& published, const std::vector<Person>& people, std::uint64_t seed,
              const std::vector<KnownBrain>& known) {
  Planted out;
  out.brains.resize(people.size());
  out.intact_mm3.resize(people.size());
  const auto flags = draw_flags(published, people, seed, known);
  for (std::size_t i = 0; i < people.size(); ++i) out.brains[i].flag = flags[i];

  for (std::size_t m = 0; m < kModelRegions; ++m) {
    const std::string structure(kStructures[m % 6]);
    const bool ipsi = m < 6;
    const auto rows_where = [&](const std::function<bool(const Person&)>& belongs) {
      std::vector<std::size_t> rows;
      for (std::size_t i = 0; i < people.size(); ++i)
        if (!people[i].control && belongs(people[i]) && flags[i][anatomical(m, people[i].lesion_side)] == Flag::ok)
          rows.push_back(i);
      return rows;
    };
    const auto model = [&](const char* analysis) {
      return *published.model(analysis, "sensorimotor_behaviour", structure, ipsi);
    };
    const Design chronic(people, rows_where([](const Person& p) { return p.period == Period::chronic; }));
    const Design early(people, rows_where([](const Person& p) { return p.period == Period::early; }));
    const Design subacute(people, rows_where([](const Person& p) {
                            return p.period == Period::early || p.period == Period::late_subacute;
                          }));
    const Design late(people, rows_where([](const Person& p) { return p.period == Period::late_subacute; }));
    const auto tuned = [](const Design& design, const PublishedModel& printed) {
      return fill(design, printed, printed.beta, printed_variance(design, printed));
    };
    out.chronic[m] = tuned(chronic, model("chronic"));
    out.early[m] = tuned(early, model("early"));
    out.late[m] = calibrate_late(subacute, late, people, out.early[m], model("subacute"));
    Truth between = out.chronic[m];
    between.beta = 0.5 * (out.chronic[m].beta + out.early[m].beta);

    const Norm& norm = kNorms[m % 6];
    const double mean = norm.mean * (ipsi ? norm.ipsi : 1.0);
    for (std::size_t i = 0; i < people.size(); ++i) {
      const Person& p = people[i];
      const Truth& truth = p.control || p.period == Period::chronic ? out.chronic[m]
                           : p.period == Period::early              ? out.early[m]
                           : p.period == Period::late_subacute      ? out.late[m]
                                                                    : between;
      double y = fixed_part(p, truth);
      y += truth.tau * Draws(seed, kCohortIntercept, static_cast<std::uint64_t>(p.cohort), m).bounded_normal();
      y += truth.sigma * residual(structure == "lateral_ventricle", Draws(seed, kResidual, i, m));
      const double healthy = std::clamp((p.control ? norm.mean : mean) + norm.sd * y, norm.low, norm.high);
      const std::size_t region = anatomical(m, p.lesion_side);
      out.intact_mm3[i][region] = std::round(healthy);
      const Flag flag = out.brains[i].flag[region];
      out.brains[i].volume_mm3[region] =
          std::round(flag == Flag::ok ? healthy : damaged(healthy, flag, Draws(seed, kDamage, i, m)));
    }
  }
  for (const KnownBrain& k : known) out.brains[k.person] = k.brain;
  return out;
}

}  // namespace ipsi::demo
