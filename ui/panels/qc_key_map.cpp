// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_key_map.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QKeyEvent>

namespace ipsi::ui {
namespace {

constexpr int kStripMargin = 12;

QString words_of(const QcCommand& command) {
  return QCoreApplication::translate("QcKeys", command.words);
}

/// The first of "A, J": what the strip has room for.
QString first_key(const QString& keys) {
  return keys.section(", ", 0, 0);
}

}  // namespace

QcKeyStrip::QcKeyStrip(QWidget* parent) : Pane(&Theme::window, Qt::TopEdge, parent) {
  setFixedHeight(scaled(34));
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);  // the window's width is not its to choose
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(kStripMargin, 1, kStripMargin, 0);
  row->setSpacing(kStripMargin);
  const auto add = [&](std::vector<QString> commands, const QString& words) {
    auto* item = new QWidget;
    auto* inside = new QHBoxLayout(item);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(6);
    std::vector<KeyCap*> caps;
    for (const QString& command : commands) {
      caps.push_back(new KeyCap(command == "?" ? command : QString()));
      inside->addWidget(caps.back());
    }
    inside->addWidget(new Label(words, TextRole::small));
    row->addWidget(item);
    items_.push_back({item, std::move(caps), std::move(commands)});
  };
  add({"ok"}, tr("ok"));
  add({"lesioned"}, tr("lesioned"));
  add({"failed"}, tr("failed"));
  add({"rest"}, tr("rest ok, next"));
  add({"pair.1", "pair.6"}, tr("region"));
  add({"side"}, tr("other side"));
  add({"back", "forward"}, tr("slice"));
  add({"recentre"}, tr("recentre"));
  add({"overlay"}, tr("outline"));
  add({"hide"}, tr("hold to hide"));
  add({"lesion"}, tr("lesion"));
  add({"skip"}, tr("skip"));
  add({"undo"}, tr("undo"));
  add({"?"}, tr("all keys"));
  row->addStretch(1);
}

void QcKeyStrip::setKeys(const QcKeymap& keys) {
  for (Item& item : items_)
    for (std::size_t i = 0; i < item.caps.size(); ++i)
      if (item.commands[i] != "?") item.caps[i]->setKey(first_key(keys.keysOf(item.commands[i])));
  fit();
}

void QcKeyStrip::fit() {
  int room = width() - kStripMargin;
  for (const Item& item : items_) room -= item.widget->sizeHint().width() + kStripMargin;
  for (std::size_t i = items_.size(); i-- > 0;) {
    const bool fits = room >= 0 || i + 1 == items_.size();
    items_[i].widget->setVisible(fits);
    if (!fits) room += items_[i].widget->sizeHint().width() + kStripMargin;
  }
}

void QcKeyStrip::resizeEvent(QResizeEvent* event) {
  Pane::resizeEvent(event);
  fit();
}

void QcKeyStrip::changeEvent(QEvent* event) {
  Pane::changeEvent(event);
  if (event->type() != QEvent::FontChange) return;
  setFixedHeight(scaled(34));
  fit();
}

QcKeyMap::QcKeyMap(QWidget* parent)
    : Pane(&Theme::raised, Qt::TopEdge | Qt::BottomEdge | Qt::LeftEdge | Qt::RightEdge, parent) {
  setObjectName("qc.keys");
  setFocusPolicy(Qt::StrongFocus);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(24, 16, 24, 16);
  column->setSpacing(12);
  auto* head = new QHBoxLayout;
  head->addWidget(new Label(tr("Keys"), TextRole::title_strong));
  head->addStretch(1);
  hand_ = new Segments({tr("Left hand"), tr("Right hand"), tr("Both")});
  hand_->setObjectName("qc.keys.hand");
  connect(hand_, &Segments::chosen, this, [this](int hand) {
    auto saved = keys_.save();
    saved["hand"] = hand;
    emit keysChanged(QcKeymap::load(saved));
  });
  head->addWidget(hand_);
  column->addLayout(head);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(5);
  std::vector<const QcCommand*> shown;
  for (const QcCommand& c : qc_commands())
    if (*c.words != '\0') shown.push_back(&c);
  const int half = static_cast<int>(shown.size() + 1) / 2;
  for (int i = 0; i < static_cast<int>(shown.size()); ++i) {
    const QcCommand& c = *shown[static_cast<std::size_t>(i)];
    auto* button = makeButton({}, ButtonKind::compact);
    button->setObjectName(QString("qc.keys.") + c.id);
    button->setMinimumWidth(scaled(64));
    button->installEventFilter(this);
    connect(button, &QPushButton::clicked, this, [this, id = QString(c.id)] { wait(id); });
    buttons_[c.id] = button;
    grid->addWidget(button, i % half, 3 * (i / half), Qt::AlignRight);
    grid->addWidget(new Label(words_of(c)), i % half, 3 * (i / half) + 1);
  }
  grid->setColumnMinimumWidth(2, 24);
  column->addLayout(grid);
  auto* foot = new QHBoxLayout;
  hint_ = new Label({}, TextRole::small, Tone::muted);
  foot->addWidget(hint_, 1);
  reset_ = makeButton(tr("Keys as they were given"), ButtonKind::link);
  reset_->setObjectName("qc.keys.reset");
  connect(reset_, &QPushButton::clicked, this, [this] {
    QcKeymap keys = keys_;
    keys.reset();
    emit keysChanged(keys);
  });
  foot->addWidget(reset_);
  column->addLayout(foot);
  hide();
  render();
}

void QcKeyMap::setKeys(const QcKeymap& keys) {
  keys_ = keys;
  render();
}

void QcKeyMap::render() {
  hand_->setCurrent(static_cast<int>(keys_.hand()));
  for (const auto& [command, button] : buttons_) {
    button->setText(command == waiting_ ? tr("press a key") : keys_.keysOf(command));
    for (const QcCommand& c : qc_commands())
      if (c.id == command) button->setAccessibleName(tr("%1, key %2").arg(words_of(c), keys_.keysOf(command)));
  }
  reset_->setVisible(keys_.changed());
  hint_->setText(waiting_.isEmpty() ? tr("Press a key's button to give it another. F6 picture and queue, ? this map.")
                                    : tr("Its old key goes to whoever had the new one. Esc leaves it."));
}

void QcKeyMap::wait(const QString& command) {
  waiting_ = command;
  render();
}

void QcKeyMap::take(const QKeyEvent& event) {
  const QString key = QcKeymap::name(event);
  if (event.key() == Qt::Key_Escape) return wait({});
  if (key.isEmpty()) return;  // Shift alone, Ctrl with something: go on waiting
  QcKeymap keys = keys_;
  keys.set(std::exchange(waiting_, {}), key);
  emit keysChanged(keys);
  render();
}

bool QcKeyMap::eventFilter(QObject* watched, QEvent* event) {
  if (waiting_.isEmpty()) return Pane::eventFilter(watched, event);
  if (event->type() == QEvent::ShortcutOverride) {
    event->accept();
    return true;
  }
  if (event->type() == QEvent::KeyPress) {
    take(*static_cast<QKeyEvent*>(event));
    return true;
  }
  return Pane::eventFilter(watched, event);
}

void QcKeyMap::keyPressEvent(QKeyEvent* event) {
  if (!waiting_.isEmpty()) return take(*event);
  if (event->key() == Qt::Key_Escape || event->text() == "?") emit closed();
}

}  // namespace ipsi::ui
