// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/blinding.h"

#include "core/ingest/assignment.h"
#include "core/study/patch.h"
#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {

constexpr const char* kNow = "2026-01-02T03:04:05Z";

struct Desk {
  study::Snapshot snapshot;
  void apply(const study::Request& request) { (void)study::apply_changes(snapshot, request.changes); }
  [[nodiscard]] bool blind(const std::string& rater) const { return blinding(snapshot, rater).on; }
};

TEST(Blinding, IsOffUntilSetAndThenHoldsForEveryLook) {
  Desk desk;
  EXPECT_FALSE(desk.blind("A"));
  const auto request = set_blind(desk.snapshot, Blind::on, "lead");
  EXPECT_EQ(request.kind, "blind");
  EXPECT_EQ(request.author, "lead");
  desk.apply(request);
  for (const char* rater : {"A", "A#2", "B", "consensus", ""}) EXPECT_TRUE(desk.blind(rater)) << rater;
}

TEST(Blinding, OneRaterLiftsItForThemselvesAloneAndTheSettingSaysWhen) {
  Desk desk;
  desk.apply(set_blind(desk.snapshot, Blind::on, "lead"));
  const auto lifted = set_blind(desk.snapshot, Blind::off, "A#2", "A", kNow);
  ASSERT_OK(lifted);
  EXPECT_EQ(lifted->kind, "unblind");
  EXPECT_EQ(lifted->summary, "A no longer rates blind");
  desk.apply(*lifted);
  EXPECT_FALSE(desk.blind("A"));
  EXPECT_FALSE(desk.blind("A#2"));
  EXPECT_TRUE(desk.blind("B"));
  EXPECT_TRUE(desk.blind("A#x")) << "a name of its own";
  const auto who = unblinded(desk.snapshot);
  ASSERT_EQ(who.size(), 1U);
  EXPECT_EQ(who[0].rater, "A");
  EXPECT_EQ(who[0].time, kNow);
  const auto again = set_blind(desk.snapshot, Blind::on, "A", "A", kNow);
  ASSERT_OK(again);
  desk.apply(*again);
  EXPECT_TRUE(desk.blind("A"));
}

TEST(Blinding, SetAgainItHoldsForThoseWhoHadLiftedIt) {
  Desk desk;
  desk.apply(set_blind(desk.snapshot, Blind::on, "lead"));
  desk.apply(*set_blind(desk.snapshot, Blind::off, "A", "A", kNow));
  desk.apply(set_blind(desk.snapshot, Blind::off, "lead"));
  EXPECT_FALSE(desk.blind("B"));
  EXPECT_TRUE(unblinded(desk.snapshot).empty());
  desk.apply(set_blind(desk.snapshot, Blind::on, "lead"));
  EXPECT_TRUE(desk.blind("A"));
}

TEST(Blinding, ThereIsNothingToLiftWhereNothingIsHidden) {
  Desk desk;
  EXPECT_EQ(set_blind(desk.snapshot, Blind::off, "A", "A", kNow).error().code, Code::InvalidInput);
  desk.apply(set_blind(desk.snapshot, Blind::on, "lead"));
  EXPECT_EQ(set_blind(desk.snapshot, Blind::off, " ", "A", kNow).error().code, Code::InvalidInput);
}

TEST(Blinding, CodesAreThoseOfTheAssignmentWhereThereIsOne) {
  Desk desk;
  EXPECT_EQ(blinding(desk.snapshot, "A").seed, 1U);
  desk.snapshot.people = {{"sub-1", "c", "patient", "", "", ""}};
  const auto made = assign({.raters = {"A", "B"}, .seed = 42}, desk.snapshot.people);
  for (const auto& setting : to_settings(made)) desk.snapshot.settings.push_back(setting);
  EXPECT_EQ(blinding(desk.snapshot, "A").seed, 42U);
  desk.snapshot.settings.front().value = "{}";  // of another version
  EXPECT_EQ(blinding(desk.snapshot, "A").seed, 1U);
}

}  // namespace
}  // namespace ipsi::ingest
