// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_panel.h"

#include <QDesktopServices>
#include <QFileDialog>
#include <QKeyEvent>
#include <QUrl>
#include <array>

namespace ipsi::ui {
namespace {

constexpr int kSideWidth = 244, kRightWidth = 318;
constexpr int kSidePart = 21, kRightPart = 26;  // % of the width, at most

struct Kind {
  const char* key;
  const char* title;
  const char* icon;
  bool folder;
};
constexpr std::array<Kind, 6> kKinds{{{"volumes", QT_TR_NOOP("Table of volumes..."), "table", false},
                                      {"participants", QT_TR_NOOP("Table of people and scores..."), "table", false},
                                      {"freesurfer", QT_TR_NOOP("FreeSurfer folders..."), "study", true},
                                      {"lesions", QT_TR_NOOP("Folder of lesion masks..."), "lesion", true},
                                      {"bids", QT_TR_NOOP("BIDS folder..."), "study", true},
                                      {"qc", QT_TR_NOOP("Quality sheet..."), "qc", false}}};

const char* icon_of(const QString& kind) {
  for (const auto& k : kKinds)
    if (kind == k.key) return k.icon;
  return "file";
}

QString counted(const QString& word, int n) {
  return n > 0 ? QString("%1 %2").arg(word, formatNumber(n, 0)) : word;
}

QScrollArea* scrolling(QWidget* inside) {
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(inside);
  scroll->viewport()->setAutoFillBackground(false);
  inside->setAutoFillBackground(false);
  return scroll;
}

}  // namespace

StudyPanel::StudyPanel(Context& context, QWidget* parent)
    : QWidget(parent), context_(context), import_(context), people_(context), study_(context) {
  setObjectName("study");
  setFocusPolicy(Qt::StrongFocus);
  add_menu_ = new QMenu(this);
  for (const auto& kind : kKinds)
    add_menu_->addAction(icon(kind.icon), tr(kind.title), this, [this, key = kind.key] { choose(key); });
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(sidePane());
  centre_ = new QStackedWidget;
  centre_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Expanding);  // the window's width is not its to choose
  centre_->addWidget(emptyPane());
  centre_->addWidget(tablePane());
  import_panel_ = new StudyImport(import_);
  centre_->addWidget(import_panel_);
  auto* ground = new Pane(&Theme::surface);
  auto* inside = new QVBoxLayout(ground);
  inside->setContentsMargins(0, 0, 0, 0);
  inside->addWidget(centre_);
  row->addWidget(ground, 1);
  row->addWidget(rightPane());
  addActions();
  connect(&study_, &StudyModel::changed, this, &StudyPanel::render);
  connect(&people_, &PeopleModel::changed, this, &StudyPanel::renderTable);
  connect(&import_, &ImportModel::changed, this, &StudyPanel::render);
  connect(&context.shell, &Shell::importOffered, this, &StudyPanel::takeOffers);
  connect(import_panel_, &StudyImport::showFile, this, &StudyPanel::showFile);
  render();
  renderTable();
  takeOffers();
}

StudyPanel::~StudyPanel() {
  // The views read the view-models until they are gone, so they go first.
  qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
}

// ---- parts ---------------------------------------------------------------------------------------------------------

QWidget* StudyPanel::sidePane() {
  auto* pane = new Pane(&Theme::window, Qt::RightEdge);
  pane->setSide("left");
  side_ = pane;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 1, 0);
  column->setSpacing(0);
  auto* header = new PaneHeader(tr("Sources"));
  add_ = makeButton(tr("Add..."), ButtonKind::link);
  add_->setObjectName("study.add");
  add_->setMenu(add_menu_);
  header->add(add_);
  column->addWidget(header);
  auto* inside = new QWidget;
  auto* all = new QVBoxLayout(inside);
  all->setContentsMargins(0, 0, 0, 8);
  all->setSpacing(0);
  sources_ = new StudyList;
  sources_->setObjectName("study.sources");
  sources_->setAccessibleName(tr("Sources"));
  all->addWidget(sources_);
  import_note_ = new QWidget;
  auto* note = new QVBoxLayout(import_note_);
  note->setContentsMargins(12, 14, 12, 8);
  note->setSpacing(6);
  note->addWidget(new Label(tr("Nothing else is touched"), TextRole::strong));
  auto* words = new Label(tr("A dry run reads. The study changes only when you press Import, and Undo takes it back. "
                             "Delete takes a source out of the dry run."),
                          TextRole::small, Tone::muted);
  words->setWordWrap(true);
  note->addWidget(words);
  all->addWidget(import_note_);
  health_box_ = new QWidget;
  auto* health = new QVBoxLayout(health_box_);
  health->setContentsMargins(0, 4, 0, 0);
  health->setSpacing(0);
  health_head_ = new PaneHeader(tr("Data health"));
  health_ = new StudyList;
  health_->setObjectName("study.health");
  health_->setAccessibleName(tr("Data health"));
  health->addWidget(health_head_);
  health->addWidget(health_);
  synthetic_ = new Label(tr("This study is synthetic: nobody in it exists."), TextRole::small, Tone::muted);
  synthetic_->setWordWrap(true);
  synthetic_->setContentsMargins(12, 10, 12, 0);
  health->addWidget(synthetic_);
  all->addWidget(health_box_);
  all->addStretch(1);
  column->addWidget(scrolling(inside), 1);
  connect(health_, &StudyList::chosen, this, &StudyPanel::showHealth);
  connect(sources_, &StudyList::removeWanted, this, [this](int row) {
    const auto& sources = import_.state().sources;
    if (import_.active() && row < static_cast<int>(sources.size()))
      import_.remove(sources[static_cast<std::size_t>(row)].kind);
  });
  return pane;
}

QWidget* StudyPanel::tablePane() {
  auto* pane = new QWidget;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(12, 8, 12, 8);
  row->setSpacing(8);
  view_ = new Segments({tr("Cohorts"), tr("People"), tr("Scores")});
  view_->setAccessibleName(tr("What the table lists"));
  view_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  for (int i = 0; i < 3; ++i) view_->button(i)->setObjectName(QString("study.view.%1").arg(i));
  row->addWidget(view_);
  filter_ = new QLineEdit;
  filter_->setObjectName("study.filter");
  filter_->setAccessibleName(tr("Filter rows"));
  filter_->setPlaceholderText(tr("Filter: female age>70 left"));
  filter_->setClearButtonEnabled(true);
  filter_->addAction(icon("filter"), QLineEdit::LeadingPosition);
  row->addWidget(filter_, 1);
  note_ = new Label({}, TextRole::small, Tone::muted);
  note_->setObjectName("study.note");
  row->addWidget(note_);
  row->addStretch(0);
  column->addWidget(head);
  filter_error_ = new Label({}, TextRole::small, Tone::error);
  filter_error_->setContentsMargins(12, 0, 12, 6);
  column->addWidget(filter_error_);
  no_room_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  no_room_->setObjectName("study.noroom");
  chip_ = new Pane(&Theme::selection);
  auto* chip = new QHBoxLayout(chip_);
  chip->setContentsMargins(12, 4, 12, 4);
  chip_text_ = new ElidedLabel({}, TextRole::small);
  chip_text_->setObjectName("study.chip");
  auto* everybody = makeButton(tr("Show everybody"), ButtonKind::link);
  everybody->setObjectName("study.chip.all");
  chip->addWidget(chip_text_, 1);
  chip->addWidget(everybody);
  column->addWidget(chip_);
  pages_ = new QStackedWidget;
  table_ = new StudyTable(people_);
  scores_ = new StudyScores(study_);
  pages_->addWidget(table_);
  pages_->addWidget(scores_);
  column->addWidget(pages_, 1);
  auto* under = new QHBoxLayout;
  under->setContentsMargins(12, 0, 12, 4);
  under->addWidget(no_room_);
  column->addLayout(under);
  connect(table_, &StudyTable::hiddenChanged, this, &StudyPanel::renderTable);
  connect(view_, &Segments::chosen, this, &StudyPanel::showPage);
  connect(filter_, &QLineEdit::textChanged, &people_, &PeopleModel::setFilter);
  connect(filter_, &QLineEdit::returnPressed, this, [this] { table_->setFocus(); });
  connect(everybody, &QPushButton::clicked, &people_, &PeopleModel::showAll);
  connect(scores_, &StudyScores::outOfRangeWanted, this, [this](int scale) {
    people_.showOnly(tr("Out of range: %1").arg(study_.state().scales[static_cast<std::size_t>(scale)].test),
                     study_.outOfRange(scale));
    page_ = Page::table;
    render();
    renderTable();
  });
  return pane;
}

QWidget* StudyPanel::rightPane() {
  auto* pane = new Pane(&Theme::window, Qt::LeftEdge);
  pane->setSide("right");
  right_ = pane;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(1, 0, 0, 0);
  column->setSpacing(0);
  right_stack_ = new QStackedWidget;
  auto* overview = new QWidget;
  auto* flow_column = new QVBoxLayout(overview);
  flow_column->setContentsMargins(0, 0, 0, 0);
  flow_column->setSpacing(0);
  flow_head_ = new PaneHeader(tr("Who is analysed"));
  flow_ = new StudyFlow;
  auto* inside = new QWidget;
  auto* around = new QVBoxLayout(inside);
  around->setContentsMargins(0, 0, 0, 8);
  around->addWidget(flow_);
  around->addStretch(1);
  flow_column->addWidget(flow_head_);
  flow_column->addWidget(scrolling(inside), 1);
  columns_ = new StudyColumns(import_);
  right_stack_->addWidget(overview);
  right_stack_->addWidget(columns_);
  column->addWidget(right_stack_);
  connect(flow_, &StudyFlow::chosen, this, &StudyPanel::showFlow);
  return pane;
}

QWidget* StudyPanel::emptyPane() {
  empty_ = new EmptyState(tr("Nobody is in this study yet. A dry run reads your tables and folders and shows what an "
                             "import would do."),
                          tr("Add a table of volumes..."), tr("or FreeSurfer folders..."));
  empty_->setObjectName("study.empty");
  connect(empty_, &EmptyState::pressed, this, [this] { choose("volumes"); });
  connect(empty_, &EmptyState::linkPressed, this, [this] { choose("freesurfer"); });
  return empty_;
}

void StudyPanel::addActions() {
  const auto open = [this] { return context_.session.isOpen(); };
  const auto planned = [this] { return import_.state().stage == ImportModel::Stage::planned; };
  const auto add = [this](const char* id, const QString& text, const char* key, std::function<void()> run,
                          std::function<bool()> enabled, const char* words = "") {
    context_.actions.add({.id = QString("study.") + id,
                          .text = text,
                          .shortcut = key,
                          .workspace = "study",
                          .run = std::move(run),
                          .enabled = std::move(enabled),
                          .words = words},
                         this);
  };
  for (const auto& kind : kKinds)
    add((std::string("add.") + kind.key).c_str(), tr("Import: %1").arg(tr(kind.title)), "",
        [this, key = kind.key] { choose(key); }, open, "add source csv tsv xlsx dry run");
  add(
      "import", tr("Import what the dry run shows"), "Ctrl+Return", [this] { import_.import(); },
      [this] { return import_.state().can_import; }, "write");
  add(
      "import.again", tr("Run the dry run again"), "F5", [this] { import_.rerun(); },
      [this] { return import_.active(); });
  add(
      "import.cancel", tr("Leave the import"), "", [this] { import_.cancel(); }, [this] { return import_.active(); });
  add(
      "import.export", tr("Export the list of problems..."), "", [this] { import_panel_->chooseExport(); }, planned);
  add(
      "import.next", tr("Next problem"), "F8", [this] { import_.step(1); }, planned);
  add(
      "import.previous", tr("Previous problem"), "Shift+F8", [this] { import_.step(-1); }, planned);
  add(
      "view.cohorts", tr("List cohorts"), "", [this] { showPage(0); }, open, "table");
  add(
      "view.people", tr("List people"), "", [this] { showPage(1); }, open, "table subjects");
  add(
      "view.scores", tr("Scales of the scores"), "", [this] { showPage(2); }, open, "normalise maximum direction");
  add(
      "filter", tr("Filter the table"), "Ctrl+F", [this] { filter_->setFocus(Qt::ShortcutFocusReason); }, open, "find");
  const auto person = [this] { return !import_.active() && !people_.person(table_->currentIndex().row()).isEmpty(); };
  for (const auto& [key, words] :
       {std::pair("qc", tr("Open the person in QC")), std::pair("explore", tr("Open the person in Explore"))})
    add((std::string("open.") + key).c_str(), words, "",
        [this, where = key] { people_.open(table_->currentIndex().row(), where); }, person, "subject row");
  add(
      "all", tr("Show everybody of the subgroup"), "", [this] { people_.showAll(); }, open);
}

// ---- the state on the screen ---------------------------------------------------------------------------------------

void StudyPanel::render() {
  const auto& state = study_.state();
  const bool importing = import_.active();
  centre_->setCurrentIndex(importing ? 2 : state.empty ? 0 : 1);
  right_->setVisible(importing || !state.empty);
  right_stack_->setCurrentIndex(importing ? 1 : 0);
  add_->setEnabled(state.open);
  empty_->setSentence(!state.open ? tr("No study is open.")
                      : state.read_only
                          ? tr("Nobody is in this study, and it is read-only: %1.").arg(state.read_only_why)
                          : tr("Nobody is in this study yet. A dry run reads your tables and folders and "
                               "shows what an import would do."));
  renderSide();
  if (importing) {
    import_panel_->refresh();
    columns_->refresh();
    return;
  }
  flow_->setSteps(state.flow);
  if (!state.flow.empty())
    flow_head_->setNote(tr("%1 of %2")
                            .arg(formatNumber(static_cast<double>(state.flow.back().n), 0),
                                 formatNumber(static_cast<double>(state.flow.front().n), 0)));
  scores_->refresh();
  renderTable();
}

void StudyPanel::renderSide() {
  const auto& state = study_.state();
  const bool importing = import_.active();
  std::vector<StudyList::Row> rows;
  if (importing) {
    for (const auto& s : import_.state().sources)
      rows.push_back({icon_of(s.kind), s.name, s.detail, s.badge, false, false, false});
  } else {
    for (const auto& s : state.sources) rows.push_back({s.icon, s.title, s.detail, s.badge, false, false, false});
  }
  sources_->setRows(std::move(rows), importing);
  import_note_->setVisible(importing);
  health_box_->setVisible(!importing && !state.empty);
  std::vector<StudyList::Row> checks;
  for (const auto& check : state.health) {
    const bool found = !check.people.empty();
    checks.push_back({found ? "warning" : "check",
                      QString::fromStdString(check.title),
                      {},
                      formatNumber(static_cast<double>(check.people.size()), 0),
                      found,
                      !found,
                      false});
  }
  health_->setRows(std::move(checks), true);
  health_head_->setNote(state.concerns == 0 ? tr("nothing found") : tr("people concerned"));
  synthetic_->setVisible(state.synthetic);
}

void StudyPanel::renderTable() {
  if (import_.active()) return;
  const auto& state = people_.state();
  const bool scores = page_ == Page::scores;
  pages_->setCurrentIndex(scores ? 1 : 0);
  view_->button(0)->setText(counted(tr("Cohorts"), state.cohorts));
  view_->button(1)->setText(counted(tr("People"), state.people));
  view_->button(2)->setText(counted(tr("Scores"), static_cast<int>(study_.state().scales.size())));
  view_->updateGeometry();
  view_->setCurrent(scores ? 2 : state.view == PeopleModel::View::people ? 1 : 0);
  filter_->setVisible(!scores);
  note_->setVisible(!scores);
  note_->setText(state.note);
  const QStringList hidden = table_->hidden();
  no_room_->setVisible(!scores && !hidden.isEmpty());
  no_room_->setText(tr("No room for: %1").arg(hidden.join(", ")));
  filter_error_->setVisible(!scores && !state.filter_error.isEmpty());
  filter_error_->setText(state.filter_error);
  if (filter_->text() != state.filter) filter_->setText(state.filter);
  chip_->setVisible(!scores && !state.chosen.isEmpty());
  chip_text_->setText(tr("%1: %2 people").arg(state.chosen, formatNumber(state.total, 0)));
  table_->refresh();
}

void StudyPanel::place() {
  // Large text makes the side panes wider, but never so wide that the table loses its room.
  side_->setFixedWidth(std::min(scaled(kSideWidth), width() * kSidePart / 100));
  right_->setFixedWidth(std::min(scaled(kRightWidth), width() * kRightPart / 100));
}

void StudyPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  place();
}

void StudyPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) place();
}

// ---- what the user does --------------------------------------------------------------------------------------------

void StudyPanel::showPage(int segment) {
  page_ = segment == 2 ? Page::scores : Page::table;
  if (segment < 2) people_.setView(segment == 1 ? PeopleModel::View::people : PeopleModel::View::cohorts);
  renderTable();
  scores_->refresh();
}

void StudyPanel::takeOffers() {
  const auto offers = context_.shell.takeOffers();
  if (!offers.empty()) import_.add(offers);
}

void StudyPanel::choose(const QString& kind) {
  bool folder = false;
  for (const auto& k : kKinds)
    if (kind == k.key) folder = k.folder;
  auto* dialog = new QFileDialog(this, tr("What to read; nothing is written there"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
  if (!folder) dialog->setNameFilter(tr("Tables (*.csv *.tsv *.txt *.xlsx);;All files (*)"));
  connect(dialog, &QFileDialog::fileSelected, this, [this, kind](const QString& path) { import_.add({{kind, path}}); });
  dialog->open();
}

void StudyPanel::showFlow(int step, bool out) {
  const auto& row = study_.state().flow[static_cast<std::size_t>(step)];
  people_.showOnly(out ? tr("Leave at \"%1\"").arg(row.label) : tr("Reach \"%1\"").arg(row.label),
                   out ? study_.leaving(step) : study_.reaching(step));
  page_ = Page::table;
  renderTable();
}

void StudyPanel::showHealth(int check) {
  const auto& found = study_.state().health[static_cast<std::size_t>(check)];
  people_.showOnly(QString::fromStdString(found.title), found.people);
  page_ = Page::table;
  renderTable();
}

void StudyPanel::showFile(const QString& path) {
  if (!path.isEmpty()) QDesktopServices::openUrl(QUrl::fromLocalFile(path));
}

void StudyPanel::focusInEvent(QFocusEvent*) {
  if (import_.active())
    import_panel_->focusList();
  else if (study_.state().empty)
    empty_->findChild<QPushButton*>()->setFocus(Qt::OtherFocusReason);
  else
    table_->setFocus(Qt::OtherFocusReason);
}

void StudyPanel::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) {
    if (filter_->hasFocus())
      table_->setFocus();
    else if (!people_.state().chosen.isEmpty())
      people_.showAll();
    return;
  }
  QWidget::keyPressEvent(event);
}

}  // namespace ipsi::ui
