// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <functional>

#include "core/review/study_sheet.h"
#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// Write a contact sheet of the study as it is now, in the background: .pdf or .html by the ending of `path`, which is
/// replaced where it exists. What was written is told by a toast, a failure by the tray. `done` is optional.
void start_contact_sheet(Context& context, const QString& path, review::SheetAsk ask, QObject* receiver,
                         std::function<void(const Result<review::SheetResult>&)> done = {});

}  // namespace ipsi::ui
