// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace ipsi::study::test {

/// The file behind the library's back: what another program could do to it.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& path) { sqlite3_open(path.c_str(), &handle_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() { sqlite3_close(handle_); }

  /// "" or SQLite's message.
  std::string run(const std::string& sql) {
    char* message = nullptr;
    sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message);
    const std::string text = message == nullptr ? "" : message;
    sqlite3_free(message);
    return text;
  }
  std::string text(const std::string& sql) {
    std::string out;
    sqlite3_exec(
        handle_, sql.c_str(),
        [](void* to, int, char** cells, char**) {
          *static_cast<std::string*>(to) = cells[0] == nullptr ? "NULL" : cells[0];
          return 0;
        },
        &out, nullptr);
    return out;
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace ipsi::study::test
