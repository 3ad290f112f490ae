// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/audit_model.h"

#include <QSignalSpy>
#include <cmath>

#include "core/engine/audit.h"
#include "core/study/raters.h"
#include "tests/ui/qc/raters_support.h"

namespace ipsi::ui {
namespace {

struct Desk : test::RatedStudy {
  AuditModel model{context};
  void look() {
    model.setShown(true);
    settle();
  }
  void settle() {
    EXPECT_TRUE(test::wait_until([&] { return !model.state().working && jobs.idle(); }));
  }
  const AuditModel::State& state() { return model.state(); }
};

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

TEST(AuditModel, NobodyLeaves) {
  Desk desk;
  desk.look();
  EXPECT_TRUE(desk.state().nobody_left);
  EXPECT_EQ(desk.state().people, 9);
  EXPECT_TRUE(desk.state().headline.isEmpty());
}

TEST(AuditModel, ItsNumbersAreTheCores) {
  Desk desk;
  desk.two_raters();
  desk.look();
  EXPECT_EQ(desk.state().rule, "consensus");
  const auto snapshot = desk.session.snapshot();
  const auto wanted = engine::exclusion_audit(*snapshot, study::options_of(*snapshot));
  ASSERT_OK(wanted);
  const table::Table& audit = wanted->tables.front().table;
  ASSERT_EQ(desk.state().variables.size(), 4U);
  for (int v = 0; v < 4; ++v) {
    desk.model.chooseVariable(v);
    ASSERT_EQ(desk.state().rows.size(), 13U);
    for (std::size_t i = 0; i < 13; ++i) {
      const std::size_t r = 4 * i + static_cast<std::size_t>(v);
      const auto& row = desk.state().rows[i];
      ASSERT_EQ(audit.find("variable")->texts[r],
                desk.state().variables[static_cast<std::size_t>(v)].key.toStdString());
      EXPECT_EQ(row.left_out, audit.find("n_left_out")->values[r]);
      EXPECT_EQ(row.kept, audit.find("n_kept")->values[r]);
      EXPECT_TRUE(same(row.d, audit.find("difference")->values[r]));
      EXPECT_TRUE(same(row.d_high, audit.find("difference_high")->values[r]));
      EXPECT_TRUE(same(row.odds, audit.find("odds_ratio")->values[r]));
      EXPECT_TRUE(same(row.p_adjusted, audit.find("p_adjusted")->values[r]));
    }
  }
  EXPECT_EQ(desk.state().figures.size(), wanted->figures.size());
  EXPECT_EQ(desk.state().regions.size(), 13U);
  EXPECT_EQ(desk.state().regions[0].second, "Any of the twelve");
  int people = 0;
  for (const auto& c : desk.state().cohorts) people += c.n;
  EXPECT_EQ(people, 9);
  EXPECT_EQ(desk.model.tsv("audit").count('\n'), static_cast<int>(audit.rows()) + 1);
}

TEST(AuditModel, FollowsFlagsAndTheRuleOfTheStudy) {
  Desk desk;
  desk.two_raters();
  desk.look();
  const auto out = [&] {
    int n = 0;
    for (const auto& row : desk.state().rows)
      if (row.title != "Any of the twelve") n += row.left_out;
    return n;
  };
  EXPECT_EQ(out(), 3);
  auto options = study::options_of(*desk.session.snapshot());
  options.rule = study::RatingRule::one_rater;
  options.rater = "A";
  study::Request request{.author = "A", .kind = "setting", .summary = "rule", .changes = {}};
  for (auto& setting : study::rule_settings(options)) request.put(std::move(setting));
  ASSERT_TRUE(desk.session.apply(std::move(request)));
  desk.settle();
  EXPECT_TRUE(desk.state().nobody_left);
  EXPECT_EQ(desk.state().rule, "rater A");
}

/// Many people, of whom those with the largest lesions leave but for a few: the sentence names it.
TEST(AuditModel, TheSentenceNamesTheStrongestBias) {
  Desk desk;
  study::Request request{.author = "importer", .kind = "import", .summary = "more", .changes = {}};
  for (int i = 10; i <= 80; ++i) {
    const std::string id = desk.id(i);
    request.put(study::Person{id, i % 2 == 0 ? "A" : "B", "patient", "female", "left", ""});
    request.put(study::Session{id, "1", 1, "", 60.0, 100});
    request.put(study::Measurement{id, "1", "lesion", "volume", "mask", 1000.0 * i, "mm3", ""});
    for (const auto& region : kRegions)
      request.put(study::Measurement{id, "1", std::string(region.key), "volume", "aseg_stats", 900, "mm3", ""});
  }
  ASSERT_TRUE(desk.session.apply(std::move(request)));
  desk.say(
      "A",
      [](int i, const Region& region) {
        return region.key == "left_putamen" && (i > 50 || i % 13 == 0) && i % 11 != 0 ? study::Flag::lesioned
                                                                                      : study::Flag::ok;
      },
      80);
  desk.look();
  EXPECT_TRUE(desk.state().headline.contains("larger lesions")) << desk.state().headline.toStdString();
  EXPECT_TRUE(desk.state().headline.contains("ipsilesional putamen")) << desk.state().headline.toStdString();
  EXPECT_FALSE(desk.state().headline.contains('%')) << desk.state().headline.toStdString();
}

TEST(AuditModel, WritesTablesAndFigures) {
  Desk desk;
  desk.two_raters();
  desk.look();
  for (const auto& [name, start] : {std::pair("a.tsv", "side\t"), std::pair("a.csv", "side,"), std::pair("a.svg", "<"),
                                    std::pair("a.pdf", "%PDF"), std::pair("a.png", "\x89PNG")}) {
    QSignalSpy exported(&desk.model, &AuditModel::exported);
    desk.model.exportTo(QString::fromStdString((desk.folder / name).string()), 2);
    ASSERT_TRUE(test::wait_until([&] { return exported.size() == 1; }));
    EXPECT_EQ(exported.at(0).at(1).toString(), "") << name;
    EXPECT_TRUE(test::slurp(desk.folder / name).starts_with(start)) << name;
  }
}

TEST(AuditModel, AStudyOfNobodySaysWhy) {
  Desk desk;
  ASSERT_TRUE(desk.session.create(desk.folder / "empty.ipsi"));
  desk.look();
  EXPECT_FALSE(desk.state().what.isEmpty());
  EXPECT_FALSE(desk.state().mend.isEmpty());
  EXPECT_TRUE(desk.state().rows.empty());
}

}  // namespace
}  // namespace ipsi::ui
