// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_scores.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <set>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kTop = 16, kRight = 10, kTick = 4;
constexpr double kPoint = 4.0;
constexpr std::array<int, 3> kPhases{21, 90, 180};  // ends of the early and subacute time, begin of the chronic

QColor colour_of(std::size_t line) {
  const Theme& t = Theme::current();
  return line == 0 ? t.plot_line : t.category(static_cast<int>(line));  // the first blue is too dark on dark
}
/// The raw value as the test counts it: whole numbers whole.
QString original(double raw) {
  return formatNumber(raw, raw == std::floor(raw) ? 0 : 1);
}
QString end_words(const ExploreModel::ScoreLine& line) {
  return line.test + " " + formatNumber(line.points.back().fraction, 2);
}
QString end_note(const ExploreModel::ScoreLine& line) {
  const auto& last = line.points.back();
  const QString of = ExploreScores::tr("%1 of %2").arg(original(last.raw), original(last.max));
  return line.low_is_better ? ExploreScores::tr("%1, less is better").arg(of) : of;
}
void paint_mark(QPainter& painter, const QPointF& at, std::size_t line) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour_of(line));
  if (line % 3 == 0)
    painter.drawEllipse(at, kPoint + 0.5, kPoint + 0.5);
  else if (line % 3 == 1)
    painter.drawRect(QRectF(at.x() - kPoint, at.y() - kPoint, 2 * kPoint, 2 * kPoint));
  else
    painter.drawPolygon(QPolygonF(
        {at + QPointF(0, -kPoint - 1), at + QPointF(kPoint + 1, kPoint - 1), at + QPointF(-kPoint - 1, kPoint - 1)}));
}

}  // namespace

ExploreScores::ExploreScores(QWidget* parent) : QWidget(parent) {
  setObjectName("explore.scores");
  setAccessibleName(tr("Scores over sessions"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize ExploreScores::minimumSizeHint() const {
  return {200, 2 * QFontMetrics(ui::font(TextRole::small)).height() + kTop + 56};
}
QSize ExploreScores::sizeHint() const {
  return {400, minimumSizeHint().height() + 60};
}

void ExploreScores::setState(const ExploreModel::State& state) {
  lines_ = state.scores;
  shown_day_ = state.visit >= 0 ? state.visits[static_cast<std::size_t>(state.visit)].days : table::kMissing;
  std::set<double> days;
  QStringList aloud;
  for (const auto& line : lines_)
    for (const auto& point : line.points) {
      days.insert(point.days);
      aloud << tr("%1, day %2: %3 of %4")
                   .arg(line.test, formatNumber(point.days, 0), original(point.raw), original(point.max));
    }
  QStringList words;
  if (state.id.isEmpty())
    words.clear();
  else if (lines_.empty() && state.undated == 0)
    words << tr("No score of this person in the study.");
  else if (days.size() == 1)
    words << tr("One session with scores: no change to see.");
  else if (days.size() > 1)
    words << tr("%1 sessions, original value at each point").arg(days.size());
  if (state.undated > 0) words << tr("%1 at a session without a day: not drawn.").arg(state.undated);
  note_ = words.join(' ');
  setAccessibleDescription((aloud << note_).join("; "));
  update();
}

QPointF ExploreScores::Frame::at(double day, double fraction) const {
  return {area.left() + day / days * area.width(), area.bottom() - (fraction - low) / (high - low) * area.height()};
}

ExploreScores::Frame ExploreScores::frame() const {
  const QFontMetrics small(ui::font(TextRole::small));
  QFont strong_font = ui::font(TextRole::small);
  strong_font.setWeight(QFont::DemiBold);
  const QFontMetrics strong(strong_font);
  Frame f;
  int names = 0;
  double last = 0.0;
  for (const auto& line : lines_) {
    names = std::max(names, strong.horizontalAdvance(end_words(line)) + 6 + small.horizontalAdvance(end_note(line)));
    last = std::max(last, line.points.back().days);
    for (const auto& p : line.points) {
      f.low = std::min(f.low, p.fraction);  // never clipped: a value beyond the scale is shown beyond it
      f.high = std::max(f.high, p.fraction);
    }
  }
  f.days = std::max(1.0, 1.06 * last);
  const int left = 2 * small.height() + small.horizontalAdvance("0.0") + kTick;
  f.area = QRectF(left, kTop, std::max(60, width() - left - kRight - names - 28),
                  std::max(20, height() - kTop - 2 * small.height() - kTick - 4));
  return f;
}

void ExploreScores::paintAxes(QPainter& painter, const Frame& f) const {
  const Theme& t = Theme::current();
  const QFontMetrics small(ui::font(TextRole::small));
  painter.setFont(ui::font(TextRole::small));
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (const double level : {0.0, 0.5, 1.0}) {
    const double y = std::round(f.at(0, level).y());
    painter.setPen(level == 0.0 ? t.control : t.plot_grid);
    painter.drawLine(QPointF(f.area.left(), y), QPointF(f.area.right(), y));
    painter.setPen(t.muted);
    painter.drawText(QRectF(0, y - 20, f.area.left() - 7, 40), Qt::AlignRight | Qt::AlignVCenter,
                     formatNumber(level, 1));
  }
  // Round steps, and where there is room the days that divide early, subacute and chronic.
  double step = 30.0;
  for (const double nice : {30.0, 90.0, 180.0, 365.0, 730.0, 1825.0, 3650.0, 7300.0, 18250.0}) {
    step = nice;
    if (f.days / step <= std::max(2.0, f.area.width() / 70.0)) break;
  }
  std::vector<double> taken;
  const auto label = [&](double day) {
    const double x = f.at(day, 0).x();
    const QString words = formatNumber(day, 0);
    const double half = small.horizontalAdvance(words) / 2.0 + 5.0;
    for (const double other : taken)
      if (std::abs(other - x) < 2.0 * half) return;
    taken.push_back(x);
    const double y = f.at(0, 0.0).y();
    painter.setPen(t.control);
    painter.drawLine(QPointF(x, y), QPointF(x, y + kTick));
    painter.setPen(t.muted);
    painter.drawText(QRectF(x - 40, y + kTick + 1, 80, small.height()), Qt::AlignHCenter | Qt::AlignTop, words);
  };
  label(0.0);
  for (const int day : kPhases) {
    if (day > f.days || f.at(day, 0).x() - f.area.left() < 8) continue;
    QPen dashed(t.control, 1);
    dashed.setDashPattern({3, 3});
    painter.setPen(dashed);
    const double x = std::round(f.at(day, 0).x());
    painter.drawLine(QPointF(x, f.area.top()), QPointF(x, f.area.bottom()));
    label(day);
  }
  for (double day = step; day <= f.days; day += step) label(day);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(t.text);
  painter.drawText(QRectF(f.area.left(), height() - small.height() - 1, f.area.width(), small.height()),
                   Qt::AlignHCenter | Qt::AlignBottom, tr("days after stroke"));
  painter.save();
  painter.translate(small.height() * 0.5, f.area.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-100, -small.height() / 2.0, 200, small.height()), Qt::AlignCenter, tr("fraction of max."));
  painter.restore();
}

void ExploreScores::paintLines(QPainter& painter, const Frame& f) const {
  const Theme& t = Theme::current();
  const QFontMetrics small(ui::font(TextRole::small));
  painter.setFont(ui::font(TextRole::small));
  std::vector<QRectF> taken;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    QPolygonF path;
    for (const auto& p : lines_[i].points) path << f.at(p.days, p.fraction);
    painter.setPen(QPen(colour_of(i), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(path);
    for (const QPointF& at : path) paint_mark(painter, at, i);
  }
  painter.setPen(t.text);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    for (std::size_t k = 0; k < lines_[i].points.size(); ++k) {
      const auto& p = lines_[i].points[k];
      if (lines_[i].points.size() == 1) continue;  // its value stands beside its name
      const QPointF at = f.at(p.days, p.fraction);
      const QString words = original(p.raw);
      const double wide = small.horizontalAdvance(words) + 2.0, tall = small.height();
      // Above the first line's points, below the others', and on the other side where that is taken.
      QRectF box(at.x() - wide / 2, i == 0 ? at.y() - tall - 5 : at.y() + 5, wide, tall);
      const auto hits = [&](const QRectF& b) {
        return std::any_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(b); });
      };
      if (hits(box)) box.moveTop(i == 0 ? at.y() + 5 : at.y() - tall - 5);
      if (hits(box)) continue;
      taken.push_back(box);
      painter.drawText(box, Qt::AlignCenter, words);
    }
  }
}

void ExploreScores::paintEnds(QPainter& painter, const Frame& f) const {
  const Theme& t = Theme::current();
  QFont strong = ui::font(TextRole::small);
  strong.setWeight(QFont::DemiBold);
  const double tall = QFontMetrics(strong).height() + 1.0;
  // One under the other without touching: from the highest down, and back up where the last would leave the plot.
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < lines_.size(); ++i) order.emplace_back(f.at(0, lines_[i].points.back().fraction).y(), i);
  std::sort(order.begin(), order.end());
  for (std::size_t k = 1; k < order.size(); ++k) order[k].first = std::max(order[k].first, order[k - 1].first + tall);
  double latest = 0.0;
  for (const auto& line : lines_) latest = std::max(latest, line.points.back().days);
  double room = f.area.bottom() + 2.0;
  for (std::size_t k = order.size(); k-- > 0;) {
    order[k].first = std::min(order[k].first, room);
    room = order[k].first - tall;
  }
  for (const auto& [y, i] : order) {
    const auto& last = lines_[i].points.back();
    double x = f.at(latest, 0).x() + 12;
    // A mark beside a word that had to give way; not coloured letters, some of the colours are too light for them.
    if (std::abs(y - f.at(0, last.fraction).y()) > 2.0 || last.days < latest) {
      paint_mark(painter, QPointF(x, y), i);
      x += 10;
    }
    painter.setFont(strong);
    painter.setPen(t.text);
    const QString words = end_words(lines_[i]);
    painter.drawText(QPointF(x, y + tall / 3.0), words);
    x += QFontMetrics(strong).horizontalAdvance(words) + 6;
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    painter.drawText(QPointF(x, y + tall / 3.0), end_note(lines_[i]));
  }
}

void ExploreScores::paintEvent(QPaintEvent*) {
  if (lines_.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Frame f = frame();
  paintAxes(painter, f);
  paintLines(painter, f);
  paintEnds(painter, f);
}

}  // namespace ipsi::ui
