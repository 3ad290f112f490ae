// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_numbers.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "core/study/rating_journal.h"
#include "core/study/study.h"

namespace ipsi::ui {
namespace {

/// A number of a column that may not be there.
double number(const table::Column* column, std::size_t row) {
  return column != nullptr ? column->values[row] : table::kMissing;
}

std::string word(const Json& row, const char* name) {
  if (!row.is_object()) return {};
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

RegionNorms region_norms(const table::Table& table) {
  RegionNorms norms;
  const auto* groups = table.find("group");
  if (groups == nullptr) return norms;
  const std::vector<double> none(table.rows(), table::kMissing);
  const auto* heads = table.find("icv");
  const auto* ages = table.find("age");
  std::vector<bool> patient;
  for (const auto& group : groups->texts) patient.push_back(group == "patient");
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (const auto* volumes = table.find(kRegions[r].key))
      norms[r] = ingest::RegionNorm::make(r, volumes->values, heads != nullptr ? heads->values : none,
                                          ages != nullptr ? ages->values : none, patient);
  return norms;
}

std::array<QcNumbers, kRegions.size()> qc_numbers(const table::Table& table, std::size_t row,
                                                  const RegionNorms& norms) {
  std::array<QcNumbers, kRegions.size()> out;
  if (row >= table.rows()) return out;
  const double icv = number(table.find("icv"), row), age = number(table.find("age"), row);
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    out[r].volume = number(table.find(kRegions[r].key), row);
    const auto z = norms[r].of(out[r].volume, icv, age);
    if (z.plane == nullptr) continue;
    out[r].z = z.z;
    out[r].z_people = z.plane->people;
    out[r].z_by_icv = z.plane->by_icv;
    out[r].z_by_age = z.plane->by_age;
  }
  // kRegions has left before right.
  for (std::size_t left = 0; left < kRegions.size(); left += 2) {
    const double l = out[left].volume, r = out[left + 1].volume;
    if (l + r > 0.0) out[left].asymmetry = out[left + 1].asymmetry = (l - r) / (l + r);
  }
  return out;
}

QString qc_z_words(const QcNumbers& n, const QString& z) {
  const char* const words =
      n.z_by_icv && n.z_by_age
          ? QT_TRANSLATE_NOOP("Qc", "z %1: for intracranial volume and age, robust, against %2 patients")
      : n.z_by_icv ? QT_TRANSLATE_NOOP("Qc", "z %1: for intracranial volume, robust, against %2 patients")
      : n.z_by_age
          ? QT_TRANSLATE_NOOP("Qc", "z %1: for age, not for intracranial volume, robust, against %2 patients")
          : QT_TRANSLATE_NOOP("Qc", "z %1: for neither age nor intracranial volume, robust, against %2 patients");
  return QCoreApplication::translate("Qc", words).arg(z).arg(n.z_people);
}

std::array<double, kRegions.size()> qc_overlap(const render::Scan& scan) {
  std::array<double, kRegions.size()> out;
  out.fill(table::kMissing);
  const bool mask = !scan.lesion.empty() || (!scan.paths.lesion.empty() && scan.problems.empty());
  if (!mask || scan.regions.empty()) return out;
  std::array<long long, kRegions.size()> all{}, inside{};
  const image::Grid& grid = scan.regions.grid;
  const image::Grid& lesion = scan.lesion.grid;
  const Eigen::Matrix4d to_lesion = lesion.affine.inverse() * grid.affine;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) {
        const int region = scan.regions.values[grid.index(i, j, k)];
        if (region == 0) continue;
        const auto r = static_cast<std::size_t>(region - 1);
        ++all[r];
        if (scan.lesion.empty()) continue;
        const Eigen::Vector4d at = to_lesion * Eigen::Vector4d(i, j, k, 1.0);
        const int a = static_cast<int>(std::lround(at[0])), b = static_cast<int>(std::lround(at[1])),
                  c = static_cast<int>(std::lround(at[2]));
        if (lesion.inside(a, b, c) && scan.lesion.values[lesion.index(a, b, c)] != 0) ++inside[r];
      }
  for (std::size_t r = 0; r < out.size(); ++r)
    if (all[r] > 0) out[r] = static_cast<double>(inside[r]) / static_cast<double>(all[r]);
  return out;
}

Result<QcEvents> qc_events(const std::filesystem::path& path, std::int64_t after, const Task& task) {
  const auto study = study::Study::open(path, study::Access::read_only);
  if (!study) return tl::unexpected<Error>(study.error());
  const auto acts = study->log(after);
  if (!acts) return tl::unexpected<Error>(acts.error());
  QcEvents out;
  out.last_act = after;
  for (const auto& act : *acts) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped while reading the log");
    out.last_act = act.id;
    for (const auto& edit : act.edits) {
      if (edit.table != "rating") continue;
      QcEvent event;
      event.person = word(edit.key, "person");
      event.region = word(edit.key, "region");
      event.rater = word(edit.key, "rater");
      event.time = act.author == study::kShareAuthor ? word(edit.after, "time") : act.time;  // said, not arrived
      if (event.time.empty()) event.time = act.time;
      event.before = word(edit.before, "flag");
      event.after = word(edit.after, "flag");
      if (event.before.empty()) event.before = "unrated";
      if (event.after.empty()) event.after = "unrated";
      event.comment = word(edit.after, "comment");
      event.taken_back = act.undoes != 0;
      out.events.push_back(std::move(event));
    }
  }
  return out;
}

}  // namespace ipsi::ui
