// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeyEvent>
#include <QMap>
#include <QString>
#include <QVariant>
#include <vector>

namespace ipsi::ui {

/// What a key of the one-hand keyboard does.
enum class QcKey {
  none,
  ok,
  lesioned,
  failed,
  rest,
  previous,
  skip,
  pair,
  side,
  back,
  forward,
  recentre,
  overlay,
  hide,
  lesion,
  undo,
  redo,
  comment,
  later,
  whole,
  suggestion,
  mosaic,
  help
};
struct QcStroke {
  QcKey key = QcKey::none;
  int number = 0;  ///< pair: 0..5; back and forward: slices
  friend bool operator==(const QcStroke&, const QcStroke&) = default;
};

/// Something the rating keyboard can do, with the key it has for each hand when nobody changed it.
struct QcCommand {
  const char* id;  ///< "ok", "pair.1": names it in settings and in the palette
  QcStroke stroke;
  const char* left;   ///< "A", "Shift+Z"; a place on a US board
  const char* right;  ///< the mirrored one
  const char* words;  ///< untranslated
};
[[nodiscard]] const std::vector<QcCommand>& qc_commands();

enum class QcHand { left, right, both };

/// Which key does what: the keys of one hand or of both, and what the rater changed.
class QcKeymap {
 public:
  explicit QcKeymap(QcHand hand = QcHand::left);
  [[nodiscard]] QcHand hand() const { return hand_; }

  /// By the key's place on the board where the system tells it (X11, Wayland), so that the hand lies the same on every
  /// layout; else by its letter. Keys with Ctrl, Alt or Meta do nothing here.
  [[nodiscard]] QcStroke stroke(const QKeyEvent& event) const;
  /// The same of a key written out: "Shift+W".
  [[nodiscard]] QcStroke stroke(const QString& key) const;
  /// "A"; with both hands "A, J". Empty when it has lost its key.
  [[nodiscard]] QString keysOf(const QString& command) const;
  /// How an event's key is written; empty for keys that cannot be used (Ctrl, Esc, F6, Return, ?).
  [[nodiscard]] static QString name(const QKeyEvent& event);

  /// Give a command another key. Whoever had it gets the one that is given up: nothing loses its key.
  void set(const QString& command, const QString& key);
  void reset();
  [[nodiscard]] bool changed() const { return !changed_.isEmpty(); }
  /// For the settings: hand and changed keys.
  [[nodiscard]] QVariantMap save() const;
  [[nodiscard]] static QcKeymap load(const QVariantMap& saved);

 private:
  void bind();
  QcHand hand_;
  QMap<QString, QString> changed_;                   ///< command -> key
  std::vector<std::pair<QString, QcStroke>> bound_;  ///< key -> what it does
};

}  // namespace ipsi::ui
