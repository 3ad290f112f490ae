// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/run.h"

#include <memory>
#include <string>

#include "app/cli/cli.h"
#include "app/cli/table_input.h"
#include "core/base/text.h"
#include "core/spec/rows.h"

// ipsi voxelwise: the same model at every voxel or vertex

namespace ipsi::cli {
namespace {

struct VoxelwiseOptions {
  TableInput input;
  voxelwise::Request request;
  std::string exchange = "shuffles", rows;
  int neighbours = 26;
  std::filesystem::path out;
  bool force = false;
};

std::string for_people(const Json& json, const std::vector<std::string>& findings, const std::filesystem::path& out) {
  std::string text = fmt::format("{}\n{} images, {} places\n\n", json["formula"].get<std::string>(),
                                 json["n_images"].get<int>(), json["places"].get<int>());
  for (const Json& column : json["columns"]) {
    text += fmt::format("  {}: peak t {:.3f}, smallest p {:.2g}, {} places at FDR 0.05",
                        column["name"].get<std::string>(), column["peak_t"].get<double>(),
                        column["smallest_p"].get<double>(), column["places_fdr_05"].get<int>());
    if (column.contains("places_fwe_05")) text += fmt::format(", {} at FWE 0.05", column["places_fwe_05"].get<int>());
    if (column.contains("places_tfce_05"))
      text += fmt::format(", {} at FWE 0.05 (TFCE)", column["places_tfce_05"].get<int>());
    text += "\n";
  }
  text += fmt::format("\nmaps and manifest.json are in {}\n", out.string());
  for (const std::string& finding : findings) text += fmt::format("note: {}\n", finding);
  return text;
}

int run_voxelwise(Cli& cli, VoxelwiseOptions options) {
  voxelwise::Request& request = options.request;
  if (options.out.empty()) return cli.problem({Code::Usage, "no folder for the maps is named", "", "add --out DIR"});
  if (request.formula.empty())
    return cli.problem({Code::Usage, "no formula is given", "", "add --formula \"x + sex + (1 | cohort)\""});
  if (request.images.empty() == request.stack.empty())
    return cli.problem({Code::Usage, "name the images by a column or by one file, not both or none", "",
                        "add --images COLUMN or --stack FILE"});
  if (request.tfce && request.permutations == 0)
    return cli.problem({Code::Usage, "TFCE is judged by permutations", "", "add --permutations 1000"});
  if (!options.rows.empty() && !request.stack.empty())
    return cli.problem({Code::Usage, "--rows would lose the order of the frames of --stack", "", "leave it out"});
  request.exchange = options.exchange == "flips" ? voxelwise::Exchange::sign_flips : voxelwise::Exchange::shuffles;
  request.neighbours = options.neighbours == 6 ? voxelwise::Neighbours::faces : voxelwise::Neighbours::corners;
  request.folder = options.input.table.parent_path();
  request.seed = cli.seed();
  request.threads = cli.threads();
  const auto factors = levels_of(options.input.factors);
  if (!factors) return cli.problem(factors.error());
  auto data = read_input(options.input, *factors);
  if (!data) return cli.problem(data.error());
  const auto rows = spec::rows_where(*data, options.rows);
  if (!rows) return cli.problem(rows.error());
  const auto outcome = voxelwise::run(request, data->select(*rows), options.out,
                                      options.force ? Overwrite::yes : Overwrite::no, cli.task());
  if (!outcome) return cli.problem(outcome.error());
  return cli.done(outcome->json, for_people(outcome->json, outcome->findings, options.out));
}

}  // namespace

void add_voxelwise(Cli& cli) {
  auto options = std::make_shared<VoxelwiseOptions>();
  CLI::App* verb = cli.verb(cli.app(), "voxelwise", "The same model at every voxel or vertex of a stack of images",
                            [&cli, options] { return run_voxelwise(cli, *options); });
  options->input.declare(*verb);
  voxelwise::Request& request = options->request;
  verb->add_option("--images", request.images, "Column with the file of each person's image");
  verb->add_option("--stack", request.stack, "One 4D file instead: frame k is the image of row k");
  verb->add_option("--formula", request.formula, "Right side, e.g. \"age + sex + (1 | cohort)\"");
  verb->add_option("--rows", options->rows, "Only rows for which this holds");
  verb->add_option("--mask", request.mask, "Where to look; everywhere without it");
  verb->add_option("--missing", request.missing, "Column with masks of what an image does not know (lesions)");
  verb->add_option("--column", request.columns, "Column or term to report; repeatable [all but the intercept]")
      ->take_all();
  verb->add_option("--permutations", request.permutations, "For family-wise corrected p; 0 = none")
      ->check(CLI::Range(0, 1000000));
  verb->add_option("--exchange", options->exchange,
                   "What permutations exchange: rows within a block, or signs of blocks")
      ->check(CLI::IsMember({"shuffles", "flips"}))
      ->capture_default_str();
  verb->add_option("--blocks", request.blocks,
                   "Column of blocks, shuffled within or flipped as a whole [groups of the random term]");
  verb->add_flag("--tfce", request.tfce, "Threshold-free cluster enhancement of t, corrected by the permutations");
  verb->add_option("--neighbours", options->neighbours, "Voxels that touch, for TFCE")
      ->check(CLI::IsMember({6, 26}))
      ->capture_default_str();
  verb->add_option("--extent", request.extent, "TFCE's E [0.5; 1 on a mesh]")->check(CLI::Range(0.01, 10.0));
  verb->add_option("--height", request.height, "TFCE's H")->check(CLI::Range(0.01, 10.0))->capture_default_str();
  verb->add_option("--surface", request.surface, "Surface that tells which vertices touch");
  verb->add_option("--out", options->out, "Folder for the maps");
  verb->add_flag("--force", options->force, "Write into a folder that is not empty");
}

}  // namespace ipsi::cli
