// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/controls.h"

#include <QButtonGroup>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QStyleOption>
#include <QVBoxLayout>

namespace ipsi::ui {
namespace {

QPalette::ColorRole role_of(Tone tone) {
  switch (tone) {
    case Tone::muted: return QPalette::PlaceholderText;
    case Tone::accent: return QPalette::Link;
    case Tone::error: return QPalette::BrightText;
    default: return QPalette::WindowText;
  }
}

bool restyles(QEvent::Type type) {
  return type == QEvent::ApplicationFontChange || type == QEvent::StyleChange || type == QEvent::PaletteChange ||
         type == QEvent::ApplicationPaletteChange;
}

const char* name_of(ButtonKind kind) {
  switch (kind) {
    case ButtonKind::plain: return "plain";
    case ButtonKind::compact: return "compact";
    case ButtonKind::page: return "page";
    case ButtonKind::primary: return "primary";
    case ButtonKind::primary_page: return "primary-page";
    case ButtonKind::quiet: return "quiet";
    case ButtonKind::link: return "link";
    case ButtonKind::banner: return "banner";
  }
  return "plain";
}

}  // namespace

Label::Label(const QString& text, TextRole role, Tone tone, QWidget* parent)
    : QLabel(text, parent), role_(role), tone_(tone) {
  setTextFormat(Qt::PlainText);
  restyle();
}

void Label::setRole(TextRole role) {
  role_ = role;
  restyle();
}

void Label::setTone(Tone tone) {
  tone_ = tone;
  restyle();
}

void Label::restyle() {
  if (busy_) return;
  busy_ = true;
  setFont(ui::font(role_));
  setForegroundRole(role_of(tone_));
  if (tone_ == Tone::warning) {  // the palette has no role for it
    QPalette own = palette();
    own.setColor(QPalette::WindowText, Theme::current().warning_text);
    setPalette(own);
  }
  busy_ = false;
}

bool Label::event(QEvent* event) {
  const bool done = QLabel::event(event);
  if (event->type() == QEvent::Polish) restyle();  // a theme may have come between making and showing
  return done;
}

void Label::changeEvent(QEvent* event) {
  QLabel::changeEvent(event);
  if (restyles(event->type())) restyle();
}

QSize ElidedLabel::minimumSizeHint() const {
  return {fontMetrics().horizontalAdvance("…"), QLabel::minimumSizeHint().height()};
}

QSize ElidedLabel::sizeHint() const {
  return {fontMetrics().horizontalAdvance(text()) + 2, QLabel::sizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QString shown = fontMetrics().elidedText(text(), Qt::ElideMiddle, width());
  if (toolTip() != (shown == text() ? QString() : text())) setToolTip(shown == text() ? QString() : text());
  painter.setPen(palette().color(foregroundRole()));
  painter.drawText(rect(), static_cast<int>(alignment() | Qt::TextSingleLine), shown);
}

QPushButton* makeButton(const QString& text, ButtonKind kind, const QString& icon_name, QWidget* parent) {
  auto* button = new QPushButton(text, parent);
  button->setProperty("kind", name_of(kind));
  button->setAutoDefault(false);
  if (kind == ButtonKind::link) button->setCursor(Qt::PointingHandCursor);
  if (!icon_name.isEmpty()) {
    const bool primary = kind == ButtonKind::primary || kind == ButtonKind::primary_page;
    button->setIcon(icon(icon_name, primary ? &Theme::primary_text : &Theme::text));
    button->setIconSize(text.isEmpty() && kind != ButtonKind::quiet ? QSize(16, 16) : QSize(20, 16));
  }
  return button;
}

namespace {
QFont key_font() {
  QFont f = ui::font(TextRole::tiny);
  f.setWeight(QFont::DemiBold);
  return f;
}
int key_height() {
  return scaled(18);
}
}  // namespace

int keyCapWidth(const QString& key) {
  return std::max(key_height(), QFontMetrics(key_font()).horizontalAdvance(key) + 10);
}

int paintKeyCap(QPainter& painter, int left, int middle, const QString& key) {
  const Theme& t = Theme::current();
  const int width = keyCapWidth(key);
  const QRectF box(left + 0.5, middle - key_height() / 2 + 0.5, width - 1, key_height() - 1);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(t.control, 1));
  painter.setBrush(t.surface);
  painter.drawRoundedRect(box, 3, 3);
  painter.setFont(key_font());
  painter.setPen(t.text);
  painter.drawText(box, Qt::AlignCenter, key);
  painter.restore();
  return width;
}

KeyCap::KeyCap(const QString& key, QWidget* parent) : QWidget(parent), key_(key) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setAccessibleName(tr("key %1").arg(key));
}
void KeyCap::setKey(const QString& key) {
  key_ = key;
  setAccessibleName(tr("key %1").arg(key));
  updateGeometry();
  update();
}
QSize KeyCap::sizeHint() const {
  return {keyCapWidth(key_), key_height()};
}
void KeyCap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintKeyCap(painter, 0, height() / 2, key_);
}
void KeyCap::changeEvent(QEvent* event) {
  if (restyles(event->type())) updateGeometry();
  QWidget::changeEvent(event);
}

Badge::Badge(const QString& text, Kind kind, QWidget* parent) : QWidget(parent), text_(text), kind_(kind) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setAccessibleName(text);
}
void Badge::setText(const QString& text) {
  text_ = text;
  setAccessibleName(text);
  updateGeometry();
  update();
}
void Badge::setKind(Kind kind) {
  kind_ = kind;
  update();
}
QSize Badge::sizeHint() const {
  const QFontMetrics metrics(ui::font(TextRole::tiny));
  return {metrics.horizontalAdvance(text_) + 16, metrics.height() + 4};
}
void Badge::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool outlined = kind_ == Kind::outlined;
  painter.setPen(outlined ? QPen(t.control, 1) : QPen(Qt::NoPen));
  painter.setBrush(outlined ? QBrush(Qt::NoBrush) : QBrush(kind_ == Kind::warning ? t.warning_bg : t.error_bg));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
  painter.setPen(outlined ? t.muted : kind_ == Kind::warning ? t.warning_text : t.error_text);
  painter.setFont(ui::font(TextRole::tiny));
  painter.drawText(rect(), Qt::AlignCenter, text_);
}
void Badge::changeEvent(QEvent* event) {
  if (restyles(event->type())) updateGeometry();
  QWidget::changeEvent(event);
}

FlagIcon::FlagIcon(FlagSymbol symbol, int size, QWidget* parent) : QWidget(parent), symbol_(symbol) {
  setFixedSize(size, size);
}
void FlagIcon::setSymbol(FlagSymbol symbol) {
  symbol_ = symbol;
  update();
}
void FlagIcon::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintFlag(painter, QRectF(rect()), symbol_);
}

Segments::Segments(const QStringList& texts, QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  auto* group = new QButtonGroup(this);
  for (int i = 0; i < texts.size(); ++i) {
    auto* button = new QToolButton(this);
    button->setText(texts[i]);
    button->setCheckable(true);
    button->setAutoExclusive(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setSizePolicy(QSizePolicy::MinimumExpanding, QSizePolicy::Fixed);
    button->setProperty("segment", i == 0 ? "first" : i + 1 == texts.size() ? "last" : "middle");
    group->addButton(button, i);
    row->addWidget(button);
    buttons_.push_back(button);
    connect(button, &QToolButton::clicked, this, [this, i] { emit chosen(i); });
  }
  if (!buttons_.empty()) buttons_.front()->setChecked(true);
}
int Segments::current() const {
  for (std::size_t i = 0; i < buttons_.size(); ++i)
    if (buttons_[i]->isChecked()) return static_cast<int>(i);
  return -1;
}
void Segments::setCurrent(int index) {
  if (index >= 0 && index < static_cast<int>(buttons_.size()))
    buttons_[static_cast<std::size_t>(index)]->setChecked(true);
}
QToolButton* Segments::button(int index) const {
  return buttons_.at(static_cast<std::size_t>(index));
}

PaneHeader::PaneHeader(const QString& title, QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 0, 12, 0);
  row->setSpacing(8);
  title_ = new ElidedLabel(title, TextRole::title_strong);
  note_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  note_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // the title has its room first
  row->addWidget(title_);
  row->addWidget(note_, 1);
  setMinimumHeight(40);
}
void PaneHeader::setTitle(const QString& title) {
  title_->setText(title);
}
void PaneHeader::setNote(const QString& note) {
  note_->setText(note);
}
void PaneHeader::add(QWidget* widget) {
  layout()->addWidget(widget);
}

EmptyState::EmptyState(const QString& sentence, const QString& button, const QString& link, QWidget* parent)
    : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(12);
  sentence_ = new Label(sentence, TextRole::title);
  sentence_->setWordWrap(true);
  column->addWidget(sentence_);
  auto* row = new QHBoxLayout;
  row->setSpacing(12);
  if (!button.isEmpty()) {
    auto* b = makeButton(button);
    connect(b, &QPushButton::clicked, this, &EmptyState::pressed);
    row->addWidget(b);
  }
  if (!link.isEmpty()) {
    auto* l = makeButton(link, ButtonKind::link);
    connect(l, &QPushButton::clicked, this, &EmptyState::linkPressed);
    row->addWidget(l);
  }
  row->addStretch(1);
  column->addLayout(row);
  column->addStretch(1);
}
void EmptyState::setSentence(const QString& sentence) {
  sentence_->setText(sentence);
}

ErrorCard::ErrorCard(QWidget* parent) : QFrame(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(18, 12, 16, 12);
  column->setSpacing(6);
  what_ = new Label({}, TextRole::strong);
  where_ = new Label({}, TextRole::small, Tone::muted);
  mend_ = new Label({}, TextRole::small);
  for (auto* label : {what_, where_, mend_}) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(label);
  }
  auto* row = new QHBoxLayout;
  show_ = makeButton(tr("Show file"), ButtonKind::compact);
  auto* copy = makeButton(tr("Copy details"), ButtonKind::quiet);
  row->addWidget(show_);
  row->addWidget(copy);
  row->addStretch(1);
  column->addLayout(row);
  connect(show_, &QPushButton::clicked, this, [this] { emit showFile(file_); });
  connect(copy, &QPushButton::clicked, this, [this] {
    QGuiApplication::clipboard()->setText(what_->text() + "\n" + where_->text() + "\n" + mend_->text());
  });
}
void ErrorCard::setError(const QString& what, const QString& where, const QString& mend, const QString& file) {
  what_->setText(what);
  where_->setText(where);
  mend_->setText(mend);
  where_->setVisible(!where.isEmpty());
  mend_->setVisible(!mend.isEmpty());
  file_ = file;
  show_->setVisible(!file.isEmpty());
}
void ErrorCard::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(t.border, 1));
  painter.setBrush(t.surface);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
  painter.fillRect(QRect(0, 0, 3, height()), t.error_text);
}

Line::Line(Qt::Orientation orientation, QWidget* parent) : QWidget(parent) {
  if (orientation == Qt::Horizontal)
    setFixedHeight(1);
  else
    setFixedWidth(1);
}
void Line::paintEvent(QPaintEvent*) {
  QPainter(this).fillRect(rect(), Theme::current().border);
}

Pane::Pane(QColor Theme::*ground, QFlags<Qt::Edge> lines, QWidget* parent)
    : QWidget(parent), ground_(ground), lines_(lines) {}
void Pane::setCollapsed(bool collapsed) {
  collapsed_ = collapsed;
  QWidget::setVisible(wanted_ && !collapsed_);
}
void Pane::setVisible(bool visible) {
  wanted_ = visible;
  QWidget::setVisible(wanted_ && !collapsed_);
}
void Pane::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.fillRect(rect(), t.*ground_);
  const int w = width(), h = height();
  if (lines_ & Qt::TopEdge) painter.fillRect(0, 0, w, 1, t.border);
  if (lines_ & Qt::BottomEdge) painter.fillRect(0, h - 1, w, 1, t.border);
  if (lines_ & Qt::LeftEdge) painter.fillRect(0, 0, 1, h, t.border);
  if (lines_ & Qt::RightEdge) painter.fillRect(w - 1, 0, 1, h, t.border);
}

}  // namespace ipsi::ui
