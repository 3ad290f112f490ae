// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/core/study/fixture.h"
#include "tests/core/study/process.h"
#include "tests/core/study/raw.h"

namespace ipsi::study {
namespace {

namespace fs = std::filesystem;
using ipsi::test::spit;
using ipsi::test::TemporaryDir;
using test::Child;
using test::Environment;
using test::made;
using test::rate;
using test::Raw;
using test::rows_of;

/// The n-th rating of a stream: every one different from the one before.
Request nth(int n, const std::string& rater = "A") {
  return rate(rater, fmt::format("sub-{:03}", 1 + n % 5), std::string(kRegions[static_cast<std::size_t>(n) % 12].key),
              n / 60 % 2 == 0 ? Flag::failed : Flag::ok, std::to_string(n));
}

/// Kills a writer at a random moment; nothing that it had been told was stored may be missing, and at most the one in
/// flight may be there beyond that.
void kill_writers(const std::string& journal, int times, unsigned seed) {
  const Environment mode("IPSI_JOURNAL", journal);
  TemporaryDir dir;
  const fs::path file = dir / "a.ipsi";
  { ASSERT_OK(made(file)); }
  std::mt19937 random(seed);
  std::int64_t before = 1;
  int written = 0;
  for (int i = 0; i < times; ++i) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    Child writer([&] {
      auto study = Study::open(file, Access::read_write);
      for (int n = 0;; ++n) {
        const auto act = study ? study->apply(nth(n + static_cast<int>(before))) : 0;
        if (!study || !act || *act == 0) return 1;
        if (::write(pipe[1], &*act, sizeof *act) != sizeof *act) return 2;
      }
    });
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    writer.kill();
    std::int64_t acknowledged = before;
    for (std::int64_t act = 0; ::read(pipe[0], &act, sizeof act) == sizeof act;) acknowledged = act;
    ::close(pipe[0]);
    const auto study = Study::open(file, Access::read_only);
    ASSERT_OK(study);
    const auto last = study->last_act();
    ASSERT_OK(last);
    EXPECT_GE(*last, acknowledged) << "an acknowledged rating was lost";
    EXPECT_LE(*last, acknowledged + 1);
    const auto differences = study->verify();
    ASSERT_OK(differences);
    EXPECT_EQ(*differences, std::vector<std::string>{});
    written += static_cast<int>(*last - before);
    before = *last;
  }
  EXPECT_GT(written, 0) << "the writers never came to write: the test proved nothing";
}

TEST(Killed, LosesAtMostTheRatingInFlight) {
  kill_writers("wal", 30, 1);
}
TEST(Killed, LosesAtMostTheRatingInFlightWithARollbackJournal) {
  kill_writers("delete", 20, 2);
}

TEST(Together, AReaderSeesWholeActsWhileAnotherProcessWrites) {
  const Environment patience("IPSI_BUSY_MS", "200000");
  for (const char* journal : {"wal", "delete"}) {
    const Environment mode("IPSI_JOURNAL", journal);
    TemporaryDir dir;
    const fs::path file = dir / "a.ipsi";
    { ASSERT_OK(made(file)); }
    constexpr int kActs = 40;
    int seen[2];  // half-way the writer, study open, waits until the reader has seen it at work
    ASSERT_EQ(::pipe(seen), 0);
    Child writer([&] {
      auto study = Study::open(file, Access::read_write);
      for (int n = 0; n < kActs; ++n) {  // two rows an act: they must never be seen apart
        if (char byte = 0; n == kActs / 2 && ::read(seen[0], &byte, 1) != 1) return 2;
        Request request = rate("A", "sub-001", "left_thalamus", Flag::ok, std::to_string(n));
        request.put(Setting{"n", std::to_string(n)});
        if (!study || !study->apply(request)) return 1;
      }
      return 0;
    });
    std::int64_t last = 0;
    bool moved = false;
    while (last < 1 + kActs) {
      const auto study = Study::open(file, Access::read_only);
      ASSERT_OK(study);
      const auto snapshot = study->snapshot();
      ASSERT_OK(snapshot);
      EXPECT_GE(snapshot->last_act, last);
      if (!moved && snapshot->last_act > 1) {
        moved = snapshot->last_act < 1 + kActs;
        ASSERT_EQ(::write(seen[1], "x", 1), 1);
      }
      last = snapshot->last_act;
      if (last > 1) {
        EXPECT_EQ(snapshot->setting("n"), std::to_string(last - 2));
        EXPECT_EQ(snapshot->ratings.at(0).comment, std::to_string(last - 2));
      }
    }
    EXPECT_EQ(writer.wait(), 0);
    EXPECT_TRUE(moved) << "the reader never saw the writer at work";
    ::close(seen[0]);
    ::close(seen[1]);
  }
}

// A window reads its log through a second connection while a script looks at the study from outside.
TEST(Together, ASecondConnectionOfOneProcessKeepsTheFirstOnesLocks) {
  TemporaryDir dir;
  const fs::path file = dir / "a.ipsi";
  { ASSERT_OK(made(file)); }
  int ready[2], go[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(go), 0);
  Child window([&] {
    auto study = Study::open(file, Access::read_write);
    if (!study || !study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok, "one"))) return 1;
    { (void)Study::open(file, Access::read_only); }
    char byte = 0;
    if (::write(ready[1], "x", 1) != 1 || ::read(go[0], &byte, 1) != 1) return 2;
    if (!study->apply(rate("A", "sub-001", "left_thalamus", Flag::failed, "two"))) return 3;
    if (::write(ready[1], "x", 1) != 1) return 4;
    for (;;) ::pause();  // until it is killed
  });
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  { ASSERT_OK(Study::open(file, Access::read_only)); }  // must not take itself for the last user of the log
  ASSERT_EQ(::write(go[1], "x", 1), 1);
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  window.kill();
  const auto study = Study::open(file, Access::read_only);
  ASSERT_OK(study);
  const auto ratings = study->ratings();
  ASSERT_OK(ratings);
  ASSERT_EQ(ratings->size(), 1U);
  EXPECT_EQ(ratings->at(0).flag, Flag::failed);
  for (const int end : {ready[0], ready[1], go[0], go[1]}) ::close(end);
}

TEST(Together, TwoWritersWaitForEachOther) {
  const Environment patience("IPSI_BUSY_MS", "200000");  // a machine whose disk stalls is not what is tested
  for (const char* journal : {"wal", "delete"}) {
    const Environment mode("IPSI_JOURNAL", journal);
    TemporaryDir dir;
    const fs::path file = dir / "a.ipsi";
    { ASSERT_OK(made(file)); }
    constexpr int kActs = 25;
    const auto write = [&](const std::string& rater) {
      return [&file, rater] {
        for (int n = 0; n < kActs; ++n) {
          auto study = Study::open(file, Access::read_write);
          if (!study || !study->apply(nth(n, rater))) return 1;
        }
        return 0;
      };
    };
    Child a(write("A")), b(write("B"));
    EXPECT_EQ(a.wait(), 0);
    EXPECT_EQ(b.wait(), 0);
    const auto study = Study::open(file, Access::read_only);
    ASSERT_OK(study);
    EXPECT_EQ(study->last_act().value_or(0), 1 + 2 * kActs);
    EXPECT_EQ(study->ratings()->size(), 2U * kActs);
    EXPECT_TRUE(study->verify()->empty());
  }
}

TEST(Together, AWriterThatWaitsTooLongSaysSo) {
  const Environment wait("IPSI_BUSY_MS", "50");
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  Raw other(dir / "a.ipsi");
  ASSERT_EQ(other.run("BEGIN IMMEDIATE"), "");
  const auto act = study->apply(nth(0));
  ASSERT_FALSE(act);
  EXPECT_EQ(act.error().code, Code::Environment);
  EXPECT_NE(act.error().what.find("locked"), std::string::npos) << act.error();
  EXPECT_OK(study->snapshot()) << "reading goes on";
  ASSERT_EQ(other.run("ROLLBACK"), "");
  EXPECT_OK(study->apply(nth(0)));
}

TEST(FullDisk, ChangesNothing) {
  for (const char* journal : {"wal", "delete"}) {
    const Environment mode("IPSI_JOURNAL", journal);
    TemporaryDir dir;
    const fs::path file = dir / "a.ipsi";
    { ASSERT_OK(made(file)); }
    const auto before = rows_of(*Study::open(file, Access::read_only)->snapshot());
    Child writer([&] {
      // A limit on file size is what a full disk looks like from inside.
      ::signal(SIGXFSZ, SIG_IGN);
      auto study = Study::open(file, Access::read_write);
      const rlimit limit{fs::file_size(file) + 100'000, fs::file_size(file) + 100'000};
      if (!study || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
      const auto act = study->apply(test::small_study(3000));
      if (act || act.error().code != Code::Environment) return 2;
      if (study->last_act().value_or(0) != 1) return 3;
      return 0;
    });
    EXPECT_EQ(writer.wait(), 0) << journal;
    auto study = Study::open(file, Access::read_write);
    ASSERT_OK(study);
    EXPECT_EQ(rows_of(*study->snapshot()), before);
    EXPECT_TRUE(study->verify()->empty());
    EXPECT_OK(study->apply(nth(0))) << "once there is room again";
  }
}

/// Runs as somebody who may read the file and may not write: another user where the test runs as root.
int as_reader(const fs::path& file, const std::function<int()>& work) {
  ::chmod(file.c_str(), 0444);
  ::chmod(file.parent_path().c_str(), 0555);
  Child reader([&] {
    if (::geteuid() == 0 && (::setegid(65534) != 0 || ::seteuid(65534) != 0)) return 99;
    return work();
  });
  const int code = reader.wait();
  ::chmod(file.parent_path().c_str(), 0755);
  ::chmod(file.c_str(), 0644);
  return code;
}

TEST(ReadOnly, FileAndFolderCanBeReadAndAreNotWritten) {
  for (const char* journal : {"wal", "delete"}) {
    const Environment mode("IPSI_JOURNAL", journal);
    TemporaryDir dir;
    const fs::path file = dir / "a.ipsi";
    { ASSERT_OK(made(file)); }
    const int code = as_reader(file, [&] {
      const auto read = Study::open(file, Access::read_only);
      if (!read) return 1;
      const auto snapshot = read->snapshot();
      if (!snapshot || snapshot->people.size() != 5) return 2;
      const auto differences = read->verify();
      if (!differences || !differences->empty()) return 3;
      const auto write = Study::open(file, Access::read_write);
      if (write || write.error().code != Code::Environment) return 4;
      return 0;
    });
    EXPECT_EQ(code, 0) << journal;
  }
}

TEST(Journal, IsWriteAheadButARollbackJournalOnShares) {
  TemporaryDir dir;
  const fs::path file = dir / "a.ipsi";
  const auto mode_of = [&] { return Raw(file).text("PRAGMA journal_mode"); };
  {
    const Environment mode("IPSI_JOURNAL", "wal");
    ASSERT_OK(made(file));
  }
  EXPECT_EQ(mode_of(), "wal");
  {
    const Environment mode("IPSI_JOURNAL", "delete");  // copied to a share
    auto study = Study::open(file, Access::read_write);
    ASSERT_OK(study);
    ASSERT_OK(study->apply(nth(0)));
    auto second = Study::open(file, Access::read_write);
    ASSERT_OK(second);
    ASSERT_OK(second->apply(nth(1)));
    EXPECT_EQ(study->last_act().value_or(0), 3);
  }
  EXPECT_EQ(mode_of(), "delete");
  {
    const Environment mode("IPSI_JOURNAL", "wal");  // and back
    auto study = Study::open(file, Access::read_write);
    ASSERT_OK(study);
    EXPECT_EQ(study->last_act().value_or(0), 3);
  }
  EXPECT_EQ(mode_of(), "wal");
}

TEST(Open, RefusesWhatIsNoStudyInOneLine) {
  TemporaryDir dir;
  const auto refused = [&](const fs::path& path) {
    for (const Access access : {Access::read_only, Access::read_write}) {
      const auto study = Study::open(path, access);
      EXPECT_FALSE(study) << path;
      if (study) return Error{};
      EXPECT_EQ(to_line(study.error()).find('\n'), std::string::npos);
    }
    return Study::open(path, Access::read_only).error();
  };
  EXPECT_EQ(refused(dir / "absent.ipsi").code, Code::NotFound);
  EXPECT_EQ(refused(dir.path()).code, Code::ReadFailed);
  spit(dir / "empty.ipsi", "");
  EXPECT_NE(refused(dir / "empty.ipsi").what.find("empty"), std::string::npos);
  spit(dir / "text.ipsi", "SubjID,Lthal\nsub-001,7000\n");
  EXPECT_EQ(refused(dir / "text.ipsi").code, Code::ReadFailed);
  { Raw(dir / "other.db").run("CREATE TABLE t (x)"); }
  EXPECT_NE(refused(dir / "other.db").what.find("another program"), std::string::npos);
  EXPECT_EQ(fs::file_size(dir / "empty.ipsi"), 0U) << "and leaves it as it was";

  { ASSERT_OK(made(dir / "a.ipsi")); }
  const std::string whole = ipsi::test::slurp(dir / "a.ipsi");
  for (const std::size_t part : {50UL, 4096UL, whole.size() / 2, whole.size() - 4096}) {
    spit(dir / "cut.ipsi", whole.substr(0, part));
    EXPECT_EQ(refused(dir / "cut.ipsi").code, Code::ReadFailed) << part << " bytes of " << whole.size();
  }
  fs::copy_file(dir / "a.ipsi", dir / "new.ipsi");
  { Raw(dir / "new.ipsi").run("PRAGMA user_version = 99"); }
  const Error newer = refused(dir / "new.ipsi");
  EXPECT_EQ(newer.code, Code::ReadFailed);
  EXPECT_NE(newer.what.find("99"), std::string::npos);
  EXPECT_NE(newer.what.find("up to 1"), std::string::npos);
  EXPECT_EQ(newer.mend, "update Ipsi");
}

TEST(Verify, FindsWhatOthersDidToTheFile) {
  TemporaryDir dir;
  { ASSERT_OK(made(dir / "good.ipsi")); }
  const std::vector<std::pair<std::string, std::string>> deeds{
      {"UPDATE person SET sex = 'male' WHERE id = 'sub-002'", "person sub-002: the table says"},
      {"DELETE FROM measurement WHERE person = 'sub-001' AND region = 'left_caudate'",
       "volume of left_caudate (enigma_csv), sub-001, session 1: in the log, not in the table"},
      {"INSERT INTO setting VALUES ('a', 'b')", "setting a: in the table, not in the log"},
      {"DELETE FROM region WHERE key = 'left_thalamus'", "region: 11 rows"},
      {"DROP TRIGGER edit_no_delete", "trigger edit_no_delete is missing"},
      {"CREATE TABLE extra (x)", "table extra does not belong here"},
      {"DROP TRIGGER edit_no_delete; DELETE FROM edit WHERE ordinal = 5", "in the table, not in the log"},
      {"DROP TRIGGER edit_no_update; UPDATE edit SET after = 'x' WHERE ordinal = 5", "act 1, edit 5: cannot be read"},
  };
  for (const auto& [sql, words] : deeds) {
    fs::copy_file(dir / "good.ipsi", dir / "bad.ipsi", fs::copy_options::overwrite_existing);
    ASSERT_EQ(Raw(dir / "bad.ipsi").run(sql), "");
    const auto study = Study::open(dir / "bad.ipsi", Access::read_only);
    ASSERT_OK(study);
    const auto differences = study->verify();
    ASSERT_OK(differences);
    const bool found = std::any_of(differences->begin(), differences->end(), [&, w = words](const std::string& line) {
      return line.find(w) != std::string::npos;
    });
    EXPECT_TRUE(found) << sql << " gave " << (differences->empty() ? "nothing" : differences->front());
  }
}

TEST(Log, IsAppendOnlyForOtherProgramsToo) {
  TemporaryDir dir;
  { ASSERT_OK(made(dir / "a.ipsi")); }
  Raw raw(dir / "a.ipsi");
  for (const char* sql : {"UPDATE act SET author = 'x'", "DELETE FROM act", "UPDATE edit SET after = NULL",
                          "DELETE FROM edit", "INSERT OR REPLACE INTO act VALUES (1, '', 'x', 'x', '', NULL)",
                          "INSERT OR REPLACE INTO edit VALUES (1, 0, 'person', '{}', '{}', '{}')",
                          "INSERT INTO edit VALUES (0, 0, 'person', '{}', '{}', '{}')"})
    EXPECT_EQ(raw.run(sql), "the log is append-only") << sql;
}

TEST(Open, ReadsEveryPastSchema) {
  for (const int version : {1}) {
    TemporaryDir dir;
    const auto dump = ipsi::test::tests_path(fmt::format("data/study/schema_{:03}.sql", version));
    ASSERT_EQ(Raw(dir / "old.ipsi").run(ipsi::test::slurp(dump)), "");
    for (const Access access : {Access::read_only, Access::read_write}) {
      auto study = Study::open(dir / "old.ipsi", access);
      ASSERT_OK(study);
      const auto snapshot = study->snapshot();
      ASSERT_OK(snapshot);
      EXPECT_EQ(snapshot->people.size(), 2U);
      EXPECT_EQ(snapshot->measurements.size(), 34U);
      ASSERT_EQ(snapshot->ratings.size(), 1U);
      EXPECT_EQ(snapshot->ratings[0].flag, Flag::lesioned);
      EXPECT_EQ(snapshot->last_act, 5);
      EXPECT_EQ(*study->verify(), std::vector<std::string>{});
      if (access == Access::read_write) {
        EXPECT_OK(study->undo("A", 1)) << "history goes back past the migration";
      }
    }
  }
}

}  // namespace
}  // namespace ipsi::study
