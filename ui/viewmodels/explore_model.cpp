// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/explore_model.h"

#include <QMetaObject>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/render/colormap.h"
#include "core/study/analysis_table.h"
#include "core/study/lookup.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr std::size_t kCount = kRegions.size();
constexpr int kAhead = 2, kBack = 1;
constexpr std::size_t kCacheBytes = std::size_t(192) << 20;

QcFlag flag_of(const std::string& word) {
  if (word == "ok") return QcFlag::ok;
  if (word == "lesioned") return QcFlag::lesioned;
  return word == "failed" ? QcFlag::failed : QcFlag::unrated;
}
int index_of(const QString& key) {
  for (std::size_t r = 0; r < kCount; ++r)
    if (text_of(kRegions[r].key) == key) return static_cast<int>(r);
  return 0;
}
std::string cell(const table::Table& table, const char* name, std::size_t row) {
  const auto* column = table.find(name);
  return column != nullptr && row < column->texts.size() ? column->texts[row] : std::string();
}
double number(const table::Table& table, const char* name, std::size_t row) {
  const auto* column = table.find(name);
  return column != nullptr && row < column->values.size() ? column->values[row] : table::kMissing;
}
std::size_t row_of(const table::Table& table, const QString& person) {
  const auto* subjects = table.find("subject");
  if (subjects == nullptr) return table.rows();
  const auto at = std::find(subjects->texts.begin(), subjects->texts.end(), person.toStdString());
  return static_cast<std::size_t>(at - subjects->texts.begin());
}

template <class Rows>
Rows of_session(const Rows& rows, const std::string& person, const std::string& session) {
  Rows out;
  for (const auto& row : rows)
    if (row.person == person && row.session == session) out.push_back(row);
  return out;
}

/// The analysis table as if the person had been seen once, at this session: one row.
Result<table::Table> table_at(const study::Snapshot& snapshot, const std::string& person, const std::string& session) {
  study::Snapshot one;
  for (const auto& p : snapshot.people)
    if (p.id == person) one.people.push_back(p);
  for (const auto& s : snapshot.sessions)
    if (s.person == person && s.label == session) one.sessions.push_back(s);
  one.cohorts = snapshot.cohorts;
  one.settings = snapshot.settings;
  one.measurements = of_session(snapshot.measurements, person, session);
  one.scores = of_session(snapshot.scores, person, session);
  one.ratings = of_session(snapshot.ratings, person, session);
  return study::analysis_table(one, study::options_of(snapshot));
}

}  // namespace

std::uint32_t ExploreModel::colourOf(double z) {
  const render::Rgb c = render::Scale{-kZLimit, kZLimit, &render::diverging()}.colour(z);
  return (std::uint32_t(c.r) << 16) | (std::uint32_t(c.g) << 8) | c.b;
}

ExploreModel::ExploreModel(Context& context, QObject* parent)
    : QObject(parent), context_(context), session_(context.session) {
  render::ScanCache::Options options;
  options.bytes = kCacheBytes;
  options.ahead = kAhead;
  options.back = kBack;
  cache_ = std::make_unique<render::ScanCache>(options, [this](const render::ScanPaths& paths, const auto& scan) {
    QMetaObject::invokeMethod(
        this, [this, paths, scan] { onScan(paths, scan); }, Qt::QueuedConnection);
  });
  const auto again = [this] {
    stale_ = true;
    const bool any = std::exchange(state_.any, !session_.snapshot()->people.empty());
    if (active_)
      refreshAll();
    else if (any != state_.any)
      emit changed();
  };
  connect(&session_, &StudySession::opened, this, &ExploreModel::onOpened);
  connect(&session_, &StudySession::changed, this, again);
  connect(&session_, &StudySession::subsetChanged, this, again);
  connect(&session_, &StudySession::selected, this, [this] {
    if (active_ && !stale_) refreshPerson();
  });
  state_.open = session_.isOpen();
  state_.any = !session_.snapshot()->people.empty();
}

ExploreModel::~ExploreModel() = default;

void ExploreModel::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  if (!active) {
    context_.jobs.cancelKey("explore.surfaces");
    cache_->clear();
    shown_.clear();
    return;
  }
  if (stale_)
    refreshAll();
  else
    refreshPerson();
}

void ExploreModel::onOpened() {
  const int version = state_.dots_version;
  state_ = {};
  state_.dots_version = version;
  state_.open = session_.isOpen();
  state_.any = !session_.snapshot()->people.empty();
  shown_.clear();
  wanted_ = {};
  cache_->clear();
  context_.jobs.cancelKey("explore.surfaces");
  stale_ = true;
  if (active_)
    refreshAll();
  else
    emit changed();
}

void ExploreModel::refreshAll() {
  stale_ = false;
  state_.open = session_.isOpen();
  const auto table = session_.table();
  const auto group = study::parse_subgroup(session_.subset().toStdString());
  const auto rows = study::rows_of(*table, group.value_or(study::Subgroup::all));
  rows_ = rows ? *rows : std::vector<std::size_t>();
  state_.people = static_cast<int>(rows_.size());
  if (norms_table_ != session_.volumesVersion()) {
    norms_table_ = session_.volumesVersion();
    norms_ = region_norms(*table);
  }
  ++state_.dots_version;
  const auto* groups = table->find("group");
  const auto* heads = table->find("icv");
  const auto* ages = table->find("age");
  for (std::size_t r = 0; r < kCount; ++r) {
    auto& dots = state_.dots[r];
    dots.clear();
    const auto* volumes = table->find(kRegions[r].key);
    const auto* flags = table->find("flag_" + std::string(kRegions[r].key));
    if (volumes == nullptr || flags == nullptr || groups == nullptr || heads == nullptr || ages == nullptr) continue;
    for (std::size_t row = 0; row < table->rows(); ++row) {
      if (flags->texts[row] != "ok" || groups->texts[row] != "patient") continue;
      const double z = norms_[r].of(volumes->values[row], heads->values[row], ages->values[row]).z;
      if (!std::isnan(z)) dots.push_back(static_cast<float>(z));
    }
  }
  refreshPerson();
}

// ---- the person ----------------------------------------------------------------------------------------------------

void ExploreModel::refreshPerson() {
  const auto table = session_.table();
  const QString id = session_.person();
  const std::size_t row = row_of(*table, id);
  const bool other = id != state_.id;
  const QString visit =
      !other && state_.visit >= 0 ? state_.visits[static_cast<std::size_t>(state_.visit)].session : QString();
  state_.id = row < table->rows() ? id : QString();
  state_.region = index_of(session_.region());
  const auto at = std::find(rows_.begin(), rows_.end(), row);
  state_.position = at != rows_.end() ? static_cast<int>(at - rows_.begin()) : -1;
  state_.visits.clear();
  state_.visit = -1;
  if (!state_.id.isEmpty()) {
    const auto snapshot = session_.snapshot();
    std::vector<const study::Session*> own;
    for (const auto& s : snapshot->sessions)
      if (s.person == id.toStdString()) own.push_back(&s);
    std::sort(own.begin(), own.end(), [](const auto* a, const auto* b) {
      return a->ordinal != b->ordinal ? a->ordinal < b->ordinal : study::natural_less(a->label, b->label);
    });
    for (const auto* s : own) state_.visits.push_back({text_of(s->label), s->days_post_stroke});
    for (std::size_t i = 0; i < state_.visits.size(); ++i)
      if (state_.visits[i].session == visit) state_.visit = static_cast<int>(i);
    if (state_.visit < 0 && !state_.visits.empty()) state_.visit = 0;
  }
  refreshNumbers();
  refreshScores();
  lookAtScan();
  emit changed();
}

void ExploreModel::refreshNumbers() {
  state_.regions = {};
  state_.lesioned = state_.failed = state_.unrated = 0;
  auto table = session_.table();
  std::size_t row = row_of(*table, state_.id);
  if (state_.visit > 0) {  // the table is of first sessions
    auto then = table_at(*session_.snapshot(), state_.id.toStdString(),
                         state_.visits[static_cast<std::size_t>(state_.visit)].session.toStdString());
    if (then && then->rows() == 1) {
      table = std::make_shared<const table::Table>(std::move(*then));
      row = 0;
    }
  }
  refreshFacts(*table, row);
  const auto numbers = qc_numbers(*table, row, norms_);
  state_.z_low = state_.z_high = numbers[0].z_people;
  state_.z_by_icv = true;
  for (std::size_t r = 0; r < kCount; ++r) {
    Region& region = state_.regions[r];
    region.title =
        kRegions[r].structure == "accumbens" ? tr("Accumbens") : text_of(structure_title(kRegions[r].structure));
    region.numbers = numbers[r];
    region.flag = flag_of(cell(*table, ("flag_" + std::string(kRegions[r].key)).c_str(), row));
    state_.lesioned += region.flag == QcFlag::lesioned ? 1 : 0;
    state_.failed += region.flag == QcFlag::failed ? 1 : 0;
    state_.unrated += region.flag == QcFlag::unrated ? 1 : 0;
    state_.z_low = std::min(state_.z_low, numbers[r].z_people);
    state_.z_high = std::max(state_.z_high, numbers[r].z_people);
    state_.z_by_icv = state_.z_by_icv && numbers[r].z_by_icv;
  }
}

void ExploreModel::refreshFacts(const table::Table& table, std::size_t row) {
  state_.cohort = text_of(cell(table, "cohort", row));
  state_.group = text_of(cell(table, "group", row));
  state_.sex = text_of(cell(table, "sex", row));
  state_.side = text_of(cell(table, "lesion_side", row));
  state_.age = number(table, "age", row);
  state_.days = number(table, "days_post_stroke", row);
  state_.lesion_ml = number(table, "lesion_volume", row) / 1000.0;
  const bool right_first = state_.side == "right", sided = right_first || state_.side == "left";
  for (int i = 0; i < static_cast<int>(kCount); ++i) {
    const int structure = i % 6, second = i / 6;
    state_.order[static_cast<std::size_t>(i)] = 2 * structure + (right_first ? 1 - second : second);
  }
  state_.sides = sided ? std::array{right_first ? tr("Ipsilesional (R)") : tr("Ipsilesional (L)"),
                                    right_first ? tr("Contralesional (L)") : tr("Contralesional (R)")}
                       : std::array{tr("Left"), tr("Right")};
}

void ExploreModel::refreshScores() {
  state_.scores.clear();
  state_.undated = 0;
  const std::string id = state_.id.toStdString();
  std::map<QString, ScoreLine> lines;
  const auto snapshot = session_.snapshot();
  for (const auto& score : snapshot->scores) {
    if (id.empty() || score.person != id || std::isnan(score.normalised)) continue;
    const QString label = text_of(score.session);
    const auto visit =
        std::find_if(state_.visits.begin(), state_.visits.end(), [&](const Visit& v) { return v.session == label; });
    if (visit == state_.visits.end() || std::isnan(visit->days)) {
      ++state_.undated;
      continue;
    }
    auto& line = lines[text_of(score.test)];
    line.test = text_of(score.test);
    line.low_is_better = score.direction == "low";
    line.points.push_back({visit->days, score.normalised, score.raw, score.max_used});
  }
  for (auto& [_, line] : lines) {
    std::stable_sort(line.points.begin(), line.points.end(),
                     [](const ScorePoint& a, const ScorePoint& b) { return a.days < b.days; });
    state_.scores.push_back(std::move(line));
  }
  std::stable_sort(state_.scores.begin(), state_.scores.end(),
                   [](const ScoreLine& a, const ScoreLine& b) { return a.points.size() > b.points.size(); });
}

void ExploreModel::step(int by) {
  if (rows_.empty() || by == 0) return;
  const auto table = session_.table();
  const auto n = static_cast<int>(rows_.size());
  int to = state_.position + by;
  if (state_.position < 0) {  // from outside the subset: to the next of it in the table's order
    const std::size_t row = row_of(*table, state_.id);
    const auto next = static_cast<int>(std::lower_bound(rows_.begin(), rows_.end(), row) - rows_.begin());
    to = by > 0 ? next + by - 1 : next + by;
  }
  to = std::clamp(to, 0, n - 1);
  session_.select(text_of(cell(*table, "subject", rows_[static_cast<std::size_t>(to)])));
}

void ExploreModel::chooseVisit(int index) {
  if (index < 0 || index >= static_cast<int>(state_.visits.size()) || index == state_.visit) return;
  state_.visit = index;
  refreshNumbers();
  lookAtScan();
  emit changed();
}

void ExploreModel::chooseRegion(int region) {
  if (state_.id.isEmpty() || region < 0 || region >= static_cast<int>(kCount)) return;
  session_.select(state_.id, text_of(kRegions[static_cast<std::size_t>(region)].key));
}

// ---- pictures ------------------------------------------------------------------------------------------------------

render::ScanPaths ExploreModel::pathsOf(const QString& person, const QString& session) const {
  render::ScanPaths paths;
  paths.t1 = session_.scanPath(person, session, "t1");
  if (paths.t1.empty()) paths.t1 = session_.scanPath(person, session, "brain");
  paths.labels = session_.scanPath(person, session, "labels");
  paths.lesion = session_.scanPath(person, session, "lesion");
  return paths;
}

void ExploreModel::lookAtScan() {
  const QString visit = state_.visit >= 0 ? state_.visits[static_cast<std::size_t>(state_.visit)].session : QString();
  const render::ScanPaths paths = state_.id.isEmpty() ? render::ScanPaths{} : pathsOf(state_.id, visit);
  const QString shown = state_.id + '\n' + visit;
  if (shown == shown_ && paths == wanted_) {  // the same pictures
    refreshOverlap();
    return;
  }
  shown_ = shown;
  wanted_ = paths;
  context_.jobs.cancelKey("explore.surfaces");
  state_.message.clear();
  state_.problem.clear();
  state_.waiting = false;
  std::vector<render::ScanPaths> near;
  std::size_t at = 0;
  const auto table = session_.table();
  const int n = static_cast<int>(rows_.size());
  for (int i = std::max(0, state_.position - kBack); i < std::min(n, state_.position + kAhead + 1); ++i) {
    const std::size_t row = rows_[static_cast<std::size_t>(i)];
    auto next = i == state_.position
                    ? wanted_
                    : pathsOf(text_of(cell(*table, "subject", row)), text_of(cell(*table, "session", row)));
    if (next.t1.empty()) continue;
    if (i == state_.position) at = near.size();
    near.push_back(std::move(next));
  }
  if (state_.position < 0 && !wanted_.t1.empty()) near = {wanted_};
  if (wanted_.t1.empty()) {
    if (!near.empty()) (void)cache_->look_at(near, 0);  // the next ones may come meanwhile
    state_.scan.reset();
    state_.model.reset();
    state_.model_message.clear();
    if (!state_.id.isEmpty()) {
      state_.message = tr("%1: no scan in the study. The numbers are those of the imported tables.").arg(state_.id);
      state_.model_message = tr("No scan, no surfaces.");
    }
    refreshOverlap();
    return;
  }
  if (auto scan = cache_->look_at(near, at)) {
    takeScan(std::move(scan));
    return;
  }
  state_.waiting = true;  // the old picture stays until the new one is there
  refreshOverlap();
}

void ExploreModel::onScan(const render::ScanPaths& paths, const render::ScanCache::Loaded& scan) {
  if (!active_ || !(paths == wanted_)) return;
  if (!scan && scan.error().code == Code::Cancelled) return;
  if (scan) {
    takeScan(*scan);
  } else {
    state_.waiting = false;
    state_.scan.reset();
    state_.model.reset();
    state_.model_message = tr("No scan, no surfaces.");
    state_.message = tr("%1: %2").arg(state_.id, text_of(to_line(scan.error())));
    refreshOverlap();
  }
  emit changed();
}

void ExploreModel::takeScan(std::shared_ptr<const render::Scan> scan) {
  state_.scan = std::move(scan);
  state_.waiting = !state_.scan->whole;
  state_.problem = state_.scan->problems.empty() ? QString() : text_of(to_line(state_.scan->problems.front()));
  if (state_.scan->whole) makeModel();
  refreshOverlap();
}

/// Of the picture where there is one, else as it was measured when the mask was imported.
void ExploreModel::refreshOverlap() {
  state_.mask = false;
  state_.lesion_mm3 = table::kMissing;
  for (auto& region : state_.regions) region.overlap = region.overlap_mm3 = region.distance_mm = table::kMissing;
  if (state_.id.isEmpty() || state_.visit < 0) return;
  const std::string id = state_.id.toStdString(),
                    visit = state_.visits[static_cast<std::size_t>(state_.visit)].session.toStdString();
  const auto snapshot = session_.snapshot();
  for (const auto& m : snapshot->measurements) {
    if (m.source != "lesion_mask" || m.person != id || m.session != visit) continue;
    if (m.region == "lesion" && m.measure == "volume") {
      state_.lesion_mm3 = m.value;
      state_.mask = true;
    }
    for (std::size_t r = 0; r < kCount; ++r) {
      if (m.region != kRegions[r].key) continue;
      if (m.measure == "lesion_fraction") state_.regions[r].overlap = m.value;
      if (m.measure == "lesion_overlap") state_.regions[r].overlap_mm3 = m.value;
      if (m.measure == "lesion_distance") state_.regions[r].distance_mm = m.value;
    }
  }
  const auto& scan = state_.scan;
  if (!scan || !scan->whole || !(scan->paths == wanted_) || scan->lesion.empty()) return;
  state_.mask = true;
  state_.lesion_mm3 = scan->lesion_mm3;
  const auto share = qc_overlap(*scan);
  const double voxel_mm3 = std::abs(scan->regions.grid.affine.topLeftCorner<3, 3>().determinant());
  for (std::size_t r = 0; r < kCount; ++r) {
    state_.regions[r].overlap = share[r];
    state_.regions[r].overlap_mm3 = share[r] * static_cast<double>(scan->places[r].voxels) * voxel_mm3;
  }
}

void ExploreModel::makeModel() {
  if (state_.model && state_.model->scan == state_.scan) return;
  state_.model.reset();
  state_.model_message = tr("Making the surfaces of %1").arg(state_.id);
  context_.jobs.start<std::shared_ptr<const render::ScanModel>>(
      {.title = tr("Surfaces"), .key = "explore.surfaces", .lane = Jobs::Lane::live, .quiet = true},
      [scan = state_.scan](const Task& task) { return render::scan_model(scan, task); }, this,
      [this, scan = state_.scan](Result<std::shared_ptr<const render::ScanModel>> made) {
        if (state_.scan != scan) return;
        if (made)
          state_.model = std::move(*made);
        else
          state_.model_message = tr("No surfaces: %1").arg(text_of(to_line(made.error())));
        if (made) state_.model_message.clear();
        emit changed();
      });
}

}  // namespace ipsi::ui
