// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/qc_numbers.h"

#include <algorithm>
#include <cmath>

#include "core/study/study.h"

namespace ipsi::ui {
namespace {

struct Usual {
  std::vector<double> volume, icv;
};

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// The line through them; flat where the intracranial volumes do not differ.
RegionNorm line_through(const Usual& usual, bool by_icv) {
  RegionNorm norm;
  norm.people = static_cast<int>(usual.volume.size());
  if (norm.people < kLeastForZ) return norm;
  norm.mean = mean_of(usual.volume);
  norm.icv_mean = by_icv ? mean_of(usual.icv) : 0.0;
  double xx = 0.0, xy = 0.0, yy = 0.0;
  for (std::size_t i = 0; i < usual.volume.size(); ++i) {
    const double x = by_icv ? usual.icv[i] - norm.icv_mean : 0.0, y = usual.volume[i] - norm.mean;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  norm.by_icv = xx > 0.0;
  norm.slope = norm.by_icv ? xy / xx : 0.0;
  const double left_over = std::max(0.0, yy - norm.slope * xy);
  norm.sd = std::sqrt(left_over / static_cast<double>(norm.people - (norm.by_icv ? 2 : 1)));
  return norm;
}

std::string word(const Json& row, const char* name) {
  if (!row.is_object()) return {};
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

double RegionNorm::z(double volume, double icv) const {
  if (people < kLeastForZ || !(sd > 0.0)) return table::kMissing;
  return (volume - mean - (by_icv ? slope * (icv - icv_mean) : 0.0)) / sd;
}

RegionNorms region_norms(const table::Table& table) {
  RegionNorms norms;
  const auto* groups = table.find("group");
  const auto* heads = table.find("icv");
  if (groups == nullptr) return norms;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const std::string key(kRegions[r].key);
    const auto* volumes = table.find(key);
    const auto* flags = table.find("flag_" + key);
    if (volumes == nullptr || flags == nullptr) continue;
    Usual all, with_icv;
    for (std::size_t i = 0; i < table.rows(); ++i) {
      if (flags->texts[i] != "ok" || groups->texts[i] != "patient" || std::isnan(volumes->values[i])) continue;
      all.volume.push_back(volumes->values[i]);
      if (heads == nullptr || std::isnan(heads->values[i])) continue;
      with_icv.volume.push_back(volumes->values[i]);
      with_icv.icv.push_back(heads->values[i]);
    }
    norms[r] = line_through(with_icv, true);
    if (!norms[r].by_icv) norms[r] = line_through(all, false);
  }
  return norms;
}

std::array<QcNumbers, kRegions.size()> qc_numbers(const table::Table& table, std::size_t row,
                                                  const RegionNorms& norms) {
  std::array<QcNumbers, kRegions.size()> out;
  if (row >= table.rows()) return out;
  const auto* heads = table.find("icv");
  const double icv = heads != nullptr ? heads->values[row] : table::kMissing;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const auto* column = table.find(kRegions[r].key);
    if (column == nullptr) continue;
    out[r].volume = column->values[row];
    out[r].z = norms[r].z(out[r].volume, icv);
    out[r].z_people = norms[r].people;
    out[r].z_by_icv = norms[r].by_icv;
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
