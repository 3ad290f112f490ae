// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/ingest/behaviour.h"
#include "core/ingest/draft.h"

namespace ipsi::ingest {
namespace {

/// Where the columns are; -1 = absent.
struct Columns {
  int id = -1, session = -1, site = -1, age = -1, sex = -1, days = -1, chronicity = -1, side = -1, affected = -1,
      lesion_class = -1, group = -1, date = -1, lesion_volume = -1;
  bool composed_session = false;  ///< SESSION_ID = BIDS_ID_SES
  bool volume_in_cc = false;
};

Columns find_columns(const table::Sheet& sheet) {
  Columns c;
  c.id = find_column(sheet, {"participant_id", "BIDS_ID", "SubjID", "subject_id", "subject", "SESSION_ID", "id"});
  c.session = find_column(sheet, {"session", "SES", "visit", "timepoint"});
  if (c.session < 0) {
    const int composed = find_column(sheet, {"session_id"});
    if (composed != c.id) c.session = composed;
    c.composed_session = c.session >= 0;
  }
  c.site = find_column(sheet, {"site", "cohort", "cohort_id", "centre", "center"});
  c.age = find_column(sheet, {"age", "age_years"});
  c.sex = find_column(sheet, {"sex", "gender"});
  c.days = find_column(sheet, {"days_post_stroke", "days_since_stroke", "days"});
  c.chronicity = find_column(sheet, {"chronicity"});
  c.side = find_column(
      sheet, {"LESIONED_HEMISPHERE_CHECKED", "lesion_side", "LESIONED_HEMISPHERE", "stroke_side", "lesion_hemisphere"});
  c.affected = find_column(sheet, {"affected_side"});
  c.lesion_class = find_column(sheet, {"lesion_class", "lesion_location"});
  c.group = find_column(sheet, {"group"});
  c.date = find_column(sheet, {"date", "acq_time", "scan_date", "session_date"});
  c.lesion_volume = find_column(sheet, {"lesion_volume", "lesion_volume_mm3"});
  c.volume_in_cc =
      c.lesion_volume >= 0 && plain_name(sheet.header[static_cast<std::size_t>(c.lesion_volume)]) == "lesionvolume";
  return c;
}

class Reader {
 public:
  Reader(Draft& draft, const table::Sheet& sheet)
      : draft_(draft), sheet_(sheet), c_(find_columns(sheet)), used_(sheet.header.size()) {
    const auto mark = [&](int at, std::string as) {
      if (at < 0) return;
      used_[static_cast<std::size_t>(at)] = true;
      draft.plan.columns.push_back({sheet.file, sheet.header[static_cast<std::size_t>(at)], std::move(as), ""});
    };
    mark(c_.id, "id");
    mark(c_.session, "session");
    mark(c_.site, "cohort");
    mark(c_.age, "age");
    mark(c_.sex, "sex");
    mark(c_.days, "days_post_stroke");
    mark(c_.chronicity, "chronicity, compared with the days");
    mark(c_.side, "lesion_side");
    mark(c_.affected, "body side, compared with the lesion side");
    mark(c_.lesion_class, "lesion_class");
    mark(c_.group, "group");
    mark(c_.date, "date");
    mark(c_.lesion_volume, c_.volume_in_cc ? "lesion volume (cc)" : "lesion volume (mm3)");
  }

  Result<void> read(const Task& task) {
    if (c_.id < 0)
      return fail(Code::InvalidInput, "there is no column participant_id",
                  fmt::format("{}, line {}", sheet_.file, sheet_.header_line),
                  "the columns are " + join(sheet_.header, ", "));
    if (sheet_.rows.empty())
      return fail(Code::InvalidInput, "the table has a header and no rows", sheet_.file,
                  "add the people or leave the file out");
    settle_sex_levels();
    if (c_.site < 0)
      draft_.problem(Severity::warns, "no_cohort", {"participants", sheet_.file, sheet_.header_line, "", ""},
                     "there is no column `site`; everybody is put in one cohort, 'all'",
                     "add a `site` column: it is the random effect");
    std::vector<ScoreRow> score_rows;
    for (std::size_t r = 0; r < sheet_.rows.size(); ++r) {
      if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
      row(sheet_.rows[r], score_rows);
      task.progress(static_cast<double>(r + 1) / static_cast<double>(sheet_.rows.size()), sheet_.file);
    }
    draft_.open = false;
    read_scores(draft_, sheet_, score_rows, used_);
    for (std::size_t i = 0; i < used_.size(); ++i)
      if (!used_[i]) draft_.plan.columns.push_back({sheet_.file, sheet_.header[i], "", "no meaning is known for it"});
    return {};
  }

 private:
  [[nodiscard]] std::string cell(const table::Sheet::Row& row, int at) const {
    if (at < 0) return {};
    const std::string& text = row.cells[static_cast<std::size_t>(at)];
    return at != c_.id && is_mark(text) && to_lower(text) != "none" ? std::string{} : text;
  }
  [[nodiscard]] Origin origin(const table::Sheet::Row& row, int at) const {
    return {"participants", sheet_.file, row.line, at < 0 ? "" : sheet_.header[static_cast<std::size_t>(at)],
            row.cells[static_cast<std::size_t>(c_.id)]};
  }

  void row(const table::Sheet::Row& row, std::vector<ScoreRow>& score_rows) {
    const Origin at = origin(row, c_.id);
    if (at.id.empty()) {
      draft_.problem(Severity::drops, "id_empty", at, "the row has no id", "add the id or delete the row");
      return;
    }
    if (const std::string reason = not_a_subject(at.id); !reason.empty()) {
      draft_.problem(Severity::drops, "non_subject", at, fmt::format("'{}' is skipped: {}", at.id, reason),
                     "nothing to do");
      draft_.plan.skipped.emplace_back(at.id, reason);
      return;
    }
    if (excel_mangles(at.id))
      draft_.problem(Severity::warns, "id_excel", at,
                     fmt::format("'{}' is what Excel takes for a date or a number", at.id),
                     "compare the id with the source; format the column as text before saving");
    std::string session = cell(row, c_.session);
    if (c_.composed_session && session.starts_with(at.id + "_")) session = session.substr(at.id.size() + 1);
    if (to_lower(session).starts_with("ses-")) session = session.substr(4);
    const auto where = draft_.enrol(at, session);
    if (!where) return;
    const study::Person person = person_of(row, where->person);
    if (!person.cohort.empty() && draft_.cohorts.count(key_of(study::Cohort{person.cohort, ""})) == 0)
      draft_.put(study::Cohort{person.cohort, person.cohort});
    put_person(row, person);
    put_session(row, *where, person);
    put_lesion_volume(row, *where);
    score_rows.push_back({&row, *where, at.id, person.cohort});
  }

  study::Person person_of(const table::Sheet::Row& row, const std::string& id) {
    study::Person person;
    person.id = id;
    person.cohort = cell(row, c_.site);
    if (person.cohort.empty() && c_.site < 0) person.cohort = "all";
    if (person.cohort.empty())
      draft_.problem(Severity::warns, "no_cohort", origin(row, c_.site),
                     fmt::format("{} has no site, so no cohort; not analysed", id), "fill in the site");
    person.group = group_of(row);
    person.sex = sex_of(row);
    side_of(row, person);
    return person;
  }

  /// A person may stand in several rows, one a session; what cannot change between visits must agree.
  void put_person(const table::Sheet::Row& row, study::Person person) {
    const bool again = draft_.touched.count("person" + key_of(person)) != 0;
    if (again) {
      const study::Person& first = draft_.people.at(key_of(person));
      const auto agree = [&](std::string& now, const std::string& before, int at, std::string_view name) {
        if (!now.empty() && !before.empty() && now != before) {
          draft_.problem(Severity::warns, "conflict", origin(row, at),
                         fmt::format("{} has {} '{}' here and '{}' in an earlier row; the first is kept", person.id,
                                     name, now, before),
                         "make the rows agree");
          now = before;
        }
      };
      agree(person.cohort, first.cohort, c_.site, "site");
      agree(person.sex, first.sex, c_.sex, "sex");
      agree(person.group, first.group, c_.group, "group");
      agree(person.lesion_side, first.lesion_side, c_.side, "lesion side");
      agree(person.lesion_class, first.lesion_class, c_.lesion_class, "lesion class");
    }
    draft_.put(std::move(person));
  }

  void put_session(const table::Sheet::Row& row, const PersonSession& where, const study::Person& person) {
    study::Session session;
    session.person = where.person;
    session.label = where.session;
    session.date = cell(row, c_.date);
    if (!session.date.empty() && !is_iso_date(session.date)) {
      draft_.problem(Severity::drops, "date", origin(row, c_.date),
                     fmt::format("'{}' is no date written year-month-day; taken as missing", session.date),
                     "write 2020-05-31: sessions are put in order by it");
      session.date.clear();
    }
    session.age_years = age_of(row);
    session.days_post_stroke = person.group == "control" ? study::kMissing : days_of(row);
    chronicity(row, where, session.days_post_stroke);
    draft_.put(std::move(session));
  }

  void put_lesion_volume(const table::Sheet::Row& row, const PersonSession& where) {
    const std::string text = cell(row, c_.lesion_volume);
    if (text.empty()) return;
    const auto value = sheet_.number(text);
    if (!value || *value < 0) {
      draft_.problem(Severity::drops, "not_a_number", origin(row, c_.lesion_volume),
                     fmt::format("'{}' is no lesion volume", text), "correct the cell or leave it empty");
      return;
    }
    study::Measurement m;
    m.person = where.person;
    m.session = where.session;
    m.region = "lesion";
    m.measure = "volume";
    m.source = "table";
    m.value = c_.volume_in_cc ? *value * 1000.0 : *value;
    m.unit = "mm3";
    draft_.put(std::move(m));
  }

  // --- sex ---

  void settle_sex_levels() {
    for (const auto& [level, sex] : draft_.sources.sex_levels) levels_[to_lower(level)] = sex;
    if (levels_.empty()) {  // answered in an earlier import
      const Json kept = Json::parse(draft_.before.setting("import.sex_levels", "{}"), nullptr, false);
      if (kept.is_object())
        for (const auto& [level, sex] : kept.items())
          if (sex.is_string()) levels_[level] = sex.get<std::string>();
    }
    if (!levels_.empty()) {
      Json kept = Json::object();
      for (const auto& [level, sex] : levels_) kept[level] = sex;
      draft_.put(study::Setting{"import.sex_levels", kept.dump()});
    }
    std::map<std::string, long long> unknown;
    for (const auto& row : sheet_.rows) {
      const std::string text = cell(row, c_.sex);
      if (!text.empty() && !levels_.count(to_lower(text)) && sheet_.number(text)) ++unknown[text];
    }
    if (unknown.empty()) return;
    std::vector<std::string> told;
    for (const auto& [level, n] : unknown) told.push_back(fmt::format("{} ({})", level, counted(n, "row", "rows")));
    draft_.problem(
        Severity::blocks, "sex_levels",
        {"participants", sheet_.file, sheet_.header_line, sheet_.header[static_cast<std::size_t>(c_.sex)], ""},
        fmt::format("sex is written as numbers: {}", join(told, ", ")),
        fmt::format("say what they mean: --sex-levels {}=male,{}=female (or the other way round)",
                    unknown.begin()->first,
                    std::next(unknown.begin()) == unknown.end() ? "2" : std::next(unknown.begin())->first));
  }

  std::string sex_of(const table::Sheet::Row& row) {
    const std::string text = cell(row, c_.sex);
    const std::string word = to_lower(text);
    if (word.empty()) return {};
    if (const auto it = levels_.find(word); it != levels_.end()) return it->second;
    if (word == "f" || word == "female" || word == "woman" || word == "w") return "female";
    if (word == "m" || word == "male" || word == "man") return "male";
    if (!sheet_.number(text))
      draft_.problem(Severity::drops, "sex_unknown", origin(row, c_.sex),
                     fmt::format("sex '{}' is not understood; taken as missing", text),
                     "write female or male, or name the level with --sex-levels");
    return {};
  }

  // --- group, side, class ---

  std::string group_of(const table::Sheet::Row& row) {
    const std::string text = cell(row, c_.group);
    const std::string word = to_lower(text);
    if (word.empty()) return "patient";
    for (const std::string_view name : {"control", "controls", "hc", "healthy", "healthy control", "healthy_control"})
      if (word == name) return "control";
    for (const std::string_view name : {"patient", "patients", "stroke", "case"})
      if (word == name) return "patient";
    draft_.problem(Severity::warns, "group_unknown", origin(row, c_.group),
                   fmt::format("group '{}' is not understood; taken as patient", text), "write patient or control");
    return "patient";
  }

  void side_of(const table::Sheet::Row& row, study::Person& person) {
    const std::string text = cell(row, c_.side);
    const std::string word = to_lower(text);
    const auto is = [&](std::initializer_list<std::string_view> names) {
      return std::ranges::find(names, word) != names.end();
    };
    if (is({"left", "l", "1", "lh"}))
      person.lesion_side = "left";
    else if (is({"right", "r", "2", "rh"}))
      person.lesion_side = "right";
    else if (is({"bilateral", "both", "b", "l+r", "left and right"}))
      person.lesion_side = "bilateral";
    else if (is({"none", "no lesion", "no"}))
      person.lesion_side = "none";
    else if (is({"brainstem", "brain stem", "pons"}))
      person.lesion_class = "brainstem";
    else if (is({"cerebellum", "cerebellar"}))
      person.lesion_class = "cerebellar";
    else if (!word.empty() && !is({"unknown", "?"}))
      draft_.problem(Severity::warns, "side_unknown", origin(row, c_.side),
                     fmt::format("lesion side '{}' is not understood; taken as unknown", text),
                     "write left, right or bilateral (1 left, 2 right)");
    if (person.group == "control" && person.lesion_side.empty()) person.lesion_side = "none";
    class_of(row, person);
    const std::string body = to_lower(cell(row, c_.affected));
    const bool body_left = body == "left" || body == "l" || body == "1";
    const bool body_right = body == "right" || body == "r" || body == "2";
    if ((body_left && person.lesion_side == "left") || (body_right && person.lesion_side == "right"))
      draft_.problem(Severity::notes, "conflict", origin(row, c_.affected),
                     fmt::format("the affected body side and the lesion side are both {}", person.lesion_side),
                     "usually they are opposite: check that AFFECTED_SIDE means the body");
  }

  void class_of(const table::Sheet::Row& row, study::Person& person) {
    const std::string text = cell(row, c_.lesion_class);
    const std::string word = to_lower(text);
    if (word.empty() || word == "none" || word == "unknown") return;
    for (const std::string_view name : {"cortical", "subcortical", "mixed", "brainstem", "cerebellar"})
      if (word == name) person.lesion_class = name;
    if (word == "brain stem" || word == "pons") person.lesion_class = "brainstem";
    if (word == "cerebellum") person.lesion_class = "cerebellar";
    if (word == "cortical+subcortical" || word == "cortico-subcortical") person.lesion_class = "mixed";
    if (person.lesion_class.empty())
      draft_.problem(Severity::warns, "class_unknown", origin(row, c_.lesion_class),
                     fmt::format("lesion class '{}' is not understood; left out", text),
                     "write cortical, subcortical, mixed, brainstem or cerebellar");
  }

  // --- numbers ---

  double age_of(const table::Sheet::Row& row) {
    std::string text = cell(row, c_.age);
    if (text.empty()) return study::kMissing;
    const bool capped = text.ends_with('+');  // "89+", as privacy rules want it
    if (capped) text.pop_back();
    const auto value = sheet_.number(text);
    if (!value || *value < 0 || *value > 120) {
      draft_.problem(Severity::drops, "age", origin(row, c_.age),
                     fmt::format("age '{}' is no age in years; taken as missing", text),
                     "correct the cell or leave it empty");
      return study::kMissing;
    }
    if (capped)
      draft_.problem(Severity::warns, "age", origin(row, c_.age),
                     fmt::format("age {}+ is a lower bound; taken as {}", text, text), "give the age if you may");
    return *value;
  }

  double days_of(const table::Sheet::Row& row) {
    const std::string text = cell(row, c_.days);
    if (text.empty()) return study::kMissing;
    const auto value = sheet_.number(text);
    if (!value || *value < 0) {
      draft_.problem(Severity::drops, "days", origin(row, c_.days),
                     value ? fmt::format("{} days since stroke is before the stroke; taken as missing", text)
                           : fmt::format("days since stroke '{}' is not a number; taken as missing", text),
                     "correct the cell or leave it empty");
      return study::kMissing;
    }
    if (*value == 0)
      draft_.problem(Severity::warns, "days", origin(row, c_.days),
                     "0 days since stroke: a scan on the day itself, or a missing value?",
                     "correct the cell if it means missing");
    return *value;
  }

  void chronicity(const table::Sheet::Row& row, const PersonSession& where, double days) {
    const std::string text = cell(row, c_.chronicity);
    const std::string word = to_lower(text);
    if (word.empty()) return;
    const bool chronic =
        word == "180" || word == "yes" || word == "y" || word == "chronic" || word == ">180" || word == "1";
    const bool early =
        word == "90" || word == "acute" || word == "subacute" || word == "no" || word == "n" || word == "0";
    if (!chronic && !early) {
      draft_.problem(Severity::warns, "chronicity_conflict", origin(row, c_.chronicity),
                     fmt::format("chronicity '{}' is not understood; left out", text),
                     "write 90 or 180, or give the days");
      return;
    }
    if (std::isnan(days)) {
      // The days decide; the code is kept beside them so that the person is not lost for the time groups.
      study::Measurement m;
      m.person = where.person;
      m.session = where.session;
      m.region = "head";
      m.measure = "chronicity";
      m.source = "table";
      m.value = chronic ? 180 : 90;
      m.unit = "days";
      draft_.put(std::move(m));
      draft_.problem(
          Severity::warns, "chronicity_conflict", origin(row, c_.chronicity),
          fmt::format("the days since stroke are missing; the table says {}", chronic ? "chronic" : "subacute"),
          "give the days: time groups are made from them");
      return;
    }
    const bool agrees =
        chronic ? days >= 180 : (word == "90" || word == "acute" || word == "subacute" ? days <= 90 : days < 180);
    if (!agrees)
      draft_.problem(
          Severity::warns, "chronicity_conflict", origin(row, c_.chronicity),
          fmt::format("chronicity '{}' against {} days since stroke; the days decide", text, format_double(days)),
          "correct one of the two");
  }

  Draft& draft_;
  const table::Sheet& sheet_;
  Columns c_;
  std::vector<bool> used_;
  std::map<std::string, std::string> levels_;
};

}  // namespace

Result<void> read_participants(Draft& draft, const std::filesystem::path& path, const Task& task) {
  auto sheet = table::read_sheet(path);
  if (!sheet) return tl::unexpected(sheet.error());
  draft.take_shape(*sheet);
  draft.skip_lines(*sheet);
  return Reader(draft, *sheet).read(task);
}

}  // namespace ipsi::ingest
