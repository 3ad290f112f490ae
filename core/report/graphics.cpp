// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/graphics.h"

#include <algorithm>
#include <cmath>

#include "core/brain/atlas.h"
#include "core/report/brain_map.h"
#include "core/report/figure_svg.h"
#include "core/report/html_tables.h"
#include "core/report/map_values.h"
#include "core/report/result_file.h"
#include "core/table/delimited.h"

namespace ipsi::report {
namespace {

/// What a map is drawn of: an analysis with ipsi/contra or left/right rows and at least one estimate.
bool has_estimates(const Rows& results, const std::vector<std::size_t>& rows) {
  return std::any_of(rows.begin(), rows.end(), [&](std::size_t r) { return std::isfinite(results.number(r, "beta")); });
}

/// The p below which a region of the analysis is significant: alpha / family for Bonferroni; methods that go by the
/// order of the p-values cut just below the smallest p that does not pass.
double threshold(const Rows& results, const std::vector<std::size_t>& rows, const Json& analysis) {
  const double alpha = analysis.value("alpha", 0.05);
  const Json correction = analysis.value("correction", Json::object());
  const std::string kind = correction.value("kind", std::string("bonferroni"));
  if (kind == "none") return alpha;
  if (kind == "bonferroni") return alpha / std::max(1, correction.value("family", static_cast<int>(rows.size())));
  double cut = 1.0;
  for (const std::size_t r : rows)
    if (!results.truth(r, "significant") && std::isfinite(results.number(r, "p")))
      cut = std::min(cut, results.number(r, "p"));
  return cut;
}

Result<Picture> draw_map(const table::Table& results, const Json& analysis, const brain::Template& head,
                         const GraphicsOptions& options, const Task& task) {
  const std::string id = analysis.value("id", std::string());
  const std::string title = analysis.value("title", std::string());
  const Rows rows(results);
  const auto own = rows.where("analysis", id);
  auto values = parse_map_values(table::to_delimited(results.select(own)), "results.csv", {.column = "beta"});
  if (!values) return tl::unexpected<Error>(values.error());
  for (MapPanel& panel : values->panels) panel.title = title;
  values->significant_p = threshold(rows, own, analysis);
  BrainMapOptions map;
  map.width_mm = options.width_mm;
  map.dpi = options.dpi;
  auto drawn = draw_brain_map(*values, head, map, task);
  if (!drawn) return tl::unexpected<Error>(drawn.error());
  double least = INFINITY;
  double most = 0.0;
  for (const std::size_t r : own) {
    if (!std::isfinite(rows.number(r, "beta"))) continue;
    least = std::min(least, rows.number(r, "n"));
    most = std::max(most, rows.number(r, "n"));
  }
  Picture out;
  out.analysis = id;
  out.title = title;
  out.caption = fmt::format("\xCE\xB2 of {} by region, {:.0f} to {:.0f} people a region. Template: {}.",
                            column_words(rows.text(own[0], "predictor")), least, most, head.name);
  out.alt = drawn->alt;
  out.png = std::move(drawn->bytes);
  return out;
}

Result<void> draw_maps(const spec::ResultSet& result, const GraphicsOptions& options, const Task& task, Drawn& out) {
  const auto* results = find_table(result, "results");
  if (results == nullptr) return {};
  const auto head = brain::load_colin27(task.part(0.0, 0.1));
  if (!head) {
    if (head.error().code == Code::Cancelled) return tl::unexpected<Error>(head.error());
    out.notes.push_back("no brain maps: " + to_line(head.error()));
    return {};
  }
  const Json analyses = result.json.value("analyses", Json::array());
  const Rows rows(results->table);
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    const std::string id = analyses[i].value("id", std::string());
    if (!has_estimates(rows, rows.where("analysis", id))) continue;
    const double from = 0.1 + 0.9 * static_cast<double>(i) / static_cast<double>(analyses.size());
    task.progress(from, "map of " + id);
    auto picture = draw_map(results->table, analyses[i], *head, options, task.part(from, from));
    if (picture) {
      out.graphics.pictures.push_back(std::move(*picture));
      continue;
    }
    if (picture.error().code == Code::Cancelled) return tl::unexpected<Error>(picture.error());
    out.notes.push_back(fmt::format("no brain map of {}: {}", id, to_line(picture.error())));
  }
  return {};
}

}  // namespace

Result<Drawn> draw_graphics(const spec::ResultSet& result, const GraphicsOptions& options, const Task& task) {
  Drawn out;
  for (const spec::Figure& figure : result.figures) {
    auto svg = to_svg(figure, options.figure_mm);
    if (svg)
      out.graphics.svg[figure.id] = std::move(*svg);
    else
      out.notes.push_back(fmt::format("no figure {}: {}", figure.id, to_line(svg.error())));
  }
  if (options.maps == GraphicsOptions::Maps::each)
    if (auto ok = draw_maps(result, options, task, out); !ok) return tl::unexpected<Error>(ok.error());
  return out;
}

}  // namespace ipsi::report
