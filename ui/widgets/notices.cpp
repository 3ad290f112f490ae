// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/notices.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>

namespace ipsi::ui {
namespace {
constexpr int kToastMilliseconds = 6000;

/// A label in the banner's own text colour.
template <class L>
class OnBanner : public L {
 public:
  using L::L;

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setPen(Theme::current().banner_text);
    painter.drawText(this->rect(), static_cast<int>(Qt::AlignVCenter | Qt::TextSingleLine),
                     this->fontMetrics().elidedText(this->text(), Qt::ElideMiddle, this->width()));
  }
};

class BannerIcon : public QWidget {
 public:
  BannerIcon() { setFixedSize(16, 16); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    paintIcon(painter, rect(), "warning", Theme::current().banner_text);
  }
};
}  // namespace

Banner::Banner(QWidget* parent) : QWidget(parent) {
  setObjectName("shell.banner");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 4, 12, 4);
  row->setSpacing(8);
  title_ = new OnBanner<Label>(QString(), TextRole::strong);
  text_ = new OnBanner<ElidedLabel>();
  text_->setObjectName("shell.banner.text");
  title_->setObjectName("shell.banner.title");
  action_ = makeButton({}, ButtonKind::banner);
  action_->setObjectName("shell.banner.action");
  row->addWidget(new BannerIcon);
  row->addWidget(title_);
  row->addWidget(text_, 1);
  row->addWidget(action_);
  setMinimumHeight(34);
  connect(action_, &QPushButton::clicked, this, &Banner::pressed);
  hide();
}

void Banner::show(const QString& title, const QString& text, const QString& action) {
  title_->setText(title);
  text_->setText(text);
  action_->setText(action);
  action_->setVisible(!action.isEmpty());
  setAccessibleName(title + ". " + text);
  setVisible(!title.isEmpty());
}

void Banner::paintEvent(QPaintEvent*) {
  QPainter(this).fillRect(rect(), Theme::current().banner);
}

Toast::Toast(QWidget* parent) : QWidget(parent) {
  setObjectName("shell.toast");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(14, 4, 6, 4);
  row->setSpacing(8);
  text_ = new ElidedLabel;
  text_->setObjectName("shell.toast.text");
  action_ = makeButton({}, ButtonKind::compact);
  action_->setObjectName("shell.toast.action");
  key_ = new KeyCap({});
  row->addWidget(text_, 1);
  row->addSpacing(8);
  row->addWidget(key_);
  row->addWidget(action_);
  timer_.setSingleShot(true);
  timer_.setInterval(kToastMilliseconds);
  connect(&timer_, &QTimer::timeout, this, &QWidget::hide);
  connect(action_, &QPushButton::clicked, this, [this] {
    hide();
    if (run_) run_();
  });
  parent->installEventFilter(this);
  QWidget::hide();
}

void Toast::show(const QString& text, const QString& action, const QString& key, std::function<void()> run) {
  run_ = std::move(run);
  text_->setText(text);
  setAccessibleName(text);
  action_->setText(action);
  action_->setVisible(!action.isEmpty());
  key_->setKey(key);
  key_->setVisible(!key.isEmpty());
  place();
  QWidget::show();
  raise();
  timer_.start();
}

void Toast::place() {
  layout()->activate();
  const QSize room = parentWidget()->size();
  const QSize wanted = sizeHint().expandedTo(QSize(200, 38));
  const int width = std::min(wanted.width() + 8, room.width() - 24);
  setGeometry((room.width() - width) / 2, room.height() - wanted.height() - 16, width, wanted.height());
}

bool Toast::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize && isVisible()) place();
  return QWidget::eventFilter(watched, event);
}
void Toast::enterEvent(QEnterEvent* event) {
  timer_.stop();
  QWidget::enterEvent(event);
}
void Toast::leaveEvent(QEvent* event) {
  timer_.start();
  QWidget::leaveEvent(event);
}
void Toast::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(t.control, 1));
  painter.setBrush(t.raised);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

QuestionBar::QuestionBar(QWidget* parent) : QWidget(parent) {
  setObjectName("shell.question");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 6, 12, 6);
  row->setSpacing(8);
  title_ = new Label({}, TextRole::strong);
  text_ = new Label({}, TextRole::body, Tone::muted);
  text_->setWordWrap(true);
  buttons_ = new QWidget;
  auto* inner = new QHBoxLayout(buttons_);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(8);
  row->addWidget(title_);
  row->addWidget(text_, 1);
  row->addWidget(buttons_);
  QWidget::hide();
}

void QuestionBar::ask(const QString& title, const QString& text, std::vector<Answer> answers) {
  answers_ = std::move(answers);
  title_->setText(title);
  text_->setText(text);
  setAccessibleName(title + ". " + text);
  qDeleteAll(buttons_->findChildren<QPushButton*>(QString(), Qt::FindDirectChildrenOnly));
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    auto* button = makeButton(answers_[i].text);
    button->setObjectName(QString("shell.question.%1").arg(i));
    buttons_->layout()->addWidget(button);
    connect(
        button, &QPushButton::clicked, this, [this, i] { answer(i); }, Qt::QueuedConnection);
    if (i + 1 == answers_.size()) button->setFocus();
  }
  show();
  if (auto* last = buttons_->findChild<QPushButton*>(QString("shell.question.%1").arg(answers_.size() - 1)))
    last->setFocus(Qt::OtherFocusReason);
}

void QuestionBar::dismiss() {
  answers_.clear();
  hide();
}

void QuestionBar::answer(std::size_t index) {
  if (index >= answers_.size()) return;
  const auto run = answers_[index].run;
  dismiss();
  if (run) run();
}

void QuestionBar::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && !answers_.empty())
    answer(answers_.size() - 1);
  else
    QWidget::keyPressEvent(event);
}

void QuestionBar::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.fillRect(rect(), t.raised);
  painter.fillRect(0, height() - 1, width(), 1, t.control);
}

}  // namespace ipsi::ui
