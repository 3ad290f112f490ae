// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>

#include "ui/panels/qc_raters_parts.h"

namespace ipsi::ui {
namespace {

using Format = RatingExchange::Format;

struct Export {
  Format format;
  const char *name, *title, *what;
};
constexpr Export kExports[] = {
    {Format::volumes_x, "volumes_x", QT_TR_NOOP("Volumes with x"),
     QT_TR_NOOP("LandRvolumes.csv; x stands for each region left out")},
    {Format::volumes_na, "volumes_na", QT_TR_NOOP("Volumes with NA"), QT_TR_NOOP("the same with NA")},
    {Format::sheet, "sheet", QT_TR_NOOP("Quality sheet"),
     QT_TR_NOOP("a row per person, 1 lesioned or failed, 0 ok, by the rule of the study")},
    {Format::table, "table", QT_TR_NOOP("Table of flags"),
     QT_TR_NOOP("a row per flag with rater, comment and time: what another machine merges")},
    {Format::bids, "bids", QT_TR_NOOP("BIDS derivative"),
     QT_TR_NOOP("desc-roiqc_flags.tsv and the JSON that explains it")},
    {Format::matrix, "matrix", QT_TR_NOOP("Flags by rater"),
     QT_TR_NOOP("a row per region, a column per rater: what programs for reliability take")},
    {Format::reliability, "reliability", QT_TR_NOOP("Reliability table"),
     QT_TR_NOOP("every comparison, region and cohort in full")},
    {Format::reasons, "reasons", QT_TR_NOOP("Reasons"),
     QT_TR_NOOP("how often each comment was given with lesioned or failed")}};

}  // namespace

void save_ratings(QWidget* parent, RatingExchange& exchange, Format format) {
  const QString name = RatingExchange::fileName(format);
  const QString ending = QFileInfo(name).suffix();
  auto* dialog = new QFileDialog(parent, RatersFiles::tr("Where to write %1").arg(name), {},
                                 RatersFiles::tr("Table (*.%1)").arg(ending));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(ending);
  dialog->selectFile(name);
  QObject::connect(dialog, &QFileDialog::fileSelected, &exchange,
                   [&exchange, format](const QString& path) { exchange.write(format, path); });
  dialog->open();
}

RatersFiles::RatersFiles(RatingExchange& exchange) : RatersPart(tr("Another rater's file")), exchange_(exchange) {
  words(tr(
      "A table of flags, a BIDS derivative, a quality sheet or a rater's file of a shared study. First it is only "
      "read; what it would change is shown "
      "here. Of two words of one rater the newer counts and the other is kept. A file may be dropped on this page."));
  auto* line = row();
  read_ = makeButton(tr("Read a file..."), ButtonKind::plain, "file");
  read_->setObjectName("qc.files.read");
  line->addWidget(read_);
  line->addStretch(1);
  error_ = new ErrorCard;
  error_->setObjectName("qc.files.error");
  column()->addWidget(error_);
  plan_ = new QWidget;
  plan_->setObjectName("qc.files.plan");
  auto* plan = new QVBoxLayout(plan_);
  plan->setContentsMargins(12, 0, 12, 0);
  plan->setSpacing(8);
  auto* first = new QHBoxLayout;
  first->setSpacing(8);
  file_ = new Label({}, TextRole::strong);
  first->addWidget(file_);
  first->addWidget(new Label(tr("rated by")));
  rater_ = new QLineEdit;
  rater_->setObjectName("qc.files.rater");
  rater_->setAccessibleName(tr("Who rated"));
  rater_->setFixedWidth(scaled(140));
  first->addWidget(rater_);
  first->addStretch(1);
  import_ = makeButton({}, ButtonKind::primary);
  import_->setObjectName("qc.files.import");
  cancel_ = makeButton(tr("Leave it"), ButtonKind::compact);
  cancel_->setObjectName("qc.files.cancel");
  first->addWidget(import_);
  first->addWidget(cancel_);
  plan->addLayout(first);
  counts_ = new Label;
  counts_->setObjectName("qc.files.counts");
  counts_->setWordWrap(true);
  names_ = new Label({}, TextRole::body, Tone::muted);
  names_->setWordWrap(true);
  blocked_ = new Label({}, TextRole::body, Tone::error);
  blocked_->setObjectName("qc.files.blocked");
  blocked_->setWordWrap(true);
  replace_ = new QCheckBox(tr("Where the file says no time, it wins"));
  replace_->setObjectName("qc.files.replace");
  for (QWidget* w : std::initializer_list<QWidget*>{counts_, names_, blocked_, replace_}) plan->addWidget(w);
  column()->addWidget(plan_);
  problems_ = table("qc.files.problems", tr("Problems of the file"));
  clashes_ = table("qc.files.clashes", tr("Two words under one name"));

  heading(tr("For others"));
  exports_ = new QWidget;
  auto* grid = new QGridLayout(exports_);
  grid->setContentsMargins(12, 0, 12, 0);
  grid->setHorizontalSpacing(16);
  grid->setVerticalSpacing(6);
  grid->setColumnStretch(1, 1);
  int at = 0;
  for (const auto& e : kExports) {
    auto* save = makeButton(tr("Save..."), ButtonKind::compact, "export");
    save->setObjectName(QString("qc.files.save.%1").arg(e.name));
    save->setAccessibleName(tr("Save: %1").arg(tr(e.title)));
    connect(save, &QPushButton::clicked, this, [this, format = e.format] { this->save(format); });
    auto* what = new Label(tr(e.what), TextRole::body, Tone::muted);
    what->setWordWrap(true);
    grid->addWidget(new Label(tr(e.title)), at, 0);
    grid->addWidget(what, at, 1);
    grid->addWidget(save, at, 2);
    ++at;
  }
  auto* sheet = makeButton(tr("Save..."), ButtonKind::compact, "export");
  sheet->setObjectName("qc.files.save.contact_sheet");
  sheet->setAccessibleName(tr("Save: %1").arg(tr("Contact sheet")));
  connect(sheet, &QPushButton::clicked, this, &RatersFiles::sheetWanted);
  auto* pictures = new Label(tr("the queue's people in pictures, with flags: a PDF, or one page without network"),
                             TextRole::body, Tone::muted);
  pictures->setWordWrap(true);
  grid->addWidget(new Label(tr("Contact sheet")), at, 0);
  grid->addWidget(pictures, at, 1);
  grid->addWidget(sheet, at, 2);
  column()->addWidget(exports_);
  written_ = words({});
  written_->setObjectName("qc.files.written");
  column()->addStretch(1);
  connect(read_, &QPushButton::clicked, this, &RatersFiles::choose);
  connect(rater_, &QLineEdit::editingFinished, this, [this] { exchange_.setRater(rater_->text()); });
  connect(replace_, &QCheckBox::clicked, &exchange_, &RatingExchange::setReplace);
  connect(import_, &QPushButton::clicked, &exchange_, &RatingExchange::import);
  connect(cancel_, &QPushButton::clicked, &exchange_, &RatingExchange::cancel);
}

void RatersFiles::choose() {
  auto* dialog =
      new QFileDialog(this, tr("Another rater's flags; nothing is written there"), {},
                      tr("Tables and contact sheets (*.tsv *.csv *.txt *.xlsx *.pdf *.html);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, &exchange_, [this](const QString& path) { exchange_.plan(path); });
  dialog->open();
}

void RatersFiles::save(Format format) {
  save_ratings(this, exchange_, format);
}

void RatersFiles::render() {
  using Stage = RatingExchange::Stage;
  const auto& s = exchange_.state();
  const auto n = [](long long count) { return formatNumber(static_cast<double>(count), 0); };
  read_->setEnabled(s.open);
  exports_->setEnabled(s.open);
  error_->setVisible(s.stage == Stage::failed);
  error_->setError(s.what, s.where.isEmpty() ? s.file : s.where, s.mend);
  plan_->setVisible(s.stage == Stage::reading || s.stage == Stage::planned);
  file_->setText(s.file);
  if (!rater_->hasFocus()) rater_->setText(s.rater);
  import_->setText(s.added + s.changed == 1  ? tr("Import 1 flag")
                   : s.added + s.changed > 1 ? tr("Import %1 flags").arg(n(s.added + s.changed))
                                             : tr("Import"));
  import_->setEnabled(s.can_import);
  counts_->setText(s.stage == Stage::reading
                       ? tr("being read")
                       : tr("Rows: %1. Flags that are new: %2, changed: %3, the same: %4, older than what the study "
                            "has: %5. Another flag under the same name: %6.")
                             .arg(n(s.rows), n(s.added), n(s.changed), n(s.unchanged), n(s.kept))
                             .arg(n(static_cast<long long>(s.clashes.size()))));
  const bool several = s.raters.size() > 1;
  names_->setVisible(s.stage == Stage::planned && (several || s.renamed));
  names_->setText(several ? tr("The file has several raters (%1); their names are kept.").arg(s.raters.join(", "))
                          : tr("All flags of the file go under this name."));
  const bool blocked = s.stage == Stage::planned && s.blocking > 0;
  const bool nothing = s.stage == Stage::planned && !blocked && !s.can_import;
  blocked_->setVisible(blocked || nothing);
  blocked_->setTone(blocked ? Tone::error : Tone::muted);
  blocked_->setText(blocked
                        ? tr("Rows that cannot be used: %1. Nothing is imported until they are mended.").arg(s.blocking)
                    : s.read_only ? tr("The study is read-only.")
                                  : tr("The study has all of it already."));
  replace_->setVisible(s.stage == Stage::planned && s.untimed);
  replace_->setChecked(s.replace);
  std::vector<CellsTable::Row> rows;
  for (const auto& p : s.problems)
    rows.push_back({{}, {{p.what, p.mend, p.blocks}, {p.place, p.subject}}, p.what + '\n' + p.mend, false});
  problems_->setVisible(s.stage == Stage::planned && !rows.empty());
  fill(problems_, {{tr("What, and what to do"), 260}, {tr("Where"), 220, true}}, std::move(rows), {});
  rows.clear();
  for (const auto& c : s.clashes) rows.push_back({{}, {{c.where}, {c.counts}, {c.other}}, {}, false});
  clashes_->setVisible(s.stage == Stage::planned && !rows.empty());
  fill(clashes_,
       {{tr("Two words under one name"), 200}, {tr("Will count"), 150, true}, {tr("Kept beside it"), 150, true}},
       std::move(rows), {});
  written_->setVisible(!s.written.isEmpty());
  written_->setText(tr("Last written: %1").arg(s.written));
}

}  // namespace ipsi::ui
