// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/study_model.h"

#include <QLocale>
#include <algorithm>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/ingest/flow.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

QString number(long long n) {
  return QLocale::c().toString(n);
}

}  // namespace

StudyModel::StudyModel(Context& context, QObject* parent) : QObject(parent), context_(context) {
  connect(&context.session, &StudySession::opened, this, [this] {
    state_ = {};
    rebuild();
  });
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if (change.everything) rebuild();
  });
  connect(&context.session, &StudySession::stateChanged, this, [this] {
    if (state_.read_only == context_.session.readOnly()) return;
    state_.read_only = context_.session.readOnly();
    state_.read_only_why = context_.session.readOnlyReason();
    emit changed();
  });
  rebuild();
}

void StudyModel::rebuild() {
  const auto& session = context_.session;
  const auto snapshot = session.snapshot();
  state_.open = session.isOpen();
  state_.read_only = session.readOnly();
  state_.read_only_why = session.readOnlyReason();
  state_.empty = snapshot->people.empty();
  const std::string synthetic = snapshot->setting("synthetic");
  state_.synthetic = !synthetic.empty() && synthetic != "no" && synthetic != "false";
  findSources();
  state_.health = state_.empty ? std::vector<ingest::HealthCheck>() : ingest::health_of(*snapshot);
  state_.concerns = static_cast<int>(std::count_if(state_.health.begin(), state_.health.end(),
                                                   [](const auto& check) { return !check.people.empty(); }));
  steps_ = state_.empty             ? std::vector<study::FlowStep>()
           : snapshot->flow.empty() ? study::count_flow(*snapshot)
                                    : snapshot->flow;
  state_.flow.clear();
  for (const auto& step : steps_) state_.flow.push_back({text_of(step.label), text_of(step.detail), step.n, step.out});
  scales_ = ingest::scales_of(*snapshot);
  state_.scales.clear();
  for (const auto& s : scales_) {
    Scale row;
    row.test = text_of(s.test), row.unit = text_of(s.unit), row.note = text_of(s.note);
    row.min = text_of(format_double(s.min));
    row.max = s.ratio() ? tr("open") : text_of(format_double(s.max));
    row.direction = s.better == ingest::Better::high ? tr("high is better") : tr("low is better");
    row.n = s.n, row.people = s.people;
    row.out_of_range = static_cast<long long>(s.out_of_range.size());
    row.without = s.n - s.fractions;
    row.range = s.lowest == s.lowest
                    ? tr("%1 to %2").arg(text_of(format_double(s.lowest)), text_of(format_double(s.highest)))
                    : tr("none");
    row.cohorts = number(static_cast<long long>(s.cohorts.size()));
    row.editable = !s.ratio();
    row.max_value = s.max, row.high = s.better == ingest::Better::high;
    state_.scales.push_back(std::move(row));
  }
  if (state_.scale >= static_cast<int>(scales_.size()) || state_.scale < 0) state_.scale = scales_.empty() ? -1 : 0;
  emit changed();
}

void StudyModel::findSources() {
  const auto snapshot = context_.session.snapshot();
  state_.sources.clear();
  std::map<std::string, std::set<std::string>> people;  // source -> people
  for (const auto& m : snapshot->measurements)
    people[m.region == "lesion" ? "lesion_" + m.source : m.source].insert(m.person);
  std::set<std::string> scored, imaged, lesions;
  for (const auto& score : snapshot->scores) scored.insert(score.person);
  for (const auto& scan : snapshot->scans) {
    if (scan.kind == "lesion") lesions.insert(scan.person);
    if (scan.kind == "labels" || scan.kind == "t1" || scan.kind == "brain") imaged.insert(scan.person);
  }
  QStringList tables;
  constexpr std::string_view kLayout = "import.layout.";
  for (const auto& setting : snapshot->settings)
    if (setting.key.starts_with(kLayout)) tables << text_of(setting.key.substr(kLayout.size()));
  const auto add = [&](const QString& title, const QString& detail, const char* icon, std::size_t n) {
    if (n > 0) state_.sources.push_back({title, detail, icon, number(static_cast<long long>(n))});
  };
  if (!tables.isEmpty())
    for (const QString& name : tables) state_.sources.push_back({name, {}, "table", tr("table")});
  add(tr("People"), {}, "explore", snapshot->people.size());
  add(tr("Scores"), {}, "model", scored.size());
  add(tr("Volumes of the table"), {}, "table", people["enigma_csv"].size());
  add(tr("Volumes of aseg.stats"), {}, "study", people["aseg_stats"].size());
  add(tr("Volumes counted in labels"), {}, "fill", people["label_count"].size());
  add(tr("Images"), {}, "qc", imaged.size());
  add(tr("Lesion masks"), {}, "lesion", lesions.size());
}

StudyModel::People StudyModel::leaving(int step) const {
  if (step < 0 || step >= static_cast<int>(steps_.size())) return {};
  return ingest::leaving(*context_.session.snapshot(), steps_[static_cast<std::size_t>(step)]);
}

StudyModel::People StudyModel::reaching(int step) const {
  std::set<std::string> gone;
  People out;
  for (int i = 0; i < step && i < static_cast<int>(steps_.size()); ++i)
    for (const auto& [id, why] : leaving(i)) gone.insert(id);
  for (const auto& person : context_.session.snapshot()->people)
    if (gone.count(person.id) == 0) out.emplace_back(person.id, "");
  for (int i = step; i < static_cast<int>(steps_.size()); ++i)  // ids that never became people
    for (const auto& [id, why] : leaving(i)) {
      const bool known =
          std::any_of(out.begin(), out.end(), [&, &name = id](const auto& p) { return p.first == name; });
      if (!known) out.emplace_back(id, why);
    }
  return out;
}

StudyModel::People StudyModel::outOfRange(int scale) const {
  if (scale < 0 || scale >= static_cast<int>(scales_.size())) return {};
  return scales_[static_cast<std::size_t>(scale)].out_of_range;
}

void StudyModel::chooseScale(int scale) {
  if (scale < 0 || scale >= static_cast<int>(scales_.size()) || scale == state_.scale) return;
  state_.scale = scale;
  state_.scale_error.clear();
  emit changed();
}

bool StudyModel::rescale(int scale, double max, bool high) {
  if (scale < 0 || scale >= static_cast<int>(scales_.size())) return false;
  const auto old = scales_[static_cast<std::size_t>(scale)];
  const auto better = high ? ingest::Better::high : ingest::Better::low;
  state_.scale_error.clear();
  if (max == old.max && better == old.better) return true;
  auto request =
      ingest::rescale(*context_.session.snapshot(), old, max, better, context_.session.rater().toStdString());
  if (!request) {
    state_.scale_error = text_of(request.error().what);
    emit changed();
    return false;
  }
  const QString summary = text_of(request->summary);
  if (!context_.session.apply(std::move(*request))) {
    state_.scale_error = context_.session.lastError().what;
    emit changed();
    return false;
  }
  for (std::size_t i = 0; i < scales_.size(); ++i)  // the row may have moved
    if (scales_[i].test == old.test && scales_[i].max == max && scales_[i].better == better)
      state_.scale = static_cast<int>(i);
  emit changed();
  auto* session = &context_.session;
  context_.shell.toast(summary, tr("Undo"), {}, [session] { session->undo({"rescale"}); });
  return true;
}

}  // namespace ipsi::ui
