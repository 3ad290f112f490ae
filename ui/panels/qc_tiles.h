// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/qc_model.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {

[[nodiscard]] FlagSymbol qc_symbol(QcFlag flag);
/// The flag, or what stands in its place: later, or the dotted suggestion.
[[nodiscard]] FlagSymbol qc_symbol(const QcTile& tile);

/// Twelve tiles in two columns, painted as one: flag, volume, z, asymmetry, overlap; the key of each pair at the left.
class QcTiles : public QWidget {
  Q_OBJECT

 public:
  explicit QcTiles(QWidget* parent = nullptr);
  void setState(const QcModel::State& state);
  [[nodiscard]] QRect tileRect(int place) const;  ///< 0..11, row by row
  [[nodiscard]] QString words(int region) const;  ///< the tile read aloud
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QSize sizeHint() const override { return minimumSizeHint(); }

 signals:
  void chosen(int region);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void paintTile(QPainter& painter, int place) const;
  [[nodiscard]] int placeAt(const QPoint& at) const;
  [[nodiscard]] int gutter() const;
  [[nodiscard]] int head() const;
  std::array<QcTile, 12> tiles_;
  std::array<int, 12> order_{};
  std::array<QString, 2> columns_;
  int region_ = -1, hover_ = -1;
  bool reasons_ = true;
  bool there_ = false;
};

}  // namespace ipsi::ui
