// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/demo/draws.h"
#include "core/demo/plant.h"

namespace ipsi::demo {
namespace {

using study::Flag;

enum Purpose : std::uint64_t { kFrailty = 20, kSelection, kKind };

// People between whom the published tables count: everyone in one stratum is exchangeable for them.
enum Stratum : std::size_t { early, late, between, chronic_both, chronic_activity, chronic_impairment, chronic_other };
constexpr std::size_t kStrata = 7;
using Counts = std::array<int, kStrata>;

Stratum stratum_of(const Person& person) {
  switch (person.period) {
    case Period::early: return early;
    case Period::late_subacute: return late;
    case Period::between: return between;
    case Period::chronic: break;
  }
  if (person.impairment()) return person.activity() ? chronic_both : chronic_impairment;
  return person.activity() ? chronic_activity : chronic_other;
}

/// How many stay per stratum. The four chronic strata share one unknown: how many with an activity measure also have
/// the FMA-UE. It is taken where the rates of the four are most alike to those of the margins.
Counts kept(const Published& published, std::size_t structure, bool ipsi, const Counts& size) {
  const auto n = [&](const char* analysis, const char* predictor) {
    return published.model(analysis, predictor, kStructures[structure], ipsi)->n;
  };
  const int n_early = n("early", "sensorimotor_behaviour");
  const int n_subacute = n("subacute", "sensorimotor_behaviour");
  const int n_chronic = n("chronic", "sensorimotor_behaviour");
  const int n_impairment = n("chronic", "sensorimotor_impairment");
  const int n_activity = n("chronic", "activity_limitations");
  const auto at = [&](int both) {
    const int activity = n_activity - both;
    return Counts{
        n_early, n_subacute - n_early, 0, both, activity, n_impairment - both, n_chronic - n_impairment - activity};
  };
  const double rate_impairment = static_cast<double>(n_impairment) / (size[chronic_both] + size[chronic_impairment]);
  const double rate_other =
      static_cast<double>(n_chronic - n_impairment) / (size[chronic_activity] + size[chronic_other]);
  Counts best{};
  double least = std::numeric_limits<double>::infinity();
  for (int both = 0; both <= size[chronic_both]; ++both) {
    const Counts counts = at(both);
    double cost = 0;
    bool possible = true;
    for (std::size_t s = chronic_both; s < kStrata; ++s) {
      possible &= counts[s] >= 0 && counts[s] <= size[s];
      const double target = s == chronic_both || s == chronic_impairment ? rate_impairment : rate_other;
      cost += size[s] * std::pow(counts[s] / std::max(1.0, static_cast<double>(size[s])) - target, 2);
    }
    if (possible && cost < least) {
      least = cost;
      best = counts;
    }
  }
  const double rate = 0.5 * (n_subacute / static_cast<double>(size[early] + size[late]) +
                             n_chronic / static_cast<double>(size[chronic_both] + size[chronic_activity] +
                                                             size[chronic_impairment] + size[chronic_other]));
  best[between] = static_cast<int>(std::lround(rate * size[between]));
  return best;
}

bool lost_with_cohort(const CohortPlan& plan, const Person& person, std::size_t structure, bool ipsi) {
  if (person.control || person.period == Period::between) return false;
  const auto& lost = person.period == Period::chronic ? plan.lost_chronic : plan.lost_subacute;
  const std::string name(kStructures[structure]);
  return std::ranges::find(lost, name) != lost.end() || (ipsi && std::ranges::find(lost, "ipsi_" + name) != lost.end());
}

/// How likely a person is to lose regions at all: lesion size, score and something of their own.
struct Frailty {
  double lesion = 0, severity = 0, own = 0;
};

double urge(const Frailty& f, bool ipsi, Draws draws) {
  const double gumbel = -std::log(-std::log(draws.uniform()));
  return (ipsi ? 0.9 * f.lesion + 0.3 * f.severity + 0.7 * f.own : 0.4 * f.lesion + 0.25 * f.severity + 0.9 * f.own) +
         gumbel;
}

/// Why a region is out. On the side of the lesion mostly because of it; a cohort that loses everybody had bad scans.
Flag kind_of_loss(const Person& person, bool ipsi, Draws draws) {
  const double lesioned = !ipsi ? 0.06 : person.lesion_class == "cortical" ? 0.70 : 0.88;
  return draws.uniform() < lesioned ? Flag::lesioned : Flag::failed;
}

}  // namespace

std::vector<std::array<Flag, 12>> draw_flags(const Published& published, const std::vector<Person>& people,
                                             std::uint64_t seed, const std::vector<KnownBrain>& known) {
  std::vector<std::array<Flag, 12>> flags(people.size());
  for (auto& row : flags) row.fill(Flag::ok);
  std::vector<char> fixed(people.size(), 0);
  for (const KnownBrain& k : known) {
    fixed[k.person] = 1;
    flags[k.person] = k.brain.flag;
  }
  std::vector<Frailty> frailty(people.size());
  std::array<std::vector<std::size_t>, kStrata> members;
  Counts size{};
  for (std::size_t i = 0; i < people.size(); ++i) {
    const Person& p = people[i];
    if (p.control) continue;
    frailty[i] = {std::log(p.lesion_mm3 / 4300.0) / 1.9, (0.65 - p.score) / 0.28, Draws(seed, kFrailty, i).normal()};
    members[stratum_of(p)].push_back(i);
    ++size[stratum_of(p)];
  }

  for (std::size_t m = 0; m < kModelRegions; ++m) {
    const std::size_t structure = m % 6;
    const bool ipsi = m < 6;
    const Counts stay = kept(published, structure, ipsi, size);
    for (std::size_t s = 0; s < kStrata; ++s) {
      const auto place = [&](std::size_t i) { return anatomical(m, people[i].lesion_side); };
      int out = size[s] - stay[s];
      std::vector<std::pair<double, std::size_t>> order;   // who may be left out, likeliest first
      std::map<int, std::pair<double, std::size_t>> last;  // per cohort the one who must stay
      std::map<int, bool> safe;                            // cohorts that a fixed person keeps alive
      for (const std::size_t i : members[s]) {
        if (fixed[i]) {
          const bool stays = flags[i][place(i)] == Flag::ok;
          if (!stays) --out;
          safe[people[i].cohort] |= stays;
        } else if (lost_with_cohort(published.cohorts[static_cast<std::size_t>(people[i].cohort)], people[i], structure,
                                    ipsi)) {
          flags[i][place(i)] = Flag::failed;
          --out;
        } else {
          const std::pair<double, std::size_t> entry{urge(frailty[i], ipsi, Draws(seed, kSelection, i, m)), i};
          order.push_back(entry);
          const auto [it, first] = last.emplace(people[i].cohort, entry);
          if (!first && entry < it->second) it->second = entry;
        }
      }
      std::ranges::sort(order, std::greater<>());
      for (const auto& [key, i] : order) {
        if (out <= 0) break;
        if (last.at(people[i].cohort).second == i && !safe[people[i].cohort]) continue;
        flags[i][place(i)] = kind_of_loss(people[i], ipsi, Draws(seed, kKind, i, m));
        --out;
      }
    }
  }
  return flags;
}

}  // namespace ipsi::demo
