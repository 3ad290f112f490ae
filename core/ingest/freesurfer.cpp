// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/freesurfer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "core/base/files.h"
#include "core/base/parallel.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/image/io.h"
#include "core/ingest/draft.h"
#include "core/ingest/fs_stats.h"
#include "core/ingest/limits.h"
#include "core/ingest/rescan.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;
namespace {

constexpr double kDifferentSubjects = 0.15;  // of the larger value; rule of thumb

bool is_file(const fs::path& path) {
  std::error_code ec;
  return fs::is_regular_file(path, ec);  // follows links
}

/// Files of `dir` whose name starts and ends so, sorted.
std::vector<fs::path> matching(const fs::path& dir, std::string_view start, std::string_view end) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (fs::directory_iterator it(dir, ec), last; !ec && it != last; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(start) && name.ends_with(end) && name.size() >= start.size() + end.size())
      out.push_back(it->path());
  }
  std::ranges::sort(out);
  return out;
}

class FolderReader {
 public:
  FolderReader(const fs::path& dir, SubjectFolder& out, const KnownSubject& known, const KeptPath& kept)
      : dir_(dir), out_(out), known_(known), kept_(kept) {}

  void read() {
    read_build_stamp();
    const bool have_stats = read_aseg();
    for (const char* hemi : {"lh", "rh"}) read_aparc(hemi);
    const bool have_labels = read_labels();
    const bool have_t1 = take_image("t1", {"T1.mgz", "orig.mgz", "orig_nu.mgz", "nu.mgz", "norm.mgz", "brain.mgz"});
    take_image("brain", {"brain.mgz", "brainmask.mgz", "norm.mgz", "mask.mgz"});
    std::vector<std::string> missing;
    if (!have_t1) missing.emplace_back("no head image (mri/T1.mgz, orig.mgz)");
    if (!have_labels) missing.emplace_back("no segmentation (mri/aseg.mgz, aparc+aseg.mgz)");
    if (!have_stats) missing.emplace_back("no stats/aseg.stats");
    if (is_file(dir_ / "scripts" / "recon-all.error"))
      missing.emplace_back("scripts/recon-all.error is there: the run failed");
    if (!missing.empty())
      say(Severity::warns, "missing_piece", "", 0, join(missing, "; "),
          "run FreeSurfer to its end, or carry on with what is there");
    if (!instead_.empty()) say(Severity::notes, "missing_piece", "", 0, join(instead_, "; "), "nothing to do");
    if (have_stats && have_labels) compare();
  }

 private:
  void say(Severity severity, std::string trap, const std::string& file, int line, std::string what, std::string mend) {
    out_.problems.push_back({severity, std::move(trap), file.empty() ? out_.name : out_.name + "/" + file, line, "",
                             out_.name, std::move(what), std::move(mend), 0});
  }
  void unreadable(const std::string& file, const Error& error) {
    ++out_.unreadable;
    say(Severity::drops, "unreadable", file, 0,
        error.what +
            (error.where.empty() || error.where.find(file) != std::string::npos ? "" : " (" + error.where + ")"),
        error.mend.empty() ? "run FreeSurfer again for this subject" : error.mend);
  }
  [[nodiscard]] std::string relative(const fs::path& path) const {
    return path.lexically_relative(dir_).generic_string();
  }

  const study::Scan* known_scan(const std::string& kind, const fs::path& path) const {
    const auto it = known_.scans.find(kind);
    return it != known_.scans.end() && it->second->path == kept_(path) ? it->second : nullptr;
  }

  /// Registers a file; false when it cannot be read.
  bool take_scan(const std::string& kind, const fs::path& path) {
    auto scan = describe_scan(path, known_scan(kind, path));
    if (!scan) {
      unreadable(relative(path), scan.error());
      return false;
    }
    scan->kind = kind;
    scan->path = kept_(path);
    out_.scans.push_back(std::move(*scan));
    return true;
  }

  void measure(std::string region, std::string name, std::string source, double value, std::string unit,
               std::string note = "") {
    study::Measurement m;
    m.region = std::move(region);
    m.measure = std::move(name);
    m.source = std::move(source);
    m.value = value;
    m.unit = std::move(unit);
    m.note = std::move(note);
    out_.measurements.push_back(std::move(m));
  }

  void read_build_stamp() {
    if (const auto text = is_file(dir_ / "scripts" / "build-stamp.txt")
                              ? read_file(dir_ / "scripts" / "build-stamp.txt")
                              : fail(Code::NotFound, "");
        text)
      out_.version = trim(split(*text, '\n').front());
  }

  /// aseg.stats, else what FastSurfer and others call it.
  bool read_aseg() {
    fs::path path = dir_ / "stats" / "aseg.stats";
    if (!is_file(path)) {
      const auto others = matching(dir_ / "stats", "aseg", ".stats");
      if (others.empty()) return false;
      path = others.front();
      instead_.push_back(fmt::format("volumes come from {}", relative(path)));
    }
    const std::string file = relative(path);
    const auto text = read_file(path);
    if (!text) return unreadable(file, text.error()), false;
    auto stats = parse_aseg_stats(*text, out_.name + "/" + file);
    if (!stats) return unreadable(file, stats.error()), false;
    stats_ = std::move(*stats);
    stats_file_ = file;
    if (out_.version.empty()) out_.version = stats_.version;
    if (!stats_.subject.empty() && stats_.subject != out_.name)
      say(Severity::notes, "subject_name", file, 0,
          fmt::format("the stats were made for '{}', the folder is called '{}'", stats_.subject, out_.name),
          "nothing to do if the folder was renamed");
    for (const Region& region : kRegions) segment(std::string(region.key), region.label, true);
    for (const ExtraLabel& extra : kExtraLabels) segment(extra.region, extra.label, false);
    read_head();
    return take_scan("aseg_stats", path);
  }

  void segment(const std::string& region, int label, bool rated) {
    const Segment* found = stats_.segment(label);
    if (found == nullptr && !rated) return;
    const double mm3 = found == nullptr ? 0.0 : found->mm3;
    if (mm3 > 0) {
      measure(region, "volume", "aseg_stats", mm3, "mm3");
      measure(region, "voxels", "aseg_stats", static_cast<double>(found->voxels), "voxels");
      return;
    }
    measure(region, "volume", "aseg_stats", study::kMissing, "mm3", kNoteMissing);
    if (rated)
      say(Severity::warns, "missing_structure", stats_file_, 0,
          found == nullptr ? fmt::format("label {} ({}) is not in the table: missing in the source", label, region)
                           : fmt::format("label {} ({}) has volume 0: missing in the source", label, region),
          "the volume is missing; look whether FreeSurfer found the structure");
  }

  void read_head() {
    const double icv = stats_.icv();
    const double tent = stats_.measure("SupraTentorialVol");
    if (!std::isnan(tent)) measure("head", "supratentorial", "aseg_stats", tent, "mm3");
    if (const double brain = stats_.measure("BrainSegVol"); !std::isnan(brain))
      measure("head", "brain", "aseg_stats", brain, "mm3");
    if (std::isnan(icv) || icv == 0) {
      measure("head", "icv", "aseg_stats", study::kMissing, "mm3", kNoteMissing);
      say(Severity::warns, "icv_zero", stats_file_, 0,
          std::isnan(icv) ? "there is no intracranial volume" : "the intracranial volume is 0",
          "the intracranial volume is missing; look at this person's FreeSurfer run");
      return;
    }
    measure("head", "icv", "aseg_stats", icv, "mm3");
    if (icv < kSmallIcv || icv > kLargeIcv)
      say(Severity::warns, icv < kSmallIcv ? "icv_small" : "icv_large", stats_file_, 0,
          fmt::format("the intracranial volume is {:.4g} L, {}", icv / 1e6,
                      icv < kSmallIcv ? "below 0.8 L" : "above 2.2 L"),
          "look at the skull strip and the Talairach transform");
  }

  void read_aparc(const std::string& hemi) {
    fs::path path = dir_ / "stats" / (hemi + ".aparc.stats");
    std::string source = "aparc_stats";
    if (!is_file(path)) {
      const auto others = matching(dir_ / "stats", hemi + ".aparc.DKT", ".stats");
      if (others.empty()) return;
      path = others.front();
      source = "aparc_dkt_stats";
      instead_.push_back(fmt::format("cortex comes from {} (DKT, not the 34 regions)", relative(path)));
    }
    const auto text = read_file(path);
    if (!text) return unreadable(relative(path), text.error());
    const auto stats = parse_aparc_stats(*text, out_.name + "/" + relative(path));
    if (!stats) return unreadable(relative(path), stats.error());
    const std::string side = hemi == "lh" ? "left_" : "right_";
    for (const Parcel& parcel : stats->parcels) {
      measure(side + parcel.name, "thickness", source, parcel.thickness_mm, "mm");
      measure(side + parcel.name, "area", source, parcel.area_mm2, "mm2");
    }
    if (const double mean = stats->measure("MeanThickness"); !std::isnan(mean))
      measure(side + "cortex", "thickness", source, mean, "mm");
    if (const double area = stats->measure("WhiteSurfArea"); !std::isnan(area))
      measure(side + "cortex", "area", source, area, "mm2");
    take_scan(hemi + "_aparc_stats", path);
  }

  bool read_labels() {
    std::vector<fs::path> candidates{dir_ / "mri" / "aseg.mgz", dir_ / "mri" / "aparc+aseg.mgz"};
    for (const char* start : {"aseg.auto", "aparc.DKTatlas+aseg", "aparc+DKTatlas+aseg"})
      for (const fs::path& path : matching(dir_ / "mri", start, ".mgz")) candidates.push_back(path);
    for (const fs::path& path : candidates) {
      if (!is_file(path)) continue;
      if (!take_labels(path)) continue;  // another segmentation may still be whole
      if (path != candidates.front()) instead_.push_back("labels come from " + relative(path));
      return true;
    }
    return false;
  }

  bool take_labels(const fs::path& path) {
    const std::size_t before = out_.scans.size();
    if (!take_scan("labels", path)) return false;
    const study::Scan* old = known_scan("labels", path);
    if (old != nullptr && old->hash == out_.scans.back().hash && !known_.label_counts.empty()) {
      for (const study::Measurement* m : known_.label_counts) out_.measurements.push_back(*m);
      return true;
    }
    const auto labels = image::read_labels(path);
    if (!labels) {
      out_.scans.resize(before);
      return unreadable(relative(path), labels.error()), false;
    }
    count_labels(*labels, relative(path), out_.measurements);
    return true;
  }

  /// The first of the images that is there and whole.
  bool take_image(const std::string& kind, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      const fs::path path = dir_ / "mri" / name;
      if (!is_file(path)) continue;
      if (const auto info = image::read_info(path); !info) {
        if (seen_.insert(path.string()).second) unreadable(relative(path), info.error());
        continue;
      }
      if (!take_scan(kind, path)) continue;
      if (name != *names.begin())
        instead_.push_back(fmt::format("{} is mri/{}", kind == "t1" ? "the head" : "the brain", name));
      return true;
    }
    return false;
  }

  /// Stats and images of one person agree; a different person's do not.
  void compare() {
    struct Difference {
      std::string_view region;
      double stats, count;
      [[nodiscard]] double share() const { return std::abs(stats - count) / std::max(stats, count); }
    };
    std::vector<Difference> found;
    int regions = 0;
    for (const Region& region : kRegions) {
      const double stats = value_of(region.key, "aseg_stats");
      const double count = value_of(region.key, "label_count");
      if (std::isnan(stats) && std::isnan(count)) continue;
      ++regions;
      const Difference d{region.key, std::isnan(stats) ? 0.0 : stats, std::isnan(count) ? 0.0 : count};
      if (d.share() > kDifferentSubjects) found.push_back(d);
    }
    if (found.empty()) return;
    std::ranges::stable_sort(found, std::greater{}, &Difference::share);
    std::vector<std::string> told;
    for (const Difference& d : found) {
      if (told.size() == 4) break;
      told.push_back(fmt::format("{} {:.0f} v {:.0f}", d.region, d.stats, d.count));
    }
    say(Severity::warns, "stats_and_images_differ", stats_file_, 0,
        fmt::format("stats and images look like those of different subjects: {} of {} regions differ by more than 15 % "
                    "(mm3 in the stats v counted in the labels: {}{})",
                    found.size(), regions, join(told, ", "), found.size() > told.size() ? ", .." : ""),
        "check that stats/ and mri/ are of the same run; both values are kept apart, by source");
  }

  [[nodiscard]] double value_of(std::string_view region, std::string_view source) const {
    for (const study::Measurement& m : out_.measurements)
      if (m.region == region && m.measure == "volume" && m.source == source) return m.value;
    return study::kMissing;
  }

  const fs::path& dir_;
  SubjectFolder& out_;
  const KnownSubject& known_;
  const KeptPath& kept_;
  StatsFile stats_;
  std::string stats_file_;
  std::vector<std::string> instead_;
  std::set<std::string> seen_;
};

struct Entry {
  fs::path path;
  std::string name;
};

/// Subject folders below DIR (or DIR itself), sorted; everything else is listed with its reason.
Result<std::vector<Entry>> list_folders(Draft& draft, const fs::path& dir) {
  std::error_code ec;
  const auto looks_like_one = [&](const fs::path& path) {
    return fs::is_directory(path / "mri", ec) || fs::is_directory(path / "stats", ec);
  };
  if (!fs::is_directory(dir, ec))
    return fail(Code::NotFound, "there is no such folder", dir.string(), "give FreeSurfer's SUBJECTS_DIR");
  if (looks_like_one(dir)) {
    const fs::path whole = fs::absolute(dir, ec).lexically_normal();
    return std::vector<Entry>{{dir, (whole.has_filename() ? whole : whole.parent_path()).filename().string()}};
  }
  std::vector<Entry> out;
  fs::directory_iterator it(dir, ec);
  if (ec)
    return fail(Code::ReadFailed, "the folder cannot be listed: " + ec.message(), dir.string(),
                "check its permissions");
  for (const fs::directory_iterator last; it != last; it.increment(ec)) {
    if (ec)
      return fail(Code::ReadFailed, "the folder cannot be listed: " + ec.message(), dir.string(),
                  "is the share offline?");
    const std::string name = it->path().filename().string();
    std::string reason = not_a_subject(name);
    std::error_code ignored;
    if (reason.empty() && fs::is_symlink(it->path(), ignored) && !fs::exists(it->path(), ignored)) {
      draft.problem(Severity::drops, "unreadable", {"freesurfer", name, 0, "", name}, "the link leads nowhere",
                    "mend or remove the link");
      continue;
    }
    if (reason.empty() && !fs::is_directory(it->path(), ignored)) reason = "a file, not a subject folder";
    if (reason.empty() && !looks_like_one(it->path())) reason = "has neither mri nor stats";
    if (reason.empty()) {
      out.push_back({it->path(), name});
    } else {
      draft.plan.skipped.emplace_back(name, reason);
      draft.problem(Severity::notes, "non_subject", {"freesurfer", name, 0, "", name},
                    fmt::format("'{}' is skipped: {}", name, reason), "nothing to do");
    }
  }
  std::ranges::sort(out, {}, &Entry::name);
  return out;
}

KnownSubject known_of(const Draft& draft, const std::string& id) {
  KnownSubject known;
  const auto where = draft.foresee(id, "");
  if (!where) return known;
  for (const auto* kind : {"t1", "brain", "labels", "aseg_stats", "lh_aparc_stats", "rh_aparc_stats"})
    if (const study::Scan* scan = draft.scan(*where, kind)) known.scans.emplace(kind, scan);
  study::Measurement first;
  first.person = where->person;
  first.session = where->session;
  for (auto it = draft.measurements.lower_bound(first.person + '\x1f' + first.session + '\x1f');
       it != draft.measurements.end() && it->second.person == where->person && it->second.session == where->session;
       ++it)
    if (it->second.source == "label_count") known.label_counts.push_back(&it->second);
  return known;
}

}  // namespace

void count_labels(const image::Labels& labels, const std::string& from, std::vector<study::Measurement>& out) {
  std::array<long long, 64> counts{};
  for (const std::int32_t label : labels.values)
    if (label > 0 && label < 64) ++counts[static_cast<std::size_t>(label)];
  const double voxel = labels.grid.voxel_mm3();
  const auto add = [&](std::string region, int label) {
    study::Measurement m;
    m.region = std::move(region);
    m.measure = "volume";
    m.source = "label_count";
    m.unit = "mm3";
    const long long n = counts[static_cast<std::size_t>(label)];
    m.value = n > 0 ? static_cast<double>(n) * voxel : study::kMissing;
    m.note = n > 0 ? from : kNoteMissing;
    out.push_back(std::move(m));
  };
  for (const Region& region : kRegions) add(std::string(region.key), region.label);
  for (const ExtraLabel& extra : kExtraLabels)
    if (counts[static_cast<std::size_t>(extra.label)] > 0) add(extra.region, extra.label);
}

SubjectFolder read_subject_folder(const fs::path& dir, const std::string& name, const KnownSubject& known,
                                  const KeptPath& kept_path) {
  SubjectFolder out;
  out.name = name;
  FolderReader(dir, out, known, kept_path).read();
  return out;
}

Result<void> read_freesurfer(Draft& draft, const fs::path& dir, const Task& task) {
  const auto entries = list_folders(draft, dir);
  if (!entries) return tl::unexpected(entries.error());
  if (entries->empty())
    return fail(Code::InvalidInput, "no folder here is a FreeSurfer subject (none has mri or stats)", dir.string(),
                "give FreeSurfer's SUBJECTS_DIR");
  std::vector<KnownSubject> known;
  for (const Entry& entry : *entries) known.push_back(known_of(draft, entry.name));
  std::vector<SubjectFolder> folders(entries->size());
  const KeptPath kept = [&](const fs::path& path) { return draft.kept_path(path); };
  const bool done = parallel_for(
      entries->size(), draft.sources.threads, task, "reading subject folders",
      [&](std::size_t i) { folders[i] = read_subject_folder((*entries)[i].path, (*entries)[i].name, known[i], kept); });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  long long broken = 0;
  std::map<std::string, long long> versions;
  for (SubjectFolder& folder : folders) {
    for (Problem& problem : folder.problems) draft.plan.problems.push_back(std::move(problem));
    if (folder.unreadable > 0) ++broken;
    if (!folder.version.empty()) ++versions[folder.version];
    const auto where = draft.place({"freesurfer", folder.name, 0, "", folder.name}, "");
    if (!where) continue;
    for (study::Measurement& m : folder.measurements) {
      m.person = where->person;
      m.session = where->session;
      draft.put(std::move(m));
    }
    for (study::Scan& scan : folder.scans) {
      scan.person = where->person;
      scan.session = where->session;
      draft.put(std::move(scan));
    }
  }
  if (broken > 0)
    draft.problem(Severity::warns, "unreadable", {"freesurfer", dir.filename().string(), 0, "", ""},
                  fmt::format("{} of {} could not be read whole", broken,
                              counted(static_cast<long long>(folders.size()), "subject folder", "subject folders")),
                  "the others go on; see the list");
  std::vector<std::string> told;
  for (const auto& [version, n] : versions)
    told.push_back(fmt::format("{}: {}", version, counted(n, "subject", "subjects")));
  if (!told.empty())
    draft.problem(
        versions.size() > 1 ? Severity::warns : Severity::notes, "fs_version",
        {"freesurfer", dir.filename().string(), 0, "", ""},
        "FreeSurfer " + join(told, "; ") + " (structures are matched by label number, so their names do not matter)",
        versions.size() > 1 ? "volumes of different versions are not comparable: rerun, or keep versions within cohorts"
                            : "nothing to do");
  return {};
}

}  // namespace ipsi::ingest
