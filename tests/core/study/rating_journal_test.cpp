// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rating_journal.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "core/study/rating_merge.h"
#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

using ipsi::test::slurp;
using ipsi::test::spit;
using ipsi::test::TemporaryDir;
using test::made;
using test::rate;
using test::rows_of;

const std::vector<std::string> kComments{"", "tab\there", "two\r\nlines", "back\\slash \\n", "é \"q\", ", "# x", "n/a"};

/// Random ratings, second thoughts, undo and redo of one rater.
void scribble(Study& study, const std::string& rater, std::mt19937& random, int steps) {
  for (int i = 0; i < steps; ++i) {
    const auto kind = random() % 8;
    if (kind == 0) {
      (void)study.undo(rater, 1);
    } else if (kind == 1) {
      (void)study.redo(rater, 1);
    } else {
      Request request = rate(rater, fmt::format("sub-{:03}", 1 + random() % 3), std::string(kRegions[random() % 3].key),
                             static_cast<Flag>(random() % 4), kComments[random() % kComments.size()]);
      const auto rating = std::get<Rating>(std::get<Put>(request.changes.front()));
      if (kind == 2) {
        request.put(Measurement{rating.person, "1", rating.region, std::string(kShownMeasure), rater, 0.25, "risk",
                                "lesioned, before, 4.2 s: overlap\t31 %"});
      }
      ASSERT_OK(study.apply(request));
    }
  }
}

JournalText journal_of(const Study& study, const std::string& rater, const std::string& instance = "pc-1") {
  JournalText text(rater, instance);
  const auto acts = study.log();
  for (const auto& act : *acts)
    if (act.author == rater) text.add(act);
  return text;
}

std::vector<std::string> words(const std::vector<Rating>& ratings) {
  std::vector<std::string> out;
  for (const auto& r : ratings) out.push_back(word_key(r) + "|" + r.scan_hash);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> current_words(const Journal& journal) {
  std::vector<Rating> ratings;
  for (const auto& word : said_in(journal).current) ratings.push_back(word.rating);
  return words(ratings);
}

TEST(RatingJournal, SaysWhatTheStudySaysAfterAnyEdits) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    TemporaryDir dir;
    auto study = made(dir / "a.ipsi");
    ASSERT_OK(study);
    std::mt19937 random(seed);
    scribble(*study, "A\tB \\ é", random, 40);
    const auto text = journal_of(*study, "A\tB \\ é");
    const auto journal = read_journal(text.text(), "a.tsv");
    ASSERT_OK(journal);
    EXPECT_EQ(journal->problems.size(), 0U);
    EXPECT_EQ(journal->rater, "A\tB \\ é");
    EXPECT_EQ(journal->instance, "pc-1");
    EXPECT_EQ(journal->whole, text.text().size());
    EXPECT_EQ(current_words(*journal), words(*study->ratings()));
    EXPECT_EQ(static_cast<int>(journal->lines.size()), text.lines_after(0));
    for (std::size_t i = 1; i < journal->lines.size(); ++i)
      EXPECT_LT(journal->lines[i - 1].time, journal->lines[i].time);
    // What stood beside the ratings comes along.
    const auto snapshot = study->snapshot();
    for (const auto& word : said_in(*journal).current)
      for (const auto& row : snapshot->measurements)
        if (row.measure == kShownMeasure && row.person == word.rating.person && row.region == word.rating.region &&
            !word.beside.empty()) {
          EXPECT_EQ(row.note, word.beside.suggestion);
          EXPECT_EQ(row.value, word.beside.risk);
        }
  }
}

TEST(RatingJournal, IsReadAtAnyLengthAndContinuedFromThere) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  std::mt19937 random(5);
  scribble(*study, "A", random, 12);
  const auto text = journal_of(*study, "A");
  const std::string& whole = text.text();
  const auto lines_of = [](std::string_view part) { return std::count(part.begin(), part.end(), '\n'); };
  for (std::size_t n = 0; n <= whole.size(); n += 1 + n % 5) {
    const std::string part = whole.substr(0, n);
    const auto journal = read_journal(part, "a.tsv");
    ASSERT_OK(journal) << n;
    EXPECT_TRUE(journal->problems.empty()) << n;
    EXPECT_EQ(static_cast<long>(journal->lines.size()), std::max(0L, lines_of(part) - 2)) << n;
    EXPECT_EQ(text.lines_after(n), lines_of(whole) - std::max(2L, lines_of(part))) << n;
    spit(dir / "a.tsv", part);
    ASSERT_OK(continue_file(dir / "a.tsv", whole));
    ASSERT_EQ(slurp(dir / "a.tsv"), whole) << n;
  }
}

TEST(RatingJournal, AClockThatJumpsBackChangesNoOrder) {
  JournalText text("A", "pc");
  const auto act = [](std::int64_t id, const std::string& time, const std::string& before, const std::string& flag) {
    const auto side = [&](const std::string& f) {
      return f.empty() ? Json(nullptr) : Json{{"flag", f}, {"comment", ""}, {"time", time}, {"scan_hash", ""}};
    };
    return Act{id,
               time,
               "A",
               "rate",
               "",
               0,
               {{"rating",
                 {{"person", "sub-1"}, {"session", "1"}, {"region", "left_thalamus"}, {"rater", "A"}},
                 side(before),
                 side(flag)}}};
  };
  text.add(act(1, "2030-01-01T00:00:00.000Z", "", "ok"));
  text.add(act(2, "2020-01-01T00:00:00.000Z", "ok", "failed"));
  text.add(act(3, "2020-01-01T00:00:00.000Z", "failed", "lesioned"));
  const auto journal = read_journal(text.text(), "a");
  ASSERT_OK(journal);
  EXPECT_EQ(journal->lines[1].time, "2030-01-01T00:00:00.001Z");
  EXPECT_EQ(journal->lines[2].time, "2030-01-01T00:00:00.002Z");
  const auto said = said_in(*journal);
  ASSERT_EQ(said.current.size(), 1U);
  EXPECT_EQ(said.current[0].rating.flag, Flag::lesioned);
  EXPECT_EQ(said.earlier.size(), 2U);
}

TEST(RatingJournal, NamesWhatItCannotUse) {
  EXPECT_EQ(read_journal("hello\n", "x.tsv").error().code, Code::ReadFailed);
  const auto newer = read_journal("# ipsi-ratings\t2\tA\tpc\twhatever\nx\n", "x.tsv");
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().what.find("version 2"), std::string::npos);
  EXPECT_EQ(newer.error().where, "x.tsv");

  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  for (const char* region : {"left_thalamus", "left_caudate", "left_putamen"})
    ASSERT_OK(study->apply(rate("A", "sub-001", region, Flag::ok)));
  std::string text = journal_of(*study, "A").text();
  const auto at = text.find("left_caudate");
  text.replace(at, 12, "left_elbow\t\t");
  const auto journal = read_journal(text, "x.tsv");
  ASSERT_OK(journal);
  EXPECT_EQ(journal->lines.size(), 2U) << "the other lines are used";
  ASSERT_EQ(journal->problems.size(), 1U);
  EXPECT_EQ(journal->problems[0].line, 4);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"left_caudate", "left_elbow"}, {"\tok\t", "\tfine\t"}, {"2", "twenty"}, {"sub-001", ""}}) {
    std::string bad = journal_of(*study, "A").text();
    bad.replace(bad.find(from, bad.find("seconds\n") + 8), from.size(), to);
    const auto read = read_journal(bad, "x.tsv");
    ASSERT_OK(read);
    EXPECT_EQ(read->problems.size(), 1U) << to;
    EXPECT_EQ(read->lines.size(), 2U) << to;
  }
}

TEST(RatingJournal, IsNotContinuedWhereItHoldsSomethingElse) {
  TemporaryDir dir;
  spit(dir / "a.tsv", "abc");
  EXPECT_EQ(continue_file(dir / "a.tsv", "abX123").error().code, Code::Conflict);
  EXPECT_EQ(continue_file(dir / "a.tsv", "ab").error().code, Code::Conflict) << "the file knows more";
  EXPECT_EQ(slurp(dir / "a.tsv"), "abc");
  EXPECT_OK(continue_file(dir / "a.tsv", "abc123", 3));
  EXPECT_EQ(continue_file(dir / "a.tsv", "abc123456", 8).error().code, Code::Conflict) << "the file lost something";
  EXPECT_EQ(continue_file(dir.path() / "no" / "a.tsv", "x").error().code, Code::Environment);

  const auto before = std::signal(SIGXFSZ, SIG_IGN);  // a limit on file size is what a full disk looks like
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  rlimit small = limit;
  small.rlim_cur = 8;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto full = continue_file(dir / "a.tsv", "abc123456789");
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(full.error().code, Code::Environment);
  EXPECT_EQ(slurp(dir / "a.tsv"), "abc12345") << "as far as it went";
  EXPECT_OK(continue_file(dir / "a.tsv", "abc123456789", 6));
  EXPECT_EQ(slurp(dir / "a.tsv"), "abc123456789");
}

// --- merging

Voice voice(const Study& study, const std::string& rater, const std::string& instance) {
  return voice_of(*read_journal(journal_of(study, rater, instance).text(), instance), instance);
}

std::vector<std::string> merged(const Study& into, const std::vector<Voice>& voices) {
  TemporaryDir dir;
  if (!into.copy_to(dir / "m.ipsi")) return {};
  auto study = Study::open(dir / "m.ipsi", Access::read_write);
  for (const auto& one : voices)
    if (!study->apply(merge_words({one}, *study->snapshot(), "lead").request)) return {};
  // And all at once on top: nothing more to say.
  auto again = merge_words(voices, *study->snapshot(), "lead");
  EXPECT_EQ(study->apply(again.request).value_or(-1), 0);
  EXPECT_TRUE(study->verify()->empty());
  return rows_of(*study->snapshot());
}

TEST(MergeWords, OrderMakesNoDifferenceAndTwiceChangesNothing) {
  int conflicts = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    TemporaryDir dir;
    std::mt19937 random(seed);
    auto shared = made(dir / "s.ipsi");
    ASSERT_OK(shared);
    scribble(*shared, "A", random, 10);  // before there were files
    // Four machines: A on two of them, B, C; each on a copy that the others do not see. Only what they do there is
    // theirs.
    std::vector<Voice> voices;
    const std::vector<std::string> raters{"A", "A", "B", "C"};
    for (std::size_t i = 0; i < raters.size(); ++i) {
      const auto file = dir / fmt::format("{}.ipsi", i);
      ASSERT_OK(shared->copy_to(file));
      auto copy = Study::open(file, Access::read_write);
      ASSERT_OK(copy);
      const auto from = *copy->last_act();
      scribble(*copy, raters[i], random, 25);
      JournalText text(raters[i], fmt::format("pc{}", i));
      const auto acts = copy->log(from);
      for (const auto& act : *acts) text.add(act);
      voices.push_back(voice_of(*read_journal(text.text(), "x"), fmt::format("pc{}", i)));
    }
    const auto together = merge_words(voices, *shared->snapshot(), "lead");
    conflicts += static_cast<int>(together.conflicts.size());
    std::vector<std::string> first;
    for (int order = 0; order < 4; ++order) {
      std::shuffle(voices.begin(), voices.end(), random);
      const auto rows = merged(*shared, voices);
      if (order == 0) first = rows;
      EXPECT_EQ(rows, first) << "seed " << seed << ", order " << order;
    }
    TemporaryDir joint;
    ASSERT_OK(shared->copy_to(joint / "j.ipsi"));
    auto study = Study::open(joint / "j.ipsi", Access::read_write);
    ASSERT_OK(study->apply(together.request));
    EXPECT_EQ(rows_of(*study->snapshot()), first) << "one by one or all at once, seed " << seed;
  }
  EXPECT_GT(conflicts, 0) << "two machines of one rater never disagreed: the test proved little";
}

TEST(MergeWords, TwoRatersOfOneNameLoseNothing) {
  TemporaryDir dir;
  auto shared = made(dir / "s.ipsi"), one = made(dir / "1.ipsi"), two = made(dir / "2.ipsi");
  ASSERT_OK(one->apply(rate("Kim", "sub-001", "left_thalamus", Flag::ok, "fine")));
  ASSERT_OK(two->apply(rate("Kim", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(two->apply(rate("Kim", "sub-001", "left_thalamus", Flag::failed, "cut off")));
  const auto merge = merge_words({voice(*one, "Kim", "pc1"), voice(*two, "Kim", "pc2")}, *shared->snapshot(), "lead");
  ASSERT_EQ(merge.conflicts.size(), 1U) << "two's change of mind is none";
  EXPECT_EQ(merge.conflicts[0].counts.flag, Flag::failed);
  EXPECT_EQ(merge.conflicts[0].other.comment, "fine");
  EXPECT_EQ(merge.voices[0].kept, 1);
  EXPECT_EQ(merge.voices[0].conflicts, 1);
  EXPECT_EQ(merge.voices[1].added, 1);
  ASSERT_OK(shared->apply(merge.request));
  ASSERT_EQ(rating_conflicts(*shared->snapshot()).size(), 1U);
  EXPECT_EQ(shared->ratings()->at(0).comment, "cut off");
}

TEST(MergeWords, WhatARaterTakesBackIsTakenBack) {
  TemporaryDir dir;
  auto shared = made(dir / "s.ipsi"), own = made(dir / "1.ipsi");
  const auto bring = [&] {
    const auto merge = merge_words({voice(*own, "A", "pc")}, *shared->snapshot(), "lead");
    EXPECT_OK(shared->apply(merge.request));
    return merge.voices[0];
  };
  ASSERT_OK(own->apply(rate("A", "sub-001", "left_thalamus", Flag::ok, "first")));
  EXPECT_EQ(bring().added, 1);
  ASSERT_OK(own->apply(rate("A", "sub-001", "left_thalamus", Flag::failed, "second")));
  EXPECT_EQ(bring().changed, 1);
  ASSERT_OK(own->undo("A", 1));
  EXPECT_EQ(bring().changed, 1);
  EXPECT_EQ(shared->ratings()->at(0).comment, "first");
  ASSERT_OK(own->undo("A", 1));
  EXPECT_EQ(bring().taken_back, 1);
  EXPECT_TRUE(shared->ratings()->empty());
  ASSERT_OK(own->redo("A", 2));
  EXPECT_EQ(bring().added, 1);
  EXPECT_EQ(shared->ratings()->at(0).comment, "second");
  EXPECT_EQ(bring().unchanged, 1);
  EXPECT_TRUE(rating_conflicts(*shared->snapshot()).empty());
  EXPECT_TRUE(shared->snapshot()->settings.empty()) << "second thoughts of one writer leave nothing behind";
}

TEST(MergeWords, PeopleWhoAreNotInTheStudyWaitInTheFile) {
  TemporaryDir dir;
  auto shared = made(dir / "s.ipsi", 2), own = made(dir / "1.ipsi", 5);
  ASSERT_OK(own->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(own->apply(rate("A", "sub-004", "left_thalamus", Flag::failed)));
  const auto merge = merge_words({voice(*own, "A", "pc")}, *shared->snapshot(), "lead");
  EXPECT_EQ(merge.voices[0].added, 1);
  EXPECT_EQ(merge.voices[0].unknown, 1);
  EXPECT_EQ(merge.voices[0].first_unknown, "sub-004, session 1");
  ASSERT_OK(shared->apply(merge.request));
  ASSERT_OK(shared->apply(test::small_study(5)));
  ASSERT_OK(shared->apply(merge_words({voice(*own, "A", "pc")}, *shared->snapshot(), "lead").request));
  EXPECT_EQ(shared->ratings()->size(), 2U);
}

TEST(Study, ARatingIsLaterThanTheOneItReplacesWhateverTheClockSays) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  Request ahead = rate("A", "sub-001", "left_thalamus", Flag::ok);
  std::get<Rating>(std::get<Put>(ahead.changes.front())).time = "2099-12-31T23:59:59.999Z";
  ASSERT_OK(study->apply(ahead));  // as if the clock had been wrong, and is right again
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::failed)));
  EXPECT_EQ(study->ratings()->at(0).time, "2100-01-01T00:00:00.000Z");
  ASSERT_OK(study->undo("A", 1));
  EXPECT_EQ(study->ratings()->at(0).flag, Flag::ok);
  ASSERT_OK(study->redo("A", 1));
  EXPECT_EQ(study->ratings()->at(0).flag, Flag::failed);
  // The older word comes back from a file: it stays the older one.
  const auto old = table::parse_delimited(
      "subject\tsession\tregion\tflag\trater\tcomment\ttime\n"
      "sub-001\t1\tleft_thalamus\tok\tA\t\t2099-12-31T23:59:59.999Z\n",
      "r.tsv");
  const auto file = read_ratings(*old, *study->snapshot(), "A");
  ASSERT_OK(file);
  EXPECT_EQ(merge_ratings(*file, *study->snapshot(), "A").kept, 1);
  EXPECT_TRUE(study->verify()->empty());
  EXPECT_EQ(time_after("2024-02-29T23:59:59.999Z", "2020-01-01T00:00:00.000Z"), "2024-03-01T00:00:00.000Z");
  EXPECT_EQ(time_after("2024-02-29T23:59:59.999Z", "2024-03-01T00:00:00.001Z"), "2024-03-01T00:00:00.001Z");
  EXPECT_EQ(time_after("", "2024-03-01T00:00:00.001Z"), "2024-03-01T00:00:00.001Z");
}

TEST(Study, AnActThatIsBasedOnAnOlderStateIsRefused) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  Request late = rate("A", "sub-001", "left_thalamus", Flag::ok);
  late.based_on = *study->last_act();
  ASSERT_OK(study->apply(rate("B", "sub-001", "left_thalamus", Flag::ok)));
  EXPECT_EQ(study->apply(late).error().code, Code::Conflict);
  late.based_on = *study->last_act();
  EXPECT_OK(study->apply(late));
}

}  // namespace
}  // namespace ipsi::study
