// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_panel.h"

#include <QAbstractButton>
#include <QApplication>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/panels/qc_text.h"

namespace ipsi::ui {
namespace {

using render::Overlay;
constexpr std::array kOverlays{Overlay::fill, Overlay::outline, Overlay::off};  // as the segments stand
constexpr int kRoomy = 1180;  // px at 100 % text: the head row says more from here on

}  // namespace

QcPanel::QcPanel(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("qc");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  empty_ = new EmptyState(tr("No people yet. The queue lists every patient of the study, with or without scans."),
                          tr("Go to Study"));
  empty_->setObjectName("qc.empty");
  work_ = new QWidget;
  auto* row = new QHBoxLayout(work_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  queue_ = new QcQueuePane(model_);
  rating_ = new QWidget;
  auto* rating = new QHBoxLayout(rating_);
  rating->setContentsMargins(0, 0, 0, 0);
  rating->setSpacing(0);
  rating->addWidget(centrePane(), 1);
  rating->addWidget(tilesPane());
  stack_ = new QStackedWidget;
  stack_->addWidget(rating_);
  row->addWidget(queue_);
  row->addWidget(stack_, 1);
  connect(queue_, &QcQueuePane::done, this, [this] { focusPictures(); });
  connect(queue_, &QcQueuePane::pageWanted, this, &QcPanel::showPage);
  column->addWidget(empty_, 1);
  column->addWidget(work_, 1);
  strip_ = new QcKeyStrip;
  column->addWidget(strip_);
  key_map_ = new QcKeyMap(this);
  connect(key_map_, &QcKeyMap::closed, this, [this] { showKeyMap(false); });
  connect(key_map_, &QcKeyMap::keysChanged, this, [this](const QcKeymap& keys) {
    context_.settings.setValue("qc/keys", keys.save());
    setKeys(keys);
  });
  makeMenu();
  restoreLook();
  setKeys(QcKeymap::load(context.settings.value("qc/keys").toMap()));
  connect(empty_, &EmptyState::pressed, this, [this] { context_.shell.showWorkspace("study"); });
  connect(&model_, &QcModel::changed, this, &QcPanel::render);
  connect(&context.settings, &Settings::conventionChanged, this, &QcPanel::restoreLook);
  qApp->installEventFilter(this);
  render();
}

QcPanel::~QcPanel() = default;

// ---- parts ---------------------------------------------------------------------------------------------------------

QWidget* QcPanel::headRow() {
  auto* head = new QWidget;
  head->setFixedHeight(scaled(34));
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(4, 0, 0, 0);
  row->setSpacing(10);
  title_ = new ElidedLabel({}, TextRole::title_strong);
  title_->setObjectName("qc.title");
  row->addWidget(title_, 1);
  overlay_ = new Segments({tr("Fill"), tr("Outline"), tr("Off")});
  overlay_->setAccessibleName(tr("Regions"));
  lesion_ = makeButton(tr("Lesion"), ButtonKind::compact, "lesion");
  lesion_->setCheckable(true);
  lesion_->setObjectName("qc.lesion");
  window_ = makeButton(tr("Window"), ButtonKind::compact, "window");
  window_->setObjectName("qc.window");
  for (int i = 0; i < 3; ++i) overlay_->button(i)->setFocusPolicy(Qt::TabFocus);
  lesion_->setFocusPolicy(Qt::TabFocus);
  window_->setFocusPolicy(Qt::TabFocus);
  row->addWidget(overlay_);
  row->addWidget(lesion_);
  row->addWidget(window_);
  connect(overlay_, &Segments::chosen, this, [this](int index) {
    auto look = viewer_->look();
    look.overlay = kOverlays[static_cast<std::size_t>(index)];
    viewer_->setLook(look);
    keepLook();
  });
  connect(lesion_, &QPushButton::clicked, this, [this] { viewer_->toggleLesion(); });
  return head;
}

QWidget* QcPanel::centrePane() {
  auto* pane = new Pane(&Theme::surface);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(8, 0, 8, 8);
  column->setSpacing(6);
  viewer_ = new TriplanarWidget;
  viewer_->setObjectName("qc.viewer");
  column->addWidget(headRow());
  mosaic_ = new QcMosaic(context_, model_);
  pictures_ = new QStackedWidget;
  pictures_->addWidget(viewer_);
  pictures_->addWidget(mosaic_);
  column->addWidget(pictures_, 1);
  foot_ = new QcFoot(model_);
  column->addWidget(foot_);
  connect(foot_, &QcFoot::done, this, [this] { focusPictures(); });
  connect(viewer_, &TriplanarWidget::lookChanged, this, &QcPanel::keepLook);
  connect(mosaic_, &QcMosaic::opened, this, [this] { showMosaic(false); });
  connect(viewer_, &TriplanarWidget::regionClicked, &model_, &QcModel::chooseRegion);
  return pane;
}

QWidget* QcPanel::tilesPane() {
  auto* pane = new Pane(&Theme::window, Qt::LeftEdge);
  pane->setSide("right");
  tiles_pane_ = pane;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(1, 0, 0, 6);
  column->setSpacing(0);
  auto* header = new PaneHeader(tr("Regions"));
  rated_note_ = new Label({}, TextRole::small, Tone::muted);
  header->add(rated_note_);
  column->addWidget(header);
  tiles_ = new QcTiles;
  auto* inset = new QHBoxLayout;
  inset->setContentsMargins(12, 0, 10, 0);
  inset->addWidget(tiles_);
  column->addLayout(inset, 1);
  connect(tiles_, &QcTiles::chosen, this, [this](int region) {
    focusPictures();  // first: a comment that is being written belongs to the region it was begun on
    model_.chooseRegion(region);
  });
  return pane;
}

void QcPanel::makeMenu() {
  menu_ = new QMenu(this);
  const auto scale = [this](double factor) {
    const auto now = viewer_->window();
    auto look = viewer_->look();
    const double middle = (now.low + now.high) / 2, half = factor * (now.high - now.low) / 2;
    look.window = render::GreyWindow{middle - half, middle + half};
    viewer_->setLook(look);
    keepLook();
  };
  menu_->addAction(tr("Automatic window"), this, [this] {
    viewer_->resetWindow();
    keepLook();
  });
  menu_->addAction(tr("More contrast"), this, [scale] { scale(0.75); });
  menu_->addAction(tr("Less contrast"), this, [scale] { scale(1.0 / 0.75); });
  menu_->addSeparator();
  head_action_ = menu_->addAction(tr("Show the whole head"));
  head_action_->setCheckable(true);
  connect(head_action_, &QAction::triggered, this, [this](bool on) {
    whole_head_ = on;
    context_.settings.setValue("qc/whole_head", on);
    place();
  });
  menu_->addSeparator();
  for (const int percent : {20, 35, 50, 70})
    menu_->addAction(tr("Fill with %1 % opacity").arg(percent), this, [this, percent] {
      auto look = viewer_->look();
      look.opacity = percent / 100.0;
      viewer_->setLook(look);
      keepLook();
    });
  menu_->addSeparator();
  menu_->addAction(tr("White and pial surfaces"), viewer_, &TriplanarWidget::toggleSurfaces);
  menu_->addAction(tr("Voxels sharp or smooth"), viewer_, &TriplanarWidget::toggleInterpolation);
  menu_->addAction(tr("Copy the picture"), viewer_, &TriplanarWidget::copyView);
  menu_->addAction(tr("Save the picture..."), this, &QcPanel::savePicture);
  menu_->addSeparator();
  auto* breaks = menu_->addAction(tr("Propose a break after 45 minutes"));
  breaks->setCheckable(true);
  breaks->setChecked(context_.settings.value("qc/breaks", false).toBool());
  connect(breaks, &QAction::toggled, this, [this](bool on) { context_.settings.setValue("qc/breaks", on); });
  window_->setMenu(menu_);
}

void QcPanel::addPage(const QString& key, const QString& title, const char* words, std::function<QWidget*()> make) {
  pages_.push_back({key, std::move(make)});
  queue_->addPage(key, title);
  context_.actions.add({.id = "qc.page." + key,
                        .text = title,
                        .shortcut = {},
                        .workspace = "qc",
                        .run = [this, key] { showPage(key); },
                        .enabled = [this] { return model_.state().open; },
                        .words = words,
                        .bind = false},
                       this);
}

void QcPanel::showMosaic(bool shown) {
  if (shown == model_.state().across) return;
  pictures_->setCurrentWidget(shown ? static_cast<QWidget*>(mosaic_) : viewer_);
  mosaic_->setLook(viewer_->look());
  model_.setAcross(shown);
  focusPictures();
}

void QcPanel::focusPictures() {
  if (model_.state().across)
    mosaic_->tiles().setFocus();
  else
    viewer_->setFocus();
}

void QcPanel::hideOverlays(bool hidden) {
  viewer_->setOverlayHidden(hidden);
  mosaic_->setOverlayHidden(hidden);
}

void QcPanel::showPage(const QString& key) {
  QWidget* shown = rating_;
  for (Page& page : pages_) {
    if (page.key != key) continue;
    if (page.widget == nullptr) {
      page.widget = page.make();
      stack_->addWidget(page.widget);
    }
    shown = page.widget;
  }
  page_ = shown == rating_ ? QString() : key;
  stack_->setCurrentWidget(shown);
  queue_->setPage(page_);
  strip_->setVisible(page_.isEmpty());
  if (page_.isEmpty())
    focusPictures();
  else
    shown->setFocus(Qt::OtherFocusReason);
}

void QcPanel::savePicture() {
  auto* dialog = new QFileDialog(this, tr("Save the picture"), {}, tr("Picture (*.png)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("png");
  if (model_.person() != nullptr) dialog->selectFile(model_.person()->name + ".png");
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    QString problem;
    if (!viewer_->saveView(path, &problem))
      context_.shell.tellError(tr("The picture could not be saved"), path, problem);
  });
  dialog->open();
}

void QcPanel::setKeys(const QcKeymap& keys) {
  keys_ = keys;
  strip_->setKeys(keys_);
  key_map_->setKeys(keys_);
  foot_->setUndoKey(keys_.keysOf("undo").section(", ", 0, 0));
  addActions();  // the palette shows the keys as they are
}

void QcPanel::addActions() {
  const auto add = [this](const char* id, const QString& text, const char* command, QcStroke stroke,
                          const char* words = "") {
    context_.actions.add({.id = QString("qc.") + id,
                          .text = text,
                          .shortcut = command[0] == '?' ? QString(command) : keys_.keysOf(command),
                          .workspace = "qc",
                          .run = [this, stroke] { act(stroke); },
                          .enabled = [this] { return model_.person() != nullptr; },
                          .words = words,
                          .bind = false},
                         this);
  };
  add("flag.ok", tr("Flag the region ok"), "ok", {QcKey::ok});
  add("flag.lesioned", tr("Flag the region lesioned"), "lesioned", {QcKey::lesioned});
  add("flag.failed", tr("Flag the region failed"), "failed", {QcKey::failed});
  add("rest", tr("Accept the rest as ok, next person"), "rest", {QcKey::rest});
  add("previous", tr("Previous person"), "previous", {QcKey::previous});
  add("skip", tr("Skip to the next person"), "skip", {QcKey::skip});
  add("side", tr("Same region of the other side"), "side", {QcKey::side});
  add("recentre", tr("Recentre on the region"), "recentre", {QcKey::recentre});
  add("overlay", tr("Regions as fill, outline, off"), "overlay", {QcKey::overlay}, "contour");
  add("lesion", tr("Lesion on or off"), "lesion", {QcKey::lesion});
  add("back", tr("Slice back"), "back", {QcKey::back, 1});
  add("forward", tr("Slice forward"), "forward", {QcKey::forward, 1});
  add("undo", tr("Undo the last flag"), "undo", {QcKey::undo});
  add("redo", tr("Redo the flag"), "redo", {QcKey::redo});
  add("comment", tr("Comment on the region"), "comment", {QcKey::comment}, "note");
  add("later", tr("Review the region later"), "later", {QcKey::later}, "mark clock");
  add("whole", tr("Fail the whole person..."), "whole", {QcKey::whole}, "all twelve reason");
  add("suggestion", tr("Next suggestion or highest risk"), "suggestion", {QcKey::suggestion}, "jump worst");
  add("mosaic", tr("One region over people, and back"), "mosaic", {QcKey::mosaic}, "grid thumbnails");
  add("keys", tr("Show all rating keys"), "?", {QcKey::help}, "shortcuts help remap hand");
  const auto plain = [this](const char* id, const QString& text, const char* words, std::function<void()> run) {
    context_.actions.add({.id = QString("qc.") + id,
                          .text = text,
                          .shortcut = {},
                          .workspace = "qc",
                          .run = std::move(run),
                          .enabled = [this] { return model_.state().scan != nullptr; },
                          .words = words,
                          .bind = false},
                         this);
  };
  plain("surfaces", tr("White and pial surfaces on or off"), "freesurfer cortex outline",
        [this] { viewer_->toggleSurfaces(); });
  plain("voxels", tr("Voxels sharp or smooth"), "interpolation nearest linear",
        [this] { viewer_->toggleInterpolation(); });
  plain("copy", tr("Copy the picture"), "clipboard image view", [this] { viewer_->copyView(); });
  plain("save", tr("Save the picture..."), "png image view", [this] { savePicture(); });
  context_.actions.add({.id = "qc.head",
                        .text = tr("Zoom to the region or to the whole head"),
                        .shortcut = {},
                        .workspace = "qc",
                        .run = [this] { head_action_->trigger(); },
                        .enabled = {},
                        .words = "zoom",
                        .bind = false},
                       this);
  context_.actions.add({.id = "qc.window.auto",
                        .text = tr("Automatic grey window"),
                        .shortcut = {},
                        .workspace = "qc",
                        .run =
                            [this] {
                              viewer_->resetWindow();
                              keepLook();
                            },
                        .enabled = {},
                        .words = "contrast brightness",
                        .bind = false},
                       this);
}

// ---- the state on the screen ---------------------------------------------------------------------------------------

void QcPanel::render() {
  const auto& state = model_.state();
  const bool some = model_.person() != nullptr;
  empty_->setVisible(!some);
  empty_->setSentence(qc_empty_words(state));
  // The queue's filter must stay within reach when it is what hides everybody, and pages where there is a study.
  const bool narrowed = state.filter != QcFilter::all || state.only_region >= 0 || !state.only_cohort.isEmpty();
  work_->setVisible(some || (state.open && narrowed));
  rated_note_->setText(some ? tr("%1 of %2 rated").arg(state.rated).arg(model_.person()->of()) : QString());
  queue_->render();
  tiles_->setState(state);
  const auto* person = model_.person();
  setProperty("working", state.waiting);
  title_->setText(person == nullptr ? QString() : tr("%1  \u203a  %2").arg(person->name, state.region_title));
  title_->setToolTip(person == nullptr ? QString() : tr("%1, session %2").arg(person->name, person->session));
  renderScan();
  foot_->render();
}

void QcPanel::renderScan() {
  const auto& state = model_.state();
  const auto* person = model_.person();
  const QString id = person != nullptr ? person->name : QString();
  const bool other = id != shown_person_ || state.region != shown_region_;
  shown_person_ = id;
  shown_region_ = state.region;
  if (!state.scan) {
    viewer_->setScan(nullptr, state.waiting ? tr("Reading %1").arg(id) : state.message);
    viewer_->setRegion(state.region);
  } else if (state.scan != viewer_->scan() || other) {
    viewer_->setRegion(state.region);
    if (state.scan != viewer_->scan()) viewer_->setScan(state.scan);
    place();
  }
  if (state.cortex != shown_cortex_) {
    shown_cortex_ = state.cortex;
    viewer_->setCortex(state.cortex);
  }
  viewer_->setNotice(state.waiting ? tr("reading %1").arg(id) : QString());
  renderLook();
}

/// The picture to the current region, by the zoom that was chosen.
void QcPanel::place() {
  const int region = model_.state().region;
  const auto scan = viewer_->scan();
  if (!scan || region < 0) return;
  if (!whole_head_) {
    viewer_->focusRegion(region);
    return;
  }
  viewer_->fitHead();
  const auto& where = scan->places[static_cast<std::size_t>(region)];
  if (where.voxels > 0) viewer_->setCrosshair(where.centre_mm);
}

void QcPanel::renderLook() {
  const auto& look = viewer_->look();
  const auto at = std::find(kOverlays.begin(), kOverlays.end(), look.overlay);
  overlay_->setCurrent(static_cast<int>(at - kOverlays.begin()));
  lesion_->setChecked(look.lesion);
  const auto grey = viewer_->window();
  // Who is rated comes before the numbers of the window where both do not fit.
  const bool roomy = width() >= scaled(kRoomy);
  window_->setText(viewer_->scan() && roomy
                       ? tr("Window %1 to %2").arg(formatNumber(grey.low, 0), formatNumber(grey.high, 0))
                       : tr("Window"));
  head_action_->setChecked(whole_head_);
}

void QcPanel::keepLook() {
  renderLook();
  mosaic_->setLook(viewer_->look());
  if (restoring_) return;
  const auto& look = viewer_->look();
  Settings& keep = context_.settings;
  keep.setValue("qc/overlay", static_cast<int>(look.overlay));
  keep.setValue("qc/opacity", look.opacity);
  keep.setValue("qc/lesion", look.lesion);
  keep.setValue("qc/surfaces", look.surfaces);
  model_.wantSurfaces(look.surfaces);
  keep.setValue("qc/window", look.window ? QVariantList{look.window->low, look.window->high} : QVariantList{});
}

void QcPanel::restoreLook() {
  restoring_ = true;
  const Settings& kept = context_.settings;
  auto look = viewer_->look();
  look.convention = kept.radiological() ? render::Convention::radiological : render::Convention::neurological;
  look.overlay =
      static_cast<Overlay>(std::clamp(kept.value("qc/overlay", static_cast<int>(look.overlay)).toInt(), 0, 2));
  look.opacity = std::clamp(kept.value("qc/opacity", look.opacity).toDouble(), 0.05, 1.0);
  look.lesion = kept.value("qc/lesion", look.lesion).toBool();
  look.surfaces = kept.value("qc/surfaces", false).toBool();
  model_.wantSurfaces(look.surfaces);
  const QVariantList grey = kept.value("qc/window").toList();
  if (grey.size() == 2 && grey[0].toDouble() < grey[1].toDouble())
    look.window = render::GreyWindow{grey[0].toDouble(), grey[1].toDouble()};
  whole_head_ = kept.value("qc/whole_head", false).toBool();
  viewer_->setLook(look);
  renderLook();
  restoring_ = false;
}

// ---- keys ----------------------------------------------------------------------------------------------------------

void QcPanel::act(const QcStroke& stroke) {
  switch (stroke.key) {
    case QcKey::none: return;
    case QcKey::ok: model_.flag(QcFlag::ok); return;
    case QcKey::lesioned: model_.flag(QcFlag::lesioned); return;
    case QcKey::failed: model_.flag(QcFlag::failed); return;
    case QcKey::rest: model_.acceptRest(); return;
    case QcKey::previous: model_.previousPerson(); return;
    case QcKey::skip: model_.nextPerson(); return;
    case QcKey::pair: model_.choosePair(stroke.number); return;
    case QcKey::side: model_.otherSide(); return;
    case QcKey::back: viewer_->stepSlice(-stroke.number); return;
    case QcKey::forward: viewer_->stepSlice(stroke.number); return;
    case QcKey::recentre:
      viewer_->recentre();
      if (whole_head_) place();
      return;
    case QcKey::overlay: viewer_->cycleOverlay(); return;
    case QcKey::hide: hideOverlays(true); return;
    case QcKey::lesion: viewer_->toggleLesion(); return;
    case QcKey::undo: model_.undo(); return;
    case QcKey::redo: model_.redo(); return;
    case QcKey::comment: foot_->beginComment(); return;
    case QcKey::later: model_.toggleLater(); return;
    case QcKey::whole: foot_->askWhy(true); return;
    case QcKey::suggestion: model_.nextSuggestion(); return;
    case QcKey::mosaic: showMosaic(!model_.state().across); return;
    case QcKey::help: showKeyMap(key_map_->isHidden()); return;
  }
}

bool QcPanel::keyPressed(QWidget* focus, QKeyEvent* event) {
  const bool plain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
  if (focus == foot_->comment()) {  // no rating key acts while one writes
    if (event->key() != Qt::Key_Escape) return false;
    foot_->leaveComment();
    return true;
  }
  if (!page_.isEmpty()) {  // nor on a page that is not for rating
    if (!plain || event->key() != Qt::Key_Escape) return false;
    showPage({});
    return true;
  }
  if (focus == key_map_ || key_map_->isAncestorOf(focus)) return false;  // keys are being chosen
  if (!key_map_->isHidden() && event->key() == Qt::Key_Escape) {
    showKeyMap(false);
    return true;
  }
  if (plain && event->key() == Qt::Key_F6) {
    if (focus == viewer_ || focus == &mosaic_->tiles())
      queue_->queue()->setFocus(Qt::TabFocusReason);
    else
      focusPictures();
    return true;
  }
  if (plain && event->key() == Qt::Key_Escape && focus != viewer_ && focus != &mosaic_->tiles()) {
    focusPictures();
    return true;
  }
  const QcStroke stroke = keys_.stroke(*event);
  const bool control = qobject_cast<QAbstractButton*>(focus) != nullptr || queue_->isControl(focus);
  if (control && (stroke.key == QcKey::side || event->key() == Qt::Key_Space)) return false;
  if (stroke.key == QcKey::none) return false;
  if (model_.person() == nullptr && stroke.key != QcKey::help) return false;
  const bool repeats = stroke.key == QcKey::back || stroke.key == QcKey::forward;
  if (event->isAutoRepeat() && !repeats) return true;  // a key held down is one decision
  act(stroke);
  return true;
}

bool QcPanel::eventFilter(QObject* watched, QEvent* event) {
  const auto type = event->type();
  if (type != QEvent::KeyPress && type != QEvent::KeyRelease && type != QEvent::ShortcutOverride) return false;
  auto* widget = qobject_cast<QWidget*>(watched);
  if (widget == nullptr || !isVisible() || (widget != this && !isAncestorOf(widget))) return false;
  if (widget != foot_->comment() && qobject_cast<QLineEdit*>(widget) != nullptr) return false;
  // A key nobody wanted goes from child to parent: only where the keyboard is does it count.
  const QWidget* focus = QApplication::focusWidget();
  if (focus != nullptr && focus != widget) return false;
  auto* key = static_cast<QKeyEvent*>(event);
  if (type == QEvent::ShortcutOverride) {
    if (widget == foot_->comment() || !page_.isEmpty() || keys_.stroke(*key).key == QcKey::none ||
        key_map_->isAncestorOf(widget))
      return false;
    event->accept();  // no shortcut of the window takes it
    return true;
  }
  if (type == QEvent::KeyRelease) {
    if (!key->isAutoRepeat() && keys_.stroke(*key).key == QcKey::hide) hideOverlays(false);
    return false;
  }
  return keyPressed(widget, key);
}

void QcPanel::showKeyMap(bool shown) {
  key_map_->setVisible(shown);
  if (!shown) {
    focusPictures();
    return;
  }
  key_map_->adjustSize();
  key_map_->move((width() - key_map_->width()) / 2, (height() - key_map_->height()) / 2);
  key_map_->raise();
}

void QcPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange && tiles_pane_ != nullptr) fit();
}
void QcPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  model_.setShown(true);
  focusPictures();
}
void QcPanel::hideEvent(QHideEvent* event) {
  hideOverlays(false);
  model_.setShown(false);
  QWidget::hideEvent(event);
}
/// The side panes grow with the text, but leave the pictures more than half.
void QcPanel::fit() {
  queue_->setFixedWidth(std::min(scaled(204), width() * 17 / 100));
  tiles_pane_->setFixedWidth(std::min(scaled(338), width() * 32 / 100));
}
void QcPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
  renderLook();
  if (!key_map_->isHidden()) showKeyMap(true);
}

}  // namespace ipsi::ui
