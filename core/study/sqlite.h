// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/study: the SQLite C API behind values. No SQLite type is named here.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ipsi::study {

/// A cell of the database: NULL, integer, real or text.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;
using Values = std::vector<Value>;

/// A prepared statement. Parameters and columns are counted from 0.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3_stmt* handle, const std::filesystem::path* file) : handle_(handle), file_(file) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  explicit operator bool() const { return handle_ != nullptr; }

  /// The text must stay alive until the statement is reset.
  void bind_value(int index, const Value& value);
  void bind(int index, std::string_view text);
  void bind(int index, std::int64_t number);
  void bind_null(int index);
  /// True when there is a row to read, false at the end (and the statement is then reset).
  Result<bool> step();
  /// Steps to the end.
  Result<void> run();
  void reset();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;

 private:
  sqlite3_stmt* handle_ = nullptr;
  const std::filesystem::path* file_ = nullptr;
};

enum class OpenMode { read_write, read_only, immutable, create };

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<void> open(const std::filesystem::path& path, OpenMode mode);
  Result<void> open_in_memory();
  void close();

  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  /// One or more statements without results.
  Result<void> run(const std::string& sql);
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);
  [[nodiscard]] Result<std::string> text(std::string_view sql);
  [[nodiscard]] bool is_read_only() const;  ///< the file or its folder forbids writing
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] int last_code() const;  ///< extended result code of the newest failure
  /// Everything of `source` into this (empty) database.
  Result<void> copy_from(Database& source);

 private:
  /// Called by SQLite while another process holds the lock; false gives up.
  static int wait_for_lock(void* database, int calls);

  sqlite3* handle_ = nullptr;
  std::filesystem::path file_;
  std::chrono::steady_clock::time_point waiting_since_;
};

/// Rolled back unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  [[nodiscard]] static Result<Transaction> begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// On failure the transaction is still open, so that the reason can be looked for.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

/// What an SQLite result code means for a person; `message` is SQLite's own.
[[nodiscard]] Error sqlite_error(int code, const std::string& message, const std::filesystem::path& file);
[[nodiscard]] bool is_foreign_key_failure(int code);
[[nodiscard]] bool is_cannot_open(int code);

}  // namespace ipsi::study
