// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include "core/study/model.h"

namespace ipsi::ui {

/// How several raters become one flag, for people: "rater:A" (study/raters.h) is "rater A", "strictest" is "strictest
/// flag".
[[nodiscard]] QString ruleWords(const QString& rule);
/// One sentence on what the rule does.
[[nodiscard]] QString ruleHelp(const QString& rule);

/// The rules that a study offers: consensus, strictest, majority, lesioned_kept, and each who gave a first look.
[[nodiscard]] QStringList rulesOf(const study::Snapshot& snapshot);

}  // namespace ipsi::ui
