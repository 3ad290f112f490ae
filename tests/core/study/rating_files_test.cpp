// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rating_files.h"

#include <algorithm>
#include <random>
#include <set>

#include "core/study/export.h"
#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

using test::made;
using test::rows_of;

const std::string kHeader = "subject\tsession\tregion\tflag\trater\tcomment\ttime\n";

Result<table::Sheet> sheet(const std::string& text) {
  return table::parse_delimited(text, "r.tsv");
}

/// Import as the command line does it; the number of changes, or -1 where rows are refused.
int import(Study& study, const std::string& text, const std::string& rater, Untimed untimed = Untimed::refuse) {
  const auto snapshot = study.snapshot();
  const auto parsed = sheet(text);
  if (!snapshot || !parsed) return -2;
  const auto file = read_ratings(*parsed, *snapshot, rater);
  if (!file || !file->problems.empty()) return -1;
  const auto merge = merge_ratings(*file, *snapshot, rater, untimed);
  if (!merge.problems.empty()) return -1;
  if (!study.apply(merge.request)) return -3;
  return static_cast<int>(merge.request.changes.size());
}

TEST(RatingFiles, AMatrixOfRatersComesBackWithItsFlags) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi"), empty = made(dir / "b.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(empty);
  std::mt19937 random(5);
  for (int i = 0; i < 40; ++i)
    ASSERT_OK(study->apply(test::rate(random() % 2 == 0 ? "A" : "B (2)", fmt::format("sub-{:03}", 1 + random() % 5),
                                      std::string(kRegions[random() % 12].key), static_cast<Flag>(random() % 4), "")));
  const auto ratings = study->snapshot()->ratings;
  const auto matrix = rating_matrix(ratings);
  ASSERT_OK(matrix);
  EXPECT_LT(matrix->rows(), ratings.size()) << "regions that both saw are one row";
  ASSERT_NE(matrix->find("rater:A"), nullptr);
  const std::string text = table::to_delimited(*matrix, '\t');
  EXPECT_EQ(import(*study, text, "X"), 0) << "what is there already changes nothing";
  EXPECT_EQ(import(*empty, text, "X"), static_cast<int>(ratings.size())) << "two raters keep their names";
  const auto words = [](std::vector<Rating> rows) {
    std::set<std::string> out;
    for (const auto& r : rows)
      out.insert(fmt::format("{} {} {} {} {}", r.person, r.session, r.region, r.rater, to_string(r.flag)));
    return out;
  };
  EXPECT_EQ(words(empty->snapshot()->ratings), words(ratings));
  EXPECT_EQ(import(*empty, "subject\tregion\trater:A\nsub-001\tleft_caudate\tperhaps\n", "X"), -1);
}

TEST(RatingFiles, ComeBackAsTheyWent) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  std::mt19937 random(3);
  const std::vector<std::string> comments{"", "tab\there", "\"quoted\", comma", "  outer blanks ", "two\nlines", "é"};
  for (int i = 0; i < 40; ++i)
    ASSERT_OK(study->apply(test::rate(random() % 2 == 0 ? "A" : "B", fmt::format("sub-{:03}", 1 + random() % 5),
                                      std::string(kRegions[random() % 12].key), static_cast<Flag>(random() % 4),
                                      comments[random() % comments.size()])));
  const auto before = study->snapshot();
  ASSERT_OK(before);
  for (const bool bids : {false, true}) {
    const auto table = bids ? bids_table(before->ratings, "1.0") : long_table(before->ratings);
    ASSERT_OK(table);
    EXPECT_EQ(table->rows(), before->ratings.size());
    const std::string text = table::to_delimited(*table, '\t', bids ? "n/a" : "");
    EXPECT_EQ(import(*study, text, "X"), 0) << "what is there already changes nothing";
    // Into a study without ratings.
    const std::string name = bids ? "bids.ipsi" : "long.ipsi";
    auto empty = made(dir / name);
    ASSERT_OK(empty);
    EXPECT_EQ(import(*empty, text, "X"), static_cast<int>(before->ratings.size())) << "two raters keep their names";
    EXPECT_EQ(rows_of(*empty->snapshot()), rows_of(*before));
    EXPECT_EQ(import(*empty, text, "X"), 0) << "importing twice changes nothing";
  }
}

TEST(RatingFiles, OneRaterIsRenamed) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  EXPECT_EQ(import(*study, kHeader + "sub-001\t1\tleft_thalamus\tok\tA\t\t\n", "B"), 1);
  EXPECT_EQ(import(*study, "subject,region,flag\nsub-001,ipsi_caudate,failed\n", "C"), 1);
  const auto ratings = study->ratings();
  ASSERT_EQ(ratings->size(), 2U);
  EXPECT_EQ(ratings->at(0).rater, "B");
  EXPECT_EQ(ratings->at(1).rater, "C");
  EXPECT_EQ(ratings->at(1).region, "right_caudate") << "the lesion of sub-001 is right";
}

TEST(RatingFiles, ARenamedRatersSecondLooksStaySecondLooks) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const std::string both =
      kHeader + "sub-001\t1\tleft_thalamus\tok\tA\t\t\nsub-001\t1\tleft_thalamus\tfailed\tA#2\t\t\n";
  EXPECT_EQ(import(*study, both, "B"), 2);
  EXPECT_EQ(import(*study, kHeader + "sub-002\t1\tleft_thalamus\tok\tA#2\t\t\n", "B"), 1);
  std::vector<std::string> raters;
  const auto stored = study->ratings();
  ASSERT_OK(stored);
  for (const auto& rating : *stored) raters.push_back(rating.rater);
  EXPECT_EQ(raters, (std::vector<std::string>{"B", "B#2", "B#2"}));
}

TEST(RatingFiles, OrderOfRowsAndFilesDoesNotMatter) {
  std::vector<std::string> rows;
  std::mt19937 random(5);
  for (int i = 0; i < 60; ++i)  // one rater changes their mind about few regions
    rows.push_back(fmt::format("sub-{:03}\t1\t{}\t{}\tA\t{}\t2024-01-{:02}T0{}:00:00Z\n", 1 + random() % 2,
                               kRegions[random() % 3].key, to_string(static_cast<Flag>(random() % 4)), random() % 3,
                               1 + random() % 9, random() % 3));
  std::vector<std::string> expected;
  for (int round = 0; round < 8; ++round) {
    std::shuffle(rows.begin(), rows.end(), random);
    ipsi::test::TemporaryDir dir;
    auto study = made(dir / "a.ipsi");
    ASSERT_OK(study);
    const std::size_t files = 1 + static_cast<std::size_t>(round) % 4;
    for (std::size_t f = 0; f < files; ++f) {
      std::string text = kHeader;
      for (std::size_t i = f; i < rows.size(); i += files) text += rows[i];
      ASSERT_GE(import(*study, text, "A"), 0);
    }
    const auto state = rows_of(*study->snapshot());
    if (round == 0) expected = state;
    EXPECT_EQ(state, expected) << "round " << round;
  }
}

/// Words of ratings and of older ones, as text without what the study adds.
std::multiset<std::string> words_of(const Snapshot& snapshot) {
  std::multiset<std::string> out;
  for (const auto& r : snapshot.ratings)
    out.insert(fmt::format("{} {} {} {} {}", r.person, r.region, r.rater, to_string(r.flag), r.time));
  for (const auto& setting : snapshot.settings) {
    const Json json = Json::parse(setting.value);
    const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
    out.insert(
        fmt::format("{} {} {} {} {}", text("person"), text("region"), text("rater"), text("flag"), text("time")));
  }
  return out;
}

TEST(RatingFiles, RandomFilesInAnyOrderLoseNothing) {
  std::mt19937 random(17);
  for (int world = 0; world < 6; ++world) {
    std::vector<std::string> files;
    std::set<std::string> said;
    for (int f = 0; f < 4; ++f) {  // of raters A and B, two of whom share a name
      std::string text = kHeader;
      std::set<std::string> own;  // one word for one moment in one file
      for (int i = 0; i < 25; ++i) {
        const std::string person = fmt::format("sub-{:03}", 1 + random() % 2), rater = random() % 3 == 0 ? "B" : "A";
        const std::string region(kRegions[random() % 3].key), flag(to_string(static_cast<Flag>(random() % 4)));
        const std::string time = fmt::format("2024-01-{:02}T10:00:00.000Z", 1 + random() % 9);
        if (!own.insert(person + region + rater + time).second) continue;
        text += fmt::format("{}\t1\t{}\t{}\t{}\t\t{}\n", person, region, flag, rater, time);
        said.insert(fmt::format("{} {} {} {} {}", person, region, rater, flag, time));
      }
      files.push_back(std::move(text));
    }
    std::vector<std::string> expected;
    std::string conflicts;
    for (int round = 0; round < 4; ++round) {
      std::shuffle(files.begin(), files.end(), random);
      ipsi::test::TemporaryDir dir;
      auto study = made(dir / "a.ipsi", 3);
      ASSERT_OK(study);
      for (const auto& text : files) ASSERT_GE(import(*study, text, "X"), 0);
      for (const auto& text : files) ASSERT_EQ(import(*study, text, "X"), 0) << "a second time changes nothing";
      const auto state = *study->snapshot();
      std::string told;
      for (const auto& c : rating_conflicts(state))
        told += fmt::format("{} {} {} {} {} {}\n", c.counts.person, c.counts.region, c.counts.rater,
                            to_string(c.counts.flag), to_string(c.other.flag), c.other.time);
      if (round == 0) {
        expected = rows_of(state);
        conflicts = told;
        const auto words = words_of(state);
        EXPECT_EQ(std::set<std::string>(words.begin(), words.end()), said) << "every word is there";
        EXPECT_EQ(words.size(), said.size()) << "and each once";
        EXPECT_FALSE(told.empty());
        EXPECT_TRUE(study->verify()->empty());
      }
      EXPECT_EQ(rows_of(state), expected) << "world " << world << " round " << round;
      EXPECT_EQ(told, conflicts);
    }
  }
}

TEST(RatingFiles, TwoPeopleOfOneNameAreShownAndUndoBringsBothBack) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto row = [&](const char* flag, const char* time) {
    return kHeader + "sub-001\t1\tleft_thalamus\t" + flag + "\tA\t\t" + time + "\n";
  };
  ASSERT_EQ(import(*study, row("ok", "2024-05-02T00:00:00Z"), "A"), 1);
  const auto before = rows_of(*study->snapshot());
  const auto merge = merge_ratings(
      *read_ratings(*sheet(row("failed", "2024-05-03T00:00:00Z")), *study->snapshot(), "A"), *study->snapshot(), "A");
  ASSERT_EQ(merge.conflicts.size(), 1U);
  EXPECT_EQ(merge.conflicts[0].counts.flag, Flag::failed);
  EXPECT_EQ(merge.conflicts[0].other.flag, Flag::ok);
  EXPECT_NE(merge.request.summary.find("1 conflict"), std::string::npos);
  ASSERT_OK(study->apply(merge.request));
  ASSERT_EQ(rating_conflicts(*study->snapshot()).size(), 1U);
  ASSERT_OK(study->undo("A", 1));
  EXPECT_EQ(rows_of(*study->snapshot()), before);
}

TEST(RatingFiles, ANewerRatingInTheStudyStays) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto row = [&](const char* flag, const char* time) {
    return kHeader + "sub-001\t1\tleft_thalamus\t" + flag + "\tA\t\t" + time + "\n";
  };
  EXPECT_EQ(import(*study, row("ok", "2024-05-02T00:00:00Z"), "A"), 1);
  EXPECT_EQ(import(*study, row("failed", "2024-05-01T00:00:00Z"), "A"), 1) << "kept beside it, as an older word";
  EXPECT_EQ(study->ratings()->front().flag, Flag::ok);
  EXPECT_EQ(import(*study, row("failed", "2024-05-01T00:00:00Z"), "A"), 0) << "once";
  EXPECT_EQ(import(*study, row("failed", "2024-05-03T00:00:00Z"), "A"), 2) << "the rating, and the word it overtakes";
  EXPECT_EQ(study->ratings()->front().flag, Flag::failed);
  EXPECT_EQ(import(*study, row("lesioned", ""), "A"), -1) << "neither says which is newer";
  EXPECT_EQ(study->ratings()->front().flag, Flag::failed);
  EXPECT_EQ(import(*study, row("lesioned", ""), "A", Untimed::replace), 2);
  EXPECT_EQ(study->ratings()->front().flag, Flag::lesioned);
}

TEST(RatingFiles, BadRowsAreNamedByLineAndColumn) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const std::string text = kHeader + "sub-001\t1\tleft_thalamus\tok\tA\t\t\n" +  // 2, good
                           "sub-0001\t1\tleft_thalamus\tok\tA\t\t\n" +           // 3
                           "sub-001\t2\tleft_thalamus\tok\tA\t\t\n" +            // 4
                           "sub-001\t1\tleft_elbow\tok\tA\t\t\n" +               // 5
                           "sub-001\t1\tleft_caudate\tgood\tA\t\t\n" +           // 6
                           "sub-001\t1\tleft_caudate\tok\tA\t\tyesterday\n" +    // 7
                           "sub-001\t1\tleft_thalamus\tfailed\tA\t\t\n";         // 8 contradicts 2
  const auto file = read_ratings(*sheet(text), *study->snapshot(), "A");
  ASSERT_OK(file);
  std::vector<std::string> places;
  for (const auto& p : file->problems) places.push_back(fmt::format("{} {}", p.line, p.column));
  EXPECT_EQ(places, (std::vector<std::string>{"3 subject", "4 session", "5 region", "6 flag", "7 time", "8 flag"}));
  EXPECT_NE(file->problems[0].mend.find("sub-001"), std::string::npos);
  EXPECT_NE(file->problems[5].what.find("line 2"), std::string::npos);
  const auto none = read_ratings(*sheet("subject\tflag\nsub-001\tok\n"), *study->snapshot(), "A");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "there is no column 'region'");
}

TEST(EnigmaSheet, HasOneForWhatFails) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi", 3);
  ASSERT_OK(study);
  ASSERT_OK(study->apply(test::rate("A", "sub-001", "left_thalamus", Flag::failed)));
  ASSERT_OK(study->apply(test::rate("A", "sub-001", "right_thalamus", Flag::lesioned)));
  ASSERT_OK(study->apply(test::rate("A", "sub-001", "left_lateral_ventricle", Flag::ok)));
  ASSERT_OK(study->apply(test::rate("A", "sub-003", "right_accumbens", Flag::failed)));
  const auto table = enigma_sheet(*study->snapshot());
  ASSERT_OK(table);
  EXPECT_EQ(table::to_delimited(*table),
            "SubjID,LLatVent,RLatVent,Lthal,Rthal,Lcaud,Rcaud,Lput,Rput,Lpal,Rpal,Lhippo,Rhippo,Lamyg,Ramyg,Laccumb,"
            "Raccumb,ICV\n"
            "sub-001,0,,1,1,,,,,,,,,,,,,\n"
            "sub-002,,,,,,,,,,,,,,,,,\n"
            "sub-003,,,,,,,,,,,,,,,,1,\n");
}

TEST(UtcTime, BringsEveryIsoTimeToOneForm) {
  EXPECT_EQ(utc_time("2024-05-06T07:08:09Z"), "2024-05-06T07:08:09.000Z");
  EXPECT_EQ(utc_time("2024-05-06T07:08:09.1239Z"), "2024-05-06T07:08:09.123Z");
  EXPECT_EQ(utc_time("2024-05-06 07:08"), "2024-05-06T07:08:00.000Z");
  EXPECT_EQ(utc_time("2024-05-06"), "2024-05-06T00:00:00.000Z");
  EXPECT_EQ(utc_time("2024-03-01T00:30:00+01:00"), "2024-02-29T23:30:00.000Z");
  EXPECT_EQ(utc_time("2024-12-31T22:00:00-0230"), "2025-01-01T00:30:00.000Z");
  for (const char* bad :
       {"", "yesterday", "06.05.2024", "45418", "2024-13-01", "2024-05-06T25:00", "2024-05-06T07:08:09X"})
    EXPECT_FALSE(utc_time(bad)) << bad;
}

TEST(RatingFiles, AConflictIsSettledEitherWayAndUndone) {
  ipsi::test::TemporaryDir dir;
  for (const Keep word : {Keep::older, Keep::newer}) {
    auto study = made(dir / (word == Keep::older ? "older.ipsi" : "newer.ipsi"));
    ASSERT_OK(study);
    const auto row = [&](const char* flag, const char* time, const char* comment) {
      return kHeader + "sub-001\t1\tleft_thalamus\t" + flag + "\tA\t" + comment + "\t" + time + "\n";
    };
    ASSERT_EQ(import(*study, row("ok", "2024-05-02T00:00:00Z", "clear"), "A"), 1);
    ASSERT_EQ(import(*study, row("failed", "2024-05-03T00:00:00Z", "motion"), "A"), 2);
    const auto before = rows_of(*study->snapshot());
    const auto conflicts = rating_conflicts(*study->snapshot());
    ASSERT_EQ(conflicts.size(), 1U);
    ASSERT_OK(study->apply(settle_conflict(conflicts[0], word, "lead")));
    const Rating now = study->ratings()->front();
    EXPECT_EQ(now.flag, word == Keep::older ? Flag::ok : Flag::failed);
    EXPECT_EQ(now.comment, word == Keep::older ? "clear" : "motion");
    EXPECT_EQ(now.rater, "A") << "it stays the rater's word";
    EXPECT_TRUE(rating_conflicts(*study->snapshot()).empty());
    ASSERT_OK(study->undo("lead", 1));
    EXPECT_EQ(rows_of(*study->snapshot()), before);
    ASSERT_OK(study->redo("lead", 1));
    // A file that says the overruled word again does not win: what was settled is newer.
    (void)import(*study, row("failed", "2024-05-03T00:00:00Z", "motion"), "A");
    EXPECT_EQ(study->ratings()->front().flag, now.flag);
    EXPECT_TRUE(study->verify()->empty());
  }
}

TEST(ReasonTable, CountsRegionsAndPeopleByRaterFlagAndComment) {
  const auto said = [](const char* rater, const char* person, const char* region, Flag flag, const char* comment) {
    return Rating{person, "1", region, rater, flag, comment, "", ""};
  };
  const auto table = reason_table(
      {said("B", "p", "left_thalamus", Flag::failed, "motion"), said("A", "p", "left_thalamus", Flag::failed, "motion"),
       said("A", "p", "left_caudate", Flag::failed, "motion"), said("A", "q", "left_caudate", Flag::failed, ""),
       said("A", "q", "left_putamen", Flag::lesioned, "motion"), said("A", "q", "left_pallidum", Flag::ok, "motion")});
  ASSERT_OK(table);
  EXPECT_EQ(table::to_delimited(*table),
            "rater,flag,reason,regions,people\nA,lesioned,motion,1,1\nA,failed,motion,2,1\n"
            "A,failed,,1,1\nB,failed,motion,1,1\n");
  EXPECT_EQ(reason_table({})->rows(), 0U);
}

TEST(VolumesMarked, HasTheMarkWhereARegionLeavesAndTheVolumeElsewhere) {
  ipsi::test::TemporaryDir dir;
  auto study = made(dir / "a.ipsi", 3);
  ASSERT_OK(study);
  ASSERT_OK(study->apply(test::rate("A", "sub-001", "left_thalamus", Flag::failed)));
  ASSERT_OK(study->apply(test::rate("A", "sub-001", "right_thalamus", Flag::ok)));
  ASSERT_OK(study->apply(test::rate("A", "sub-002", "right_thalamus", Flag::lesioned)));
  const auto snapshot = *study->snapshot();
  const auto plain = volumes_table(snapshot, AnalysisOptions().volume_sources);
  ASSERT_OK(plain);
  for (const char* mark : {"x", "NA"}) {
    const auto marked = volumes_marked(snapshot, {}, mark);
    ASSERT_OK(marked);
    ASSERT_EQ(marked->names(), plain->names());
    for (std::size_t c = 0; c < plain->columns(); ++c)
      for (std::size_t r = 0; r < plain->rows(); ++r) {
        const std::string& name = plain->column(c).name;
        const bool out = (r == 0 && name == "Lthal") || (r == 1 && name == "Rthal");
        const std::string volume = plain->column(c).missing(r) ? "NA" : plain->column(c).cell(r);
        EXPECT_EQ(marked->column(c).texts[r], out ? mark : volume) << name << " of row " << r;
      }
  }
  // By the rule: lesioned stays.
  const auto kept = volumes_marked(snapshot, {.rule = RatingRule::lesioned_kept}, "x");
  EXPECT_NE(kept->find("Rthal")->texts[1], "x");
  EXPECT_EQ(kept->find("Lthal")->texts[0], "x");
}

}  // namespace
}  // namespace ipsi::study
