// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"
#include "cli_commands.h"

int main(int argc, char** argv) {
  CLI::App app{"Ipsi: from segmented scans of people after stroke to models, maps and figures"};
  ipsi::cli::Cli cli(app);
  ipsi::cli::add_commands(cli);
  return cli.run(argc, argv);
}
