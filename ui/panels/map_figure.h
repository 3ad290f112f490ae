// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QImage>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>

#include "ui/viewmodels/map_export.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// "Vik: blue to red brown" for a colour map's name.
[[nodiscard]] QString map_colour_title(const QString& name);

/// The page as it will be printed, at its real size on this screen, as people with other colour vision see it.
class MapPreview : public QWidget {
  Q_OBJECT

 public:
  explicit MapPreview(MapExport& figure, QWidget* parent = nullptr);
  void render();
  [[nodiscard]] QImage shownImage() const { return shown_; }

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  class Page;
  void simulate();
  void tellDpi();
  void fitNote();

  MapExport& figure_;
  render::Vision vision_ = render::Vision::normal;
  QByteArray seen_;
  QImage image_, shown_;
  ElidedLabel* note_;
  Badge* badge_;
  Segments* visions_;
  Page* page_;
  ErrorCard* failure_;
  QWidget *failed_, *recipe_;
  Label* recipe_note_;
  QPushButton* today_;
  QScrollArea* scroll_;
  bool guessed_ = false;  ///< the screen does not tell its size
};

/// Width, resolution, format, colours, words: what the figure shall be. Every change is seen in the preview.
class MapFigureForm : public QWidget {
  Q_OBJECT

 public:
  MapFigureForm(MapModel& map, MapExport& figure, QWidget* parent = nullptr);
  void render();
  void focusFirst();

 signals:
  void closeWanted();

 private:
  [[nodiscard]] QWidget* fields();
  void change(const std::function<void(MapExport::Options&)>& edit);
  void changeLook(const std::function<void(MapLook&)>& edit);
  void chooseFile();

  MapModel& map_;
  MapExport& figure_;
  bool painting_ = false;
  Segments *width_, *format_, *background_, *view_, *panels_;
  QDoubleSpinBox *other_width_, *limit_;
  QComboBox *dpi_, *colours_;
  QLineEdit *label_, *pattern_;
  Label* file_;
  QPlainTextEdit* alt_;
  QPushButton* export_;
};

}  // namespace ipsi::ui
