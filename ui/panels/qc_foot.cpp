// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_foot.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/panels/qc_text.h"
#include "ui/panels/qc_tiles.h"

namespace ipsi::ui {
namespace {

constexpr int kLargePart = 587, kSmallPart = 413;  // the viewer's columns, so that the foot lies under them

}  // namespace

QcFoot::QcFoot(QcModel& model, QWidget* parent) : QWidget(parent), model_(model) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addLayout(flagColumn(), kLargePart);
  row->addLayout(historyColumn(), kSmallPart);
  connect(undo_, &QPushButton::clicked, this, [this] { model_.undo(); });
  connect(comment_, &QLineEdit::editingFinished, this, [this] {
    if (!asking_why_) model_.saveComment(comment_->text());
  });
  connect(comment_, &QLineEdit::returnPressed, this, [this] {
    const QString why = comment_->text();
    if (asking_why_ && why.trimmed().isEmpty()) return;
    const bool whole = asking_why_;
    if (whole) askWhy(false);
    emit done();
    if (whole) model_.failPerson(why);
  });
}

QLayout* QcFoot::flagColumn() {
  auto* column = new QVBoxLayout;
  column->setSpacing(3);
  auto* flag_row = new QHBoxLayout;
  flag_row->setSpacing(6);
  flag_icon_ = new FlagIcon(FlagSymbol::unrated);
  flag_text_ = new ElidedLabel;
  flag_text_->setObjectName("qc.flag");
  flag_row->addWidget(flag_icon_);
  flag_row->addWidget(flag_text_, 1);
  column->addLayout(flag_row);
  risk_ = new ElidedLabel({}, TextRole::small, Tone::muted);
  risk_->setObjectName("qc.risk");
  column->addWidget(risk_);
  comment_ = new QLineEdit;
  comment_->setObjectName("qc.comment");
  comment_->setFocusPolicy(Qt::ClickFocus);
  comment_->addAction(icon("comment"), QLineEdit::LeadingPosition);
  column->addWidget(comment_);
  column->addStretch(1);
  return column;
}

QLayout* QcFoot::historyColumn() {
  auto* column = new QVBoxLayout;
  column->setSpacing(2);
  for (auto& line : history_) line = new ElidedLabel({}, TextRole::small);
  history_[0]->setObjectName("qc.history");
  history_more_ = new Label({}, TextRole::small, Tone::muted);
  history_more_->hide();
  column->addWidget(history_[0]);
  auto* second = new QHBoxLayout;
  second->setSpacing(8);
  second->addWidget(history_[1], 1);
  second->addWidget(history_more_);
  column->addLayout(second);
  auto* last_row = new QHBoxLayout;
  last_row->setSpacing(6);
  last_icon_ = new FlagIcon(FlagSymbol::unrated);
  last_ = new ElidedLabel;
  last_->setObjectName("qc.last");
  undo_ = makeButton(tr("Undo"), ButtonKind::compact);
  undo_->setObjectName("qc.undo");
  undo_->setFocusPolicy(Qt::TabFocus);
  undo_key_ = new KeyCap("Z");
  last_row->addWidget(last_icon_);
  last_row->addWidget(last_, 1);
  last_row->addWidget(undo_);
  last_row->addWidget(undo_key_);
  column->addLayout(last_row);
  column->addStretch(1);
  return column;
}

void QcFoot::askWhy(bool ask) {
  asking_why_ = ask;
  const QString words = ask ? tr("Why does the whole person fail? Enter sets every region to failed, Esc leaves them")
                            : tr("Comment on this region (C; Enter saves, Esc leaves)");
  comment_->setPlaceholderText(words);
  comment_->setAccessibleName(words);
  const int region = std::max(model_.state().region, 0);
  comment_->setText(ask ? QString() : model_.state().tiles[static_cast<std::size_t>(region)].comment);
  if (ask) comment_->setFocus(Qt::ShortcutFocusReason);
}

void QcFoot::beginComment() {
  comment_->setFocus(Qt::ShortcutFocusReason);
  comment_->selectAll();
}

void QcFoot::leaveComment() {
  askWhy(false);
  emit done();
}

void QcFoot::render() {
  const auto& state = model_.state();
  const auto* person = model_.person();
  const bool some = person != nullptr && state.region >= 0;
  const auto& tile = state.tiles[static_cast<std::size_t>(std::max(state.region, 0))];
  // What was being written belongs to the region before, so it must not be saved on this one.
  const QString place = some ? person->id + '/' + person->rater + '/' + QString::number(state.region) : QString();
  if (place != shown_place_ && some) comment_->setText(tile.comment);
  shown_place_ = place;
  const bool open = tile.flag == QcFlag::unrated;
  flag_icon_->setSymbol(some ? qc_symbol(tile) : FlagSymbol::unrated);
  QString words = some ? tr("Flag: %1").arg(qc_word(tile.flag)) : QString();
  const QString proposed = some ? qc_suggestion_words(tile) : QString();
  if (!proposed.isEmpty() && open)
    words = proposed.left(1).toUpper() + proposed.mid(1);  // the dotted sign says that there is no flag yet
  else if (!proposed.isEmpty() && (tile.suggested != tile.flag || state.suggest == QcSuggest::after))
    words += ", " + proposed;
  else if (some && !std::isnan(tile.overlap))
    words += tr(", overlap %1 % of the region").arg(formatNumber(100 * tile.overlap, 0));
  if (some && !tile.others.isEmpty()) words += " (" + tile.others.join(", ") + ")";
  flag_text_->setText(words);
  // The reasons tell what a suggestion is made of: hidden with it.
  const bool hidden = state.suggest == QcSuggest::never || (state.suggest == QcSuggest::after && open);
  risk_->setText(some && !hidden ? qc_risk_words(tile) : QString());
  comment_->setEnabled(some);
  if (asking_why_ && !comment_->hasFocus()) askWhy(false);  // went elsewhere
  if (comment_->placeholderText().isEmpty()) askWhy(false);
  if (!comment_->hasFocus()) comment_->setText(tile.comment);
  renderHistory();
  last_->setText(state.last);
  last_icon_->setSymbol(qc_symbol(state.last_flag));
  last_icon_->setVisible(state.last_flag != QcFlag::unrated);
  undo_->setEnabled(state.can_undo);
}

void QcFoot::renderHistory() {
  const auto& events = model_.state().history;
  for (std::size_t i = 0; i < history_.size(); ++i) {
    QString line =
        i < events.size() ? QString("%1   %2   %3").arg(events[i].time, events[i].text, events[i].rater) : QString();
    if (i == 0 && events.empty()) line = tr("No flag on this region in the log");
    history_[i]->setText(line);
    history_[i]->setTone(events.empty() ? Tone::muted : Tone::text);
  }
  const int more = static_cast<int>(events.size()) - static_cast<int>(history_.size());
  history_more_->setVisible(more > 0);
  history_more_->setText(tr("%1 earlier").arg(more));
  QStringList all;
  for (const auto& event : events) all << QString("%1  %2  %3").arg(event.time, event.text, event.rater);
  history_more_->setToolTip(all.join('\n'));
  history_more_->setAccessibleDescription(all.join("; "));
}

}  // namespace ipsi::ui
