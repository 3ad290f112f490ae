// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/raters_model.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <map>
#include <set>

#include "core/base/regions.h"
#include "core/ingest/assignment.h"
#include "core/ingest/blinding.h"
#include "core/ingest/rater_agreement.h"
#include "core/study/raters.h"
#include "core/study/rating_files.h"
#include "core/table/delimited.h"
#include "ui/viewmodels/rating_rules.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {

/// What the job works out. Names of people are plain here; what a blind rater may read is decided when it is shown.
struct RatersModel::Numbers {
  State part;
  ingest::AgreementReport report;
  std::vector<study::Disagreement> disputes;
  std::vector<study::RatingConflict> conflicts;
};

namespace {

const QString kJob = QStringLiteral("qc.raters");

QString when(const std::string& iso) {
  const auto time = QDateTime::fromString(text_of(iso), Qt::ISODateWithMs).toLocalTime();
  if (!time.isValid()) return {};
  const bool this_year = time.date().year() == QDate::currentDate().year();
  return QLocale::c().toString(time, this_year ? QStringLiteral("d MMM HH:mm") : QStringLiteral("d MMM yyyy HH:mm"));
}

QString flag_word(study::Flag flag) {
  switch (flag) {
    case study::Flag::ok: return RatersModel::tr("ok");
    case study::Flag::lesioned: return RatersModel::tr("lesioned");
    case study::Flag::failed: return RatersModel::tr("failed");
    case study::Flag::unrated: break;
  }
  return RatersModel::tr("unrated");
}

QString region_title(const std::string& key) {
  const Region* region = find_region(key);
  return text_of(region == nullptr ? std::string_view(key) : region->title);
}

RatersModel::Role role_of(std::string_view name) {
  switch (study::kind_of(name)) {
    case study::RaterKind::repeat: return RatersModel::Role::again;
    case study::RaterKind::adjudicator: return RatersModel::Role::adjudicator;
    case study::RaterKind::gold: return RatersModel::Role::gold;
    case study::RaterKind::rater: break;
  }
  return RatersModel::Role::rater;
}

std::vector<RatersModel::Rater> raters_in(const study::Snapshot& snapshot) {
  struct Count {
    RatersModel::Rater row;
    std::set<std::string_view> people;
    std::string_view last;
  };
  std::map<std::string_view, Count> counts;
  for (const auto& rating : snapshot.ratings) {
    if (rating.flag == study::Flag::unrated) continue;
    Count& count = counts[rating.rater];
    ++count.row.regions;
    ++(rating.flag == study::Flag::ok         ? count.row.ok
       : rating.flag == study::Flag::lesioned ? count.row.lesioned
                                              : count.row.failed);
    count.people.insert(rating.person);
    count.last = std::max(count.last, std::string_view(rating.time));
  }
  std::vector<RatersModel::Rater> out;
  for (auto& [name, count] : counts) {
    count.row.name = text_of(name);
    count.row.role = role_of(name);
    count.row.people = static_cast<int>(count.people.size());
    count.row.last = when(std::string(count.last));
    out.push_back(count.row);
  }
  // Raters proper first, a second look after its first.
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    const auto special = [](const auto& r) {
      return r.role == RatersModel::Role::gold || r.role == RatersModel::Role::adjudicator;
    };
    return special(a) < special(b);
  });
  return out;
}

RatersModel::Coefficient coefficient(const numeric::Coefficient& c) {
  return {c.value, c.cluster_low, c.cluster_high};
}

RatersModel::AgreementRow row_of(const QString& group, const QString& title, const numeric::Agreement& a,
                                 const std::vector<std::string>& categories) {
  return {group,
          title,
          a.items,
          a.clusters,
          a.single,
          coefficient(a.percent),
          coefficient(ingest::kappa_of(a)),
          coefficient(a.ac1),
          a.prevalence,
          text_of(ingest::note_of(a, categories))};
}

RatersModel::Comparison comparison_of(const QString& title, const ingest::AgreementPart& part,
                                      const std::vector<std::string>& categories) {
  RatersModel::Comparison out{title, !part.all.confusion.empty(), {}};
  out.rows.push_back(row_of({}, RatersModel::tr("All regions"), part.all, categories));
  for (const auto& [region, agreement] : part.regions)
    out.rows.push_back(row_of(RatersModel::tr("Regions"), region_title(region), agreement, categories));
  for (const auto& [cohort, agreement] : part.cohorts)
    out.rows.push_back(row_of(RatersModel::tr("Cohorts"),
                              cohort.empty() ? RatersModel::tr("no cohort") : text_of(cohort), agreement, categories));
  return out;
}

void add_agreement(RatersModel::State& out, const ingest::AgreementReport& report) {
  for (const auto& category : report.categories)
    out.categories << (category == "kept"       ? RatersModel::tr("kept")
                       : category == "left_out" ? RatersModel::tr("left out")
                                                : text_of(category));
  QStringList names;
  for (const auto& rater : report.raters) names << text_of(rater);
  if (names.size() > 2)
    out.comparisons.push_back(
        comparison_of(RatersModel::tr("Everyone: %1").arg(names.join(", ")), report.everyone, report.categories));
  for (const auto& pair : report.pairs)
    out.comparisons.push_back(comparison_of(RatersModel::tr("%1 and %2").arg(text_of(pair.a), text_of(pair.b)),
                                            pair.part, report.categories));
  for (const auto& pair : report.repeats)
    out.comparisons.push_back(
        comparison_of(RatersModel::tr("%1 with themselves (%2)").arg(text_of(pair.a), text_of(pair.b)), pair.part,
                      report.categories));
  for (const auto& pair : report.gold) {
    out.comparisons.push_back(comparison_of(RatersModel::tr("%1 against the gold answers").arg(text_of(pair.b)),
                                            pair.part, report.categories));
    const auto s = ingest::score_of(pair.part.all);
    out.scores.push_back(
        {text_of(pair.b), s.n, s.correct, s.to_leave, s.found, s.to_keep, s.kept, s.share, s.low, s.high});
  }
}

Result<void> add_assignment(RatersModel::State& out, const study::Snapshot& snapshot) {
  const auto stored = ingest::assignment_of(snapshot);
  if (!stored) return tl::unexpected<Error>(stored.error());
  out.assigned = stored->has_value();
  if (!out.assigned) {
    for (const auto& rater : study::raters_of(snapshot)) out.plan.raters << text_of(rater);
    return {};
  }
  const ingest::Assignment& a = **stored;
  out.plan = {{}, a.plan.sharing == ingest::Sharing::split, a.plan.overlap, a.plan.repeats, a.plan.seed};
  for (const auto& rater : a.plan.raters) out.plan.raters << text_of(rater);
  for (const auto& p : ingest::progress(a, snapshot))
    out.shares.push_back({text_of(p.rater), p.people, p.done, p.begun, p.again, p.again_done});
  for (const auto& [person, looks] : a.looks)
    out.shared +=
        std::count_if(looks.begin(), looks.end(), [](const auto& look) { return study::look_of(look).number == 1; }) > 1
            ? 1
            : 0;
  return {};
}

void add_rules(RatersModel::State& out, const study::Snapshot& snapshot) {
  const auto now = study::options_of(snapshot);
  out.rule = text_of(study::rule_text(now));
  auto consensus = now;
  consensus.rule = study::RatingRule::consensus;
  consensus.rater.clear();
  QStringList keys = rulesOf(snapshot);
  if (!keys.contains(out.rule)) keys << out.rule;  // a rater whose flags have all gone, or gold
  for (const QString& key : keys) {
    RatersModel::Rule rule{key, ruleWords(key), ruleHelp(key), key == out.rule};
    rule.title[0] = rule.title[0].toUpper();
    if (const auto options = study::with_rule(now, key.toStdString(), snapshot)) {
      const auto e = study::rule_effect(snapshot, *options, consensus);
      rule.decided = e.decided, rule.left_out = e.left_out, rule.differ = e.differ;
      rule.taken_in = e.taken_in, rule.taken_out = e.taken_out;
    }
    out.rules.push_back(std::move(rule));
  }
}

}  // namespace

RatersModel::RatersModel(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.session, &StudySession::opened, this, [this] {
    numbers_.reset();
    state_ = {};
    refresh();
  });
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything || !change.ratings.empty()) refresh();
  });
  connect(&context.session, &StudySession::stateChanged, this, [this] {
    const QString before = state_.me;
    readSmall();
    if (before != state_.me) emit changed();
  });
  readSmall();
}

RatersModel::~RatersModel() = default;

void RatersModel::setShown(bool shown) {
  shown_ = shown;
  if (shown_ && stale_) refresh();
}

void RatersModel::retry() {
  refresh();
}

/// What needs no job: who rates here, and what that rater may see.
void RatersModel::readSmall() {
  const auto snapshot = context_.session.snapshot();
  state_.open = context_.session.isOpen();
  state_.read_only = context_.session.readOnly();
  state_.me = context_.session.rater();
  state_.blind = ingest::is_blind(*snapshot);
  state_.me_blind = ingest::blinding(*snapshot, state_.me.toStdString()).on;
  for (Rater& rater : state_.raters) rater.me = rater.name == state_.me;
}

void RatersModel::refresh() {
  stale_ = true;
  readSmall();
  if (!shown_ || !state_.open) {
    emit changed();
    return;
  }
  stale_ = false;
  state_.working = true;
  using Made = std::shared_ptr<const Numbers>;
  context_.jobs.start<Made>(
      {.title = tr("Compare raters"), .key = kJob, .quiet = true},
      [snapshot = context_.session.snapshot(), kept = state_.kept](const Task& task) -> Result<Made> {
        auto out = std::make_shared<Numbers>();
        out->part.raters = raters_in(*snapshot);
        out->part.patients = static_cast<int>(std::count_if(snapshot->people.begin(), snapshot->people.end(),
                                                            [](const auto& p) { return p.group == "patient"; }));
        if (auto ok = add_assignment(out->part, *snapshot); !ok) return tl::unexpected<Error>(ok.error());
        const auto gold = ingest::calibration_of(*snapshot);
        out->part.calibration = static_cast<int>(gold.size());
        out->part.answered = static_cast<int>(std::count_if(
            gold.begin(), gold.end(), [](const auto& g) { return g.second >= static_cast<int>(kRegions.size()); }));
        if (task.cancelled()) return ipsi::fail(Code::Cancelled, "stopped");
        out->report = ingest::rater_agreement(
            *snapshot, {.categories = kept ? ingest::Categories::kept : ingest::Categories::flags});
        add_agreement(out->part, out->report);
        if (task.cancelled()) return ipsi::fail(Code::Cancelled, "stopped");
        add_rules(out->part, *snapshot);
        out->disputes = study::disagreements(*snapshot);
        out->conflicts = study::rating_conflicts(*snapshot);
        return Made(out);
      },
      this,
      [this](const Result<Made>& made) {
        if (!made && made.error().code == Code::Cancelled) return;
        state_.working = false;
        state_.what = state_.where = state_.mend = {};
        if (made) {
          take(*made);
        } else {
          state_.what = text_of(made.error().what);
          state_.where = text_of(made.error().where);
          state_.mend = text_of(made.error().mend);
        }
        emit changed();
      });
  emit changed();
}

void RatersModel::take(std::shared_ptr<const Numbers> numbers) {
  numbers_ = std::move(numbers);
  const State before = std::move(state_);
  state_ = numbers_->part;
  state_.plan_problem = before.plan_problem;
  state_.kept = before.kept;
  state_.show_flags = before.show_flags;
  const QString title = before.comparison < static_cast<int>(before.comparisons.size())
                            ? before.comparisons[static_cast<std::size_t>(before.comparison)].title
                            : QString();
  const auto same = std::find_if(state_.comparisons.begin(), state_.comparisons.end(),
                                 [&](const Comparison& c) { return c.title == title; });
  state_.comparison = same == state_.comparisons.end() ? 0 : static_cast<int>(same - state_.comparisons.begin());
  state_.first_looks = static_cast<int>(
      std::count_if(state_.raters.begin(), state_.raters.end(), [](const Rater& r) { return r.role == Role::rater; }));
  readSmall();
  const auto snapshot = context_.session.snapshot();
  const auto blind = ingest::blinding(*snapshot, state_.me.toStdString());
  for (const auto& [rater, time] : ingest::unblinded(*snapshot))
    for (Rater& row : state_.raters)
      if (study::look_of(row.name.toStdString()).name == rater) row.lifted = when(time);
  const auto shown_as = [&](const std::string& person) {
    return text_of(blind.on ? ingest::coded_name(blind.seed, person, 1) : person);
  };
  for (const auto& d : numbers_->disputes) {
    Dispute row{shown_as(d.person), text_of(d.person), text_of(d.region), region_title(d.region), {}, {}, d.matters};
    const bool open = d.adjudicated == study::Flag::unrated;
    if (!open) row.adjudicated = flag_word(d.adjudicated);
    QStringList flags;
    for (const auto& [rater, flag] : d.flags) flags << text_of(rater) + ' ' + flag_word(flag);
    if (!open || (state_.show_flags && !blind.on)) row.flags = flags.join(", ");
    state_.open_disputes += open ? 1 : 0;
    state_.open_matter += open && d.matters ? 1 : 0;
    state_.disputes.push_back(std::move(row));
  }
  for (const auto& [counts, other] : numbers_->conflicts)
    state_.conflicts.push_back({shown_as(counts.person), region_title(counts.region), text_of(counts.rater),
                                flag_word(counts.flag), when(counts.time), flag_word(other.flag), when(other.time)});
}

// ---- acts ----------------------------------------------------------------------------------------------------------

bool RatersModel::write(study::Request request, const QString& done) {
  if (!context_.session.apply(std::move(request))) return false;
  if (!done.isEmpty()) context_.shell.toast(done, tr("Undo"), {}, [this] { context_.session.undo(); });
  return true;
}

void RatersModel::setRater(const QString& name) {
  const QString plain = name.trimmed();
  if (plain.isEmpty() || plain == state_.me) return;
  context_.settings.setRater(plain);
  context_.session.setRater(plain);
  refresh();
}

QString RatersModel::meaningOf(const QString& name) {
  switch (role_of(name.trimmed().toStdString())) {
    case Role::gold: return tr("gold: the right answers of a calibration set, never used by models");
    case Role::adjudicator: return tr("consensus: what is decided where raters disagree");
    case Role::again: {
      const auto look = study::look_of(name.trimmed().toStdString());
      return tr("second look of %1: agreement with oneself, never used by models").arg(text_of(look.name));
    }
    case Role::rater: break;
  }
  return {};
}

void RatersModel::setBlind(bool on) {
  (void)write(ingest::set_blind(*context_.session.snapshot(), on ? ingest::Blind::on : ingest::Blind::off,
                                state_.me.toStdString()),
              on ? tr("The study is rated blind") : tr("Raters see who is rated; the log says who decided so"));
}

void RatersModel::setMeBlind(bool on) {
  auto request = ingest::set_blind(*context_.session.snapshot(), on ? ingest::Blind::on : ingest::Blind::off,
                                   state_.me.toStdString(), state_.me.toStdString(), study::now_utc());
  if (request)
    (void)write(std::move(*request), on ? tr("You rate blind") : tr("You see who is rated; the log says so"));
}

bool RatersModel::assign(const Plan& wanted) {
  ingest::AssignmentPlan plan{
      {}, wanted.split ? ingest::Sharing::split : ingest::Sharing::all, wanted.overlap, wanted.repeats, wanted.seed};
  for (const QString& rater : wanted.raters)
    if (!rater.trimmed().isEmpty()) plan.raters.push_back(rater.trimmed().toStdString());
  const auto snapshot = context_.session.snapshot();
  const auto stored = ingest::assignment_of(*snapshot);
  const auto ok = ingest::check(plan);
  state_.plan_problem = ok ? QString() : text_of(to_line(ok.error()));
  if (!ok) {
    emit changed();
    return false;
  }
  const bool same = stored && *stored && (*stored)->plan == plan;  // newcomers are dealt, nobody else is moved
  const auto made = same ? **stored : ingest::assign(plan, snapshot->people);
  study::Request request{.author = state_.me.toStdString(), .kind = "setting", .summary = "", .changes = {}};
  QStringList names;
  for (const auto& rater : plan.raters) names << text_of(rater);
  const QString done = tr("%1 people assigned to %2").arg(made.looks.size()).arg(names.join(", "));
  request.summary = done.toStdString();
  for (auto& setting : ingest::to_settings(made)) request.put(std::move(setting));
  return write(std::move(request), done);
}

void RatersModel::chooseCalibration(int people) {
  const auto snapshot = context_.session.snapshot();
  const auto chosen = ingest::choose_calibration(*snapshot, people, state_.plan.seed);
  study::Request request{.author = state_.me.toStdString(), .kind = "setting", .summary = "", .changes = {}};
  const QString done = tr("%n people chosen for gold answers", nullptr, static_cast<int>(chosen.size()));
  request.summary = done.toStdString();
  request.put(ingest::calibration_setting(chosen));
  if (write(std::move(request), done)) refresh();
}

void RatersModel::queueCalibration() {
  QStringList ids;
  for (const auto& [id, regions] : ingest::calibration_of(*context_.session.snapshot())) ids << text_of(id);
  context_.session.setChosen(ids);
  emit queueWanted();
}

void RatersModel::setKept(bool kept) {
  if (kept == state_.kept) return;
  state_.kept = kept;
  refresh();
}

void RatersModel::compare(int comparison) {
  if (comparison < 0 || comparison >= static_cast<int>(state_.comparisons.size())) return;
  state_.comparison = comparison;
  emit changed();
}

void RatersModel::setShowFlags(bool shown) {
  if (shown == state_.show_flags) return;
  state_.show_flags = shown;
  if (numbers_) take(numbers_);
  emit changed();
}

void RatersModel::settle(int conflict, bool older) {
  if (!numbers_ || conflict < 0 || conflict >= static_cast<int>(numbers_->conflicts.size())) return;
  const auto word = older ? study::Keep::older : study::Keep::newer;
  auto request =
      study::settle_conflict(numbers_->conflicts[static_cast<std::size_t>(conflict)], word, state_.me.toStdString());
  const QString done = text_of(request.summary);
  (void)write(std::move(request), done);
}

bool RatersModel::setRule(const QString& rule) {
  const auto before = context_.session.options();
  const auto options = study::with_rule(before, rule.toStdString(), *context_.session.snapshot());
  if (!options) {
    context_.shell.tellError(text_of(options.error().what), text_of(options.error().where),
                             text_of(options.error().mend));
    return false;
  }
  study::Request request{.author = state_.me.toStdString(), .kind = "setting", .summary = "", .changes = {}};
  request.summary =
      fmt::format("rule for several raters: {} -> {}", study::rule_text(before), study::rule_text(*options));
  for (auto& setting : study::rule_settings(*options)) request.put(std::move(setting));
  return write(std::move(request), tr("Models use: %1").arg(ruleWords(rule)));
}

QString RatersModel::reliability() const {
  if (!numbers_) return {};
  const auto made = ingest::reliability_table(numbers_->report);
  return made ? text_of(table::to_delimited(*made, '\t')) : QString();
}

}  // namespace ipsi::ui
