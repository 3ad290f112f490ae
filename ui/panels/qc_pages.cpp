// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_pages.h"

#include "ui/panels/qc_audit.h"
#include "ui/panels/qc_raters.h"

namespace ipsi::ui {

void addQcPages(QcPanel& panel, Context& context) {
  QcPanel* qc = &panel;
  const auto queue = [qc](QcFilter filter) {
    qc->showPage({});
    qc->model().setFilter(filter);
  };
  panel.addPage("raters", QcPanel::tr("Raters"), "agreement kappa assignment blind adjudicate merge import export",
                [qc, &context, queue]() -> QWidget* {
                  auto* page = new QcRaters(context);
                  QObject::connect(page, &QcRaters::closed, qc, [qc] { qc->showPage({}); });
                  QObject::connect(page, &QcRaters::adjudicate, qc, [queue] { queue(QcFilter::disagree); });
                  QObject::connect(page, &QcRaters::queueWanted, qc, [queue] { queue(QcFilter::chosen); });
                  return page;
                });
  panel.addPage("audit", QcPanel::tr("Left out"), "audit bias missing lesion volume exclusion",
                [qc, &context]() -> QWidget* {
                  auto* page = new QcAudit(context);
                  QObject::connect(page, &QcAudit::closed, qc, [qc] { qc->showPage({}); });
                  return page;
                });
}

}  // namespace ipsi::ui
