// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>
#include <map>

#include "ui/viewmodels/raters_model.h"
#include "ui/viewmodels/rating_exchange.h"
#include "ui/widgets/cells_table.h"
#include "ui/widgets/controls.h"

// The parts of the page of several raters; for qc_raters.cpp and the tests only.
namespace ipsi::ui {

/// "93.4 %".
[[nodiscard]] QString percentWords(double percent);

/// One part: a column that scrolls.
class RatersPart : public QScrollArea {
  Q_OBJECT

 public:
  explicit RatersPart(const QString& title, QWidget* parent = nullptr);
  virtual void render() = 0;

 protected:
  [[nodiscard]] QVBoxLayout* column() { return column_; }
  void heading(const QString& text);
  Label* words(const QString& text, Tone tone = Tone::muted);
  /// A table over the whole width that is scrolled to where its current row goes.
  [[nodiscard]] CellsTable* table(const char* name, const QString& title);
  [[nodiscard]] QHBoxLayout* row();
  /// Fills a table of `table`; a line under it names the columns that there is no room for.
  void fill(CellsTable* table, std::vector<CellsTable::Column> columns, std::vector<CellsTable::Row> rows,
            const std::vector<int>& droppable);
  [[nodiscard]] QHBoxLayout* head() { return head_; }  ///< beside the part's title
  void resizeEvent(QResizeEvent* event) override;

 private:
  QVBoxLayout* column_;
  QHBoxLayout* head_;
  std::map<CellsTable*, Label*> no_room_;
};

/// Who rates, as whom this window rates, and whether raters are blind.
class RatersWho : public RatersPart {
  Q_OBJECT

 public:
  explicit RatersWho(RatersModel& model);
  void render() override;

 private:
  RatersModel& model_;
  QLineEdit* me_;
  Label *meaning_, *lifted_;
  CellsTable* table_;
  QCheckBox* blind_;
  QPushButton* mine_;
};

/// Who looks at whom, how far they are, and the calibration set.
class RatersShare : public RatersPart {
  Q_OBJECT

 public:
  explicit RatersShare(RatersModel& model);
  void render() override;

 private:
  void apply();
  [[nodiscard]] RatersModel::Plan fromFields() const;
  RatersModel& model_;
  QLineEdit* raters_;
  Segments* sharing_;
  QSpinBox *overlap_, *repeats_, *seed_, *people_;
  QPushButton *assign_, *queue_, *gold_;
  Label *problem_, *shared_, *calibration_;
  CellsTable *shares_, *scores_;
  bool edited_ = false;  ///< the form is not what is stored
};

class RatersAgreement : public RatersPart {
  Q_OBJECT

 public:
  RatersAgreement(RatersModel& model, RatingExchange& exchange);
  void render() override;

 private:
  RatersModel& model_;
  QComboBox* which_;
  Segments* categories_;
  QPushButton *copy_, *save_;
  Label *none_, *note_;
  CellsTable* table_;
};

/// Where raters differ, and where one name said two things.
class RatersDisputes : public RatersPart {
  Q_OBJECT

 public:
  explicit RatersDisputes(RatersModel& model);
  void render() override;

 signals:
  void adjudicate();

 private:
  RatersModel& model_;
  Label *count_, *none_, *clash_;
  QPushButton *adjudicate_, *older_, *newer_;
  QCheckBox* flags_;
  CellsTable *table_, *conflicts_;
  int conflict_ = 0;
};

class RatersRules : public RatersPart {
  Q_OBJECT

 public:
  explicit RatersRules(RatersModel& model);
  void render() override;

 private:
  RatersModel& model_;
  Label* now_;
  CellsTable* table_;
  QPushButton* use_;
  QString chosen_;
};

class RatersFiles : public RatersPart {
  Q_OBJECT

 public:
  explicit RatersFiles(RatingExchange& exchange);
  void render() override;
  void choose();                             ///< a file to read
  void save(RatingExchange::Format format);  ///< asks where to

 signals:
  void sheetWanted();  ///< a contact sheet of the queue

 private:
  RatingExchange& exchange_;
  QPushButton *read_, *import_, *cancel_;
  QWidget *plan_, *exports_;
  QLineEdit* rater_;
  QCheckBox* replace_;
  Label *file_, *counts_, *names_, *blocked_, *written_;
  ErrorCard* error_;
  CellsTable *problems_, *clashes_;
};

/// Asks where to write a file of ratings, and writes it.
void save_ratings(QWidget* parent, RatingExchange& exchange, RatingExchange::Format format);

}  // namespace ipsi::ui
