// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <type_traits>

#include "core/base/regions.h"
#include "core/base/text.h"

namespace ipsi::study {
namespace {

// One description of each struct serves reading and writing: `f(column, key, reference, field)` in storage order.
template <class R, class F>
void visit(R& r, F&& f) {
  using Row = std::remove_const_t<R>;
  constexpr bool key = true;
  constexpr bool no = false;
  if constexpr (std::is_same_v<Row, Cohort>) {
    f("id", key, no, r.id), f("name", no, no, r.name);
  } else if constexpr (std::is_same_v<Row, Person>) {
    f("id", key, no, r.id), f("cohort", no, true, r.cohort), f("group", no, no, r.group), f("sex", no, no, r.sex);
    f("lesion_side", no, no, r.lesion_side), f("lesion_class", no, no, r.lesion_class);
  } else if constexpr (std::is_same_v<Row, Session>) {
    f("person", key, no, r.person), f("label", key, no, r.label), f("ordinal", no, no, r.ordinal);
    f("date", no, no, r.date), f("age_years", no, no, r.age_years), f("days_post_stroke", no, no, r.days_post_stroke);
  } else if constexpr (std::is_same_v<Row, Scan>) {
    f("person", key, no, r.person), f("session", key, no, r.session), f("kind", key, no, r.kind);
    f("path", no, no, r.path), f("hash", no, no, r.hash), f("bytes", no, no, r.bytes);
    f("modified", no, no, r.modified);
  } else if constexpr (std::is_same_v<Row, Measurement>) {
    f("person", key, no, r.person), f("session", key, no, r.session), f("region", key, no, r.region);
    f("measure", key, no, r.measure), f("source", key, no, r.source), f("value", no, no, r.value);
    f("unit", no, no, r.unit), f("note", no, no, r.note);
  } else if constexpr (std::is_same_v<Row, Score>) {
    f("person", key, no, r.person), f("session", key, no, r.session), f("test", key, no, r.test);
    f("raw", no, no, r.raw), f("min_used", no, no, r.min_used), f("max_used", no, no, r.max_used);
    f("direction", no, no, r.direction), f("normalised", no, no, r.normalised), f("note", no, no, r.note);
  } else if constexpr (std::is_same_v<Row, Rating>) {
    f("person", key, no, r.person), f("session", key, no, r.session), f("region", key, no, r.region);
    f("rater", key, no, r.rater), f("flag", no, no, r.flag), f("comment", no, no, r.comment);
    f("time", no, no, r.time), f("scan_hash", no, no, r.scan_hash);
  } else if constexpr (std::is_same_v<Row, Exclusion>) {
    f("person", key, no, r.person), f("step", no, no, r.step), f("reason", no, no, r.reason);
  } else if constexpr (std::is_same_v<Row, FlowStep>) {
    f("ordinal", key, no, r.ordinal), f("label", no, no, r.label), f("n", no, no, r.n), f("out", no, no, r.out);
    f("detail", no, no, r.detail);
  } else {
    static_assert(std::is_same_v<Row, Setting>);
    f("key", key, no, r.key), f("value", no, no, r.value);
  }
}

template <class Field>
constexpr CellType type_of() {
  if constexpr (std::is_same_v<Field, double>) return CellType::real;
  if constexpr (std::is_integral_v<Field>) return CellType::integer;
  return CellType::text;
}

template <class Row>
TableSpec describe_table(std::string name) {
  TableSpec table{.name = std::move(name), .columns = {}, .keys = 0};
  Row row;
  visit(row, [&](const char* column, bool key, bool reference, auto& field) {
    table.columns.push_back({column, type_of<std::remove_cvref_t<decltype(field)>>(), key, reference});
    table.keys += key ? 1 : 0;
  });
  return table;
}

Value to_value(const std::string& field, bool reference) {
  if (reference && field.empty()) return std::monostate{};
  return field;
}
Value to_value(double field, bool) {
  if (std::isnan(field)) return std::monostate{};
  return field;
}
Value to_value(Flag field, bool) {
  return std::string(to_string(field));
}
template <class Integer>
requires std::is_integral_v<Integer> Value to_value(Integer field, bool) {
  return static_cast<std::int64_t>(field);
}

void from_value(const Value& value, std::string& field) {
  const auto* text = std::get_if<std::string>(&value);
  field = text != nullptr ? *text : std::string();
}
void from_value(const Value& value, double& field) {
  const auto* real = std::get_if<double>(&value);
  field = real != nullptr ? *real : kMissing;
}
void from_value(const Value& value, Flag& field) {
  const auto* text = std::get_if<std::string>(&value);
  field = text != nullptr ? parse_flag(*text).value_or(Flag::unrated) : Flag::unrated;
}
template <class Integer>
requires std::is_integral_v<Integer>
void from_value(const Value& value, Integer& field) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  field = integer != nullptr ? static_cast<Integer>(*integer) : Integer{};
}

template <std::size_t I = 0>
Put empty_put(std::size_t index) {
  if constexpr (I + 1 < std::variant_size_v<Put>) {
    if (index != I) return empty_put<I + 1>(index);
  }
  return Put(std::in_place_index<I>);
}

/// JSON text of a string; bytes past ASCII stay as they are (UTF-8 was checked before).
void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
          out += c;
    }
  }
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_json(out, std::string_view(*text));
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += format_double(*real);
  } else {
    out += "null";
  }
}

std::string object(const TableSpec& table, const Values& values, std::size_t from, std::size_t to) {
  std::string out = "{";
  for (std::size_t i = from; i < to; ++i) {
    if (i > from) out += ',';
    out += '"';
    out += table.columns[i].name;
    out += "\":";
    append_json(out, values[i]);
  }
  return out + "}";
}

Value empty_value(const ColumnSpec& column) {
  if (column.type == CellType::real || column.reference) return std::monostate{};
  if (column.type == CellType::integer) return std::int64_t{0};
  return std::string();
}

Result<Value> value_of(const ColumnSpec& column, const Json& object) {
  const auto found = object.find(column.name);
  if (found == object.end()) return empty_value(column);
  if (found->is_null() && (column.type == CellType::real || column.reference)) return Value();
  if (column.type == CellType::real && found->is_number()) return Value(found->get<double>());
  if (column.type == CellType::integer && found->is_number_integer()) return Value(found->get<std::int64_t>());
  if (column.type == CellType::text && found->is_string()) return Value(found->get<std::string>());
  return fail(Code::ReadFailed, fmt::format("the log holds {} for {}", found->dump(), column.name), "log");
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : (lead & 0xF0) == 0xE0       ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    // Overlong forms, surrogates and code points past U+10FFFF.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F))
      return false;
    i += length;
  }
  return true;
}

Result<void> one_of(const TableSpec& table, const Values& values, std::string_view field, std::string_view value,
                    std::initializer_list<std::string_view> allowed) {
  std::vector<std::string> words;
  for (const auto word : allowed) {
    if (word == value) return {};
    if (!word.empty()) words.emplace_back(word);
  }
  return fail(Code::InvalidInput, fmt::format("{} is '{}'", field, value), describe(table, values),
              "use one of " + join(words, ", "));
}

Result<void> check_words(const Person& row, const TableSpec& table, const Values& values) {
  if (auto ok = one_of(table, values, "group", row.group, {"patient", "control"}); !ok) return ok;
  if (auto ok = one_of(table, values, "sex", row.sex, {"", "female", "male"}); !ok) return ok;
  if (auto ok = one_of(table, values, "lesion side", row.lesion_side, {"", "left", "right", "bilateral", "none"}); !ok)
    return ok;
  return one_of(table, values, "lesion class", row.lesion_class,
                {"", "cortical", "subcortical", "mixed", "brainstem", "cerebellar"});
}
Result<void> check_words(const Score& row, const TableSpec& table, const Values& values) {
  return one_of(table, values, "direction", row.direction, {"", "high", "low"});
}
Result<void> check_words(const Rating& row, const TableSpec& table, const Values& values) {
  if (find_region(row.region) != nullptr) return {};
  return fail(Code::InvalidInput, fmt::format("there is no region '{}' to rate", row.region), describe(table, values),
              "use left_ or right_ with thalamus, caudate, putamen, pallidum, accumbens, lateral_ventricle");
}
template <class Row>
Result<void> check_words(const Row&, const TableSpec&, const Values&) {
  return {};
}

}  // namespace

const std::vector<TableSpec>& tables() {
  static const std::vector<TableSpec> all{
      describe_table<Cohort>("cohort"),  describe_table<Person>("person"),           describe_table<Session>("session"),
      describe_table<Scan>("scan"),      describe_table<Measurement>("measurement"), describe_table<Score>("score"),
      describe_table<Rating>("rating"),  describe_table<Exclusion>("exclusion"),     describe_table<FlowStep>("flow"),
      describe_table<Setting>("setting")};
  static_assert(std::variant_size_v<Put> == 10, "a table for every alternative, in the same order");
  return all;
}

const TableSpec* find_table(std::string_view name) {
  for (const auto& table : tables())
    if (table.name == name) return &table;
  return nullptr;
}

std::size_t index_of(const TableSpec& table) {
  return static_cast<std::size_t>(&table - tables().data());
}

Values to_values(const Put& row) {
  Values values;
  std::visit(
      [&](const auto& r) {
        visit(r, [&](const char*, bool, bool reference, const auto& field) {
          values.push_back(to_value(field, reference));
        });
      },
      row);
  return values;
}

Put to_row(const TableSpec& table, const Values& values) {
  Put row = empty_put(index_of(table));
  std::visit(
      [&](auto& r) {
        std::size_t i = 0;
        visit(r, [&](const char*, bool, bool, auto& field) { from_value(values[i++], field); });
      },
      row);
  return row;
}

Values read_values(const TableSpec& table, const Statement& statement) {
  Values values(table.columns.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int column = static_cast<int>(i);
    if (statement.is_null(column)) continue;
    switch (table.columns[i].type) {
      case CellType::text: values[i] = statement.text(column); break;
      case CellType::integer: values[i] = statement.integer(column); break;
      case CellType::real: values[i] = statement.real(column); break;
    }
  }
  return values;
}

bool equal_rows(const TableSpec&, const Values& a, const Values& b) {
  return a == b;
}

std::string key_json(const TableSpec& table, const Values& values) {
  return object(table, values, 0, table.keys);
}

std::string rest_json(const TableSpec& table, const Values& values) {
  return object(table, values, table.keys, table.columns.size());
}

Values empty_row(const TableSpec& table) {
  Values values;
  for (const auto& column : table.columns) values.push_back(empty_value(column));
  return values;
}

Result<Values> from_json(const TableSpec& table, const Json& key, const Json& rest) {
  Values values;
  values.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    auto value = value_of(table.columns[i], i < table.keys ? key : rest);
    if (!value) return tl::unexpected<Error>(value.error());
    values.push_back(std::move(*value));
  }
  return values;
}

std::string describe(const TableSpec& table, const Values& values) {
  const auto cell = [&](std::size_t i) -> std::string {
    if (const auto* text = std::get_if<std::string>(&values[i])) return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&values[i])) return std::to_string(*integer);
    return "?";
  };
  if (table.name == "session") return fmt::format("session {} of {}", cell(1), cell(0));
  if (table.name == "scan") return fmt::format("scan {} of {}, session {}", cell(2), cell(0), cell(1));
  if (table.name == "measurement")
    return fmt::format("{} of {} ({}), {}, session {}", cell(3), cell(2), cell(4), cell(0), cell(1));
  if (table.name == "score") return fmt::format("score {} of {}, session {}", cell(2), cell(0), cell(1));
  if (table.name == "rating")
    return fmt::format("rating of {}, {}, session {}, by {}", cell(2), cell(0), cell(1), cell(3));
  if (table.name == "exclusion") return fmt::format("exclusion of {}", cell(0));
  if (table.name == "flow") return fmt::format("flow step {}", cell(0));
  return fmt::format("{} {}", table.name, cell(0));
}

Result<void> check_row(const Put& row, const TableSpec& table, const Values& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& column = table.columns[i];
    if (const auto* text = std::get_if<std::string>(&values[i])) {
      if (column.key && text->empty())
        return fail(Code::InvalidInput, fmt::format("a {} has no {}", table.name, column.name), describe(table, values),
                    "every row needs one");
      if (text->find('\0') != std::string::npos || !is_utf8(*text))
        return fail(Code::InvalidInput, fmt::format("{} is not UTF-8 text", column.name), table.name,
                    "save the source file as UTF-8");
    } else if (const auto* real = std::get_if<double>(&values[i]); real != nullptr && std::isinf(*real)) {
      return fail(Code::InvalidInput, fmt::format("{} is infinite", column.name), describe(table, values),
                  "correct it, or leave it missing");
    }
  }
  return std::visit([&](const auto& r) { return check_words(r, table, values); }, row);
}

}  // namespace ipsi::study
