// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"

namespace ipsi::cli {

/// What every verb shares: the common flags, where results, problems and progress go, the exit code.
///
/// A command file defines `void add_<file>(Cli& cli)`, which declares its verbs with `verb` and is listed once in
/// app/cli/CMakeLists.txt. Results go to stdout, everything else to stderr.
class Cli {
 public:
  explicit Cli(CLI::App& app);

  [[nodiscard]] CLI::App& app() { return app_; }

  /// The group of verbs `name` ("study", "qc", "image"): found, or made with this description. It needs one of its
  /// verbs.
  CLI::App& group(const std::string& name, const std::string& description);

  /// A verb under `parent` with the common flags (--json, --progress/--no-progress, --seed, --threads).
  /// `action` runs when it was chosen; what it returns is the exit code. Options that the action reads must outlive
  /// parsing: keep them in a struct held by a shared_ptr that the action captures.
  CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& description,
                 std::function<int()> action);

  [[nodiscard]] bool json() const { return json_; }           ///< --json was given
  [[nodiscard]] std::uint64_t seed() const { return seed_; }  ///< --seed, default 1
  [[nodiscard]] int threads() const { return threads_; }      ///< --threads, default: processors
  /// Progress on stderr when it is a terminal (or --progress); Ctrl+C cancels it.
  [[nodiscard]] Task task();

  int done(const Json& json);         ///< prints one JSON document, returns 0
  int done(const std::string& text);  ///< prints text for people (a line end is added), returns 0
  /// Either of the two, by --json.
  int done(const Json& json, const std::string& text);
  /// `ipsi: what (where): mend` on stderr, with --json also {"error": ..} on stdout; returns the exit code.
  int problem(const Error& error);
  /// A remark on stderr: "ipsi: note: ...". Not for failures.
  void note(const std::string& text);

  /// Parses, runs the chosen verb, returns the exit code. Wrong usage is one line and exit 2.
  int run(int argc, char** argv);

 private:
  void add_help();
  void add_completion();

  CLI::App& app_;
  std::function<int()> action_;
  bool json_ = false;
  int progress_ = 0;  // 0 by terminal, 1 on, -1 off
  std::uint64_t seed_ = 1;
  int threads_ = 0;
};

}  // namespace ipsi::cli
