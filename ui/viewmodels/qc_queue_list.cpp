// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_queue_list.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "core/ingest/assignment.h"
#include "core/study/raters.h"
#include "core/study/subgroup.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr std::size_t kCount = kRegions.size();

QString later_mark(const QcPerson& p, std::size_t region) {
  return p.id + ' ' + text_of(kRegions[region].key);
}

std::size_t region_of(const std::string& key) {
  return static_cast<std::size_t>(
      std::find_if(kRegions.begin(), kRegions.end(), [&](const Region& r) { return r.key == key; }) - kRegions.begin());
}

/// What the queues that ask for given regions of given people ask for.
using Asked = std::map<std::pair<std::string, std::string>, QcRegions>;

Asked disagreements_of(const study::Snapshot& snapshot) {
  Asked out;
  for (const auto& d : study::disagreements(snapshot))
    if (const auto region = region_of(d.region); region < kCount) out[{d.person, d.session}].set(region);
  return out;
}

Asked gold_of(const study::Snapshot& snapshot) {
  Asked out;
  for (const auto& rating : snapshot.ratings)
    if (rating.rater == study::kGold && rating.flag != study::Flag::unrated)
      if (const auto region = region_of(rating.region); region < kCount)
        out[{rating.person, rating.session}].set(region);
  return out;
}

class Builder {
 public:
  Builder(const QcSource& source, const QcAsk& ask, const QString& keep) : source_(source), ask_(ask), keep_(keep) {
    if (ask.filter == QcFilter::disagree) asked_ = disagreements_of(*source.snapshot);
    if (ask.filter == QcFilter::calibration) asked_ = gold_of(*source.snapshot);
    if (ask.filter == QcFilter::mine)
      if (auto assigned = ingest::assignment_of(*source.snapshot); assigned && *assigned) assigned_ = **assigned;
  }

  void add(QcPerson p) {
    p.scan = source_.has_scan(p.id, p.session);
    p.wanted.set();
    if (!ask_.cohort.isEmpty() && p.cohort != ask_.cohort) return;
    if (ask_.filter == QcFilter::disagree || ask_.filter == QcFilter::calibration) {
      const auto found = asked_.find({p.id.toStdString(), p.session.toStdString()});
      p.wanted = found != asked_.end() ? found->second : QcRegions();
      if (ask_.filter == QcFilter::disagree) p.rater = text_of(study::kAdjudicator);
      p.own_only = true;
    }
    if (ask_.region >= 0) p.wanted &= QcRegions(1U << static_cast<unsigned>(ask_.region));
    p.own_only = p.own_only || ask_.blind || ask_.filter == QcFilter::mine;
    p.name = ask_.blind ? coded(p, 1) : p.id;
    if (ask_.filter == QcFilter::mine)
      addLooks(std::move(p));
    else
      addOne(std::move(p));
  }

  std::vector<QcPerson> take() {
    if (ask_.order != QcOrder::table || ask_.blind || second_looks_) sort();
    return std::move(queue_);
  }

 private:
  [[nodiscard]] QString coded(const QcPerson& p, int look) const {
    return text_of(ingest::coded_name(ask_.seed, p.id.toStdString(), look));
  }

  /// A person once for each look that is assigned. Where some come twice, nobody's name may give that away.
  void addLooks(QcPerson p) {
    if (!assigned_) return;
    const auto found = assigned_->looks.find(p.id.toStdString());
    if (found == assigned_->looks.end()) return;
    for (const auto& look : found->second) {
      const auto [name, number] = study::look_of(look);
      if (name != ask_.rater.toStdString()) continue;
      QcPerson one = p;
      if (number > 1) {
        one.rater = text_of(look);
        second_looks_ = true;
      }
      if (ask_.blind || assigned_->plan.repeats > 0.0)
        one.name = text_of(ingest::coded_name(assigned_->plan.seed, p.id.toStdString(), number));
      addOne(std::move(one));
    }
  }

  void addOne(QcPerson p) {
    count_flags(source_, ask_, p);
    if (const auto* risk = source_.risk(p.id, p.session))
      for (std::size_t r = 0; r < kCount; ++r) {
        if (!p.wanted[r] || !((*risk)[r].risk >= 0.0) || (*risk)[r].risk <= p.risk) continue;
        p.risk = (*risk)[r].risk;
        p.reason = (*risk)[r].reasons.empty() ? QString() : text_of((*risk)[r].reasons.front().text);
      }
    // Who is looked at stays, except where the queue is a list of people.
    const bool list = ask_.filter == QcFilter::chosen || ask_.filter == QcFilter::mine ||
                      ask_.filter == QcFilter::disagree || ask_.filter == QcFilter::calibration;
    if (wanted(p) || (p.id == keep_ && !list)) queue_.push_back(std::move(p));
  }

  [[nodiscard]] bool anyFlag(const QcPerson& p, QcFlag flag) const {
    for (std::size_t r = 0; r < kCount; ++r)
      if (p.wanted[r] && shown_flag(source_, p, ask_.rater, static_cast<int>(r)) == flag) return true;
    return false;
  }
  [[nodiscard]] bool anyComment(const QcPerson& p) const {
    for (std::size_t r = 0; r < kCount; ++r) {
      const auto* mine = p.wanted[r] ? own_rating(*source_.snapshot, p, ask_.rater, static_cast<int>(r)) : nullptr;
      if (mine != nullptr && !mine->comment.empty()) return true;
    }
    return false;
  }
  /// A suggestion that the flag there does not follow.
  [[nodiscard]] bool anySuggestion(const QcPerson& p) const {
    const auto* risk = source_.risk(p.id, p.session);
    if (risk == nullptr) return false;
    for (std::size_t r = 0; r < kCount; ++r) {
      const QcFlag suggested = to_qc((*risk)[r].suggestion.flag);
      if (p.wanted[r] && suggested != QcFlag::unrated &&
          shown_flag(source_, p, ask_.rater, static_cast<int>(r)) != suggested)
        return true;
    }
    return false;
  }

  [[nodiscard]] bool wanted(const QcPerson& p) const {
    switch (ask_.filter) {
      case QcFilter::all:
      case QcFilter::mine: return true;
      case QcFilter::unrated: return !p.done();
      case QcFilter::with_scan: return p.scan;
      case QcFilter::chosen: return ask_.chosen.contains(p.id);
      case QcFilter::later: return p.later > 0;
      case QcFilter::suggested: return anySuggestion(p);
      case QcFilter::lesioned: return anyFlag(p, QcFlag::lesioned);
      case QcFilter::failed: return anyFlag(p, QcFlag::failed);
      case QcFilter::commented: return anyComment(p);
      case QcFilter::disagree:
      case QcFilter::calibration: return p.wanted.any();
    }
    return true;
  }

  void sort() {
    if (second_looks_ || ask_.order != QcOrder::risk) {
      // Codes of the first look, so that the order says nothing; second looks in the later half.
      std::map<QString, std::size_t> rank;
      for (const auto& p : queue_) rank[coded(p, p.rater.contains('#') ? 2 : 1)] = 0;
      std::size_t next = 0;
      for (auto& [_, at] : rank) at = next++;
      const auto place = [&](const QcPerson& p) {
        const bool second = p.rater.contains('#');
        const std::size_t at = rank.at(coded(p, second ? 2 : 1));
        return second ? (next + at) / 2 : at;
      };
      std::stable_sort(queue_.begin(), queue_.end(),
                       [&](const QcPerson& a, const QcPerson& b) { return place(a) < place(b); });
      return;
    }
    const auto value = [](const QcPerson& p) { return std::isnan(p.risk) ? -1.0 : p.risk; };
    std::stable_sort(queue_.begin(), queue_.end(),
                     [&](const QcPerson& a, const QcPerson& b) { return value(a) > value(b); });
  }

  const QcSource& source_;
  const QcAsk& ask_;
  const QString& keep_;
  Asked asked_;
  std::optional<ingest::Assignment> assigned_;
  bool second_looks_ = false;
  std::vector<QcPerson> queue_;
};

}  // namespace

QcFlag to_qc(study::Flag flag) {
  switch (flag) {
    case study::Flag::ok: return QcFlag::ok;
    case study::Flag::lesioned: return QcFlag::lesioned;
    case study::Flag::failed: return QcFlag::failed;
    case study::Flag::unrated: break;
  }
  return QcFlag::unrated;
}

study::Flag to_study(QcFlag flag) {
  switch (flag) {
    case QcFlag::ok: return study::Flag::ok;
    case QcFlag::lesioned: return study::Flag::lesioned;
    case QcFlag::failed: return study::Flag::failed;
    case QcFlag::unrated: break;
  }
  return study::Flag::unrated;
}

QString qc_word(QcFlag flag) {
  return text_of(study::to_string(to_study(flag)));
}

const study::Rating* own_rating(const study::Snapshot& snapshot, const QcPerson& p, const QString& rater, int region) {
  const auto& ratings = snapshot.ratings;  // in key order
  const std::string id = p.id.toStdString(), session = p.session.toStdString(),
                    who = (p.rater.isEmpty() ? rater : p.rater).toStdString();
  const std::string key(kRegions[static_cast<std::size_t>(region)].key);
  const auto wanted = std::tie(id, session, key, who);
  const auto at = std::lower_bound(ratings.begin(), ratings.end(), wanted, [](const study::Rating& r, const auto& w) {
    return std::tie(r.person, r.session, r.region, r.rater) < w;
  });
  if (at == ratings.end() || std::tie(at->person, at->session, at->region, at->rater) != wanted) return nullptr;
  return &*at;
}

QcFlag shown_flag(const QcSource& source, const QcPerson& p, const QString& rater, int region) {
  const study::Rating* mine = own_rating(*source.snapshot, p, rater, region);
  if (mine != nullptr && mine->flag != study::Flag::unrated) return to_qc(mine->flag);
  if (p.own_only) return QcFlag::unrated;
  const auto* flags = source.table->find("flag_" + std::string(kRegions[static_cast<std::size_t>(region)].key));
  if (flags == nullptr || p.row >= flags->texts.size()) return QcFlag::unrated;
  return to_qc(study::parse_flag(flags->texts[p.row]).value_or(study::Flag::unrated));
}

void count_flags(const QcSource& source, const QcAsk& ask, QcPerson& p) {
  p.rated = 0;
  p.later = 0;
  for (std::size_t r = 0; r < kCount; ++r) {
    if (!p.wanted[r]) continue;
    p.rated += shown_flag(source, p, ask.rater, static_cast<int>(r)) != QcFlag::unrated ? 1 : 0;
    p.later += ask.later.contains(later_mark(p, r)) ? 1 : 0;
  }
}

std::vector<QcPerson> qc_queue(const QcSource& source, const QcAsk& ask, const QString& keep) {
  const auto& table = *source.table;
  const auto* subjects = table.find("subject");
  const auto* sessions = table.find("session");
  const auto* groups = table.find("group");
  const auto* cohorts = table.find("cohort");
  const auto* sides = table.find("lesion_side");
  const auto group = study::parse_subgroup(ask.subset.toStdString());
  const auto rows = study::rows_of(table, group.value_or(study::Subgroup::all));
  if (subjects == nullptr || sessions == nullptr || groups == nullptr || cohorts == nullptr || sides == nullptr ||
      !rows)
    return {};
  Builder builder(source, ask, keep);
  for (const std::size_t row : *rows) {
    if (groups->texts[row] != "patient") continue;
    QcPerson p;
    p.id = text_of(subjects->texts[row]);
    p.session = text_of(sessions->texts[row]);
    p.cohort = text_of(cohorts->texts[row]);
    p.side = text_of(sides->texts[row]);
    p.row = row;
    builder.add(std::move(p));
  }
  return builder.take();
}

}  // namespace ipsi::ui
