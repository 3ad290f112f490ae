// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QStringList>
#include <map>
#include <memory>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// Everybody in the study, as a row per person or per cohort: sorted, filtered, never more than what is shown is
/// written out as text, so that 10,000 people are as quick as 100.
class PeopleModel : public QObject {
  Q_OBJECT

 public:
  explicit PeopleModel(Context& context, QObject* parent = nullptr);
  ~PeopleModel() override;

  enum class View { cohorts, people };
  struct Column {
    QString title, help;
    bool number = false;
    int chars = 8;         ///< a usual width, in digits
    bool stretch = false;  ///< takes what is left
    int gives_way = 0;     ///< where there is no room: the largest is hidden first; 0 = never
  };
  struct State {
    View view = View::cohorts;
    std::vector<Column> columns;
    std::vector<int> shown;  ///< rows in the order of the screen
    int total = 0;           ///< rows without the text filter
    int version = 0;         ///< columns or rows are others
    int sort = 0;
    bool ascending = true;
    QString filter;
    QString filter_error;  ///< a comparison that is not understood
    QString chosen;        ///< why only some people are listed: "Left at: Age known"; empty = all of the subgroup
    QString note;          ///< "404 of 828 people, subgroup chronic"
    int people = 0, analysed = 0, cohorts = 0;
  };
  [[nodiscard]] const State& state() const { return state_; }
  /// Text of a cell; `row` is a place in `shown`.
  [[nodiscard]] QString cell(int row, int column) const;
  [[nodiscard]] bool missing(int row, int column) const;  ///< shown muted
  [[nodiscard]] bool out(int row) const;                  ///< a person who is not analysed
  [[nodiscard]] QString person(int row) const;            ///< empty in the view of cohorts

  void setView(View view);
  void sortBy(int column);  ///< a second time turns it round
  /// Words that a row must hold; also "age>70", "days<=21", "score<0.5", "regions<12".
  void setFilter(const QString& text);
  /// Lists only these people, in the view of people; a reason beside each. Ids that are no people are listed too.
  void showOnly(const QString& why, const std::vector<std::pair<std::string, std::string>>& people);
  void showAll();
  /// A cohort: its people. A person: chosen, and opened in that workspace.
  void open(int row, const QString& workspace = QStringLiteral("qc"));
  [[nodiscard]] std::string asText() const;  ///< what is shown, tab separated, for the clipboard

 signals:
  void changed();

 private:
  struct Rows;
  void rebuild();
  void refresh();  ///< columns, filter, order, counts
  void patch(const std::vector<study::Rating>& ratings);
  void sortRows();
  [[nodiscard]] bool passes(int row) const;

  Context& context_;
  State state_;
  std::unique_ptr<Rows> rows_;
};

}  // namespace ipsi::ui
