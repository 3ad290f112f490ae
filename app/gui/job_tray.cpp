// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/job_tray.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>
#include <cmath>
#include <set>

namespace ipsi::gui {

QString time_left(double seconds) {
  if (seconds < 0) return {};
  if (seconds < 90) return JobTray::tr("%1 s left").arg(std::max(1, static_cast<int>(std::lround(seconds))));
  return JobTray::tr("%1 min left").arg(static_cast<int>(std::lround(seconds / 60)));
}

JobTray::JobTray(ui::Jobs& jobs, QWidget* parent) : QWidget(parent), jobs_(jobs) {
  setObjectName("jobs.tray");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(10);
  none_ = new ui::Label(tr("Nothing is running. Fits, imports and exports show here."), ui::TextRole::body,
                        ui::Tone::muted);
  none_->setWordWrap(true);
  column->addWidget(none_);
  connect(&jobs, &ui::Jobs::changed, this, [this] {
    if (isVisible()) render();
  });
  parent->installEventFilter(this);
  hide();
}

void JobTray::toggle(const QWidget*) {
  if (isVisible()) {
    hide();
    return;
  }
  render();
  show();
  raise();
  place();
  setFocus();
}

void JobTray::place() {
  layout()->activate();
  const int width = std::min(ui::scaled(380), parentWidget()->width() - 24);
  const int height = std::max(layout()->heightForWidth(width), sizeHint().height());
  setGeometry(parentWidget()->width() - width - 12, 46, width, std::min(height, parentWidget()->height() - 90));
}

JobTray::Row& JobTray::row(qint64 id) {
  Row& r = rows_[id];
  if (r.box != nullptr) return r;
  r.box = new QWidget;
  auto* across = new QHBoxLayout(r.box);
  across->setContentsMargins(0, 0, 0, 0);
  across->setSpacing(12);
  auto* column = new QVBoxLayout;
  column->setSpacing(4);
  auto* top = new QHBoxLayout;
  r.title = new ui::ElidedLabel({}, ui::TextRole::small);
  r.time = new ui::Label({}, ui::TextRole::small, ui::Tone::muted);
  top->addWidget(r.title, 1);
  top->addWidget(r.time);
  r.bar = new QProgressBar;
  r.bar->setTextVisible(false);
  r.bar->setRange(0, 1000);
  r.what = new ui::ElidedLabel({}, ui::TextRole::tiny, ui::Tone::muted);
  column->addLayout(top);
  column->addWidget(r.bar);
  column->addWidget(r.what);
  r.button = ui::makeButton(tr("Cancel"), ui::ButtonKind::compact);
  r.button->setObjectName(QString("jobs.cancel.%1").arg(id));
  across->addLayout(column, 1);
  across->addWidget(r.button);
  layout()->addWidget(r.box);
  connect(r.button, &QPushButton::clicked, this, [this, id] {
    for (const auto& job : jobs_.list())
      if (job.id == id) {
        if (job.state == ui::Jobs::State::failed)
          jobs_.dismiss(id);
        else
          jobs_.cancel(id);
        return;
      }
  });
  return r;
}

void JobTray::render() {
  const auto list = jobs_.list();
  std::set<qint64> there;
  for (const auto& job : list) {
    there.insert(job.id);
    Row& r = row(job.id);
    const bool failed = job.state == ui::Jobs::State::failed;
    r.title->setText(job.title);
    r.bar->setVisible(!failed);
    r.bar->setValue(static_cast<int>(1000 * job.fraction));
    r.bar->setAccessibleName(job.title);
    r.what->setText(failed ? job.error : job.what);
    r.what->setTone(failed ? ui::Tone::error : ui::Tone::muted);
    r.button->setText(failed ? tr("Close") : tr("Cancel"));
    r.button->setEnabled(job.state != ui::Jobs::State::stopping);
    switch (job.state) {
      case ui::Jobs::State::waiting: r.time->setText(tr("waiting")); break;
      case ui::Jobs::State::stopping: r.time->setText(tr("stopping")); break;
      case ui::Jobs::State::failed: r.time->setText(tr("failed")); break;
      default: r.time->setText(time_left(job.seconds_left));
    }
  }
  for (auto it = rows_.begin(); it != rows_.end();) {
    if (there.count(it->first) == 0) {
      it->second.box->deleteLater();
      it->second.box->hide();
      it = rows_.erase(it);
    } else {
      ++it;
    }
  }
  none_->setVisible(list.empty());
  if (isVisible()) place();
}

bool JobTray::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize && isVisible()) place();
  if (event->type() == QEvent::MouseButtonPress && isVisible()) hide();
  return QWidget::eventFilter(watched, event);
}

void JobTray::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape)
    hide();
  else
    QWidget::keyPressEvent(event);
}

void JobTray::paintEvent(QPaintEvent*) {
  const auto& t = ui::Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(t.control, 1));
  painter.setBrush(t.raised);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

}  // namespace ipsi::gui
