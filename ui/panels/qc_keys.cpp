// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_keys.h"

#include <QGuiApplication>
#include <QKeySequence>
#include <QStringList>
#include <algorithm>

namespace ipsi::ui {
namespace {

/// What a US board has where this key was pressed; 0 where the system does not tell, Key_unknown where it has nothing
/// that can rate. Codes: evdev + 8.
int key_by_place(const QKeyEvent& event) {
  static const bool told = QGuiApplication::platformName() == "xcb" || QGuiApplication::platformName() == "wayland";
  const quint32 code = event.nativeScanCode();
  if (!told || code < 10 || code > 61) return 0;
  if (code <= 18) return Qt::Key_1 + static_cast<int>(code) - 10;
  const auto of = [&](quint32 first, const char* row) { return static_cast<int>(row[code - first]); };
  if (code == 19) return Qt::Key_0;
  if (code == 20) return Qt::Key_Minus;
  if (code == 21) return Qt::Key_Equal;
  if (code == 22) return Qt::Key_Backspace;
  if (code == 23) return Qt::Key_Tab;
  if (code >= 24 && code <= 35) return of(24, "QWERTYUIOP[]");
  if (code >= 38 && code <= 48) return of(38, "ASDFGHJKL;'");
  if (code == 51) return Qt::Key_Backslash;
  if (code >= 52) return of(52, "ZXCVBNM,./");
  return Qt::Key_unknown;
}

}  // namespace

const std::vector<QcCommand>& qc_commands() {
  // The right hand's keys mirror the left's: index, middle and ring finger rate, the row above steps and hides.
  static const std::vector<QcCommand> all{
      {"ok", {QcKey::ok}, "A", "J", QT_TRANSLATE_NOOP("QcKeys", "ok")},
      {"lesioned", {QcKey::lesioned}, "S", "K", QT_TRANSLATE_NOOP("QcKeys", "lesioned")},
      {"failed", {QcKey::failed}, "D", "L", QT_TRANSLATE_NOOP("QcKeys", "failed")},
      {"rest",
       {QcKey::rest},
       "Space",
       "Space",
       QT_TRANSLATE_NOOP("QcKeys", "regions without a flag become ok, next person")},
      {"previous", {QcKey::previous}, "Shift+Space", "Shift+Space", QT_TRANSLATE_NOOP("QcKeys", "previous person")},
      {"skip", {QcKey::skip}, "N", "M", QT_TRANSLATE_NOOP("QcKeys", "next person, nothing set")},
      {"pair.1", {QcKey::pair, 0}, "1", "0", QT_TRANSLATE_NOOP("QcKeys", "thalamus")},
      {"pair.2", {QcKey::pair, 1}, "2", "9", QT_TRANSLATE_NOOP("QcKeys", "caudate")},
      {"pair.3", {QcKey::pair, 2}, "3", "8", QT_TRANSLATE_NOOP("QcKeys", "putamen")},
      {"pair.4", {QcKey::pair, 3}, "4", "7", QT_TRANSLATE_NOOP("QcKeys", "pallidum")},
      {"pair.5", {QcKey::pair, 4}, "5", "-", QT_TRANSLATE_NOOP("QcKeys", "accumbens")},
      {"pair.6", {QcKey::pair, 5}, "6", "=", QT_TRANSLATE_NOOP("QcKeys", "ventricle")},
      {"side", {QcKey::side}, "Tab", "\\", QT_TRANSLATE_NOOP("QcKeys", "other side")},
      {"comment", {QcKey::comment}, "C", ",", QT_TRANSLATE_NOOP("QcKeys", "comment: Enter saves, Esc leaves")},
      {"back", {QcKey::back, 1}, "W", "I", QT_TRANSLATE_NOOP("QcKeys", "slice back (Shift: five)")},
      {"forward", {QcKey::forward, 1}, "E", "O", QT_TRANSLATE_NOOP("QcKeys", "slice forward (Shift: five)")},
      {"back.5", {QcKey::back, 5}, "Shift+W", "Shift+I", ""},
      {"forward.5", {QcKey::forward, 5}, "Shift+E", "Shift+O", ""},
      {"recentre", {QcKey::recentre}, "R", "U", QT_TRANSLATE_NOOP("QcKeys", "recentre, reset zoom")},
      {"overlay", {QcKey::overlay}, "F", "H", QT_TRANSLATE_NOOP("QcKeys", "fill, outline, off")},
      {"hide", {QcKey::hide}, "Q", "P", QT_TRANSLATE_NOOP("QcKeys", "hold: hide overlays")},
      {"lesion", {QcKey::lesion}, "T", "Y", QT_TRANSLATE_NOOP("QcKeys", "lesion on, off")},
      {"later", {QcKey::later}, "X", ".", QT_TRANSLATE_NOOP("QcKeys", "review later, on or off")},
      {"whole", {QcKey::whole}, "V", "N", QT_TRANSLATE_NOOP("QcKeys", "the whole person fails (asks why)")},
      {"suggestion", {QcKey::suggestion}, "B", "'", QT_TRANSLATE_NOOP("QcKeys", "next suggestion or highest risk")},
      {"mosaic", {QcKey::mosaic}, "G", ";", QT_TRANSLATE_NOOP("QcKeys", "one region over people, and back")},
      {"undo", {QcKey::undo}, "Z", "/", QT_TRANSLATE_NOOP("QcKeys", "undo a flag, across people")},
      {"redo", {QcKey::redo}, "Shift+Z", "Shift+/", QT_TRANSLATE_NOOP("QcKeys", "redo")},
  };
  return all;
}

QcKeymap::QcKeymap(QcHand hand) : hand_(hand) {
  bind();
}

void QcKeymap::bind() {
  bound_.clear();
  const auto add = [&](const QString& key, const QcStroke& stroke) {
    const bool taken = std::any_of(bound_.begin(), bound_.end(), [&](const auto& b) { return b.first == key; });
    if (!key.isEmpty() && !taken) bound_.emplace_back(key, stroke);
  };
  for (const QcCommand& c : qc_commands())  // what the rater chose comes before what was given
    if (const auto it = changed_.find(c.id); it != changed_.end()) add(*it, c.stroke);
  for (const QcCommand& c : qc_commands()) {
    if (changed_.contains(c.id)) continue;
    if (hand_ != QcHand::right) add(c.left, c.stroke);
  }
  for (const QcCommand& c : qc_commands()) {
    if (changed_.contains(c.id)) continue;
    if (hand_ != QcHand::left) add(c.right, c.stroke);
  }
}

QString QcKeymap::name(const QKeyEvent& event) {
  if ((event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0) return {};
  if (event.text() == "?") return {};
  const int place = key_by_place(event);
  int key = place != 0 ? place : event.key();
  if (key == Qt::Key_Backtab) key = Qt::Key_Tab;
  const bool usable =
      (key > Qt::Key_Space && key < 0x7F) || key == Qt::Key_Space || key == Qt::Key_Tab || key == Qt::Key_Backspace;
  if (!usable) return {};
  const QString word = QKeySequence(key).toString(QKeySequence::PortableText);
  return (event.modifiers() & Qt::ShiftModifier) != 0 ? "Shift+" + word : word;
}

QcStroke QcKeymap::stroke(const QString& key) const {
  const auto it = std::find_if(bound_.begin(), bound_.end(), [&](const auto& b) { return b.first == key; });
  return it == bound_.end() ? QcStroke{} : it->second;
}

QcStroke QcKeymap::stroke(const QKeyEvent& event) const {
  if ((event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) == 0 && event.text() == "?")
    return {QcKey::help};
  const QString key = name(event);
  return key.isEmpty() ? QcStroke{} : stroke(key);
}

QString QcKeymap::keysOf(const QString& command) const {
  const auto& all = qc_commands();
  const auto it = std::find_if(all.begin(), all.end(), [&](const QcCommand& c) { return c.id == command; });
  if (it == all.end()) return {};
  QStringList keys;
  for (const auto& [key, stroke] : bound_)
    if (stroke == it->stroke) keys << key;
  return keys.join(", ");
}

void QcKeymap::set(const QString& command, const QString& key) {
  const QString before = keysOf(command).section(", ", 0, 0);
  if (before == key || key.isEmpty()) return;
  const QcStroke had = stroke(key);
  for (const QcCommand& c : qc_commands())
    if (had.key != QcKey::none && c.stroke == had) changed_[c.id] = before;
  changed_[command] = key;
  bind();
}

void QcKeymap::reset() {
  changed_.clear();
  bind();
}

QVariantMap QcKeymap::save() const {
  QVariantMap keys;
  for (auto it = changed_.begin(); it != changed_.end(); ++it) keys[it.key()] = it.value();
  return {{"hand", static_cast<int>(hand_)}, {"keys", keys}};
}

QcKeymap QcKeymap::load(const QVariantMap& saved) {
  QcKeymap out(static_cast<QcHand>(std::clamp(saved.value("hand", 0).toInt(), 0, 2)));
  const QVariantMap keys = saved.value("keys").toMap();
  for (auto it = keys.begin(); it != keys.end(); ++it) out.changed_[it.key()] = it.value().toString();
  out.bind();
  return out;
}

}  // namespace ipsi::ui
