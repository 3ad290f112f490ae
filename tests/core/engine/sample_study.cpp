// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/engine/sample_study.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/regions.h"
#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

using namespace study;

const std::map<std::string, std::string>& structure_of_column() {
  static const std::map<std::string, std::string> names{{"Thal", "thalamus"},    {"Caud", "caudate"},
                                                        {"Put", "putamen"},      {"Pal", "pallidum"},
                                                        {"Accumb", "accumbens"}, {"LatVent", "lateral_ventricle"}};
  return names;
}

struct Scale {
  std::string name;
  double max;
  const char* better;
};

Scale scale_of(const std::string& measure) {
  if (measure == "ARAT") return {"ARAT", 57, "high"};
  if (measure == "FMA-UE") return {"FMA-UE", 66, "high"};
  if (measure == "NIHSS") return {"NIHSS", 42, "low"};
  if (measure == "BI") return {"Barthel", 100, "high"};
  return {"FMA-LE", 34, "high"};
}

}  // namespace

std::vector<Change> enigma_changes(const std::filesystem::path& data_csv) {
  const auto read = table::read_sheet(data_csv);
  EXPECT_OK(read);
  std::vector<Change> out;
  const auto put = [&](Put row) { out.emplace_back(std::move(row)); };
  std::set<std::string> cohorts;
  std::map<std::string, int> column;
  for (std::size_t c = 0; c < read->header.size(); ++c) column[read->header[c]] = static_cast<int>(c);
  for (const auto& row : read->rows) {
    const auto cell = [&](const std::string& name) { return row.cells[static_cast<std::size_t>(column.at(name))]; };
    if (cohorts.insert(cell("cohort")).second) put(Cohort{cell("cohort"), "cohort " + cell("cohort")});
  }
  for (const auto& row : read->rows) {
    const auto cell = [&](const std::string& name) { return row.cells[static_cast<std::size_t>(column.at(name))]; };
    const auto value = [&](const std::string& name) { return *read->number(cell(name)); };
    const std::string id = cell("subject_id");
    put(Person{id, cell("cohort"), "patient", cell("sex") == "F" ? "female" : "male",
               cell("lesion_side") == "L" ? "left" : "right", ""});
    put(Session{id, "1", 1, "", value("age"), value("days_post_stroke")});
    put(Measurement{id, "1", "head", "icv", "enigma_csv", value("icv"), "mm3", ""});
    const Scale scale = scale_of(cell("measure"));
    put(Score{id, "1", scale.name, value("measure_score"), 0.0, scale.max, scale.better, value("primary_score"), ""});
    for (const auto& [short_name, structure] : structure_of_column())
      for (const std::string& side : {std::string("L"), std::string("R")}) {
        const std::string region = (side == "L" ? "left_" : "right_") + structure;
        put(Measurement{id, "1", region, "volume", "enigma_csv", value(side + short_name), "mm3", ""});
        put(Rating{id, "1", region, "rater", *parse_flag(cell("qc_" + side + short_name)), "", "2020-01-01T00:00:00Z",
                   ""});
      }
  }
  return out;
}

Snapshot snapshot_of(const std::vector<Patient>& patients) {
  Snapshot out;
  std::set<std::string> cohorts;
  for (const Patient& p : patients) {
    if (cohorts.insert(p.cohort).second) out.cohorts.push_back({p.cohort, p.cohort});
    out.people.push_back({p.id, p.cohort, "patient", p.sex, p.side, ""});
    out.sessions.push_back({p.id, "1", 1, "", p.age, p.days});
    out.measurements.push_back({p.id, "1", "head", "icv", "enigma_csv", p.icv, "mm3", ""});
    out.scores.push_back({p.id, "1", p.test, p.score, 0.0, 1.0, "high", p.score, ""});
    if (!p.excluded.empty()) out.exclusions.push_back({p.id, p.excluded, p.excluded});
    for (const Region& region : kRegions) {
      out.measurements.push_back({p.id, "1", std::string(region.key), "volume", "enigma_csv", p.volume, "mm3", ""});
      if (p.flag != Flag::unrated)
        out.ratings.push_back({p.id, "1", std::string(region.key), "rater", p.flag, "", "2020-01-01T00:00:00Z", ""});
    }
  }
  return out;
}

std::vector<Patient> many_patients(int n, int cohorts) {
  std::vector<Patient> out;
  const auto spread = [](int i, double step) { return std::fmod(i * step, 1.0); };  // evenly over [0, 1), unrelated
  for (int i = 1; i <= n; ++i) {
    Patient p;
    p.id = fmt::format("sub-{:04d}", i);
    p.cohort = fmt::format("{}", i % cohorts + 1);
    p.sex = spread(i, 0.7548776662) < 0.5 ? "female" : "male";
    p.side = spread(i, 0.5698402910) < 0.5 ? "left" : "right";
    p.age = 40.0 + 40.0 * spread(i, 0.8191725134);
    p.days = 200.0 + i;
    p.icv = 1.3e6 + 4e5 * spread(i, 0.6710436067);
    p.score = spread(i, 0.5497004779);
    p.volume = 900.0 + 300.0 * spread(i, 0.8566748838) + 20.0 * (i % cohorts);
    out.push_back(p);
  }
  return out;
}

table::Table table_of(const spec::ResultSet& result, const std::string& key) {
  const auto it = std::find_if(result.tables.begin(), result.tables.end(), [&](const auto& t) { return t.key == key; });
  EXPECT_NE(it, result.tables.end()) << key;
  return it->table;
}

double number(const table::Table& table, const std::string& column, std::size_t row) {
  const auto* c = table.find(column);
  EXPECT_NE(c, nullptr) << column;
  return c->values.at(row);
}

std::string text(const table::Table& table, const std::string& column, std::size_t row) {
  const auto* c = table.find(column);
  EXPECT_NE(c, nullptr) << column;
  return c->texts.at(row);
}

std::size_t row_of(const table::Table& table, const std::string& analysis, const std::string& side,
                   const std::string& region) {
  for (std::size_t r = 0; r < table.rows(); ++r)
    if (text(table, "analysis", r) == analysis && text(table, "side", r) == side && text(table, "region", r) == region)
      return r;
  ADD_FAILURE() << "no row " << analysis << " " << side << " " << region;
  return 0;
}

}  // namespace ipsi::test
