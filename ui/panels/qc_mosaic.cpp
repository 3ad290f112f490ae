// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_mosaic.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "ui/panels/qc_text.h"
#include "ui/panels/qc_tiles.h"
#include "ui/viewmodels/contact_sheet_job.h"

namespace ipsi::ui {

QcMosaic::QcMosaic(Context& context, QcModel& model, QWidget* parent)
    : QWidget(parent), context_(context), model_(model), thumbnails_(context) {
  setObjectName("qc.mosaic");
  tiles_ = new MosaicWidget;
  title_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  progress_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  progress_->setObjectName("qc.mosaic.progress");
  progress_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  stop_ = makeButton(tr("Stop"), ButtonKind::link);
  stop_->setObjectName("qc.mosaic.stop");
  stop_->setAccessibleName(tr("Stop making thumbnails"));
  QSizePolicy keeps = stop_->sizePolicy();
  keeps.setRetainSizeWhenHidden(true);  // or the tiles would change their size with it
  stop_->setSizePolicy(keeps);
  stop_->hide();
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(6, 4, 6, 4);
  foot->setSpacing(8);
  foot->addWidget(title_, 1);
  foot->addWidget(progress_, 1);
  foot->addWidget(stop_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(tiles_, 1);
  column->addLayout(foot);
  setFocusProxy(tiles_);

  tiles_->setSource([this](int index) { return tile(index); });
  connect(tiles_, &MosaicWidget::chosen, this, [this](int index) {
    const int region = model_.state().region;
    model_.choosePerson(index);
    if (model_.state().region != region) model_.chooseRegion(region);
  });
  connect(tiles_, &MosaicWidget::opened, this, &QcMosaic::opened);
  connect(tiles_, &MosaicWidget::visibleChanged, this, &QcMosaic::wantVisible);
  connect(&model_, &QcModel::changed, this, [this] {
    if (isVisible()) render();
  });
  connect(&thumbnails_, &QcThumbnails::changed, this, [this] {
    if (!isVisible()) return;
    tiles_->refresh();
    renderFoot();
  });
  connect(stop_, &QPushButton::clicked, &thumbnails_, &QcThumbnails::stopPreparing);
  context.actions.add({.id = "qc.sheet",
                       .text = tr("Contact sheet of the queue (PDF or page)"),
                       .workspace = "qc",
                       .run = [this] { chooseSheet(); },
                       .enabled = [this] { return !model_.state().queue.empty(); },
                       .words = tr("print export thumbnails html")},
                      this);
}

/// The queue's people: twelve regions each, or in the mosaic the one that is shown.
void QcMosaic::chooseSheet() {
  auto* dialog = new QFileDialog(window(), tr("Contact sheet of %1 people").arg(model_.state().queue.size()), {},
                                 tr("PDF, A4 (*.pdf);;One page without network (*.html)"));
  dialog->setObjectName("qc.sheet.file");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("pdf");
  connect(dialog, &QFileDialog::filterSelected, dialog,
          [dialog](const QString& chosen) { dialog->setDefaultSuffix(chosen.contains("html") ? "html" : "pdf"); });
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    const auto& state = model_.state();
    QStringList people;
    for (const QcPerson& person : state.queue)
      if (!people.contains(person.id)) people << person.id;
    start_contact_sheet(context_, path, sheet_ask(context_, people, state.across ? state.region : -1), nullptr);
  });
  dialog->open();
}

void QcMosaic::setLook(const render::PlaneLook& look) {
  tiles_->setLook(look);
}
void QcMosaic::setOverlayHidden(bool hidden) {
  tiles_->setOverlayHidden(hidden);
}

void QcMosaic::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  render();
}
void QcMosaic::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  thumbnails_.want({});  // nobody waits for them any more
}

QcThumbnails::Who QcMosaic::who(int index) const {
  const auto& person = model_.state().queue[static_cast<std::size_t>(index)];
  return {person.id, person.session};
}

void QcMosaic::render() {
  const auto& state = model_.state();
  tiles_->setCount(static_cast<int>(state.queue.size()));
  tiles_->setRegion(std::max(0, state.region));
  tiles_->refresh();
  tiles_->setCurrent(state.current);
  if (queue_version_ != state.queue_version) {
    queue_version_ = state.queue_version;
    wantVisible();
    std::vector<QcThumbnails::Who> all;
    for (int i = 0; i < tiles_->count(); ++i) all.push_back(who(i));
    thumbnails_.prepare(all);
  }
  renderFoot();
}

void QcMosaic::renderFoot() {
  const auto& state = model_.state();
  const auto n = static_cast<int>(state.queue.size());
  title_->setText(n == 0 ? tr("Nobody in the queue") : tr("%1 of %2 people").arg(state.region_title).arg(n));
  const auto& thumbnails = thumbnails_.state();
  progress_->setText(thumbnails.background ? tr("Thumbnails %1").arg(thumbnails.progress)
                     : thumbnails.waiting  ? tr("reading scans")
                                           : QString());
  stop_->setVisible(thumbnails.background);
}

/// The current tile first, then the nearest to it; after what can be seen, a page ahead.
void QcMosaic::wantVisible() {
  const auto [first, last] = tiles_->visible();
  const int page = last - first, n = tiles_->count();
  const int current = tiles_->current() >= first && tiles_->current() < last ? tiles_->current() : first;
  std::vector<int> seen;
  for (int i = first; i < last; ++i) seen.push_back(i);
  std::stable_sort(seen.begin(), seen.end(),
                   [current](int a, int b) { return std::abs(a - current) < std::abs(b - current); });
  for (int i = last; i < std::min(n, last + page); ++i) seen.push_back(i);
  std::vector<QcThumbnails::Who> people;
  for (const int i : seen) people.push_back(who(i));
  thumbnails_.want(people);
}

MosaicTile QcMosaic::tile(int index) {
  const auto& state = model_.state();
  const QcTile glance = model_.glance(index);
  const int region = std::max(0, state.region);
  MosaicTile out;
  out.name = state.queue[static_cast<std::size_t>(index)].name;
  out.flag = glance.later && glance.flag == QcFlag::unrated ? FlagSymbol::later : qc_symbol(glance.flag);
  const QcFlag other = glance.suggested == glance.flag ? QcFlag::unrated : glance.suggested;  // followed: said once
  if (other == QcFlag::lesioned) out.suggestion = FlagSymbol::suggested_lesioned;
  if (other == QcFlag::failed) out.suggestion = FlagSymbol::suggested_failed;
  QStringList note, words{tr("%1, %2: %3").arg(out.name, state.region_title.toLower(), qc_word(glance.flag))};
  if (std::isnan(glance.numbers.volume)) note << tr("no volume");
  if (!std::isnan(glance.numbers.z)) note << "z " + formatNumber(glance.numbers.z, 1);
  // The reasons tell what a suggestion is made of: hidden with it.
  const bool hidden =
      state.suggest == QcSuggest::never || (state.suggest == QcSuggest::after && glance.flag == QcFlag::unrated);
  if (!hidden && !std::isnan(glance.risk)) note << tr("risk %1").arg(formatNumber(glance.risk, 2));
  if (!std::isnan(glance.numbers.z)) words << qc_z_words(glance.numbers, formatNumber(glance.numbers.z, 1));
  for (const QString& line : {hidden ? QString() : qc_risk_words(glance), qc_suggestion_words(glance)})
    if (!line.isEmpty()) words << line;
  if (!glance.comment.isEmpty()) words << tr("comment: %1").arg(glance.comment);
  const auto entry = thumbnails_.find(who(index));
  if (entry.pictures) {
    const auto& thumbnail = entry.pictures->of[static_cast<std::size_t>(region)];
    out.thumbnail = std::shared_ptr<const render::Thumbnail>(entry.pictures, &thumbnail);
    if (const QString from = anchor_words(thumbnail); !from.isEmpty()) {
      note.prepend(from);
      words << from;
    }
    if (!entry.pictures->problem.empty()) words << QString::fromStdString(entry.pictures->problem);
  } else if (!entry.problem.isEmpty()) {
    out.missing = entry.no_scan ? tr("no scan") : tr("the scan cannot be read");
    words << entry.problem;
  }
  out.note = note.join(QStringLiteral(", "));
  out.words = words.join('\n');
  return out;
}

}  // namespace ipsi::ui
