// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>

#include "core/review/study_sheet.h"
#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// These people with the flags of this window's rater, where they have given any, else with what the study's rule
/// decides; one region (index in kRegions) over all of them, or with -1 all twelve.
[[nodiscard]] review::SheetAsk sheet_ask(const Context& context, const QStringList& people, int region = -1);

/// Write a contact sheet of the study as it is now, in the background: .pdf or .html by the ending of `path`, which is
/// replaced where it exists. What was written is told by a toast, a failure by the tray. `done` is optional.
void start_contact_sheet(Context& context, const QString& path, review::SheetAsk ask, QObject* receiver,
                         std::function<void(const Result<review::SheetResult>&)> done = {});

}  // namespace ipsi::ui
