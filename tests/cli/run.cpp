// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace ipsi::test {
namespace {

[[noreturn]] void become_ipsi(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  std::vector<std::string> words{IPSI_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execv(IPSI_PROGRAM, argv.data());
  ::_exit(126);
}

void send_to(const std::string& file, int descriptor) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(fd, descriptor);
  ::close(fd);
}

}  // namespace

Ran ipsi(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  const TemporaryDir dir;
  const std::string out = dir / "out", err = dir / "err";
  const pid_t id = ::fork();
  if (id == 0) {
    send_to(out, STDOUT_FILENO);
    send_to(err, STDERR_FILENO);
    become_ipsi(arguments, folder);
  }
  int status = 0;
  ::waitpid(id, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {.code = code, .out = slurp(out), .err = slurp(err)};
}

int start_ipsi(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  const pid_t id = ::fork();
  if (id == 0) {
    send_to("/dev/null", STDOUT_FILENO);
    send_to("/dev/null", STDERR_FILENO);
    become_ipsi(arguments, folder);
  }
  return id;
}

}  // namespace ipsi::test
