// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <optional>

#include "app/cli/cli.h"
#include "core/base/text.h"
#include "core/brain/atlas.h"
#include "core/render/template_file.h"
#include "core/report/brain_map.h"
#include "core/report/map_recipe.h"

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;
using report::BrainMapOptions;

struct Request {
  std::string values, recipe, out, column, analysis, atlas = "colin27", head, view = "both", background = "white",
                                                     camera = "oblique", brain = "auto", colours = "diverging", label,
                                                     clip, alt;
  std::vector<std::string> titles;
  double size_mm = 174.0, dpi = 300.0;
  std::optional<double> significant_p, limit, axial, coronal;
};

Result<BrainMapOptions::View> parse_view(const std::string& word) {
  for (const auto view :
       {BrainMapOptions::View::subcortical, BrainMapOptions::View::slices, BrainMapOptions::View::both})
    if (word == report::to_string(view)) return view;
  return fail(Code::Usage, "there is no view '" + word + "'", "--view", "use subcortical, slices or both");
}

/// A name ("oblique") or degrees from the front to the left and above the horizon ("32,18").
Result<render::Camera> parse_camera(const std::string& word) {
  if (const render::Camera* camera = render::find_camera(word)) return *camera;
  const auto parts = split(word, ',');
  if (parts.size() == 2) {
    const auto azimuth = parse_double(parts[0]), elevation = parse_double(parts[1]);
    if (azimuth && elevation && std::abs(*elevation) <= 89.0) return render::camera_at(*azimuth, *elevation);
  }
  std::vector<std::string> names;
  for (const render::Camera& camera : render::cameras()) names.push_back(camera.name);
  return fail(Code::Usage, "there is no camera '" + word + "'", "--camera",
              "use " + join(names, ", ") + ", or degrees as 32,18");
}

/// "R=-24": the axis and where it is cut.
Result<std::optional<render::Clip>> parse_clip(const std::string& word) {
  if (word.empty()) return std::optional<render::Clip>{};
  const auto axis = std::string_view("RAS").find(word[0]);
  const auto at = word.size() > 2 && word[1] == '=' ? parse_double(word.substr(2)) : std::nullopt;
  if (axis == std::string_view::npos || !at)
    return fail(Code::Usage, "'" + word + "' is no place to cut", "--clip", "write R=-24, A=6 or S=4: axis and mm");
  return std::optional<render::Clip>{{static_cast<int>(axis), *at}};
}

Result<BrainMapOptions> options_of(const Request& request, report::Format format) {
  BrainMapOptions options;
  options.format = format;
  const auto view = parse_view(request.view);
  if (!view) return tl::unexpected(view.error());
  options.view = *view;
  const auto camera = parse_camera(request.camera);
  if (!camera) return tl::unexpected(camera.error());
  options.camera = *camera;
  options.width_mm = request.size_mm;
  options.dpi = request.dpi;
  options.transparent = request.background == "transparent";
  if (request.brain != "auto") options.brain = request.brain == "on";
  options.limit = request.limit;
  options.colours = render::find_colormap(request.colours);
  options.quantity = request.label;
  options.axial_mm = request.axial;
  options.coronal_mm = request.coronal;
  options.alt = request.alt;
  const auto clip = parse_clip(request.clip);
  if (!clip) return tl::unexpected(clip.error());
  options.clip = *clip;
  return options;
}

Result<brain::Template> load_atlas(const Request& request, const Task& task) {
  if (to_lower(request.atlas) == "colin27") return brain::load_colin27(task);
  std::error_code ec;
  if (!fs::exists(request.atlas, ec))
    return fail(Code::NotFound, "there is no atlas of this name and no such file", request.atlas,
                "use colin27, or name a label volume with FreeSurfer labels");
  return render::template_from_files(request.atlas, request.head);
}

/// One panel's values on the atlas grid. @error Usage  several panels
Result<Json> write_values(const report::MapValues& values, const brain::Template& head, const fs::path& out) {
  if (values.panels.size() > 1) {
    std::vector<std::string> titles;
    for (const auto& panel : values.panels) titles.push_back(panel.title);
    return fail(Code::Usage, fmt::format("a NIfTI file holds one analysis, the table has {}", values.panels.size()),
                out.string(), "choose one with --analysis: " + join(titles, ", "));
  }
  return report::write_map_volume(values, head, out);
}

std::string summary(const Json& drawn, const report::MapValues& values) {
  std::string text;
  for (const report::MapPanel& panel : values.panels) {
    int significant = 0, with_value = 0;
    for (const auto& region : panel.regions) {
      significant += region.look == render::Look::significant;
      with_value += region.look != render::Look::untested && region.look != render::Look::excluded;
    }
    text += fmt::format("{}: {} of 12 regions with a value", panel.title.empty() ? "map" : panel.title, with_value);
    text += values.tested ? fmt::format(", {} significant\n", significant) : "\n";
  }
  return text + "wrote " + drawn.at("out").get<std::string>();
}

/// What is drawn and how: from the command line, or as a recipe says.
struct Figure {
  report::MapValues values;
  BrainMapOptions options;
  std::vector<std::string> notes;
};

Result<Figure> figure_of(const Request& request, report::Format format) {
  report::MapValuesOptions reading{
      .column = request.column, .analysis = request.analysis, .significant_p = request.significant_p};
  for (const std::string& title : request.titles) {
    const auto at = title.find('=');
    if (at == std::string::npos)
      return fail(Code::Usage, "'" + title + "' gives no title", "--title", "write ANALYSIS=WORDS");
    reading.titles[title.substr(0, at)] = title.substr(at + 1);
  }
  Figure figure;
  if (request.recipe.empty()) {
    auto options = options_of(request, format);
    if (!options) return tl::unexpected(options.error());
    figure.options = *options;
  } else {
    auto recipe = report::read_map_recipe(request.recipe);
    if (!recipe) return tl::unexpected(recipe.error());
    figure.options = recipe->options;
    figure.options.format = format;
    figure.values = std::move(recipe->values);
    if (recipe->atlas != "Colin27" && to_lower(request.atlas) == "colin27")
      figure.notes.push_back("the figure was made on " + recipe->atlas + ", not on Colin27: give it with --atlas");
    if (request.values.empty()) return figure;
  }
  auto values = report::read_map_values(request.values, reading);
  if (!values) return tl::unexpected(values.error());
  if (!request.recipe.empty() && values->data_hash != figure.values.data_hash) {
    figure.notes.push_back(fmt::format("the values changed since the recipe was written (data hash {}, then {})",
                                       values->data_hash, figure.values.data_hash));
    figure.options.alt.clear();  // it told the values of then
  }
  if (!request.recipe.empty() && values->data_hash == figure.values.data_hash) return figure;
  figure.values = std::move(*values);
  return figure;
}

int run_map(Cli& cli, const Request& request) {
  const fs::path out = request.out;
  const std::string name = to_lower(out.filename().string());
  const bool nifti = name.ends_with(".nii.gz") || name.ends_with(".nii");
  const auto format = report::format_of(name);
  if (!nifti && !format)
    return cli.problem({Code::Usage, "the kind of figure cannot be told from its name", out.string(),
                        "end it in .png, .svg, .pdf or .nii.gz"});
  if (request.values.empty() && request.recipe.empty())
    return cli.problem({Code::Usage, "there are no values to show", "", "give --values FILE, or --recipe FILE"});
  const auto figure = figure_of(request, format.value_or(report::Format::png));
  if (!figure) return cli.problem(figure.error());
  for (const std::string& note : figure->notes) cli.note(note);
  const Task task = cli.task();
  const auto head = load_atlas(request, task.part(0.0, 0.3));
  if (!head) return cli.problem(head.error());
  if (nifti) {
    const auto written = write_values(figure->values, *head, out);
    return written ? cli.done(*written, summary(*written, figure->values)) : cli.problem(written.error());
  }
  auto map = report::draw_brain_map(figure->values, *head, figure->options, task.part(0.3, 1.0));
  if (!map) return cli.problem(map.error());
  if (const auto written = report::write_brain_map(*map, out); !written) return cli.problem(written.error());
  return cli.done(map->recipe, summary(map->recipe, figure->values));
}

}  // namespace

void add_map(Cli& cli) {
  auto request = std::make_shared<Request>();
  CLI::App* verb = cli.verb(cli.app(), "map", "Regions coloured by their values: 3D, slices, or a volume",
                            [&cli, request] { return run_map(cli, *request); });
  verb->add_option("--values", request->values, "Table: region, side, value [p, n, significant, notes, analysis]");
  verb->add_option("--out", request->out, "The figure (.png .svg .pdf) or volume (.nii.gz) to write")->required();
  CLI::Option* recipe = verb->add_option("--recipe", request->recipe,
                                         "Draw a figure again from the .json beside it; with --values, on new values");
  verb->add_option("--column", request->column, "Column to show; default beta, else value");
  verb->add_option("--analysis", request->analysis, "Only this analysis of the table; default a panel for each");
  verb->add_option("--title", request->titles, "ANALYSIS=WORDS: the title of a panel; may be given again and again");
  verb->add_option("--atlas", request->atlas, "colin27, or a label volume with FreeSurfer labels")
      ->capture_default_str();
  verb->add_option("--head", request->head, "With --atlas FILE: a skull-stripped head to show behind the regions");
  verb->add_option("--view", request->view, "subcortical (3D), slices or both")->capture_default_str();
  verb->add_option("--size-mm", request->size_mm, "Width of the figure: 85, 114, 174 are usual")->capture_default_str();
  verb->add_option("--dpi", request->dpi, "Pixels an inch of PNG and of pictures in PDF and SVG")
      ->capture_default_str();
  verb->add_option("--background", request->background, "white or transparent")
      ->check(CLI::IsMember({"white", "transparent"}))
      ->capture_default_str();
  verb->add_option("--significant-p", request->significant_p,
                   "Regions with p below are significant; default the table's column significant, else 0.05/12");
  verb->add_option("--limit", request->limit, "Ends of the colour scale, -LIMIT to LIMIT; default from the values");
  verb->add_option("--label", request->label, "Words over the colour bar, with unit");
  verb->add_option("--camera", request->camera,
                   "oblique, oblique-right, front, back, left, right, top, bottom, or AZ,EL")
      ->capture_default_str();
  verb->add_option("--brain", request->brain, "The translucent brain: on, off, auto (on with view both)")
      ->check(CLI::IsMember({"on", "off", "auto"}))
      ->capture_default_str();
  std::vector<std::string> maps;
  for (const render::Colormap& map : render::colormaps()) maps.push_back(map.name);
  verb->add_option("--colours", request->colours, "Colour map")->check(CLI::IsMember(maps))->capture_default_str();
  verb->add_option("--clip", request->clip, "Cut the 3D forms open: R=-24, A=6 or S=4 (axis and mm)");
  verb->add_option("--alt", request->alt, "The figure in words; default made from the values");
  verb->add_option("--axial", request->axial, "Axial slice, template z in mm; default 4 in Colin27");
  verb->add_option("--coronal", request->coronal, "Coronal slice, template y in mm; default 8 in Colin27");
  for (const char* look : {"--view", "--size-mm", "--dpi", "--background", "--limit", "--label", "--camera", "--brain",
                           "--colours", "--axial", "--coronal", "--clip", "--alt"})
    recipe->excludes(verb->get_option(look));  // the recipe says it
}

}  // namespace ipsi::cli
