// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_scores.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "ui/panels/study_table.h"

namespace ipsi::ui {

/// Scales as rows of a table.
class StudyScaleRows : public QAbstractTableModel {
 public:
  StudyScaleRows(const StudyModel& study, QObject* parent) : QAbstractTableModel(parent), study_(study) {}
  void refresh() {
    beginResetModel();
    endResetModel();
  }
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(study_.state().scales.size());
  }
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 9; }
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const auto& s = study_.state().scales[static_cast<std::size_t>(index.row())];
    const auto n = [](long long v) { return formatNumber(static_cast<double>(v), 0); };
    const std::array<QString, 9> cells{s.test,  s.min,    s.max, s.direction, s.unit, n(s.n), n(s.out_of_range),
                                       s.range, s.cohorts};
    switch (role) {
      case Qt::DisplayRole: return cells[static_cast<std::size_t>(index.column())];
      case Qt::ToolTipRole: return s.note;
      case Qt::AccessibleTextRole:
        return headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString() + ": " +
               cells[static_cast<std::size_t>(index.column())];
      case StudyCell::kNumber: return number(index.column());
      case StudyCell::kWarn: return index.column() == 6 && s.out_of_range > 0;
      case StudyCell::kMuted: return index.column() == 6 && s.out_of_range == 0;
      default: return {};
    }
  }
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
    if (orientation != Qt::Horizontal) return {};
    static const std::array<const char*, 9> kTitles{
        QT_TR_NOOP("Measure"),      QT_TR_NOOP("Min"),   QT_TR_NOOP("Max"),
        QT_TR_NOOP("Direction"),    QT_TR_NOOP("Unit"),  QT_TR_NOOP("n"),
        QT_TR_NOOP("Out of range"), QT_TR_NOOP("Found"), QT_TR_NOOP("Cohorts")};
    if (role == Qt::DisplayRole) return StudyScores::tr(kTitles[static_cast<std::size_t>(section)]);
    if (role == Qt::TextAlignmentRole)
      return QVariant((number(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
  }

 private:
  static bool number(int column) { return column == 1 || column == 2 || (column >= 5 && column != 7); }
  const StudyModel& study_;
};

StudyScores::StudyScores(StudyModel& study, QWidget* parent)
    : QWidget(parent), study_(study), rows_(new StudyScaleRows(study, this)), table_(new QTableView) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  table_->setObjectName("study.scales");
  table_->setAccessibleName(tr("Scales of the scores"));
  table_->setModel(rows_);
  style_table(*table_);
  column->addWidget(table_, 1);
  auto* form = new Pane(&Theme::window, Qt::TopEdge);
  form_ = form;
  auto* inside = new QVBoxLayout(form);
  inside->setContentsMargins(12, 10, 12, 12);
  inside->setSpacing(8);
  name_ = new Label({}, TextRole::strong);
  note_ = new Label({}, TextRole::small, Tone::muted);
  note_->setWordWrap(true);
  inside->addWidget(name_);
  inside->addWidget(note_);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(new Label(tr("Maximum used")));
  max_ = new QDoubleSpinBox;
  max_->setObjectName("study.scale.max");
  max_->setAccessibleName(tr("Maximum used"));
  max_->setRange(0, 100000);
  max_->setDecimals(1);
  max_->setLocale(QLocale::c());
  max_->setButtonSymbols(QAbstractSpinBox::NoButtons);
  max_->setFixedWidth(scaled(84));
  max_->setKeyboardTracking(true);
  row->addWidget(max_);
  better_ = new Segments({tr("High is better"), tr("Low is better")});
  better_->setAccessibleName(tr("Direction"));
  row->addWidget(better_);
  apply_ = makeButton(tr("Normalise again"));
  apply_->setObjectName("study.scale.apply");
  row->addWidget(apply_);
  outside_ = makeButton({}, ButtonKind::link);
  outside_->setObjectName("study.scale.outside");
  row->addWidget(outside_);
  row->addStretch(1);
  inside->addLayout(row);
  error_ = new Label({}, TextRole::small, Tone::error);
  error_->setWordWrap(true);
  inside->addWidget(error_);
  column->addWidget(form);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& now) {
    if (!painting_ && now.isValid()) study_.chooseScale(now.row());
  });
  const auto look = [this] {
    const auto& state = study_.state();
    if (state.scale < 0) return;
    const auto& s = state.scales[static_cast<std::size_t>(state.scale)];
    apply_->setEnabled(s.editable && !state.read_only &&
                       (max_->value() != s.max_value || (better_->current() == 0) != s.high));
  };
  connect(max_, &QDoubleSpinBox::valueChanged, this, look);
  connect(better_, &Segments::chosen, this, look);
  connect(apply_, &QPushButton::clicked, this, &StudyScores::apply);
  connect(outside_, &QPushButton::clicked, this, [this] { emit outOfRangeWanted(study_.state().scale); });
}

void StudyScores::apply() {
  study_.rescale(study_.state().scale, max_->value(), better_->current() == 0);
}

void StudyScores::refresh() {
  painting_ = true;
  const auto& state = study_.state();
  rows_->refresh();
  fit();
  const bool some = state.scale >= 0 && state.scale < static_cast<int>(state.scales.size());
  form_->setVisible(some);
  if (some) {
    const auto& s = state.scales[static_cast<std::size_t>(state.scale)];
    table_->setCurrentIndex(rows_->index(state.scale, 0));
    name_->setText(tr("%1: %2 scores of %3 people, fraction = %4")
                       .arg(s.test, formatNumber(static_cast<double>(s.n), 0),
                            formatNumber(static_cast<double>(s.people), 0),
                            !s.editable ? tr("against the other limb")
                            : s.high    ? tr("(x - %1) / (%2 - %1)").arg(s.min, s.max)
                                        : tr("1 - (x - %1) / (%2 - %1)").arg(s.min, s.max)));
    note_->setText(tr("%1Values are never clipped: outside the scale a score keeps its raw value and has no fraction.")
                       .arg(s.note.isEmpty() ? QString() : s.note + ". "));
    max_->setValue(s.editable ? s.max_value : 0);
    max_->setEnabled(s.editable && !state.read_only);
    better_->setCurrent(s.high ? 0 : 1);
    better_->setEnabled(s.editable && !state.read_only);
    apply_->setEnabled(false);
    outside_->setVisible(s.out_of_range > 0);
    outside_->setText(tr("%1 out of range").arg(s.out_of_range));
    error_->setText(state.scale_error);
    error_->setVisible(!state.scale_error.isEmpty());
  }
  painting_ = false;
}

void StudyScores::fit() {
  const QFontMetrics numbers(ui::font(TextRole::number)), words(ui::font(TextRole::strong));
  table_->verticalHeader()->setDefaultSectionSize(std::max(24, QFontMetrics(ui::font(TextRole::body)).height() + 8));
  const std::array<int, 9> chars{10, 4, 4, 13, 6, 5, 8, 9, 5};
  int used = 0;
  std::array<int, 9> widths{};
  for (std::size_t c = 0; c < chars.size(); ++c) {
    const QString head = rows_->headerData(static_cast<int>(c), Qt::Horizontal, Qt::DisplayRole).toString();
    widths[c] = std::max(numbers.horizontalAdvance('0') * chars[c] + 16, words.horizontalAdvance(head) + 18);
    used += widths[c];
  }
  const int room = table_->viewport()->width() - used;
  widths[0] += std::max(room / 2, 0);
  widths[3] += std::max(room / 2, 0);
  for (std::size_t c = 0; c < widths.size(); ++c) table_->setColumnWidth(static_cast<int>(c), widths[c]);
}

void StudyScores::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}

void StudyScores::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) {
    max_->setFixedWidth(scaled(84));
    fit();
  }
}

}  // namespace ipsi::ui
