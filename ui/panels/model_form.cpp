// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/model_form.h"

#include <QGridLayout>
#include <QSignalBlocker>
#include <QStyle>
#include <algorithm>

namespace ipsi::ui {
namespace {

constexpr int kTypingPause = 350;  // ms after the last key
constexpr int kHalf = 98;          // px of half the pane

void fill(QComboBox* box, const std::vector<ModelAnalysis::Choice>& choices, const QString& none,
          const QString& current) {
  const QSignalBlocker quiet(box);
  box->clear();
  if (!none.isEmpty()) box->addItem(none, QString());
  for (const auto& choice : choices) box->addItem(choice.title, choice.column);
  if (!current.isEmpty() && box->findData(current) < 0)
    box->addItem(ModelAnalysis::titleOf(current), current);  // named in the formula
  box->setCurrentIndex(std::max(0, box->findData(current)));
}

}  // namespace

ModelForm::ModelForm(ModelAnalysis& model, QWidget* parent) : QWidget(parent), model_(model) {
  column_ = new QVBoxLayout(this);
  column_->setContentsMargins(12, 6, 12, 8);
  column_->setSpacing(4);
  analysis_ = combo("model.analysis", tr("Subgroup"));
  outcome_ = new QVBoxLayout;
  outcome_->setSpacing(4);
  column_->addLayout(outcome_);
  predictor_ = combo("model.predictor", tr("Predictor"));
  auto* halves = new QHBoxLayout;
  halves->setSpacing(8);
  QVBoxLayout* whole = column_;
  for (int i = 0; i < 2; ++i) {
    column_ = new QVBoxLayout;
    column_->setSpacing(4);
    halves->addLayout(column_, i == 0 ? 4 : 5);
    (i == 0 ? interaction_ : group_) =
        i == 0 ? combo("model.interaction", tr("Interaction")) : combo("model.group", tr("Random intercept"));
  }
  column_ = whole;
  column_->addLayout(halves);
  column_->addWidget(new Label(tr("Covariates"), TextRole::small, Tone::muted));
  covariates_ = new QWidget;
  auto* boxes = new QGridLayout(covariates_);
  boxes->setContentsMargins(0, 0, 0, 0);
  boxes->setSpacing(4);
  column_->addWidget(covariates_);
  column_->addSpacing(6);
  ratings_ = combo("model.ratings", tr("Flags from"));
  disclose_ = makeButton({}, ButtonKind::link);
  disclose_->setObjectName("model.options");
  disclose_->setCheckable(true);
  column_->addWidget(disclose_);
  options_ = new QWidget;
  options_->hide();
  more_ = new QVBoxLayout(options_);
  more_->setContentsMargins(0, 0, 0, 0);
  more_->setSpacing(4);
  column_->addWidget(options_);
  column_->addSpacing(4);
  auto* caption = new Label(tr("Formula"), TextRole::small, Tone::muted);
  column_->addWidget(caption);
  formula_ = new QPlainTextEdit;
  formula_->setObjectName("model.formula");
  formula_->setMinimumWidth(1);
  formula_->setAccessibleName(tr("Formula"));
  formula_->setFont(ui::font(TextRole::fixed));
  formula_->setTabChangesFocus(true);
  formula_->setFixedHeight(scaled(68));
  formula_->setProperty("focusRing", true);
  column_->addWidget(formula_);
  problem_ = new Label({}, TextRole::small, Tone::error);
  problem_->setObjectName("model.problem");
  problem_->setWordWrap(true);
  column_->addWidget(problem_);
  column_->addStretch(1);

  typing_.setSingleShot(true);
  typing_.setInterval(kTypingPause);
  connect(&typing_, &QTimer::timeout, this, [this] { model_.setText(formula_->toPlainText()); });
  connect(formula_, &QPlainTextEdit::textChanged, this, [this] { typing_.start(); });
  connect(disclose_, &QPushButton::toggled, options_, &QWidget::setVisible);
  connect(analysis_, &QComboBox::activated, this, [this](int index) {
    const bool all = index == static_cast<int>(model_.state().columns.size());
    emit sideBySideWanted(all);
    if (!all) model_.chooseAnalysis(index);
  });
  connect(predictor_, &QComboBox::activated, this,
          [this] { model_.setPredictor(predictor_->currentData().toString()); });
  connect(interaction_, &QComboBox::activated, this,
          [this] { model_.setInteraction(interaction_->currentData().toString()); });
  connect(ratings_, &QComboBox::activated, this, [this] { model_.setRatings(ratings_->currentData().toString()); });
  connect(group_, &QComboBox::activated, this, [this] { model_.setGroup(group_->currentData().toString()); });
}

QWidget* ModelForm::optionField(const ModelAnalysis::Option& option) {
  QWidget* field = nullptr;
  if (option.choices.empty()) {
    auto* number = new QDoubleSpinBox;
    number->setDecimals(3);
    number->setRange(option.low, option.high);
    number->setSingleStep(0.01);
    number->setKeyboardTracking(false);
    connect(number, &QDoubleSpinBox::valueChanged, this,
            [this, key = option.key](double value) { model_.setOption(key, value); });
    field = number;
  } else {
    auto* box = new QComboBox;
    for (const auto& choice : option.choices) box->addItem(choice.title, choice.column);
    box->setMinimumContentsLength(12);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(box, &QComboBox::activated, this,
            [this, box, key = option.key] { model_.setOption(key, box->currentData()); });
    field = box;
  }
  field->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  field->setMinimumWidth(1);
  field->setObjectName("model.option." + option.key);
  field->setAccessibleName(option.title);
  field->setToolTip(option.help);
  return field;
}

void ModelForm::makeOptions() {
  for (const auto& option : model_.state().options) {
    // The scale decides what the numbers are, so it stands with the variables; the rest waits behind one line.
    QVBoxLayout* place = option.key == "scale" ? outcome_ : more_;
    auto* caption = new Label(option.title, TextRole::small, Tone::muted);
    fields_[option.key] = optionField(option);
    caption->setBuddy(fields_[option.key]);
    place->addWidget(caption);
    place->addWidget(fields_[option.key]);
    place->addSpacing(6);
  }
}

void ModelForm::renderOptions() {
  if (fields_.empty()) makeOptions();
  QStringList words;
  for (const auto& option : model_.state().options) {
    QWidget* field = fields_[option.key];
    const QSignalBlocker quiet(field);
    field->setEnabled(model_.state().open);
    if (auto* number = qobject_cast<QDoubleSpinBox*>(field)) {
      number->setValue(option.value.toDouble());
      words << option.title.toLower() + ' ' + QString::number(option.value.toDouble());
    } else {
      auto* box = qobject_cast<QComboBox*>(field);
      box->setCurrentIndex(std::max(0, box->findData(option.value)));
      if (option.key != "scale") words << box->currentText();
    }
  }
  disclose_->setText(words.join(", "));
  disclose_->setAccessibleName(tr("Options of the analysis: %1").arg(words.join(", ")));
}

QComboBox* ModelForm::combo(const char* name, const QString& title) {
  auto* caption = new ElidedLabel(title, TextRole::small, Tone::muted);
  auto* box = new QComboBox;
  box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  box->setMinimumWidth(1);  // the pane's width decides, not the longest choice
  box->setObjectName(name);
  box->setAccessibleName(title);
  box->setMinimumContentsLength(4);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  caption->setBuddy(box);
  column_->addWidget(caption);
  column_->addWidget(box);
  column_->addSpacing(6);
  return box;
}

/// Two beside each other where both fit, else a line of its own.
void ModelForm::placeCovariate(QCheckBox* box) {
  auto* grid = static_cast<QGridLayout*>(covariates_->layout());
  grid->setColumnStretch(0, 1);
  grid->setColumnStretch(1, 1);
  const bool narrow = box->sizeHint().width() <= scaled(kHalf);
  if (!narrow || covariate_cell_ % 2 == 0) covariate_cell_ += covariate_cell_ % 2;
  grid->addWidget(box, covariate_cell_ / 2, covariate_cell_ % 2, 1, narrow ? 1 : 2);
  covariate_cell_ += narrow ? 1 : 2;
}

void ModelForm::renderCovariates() {
  const auto& state = model_.state();
  std::vector<ModelAnalysis::Choice> wanted = state.covariates;
  for (const QString& column : state.formula.covariates)
    if (std::none_of(wanted.begin(), wanted.end(), [&](const auto& c) { return c.column == column; }))
      wanted.push_back({column, ModelAnalysis::titleOf(column)});
  for (const auto& [column, box] : boxes_)
    box->setVisible(std::any_of(wanted.begin(), wanted.end(), [&](const auto& c) { return c.column == column; }));
  for (const auto& choice : wanted) {
    auto& box = boxes_[choice.column];
    if (box == nullptr) {
      box = new QCheckBox(choice.title);
      box->setObjectName("model.covariate." + choice.column);
      placeCovariate(box);
      connect(box, &QCheckBox::toggled, this,
              [this, column = choice.column](bool used) { model_.setCovariate(column, used); });
    }
    const QSignalBlocker quiet(box);
    box->setChecked(state.formula.covariates.contains(choice.column));
    box->setEnabled(state.open && choice.column != state.formula.predictor);
  }
}

void ModelForm::render() {
  const auto& state = model_.state();
  setEnabled(state.open && !state.nobody);
  for (QWidget* widget :
       std::initializer_list<QWidget*>{analysis_, predictor_, interaction_, group_, ratings_, formula_})
    widget->setEnabled(state.open);
  const bool all = analysis_->currentIndex() >= 0 && analysis_->currentIndex() == analysis_->count() - 1;
  const QSignalBlocker quiet(analysis_);
  analysis_->clear();
  for (const auto& column : state.columns) analysis_->addItem(tr("%1 (%2)").arg(column.title).arg(column.people));
  if (!state.columns.empty()) analysis_->addItem(tr("All, side by side"));
  analysis_->setCurrentIndex(all ? analysis_->count() - 1 : state.current);
  renderOptions();
  fill(predictor_, state.predictors, {}, state.formula.predictor);
  fill(interaction_, state.interactions, tr("None"), state.formula.interaction);
  fill(group_, state.groups, {}, state.formula.random);
  {
    const QSignalBlocker silent(ratings_);
    ratings_->clear();
    for (const auto& choice : state.ratings) ratings_->addItem(choice.title, choice.column);
    ratings_->setCurrentIndex(std::max(0, ratings_->findData(state.rating)));
  }
  renderCovariates();
  if (!typing_.isActive() && formula_->toPlainText() != state.text) {
    const QSignalBlocker calm(formula_);
    formula_->setPlainText(state.text);
  }
  problem_->setText(state.problem);
  problem_->setVisible(!state.problem.isEmpty());
  const bool bad = !state.problem.isEmpty();
  if (formula_->property("bad").toBool() != bad) {
    formula_->setProperty("bad", bad);
    formula_->style()->unpolish(formula_);
    formula_->style()->polish(formula_);
  }
}

}  // namespace ipsi::ui
