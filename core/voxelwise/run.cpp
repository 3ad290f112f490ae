// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/base/text.h"
#include "core/image/io.h"
#include "core/image/surface.h"
#include "core/stats/basic/p_adjust.h"
#include "core/voxelwise/maps.h"

namespace ipsi::voxelwise {
namespace fs = std::filesystem;
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Setup {
  stats::Formula formula;
  std::string text;  ///< of the formula, for people
  stats::Design design;
  StackFiles files;
  std::vector<int> columns;
  std::vector<int> blocks;  ///< [n] or empty
};

/// The table with the images as its response: 0 where there is one, missing where the cell is empty.
Result<table::Table> with_response(const Request& request, const table::Table& data, const std::string& name) {
  std::vector<double> there(data.rows(), 0.0);
  if (request.stack.empty()) {
    const auto column = data.require(request.images);
    if (!column) return tl::unexpected<Error>(column.error());
    if ((*column)->kind != table::Column::Kind::text)
      return fail(Code::InvalidInput, fmt::format("column '{}' does not hold file names", request.images), "",
                  "name a column of paths with --images");
    for (std::size_t i = 0; i < there.size(); ++i)
      if ((*column)->missing(i)) there[i] = table::kMissing;
  }
  return data.with(table::numeric(name, std::move(there)));
}

Result<stats::Formula> formula_of(const Request& request, const std::string& response) {
  const std::size_t tilde = request.formula.find('~');
  const std::string right = tilde == std::string::npos ? request.formula : request.formula.substr(tilde + 1);
  const std::string left = tilde == std::string::npos ? "" : trim(request.formula.substr(0, tilde));
  if (!left.empty() && left != response)
    return fail(Code::Usage, fmt::format("the formula has '{}' on its left side; the response are the images", left),
                "formula", "write the right side only");
  return stats::parse_formula("`" + response + "` ~ " + right);
}

Result<std::vector<int>> columns_of(const Request& request, const stats::Columns& columns) {
  std::vector<int> out;
  if (request.columns.empty()) {
    for (int j = 0; j < static_cast<int>(columns.names.size()); ++j)
      if (columns.term[j] >= 0 || columns.names.size() == 1) out.push_back(j);
    return out;
  }
  for (const std::string& name : request.columns) {
    const auto at = std::find(columns.names.begin(), columns.names.end(), name);
    const auto term = std::find(columns.terms.begin(), columns.terms.end(), name);
    if (at == columns.names.end() && term == columns.terms.end())
      return fail(Code::NotFound, fmt::format("the model has no column or term '{}'", name), "",
                  "columns are " + join(columns.names, ", "));
    for (int j = 0; j < static_cast<int>(columns.names.size()); ++j)
      if (columns.names[j] == name || (term != columns.terms.end() && columns.term[j] == term - columns.terms.begin()))
        if (std::find(out.begin(), out.end(), j) == out.end()) out.push_back(j);
  }
  return out;
}

/// Where the file of a cell is: beside the table, else from where the program runs.
fs::path placed(const Request& request, const std::string& cell) {
  const fs::path path = trim(cell);
  if (path.empty() || path.is_absolute() || request.folder.empty()) return path;
  std::error_code ec;
  const fs::path beside = request.folder / path;
  return !fs::exists(beside, ec) && fs::exists(path, ec) ? path : beside;
}

Result<Setup> prepare(const Request& request, const table::Table& data) {
  const std::string response = request.stack.empty() ? request.images : "images";
  const auto table = with_response(request, data, response);
  if (!table) return tl::unexpected(table.error());
  Setup out;
  auto formula = formula_of(request, response);
  if (!formula) return tl::unexpected(formula.error());
  out.formula = std::move(*formula);
  out.text = response + " ~ " + trim(request.formula.substr(request.formula.find('~') + 1));  // npos + 1 = 0
  auto design = stats::make_design(out.formula, *table);
  if (!design) return tl::unexpected(design.error());
  out.design = std::move(*design);
  auto columns = columns_of(request, out.design.data.columns);
  if (!columns) return tl::unexpected(columns.error());
  out.columns = std::move(*columns);
  if (!request.blocks.empty()) {
    const auto column = data.require(request.blocks);
    if (!column) return tl::unexpected<Error>(column.error());
    std::map<std::string, int> code;
    for (const std::size_t row : out.design.rows) {
      if ((*column)->missing(row))
        return fail(Code::InvalidInput, fmt::format("'{}' is empty", request.blocks),
                    fmt::format("data row {}", row + 1), "say which block the row belongs to, or take it out");
      out.blocks.push_back(code.try_emplace((*column)->cell(row), static_cast<int>(code.size())).first->second);
    }
  }
  const table::Column* images = request.stack.empty() ? data.find(request.images) : nullptr;
  const table::Column* missing = nullptr;
  if (!request.missing.empty()) {
    const auto column = data.require(request.missing);
    if (!column) return tl::unexpected<Error>(column.error());
    missing = *column;
  }
  out.files.mask = request.mask;
  for (const std::size_t row : out.design.rows) {
    if (images != nullptr)
      out.files.images.push_back(placed(request, images->cell(row)));
    else
      out.files.frames.push_back(row);
    if (missing != nullptr) out.files.missing.push_back(placed(request, missing->cell(row)));
  }
  if (images == nullptr) {
    const auto info = image::read_info(request.stack);
    if (!info) return wrap(info.error(), request.stack.string());
    if (static_cast<std::size_t>(info->frames) != data.rows())
      return fail(Code::InvalidInput, fmt::format("{} frames for {} rows of the table", info->frames, data.rows()),
                  request.stack.string(), "the file must hold an image for each row");
    out.files.images.push_back(request.stack);
  }
  return out;
}

/// Writes maps of one stack; remembers their names.
class Writer {
 public:
  Writer(const Stack& stack, fs::path out) : stack_(stack), out_(std::move(out)) {}

  template <class Value>  // place -> number
  Result<std::string> write(const std::string& name, Value&& value, float outside = kNaN) {
    image::Volume volume;
    volume.grid = stack_.grid();
    volume.values.assign(stack_.grid().voxels(), outside);
    for (std::size_t i = 0; i < stack_.places(); ++i)
      volume.values[stack_.voxels()[i]] = static_cast<float>(value(static_cast<Eigen::Index>(i)));
    // Other programs take 0 for "nothing here" more readily than NaN.
    for (float& v : volume.values)
      if (std::isnan(v)) v = outside;
    const std::string file = name + (stack_.is_surface() ? ".mgz" : ".nii.gz");
    if (auto ok = image::write_volume(volume, out_ / file); !ok) return tl::unexpected(ok.error());
    return file;
  }

 private:
  const Stack& stack_;
  fs::path out_;
};

std::string file_name(const std::string& column) {
  std::string out;
  for (const char c : column) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    if (plain) out += c;
    if (c == ':') out += "_x_";
  }
  return out.empty() ? "column" : out;
}

std::string word(Fitted f) {
  switch (f) {
    case Fitted::yes: return "fitted";
    case Fitted::boundary: return "boundary";
    case Fitted::constant: return "constant";
    case Fitted::exact: return "explained_exactly";
    case Fitted::too_few: return "too_few_rows";
    case Fitted::dependent: return "dependent_columns";
    case Fitted::not_converged: return "not_converged";
  }
  return "";
}

std::vector<double> fdr_of(const Eigen::VectorXd& p) {
  return stats::adjust_p({p.data(), p.data() + p.size()}, stats::Adjustment::bh);
}

Result<std::optional<Adjacency>> neighbours_of(const Request& request, const Stack& stack) {
  if (!request.tfce || request.permutations == 0) return std::optional<Adjacency>{};
  if (!stack.is_surface())
    return std::optional<Adjacency>(grid_adjacency(stack.grid(), stack.voxels(), request.neighbours));
  if (request.surface.empty())
    return fail(Code::Usage, "TFCE of values at vertices needs to know which of them touch", "",
                "name the surface with --surface");
  const auto surface = image::read_surface(request.surface, nullptr);
  if (!surface) return wrap(surface.error(), request.surface.string());
  if (surface->points.size() != stack.grid().voxels())
    return fail(
        Code::InvalidInput,
        fmt::format("the surface has {} vertices, the images {}", surface->points.size(), stack.grid().voxels()),
        request.surface.string(), "name the surface that the values belong to");
  auto mesh = mesh_adjacency(*surface, stack.voxels());
  if (!mesh) return tl::unexpected(mesh.error());
  return std::optional<Adjacency>(std::move(*mesh));
}

/// Smallest p and largest |t| of a map, for the summary.
Json summary_of(const Maps& maps, Eigen::Index k, const std::vector<double>& fdr, const Corrected* corrected) {
  double least = 1.0, most = 0.0, least_fdr = 1.0, least_fwe = 1.0, least_tfce = 1.0;
  std::size_t fdr05 = 0, fwe05 = 0, tfce05 = 0;
  for (Eigen::Index i = 0; i < maps.t.rows(); ++i) {
    if (std::isnan(maps.p(i, k))) continue;
    least = std::min(least, maps.p(i, k));
    if (std::abs(maps.t(i, k)) > std::abs(most)) most = maps.t(i, k);
    least_fdr = std::min(least_fdr, fdr[static_cast<std::size_t>(i)]);
    fdr05 += fdr[static_cast<std::size_t>(i)] <= 0.05 ? 1 : 0;
  }
  Json out{{"peak_t", number(most)},
           {"smallest_p", number(least)},
           {"smallest_p_fdr", number(least_fdr)},
           {"places_fdr_05", fdr05}};
  if (corrected == nullptr) return out;
  for (const float p : corrected->p_t) {
    if (std::isnan(p)) continue;
    least_fwe = std::min(least_fwe, static_cast<double>(p));
    fwe05 += p <= 0.05F ? 1 : 0;
  }
  out["smallest_p_fwe"] = number(least_fwe);
  out["places_fwe_05"] = fwe05;
  if (corrected->p_tfce.empty()) return out;
  for (const float p : corrected->p_tfce) {
    if (std::isnan(p)) continue;
    least_tfce = std::min(least_tfce, static_cast<double>(p));
    tfce05 += p <= 0.05F ? 1 : 0;
  }
  out["smallest_p_tfce"] = number(least_tfce);
  out["places_tfce_05"] = tfce05;
  return out;
}

std::vector<std::string> findings_of(const Request& request, const Setup& setup, const Maps& maps, std::size_t rows) {
  std::vector<std::string> out;
  const std::vector<int> none;
  const std::vector<int>& blocks = !setup.blocks.empty()              ? setup.blocks
                                   : setup.design.data.random.empty() ? none
                                                                      : setup.design.data.random[0].group;
  const std::size_t count = std::set<int>(blocks.begin(), blocks.end()).size();
  if (request.permutations > 0 && request.exchange == Exchange::sign_flips && count > 0 && count < 10)
    out.push_back(fmt::format("{} blocks have {} different sign flips: no corrected p can be much below {:.3f}", count,
                              1U << (count - 1), 1.0 / (1U << (count - 1))));
  for (const auto& dropped : setup.design.dropped)
    out.push_back(fmt::format("{} of {} rows left out: no {}", dropped.rows, rows, dropped.variable));
  for (const auto& [state, places] : maps.counts()) {
    if (state == Fitted::yes) continue;
    static const std::map<Fitted, std::string> said{
        {Fitted::boundary, "the variance between groups is estimated as 0"},
        {Fitted::constant, "not fitted, the values do not vary"},
        {Fitted::exact, "not fitted, the predictors explain the values exactly"},
        {Fitted::too_few, "not fitted, too few images know the place"},
        {Fitted::dependent, "not fitted, columns of the design depend on each other in the images that know it"},
        {Fitted::not_converged, "not fitted, the likelihood has no maximum"}};
    out.push_back(fmt::format("{} of {} places: {}", places, maps.state.size(), said.at(state)));
  }
  return out;
}

struct Results {
  Maps maps;
  std::vector<Corrected> corrected;  ///< [k] or empty
};

/// Values of some places at all of them, NaN elsewhere.
void spread(std::vector<float>& values, const std::vector<std::uint32_t>& places, std::size_t all) {
  if (values.empty()) return;
  std::vector<float> out(all, kNaN);
  for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = values[i];
  values = std::move(out);
}

Result<std::vector<Corrected>> correct(const Request& request, const Setup& setup, const Stack& stack, const Maps& maps,
                                       const Task& task) {
  // Without a mask most places are background: the permutations pass over what was not fitted.
  std::vector<std::uint32_t> fitted;
  for (std::size_t i = 0; i < maps.state.size(); ++i)
    if (usable(maps.state[i])) fitted.push_back(static_cast<std::uint32_t>(i));
  const Stack part = stack.only(fitted);
  const auto neighbours = neighbours_of(request, part);
  if (!neighbours) return tl::unexpected(neighbours.error());
  PermuteOptions options{.count = request.permutations, .exchange = request.exchange, .blocks = setup.blocks};
  options.seed = request.seed;
  options.threads = request.threads;
  options.adjacency = neighbours->has_value() ? &**neighbours : nullptr;
  options.tfce = {request.extent > 0.0 ? request.extent : (stack.is_surface() ? 1.0 : 0.5), request.height};
  std::vector<Corrected> out;
  const auto terms = static_cast<double>(setup.columns.size());
  for (std::size_t k = 0; k < setup.columns.size(); ++k) {
    const auto at = static_cast<double>(k);
    auto one = permute(setup.design.data, setup.columns[k], part, options, task.part(at / terms, (at + 1.0) / terms));
    if (!one) return tl::unexpected(one.error());
    for (auto* values : {&one->t, &one->tfce, &one->p_t, &one->p_tfce}) spread(*values, fitted, stack.places());
    out.push_back(std::move(*one));
  }
  return out;
}

Result<Results> compute(const Request& request, const Setup& setup, const Stack& stack, const Task& task) {
  // What TFCE needs is asked for before the work, not after it.
  if (auto neighbours = neighbours_of(request, stack.only({})); !neighbours) return tl::unexpected(neighbours.error());
  const auto model = VoxelModel::make(setup.design.data);
  if (!model) return tl::unexpected(model.error());
  const double share = request.permutations > 0 ? 0.1 : 1.0;
  auto maps = fit_stack(*model, stack, setup.columns, request.threads, task.part(0.0, share));
  if (!maps) return tl::unexpected(maps.error());
  Results out{std::move(*maps), {}};
  if (request.permutations == 0) return out;
  auto corrected = correct(request, setup, stack, out.maps, task.part(share, 1.0));
  if (!corrected) return tl::unexpected(corrected.error());
  out.corrected = std::move(*corrected);
  return out;
}

/// Files of one column: kind -> name.
Result<Json> write_column(Writer& writer, const std::string& name, const Results& results, Eigen::Index k,
                          const std::vector<double>& fdr) {
  Json files = Json::object();
  Result<void> failed;
  const auto add = [&](const std::string& kind, auto&& value, float outside) {
    if (!failed) return;
    auto file = writer.write(name + "_" + kind, value, outside);
    if (file)
      files[kind] = *file;
    else
      failed = tl::unexpected(file.error());
  };
  const Maps& maps = results.maps;
  add(
      "beta", [&](Eigen::Index i) { return maps.beta(i, k); }, 0.0F);
  add(
      "se", [&](Eigen::Index i) { return maps.se(i, k); }, 0.0F);
  add(
      "t", [&](Eigen::Index i) { return maps.t(i, k); }, 0.0F);
  add(
      "p", [&](Eigen::Index i) { return maps.p(i, k); }, 1.0F);
  // A p below 1e-45 would be stored as 0.
  add(
      "neglog10p", [&](Eigen::Index i) { return -std::log10(std::max(maps.p(i, k), 1e-308)); }, 0.0F);
  add(
      "df", [&](Eigen::Index i) { return maps.df(i, k); }, 0.0F);
  add(
      "p_fdr", [&](Eigen::Index i) { return fdr[static_cast<std::size_t>(i)]; }, 1.0F);
  if (!results.corrected.empty()) {
    const Corrected& c = results.corrected[static_cast<std::size_t>(k)];
    add(
        "p_fwe", [&](Eigen::Index i) { return c.p_t[static_cast<std::size_t>(i)]; }, 1.0F);
    if (!c.tfce.empty()) {
      add(
          "tfce", [&](Eigen::Index i) { return c.tfce[static_cast<std::size_t>(i)]; }, 0.0F);
      add(
          "p_tfce", [&](Eigen::Index i) { return c.p_tfce[static_cast<std::size_t>(i)]; }, 1.0F);
    }
  }
  if (!failed) return tl::unexpected(failed.error());
  return files;
}

/// Maps of each column, and what the summary says of it.
Result<Json> write_columns(Writer& writer, const Setup& setup, const Results& results) {
  Json out = Json::array();
  std::set<std::string> stems;
  for (std::size_t k = 0; k < setup.columns.size(); ++k) {
    const std::string& name = setup.design.data.columns.names[setup.columns[k]];
    const auto column = static_cast<Eigen::Index>(k);
    const std::vector<double> fdr = fdr_of(results.maps.p.col(column));
    std::string stem = file_name(name);
    while (!stems.insert(stem).second) stem += "_";
    const auto files = write_column(writer, stem, results, column, fdr);
    if (!files) return files;
    Json entry{{"name", name}};
    entry.update(summary_of(results.maps, column, fdr, results.corrected.empty() ? nullptr : &results.corrected[k]));
    entry["files"] = *files;
    out.push_back(entry);
  }
  return out;
}

/// Maps of the model as a whole.
Result<Json> write_shared(Writer& writer, const Maps& maps, bool mixed) {
  Json files = Json::object();
  Result<void> failed;
  const auto add = [&](const std::string& name, auto&& value) {
    if (!failed) return;
    auto file = writer.write(name, value, 0.0F);
    if (file)
      files[name] = *file;
    else
      failed = tl::unexpected(file.error());
  };
  add("n", [&](Eigen::Index i) { return maps.n(i); });
  add("sigma", [&](Eigen::Index i) { return maps.sigma(i); });
  if (mixed) add("group_sd", [&](Eigen::Index i) { return maps.group_sd(i); });
  add("state", [&](Eigen::Index i) { return static_cast<int>(maps.state[static_cast<std::size_t>(i)]) + 1; });
  if (!failed) return tl::unexpected(failed.error());
  return files;
}

/// What was done, in words.
std::string paragraph(const Request& request, const Setup& setup, const Maps& maps) {
  const bool mixed = !setup.design.data.random.empty();
  const auto counts = maps.counts();
  const std::size_t fitted = (counts.contains(Fitted::yes) ? counts.at(Fitted::yes) : 0) +
                             (counts.contains(Fitted::boundary) ? counts.at(Fitted::boundary) : 0);
  std::string out = fmt::format(
      "The {} {} was fitted by {} at {} of {} places to {} images ({} rows were left out for missing values){}. Tests "
      "are "
      "two-sided t tests; the false discovery rate was controlled by the procedure of Benjamini and Hochberg over the "
      "places that were fitted.",
      mixed ? "linear mixed model" : "linear model", setup.text,
      mixed ? "restricted maximum likelihood" : "least squares", fitted, maps.state.size(), setup.design.rows.size(),
      setup.design.rows_dropped(),
      request.missing.empty() ? "" : "; at each place the images that do not know it were left out");
  if (request.permutations == 0) return out;
  const bool flips = request.exchange == Exchange::sign_flips;
  const std::string block = !request.blocks.empty() ? request.blocks : mixed ? setup.design.data.random[0].name : "";
  const std::string exchange = flips ? (block.empty() ? "sign flips" : "sign flips of each " + block + " as a whole")
                                     : (block.empty() ? "shuffles of all rows" : "shuffles within " + block);
  out += fmt::format(
      " Family-wise error was controlled by {} permutations of each coefficient after Freedman and Lane ({}), by the "
      "largest absolute t over all places{}.",
      request.permutations, exchange,
      request.tfce ? " and by the largest threshold-free cluster enhancement of t" : "");
  return out;
}

Json manifest_of(const Request& request, const table::Table& data, const Json& json) {
  Json manifest = json;
  manifest["data"] = data.hash();
  manifest["seed"] = request.seed;
  manifest["exchange"] = request.exchange == Exchange::shuffles ? "shuffles" : "flips";
  manifest["blocks"] = request.blocks;
  manifest["tfce"] = request.tfce;
  manifest["mask"] = request.mask.string();
  manifest["missing"] = request.missing;
  manifest["state_codes"] =
      "0 outside, 1 fitted, 2 boundary, 3 constant, 4 explained exactly, 5 too few rows, 6 dependent "
      "columns, 7 not converged";
  return manifest;
}

}  // namespace

Result<Outcome> run(const Request& request, const table::Table& data, const fs::path& out, Overwrite overwrite,
                    const Task& task) {
  const auto setup = prepare(request, data);
  if (!setup) return tl::unexpected(setup.error());
  // The model is refused before the images are read.
  if (auto model = VoxelModel::make(setup->design.data); !model) return tl::unexpected(model.error());
  if (auto ok = prepare_output_dir(out, overwrite); !ok) return tl::unexpected(ok.error());
  const auto stack = Stack::read(setup->files, {.threads = request.threads}, task.part(0.0, 0.2));
  if (!stack) return tl::unexpected(stack.error());
  const auto results = compute(request, *setup, *stack, task.part(0.2, 0.95));
  if (!results) return tl::unexpected(results.error());
  const Maps& maps = results->maps;
  Writer writer(*stack, out);
  Outcome outcome;
  outcome.findings = findings_of(request, *setup, maps, data.rows());
  Json& json = outcome.json;
  json["formula"] = setup->text;
  json["n_images"] = setup->design.rows.size();
  json["n_groups"] = setup->design.data.random.empty() ? 0 : setup->design.data.random[0].groups.size();
  json["places"] = stack->places();
  Json states = Json::object();
  for (const auto& [state, count] : maps.counts()) states[word(state)] = count;
  json["state"] = states;
  auto columns = write_columns(writer, *setup, *results);
  if (!columns) return tl::unexpected(columns.error());
  json["columns"] = std::move(*columns);
  auto shared = write_shared(writer, maps, !setup->design.data.random.empty());
  if (!shared) return tl::unexpected(shared.error());
  json["files"] = std::move(*shared);
  json["permutations"] = request.permutations;
  json["findings"] = outcome.findings;
  json["methods_text"] = paragraph(request, *setup, maps);
  json["references"] = {"benjamini1995"};
  if (!setup->design.data.random.empty()) json["references"].push_back("pinheiro2000");
  if (request.permutations > 0) {
    json["references"].push_back("freedman1983");
    json["references"].push_back("winkler2014");
  }
  if (request.tfce) json["references"].push_back("smith2009");
  const Json manifest = manifest_of(request, data, json);
  if (auto ok = write_file(out / "manifest.json", manifest.dump(2) + "\n"); !ok) return tl::unexpected(ok.error());
  task.progress(1.0);
  return outcome;
}

}  // namespace ipsi::voxelwise
