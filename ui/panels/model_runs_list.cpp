// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/model_runs_list.h"

#include <QKeyEvent>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace ipsi::ui {
namespace {

constexpr int kTime = Qt::UserRole, kStale = Qt::UserRole + 1;

/// Name left; the time, or "stale", right.
class RunDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {10, std::max(scaled(26), QFontMetrics(ui::font(TextRole::body)).height() + 8)};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Theme& t = Theme::current();
    const bool current = option.state.testFlag(QStyle::State_Selected);
    if (current) {
      painter->fillRect(option.rect, t.selection);
      painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), t.accent);
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
      painter->fillRect(option.rect, t.hover);
    }
    const bool stale = index.data(kStale).toBool();
    const QString time = stale ? ModelRunsList::tr("stale") : index.data(kTime).toString();
    painter->setFont(ui::font(TextRole::tiny));
    const int wide = painter->fontMetrics().horizontalAdvance(time) + (stale ? 14 : 0);
    QRect right(option.rect.right() - 10 - wide, option.rect.top(), wide, option.rect.height());
    if (stale) {
      const int tall = painter->fontMetrics().height() + 4;
      painter->setPen(Qt::NoPen);
      painter->setBrush(t.warning_bg);
      painter->setRenderHint(QPainter::Antialiasing);
      painter->drawRoundedRect(QRect(right.left(), right.center().y() - tall / 2, wide, tall), 3, 3);
    }
    painter->setPen(stale ? t.warning_text : t.muted);
    painter->drawText(right, Qt::AlignCenter, time);
    painter->setFont(ui::font(TextRole::body));
    painter->setPen(t.text);
    const QRect left = option.rect.adjusted(12, 0, -wide - 18, 0);
    painter->drawText(left, Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, left.width()));
  }
};

}  // namespace

ModelRunsList::ModelRunsList(ModelRuns& runs, QWidget* parent) : QWidget(parent), runs_(runs) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 8);
  column->setSpacing(4);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(12, 0, 12, 0);
  head->addWidget(new Label(tr("Runs"), TextRole::title_strong));
  head->addStretch(1);
  keep_ = makeButton(tr("Keep this run"), ButtonKind::link);
  keep_->setObjectName("model.keep");
  keep_->setToolTip(tr("Store the table with the study, to compare with later"));
  connect(keep_, &QPushButton::clicked, this, [this] { runs_.keep(); });
  head->addWidget(keep_);
  column->addLayout(head);
  hint_ = new Label(tr("None kept yet. A kept run says when flags or data have changed since."), TextRole::small,
                    Tone::muted);
  hint_->setWordWrap(true);
  hint_->setContentsMargins(12, 0, 12, 0);
  hint_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  column->addWidget(hint_, 1);
  problem_ = new Label({}, TextRole::small, Tone::error);
  problem_->setWordWrap(true);
  problem_->setContentsMargins(12, 0, 12, 0);
  column->addWidget(problem_);
  list_ = new QListWidget;
  list_->setObjectName("model.runs");
  list_->setAccessibleName(tr("Kept runs"));
  list_->setItemDelegate(new RunDelegate(list_));
  list_->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setMouseTracking(true);
  list_->setProperty("kind", "pane");
  list_->setProperty("focusRing", true);
  list_->installEventFilter(this);
  column->addWidget(list_, 1);
  connect(list_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
    const int row = list_->row(item);
    runs_.compare(row == runs_.state().compared ? -1 : row);
  });
  connect(list_, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
    if (!filling_) runs_.rename(list_->row(item), item->text());
  });
}

void ModelRunsList::render() {
  const auto& state = runs_.state();
  filling_ = true;
  const int focus = list_->currentRow();
  list_->clear();
  for (const auto& run : state.runs) {
    auto* item = new QListWidgetItem(run.name, list_);
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    item->setData(kTime, run.time);
    item->setData(kStale, run.stale);
    item->setToolTip(run.stale ? tr("%1\n%2\nPeople, volumes or flags have changed since.").arg(run.name, run.question)
                               : tr("%1\n%2").arg(run.name, run.question));
  }
  list_->setCurrentRow(state.compared >= 0 ? state.compared : std::min(focus, list_->count() - 1),
                       state.compared >= 0 ? QItemSelectionModel::ClearAndSelect : QItemSelectionModel::NoUpdate);
  hint_->setVisible(state.runs.empty());
  list_->setVisible(!state.runs.empty());
  problem_->setText(state.problem);
  problem_->setVisible(!state.problem.isEmpty());
  filling_ = false;
}

bool ModelRunsList::eventFilter(QObject* watched, QEvent* event) {
  if (watched == list_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Delete) {
      runs_.remove(list_->currentRow());
      return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
      const int row = list_->currentRow();
      runs_.compare(row == runs_.state().compared ? -1 : row);
      return true;
    }
    if (key == Qt::Key_Escape && runs_.state().compared >= 0) {
      runs_.compare(-1);
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace ipsi::ui
