// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/top_bar.h"

#include <QHBoxLayout>
#include <QMenu>
#include <cmath>

namespace ipsi::gui {
using ui::ButtonKind;

namespace {
constexpr const char* kSubsets[] = {"all", "early", "subacute", "chronic"};
constexpr int kTextSizes[] = {90, 100, 110, 125, 150};

QString people_count(int n) {
  if (n < 2) return n == 0 ? TopBar::tr("no people yet") : TopBar::tr("1 person");
  return TopBar::tr("%1 people").arg(ui::formatNumber(n, 0));
}
}  // namespace

QString subset_title(const QString& subset) {
  if (subset == "early") return TopBar::tr("Early, 0 to 21 days");
  if (subset == "subacute") return TopBar::tr("Subacute, 0 to 90 days");
  if (subset == "chronic") return TopBar::tr("Chronic, 180 days or more");
  return TopBar::tr("All, first session");
}

TopBar::TopBar(ui::Context& context, QWidget* parent)
    : Pane(&ui::Theme::window, Qt::BottomEdge, parent), context_(context) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 6, 10, 7);
  row->setSpacing(8);
  name_ = new ui::ElidedLabel({}, ui::TextRole::title_strong);
  name_->setObjectName("top.name");
  name_->setMaximumWidth(260);
  read_only_ = new ui::Badge(tr("read-only"));
  read_only_->setObjectName("top.readonly");
  filter_ = new ui::FieldButton("filter", true);
  filter_->setObjectName("top.subset");
  filter_->setMinimumWidth(180);
  filter_->setMaximumWidth(ui::scaled(268));
  search_ = new ui::FieldButton("search", false);
  search_->setObjectName("top.search");
  search_->setMinimumWidth(160);
  search_->setMaximumWidth(ui::scaled(292));
  search_->setMuted(true);
  jobs_ = ui::makeButton({}, ButtonKind::quiet, "jobs");
  jobs_->setObjectName("top.jobs");
  undo_ = ui::makeButton(tr("Undo"), ButtonKind::quiet, "undo");
  undo_->setObjectName("top.undo");
  theme_ = ui::makeButton({}, ButtonKind::quiet, "theme");
  theme_->setObjectName("top.theme");
  row->addWidget(name_);
  row->addWidget(read_only_);
  row->addSpacing(8);
  row->addWidget(filter_, 3);
  row->addStretch(2);
  row->addWidget(search_, 3);
  row->addStretch(2);
  for (auto* button : {jobs_, undo_, theme_}) row->addWidget(button);
  setMinimumHeight(44);

  connect(filter_, &QAbstractButton::clicked, this, &TopBar::showSubsets);
  connect(search_, &QAbstractButton::clicked, this, &TopBar::searchWanted);
  connect(jobs_, &QPushButton::clicked, this, &TopBar::jobsWanted);
  connect(undo_, &QPushButton::clicked, this, [this] { context_.actions.trigger("edit.undo"); });
  connect(theme_, &QPushButton::clicked, this, &TopBar::showLooks);
  connect(&context.session, &ui::StudySession::stateChanged, this, &TopBar::render);
  connect(&context.session, &ui::StudySession::opened, this, [this] {
    render();
    renderJobs();
  });
  connect(&context.session, &ui::StudySession::subsetChanged, this, &TopBar::render);
  connect(&context.settings, &ui::Settings::looksChanged, this, &TopBar::render, Qt::QueuedConnection);
  connect(&context.jobs, &ui::Jobs::changed, this, &TopBar::renderJobs);
  render();
  renderJobs();
}

void TopBar::render() {
  const auto& session = context_.session;
  const bool open = session.isOpen();
  name_->setText(open ? session.name() : tr("Ipsi"));
  name_->setToolTip(QString::fromStdString(session.path().string()));
  read_only_->setVisible(open && session.readOnly());
  read_only_->setToolTip(session.readOnlyReason());
  filter_->setVisible(open);
  if (open) filter_->setTexts(subset_title(session.subset()), people_count(session.subsetSize(session.subset())));
  filter_->setMaximumWidth(ui::scaled(268));
  search_->setMaximumWidth(ui::scaled(292));
  search_->setTexts(open ? tr("Subject, region or command") : tr("Command or help"), {}, tr("Ctrl+K"));
  undo_->setVisible(open);
  undo_->setEnabled(session.canUndo());
  const QString what = session.undoText();
  undo_->setToolTip(what.isEmpty() ? tr("Nothing to undo") : tr("Undo: %1  (Ctrl+Z)").arg(what));
  for (auto* button : {jobs_, undo_, theme_}) button->setIconSize(QSize(ui::scaled(20), ui::scaled(16)));
  theme_->setText(ui::Theme::current().dark ? tr("Dark") : tr("Light"));
}

void TopBar::renderJobs() {
  const auto list = context_.jobs.list();
  int running = 0, failed = 0;
  double fraction = 0;
  for (const auto& job : list) {
    if (job.state == ui::Jobs::State::failed) {
      ++failed;
    } else {
      ++running;
      fraction = job.fraction;
    }
  }
  QString text = tr("No jobs");
  if (running == 1) text = tr("1 job, %1 %").arg(static_cast<int>(std::lround(100 * fraction)));
  if (running > 1) text = tr("%1 jobs").arg(running);
  if (running == 0 && failed > 0) text = failed == 1 ? tr("1 job failed") : tr("%1 jobs failed").arg(failed);
  jobs_->setText(text);
  jobs_->setVisible(context_.session.isOpen() || running + failed > 0);
}

void TopBar::showSubsets() {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const char* subset : kSubsets) {
    auto* action = menu->addAction(subset_title(subset) + "\t" + people_count(context_.session.subsetSize(subset)));
    action->setCheckable(true);
    action->setChecked(context_.session.subset() == subset);
    connect(action, &QAction::triggered, this, [this, subset] { context_.session.setSubset(subset); });
  }
  menu->setMinimumWidth(filter_->width());
  menu->popup(filter_->mapToGlobal(QPoint(0, filter_->height() + 2)));
}

void TopBar::showLooks() {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const std::pair<const char*, QString> themes[] = {
      {"light", tr("Light")}, {"dark", tr("Dark")}, {"system", tr("Follow the desktop")}};
  for (const auto& [key, title] : themes) {
    auto* action = menu->addAction(title);
    action->setCheckable(true);
    action->setChecked(context_.settings.theme() == key);
    connect(action, &QAction::triggered, this, [this, k = QString(key)] { context_.settings.setTheme(k); });
  }
  menu->addSeparator();
  for (const int percent : kTextSizes) {
    auto* action = menu->addAction(tr("Text %1 %").arg(percent));
    action->setCheckable(true);
    action->setChecked(context_.settings.textPercent() == percent);
    connect(action, &QAction::triggered, this, [this, percent] { context_.settings.setTextPercent(percent); });
  }
  menu->popup(theme_->mapToGlobal(QPoint(theme_->width() - menu->sizeHint().width(), theme_->height() + 2)));
}

}  // namespace ipsi::gui
