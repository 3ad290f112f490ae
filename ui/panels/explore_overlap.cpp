// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_overlap.h"

#include <QEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kPadding = 12, kBar = 9;

/// "Left putamen"
QString name_of(const ExploreModel::State& state, std::size_t region) {
  const QString side = region % 2 == 0 ? ExploreOverlap::tr("left") : ExploreOverlap::tr("right");
  return side + " " + state.regions[region].title.toLower();
}

}  // namespace

ExploreOverlap::ExploreOverlap(QWidget* parent) : QWidget(parent) {
  setObjectName("explore.overlap");
  setAccessibleName(tr("Lesion overlap by region"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ExploreOverlap::setState(const ExploreModel::State& state) {
  rows_.clear();
  int others = 0, unknown = 0;
  std::size_t nearest = state.regions.size();
  for (std::size_t r = 0; r < state.regions.size(); ++r) {
    const auto& region = state.regions[r];
    if (std::isnan(region.overlap)) {
      ++unknown;
    } else if (region.overlap > 0.0) {
      QString name = name_of(state, r);
      name[0] = name[0].toUpper();
      rows_.push_back({name, region.overlap, region.overlap_mm3});
    } else {
      ++others;
      if (!std::isnan(region.distance_mm) &&
          (nearest == state.regions.size() || region.distance_mm < state.regions[nearest].distance_mm))
        nearest = r;
    }
  }
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.share > b.share; });
  QStringList words;
  if (!state.mask) {
    words << tr("No lesion mask of this session, so the overlap with the regions is not known.");
  } else if (unknown == 12) {
    words << tr("There is a lesion mask but no segmentation to compare it with.");
  } else {
    if (others == 12)
      words << tr("The lesion reaches none of the twelve regions.");
    else if (others > 0)
      words << tr("Other %1 regions: 0 %.").arg(others);
    if (nearest < state.regions.size())
      words << tr("Nearest of them: %1, %2 mm.")
                   .arg(name_of(state, nearest), formatNumber(state.regions[nearest].distance_mm, 0));
    if (unknown > 0) words << tr("%1 without a label: not known.").arg(unknown);
  }
  sentence_ = state.id.isEmpty() ? QString() : words.join(' ');
  QStringList aloud;
  for (const auto& row : rows_) aloud << tr("%1: %2 %").arg(row.title, formatNumber(100.0 * row.share, 0));
  setAccessibleDescription((aloud << sentence_).join("; "));
  updateGeometry();
  update();
}

int ExploreOverlap::rowHeight() const {
  return QFontMetrics(ui::font(TextRole::body)).height() + 5;
}

QSize ExploreOverlap::sizeHint() const {
  // The sentence may need two lines in a narrow pane.
  const int lines = 2 * QFontMetrics(ui::font(TextRole::small)).height();
  return {scaled(300), static_cast<int>(rows_.size()) * rowHeight() + lines + 8};
}

void ExploreOverlap::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  const QFontMetrics number(ui::font(TextRole::number)), body(ui::font(TextRole::body));
  int name = 0;
  for (const auto& row : rows_) name = std::max(name, body.horizontalAdvance(row.title));
  const int right = width() - kPadding, mm3 = right - number.horizontalAdvance("100,000 mm\u00b3"),
            percent = mm3 - number.horizontalAdvance("100 %") - 4, left = kPadding + name + 14;
  const int room = std::max(20, percent - 12 - left);
  int y = 0;
  for (const auto& row : rows_) {
    const int tall = rowHeight();
    painter.setPen(t.text);
    painter.setFont(ui::font(TextRole::body));
    painter.drawText(QRect(kPadding, y, name + 4, tall), Qt::AlignLeft | Qt::AlignVCenter, row.title);
    const QRect groove(left, y + (tall - kBar) / 2, room, kBar);
    painter.fillRect(groove, t.border);
    painter.fillRect(groove.left(), groove.top(), std::max(1, static_cast<int>(std::lround(row.share * room))), kBar,
                     t.flag_lesioned);
    painter.setFont(ui::font(TextRole::number));
    const QString share = row.share < 0.005 ? tr("<1 %") : formatNumber(100.0 * row.share, 0) + " %";
    painter.drawText(QRect(percent, y, mm3 - percent - 4, tall), Qt::AlignRight | Qt::AlignVCenter, share);
    painter.setPen(t.muted);
    painter.drawText(QRect(mm3, y, right - mm3, tall), Qt::AlignRight | Qt::AlignVCenter,
                     formatNumber(row.mm3, 0) + " mm\u00b3");
    y += tall;
  }
  painter.setPen(t.muted);
  painter.setFont(ui::font(TextRole::small));
  painter.drawText(QRect(kPadding, y + 4, width() - 2 * kPadding, height() - y - 4),
                   Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, sentence_);
}

void ExploreOverlap::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) updateGeometry();
  QWidget::changeEvent(event);
}

}  // namespace ipsi::ui
