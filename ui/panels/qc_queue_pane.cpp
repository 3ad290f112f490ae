// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_queue_pane.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/panels/qc_text.h"

namespace ipsi::ui {
namespace {

/// The queue's choices in the order in which a rater looks for them.
constexpr std::array kWho{QcFilter::all,      QcFilter::unrated,     QcFilter::mine,      QcFilter::suggested,
                          QcFilter::lesioned, QcFilter::failed,      QcFilter::later,     QcFilter::commented,
                          QcFilter::disagree, QcFilter::calibration, QcFilter::with_scan, QcFilter::chosen};
static_assert(kWho.size() == static_cast<std::size_t>(kQcFilters));

}  // namespace

QcQueuePane::QcQueuePane(QcModel& model, QWidget* parent) : Pane(&Theme::window, Qt::RightEdge, parent), model_(model) {
  setSide("left");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 1, 0);
  column->setSpacing(0);
  auto* header = new PaneHeader(tr("Queue"));
  left_note_ = new Label({}, TextRole::small, Tone::muted);
  header->add(left_note_);
  column->addWidget(header);
  auto* inset = new QVBoxLayout;
  inset->setContentsMargins(12, 0, 12, 8);
  inset->setSpacing(6);
  who_ = new QComboBox;
  who_->setObjectName("qc.filter");
  who_->setAccessibleName(tr("Who is in the queue"));
  for (const QcFilter filter : kWho) who_->addItem(qc_filter_words(filter), static_cast<int>(filter));
  who_->setMaxVisibleItems(kQcFilters);
  order_ = new QComboBox;
  order_->setObjectName("qc.order");
  order_->setAccessibleName(tr("Order of the queue"));
  order_->addItems({tr("By risk"), tr("Table order"), tr("Random")});
  more_ = makeButton({}, ButtonKind::plain, "filter");
  more_->setObjectName("qc.more");
  more_->setAccessibleName(tr("Region, cohort, suggestions"));
  more_->setToolTip(tr("Region, cohort, suggestions"));
  for (QWidget* w : std::initializer_list<QWidget*>{who_, order_, more_}) w->setFocusPolicy(Qt::TabFocus);
  more_->setFixedWidth(scaled(34));
  inset->addWidget(who_);
  auto* second = new QHBoxLayout;
  second->setSpacing(6);
  second->addWidget(order_, 1);
  second->addWidget(more_);
  inset->addLayout(second);
  narrow_ = new QWidget;
  auto* row = new QHBoxLayout(narrow_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  narrow_note_ = new Label({}, TextRole::small, Tone::accent);
  narrow_note_->setWordWrap(true);
  clear_ = makeButton(tr("All"), ButtonKind::compact);
  clear_->setObjectName("qc.narrow.clear");
  clear_->setAccessibleName(tr("All regions and cohorts again"));
  row->addWidget(narrow_note_, 1);
  row->addWidget(clear_);
  inset->addWidget(narrow_);
  column->addLayout(inset);
  queue_ = new QcQueue;
  column->addWidget(queue_, 1);
  pages_ = new QVBoxLayout;
  pages_->setContentsMargins(8, 6, 8, 6);
  pages_->setSpacing(2);
  column->addLayout(pages_);
  makeMenu();
  connect(who_, &QComboBox::activated, this, [this](int index) {
    model_.setFilter(kWho[static_cast<std::size_t>(index)]);
    emit done();
  });
  connect(order_, &QComboBox::activated, this, [this](int index) {
    model_.setOrder(static_cast<QcOrder>(index));
    emit done();
  });
  connect(clear_, &QPushButton::clicked, this, [this] {
    model_.setOnlyRegion(-1);
    model_.setOnlyCohort({});
    emit done();
  });
  connect(queue_, &QcQueue::chosen, this, [this](int index) {
    model_.choosePerson(index);
    if (QApplication::mouseButtons() != Qt::NoButton) emit done();
  });
}

void QcQueuePane::makeMenu() {
  menu_ = new QMenu(this);
  menu_->setObjectName("qc.more.menu");
  connect(menu_, &QMenu::aboutToShow, this, &QcQueuePane::fillMenu);
  fillMenu();
  more_->setMenu(menu_);
}

void QcQueuePane::fillMenu() {
  menu_->clear();
  const auto& state = model_.state();
  const auto add = [](QMenu* to, const QString& text, bool on, std::function<void()> run) {
    auto* action = to->addAction(text, to, std::move(run));
    action->setCheckable(true);
    action->setChecked(on);
  };
  auto* region = menu_->addMenu(tr("Region"));
  add(region, tr("All twelve"), state.only_region < 0, [this] { model_.setOnlyRegion(-1); });
  region->addSeparator();
  for (int r = 0; r < 12; ++r)
    add(region, qc_region_title(r), state.only_region == r, [this, r] { model_.setOnlyRegion(r); });
  auto* cohort = menu_->addMenu(tr("Cohort"));
  cohort->setEnabled(!state.cohorts.isEmpty());
  add(cohort, tr("All cohorts"), state.only_cohort.isEmpty(), [this] { model_.setOnlyCohort({}); });
  cohort->addSeparator();
  for (const QString& c : state.cohorts) add(cohort, c, state.only_cohort == c, [this, c] { model_.setOnlyCohort(c); });
  menu_->addSeparator();
  menu_->addSection(tr("Suggestions"));
  const std::array words{tr("Shown beside the region"), tr("Shown after the flag is set"), tr("Never shown")};
  for (int i = 0; i < 3; ++i)
    add(menu_, words[static_cast<std::size_t>(i)], static_cast<int>(state.suggest) == i,
        [this, i] { model_.setSuggest(static_cast<QcSuggest>(i)); });
}

void QcQueuePane::addPage(const QString& key, const QString& title) {
  auto* button = makeButton(title, ButtonKind::quiet);
  button->setObjectName("qc.page." + key);
  button->setCheckable(true);
  button->setFocusPolicy(Qt::TabFocus);
  pages_->addWidget(button);
  page_buttons_.emplace_back(key, button);
  connect(button, &QPushButton::clicked, this, [this, key](bool on) { emit pageWanted(on ? key : QString()); });
}

void QcQueuePane::setPage(const QString& key) {
  for (auto& [own, button] : page_buttons_) button->setChecked(own == key);
}

bool QcQueuePane::isControl(const QWidget* widget) const {
  return widget == queue_ || widget == who_ || widget == order_;
}

void QcQueuePane::render() {
  const auto& state = model_.state();
  for (std::size_t i = 0; i < kWho.size(); ++i) {
    if (kWho[i] == QcFilter::chosen)
      who_->setItemText(static_cast<int>(i), tr("Chosen in Explore, %1").arg(state.chosen));
    if (kWho[i] == state.filter) who_->setCurrentIndex(static_cast<int>(i));
  }
  order_->setCurrentIndex(
      static_cast<int>(state.blind && state.order_by == QcOrder::table ? QcOrder::random : state.order_by));
  left_note_->setText(tr("%1 left").arg(state.left));
  QStringList narrow;
  if (state.only_region >= 0) narrow << qc_region_title(state.only_region);
  if (!state.only_cohort.isEmpty()) narrow << tr("cohort %1").arg(state.only_cohort);
  narrow_->setVisible(!narrow.isEmpty());
  narrow_note_->setText(narrow.join(", "));
  queue_->setState(state);
}

}  // namespace ipsi::ui
