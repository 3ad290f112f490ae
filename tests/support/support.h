// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <string>

#include "core/base/error.h"

namespace ipsi {
/// So that ASSERT_TRUE(result) << result.error() reads well.
inline std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << to_line(error);
}
}  // namespace ipsi

namespace ipsi::test {

/// A folder of its own for one test, removed at the end.
class TemporaryDir {
 public:
  TemporaryDir();
  ~TemporaryDir();
  TemporaryDir(const TemporaryDir&) = delete;
  TemporaryDir& operator=(const TemporaryDir&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// `<project>/../shared/<relative>`, or an empty path where the shared folder is absent (a user's machine).
[[nodiscard]] std::filesystem::path shared_path(const std::string& relative);

/// A file under tests/ (reference values, small data).
[[nodiscard]] std::filesystem::path tests_path(const std::string& relative);

[[nodiscard]] std::string slurp(const std::filesystem::path& path);
void spit(const std::filesystem::path& path, const std::string& text);

/// |a - b| <= relative * max(|a|, |b|), or <= absolute; NaN equals NaN.
[[nodiscard]] bool near(double a, double b, double relative, double absolute = 0.0);

}  // namespace ipsi::test

/// Skip with a message where the shared folder (oracles, real scans) does not exist.
#define IPSI_NEEDS_SHARED(relative)              \
  if (ipsi::test::shared_path(relative).empty()) \
  GTEST_SKIP() << "needs ../shared/" << (relative) << ", which is not on this machine"

/// Shorthand for "this Result holds a value", with the error as the message.
#define ASSERT_OK(result) ASSERT_TRUE((result).has_value()) << (result).error()
#define EXPECT_OK(result) EXPECT_TRUE((result).has_value()) << (result).error()
