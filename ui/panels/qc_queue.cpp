// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_queue.h"

#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

class Row : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {scaled(120),
            QFontMetrics(font(TextRole::body)).height() + QFontMetrics(font(TextRole::small)).height() + 10};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Theme& t = Theme::current();
    const QRect rect = option.rect;
    const bool current = (option.state & QStyle::State_Selected) != 0;
    painter->save();
    if (current)
      painter->fillRect(rect, t.selection);
    else if ((option.state & QStyle::State_MouseOver) != 0)
      painter->fillRect(rect, t.hover);
    if (current) painter->fillRect(rect.left(), rect.top(), 3, rect.height(), t.accent);
    painter->fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.hair);
    const int left = rect.left() + 12, wide = rect.width() - 24, rated = index.data(QcQueueModel::kRated).toInt();
    const QFontMetrics body(font(TextRole::body)), small(font(TextRole::small));
    const QRect first(left, rect.top() + 4, wide, body.height());
    const QString count = QString("%1 / 12").arg(rated);
    const int room = wide - body.horizontalAdvance(count) - 8;
    painter->setFont(font(current ? TextRole::strong : TextRole::body));
    painter->setPen(t.text);
    painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, room));
    painter->setFont(font(TextRole::body));
    painter->setPen(rated == 12 ? t.text : t.muted);
    painter->drawText(first, Qt::AlignRight | Qt::AlignVCenter, count);
    painter->setFont(font(TextRole::small));
    painter->setPen(t.muted);
    const QRect second(left, first.bottom() + 1, wide, small.height());
    painter->drawText(second, Qt::AlignLeft | Qt::AlignVCenter,
                      small.elidedText(index.data(QcQueueModel::kNote).toString(), Qt::ElideRight, wide));
    painter->restore();
  }
};

}  // namespace

void QcQueueModel::setState(const QcModel::State& state) {
  if (state.queue_version != version_ || state.queue.size() != people_.size()) {
    beginResetModel();
    people_ = state.queue;
    version_ = state.queue_version;
    endResetModel();
    return;
  }
  for (std::size_t i = 0; i < people_.size(); ++i) {
    if (people_[i].rated == state.queue[i].rated) continue;
    people_[i] = state.queue[i];
    const QModelIndex at = index(static_cast<int>(i));
    emit dataChanged(at, at);
  }
}

int QcQueueModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(people_.size());
}

QVariant QcQueueModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const auto& person = people_[static_cast<std::size_t>(index.row())];
  const QString note = person.scan ? person.cohort : tr("%1, no scan").arg(person.cohort);
  switch (role) {
    case Qt::DisplayRole: return person.id;
    case kRated: return person.rated;
    case kNote: return note;
    case Qt::AccessibleTextRole: return tr("%1, %2 of 12 regions rated, %3").arg(person.id).arg(person.rated).arg(note);
    default: return {};
  }
}

QcQueue::QcQueue(QWidget* parent) : QListView(parent), people_(new QcQueueModel(this)) {
  setObjectName("qc.queue");
  setAccessibleName(tr("Queue"));
  setModel(people_);
  setItemDelegate(new Row(this));
  setUniformItemSizes(true);
  setFrameShape(QFrame::NoFrame);
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollMode(ScrollPerPixel);
  viewport()->setAutoFillBackground(false);
  connect(selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& now) {
    if (!painting_ && now.isValid()) emit chosen(now.row());
  });
}

void QcQueue::setState(const QcModel::State& state) {
  painting_ = true;
  people_->setState(state);
  const QModelIndex at = people_->index(state.current);
  if (currentIndex() != at || !selectionModel()->isSelected(at)) {
    setCurrentIndex(at);
    if (at.isValid()) scrollTo(at);
  }
  painting_ = false;
}

void QcQueue::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) doItemsLayout();
  QListView::changeEvent(event);
}

}  // namespace ipsi::ui
