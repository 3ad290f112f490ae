// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_queue.h"

#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/panels/qc_text.h"
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
    const int left = rect.left() + 12, wide = rect.width() - 24;
    const bool done = index.data(QcQueueModel::kDone).toBool();
    const QFontMetrics body(font(TextRole::body)), small(font(TextRole::small));
    const QRect first(left, rect.top() + 4, wide, body.height());
    const QString count = index.data(QcQueueModel::kCount).toString();
    const int room = wide - body.horizontalAdvance(count) - 8;
    painter->setFont(font(current ? TextRole::strong : TextRole::body));
    painter->setPen(t.text);
    painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, room));
    painter->setFont(font(TextRole::body));
    painter->setPen(done ? t.text : t.muted);
    painter->drawText(first, Qt::AlignRight | Qt::AlignVCenter, count);
    painter->setFont(font(TextRole::small));
    painter->setPen(t.muted);
    const QRect second(left, first.bottom() + 1, wide, small.height());
    const QString risk = index.data(QcQueueModel::kRisk).toString();
    const int left_room = wide - (risk.isEmpty() ? 0 : small.horizontalAdvance(risk) + 8);
    painter->drawText(second, Qt::AlignLeft | Qt::AlignVCenter,
                      small.elidedText(index.data(QcQueueModel::kNote).toString(), Qt::ElideRight, left_room));
    painter->drawText(second, Qt::AlignRight | Qt::AlignVCenter, risk);
    painter->restore();
  }
};

}  // namespace

void QcQueueModel::setState(const QcModel::State& state) {
  const bool reasons = state.suggest == QcSuggest::before;
  if (state.queue_version != version_ || reasons != reasons_ || state.queue.size() != people_.size()) {
    beginResetModel();
    people_ = state.queue;
    version_ = state.queue_version;
    reasons_ = reasons;
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
  // What is worth a look first; the cohort where nothing is, and not for who is blind.
  QString note = reasons_ && !person.reason.isEmpty() ? qc_typeset(person.reason)
                 : person.name == person.id           ? person.cohort
                                                      : QString();
  if (!person.scan) note = note.isEmpty() ? tr("no scan") : tr("no scan, %1").arg(note);
  const QString risk = std::isnan(person.risk) ? QString() : formatNumber(person.risk, 2);
  switch (role) {
    case Qt::DisplayRole: return person.name;
    case kCount: return QString("%1 / %2").arg(person.rated).arg(person.of());
    case kDone: return person.done();
    case kNote: return note;
    case kRisk: return risk;
    case Qt::ToolTipRole:
      return risk.isEmpty() ? QVariant() : QVariant(tr("%1: risk %2, %3").arg(person.name, risk, note));
    case Qt::AccessibleTextRole:
      return tr("%1, %2 of %3 regions rated, %4, risk %5")
          .arg(person.name)
          .arg(person.rated)
          .arg(person.of())
          .arg(note, risk.isEmpty() ? tr("not known") : risk);
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
