// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_regions.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/panels/qc_tiles.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kPlaces = 12, kPadding = 12, kGap = 10;
constexpr double kStripZ = 4.6;       // the strip shows from -kStripZ to kStripZ
constexpr double kBarShare = 0.41;    // of the width
constexpr double kGolden = 0.618034;  // spreads the dots over the row's height, the same way every time

QColor colour_of(double z) {
  return QColor::fromRgb(ExploreModel::colourOf(z));
}
QString people_words(const ExploreModel::State& state) {
  if (state.z_high < kLeastForZ) return ExploreRegions::tr("z needs %1 patients with a volume").arg(kLeastForZ);
  return {};
}

}  // namespace

ExploreRegions::ExploreRegions(QWidget* parent) : QWidget(parent) {
  setObjectName("explore.regions");
  setAccessibleName(tr("Twelve regions against the study"));
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ExploreRegions::setState(const ExploreModel::State& state) {
  state_ = state;
  setAccessibleDescription(state.id.isEmpty() ? QString() : words(state.region));
  update();
}

int ExploreRegions::rowHeight() const {
  return std::max(22, QFontMetrics(ui::font(TextRole::body)).height() + 4);
}
int ExploreRegions::headHeight() const {
  return QFontMetrics(ui::font(TextRole::small)).height() + 9;
}

QSize ExploreRegions::sizeHint() const {
  const int small = QFontMetrics(ui::font(TextRole::small)).height();
  return {scaled(360), headHeight() + 14 * rowHeight() + small + 38};
}

QRect ExploreRegions::rowRect(int place) const {
  const int tall = rowHeight();
  return {0, headHeight() + (place + 1 + place / 6) * tall, width(), tall};
}

int ExploreRegions::placeAt(const QPoint& at) const {
  for (int place = 0; !state_.id.isEmpty() && place < kPlaces; ++place)
    if (rowRect(place).contains(at)) return place;
  return -1;
}
int ExploreRegions::placeOf(int region) const {
  const auto at = std::find(state_.order.begin(), state_.order.end(), region);
  return at == state_.order.end() ? -1 : static_cast<int>(at - state_.order.begin());
}

ExploreRegions::Columns ExploreRegions::columns() const {
  const QFontMetrics number(ui::font(TextRole::number)), body(ui::font(TextRole::body));
  const int flag = scaled(16);
  Columns at;
  at.flag = kPadding;
  at.name = kPadding + flag + 8;
  at.volume = at.name + body.horizontalAdvance(tr("Lateral ventricle")) + kGap + number.horizontalAdvance("100,000");
  at.z = at.volume + kGap + 6 + number.horizontalAdvance(minusSign() + "10.0");
  at.asymmetry = width() - kPadding;
  at.strip = at.z + 2 * kGap;
  at.strip_width = std::max(40, at.asymmetry - number.horizontalAdvance(minusSign() + "0.00") - 2 * kGap - at.strip);
  return at;
}

QString ExploreRegions::words(int region) const {
  const auto& r = state_.regions[static_cast<std::size_t>(region)];
  const QcNumbers& n = r.numbers;
  const QString side = region % 2 == 0 ? tr("Left") : tr("Right");
  QStringList lines{QString("%1 %2: %3").arg(side, r.title.toLower(), qc_word(r.flag))};
  lines << (std::isnan(n.volume) ? tr("no volume") : tr("%1 mm\u00b3").arg(formatNumber(n.volume, 0)));
  if (n.z_people < kLeastForZ)
    lines << tr("z: needs %1 patients with a volume; there are %2").arg(kLeastForZ).arg(n.z_people);
  else if (std::isnan(n.z))
    lines << tr("no z without a volume");
  else
    lines << qc_z_words(n, formatNumber(n.z, 1));
  lines << tr("asymmetry %1: (left - right) / (left + right)").arg(formatNumber(n.asymmetry, 2));
  if (!std::isnan(r.overlap)) lines << tr("%1 % inside the lesion").arg(formatNumber(100.0 * r.overlap, 0));
  return lines.join('\n');
}

const QPixmap& ExploreRegions::dots(int region, const QSize& size) {
  const double ratio = devicePixelRatioF();
  if (dots_version_ != state_.dots_version || dots_size_ != size || dots_ratio_ != ratio) {
    for (auto& pixmap : dots_) pixmap = {};
    dots_version_ = state_.dots_version;
    dots_size_ = size;
    dots_ratio_ = ratio;
  }
  QPixmap& made = dots_[static_cast<std::size_t>(region)];
  if (!made.isNull()) return made;
  made = QPixmap(size * ratio);
  made.setDevicePixelRatio(ratio);
  made.fill(Qt::transparent);
  QPainter painter(&made);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor ink = Theme::current().muted;
  const auto& all = state_.dots[static_cast<std::size_t>(region)];
  // Few people are dots; many are a cloud whose depth tells how many.
  ink.setAlphaF(std::clamp(24.0F / std::sqrt(static_cast<float>(std::max<std::size_t>(all.size(), 1))), 0.28F, 0.75F));
  painter.setPen(QPen(ink, all.size() > 300 ? 1.7 : 2.4, Qt::SolidLine, Qt::RoundCap));
  const double middle = size.height() / 2.0, spread = size.height() - 10.0;
  double place = 0.25;
  for (const float z : all) {
    place += kGolden;
    place -= std::floor(place);
    const double x = (std::clamp<double>(z, -kStripZ, kStripZ) + kStripZ) / (2.0 * kStripZ) * (size.width() - 8) + 4;
    painter.drawPoint(QPointF(x, middle + (place - 0.5) * spread));
  }
  return made;
}

void ExploreRegions::paintHead(QPainter& painter, const Columns& at) const {
  const Theme& t = Theme::current();
  QFont head = ui::font(TextRole::small);
  head.setWeight(QFont::DemiBold);
  painter.setFont(head);
  painter.setPen(t.muted);
  const int tall = headHeight() - 1;
  const auto right = [&](int edge, const QString& words) {
    painter.drawText(QRect(edge - 200, 0, 200, tall), Qt::AlignRight | Qt::AlignVCenter, words);
  };
  painter.drawText(QRect(at.flag, 0, 200, tall), Qt::AlignLeft | Qt::AlignVCenter, tr("Region"));
  right(at.volume, tr("mm\u00b3"));
  right(at.z, tr("z"));
  right(at.asymmetry, tr("asym."));
  painter.drawText(QRect(at.strip, 0, at.strip_width, tall), Qt::AlignHCenter | Qt::AlignVCenter, tr("in the study"));
  painter.fillRect(0, headHeight() - 1, width(), 1, t.border);
  painter.setPen(t.text);
  for (int side = 0; side < 2; ++side) {
    const QRect band(0, headHeight() + side * 7 * rowHeight(), width(), rowHeight());
    painter.fillRect(band, t.window);
    painter.fillRect(band.left(), band.bottom(), band.width(), 1, t.hair);
    painter.drawText(band.adjusted(kPadding, 0, -kPadding, -1), Qt::AlignLeft | Qt::AlignVCenter,
                     state_.sides[static_cast<std::size_t>(side)]);
  }
}

void ExploreRegions::paintRow(QPainter& painter, const Columns& at, int place) {
  const Theme& t = Theme::current();
  const int region = state_.order[static_cast<std::size_t>(place)];
  const auto& r = state_.regions[static_cast<std::size_t>(region)];
  const QRect rect = rowRect(place);
  const bool current = region == state_.region;
  painter.fillRect(rect, current ? t.selection : place == hover_ ? t.hover : t.surface);
  if (current) painter.fillRect(rect.left(), rect.top(), 3, rect.height(), t.accent);
  painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.hair);
  const int flag = scaled(16);
  paintFlag(painter, QRectF(at.flag, rect.center().y() - flag / 2.0 + 0.5, flag, flag), qc_symbol(r.flag));
  painter.setPen(t.text);
  painter.setFont(ui::font(TextRole::body));
  painter.drawText(QRect(at.name, rect.top(), at.volume - at.name, rect.height() - 1), Qt::AlignLeft | Qt::AlignVCenter,
                   r.title);
  const auto right = [&](int edge, double value, int decimals, bool bold) {
    QFont f = ui::font(TextRole::number);
    if (bold) f.setWeight(QFont::DemiBold);
    painter.setFont(f);
    painter.setPen(std::isnan(value) ? t.muted : t.text);
    painter.drawText(QRect(edge - 200, rect.top(), 200, rect.height() - 1), Qt::AlignRight | Qt::AlignVCenter,
                     formatNumber(value, decimals));
  };
  right(at.volume, r.numbers.volume, 0, false);
  right(at.z, r.numbers.z, 1, std::abs(r.numbers.z) > ExploreModel::kStrikingZ);
  right(at.asymmetry, r.numbers.asymmetry, 2, false);
  const QSize strip(at.strip_width, rect.height() - 1);
  painter.drawPixmap(QPoint(at.strip, rect.top()), dots(region, strip));
  if (std::isnan(r.numbers.z)) return;
  const double z = std::clamp(r.numbers.z, -kStripZ, kStripZ);
  const QPointF centre(at.strip + 4 + (z + kStripZ) / (2.0 * kStripZ) * (at.strip_width - 8), rect.center().y() + 0.5);
  painter.setPen(QPen(t.surface, 4.2));  // a gap, so that the ring stands out of the cloud
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(centre, 5.2, 5.2);
  painter.setPen(QPen(t.text, 1.8));
  painter.setBrush(colour_of(r.numbers.z));
  painter.drawEllipse(centre, 5.2, 5.2);
}

void ExploreRegions::paintBar(QPainter& painter, const Columns& at) const {
  const Theme& t = Theme::current();
  const QFontMetrics small(ui::font(TextRole::small));
  const int top = rowRect(kPlaces - 1).bottom() + 11, tall = 10, left = at.name + 6;
  const int wide = static_cast<int>(kBarShare * width()), tip = 7;
  painter.setFont(ui::font(TextRole::small));
  painter.setPen(t.muted);
  painter.drawText(QRect(at.flag, top - 5, 30, tall + 10), Qt::AlignLeft | Qt::AlignVCenter, tr("z"));
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (int x = 0; x < wide; ++x)
    painter.fillRect(left + x, top, 1, tall, colour_of(ExploreModel::kZLimit * (2.0 * (x + 0.5) / wide - 1.0)));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour_of(-2.0 * ExploreModel::kZLimit));
  painter.drawPolygon(
      QPolygonF({QPointF(left - 2, top), QPointF(left - 2, top + tall), QPointF(left - 2 - tip, top + tall / 2.0)}));
  painter.setBrush(colour_of(2.0 * ExploreModel::kZLimit));
  painter.drawPolygon(QPolygonF({QPointF(left + wide + 2, top), QPointF(left + wide + 2, top + tall),
                                 QPointF(left + wide + 2 + tip, top + tall / 2.0)}));
  painter.setPen(t.muted);
  for (const int z : {-4, -2, 0, 2, 4}) {
    const int x = left + static_cast<int>(std::lround((z / ExploreModel::kZLimit + 1.0) / 2.0 * wide));
    painter.drawText(QRect(x - 30, top + tall + 2, 60, small.height()), Qt::AlignHCenter | Qt::AlignTop,
                     formatNumber(z, 0));
  }
  const QString key =
      people_words(state_).isEmpty() ? tr("ring: %1, dots: others").arg(state_.id) : people_words(state_);
  const QRect room(left + wide + 16, top + tall / 2 - small.height() / 2 - 2, at.asymmetry - left - wide - 16,
                   small.height() + 4);
  painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter, small.elidedText(key, Qt::ElideMiddle, room.width()));
}

void ExploreRegions::paintEvent(QPaintEvent*) {
  if (state_.id.isEmpty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(rect(), Theme::current().surface);
  const Columns at = columns();
  paintHead(painter, at);
  for (int place = 0; place < kPlaces; ++place) paintRow(painter, at, place);
  paintBar(painter, at);
}

void ExploreRegions::mousePressEvent(QMouseEvent* event) {
  const int place = placeAt(event->pos());
  if (place >= 0 && event->button() == Qt::LeftButton) emit chosen(state_.order[static_cast<std::size_t>(place)]);
}
void ExploreRegions::mouseMoveEvent(QMouseEvent* event) {
  const int place = placeAt(event->pos());
  if (place == hover_) return;
  hover_ = place;
  update();
}
void ExploreRegions::leaveEvent(QEvent*) {
  hover_ = -1;
  update();
}

void ExploreRegions::keyPressEvent(QKeyEvent* event) {
  const int place = placeOf(state_.region);
  int to = -1;
  switch (event->key()) {
    case Qt::Key_Up: to = std::max(0, place - 1); break;
    case Qt::Key_Down: to = std::min(kPlaces - 1, place + 1); break;
    case Qt::Key_Left:
    case Qt::Key_Right: to = (place + 6) % kPlaces; break;  // the same structure of the other side
    case Qt::Key_Home: to = 0; break;
    case Qt::Key_End: to = kPlaces - 1; break;
    default: QWidget::keyPressEvent(event); return;
  }
  if (!state_.id.isEmpty() && place >= 0) emit chosen(state_.order[static_cast<std::size_t>(to)]);
}

bool ExploreRegions::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int place = placeAt(help->pos());
    if (place >= 0)
      QToolTip::showText(help->globalPos(), words(state_.order[static_cast<std::size_t>(place)]), this, rowRect(place));
    else
      QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    dots_version_ = -1;
    updateGeometry();
  }
  return QWidget::event(event);
}

}  // namespace ipsi::ui
