// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/base/text.h"
#include "core/image/geometry.h"
#include "core/image/io.h"
#include "core/image/label_names.h"

// ipsi image info | convert | stats | resample

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

/// Numbers without the sign of a zero, which means nothing to a reader.
template <class Vector>
Json plain_numbers(const Vector& v) {
  Json out = Json::array();
  for (int i = 0; i < v.size(); ++i) out.push_back(number(v[i] + 0.0));
  return out;
}

Json affine_json(const Eigen::Matrix4d& affine) {
  Json out = Json::array();
  for (int row = 0; row < 4; ++row) out.push_back(plain_numbers(affine.row(row)));
  return out;
}

Json info_json(const image::Info& info) {
  return Json{{"shape", info.grid.size},
              {"spacing_mm", plain_numbers(info.grid.spacing())},
              {"orientation", info.grid.orientation()},
              {"affine", affine_json(info.grid.affine)},
              {"type", image::to_string(info.stored)},
              {"frames", info.frames},
              {"components", info.components}};
}

std::string info_text(const image::Info& info) {
  const auto& size = info.grid.size;
  const Eigen::Vector3d spacing = info.grid.spacing();
  std::string text = fmt::format("shape        {} x {} x {}\n", size[0], size[1], size[2]);
  text += fmt::format("spacing      {:.6g} x {:.6g} x {:.6g} mm\n", spacing[0], spacing[1], spacing[2]);
  text += fmt::format("orientation  {}\n", info.grid.orientation());
  text += fmt::format("type         {}\n", image::to_string(info.stored));
  text += fmt::format("frames       {}\n", info.frames);
  if (info.components > 1) text += fmt::format("values       {} a voxel\n", info.components);
  for (int row = 0; row < 4; ++row) {
    text += row == 0 ? "affine       " : "             ";
    for (int column = 0; column < 4; ++column) text += fmt::format("{:>12.6g}", info.grid.affine(row, column) + 0.0);
    text += '\n';
  }
  return text;
}

/// FreeSurfer's names, where the numbers present are those of its tables: label 2 of another atlas is no white matter.
std::vector<std::optional<std::string>> names_of(const std::vector<image::LabelStats>& rows) {
  std::vector<std::optional<std::string>> names;
  std::size_t known = 0;
  for (const auto& row : rows) {
    names.push_back(image::freesurfer_name(row.label));
    known += names.back() ? 1 : 0;
  }
  if (known * 10 < rows.size() * 9) names.assign(rows.size(), std::nullopt);
  return names;
}

Json stats_json(const std::vector<image::LabelStats>& rows) {
  const auto names = names_of(rows);
  Json out = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const image::LabelStats& row = rows[i];
    out.push_back({{"label", row.label},
                   {"name", names[i] ? Json(*names[i]) : Json(nullptr)},
                   {"voxels", row.voxels},
                   {"mm3", number(row.mm3)},
                   {"mean", number(row.mean)},
                   {"sd", number(row.sd)},
                   {"centre_mm", plain_numbers(row.centre_mm)}});
  }
  return out;
}

std::string stats_text(const std::vector<image::LabelStats>& rows) {
  if (rows.empty()) return "No labels: every voxel is 0.\n";
  const auto names = names_of(rows);
  std::size_t width = 4;
  for (const auto& name : names) width = std::max(width, name ? name->size() : 0);
  const auto cell = [](double v) { return std::isnan(v) ? std::string("-") : fmt::format("{:.6g}", v); };
  std::string text = fmt::format("{:>7}  {:<{}} {:>10} {:>12} {:>10} {:>10}   centre (RAS mm)\n", "label", "name",
                                 width, "voxels", "mm3", "mean", "sd");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const image::LabelStats& row = rows[i];
    text += fmt::format("{:>7}  {:<{}} {:>10} {:>12} {:>10} {:>10}   {:.1f} {:.1f} {:.1f}\n", row.label,
                        names[i].value_or("-"), width, row.voxels, fmt::format("{:.1f}", row.mm3), cell(row.mean),
                        cell(row.sd), row.centre_mm[0] + 0.0, row.centre_mm[1] + 0.0, row.centre_mm[2] + 0.0);
  }
  return text;
}

/// A result that is there already is kept unless asked otherwise. An empty file (mktemp) holds no result.
Result<void> check_output(const std::string& out, bool force) {
  std::error_code ec;
  if (force || !fs::exists(out, ec) || (fs::is_regular_file(out, ec) && fs::file_size(out, ec) == 0)) return {};
  return fail(Code::Conflict, "the output exists already", out, "name another, or add --force");
}

void add_info(Cli& cli, CLI::App& group) {
  auto file = std::make_shared<std::string>();
  CLI::App* verb = cli.verb(group, "info", "Size, voxel size, orientation and type of an image", [&cli, file] {
    const auto info = image::read_info(*file);
    if (!info) return cli.problem(info.error());
    return cli.done(info_json(*info), info_text(*info));
  });
  verb->add_option("file", *file, "Image (.mgz .mgh .nii .nii.gz .hdr .nrrd .mha)")->required();
}

void add_convert(Cli& cli, CLI::App& group) {
  struct Options {
    std::string in, out;
    bool force = false;
  };
  auto o = std::make_shared<Options>();
  CLI::App* verb =
      cli.verb(group, "convert", "Copy an image into another format, values and place unchanged", [&cli, o] {
        if (auto ok = check_output(o->out, o->force); !ok) return cli.problem(ok.error());
        const auto report = image::convert(o->in, o->out);
        if (!report) return cli.problem(report.error());
        if (report->from != report->to)
          cli.note(fmt::format("{} is stored as {}, as the format has no {}{}", o->out, image::to_string(report->to),
                               image::to_string(report->from),
                               report->largest_change > 0.0
                                   ? fmt::format("; rounding changed values by up to {:.3g}", report->largest_change)
                                   : "; no value changed"));
        return cli.done(Json{{"in", o->in},
                             {"out", o->out},
                             {"type_in", image::to_string(report->from)},
                             {"type", image::to_string(report->to)},
                             {"largest_change", number(report->largest_change)}},
                        fmt::format("wrote {} ({})", o->out, image::to_string(report->to)));
      });
  verb->add_option("in", o->in, "Image to read")->required();
  verb->add_option("out", o->out, "File to write; its extension names the format")->required();
  verb->add_flag("--force", o->force, "Replace OUT where it exists");
}

void add_stats(Cli& cli, CLI::App& group) {
  struct Options {
    std::string labels, volume;
  };
  auto o = std::make_shared<Options>();
  CLI::App* verb = cli.verb(group, "stats", "Voxels, mm3, centre and intensity of every label", [&cli, o] {
    const auto labels = image::read_labels(o->labels);
    if (!labels) return cli.problem(labels.error());
    image::Volume volume;
    if (!o->volume.empty()) {
      auto read = image::read_volume(o->volume);
      if (!read) return cli.problem(read.error());
      volume = std::move(*read);
    }
    const auto rows = image::label_stats(*labels, o->volume.empty() ? nullptr : &volume);
    if (!rows) {
      Error error = rows.error();
      error.where = o->labels + ", " + o->volume;
      return cli.problem(error);
    }
    return cli.done(stats_json(*rows), stats_text(*rows));
  });
  verb->add_option("labels", o->labels, "Segmentation: whole numbers, 0 is background")->required();
  verb->add_option("--volume", o->volume, "Image on the same grid, for mean and sd");
}

struct ResampleOptions {
  std::string in, like, out;
  bool labels = false;
  bool force = false;
};

int run_resample(Cli& cli, const ResampleOptions& o) {
  if (auto ok = check_output(o.out, o.force); !ok) return cli.problem(ok.error());
  const auto like = image::read_info(o.like);
  if (!like) return cli.problem(like.error());
  const auto info = image::read_info(o.in);
  if (!info) return cli.problem(info.error());
  const double overlap = image::field_of_view_overlap(info->grid, like->grid);
  if (overlap <= 0.0)
    return cli.problem({Code::InvalidInput, "the two images do not overlap in the world", o.in + ", " + o.like,
                        "check that they are of the same space"});
  if (overlap < 0.5)
    cli.note(fmt::format("only {:.0f} % of the smaller field of view is common to both", 100 * overlap));
  Result<void> written;
  if (o.labels) {
    const auto labels = image::read_labels(o.in);
    if (!labels) return cli.problem(labels.error());
    written = image::write_labels(image::resample(*labels, like->grid), o.out);
  } else {
    const auto volume = image::read_volume(o.in);
    if (!volume) return cli.problem(volume.error());
    written = image::write_volume(image::resample(*volume, like->grid), o.out);
  }
  if (!written) return cli.problem(written.error());
  return cli.done(
      Json{{"in", o.in},
           {"like", o.like},
           {"out", o.out},
           {"interpolation", o.labels ? "nearest" : "linear"},
           {"field_of_view_overlap", number(overlap)}},
      fmt::format("wrote {} ({} x {} x {})", o.out, like->grid.size[0], like->grid.size[1], like->grid.size[2]));
}

void add_resample(Cli& cli, CLI::App& group) {
  auto o = std::make_shared<ResampleOptions>();
  CLI::App* verb = cli.verb(group, "resample", "Bring an image onto the grid of another through world coordinates",
                            [&cli, o] { return run_resample(cli, *o); });
  verb->add_option("in", o->in, "Image to resample")->required();
  verb->add_option("--like", o->like, "Image whose grid is wanted")->required();
  verb->add_flag("--labels", o->labels, "Nearest neighbour, for segmentations and masks; else linear");
  verb->add_option("--out", o->out, "File to write")->required();
  verb->add_flag("--force", o->force, "Replace OUT where it exists");
}

}  // namespace

void add_image(Cli& cli) {
  CLI::App& group = cli.group("image", "Images: what is in them, formats, labels, grids");
  add_info(cli, group);
  add_convert(cli, group);
  add_stats(cli, group);
  add_resample(cli, group);
}

}  // namespace ipsi::cli
