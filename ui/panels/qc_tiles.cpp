// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_tiles.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <cmath>

#include "ui/panels/qc_text.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {
namespace {

constexpr int kPlaces = 12, kGap = 6;
constexpr double kStrikingZ = 2.5;

QString percent(double share) {
  return std::isnan(share) ? formatNumber(share, 0) : formatNumber(100.0 * share, 0) + " %";
}

}  // namespace

FlagSymbol qc_symbol(QcFlag flag) {
  switch (flag) {
    case QcFlag::ok: return FlagSymbol::ok;
    case QcFlag::lesioned: return FlagSymbol::lesioned;
    case QcFlag::failed: return FlagSymbol::failed;
    case QcFlag::unrated: break;
  }
  return FlagSymbol::unrated;
}

FlagSymbol qc_symbol(const QcTile& tile) {
  if (tile.flag != QcFlag::unrated) return qc_symbol(tile.flag);
  if (tile.later) return FlagSymbol::later;
  if (tile.suggested == QcFlag::lesioned) return FlagSymbol::suggested_lesioned;
  return tile.suggested == QcFlag::failed ? FlagSymbol::suggested_failed : FlagSymbol::unrated;
}

QcTiles::QcTiles(QWidget* parent) : QWidget(parent) {
  setObjectName("qc.tiles");
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize QcTiles::minimumSizeHint() const {
  // Three lines: asymmetry and overlap share one where the window is low or the text large.
  const int lines = QFontMetrics(ui::font(TextRole::strong)).height() +
                    QFontMetrics(ui::font(TextRole::body)).height() + QFontMetrics(ui::font(TextRole::small)).height();
  return {scaled(300), head() + 6 * (lines + 4 + kGap)};
}

void QcTiles::setState(const QcModel::State& state) {
  tiles_ = state.tiles;
  order_ = state.order;
  columns_ = state.columns;
  region_ = state.region;
  there_ = state.current >= 0;
  reasons_ = state.suggest == QcSuggest::before;
  setAccessibleName(tr("Twelve regions"));
  setAccessibleDescription(region_ >= 0 ? words(region_) : QString());
  update();
}

int QcTiles::gutter() const {
  return keyCapWidth("6") + 6;
}
int QcTiles::head() const {
  return QFontMetrics(ui::font(TextRole::small)).height() + 4;
}

QRect QcTiles::tileRect(int place) const {
  const int wide = (width() - gutter() - kGap) / 2, tall = (height() - head()) / 6;
  return {gutter() + (place % 2) * (wide + kGap), head() + (place / 2) * tall, wide, tall - kGap};
}

int QcTiles::placeAt(const QPoint& at) const {
  for (int place = 0; there_ && place < kPlaces; ++place)
    if (tileRect(place).contains(at)) return place;
  return -1;
}

QString QcTiles::words(int region) const {
  const auto& tile = tiles_[static_cast<std::size_t>(region)];
  const QcNumbers& n = tile.numbers;
  const QString side = region % 2 == 0 ? tr("Left") : tr("Right");
  QStringList lines{QString("%1 %2: %3").arg(side, tile.title.toLower(), qc_word(tile.flag))};
  if (tile.later) lines << tr("to be reviewed later");
  lines << tr("%1 mm\u00b3").arg(formatNumber(n.volume, 0));
  lines << (n.z_people < kLeastForZ
                ? tr("z: needs %1 patients with a volume; there are %2").arg(kLeastForZ).arg(n.z_people)
                : qc_z_words(n, formatNumber(n.z, 1)));
  lines << tr("asymmetry %1: (left - right) / (left + right)").arg(formatNumber(n.asymmetry, 2));
  lines << (std::isnan(tile.overlap)      ? tr("overlap with the lesion: not known")
            : std::isnan(tile.lesion_mm3) ? tr("overlap with the lesion: %1 of the region").arg(percent(tile.overlap))
                                          : tr("overlap with the lesion: %1 of the region, %2 mm\u00b3")
                                                .arg(percent(tile.overlap), formatNumber(tile.lesion_mm3, 0)));
  if (const QString proposed = qc_suggestion_words(tile); !proposed.isEmpty()) lines << proposed;
  if (reasons_ && !tile.reasons.isEmpty()) lines << qc_risk_words(tile);
  if (!tile.comment.isEmpty()) lines << tr("comment: %1").arg(tile.comment);
  return lines.join('\n');
}

void QcTiles::paintTile(QPainter& painter, int place) const {
  const Theme& t = Theme::current();
  const int region = order_[static_cast<std::size_t>(place)];
  const auto& tile = tiles_[static_cast<std::size_t>(region)];
  const QRect rect = tileRect(place);
  const bool current = region == region_;
  const double half = current ? 1.0 : 0.5;
  painter.setPen(QPen(current ? t.accent : t.border, 2 * half));
  painter.setBrush(current ? t.selection : place == hover_ ? t.hover : t.surface);
  painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), 6, 6);
  const QFontMetrics strong(ui::font(TextRole::strong)), body(ui::font(TextRole::body)),
      small(ui::font(TextRole::small));
  const int left = rect.left() + 10, wide = rect.width() - 20, flag = scaled(18);
  const bool low = rect.height() < strong.height() + body.height() + 2 * small.height() + 4;
  const int lines = strong.height() + body.height() + (low ? 1 : 2) * small.height();
  int y = rect.top() + std::max(2, (rect.height() - lines) / 2);
  paintFlag(painter, QRectF(left - 1, y + (strong.height() - flag) / 2.0, flag, flag), qc_symbol(tile));
  const int mark = tile.comment.isEmpty() ? 0 : scaled(14);
  const int room = wide - flag - 5 - (mark > 0 ? mark + 3 : 0);
  QString title = tile.title;
  if (strong.horizontalAdvance(title) > room) title.replace(tr("Lateral "), tr("Lat. "));
  painter.setFont(ui::font(TextRole::strong));
  painter.setPen(tile.wanted ? t.text : t.muted);  // the queue is of other regions
  painter.drawText(QRect(left + flag + 5, y, room, strong.height()), Qt::AlignVCenter | Qt::AlignLeft,
                   strong.elidedText(title, Qt::ElideRight, room));
  if (mark > 0)
    paintIcon(painter, QRectF(left + wide - mark, y + (strong.height() - mark) / 2.0, mark, mark), "comment", t.muted);
  y += strong.height();
  const auto pair = [&](const QFontMetrics& metrics, TextRole role, const QString& a, const QColor& ink,
                        const QString& b, bool bold) {
    const QRect line(left, y, wide, metrics.height());
    painter.setFont(ui::font(role));
    painter.setPen(ink);
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, a);
    QFont right = ui::font(role);
    right.setBold(bold);
    painter.setFont(right);
    painter.setPen(t.text);
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, b);
    y += metrics.height();
  };
  const QcNumbers& n = tile.numbers;
  const QString z = "z " + formatNumber(n.z, 1);
  QString volume = std::isnan(n.volume) ? tr("no volume") : formatNumber(n.volume, 0) + " mm\u00b3";
  if (body.horizontalAdvance(volume + z) + 10 > wide) volume.remove(" mm\u00b3");
  pair(body, TextRole::body, volume, t.text, z, std::abs(n.z) > kStrikingZ);
  const bool overlaps = tile.overlap > 0.0;
  if (low) {
    pair(small, TextRole::small, formatNumber(n.asymmetry, 2), t.muted, percent(tile.overlap), overlaps);
    return;
  }
  pair(small, TextRole::small, tr("asymmetry"), t.muted, formatNumber(n.asymmetry, 2), false);
  pair(small, TextRole::small, tr("overlap"), t.muted, percent(tile.overlap), overlaps);
}

void QcTiles::paintEvent(QPaintEvent*) {
  if (!there_) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& t = Theme::current();
  painter.setFont(ui::font(TextRole::small));
  painter.setPen(t.muted);
  for (int column = 0; column < 2; ++column) {
    const QRect tile = tileRect(column);
    painter.drawText(QRect(tile.left(), 0, tile.width(), head() - 4), Qt::AlignVCenter | Qt::AlignLeft,
                     columns_[static_cast<std::size_t>(column)]);
  }
  for (int row = 0; row < 6; ++row) paintKeyCap(painter, 0, tileRect(2 * row).center().y(), QString::number(row + 1));
  for (int place = 0; place < kPlaces; ++place) paintTile(painter, place);
}

void QcTiles::mousePressEvent(QMouseEvent* event) {
  const int place = placeAt(event->pos());
  if (place >= 0 && event->button() == Qt::LeftButton) emit chosen(order_[static_cast<std::size_t>(place)]);
}
void QcTiles::mouseMoveEvent(QMouseEvent* event) {
  const int place = placeAt(event->pos());
  if (place == hover_) return;
  hover_ = place;
  update();
}
void QcTiles::leaveEvent(QEvent*) {
  hover_ = -1;
  update();
}

bool QcTiles::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int place = placeAt(help->pos());
    if (place >= 0)
      QToolTip::showText(help->globalPos(), words(order_[static_cast<std::size_t>(place)]), this, tileRect(place));
    else
      QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) updateGeometry();
  return QWidget::event(event);
}

}  // namespace ipsi::ui
