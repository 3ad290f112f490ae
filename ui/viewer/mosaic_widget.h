// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QHash>
#include <QPixmap>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/render/thumbnail.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {

/// What a tile of the mosaic says of one person.
struct MosaicTile {
  QString name, note;  ///< "sub-012", "z -3.1, risk 0.82"
  FlagSymbol flag = FlagSymbol::unrated;
  std::optional<FlagSymbol> suggestion;                ///< shown beside the name
  std::shared_ptr<const render::Thumbnail> thumbnail;  ///< null: not read yet, or `missing`
  QString missing;                                     ///< why there is no picture: "no scan"
  QString words;                                       ///< tool tip, read aloud
  friend bool operator==(const MosaicTile&, const MosaicTile&) = default;
};

/// A scrolling grid of one region over people. As many columns as make 24 tiles fit, the pictures as large as can be.
///
/// Tiles are painted once and kept as pictures around what is visible, so that scrolling copies pixels and no more.
/// Arrows, Page Up and Down, Home and End move the current tile; Enter and a double click open it; all other keys go on
/// to the parent.
class MosaicWidget : public QAbstractScrollArea {
  Q_OBJECT

 public:
  static constexpr int kWanted = 24;  ///< tiles to be seen at once

  explicit MosaicWidget(QWidget* parent = nullptr);
  ~MosaicWidget() override;

  // -- what is shown ---------------------------------------------------------------------------------------------
  /// Asked for what is visible, whenever `refresh` said that something may have changed. Must be quick.
  void setSource(std::function<MosaicTile(int index)> source);
  void setCount(int count);
  void setRegion(int region);  ///< of all thumbnails, index in kRegions
  /// What the source says may be something else now.
  void refresh();
  void setLook(const render::PlaneLook& look);
  [[nodiscard]] const render::PlaneLook& look() const { return look_; }
  void setOverlayHidden(bool hidden);  ///< all overlays, while a key is held

  // -- which is current ------------------------------------------------------------------------------------------
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] int current() const { return current_; }
  /// Without signal. A tile that is not in view comes into the first row, so that a page of new ones can be seen.
  void setCurrent(int index);
  void moveCurrent(int columns, int rows);  ///< by the user: emits `chosen`

  // -- where -----------------------------------------------------------------------------------------------------
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] int rows() const;                 ///< wholly visible at once
  [[nodiscard]] QRect tileRect(int index) const;  ///< in the viewport
  [[nodiscard]] int indexAt(const QPoint& at) const;
  /// Indices that can be seen, also in part: first, and one past the last.
  [[nodiscard]] std::pair<int, int> visible() const;

 signals:
  void chosen(int index);  ///< by the user: click or key
  void opened(int index);  ///< double click, Enter
  void visibleChanged();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool viewportEvent(QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  static constexpr int kGap = 6, kInset = 3, kTextPad = 2;  ///< between tiles; around pictures; around words
  struct Painted {
    MosaicTile tile;
    QPixmap pixels;
    bool current = false;
    int asked = -1;  ///< refresh at which the source was asked
  };
  void arrange();
  void choose(int index);
  void describe();
  const Painted& painted(int index);
  [[nodiscard]] QPixmap paint(const MosaicTile& tile, bool current);
  void paintPicture(QPainter& painter, const QRect& area, const MosaicTile& tile);
  [[nodiscard]] const QPixmap& letter(char name);  ///< with its dark edge
  void paintAhead();
  void forget();
  [[nodiscard]] int rowHeight() const;
  [[nodiscard]] int textHeight() const;
  [[nodiscard]] int narrowest() const;  ///< tile in which a name can be read

  std::function<MosaicTile(int)> source_;
  int count_ = 0, region_ = 0, current_ = -1, hover_ = -1;
  int columns_ = 6, picture_ = 100, left_ = 0, tile_width_ = 100;
  int asks_ = 0;
  bool hidden_ = false;
  int direction_ = 1;  ///< of the last scrolling
  render::PlaneLook look_;
  render::ThumbnailPainter painter_;
  std::unordered_map<int, Painted> painted_;
  QHash<char, QPixmap> letters_;
  std::pair<int, int> told_{-1, -1};
  QTimer idle_;
};

}  // namespace ipsi::ui
