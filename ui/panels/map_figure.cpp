// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/map_figure.h"

#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QScreen>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <tuple>

namespace ipsi::ui {
namespace {

constexpr std::array kWidths{85.0, 114.0, 174.0};
constexpr std::array kFormats{report::Format::png, report::Format::svg, report::Format::pdf};
constexpr std::array kViews{report::BrainMapOptions::View::both, report::BrainMapOptions::View::subcortical,
                            report::BrainMapOptions::View::slices};
constexpr std::array kDpis{150, 300, 600, 1200};
constexpr std::array kVisions{render::Vision::normal, render::Vision::deutan, render::Vision::protan,
                              render::Vision::tritan, render::Vision::grey};
constexpr double kMmPerInch = 25.4, kUsualDpi = 96.0;
constexpr int kSquare = 8;  // of the ground behind a transparent page

template <class Range, class Value>
int place_of(const Range& range, const Value& value) {
  const auto at = std::find(range.begin(), range.end(), value);
  return at == range.end() ? -1 : static_cast<int>(at - range.begin());
}

}  // namespace

QString map_colour_title(const QString& name) {
  if (name == "diverging") return MapFigureForm::tr("Vik: blue to red brown");
  if (name == "okabe-ito") return MapFigureForm::tr("Okabe-Ito: blue to vermilion");
  return MapFigureForm::tr("Cividis: blue to yellow");
}

/// The picture itself, one of its pixels on one of the screen's.
class MapPreview::Page : public QWidget {
 public:
  explicit Page(const QImage& image) : image_(image) {
    setObjectName("map.preview.page");
    setAccessibleName(MapPreview::tr("The figure at its real size"));
  }
  [[nodiscard]] QSize sizeHint() const override {
    return image_.isNull() ? QSize(200, 100) : (QSizeF(image_.size()) / image_.devicePixelRatio()).toSize();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    if (image_.isNull()) return;
    if (image_.hasAlphaChannel())
      for (int y = 0; y < height(); y += kSquare)
        for (int x = 0; x < width(); x += kSquare)
          painter.fillRect(x, y, kSquare, kSquare, (x + y) / kSquare % 2 == 0 ? t.surface : t.sunken);
    painter.drawImage(QPointF(0, 0), image_);
  }

 private:
  const QImage& image_;
};

MapPreview::MapPreview(MapExport& figure, QWidget* parent) : QWidget(parent), figure_(figure) {
  setObjectName("map.preview");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 0, 12, 12);
  column->setSpacing(8);
  auto* head = new QHBoxLayout;
  head->setSpacing(10);
  auto* title = new Label(tr("Preview, real size"), TextRole::title_strong);
  title->setMinimumHeight(scaled(40));
  note_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  note_->setObjectName("map.preview.note");
  badge_ = new Badge(tr("drawing"), Badge::Kind::outlined);
  visions_ = new Segments({tr("Normal"), tr("Deutan"), tr("Protan"), tr("Tritan"), tr("Grey")});
  visions_->setObjectName("map.preview.vision");
  visions_->setAccessibleName(tr("Colour vision"));
  head->addWidget(title);
  head->addWidget(note_, 1);
  head->addWidget(badge_);
  head->addWidget(visions_);
  column->addLayout(head);
  recipe_ = new QWidget;
  recipe_->setObjectName("map.recipe.bar");
  auto* bar = new QHBoxLayout(recipe_);
  bar->setContentsMargins(0, 0, 0, 0);
  bar->setSpacing(10);
  recipe_note_ = new Label({}, TextRole::small);
  recipe_note_->setObjectName("map.recipe.note");
  recipe_note_->setWordWrap(true);
  today_ = makeButton(tr("Use today's values"), ButtonKind::compact);
  today_->setObjectName("map.recipe.today");
  bar->addWidget(recipe_note_, 1);
  bar->addWidget(today_, 0, Qt::AlignTop);
  column->addWidget(recipe_);
  failed_ = new QWidget;
  auto* inset = new QVBoxLayout(failed_);
  inset->setContentsMargins(0, 0, 0, 0);
  failure_ = new ErrorCard;
  failure_->setObjectName("map.preview.failure");
  inset->addWidget(failure_);
  inset->addStretch(1);
  column->addWidget(failed_, 1);
  page_ = new Page(shown_);
  scroll_ = new QScrollArea;
  scroll_->setWidget(page_);
  scroll_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setAccessibleName(tr("Preview"));
  scroll_->viewport()->setAutoFillBackground(false);
  column->addWidget(scroll_, 1);
  connect(visions_, &Segments::chosen, this, [this](int index) {
    vision_ = kVisions[static_cast<std::size_t>(index)];
    simulate();
  });
  connect(today_, &QPushButton::clicked, &figure_, &MapExport::useTodaysValues);
}

/// A screen that says nothing sensible about itself is taken for a usual one.
void MapPreview::tellDpi() {
  const double told = screen() != nullptr ? screen()->physicalDotsPerInch() : 0.0;
  guessed_ = !(told >= 50.0 && told <= 400.0);
  figure_.setPreviewDpi((guessed_ ? kUsualDpi : told) * devicePixelRatioF());
}

void MapPreview::simulate() {
  shown_ = image_.convertToFormat(QImage::Format_RGBA8888);
  for (int y = 0; y < shown_.height(); ++y)
    render::simulate(shown_.scanLine(y), static_cast<std::size_t>(shown_.width()), vision_);
  shown_.setDevicePixelRatio(devicePixelRatioF());
  if (!figure_.state().options.transparent) shown_ = shown_.convertToFormat(QImage::Format_RGB32);
  page_->resize(page_->sizeHint());
  page_->update();
}

void MapPreview::render() {
  const auto& state = figure_.state();
  const bool failed = !state.what.isEmpty();
  failed_->setVisible(failed);
  scroll_->setVisible(!failed);
  if (failed) failure_->setError(state.what, state.where, state.mend);
  badge_->setVisible(state.drawing);
  recipe_->setVisible(!state.recipe.isEmpty());
  recipe_note_->setText(state.recipe_note.isEmpty() ? tr("As %1 says, on the same values.").arg(state.recipe)
                                                    : state.recipe + ": " + state.recipe_note);
  recipe_note_->setTone(state.recipe_note.isEmpty() ? Tone::muted : Tone::warning);
  today_->setVisible(state.stored_values);
  fitNote();
  if (state.preview == seen_) return;
  seen_ = state.preview;
  image_ = QImage::fromData(seen_, "PNG");
  simulate();
}

/// The size on paper, and as much more as there is room for: a number is never cut.
void MapPreview::fitNote() {
  const auto& state = figure_.state();
  if (!(state.height_mm > 0.0)) return;
  const auto& o = state.options;
  const auto pixels = [&](double mm) { return formatNumber(std::ceil(mm / kMmPerInch * o.dpi), 0); };
  QStringList words{tr("%1 x %2 mm").arg(formatNumber(o.width_mm, 0), formatNumber(state.height_mm, 0))};
  if (o.format == report::Format::png)
    words << words.back() + tr(", %1 x %2 pixels").arg(pixels(o.width_mm), pixels(state.height_mm));
  if (guessed_) words << words.back() + tr(", this screen does not tell its size: 96 pixels an inch");
  QString fits;
  for (const QString& form : words)
    if (QFontMetrics(ui::font(TextRole::small)).horizontalAdvance(form) + 2 <= note_->width()) fits = form;
  note_->setText(fits);
}

void MapPreview::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  QTimer::singleShot(0, this, &MapPreview::fitNote);  // when the row has its widths
}

void MapPreview::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  tellDpi();
  QTimer::singleShot(0, this, &MapPreview::fitNote);
}

void MapPreview::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) page_->update();
}

// ---- the form ------------------------------------------------------------------------------------------------------

MapFigureForm::MapFigureForm(MapModel& map, MapExport& figure, QWidget* parent)
    : QWidget(parent), map_(map), figure_(figure) {
  setObjectName("map.form");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* head = new PaneHeader(tr("Export figure"));
  auto* back = makeButton(tr("Back to the map"), ButtonKind::compact);
  back->setObjectName("map.form.close");
  head->add(back);
  column->addWidget(head);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->viewport()->setAutoFillBackground(false);
  scroll->setWidget(fields());
  scroll->widget()->setAutoFillBackground(false);
  column->addWidget(scroll, 1);
  column->addWidget(new Line(Qt::Horizontal));
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(12, 12, 12, 12);
  foot->setSpacing(8);
  foot->addStretch(1);
  export_ = makeButton({}, ButtonKind::primary, "export");
  export_->setObjectName("map.write");
  foot->addWidget(export_);
  column->addLayout(foot);
  connect(back, &QPushButton::clicked, this, &MapFigureForm::closeWanted);
  connect(export_, &QPushButton::clicked, this, &MapFigureForm::chooseFile);
}

QWidget* MapFigureForm::fields() {
  auto* box = new QWidget;
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(12, 4, 12, 12);
  column->setSpacing(4);
  const auto field = [&](const QString& words, QWidget* widget, const char* name) {
    auto* label = new Label(words, TextRole::small, Tone::muted);
    label->setBuddy(widget);
    widget->setObjectName(name);
    widget->setAccessibleName(words);
    column->addWidget(label);
    column->addWidget(widget);
    column->addSpacing(6);
  };
  const auto two = [&](const QString& words, QWidget* widget, const char* name, const QString& other_words,
                       QWidget* other, const char* other_name) {
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(4);
    const std::tuple<QString, QWidget*, const char*> parts[] = {{words, widget, name},
                                                                {other_words, other, other_name}};
    int at = 0;
    for (const auto& [text, field_widget, object] : parts) {
      auto* label = new Label(text, TextRole::small, Tone::muted);
      label->setBuddy(field_widget);
      field_widget->setObjectName(object);
      field_widget->setAccessibleName(text);
      grid->addWidget(label, 0, at);
      grid->addWidget(field_widget, 1, at);
      grid->setColumnStretch(at++, 1);
    }
    column->addLayout(grid);
    column->addSpacing(6);
  };
  auto* widths = new QWidget;
  auto* row = new QHBoxLayout(widths);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  width_ = new Segments({"85", "114", "174", tr("Other")});
  other_width_ = new QDoubleSpinBox;
  other_width_->setRange(60, 400);
  other_width_->setDecimals(0);
  other_width_->setSuffix(tr(" mm"));
  other_width_->setObjectName("map.width.other");
  other_width_->setAccessibleName(tr("Width in mm"));
  row->addWidget(width_, 1);
  row->addWidget(other_width_);
  field(tr("Width, mm"), widths, "map.width");
  format_ = new Segments({"PNG", "SVG", "PDF"});
  dpi_ = new QComboBox;
  for (const int dpi : kDpis) dpi_->addItem(tr("%1 dpi").arg(dpi), dpi);
  two(tr("Format"), format_, "map.format", tr("Resolution"), dpi_, "map.dpi");
  background_ = new Segments({tr("White"), tr("Transparent")});
  view_ = new Segments({tr("3D and slices"), tr("3D"), tr("Slices")});
  field(tr("Shows"), view_, "map.shows");
  panels_ = new Segments({tr("This one"), tr("All")});
  two(tr("Background"), background_, "map.background", tr("Analyses"), panels_, "map.figure.panels");
  colours_ = new QComboBox;
  for (const render::Colormap& map : render::colormaps())
    colours_->addItem(map_colour_title(QString::fromStdString(map.name)).section(':', 0, 0),
                      QString::fromStdString(map.name));
  colours_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  limit_ = new QDoubleSpinBox;
  limit_->setRange(0.0, 1e6);
  limit_->setSingleStep(0.1);
  limit_->setDecimals(2);
  two(tr("Colours"), colours_, "map.figure.colours", tr("Limits, plus and minus"), limit_, "map.limit");
  label_ = new QLineEdit;
  field(tr("Words over the colour bar"), label_, "map.label");
  alt_ = new QPlainTextEdit;
  alt_->setTabChangesFocus(true);
  alt_->setFixedHeight(scaled(78));
  field(tr("The figure in words, for those who cannot see it"), alt_, "map.alt");
  pattern_ = new QLineEdit;
  pattern_->setToolTip(tr("{study} {analysis} {width} {dpi}"));
  field(tr("Name of the file: {study} {analysis} {width} {dpi}"), pattern_, "map.pattern");
  file_ = new Label({}, TextRole::small, Tone::muted);
  file_->setObjectName("map.file");
  file_->setWordWrap(true);
  column->addWidget(file_);
  column->addStretch(1);
  using Options = MapExport::Options;
  connect(width_, &Segments::chosen, this, [this](int i) {
    if (i < static_cast<int>(kWidths.size()))
      change([i](Options& o) { o.width_mm = kWidths[static_cast<std::size_t>(i)]; });
    other_width_->setVisible(i == static_cast<int>(kWidths.size()));
    if (other_width_->isVisible()) other_width_->setFocus();
  });
  connect(other_width_, &QDoubleSpinBox::valueChanged, this,
          [this](double mm) { change([mm](Options& o) { o.width_mm = mm; }); });
  connect(format_, &Segments::chosen, this,
          [this](int i) { change([i](Options& o) { o.format = kFormats[static_cast<std::size_t>(i)]; }); });
  connect(dpi_, &QComboBox::activated, this,
          [this](int i) { change([i](Options& o) { o.dpi = kDpis[static_cast<std::size_t>(i)]; }); });
  connect(background_, &Segments::chosen, this, [this](int i) { change([i](Options& o) { o.transparent = i == 1; }); });
  connect(view_, &Segments::chosen, this,
          [this](int i) { change([i](Options& o) { o.view = kViews[static_cast<std::size_t>(i)]; }); });
  connect(panels_, &Segments::chosen, this, [this](int i) { change([i](Options& o) { o.all = i == 1; }); });
  connect(colours_, &QComboBox::activated, this, [this](int i) {
    changeLook([name = colours_->itemData(i).toString()](MapLook& look) { look.colours = name; });
  });
  connect(limit_, &QDoubleSpinBox::valueChanged, this, [this](double limit) {
    changeLook([limit](MapLook& look) { look.limit = limit > 0 ? std::optional<double>(limit) : std::nullopt; });
  });
  connect(label_, &QLineEdit::textEdited, this,
          [this](const QString& words) { change([&](Options& o) { o.label = words; }); });
  connect(alt_, &QPlainTextEdit::textChanged, this,
          [this] { change([words = alt_->toPlainText()](Options& o) { o.alt = words; }); });
  connect(pattern_, &QLineEdit::textEdited, this,
          [this](const QString& words) { change([&](Options& o) { o.pattern = words; }); });
  return box;
}

void MapFigureForm::change(const std::function<void(MapExport::Options&)>& edit) {
  if (painting_) return;
  auto options = figure_.state().options;
  edit(options);
  figure_.setOptions(options);
}

void MapFigureForm::changeLook(const std::function<void(MapLook&)>& edit) {
  if (painting_) return;
  auto look = map_.look();
  edit(look);
  map_.setLook(look);
}

void MapFigureForm::focusFirst() {
  width_->button(std::max(0, width_->current()))->setFocus(Qt::TabFocusReason);
}

void MapFigureForm::render() {
  painting_ = true;
  const auto& state = figure_.state();
  const auto& o = state.options;
  const int preset = place_of(kWidths, o.width_mm);
  const bool free = preset < 0 || (other_width_->isVisibleTo(this) && width_->current() == 3);
  width_->setCurrent(free ? 3 : preset);
  other_width_->setVisible(free);
  if (!other_width_->hasFocus()) other_width_->setValue(o.width_mm);
  format_->setCurrent(place_of(kFormats, o.format));
  const int dpi = place_of(kDpis, static_cast<int>(o.dpi));
  dpi_->setCurrentIndex(dpi);
  if (dpi < 0) dpi_->setPlaceholderText(tr("%1 dpi").arg(o.dpi));
  background_->setCurrent(o.transparent ? 1 : 0);
  view_->setCurrent(place_of(kViews, o.view));
  panels_->setCurrent(o.all ? 1 : 0);
  colours_->setCurrentIndex(colours_->findData(map_.look().colours));
  limit_->setSpecialValueText(tr("auto: %1").arg(formatNumber(map_.state().limit, 2)));
  if (!limit_->hasFocus()) limit_->setValue(map_.look().limit.value_or(0.0));
  label_->setPlaceholderText(map_.state().unit);
  if (!label_->hasFocus()) label_->setText(o.label);
  if (!alt_->hasFocus() && alt_->toPlainText() != o.alt) alt_->setPlainText(o.alt);
  alt_->setPlaceholderText(state.alt);
  if (!pattern_->hasFocus()) pattern_->setText(o.pattern);
  file_->setText(tr("%1 and its recipe %1.json").arg(figure_.fileName()));
  export_->setText(figure_.verb());
  export_->setEnabled(!state.writing && map_.state().model && map_.state().values);
  painting_ = false;
}

void MapFigureForm::chooseFile() {
  auto* dialog = new QFileDialog(this, figure_.verb(), figure_.fileName(), tr("Figures (*.png *.svg *.pdf)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  connect(dialog, &QFileDialog::fileSelected, &figure_, &MapExport::write);
  dialog->open();
}

}  // namespace ipsi::ui
