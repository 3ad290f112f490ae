// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/study.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>

#include "core/base/files.h"
#include "core/study/impl.h"
#include "study_schema.h"

namespace ipsi::study {
namespace fs = std::filesystem;
namespace {

Result<void> check_file(const fs::path& path) {
  std::error_code ec;
  if (!fs::exists(path, ec)) return fail(Code::NotFound, "there is no such study", path.string(), "check the path");
  if (fs::is_directory(path, ec))
    return fail(Code::ReadFailed, "this is a folder, not a study", path.string(), "name the .ipsi file in it");
  // Never opened here by other means than SQLite: closing any descriptor of a file drops all POSIX locks that this
  // process holds on it. Another process would then take itself for the last user and delete the write-ahead log,
  // and what is written into that afterwards is lost.
  if (::access(path.c_str(), R_OK) != 0)
    return fail(Code::Environment, fmt::format("cannot open the study: {}", std::strerror(errno)), path.string(),
                "check its permissions");
  if (fs::file_size(path, ec) == 0 && !ec)
    return fail(Code::ReadFailed, "the file is empty, not a study", path.string(), "restore it from a backup");
  return {};
}

/// IPSI_JOURNAL=wal|delete overrides what the file system says; for tests and for shares that hide what they are.
/// A study that is shared is read as a plain file by others: what was said of it must be in the file itself.
bool wants_rollback_journal(const fs::path& path, bool shared) {
  if (const char* env = std::getenv("IPSI_JOURNAL")) {
    if (std::string_view(env) == "delete") return true;
    if (std::string_view(env) == "wal") return false;
  }
  return shared || on_network_share(path);
}

bool has_unmerged_log(const fs::path& path) {
  std::error_code ec;
  const auto size = fs::file_size(fs::path(path.string() + "-wal"), ec);
  return !ec && size > 0;
}

void sync_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

/// Gives the file its name unless another has it: two programs that create the same study cannot both succeed.
Result<void> place_new(const fs::path& from, const fs::path& to) {
  constexpr unsigned kNoReplace = 1;
  int failed = ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), kNoReplace) == 0 ? 0 : errno;
  if (failed == EINVAL || failed == ENOSYS) {  // shares that know no such rename
    failed = ::link(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    if (failed == EPERM || failed == EOPNOTSUPP)  // nor links
      failed = fs::exists(to) ? EEXIST : (::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno);
    ::unlink(from.c_str());
  }
  if (failed == 0) {
    sync_folder_of(to);
    return {};
  }
  ::unlink(from.c_str());
  if (failed == EEXIST)
    return fail(Code::Conflict, "there is already a file of this name", to.string(), "name another, or remove it");
  return fail(Code::Environment, fmt::format("cannot create the study: {}", std::strerror(failed)), to.string(),
              "check permissions and free space");
}

Result<void> fill_new(const fs::path& path, bool rollback_journal) {
  Database database;
  if (auto ok = database.open(path, OpenMode::create); !ok) return ok;
  if (auto ok = database.run(fmt::format("PRAGMA application_id = {}; PRAGMA synchronous = FULL", kApplicationId)); !ok)
    return ok;
  if (auto ok = migrate(database); !ok) return ok;
  if (!rollback_journal)
    if (auto mode = database.text("PRAGMA journal_mode = WAL"); !mode) return tl::unexpected<Error>(mode.error());
  return {};
}

}  // namespace

namespace {

std::string utc_text(std::int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds % 1000);
}

/// Milliseconds since 1970 of what `utc_text` writes.
std::optional<std::int64_t> milliseconds_of(std::string_view text) {
  std::tm parts{};
  int milliseconds = 0;
  if (std::sscanf(std::string(text).c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &milliseconds) != 7)
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000 + milliseconds;
}

}  // namespace

std::string now_utc() {
  const auto now = std::chrono::system_clock::now();
  return utc_text(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

std::string time_after(std::string_view last, std::string_view moment) {
  if (moment > last) return std::string(moment);
  const auto before = milliseconds_of(last);
  return before ? utc_text(*before + 1) : std::string(moment);
}

std::string time_after(std::string_view last) {
  return time_after(last, now_utc());
}

int newest_schema() {
  return std::end(kMigrations)[-1].version;
}

Result<void> migrate(Database& database) {
  // Rebuilding a table that others point at needs foreign keys off, which only works outside a transaction.
  if (auto ok = database.run("PRAGMA foreign_keys = OFF"); !ok) return ok;
  auto transaction = Transaction::begin(database, Transaction::Kind::write);
  if (!transaction) return tl::unexpected<Error>(transaction.error());
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return tl::unexpected<Error>(version.error());
  for (const auto& migration : kMigrations) {
    if (migration.version <= *version) continue;
    if (auto ok = database.run(migration.sql); !ok) return ok;
    if (auto ok = database.run(fmt::format("PRAGMA user_version = {}", migration.version)); !ok) return ok;
  }
  if (auto ok = transaction->commit(); !ok) return ok;
  return database.run("PRAGMA foreign_keys = ON");
}

Result<void> Study::Impl::use_journal(Access access) {
  const auto shared = setting_of(database, std::string(kSharedSetting));
  const auto copy = setting_of(database, std::string(kCopySetting));
  const bool rollback = wants_rollback_journal(path, shared && *shared == "1" && copy && copy->empty());
  auto mode = database.text("PRAGMA journal_mode");
  if (!mode) return tl::unexpected<Error>(mode.error());
  if (rollback && *mode == "wal") {
    // Exclusive locking keeps SQLite from mapping shared memory, which is what fails on a share.
    mode = database.text("PRAGMA locking_mode = EXCLUSIVE");
    if (mode) mode = database.text("PRAGMA journal_mode = DELETE");
    if (mode) mode = database.text("PRAGMA locking_mode = NORMAL");
    if (mode) mode = database.text("SELECT count(*) FROM sqlite_schema");  // gives the exclusive lock back
  } else if (!rollback && *mode == "delete" && access == Access::read_write) {
    // Back on a local disk. Another program at work on it keeps the old journal, which is safe too.
    (void)database.text("PRAGMA journal_mode = WAL");
  }
  return mode ? Result<void>() : tl::unexpected<Error>(mode.error());
}

Result<void> Study::Impl::connect(Access access) {
  const bool reading = access == Access::read_only;
  if (auto ok = database.open(path, OpenMode::read_write); !ok && !reading) return ok;
  auto application = database.integer("PRAGMA application_id");
  if (!application && reading && is_cannot_open(database.last_code())) {
    // In a read-only folder SQLite cannot make the files of its write-ahead log; nobody else can write there either.
    if (has_unmerged_log(path))
      return fail(Code::Environment, "the study has changes beside it (-wal) that cannot be read in a read-only folder",
                  path.string(), "copy the study and its -wal file to a folder you may write to");
    if (auto ok = database.open(path, OpenMode::immutable); !ok) return ok;
    application = database.integer("PRAGMA application_id");
  }
  if (!application) return tl::unexpected<Error>(application.error());
  if (*application != kApplicationId)
    return fail(Code::ReadFailed, "the file is a database of another program, not an Ipsi study", path.string(),
                "check the path");
  if (!reading && database.is_read_only())
    return tl::unexpected<Error>(sqlite_error(8 /* SQLITE_READONLY */, "", path));

  const auto version = database.integer("PRAGMA user_version");
  if (!version) return tl::unexpected<Error>(version.error());
  if (*version > newest_schema())
    return fail(
        Code::ReadFailed,
        fmt::format("the study is of schema {}, and this Ipsi knows schemas up to {}", *version, newest_schema()),
        path.string(), "update Ipsi");
  if (*version < 1) return fail(Code::ReadFailed, "the study has no schema version", path.string());
  read_only = reading;
  schema = newest_schema();

  if (!database.is_read_only())
    if (auto ok = use_journal(access); !ok) return ok;
  if (*version < schema && reading) {  // what may not be changed is migrated as a copy in memory
    Database source;
    if (auto ok = source.open(path, database.is_read_only() ? OpenMode::read_only : OpenMode::read_write); !ok)
      return ok;
    if (auto ok = database.open_in_memory(); !ok) return ok;
    if (auto ok = database.copy_from(source); !ok) return ok;
  }
  if (*version < schema)
    if (auto ok = migrate(database); !ok) return ok;
  return database.run(reading ? "PRAGMA foreign_keys = ON; PRAGMA query_only = ON"
                              : "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL");
}

Study::Study(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;
Study::~Study() = default;

const fs::path& Study::path() const {
  return impl_->path;
}
int Study::schema_version() const {
  return impl_->schema;
}

Result<Study> Study::create(const fs::path& path) {
  std::error_code ec;
  if (fs::exists(path, ec))
    return fail(Code::Conflict, "there is already a file of this name", path.string(), "name another, or remove it");
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ec))
    return fail(Code::Environment, "there is no folder to create the study in", folder.string(), "create it first");
  const fs::path temporary = folder / fmt::format(".{}.new.{}", path.filename().string(), ::getpid());
  fs::remove(temporary, ec);
  if (auto ok = fill_new(temporary, wants_rollback_journal(path, false)); !ok) {
    fs::remove(temporary, ec);
    Error error = ok.error();
    error.where = path.string();
    return tl::unexpected<Error>(error);
  }
  if (auto ok = place_new(temporary, path); !ok) return tl::unexpected<Error>(ok.error());
  return open(path, Access::read_write);
}

Result<void> Study::copy_to(const fs::path& path) const {
  std::error_code ec;
  if (fs::exists(path, ec))
    return fail(Code::Conflict, "there is already a file of this name", path.string(), "name another");
  const auto copied = [&]() -> Result<void> {
    Database target;
    if (auto ok = target.open(path, OpenMode::create); !ok) return ok;
    return target.copy_from(impl_->database);
  }();
  if (copied) return {};
  for (const char* part : {"", "-wal", "-shm", "-journal"}) fs::remove(path.string() + part, ec);
  Error error = copied.error();
  error.where = path.string();
  return tl::unexpected<Error>(std::move(error));
}

Result<Study> Study::open(const fs::path& path, Access access) {
  if (auto ok = check_file(path); !ok) return tl::unexpected<Error>(ok.error());
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  if (auto ok = impl->connect(access); !ok) return tl::unexpected<Error>(ok.error());
  return Study(std::move(impl));
}

}  // namespace ipsi::study
