// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_import.h"

#include <QAbstractButton>
#include <QFileDialog>
#include <QFileInfo>
#include <QPainter>
#include <algorithm>

namespace ipsi::ui {
namespace {

constexpr int kPad = 12;
constexpr int kRoomForWords = 560;  // of the width, for what is said beside the titles

/// A number over its word; pressed: who they are.
class CountButton : public QAbstractButton {
 public:
  CountButton(const ImportModel::Count& count, bool open) : count_(count), open_(open) {
    setObjectName("study.count." + count.key);
    setAccessibleName(QString("%1 %2").arg(count.n).arg(count.label));
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setToolTip(StudyImport::tr("Show who"));
  }
  [[nodiscard]] QSize sizeHint() const override {
    const QFontMetrics big(ui::font(TextRole::count)), small(ui::font(TextRole::small));
    const int wide = std::max(big.horizontalAdvance(number()), small.horizontalAdvance(count_.label));
    return {wide + 2, big.height() + small.height() + 2};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    const bool bad = count_.bad && count_.n > 0;
    painter.setFont(ui::font(TextRole::count));
    painter.setPen(bad ? t.error_text : open_ || underMouse() ? t.accent : t.text);
    const int high = painter.fontMetrics().height();
    painter.drawText(QRect(0, 0, width(), high), Qt::AlignLeft | Qt::AlignVCenter, number());
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(open_ ? t.accent : t.muted);
    painter.drawText(QRect(0, high, width(), height() - high), Qt::AlignLeft | Qt::AlignTop,
                     painter.fontMetrics().elidedText(count_.label, Qt::ElideRight, width()));
  }
  void enterEvent(QEnterEvent*) override { update(); }
  void leaveEvent(QEvent*) override { update(); }

 private:
  [[nodiscard]] QString number() const { return formatNumber(static_cast<double>(count_.n), 0); }
  ImportModel::Count count_;
  bool open_;
};

void clear(QLayout* layout) {
  while (auto* item = layout->takeAt(0)) {
    if (auto* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();
    }
    delete item;
  }
}

}  // namespace

StudyImport::StudyImport(ImportModel& import, QWidget* parent) : QWidget(parent), import_(import) {
  setObjectName("study.import");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(headRow());
  error_ = new ErrorCard;
  error_->setObjectName("study.import.error");
  auto* inset = new QWidget;
  auto* around = new QVBoxLayout(inset);
  around->setContentsMargins(kPad, 4, kPad, 8);
  around->addWidget(error_);
  column->addWidget(inset);
  progress_row_ = new QWidget;
  auto* row = new QVBoxLayout(progress_row_);
  row->setContentsMargins(kPad, 12, kPad, 12);
  row->setSpacing(8);
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->setAccessibleName(tr("Progress of the dry run"));
  step_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  row->addWidget(progress_);
  row->addWidget(step_);
  column->addWidget(progress_row_);
  counts_ = new QWidget;
  counts_row_ = new QHBoxLayout(counts_);
  counts_row_->setContentsMargins(kPad, 0, kPad, 10);
  counts_row_->setSpacing(28);
  column->addWidget(counts_);
  report_ = new QWidget;
  auto* report = new QVBoxLayout(report_);
  report->setContentsMargins(0, 0, 0, 0);
  report->setSpacing(0);
  report->addWidget(new Line(Qt::Horizontal));
  report->addWidget(listHead());
  all_well_ = new Label(tr("No problem was found: every line is read as it stands."), TextRole::body, Tone::muted);
  all_well_->setContentsMargins(kPad, 8, kPad, 8);
  report->addWidget(all_well_);
  problems_ = new StudyProblems(import);
  report->addWidget(problems_, 1);
  report->addWidget(excerptPane());
  column->addWidget(report_, 1);
  column->addStretch(0);
  connect(error_, &ErrorCard::showFile, this, &StudyImport::showFile);
}

QWidget* StudyImport::headRow() {
  auto* head = new PaneHeader(tr("Import, dry run"));
  note_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  blocked_ = new ElidedLabel({}, TextRole::small, Tone::error);
  blocked_->setObjectName("study.import.blocked");
  again_ = makeButton(tr("Run again"));
  again_->setObjectName("study.import.again");
  cancel_ = makeButton(tr("Cancel"));
  cancel_->setObjectName("study.import.cancel");
  go_ = makeButton({}, ButtonKind::primary);
  go_->setObjectName("study.import.go");
  head->add(note_);
  auto* gap = new QWidget;
  gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  head->add(gap);
  head->add(blocked_);
  head->add(again_);
  head->add(cancel_);
  head->add(go_);
  connect(again_, &QPushButton::clicked, &import_, &ImportModel::rerun);
  connect(cancel_, &QPushButton::clicked, this, [this] {
    if (import_.state().stage == ImportModel::Stage::running)
      import_.stop();
    else
      import_.cancel();
  });
  connect(go_, &QPushButton::clicked, &import_, &ImportModel::import);
  return head;
}

QWidget* StudyImport::listHead() {
  auto* head = new PaneHeader({});
  problems_title_ = new ElidedLabel({}, TextRole::strong);
  problems_title_->setObjectName("study.import.problems");
  head->add(problems_title_);
  hint_ = new ElidedLabel(tr("named by line, none is silent"), TextRole::small, Tone::muted);
  head->add(hint_);
  auto* gap = new QWidget;
  gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  head->add(gap);
  head->layout()->itemAt(0)->widget()->hide();  // a title of its own stands here, with a changing number
  head->layout()->itemAt(1)->widget()->hide();
  filter_ = new Segments({tr("All"), tr("Check"), tr("Blocked or error")});
  filter_->setAccessibleName(tr("Which problems are listed"));
  filter_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  for (int i = 0; i < 3; ++i) filter_->button(i)->setObjectName(QString("study.filter.%1").arg(i));
  export_ = makeButton(tr("Export list"), ButtonKind::compact, "export");
  export_->setObjectName("study.import.export");
  head->add(filter_);
  head->add(export_);
  connect(filter_, &Segments::chosen, this,
          [this](int index) { import_.setFilter(static_cast<ImportModel::Filter>(index)); });
  connect(export_, &QPushButton::clicked, this, &StudyImport::chooseExport);
  return head;
}

QWidget* StudyImport::excerptPane() {
  excerpt_pane_ = new Pane(&Theme::surface, Qt::TopEdge);
  auto* column = new QVBoxLayout(excerpt_pane_);
  column->setContentsMargins(0, 6, 0, 4);
  column->setSpacing(2);
  auto* row = new QHBoxLayout;
  row->setContentsMargins(kPad, 0, kPad, 0);
  row->setSpacing(8);
  excerpt_title_ = new ElidedLabel({}, TextRole::strong);
  excerpt_title_->setObjectName("study.excerpt.title");
  show_ = makeButton(tr("Show file"), ButtonKind::link);
  show_->setObjectName("study.excerpt.show");
  row->addWidget(excerpt_title_, 1);
  row->addWidget(show_);
  column->addLayout(row);
  mend_ = new Label({}, TextRole::small);
  mend_->setObjectName("study.excerpt.mend");
  mend_->setWordWrap(true);
  mend_->setContentsMargins(kPad, 0, kPad, 2);
  mend_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  column->addWidget(mend_);
  excerpt_ = new StudyExcerpt;
  column->addWidget(excerpt_);
  people_ = new QPlainTextEdit;
  people_->setObjectName("study.import.people");
  people_->setAccessibleName(tr("Who they are"));
  people_->setReadOnly(true);
  people_->setTabChangesFocus(true);
  people_->setFrameShape(QFrame::NoFrame);
  auto* inset = new QHBoxLayout;
  inset->setContentsMargins(kPad, 0, kPad, 6);
  inset->addWidget(people_);
  column->addLayout(inset);
  connect(show_, &QPushButton::clicked, this, [this] { emit showFile(import_.state().excerpt.path); });
  return excerpt_pane_;
}

void StudyImport::chooseExport() {
  if (import_.run() == nullptr) return;
  auto* dialog = new QFileDialog(this, tr("Export the list of problems"), "import_problems.csv",
                                 tr("Table (*.csv);;Everything of the dry run (*.json)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("csv");
  connect(dialog, &QFileDialog::fileSelected, &import_, &ImportModel::exportProblems);
  dialog->open();
}

void StudyImport::refresh() {
  using Stage = ImportModel::Stage;
  const auto& state = import_.state();
  const bool running = state.stage == Stage::running, planned = state.stage == Stage::planned;
  note_->setText(running                         ? tr("Reading. Nothing is written.")
                 : planned                       ? tr("Nothing has been written.")
                 : state.stage == Stage::stopped ? tr("Stopped. Nothing has been written.")
                                                 : tr("A source cannot be used. Nothing has been written."));
  go_->setVisible(planned);
  go_->setText(state.import_text);
  go_->setEnabled(state.can_import);
  go_->setToolTip(state.blocked_why.isEmpty() ? tr("Writes %1, as one act").arg(state.rows_text) : state.blocked_why);
  blocked_->setText(state.blocked_why);
  blocked_->setVisible(planned && !state.blocked_why.isEmpty());
  again_->setVisible(state.stage == Stage::stopped || state.stage == Stage::failed);
  cancel_->setText(running ? tr("Stop") : tr("Cancel"));
  const bool error = !state.error.what.isEmpty();
  error_->parentWidget()->setVisible(error);
  if (error) {
    QString file;
    for (const auto& source : state.sources)
      if (state.error.where.contains(source.name) && QFileInfo::exists(source.path)) file = source.path;
    const QString what = state.error.what.left(1).toUpper() + state.error.what.mid(1);
    const QString mend = state.error.mend.left(1).toUpper() + state.error.mend.mid(1);
    error_->setError(what, state.error.where, mend, file);
  }
  progress_row_->setVisible(running);
  progress_->setValue(static_cast<int>(state.fraction * 1000));
  step_->setText(state.step.isEmpty() ? tr("Starting") : state.step);
  counts_->setVisible(planned);
  report_->setVisible(planned);
  if (!planned) return;
  fillCounts();
  const int n = state.filter_counts[0];
  problems_title_->setText(n == 1 ? tr("1 problem") : tr("%1 problems").arg(n));
  filter_->button(0)->setText(tr("All %1").arg(state.filter_counts[0]));
  filter_->button(1)->setText(tr("Check %1").arg(state.filter_counts[1]));
  filter_->button(2)->setText(tr("Blocked or error %1").arg(state.filter_counts[2]));
  filter_->setCurrent(static_cast<int>(state.filter));
  filter_->updateGeometry();
  all_well_->setVisible(state.shown.empty());
  all_well_->setText(n == 0 ? tr("No problem was found: every line is read as it stands.")
                            : tr("None of this kind among the %1 problems.").arg(n));
  export_->setEnabled(n > 0);
  problems_->refresh();
  fillExcerpt();
}

void StudyImport::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const bool room = width() >= scaled(kRoomForWords);
  note_->setVisible(room);  // said at the left as well
  hint_->setVisible(room);
}

void StudyImport::fillCounts() {
  const auto& state = import_.state();
  const bool had_focus =
      std::any_of(count_buttons_.begin(), count_buttons_.end(), [](auto* b) { return b->hasFocus(); });
  clear(counts_row_);
  count_buttons_.clear();
  for (const auto& count : state.counts) {
    auto* button = new CountButton(count, count.key == state.opened_count);
    counts_row_->addWidget(button);
    count_buttons_.push_back(button);
    connect(button, &QAbstractButton::clicked, this, [this, key = count.key] { import_.openCount(key); });
    if (had_focus && count.key == state.opened_count) button->setFocus();
  }
  counts_row_->addStretch(1);
}

void StudyImport::fillExcerpt() {
  const auto& state = import_.state();
  const ImportModel::Count* open = nullptr;
  for (const auto& count : state.counts)
    if (count.key == state.opened_count) open = &count;
  const bool problem = state.current >= 0;
  excerpt_pane_->setVisible(open != nullptr || problem);
  people_->setVisible(open != nullptr);
  excerpt_->setVisible(open == nullptr);
  mend_->setVisible(open == nullptr);
  show_->setVisible(open == nullptr && !state.excerpt.path.isEmpty());
  if (open != nullptr) {
    excerpt_title_->setText(QString("%1 %2").arg(formatNumber(static_cast<double>(open->n), 0), open->label));
    people_->setPlainText(open->ids.join("   "));
    people_->setFixedHeight(scaled(120));
    return;
  }
  if (!problem) return;
  const auto& row = state.problems[static_cast<std::size_t>(state.current)];
  const bool lines = !state.excerpt.lines.empty();
  excerpt_title_->setText(lines ? tr("%1, as it stands in the file").arg(state.excerpt.title) : state.excerpt.title);
  excerpt_->setVisible(lines || row.line > 0);  // without lines it says why
  QString mend = row.what + ": " + row.does + ".";
  if (!row.mend.isEmpty() && !row.mend.startsWith("nothing to do"))
    mend += " " + row.mend.left(1).toUpper() + row.mend.mid(1) + ".";
  mend_->setText(mend);
  excerpt_->setExcerpt(state.excerpt);
}

// ---- the columns ---------------------------------------------------------------------------------------------------

/// Three columns of words under the name of each file.
class StudyColumns::Painted : public QWidget {
 public:
  Painted() { setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed); }
  void setRows(std::vector<ColumnRow> rows) {
    rows_ = std::move(rows);
    QStringList words;
    for (const auto& row : rows_) words << QString("%1: %2 %3").arg(row.name, row.meaning, row.note).trimmed();
    setAccessibleName(StudyColumns::tr("Columns understood"));
    setAccessibleDescription(words.join('\n'));
    updateGeometry();
    update();
  }
  [[nodiscard]] QSize sizeHint() const override {
    int y = 0;
    QString file;
    bool any = false;
    for (const auto& row : rows_) {
      if (!any || row.file != file) y += lineHeight() + (any ? 14 : 0);
      file = row.file, any = true;
      y += lineHeight();
    }
    return {200, y + 8};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    const int high = lineHeight(), wide = width() - 2 * kPad;
    int y = 0;
    QString file;
    bool any = false;
    const int middle = kPad + wide * 45 / 100;
    for (const auto& row : rows_) {
      if (!any || row.file != file) {
        if (any) {
          painter.fillRect(kPad, y + 6, wide, 1, t.border);
          y += 14;
        }
        painter.setFont(ui::font(TextRole::small));
        painter.setPen(t.muted);
        painter.drawText(QRect(kPad, y, wide, high), Qt::AlignLeft | Qt::AlignVCenter, row.file);
        y += high;
        file = row.file, any = true;
      }
      painter.setFont(ui::font(TextRole::tiny));
      const int note = row.note.isEmpty() ? 0 : painter.fontMetrics().horizontalAdvance(row.note);
      painter.setPen(t.muted);
      painter.drawText(QRect(kPad, y, wide, high), Qt::AlignRight | Qt::AlignVCenter, row.note);
      painter.setFont(ui::font(TextRole::body));
      painter.setPen(row.used ? t.text : t.muted);
      painter.drawText(QRect(kPad, y, middle - kPad - 8, high), Qt::AlignLeft | Qt::AlignVCenter,
                       painter.fontMetrics().elidedText(row.name, Qt::ElideMiddle, middle - kPad - 8));
      painter.setFont(ui::font(TextRole::small));
      painter.setPen(t.muted);
      const int room = kPad + wide - middle - note - (note > 0 ? 6 : 0);
      painter.drawText(QRect(middle, y, room, high), Qt::AlignLeft | Qt::AlignVCenter,
                       painter.fontMetrics().elidedText(row.meaning, Qt::ElideRight, room));
      y += high;
    }
  }
  void changeEvent(QEvent* event) override {
    if (event->type() == QEvent::FontChange) updateGeometry();
    QWidget::changeEvent(event);
  }

 private:
  static int lineHeight() { return std::max(22, QFontMetrics(ui::font(TextRole::body)).height() + 4); }
  std::vector<ColumnRow> rows_;
};

namespace {

/// A question on the warning's ground, its answers as buttons.
class QuestionCard : public QWidget {
 public:
  QuestionCard(const ImportModel::Question& q, ImportModel& import) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 12, 10);
    column->setSpacing(6);
    auto* title = new Label(q.title, TextRole::strong, Tone::warning);
    title->setWordWrap(true);
    column->addWidget(title);
    if (!q.why.isEmpty()) {
      auto* why = new Label(q.why, TextRole::small);
      why->setWordWrap(true);
      column->addWidget(why);
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (const auto& answer : q.answers) {
      auto* button = makeButton(answer.text, ButtonKind::compact);
      button->setCheckable(true);
      button->setChecked(answer.chosen);
      button->setObjectName("study.answer." + q.id + "." + answer.value);
      button->setAccessibleName(q.title + " " + answer.text);
      row->addWidget(button);
      QObject::connect(button, &QPushButton::clicked, &import,
                       [&import, id = q.id, value = answer.value] { import.answer(id, value); });
    }
    row->addStretch(1);
    column->addLayout(row);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::current().warning_bg);
    painter.drawRoundedRect(rect(), 6, 6);
  }
};

}  // namespace

StudyColumns::StudyColumns(ImportModel& import, QWidget* parent) : QWidget(parent), import_(import) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* header = new PaneHeader(tr("Columns understood"));
  understood_ = new Label({}, TextRole::small, Tone::muted);
  understood_->setObjectName("study.understood");
  header->add(understood_);
  column->addWidget(header);
  questions_box_ = new QWidget;
  questions_ = new QVBoxLayout(questions_box_);
  questions_->setContentsMargins(kPad, 0, kPad, 10);
  questions_->setSpacing(8);
  auto* inside = new QWidget;
  auto* all = new QVBoxLayout(inside);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(0);
  all->addWidget(questions_box_);
  painted_ = new Painted;
  all->addWidget(painted_);
  all->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->viewport()->setAutoFillBackground(false);
  inside->setAutoFillBackground(false);
  scroll->setWidget(inside);
  column->addWidget(scroll, 1);
}

void StudyColumns::refresh() {
  const auto& state = import_.state();
  const int all = import_.run() == nullptr ? 0 : static_cast<int>(import_.run()->plan.columns.size());
  understood_->setText(all == 0 ? state.stage == ImportModel::Stage::running ? tr("reading") : tr("none yet")
                                : tr("%1 of %2").arg(state.understood).arg(all));
  QString asked;
  for (const auto& q : state.questions) {
    asked += q.id;
    for (const auto& a : q.answers) asked += "|" + a.text + (a.chosen ? "*" : "");
  }
  if (asked != asked_) {
    asked_ = asked;
    clear(questions_);
    for (const auto& q : state.questions) questions_->addWidget(new QuestionCard(q, import_));
  }
  questions_box_->setVisible(!state.questions.empty());
  painted_->setRows(state.columns);
}

}  // namespace ipsi::ui
