// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/home_panel.h"

#include <QEvent>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QShortcut>
#include <QStyleOption>

namespace ipsi::ui {
namespace {

constexpr int kPageWidth = 1000;

/// A bordered ground of `surface`.
class Card : public QWidget {
 public:
  using QWidget::QWidget;

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(t.border, 1));
    painter.setBrush(t.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
  }
};

/// What the sample ends in: the brain and a slice of the map that `ipsi map` draws from its chronic models.
class SamplePicture : public QWidget {
 public:
  SamplePicture() : picture_(":/style/sample_map.png") {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setMinimumHeight(scaled(190));
    setAccessibleName(HomePanel::tr("A map of twelve regions made from the sample study"));
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    // Parts of the figure, as fractions of it: the 3D brain without its letters, and the axial slice.
    constexpr double kBrain[] = {0.031, 0.034, 0.656, 0.728};
    constexpr double kSlice[] = {0.7366, 0.0186, 0.2464, 0.364};
    const Theme& t = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    QRect ground = rect().adjusted(1, 1, -1, 0);
    painter.fillRect(ground, t.background3d);
    painter.fillRect(0, height() - 1, width(), 1, t.border);
    place(painter, QRectF(8, 8, width() * 0.62 - 8, height() - 16), kBrain);
    place(painter, QRectF(width() * 0.64, 16, width() * 0.34 - 8, height() - 32), kSlice);
  }

 private:
  void place(QPainter& painter, const QRectF& room, const double (&part)[4]) const {
    const QRectF source(part[0] * picture_.width(), part[1] * picture_.height(), part[2] * picture_.width(),
                        part[3] * picture_.height());
    const double scale = std::min(room.width() / source.width(), room.height() / source.height());
    QRectF target(0, 0, source.width() * scale, source.height() * scale);
    target.moveCenter(room.center());
    painter.drawPixmap(target, picture_, source);
  }
  QPixmap picture_;
};

/// A way to begin: icon, title, note, key.
class Way : public QAbstractButton {
 public:
  Way(QString icon_name, const QString& title, QString note, QString key)
      : icon_(std::move(icon_name)), note_(std::move(note)), key_(std::move(key)) {
    setText(title);
    setAccessibleName(title);
    setAccessibleDescription(note_);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  }
  [[nodiscard]] QSize sizeHint() const override { return {scaled(300), scaled(58)}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(underMouse() ? t.control : t.border, 1));
    painter.setBrush(isDown() ? t.selection : underMouse() ? t.hover : t.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const int size = scaled(20);
    paintIcon(painter, QRectF(16, (height() - size) / 2.0, size, size), icon_, t.accent);
    const int cap = keyCapWidth(key_);
    paintKeyCap(painter, width() - 14 - cap, height() / 2, key_);
    const int left = 16 + size + 14, room = width() - left - cap - 26;
    painter.setFont(ui::font(TextRole::strong));
    painter.setPen(t.text);
    const int tall = painter.fontMetrics().height();
    painter.setFont(ui::font(TextRole::small));
    const int small = painter.fontMetrics().height();
    const int top = (height() - tall - small) / 2;
    painter.setFont(ui::font(TextRole::strong));
    painter.drawText(QRect(left, top, room, tall), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text(), Qt::ElideRight, room));
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    painter.drawText(QRect(left, top + tall, room, small), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(note_, Qt::ElideRight, room));
  }

 private:
  QString icon_, note_, key_;
};

/// The dashed place that says files may be dropped; a press chooses files.
class DropPlace : public QAbstractButton {
 public:
  DropPlace() {
    setText(HomePanel::tr("Drop any file here"));
    setAccessibleName(text());
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setMinimumHeight(scaled(110));
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(t.control, 1);
    pen.setDashPattern({4, 3});
    painter.setPen(pen);
    painter.setBrush(underMouse() ? t.hover : t.sunken);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const int icon = scaled(22), line = QFontMetrics(ui::font(TextRole::body)).height();
    int top = (height() - icon - 2 * line - 8) / 2;
    paintIcon(painter, QRectF((width() - icon) / 2.0, top, icon, icon), "drop", t.text);
    top += icon + 6;
    painter.setFont(ui::font(TextRole::body));
    painter.setPen(t.text);
    painter.drawText(QRect(8, top, width() - 16, line), Qt::AlignCenter, text());
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    painter.drawText(QRect(8, top + line + 2, width() - 16, 2 * line),
                     Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
                     HomePanel::tr("Ipsi says what it is and what it would do"));
  }
};

/// One line of "Open recent".
class RecentRow : public QAbstractButton {
 public:
  explicit RecentRow(HomeModel::Recent item) : item_(std::move(item)) {
    setText(item_.name);
    setAccessibleName(item_.name + ", " + item_.folder + ", " + item_.when);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setToolTip(item_.path);
  }
  [[nodiscard]] QSize sizeHint() const override { return {300, scaled(36)}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& t = Theme::current();
    QPainter painter(this);
    if (underMouse()) painter.fillRect(rect(), t.hover);
    painter.fillRect(0, height() - 1, width(), 1, t.hair);
    paintIcon(painter, QRectF(2, (height() - 15) / 2.0, 15, 15), "file", t.muted);
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    int right = width();
    for (const QString& words : {item_.when, item_.note}) {
      if (words.isEmpty()) continue;
      painter.drawText(QRect(0, 0, right, height()), Qt::AlignRight | Qt::AlignVCenter, words);
      right -= painter.fontMetrics().horizontalAdvance(words) + 40;
    }
    painter.setFont(ui::font(TextRole::body));
    painter.setPen(t.text);
    const int wide = painter.fontMetrics().horizontalAdvance(item_.name);
    painter.drawText(QRect(27, 0, wide, height()), Qt::AlignVCenter, item_.name);
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    const int left = 27 + wide + 10;
    painter.drawText(QRect(left, 0, right - left, height()), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(item_.folder, Qt::ElideMiddle, right - left));
  }

 private:
  HomeModel::Recent item_;
};

}  // namespace

HomePanel::HomePanel(Context& context, QWidget* parent) : QWidget(parent), model_(context) {
  setObjectName("home");
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->viewport()->setAutoFillBackground(false);
  outer->addWidget(scroll);
  auto* ground = new QWidget;
  scroll->setWidget(ground);
  ground->setAutoFillBackground(false);
  auto* centre = new QHBoxLayout(ground);
  centre->setContentsMargins(24, 40, 24, 24);
  auto* page = new QWidget;
  page_ = page;
  centre->addStretch(1);
  centre->addWidget(page, 100);
  centre->addStretch(1);

  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* heading = new Label(tr("Rate twelve regions, see the models move, print the map"), TextRole::heading);
  heading->setWordWrap(true);
  column->addWidget(heading);
  column->addSpacing(6);
  column->addWidget(
      new Label(tr("Begin with the sample study or with your own data. Everything stays on this computer."),
                TextRole::title, Tone::muted));
  column->addSpacing(24);
  auto* two = new QHBoxLayout;
  two->setSpacing(24);
  two->addWidget(sampleCard(), 58);
  two->addWidget(ways(), 40);
  column->addLayout(two);
  column->addSpacing(28);
  recent_title_ = new Label(tr("Open recent"), TextRole::strong);
  column->addWidget(recent_title_);
  column->addSpacing(4);
  recent_ = new QWidget;
  auto* list = new QVBoxLayout(recent_);
  list->setContentsMargins(0, 0, 0, 0);
  list->setSpacing(0);
  column->addWidget(recent_);
  column->addStretch(1);

  connect(&model_, &HomeModel::changed, this, &HomePanel::render);
  connect(&context.settings, &Settings::recentChanged, this, &HomePanel::renderRecent);
  connect(&model_, &HomeModel::sampleReady, this, [this](const QString& study) { emit studyWanted(study, "qc"); });
  const auto key = [this](const char* keys, auto run) {
    auto* shortcut = new QShortcut(QKeySequence(keys), this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, run);
  };
  key("F", [this] { chooseFolder(); });
  key("V", [this] { chooseTable(); });
  key("O", [this] { emit openWanted(); });
  fitText();
  render();
  renderRecent();
  setFocusProxy(open_sample_);
}

QWidget* HomePanel::sampleCard() {
  auto* card = new Card;
  auto* whole = new QVBoxLayout(card);
  whole->setContentsMargins(0, 1, 0, 0);
  whole->setSpacing(0);
  whole->addWidget(new SamplePicture, 1);
  auto* column = new QVBoxLayout;
  column->setContentsMargins(18, 14, 18, 18);
  column->setSpacing(6);
  whole->addLayout(column);
  column->addWidget(new Label(tr("Sample study"), TextRole::title_strong));
  sample_note_ = new Label({}, TextRole::body, Tone::muted);
  sample_note_->setWordWrap(true);
  column->addWidget(sample_note_);
  column->addSpacing(10);
  sample_row_ = new QBoxLayout(QBoxLayout::LeftToRight);
  sample_row_->setSpacing(8);
  open_sample_ = makeButton(tr("Open the sample study"), ButtonKind::primary_page);
  open_sample_->setObjectName("home.sample");
  sample_row_->addWidget(open_sample_, 0, Qt::AlignLeft);
  sample_row_->addStretch(1);
  auto* keys = new QHBoxLayout;
  keys->setSpacing(8);
  const std::pair<const char*, QString> rating[] = {
      {"A", tr("ok")}, {"S", tr("lesioned")}, {"D", tr("failed")}, {"Space", tr("next")}};
  for (const auto& [cap, word] : rating) {
    if (keys->count() > 0) keys->addSpacing(6);
    keys->addWidget(new KeyCap(cap));
    keys->addWidget(new Label(word));
  }
  keys->addStretch(1);
  sample_row_->addLayout(keys);
  column->addLayout(sample_row_);
  progress_ = new QWidget;
  auto* below = new QHBoxLayout(progress_);
  below->setContentsMargins(0, 10, 0, 0);
  below->setSpacing(12);
  auto* inner = new QVBoxLayout;
  inner->setSpacing(4);
  step_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  step_->setObjectName("home.step");
  bar_ = new QProgressBar;
  bar_->setTextVisible(false);
  bar_->setRange(0, 1000);
  bar_->setAccessibleName(tr("Making the sample study"));
  inner->addWidget(step_);
  inner->addWidget(bar_);
  auto* cancel = makeButton(tr("Cancel"), ButtonKind::compact);
  cancel->setObjectName("home.cancel");
  below->addLayout(inner, 1);
  below->addWidget(cancel);
  column->addWidget(progress_);
  connect(open_sample_, &QPushButton::clicked, this, [this] { model_.openSample(); });
  connect(cancel, &QPushButton::clicked, this, [this] { model_.cancelSample(); });
  return card;
}

QWidget* HomePanel::ways() {
  auto* box = new QWidget;
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(10);
  auto* folders =
      new Way("study", tr("Start from FreeSurfer folders"), tr("reads stats and labels, never writes there"), "F");
  auto* volumes =
      new Way("table", tr("Start from a volumes CSV"), tr("LandRvolumes.csv or any table with a header"), "V");
  auto* study = new Way("file", tr("Open a study"), ".ipsi", "O");
  auto* drop = new DropPlace;
  folders->setObjectName("home.freesurfer");
  volumes->setObjectName("home.volumes");
  study->setObjectName("home.open");
  drop->setObjectName("home.drop");
  for (QWidget* widget : std::initializer_list<QWidget*>{folders, volumes, study, drop}) column->addWidget(widget);
  connect(folders, &QAbstractButton::clicked, this, &HomePanel::chooseFolder);
  connect(volumes, &QAbstractButton::clicked, this, &HomePanel::chooseTable);
  connect(study, &QAbstractButton::clicked, this, &HomePanel::openWanted);
  connect(drop, &QAbstractButton::clicked, this, [this] {
    auto* dialog = new QFileDialog(this, tr("Choose files"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &HomePanel::filesWanted);
    dialog->open();
  });
  return box;
}

void HomePanel::chooseFolder() {
  auto* dialog = new QFileDialog(this, tr("Choose the folder of FreeSurfer subjects"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::filesSelected, this, &HomePanel::filesWanted);
  dialog->open();
}

void HomePanel::chooseTable() {
  auto* dialog = new QFileDialog(this, tr("Choose a table of volumes"), {},
                                 tr("Tables (*.csv *.tsv *.txt *.xlsx);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFiles);
  connect(dialog, &QFileDialog::filesSelected, this, &HomePanel::filesWanted);
  dialog->open();
}

void HomePanel::render() {
  const auto& state = model_.state();
  sample_note_->setText(state.sample_there || state.making
                            ? tr("Synthetic and labelled so: 828 people, 28 cohorts, scans for 24.")
                            : tr("Synthetic and labelled so: 828 people, 28 cohorts, scans for 24. It is made on this "
                                 "computer the first time."));
  open_sample_->setEnabled(!state.making);
  progress_->setVisible(state.making);
  bar_->setValue(static_cast<int>(1000 * state.fraction));
  step_->setText(state.step);
}

void HomePanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::StyleChange || event->type() == QEvent::ApplicationFontChange) fitText();
}

/// Large text: the keys go under the button, so that the ways to begin keep their words.
void HomePanel::fitText() {
  constexpr int kLarge = 120;
  if (page_ == nullptr || sample_row_ == nullptr) return;  // still being made
  page_->setMaximumWidth(scaled(kPageWidth));
  sample_row_->setDirection(Theme::text_percent() >= kLarge ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void HomePanel::renderRecent() {
  qDeleteAll(recent_->findChildren<RecentRow*>());
  const auto& recent = model_.state().recent;
  recent_title_->setVisible(!recent.empty());
  for (const auto& item : recent) {
    auto* row = new RecentRow(item);
    row->setObjectName("home.recent");
    recent_->layout()->addWidget(row);
    connect(row, &QAbstractButton::clicked, this, [this, path = item.path] { emit studyWanted(path, {}); });
  }
}

}  // namespace ipsi::ui
