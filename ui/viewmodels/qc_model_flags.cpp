// SPDX-License-Identifier: GPL-3.0-or-later
// What QcModel shows of the current person, and what it does with flags; who and where is in qc_model.cpp.
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "core/ingest/suggestion_log.h"
#include "core/study/raters.h"
#include "ui/viewmodels/qc_hold.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr std::size_t kCount = kRegions.size();

const Region& region_at(int index) {
  return kRegions[static_cast<std::size_t>(index)];
}

}  // namespace

// ---- the person on the screen --------------------------------------------------------------------------------------

const study::Rating* QcModel::own(const QcPerson& p, int region) const {
  return own_rating(*session_.snapshot(), p, session_.rater(), region);
}

void QcModel::refreshPerson() {
  const auto* p = person();
  // Which side is hurt is hidden from who is blind.
  const bool right_first = p != nullptr && !state_.blind && p->side == "right";
  const bool sided = right_first || (p != nullptr && !state_.blind && p->side == "left");
  for (int i = 0; i < static_cast<int>(kCount); ++i)
    state_.order[static_cast<std::size_t>(i)] = right_first ? i ^ 1 : i;
  state_.columns = sided ? std::array{right_first ? tr("Ipsilesional (R)") : tr("Ipsilesional (L)"),
                                      right_first ? tr("Contralesional (L)") : tr("Contralesional (R)")}
                         : std::array{tr("Left"), tr("Right")};
  state_.rated = 0;
  std::array<QcNumbers, kCount> numbers;
  if (p != nullptr) {
    const auto table = session_.table();
    if (norms_version_ != session_.volumesVersion()) {
      norms_version_ = session_.volumesVersion();
      norms_ = region_norms(*table);
    }
    numbers = qc_numbers(*table, p->row, norms_);
  }
  const QcSource from = source();
  for (std::size_t r = 0; r < kCount; ++r) {
    QcTile& tile = state_.tiles[r];
    tile = {};
    // A tile is narrow: "Accumbens", as the mock screens have it.
    tile.title =
        kRegions[r].structure == "accumbens" ? tr("Accumbens") : text_of(structure_title(kRegions[r].structure));
    tile.numbers = numbers[r];
    tile.overlap = overlap_[r];
    if (p == nullptr) continue;
    fillTile(tile, r, *p, from);
    if (tile.wanted && tile.flag != QcFlag::unrated) ++state_.rated;
  }
  state_.region_title = state_.region >= 0 ? text_of(region_at(state_.region).title) : QString();
  refreshHistory();
}

QcTile QcModel::glance(int index) const {
  QcTile out;
  if (index < 0 || index >= static_cast<int>(state_.queue.size()) || state_.region < 0) return out;
  const QcPerson& p = state_.queue[static_cast<std::size_t>(index)];
  const auto region = static_cast<std::size_t>(state_.region);
  out.title = state_.region_title;
  if (norms_version_ == session_.volumesVersion()) out.numbers = qc_numbers(*session_.table(), p.row, norms_)[region];
  fillTile(out, region, p, source());
  return out;
}

void QcModel::fillTile(QcTile& tile, std::size_t r, const QcPerson& p, const QcSource& from) const {
  const int region = static_cast<int>(r);
  tile.wanted = p.wanted[r];
  tile.flag = shown_flag(from, p, session_.rater(), region);
  if (const auto* mine = own(p, region)) tile.comment = text_of(mine->comment);
  tile.later = later_.contains(p.id + ' ' + text_of(kRegions[r].key));
  if (state_.filter == QcFilter::disagree && tile.wanted && tile.flag != QcFlag::unrated)
    for (const auto& rating : session_.snapshot()->ratings)
      if (rating.person == p.id.toStdString() && rating.region == kRegions[r].key &&
          rating.session == p.session.toStdString() && study::kind_of(rating.rater) == study::RaterKind::rater)
        tile.others << QString("%1: %2").arg(text_of(rating.rater), text_of(study::to_string(rating.flag)));
  const auto* known = risk_.of(p.id, p.session);
  if (known == nullptr) return;
  const ingest::RegionRisk& risk = (*known)[r];
  tile.risk = risk.risk;
  for (const auto& reason : risk.reasons) tile.reasons << text_of(reason.text);
  if (!std::isnan(risk.lesion_fraction)) {
    tile.overlap = risk.lesion_fraction;
    tile.lesion_mm3 = risk.lesion_mm3;
  }
  const bool visible =
      state_.suggest == QcSuggest::before || (state_.suggest == QcSuggest::after && tile.flag != QcFlag::unrated);
  if (!visible) return;
  tile.suggested = to_qc(risk.suggestion.flag);
  tile.why = text_of(risk.suggestion.why);
}

void QcModel::refreshHistory() {
  state_.history.clear();
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const bool decided = state_.filter == QcFilter::disagree &&
                       state_.tiles[static_cast<std::size_t>(state_.region)].flag != QcFlag::unrated;
  const QString only = p->own_only && !decided ? (p->rater.isEmpty() ? session_.rater() : p->rater) : QString();
  state_.history = history_.of(p->id, text_of(region_at(state_.region).key), only);
}

/// The last decision in words; who is blind is told codes.
void QcModel::refreshLast() {
  const QStringList kinds{"rate"};
  QString summary = session_.undoText(kinds);
  state_.can_undo = !summary.isEmpty();
  const auto name = [this](const QString& id) {
    const auto found =
        std::find_if(state_.queue.begin(), state_.queue.end(), [&](const QcPerson& p) { return p.id == id; });
    return found != state_.queue.end() ? found->name : state_.blind ? tr("somebody") : id;
  };
  state_.last_flag = QcFlag::unrated;
  static const QRegularExpression one("^(\\w+) of (.+): \\w+ -> (\\w+)$"), many("^(.+): (\\d+ set to ok|all .*)$");
  if (const auto match = one.match(summary); match.hasMatch()) {
    const auto region = std::find_if(kRegions.begin(), kRegions.end(),
                                     [&](const Region& r) { return text_of(r.key) == match.captured(1); });
    const QString word = match.captured(3);
    const QString title = region != kRegions.end() ? text_of(region->title) : match.captured(1);
    state_.last = tr("%1: %2, %3").arg(title, word, name(match.captured(2)));
    state_.last_flag = to_qc(study::parse_flag(word.toStdString()).value_or(study::Flag::unrated));
    return;
  }
  if (const auto match = many.match(summary); match.hasMatch()) {
    state_.last = name(match.captured(1)) + ": " + match.captured(2);
    if (summary.endsWith("set to ok")) state_.last_flag = QcFlag::ok;
    return;
  }
  state_.last = state_.blind && !summary.isEmpty() ? tr("A comment") : summary;
}

// ---- flags ---------------------------------------------------------------------------------------------------------

bool QcModel::rate(const std::vector<int>& regions, QcFlag flag, const QString& summary) {
  const auto* p = person();
  std::vector<study::Rating> ratings;
  for (const int region : regions) {
    study::Rating rating;
    rating.person = p->id.toStdString();
    rating.session = p->session.toStdString();
    rating.region = std::string(region_at(region).key);
    rating.rater = (p->rater.isEmpty() ? session_.rater() : p->rater).toStdString();
    rating.flag = to_study(flag);
    rating.comment = state_.tiles[static_cast<std::size_t>(region)].comment.toStdString();
    ratings.push_back(std::move(rating));
  }
  rated_here_ = placed_ = true;
  return session_.rate(ratings, summary, shownWith(ratings));
}

/// What was suggested beside each flag, and how long it was looked at.
std::vector<study::Measurement> QcModel::shownWith(const std::vector<study::Rating>& ratings) const {
  std::vector<study::Measurement> rows;
  const auto* p = person();
  const auto* known = risk_.of(p->id, p->session);
  if (known == nullptr) return rows;
  const auto when = state_.suggest == QcSuggest::before  ? ingest::Shown::before
                    : state_.suggest == QcSuggest::after ? ingest::Shown::after
                                                         : ingest::Shown::never;
  const double seconds = ratings.size() == 1 && region_clock_.isValid()
                             ? static_cast<double>(region_clock_.elapsed()) / 1000.0
                             : study::kMissing;
  for (const auto& rating : ratings)
    for (const auto& risk : *known)
      if (risk.where().key == rating.region) rows.push_back(ingest::shown_row(rating, risk, when, seconds));
  return rows;
}

void QcModel::flag(QcFlag flag) {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const Hold hold(*this);
  const int region = state_.region;
  const QcFlag before = state_.tiles[static_cast<std::size_t>(region)].flag;
  const bool was_complete = p->done();
  const QString summary =
      QString("%1 of %2: %3 -> %4").arg(text_of(region_at(region).key), p->id, qc_word(before), qc_word(flag));
  if (!rate({region}, flag, summary)) return;
  watchPace();
  if (state_.across)
    advanceAcross();
  else if (!was_complete)  // a correction stays, to be looked at
    advance(region);
}

void QcModel::advance(int from_region) {
  const int next = firstUnrated(from_region);
  if (next >= 0)
    goTo(state_.current, next);
  else
    step(1, true);
}

/// The next person whose region of this kind has no flag.
void QcModel::advanceAcross() {
  const QcSource from = source();
  for (int i = state_.current + 1; i < static_cast<int>(state_.queue.size()); ++i)
    if (shown_flag(from, state_.queue[static_cast<std::size_t>(i)], session_.rater(), state_.region) ==
        QcFlag::unrated) {
      goTo(i, state_.region);
      return;
    }
  state_.last = tr("End of the queue for this region");
  state_.last_flag = QcFlag::unrated;
}

/// The region that is looked at, and its pair, which lies in the same pictures.
void QcModel::noteSeen() {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const QString place = p->id + '/' + p->rater;
  if (place != seen_of_) seen_.reset();
  seen_of_ = place;
  if (state_.across) seen_.set(static_cast<std::size_t>(state_.region));  // its thumbnail alone
  if (state_.across || state_.scan == nullptr || !state_.scan->whole || state_.waiting) return;
  seen_.set(static_cast<std::size_t>(state_.region));
  seen_.set(static_cast<std::size_t>(state_.region ^ 1));
}

/// Space among many people is about the one region that is seen.
void QcModel::acceptAcross() {
  const auto& tile = state_.tiles[static_cast<std::size_t>(state_.region)];
  if (tile.flag == QcFlag::unrated && tile.suggested != QcFlag::unrated) {
    state_.last = tr("It has a suggestion: decide with A, S or D; N skips");
    state_.last_flag = QcFlag::unrated;
  } else if (tile.flag == QcFlag::unrated) {
    flag(QcFlag::ok);
  } else {
    step(1, false);
  }
}

void QcModel::acceptRest() {
  const auto* p = person();
  if (p == nullptr) return;
  const Hold hold(*this);
  if (state_.across) {
    acceptAcross();
    return;
  }
  std::vector<int> rest;
  int held = -1, suggested = 0, unseen = 0;
  for (const int region : state_.order) {
    const auto& tile = state_.tiles[static_cast<std::size_t>(region)];
    if (!tile.wanted || tile.flag != QcFlag::unrated) continue;
    if (tile.suggested != QcFlag::unrated) {  // only what can be seen: hidden ones must not give themselves away
      if (held < 0) held = region;
      ++suggested;
      continue;
    }
    rest.push_back(region);
    unseen += seen_[static_cast<std::size_t>(region)] ? 0 : 1;
  }
  const int n = static_cast<int>(rest.size());
  if (unseen > 0 && !unseen_allowed_) {
    if (unseen_asked_ != seen_of_) {
      unseen_asked_ = seen_of_;
      state_.last = tr("%1 not looked at. Space again: ok all the same; not asked again").arg(unseen);
      state_.last_flag = QcFlag::unrated;
      return;
    }
    unseen_allowed_ = true;
  }
  if (n > 0) {
    const QString words =
        n == 1 ? QString("%1: 1 set to ok").arg(p->id) : QString("%1: %2 set to ok").arg(p->id).arg(n);
    if (!rate(rest, QcFlag::ok, words)) return;
  }
  if (held < 0) {
    step(1, state_.filter == QcFilter::unrated);
    return;
  }
  goTo(state_.current, held);
  state_.last = n > 0 ? tr("%1 set to ok, %2 with a suggestion: decide").arg(n).arg(suggested)
                      : tr("%1 with a suggestion: decide with A, S or D; N skips").arg(suggested);
}

void QcModel::failPerson(const QString& reason) {
  const auto* p = person();
  if (p == nullptr || reason.trimmed().isEmpty()) return;
  const Hold hold(*this);
  std::vector<int> all;
  for (const int region : state_.order) {
    auto& tile = state_.tiles[static_cast<std::size_t>(region)];
    if (!tile.wanted) continue;
    all.push_back(region);
    tile.comment = reason.trimmed();
  }
  if (!rate(all, QcFlag::failed, QString("%1: all %2 failed, %3").arg(p->id).arg(all.size()).arg(reason.trimmed())))
    return;
  step(1, state_.filter == QcFilter::unrated);
}

QString QcModel::laterKey() const {
  return "later." + session_.rater();
}

void QcModel::readLater() {
  const auto listed = text_of(session_.snapshot()->setting(laterKey().toStdString()));
  const QStringList lines = listed.split('\n', Qt::SkipEmptyParts);
  later_ = {lines.begin(), lines.end()};
}

void QcModel::toggleLater() {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const Hold hold(*this);
  const QString mark = p->id + ' ' + text_of(region_at(state_.region).key);
  auto wanted = later_;
  const bool on = wanted.insert(mark).second;
  if (!on) wanted.erase(mark);
  study::Request request{.author = session_.rater().toStdString(),
                         .kind = "later",
                         .summary = (on ? tr("%1: review later") : tr("%1: no review later")).arg(mark).toStdString(),
                         .changes = {}};
  request.put(
      study::Setting{laterKey().toStdString(), QStringList(wanted.begin(), wanted.end()).join('\n').toStdString()});
  if (!session_.apply(std::move(request))) return;
  const int next = on ? firstUnrated(state_.region) : -1;
  if (next >= 0) goTo(state_.current, next);
}

void QcModel::watchPace() {
  if (!clock_.isValid()) clock_.start();
  pace_.setBreaks(context_.settings.value("qc/breaks", false).toBool());
  switch (pace_.flagged(clock_.elapsed())) {
    case Pace::Hint::none: return;
    case Pace::Hint::fast:
      context_.shell.toast(tr("%1 flags in a row, each in less than 0.4 s. A second look?").arg(Pace::kFastFlags));
      return;
    case Pace::Hint::rest: context_.shell.toast(tr("45 minutes without a pause. Time for a break?")); return;
  }
}

void QcModel::undo() {
  const Hold hold(*this);
  travelling_ = true;
  const QString what = session_.undoText({"rate"});
  if (what.isEmpty() || !session_.undo({"rate"})) {
    if (what.isEmpty()) state_.last = tr("Nothing to undo");
  }
  travelling_ = false;
}

void QcModel::redo() {
  const Hold hold(*this);
  if (!session_.canRedo({"rate"})) {
    state_.last = tr("Nothing to redo");
    return;
  }
  travelling_ = true;
  session_.redo({"rate"});
  travelling_ = false;
}

void QcModel::saveComment(const QString& comment) {
  const auto* p = person();
  if (p == nullptr || state_.region < 0) return;
  const QcTile& tile = state_.tiles[static_cast<std::size_t>(state_.region)];
  const QString words = comment.trimmed();
  if (words == tile.comment) return;
  const Hold hold(*this);
  const study::Rating* mine = own(*p, state_.region);
  study::Rating rating;
  rating.person = p->id.toStdString();
  rating.session = p->session.toStdString();
  rating.region = std::string(region_at(state_.region).key);
  rating.rater = (p->rater.isEmpty() ? session_.rater() : p->rater).toStdString();
  rating.flag = mine != nullptr ? mine->flag : study::Flag::unrated;  // a comment is not a flag
  rating.comment = words.toStdString();
  session_.rate({rating}, tr("comment on %1 of %2").arg(text_of(rating.region), p->id));
}

}  // namespace ipsi::ui
