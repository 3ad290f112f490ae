// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/stats/oracle.h"

#include <algorithm>

#include "core/table/delimited.h"

namespace ipsi::test {
namespace fs = std::filesystem;

std::vector<fs::path> oracle_cases(const std::string& family) {
  std::vector<fs::path> out;
  std::vector<std::string> names;
  for (const fs::path& root : {tests_path("reference/stats/" + family), shared_path("oracles/stats/" + family)}) {
    if (root.empty() || !fs::exists(root)) continue;
    for (const auto& entry : fs::directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      if (!fs::exists(entry.path() / "expected.json")) continue;
      // The copies here are of the shared ones: once is enough.
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      names.push_back(name);
      out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end(), [](const fs::path& a, const fs::path& b) { return a.filename() < b.filename(); });
  return out;
}

OracleCase load_case(const fs::path& folder) {
  OracleCase out;
  out.name = folder.filename().string();
  out.model = Json::parse(slurp(folder / "model.json"));
  out.expected = Json::parse(slurp(folder / "expected.json"));
  table::TypeOptions types;
  for (const Json& column : out.model["columns"]) {
    const auto name = column["name"].get<std::string>();
    if (column["type"] == "factor") types.factors[name] = column["levels"].get<std::vector<std::string>>();
    if (column["type"] == "numeric") types.numeric.push_back(name);
  }
  auto data = table::read_table(folder / "data.csv", types);
  EXPECT_OK(data) << folder;
  if (data) out.data = *data;
  return out;
}

std::string formula_of(const Json& model) {
  if (model.contains("formula")) return model["formula"].get<std::string>();
  const auto random = model["random"].get<std::string>();
  return model["fixed"].get<std::string>() + " + (" + random.substr(1) + ")";
}

stats::Design design_of(const OracleCase& oracle) {
  auto formula = stats::parse_formula(formula_of(oracle.model));
  EXPECT_OK(formula);
  stats::DesignOptions options;
  if (oracle.model.contains("weights") && oracle.model["weights"].is_string())
    options.weights = oracle.model["weights"].get<std::string>();
  auto design = stats::make_design(*formula, oracle.data, options);
  EXPECT_OK(design);
  return std::move(*design);
}

void expect_near(const Json& actual, const Json& expected, double relative, double absolute, const std::string& path) {
  if (expected.is_object()) {
    ASSERT_TRUE(actual.is_object()) << path << ": " << actual.dump();
    for (const auto& [key, value] : expected.items()) {
      ASSERT_TRUE(actual.contains(key)) << path << "." << key << " is missing";
      expect_near(actual[key], value, relative, absolute, path + "." + key);
    }
  } else if (expected.is_array()) {
    ASSERT_TRUE(actual.is_array()) << path << ": " << actual.dump();
    ASSERT_EQ(actual.size(), expected.size()) << path;
    for (std::size_t i = 0; i < expected.size(); ++i)
      expect_near(actual[i], expected[i], relative, absolute, path + "[" + std::to_string(i) + "]");
  } else if (expected.is_number_float() || (expected.is_number() && actual.is_number())) {
    ASSERT_TRUE(actual.is_number()) << path << ": " << actual.dump() << " instead of " << expected.dump();
    EXPECT_TRUE(near(actual.get<double>(), expected.get<double>(), relative, absolute))
        << path << ": " << actual.dump() << " instead of " << expected.dump() << ", relative "
        << std::abs(actual.get<double>() / expected.get<double>() - 1.0);
  } else {
    EXPECT_EQ(actual, expected) << path;
  }
}

}  // namespace ipsi::test
