// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/raters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/lookup.h"

namespace ipsi::study {
namespace {

constexpr std::string_view kRaterPrefix = "rater:";
constexpr std::array<RatingRule, 4> kRules{RatingRule::consensus, RatingRule::majority, RatingRule::strictest,
                                           RatingRule::lesioned_kept};

std::size_t rank_of(std::string_view region) {
  const Region* found = find_region(region);
  return found == nullptr ? kRegions.size() : static_cast<std::size_t>(found - kRegions.data());
}

bool leaves(Flag flag) {
  return flag == Flag::lesioned || flag == Flag::failed;
}

}  // namespace

Look look_of(std::string_view rater) {
  const auto hash = rater.rfind('#');
  if (hash == std::string_view::npos || hash == 0) return {std::string(rater), 1};
  const std::string_view digits = rater.substr(hash + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.front() != '0';
  if (!whole || number < 2) return {std::string(rater), 1};
  return {std::string(rater.substr(0, hash)), number};
}

std::string look_name(std::string_view name, int number) {
  return number < 2 ? std::string(name) : fmt::format("{}#{}", name, number);
}

RaterKind kind_of(std::string_view rater) {
  if (rater == kAdjudicator) return RaterKind::adjudicator;
  if (rater == kGold) return RaterKind::gold;
  return look_of(rater).number > 1 ? RaterKind::repeat : RaterKind::rater;
}

std::vector<std::string> raters_of(const Snapshot& snapshot) {
  std::set<std::string> names;
  for (const auto& rating : snapshot.ratings)
    if (kind_of(rating.rater) == RaterKind::rater) names.insert(rating.rater);
  return {names.begin(), names.end()};
}

std::string rule_text(const AnalysisOptions& options) {
  if (options.rule == RatingRule::one_rater) return std::string(kRaterPrefix) + options.rater;
  return std::string(to_string(options.rule));
}

Result<AnalysisOptions> with_rule(AnalysisOptions options, std::string_view text, const Snapshot& snapshot) {
  const std::string rule = trim(text);
  if (rule.starts_with(kRaterPrefix)) {
    options.rule = RatingRule::one_rater;
    options.rater = trim(std::string_view(rule).substr(kRaterPrefix.size()));
    std::set<std::string> names;
    for (const auto& rating : snapshot.ratings) names.insert(rating.rater);
    if (names.contains(options.rater)) return options;
    return fail(Code::NotFound, fmt::format("nobody called '{}' has rated", options.rater), "ratings",
                names.empty() ? "the study has no ratings" : "use one of " + join({names.begin(), names.end()}, ", "));
  }
  std::string key = to_lower(rule);
  std::replace(key.begin(), key.end(), ' ', '_');
  for (const RatingRule known : kRules)
    if (key == to_string(known)) {
      options.rule = known;
      options.rater.clear();
      return options;
    }
  return fail(Code::Usage, fmt::format("there is no rule '{}' for several raters", rule), "ratings",
              "use consensus, majority, strictest, lesioned_kept or rater:NAME");
}

std::vector<Setting> rule_settings(const AnalysisOptions& options) {
  return {{"rating_rule", std::string(to_string(options.rule))},
          {"rating_rater", options.rule == RatingRule::one_rater ? options.rater : ""}};
}

RuleEffect rule_effect(const Snapshot& snapshot, const AnalysisOptions& rule, const AnalysisOptions& other) {
  std::map<std::string_view, const Session*> first;
  for (const auto& session : snapshot.sessions) {
    const Session*& have = first[session.person];
    if (have == nullptr || session.ordinal < have->ordinal) have = &session;
  }
  std::map<std::pair<std::string_view, std::string_view>, std::vector<const Rating*>> items;
  for (const auto& rating : snapshot.ratings) {
    const auto at = first.find(rating.person);
    if (at != first.end() && at->second->label == rating.session)
      items[{rating.person, rating.region}].push_back(&rating);
  }
  RuleEffect out;
  for (const auto& [key, ratings] : items) {
    const Flag flag = decided_flag(ratings, rule), before = decided_flag(ratings, other);
    out.decided += flag != Flag::unrated ? 1 : 0;
    out.left_out += leaves(flag) ? 1 : 0;
    out.differ += flag != before ? 1 : 0;
    out.taken_in += leaves(before) && !leaves(flag) ? 1 : 0;
    out.taken_out += leaves(flag) && !leaves(before) ? 1 : 0;
  }
  return out;
}

std::vector<Disagreement> disagreements(const Snapshot& snapshot) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Disagreement> items;
  for (const auto& rating : snapshot.ratings) {
    const RaterKind kind = kind_of(rating.rater);
    if (rating.flag == Flag::unrated || kind == RaterKind::repeat || kind == RaterKind::gold) continue;
    Disagreement& item = items[{rating.person, rating.session, rating.region}];
    if (kind == RaterKind::adjudicator)
      item.adjudicated = rating.flag;
    else
      item.flags.emplace_back(rating.rater, rating.flag);
  }
  std::vector<Disagreement> out;
  for (auto& [key, item] : items) {
    const auto other = [&](const auto& given) { return given.second != item.flags.front().second; };
    if (std::none_of(item.flags.begin(), item.flags.end(), other)) continue;
    std::tie(item.person, item.session, item.region) = key;
    std::sort(item.flags.begin(), item.flags.end());
    const auto out_of_models = [](const auto& given) { return leaves(given.second); };
    item.matters = std::any_of(item.flags.begin(), item.flags.end(), out_of_models) &&
                   !std::all_of(item.flags.begin(), item.flags.end(), out_of_models);
    out.push_back(std::move(item));
  }
  std::sort(out.begin(), out.end(), [](const Disagreement& a, const Disagreement& b) {
    if (a.person != b.person) return natural_less(a.person, b.person);
    if (a.session != b.session) return natural_less(a.session, b.session);
    return rank_of(a.region) < rank_of(b.region);
  });
  return out;
}

}  // namespace ipsi::study
