// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/import_model.h"

#include <QFileInfo>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/ingest/behaviour.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace fs = std::filesystem;
namespace {

constexpr const char* kJob = "study.import";
constexpr std::size_t kAskedOneByOne = 3;  // duplicates; more of them get one question for all

QString number(long long n) {
  return QLocale::c().toString(n);
}

struct Kind {
  const char* key;
  fs::path ingest::Sources::*path;
};
constexpr std::array<Kind, 6> kKinds{{{"volumes", &ingest::Sources::volumes},
                                      {"participants", &ingest::Sources::participants},
                                      {"qc", &ingest::Sources::qc},
                                      {"freesurfer", &ingest::Sources::freesurfer},
                                      {"bids", &ingest::Sources::bids},
                                      {"lesions", &ingest::Sources::lesions}}};

QString source_word(const QString& kind) {
  if (kind == "volumes") return ImportModel::tr("volumes");
  if (kind == "participants") return ImportModel::tr("participants");
  if (kind == "qc") return ImportModel::tr("quality sheet");
  if (kind == "freesurfer") return ImportModel::tr("FreeSurfer");
  if (kind == "bids") return ImportModel::tr("BIDS");
  if (kind == "lesions") return ImportModel::tr("lesion masks");
  return ImportModel::tr("study");
}

}  // namespace

ImportModel::ImportModel(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.session, &StudySession::opened, this, &ImportModel::cancel);
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything && (state_.stage == Stage::planned || state_.stage == Stage::running)) start();
  });
  connect(&context.jobs, &Jobs::changed, this, [this] {
    if (state_.stage != Stage::running) return;
    for (const auto& job : context_.jobs.list())
      if (job.id == job_) {
        state_.fraction = job.fraction;
        state_.step = job.what;
        if (job.seconds_left >= 1)
          state_.step += (job.what.isEmpty() ? "" : ", ") + tr("%1 s left").arg(std::lround(job.seconds_left));
        emit changed();
      }
  });
}

// ---- sources and answers -------------------------------------------------------------------------------------------

void ImportModel::add(const std::vector<Shell::Offer>& offers) {
  bool any = false;
  for (const auto& offer : offers)
    for (const auto& kind : kKinds)
      if (offer.kind == kind.key) {
        sources_.*(kind.path) = fs::path(offer.path.toStdString());
        if (offer.kind == "volumes" || offer.kind == "participants") sources_.skip_lines.clear();
        any = true;
      }
  if (any) start();
}

void ImportModel::remove(const QString& kind) {
  for (const auto& known : kKinds)
    if (kind == known.key) (sources_.*(known.path)).clear();
  const bool none =
      std::all_of(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return (sources_.*(k.path)).empty(); });
  if (none)
    cancel();
  else
    start();
}

void ImportModel::rerun() {
  if (active()) start();
}

ingest::Sources ImportModel::wanted() const {
  ingest::Sources sources = sources_;
  sources.study_dir = context_.session.path().parent_path();
  sources.rater = context_.session.rater().toStdString();
  return sources;
}

void ImportModel::start() {
  if (!context_.session.isOpen()) return;
  state_.stage = Stage::running;
  state_.fraction = 0;
  state_.step.clear();
  state_.error = {};
  state_.sources.clear();
  for (const auto& kind : kKinds) {
    const fs::path& path = sources_.*(kind.path);
    if (path.empty()) continue;
    const QFileInfo info(QString::fromStdString(path.lexically_normal().string()));
    state_.sources.push_back({kind.key, info.filePath(), info.fileName().isEmpty() ? info.filePath() : info.fileName(),
                              source_word(kind.key), tr("reading")});
  }
  const auto snapshot = context_.session.snapshot();
  const auto sources = wanted();
  job_ = context_.jobs.start<DryRun>(
      {.title = tr("Dry run of the import"), .key = kJob, .lane = Jobs::Lane::normal, .quiet = false},
      [snapshot, sources](const Task& task) { return dry_run(sources, *snapshot, task); }, this,
      [this](Result<DryRun> run) { take(std::move(run)); });
  emit changed();
}

void ImportModel::take(Result<DryRun> run) {
  if (!run) {
    if (run.error().code == Code::Cancelled) {
      if (state_.stage == Stage::running) state_.stage = Stage::stopped;
      for (auto& source : state_.sources) source.badge = tr("not read");
      emit changed();
      return;
    }
    fail(run.error());
    return;
  }
  run_ = std::make_shared<const DryRun>(std::move(*run));
  state_.stage = Stage::planned;
  fill();
  emit changed();
}

void ImportModel::fail(const Error& error) {
  context_.jobs.dismiss(job_);  // it is told here, in its place
  run_.reset();
  state_.stage = Stage::failed;
  state_.error = {text_of(error.what), text_of(error.where), text_of(error.mend)};
  for (auto& source : state_.sources) source.badge = tr("not read");
  state_.problems.clear(), state_.shown.clear(), state_.counts.clear(), state_.columns.clear();
  state_.questions.clear();
  state_.current = -1;
  state_.excerpt = {};
  ++state_.version;
  state_.can_import = false;
  emit changed();
}

void ImportModel::stop() {
  if (state_.stage == Stage::running) context_.jobs.cancel(job_);
}

void ImportModel::cancel() {
  context_.jobs.cancelKey(kJob);
  sources_ = {};
  run_.reset();
  const int version = state_.version;
  state_ = {};
  state_.version = version + 1;
  emit changed();
}

// ---- the report ----------------------------------------------------------------------------------------------------

void ImportModel::fill() {
  const auto& plan = run_->plan;
  for (auto& source : state_.sources) {
    const std::string name = source.name.toStdString();
    source.badge = tr("dry run");
    if (const auto sheet = run_->sheets.find(name); sheet != run_->sheets.end())
      source.detail =
          tr("%1 lines, %2 columns").arg(run_->lines.at(name)).arg(static_cast<int>(sheet->second.header.size()));
    else if (const auto found = plan.matched_by_source.find(source.kind.toStdString());
             found != plan.matched_by_source.end())
      source.detail = tr("%1: %2 people").arg(source_word(source.kind), number(found->second));
  }
  state_.counts.clear();
  QStringList matched;
  for (const auto& id : plan.matched_ids) matched << text_of(id);
  state_.counts.push_back({"matched", tr("matched"), plan.matched, false, matched});
  for (const auto& u : plan.unmatched) {
    QStringList ids;
    for (const auto& id : u.ids) ids << text_of(id);
    const QString present = text_of(u.present), absent = text_of(u.absent);
    const QString label = absent == "participants" || absent == "volumes" || present == "volumes"
                              ? tr("only in %1").arg(source_word(present))
                              : tr("in %1, not in %2").arg(source_word(present), source_word(absent));
    state_.counts.push_back({"in:" + present + ":" + absent, label, static_cast<long long>(u.ids.size()), false, ids});
  }
  if (!plan.duplicates.empty()) {
    QStringList ids;
    for (const auto& d : plan.duplicates) ids << text_of(d);
    state_.counts.push_back(
        {"duplicates", tr("duplicate ids, blocked"), static_cast<long long>(plan.duplicates.size()), true, ids});
  }
  if (!plan.skipped.empty()) {
    QStringList ids;
    for (const auto& [name, reason] : plan.skipped) ids << tr("%1 (%2)").arg(text_of(name), text_of(reason));
    state_.counts.push_back({"skipped", tr("skipped"), static_cast<long long>(plan.skipped.size()), false, ids});
  }
  state_.problems = problem_rows(*run_);
  ++state_.version;
  state_.columns = column_rows(*run_);
  state_.understood = static_cast<int>(
      std::count_if(plan.columns.begin(), plan.columns.end(), [](const auto& use) { return !use.as.empty(); }));
  state_.opened_count.clear();
  QStringList rows;
  for (const auto& [name, n] : plan.counts)
    if (n > 0 && name != "settings") rows << QString("%1 %2").arg(number(n), text_of(name));
  state_.rows_text = rows.join(", ");
  const bool read_only = context_.session.readOnly();
  state_.can_import = !plan.blocked() && plan.importable > 0 && !read_only;
  state_.import_text = tr("Import %1 of %2").arg(number(plan.blocked() ? 0 : plan.importable), number(plan.people));
  const long long blocks = plan.count(ingest::Severity::blocks);
  state_.blocked_why = read_only              ? tr("The study is read-only: %1.").arg(context_.session.readOnlyReason())
                       : plan.blocked()       ? blocks == 1 ? tr("1 problem blocks the import.")
                                                            : tr("%1 problems block the import.").arg(blocks)
                             : plan.importable == 0 ? tr("Nobody could be imported.")
                                              : QString();
  ask();
  showFilter();
}

void ImportModel::showFilter() {
  const auto counts = [](const ProblemRow& row, Filter filter) {
    switch (filter) {
      case Filter::all: return true;
      case Filter::check: return row.state == ProblemState::check;
      case Filter::bad: return row.state == ProblemState::blocked || row.state == ProblemState::error;
    }
    return true;
  };
  state_.shown.clear();
  state_.filter_counts = {};
  for (std::size_t i = 0; i < state_.problems.size(); ++i) {
    for (int f = 0; f < 3; ++f)
      state_.filter_counts[static_cast<std::size_t>(f)] += counts(state_.problems[i], static_cast<Filter>(f)) ? 1 : 0;
    if (counts(state_.problems[i], state_.filter)) state_.shown.push_back(static_cast<int>(i));
  }
  const bool kept = std::find(state_.shown.begin(), state_.shown.end(), state_.current) != state_.shown.end();
  if (!kept) {  // the first of the worst
    const auto state_at = [&](int i) { return state_.problems[static_cast<std::size_t>(i)].state; };
    const auto worst = std::max_element(state_.shown.begin(), state_.shown.end(),
                                        [&](int a, int b) { return state_at(a) < state_at(b); });
    state_.current = worst == state_.shown.end() ? -1 : *worst;
  }
  state_.excerpt = state_.current < 0 || !run_
                       ? Excerpt()
                       : excerpt_of(*run_, state_.problems[static_cast<std::size_t>(state_.current)]);
}

void ImportModel::setFilter(Filter filter) {
  state_.filter = filter;
  showFilter();
  emit changed();
}

void ImportModel::choose(int problem) {
  if (!run_ || problem < 0 || problem >= static_cast<int>(state_.problems.size())) return;
  state_.current = problem;
  state_.opened_count.clear();
  state_.excerpt = excerpt_of(*run_, state_.problems[static_cast<std::size_t>(problem)]);
  emit changed();
}

void ImportModel::step(int by) {
  const auto at = std::find(state_.shown.begin(), state_.shown.end(), state_.current);
  if (state_.shown.empty()) return;
  const auto now = at == state_.shown.end() ? 0 : at - state_.shown.begin();
  const auto last = static_cast<std::ptrdiff_t>(state_.shown.size()) - 1;
  choose(state_.shown[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(now + by, 0, last))]);
}

void ImportModel::openCount(const QString& key) {
  state_.opened_count = state_.opened_count == key ? QString() : key;
  emit changed();
}

// ---- questions -----------------------------------------------------------------------------------------------------

void ImportModel::ask() {
  state_.questions.clear();
  const auto& plan = run_->plan;
  for (const auto& use : plan.columns) {
    if (use.as != "sex") continue;
    const auto sheet = run_->sheets.find(use.file);
    if (sheet == run_->sheets.end()) continue;
    const int at = sheet->second.find(use.column);
    std::map<std::string, int> levels;
    for (const auto& row : sheet->second.rows)
      if (at >= 0 && sheet->second.number(row.cells[static_cast<std::size_t>(at)]))
        ++levels[row.cells[static_cast<std::size_t>(at)]];
    if (levels.empty()) continue;
    const auto meaning = [&](const std::string& level) -> std::string {
      const auto found = sources_.sex_levels.find(to_lower(level));
      return found == sources_.sex_levels.end() ? "" : found->second;
    };
    Question female{"sex.female", tr("Sex: which level is female?"), tr("It is never guessed."), {}};
    Question male{"sex.male", tr("Sex: which level is male?"), tr("Other levels become missing."), {}};
    bool female_known = false;
    for (const auto& [level, n] : levels) {
      const QString words = tr("%1, %2 people").arg(text_of(level), number(n));
      const bool is_female = meaning(level) == "female";
      female_known = female_known || is_female;
      female.answers.push_back({words, text_of(level), is_female});
      if (!is_female) male.answers.push_back({words, text_of(level), meaning(level) == "male"});
    }
    if (levels.size() == 1)
      female.answers.push_back({tr("none, all are male"), "-", meaning(levels.begin()->first) == "male"});
    state_.questions.push_back(female);
    if (female_known && levels.size() > 2) state_.questions.push_back(male);
  }
  askDuplicates();
  if (!plan.joins.empty()) {
    QStringList some;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, plan.joins.size()); ++i)
      some << tr("%1 is %2").arg(text_of(plan.joins[i].from), text_of(plan.joins[i].to));
    const auto n = static_cast<int>(plan.joins.size());
    state_.questions.push_back(
        {"join",
         n == 1 ? tr("1 id nearly matches. Join it?") : tr("%1 ids nearly match. Join them?").arg(n),
         some.join("; ") + (n > 3 ? tr("; ..") : QString()),
         {{tr("Join"), "yes", sources_.join}, {tr("Leave out"), "no", !sources_.join}}});
  }
  const auto has = [&](const char* trap) {
    return std::any_of(plan.problems.begin(), plan.problems.end(), [&](const auto& p) { return p.trap == trap; });
  };
  if (has("unable_code")) {
    const bool worst = sources_.unable == ingest::Unable::worst;
    state_.questions.push_back({"unable",
                                tr("Codes for \"unable to do the test\": what are they?"),
                                tr("999, -99, NT and the like."),
                                {{tr("No score"), "missing", !worst}, {tr("The worst score"), "worst", worst}}});
  }
  askScales();
}

void ImportModel::askDuplicates() {
  std::vector<const ingest::Problem*> pairs;
  for (const auto& p : run_->plan.problems)
    if (p.trap == "duplicate_id" && p.other_line > 0) pairs.push_back(&p);
  if (pairs.size() > kAskedOneByOne) {
    state_.questions.push_back({"duplicates",
                                tr("%1 ids stand twice. Which line counts?").arg(pairs.size()),
                                tr("The other line is left out."),
                                {{tr("The first of each"), "first"}, {tr("The last of each"), "last"}}});
    return;
  }
  for (const auto* p : pairs) {
    const QString lines = QString("%1|%2|%3").arg(text_of(p->file)).arg(p->other_line).arg(p->line);
    state_.questions.push_back(
        {"duplicate:" + lines,
         tr("%1 stands twice. Which line counts?").arg(text_of(p->subject)),
         text_of(p->file),
         {{tr("Line %1").arg(p->other_line), "first"}, {tr("Line %1").arg(p->line), "last"}, {tr("Neither"), "none"}}});
  }
}

void ImportModel::askScales() {
  std::set<std::string> asked;
  for (const auto& p : run_->plan.problems) {
    if (p.trap != "alternative_maximum") continue;
    const auto measure = ingest::measure_of_column(p.column);
    if (measure) asked.insert(measure->test);
  }
  for (const auto& [test, max] : sources_.maxima) asked.insert(test);
  for (const auto& test : asked)
    for (const auto& measure : ingest::measures()) {
      if (measure.test != test || measure.other_max == 0) continue;
      const auto given = sources_.maxima.find(test);
      Question q{
          "max:" + text_of(test), tr("%1: which maximum was used?").arg(text_of(test)), text_of(measure.note), {}};
      for (const double max : {measure.max, measure.other_max})
        q.answers.push_back(
            {tr("0 to %1").arg(max), QString::number(max), given != sources_.maxima.end() && given->second == max});
      state_.questions.push_back(q);
      break;
    }
}

void ImportModel::answer(const QString& question, const QString& value) {
  if (!run_) return;
  if (question == "sex.female" || question == "sex.male") {
    const std::string word = question.mid(4).toStdString(), other = word == "female" ? "male" : "female";
    for (const auto& q : state_.questions) {
      if (q.id != question) continue;
      const bool two = q.answers.size() <= 2;
      for (const auto& a : q.answers)
        if (a.value != "-")
          sources_.sex_levels[to_lower(a.value.toStdString())] = a.value == value      ? word
                                                                 : two || value == "-" ? other
                                                                                       : "";
    }
  } else if (question == "join") {
    sources_.join = value == "yes";
  } else if (question == "unable") {
    sources_.unable = value == "worst" ? ingest::Unable::worst : ingest::Unable::missing;
  } else if (question.startsWith("max:")) {
    sources_.maxima[question.mid(4).toStdString()] = value.toDouble();
  } else if (question.startsWith("duplicate")) {
    const bool all = question == "duplicates";
    for (const auto& p : run_->plan.problems) {
      if (p.trap != "duplicate_id" || p.other_line <= 0) continue;
      if (!all && question != QString("duplicate:%1|%2|%3").arg(text_of(p.file)).arg(p.other_line).arg(p.line))
        continue;
      if (value != "first") sources_.skip_lines.insert({p.file, p.other_line});
      if (value != "last") sources_.skip_lines.insert({p.file, p.line});
    }
  } else {
    return;
  }
  start();
}

// ---- writing -------------------------------------------------------------------------------------------------------

bool ImportModel::import() {
  if (state_.stage != Stage::planned || !run_) return false;
  auto request = ingest::to_request(run_->plan, context_.session.rater().toStdString());
  if (!request) {
    state_.error = {text_of(request.error().what), text_of(request.error().where), text_of(request.error().mend)};
    emit changed();
    return false;
  }
  const QString done = tr("Imported %1 of %2 people").arg(number(run_->plan.importable), number(run_->plan.people));
  state_.stage = Stage::importing;
  if (!context_.session.apply(std::move(*request))) {
    state_.stage = Stage::planned;
    const auto why = context_.session.lastError();
    state_.error = why;
    emit changed();
    return false;
  }
  cancel();
  auto* session = &context_.session;
  context_.shell.toast(done, tr("Undo"), {}, [session] { session->undo({"import"}); });
  emit imported();
  return true;
}

bool ImportModel::exportProblems(const QString& path) {
  if (!run_) return false;
  const bool json = path.endsWith(".json", Qt::CaseInsensitive);
  std::string content = json ? ingest::to_json(run_->plan).dump(2) + "\n" : problems_csv(state_.problems);
  const auto written = write_file(path.toStdString(), content);
  if (!written) {
    context_.shell.tellError(text_of(written.error().what), text_of(written.error().where),
                             text_of(written.error().mend));
    return false;
  }
  context_.shell.toast(tr("%1 written").arg(QFileInfo(path).fileName()));
  return true;
}

}  // namespace ipsi::ui
