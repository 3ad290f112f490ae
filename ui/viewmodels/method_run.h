// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QVariantMap>
#include <map>
#include <memory>
#include <vector>

#include "core/spec/diagram.h"
#include "core/spec/figure.h"
#include "ui/viewmodels/context.h"

namespace ipsi::spec {
struct ResultSet;
class Method;
}  // namespace ipsi::spec

namespace ipsi::ui {

/// A model of one's own: any method of the registry, with its formula and its declared options, on the study's people.
/// It runs as soon as the text can be read, and again when a flag changes; what it gives is what the command line
/// gives.
class MethodRun : public QObject {
  Q_OBJECT

 public:
  explicit MethodRun(Context& context, QObject* parent = nullptr);
  ~MethodRun() override;

  struct Method {
    QString key, title, summary;
    bool paths = false;  ///< its text is several equations
  };
  /// A declared option of the method; the value is a number, a text, or a bool of a switch.
  struct Option {
    enum class Kind { number, integer, choice, toggle, text };
    QString key, help;
    Kind kind = Kind::text;
    QStringList choices;
    double low = 0.0, high = 0.0;
    QVariant value;
  };
  struct Table {
    QString title, note;
    QStringList head;
    std::vector<bool> words;        ///< [columns] text, not numbers
    std::vector<QStringList> rows;  ///< cells as printed; empty = missing
  };
  struct State {
    bool open = false;
    std::vector<Method> methods;
    int method = 0;
    QString text;  ///< formula or equations
    std::vector<Option> options;
    QString people;       ///< "404 people, chronic; flagged volumes are missing"
    QStringList columns;  ///< that a formula can name
    bool working = false;
    QString what, where, mend;  ///< why there is no result; empty when there is
    bool any = false;           ///< the result below belongs to the text as it is
    bool usable = true;
    std::vector<Table> tables;
    std::vector<spec::Figure> figures;
    std::vector<spec::Diagram> diagrams;
    QStringList findings, methods_text;
  };
  [[nodiscard]] const State& state() const { return state_; }

  void setMethod(int index);
  void setText(const QString& text);
  void setOption(const QString& key, const QVariant& value);
  void setActive(bool active);  ///< nothing runs while nobody looks
  /// Tables, figures, report and manifest into a folder, as `--out` writes them.
  void exportTo(const QString& folder);

 signals:
  void changed();
  void exported(const QString& folder, const QString& problem);  ///< problem empty when written

 private:
  void readMethod();
  void run();
  [[nodiscard]] const spec::Method& method() const;

  Context& context_;
  State state_;
  std::map<QString, QString> texts_;         ///< by method, as last written
  std::map<QString, QVariantMap> settings_;  ///< by method, options that were set
  std::shared_ptr<const spec::ResultSet> result_;
  bool active_ = false, stale_ = true;
};

}  // namespace ipsi::ui
