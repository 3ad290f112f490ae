// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/command_palette.h"

#include <QEvent>
#include <QKeyEvent>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "ui/widgets/controls.h"

namespace ipsi::gui {
namespace {

constexpr int kDetail = Qt::UserRole;
constexpr int kShortcut = Qt::UserRole + 1;
constexpr int kEnabled = Qt::UserRole + 2;
constexpr int kVisibleRows = 11;

class Lines : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const auto& t = ui::Theme::current();
    const QRect& r = option.rect;
    const bool current = option.state.testFlag(QStyle::State_Selected);
    if (current || option.state.testFlag(QStyle::State_MouseOver)) {
      painter->fillRect(r, current ? t.selection : t.hover);
      if (current) painter->fillRect(QRect(r.left(), r.top(), 3, r.height()), t.accent);
    }
    int right = r.right() - 12;
    const QString keys = index.data(kShortcut).toString();
    if (!keys.isEmpty()) {
      right -= ui::keyCapWidth(keys);
      ui::paintKeyCap(*painter, right, r.center().y() + 1, keys);
      right -= 12;
    }
    painter->setFont(ui::font(ui::TextRole::small));
    painter->setPen(t.muted);
    const QString detail = index.data(kDetail).toString();
    if (!detail.isEmpty()) {
      painter->drawText(QRect(r.left(), r.top(), right - r.left(), r.height()), Qt::AlignRight | Qt::AlignVCenter,
                        detail);
      right -= painter->fontMetrics().horizontalAdvance(detail) + 12;
    }
    painter->setFont(ui::font(ui::TextRole::body));
    painter->setPen(index.data(kEnabled).toBool() ? t.text : t.muted);
    const QRect line(r.left() + 14, r.top(), right - r.left() - 14, r.height());
    painter->drawText(line, Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, line.width()));
  }
  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, ui::scaled(28)}; }
};

}  // namespace

CommandPalette::CommandPalette(ui::Context& context, QWidget* parent) : QWidget(parent), context_(context) {
  setObjectName("palette");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  column->setSpacing(6);
  typed_ = new QLineEdit;
  typed_->setObjectName("palette.typed");
  typed_->setPlaceholderText(tr("Subject, region or command"));
  typed_->setAccessibleName(tr("Search commands, subjects and regions"));
  list_ = new QListView;
  list_->setObjectName("palette.list");
  list_->setModel(&model_);
  list_->setItemDelegate(new Lines(list_));
  list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setMouseTracking(true);
  list_->setUniformItemSizes(true);
  column->addWidget(typed_);
  column->addWidget(list_, 1);
  connect(typed_, &QLineEdit::textChanged, this, &CommandPalette::refill);
  connect(typed_, &QLineEdit::returnPressed, this, &CommandPalette::runCurrent);
  connect(list_, &QListView::clicked, this, &CommandPalette::runCurrent);
  typed_->installEventFilter(this);
  parent->installEventFilter(this);
  hide();
}

void CommandPalette::open(const QString& workspace) {
  workspace_ = workspace;
  before_ = window()->focusWidget();
  typed_->clear();
  refill();
  place();
  show();
  raise();
  typed_->setFocus();
}

void CommandPalette::place() {
  const int width = std::min(ui::scaled(560), parentWidget()->width() - 48);
  const int row = ui::scaled(28);  // whole rows only
  const int around = typed_->sizeHint().height() + layout()->contentsMargins().top() +
                     layout()->contentsMargins().bottom() + layout()->spacing();
  const int rows = std::clamp((parentWidget()->height() - 96 - around) / row, 3, kVisibleRows);
  const int height = around + rows * row;
  setGeometry((parentWidget()->width() - width) / 2, 48, width, height);
}

void CommandPalette::refill() {
  entries_ = ui::palette_entries(context_, workspace_, typed_->text());
  model_.clear();
  for (const auto& entry : entries_) {
    auto* item = new QStandardItem(entry.title);
    item->setData(entry.detail, kDetail);
    item->setData(entry.shortcut, kShortcut);
    item->setData(entry.enabled, kEnabled);
    item->setAccessibleText(entry.shortcut.isEmpty() ? entry.title : entry.title + ", " + entry.shortcut);
    model_.appendRow(item);
  }
  if (entries_.empty()) {
    auto* none = new QStandardItem(tr("Nothing is called “%1”").arg(typed_->text()));
    none->setData(false, kEnabled);
    none->setSelectable(false);
    model_.appendRow(none);
  }
  list_->setCurrentIndex(model_.index(0, 0));
}

void CommandPalette::runCurrent() {
  const int row = list_->currentIndex().row();
  if (row < 0 || row >= static_cast<int>(entries_.size())) return;
  const auto entry = entries_[static_cast<std::size_t>(row)];
  if (!entry.enabled) return;
  hide();
  if (before_) before_->setFocus();
  entry.run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) place();
  if (watched != typed_) return QWidget::eventFilter(watched, event);
  if (event->type() == QEvent::FocusOut && isVisible()) {
    hide();
  } else if (event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    int step = 0;
    if (key->key() == Qt::Key_Escape) {
      hide();
      if (before_) before_->setFocus();
      return true;
    }
    if (key->key() == Qt::Key_Down) step = 1;
    if (key->key() == Qt::Key_Up) step = -1;
    if (key->key() == Qt::Key_PageDown) step = kVisibleRows;
    if (key->key() == Qt::Key_PageUp) step = -kVisibleRows;
    if (step != 0 && model_.rowCount() > 0) {
      const int row = std::clamp(list_->currentIndex().row() + step, 0, model_.rowCount() - 1);
      list_->setCurrentIndex(model_.index(row, 0));
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

void CommandPalette::paintEvent(QPaintEvent*) {
  const auto& t = ui::Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(t.control, 1));
  painter.setBrush(t.raised);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

}  // namespace ipsi::gui
