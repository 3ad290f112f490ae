// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demo.h"

#include <memory>
#include <string>

#include "app/cli/cli.h"

namespace ipsi::cli {
namespace {

struct DemoFlags {
  std::string dir;
  int images = 24, controls = 0;
  bool force = false;
};

int run_demo(Cli& cli, const DemoFlags& flags) {
  demo::DemoOptions options;
  options.images = flags.images;
  options.controls = flags.controls;
  options.seed = cli.seed();
  options.threads = cli.threads();
  options.overwrite = flags.force ? Overwrite::yes : Overwrite::no;
  const auto made = demo::make_demo(flags.dir, options, cli.task());
  if (!made) return cli.problem(made.error());
  for (const std::string& note : made->notes) cli.note(note);

  Json ratings = Json::object();
  for (const auto& [flag, n] : made->ratings) ratings[flag] = n;
  const Json json{{"dir", made->dir.string()},   {"study", made->study.string()},
                  {"synthetic", true},           {"patients", made->patients},
                  {"controls", made->controls},  {"cohorts", made->cohorts},
                  {"with_images", made->images}, {"ratings", ratings},
                  {"seed", options.seed},        {"notes", made->notes}};
  const std::string text = fmt::format(
      "A synthetic study of {} patients in {} cohorts and {} controls, {} with images, is in\n  {}\n"
      "Nothing in it belongs to a person. Next:\n"
      "  ipsi study info {}\n  ipsi batch {} --analyses {} --out results\n",
      made->patients, made->cohorts, made->controls, made->images, made->dir.string(), made->study.string(),
      made->study.string(), (made->dir / "analyses.json").string());
  return cli.done(json, text);
}

}  // namespace

void add_demo(Cli& cli) {
  auto flags = std::make_shared<DemoFlags>();
  CLI::App* verb = cli.verb(cli.app(), "demo", "Make a synthetic study to learn and test on",
                            [&cli, flags] { return run_demo(cli, *flags); });
  verb->add_option("dir", flags->dir, "Folder to make")->required();
  verb->add_option("--images", flags->images, "Patients who also get images")->capture_default_str();
  verb->add_option("--controls", flags->controls, "Healthy people")->capture_default_str();
  verb->add_flag("--force", flags->force, "Replace a demo study that is in the folder");
}

}  // namespace ipsi::cli
