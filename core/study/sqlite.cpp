// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <thread>
#include <utility>

#include "core/base/text.h"

namespace ipsi::study {
namespace fs = std::filesystem;
namespace {

// A share or a busy disk may take seconds for one flush; giving up early would lose a rating that could be kept.
constexpr int kBusyMilliseconds = 30'000;

/// A URI for SQLite: everything outside the unreserved set is written as %XX.
std::string file_uri(const fs::path& path, std::string_view query) {
  std::string out = "file:";
  for (const char c : fs::absolute(path).string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_')
      out += c;
    else
      out += fmt::format("%{:02X}", byte);
  }
  return out + std::string(query);
}

int busy_milliseconds() {
  // Tests shorten the wait; nobody else needs to.
  if (const char* env = std::getenv("IPSI_BUSY_MS"))
    if (const auto value = parse_integer(env)) return static_cast<int>(*value);
  return kBusyMilliseconds;
}

}  // namespace

Error sqlite_error(int code, const std::string& message, const fs::path& file) {
  const std::string where = file.string();
  switch (code & 0xff) {
    case SQLITE_NOTADB: return {Code::ReadFailed, "the file is not an Ipsi study", where, "check the path"};
    case SQLITE_CORRUPT:
      return {Code::ReadFailed, "the study file is damaged or cut short (" + message + ")", where,
              "restore it from a backup"};
    case SQLITE_FULL:
      return {Code::Environment, "the disk is full; nothing was changed", where, "make room and try again"};
    case SQLITE_READONLY:
      return {Code::Environment, "the study cannot be written: the file or its folder is read-only", where,
              "change its permissions, or copy it to a folder of your own"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return {Code::Environment, "the study cannot be opened (" + message + ")", where,
              "check the permissions of the file and of its folder"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::Environment, "another program has held the study locked for too long; nothing was changed", where,
              "close the other program, or try again"};
    case SQLITE_IOERR:
      return {Code::Environment, "reading or writing the disk failed (" + message + "); nothing was changed", where,
              "check the disk and its free space"};
    case SQLITE_NOMEM: return {Code::Environment, "there is not enough memory for this", where, "close other programs"};
    case SQLITE_CONSTRAINT:
      return {Code::InvalidInput, "a row breaks a rule of the study (" + message + ")", where, "mend the row"};
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
      return {Code::ReadFailed, "the study file lacks what its version promises (" + message + ")", where,
              "restore it from a backup"};
    default: return {Code::Environment, "the study database failed (" + message + ")", where, "try again"};
  }
}

bool is_foreign_key_failure(int code) {
  return code == SQLITE_CONSTRAINT_FOREIGNKEY;
}

bool is_cannot_open(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM;
}

// --- Statement

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), file_(std::exchange(other.file_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(file_, other.file_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::bind_value(int index, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    bind(index, *integer);
  else if (const auto* real = std::get_if<double>(&value))
    sqlite3_bind_double(handle_, index + 1, *real);
  else if (const auto* text = std::get_if<std::string>(&value))
    bind(index, std::string_view(*text));
  else
    bind_null(index);
}

void Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(handle_, index + 1, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int index, std::int64_t number) {
  sqlite3_bind_int64(handle_, index + 1, number);
}
void Statement::bind_null(int index) {
  sqlite3_bind_null(handle_, index + 1);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return false;
  }
  const Error error = sqlite_error(code, sqlite3_errmsg(sqlite3_db_handle(handle_)), *file_);
  sqlite3_reset(handle_);
  return tl::unexpected<Error>(error);
}

Result<void> Statement::run() {
  for (;;) {
    const auto more = step();
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(handle_, column);
}

// --- Database

Database::~Database() {
  close();
}

void Database::close() {
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
}

Result<void> Database::open(const fs::path& path, OpenMode mode) {
  close();
  file_ = path;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE;
  flags |= mode == OpenMode::create       ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
           : mode == OpenMode::read_write ? SQLITE_OPEN_READWRITE
                                          : SQLITE_OPEN_READONLY;
  const std::string uri = file_uri(path, mode == OpenMode::immutable ? "?immutable=1" : "");
  const int code = sqlite3_open_v2(uri.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    const Error error = sqlite_error(code, handle_ != nullptr ? sqlite3_errmsg(handle_) : "no memory", path);
    return tl::unexpected<Error>(error);
  }
  sqlite3_busy_handler(handle_, wait_for_lock, this);
  // A study from a stranger must not run SQL of its own through views, triggers or odd schemas.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return {};
}

int Database::wait_for_lock(void* database, int calls) {
  auto& self = *static_cast<Database*>(database);
  const auto now = std::chrono::steady_clock::now();
  if (calls == 0) self.waiting_since_ = now;
  if (now - self.waiting_since_ > std::chrono::milliseconds(busy_milliseconds())) return 0;
  // SQLite's own handler soon sleeps 100 ms a time, and whoever works in a loop then starves the others.
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 + calls / 4, 10)));
  return 1;
}

Result<void> Database::open_in_memory() {
  close();
  file_ = "memory";
  const int code = sqlite3_open_v2(":memory:", &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code != SQLITE_OK) return fail(Code::Environment, "there is not enough memory for this");
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &handle, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(sqlite_error(code, sqlite3_errmsg(handle_), file_));
  return Statement(handle, &file_);
}

Result<void> Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return tl::unexpected<Error>(sqlite_error(code, sqlite3_errmsg(handle_), file_));
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected<Error>(statement.error());
  const auto row = statement->step();
  if (!row) return tl::unexpected<Error>(row.error());
  return *row ? statement->integer(0) : 0;
}

Result<std::string> Database::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected<Error>(statement.error());
  const auto row = statement->step();
  if (!row) return tl::unexpected<Error>(row.error());
  return *row ? statement->text(0) : std::string();
}

bool Database::is_read_only() const {
  return sqlite3_db_readonly(handle_, "main") == 1;
}
bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}
int Database::last_code() const {
  return sqlite3_extended_errcode(handle_);
}

Result<void> Database::copy_from(Database& source) {
  sqlite3_backup* backup = sqlite3_backup_init(handle_, "main", source.handle_, "main");
  if (backup == nullptr) return tl::unexpected<Error>(sqlite_error(last_code(), sqlite3_errmsg(handle_), file_));
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return {};
  return tl::unexpected<Error>(sqlite_error(code, sqlite3_errstr(code), source.file_));
}

// --- Transaction

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  if (auto ok = database.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN"); !ok)
    return tl::unexpected<Error>(ok.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr && database_->in_transaction()) (void)database_->run("ROLLBACK");
}

Result<void> Transaction::commit() {
  auto ok = database_->run("COMMIT");
  if (ok) database_ = nullptr;
  return ok;
}

}  // namespace ipsi::study
