// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/volume_norm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/numeric/robust.h"

namespace ipsi::ingest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Rank of a source in the study's order of preference; behind all others when it is not named there.
std::size_t rank_of(const std::string& source, const study::AnalysisOptions& options) {
  return static_cast<std::size_t>(std::ranges::find(options.volume_sources, source) - options.volume_sources.begin());
}

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return values.empty() ? kNaN : sum / static_cast<double>(values.size());
}

RegionNorm::Plane plane_through(const std::vector<double>& y, const std::vector<double>& icv,
                                const std::vector<double>& age, bool by_icv, bool by_age) {
  RegionNorm::Plane out;
  std::vector<double> rows, heads, years;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i]) || (by_icv && std::isnan(icv[i])) || (by_age && std::isnan(age[i]))) continue;
    rows.push_back(y[i]);
    heads.push_back(icv[i]);
    years.push_back(age[i]);
  }
  if (static_cast<int>(rows.size()) < kLeastForNorm) return out;
  out.icv_mean = by_icv ? mean_of(heads) : 0.0;
  out.age_mean = by_age ? mean_of(years) : 0.0;
  const auto n = static_cast<Eigen::Index>(rows.size());
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(n, 1 + (by_icv ? 1 : 0) + (by_age ? 1 : 0));
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto s = static_cast<std::size_t>(i);
    if (by_icv) x(i, 1) = (heads[s] - out.icv_mean) / 1e5;  // columns of like size: dependence is judged by numbers
    if (by_age) x(i, x.cols() - 1) = (years[s] - out.age_mean) / 10.0;
  }
  const auto fit = numeric::robust_fit(x, Eigen::Map<const Eigen::VectorXd>(rows.data(), n));
  if (!fit.good || !(fit.scale > 0.0)) return out;
  out.people = static_cast<int>(n);
  out.by_icv = by_icv;
  out.by_age = by_age;
  out.middle = fit.beta[0];
  out.per_icv = by_icv ? fit.beta[1] / 1e5 : 0.0;
  out.per_age = by_age ? fit.beta[x.cols() - 1] / 10.0 : 0.0;
  out.spread = fit.scale;
  return out;
}

/// Takes a measurement where its source comes before what was taken already.
struct Best {
  std::size_t rank = std::numeric_limits<std::size_t>::max();
  bool take(double& value, const study::Measurement& m, const study::AnalysisOptions& options) {
    const std::size_t at = rank_of(m.source, options);
    if (std::isnan(m.value) || at >= rank) return false;
    rank = at;
    value = m.value;
    return true;
  }
};

}  // namespace

std::vector<SessionVolumes> session_volumes(const study::Snapshot& snapshot, const study::AnalysisOptions& options) {
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> places;
  std::map<std::string_view, std::size_t> earliest;
  std::map<std::string_view, bool> patient;
  for (const auto& person : snapshot.people) patient[person.id] = person.group == "patient";
  std::vector<SessionVolumes> out;
  for (std::size_t i = 0; i < snapshot.sessions.size(); ++i) {
    const auto& session = snapshot.sessions[i];
    places[{session.person, session.label}] = i;
    SessionVolumes row;
    row.person = session.person;
    row.session = session.label;
    row.patient = patient[session.person];
    row.mm3.fill(kNaN);
    row.icv = kNaN;
    row.age = session.age_years;
    out.push_back(std::move(row));
    const auto [at, fresh] = earliest.try_emplace(session.person, i);
    const auto& first = snapshot.sessions[at->second];
    if (std::pair(session.ordinal, session.label) < std::pair(first.ordinal, first.label)) at->second = i;
  }
  for (const auto& [person, at] : earliest) out[at].first = true;
  std::map<std::string_view, std::size_t> regions;
  for (std::size_t r = 0; r < kRegions.size(); ++r) regions[kRegions[r].key] = r;
  std::vector<Best> best(out.size() * 13);
  for (const auto& m : snapshot.measurements) {
    const auto place = places.find({m.person, m.session});
    if (place == places.end()) continue;
    SessionVolumes& row = out[place->second];
    Best* const bests = &best[place->second * 13];
    if (m.region == "head" && m.measure == "icv") (void)bests[12].take(row.icv, m, options);
    const auto region = m.measure == "volume" ? regions.find(m.region) : regions.end();
    if (region == regions.end()) continue;
    const std::size_t r = region->second;
    if (rank_of(m.source, options) >= options.volume_sources.size()) continue;
    if (bests[r].take(row.mm3[r], m, options)) row.source[r] = m.source;
    if (std::isnan(m.value) && row.note[r].empty()) row.note[r] = fmt::format("{}: {}", m.source, m.note);
  }
  return out;
}

RegionNorm RegionNorm::make(std::size_t region, const std::vector<double>& mm3, const std::vector<double>& icv,
                            const std::vector<double>& age, const std::vector<bool>& usual) {
  RegionNorm out;
  out.log_ = kRegions[region].structure == "lateral_ventricle";
  std::vector<double> y(mm3.size(), kNaN);
  for (std::size_t i = 0; i < mm3.size(); ++i)
    if (usual[i] && mm3[i] > 0.0) y[i] = out.log_ ? std::log(mm3[i]) : mm3[i];
  out.planes_ = {plane_through(y, icv, age, true, true), plane_through(y, icv, age, true, false),
                 plane_through(y, icv, age, false, true), plane_through(y, icv, age, false, false)};
  return out;
}

RegionNorm::Z RegionNorm::of(double mm3, double icv, double age) const {
  Z out{kNaN, kNaN, nullptr};
  for (const Plane& plane : planes_) {
    if (plane.people == 0 || (plane.by_icv && std::isnan(icv)) || (plane.by_age && std::isnan(age))) continue;
    const double usual = plane.middle + (plane.by_icv ? plane.per_icv * (icv - plane.icv_mean) : 0.0) +
                         (plane.by_age ? plane.per_age * (age - plane.age_mean) : 0.0);
    out.plane = &plane;
    out.expected = log_ ? std::exp(usual) : usual;
    if (mm3 > 0.0) out.z = ((log_ ? std::log(mm3) : mm3) - usual) / plane.spread;
    return out;
  }
  return out;
}

std::array<RegionNorm, kRegions.size()> region_norms(const std::vector<SessionVolumes>& sessions) {
  std::array<RegionNorm, kRegions.size()> out;
  std::vector<double> icv, age;
  std::vector<bool> usual;
  for (const auto& s : sessions) {
    icv.push_back(s.icv);
    age.push_back(s.age);
    usual.push_back(s.first && s.patient);
  }
  for (std::size_t r = 0; r < out.size(); ++r) {
    std::vector<double> mm3;
    for (const auto& s : sessions) mm3.push_back(s.mm3[r]);
    out[r] = RegionNorm::make(r, mm3, icv, age, usual);
  }
  return out;
}

EnigmaLimits enigma_limits(std::vector<double> volumes) {
  EnigmaLimits out{0, kNaN, kNaN, kNaN, kNaN};
  std::erase_if(volumes, [](double v) { return !(v > 0.0); });
  out.people = static_cast<int>(volumes.size());
  if (out.people < kLeastForNorm) return out;
  std::ranges::sort(volumes);
  const double q1 = numeric::quantile(volumes, 0.25), q3 = numeric::quantile(volumes, 0.75);
  out.tukey_low = q1 - 1.5 * (q3 - q1);
  out.tukey_high = q3 + 1.5 * (q3 - q1);
  const double mean = mean_of(volumes);
  double squares = 0.0;
  for (const double v : volumes) squares += (v - mean) * (v - mean);
  const double sd = std::sqrt(squares / static_cast<double>(out.people - 1));
  out.sd_low = mean - 2.698 * sd;
  out.sd_high = mean + 2.698 * sd;
  return out;
}

}  // namespace ipsi::ingest
