// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/main_window.h"

#include <QClipboard>
#include <QCloseEvent>
#include <QCryptographicHash>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "app/gui/command_palette.h"
#include "app/gui/job_tray.h"
#include "app/gui/status_bar.h"
#include "app/gui/top_bar.h"
#include "ui/panels/home_panel.h"
#include "ui/viewmodels/dropped.h"

namespace ipsi::gui {
namespace {

const QString kStudyFilter = QStringLiteral("Ipsi studies (*.ipsi)");

QStringList local_files(const QMimeData* data) {
  QStringList out;
  for (const QUrl& url : data->urls())
    if (url.isLocalFile()) out << url.toLocalFile();
  return out;
}

QVBoxLayout* column_in(QWidget* widget) {
  auto* column = new QVBoxLayout(widget);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  return column;
}

}  // namespace

MainWindow::MainWindow(ui::Context& context, std::vector<Workspace> workspaces, QWidget* parent)
    : QMainWindow(parent), context_(context), workspaces_(std::move(workspaces)) {
  setObjectName("main");
  setWindowTitle(tr("Ipsi"));
  setAcceptDrops(true);
  setMinimumSize(1024, 640);
  auto* central = new QWidget;
  auto* column = column_in(central);
  top_ = new TopBar(context);
  banner_ = new ui::Banner;
  question_ = new ui::QuestionBar;
  auto* middle = new QWidget;
  auto* row = new QHBoxLayout(middle);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  rail_ = new ui::Rail;
  stack_ = new QStackedWidget;
  home_ = new ui::HomePanel(context);
  stack_->addWidget(home_);
  row->addWidget(rail_);
  row->addWidget(stack_, 1);
  status_ = new StatusBar(context);
  for (QWidget* part : std::initializer_list<QWidget*>{top_, banner_, question_}) column->addWidget(part);
  column->addWidget(middle, 1);
  column->addWidget(status_);
  setCentralWidget(central);
  toast_ = new ui::Toast(stack_);
  palette_ = new CommandPalette(context, central);
  tray_ = new JobTray(context.jobs, central);
  for (const auto& w : workspaces_) rail_->add(w.key, w.icon, w.title, QString("Ctrl+%1").arg(w.number));
  rail_->hide();

  connect(rail_, &ui::Rail::chosen, this, &MainWindow::showWorkspace);
  connect(top_, &TopBar::searchWanted, this, [this] { palette_->open(current_); });
  connect(top_, &TopBar::jobsWanted, this, [this] { tray_->toggle(top_->jobsButton()); });
  connect(banner_, &ui::Banner::pressed, this, &MainWindow::saveElsewhere);
  connect(home_, &ui::HomePanel::openWanted, this, &MainWindow::chooseStudy);
  connect(home_, &ui::HomePanel::studyWanted, this,
          [this](const QString& path, const QString& workspace) { openStudy(path, workspace); });
  connect(home_, &ui::HomePanel::filesWanted, this, &MainWindow::dropped);
  auto& session = context.session;
  connect(&session, &ui::StudySession::opened, this, &MainWindow::studyOpened);
  connect(&session, &ui::StudySession::stateChanged, this, &MainWindow::renderProblem);
  connect(&session, &ui::StudySession::selected, this, &MainWindow::keepPlace);
  connect(&session, &ui::StudySession::subsetChanged, this, &MainWindow::keepPlace);
  connect(&session, &ui::StudySession::changed, this, [this](const ui::StudySession::Change& change) {
    if (!change.ratings.empty()) offerModels();
  });
  connect(&session, &ui::StudySession::failed, this, &MainWindow::tellError);
  auto& shell = context.shell;
  connect(&shell, &ui::Shell::workspaceWanted, this, &MainWindow::showWorkspace);
  connect(&shell, &ui::Shell::errorWanted, this, &MainWindow::tellError);
  connect(&shell, &ui::Shell::toastWanted, this,
          [this](const QString& text, const QString& action, const QString& key, const std::function<void()>& run) {
            toast_->show(text, action, key, run);
          });
  connect(&context.settings, &ui::Settings::raterChanged, this,
          [this] { context_.session.setRater(context_.settings.rater()); });

  new KeyWatch(context.latencies, *this);

  rebind_.setSingleShot(true);
  rebind_.setInterval(0);
  connect(&rebind_, &QTimer::timeout, this, &MainWindow::bindShortcuts);
  connect(&context.actions, &ui::Actions::changed, &rebind_, qOverload<>(&QTimer::start));
  addActions();
  bindShortcuts();

  const QByteArray geometry = context.settings.value("layout/window").toByteArray();
  home_->setFocus(Qt::OtherFocusReason);
  if (geometry.isEmpty() || !restoreGeometry(geometry)) resize(1366, 768);
}

MainWindow::~MainWindow() = default;

bool MainWindow::event(QEvent* event) {
  const bool taken = QMainWindow::event(event);
  if (event->type() == QEvent::UpdateRequest) context_.latencies.painted();
  return taken;
}

void MainWindow::showDiagnostics() {
  if (diagnostics_ == nullptr) diagnostics_ = new Diagnostics(context_, this);
  diagnostics_->show();
  diagnostics_->raise();
}

/// In the sample study the first flag leads to what it does; once, for a rater is not to watch the results.
void MainWindow::offerModels() {
  const bool sample = context_.session.snapshot()->setting("synthetic") == "true";
  if (!sample || models_offered_ || current_ != "qc" || context_.actions.find("go.model") == nullptr) return;
  models_offered_ = true;
  toast_->show(tr("The flag is stored, and the models have moved."), tr("See what it did"), {},
               [this] { showWorkspace("model"); });
}

void MainWindow::addActions() {
  auto& actions = context_.actions;
  auto& session = context_.session;
  const auto open = [&session] { return session.isOpen(); };
  for (const auto& w : workspaces_)
    actions.add({"go." + w.key,
                 tr("Go to %1").arg(w.title),
                 QString("Ctrl+%1").arg(w.number),
                 {},
                 [this, key = w.key] { showWorkspace(key); },
                 open,
                 tr("workspace")});
  actions.add({"go.home", tr("Home"), "Ctrl+0", {}, [this] { showWorkspace({}); }, {}, tr("start recent")});
  actions.add(
      {"palette", tr("Search commands, subjects, regions"), "Ctrl+K", {}, [this] { palette_->open(current_); }});
  for (const auto& [side, text, shortcut] :
       {std::tuple{"left", tr("Hide or show the left pane"), "F7"}, {"right", tr("Hide or show the right pane"), "F8"}})
    actions.add({QString("view.") + side,
                 text,
                 shortcut,
                 {},
                 [this, side = QString(side)] { toggleSide(side); },
                 [this, side = QString(side)] { return sidePane(current_, side) != nullptr; },
                 tr("panel layout dock")});
  actions.add({"edit.undo",
               tr("Undo"),
               "Ctrl+Z",
               {},
               [&session] { session.undo(); },
               [&session] { return session.canUndo(); }});
  actions.add({"edit.redo",
               tr("Redo"),
               "Ctrl+Shift+Z",
               {},
               [&session] { session.redo(); },
               [&session] { return session.canRedo(); }});
  actions.add({"study.open", tr("Open a study..."), "Ctrl+O", {}, [this] { chooseStudy(); }});
  actions.add({"study.new", tr("New study..."), "Ctrl+N", {}, [this] { newStudy(); }});
  actions.add({"study.sample", tr("Open the sample study"), {}, {}, [this] { home_->openSample(); }, {}, tr("demo")});
  actions.add({"study.elsewhere",
               tr("Save a copy of the study elsewhere..."),
               "Ctrl+Shift+S",
               {},
               [this] { saveElsewhere(); },
               open});
  actions.add({"study.close", tr("Close the study"), "Ctrl+W", {}, [&session] { session.close(); }, open});
  for (const char* subset : {"all", "early", "subacute", "chronic"})
    actions.add({QString("subset.") + subset,
                 tr("Subgroup: %1").arg(subset_title(subset)),
                 {},
                 {},
                 [&session, subset] { session.setSubset(subset); },
                 open,
                 tr("filter")});
  auto& settings = context_.settings;
  actions.add({"looks.light", tr("Light theme"), {}, {}, [&settings] { settings.setTheme("light"); }});
  actions.add({"looks.dark", tr("Dark theme"), {}, {}, [&settings] { settings.setTheme("dark"); }});
  actions.add({"looks.system", tr("Theme of the desktop"), {}, {}, [&settings] { settings.setTheme("system"); }});
  actions.add({"looks.larger",
               tr("Larger text"),
               "Ctrl++",
               {},
               [&settings] { settings.setTextPercent(settings.textPercent() + 10); },
               {},
               tr("size zoom")});
  actions.add({"looks.smaller",
               tr("Smaller text"),
               "Ctrl+-",
               {},
               [&settings] { settings.setTextPercent(settings.textPercent() - 10); },
               {},
               tr("size zoom")});
  actions.add({"looks.normal", tr("Text at 100 %"), {}, {}, [&settings] { settings.setTextPercent(100); }});
  actions.add({"view.convention",
               tr("Switch radiological / neurological"),
               "Ctrl+Shift+L",
               {},
               [&settings] { settings.setRadiological(!settings.radiological()); },
               {},
               tr("left right sides")});
  actions.add({"jobs.tray", tr("Show jobs"), "Ctrl+J", {}, [this] { tray_->toggle(top_->jobsButton()); }});
  actions.add({"jobs.cancel",
               tr("Cancel all jobs"),
               {},
               {},
               [this] { context_.jobs.cancelAll(); },
               [this] { return context_.jobs.running() > 0; }});
  actions.add({"help.diagnostics",
               tr("Diagnostics"),
               {},
               {},
               [this] { showDiagnostics(); },
               {},
               tr("help speed latency histogram memory version report slow")});
  actions.add({"quit", tr("Quit"), "Ctrl+Q", {}, [this] { close(); }});
}

void MainWindow::bindShortcuts() {
  for (auto* shortcut : shortcuts_) {
    shortcut->setEnabled(false);
    shortcut->deleteLater();
  }
  shortcuts_.clear();
  for (const auto& action : context_.actions.all()) {
    if (!action.bind || action.shortcut.isEmpty()) continue;
    if (!action.workspace.isEmpty() && action.workspace != current_) continue;
    auto* shortcut = new QShortcut(QKeySequence::fromString(action.shortcut, QKeySequence::PortableText), this);
    connect(shortcut, &QShortcut::activated, this, [this, id = action.id] { context_.actions.trigger(id); });
    shortcuts_.push_back(shortcut);
  }
}

QWidget* MainWindow::page(const QString& key) {
  const auto known = pages_.find(key);
  if (known != pages_.end()) return known->second;
  for (const auto& w : workspaces_) {
    if (w.key != key) continue;
    QWidget* made = w.make(context_);
    stack_->addWidget(made);
    pages_[key] = made;
    restoreSides(key);
    return made;
  }
  return nullptr;
}

ui::Pane* MainWindow::sidePane(const QString& key, const QString& side) const {
  const auto page = pages_.find(key);
  if (page == pages_.end()) return nullptr;
  for (auto* pane : page->second->findChildren<ui::Pane*>())
    if (pane->property("side").toString() == side) return pane;
  return nullptr;
}

QString MainWindow::placeKey() const {
  const auto path = QByteArray::fromStdString(context_.session.path().string());
  return "place/" + QString::fromLatin1(QCryptographicHash::hash(path, QCryptographicHash::Md5).toHex());
}

/// Where somebody is in this study, so that they go on there after whatever ends the program.
void MainWindow::keepPlace() {
  const auto& session = context_.session;
  if (keep_layout_ && session.isOpen() && !session.person().isEmpty())
    context_.settings.setValue(placeKey(), QStringList{session.person(), session.region(), session.subset()});
}

void MainWindow::restorePlace(const QStringList& place) {
  auto& session = context_.session;
  if (place.size() != 3 || !session.people().contains(place[0])) return;
  session.setSubset(place[2]);
  session.select(place[0], place[1]);
}

void MainWindow::toggleSide(const QString& side) {
  auto* pane = sidePane(current_, side);
  if (pane == nullptr) return;
  if (pane->isAncestorOf(QApplication::focusWidget()) && !pane->collapsed()) pages_[current_]->setFocus();
  pane->setCollapsed(!pane->collapsed());
  if (keep_layout_) context_.settings.setValue("layout/" + current_ + "." + side, pane->collapsed());
}

void MainWindow::restoreSides(const QString& key) {
  if (!keep_layout_) return;
  for (const char* side : {"left", "right"})
    if (auto* pane = sidePane(key, side))
      pane->setCollapsed(context_.settings.value("layout/" + key + "." + side, false).toBool());
}

/// Who rates blind sees QC alone: everywhere else names, scores or results are shown.
bool MainWindow::keptFromBlind(const QString& key) {
  return !key.isEmpty() && key != "qc" && context_.session.blind() && page("qc") != nullptr;
}

bool MainWindow::showWorkspace(const QString& key) {
  if (keptFromBlind(key)) {
    if (current_ == "qc")
      toast_->show(tr("You rate blind: names, scores and results stay hidden."), tr("Raters"), {}, [this] {
        if (const auto* raters = context_.actions.find("qc.page.raters")) raters->run();
      });
    return current_ == "qc" || showWorkspace("qc");
  }
  QWidget* next = key.isEmpty() || !context_.session.isOpen() ? home_ : page(key);
  if (next == nullptr) return false;
  stack_->setCurrentWidget(next);
  current_ = next == home_ ? QString() : key;
  rail_->setCurrent(current_);
  status_->setBySide(current_ == "map");
  if (!current_.isEmpty() && keep_layout_) context_.settings.setValue("layout/workspace", current_);
  rebind_.start();
  next->setFocus(Qt::OtherFocusReason);
  return true;
}

bool MainWindow::openStudy(const QString& path, const QString& workspace) {
  const bool same = context_.session.isOpen() &&
                    QFileInfo(path).canonicalFilePath() == QString::fromStdString(context_.session.path().string());
  wanted_ = workspace;
  const bool opened = context_.session.open(path.toStdString());
  wanted_.clear();
  if (opened && same)
    showWorkspace(workspace.isEmpty() ? context_.settings.value("layout/workspace").toString() : workspace);
  return opened;
}

void MainWindow::studyOpened() {
  const auto& session = context_.session;
  rail_->setVisible(session.isOpen() && !workspaces_.empty());
  setWindowTitle(session.isOpen() ? tr("%1 - Ipsi").arg(session.name()) : tr("Ipsi"));
  renderProblem();
  if (!session.isOpen()) {
    showWorkspace({});
    return;
  }
  const QStringList place = keep_layout_ ? context_.settings.value(placeKey()).toStringList() : QStringList();
  if (keep_layout_) context_.settings.addRecent(QString::fromStdString(session.path().string()));
  restorePlace(place);
  const QString last = wanted_.isEmpty() ? context_.settings.value("layout/workspace").toString() : wanted_;
  if (!showWorkspace(last.isEmpty() ? "-" : last))
    showWorkspace(workspaces_.empty() ? QString() : workspaces_.front().key);
}

void MainWindow::renderProblem() {
  const QString problem = context_.session.problem();
  const bool unsaved = context_.session.unsaved() > 0;  // else they are on this computer and wait for the share
  const QString title = unsaved ? tr("Not saved") : tr("Kept on this computer");
  banner_->show(problem.isEmpty() ? QString() : title, problem, unsaved ? tr("Save elsewhere") : QString());
}

void MainWindow::tellError(const QString& what, const QString& where, const QString& mend) {
  QString detail = where;
  if (!mend.isEmpty()) detail += (detail.isEmpty() ? "" : ": ") + mend;
  const QString title = what.left(1).toUpper() + what.mid(1);
  question_->ask(title, detail,
                 {{tr("Copy details"), [what, detail] { QGuiApplication::clipboard()->setText(what + "\n" + detail); }},
                  {tr("Close"), {}}});
}

void MainWindow::chooseStudy() {
  auto* dialog = new QFileDialog(this, tr("Open a study"), {}, kStudyFilter);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { openStudy(path); });
  dialog->open();
}

void MainWindow::newStudy() {
  auto* dialog = new QFileDialog(this, tr("New study"), {}, kStudyFilter);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("ipsi");
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    wanted_ = "study";
    context_.session.create(path.toStdString());
    wanted_.clear();
  });
  dialog->open();
}

void MainWindow::saveElsewhere() {
  auto* dialog = new QFileDialog(this, tr("Save the study elsewhere"), {}, kStudyFilter);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("ipsi");
  connect(dialog, &QFileDialog::fileSelected, this,
          [this](const QString& path) { context_.session.saveElsewhere(path.toStdString()); });
  dialog->open();
}

void MainWindow::dropped(const QStringList& paths) {
  if (paths.isEmpty()) return;
  const auto found = ui::classify_dropped(paths);
  if (!found.study.isEmpty()) {
    openStudy(found.study);
    return;
  }
  if (found.offers.empty()) {
    question_->ask(found.title, found.detail, {{tr("Close"), {}}});
    return;
  }
  const auto take = [this, offers = found.offers] {
    context_.shell.offerImport(offers);
    showWorkspace("study");
  };
  std::vector<ui::QuestionBar::Answer> answers;
  if (context_.session.isOpen()) {
    answers.push_back({tr("Import into %1, dry run first").arg(context_.session.name()), take});
  } else {
    answers.push_back({tr("New study from this..."), [this, take] {
                         auto* dialog = new QFileDialog(this, tr("Where the new study is kept"), {}, kStudyFilter);
                         dialog->setAttribute(Qt::WA_DeleteOnClose);
                         dialog->setAcceptMode(QFileDialog::AcceptSave);
                         dialog->setDefaultSuffix("ipsi");
                         connect(dialog, &QFileDialog::fileSelected, this, [this, take](const QString& path) {
                           if (context_.session.create(path.toStdString())) take();
                         });
                         dialog->open();
                       }});
  }
  answers.push_back({tr("Leave it"), {}});
  question_->ask(found.title, found.detail, std::move(answers));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const QStringList files = local_files(event->mimeData());
  if (files.isEmpty()) return;
  event->acceptProposedAction();
  const auto found = ui::classify_dropped(files);
  question_->ask(found.title, found.detail, {});
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) {
  question_->dismiss();
}

void MainWindow::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  question_->dismiss();
  dropped(local_files(event->mimeData()));
}

bool MainWindow::busy() const {
  if (!context_.jobs.idle()) return true;
  const auto widgets = findChildren<QWidget*>();  // those that draw in a thread of their own say so
  return std::any_of(widgets.begin(), widgets.end(),
                     [](const QWidget* w) { return w->isVisible() && w->property("working").toBool(); });
}

void MainWindow::closeWithoutAsking() {
  force_close_ = true;
  close();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  const int jobs = context_.jobs.running();
  const int unsaved = context_.session.retry() ? 0 : context_.session.unsaved();
  if (!force_close_ && (jobs > 0 || unsaved > 0)) {
    event->ignore();
    const auto end = [this] { closeWithoutAsking(); };
    if (unsaved > 0)
      question_->ask(tr("%1 flags are not saved").arg(unsaved), tr("They are lost if the window closes now."),
                     {{tr("Save elsewhere"), [this] { saveElsewhere(); }},
                      {tr("Close and lose them"), end},
                      {tr("Keep working"), {}}});
    else
      question_->ask(jobs == 1 ? tr("A job is running") : tr("%1 jobs are running").arg(jobs),
                     tr("What is finished is kept; the rest would have to be run again."),
                     {{tr("Stop and close"), end}, {tr("Keep working"), {}}});
    return;
  }
  if (keep_layout_) context_.settings.setValue("layout/window", saveGeometry());
  event->accept();
}

}  // namespace ipsi::gui
