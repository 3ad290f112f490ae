// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

namespace ipsi {
namespace fs = std::filesystem;
namespace {

std::string hex(const XXH128_hash_t& h) {
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

std::string errno_words() {
  return std::strerror(errno);
}

/// A name in the same folder that no other writer uses; keeps the extension, which some writers go by.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  return path.parent_path() /
         fmt::format(".{}.{}.{}{}", path.stem().string(), ::getpid(), count++, path.extension().string());
}

Result<void> check_folder(const fs::path& path) {
  const fs::path dir = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ec;
  if (fs::is_directory(dir, ec)) return {};
  return fail(Code::Environment, "there is no folder to write into", dir.string(), "create it or name another");
}

Result<void> sync_and_rename(const fs::path& from, const fs::path& to) {
  const int fd = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
  std::error_code ec;
  fs::rename(from, to, ec);
  if (!ec) return {};
  std::error_code ignored;
  fs::remove(from, ignored);
  return fail(Code::Environment, "cannot put the file in place: " + ec.message(), to.string(),
              "check permissions and free space");
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  std::error_code ec;
  if (!fs::exists(path, ec)) return fail(Code::NotFound, "there is no such file", path.string(), "check the path");
  if (fs::is_directory(path, ec)) return fail(Code::ReadFailed, "this is a folder, not a file", path.string());
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::ReadFailed, "cannot open: " + errno_words(), path.string(), "check permissions");
  std::string bytes;
  std::array<char, 1 << 16> block{};  // not file_size(): pipes and /proc have none
  while (in) {
    in.read(block.data(), block.size());
    bytes.append(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return fail(Code::ReadFailed, "reading stopped half-way", path.string(), "check the disk");
  return bytes;
}

Result<void> write_file_with(const fs::path& path, const std::function<Result<void>(const fs::path&)>& write) {
  if (auto ok = check_folder(path); !ok) return ok;
  const fs::path temporary = temporary_beside(path);
  if (auto ok = write(temporary); !ok) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return ok;
  }
  return sync_and_rename(temporary, path);
}

Result<void> write_file(const fs::path& path, std::string_view bytes) {
  return write_file_with(path, [&](const fs::path& temporary) -> Result<void> {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (out) out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (out) out.close();
    if (out) return {};
    return fail(Code::Environment, "cannot write: " + errno_words(), path.string(), "check permissions and free space");
  });
}

Result<void> prepare_output_dir(const fs::path& dir, Overwrite overwrite) {
  std::error_code ec;
  if (fs::exists(dir, ec) && !fs::is_directory(dir, ec))
    return fail(Code::Conflict, "the output is a file, not a folder", dir.string(), "name another --out");
  if (fs::is_directory(dir, ec)) {
    if (overwrite == Overwrite::no && !fs::is_empty(dir, ec))
      return fail(Code::Conflict, "the output folder is not empty", dir.string(), "name another, or add --force");
    return {};
  }
  fs::create_directories(dir, ec);
  if (ec) return fail(Code::Environment, "cannot create the folder: " + ec.message(), dir.string());
  return {};
}

std::string content_hash(std::string_view bytes) {
  return hex(XXH3_128bits(bytes.data(), bytes.size()));
}

Result<std::string> file_hash(const fs::path& path) {
  std::error_code ec;
  if (!fs::exists(path, ec)) return fail(Code::NotFound, "there is no such file", path.string(), "check the path");
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path, ec)) return fail(Code::ReadFailed, "cannot open to hash", path.string());
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::array<char, 1 << 16> block{};
  while (in) {
    in.read(block.data(), block.size());
    XXH3_128bits_update(state.get(), block.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return fail(Code::ReadFailed, "reading stopped half-way", path.string(), "check the disk");
  return hex(XXH3_128bits_digest(state.get()));
}

bool on_network_share(const fs::path& path) {
  if (const char* env = std::getenv("IPSI_NETWORK_SHARE")) {
    if (std::string_view(env) == "yes") return true;
    if (std::string_view(env) == "no") return false;
  }
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0 && ::statfs(path.parent_path().c_str(), &info) != 0) return false;
  switch (static_cast<unsigned long>(info.f_type) & 0xffffffffUL) {
    case 0x6969UL:      // NFS
    case 0x517bUL:      // SMB
    case 0xff534d42UL:  // CIFS
    case 0xfe534d42UL:  // SMB2
    case 0x65735546UL:  // FUSE
    case 0x01021997UL:  // 9p
    case 0x5346414fUL:  // AFS
      return true;
    default: return false;
  }
}

fs::path resource_dir() {
  if (const char* env = std::getenv("IPSI_RESOURCES")) return env;
  std::error_code ec;
  const fs::path source = IPSI_SOURCE_RESOURCES;
  if (fs::is_directory(source, ec)) return source;
  const fs::path self = fs::read_symlink("/proc/self/exe", ec);
  return self.parent_path().parent_path() / "share" / "ipsi";
}

}  // namespace ipsi
