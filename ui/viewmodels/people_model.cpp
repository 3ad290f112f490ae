// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/people_model.h"

#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/engine/quantiles.h"
#include "core/study/lookup.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString dash() {
  return QStringLiteral("–");
}
QString decimal(double value, int decimals) {
  return std::isnan(value) ? dash() : QLocale::c().toString(value, 'f', decimals);
}

/// A row of either view: words in the first columns' order, numbers beside them.
struct Cell {
  std::string words;  ///< sorts by these when there is no number
  double number = kNone;
  int decimals = -1;  ///< < 0: words
};

enum PersonColumn { kId, kCohort, kAge, kSex, kDays, kScore, kTest, kRaw, kMax, kSide, kKnown, kUsable, kWhy };
enum CohortColumn {
  kName,
  kN,
  kOut,
  kMedianAge,
  kSexes,
  kMedianDays,
  kMedianScore,
  kTests,
  kMaxima,
  kSides,
  kCover,
  kUse
};

struct Group {
  std::vector<int> people;
  std::vector<Cell> cells;
};

}  // namespace

/// Columns of cells, so that sorting touches one vector.
struct PeopleModel::Rows {
  std::vector<std::vector<Cell>> people;  // [row][column]
  std::vector<std::string> haystack;      // lower case, of a person's words
  std::vector<bool> analysed;
  std::vector<bool> in_subset;
  std::vector<Group> cohorts;
  std::unordered_map<std::string, int> by_id;
  std::vector<int> only;                         // when a few are listed: rows of `people`
  std::vector<std::vector<Cell>> strangers;      // ids that are no people
  std::unordered_map<int, std::string> reasons;  // why somebody is in `only`
  bool some = false;
  struct Comparison {
    int column;
    QString op;
    double value;
  };
  std::vector<Comparison> comparisons;
  std::vector<std::string> words;

  [[nodiscard]] const std::vector<Cell>& cells(View view, int row) const {
    if (view == View::cohorts) return cohorts[static_cast<std::size_t>(row)].cells;
    const auto n = static_cast<int>(people.size());
    return row < n ? people[static_cast<std::size_t>(row)] : strangers[static_cast<std::size_t>(row - n)];
  }
  void fillCohorts();
};

PeopleModel::PeopleModel(Context& context, QObject* parent)
    : QObject(parent), context_(context), rows_(std::make_unique<Rows>()) {
  state_.view = context.settings.value("study/people", false).toBool() ? View::people : View::cohorts;
  connect(&context.session, &StudySession::opened, this, [this] {
    state_.filter.clear(), state_.chosen.clear();
    rows_->comparisons.clear(), rows_->words.clear();
    rows_->some = false;
    rebuild();
  });
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything)
      rebuild();
    else
      patch(change.ratings);
  });
  connect(&context.session, &StudySession::subsetChanged, this, &PeopleModel::rebuild);
  rebuild();
}
PeopleModel::~PeopleModel() = default;

// ---- rows ----------------------------------------------------------------------------------------------------------

namespace {

struct Columns {
  const table::Column *id, *session, *cohort, *group, *sex, *age, *days, *side, *score, *test, *analysed, *why;
  explicit Columns(const table::Table& t)
      : id(t.find("subject")),
        session(t.find("session")),
        cohort(t.find("cohort")),
        group(t.find("group")),
        sex(t.find("sex")),
        age(t.find("age")),
        days(t.find("days_post_stroke")),
        side(t.find("lesion_side")),
        score(t.find("primary_score")),
        test(t.find("primary_test")),
        analysed(t.find("analysed")),
        why(t.find("excluded_because")) {}
};

/// How many volumes a person has, and how many of these are neither lesioned nor failed.
struct Coverage {
  int known = 0, usable = 0;
};
class RegionColumns {
 public:
  explicit RegionColumns(const table::Table& table) {
    for (const auto& region : kRegions)
      columns_.emplace_back(table.find(region.key), table.find("flag_" + std::string(region.key)));
  }
  [[nodiscard]] Coverage of(std::size_t row) const {
    Coverage out;
    for (const auto& [volume, flag] : columns_) {
      if (volume == nullptr || volume->missing(row)) continue;
      ++out.known;
      const bool bad = flag != nullptr && (flag->texts[row] == "lesioned" || flag->texts[row] == "failed");
      if (!bad) ++out.usable;
    }
    return out;
  }

 private:
  std::vector<std::pair<const table::Column*, const table::Column*>> columns_;
};

/// "3 F, 2 M" and the like: how many of each; tests by frequency, marks of one letter in their order.
std::string tally(const std::map<std::string, int>& counts, bool numbers, bool by_count = true) {
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [name, n] : counts) order.emplace_back(-n, name.empty() ? "none" : name);
  if (by_count) std::sort(order.begin(), order.end());
  std::vector<std::string> told;
  for (const auto& [n, name] : order) told.push_back(numbers ? fmt::format("{} {}", -n, name) : name);
  return join(told, ", ");
}

}  // namespace

void PeopleModel::rebuild() {
  auto& rows = *rows_;
  const auto table = context_.session.table();
  const auto snapshot = context_.session.snapshot();
  const Columns c(*table);
  const RegionColumns regions(*table);
  rows.people.clear(), rows.haystack.clear(), rows.analysed.clear(), rows.by_id.clear(), rows.cohorts.clear();
  const std::size_t n = c.id == nullptr ? 0 : table->rows();
  rows.in_subset.assign(n, false);
  std::unordered_map<std::string, const study::Score*> scores;
  for (const auto& score : snapshot->scores)
    scores[score.person + '\x1f' + score.session + '\x1f' + score.test] = &score;
  const auto words = [](std::string s) { return Cell{std::move(s), kNone, -1}; };
  for (std::size_t i = 0; i < n; ++i) {
    const std::string& test = c.test->texts[i];
    const auto found = scores.find(c.id->texts[i] + '\x1f' + c.session->texts[i] + '\x1f' + test);
    const study::Score* score = test.empty() || found == scores.end() ? nullptr : found->second;
    const Coverage cover = regions.of(i);
    rows.people.push_back({words(c.id->texts[i]),
                           words(c.cohort->texts[i]),
                           {"", c.age->values[i], 0},
                           words(c.sex->texts[i]),
                           {"", c.days->values[i], 0},
                           {"", c.score->values[i], 2},
                           words(test),
                           {"", score != nullptr ? score->raw : kNone, 0},
                           {"", score != nullptr ? score->max_used : kNone, 0},
                           words(c.side->texts[i]),
                           {"", static_cast<double>(cover.known), 0},
                           {"", static_cast<double>(cover.usable), 0},
                           words(c.analysed->values[i] == 1.0 ? "in" : "out: " + c.why->texts[i])});
    rows.analysed.push_back(c.analysed->values[i] == 1.0);
    std::string hay;
    for (const auto& cell : rows.people.back())
      if (cell.decimals < 0) hay += to_lower(cell.words) + ' ';
    rows.haystack.push_back(std::move(hay));
    rows.by_id.emplace(c.id->texts[i], static_cast<int>(i));
  }
  const auto group = study::parse_subgroup(context_.session.subset().toStdString());
  if (n > 0)
    if (const auto members = study::rows_of(*table, group.value_or(study::Subgroup::all)))
      for (const std::size_t row : *members) rows.in_subset[row] = true;
  rows.fillCohorts();
  if (!rows.some) rows.only.clear(), rows.strangers.clear();
  std::erase_if(rows.only, [&](int row) { return row >= static_cast<int>(n + rows.strangers.size()); });
  refresh();
}

void PeopleModel::Rows::fillCohorts() {
  std::map<std::string, std::vector<int>> members;
  for (std::size_t i = 0; i < people.size(); ++i)
    if (in_subset[i]) members[people[i][kCohort].words].push_back(static_cast<int>(i));
  cohorts.clear();
  for (auto& [name, list] : members) {
    std::vector<double> age, days, score;
    std::map<std::string, int> sexes, tests, sides, maxima;
    double known = 0, usable = 0;
    int left = 0;
    for (const int row : list) {
      const auto& p = people[static_cast<std::size_t>(row)];
      age.push_back(p[kAge].number), days.push_back(p[kDays].number), score.push_back(p[kScore].number);
      ++sexes[p[kSex].words == "female" ? "F" : p[kSex].words == "male" ? "M" : "?"];
      if (!p[kTest].words.empty()) ++tests[p[kTest].words];
      if (!std::isnan(p[kMax].number)) ++maxima[format_double(p[kMax].number)];
      ++sides[p[kSide].words == "left" ? "L" : p[kSide].words == "right" ? "R" : p[kSide].words.empty() ? "?" : "–"];
      known += p[kKnown].number, usable += p[kUsable].number;
      left += analysed[static_cast<std::size_t>(row)] ? 0 : 1;
    }
    const auto count = static_cast<double>(list.size());
    const auto mid = [](std::vector<double> v) { return engine::spread_of(std::move(v)).median; };
    Group group{list,
                {{name.empty() ? "no cohort" : name, kNone, -1},
                 {"", count, 0},
                 {"", static_cast<double>(left), 0},
                 {"", mid(age), 1},
                 {tally(sexes, true, false), kNone, -1},
                 {"", mid(days), 0},
                 {"", mid(score), 2},
                 {tally(tests, tests.size() > 1), kNone, -1},
                 {tally(maxima, maxima.size() > 1), maxima.size() == 1 ? std::stod(maxima.begin()->first) : kNone,
                  maxima.size() == 1 ? 0 : -1},
                 {tally(sides, true, false), kNone, -1},
                 {"", known / count, 1},
                 {"", usable / count, 1}}};
    cohorts.push_back(std::move(group));
  }
}

void PeopleModel::patch(const std::vector<study::Rating>& ratings) {
  const auto table = context_.session.table();
  const RegionColumns regions(*table);
  bool any = false;
  for (const auto& rating : ratings) {
    const auto found = rows_->by_id.find(rating.person);
    if (found == rows_->by_id.end() || static_cast<std::size_t>(found->second) >= table->rows()) continue;
    auto& cell = rows_->people[static_cast<std::size_t>(found->second)][kUsable];
    const double now = regions.of(static_cast<std::size_t>(found->second)).usable;
    any = any || cell.number != now;
    cell.number = now;
  }
  if (!any) return;
  rows_->fillCohorts();
  emit changed();
}

// ---- what is shown -------------------------------------------------------------------------------------------------

void PeopleModel::refresh() {
  if (state_.view == View::cohorts)
    state_.columns = {{tr("Cohort"), {}, false, 8, true},
                      {tr("N"), tr("People of the subgroup; Enter lists them"), true, 3},
                      {tr("Out"), tr("Of these, not analysed"), true, 3, false, 1},
                      {tr("Age"), tr("Median, years"), true, 4},
                      {tr("Sex"), tr("Female (F), male (M), not known (?)"), false, 9, false, 8},
                      {tr("Days"), tr("Median days since the stroke"), true, 5, false, 3},
                      {tr("Score"), tr("Median of the primary score, 0 worst, 1 best"), true, 4, false, 2},
                      {tr("Measure"), tr("Which test the primary score is"), false, 8, false, 6},
                      {tr("Max"), tr("Maximum used to normalise it"), true, 3, false, 7},
                      {tr("Side"), tr("Lesion left (L), right (R), not known (?), neither (–)"), false, 9, false, 5},
                      {tr("Regions"), tr("Volumes known of 12, mean"), true, 4, false, 4},
                      {tr("Usable"), tr("Of these, neither lesioned nor failed, mean"), true, 4, false, 9}};
  else
    state_.columns = {{tr("Person"), {}, false, 11},
                      {tr("Cohort"), {}, false, 9, false, 2},
                      {tr("Age"), tr("Years"), true, 3},
                      {tr("Sex"), {}, false, 6, false, 4},
                      {tr("Days"), tr("Since the stroke"), true, 5, false, 3},
                      {tr("Score"), tr("Primary score, 0 worst, 1 best"), true, 4},
                      {tr("Measure"), tr("Which test it is"), false, 9, false, 5},
                      {tr("Raw"), {}, true, 4, false, 9},
                      {tr("Max"), tr("Maximum used to normalise it"), true, 3, false, 7},
                      {tr("Side"), tr("Of the lesion"), false, 6},
                      {tr("Regions"), tr("Volumes known of 12"), true, 3, false, 6},
                      {tr("Usable"), tr("Of these, neither lesioned nor failed"), true, 3, false, 8},
                      {tr("Analysed"), tr("In, or why not"), false, 9, true}};
  if (state_.view == View::people && rows_->some && !rows_->reasons.empty())
    state_.columns.back() = {tr("Why"), tr("Why they are listed"), false, 24, true};
  state_.sort = std::clamp(state_.sort, 0, static_cast<int>(state_.columns.size()) - 1);
  auto& rows = *rows_;
  std::vector<int> all;
  if (state_.view == View::cohorts) {
    all.resize(rows.cohorts.size());
    std::iota(all.begin(), all.end(), 0);
  } else if (rows.some) {
    all = rows.only;
  } else {
    for (std::size_t i = 0; i < rows.people.size(); ++i)
      if (rows.in_subset[i]) all.push_back(static_cast<int>(i));
  }
  state_.total = static_cast<int>(all.size());
  std::erase_if(all, [&](int row) { return !passes(row); });
  state_.shown = std::move(all);
  state_.people = static_cast<int>(std::count(rows.in_subset.begin(), rows.in_subset.end(), true));
  state_.analysed = 0;
  for (std::size_t i = 0; i < rows.people.size(); ++i) state_.analysed += rows.in_subset[i] && rows.analysed[i] ? 1 : 0;
  state_.cohorts = static_cast<int>(rows.cohorts.size());
  const int shown = static_cast<int>(state_.shown.size());
  const bool one = state_.total == 1;
  const QString what = state_.view == View::cohorts ? one ? tr("cohort") : tr("cohorts")
                       : one ? tr("person")
                                                    : tr("people");
  state_.note = shown == state_.total
                    ? QString("%1 %2").arg(QLocale::c().toString(shown), what)
                    : tr("%1 of %2 %3").arg(QLocale::c().toString(shown), QLocale::c().toString(state_.total), what);
  ++state_.version;
  sortRows();
  emit changed();
}

bool PeopleModel::passes(int row) const {
  const auto& rows = *rows_;
  const bool people = state_.view == View::people;
  const auto& cells = rows.cells(state_.view, row);
  for (const auto& cmp : rows.comparisons) {
    const int column = people                  ? cmp.column
                       : cmp.column == kAge    ? kMedianAge
                       : cmp.column == kDays   ? kMedianDays
                       : cmp.column == kScore  ? kMedianScore
                       : cmp.column == kMax    ? kMaxima
                       : cmp.column == kUsable ? kUse
                                               : kCover;
    const double x = cells[static_cast<std::size_t>(column)].number, y = cmp.value;
    const bool holds = cmp.op == "<"    ? x < y
                       : cmp.op == "<=" ? x <= y
                       : cmp.op == ">"  ? x > y
                       : cmp.op == ">=" ? x >= y
                                        : x == y;
    if (!holds) return false;
  }
  if (rows.words.empty()) return true;
  std::string own;
  const bool known = people && row < static_cast<int>(rows.people.size());
  if (!known)
    for (const auto& cell : cells) own += to_lower(cell.words) + ' ';
  const std::string& hay = known ? rows.haystack[static_cast<std::size_t>(row)] : own;
  return std::all_of(rows.words.begin(), rows.words.end(),
                     [&](const std::string& word) { return hay.find(word) != std::string::npos; });
}

void PeopleModel::sortRows() {
  const auto column = static_cast<std::size_t>(state_.sort);
  const bool up = state_.ascending;
  const auto& rows = *rows_;
  // Keys first: comparing must not look rows up. Missing stands last either way.
  struct Key {
    const Cell* cell;
    int row;
  };
  std::vector<Key> keys;
  keys.reserve(state_.shown.size());
  for (const int row : state_.shown) keys.push_back({&rows.cells(state_.view, row)[column], row});
  std::stable_sort(keys.begin(), keys.end(), [up](const Key& a, const Key& b) {
    const bool words = a.cell->decimals < 0 && b.cell->decimals < 0;
    const bool none_a = words ? a.cell->words.empty() : std::isnan(a.cell->number);
    const bool none_b = words ? b.cell->words.empty() : std::isnan(b.cell->number);
    if (none_a != none_b) return none_b;
    if (none_a) return false;
    if (words)
      return up ? study::natural_less(a.cell->words, b.cell->words) : study::natural_less(b.cell->words, a.cell->words);
    return up ? a.cell->number < b.cell->number : a.cell->number > b.cell->number;
  });
  for (std::size_t i = 0; i < keys.size(); ++i) state_.shown[i] = keys[i].row;
}

QString PeopleModel::cell(int row, int column) const {
  const auto& cell =
      rows_->cells(state_.view, state_.shown[static_cast<std::size_t>(row)])[static_cast<std::size_t>(column)];
  if (column == kWhy && state_.view == View::people && rows_->some)
    if (const auto why = rows_->reasons.find(state_.shown[static_cast<std::size_t>(row)]); why != rows_->reasons.end())
      return text_of(why->second);
  if (cell.decimals < 0) return cell.words.empty() ? dash() : text_of(cell.words);
  const bool part = state_.view == View::people && cell.decimals == 0 && cell.number != std::floor(cell.number);
  return decimal(cell.number, part ? 1 : cell.decimals);
}

bool PeopleModel::missing(int row, int column) const {
  const auto& cell =
      rows_->cells(state_.view, state_.shown[static_cast<std::size_t>(row)])[static_cast<std::size_t>(column)];
  return cell.decimals < 0 ? cell.words.empty() : std::isnan(cell.number);
}

bool PeopleModel::out(int row) const {
  if (state_.view == View::cohorts) return false;
  const auto at = static_cast<std::size_t>(state_.shown[static_cast<std::size_t>(row)]);
  return at >= rows_->analysed.size() || !rows_->analysed[at];
}

QString PeopleModel::person(int row) const {
  if (state_.view == View::cohorts || row < 0 || row >= static_cast<int>(state_.shown.size())) return {};
  return cell(row, kId);
}

// ---- what the user does --------------------------------------------------------------------------------------------

void PeopleModel::setView(View view) {
  if (view == state_.view && !rows_->some) return;
  state_.view = view;
  state_.sort = 0;
  state_.ascending = true;
  rows_->some = false;
  state_.chosen.clear();
  context_.settings.setValue("study/people", view == View::people);
  refresh();
}

void PeopleModel::sortBy(int column) {
  if (column < 0 || column >= static_cast<int>(state_.columns.size())) return;
  state_.ascending = column == state_.sort ? !state_.ascending : true;
  state_.sort = column;
  sortRows();
  ++state_.version;
  emit changed();
}

void PeopleModel::setFilter(const QString& given) {
  if (given == state_.filter) return;
  state_.filter = given;
  state_.filter_error.clear();
  rows_->words.clear(), rows_->comparisons.clear();
  static const std::map<QString, int> kNames{{"age", kAge}, {"days", kDays},     {"score", kScore},  {"raw", kRaw},
                                             {"max", kMax}, {"regions", kKnown}, {"usable", kUsable}};
  static const QRegularExpression compare("^([a-z]+)(<=|>=|<|>|=)(.*)$");
  for (const QString& word : given.toLower().simplified().split(' ', Qt::SkipEmptyParts)) {
    const auto match = compare.match(word);
    if (!match.hasMatch()) {
      rows_->words.push_back(word.toStdString());
      continue;
    }
    const auto name = kNames.find(match.captured(1));
    bool ok = false;
    const double value = match.captured(3).toDouble(&ok);
    if (name == kNames.end())
      state_.filter_error = tr("Numbers to compare: age, days, score, raw, max, regions, usable.");
    else if (ok)
      rows_->comparisons.push_back({name->second, match.captured(2), value});
    else
      state_.filter_error = tr("%1 needs a number, as in %1%2 50").arg(match.captured(1), match.captured(2));
  }
  refresh();
}

void PeopleModel::showOnly(const QString& why, const std::vector<std::pair<std::string, std::string>>& people) {
  auto& rows = *rows_;
  rows.only.clear(), rows.strangers.clear(), rows.reasons.clear();
  for (const auto& [id, reason] : people) {
    const auto found = rows.by_id.find(id);
    if (found != rows.by_id.end()) {
      rows.only.push_back(found->second);
      if (!reason.empty()) rows.reasons[found->second] = reason;
      continue;
    }
    rows.only.push_back(static_cast<int>(rows.people.size() + rows.strangers.size()));
    rows.strangers.emplace_back(static_cast<std::size_t>(kWhy) + 1);
    rows.strangers.back()[kId].words = id;
    rows.strangers.back()[kWhy].words = reason;
    rows.reasons[rows.only.back()] = reason;
  }
  rows.some = true;
  state_.view = View::people;
  state_.chosen = why;
  state_.sort = 0;
  state_.ascending = true;
  refresh();
}

void PeopleModel::showAll() {
  if (!rows_->some) return;
  rows_->some = false;
  state_.chosen.clear();
  refresh();
}

void PeopleModel::open(int row, const QString& workspace) {
  if (row < 0 || row >= static_cast<int>(state_.shown.size())) return;
  if (state_.view == View::cohorts) {
    const auto& group = rows_->cohorts[static_cast<std::size_t>(state_.shown[static_cast<std::size_t>(row)])];
    std::vector<std::pair<std::string, std::string>> people;
    for (const int i : group.people) people.emplace_back(rows_->people[static_cast<std::size_t>(i)][kId].words, "");
    showOnly(tr("Cohort %1").arg(text_of(group.cells[kName].words)), people);
    return;
  }
  const QString id = person(row);
  if (rows_->by_id.count(id.toStdString()) == 0) return;
  context_.session.select(id);
  context_.shell.showWorkspace(workspace);
}

std::string PeopleModel::asText() const {
  std::string out;
  QStringList heads;
  for (const auto& column : state_.columns) heads << column.title;
  out += heads.join('\t').toStdString() + '\n';
  for (int row = 0; row < static_cast<int>(state_.shown.size()); ++row) {
    QStringList cells;
    for (int c = 0; c < static_cast<int>(state_.columns.size()); ++c) cells << cell(row, c);
    out += cells.join('\t').toStdString() + '\n';
  }
  return out;
}

}  // namespace ipsi::ui
