// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/dropped.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QObject>
#include <QRegularExpression>
#include <algorithm>

namespace ipsi::ui {
namespace {

constexpr qint64 kHead = 64 * 1024;

struct Verdict {
  QString what;   ///< "a table of region volumes"
  QString would;  ///< what Ipsi would do
  QString kind;   ///< of an offer; "study"; "" = not usable
};

QString tr(const char* text) {
  return QObject::tr(text);
}

QStringList cells(const QByteArray& line) {
  const QString text = QString::fromUtf8(line).remove('"').remove(QChar(0xFEFF)).trimmed().toLower();
  return text.split(QRegularExpression("[,;\t]"));
}

bool any_of(const QStringList& header, const QStringList& names) {
  return std::any_of(names.begin(), names.end(), [&](const QString& name) { return header.contains(name); });
}

Verdict table_verdict(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return {tr("a table that cannot be read"), tr("Check its permissions."), {}};
  const QByteArray head = file.read(kHead);
  if (head.isEmpty()) return {tr("an empty file"), tr("Nothing would be imported."), {}};
  const QStringList header = cells(head.left(head.indexOf('\n') < 0 ? head.size() : head.indexOf('\n')));
  if (any_of(header, {"lthal", "llatvent", "rput", "laccumb"})) {
    const bool quality = QFileInfo(path).fileName().contains("qc", Qt::CaseInsensitive);
    return quality ? Verdict{tr("a quality sheet"), tr("Its failed regions become flags, after a dry run."), "qc"}
                   : Verdict{tr("a table of region volumes"),
                             tr("A dry run shows matched, missing and doubtful rows before anything is written."),
                             "volumes"};
  }
  if (any_of(header, {"participant_id", "site", "fmue_total", "fma_ue", "arat_total", "lesion_side", "age"}))
    return {tr("a table of people and scores"),
            tr("A dry run shows the columns understood, units and problems before anything is written."),
            "participants"};
  return {tr("a table without columns that Ipsi knows"),
          tr("Volumes need SubjID with Lthal ..; people need participant_id with age, sex or a score."),
          {}};
}

bool has_entry(const QDir& dir, const QString& path) {
  return QFileInfo::exists(dir.filePath(path));
}

Verdict folder_verdict(const QString& path) {
  const QDir dir(path);
  if (has_entry(dir, "stats/aseg.stats") || has_entry(dir, "mri/aseg.mgz"))
    return {tr("one FreeSurfer subject"), tr("Its statistics and labels are read; nothing is written there."),
            "freesurfer"};
  if (has_entry(dir, "dataset_description.json"))
    return {tr("a BIDS folder"), tr("A dry run lists the people and files it holds."), "bids"};
  int subjects = 0, looked = 0;
  const auto folders = dir.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
  for (const QString& name : folders) {
    if (++looked > 200) break;
    if (has_entry(dir, name + "/stats/aseg.stats") || has_entry(dir, name + "/mri/aseg.mgz")) ++subjects;
  }
  if (subjects > 0)
    return {tr("a folder of FreeSurfer subjects"),
            tr("A dry run reads statistics and labels of %1 folders; nothing is written there.").arg(folders.size()),
            "freesurfer"};
  if (!dir.entryList({"*.nii", "*.nii.gz", "*.mgz"}, QDir::Files).isEmpty() ||
      path.contains("lesion", Qt::CaseInsensitive))
    return {tr("a folder of masks"), tr("Masks are matched to people by their names, after a dry run."), "lesions"};
  return {tr("a folder in which Ipsi finds nothing it knows"),
          tr("Drop a SUBJECTS_DIR, a BIDS folder, a folder of lesion masks, a table or a study."),
          {}};
}

Verdict verdict_of(const QString& path) {
  const QFileInfo info(path);
  const QString name = info.fileName().toLower();
  if (!info.exists()) return {tr("not there any more"), tr("Check the path."), {}};
  if (info.isDir()) return folder_verdict(path);
  if (name.endsWith(".ipsi")) return {tr("a study"), tr("It opens."), "study"};
  if (name.endsWith(".csv") || name.endsWith(".tsv") || name.endsWith(".txt")) return table_verdict(path);
  if (name.endsWith(".xlsx"))
    return {tr("a spreadsheet"), tr("It is read as a table of volumes, after a dry run."),
            name.contains("qc") ? "qc" : "volumes"};
  for (const char* end : {".nii", ".nii.gz", ".mgz", ".mgh", ".nrrd", ".mha"})
    if (name.endsWith(end))
      return {tr("an image"), tr("Drop the folder it lies in: images are matched to people by folder or name."), {}};
  if (name.endsWith(".json")) return {tr("a JSON file"), tr("Run it with `ipsi batch` or `ipsi --spec`."), {}};
  return {tr("of a kind that Ipsi does not read"),
          tr("Drop a study, a table, a SUBJECTS_DIR, a BIDS folder or a folder of lesion masks."),
          {}};
}

}  // namespace

Dropped classify_dropped(const QStringList& paths) {
  Dropped out;
  QStringList titles, details;
  for (const QString& path : paths) {
    const Verdict verdict = verdict_of(path);
    const QString name = QFileInfo(QDir::cleanPath(path)).fileName();
    titles << tr("%1 is %2").arg(name, verdict.what);
    details << verdict.would;
    if (verdict.kind == "study" && out.study.isEmpty())
      out.study = path;
    else if (!verdict.kind.isEmpty() && verdict.kind != "study")
      out.offers.push_back({verdict.kind, path});
  }
  details.removeDuplicates();
  out.title = titles.join(", ");
  out.detail = details.join(" ");
  return out;
}

}  // namespace ipsi::ui
