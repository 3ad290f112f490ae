// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/map_panel.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace ipsi::ui {
namespace {

constexpr std::array<const char*, 3> kAxisLetters{"x", "y", "z"};
constexpr double kCutStep = 2.0;

QString view_title(const QString& name) {
  const std::pair<const char*, QString> titles[] = {{"oblique", MapPanel::tr("front left")},
                                                    {"oblique-right", MapPanel::tr("front right")},
                                                    {"front", MapPanel::tr("front")},
                                                    {"back", MapPanel::tr("back")},
                                                    {"left", MapPanel::tr("left")},
                                                    {"right", MapPanel::tr("right")},
                                                    {"top", MapPanel::tr("top")},
                                                    {"bottom", MapPanel::tr("bottom")}};
  for (const auto& [key, words] : titles)
    if (name == key) return words;
  return MapPanel::tr("free");
}

}  // namespace

MapPanel::MapPanel(Context& context, QWidget* parent) : QWidget(parent), context_(context), model_(context) {
  setObjectName("map");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  empty_ = new EmptyState({}, tr("Go to Study"));
  empty_->setObjectName("map.empty");
  failure_ = new ErrorCard;
  failure_->setObjectName("map.failure");
  failed_ = new QWidget;
  auto* inset = new QVBoxLayout(failed_);
  inset->setContentsMargins(12, 12, 12, 12);
  inset->addWidget(failure_);
  inset->addStretch(1);
  work_ = new QWidget;
  auto* row = new QHBoxLayout(work_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  preview_ = new MapPreview(figure_);
  form_ = new MapFigureForm(model_, figure_);
  auto* ground = new Pane(&Theme::window);
  auto* inside = new QVBoxLayout(ground);
  inside->setContentsMargins(0, 0, 0, 0);
  inside->addWidget(preview_);
  centre_ = new QStackedWidget;
  centre_->addWidget(centrePane());
  centre_->addWidget(ground);
  auto* side = new Pane(&Theme::surface, Qt::LeftEdge);
  side->setSide("right");
  auto* beside = new QVBoxLayout(side);
  beside->setContentsMargins(1, 0, 0, 0);
  right_ = new QStackedWidget;
  right_->addWidget(tablePane());
  right_->addWidget(form_);
  beside->addWidget(right_);
  table_pane_ = side;
  row->addWidget(centre_, 1);
  row->addWidget(side);
  column->addWidget(empty_, 1);
  column->addWidget(failed_, 1);
  column->addWidget(work_, 1);
  makeMenus();
  addActions();
  connect(empty_, &EmptyState::pressed, this, [this] { context_.shell.showWorkspace("study"); });
  connect(&model_, &MapModel::changed, this, &MapPanel::render);
  connect(&model_, &MapModel::rowChanged, this, &MapPanel::renderRow);
  connect(&model_, &MapModel::lookChanged, this, &MapPanel::render);
  connect(&figure_, &MapExport::changed, this, [this] {
    const int page = figure_.state().shown ? 1 : 0;
    centre_->setCurrentIndex(page);
    right_->setCurrentIndex(page);
    if (page == 0) return;
    preview_->render();
    form_->render();
  });
  connect(&figure_, &MapExport::written, this,
          [this](const QString& path) { context_.shell.toast(tr("Wrote %1 and its recipe").arg(path)); });
  connect(&figure_, &MapExport::failed, &context.shell, &Shell::tellError);
  connect(form_, &MapFigureForm::closeWanted, this, &MapPanel::closeFigure);
  connect(&model_, &MapModel::told, this, [this](const QString& words) { context_.shell.toast(words); });
  render();
}

MapPanel::~MapPanel() = default;

// ---- parts ---------------------------------------------------------------------------------------------------------

QWidget* MapPanel::headRow() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(10);
  head->setFixedHeight(scaled(40));
  title_ = new Label({}, TextRole::title_strong);
  title_->setObjectName("map.title");
  note_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  note_->setObjectName("map.note");
  badge_ = new Badge({}, Badge::Kind::warning);
  badge_->setObjectName("map.badge");
  panels_ = new Segments({tr("One"), tr("Six panels")});
  panels_->setObjectName("map.panels");
  panels_->setAccessibleName(tr("Analyses shown"));
  row->addWidget(title_);
  row->addWidget(note_, 1);
  row->addWidget(badge_);
  row->addWidget(panels_);
  connect(panels_, &Segments::chosen, this, [this](int index) { setAll(index == 1); });
  return head;
}

QWidget* MapPanel::viewRow() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(10, 2, 8, 8);
  row->setSpacing(8);
  camera_words_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  cut_at_ = new QSlider(Qt::Horizontal);
  cut_at_->setObjectName("map.cut.at");
  cut_at_->setAccessibleName(tr("Where the forms are cut, mm"));
  cut_at_->setRange(-70, 70);
  cut_at_->setMinimumWidth(60);
  cut_ = makeButton(tr("No cut"), ButtonKind::compact);
  cut_->setObjectName("map.cut");
  view_ = makeButton(tr("View"), ButtonKind::compact, "view-3d");
  view_->setObjectName("map.view");
  cortex_ = makeButton(tr("Cortex off"), ButtonKind::compact);
  cortex_->setObjectName("map.cortex");
  cortex_->setCheckable(true);
  row->addWidget(camera_words_, 1);
  row->addWidget(cut_at_, 2);
  row->addWidget(cut_);
  row->addWidget(view_);
  row->addWidget(cortex_);
  connect(cut_at_, &QSlider::valueChanged, this, [this](int mm) {
    auto look = model_.look();
    if (!look.clip || look.clip->at_mm == mm) return;
    look.clip->at_mm = mm;
    model_.setLook(look);
  });
  connect(cortex_, &QPushButton::clicked, this, [this](bool on) {
    auto look = model_.look();
    look.brain = on;
    model_.setLook(look);
  });
  return bar;
}

QWidget* MapPanel::pictures() {
  auto* box = new QWidget;
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(12);
  auto* frame = new Pane(&Theme::background3d, Qt::TopEdge | Qt::BottomEdge | Qt::LeftEdge | Qt::RightEdge);
  auto* column = new QVBoxLayout(frame);
  column->setContentsMargins(1, 1, 1, 1);
  column->setSpacing(0);
  scene_ = new MapView3d;
  no_template_ = new ErrorCard;
  no_template_->setObjectName("map.template");
  auto* again = makeButton(tr("Try again"));
  again->setObjectName("map.template.again");
  template_missing_ = new QWidget;
  auto* missing = new QVBoxLayout(template_missing_);
  missing->setContentsMargins(12, 12, 12, 12);
  missing->addWidget(no_template_);
  missing->addWidget(again, 0, Qt::AlignLeft);
  missing->addStretch(1);
  column->addWidget(template_missing_, 1);
  column->addWidget(scene_, 1);
  column->addWidget(viewRow());
  row->addWidget(frame, 574);
  slices_ = new QWidget;
  auto* two = new QVBoxLayout(slices_);
  two->setContentsMargins(0, 0, 0, 0);
  two->setSpacing(8);
  axial_ = new MapSlice(render::Plane::axial);
  coronal_ = new MapSlice(render::Plane::coronal);
  two->addWidget(axial_, 211);
  two->addWidget(coronal_, 178);
  row->addWidget(slices_, 330);
  connect(again, &QPushButton::clicked, &model_, &MapModel::loadTemplate);
  connect(scene_, &MapView3d::regionPicked, this, [this](int panel, int region) {
    if (model_.look().all) model_.choose(panel);
    model_.chooseRegion(region);
  });
  connect(scene_, &MapView3d::panelPicked, this, [this](int panel) {
    if (model_.look().all) model_.choose(panel);
  });
  connect(scene_, &MapView3d::cameraChanged, this, [this] {
    model_.keepCamera(scene_->camera());
    renderLook();
  });
  for (MapSlice* slice : {axial_, coronal_}) {
    connect(slice, &MapSlice::regionPicked, &model_, &MapModel::chooseRegion);
    connect(slice, &MapSlice::moved, this, [this] {
      auto look = model_.look();
      look.axial_mm = axial_->position();
      look.coronal_mm = coronal_->position();
      model_.setLook(look);
    });
  }
  return box;
}

QWidget* MapPanel::centrePane() {
  auto* pane = new Pane(&Theme::surface);
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* upper = new QVBoxLayout;
  upper->setContentsMargins(12, 0, 12, 10);
  upper->setSpacing(0);
  upper->addWidget(headRow());
  upper->addWidget(pictures(), 1);
  upper->addSpacing(12);
  auto* scale = new QHBoxLayout;
  scale->setSpacing(16);
  bar_ = new MapBar;
  legend_ = new MapLegend;
  colours_ = makeButton(tr("Colours"), ButtonKind::compact);
  colours_->setObjectName("map.colours");
  scale->addWidget(bar_, 1, Qt::AlignTop);
  scale->addWidget(colours_, 0, Qt::AlignTop);
  scale->addWidget(legend_, 0, Qt::AlignTop);
  upper->addLayout(scale);
  column->addLayout(upper, 1);
  column->addWidget(new Line(Qt::Horizontal));
  auto* lower = new QVBoxLayout;
  lower->setContentsMargins(12, 8, 12, 12);
  lower->setSpacing(6);
  auto* words = new QHBoxLayout;
  words->setSpacing(8);
  words->addWidget(new Label(tr("Same scale"), TextRole::strong));
  same_note_ = new Label({}, TextRole::small, Tone::muted);
  words->addWidget(same_note_, 1);
  lower->addLayout(words);
  strip_ = new MapStrip;
  lower->addWidget(strip_);
  column->addLayout(lower);
  connect(strip_, &MapStrip::chosen, &model_, &MapModel::choose);
  return pane;
}

QWidget* MapPanel::details() {
  auto* box = new QWidget;
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(12, 10, 12, 10);
  column->setSpacing(6);
  region_title_ = new Label({}, TextRole::strong);
  region_title_->setObjectName("map.region");
  column->addWidget(region_title_);
  auto* grid = new QGridLayout;
  grid->setVerticalSpacing(4);
  grid->setColumnStretch(1, 1);
  const std::array<QString, 5> names{QString(QChar(0x03B2)) + tr(" [95 % CI]"), tr("t, df"), tr("p, p x 12"),
                                     tr("people, cohorts"), tr("SE")};
  for (std::size_t i = 0; i < names.size(); ++i) {
    values_[i] = new Label({}, TextRole::small);
    values_[i]->setTextInteractionFlags(Qt::TextSelectableByMouse);
    grid->addWidget(new Label(names[i], TextRole::small, Tone::muted), static_cast<int>(i), 0);
    grid->addWidget(values_[i], static_cast<int>(i), 1, Qt::AlignRight);
  }
  column->addLayout(grid);
  notes_ = new Label({}, TextRole::small, Tone::muted);
  notes_->setObjectName("map.notes");
  notes_->setWordWrap(true);
  column->addWidget(notes_);
  column->addStretch(1);
  return box;
}

QWidget* MapPanel::tablePane() {
  auto* pane = new QWidget;
  auto* column = new QVBoxLayout(pane);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* header = new PaneHeader(tr("12 regions"));
  auto* copy = makeButton(tr("Copy table"), ButtonKind::compact, "copy");
  copy->setObjectName("map.copy");
  header->add(copy);
  column->addWidget(header);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  auto* inner = new QWidget;
  auto* list = new QVBoxLayout(inner);
  list->setContentsMargins(0, 0, 0, 0);
  list->setSpacing(0);
  table_ = new MapTable;
  list->addWidget(table_);
  list->addWidget(details());
  list->addStretch(1);
  scroll->setWidget(inner);
  scroll->viewport()->setAutoFillBackground(false);
  inner->setAutoFillBackground(false);
  column->addWidget(scroll, 1);
  column->addWidget(new Line(Qt::Horizontal));
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(12, 12, 12, 12);
  foot->setSpacing(8);
  auto* recipe = makeButton(tr("Open recipe..."));
  recipe->setObjectName("map.recipe");
  auto* figure = makeButton(tr("Export figure..."), ButtonKind::primary, "export");
  figure->setObjectName("map.export");
  foot->addWidget(recipe);
  foot->addStretch(1);
  foot->addWidget(figure);
  column->addLayout(foot);
  connect(copy, &QPushButton::clicked, this, &MapPanel::copyTable);
  connect(recipe, &QPushButton::clicked, this, &MapPanel::chooseRecipe);
  connect(figure, &QPushButton::clicked, this, &MapPanel::openFigure);
  connect(table_, &MapTable::chosen, &model_, &MapModel::chooseRow);
  connect(table_, &MapTable::copyWanted, this, &MapPanel::copyTable);
  return pane;
}

void MapPanel::makeMenus() {
  view_menu_ = new QMenu(this);
  for (const render::Camera& camera : render::cameras()) {
    const QString name = QString::fromStdString(camera.name);
    view_menu_->addAction(view_title(name), this, [this, name] { scene_->setCamera(name); });
  }
  const auto opens = [this](QPushButton* button, QMenu* menu) {
    connect(button, &QPushButton::clicked, this, [button, menu] {
      const QSize size = menu->sizeHint();
      const QPoint below = button->mapToGlobal(QPoint(0, button->height() + 4));
      const bool fits =
          below.y() + size.height() < button->window()->mapToGlobal(QPoint(0, button->window()->height())).y();
      menu->popup(fits ? below : button->mapToGlobal(QPoint(0, -size.height() - 4)));
    });
  };
  opens(view_, view_menu_);
  cut_menu_ = new QMenu(this);
  cut_menu_->addAction(tr("No cut"), this, [this] { cutAlong(-1); });
  cut_menu_->addAction(tr("Sagittal cut"), this, [this] { cutAlong(0); });
  cut_menu_->addAction(tr("Coronal cut"), this, [this] { cutAlong(1); });
  cut_menu_->addAction(tr("Axial cut"), this, [this] { cutAlong(2); });
  opens(cut_, cut_menu_);
  colour_menu_ = new QMenu(this);
  for (const render::Colormap& map : render::colormaps()) {
    const QString name = QString::fromStdString(map.name);
    QAction* action = colour_menu_->addAction(map_colour_title(name), this, [this, name] {
      auto look = model_.look();
      look.colours = name;
      model_.setLook(look);
    });
    action->setCheckable(true);
    action->setData(name);
  }
  colour_menu_->addSeparator();
  const auto limit = [this](const QString& words, std::optional<double> value) {
    QAction* action = colour_menu_->addAction(words, this, [this, value] {
      auto look = model_.look();
      look.limit = value;
      model_.setLook(look);
    });
    action->setCheckable(true);
    action->setProperty("limit", value.value_or(0.0));
  };
  limit(tr("Limits from the values"), std::nullopt);
  for (const double value : {0.4, 0.8, 1.2, 1.6, 2.0}) {
    const QString words = formatNumber(value, 1);
    limit(tr("%1 to %2").arg(minusSign() + words, words), value);
  }
  opens(colours_, colour_menu_);
}

void MapPanel::addActions() {
  const auto add = [this](const char* id, const QString& text, const char* key, std::function<void()> run,
                          const char* words = "") {
    context_.actions.add({.id = QString("map.") + id,
                          .text = text,
                          .shortcut = key,
                          .workspace = "map",
                          .run = std::move(run),
                          .enabled = {},
                          .words = words},
                         this);
  };
  add(
      "panels", tr("One map or a panel for each analysis"), "Ctrl+Shift+P", [this] { setAll(!model_.look().all); },
      "six panels");
  add(
      "cortex", tr("Show or hide the cortex"), "Ctrl+Shift+B", [this] { cortex_->click(); }, "brain");
  add(
      "cut", tr("Cut the forms open: next direction"), "Ctrl+Shift+X",
      [this] {
        const auto& clip = model_.look().clip;
        const int next = clip ? clip->axis + 1 : 0;
        cutAlong(next > 2 ? -1 : next);
      },
      "clip plane");
  add(
      "cut.on", tr("Move the cut on"), "Ctrl+Shift+Right", [this] { moveCut(kCutStep); }, "clip");
  add(
      "cut.back", tr("Move the cut back"), "Ctrl+Shift+Left", [this] { moveCut(-kCutStep); }, "clip");
  add("copy", tr("Copy the table of regions"), "Ctrl+Shift+C", [this] { copyTable(); });
  add(
      "export", tr("Export figure"), "Ctrl+Shift+E", [this] { openFigure(); }, "png svg pdf save picture");
  add(
      "recipe", tr("Open the recipe of a figure"), "", [this] { chooseRecipe(); }, "json redraw");
  add(
      "volume", tr("Export the values as a NIfTI volume"), "", [this] { chooseVolumeFile(); }, "nii");
  for (const render::Camera& camera : render::cameras()) {
    const QString name = QString::fromStdString(camera.name);
    context_.actions.add({.id = "map.view." + name,
                          .text = tr("View the map from: %1").arg(view_title(name)),
                          .shortcut = {},
                          .workspace = "map",
                          .run = [this, name] { scene_->setCamera(name); },
                          .enabled = {},
                          .words = "camera"},
                         this);
  }
  for (const render::Colormap& map : render::colormaps()) {
    const QString name = QString::fromStdString(map.name);
    context_.actions.add({.id = "map.colours." + name,
                          .text = tr("Colours of the map: %1").arg(map_colour_title(name)),
                          .shortcut = {},
                          .workspace = "map",
                          .run =
                              [this, name] {
                                auto look = model_.look();
                                look.colours = name;
                                model_.setLook(look);
                              },
                          .enabled = {},
                          .words = "colour map palette"},
                         this);
  }
}

// ---- the state on the screen ---------------------------------------------------------------------------------------

void MapPanel::render() {
  const auto& state = model_.state();
  const bool some = model_.analysis() != nullptr, failed = !state.what.isEmpty();
  failed_->setVisible(failed && !some);
  if (failed) failure_->setError(state.what, state.where, state.mend);
  empty_->setVisible(!some && !failed);
  empty_->setSentence(!state.open ? tr("No study is open. A map shows the models of a study on the template.")
                                  : tr("The models are being fitted."));
  work_->setVisible(some);
  if (!some) return;
  renderHead();
  renderPictures();
  renderLook();
  table_->setState(model_);
  bar_->setState(model_);
  legend_->setState(model_);
  strip_->setState(model_);
  renderRow();
}

void MapPanel::renderHead() {
  const auto& state = model_.state();
  const auto& now = *model_.analysis();
  title_->setText(model_.look().all ? tr("%n analyses", nullptr, static_cast<int>(state.analyses.size())) : now.title);
  const QString people =
      now.least == now.most ? QString::number(now.most) : tr("%1 to %2").arg(now.least).arg(now.most);
  note_words_ = {tr("%1 people, %2 cohorts").arg(people).arg(now.cohorts), tr("N %1").arg(people)};
  fitNote();
  badge_->setVisible(state.working);
  badge_->setText(tr("fitting again"));
  panels_->setCurrent(model_.look().all ? 1 : 0);
  panels_->button(1)->setText(state.analyses.size() == 6 ? tr("Six panels")
                                                         : tr("%1 panels").arg(state.analyses.size()));
  const QString limit = formatNumber(state.limit, state.limit < 0.1 ? 3 : 1);
  QString words = tr("\u03b2 in %1 analyses, limits %2 to %3")
                      .arg(QString::number(state.analyses.size()), minusSign() + limit, limit);
  if (state.beyond > 0) words += tr(", %n beyond (arrow)", nullptr, state.beyond);
  if (now.significant == 0)
    words =
        tr("No region reached p below %1 in this analysis. ").arg(QString::number(state.significant_p, 'g', 2)) + words;
  same_note_->setText(words);
}

void MapPanel::renderPictures() {
  const auto& state = model_.state();
  const auto& look = model_.look();
  const bool missing = !state.head_what.isEmpty();
  template_missing_->setVisible(missing);
  if (missing) no_template_->setError(state.head_what, {}, state.head_mend);
  scene_->setVisible(!missing);
  scene_->setSideWords(state.halves[0], state.halves[1]);
  scene_->setModel(state.model, tr("Loading the template"));
  std::vector<MapView3d::Panel> panels;
  for (std::size_t a = 0; a < state.analyses.size(); ++a) {
    const auto& analysis = state.analyses[a];
    if (!look.all && static_cast<int>(a) != state.current) continue;
    panels.push_back({analysis.title, tr("N %1 to %2").arg(analysis.least).arg(analysis.most), analysis.paints});
  }
  scene_->setPanels(std::move(panels), look.all ? state.current : 0);
  scene_->setBrainShown(look.brain);
  scene_->setClip(look.clip);
  slices_->setVisible(!look.all && !missing);
  for (MapSlice* slice : {axial_, coronal_}) {
    slice->setModel(state.model, slice == axial_ ? look.axial_mm : look.coronal_mm);
    slice->setPosition(slice == axial_ ? look.axial_mm : look.coronal_mm);
    slice->setSideWords(state.halves[0], state.halves[1]);
    slice->setPaints(model_.analysis()->paints);
  }
}

void MapPanel::renderLook() {
  const auto& look = model_.look();
  camera_words_->setText(look.all ? scene_->cameraWords() : QString());
  view_->setText(tr("View: %1").arg(view_title(scene_->cameraName())));
  cortex_->setChecked(look.brain);
  cortex_->setText(look.brain ? tr("Cortex on") : tr("Cortex off"));
  cut_at_->setVisible(look.clip.has_value());
  if (look.clip) {
    cut_at_->setValue(static_cast<int>(std::lround(look.clip->at_mm)));
    cut_->setText(tr("Cut %1 %2 mm")
                      .arg(kAxisLetters[static_cast<std::size_t>(look.clip->axis)], formatNumber(look.clip->at_mm, 0)));
  } else {
    cut_->setText(tr("No cut"));
  }
  for (QAction* action : colour_menu_->actions()) {
    if (action->data().isValid())
      action->setChecked(action->data().toString() == look.colours);
    else if (action->property("limit").isValid())
      action->setChecked(action->property("limit").toDouble() == look.limit.value_or(0.0));
  }
}

void MapPanel::renderRow() {
  const auto* row = model_.row();
  const int region = model_.regionChosen();
  table_->setRow(model_.state().row);
  scene_->setRegion(region);
  axial_->setRegion(region);
  coronal_->setRegion(region);
  if (row == nullptr) return;
  const QString side = model_.state().halves[region % 2 == 0 ? 0 : 1];
  region_title_->setText(tr("Selected: %1 %2").arg(side.toLower(), row->title.toLower()));
  const bool fitted = !std::isnan(row->beta);
  const QString dash = formatNumber(std::nan(""), 0);
  const std::array<QString, 5> texts{
      fitted ? tr("%1 [%2, %3]").arg(formatNumber(row->beta, 2), formatNumber(row->low, 2), formatNumber(row->high, 2))
             : dash,
      fitted ? tr("%1, %2").arg(formatNumber(row->t, 2), formatNumber(row->df, 0)) : dash,
      fitted ? tr("%1, %2").arg(formatP(row->p), formatP(row->p_adjusted)) : dash,
      tr("%1, %2").arg(formatNumber(row->n, 0), formatNumber(row->cohorts, 0)),
      fitted ? formatNumber(row->se, 3) : dash};
  for (std::size_t i = 0; i < texts.size(); ++i) values_[i]->setText(texts[i]);
  notes_->setText(row->notes);
  notes_->setVisible(!row->notes.isEmpty());
}

// ---- acts
// ------------------------------------------------------------------------------------------------------------

void MapPanel::setAll(bool all) {
  auto look = model_.look();
  look.all = all;
  model_.setLook(look);
}

void MapPanel::cutAlong(int axis) {
  auto look = model_.look();
  look.clip.reset();
  if (axis >= 0 && model_.state().model) {
    const auto middle =
        render::bounds_of(*model_.state().model->full, scene_->camera(), render::Extent::regions).centre;
    look.clip = render::Clip{axis, std::round(middle[axis])};
  }
  model_.setLook(look);
}

void MapPanel::moveCut(double mm) {
  auto look = model_.look();
  if (!look.clip) return;
  look.clip->at_mm = std::clamp(look.clip->at_mm + mm, double(cut_at_->minimum()), double(cut_at_->maximum()));
  model_.setLook(look);
}

void MapPanel::copyTable() {
  const auto copied = model_.table();
  if (copied.tsv.isEmpty()) return;
  auto* both = new QMimeData;
  both->setText(copied.tsv);
  both->setHtml(copied.html);
  QGuiApplication::clipboard()->setMimeData(both);
  context_.shell.toast(tr("Copied 12 rows with their header"));
}

void MapPanel::openFigure() {
  if (model_.analysis() == nullptr) return;
  auto options = figure_.state().options;
  options.all = model_.look().all;
  figure_.setOptions(options);
  model_.keepCamera(scene_->camera());
  figure_.open();
  form_->focusFirst();
}

void MapPanel::closeFigure() {
  figure_.close();
  scene_->setFocus();
}

void MapPanel::chooseRecipe() {
  if (model_.analysis() == nullptr) return;
  auto* dialog = new QFileDialog(this, tr("Open the recipe of a figure"), {}, tr("Recipes (*.json)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    if (!figure_.openRecipe(path)) return;
    scene_->setCamera(model_.look().camera);
    form_->focusFirst();
  });
  dialog->open();
}

void MapPanel::chooseVolumeFile() {
  const auto* now = model_.analysis();
  if (now == nullptr || !model_.state().model) return;
  auto* dialog =
      new QFileDialog(this, tr("Write the values as a volume"), now->id + ".nii.gz", tr("NIfTI (*.nii.gz *.nii)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  connect(dialog, &QFileDialog::fileSelected, &model_, &MapModel::exportVolume);
  dialog->open();
}

void MapPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  model_.wake();
  scene_->setFocus();
}

void MapPanel::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && figure_.state().shown) {
    closeFigure();
    return;
  }
  QWidget::keyPressEvent(event);
}

/// The longest form of the note that fits: a number is never cut.
void MapPanel::fitNote() {
  const QFontMetrics metrics(ui::font(TextRole::small));
  QString words;
  for (auto it = note_words_.crbegin(); it != note_words_.crend(); ++it)
    if (metrics.horizontalAdvance(*it) + 2 <= note_->width()) words = *it;
  note_->setText(words);
}

/// The table grows with the text, but leaves the pictures more than half; a wide window shows intervals as well.
void MapPanel::fit() {
  constexpr int kWide = 1600;
  const int wanted = width() >= kWide ? 460 : 350;
  table_pane_->setFixedWidth(std::min(scaled(wanted), width() * 38 / 100));
}

void MapPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
  QTimer::singleShot(0, this, &MapPanel::fitNote);  // when the row has its widths
}

void MapPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange && table_pane_ != nullptr) fit();
}

}  // namespace ipsi::ui
