// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"

namespace ipsi::spec {
namespace {

constexpr int kSchema = 1;

tl::unexpected<Error> wrong(const std::string& key, const std::string& wanted) {
  return fail(Code::InvalidInput, fmt::format("'{}' of the spec is not {}", key, wanted), fmt::format("key {}", key),
              fmt::format("give {}", wanted));
}

Result<void> read_text(const Json& json, const std::string& key, std::string& into) {
  if (!json.contains(key)) return {};
  if (!json[key].is_string()) return wrong(key, "a text");
  into = json[key].get<std::string>();
  return {};
}

Result<void> read_factors(const Json& json, Spec& spec) {
  if (!json.contains("factors")) return {};
  const Json& factors = json["factors"];
  if (!factors.is_object()) return wrong("factors", "an object of lists of levels");
  for (const auto& [name, levels] : factors.items()) {
    if (!levels.is_array() || levels.empty()) return wrong("factors." + name, "a list of levels");
    std::vector<std::string>& into = spec.factors[name];
    for (const Json& level : levels) {
      if (!level.is_string()) return wrong("factors." + name, "a list of texts");
      into.push_back(level.get<std::string>());
    }
  }
  return {};
}

Result<void> read_whole(const Json& json, const std::string& key, std::uint64_t& into) {
  if (!json.contains(key)) return {};
  if (!json[key].is_number_unsigned()) return wrong(key, "a whole number >= 0");
  into = json[key].get<std::uint64_t>();
  return {};
}

}  // namespace

Result<Spec> spec_from_json(const Json& json) {
  static const std::vector<std::string> kKeys{"schema", "id",      "method",  "formula",
                                              "rows",   "factors", "options", "seed"};
  if (!json.is_object()) return fail(Code::InvalidInput, "the spec is not a JSON object", "", "see `--print-spec`");
  std::uint64_t schema = 0;
  if (!json.contains("schema")) return wrong("schema", fmt::format("the number {}", kSchema));
  if (auto ok = read_whole(json, "schema", schema); !ok) return tl::unexpected(ok.error());
  if (schema > kSchema)
    return fail(Code::InvalidInput, fmt::format("the spec is of schema {}, this program knows {}", schema, kSchema),
                "key schema", "use a newer ipsi");
  if (schema < 1) return wrong("schema", fmt::format("the number {}", kSchema));
  for (const auto& [key, value] : json.items())
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
      return fail(Code::InvalidInput, fmt::format("the spec has an unknown key '{}'", key), fmt::format("key {}", key),
                  fmt::format("keys are {}", join(kKeys, ", ")));
  Spec spec;
  spec.schema = static_cast<int>(schema);
  for (auto [key, into] : {std::pair{"id", &spec.id}, std::pair{"method", &spec.method},
                           std::pair{"formula", &spec.formula}, std::pair{"rows", &spec.rows}})
    if (auto ok = read_text(json, key, *into); !ok) return tl::unexpected(ok.error());
  if (spec.method.empty()) return wrong("method", "the name of a method");
  if (auto ok = read_factors(json, spec); !ok) return tl::unexpected(ok.error());
  if (json.contains("options")) {
    if (!json["options"].is_object()) return wrong("options", "an object");
    spec.options = json["options"];
  }
  if (auto ok = read_whole(json, "seed", spec.seed); !ok) return tl::unexpected(ok.error());
  return spec;
}

Json to_json(const Spec& spec) {
  Json factors = Json::object();
  for (const auto& [name, levels] : spec.factors) factors[name] = levels;
  return Json{{"schema", spec.schema}, {"id", spec.id},      {"method", spec.method},   {"formula", spec.formula},
              {"rows", spec.rows},     {"factors", factors}, {"options", spec.options}, {"seed", spec.seed}};
}

}  // namespace ipsi::spec
