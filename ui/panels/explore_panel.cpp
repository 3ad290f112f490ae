// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace ipsi::ui {
namespace {

using render::Overlay;
constexpr int kScoresHeight = 172;

QString days_words(double days) {
  if (std::isnan(days)) return ExplorePanel::tr("not known");
  const QString n = formatNumber(days, 0);
  if (days < 0) return n;
  if (days <= 21) return ExplorePanel::tr("%1, early").arg(n);
  if (days <= 90) return ExplorePanel::tr("%1, subacute").arg(n);
  return days >= 180 ? ExplorePanel::tr("%1, chronic").arg(n) : n;
}
QString or_unknown(const QString& text) {
  return text.isEmpty() ? ExplorePanel::tr("not known") : text;
}

}  // namespace

ExplorePanel::ExplorePanel(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("explore");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  empty_ = new EmptyState(tr("No people yet. Explore shows one person of the study, or all of them in plots."),
                          tr("Go to Study"));
  empty_->setObjectName("explore.empty");
  pages_ = new QStackedWidget;
  cohort_ = new ExploreCohort(context);
  pages_->addWidget(personPage());
  pages_->addWidget(cohort_);
  column->addWidget(empty_, 1);
  column->addWidget(pages_, 1);
  restoreLook();
  addActions();
  showCohort(context.settings.value("explore/cohort", false).toBool());
  connect(empty_, &EmptyState::pressed, this, [this] { context_.shell.showWorkspace("study"); });
  connect(cohort_, &ExploreCohort::personWanted, this, [this] { showCohort(false); });
  connect(&model_, &ExploreModel::changed, this, &ExplorePanel::render);
  connect(&context.settings, &Settings::conventionChanged, this, &ExplorePanel::restoreLook);
  render();
}

ExplorePanel::~ExplorePanel() = default;

// ---- parts ---------------------------------------------------------------------------------------------------------

QWidget* ExplorePanel::personPage() {
  person_page_ = new QWidget;
  auto* row = new QHBoxLayout(person_page_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(picturesPane(), 1);
  numbers_ = numbersPane();
  row->addWidget(numbers_);
  return person_page_;
}

QWidget* ExplorePanel::personHead() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 6, 0, 6);
  row->setSpacing(8);
  title_ = new ElidedLabel({}, TextRole::title_strong);
  title_->setObjectName("explore.title");
  tabs_ = new Segments({tr("Person"), tr("Cohort")});
  tabs_->setObjectName("explore.tabs");
  tabs_->setAccessibleName(tr("One person or the cohort"));
  visit_ = new QComboBox;
  visit_->setObjectName("explore.visit");
  visit_->setAccessibleName(tr("Session"));
  visit_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  lesion_ = makeButton(tr("Lesion"), ButtonKind::compact, "lesion");
  lesion_->setObjectName("explore.lesion");
  lesion_->setCheckable(true);
  qc_ = makeButton(tr("Open in QC"), ButtonKind::compact, "qc");
  qc_->setObjectName("explore.qc");
  row->addWidget(title_);
  row->addWidget(tabs_);
  row->addStretch(1);
  for (QWidget* part : std::initializer_list<QWidget*>{visit_, lesion_, qc_}) row->addWidget(part);
  connect(tabs_, &Segments::chosen, this, [this](int tab) { showCohort(tab == 1); });
  connect(visit_, &QComboBox::activated, &model_, &ExploreModel::chooseVisit);
  connect(lesion_, &QPushButton::clicked, this, [this] { viewer_->toggleLesion(); });
  connect(qc_, &QPushButton::clicked, this, [this] { context_.shell.showWorkspace("qc"); });
  return head;
}

QWidget* ExplorePanel::picturesPane() {
  auto* pane = new Pane(&Theme::surface);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(14, 0, 14, 8);
  column->setSpacing(0);
  viewer_ = new TriplanarWidget;
  viewer_->setObjectName("explore.viewer");
  viewer_->setArrangement(TriplanarWidget::Arrangement::grid);
  scene_ = new Scene3dWidget;
  scene_->setObjectName("explore.scene");
  viewer_->setCorner(scene_);
  auto* header = new QWidget;
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(0, 8, 0, 5);
  scores_note_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  scores_note_->setObjectName("explore.scores.note");
  scores_note_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  row->addWidget(new Label(tr("Scores over sessions"), TextRole::title_strong));
  row->addWidget(scores_note_, 1);
  scores_ = new ExploreScores;
  column->addWidget(personHead());
  column->addWidget(viewer_, 1);
  column->addWidget(header);
  column->addWidget(scores_);
  connect(viewer_, &TriplanarWidget::lookChanged, this, &ExplorePanel::keepLook);
  connect(viewer_, &TriplanarWidget::regionClicked, &model_, &ExploreModel::chooseRegion);
  connect(scene_, &Scene3dWidget::regionPicked, &model_, &ExploreModel::chooseRegion);
  return pane;
}

QWidget* ExplorePanel::facts() {
  auto* strip = new Pane(&Theme::surface, Qt::BottomEdge);
  auto* row = new QHBoxLayout(strip);
  row->setContentsMargins(12, 9, 12, 9);
  row->setSpacing(12);
  const std::array<QString, 6> names{tr("Cohort"),      tr("Age"),          tr("Sex"), tr("Days after stroke"),
                                     tr("Lesion side"), tr("Lesion volume")};
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto* cell = new QVBoxLayout;
    cell->setSpacing(0);
    facts_[i] = new ElidedLabel;
    facts_[i]->setAccessibleName(names[i]);
    facts_[i]->setObjectName(QString("explore.fact.%1").arg(i));
    cell->addWidget(new ElidedLabel(names[i], TextRole::small, Tone::muted));
    cell->addWidget(facts_[i]);
    if (i > 0) row->addStretch(1);
    row->addLayout(cell);
  }
  row->addStretch(1);
  return strip;
}

QWidget* ExplorePanel::numbersPane() {
  auto* side = new Pane(&Theme::surface, Qt::LeftEdge);
  side->setSide("right");
  auto* around = new QVBoxLayout(side);
  around->setContentsMargins(1, 0, 0, 0);
  auto* scroll = new QScrollArea;
  around->addWidget(scroll);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  auto* pane = new Pane(&Theme::surface);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 0, 8);
  column->setSpacing(0);
  column->addWidget(facts());
  const auto header = [&](const QString& title, ElidedLabel*& note, Label*& right) {
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(12, 8, 12, 7);
    row->setSpacing(8);
    note = new ElidedLabel({}, TextRole::small, Tone::muted);
    right = new Label({}, TextRole::small, Tone::muted);
    row->addWidget(new Label(title, TextRole::title_strong));
    row->addWidget(note, 1);
    row->addWidget(right);
    return head;
  };
  column->addWidget(header(tr("12 regions"), regions_note_, lesioned_note_));
  regions_note_->setObjectName("explore.regions.note");
  regions_ = new ExploreRegions;
  column->addWidget(regions_);
  column->addWidget(new Line(Qt::Horizontal));
  ElidedLabel* unused = nullptr;
  column->addWidget(header(tr("Lesion overlap"), unused, lesion_note_));
  lesion_note_->setObjectName("explore.lesion.note");
  overlap_ = new ExploreOverlap;
  column->addWidget(overlap_);
  column->addStretch(1);
  scroll->setWidget(pane);
  connect(regions_, &ExploreRegions::chosen, &model_, &ExploreModel::chooseRegion);
  return side;
}

void ExplorePanel::addActions() {
  const auto add = [this](const char* id, const QString& text, const char* key, std::function<void()> run,
                          const char* words = "") {
    context_.actions.add({.id = QString("explore.") + id,
                          .text = text,
                          .shortcut = key,
                          .workspace = "explore",
                          .run = std::move(run),
                          .enabled = [this] { return !model_.state().id.isEmpty(); },
                          .words = words},
                         this);
  };
  add("next", tr("Next person"), "PgDown", [this] { model_.step(1); });
  add("previous", tr("Previous person"), "PgUp", [this] { model_.step(-1); });
  add(
      "person", tr("Show one person"), "Alt+1", [this] { showCohort(false); }, "subject tab");
  add(
      "cohort", tr("Show the cohort"), "Alt+2", [this] { showCohort(true); }, "scatter histogram brush tab");
  add(
      "qc", tr("Open this person in QC"), "O", [this] { context_.shell.showWorkspace("qc"); }, "rate");
  add("lesion", tr("Lesion on or off"), "T", [this] { viewer_->toggleLesion(); });
  add(
      "overlay", tr("Regions as fill, outline, off"), "F", [this] { viewer_->cycleOverlay(); }, "contour");
  add(
      "recentre", tr("Recentre on the region"), "R", [this] { place(); }, "zoom");
  add(
      "window.auto", tr("Automatic grey window"), "", [this] { viewer_->resetWindow(); }, "contrast brightness");
  add(
      "copy", tr("Copy the picture"), "", [this] { viewer_->copyView(); }, "clipboard");
  const auto visit = [this](int by) {
    const auto& state = model_.state();
    model_.chooseVisit(std::clamp(state.visit + by, 0, static_cast<int>(state.visits.size()) - 1));
  };
  add("visit.next", tr("Next session of this person"), "Alt+Right", [visit] { visit(1); });
  add("visit.previous", tr("Previous session of this person"), "Alt+Left", [visit] { visit(-1); });
}

// ---- the state on the screen ---------------------------------------------------------------------------------------

bool ExplorePanel::showsCohort() const {
  return pages_->currentWidget() == cohort_;
}

void ExplorePanel::showCohort(bool cohort) {
  pages_->setCurrentWidget(cohort ? static_cast<QWidget*>(cohort_) : person_page_);
  tabs_->setCurrent(0);  // each page has its own pair of tabs
  context_.settings.setValue("explore/cohort", cohort);
  activate();
  if (!isVisible()) return;
  if (cohort)
    cohort_->focusFirst();
  else
    viewer_->setFocus();
}

void ExplorePanel::activate() {
  model_.setActive(isVisible() && !showsCohort());
  cohort_->setActive(isVisible() && showsCohort());
}

void ExplorePanel::render() {
  const auto& state = model_.state();
  const bool some = state.open && state.any;
  empty_->setVisible(!some);
  empty_->setSentence(!state.open
                          ? tr("No study is open.")
                          : tr("No people yet. Explore shows one person of the study, or all of them in plots."));
  pages_->setVisible(some);
  title_->setText(state.id.isEmpty() ? tr("Nobody chosen: Ctrl+K finds a person") : state.id);
  qc_->setEnabled(!state.id.isEmpty() && state.group == "patient");
  visit_->clear();
  for (const auto& visit : state.visits)
    visit_->addItem(std::isnan(visit.days) ? tr("session %1").arg(visit.session)
                                           : tr("session %1, day %2").arg(visit.session, formatNumber(visit.days, 0)));
  visit_->setCurrentIndex(state.visit);
  visit_->setVisible(state.visits.size() > 1);  // the day of a single one stands among the facts
  renderFacts();
  regions_->setState(state);
  overlap_->setState(state);
  scores_->setState(state);
  scores_note_->setText(scores_->note());
  renderScan();
  renderScene();
}

void ExplorePanel::renderFacts() {
  const auto& state = model_.state();
  const bool some = !state.id.isEmpty();
  const QString age =
      std::isnan(state.age) ? tr("not known") : formatNumber(state.age, state.age == std::floor(state.age) ? 0 : 1);
  const std::array<QString, 6> texts{
      or_unknown(state.cohort),
      age,
      or_unknown(state.sex),
      days_words(state.days),
      or_unknown(state.side),
      std::isnan(state.lesion_ml) ? tr("not known") : tr("%1 mL").arg(formatNumber(state.lesion_ml, 1))};
  for (std::size_t i = 0; i < facts_.size(); ++i) facts_[i]->setText(some ? texts[i] : QString());
  const QString n = state.z_low == state.z_high
                        ? formatNumber(state.z_high, 0)
                        : tr("%1 to %2").arg(formatNumber(state.z_low, 0), formatNumber(state.z_high, 0));
  regions_note_->setText(state.z_high < kLeastForZ ? tr("no z: fewer than %1 patients have volumes").arg(kLeastForZ)
                         : state.z_by_icv          ? tr("z for ICV and age, n = %1").arg(n)
                                                   : tr("z, not ICV-adjusted, n = %1").arg(n));
  regions_note_->setAccessibleDescription(tr("robust z against the patients of the whole study: %1").arg(n));
  QStringList flags;
  if (state.unrated == 12)
    flags << tr("none rated");
  else {
    flags << tr("%1 of 12 lesioned").arg(state.lesioned);
    if (state.failed > 0) flags << tr("%1 failed").arg(state.failed);
    if (state.unrated > 0) flags << tr("%1 unrated").arg(state.unrated);
  }
  lesioned_note_->setText(some ? flags.join(", ") : QString());
  lesion_note_->setText(std::isnan(state.lesion_mm3) || !state.mask
                            ? QString()
                            : tr("%1 mm\u00b3 in all").arg(formatNumber(state.lesion_mm3, 0)));
}

void ExplorePanel::renderScan() {
  const auto& state = model_.state();
  const bool other = state.id != shown_person_;
  if (!state.scan && !state.waiting) {
    viewer_->setScan(nullptr, state.message);
    shown_person_ = state.id;
  } else if (state.scan && (state.scan != viewer_->scan() || state.region != shown_region_)) {
    const bool labels_came = state.scan != viewer_->scan();
    if (labels_came) {
      viewer_->setRegion(-1);  // the whole head stays in view: no zoom to the region
      viewer_->setScan(state.scan);
    }
    if (labels_came && (other || state.scan->whole)) viewer_->fitHead();
    viewer_->setRegion(state.region);
    const auto& where = state.scan->places[static_cast<std::size_t>(state.region)];
    if (where.voxels > 0) viewer_->setCrosshair(where.centre_mm);
    shown_person_ = state.id;
  }
  shown_region_ = state.region;
  viewer_->setNotice(state.waiting ? tr("reading %1").arg(state.id) : state.problem);
  lesion_->setEnabled(state.scan != nullptr);
  lesion_->setChecked(viewer_->look().lesion);
}

void ExplorePanel::renderScene() {
  const auto& state = model_.state();
  scene_->setModel(state.model, state.model_message);
  if (!state.model) return;
  std::array<Scene3dWidget::RegionLook, 12> looks;
  bool all = true;
  for (std::size_t r = 0; r < looks.size(); ++r) {
    const double z = state.regions[r].numbers.z;
    all = all && !std::isnan(z);
    looks[r] = {QColor::fromRgb(ExploreModel::colourOf(std::isnan(z) ? 0.0 : z)),
                std::isnan(z) ? render::Look::untested : render::Look::plain};
  }
  scene_->setRegionLooks(looks);
  scene_->setRegion(state.region);
  scene_->setLesionShown(viewer_->look().lesion);
  scene_->setCaption(all ? tr("regions by z, lesion see-through") : tr("regions by z; hatched: no z"));
}

/// The whole head, crosshair in the region.
void ExplorePanel::place() {
  const auto scan = viewer_->scan();
  if (!scan) return;
  viewer_->fitHead();
  const auto& where = scan->places[static_cast<std::size_t>(model_.state().region)];
  if (where.voxels > 0) viewer_->setCrosshair(where.centre_mm);
}

void ExplorePanel::keepLook() {
  const auto& look = viewer_->look();
  lesion_->setChecked(look.lesion);
  scene_->setLesionShown(look.lesion);
  if (restoring_) return;
  context_.settings.setValue("explore/overlay", static_cast<int>(look.overlay));
  context_.settings.setValue("explore/lesion", look.lesion);
}

void ExplorePanel::restoreLook() {
  restoring_ = true;
  const Settings& kept = context_.settings;
  auto look = viewer_->look();
  look.convention = kept.radiological() ? render::Convention::radiological : render::Convention::neurological;
  look.overlay =
      static_cast<Overlay>(std::clamp(kept.value("explore/overlay", static_cast<int>(Overlay::outline)).toInt(), 0, 2));
  look.lesion = kept.value("explore/lesion", true).toBool();
  viewer_->setLook(look);
  lesion_->setChecked(look.lesion);
  restoring_ = false;
}

// ---- the window ----------------------------------------------------------------------------------------------------

void ExplorePanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  activate();
  if (showsCohort())
    cohort_->focusFirst();
  else
    viewer_->setFocus();
}
void ExplorePanel::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  activate();
}
/// Half of the window each; the pictures take what the score plot leaves.
void ExplorePanel::fit() {
  numbers_->setFixedWidth(std::min(std::max(scaled(430), width() * 488 / 1000), width() * 6 / 10));
  scores_->setFixedHeight(std::min(scaled(kScoresHeight), height() * 26 / 100));
  const bool narrow = width() - numbers_->width() < scaled(560);
  qc_->setText(narrow ? tr("QC") : tr("Open in QC"));
  qc_->setAccessibleName(tr("Open in QC"));
}
void ExplorePanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}
void ExplorePanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange && numbers_ != nullptr) fit();
}

}  // namespace ipsi::ui
