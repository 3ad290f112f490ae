// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/export.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_map>

#include "core/base/regions.h"
#include "core/study/lookup.h"

namespace ipsi::study {
namespace {

struct EnigmaColumn {
  std::string_view name, region, measure;
};

// The header of the public extraction script, in its order.
constexpr std::array<EnigmaColumn, 17> kColumns{{{"LLatVent", "left_lateral_ventricle", "volume"},
                                                 {"RLatVent", "right_lateral_ventricle", "volume"},
                                                 {"Lthal", "left_thalamus", "volume"},
                                                 {"Rthal", "right_thalamus", "volume"},
                                                 {"Lcaud", "left_caudate", "volume"},
                                                 {"Rcaud", "right_caudate", "volume"},
                                                 {"Lput", "left_putamen", "volume"},
                                                 {"Rput", "right_putamen", "volume"},
                                                 {"Lpal", "left_pallidum", "volume"},
                                                 {"Rpal", "right_pallidum", "volume"},
                                                 {"Lhippo", "left_hippocampus", "volume"},
                                                 {"Rhippo", "right_hippocampus", "volume"},
                                                 {"Lamyg", "left_amygdala", "volume"},
                                                 {"Ramyg", "right_amygdala", "volume"},
                                                 {"Laccumb", "left_accumbens", "volume"},
                                                 {"Raccumb", "right_accumbens", "volume"},
                                                 {"ICV", "head", "icv"}}};

using Visit = std::pair<std::string_view, std::string_view>;

/// Every visit in natural order of people, then in time.
std::vector<const Session*> visits_of(const Snapshot& snapshot) {
  std::vector<const Session*> visits;
  for (const auto& session : snapshot.sessions) visits.push_back(&session);
  std::sort(visits.begin(), visits.end(), [](const Session* a, const Session* b) {
    if (a->person != b->person) return natural_less(a->person, b->person);
    if (a->ordinal != b->ordinal) return a->ordinal < b->ordinal;
    return natural_less(a->label, b->label);
  });
  return visits;
}

bool several_visits(const std::vector<const Session*>& visits) {
  for (std::size_t i = 1; i < visits.size(); ++i)
    if (visits[i]->person == visits[i - 1]->person) return true;
  return std::any_of(visits.begin(), visits.end(), [](const Session* s) { return s->label != "1"; });
}

template <class F>
table::Column texts(std::string name, const std::vector<const Session*>& visits, F&& cell) {
  std::vector<std::string> out;
  for (const Session* visit : visits) out.push_back(cell(*visit));
  return table::text(std::move(name), std::move(out));
}

template <class F>
table::Column numbers(std::string name, const std::vector<const Session*>& visits, F&& cell) {
  std::vector<double> out;
  for (const Session* visit : visits) out.push_back(cell(*visit));
  return table::numeric(std::move(name), std::move(out));
}

}  // namespace

Result<table::Table> volumes_table(const Snapshot& snapshot, const std::vector<std::string>& sources) {
  using Cell = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
  std::map<Cell, std::pair<std::size_t, double>> best;  // rank of the source, value
  std::map<Visit, bool> measured;
  for (const auto& m : snapshot.measurements) {
    const auto source = std::find(sources.begin(), sources.end(), m.source);
    const bool head = m.region == "head";
    if (m.region == "lesion" || (source == sources.end() && !head)) continue;
    measured[{m.person, m.session}] = true;
    if (std::isnan(m.value)) continue;
    const auto rank = static_cast<std::size_t>(source - sources.begin());
    const auto [found, added] = best.try_emplace({m.person, m.session, m.region, m.measure}, rank, m.value);
    if (!added && rank < found->second.first) found->second = {rank, m.value};
  }
  std::vector<const Session*> visits = visits_of(snapshot);
  const bool with_session = several_visits(visits);  // a visit must be named where anybody has two, measured or not
  std::erase_if(visits, [&](const Session* s) { return measured.count({s->person, s->label}) == 0; });
  std::vector<table::Column> columns{texts("SubjID", visits, [](const Session& s) { return s.person; })};
  for (const auto& column : kColumns)
    columns.push_back(numbers(std::string(column.name), visits, [&](const Session& s) {
      const auto found = best.find({s.person, s.label, column.region, column.measure});
      return found == best.end() ? kMissing : found->second.second;
    }));
  if (with_session) columns.push_back(texts("session", visits, [](const Session& s) { return s.label; }));
  return table::Table::from(std::move(columns));
}

Result<table::Table> volumes_marked(const Snapshot& snapshot, const AnalysisOptions& options, const std::string& mark) {
  const auto volumes = volumes_table(snapshot, options.volume_sources);
  if (!volumes) return volumes;
  const auto decided = analysis_table(snapshot, options);
  if (!decided) return decided;
  std::unordered_map<std::string_view, std::size_t> row_of;
  const auto& subjects = decided->find("subject")->texts;
  for (std::size_t i = 0; i < subjects.size(); ++i) row_of[subjects[i]] = i;
  const auto& first = decided->find("session")->texts;
  const auto& people = volumes->column(0).texts;
  const auto* session = volumes->find("session");
  std::vector<table::Column> out;
  for (std::size_t c = 0; c < volumes->columns(); ++c) {
    const table::Column& column = volumes->column(c);
    const auto known =
        std::find_if(kColumns.begin(), kColumns.end(), [&](const auto& k) { return k.name == column.name; });
    const auto* flags = known == kColumns.end() ? nullptr : decided->find("flag_" + std::string(known->region));
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < volumes->rows(); ++i) {
      cells.push_back(column.missing(i) ? "NA" : column.cell(i));
      const auto row = row_of.find(people[i]);
      if (flags == nullptr || row == row_of.end()) continue;
      if (session != nullptr && session->texts[i] != first[row->second]) continue;
      const std::string& flag = flags->texts[row->second];
      if (flag == "lesioned" || flag == "failed") cells.back() = mark;
    }
    out.push_back(table::text(column.name, std::move(cells)));
  }
  return table::Table::from(std::move(out));
}

Result<table::Table> participants_table(const Snapshot& snapshot, const ScoreColumnNames& names) {
  std::unordered_map<std::string_view, const Person*> people;
  for (const auto& person : snapshot.people) people[person.id] = &person;
  std::map<Visit, double> lesion_volume;
  for (const auto& m : snapshot.measurements)
    if (m.region == "lesion" && m.measure == "volume" && m.source == "table")
      lesion_volume[{m.person, m.session}] = m.value;
  std::map<std::string, std::map<Visit, double>> scores;  // column -> values
  for (const auto& score : snapshot.scores) {
    const ScoreColumns column = names(score.test);
    scores[column.raw][{score.person, score.session}] = score.raw;
    if (!column.other_limb.empty()) scores[column.other_limb][{score.person, score.session}] = score.max_used;
  }
  const std::vector<const Session*> visits = visits_of(snapshot);
  const auto person = [&](auto member) {
    return [&people, member](const Session& s) { return people.at(s.person)->*member; };
  };
  const auto value = [](const std::map<Visit, double>& from) {
    return [&from](const Session& s) {
      const auto found = from.find({s.person, s.label});
      return found == from.end() ? kMissing : found->second;
    };
  };
  std::vector<table::Column> columns{texts("participant_id", visits, [](const Session& s) { return s.person; })};
  if (several_visits(visits)) columns.push_back(texts("session", visits, [](const Session& s) { return s.label; }));
  columns.push_back(texts("site", visits, person(&Person::cohort)));
  columns.push_back(texts("group", visits, person(&Person::group)));
  columns.push_back(numbers("age", visits, [](const Session& s) { return s.age_years; }));
  columns.push_back(texts("sex", visits, person(&Person::sex)));
  columns.push_back(numbers("days_post_stroke", visits, [](const Session& s) { return s.days_post_stroke; }));
  columns.push_back(texts("lesion_side", visits, person(&Person::lesion_side)));
  columns.push_back(texts("lesion_class", visits, person(&Person::lesion_class)));
  columns.push_back(texts("date", visits, [](const Session& s) { return s.date; }));
  if (!lesion_volume.empty()) columns.push_back(numbers("lesion_volume_mm3", visits, value(lesion_volume)));
  for (const auto& [name, values] : scores) columns.push_back(numbers(name, visits, value(values)));
  return table::Table::from(std::move(columns));
}

}  // namespace ipsi::study
