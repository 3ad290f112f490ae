// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/option.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/text.h"

namespace ipsi::spec {
namespace {

std::string range_text(const Option& option) {
  return fmt::format("from {} to {}", format_double(option.low), format_double(option.high));
}

Result<void> check_number(const Option& option, const Json& value) {
  const bool whole = option.kind == Option::Kind::integer;
  const auto wanted = fmt::format("give a {} {}", whole ? "whole number" : "number", range_text(option));
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    return fail(Code::InvalidInput, fmt::format("option '{}' is {}, which is no number", option.key, value.dump()), "",
                wanted);
  const double number = value.get<double>();
  if (whole && number != std::floor(number))
    return fail(Code::InvalidInput,
                fmt::format("option '{}' is {}, which is no whole number", option.key, value.dump()), "", wanted);
  if (number < option.low || number > option.high)
    return fail(Code::InvalidInput, fmt::format("option '{}' is {}, out of range", option.key, value.dump()), "",
                wanted);
  return {};
}

Result<Json> checked(const Option& option, const Json& value) {
  switch (option.kind) {
    case Option::Kind::real:
    case Option::Kind::integer: {
      if (auto ok = check_number(option, value); !ok) return tl::unexpected(ok.error());
      if (option.kind == Option::Kind::integer) return Json(static_cast<std::int64_t>(value.get<double>()));
      return Json(value.get<double>());
    }
    case Option::Kind::toggle:
      if (!value.is_boolean())
        return fail(Code::InvalidInput, fmt::format("option '{}' is {}, not true or false", option.key, value.dump()),
                    "", "give true or false");
      return value;
    case Option::Kind::choice: {
      const bool known = value.is_string() && std::find(option.choices.begin(), option.choices.end(),
                                                        value.get<std::string>()) != option.choices.end();
      if (!known)
        return fail(Code::InvalidInput,
                    fmt::format("option '{}' is {}, not one of its choices", option.key, value.dump()), "",
                    fmt::format("choose {}", join(option.choices, ", ")));
      return value;
    }
    case Option::Kind::text:
      if (!value.is_string())
        return fail(Code::InvalidInput, fmt::format("option '{}' is {}, not a text", option.key, value.dump()), "",
                    "give a text in quotes");
      return value;
  }
  return value;
}

}  // namespace

Option real(std::string key, double fallback, double low, double high, std::string help) {
  return {.key = std::move(key),
          .kind = Option::Kind::real,
          .fallback = fallback,
          .low = low,
          .high = high,
          .choices = {},
          .help = std::move(help)};
}

Option integer(std::string key, int fallback, int low, int high, std::string help) {
  return {.key = std::move(key),
          .kind = Option::Kind::integer,
          .fallback = fallback,
          .low = static_cast<double>(low),
          .high = static_cast<double>(high),
          .choices = {},
          .help = std::move(help)};
}

Option choice(std::string key, std::string fallback, std::vector<std::string> choices, std::string help) {
  return {.key = std::move(key),
          .kind = Option::Kind::choice,
          .fallback = std::move(fallback),
          .low = 0.0,
          .high = 0.0,
          .choices = std::move(choices),
          .help = std::move(help)};
}

Option toggle(std::string key, std::string help) {
  return {.key = std::move(key),
          .kind = Option::Kind::toggle,
          .fallback = false,
          .low = 0.0,
          .high = 0.0,
          .choices = {},
          .help = std::move(help)};
}

Option text(std::string key, std::string fallback, std::string help) {
  return {.key = std::move(key),
          .kind = Option::Kind::text,
          .fallback = std::move(fallback),
          .low = 0.0,
          .high = 0.0,
          .choices = {},
          .help = std::move(help)};
}

Result<Json> complete(const std::vector<Option>& options, const Json& given) {
  if (!given.is_null() && !given.is_object())
    return fail(Code::InvalidInput, "options are not a JSON object", "", "write them as {\"name\": value}");
  std::vector<std::string> known;
  for (const Option& option : options) known.push_back(option.key);
  Json out = Json::object();
  for (const Option& option : options) out[option.key] = option.fallback;
  if (given.is_null()) return out;
  for (const auto& [key, value] : given.items()) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.key == key; });
    if (found == options.end())
      return fail(Code::InvalidInput, fmt::format("there is no option '{}'", key), "",
                  known.empty() ? "this method has no options" : fmt::format("options are {}", join(known, ", ")));
    auto value_ok = checked(*found, value);
    if (!value_ok) return tl::unexpected(value_ok.error());
    out[key] = *value_ok;
  }
  return out;
}

}  // namespace ipsi::spec
