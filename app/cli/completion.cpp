// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/completion.h"

#include <algorithm>

namespace ipsi::cli {

std::vector<std::string> completions(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto verbs = at->get_subcommands([&](const CLI::App* verb) { return verb->get_name() == words[i]; });
    if (!verbs.empty()) at = verbs.front();
  }
  const std::string typed = words.empty() ? "" : words.back();
  std::vector<std::string> out;
  const auto offer = [&](const std::string& word) {
    if (word.starts_with(typed)) out.push_back(word);
  };
  if (typed.starts_with('-')) {
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames()) offer("--" + name);
  } else {
    for (const CLI::App* verb : at->get_subcommands([](const CLI::App*) { return true; })) offer(verb->get_name());
  }
  std::ranges::sort(out);
  return out;
}

std::string bash_completion() {
  return R"(# Tab completion of ipsi. Use: source <(ipsi completion bash)
_ipsi() {
  COMPREPLY=($(ipsi completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _ipsi ipsi
)";
}

}  // namespace ipsi::cli
