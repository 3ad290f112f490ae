// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/audit_model.h"

#include <QFileInfo>
#include <algorithm>
#include <cmath>

#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/engine/audit.h"
#include "core/report/figure_svg.h"
#include "core/study/raters.h"
#include "core/table/delimited.h"
#include "ui/viewmodels/rating_rules.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

const QString kJob = QStringLiteral("qc.audit");
constexpr double kAlpha = 0.05;
constexpr double kMillilitre = 1000.0;  // mm3
constexpr double kFigureWidth = 174.0;  // mm

const table::Table* table_of(const spec::ResultSet& result, std::string_view key) {
  for (const auto& named : result.tables)
    if (named.key == key) return &named.table;
  return nullptr;
}

/// A row of a table by the names of its columns.
struct Cells {
  const table::Table& table;
  std::size_t row;
  [[nodiscard]] double number(const char* name) const { return table.find(name)->values[row]; }
  [[nodiscard]] int count(const char* name) const {
    const double value = number(name);
    return std::isnan(value) ? 0 : static_cast<int>(value);
  }
  [[nodiscard]] const std::string& word(const char* name) const { return table.find(name)->texts[row]; }
};

QString side_title(const std::string& side) {
  if (side == "any") return AuditModel::tr("Whole person");
  return side == "ipsi" ? AuditModel::tr("Ipsilesional") : AuditModel::tr("Contralesional");
}

QString region_title(const std::string& side, const std::string& region) {
  return side == "any" ? AuditModel::tr("Any of the twelve") : text_of(structure_title(region));
}

/// "larger lesions" of those who leave.
QString who(const std::string& variable, bool more) {
  if (variable == "lesion_volume") return more ? AuditModel::tr("larger lesions") : AuditModel::tr("smaller lesions");
  if (variable == "primary_score")
    return more ? AuditModel::tr("better sensorimotor scores") : AuditModel::tr("worse sensorimotor scores");
  if (variable == "right_lesion")
    return more ? AuditModel::tr("a lesion on the right") : AuditModel::tr("a lesion on the left");
  return more ? AuditModel::tr("more time since the stroke") : AuditModel::tr("less time since the stroke");
}

std::vector<AuditModel::Variable> variables_of(const table::Table& audit) {
  std::vector<AuditModel::Variable> out;
  for (const std::string& key : audit.find("variable")->texts) {
    const auto same = [&](const auto& v) { return v.key == text_of(key); };
    if (std::any_of(out.begin(), out.end(), same)) break;
    AuditModel::Variable v{text_of(key), text_of(key), {}, 2};
    if (key == "lesion_volume") v = {v.key, AuditModel::tr("Lesion volume"), AuditModel::tr("mL"), 1};
    if (key == "primary_score") v = {v.key, AuditModel::tr("Sensorimotor score"), AuditModel::tr("0 to 1"), 2};
    if (key == "right_lesion") v = {v.key, AuditModel::tr("Side of the lesion"), AuditModel::tr("% right"), 0};
    if (key == "days_post_stroke") v = {v.key, AuditModel::tr("Days since the stroke"), AuditModel::tr("days"), 0};
    out.push_back(v);
  }
  return out;
}

/// Medians of the table in the unit that is shown.
double shown(double value, const QString& variable) {
  if (variable == "lesion_volume") return value / kMillilitre;
  return variable == "right_lesion" ? 100.0 * value : value;
}

}  // namespace

AuditModel::AuditModel(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.session, &StudySession::opened, this, [this] {
    result_.reset();
    state_ = {};
    refresh();
  });
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything || !change.ratings.empty()) refresh();
  });
  state_.open = context.session.isOpen();
}

AuditModel::~AuditModel() = default;

void AuditModel::setShown(bool shown) {
  shown_ = shown;
  if (shown_ && stale_) refresh();
}

void AuditModel::retry() {
  refresh();
}

void AuditModel::refresh() {
  stale_ = true;
  state_.open = context_.session.isOpen();
  if (!shown_ || !state_.open) {
    emit changed();
    return;
  }
  stale_ = false;
  state_.working = true;
  using Made = std::shared_ptr<const spec::ResultSet>;
  context_.jobs.start<Made>(
      {.title = tr("Compare who is left out with who stays"), .key = kJob, .quiet = true},
      [snapshot = context_.session.snapshot()](const Task&) -> Result<Made> {
        auto made = engine::exclusion_audit(*snapshot, study::options_of(*snapshot));
        if (!made) return tl::unexpected<Error>(made.error());
        return std::make_shared<const spec::ResultSet>(std::move(*made));
      },
      this,
      [this](const Result<Made>& made) {
        if (!made && made.error().code == Code::Cancelled) return;
        state_.working = false;
        state_.what = state_.where = state_.mend = {};
        if (made) {
          result_ = *made;
        } else {
          result_.reset();
          state_.what = text_of(made.error().what);
          state_.where = text_of(made.error().where);
          state_.mend = text_of(made.error().mend);
        }
        readRows();
        readCohorts();
        readHeadline();
        emit changed();
      });
  emit changed();
}

void AuditModel::readRows() {
  state_.rows.clear();
  state_.figures.clear();
  state_.findings.clear();
  state_.methods.clear();
  if (!result_) return;
  const table::Table& audit = *table_of(*result_, "audit");
  state_.people = result_->json.value("people", 0);
  state_.rule = ruleWords(text_of(result_->json.value("ratings", std::string())));
  state_.variables = variables_of(audit);
  state_.figures = result_->figures;
  for (const auto& finding : result_->findings) state_.findings << text_of(finding);
  for (const auto& paragraph : result_->methods_text) state_.methods += text_of(paragraph);
  state_.variable = std::clamp(state_.variable, 0, static_cast<int>(state_.variables.size()) - 1);
  const Variable& variable = state_.variables[static_cast<std::size_t>(state_.variable)];
  int left = 0;
  for (std::size_t r = 0; r < audit.rows(); ++r) {
    const Cells cells{audit, r};
    left += cells.count("n_left_out");
    if (text_of(cells.word("variable")) != variable.key) continue;
    Row row{side_title(cells.word("side")), region_title(cells.word("side"), cells.word("region"))};
    row.left_out = cells.count("n_left_out");
    row.kept = cells.count("n_kept");
    row.missing = cells.count("n_missing");
    row.unrated = cells.count("n_unrated");
    row.middle_out = shown(cells.number("middle_left_out"), variable.key);
    row.middle_kept = shown(cells.number("middle_kept"), variable.key);
    row.d = cells.number("difference");
    row.d_low = cells.number("difference_low");
    row.d_high = cells.number("difference_high");
    row.odds = cells.number("odds_ratio");
    row.odds_low = cells.number("odds_low");
    row.odds_high = cells.number("odds_high");
    row.p = cells.number("p");
    row.p_adjusted = cells.number("p_adjusted");
    row.strong = row.p_adjusted < kAlpha;
    state_.rows.push_back(std::move(row));
  }
  state_.nobody_left = left == 0;
}

void AuditModel::readCohorts() {
  state_.regions.clear();
  state_.cohorts.clear();
  state_.spread.clear();
  if (!result_) return;
  const table::Table& spread = *table_of(*result_, "audit_cohort_spread");
  // "Any" first: it is the question most people have.
  std::vector<std::size_t> order;
  for (std::size_t r = 0; r < spread.rows(); ++r) order.push_back(r);
  std::stable_partition(order.begin(), order.end(), [&](std::size_t r) {
    return Cells{spread, r}.word("side") == "any";
  });
  for (const std::size_t r : order) {
    const Cells cells{spread, r};
    const std::string &side = cells.word("side"), &region = cells.word("region");
    const QString title = side == "any" ? region_title(side, region)
                                        : tr("%1 %2").arg(side_title(side), region_title(side, region).toLower());
    state_.regions.emplace_back(text_of(side) + ' ' + text_of(region), title);
  }
  state_.region = std::clamp(state_.region, 0, static_cast<int>(state_.regions.size()) - 1);
  const QString key = state_.regions[static_cast<std::size_t>(state_.region)].first;
  const table::Table& cohorts = *table_of(*result_, "audit_cohorts");
  for (std::size_t r = 0; r < cohorts.rows(); ++r) {
    const Cells cells{cohorts, r};
    if (text_of(cells.word("side")) + ' ' + text_of(cells.word("region")) != key) continue;
    state_.cohorts.push_back(
        {text_of(cells.word("cohort")), cells.count("n"), cells.count("left_out"), cells.number("share")});
  }
  std::stable_sort(state_.cohorts.begin(), state_.cohorts.end(),
                   [](const Cohort& a, const Cohort& b) { return a.share > b.share; });
  const Cells cells{spread, order[static_cast<std::size_t>(state_.region)]};
  if (std::isnan(cells.number("cramers_v"))) return;
  state_.spread =
      tr("Cramér's V %1; chi-square %2 with %3 degrees of freedom, p %4")
          .arg(cells.number("cramers_v"), 0, 'f', 2)
          .arg(cells.number("chi_square"), 0, 'f', 1)
          .arg(cells.count("df"))
          .arg(cells.number("p") < 0.001 ? QStringLiteral("<0.001") : QString::number(cells.number("p"), 'f', 3));
  if (cells.number("least_expected") < 5.0) state_.spread += tr(" (rough: some cohorts are small)");
}

/// The variable by which those who leave differ most: the largest standardised difference that holds after correction.
void AuditModel::readHeadline() {
  state_.headline.clear();
  if (!result_ || state_.nobody_left) return;
  const table::Table& audit = *table_of(*result_, "audit");
  const auto fits = [&](std::size_t r) {
    const Cells cells{audit, r};
    return cells.word("side") != "any" && cells.number("p_adjusted") < kAlpha &&
           !std::isnan(cells.number("difference"));
  };
  std::size_t best = audit.rows();
  for (std::size_t r = 0; r < audit.rows(); ++r)
    if (fits(r) && (best == audit.rows() ||
                    std::abs(Cells{audit, r}.number("difference")) > std::abs(Cells{audit, best}.number("difference"))))
      best = r;
  if (best == audit.rows()) {
    state_.headline = tr("No region's leavers differ from those kept in lesion volume, severity, side or time "
                         "(corrected p of 0.05 or more, %1 people).")
                          .arg(state_.people);
    return;
  }
  const Cells cells{audit, best};
  const std::string& variable = cells.word("variable");
  const bool more = cells.number("difference") > 0;
  int same = 0, tested = 0;
  for (std::size_t r = 0; r < audit.rows(); ++r) {
    const Cells other{audit, r};
    if (other.word("variable") != variable || other.word("side") == "any" || std::isnan(other.number("p_adjusted")))
      continue;
    ++tested;
    same += fits(r) && (other.number("difference") > 0) == more ? 1 : 0;
  }
  const auto found = std::find_if(state_.variables.begin(), state_.variables.end(),
                                  [&](const Variable& v) { return v.key == text_of(variable); });
  const auto value = [&](const char* name) {
    return QString::number(shown(cells.number(name), found->key), 'f', found->decimals);
  };
  const QString middle =
      variable == "right_lesion" ? tr("share on the right %1 % against %2 %") : tr("median %1 against %2 %3");
  QString numbers = middle.arg(value("middle_left_out"), value("middle_kept"));
  if (variable != "right_lesion")
    numbers = numbers.arg(variable == "primary_score" ? QString() : found->unit).trimmed();
  state_.headline = tr("Regions leave more often in people with %1: %2 of %3 regions, most of all the %4 %5 (%6; %7 "
                       "left out, %8 kept; "
                       "odds per SD %9).")
                        .arg(who(variable, more))
                        .arg(same)
                        .arg(tested)
                        .arg(side_title(cells.word("side")).toLower(),
                             text_of(structure_title(cells.word("region"))).toLower(), numbers)
                        .arg(cells.count("n_left_out"))
                        .arg(cells.count("n_kept"))
                        .arg(cells.number("odds_ratio"), 0, 'f', 1);
}

void AuditModel::chooseVariable(int variable) {
  if (variable < 0 || variable >= static_cast<int>(state_.variables.size()) || variable == state_.variable) return;
  state_.variable = variable;
  readRows();
  emit changed();
}

void AuditModel::chooseRegion(int region) {
  if (region < 0 || region >= static_cast<int>(state_.regions.size()) || region == state_.region) return;
  state_.region = region;
  readCohorts();
  emit changed();
}

QString AuditModel::tsv(const QString& table) const {
  if (!result_) return {};
  const auto* found = table_of(*result_, table.toStdString());
  return found == nullptr ? QString() : text_of(table::to_delimited(*found, '\t'));
}

void AuditModel::exportTo(const QString& path, int figure) {
  if (!result_) return;
  const std::filesystem::path file = path.toStdString();
  const std::string ending = file.extension().string();
  struct Done {};
  context_.jobs.start<Done>(
      {.title = tr("Write %1").arg(QFileInfo(path).fileName()), .key = "qc.audit.export"},
      [result = result_, file, ending, figure](const Task&) -> Result<Done> {
        Result<std::string> bytes;
        if (ending == ".svg" || ending == ".pdf" || ending == ".png") {
          report::FigureOptions options;
          options.width_mm = kFigureWidth;
          options.format = ending == ".pdf"   ? report::Format::pdf
                           : ending == ".png" ? report::Format::png
                                              : report::Format::svg;
          bytes = report::draw_figure(result->figures.at(static_cast<std::size_t>(figure)), options);
        } else {
          bytes = table::to_delimited(*table_of(*result, "audit"), ending == ".csv" ? ',' : '\t');
        }
        if (!bytes) return tl::unexpected<Error>(bytes.error());
        if (auto ok = write_file(file, *bytes); !ok) return tl::unexpected<Error>(ok.error());
        return Done{};
      },
      this,
      [this, path](const Result<Done>& done) {
        emit exported(path, done ? QString() : text_of(to_line(done.error())));
      });
}

}  // namespace ipsi::ui
