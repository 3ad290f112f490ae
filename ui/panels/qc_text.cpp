// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_text.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include "ui/viewmodels/text.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Qc", text);
}

}  // namespace

QString qc_filter_words(QcFilter filter) {
  switch (filter) {
    case QcFilter::all: return tr("Everybody");
    case QcFilter::unrated: return tr("Unrated");
    case QcFilter::with_scan: return tr("With scans");
    case QcFilter::chosen: return tr("Chosen in Explore");
    case QcFilter::later: return tr("Review later");
    case QcFilter::mine: return tr("Assigned to me");
    case QcFilter::suggested: return tr("With suggestions");
    case QcFilter::lesioned: return tr("Lesioned");
    case QcFilter::failed: return tr("Failed");
    case QcFilter::commented: return tr("Commented");
    case QcFilter::disagree: return tr("Raters disagree");
    case QcFilter::calibration: return tr("Calibration set");
  }
  return {};
}

QString qc_empty_words(const QcState& state) {
  if (!state.open) return tr("No study is open.");
  switch (state.filter) {
    case QcFilter::unrated: return tr("Every region of these people has a flag.");
    case QcFilter::later: return tr("Nothing is marked to be reviewed later (X marks).");
    case QcFilter::chosen: return tr("Nobody was chosen: brush people in Explore, Cohort.");
    case QcFilter::mine: return tr("Nobody is assigned to you. Raters, Assignment deals people out.");
    case QcFilter::suggested: return tr("No suggestion that was not followed.");
    case QcFilter::disagree: return tr("No two raters flagged a region differently.");
    case QcFilter::calibration: return tr("No gold answers yet. Raters, Calibration makes a set.");
    case QcFilter::lesioned: return tr("No region is flagged lesioned.");
    case QcFilter::failed: return tr("No region is flagged failed.");
    case QcFilter::commented: return tr("No region has a comment of yours.");
    default: return tr("Nobody to rate here: no patient fits the filter.");
  }
}

QString qc_typeset(QString words) {
  static const QRegularExpression minus("(?<![\\w.])-(?=\\d)");
  return words.replace("mm3", "mm\u00b3").replace(minus, minusSign());
}

QString qc_suggestion_words(const QcTile& tile) {
  if (tile.suggested == QcFlag::unrated) return {};
  return tr("suggested %1: %2").arg(qc_word(tile.suggested), qc_typeset(tile.why));
}

QString qc_risk_words(const QcTile& tile) {
  if (std::isnan(tile.risk)) return {};
  const QString risk = tr("risk %1").arg(formatNumber(tile.risk, 2));
  return tile.reasons.isEmpty() ? tr("%1: nothing unusual measured").arg(risk)
                                : risk + ": " + qc_typeset(tile.reasons.join("; "));
}

QString qc_region_title(int region) {
  return text_of(kRegions[static_cast<std::size_t>(region)].title);
}

}  // namespace ipsi::ui
