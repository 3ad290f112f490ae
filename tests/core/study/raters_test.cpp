// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/raters.h"

#include <algorithm>
#include <random>

#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

Rating said(const std::string& rater, Flag flag, const std::string& person = "p",
            const std::string& region = "left_thalamus") {
  return {person, "1", region, rater, flag, "", "", ""};
}

Flag decided(const std::vector<Rating>& ratings, RatingRule rule, const std::string& rater = "") {
  std::vector<const Rating*> pointers;
  for (const auto& rating : ratings) pointers.push_back(&rating);
  return decided_flag(pointers, {.rule = rule, .rater = rater});
}

TEST(RaterName, TellsLooksAndRolesApart) {
  EXPECT_EQ(look_of("ab#2").name, "ab");
  EXPECT_EQ(look_of("ab#2").number, 2);
  EXPECT_EQ(look_of("a#b#12").name, "a#b");
  for (const char* plain : {"ab", "ab#1", "ab#02", "ab#x", "ab#2x", "ab#", "#2", "ab#-2", "ab#99999999999999"}) {
    EXPECT_EQ(look_of(plain).name, plain);
    EXPECT_EQ(look_of(plain).number, 1) << plain;
    EXPECT_EQ(kind_of(plain), RaterKind::rater) << plain;
  }
  for (int number : {1, 2, 7, 30}) {
    EXPECT_EQ(look_of(look_name("ab", number)).name, "ab");
    EXPECT_EQ(look_of(look_name("ab", number)).number, number);
  }
  EXPECT_EQ(kind_of("ab#2"), RaterKind::repeat);
  EXPECT_EQ(kind_of("gold"), RaterKind::gold);
  EXPECT_EQ(kind_of("consensus"), RaterKind::adjudicator);
  Snapshot s;
  for (const char* rater : {"b", "a", "a#2", "gold", "consensus", "b"}) s.ratings.push_back(said(rater, Flag::ok));
  EXPECT_EQ(raters_of(s), (std::vector<std::string>{"a", "b"}));
}

TEST(DecidedFlag, TakesTheMajority) {
  const auto ok = said("A", Flag::ok), ok2 = said("B", Flag::ok), bad = said("C", Flag::failed),
             hurt = said("D", Flag::lesioned), open = said("E", Flag::unrated);
  const auto rule = RatingRule::majority;
  EXPECT_EQ(decided({}, rule), Flag::unrated);
  EXPECT_EQ(decided({open, open}, rule), Flag::unrated);
  EXPECT_EQ(decided({ok, ok2, bad}, rule), Flag::ok) << "one strict rater is outvoted";
  EXPECT_EQ(decided({ok, bad}, rule), Flag::failed) << "a tie: the strictest";
  EXPECT_EQ(decided({ok, ok2, bad, bad, hurt}, rule), Flag::failed) << "a tie between two of three";
  EXPECT_EQ(decided({ok, bad, said("consensus", Flag::ok)}, rule), Flag::ok) << "a tie that is adjudicated";
  EXPECT_EQ(decided({ok, ok2, bad, said("consensus", Flag::failed)}, rule), Flag::ok) << "no tie, no adjudicator";
  EXPECT_EQ(decided({said("consensus", Flag::lesioned)}, rule), Flag::lesioned);
}

TEST(DecidedFlag, KeepsLesionedRegionsWhereAsked) {
  const auto rule = RatingRule::lesioned_kept;
  EXPECT_EQ(decided({said("A", Flag::lesioned), said("B", Flag::ok)}, rule), Flag::ok);
  EXPECT_EQ(decided({said("A", Flag::lesioned), said("B", Flag::failed)}, rule), Flag::failed);
  EXPECT_EQ(decided({said("A", Flag::failed), said("consensus", Flag::lesioned)}, rule), Flag::ok);
  EXPECT_EQ(decided({}, rule), Flag::unrated);
}

TEST(DecidedFlag, IgnoresSecondLooksAndGold) {
  const std::vector<Rating> ratings{said("A", Flag::ok), said("A#2", Flag::failed), said("gold", Flag::lesioned)};
  for (const auto rule :
       {RatingRule::consensus, RatingRule::strictest, RatingRule::majority, RatingRule::lesioned_kept})
    EXPECT_EQ(decided(ratings, rule), Flag::ok) << to_string(rule);
  EXPECT_EQ(decided(ratings, RatingRule::one_rater, "A#2"), Flag::failed) << "unless it is asked for";
  EXPECT_EQ(decided(ratings, RatingRule::one_rater, "gold"), Flag::lesioned);
}

TEST(DecidedFlag, DoesNotDependOnTheOrderOfRatings) {
  std::mt19937 random(11);
  const std::vector<std::string> names{"A", "B", "C", "D", "consensus", "gold", "A#2"};
  for (int round = 0; round < 300; ++round) {
    std::vector<Rating> ratings;
    for (const auto& name : names)
      if (random() % 3 != 0) ratings.push_back(said(name, static_cast<Flag>(random() % 4)));
    auto shuffled = ratings;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    for (const auto rule : {RatingRule::consensus, RatingRule::strictest, RatingRule::majority,
                            RatingRule::lesioned_kept, RatingRule::one_rater})
      EXPECT_EQ(decided(ratings, rule, "B"), decided(shuffled, rule, "B")) << to_string(rule);
  }
}

TEST(RatingRule, IsWrittenAndReadBack) {
  Snapshot s;
  s.ratings = {said("A", Flag::ok), said("B b", Flag::ok)};
  for (const char* text : {"consensus", "majority", "strictest", "lesioned_kept", "rater:A", "rater:B b"}) {
    const auto options = with_rule({}, text, s);
    ASSERT_OK(options);
    EXPECT_EQ(rule_text(*options), text);
    s.settings = rule_settings(*options);
    EXPECT_EQ(rule_text(options_of(s)), text) << "through the study's settings";
  }
  EXPECT_EQ(rule_text(*with_rule({}, "Lesioned kept", s)), "lesioned_kept");
  const auto none = with_rule({}, "rater:C", s);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::NotFound);
  EXPECT_NE(none.error().mend.find("A, B b"), std::string::npos) << none.error().mend;
  for (const char* bad : {"", "rater", "one_rater", "vote"}) {
    const auto failed = with_rule({}, bad, s);
    ASSERT_FALSE(failed) << bad;
    EXPECT_EQ(failed.error().code, Code::Usage);
  }
}

TEST(Disagreements, AreWhatFirstLooksSayDifferently) {
  Snapshot s;
  s.ratings = {said("A", Flag::ok, "sub-10"),
               said("B", Flag::lesioned, "sub-10"),
               said("A", Flag::lesioned, "sub-2"),
               said("B", Flag::failed, "sub-2"),
               said("consensus", Flag::failed, "sub-2"),
               said("A", Flag::ok, "sub-3"),
               said("B", Flag::ok, "sub-3"),
               said("A#2", Flag::failed, "sub-3"),   // a second look
               said("gold", Flag::failed, "sub-3"),  // the truth
               said("A", Flag::ok, "sub-4"),
               said("B", Flag::unrated, "sub-4"),  // not rated yet
               said("consensus", Flag::failed, "sub-4"),
               said("A", Flag::ok, "sub-2", "right_caudate"),
               said("B", Flag::failed, "sub-2", "right_caudate")};
  const auto found = disagreements(s);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].person, "sub-2");
  EXPECT_EQ(found[0].region, "left_thalamus");
  EXPECT_FALSE(found[0].matters) << "both take the region out";
  EXPECT_EQ(found[0].adjudicated, Flag::failed);
  EXPECT_EQ(found[1].region, "right_caudate");
  EXPECT_TRUE(found[1].matters);
  EXPECT_EQ(found[2].person, "sub-10");
  EXPECT_EQ(found[2].flags, (std::vector<std::pair<std::string, Flag>>{{"A", Flag::ok}, {"B", Flag::lesioned}}));
  EXPECT_EQ(found[2].adjudicated, Flag::unrated);
}

TEST(RuleEffect, CountsWhatARuleTakesInAndOut) {
  Snapshot s;
  for (const char* id : {"a", "b", "c", "d"}) {
    s.people.push_back({id, "c", "patient", "", "left", ""});
    s.sessions.push_back({id, "1", 1, "", 60, 10});
    s.sessions.push_back({id, "2", 2, "", 61, 300});
  }
  s.ratings = {said("A", Flag::ok, "a"),      said("B", Flag::failed, "a"),         // only B lets it go
               said("A", Flag::failed, "b"),  said("B", Flag::ok, "b"),             // only A
               said("A", Flag::ok, "c"),      said("B", Flag::ok, "c"),             // nobody
               said("A", Flag::lesioned, "d")};                                     // B has not looked
  s.ratings.push_back({"c", "2", "left_thalamus", "A", Flag::failed, "", "", ""});  // a later visit does not count
  const AnalysisOptions consensus, a{.rule = RatingRule::one_rater, .rater = "A"},
      b{.rule = RatingRule::one_rater, .rater = "B"}, kept{.rule = RatingRule::lesioned_kept};
  const RuleEffect same = rule_effect(s, consensus, consensus);
  EXPECT_EQ(same.decided, 4);
  EXPECT_EQ(same.left_out, 3);
  EXPECT_EQ(same.differ, 0);
  const RuleEffect by_a = rule_effect(s, a, consensus);
  EXPECT_EQ(by_a.differ, 1);
  EXPECT_EQ(by_a.taken_in, 1) << "a, which B alone had let go";
  EXPECT_EQ(by_a.taken_out, 0);
  const RuleEffect by_b = rule_effect(s, b, consensus);
  EXPECT_EQ(by_b.decided, 3);
  EXPECT_EQ(by_b.differ, 2) << "b, and d where B has no flag";
  EXPECT_EQ(by_b.taken_in, 2);
  const RuleEffect back = rule_effect(s, consensus, b);
  EXPECT_EQ(back.taken_out, by_b.taken_in);
  EXPECT_EQ(back.taken_in, by_b.taken_out);
  EXPECT_EQ(rule_effect(s, kept, consensus).taken_in, 1) << "d";
}

}  // namespace
}  // namespace ipsi::study
