// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/model_formula.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace ipsi::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("ModelFormula", text);
}

ParsedFormula problem(const QString& text) {
  return {std::nullopt, text};
}

}  // namespace

QString formulaText(const ModelFormula& f) {
  QString out = "volume ~ " + f.predictor;
  if (!f.interaction.isEmpty()) out += " * " + f.interaction;
  for (const QString& covariate : f.covariates) out += " + " + covariate;
  return out + " + (1 | " + f.random + ")";
}

ParsedFormula parseFormula(const QString& text, const QStringList& columns, const QStringList& groups) {
  const QString plain = text.simplified();
  const auto tilde = plain.indexOf('~');
  if (tilde < 0 || plain.left(tilde).trimmed() != "volume")
    return problem(tr("Begin with 'volume ~', the volume of each region."));
  QString right = plain.mid(tilde + 1);
  static const QRegularExpression random(R"(\(\s*1\s*\|\s*([^)]*?)\s*\))");
  const auto group = random.match(right);
  if (!group.hasMatch()) return problem(tr("Add the random intercept: + (1 | cohort)."));
  ModelFormula out;
  out.random = group.captured(1);
  out.covariates.clear();
  out.predictor.clear();
  if (!groups.contains(out.random))
    return problem(tr("'%1' cannot group people; use %2.").arg(out.random, groups.join(tr(" or "))));
  right.remove(group.capturedStart(), group.capturedLength());
  if (random.match(right).hasMatch()) return problem(tr("One random intercept only."));
  const QStringList terms = right.split('+');
  int empty = 0;
  for (const QString& raw : terms) {
    const QString term = raw.trimmed();
    if (term.isEmpty()) {
      ++empty;  // the place of the random term
      continue;
    }
    const QStringList factors = term.split('*');
    if (factors.size() > 2 || (factors.size() == 2 && !out.predictor.isEmpty()))
      return problem(tr("'%1': only the first variable may have an interaction, with one other.").arg(term));
    for (const QString& factor : factors) {
      const QString name = factor.trimmed();
      if (!columns.contains(name)) return problem(tr("There is no column '%1' in this study.").arg(name));
      if (name == out.predictor || name == out.interaction || out.covariates.contains(name))
        return problem(tr("'%1' stands there twice.").arg(name));
      if (out.predictor.isEmpty())
        out.predictor = name;
      else if (&factor != &factors.front())
        out.interaction = name;
      else
        out.covariates << name;
    }
  }
  if (out.predictor.isEmpty()) return problem(tr("Name a predictor after '~', such as primary_score."));
  if (empty > 1) return problem(tr("There is a '+' too many."));
  return {out, {}};
}

}  // namespace ipsi::ui
