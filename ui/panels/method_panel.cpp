// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/method_panel.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>
#include <utility>

#include "ui/plots/chart.h"
#include "ui/plots/diagram_view.h"
#include "ui/widgets/cells_table.h"
#include "ui/widgets/scroller.h"

namespace ipsi::ui {
namespace {

constexpr int kFormWidth = 300, kTypingPause = 450, kFigureHeight = 260, kNumberWidth = 82, kFirstWidth = 260,
              kLeastFirst = 150;

void clear(QLayout* layout) {
  while (QLayoutItem* item = layout->takeAt(0)) {
    delete item->widget();
    delete item;
  }
}

/// A table that is wider than the page scrolls by itself, and the page stays as wide as the window.
class Wide : public QScrollArea {
 public:
  explicit Wide(CellsTable* table) : table_(table) {
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWidget(table);
    viewport()->setAutoFillBackground(false);
    table->setAutoFillBackground(false);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  }
  [[nodiscard]] QSize minimumSizeHint() const override { return {1, sizeHint().height()}; }
  [[nodiscard]] QSize sizeHint() const override {
    const bool bar = table_->minimumWidth() > width();
    return {table_->sizeHint().width(), table_->sizeHint().height() + (bar ? scaled(14) : 2)};
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QScrollArea::resizeEvent(event);
    updateGeometry();
  }

 private:
  CellsTable* table_;
};

CellsTable* cells(const MethodRun::Table& table) {
  auto* out = new CellsTable;
  out->setAccessibleName(table.title);
  std::vector<CellsTable::Column> columns;
  int width = kFirstWidth;
  for (qsizetype c = 0; c < table.head.size(); ++c) {
    const bool words = table.words[static_cast<std::size_t>(c)];
    columns.push_back({table.head[c], c == 0 ? 150 : words ? 110 : kNumberWidth, words});
    if (c > 0) width += columns.back().width;
  }
  std::vector<CellsTable::Row> rows;
  for (const auto& line : table.rows) {
    CellsTable::Row row;
    for (const auto& cell : line) row.cells.push_back({cell, {}, false, false});
    rows.push_back(std::move(row));
  }
  out->setTable(std::move(columns), std::move(rows));
  out->setMaximumWidth(scaled(width));  // numbers stay near what they belong to
  out->setMinimumWidth(scaled(width - kFirstWidth + kLeastFirst));
  return out;
}

}  // namespace

MethodPanel::MethodPanel(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("model.own");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(left());
  row->addWidget(right(), 1);
  typing_.setSingleShot(true);
  typing_.setInterval(kTypingPause);
  connect(&typing_, &QTimer::timeout, this, [this] { model_.setText(text_->toPlainText()); });
  connect(text_, &QPlainTextEdit::textChanged, &typing_, qOverload<>(&QTimer::start));
  connect(method_, &QComboBox::activated, &model_, &MethodRun::setMethod);
  connect(&model_, &MethodRun::changed, this, &MethodPanel::render);
  connect(&model_, &MethodRun::exported, this, [this](const QString& folder, const QString& why) {
    if (why.isEmpty())
      context_.shell.toast(tr("Written: %1").arg(folder));
    else
      context_.shell.tellError(tr("The result could not be written"), folder, why);
  });
}

QWidget* MethodPanel::left() {
  auto* pane = new Pane(&Theme::window, Qt::RightEdge);
  pane->setSide("left");
  left_ = pane;
  auto* outer = new QVBoxLayout(pane);
  outer->setContentsMargins(0, 0, 1, 0);
  auto* form = new QWidget;
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(12, 12, 12, 12);
  column->setSpacing(4);
  head_ = new QVBoxLayout;
  column->addLayout(head_);
  column->addSpacing(6);
  const auto caption = [&](const QString& words, QWidget* buddy) {
    auto* label = new Label(words, TextRole::small, Tone::muted);
    label->setBuddy(buddy);
    column->addWidget(label);
    column->addWidget(buddy);
  };
  method_ = new QComboBox;
  method_->setObjectName("model.own.method");
  method_->setAccessibleName(tr("Method"));
  method_->setMinimumWidth(1);
  for (const auto& method : model_.state().methods) method_->addItem(method.title);
  caption(tr("Method"), method_);
  summary_ = new Label({}, TextRole::small, Tone::muted);
  summary_->setWordWrap(true);
  column->addWidget(summary_);
  column->addSpacing(6);
  text_ = new QPlainTextEdit;
  text_->setObjectName("model.own.text");
  text_->setAccessibleName(tr("Formula or equations"));
  text_->setFont(ui::font(TextRole::fixed));
  text_->setTabChangesFocus(true);
  text_->setMinimumWidth(1);
  text_->setProperty("focusRing", true);
  caption(tr("Formula"), text_);
  people_ = new Label({}, TextRole::small, Tone::muted);
  people_->setWordWrap(true);
  column->addWidget(people_);
  column->addSpacing(6);
  options_ = new QVBoxLayout;
  options_->setSpacing(4);
  column->addLayout(options_);
  column->addStretch(1);
  outer->addWidget(scroller(form));
  return pane;
}

QWidget* MethodPanel::right() {
  auto* pane = new Pane(&Theme::surface);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  header_ = new PaneHeader({});
  export_ = makeButton(tr("Export..."), ButtonKind::compact, "export");
  export_->setObjectName("model.own.export");
  export_->setToolTip(tr("Tables, figures and a report, as the command line writes them"));
  connect(export_, &QPushButton::clicked, this, &MethodPanel::chooseExport);
  header_->add(export_);
  column->addWidget(header_);
  stack_ = new QStackedWidget;
  auto* page = new QWidget;
  result_ = new QVBoxLayout(page);
  result_->setContentsMargins(12, 0, 12, 12);
  result_->setSpacing(6);
  stack_->addWidget(scroller(page));
  auto* problem = new QWidget;
  auto* card = new QVBoxLayout(problem);
  card->setContentsMargins(12, 12, 12, 12);
  error_ = new ErrorCard;
  error_->setObjectName("model.own.error");
  card->addWidget(error_);
  card->addStretch(1);
  stack_->addWidget(problem);
  column->addWidget(stack_, 1);
  return pane;
}

void MethodPanel::chooseExport() {
  auto* dialog = new QFileDialog(this, tr("Folder for tables, figures and report"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setOption(QFileDialog::ShowDirsOnly);
  connect(dialog, &QFileDialog::fileSelected, &model_, &MethodRun::exportTo);
  dialog->open();
}

QWidget* MethodPanel::field(const MethodRun::Option& option) {
  using Kind = MethodRun::Option::Kind;
  const QString key = option.key;
  QWidget* out = nullptr;
  switch (option.kind) {
    case Kind::toggle: {
      auto* box = new QCheckBox(QString(key).replace('-', ' '));
      box->setChecked(option.value.toBool());
      connect(box, &QCheckBox::toggled, this, [this, key](bool on) { model_.setOption(key, on); });
      out = box;
      break;
    }
    case Kind::choice: {
      auto* box = new QComboBox;
      box->addItems(option.choices);
      box->setCurrentText(option.value.toString());
      connect(box, &QComboBox::textActivated, this, [this, key](const QString& v) { model_.setOption(key, v); });
      out = box;
      break;
    }
    case Kind::integer: {
      auto* box = new QSpinBox;
      box->setRange(static_cast<int>(option.low), static_cast<int>(option.high));
      box->setValue(option.value.toInt());
      box->setKeyboardTracking(false);
      connect(box, &QSpinBox::valueChanged, this, [this, key](int v) { model_.setOption(key, v); });
      out = box;
      break;
    }
    case Kind::number: {
      auto* box = new QDoubleSpinBox;
      box->setDecimals(4);
      box->setRange(option.low, option.high);
      box->setValue(option.value.toDouble());
      box->setKeyboardTracking(false);
      connect(box, &QDoubleSpinBox::valueChanged, this, [this, key](double v) { model_.setOption(key, v); });
      out = box;
      break;
    }
    case Kind::text: {
      auto* box = new QLineEdit(option.value.toString());
      connect(box, &QLineEdit::editingFinished, this, [this, key, box] { model_.setOption(key, box->text()); });
      out = box;
      break;
    }
  }
  out->setObjectName("model.own.option." + key);
  out->setAccessibleName(key);
  out->setToolTip(option.help);
  out->setMinimumWidth(1);
  return out;
}

void MethodPanel::renderOptions() {
  const auto& state = model_.state();
  clear(options_);
  for (const auto& option : state.options) {
    QWidget* box = field(option);
    if (option.kind != MethodRun::Option::Kind::toggle) {
      auto* caption = new ElidedLabel(QString(option.key).replace('-', ' '), TextRole::small, Tone::muted);
      caption->setBuddy(box);
      caption->setToolTip(option.help);
      options_->addWidget(caption);
    }
    options_->addWidget(box);
  }
}

void MethodPanel::renderResult() {
  const auto& state = model_.state();
  clear(result_);
  const auto words = [&](const QString& text, TextRole role, Tone tone) {
    auto* label = new Label(text, role, tone);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    result_->addWidget(label);
  };
  if (!state.usable) words(tr("Computed, but it must not be used: see the notes."), TextRole::strong, Tone::error);
  for (const auto& finding : state.findings) words(finding, TextRole::body, Tone::warning);
  for (const auto& diagram : state.diagrams) {
    auto* view = new DiagramView;
    view->setObjectName("model.own.diagram");
    view->setDiagram(diagram);
    result_->addWidget(view);
    if (!diagram.caption.empty()) words(QString::fromStdString(diagram.caption), TextRole::small, Tone::muted);
  }
  for (const auto& table : state.tables) {
    result_->addSpacing(4);
    words(table.title, TextRole::strong, Tone::text);
    if (!table.note.isEmpty()) words(table.note, TextRole::small, Tone::muted);
    result_->addWidget(new Wide(cells(table)));
  }
  for (const auto& figure : state.figures) {
    result_->addSpacing(4);
    words(QString::fromStdString(figure.title), TextRole::strong, Tone::text);
    auto* chart = new Chart;
    chart->setFigure(figure);
    const auto lines = static_cast<int>(figure.y.categories.size());
    chart->setFixedHeight(scaled(std::max(kFigureHeight, 60 + 17 * lines)));
    result_->addWidget(chart);
    if (!figure.caption.empty()) words(QString::fromStdString(figure.caption), TextRole::small, Tone::muted);
  }
  for (const auto& paragraph : state.methods_text) {
    result_->addSpacing(4);
    words(paragraph, TextRole::small, Tone::muted);
  }
  result_->addStretch(1);
}

void MethodPanel::render() {
  if (!isVisible()) {
    dirty_ = true;
    return;
  }
  dirty_ = false;
  const auto& state = model_.state();
  left_->setFixedWidth(scaled(kFormWidth));
  const auto& method = state.methods[static_cast<std::size_t>(state.method)];
  method_->setCurrentIndex(state.method);
  summary_->setText(method.summary);
  text_->setFixedHeight(scaled(method.paths ? 190 : 88));
  if (!typing_.isActive() && text_->toPlainText() != state.text) {
    const QSignalBlocker calm(text_);
    text_->setPlainText(state.text);
  }
  text_->setToolTip(tr("Columns: %1").arg(state.columns.join(", ")));
  people_->setText(state.people);
  if (shown_method_ != state.method) {
    shown_method_ = state.method;
    renderOptions();
  }
  header_->setTitle(method.title);
  header_->setNote(state.working ? tr("fitting...") : QString());
  export_->setEnabled(state.any);
  if (state.working) return;  // what was there stays until the next is there
  const bool failed = !state.what.isEmpty();
  if (failed) {
    error_->setError(state.what, state.where, state.mend);
  } else {
    renderResult();
  }
  stack_->setCurrentIndex(failed ? 1 : 0);
}

void MethodPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  model_.setActive(true);
  if (dirty_) render();
}

void MethodPanel::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  model_.setActive(false);
}

void MethodPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) render();
}

}  // namespace ipsi::ui
