// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "ui/viewer/mosaic_widget.h"

namespace ipsi::ui {
namespace {

constexpr int kPagesKept = 3;
constexpr double kRadius = 6.0;

}  // namespace

/// Drawn once: the edge of a letter costs more than the scan beside it.
const QPixmap& MosaicWidget::letter(char name) {
  const auto found = letters_.constFind(name);
  if (found != letters_.constEnd()) return *found;
  const Theme& t = Theme::current();
  const QFont role = ui::font(TextRole::tiny);
  const QFontMetricsF metrics(role);
  constexpr double kHalo = 2.0;
  const QSizeF size(metrics.horizontalAdvance(QChar(name)) + 2 * kHalo, metrics.capHeight() + 2 * kHalo);
  QPixmap pixels((size * devicePixelRatioF()).toSize() + QSize(1, 1));
  pixels.setDevicePixelRatio(devicePixelRatioF());
  pixels.fill(Qt::transparent);
  QPainterPath path;
  path.addText(kHalo, kHalo + metrics.capHeight(), role, QString(QChar(name)));
  QPainter painter(&pixels);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.strokePath(path, QPen(t.slice_background, 2.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.fillPath(path, t.slice_text);
  painter.end();
  return *letters_.insert(name, pixels);
}

void MosaicWidget::paintPicture(QPainter& painter, const QRect& area, const MosaicTile& tile) {
  const double ratio = devicePixelRatioF();
  render::PlaneLook look = look_;
  if (hidden_) {
    look.overlay = render::Overlay::off;
    look.lesion = false;
  }
  const auto& picture =
      painter_.draw(*tile.thumbnail, region_, look, qRound(area.width() * ratio), qRound(area.height() * ratio), ratio);
  QImage image(reinterpret_cast<const uchar*>(picture.pixels.data()), picture.width, picture.height,
               4 * static_cast<qsizetype>(picture.width), QImage::Format_RGB32);
  image.setDevicePixelRatio(ratio);
  painter.drawImage(area.topLeft(), image);
  const auto letters = render::letters_of(render::Plane::axial, look_.convention);
  const QPixmap left = letter(letters.left), right = letter(letters.right);
  const auto top = [&](const QPixmap& name) {
    return area.center().y() - qRound(name.deviceIndependentSize().height() / 2);
  };
  painter.drawPixmap(area.left() + 2, top(left), left);
  painter.drawPixmap(area.right() - 1 - qRound(right.deviceIndependentSize().width()), top(right), right);
}

QPixmap MosaicWidget::paint(const MosaicTile& tile, bool current) {
  const Theme& t = Theme::current();
  const double ratio = devicePixelRatioF();
  const QSize size(tile_width_, picture_ + 2 * kInset + textHeight());
  QPixmap pixels(size * ratio);
  pixels.setDevicePixelRatio(ratio);
  pixels.fill(Qt::transparent);
  QPainter painter(&pixels);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool missing = !tile.thumbnail && !tile.missing.isEmpty();
  painter.setPen(QPen(current   ? t.accent
                      : missing ? t.control
                                : t.border,
                      current ? 2.0 : 1.0, missing && !current ? Qt::DashLine : Qt::SolidLine));
  painter.setBrush(current ? t.selection : missing ? t.sunken : t.surface);
  const double half = current ? 1.0 : 0.5;
  painter.drawRoundedRect(QRectF(QPoint(0, 0), size).adjusted(half, half, -half, -half), kRadius, kRadius);
  const QRect area((size.width() - picture_) / 2, kInset, picture_, picture_);
  if (tile.thumbnail) {
    paintPicture(painter, area, tile);
  } else {
    painter.setFont(ui::font(TextRole::tiny));
    painter.setPen(t.muted);
    painter.drawText(QRect(kInset + 6, area.top() + 4, size.width() - 2 * kInset - 12, area.height() - 8),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, missing ? tile.missing : tr("reading"));
  }
  const QFontMetrics small(ui::font(TextRole::small)), tiny(ui::font(TextRole::tiny));
  const int flag = scaled(14), left = kInset + 3, right = size.width() - kInset - 3;
  int y = kInset + picture_ + kTextPad - 1;
  paintFlag(painter, QRectF(left, y + (small.height() - flag) / 2.0, flag, flag), tile.flag);
  int room = right - left - flag - 4;
  if (tile.suggestion) {
    paintFlag(painter, QRectF(right - flag, y + (small.height() - flag) / 2.0, flag, flag), *tile.suggestion);
    room -= flag + 2;
  }
  painter.setFont(ui::font(TextRole::small));
  painter.setPen(t.text);
  painter.drawText(QRect(left + flag + 4, y, room, small.height()), Qt::AlignLeft | Qt::AlignVCenter,
                   small.elidedText(tile.name, Qt::ElideMiddle, room));
  y += small.height();
  painter.setFont(ui::font(TextRole::tiny));
  painter.setPen(t.muted);
  painter.drawText(QRect(left, y, right - left, tiny.height()), Qt::AlignLeft | Qt::AlignVCenter,
                   tiny.elidedText(tile.note, Qt::ElideRight, right - left));
  return pixels;
}

const MosaicWidget::Painted& MosaicWidget::painted(int index) {
  Painted& kept = painted_[index];
  const bool current = index == current_;
  if (kept.asked == asks_ && kept.current == current && !kept.pixels.isNull()) return kept;
  if (kept.asked != asks_) {
    MosaicTile tile = source_ ? source_(index) : MosaicTile();
    kept.asked = asks_;
    if (!kept.pixels.isNull() && kept.current == current && tile == kept.tile) return kept;
    kept.tile = std::move(tile);
  }
  kept.current = current;
  kept.pixels = paint(kept.tile, current);
  return kept;
}

void MosaicWidget::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), t.window);
  const auto [first, last] = visible();
  if (told_ != std::pair(first, last)) {
    told_ = {first, last};
    // Not from inside a paint event: whoever hears it may ask for another one.
    QMetaObject::invokeMethod(this, &MosaicWidget::visibleChanged, Qt::QueuedConnection);
  }
  for (int index = first; index < last; ++index) {
    const QRect rect = tileRect(index);
    painter.drawPixmap(rect.topLeft(), painted(index).pixels);
    if (index == hover_ && index != current_) {
      painter.setRenderHint(QPainter::Antialiasing);
      painter.setPen(QPen(t.control, 1));
      painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    }
    if (index == current_ && hasFocus()) {
      painter.setRenderHint(QPainter::Antialiasing);
      painter.setPen(QPen(t.accent, 1));
      painter.drawRoundedRect(QRectF(rect).adjusted(-1.5, -1.5, 1.5, 1.5), kRadius + 2, kRadius + 2);
    }
  }
  if (count_ > 0) idle_.start();
}

/// Between events: the rows that come next, a tile at a time; what is far away goes.
void MosaicWidget::paintAhead() {
  const auto [first, last] = visible();
  const int page = std::max(columns_, last - first);
  if (painted_.size() > static_cast<std::size_t>((2 * kPagesKept + 1) * page))
    std::erase_if(painted_, [&, from = first - page, to = last + page](const auto& kept) {
      return kept.first < from || kept.first >= to;
    });
  const auto stale = [this](int index) {
    const auto found = painted_.find(index);
    return found == painted_.end() || found->second.asked != asks_;
  };
  for (int i = 0; i < page; ++i) {
    const int index = direction_ > 0 ? last + i : first - 1 - i;
    if (index < 0 || index >= count_) return;
    if (!stale(index)) continue;
    (void)painted(index);
    idle_.start();
    return;
  }
}

}  // namespace ipsi::ui
