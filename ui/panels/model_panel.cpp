// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/model_panel.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMimeData>
#include <QScrollArea>
#include <cmath>
#include <utility>

#include "ui/widgets/scroller.h"

namespace ipsi::ui {
namespace {

constexpr int kFormWidth = 232, kRightWidth = 372, kLeastMiddle = 560;  // px at 100 % text

FlagSymbol symbol_of(const QString& flag) {
  if (flag == "lesioned") return FlagSymbol::lesioned;
  if (flag == "failed") return FlagSymbol::failed;
  return FlagSymbol::unrated;
}

QString side_title(const QString& side) {
  if (side == "ipsi") return ModelPanel::tr("Ipsilesional");
  if (side == "contra") return ModelPanel::tr("Contralesional");
  return side == "left" ? ModelPanel::tr("Left") : ModelPanel::tr("Right");
}

/// The dot of a legend: filled orange or open grey, as in the scatter.
class Dot : public QWidget {
 public:
  explicit Dot(bool filled) : filled_(filled) { setFixedSize(scaled(18), scaled(18)); }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = filled_ ? t.category(1) : t.muted;
    painter.setPen(QPen(filled_ ? colour.darker(140) : colour, 1));
    painter.setBrush(filled_ ? colour : t.surface);
    painter.drawEllipse(QRectF(rect()).center(), filled_ ? 4.0 : 3.0, filled_ ? 4.0 : 3.0);
  }

 private:
  bool filled_;
};

}  // namespace

ModelPanel::ModelPanel(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("model");
  whole_ = new QStackedWidget;
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(whole_);
  auto* regions = new QWidget;
  whole_->addWidget(regions);
  own_ = new MethodPanel(context);
  whole_->addWidget(own_);
  auto* row = new QHBoxLayout(regions);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(left());
  stack_ = new QStackedWidget;
  auto* full = new QWidget;
  auto* both = new QHBoxLayout(full);
  both->setContentsMargins(0, 0, 0, 0);
  both->setSpacing(0);
  middle_ = middle();
  right_ = checks_ = new ModelChecksPane(model_);
  connect(checks_, &ModelChecksPane::backWanted, this, [this] {
    show_fit_ = false;
    place();
  });
  both->addWidget(middle_, 1);
  both->addWidget(right_);
  stack_->addWidget(full);
  auto* problem = new Pane(&Theme::surface);
  auto* card = new QVBoxLayout(problem);
  card->setContentsMargins(24, 24, 24, 24);
  error_ = new ErrorCard;
  error_->setObjectName("model.error");
  card->addWidget(error_);
  card->addStretch(1);
  stack_->addWidget(problem);
  empty_ = new EmptyState(tr("Open a study to fit the models of its twelve regions."), tr("Go to Study"));
  empty_->setObjectName("model.empty");
  connect(empty_, &EmptyState::pressed, this, [this] { context_.shell.showWorkspace("study"); });
  stack_->addWidget(empty_);
  row->addWidget(stack_, 1);

  connect(&model_, &ModelAnalysis::changed, this, &ModelPanel::render);
  connect(&model_.runs(), &ModelRuns::changed, this, &ModelPanel::render);
  connect(form_, &ModelForm::sideBySideWanted, this, [this](bool all) {
    all_ = all;
    model_.runs().compare(-1);
    render();
  });
  connect(&model_, &ModelAnalysis::exported, this, [this](const QString& path, const QString& why) {
    if (why.isEmpty())
      context_.shell.toast(tr("Written: %1").arg(path));
    else
      context_.shell.tellError(tr("The table could not be written"), path, why);
  });
  addActions();
  render();
}

void ModelPanel::place() {
  left_->setFixedWidth(scaled(kFormWidth));
  legend_->setFixedWidth(scaled(140));
  runs_->setFixedHeight(scaled(model_.runs().state().runs.empty() ? 114 : 150));
  narrow_ = width() < scaled(kFormWidth + kLeastMiddle + kRightWidth);
  middle_->setVisible(!narrow_ || !show_fit_);
  right_->setVisible(!narrow_ || show_fit_);
  right_->setMinimumWidth(narrow_ ? 0 : scaled(kRightWidth));
  right_->setMaximumWidth(narrow_ ? QWIDGETSIZE_MAX : scaled(kRightWidth));
  fit_->setVisible(narrow_);
  checks_->setBack(narrow_);
}

void ModelPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  place();
}

void ModelPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) place();
}

void ModelPanel::addActions() {
  const auto any = [this] { return !model_.state().rows.empty(); };
  auto& actions = context_.actions;
  actions.add({.id = "model.copy",
               .text = tr("Copy the model table"),
               .shortcut = "Ctrl+Shift+C",
               .workspace = "model",
               .run = [this] { copyTable(); },
               .enabled = any,
               .words = tr("results clipboard tsv html")},
              this);
  actions.add({.id = "model.export",
               .text = tr("Export the models..."),
               .shortcut = "Ctrl+E",
               .workspace = "model",
               .run = [this] { chooseExport(); },
               .enabled = any,
               .words = tr("results csv xlsx table")},
              this);
  actions.add({.id = "model.keep",
               .text = tr("Keep this run"),
               .shortcut = "Ctrl+S",
               .workspace = "model",
               .run = [this] { model_.runs().keep(); },
               .enabled = any,
               .words = tr("store save results")},
              this);
  const std::pair<const char*, QString> pages[] = {
      {"model.residuals", tr("Residuals of the row")},
      {"model.influence", tr("Influence: people and cohorts that move it")},
      {"model.robust", tr("Robust fit of the row")},
      {"model.sensitivity", tr("Sensitivity: the row under other choices")}};
  const char* keys[] = {"Alt+1", "Alt+2", "Alt+3", "Alt+4"};
  for (int i = 0; i < 4; ++i)
    actions.add({.id = pages[i].first,
                 .text = pages[i].second,
                 .shortcut = keys[i],
                 .workspace = "model",
                 .run =
                     [this, i] {
                       show_fit_ = narrow_;
                       place();
                       checks_->showPage(i);
                     },
                 .enabled = [this] { return model_.state().open; },
                 .words = tr("diagnostics outlier cook dfbeta leave one out normality vif")},
                this);
  for (const int kind : {0, 1})
    actions.add({.id = kind == 0 ? "model.regions" : "model.own",
                 .text = kind == 0 ? tr("The twelve regions") : tr("A model of your own: formula or path model"),
                 .shortcut = kind == 0 ? "Alt+8" : "Alt+9",
                 .workspace = "model",
                 .run = [this, kind] { showKind(kind); },
                 .enabled = [this] { return model_.state().open; },
                 .words = tr("sem lavaan lme lm formula path free")},
                this);
  const auto& methods = own_->model().state().methods;
  for (std::size_t i = 0; i < methods.size(); ++i)
    actions.add({.id = "model.own." + methods[i].key,
                 .text = tr("Own model: %1").arg(methods[i].title.toLower()),
                 .shortcut = {},
                 .workspace = "model",
                 .run =
                     [this, i] {
                       showKind(1);
                       own_->model().setMethod(static_cast<int>(i));
                     },
                 .enabled = [this] { return model_.state().open; },
                 .words = methods[i].key + ' ' + methods[i].summary},
                this);
  actions.add({.id = "model.side",
               .text = tr("All subgroups side by side"),
               .shortcut = "Ctrl+Shift+A",
               .workspace = "model",
               .run =
                   [this] {
                     all_ = !all_;
                     render();
                   },
               .enabled = any,
               .words = tr("overview regions")},
              this);
}

void ModelPanel::chooseExport() {
  auto* dialog = new QFileDialog(this, tr("Export the models"), {}, tr("Table (*.csv);;Workbook (*.xlsx)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("csv");
  dialog->selectFile("results");
  connect(dialog, &QFileDialog::filterSelected, dialog,
          [dialog](const QString& filter) { dialog->setDefaultSuffix(filter.contains("xlsx") ? "xlsx" : "csv"); });
  connect(dialog, &QFileDialog::fileSelected, &model_, &ModelAnalysis::exportTo);
  dialog->open();
}

/// Twelve regions or a model of one's own: the same switch stands over both forms.
QWidget* ModelPanel::kindSwitch(int kind) {
  auto* choice = new Segments({tr("Regions"), tr("Own model")});
  choice->setObjectName(kind == 0 ? "model.kind" : "model.own.kind");
  choice->setAccessibleName(tr("The twelve regions or a model of your own"));
  choice->setCurrent(kind);
  connect(choice, &Segments::chosen, this, [this, choice, kind](int wanted) {
    choice->setCurrent(kind);
    showKind(wanted);
  });
  return choice;
}

void ModelPanel::showKind(int kind) {
  whole_->setCurrentIndex(kind);
  auto* choice = findChild<Segments*>(kind == 0 ? "model.kind" : "model.own.kind");
  choice->button(kind)->setFocus();
  if (kind == 0) render();
}

QWidget* ModelPanel::left() {
  auto* pane = new Pane(&Theme::window, Qt::RightEdge);
  pane->setSide("left");
  left_ = pane;
  auto* inside = new QVBoxLayout(pane);
  inside->setContentsMargins(0, 0, 1, 0);
  inside->setSpacing(0);
  form_ = new ModelForm(model_);
  auto* kinds = new QVBoxLayout;
  kinds->setContentsMargins(12, 10, 12, 0);
  kinds->addWidget(kindSwitch(0));
  inside->addLayout(kinds);
  own_->head()->addWidget(kindSwitch(1));
  inside->addWidget(scroller(form_), 1);
  inside->addWidget(new Line(Qt::Horizontal));
  runs_ = new ModelRunsList(model_.runs());
  inside->addWidget(runs_);
  return pane;
}

QWidget* ModelPanel::tables() {
  tables_ = new QStackedWidget;
  table_ = new ModelTable;
  side_by_side_ = new CellsTable;
  side_by_side_->setObjectName("model.sidebyside");
  side_by_side_->setAccessibleName(tr("Twelve regions in all subgroups"));
  comparison_ = new CellsTable;
  comparison_->setObjectName("model.comparison");
  comparison_->setAccessibleName(tr("Twelve regions then and now"));
  for (QWidget* table : std::initializer_list<QWidget*>{table_, side_by_side_, comparison_})
    tables_->addWidget(scroller(table));
  connect(table_, &ModelTable::chosen, &model_, &ModelAnalysis::select);
  connect(comparison_, &CellsTable::chosen, this, [this](int row, int) { model_.select(row); });
  connect(side_by_side_, &CellsTable::chosen, this, [this](int row, int column) {
    if (column > 0) model_.chooseAnalysis(column - 1);
    model_.select(row);
  });
  return tables_;
}

QWidget* ModelPanel::middle() {
  auto* pane = new Pane(&Theme::surface, Qt::RightEdge);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 1, 0);
  column->setSpacing(0);
  header_ = new PaneHeader({});
  copy_ = makeButton(tr("Copy table"), ButtonKind::compact, "copy");
  copy_->setObjectName("model.copy");
  copy_->setToolTip(tr("As text for a spreadsheet and as a table for a document"));
  connect(copy_, &QPushButton::clicked, this, &ModelPanel::copyTable);
  header_->add(copy_);
  export_ = makeButton(tr("Export..."), ButtonKind::compact, "export");
  export_->setObjectName("model.export");
  connect(export_, &QPushButton::clicked, this, &ModelPanel::chooseExport);
  header_->add(export_);
  column->addWidget(header_);
  column->addWidget(tables(), 100);  // all of its height first, the rest is the scatter's
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(12, 5, 12, 5);
  foot->setSpacing(6);
  strong_ = new Label({}, TextRole::strong);
  strong_->setObjectName("model.count");
  summary_ = new ElidedLabel({}, TextRole::body, Tone::muted);
  foot->addWidget(strong_);
  foot->addWidget(summary_, 1);
  column->addLayout(foot);
  column->addWidget(new Line(Qt::Horizontal));
  row_header_ = new PaneHeader({});
  fit_ = makeButton(tr("Behind the row"), ButtonKind::compact);
  fit_->setObjectName("model.fit");
  connect(fit_, &QPushButton::clicked, this, [this] {
    show_fit_ = true;
    place();
  });
  row_header_->add(fit_);
  column->addWidget(row_header_);
  answer_ = new Label({}, TextRole::small);
  answer_->setObjectName("model.answer");
  answer_->setWordWrap(true);
  answer_->setContentsMargins(12, 0, 12, 6);
  column->addWidget(answer_);
  column->addWidget(scatter(), 1);
  return pane;
}

QWidget* ModelPanel::scatter() {
  auto* box = new QWidget;
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(12, 0, 12, 8);
  row->setSpacing(12);
  scatter_box_ = new QWidget;
  auto* left = new QVBoxLayout(scatter_box_);
  left->setContentsMargins(0, 0, 0, 0);
  partial_ = new Chart;
  partial_->setObjectName("model.partial");
  partial_->setPointsChoosable(true);
  partial_->setMinimumHeight(scaled(112));
  scatter_failure_ = new Label({}, TextRole::body, Tone::muted);
  scatter_failure_->setObjectName("model.failure");
  scatter_failure_->setWordWrap(true);
  scatter_failure_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  left->addWidget(partial_, 1);
  left->addWidget(scatter_failure_, 1);
  row->addWidget(scatter_box_, 1);
  legend_ = new QWidget;
  auto* grid = new QGridLayout(legend_);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(6);
  grid->setVerticalSpacing(4);
  grid->setColumnStretch(1, 1);
  row->addWidget(legend_);
  connect(partial_, &Chart::pointChosen, this,
          [this](int series, int index) { choosePoint(model_.state().partial, series, index); });
  return box;
}

void ModelPanel::choosePoint(const ModelAnalysis::Plot& plot, int series, int index) {
  const QString person = plot.names[static_cast<std::size_t>(series)][static_cast<std::size_t>(index)];
  if (!person.isEmpty()) model_.openScan(person);
}

void ModelPanel::copyTable() {
  if (model_.state().rows.empty()) return;
  auto* copied = new QMimeData;
  if (auto* shown = tables_->currentIndex() == 1   ? side_by_side_
                    : tables_->currentIndex() == 2 ? comparison_
                                                   : nullptr) {
    copied->setText(shown->tsv());
    copied->setHtml(shown->html());
  } else {
    copied->setText(model_.tsv());
    copied->setHtml(table_->html());
  }
  QGuiApplication::clipboard()->setMimeData(copied);
  context_.shell.toast(tr("Table copied: text and formatted"));
}

void ModelPanel::renderLegend() {
  const auto& state = model_.state();
  auto* grid = static_cast<QGridLayout*>(legend_->layout());
  while (QLayoutItem* item = grid->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  int line = 0;
  const auto add = [&](QWidget* mark, const QString& text, int n) {
    grid->addWidget(mark, line, 0);
    grid->addWidget(new ElidedLabel(text), line, 1);
    auto* count = new Label(formatNumber(n, 0));
    count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    grid->addWidget(count, line++, 2);
  };
  grid->addWidget(new Label(tr("Left out by QC"), TextRole::small, Tone::muted), line++, 0, 1, 3);
  for (const auto& item : state.left_out)
    add(item.flag.isEmpty() ? new QWidget : new FlagIcon(symbol_of(item.flag)), item.title, item.n);
  if (!state.partial.figure.series.empty()) {
    grid->addWidget(new Line(Qt::Horizontal), line++, 0, 1, 3);
    add(new Dot(true), state.cohort, state.cohort_people);
    add(new Dot(false), tr("%1 others").arg(state.other_cohorts), state.other_people);
    if (state.answer.isEmpty()) {  // the sentence above needs the room
      auto* hint = new Label(tr("Click a point to open its scan in QC."), TextRole::small, Tone::muted);
      hint->setWordWrap(true);
      grid->addWidget(hint, line++, 0, 1, 3);
    }
  }
  grid->setRowStretch(line, 1);
  for (int old = 0; old < line; ++old) grid->setRowStretch(old, 0);
}

void ModelPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  model_.checks().setActive(true);
  if (std::exchange(dirty_, false)) render();
}

void ModelPanel::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  model_.checks().setActive(false);
}

void ModelPanel::render() {
  if (!isVisible()) {
    dirty_ = true;
    return;
  }
  const auto& state = model_.state();
  form_->render();
  runs_->render();
  place();
  if (!state.open || state.nobody) {
    empty_->setSentence(state.nobody
                            ? tr("Nobody in this study yet. The models need people with volumes, scores and cohorts.")
                            : tr("Open a study to fit the models of its twelve regions."));
    stack_->setCurrentIndex(2);
    return;
  }
  if (!state.what.isEmpty()) {
    error_->setError(state.what, state.where, state.mend);
    stack_->setCurrentIndex(1);
    return;
  }
  stack_->setCurrentIndex(0);
  const auto& runs = model_.runs().state();
  const bool comparing = runs.compared >= 0;
  header_->setTitle(comparing ? runs.then_title : all_ ? tr("All subgroups") : state.title);
  header_->setNote(state.working && state.rows.empty() ? tr("fitting...")
                   : comparing                         ? tr("against now, %1").arg(runs.note)
                   : all_                              ? tr("β, n and cohorts; bold where significant")
                                                       : state.note);
  copy_->setEnabled(!state.rows.empty());
  export_->setEnabled(!state.rows.empty());
  tables_->setCurrentIndex(comparing ? 2 : all_ ? 1 : 0);
  table_->setState(state);
  if (comparing)
    renderComparison();
  else if (all_)
    renderSideBySide();
  tables_->setMaximumHeight(static_cast<QScrollArea*>(tables_->currentWidget())->widget()->sizeHint().height() + 2);
  strong_->setText(comparing ? tr("%1 of %2 estimates differ").arg(runs.differ).arg(runs.rows.size()) : state.strong);
  QStringList words{state.summary};
  if (!state.live.isEmpty()) words << state.live;
  if (!state.robust.isEmpty()) words << state.robust;
  summary_->setText(comparing ? QString() : words.join(' '));
  renderRow();
}

void ModelPanel::renderRow() {
  const auto& state = model_.state();
  row_header_->setTitle(state.row_title);
  const bool there = state.selected < static_cast<int>(state.rows.size());
  const bool fitted = !state.partial.figure.series.empty();
  QString note = state.row_note;
  if (there && fitted) {
    const auto& row = state.rows[static_cast<std::size_t>(state.selected)];
    const int places = state.places;
    note =
        QString::fromUtf8("β %1 [%2, %3], t %4, df %5, N %6, G %7")
            .arg(formatNumber(row.beta, places), formatNumber(row.low, places), formatNumber(row.high, places),
                 formatNumber(row.t, 2), formatNumber(row.df, 0), formatNumber(row.n, 0), formatNumber(row.cohorts, 0));
    if (std::isfinite(row.robust)) {
      note +=
          QString::fromUtf8(row.differs ? ", robust β ≠ %1" : ", robust β %1").arg(formatNumber(row.robust, places));
    }
  }
  row_header_->setNote(note);
  answer_->setText(state.answer);
  answer_->setVisible(!state.answer.isEmpty());
  partial_->setVisible(fitted);
  scatter_failure_->setVisible(!fitted);
  scatter_failure_->setText(there ? state.rows[static_cast<std::size_t>(state.selected)].failure : QString());
  renderLegend();
  if (fitted) partial_->setFigure(state.partial.figure);
  checks_->render();
}

void ModelPanel::renderSideBySide() {
  const auto& state = model_.state();
  std::vector<CellsTable::Column> columns{{tr("Region"), 128, true}};
  for (const auto& column : state.columns) columns.push_back({column.title, 86, false});
  std::vector<CellsTable::Row> rows;
  for (std::size_t r = 0; r < state.rows.size(); ++r) {
    CellsTable::Row line{side_title(state.rows[r].side), {{state.rows[r].title, {}, false, false}}, {}, false};
    for (const auto& column : state.columns) {
      const auto& row = column.rows[r];
      line.tinted = line.tinted || row.moved;
      line.cells.push_back({row.failure.isEmpty() ? formatNumber(row.beta, state.places) : tr("no fit"),
                            tr("%1 / %2").arg(row.n).arg(row.cohorts), row.significant, !row.failure.isEmpty()});
    }
    rows.push_back(std::move(line));
  }
  side_by_side_->setTable(std::move(columns), std::move(rows));
  side_by_side_->setCurrent(state.selected, state.current + 1);
}

void ModelPanel::renderComparison() {
  const auto& state = model_.runs().state();
  const int places = model_.state().places;
  std::vector<CellsTable::Column> columns{
      {tr("Region"), 128, true}, {tr("N then"), 60, false}, {tr("β then"), 64, false}, {tr("p then"), 64, false},
      {tr("N now"), 60, false},  {tr("β now"), 64, false},  {tr("p now"), 64, false},  {tr("difference"), 84, false}};
  std::vector<CellsTable::Row> rows;
  for (const auto& row : state.rows) {
    const double moved = row.beta_now - row.beta_then;
    rows.push_back({side_title(row.side),
                    {{row.title, {}, row.significant_now != row.significant_then, false},
                     {formatNumber(row.n_then, 0), {}, false, false},
                     {formatNumber(row.beta_then, places), {}, row.significant_then, false},
                     {formatP(row.p_then), {}, row.significant_then, false},
                     {formatNumber(row.n_now, 0), {}, false, false},
                     {formatNumber(row.beta_now, places), {}, row.significant_now, false},
                     {formatP(row.p_now), {}, row.significant_now, false},
                     {moved == 0.0 ? tr("none") : formatNumber(moved, places + 1), {}, false, moved == 0.0}},
                    {},
                    false});
  }
  comparison_->setTable(std::move(columns), std::move(rows));
  comparison_->setCurrent(model_.state().selected);
}

}  // namespace ipsi::ui
