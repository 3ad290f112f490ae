// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/table/table.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/files.h"
#include "core/base/text.h"

namespace ipsi::table {

bool Column::missing(std::size_t row) const {
  return kind == Kind::text ? texts[row].empty() : std::isnan(values[row]);
}

std::string Column::cell(std::size_t row) const {
  if (missing(row)) return {};
  switch (kind) {
    case Kind::text: return texts[row];
    case Kind::logical: return values[row] != 0.0 ? "true" : "false";
    case Kind::numeric: break;
  }
  return format_double(values[row]);
}

Column numeric(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.values = std::move(values);
  return column;
}

Column text(std::string name, std::vector<std::string> texts, std::vector<std::string> levels) {
  Column column;
  column.name = std::move(name);
  column.kind = Column::Kind::text;
  column.texts = std::move(texts);
  column.levels = std::move(levels);
  return column;
}

Column logical(std::string name, std::vector<double> values) {
  Column column = numeric(std::move(name), std::move(values));
  column.kind = Column::Kind::logical;
  return column;
}

Result<Table> Table::from(std::vector<Column> columns) {
  Table table;
  std::set<std::string> names;
  for (Column& column : columns) {
    if (!names.insert(column.name).second)
      return fail(Code::InvalidInput, "two columns are called '" + column.name + "'", "", "rename one");
    if (table.columns_.empty()) table.rows_ = column.size();
    if (column.size() != table.rows_)
      return fail(Code::InvalidInput,
                  fmt::format("column '{}' has {} rows, the others {}", column.name, column.size(), table.rows_));
    table.columns_.push_back(std::make_shared<const Column>(std::move(column)));
  }
  return table;
}

const Column* Table::find(std::string_view name) const {
  for (const auto& column : columns_)
    if (column->name == name) return column.get();
  return nullptr;
}

Result<const Column*> Table::require(std::string_view name) const {
  if (const Column* column = find(name)) return column;
  return fail(Code::NotFound, fmt::format("there is no column '{}'", name), "",
              columns_.empty() ? "the table is empty" : "the columns are " + join(names(), ", "));
}

std::vector<std::string> Table::names() const {
  std::vector<std::string> out;
  out.reserve(columns_.size());
  for (const auto& column : columns_) out.push_back(column->name);
  return out;
}

Table Table::select(const std::vector<std::size_t>& rows) const {
  Table out;
  out.rows_ = rows.size();
  for (const auto& column : columns_) {
    Column copy;
    copy.name = column->name;
    copy.kind = column->kind;
    copy.levels = column->levels;
    if (column->kind == Column::Kind::text) {
      copy.texts.reserve(rows.size());
      for (const std::size_t row : rows) copy.texts.push_back(column->texts[row]);
    } else {
      copy.values.reserve(rows.size());
      for (const std::size_t row : rows) copy.values.push_back(column->values[row]);
    }
    out.columns_.push_back(std::make_shared<const Column>(std::move(copy)));
  }
  return out;
}

Result<Table> Table::with(Column column) const {
  if (!columns_.empty() && column.size() != rows_)
    return fail(Code::InvalidInput,
                fmt::format("column '{}' has {} rows, the table {}", column.name, column.size(), rows_));
  Table out = *this;
  out.rows_ = column.size();
  const auto it = std::ranges::find_if(out.columns_, [&](const auto& c) { return c->name == column.name; });
  auto shared = std::make_shared<const Column>(std::move(column));
  if (it == out.columns_.end())
    out.columns_.push_back(std::move(shared));
  else
    *it = std::move(shared);
  return out;
}

Result<Table> Table::with_only(const std::vector<std::string>& names) const {
  Table out;
  out.rows_ = rows_;
  for (const std::string& name : names) {
    if (auto found = require(name); !found) return tl::unexpected(found.error());
    const auto it = std::ranges::find_if(columns_, [&](const auto& c) { return c->name == name; });
    out.columns_.push_back(*it);
  }
  return out;
}

std::string Table::hash() const {
  std::string bytes;
  for (const auto& column : columns_) {
    bytes += column->name;
    bytes += '\x1f';
    bytes += static_cast<char>('0' + static_cast<int>(column->kind));
    for (const std::string& level : column->levels) bytes += '\x1e' + level;
    for (std::size_t row = 0; row < rows_; ++row) bytes += '\x1f' + column->cell(row);
    bytes += '\n';
  }
  return content_hash(bytes);
}

Json Table::to_json() const {
  Json out = Json::array();
  for (std::size_t row = 0; row < rows_; ++row) {
    Json object = Json::object();
    for (const auto& column : columns_) {
      if (column->missing(row))
        object[column->name] = nullptr;
      else if (column->kind == Column::Kind::text)
        object[column->name] = column->texts[row];
      else if (column->kind == Column::Kind::logical)
        object[column->name] = column->values[row] != 0.0;
      else
        object[column->name] = number(column->values[row]);
    }
    out.push_back(std::move(object));
  }
  return out;
}

std::vector<std::string> levels_of(const Column& column) {
  if (!column.levels.empty()) return column.levels;
  std::vector<std::string> out;
  if (column.kind == Column::Kind::text) {
    std::set<std::string> distinct(column.texts.begin(), column.texts.end());
    distinct.erase("");
    out.assign(distinct.begin(), distinct.end());
  } else {
    std::set<double> distinct;
    for (const double v : column.values)
      if (!std::isnan(v)) distinct.insert(v);
    for (const double v : distinct)
      out.push_back(column.kind == Column::Kind::logical ? (v != 0.0 ? "true" : "false") : format_double(v));
  }
  return out;
}

}  // namespace ipsi::table
