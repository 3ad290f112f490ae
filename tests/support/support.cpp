// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/support.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ipsi::test {
namespace fs = std::filesystem;

TemporaryDir::TemporaryDir() {
  std::string pattern = (fs::temp_directory_path() / "ipsi-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TemporaryDir::~TemporaryDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path shared_path(const std::string& relative) {
  std::error_code ec;
  const fs::path path = fs::path(IPSI_SHARED_DIR) / relative;
  return fs::exists(path, ec) ? fs::canonical(path, ec) : fs::path{};
}

fs::path tests_path(const std::string& relative) {
  return fs::path(IPSI_TESTS_DIR) / relative;
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void spit(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool near(double a, double b, double relative, double absolute) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;
  const double difference = std::abs(a - b);
  return difference <= relative * std::max(std::abs(a), std::abs(b)) || difference <= absolute;
}

}  // namespace ipsi::test
