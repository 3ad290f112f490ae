// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/shared_place.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "core/base/cache.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/study/impl.h"

namespace ipsi::study {
namespace fs = std::filesystem;
namespace {

constexpr int kTries = 20;
constexpr auto kPause = std::chrono::milliseconds(50);
// What SQLite keeps beside a study while it is written.
constexpr std::array<const char*, 2> kLogs{"-journal", "-wal"};

/// The type of the file system a path lies on, as the kernel calls it: "ext4", "fuse.sshfs", "fuseblk".
std::string file_system_of(const fs::path& path) {
  const auto table = read_file("/proc/self/mountinfo");
  const std::string where = path.string();
  std::string type, best;
  for (const auto& line : split(table.value_or(""), '\n')) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || fields.end() - dash < 2) continue;
    const std::string& mount = fields[4];
    const bool holds = mount == "/" || where == mount || where.starts_with(mount + "/");
    if (!holds || mount.size() < best.size()) continue;
    best = mount;
    type = *(dash + 1);
  }
  return type;
}

fs::path beside(const fs::path& study, const char* ending) {
  return study.string() + ending;
}

std::string stamps(const fs::path& study) {
  std::string out = file_stamp(study);
  for (const char* log : kLogs) out += "|" + file_stamp(beside(study, log));
  return out;
}

bool is_being_written(const fs::path& study) {
  std::error_code ec;
  for (const char* log : kLogs) {
    const auto size = fs::file_size(beside(study, log), ec);
    if (!ec && size > 0) return true;
  }
  return false;
}

void remove_with_logs(const fs::path& study) {
  std::error_code ec;
  for (const char* part : {"", "-journal", "-wal", "-shm"}) fs::remove(beside(study, part), ec);
}

/// The copy as SQLite sees it: changes that were cut short are taken back, and every page is where it belongs.
Result<void> settle_copy(const fs::path& copy) {
  const auto opened = Study::open(copy, Access::read_write);
  if (!opened) return tl::unexpected<Error>(opened.error());
  Database database;
  if (auto ok = database.open(copy, OpenMode::read_only); !ok) return ok;
  const auto check = database.text("PRAGMA quick_check(1)");
  if (!check) return tl::unexpected<Error>(check.error());
  if (*check != "ok") return fail(Code::ReadFailed, "the study file is damaged or cut short (" + *check + ")");
  return {};
}

Result<void> copy_once(const fs::path& study, const fs::path& to) {
  const std::string before = stamps(study);
  for (const char* part : {"", "-journal", "-wal"}) {
    std::error_code ec;
    if (*part != '\0' && !fs::exists(beside(study, part), ec)) continue;
    const auto bytes = read_file(beside(study, part));
    if (!bytes) return tl::unexpected<Error>(bytes.error());
    if (auto ok = write_file(beside(to, part), *bytes); !ok) return ok;
  }
  if (stamps(study) != before) return fail(Code::Environment, "the shared study is being written", study.string());
  return settle_copy(to);
}

}  // namespace

fs::path ratings_folder(const fs::path& study) {
  return study.parent_path() / (study.stem().string() + ".ratings");
}

SharedPlace shared_place(const fs::path& study, const std::string& rater) {
  const std::string name = content_hash(study.string() + '\n' + rater).substr(0, 16);
  return {.study = study, .ratings = ratings_folder(study), .local = user_data_dir() / "shared" / name, .rater = rater};
}

std::string file_stamp(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return fmt::format("{} {}.{:09} {}", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ino);
}

bool is_shared(const SharedPlace& place) {
  std::error_code ec;
  if (!fs::exists(place.study, ec)) return fs::exists(place.work(), ec);
  const bool network = on_network_share(place.study) && file_system_of(place.study) != "fuseblk";  // a disk, by FUSE
  std::string setting;
  if (network) {  // without locks; a page that is just being written at worst says nothing
    Database database;
    if (database.open(place.study, OpenMode::immutable))
      setting = setting_of(database, std::string(kSharedSetting)).value_or("");
  } else if (const auto study = Study::open(place.study, Access::read_only)) {
    setting = study->setting(std::string(kSharedSetting)).value_or("");
  }
  return setting == "1" || (setting != "0" && network);
}

Result<void> copy_quietly(const fs::path& study, const fs::path& to) {
  const fs::path next = to.string() + ".new";
  Result<void> ok;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(kPause);
    if (is_being_written(study) && i + 1 < kTries / 2) continue;  // later: a writer may have been killed
    remove_with_logs(next);
    ok = copy_once(study, next);
    if (ok) break;
    if (ok.error().code == Code::NotFound) break;
  }
  if (!ok) {
    remove_with_logs(next);
    Error error = ok.error();
    error.where = study.string();
    return tl::unexpected<Error>(std::move(error));
  }
  remove_with_logs(to);
  std::error_code ec;
  fs::rename(next, to, ec);
  if (ec) return fail(Code::Environment, "cannot put the copy in place: " + ec.message(), to.string());
  return {};
}

}  // namespace ipsi::study
