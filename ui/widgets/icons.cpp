// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPixmapCache>
#include <QSvgRenderer>
#include <algorithm>
#include <memory>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

QSvgRenderer* renderer_of(const QString& name) {
  static QHash<QString, std::shared_ptr<QSvgRenderer>> known;
  auto& renderer = known[name];
  if (!renderer) {
    renderer = std::make_shared<QSvgRenderer>();
    QFile file(":/icons/" + name + ".svg");
    if (file.open(QIODevice::ReadOnly)) renderer->load(file.readAll().replace("currentColor", "#000000"));
  }
  return renderer->isValid() ? renderer.get() : nullptr;
}

QPixmap tinted(const QString& name, const QSize& size, double ratio, const QColor& colour) {
  const QString key =
      QString("ipsi-icon/%1/%2x%3/%4").arg(name).arg(size.width()).arg(size.height()).arg(colour.rgba());
  QPixmap pixmap;
  if (!QPixmapCache::find(key, &pixmap)) {
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    if (auto* renderer = renderer_of(name)) renderer->render(&painter, QRectF(QPointF(), QSizeF(size)));
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(image.rect(), colour);
    painter.end();
    pixmap = QPixmap::fromImage(image);
    QPixmapCache::insert(key, pixmap);
  }
  pixmap.setDevicePixelRatio(ratio);
  return pixmap;
}

class TintedIcon : public QIconEngine {
 public:
  TintedIcon(QString name, QColor Theme::*colour) : name_(std::move(name)), colour_(colour) {}

  // Square, at the left of the room given: a wider room is how buttons keep their word at a distance.
  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const int side = std::min(rect.width(), rect.height());
    paintIcon(*painter, QRectF(rect.left(), rect.top() + (rect.height() - side) / 2.0, side, side), name_,
              colour(mode));
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap out(size);
    out.fill(Qt::transparent);
    QPainter painter(&out);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return out;
  }
  QIconEngine* clone() const override { return new TintedIcon(*this); }

 private:
  [[nodiscard]] QColor colour(QIcon::Mode mode) const {
    const Theme& theme = Theme::current();
    return mode == QIcon::Disabled ? theme.muted : theme.*colour_;
  }
  QString name_;
  QColor Theme::*colour_;
};

}  // namespace

QIcon icon(const QString& name) {
  return icon(name, &Theme::text);
}

QIcon icon(const QString& name, QColor Theme::*colour) {
  return QIcon(new TintedIcon(name, colour));
}

void paintIcon(QPainter& painter, const QRectF& rect, const QString& name, const QColor& colour) {
  const double ratio = painter.device() != nullptr ? painter.device()->devicePixelRatioF() : 1.0;
  const QSize pixels = (rect.size() * ratio).toSize().expandedTo(QSize(1, 1));
  painter.drawPixmap(rect.topLeft(), tinted(name, pixels, ratio, colour));
}

QStringList iconNames() {
  QStringList names;
  for (const QString& file : QDir(":/icons").entryList({"*.svg"})) names << file.chopped(4);
  return names;
}

}  // namespace ipsi::ui
