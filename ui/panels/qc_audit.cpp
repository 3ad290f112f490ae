// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_audit.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <cmath>

namespace ipsi::ui {
namespace {

constexpr int kWide = 900;                  // px at 100 % text from which two figures stand beside each other
constexpr int kChart = 250, kForest = 330;  // px high
constexpr int kPad = 12;

Label* wrapped(TextRole role = TextRole::body, Tone tone = Tone::text) {
  auto* out = new Label({}, role, tone);
  out->setWordWrap(true);
  out->setContentsMargins(kPad, 0, kPad, 0);
  return out;
}

CellsTable::Cell with_interval(double value, double low, double high, int digits) {
  CellsTable::Cell out{formatNumber(value, digits), {}, false, std::isnan(value)};
  if (!std::isnan(low) && !std::isnan(high))
    out.note = QcAudit::tr("%1 to %2").arg(formatNumber(low, digits), formatNumber(high, digits));
  return out;
}

}  // namespace

QcAudit::QcAudit(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("qc.audit");
  setFocusPolicy(Qt::StrongFocus);
  auto* ground = new Pane(&Theme::surface);
  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(ground);
  auto* column = new QVBoxLayout(ground);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  header_ = new PaneHeader(tr("Left out"));
  auto* save = makeButton(tr("Save table..."), ButtonKind::compact, "export");
  save->setObjectName("qc.audit.save");
  connect(save, &QPushButton::clicked, this, [this] { chooseExport(-1); });
  auto* back = makeButton(tr("Back to rating"), ButtonKind::compact);
  back->setObjectName("qc.audit.back");
  connect(back, &QPushButton::clicked, this, &QcAudit::closed);
  header_->add(save);
  header_->add(back);
  header_->add(new KeyCap("Esc"));
  column->addWidget(header_);
  column->addWidget(new Line(Qt::Horizontal));
  stack_ = new QStackedWidget;
  stack_->addWidget(body());
  auto* trouble = new QWidget;
  auto* inset = new QVBoxLayout(trouble);
  inset->setContentsMargins(kPad, kPad, kPad, kPad);
  error_ = new ErrorCard;
  error_->setObjectName("qc.audit.error");
  inset->addWidget(error_);
  inset->addStretch(1);
  stack_->addWidget(trouble);
  empty_ = new EmptyState(tr("No study is open."), tr("Go to Study"));
  empty_->setObjectName("qc.audit.empty");
  stack_->addWidget(empty_);
  column->addWidget(stack_, 1);
  connect(empty_, &EmptyState::pressed, this, [this] { context_.shell.showWorkspace("study"); });
  connect(&model_, &AuditModel::changed, this, &QcAudit::render);
  connect(&model_, &AuditModel::exported, this, [this](const QString& path, const QString& problem) {
    if (problem.isEmpty())
      context_.shell.toast(tr("Written: %1").arg(path.section('/', -1)));
    else
      context_.shell.tellError(tr("It could not be written"), path, problem);
  });
  addActions();
  render();
}

QcAudit::~QcAudit() {
  qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));  // before what they show
}

// ---- parts ---------------------------------------------------------------------------------------------------------

QWidget* QcAudit::figurePane(int figure) {
  auto* pane = new QWidget;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(kPad, 0, kPad, 0);
  column->setSpacing(4);
  auto* head = new QHBoxLayout;
  head->setSpacing(8);
  const auto at = static_cast<std::size_t>(figure);
  titles_[at] = new ElidedLabel({}, TextRole::strong);
  head->addWidget(titles_[at], 1);
  auto* save = makeButton(tr("Save figure..."), ButtonKind::compact);
  save->setObjectName(QString("qc.audit.figure.%1").arg(figure));
  connect(save, &QPushButton::clicked, this, [this, figure] { chooseExport(figure); });
  head->addWidget(save);
  column->addLayout(head);
  charts_[at] = new Chart;
  charts_[at]->setObjectName(QString("qc.audit.chart.%1").arg(figure));
  column->addWidget(charts_[at]);
  captions_[at] = new Label({}, TextRole::small, Tone::muted);
  captions_[at]->setWordWrap(true);
  column->addWidget(captions_[at]);
  column->addStretch(1);
  figures_[at] = pane;
  return pane;
}

QWidget* QcAudit::cohortPane() {
  auto* pane = new QWidget;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(kPad, 0, kPad, 0);
  head->setSpacing(8);
  head->addWidget(new Label(tr("By cohort"), TextRole::strong));
  region_ = new QComboBox;
  region_->setObjectName("qc.audit.region");
  region_->setAccessibleName(tr("Region"));
  region_->setMinimumWidth(1);
  region_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  head->addWidget(region_, 1);
  auto* copy = makeButton(tr("Copy"), ButtonKind::compact, "copy");
  connect(copy, &QPushButton::clicked, this, [this] { cohorts_->copy(); });
  head->addWidget(copy);
  column->addLayout(head);
  cohorts_ = new CellsTable;
  cohorts_->setObjectName("qc.audit.cohorts");
  cohorts_->setAccessibleName(tr("Left out by cohort"));
  column->addWidget(cohorts_);
  spread_ = wrapped(TextRole::small, Tone::muted);
  column->addWidget(spread_);
  column->addStretch(1);
  connect(region_, &QComboBox::activated, &model_, &AuditModel::chooseRegion);
  cohorts_pane_ = pane;
  return pane;
}

void QcAudit::makeTable(QVBoxLayout* column) {
  variable_row_ = new QHBoxLayout;
  variable_row_->setContentsMargins(kPad, 0, kPad, 0);
  variable_row_->setSpacing(8);
  auto* copy = makeButton(tr("Copy"), ButtonKind::compact, "copy");
  copy->setObjectName("qc.audit.copy");
  connect(copy, &QPushButton::clicked, this, [this] { table_->copy(); });
  variable_row_->addStretch(1);
  variable_row_->addWidget(copy);
  column->addLayout(variable_row_);
  table_ = new CellsTable;
  table_->setObjectName("qc.audit.table");
  table_->setAccessibleName(tr("Those left out against those kept"));
  column->addWidget(table_);
  no_room_ = wrapped(TextRole::small, Tone::muted);
  column->addWidget(no_room_);
}

QWidget* QcAudit::body() {
  auto* inside = new QWidget;
  auto* column = new QVBoxLayout(inside);
  column->setContentsMargins(0, 12, 0, 12);
  column->setSpacing(10);
  headline_ = wrapped(TextRole::title_strong);
  headline_->setObjectName("qc.audit.headline");
  column->addWidget(headline_);
  none_ = wrapped();
  none_->setObjectName("qc.audit.none");
  column->addWidget(none_);
  numbers_ = new QWidget;
  auto* all = new QVBoxLayout(numbers_);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(12);
  upper_ = new QGridLayout;
  lower_ = new QGridLayout;
  for (auto* grid : {upper_, lower_}) {
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(0);
    grid->setVerticalSpacing(16);
  }
  for (int i = 0; i < 3; ++i) (void)figurePane(i);
  (void)cohortPane();
  all->addLayout(upper_);
  makeTable(all);
  all->addSpacing(8);
  all->addLayout(lower_);
  column->addWidget(numbers_);
  notes_ = wrapped(TextRole::small);
  methods_ = wrapped(TextRole::small, Tone::muted);
  column->addWidget(notes_);
  column->addWidget(methods_);
  column->addStretch(1);
  scroll_ = new QScrollArea;
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  scroll_->setWidget(inside);
  scroll_->viewport()->setAutoFillBackground(false);
  inside->setAutoFillBackground(false);
  return scroll_;
}

void QcAudit::addActions() {
  const auto add = [this](const char* id, const QString& text, std::function<void()> run, const char* words) {
    context_.actions.add({.id = QString("qc.audit.") + id,
                          .text = text,
                          .shortcut = {},
                          .workspace = "qc",
                          .run = std::move(run),
                          .enabled = [this] { return isVisible() && !model_.state().rows.empty(); },
                          .words = words},
                         this);
  };
  add(
      "copy", tr("Left out: copy the table"), [this] { table_->copy(); }, "audit clipboard tsv");
  add(
      "save", tr("Left out: save the table..."), [this] { chooseExport(-1); }, "audit export csv tsv");
  add(
      "figure.ipsi", tr("Left out: save the figure of the lesion's side..."), [this] { chooseExport(0); },
      "svg pdf png");
  add(
      "figure.contra", tr("Left out: save the figure of the other side..."), [this] { chooseExport(1); },
      "svg pdf png");
  add(
      "figure.differences", tr("Left out: save the figure of differences..."), [this] { chooseExport(2); },
      "svg pdf png");
  add(
      "close", tr("Back to rating"), [this] { emit closed(); }, "leave");
}

void QcAudit::chooseExport(int figure) {
  const auto& figures = model_.state().figures;
  const bool table = figure < 0 || figure >= static_cast<int>(figures.size());
  const QString filters = table ? tr("Table (*.tsv);;Table (*.csv)") : tr("SVG (*.svg);;PDF (*.pdf);;PNG (*.png)");
  auto* dialog = new QFileDialog(this, table ? tr("Save the table") : tr("Save the figure"), {}, filters);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(table ? "tsv" : "svg");
  dialog->selectFile(table ? QString("left_out")
                           : QString::fromStdString(figures[static_cast<std::size_t>(figure)].id));
  connect(dialog, &QFileDialog::filterSelected, dialog,
          [dialog](const QString& filter) { dialog->setDefaultSuffix(filter.section("*.", 1).section(')', 0, 0)); });
  connect(dialog, &QFileDialog::fileSelected, &model_,
          [this, figure](const QString& path) { model_.exportTo(path, std::max(figure, 0)); });
  dialog->open();
}

// ---- the state on the screen ---------------------------------------------------------------------------------------

void QcAudit::render() {
  dirty_ = !isVisible();
  if (dirty_) return;
  const auto& state = model_.state();
  stack_->setCurrentIndex(!state.open ? 2 : state.what.isEmpty() ? 0 : 1);
  error_->setError(state.what, state.where, state.mend);
  header_->setNote(state.working && state.rows.empty() ? tr("working out the numbers")
                   : state.rows.empty()
                       ? QString()
                       : tr("%1 patients analysed, flags: %2").arg(formatNumber(state.people, 0), state.rule));
  const bool some = !state.rows.empty() && !state.nobody_left;
  headline_->setText(state.headline);
  headline_->setVisible(some);
  none_->setVisible(!some && !state.rows.empty());
  none_->setText(
      tr("No region is left out yet: nobody's is lesioned or failed by the rule in use (%1). All %2 patients "
         "analysed are in every model.")
          .arg(state.rule, formatNumber(state.people, 0)));
  numbers_->setVisible(some);
  notes_->setVisible(some);
  methods_->setVisible(some);
  if (!some) return;
  for (std::size_t i = 0; i < charts_.size() && i < state.figures.size(); ++i) {
    charts_[i]->setFigure(state.figures[i]);
    charts_[i]->setFixedHeight(scaled(i == 2 ? kForest : kChart));
    titles_[i]->setText(QString::fromStdString(state.figures[i].title));
    captions_[i]->setText(QString::fromStdString(state.figures[i].caption));
  }
  renderTable();
  renderCohorts();
  notes_->setText(state.findings.join('\n'));
  methods_->setText(state.methods);
}

void QcAudit::renderTable() {
  const auto& state = model_.state();
  if (variable_ == nullptr) {
    QStringList titles;
    for (const auto& v : state.variables) titles << v.title;
    variable_ = new Segments(titles);
    variable_->setAccessibleName(tr("By what"));
    for (int i = 0; i < titles.size(); ++i) variable_->button(i)->setObjectName(QString("qc.audit.variable.%1").arg(i));
    variable_row_->insertWidget(0, variable_);
    connect(variable_, &Segments::chosen, &model_, &AuditModel::chooseVariable);
  }
  variable_->setCurrent(state.variable);
  const auto& v = state.variables[static_cast<std::size_t>(state.variable)];
  const bool share = v.key == "right_lesion";
  std::vector<CellsTable::Row> rows;
  for (const auto& r : state.rows)
    rows.push_back({r.group,
                    {{r.title, {}, r.strong},
                     {formatNumber(r.left_out, 0)},
                     {formatNumber(r.kept, 0)},
                     {formatNumber(r.missing, 0), {}, false, r.missing == 0},
                     {formatNumber(r.middle_out, v.decimals)},
                     {formatNumber(r.middle_kept, v.decimals)},
                     with_interval(r.d, r.d_low, r.d_high, 2),
                     with_interval(r.odds, r.odds_low, r.odds_high, 2),
                     {formatP(r.p)},
                     {formatP(r.p_adjusted), {}, r.strong}},
                    {},
                    false});
  const QString middle = share ? tr("Share") : tr("Median");
  const QStringList gone = table_->setTable({{tr("Region"), 136},
                                             {tr("n left out"), 58},
                                             {tr("n kept"), 58},
                                             {tr("not known"), 62},
                                             {tr("%1 out, %2").arg(middle, v.unit), 82},
                                             {tr("%1 kept, %2").arg(middle, v.unit), 82},
                                             {tr("Standardised difference"), 104},
                                             {share ? tr("Odds ratio, right") : tr("Odds ratio per SD"), 104},
                                             {tr("p"), 58},
                                             {tr("p BH"), 58}},
                                            std::move(rows), {3, 8, 5, 4}, scroll_->viewport()->width());
  no_room_->setText(tr("No room for: %1").arg(gone.join("; ")));
  no_room_->setVisible(!gone.isEmpty());
}

void QcAudit::renderCohorts() {
  const auto& state = model_.state();
  const QSignalBlocker quiet(region_);
  region_->clear();
  for (const auto& [key, title] : state.regions) region_->addItem(title);
  region_->setCurrentIndex(state.region);
  std::vector<CellsTable::Row> rows;
  for (const auto& c : state.cohorts)
    rows.push_back({{},
                    {{c.name}, {formatNumber(c.n, 0)}, {formatNumber(c.left_out, 0)}, {formatNumber(100 * c.share, 1)}},
                    {},
                    false});
  cohorts_->setTable({{tr("Cohort"), 120}, {tr("People"), 66}, {tr("Left out"), 66}, {tr("%"), 60}}, std::move(rows));
  spread_->setText(state.spread);
  spread_->setVisible(!state.spread.isEmpty());
}

/// Two beside each other where there is room, else one below the other.
void QcAudit::place() {
  wide_ = width() >= scaled(kWide);
  const auto put = [this](QGridLayout* grid, QWidget* first, QWidget* second) {
    grid->removeWidget(first);
    grid->removeWidget(second);
    grid->addWidget(first, 0, 0);
    grid->addWidget(second, wide_ ? 0 : 1, wide_ ? 1 : 0);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, wide_ ? 1 : 0);
  };
  put(upper_, figures_[0], figures_[1]);
  put(lower_, figures_[2], cohorts_pane_);
}

void QcAudit::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  place();
  model_.setShown(true);
  render();
}

void QcAudit::hideEvent(QHideEvent* event) {
  model_.setShown(false);
  QWidget::hideEvent(event);
}

void QcAudit::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return emit closed();
  QWidget::keyPressEvent(event);
}

void QcAudit::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  place();
  if (isVisible() && event->size().width() != event->oldSize().width()) render();
}

void QcAudit::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) {
    place();
    if (isVisible()) render();
  }
}

}  // namespace ipsi::ui
