// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_numbers.h"

#include <algorithm>
#include <cmath>

#include "core/study/study.h"

namespace ipsi::ui {
namespace {

/// Mean and sd of what is ok, and how many that are.
void standardise(const table::Table& table, const Region& region, QcNumbers& out) {
  const std::string key(region.key);
  const auto* volumes = table.find(key);
  const auto* flags = table.find("flag_" + key);
  const auto* groups = table.find("group");
  if (volumes == nullptr || flags == nullptr || groups == nullptr) return;
  double sum = 0.0;
  std::vector<double> usual;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (flags->texts[i] != "ok" || groups->texts[i] != "patient" || std::isnan(volumes->values[i])) continue;
    usual.push_back(volumes->values[i]);
    sum += volumes->values[i];
  }
  out.z_people = static_cast<int>(usual.size());
  if (out.z_people < kLeastForZ) return;
  const double n = static_cast<double>(usual.size()), mean = sum / n;
  double squares = 0.0;
  for (const double v : usual) squares += (v - mean) * (v - mean);
  const double sd = std::sqrt(squares / (n - 1.0));
  if (sd > 0.0) out.z = (out.volume - mean) / sd;
}

std::string word(const Json& row, const char* name) {
  if (!row.is_object()) return {};
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::array<QcNumbers, kRegions.size()> qc_numbers(const table::Table& table, std::size_t row) {
  std::array<QcNumbers, kRegions.size()> out;
  if (row >= table.rows()) return out;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const auto* column = table.find(kRegions[r].key);
    if (column == nullptr) continue;
    out[r].volume = column->values[row];
    standardise(table, kRegions[r], out[r]);
  }
  // kRegions has left before right.
  for (std::size_t left = 0; left < kRegions.size(); left += 2) {
    const double l = out[left].volume, r = out[left + 1].volume;
    if (l + r > 0.0) out[left].asymmetry = out[left + 1].asymmetry = (l - r) / (l + r);
  }
  return out;
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
      event.time = act.time;
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
