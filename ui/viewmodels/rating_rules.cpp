// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/rating_rules.h"

#include <QCoreApplication>

#include "core/study/raters.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

const QString kRater = QStringLiteral("rater:");

QString tr(const char* text) {
  return QCoreApplication::translate("RatingRules", text);
}

}  // namespace

QString ruleWords(const QString& rule) {
  if (rule.startsWith(kRater)) return tr("rater %1").arg(rule.mid(kRater.size()));
  if (rule == "strictest") return tr("strictest flag");
  if (rule == "majority") return tr("majority");
  if (rule == "lesioned_kept") return tr("consensus, lesioned kept");
  return tr("consensus");
}

QString ruleHelp(const QString& rule) {
  if (rule.startsWith(kRater)) return tr("Only the flags of %1.").arg(rule.mid(kRater.size()));
  if (rule == "strictest") return tr("Out when anybody says lesioned or failed.");
  if (rule == "majority") return tr("What most say; of a tie the adjudicated flag, else the strictest.");
  if (rule == "lesioned_kept") return tr("As consensus, but only failed takes a region out.");
  return tr("Adjudicated where it is, else what raters agree on; until then the strictest.");
}

QStringList rulesOf(const study::Snapshot& snapshot) {
  QStringList out{"consensus", "strictest", "majority", "lesioned_kept"};
  for (const auto& rater : study::raters_of(snapshot)) out << kRater + text_of(rater);
  return out;
}

}  // namespace ipsi::ui
