// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "app/cli/completion.h"
#include "core/base/text.h"

namespace ipsi::cli {
namespace {

// The one place a signal can reach: a copy of the running task's cancel flag.
std::optional<Task> running;
std::atomic<bool> interrupted{false};

void on_interrupt(int) {
  // Task::cancel only stores to an atomic. A second Ctrl+C ends the program at once.
  if (interrupted.exchange(true) || !running) ::_exit(130);
  running->cancel();
}

/// The verb `name` right under `parent`; nullptr when there is none (CLI11's own look-up throws).
CLI::App* find_verb(CLI::App& parent, const std::string& name) {
  const auto found = parent.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Cli::Cli(CLI::App& app) : app_(app) {
  app_.set_version_flag("--version", std::string("ipsi ") + IPSI_VERSION);
  app_.require_subcommand(1);
  app_.set_help_all_flag("--help-all", "Help of every verb");
  threads_ = static_cast<int>(std::thread::hardware_concurrency());
  add_help();
  add_completion();
}

void Cli::add_help() {
  CLI::App* help = app_.add_subcommand("help", "What a verb does");
  auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("verb", *words, "A verb, e.g. `study import`");
  help->callback([this, words] {
    action_ = [this, words] {
      CLI::App* at = &app_;
      for (const std::string& word : *words) {
        at = find_verb(*at, word);
        if (at == nullptr)
          return problem({Code::Usage, "there is no verb '" + join(*words, " ") + "'", "", "see `ipsi help`"});
      }
      // CLI11's own help() would answer for the verb that was parsed, which is `help`.
      const std::string name = words->empty() ? "ipsi" : "ipsi " + join(*words, " ");
      return done(at->get_formatter()->make_help(at, name, CLI::AppFormatMode::Normal));
    };
  });
}

void Cli::add_completion() {
  CLI::App& group = this->group("completion", "Tab completion for the shell");
  group.add_subcommand("bash", "The script to source")->callback([this] {
    action_ = [this] { return done(bash_completion()); };
  });
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* next = group.add_subcommand("words", "What may come next after the words given");
  next->add_option("words", *words, "The words after `ipsi`, the last one being typed");
  next->callback([this, words] { action_ = [this, words] { return done(join(completions(app_, *words), "\n")); }; });
}

CLI::App& Cli::group(const std::string& name, const std::string& description) {
  if (CLI::App* found = find_verb(app_, name)) return *found;
  CLI::App* made = app_.add_subcommand(name, description);
  made->require_subcommand(1);
  return *made;
}

CLI::App* Cli::verb(CLI::App& parent, const std::string& name, const std::string& description,
                    std::function<int()> action) {
  CLI::App* verb = parent.add_subcommand(name, description);
  verb->add_flag("--json", json_, "One JSON document on stdout and nothing else");
  verb->add_flag_callback(
      "--progress", [this] { progress_ = 1; }, "Progress on stderr even when it is no terminal");
  verb->add_flag_callback(
      "--no-progress", [this] { progress_ = -1; }, "No progress on stderr");
  verb->add_option("--seed", seed_, "Seed of every random draw")->capture_default_str();
  verb->add_option("--threads", threads_, "Threads; the result does not depend on it")->check(CLI::Range(1, 1024));
  verb->callback([this, action = std::move(action)] { action_ = action; });
  return verb;
}

Task Cli::task() {
  const bool show = progress_ > 0 || (progress_ == 0 && ::isatty(STDERR_FILENO) != 0);
  if (show) {
    running = Task([](double fraction, const std::string& what) {
      std::fprintf(stderr, "\r\033[K%3.0f %% %s", 100.0 * fraction, what.c_str());
      if (fraction >= 1.0) std::fputs("\r\033[K", stderr);
      std::fflush(stderr);
    });
  } else {
    running = Task();
  }
  std::signal(SIGINT, on_interrupt);
  return *running;
}

int Cli::done(const Json& json) {
  const std::string text = json_text(json);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  return std::fflush(stdout) == 0 ? 0 : 5;
}

int Cli::done(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', stdout);
  return std::fflush(stdout) == 0 ? 0 : 5;
}

int Cli::done(const Json& json, const std::string& text) {
  return json_ ? done(json) : done(text);
}

int Cli::problem(const Error& error) {
  std::fprintf(stderr, "ipsi: %s\n", to_line(error).c_str());
  if (json_) {
    const Json body{{"code", to_string(error.code)},
                    {"what", error.what},
                    {"where", error.where.empty() ? Json(nullptr) : Json(error.where)},
                    {"mend", error.mend.empty() ? Json(nullptr) : Json(error.mend)}};
    done(Json{{"error", body}});
  }
  return exit_code(error.code);
}

void Cli::note(const std::string& text) {
  std::fprintf(stderr, "ipsi: note: %s\n", text.c_str());
}

int Cli::run(int argc, char** argv) {
  // --json must be known even when parsing fails half-way, so that the problem is told in JSON too.
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--json") json_ = true;
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app_.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    return problem({Code::Usage, wrong.what(), "", "see `ipsi help`"});
  }
  try {
    return action_ ? action_() : 2;
  } catch (const std::bad_alloc&) {
    return problem({Code::Environment, "there is not enough memory for this", "", "close other programs"});
  } catch (const std::exception& e) {
    return problem({Code::Environment, std::string("unexpected failure: ") + e.what(), "", "please report this"});
  }
}

}  // namespace ipsi::cli
