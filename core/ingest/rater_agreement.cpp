// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rater_agreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/lookup.h"
#include "core/study/raters.h"

namespace ipsi::ingest {
namespace {

using numeric::Agreement;
using numeric::Coefficient;
using numeric::RatedItems;
using study::Flag;

/// Every region that somebody looked at, with everybody's word.
struct Items {
  struct Item {
    int person = 0;
    std::string_view cohort;
    std::size_t region = 0;
    std::vector<int> code;  ///< [names] category or -1
  };
  std::vector<std::string> names;  ///< of all ratings but adjudication
  std::vector<Item> items;
  int categories = 0;

  [[nodiscard]] std::size_t index(const std::string& name) const {
    return static_cast<std::size_t>(std::lower_bound(names.begin(), names.end(), name) - names.begin());
  }
};

int category_of(Flag flag, Categories categories) {
  if (flag == Flag::unrated) return -1;
  const int code = static_cast<int>(flag) - static_cast<int>(Flag::ok);
  return categories == Categories::kept ? std::min(code, 1) : code;
}

Items items_of(const study::Snapshot& snapshot, Categories categories) {
  std::unordered_map<std::string_view, std::pair<int, std::string_view>> people;  // id -> number, cohort
  for (const auto& person : snapshot.people) people[person.id] = {static_cast<int>(people.size()), person.cohort};
  Items out;
  out.categories = categories == Categories::kept ? 2 : 3;
  std::set<std::string> names;
  for (const auto& rating : snapshot.ratings)
    if (study::kind_of(rating.rater) != study::RaterKind::adjudicator) names.insert(rating.rater);
  out.names.assign(names.begin(), names.end());
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::size_t> seen;
  for (const auto& rating : snapshot.ratings) {
    const Region* region = find_region(rating.region);
    const int code = category_of(rating.flag, categories);
    if (region == nullptr || code < 0 || !names.contains(rating.rater)) continue;
    const auto [found, added] = seen.try_emplace({rating.person, rating.session, rating.region}, out.items.size());
    if (added) {
      const auto person = people.try_emplace(rating.person, static_cast<int>(people.size()), "").first->second;
      out.items.push_back({person.first, person.second, static_cast<std::size_t>(region - kRegions.data()),
                           std::vector<int>(out.names.size(), -1)});
    }
    out.items[found->second].code[out.index(rating.rater)] = code;
  }
  return out;
}

/// Agreement of some names on the items for which `wanted` holds.
template <class Wanted>
Agreement agreement_on(const Items& items, const std::vector<std::size_t>& who, double level, Wanted&& wanted) {
  RatedItems rated{static_cast<int>(who.size()), items.categories, {}, {}};
  for (const auto& item : items.items) {
    if (!wanted(item)) continue;
    for (const std::size_t name : who) rated.code.push_back(item.code[name]);
    rated.cluster.push_back(item.person);
  }
  return numeric::agreement(rated, level);
}

AgreementPart part_of(const Items& items, const std::vector<std::string>& names, double level) {
  std::vector<std::size_t> who;
  for (const auto& name : names) who.push_back(items.index(name));
  const auto rated = [&](const Items::Item& item) {
    return std::any_of(who.begin(), who.end(), [&](std::size_t name) { return item.code[name] >= 0; });
  };
  AgreementPart out;
  out.all = agreement_on(items, who, level, [](const auto&) { return true; });
  std::set<std::size_t> regions;
  std::set<std::string_view> cohorts;
  for (const auto& item : items.items) {
    if (!rated(item)) continue;
    regions.insert(item.region);
    cohorts.insert(item.cohort);
  }
  for (const std::size_t region : regions)
    out.regions.emplace_back(kRegions[region].key, agreement_on(items, who, level, [&](const Items::Item& item) {
                               return item.region == region;
                             }));
  for (const std::string_view cohort : cohorts)
    out.cohorts.emplace_back(
        cohort, agreement_on(items, who, level, [&](const Items::Item& item) { return item.cohort == cohort; }));
  std::sort(out.cohorts.begin(), out.cohorts.end(),
            [](const auto& a, const auto& b) { return study::natural_less(a.first, b.first); });
  return out;
}

void add_coefficient(Json& out, const std::string& key, const Coefficient& c) {
  out[key] = c.value;
  out[key + "_se"] = c.se;
  out[key + "_ci"] = {c.low, c.high};
  out[key + "_ci_people"] = {c.cluster_low, c.cluster_high};
}

Json part_json(const AgreementPart& part, const std::vector<std::string>& categories) {
  const auto by_name = [&](const auto& list) {
    Json out = Json::object();
    for (const auto& [name, agreement] : list) out[name] = to_json(agreement, categories);
    return out;
  };
  return {{"overall", to_json(part.all, categories)},
          {"regions", by_name(part.regions)},
          {"cohorts", by_name(part.cohorts)}};
}

}  // namespace

AgreementReport rater_agreement(const study::Snapshot& snapshot, const AgreementOptions& options) {
  const Items items = items_of(snapshot, options.categories);
  AgreementReport out;
  out.categories = options.categories == Categories::kept ? std::vector<std::string>{"kept", "left_out"}
                                                          : std::vector<std::string>{"ok", "lesioned", "failed"};
  const auto pair = [&](const std::string& a, const std::string& b) {
    return PairAgreement{a, b, part_of(items, {a, b}, options.level)};
  };
  out.raters = study::raters_of(snapshot);
  out.everyone = part_of(items, out.raters, options.level);
  for (std::size_t a = 0; a < out.raters.size(); ++a)
    for (std::size_t b = a + 1; b < out.raters.size(); ++b) out.pairs.push_back(pair(out.raters[a], out.raters[b]));
  const auto known = [&](std::string_view name) {
    return std::binary_search(items.names.begin(), items.names.end(), name);
  };
  for (const auto& name : items.names) {
    const study::Look look = study::look_of(name);
    if (look.number > 1 && known(look.name)) out.repeats.push_back(pair(look.name, name));
  }
  if (known(study::kGold))
    for (const auto& rater : out.raters) out.gold.push_back(pair(std::string(study::kGold), rater));
  return out;
}

GoldScore score_of(const Agreement& a) {
  GoldScore out;
  out.n = a.items;
  out.share = a.percent.value;
  out.low = a.percent.cluster_low;
  out.high = a.percent.cluster_high;
  const std::size_t categories = a.prevalence.size();
  for (std::size_t gold = 0; gold < categories; ++gold)
    for (std::size_t rater = 0; rater < categories; ++rater) {
      const int count = a.confusion[gold * categories + rater];
      if (gold == rater) out.correct += count;
      (gold == 0 ? out.to_keep : out.to_leave) += count;
      if (gold == 0 && rater == 0) out.kept += count;
      if (gold > 0 && rater > 0) out.found += count;
    }
  return out;
}

const Coefficient& kappa_of(const Agreement& a) {
  return a.confusion.empty() ? a.fleiss : a.cohen;
}

std::string note_of(const Agreement& a, const std::vector<std::string>& categories) {
  if (a.items == 0) return "no region was rated by two";
  if (std::isnan(kappa_of(a).value)) {
    const auto only = std::max_element(a.prevalence.begin(), a.prevalence.end()) - a.prevalence.begin();
    return fmt::format("kappa is not defined: every rating is {}", categories[static_cast<std::size_t>(only)]);
  }
  if (a.percent.value == 1.0)
    return "nobody disagreed: intervals of kappa and AC1 have no width, that of the percentage has";
  constexpr double kRare = 0.05, kUsual = 0.90;
  const double most = *std::max_element(a.prevalence.begin(), a.prevalence.end());
  if (most > kUsual && kappa_of(a).value < a.ac1.value - kRare)
    return fmt::format("{:.0f} % of ratings are {}: kappa is low for that alone, read AC1", 100.0 * most,
                       categories[static_cast<std::size_t>(std::max_element(a.prevalence.begin(), a.prevalence.end()) -
                                                           a.prevalence.begin())]);
  return {};
}

Json to_json(const Agreement& a, const std::vector<std::string>& categories) {
  Json out{{"n", a.items}, {"people", a.clusters}, {"rated_once", a.single}};
  add_coefficient(out, "percent", a.percent);
  add_coefficient(out, "kappa", kappa_of(a));
  out["kappa_of"] = a.confusion.empty() ? "fleiss" : "cohen";
  add_coefficient(out, "fleiss", a.fleiss);
  add_coefficient(out, "ac1", a.ac1);
  for (std::size_t k = 0; k < categories.size(); ++k) out["prevalence"][categories[k]] = a.prevalence[k];
  if (!a.confusion.empty()) {
    Json rows = Json::object();
    for (std::size_t i = 0; i < categories.size(); ++i)
      for (std::size_t j = 0; j < categories.size(); ++j)
        rows[categories[i]][categories[j]] = a.confusion[i * categories.size() + j];
    out["confusion"] = std::move(rows);  // first rater, then second
  }
  const std::string note = note_of(a, categories);
  out["note"] = note.empty() ? Json(nullptr) : Json(note);
  return out;
}

Result<table::Table> reliability_table(const AgreementReport& report) {
  constexpr std::array kWords{"comparison", "a", "b", "part", "name", "kappa_of", "note"};
  std::map<std::string, std::vector<std::string>> words;
  std::vector<std::pair<std::string, std::vector<double>>> numbers;
  const auto number = [&](const std::string& name, double value) {
    const auto found = std::find_if(numbers.begin(), numbers.end(), [&](const auto& c) { return c.first == name; });
    (found == numbers.end() ? numbers.emplace_back(name, std::vector<double>()) : *found).second.push_back(value);
  };
  const auto row = [&](const char* kind, const PairAgreement& pair, const char* part, const std::string& name,
                       const Agreement& a) {
    const std::array<std::string, 7> cells{
        kind, pair.a, pair.b, part, name, a.confusion.empty() ? "fleiss" : "cohen", note_of(a, report.categories)};
    for (std::size_t i = 0; i < cells.size(); ++i) words[kWords[i]].push_back(cells[i]);
    number("n", a.items);
    number("people", a.clusters);
    number("rated_once", a.single);
    const std::pair<const char*, const Coefficient*> coefficients[]{
        {"percent", &a.percent}, {"kappa", &kappa_of(a)}, {"ac1", &a.ac1}};
    for (const auto& [key, c] : coefficients) {
      number(key, c->value);
      number(fmt::format("{}_low", key), c->cluster_low);
      number(fmt::format("{}_high", key), c->cluster_high);
    }
    for (std::size_t k = 0; k < report.categories.size(); ++k) number("share_" + report.categories[k], a.prevalence[k]);
  };
  const auto rows = [&](const char* kind, const PairAgreement& pair) {
    row(kind, pair, "overall", "", pair.part.all);
    for (const auto& [name, agreement] : pair.part.regions) row(kind, pair, "region", name, agreement);
    for (const auto& [name, agreement] : pair.part.cohorts) row(kind, pair, "cohort", name, agreement);
  };
  rows("raters", {"", "", report.everyone});
  for (const auto& pair : report.pairs) rows("pair", pair);
  for (const auto& pair : report.repeats) rows("repeat", pair);
  for (const auto& pair : report.gold) rows("gold", pair);
  std::vector<table::Column> columns;
  for (std::size_t i = 0; i < 5; ++i) columns.push_back(table::text(kWords[i], std::move(words[kWords[i]])));
  for (auto& [name, values] : numbers) columns.push_back(table::numeric(name, std::move(values)));
  for (std::size_t i = 5; i < kWords.size(); ++i)
    columns.push_back(table::text(kWords[i], std::move(words[kWords[i]])));
  return table::Table::from(std::move(columns));
}

Json to_json(const AgreementReport& report) {
  Json out = part_json(report.everyone, report.categories);
  out["categories"] = report.categories;
  out["raters"] = report.raters;
  const auto pairs = [&](const std::vector<PairAgreement>& list) {
    Json rows = Json::array();
    for (const auto& pair : list) {
      Json row = part_json(pair.part, report.categories);
      row["a"] = pair.a;
      row["b"] = pair.b;
      rows.push_back(std::move(row));
    }
    return rows;
  };
  out["pairs"] = pairs(report.pairs);
  out["repeats"] = pairs(report.repeats);
  out["gold"] = pairs(report.gold);
  return out;
}

}  // namespace ipsi::ingest
