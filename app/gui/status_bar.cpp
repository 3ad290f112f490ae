// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/status_bar.h"

#include <unistd.h>

#include <QAbstractButton>
#include <QFile>
#include <QHBoxLayout>

namespace ipsi::gui {
namespace {

constexpr int kMemoryEvery = 2000;  // ms
constexpr double kMega = 1024.0 * 1024.0;

class SmallIcon : public QWidget {
 public:
  explicit SmallIcon(QString name) : name_(std::move(name)) { setFixedSize(14, 14); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    ui::paintIcon(painter, rect(), name_, ui::Theme::current().muted);
  }

 private:
  QString name_;
};

}  // namespace

qint64 resident_bytes() {
  QFile file("/proc/self/statm");
  if (!file.open(QIODevice::ReadOnly)) return 0;
  const auto fields = file.readAll().split(' ');
  return fields.size() > 1 ? fields[1].toLongLong() * static_cast<qint64>(::sysconf(_SC_PAGESIZE)) : 0;
}

ConventionBadge::ConventionBadge(ui::Settings& settings, QWidget* parent)
    : QAbstractButton(parent), settings_(settings) {
  setObjectName("status.convention");
  setFocusPolicy(Qt::TabFocus);
  connect(this, &QAbstractButton::clicked, this, [this] { settings_.setRadiological(!settings_.radiological()); });
  connect(&settings, &ui::Settings::conventionChanged, this, &ConventionBadge::render);
  render();
}

void ConventionBadge::setBySide(bool by_side) {
  by_side_ = by_side;
  setEnabled(!by_side);
  render();
}

void ConventionBadge::render() {
  if (by_side_) {
    setText(tr("Ipsi / contra: right of picture = ipsilesional"));
    setToolTip(tr("The map shows the side of the lesion, not left and right"));
  } else {
    setText(settings_.radiological() ? tr("Radiological: left of picture = right of patient")
                                     : tr("Neurological: left of picture = left of patient"));
    setToolTip(tr("Press to change the convention of all slices"));
  }
  setAccessibleName(text());
  updateGeometry();
  update();
}

QSize ConventionBadge::sizeHint() const {
  return {QFontMetrics(ui::font(ui::TextRole::small)).horizontalAdvance(text()) + ui::scaled(34) + 20, ui::scaled(24)};
}

void ConventionBadge::paintEvent(QPaintEvent*) {
  const auto& t = ui::Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (underMouse()) painter.fillRect(rect(), t.hover);
  const int half = ui::scaled(17), tall = ui::scaled(16);
  const QRectF box(0.5, (height() - tall) / 2 + 0.5, 2 * half - 1, tall - 1);
  painter.setPen(QPen(t.control, 1));
  painter.setBrush(t.surface);
  painter.drawRoundedRect(box, 3, 3);
  painter.drawLine(QPointF(half, box.top()), QPointF(half, box.bottom()));
  QFont strong = ui::font(ui::TextRole::tiny);
  strong.setWeight(QFont::DemiBold);
  painter.setFont(strong);
  painter.setPen(t.text);
  const bool radiological = settings_.radiological();
  painter.drawText(QRectF(0, box.top(), half, tall), Qt::AlignCenter, by_side_ ? "C" : radiological ? "R" : "L");
  painter.drawText(QRectF(half, box.top(), half, tall), Qt::AlignCenter, by_side_ ? "I" : radiological ? "L" : "R");
  painter.setFont(ui::font(ui::TextRole::small));
  painter.drawText(QRect(2 * half + 6, 0, width() - 2 * half, height()), Qt::AlignVCenter, text());
}

StatusBar::StatusBar(ui::Context& context, QWidget* parent)
    : Pane(&ui::Theme::window, Qt::TopEdge, parent), context_(context) {
  using ui::Label;
  using ui::TextRole;
  using ui::Tone;
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 1, 12, 0);
  row->setSpacing(0);
  const auto line = [] { return new ui::Line(Qt::Vertical); };
  convention_ = new ConventionBadge(context.settings);
  row->addWidget(convention_);
  row->addWidget(line());

  flags_ = new QWidget;
  auto* counts = new QHBoxLayout(flags_);
  counts->setContentsMargins(12, 0, 0, 0);
  counts->setSpacing(6);
  done_ = new Label({}, TextRole::small);
  left_ = new Label({}, TextRole::small);
  done_->setObjectName("status.done");
  left_->setObjectName("status.left");
  counts->addWidget(new Label(tr("Flags"), TextRole::small, Tone::muted));
  counts->addWidget(done_);
  counts->addWidget(new Label(tr("done"), TextRole::small, Tone::muted));
  counts->addWidget(left_);
  counts->addWidget(new Label(tr("left"), TextRole::small, Tone::muted));
  counts->addSpacing(6);
  counts->addWidget(line());
  row->addWidget(flags_);

  shared_ = new QWidget;
  auto* sharing = new QHBoxLayout(shared_);
  sharing->setContentsMargins(12, 0, 0, 0);
  sharing->setSpacing(12);
  shared_note_ = new Label({}, TextRole::small);
  shared_note_->setObjectName("status.shared");
  sharing->addWidget(shared_note_);
  sharing->addWidget(line());
  row->addWidget(shared_);
  row->addStretch(1);

  tick_ = new SmallIcon("check");
  saved_ = new Label({}, TextRole::small);
  saved_->setObjectName("status.saved");
  memory_ = new Label({}, TextRole::small, Tone::muted);
  memory_->setObjectName("status.memory");
  row->addWidget(tick_);
  row->addSpacing(6);
  row->addWidget(saved_);
  row->addSpacing(12);
  row->addWidget(line());
  row->addSpacing(12);
  row->addWidget(memory_);
  setMinimumHeight(26);

  connect(&context.session, &ui::StudySession::opened, this, [this] {
    render();
    renderMemory();
  });
  connect(&context.session, &ui::StudySession::stateChanged, this, &StatusBar::render);
  timer_.setInterval(kMemoryEvery);
  connect(&timer_, &QTimer::timeout, this, &StatusBar::renderMemory);
  timer_.start();
  render();
  renderMemory();
}

void StatusBar::render() {
  const auto& session = context_.session;
  flags_->setVisible(session.isOpen());
  const auto counts = session.flagCounts();
  done_->setText(ui::formatNumber(counts.done, 0));
  left_->setText(ui::formatNumber(counts.left, 0));
  shared_->setVisible(session.isShared());
  shared_note_->setText(session.sharedNote());
  shared_note_->setToolTip(session.sharedDetails());
  shared_note_->setAccessibleDescription(session.sharedDetails());
  QString text;
  const bool unsaved = session.unsaved() > 0;
  if (unsaved)
    text = tr("not saved");
  else if (session.readOnly())
    text = tr("read-only: %1").arg(session.readOnlyReason());
  else if (!session.savedAt().isEmpty())
    text = tr("saved %1").arg(session.savedAt());
  else if (session.isOpen())
    text = tr("all saved");
  saved_->setText(text);
  saved_->setTone(unsaved ? ui::Tone::error : ui::Tone::text);
  tick_->setVisible(session.isOpen() && !unsaved && !session.readOnly());
}

void StatusBar::renderMemory() {
  memory_->setText(tr("Memory %1 MB").arg(ui::formatNumber(static_cast<double>(resident_bytes()) / kMega, 0)));
}

}  // namespace ipsi::gui
