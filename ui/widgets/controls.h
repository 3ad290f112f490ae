// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <functional>
#include <vector>

#include "ui/widgets/theme.h"

namespace ipsi::ui {

enum class Tone { text, muted, accent, warning, error };

/// A label that keeps its role's font and its tone's colour when text size or theme change.
class Label : public QLabel {
  Q_OBJECT

 public:
  explicit Label(const QString& text = {}, TextRole role = TextRole::body, Tone tone = Tone::text,
                 QWidget* parent = nullptr);
  void setRole(TextRole role);
  void setTone(Tone tone);

 protected:
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void restyle();
  TextRole role_;
  Tone tone_;
  bool busy_ = false;
};

/// One line that gives way with "…" in the middle when it does not fit; the whole text is its tool tip then.
class ElidedLabel : public Label {
  Q_OBJECT

 public:
  using Label::Label;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
};

/// plain 28 high; compact 26; page 34; primary the one of the screen; quiet without border; link in accent.
enum class ButtonKind { plain, compact, page, primary, primary_page, quiet, link, banner };
[[nodiscard]] QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::plain,
                                      const QString& icon_name = {}, QWidget* parent = nullptr);

/// A key as on a keyboard: "A", "Space".
class KeyCap : public QWidget {
  Q_OBJECT

 public:
  explicit KeyCap(const QString& key, QWidget* parent = nullptr);
  void setKey(const QString& key);
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  QString key_;
};
/// For delegates and own-painted widgets: the cap at `left`, centred on `middle`; returns its width.
int paintKeyCap(QPainter& painter, int left, int middle, const QString& key);
[[nodiscard]] int keyCapWidth(const QString& key);

/// "stale", "read-only", "blocked": 8.5 pt, radius 3.
class Badge : public QWidget {
  Q_OBJECT

 public:
  enum class Kind { outlined, warning, error };
  explicit Badge(const QString& text, Kind kind = Kind::outlined, QWidget* parent = nullptr);
  void setText(const QString& text);
  void setKind(Kind kind);
  [[nodiscard]] QString text() const { return text_; }
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  QString text_;
  Kind kind_;
};

/// A flag symbol as a widget.
class FlagIcon : public QWidget {
  Q_OBJECT

 public:
  explicit FlagIcon(FlagSymbol symbol, int size = 18, QWidget* parent = nullptr);
  void setSymbol(FlagSymbol symbol);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  FlagSymbol symbol_;
};

/// Fill | Outline | Off: one of a few, side by side; arrow keys move.
class Segments : public QWidget {
  Q_OBJECT

 public:
  explicit Segments(const QStringList& texts, QWidget* parent = nullptr);
  [[nodiscard]] int current() const;
  void setCurrent(int index);  ///< without signal
  [[nodiscard]] QToolButton* button(int index) const;

 signals:
  void chosen(int index);  ///< by the user

 private:
  std::vector<QToolButton*> buttons_;
};

/// The 40-px head of a pane: title left, a note beside it, controls added on the right with `add`.
class PaneHeader : public QWidget {
  Q_OBJECT

 public:
  explicit PaneHeader(const QString& title, QWidget* parent = nullptr);
  void setTitle(const QString& title);
  void setNote(const QString& note);
  void add(QWidget* widget);

 private:
  ElidedLabel *title_, *note_;
};

/// A pane with nothing in it: one sentence, one bordered button, one link, left-aligned. Empty texts are left out.
class EmptyState : public QWidget {
  Q_OBJECT

 public:
  explicit EmptyState(const QString& sentence, const QString& button = {}, const QString& link = {},
                      QWidget* parent = nullptr);
  void setSentence(const QString& sentence);

 signals:
  void pressed();
  void linkPressed();

 private:
  Label* sentence_;
};

/// What happened, where, why, what to do; Copy details, and Show file where there is one.
class ErrorCard : public QFrame {
  Q_OBJECT

 public:
  explicit ErrorCard(QWidget* parent = nullptr);
  void setError(const QString& what, const QString& where, const QString& mend, const QString& file = {});

 signals:
  void showFile(const QString& file);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Label *what_, *where_, *mend_;
  QPushButton* show_;
  QString file_;
};

/// A 1-px line in the theme's border colour.
class Line : public QWidget {
  Q_OBJECT

 public:
  explicit Line(Qt::Orientation orientation, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;
};

/// A ground of `Theme::window` or `surface`, for panes; border lines on the named sides.
///
/// A pane at the edge of a workspace names that edge ("left", "right") as its `side`: the window hides and shows it,
/// and keeps which are hidden for each workspace.
class Pane : public QWidget {
  Q_OBJECT

 public:
  explicit Pane(QColor Theme::*ground, QFlags<Qt::Edge> lines = {}, QWidget* parent = nullptr);
  void setSide(const QString& side) { setProperty("side", side); }
  void setCollapsed(bool collapsed);  ///< hidden by the user, whatever the workspace shows
  [[nodiscard]] bool collapsed() const { return collapsed_; }
  void setVisible(bool visible) override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QColor Theme::*ground_;
  QFlags<Qt::Edge> lines_;
  bool collapsed_ = false;
  bool wanted_ = true;  ///< by the workspace
};

}  // namespace ipsi::ui
