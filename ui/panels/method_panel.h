// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/viewmodels/method_run.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// A model of one's own: method, text and options on the left, what it gave on the right.
class MethodPanel : public QWidget {
  Q_OBJECT

 public:
  explicit MethodPanel(Context& context, QWidget* parent = nullptr);
  [[nodiscard]] MethodRun& model() { return model_; }
  [[nodiscard]] QVBoxLayout* head() { return head_; }  ///< above the form: where the way back stands
  void chooseExport();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] QWidget* left();
  [[nodiscard]] QWidget* right();
  void render();
  void renderOptions();
  void renderResult();
  [[nodiscard]] QWidget* field(const MethodRun::Option& option);

  Context& context_;
  MethodRun model_;
  QVBoxLayout *head_ = nullptr, *options_ = nullptr, *result_ = nullptr;
  QWidget* left_ = nullptr;
  QComboBox* method_ = nullptr;
  QPlainTextEdit* text_ = nullptr;
  Label *summary_ = nullptr, *people_ = nullptr;
  PaneHeader* header_ = nullptr;
  QPushButton* export_ = nullptr;
  ErrorCard* error_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  QTimer typing_;
  int shown_method_ = -1;
  bool dirty_ = true;
};

}  // namespace ipsi::ui
