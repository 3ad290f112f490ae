// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/result_file.h"

#include <cmath>
#include <utility>

namespace ipsi::report {
namespace {

using spec::Axis;
using spec::Figure;
using spec::ReferenceLine;
using spec::ResultSet;
using spec::Series;
using table::Column;

Json column_json(const Column& c) {
  Json out{{"name", c.name}};
  switch (c.kind) {
    case Column::Kind::text:
      out["kind"] = "text";
      out["values"] = c.texts;
      if (!c.levels.empty()) out["levels"] = c.levels;
      break;
    case Column::Kind::numeric:
      out["kind"] = "numeric";
      out["values"] = numbers(c.values);
      break;
    case Column::Kind::logical:
      out["kind"] = "logical";
      out["values"] = numbers(c.values);
      break;
  }
  return out;
}

double read_number(const Json& json) {
  if (json.is_null()) return table::kMissing;
  if (json.is_string()) return json == "-Inf" ? -HUGE_VAL : HUGE_VAL;
  return json.get<double>();
}

std::vector<double> read_numbers(const Json& json) {
  std::vector<double> out;
  out.reserve(json.size());
  for (const Json& item : json) out.push_back(read_number(item));
  return out;
}

Column read_column(const Json& json) {
  const auto kind = json.at("kind").get<std::string>();
  auto name = json.at("name").get<std::string>();
  if (kind == "text")
    return table::text(std::move(name), json.at("values").get<std::vector<std::string>>(),
                       json.value("levels", std::vector<std::string>{}));
  auto values = read_numbers(json.at("values"));
  return kind == "logical" ? table::logical(std::move(name), std::move(values))
                           : table::numeric(std::move(name), std::move(values));
}

Json axis_json(const Axis& axis) {
  Json out{{"label", axis.label}, {"categories", axis.categories}, {"logarithmic", axis.logarithmic}};
  if (axis.range) out["range"] = Json::array({number(axis.range->first), number(axis.range->second)});
  return out;
}

Axis read_axis(const Json& json) {
  Axis axis;
  axis.label = json.at("label").get<std::string>();
  axis.categories = json.at("categories").get<std::vector<std::string>>();
  axis.logarithmic = json.at("logarithmic").get<bool>();
  if (json.contains("range"))
    axis.range = std::pair{read_number(json["range"].at(0)), read_number(json["range"].at(1))};
  return axis;
}

Json figure_json(const Figure& f) {
  Json out{{"id", f.id},
           {"title", f.title},
           {"caption", f.caption},
           {"alt", f.alt},
           {"x", axis_json(f.x)},
           {"y", axis_json(f.y)},
           {"horizontal", f.horizontal},
           {"series", Json::array()},
           {"lines", Json::array()}};
  for (const Series& s : f.series)
    out["series"].push_back(Json{{"kind", static_cast<int>(s.kind)},
                                 {"label", s.label},
                                 {"x", numbers(s.x)},
                                 {"y", numbers(s.y)},
                                 {"low", numbers(s.low)},
                                 {"high", numbers(s.high)},
                                 {"filled", s.filled},
                                 {"colour", s.colour}});
  for (const ReferenceLine& line : f.lines)
    out["lines"].push_back(Json{{"vertical", line.vertical}, {"at", number(line.at)}, {"label", line.label}});
  return out;
}

Figure read_figure(const Json& json) {
  Figure f;
  f.id = json.at("id").get<std::string>();
  f.title = json.at("title").get<std::string>();
  f.caption = json.at("caption").get<std::string>();
  f.alt = json.at("alt").get<std::string>();
  f.x = read_axis(json.at("x"));
  f.y = read_axis(json.at("y"));
  f.horizontal = json.at("horizontal").get<bool>();
  for (const Json& item : json.at("series")) {
    Series s;
    s.kind = static_cast<Series::Kind>(item.at("kind").get<int>());
    s.label = item.at("label").get<std::string>();
    s.x = read_numbers(item.at("x"));
    s.y = read_numbers(item.at("y"));
    s.low = read_numbers(item.at("low"));
    s.high = read_numbers(item.at("high"));
    s.filled = item.at("filled").get<std::vector<bool>>();
    s.colour = item.at("colour").get<int>();
    f.series.push_back(std::move(s));
  }
  for (const Json& item : json.at("lines"))
    f.lines.push_back(
        {item.at("vertical").get<bool>(), read_number(item.at("at")), item.at("label").get<std::string>()});
  return f;
}

Result<ResultSet> read_result(const Json& json) {
  ResultSet out;
  if (json.at("schema") != 1)
    return fail(Code::InvalidInput, "result of schema " + json["schema"].dump() + ", this version knows 1", "",
                "use the Ipsi that wrote it");
  out.json = json.at("json");
  for (const Json& item : json.at("tables")) {
    std::vector<Column> columns;
    for (const Json& column : item.at("columns")) columns.push_back(read_column(column));
    auto made = table::Table::from(std::move(columns));
    if (!made) return tl::unexpected<Error>(made.error());
    out.tables.push_back({item.at("key").get<std::string>(), item.at("title").get<std::string>(),
                          item.at("note").get<std::string>(), std::move(*made)});
  }
  for (const Json& item : json.at("figures")) out.figures.push_back(read_figure(item));
  out.findings = json.at("findings").get<std::vector<std::string>>();
  out.methods_text = json.at("methods_text").get<std::vector<std::string>>();
  out.references = json.at("references").get<std::vector<std::string>>();
  out.manifest = json.at("manifest");
  out.usable = json.at("usable").get<bool>();
  return out;
}

}  // namespace

Json to_json(const ResultSet& result) {
  Json out{{"schema", 1}, {"json", result.json}, {"tables", Json::array()}, {"figures", Json::array()}};
  for (const auto& named : result.tables) {
    Json columns = Json::array();
    for (std::size_t i = 0; i < named.table.columns(); ++i) columns.push_back(column_json(named.table.column(i)));
    out["tables"].push_back(
        Json{{"key", named.key}, {"title", named.title}, {"note", named.note}, {"columns", std::move(columns)}});
  }
  for (const Figure& f : result.figures) out["figures"].push_back(figure_json(f));
  out["findings"] = result.findings;
  out["methods_text"] = result.methods_text;
  out["references"] = result.references;
  out["manifest"] = result.manifest;
  out["usable"] = result.usable;
  return out;
}

Result<ResultSet> result_from_json(const Json& json) {
  try {
    return read_result(json);
  } catch (const Json::exception&) {
    return fail(Code::InvalidInput, "this is not a result written by `ipsi batch`", "", "name its result.json");
  }
}

Result<ResultSet> result_from_text(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded())
    return fail(Code::InvalidInput, "this is not JSON", "", "name the result.json of an `ipsi batch`");
  return result_from_json(json);
}

const ResultSet::NamedTable* find_table(const ResultSet& result, std::string_view key) {
  for (const auto& named : result.tables)
    if (named.key == key) return &named;
  return nullptr;
}

}  // namespace ipsi::report
