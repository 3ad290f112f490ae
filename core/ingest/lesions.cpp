// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/image/io.h"
#include "core/ingest/draft.h"
#include "core/ingest/lesions.h"
#include "core/ingest/overlap.h"
#include "core/ingest/rescan.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;
namespace {

/// What a worker found out; rows lack person and session.
struct Found {
  std::optional<Error> error;  ///< not a mask, unreadable
  std::optional<Error> overlap_error;
  study::Scan scan;
  MaskShape shape;
  bool compared = false;  ///< with a segmentation
  Overlap overlap;
};

std::string without_extension(const std::string& file) {
  const std::string lower = to_lower(file);
  for (const std::string_view end : {".nii.gz", ".nii", ".mgz", ".mgh", ".nrrd", ".mha", ".hdr"})
    if (lower.ends_with(end)) return file.substr(0, file.size() - end.size());
  return {};
}

bool native(const std::string& space) {
  const std::string s = to_lower(space);
  return s.empty() || s == "orig" || s == "t1w" || s == "native" || s == "individual";
}

std::vector<MaskFile> find_masks(Draft& draft, const fs::path& dir) {
  std::vector<MaskFile> out;
  std::error_code ec;
  const auto consider = [&](const fs::path& path, const std::string& file) {
    MaskName name = mask_name(path.filename().string());
    if (name.skip.empty()) {
      out.push_back({path, file, std::move(name)});
    } else {
      draft.plan.skipped.emplace_back(file, name.skip);
    }
  };
  if (fs::is_regular_file(dir, ec)) {
    consider(dir, dir.filename().string());
    return out;
  }
  fs::recursive_directory_iterator it(dir, fs::directory_options::skip_permission_denied, ec);
  for (const fs::recursive_directory_iterator last; !ec && it != last; it.increment(ec)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) consider(it->path(), it->path().lexically_relative(dir).generic_string());
  }
  std::ranges::sort(out, {}, &MaskFile::file);
  return out;
}

/// One mask a session: native space before template space; equals stay and are told as duplicates.
void choose_spaces(Draft& draft, std::vector<MaskFile>& masks) {
  std::map<std::string, std::vector<std::size_t>> by_session;
  for (std::size_t i = 0; i < masks.size(); ++i)
    by_session[masks[i].name.id + '\x1f' + plain_session(masks[i].name.session)].push_back(i);
  std::vector<bool> drop(masks.size());
  for (const auto& [key, list] : by_session) {
    if (list.size() < 2) continue;
    const bool any_native = std::ranges::any_of(list, [&](std::size_t i) { return native(masks[i].name.space); });
    const bool any_template = std::ranges::any_of(list, [&](std::size_t i) { return !native(masks[i].name.space); });
    if (!any_native || !any_template) continue;
    for (const std::size_t i : list) {
      if (native(masks[i].name.space)) continue;
      drop[i] = true;
      draft.problem(Severity::notes, "several_masks", {"lesions", masks[i].file, 0, "", masks[i].name.id},
                    fmt::format("the mask in space {} is left out: there is one in native space", masks[i].name.space),
                    "nothing to do");
    }
  }
  std::vector<MaskFile> kept;
  for (std::size_t i = 0; i < masks.size(); ++i)
    if (!drop[i]) kept.push_back(std::move(masks[i]));
  masks = std::move(kept);
}

Found examine(const MaskFile& mask, const study::Scan* known, const fs::path& labels_path) {
  Found out;
  auto scan = describe_scan(mask.path, known);
  if (!scan) {
    out.error = scan.error();
    return out;
  }
  out.scan = std::move(*scan);
  const auto voxels = image::read_mask(mask.path);
  if (!voxels) {
    out.error = voxels.error();
    return out;
  }
  out.shape = mask_shape(*voxels);
  if (labels_path.empty() || out.shape.mm3 == 0) return out;
  const auto labels = image::read_labels(labels_path);
  if (!labels) return out;  // told where the segmentation itself was read
  auto overlap = lesion_overlap(*labels, *voxels);
  if (!overlap) {
    out.overlap_error = overlap.error();
    return out;
  }
  out.shape = mask_shape(*voxels, midline_of(*labels));
  out.overlap = std::move(*overlap);
  out.compared = true;
  return out;
}

class Writer {
 public:
  Writer(Draft& draft, const PersonSession& where) : draft_(draft), where_(where) {}

  void put(std::string region, std::string measure, double value, std::string unit, std::string note = "") {
    study::Measurement m;
    m.person = where_.person;
    m.session = where_.session;
    m.region = std::move(region);
    m.measure = std::move(measure);
    m.source = "lesion_mask";
    m.value = value;
    m.unit = std::move(unit);
    m.note = std::move(note);
    draft_.put(std::move(m));
  }

 private:
  Draft& draft_;
  const PersonSession& where_;
};

void keep(Draft& draft, const MaskFile& mask, Found& found, const Origin& at, const PersonSession& where) {
  found.scan.person = where.person;
  found.scan.session = where.session;
  found.scan.kind = "lesion";
  found.scan.path = draft.kept_path(mask.path);
  draft.put(std::move(found.scan));
  Writer writer(draft, where);
  const bool in_template = !native(mask.name.space);
  writer.put("lesion", "volume", found.shape.mm3, "mm3", in_template ? "in space " + mask.name.space : "");
  if (found.shape.mm3 == 0) {
    draft.problem(Severity::notes, "empty_mask", at, "the mask is empty: no visible lesion",
                  "nothing to do if none was seen");
    return;
  }
  writer.put("lesion", "left_fraction", found.shape.left_fraction, "fraction");
  if (in_template)
    draft.problem(
        Severity::warns, "template_space", at,
        fmt::format(
            "the mask is in space {}: its volume is not the person's own, and it is not compared with the segmentation",
            mask.name.space),
        "give the mask in native space");
  if (found.overlap_error)
    draft.problem(Severity::drops, "field_of_view", at, found.overlap_error->what + "; no overlap is computed",
                  found.overlap_error->mend);
  if (!found.compared) return;
  if (found.overlap.resampled)
    draft.problem(
        Severity::notes, "mask_grid", at,
        "lesion and segmentation lie on different grids; the mask was taken to the segmentation's grid (nearest)",
        "nothing to do");
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const RegionOverlap& o = found.overlap.regions[r];
    const std::string region(kRegions[r].key);
    writer.put(region, "lesion_overlap", o.overlap_mm3, "mm3");
    writer.put(region, "lesion_fraction", o.fraction_of_region, "fraction",
               std::isnan(o.fraction_of_region) ? "the region has no voxel" : "");
    writer.put(region, "lesion_share", o.fraction_of_lesion, "fraction");
    writer.put(region, "lesion_distance", o.distance_mm, "mm");
    writer.put(region, "lesion_expected", o.expected_fraction, "fraction", "of the opposite region, mirrored");
  }
}

}  // namespace

MaskName mask_name(const std::string& file) {
  MaskName out;
  std::string stem = without_extension(file);
  if (stem.empty()) {
    out.skip = "not an image by its name";
    return out;
  }
  static constexpr std::array<std::string_view, 9> kWords{"lesion",   "mask",      "lesionmask", "roi",     "les",
                                                          "t1lesion", "lesionroi", "seg",        "smoothed"};
  bool lesion = false;
  std::vector<std::string> id;
  std::vector<std::string> tokens = split(stem, '_');
  // "x-lesion" and "x.lesion" are the id x
  for (const std::string_view end : {"-lesion", ".lesion", "-mask", ".mask"})
    if (tokens.size() == 1 && to_lower(stem).ends_with(end) && stem.size() > end.size())
      tokens = {stem.substr(0, stem.size() - end.size()), "lesion"};
  for (const std::string& token : tokens) {
    const std::string lower = to_lower(token);
    const auto dash = lower.find('-');
    const std::string key = dash == std::string::npos ? "" : lower.substr(0, dash);
    const std::string value = dash == std::string::npos ? "" : token.substr(dash + 1);
    if (!id.empty() && key == "ses")
      out.session = value;
    else if (!id.empty() && key == "space")
      out.space = value;
    else if (!id.empty() && (key == "label" || key == "desc")) {
      lesion = lesion || lower.find("lesion") != std::string::npos;
      if (key == "desc" && to_lower(value) == "brain") out.skip = "a brain mask by its name";
    } else if (!id.empty() && (key == "res" || key == "acq" || key == "run" || key == "hemi" || key == "rec"))
      continue;
    else if (std::ranges::find(kWords, lower) != kWords.end())
      lesion = lesion || lower.starts_with("les") || lower == "t1lesion";
    else
      id.push_back(token);
  }
  if (!id.empty() && id.size() > 1)
    for (const std::string_view suffix : {"T1w", "T2w", "FLAIR", "dwi", "dseg", "probseg", "bold", "T1", "T2"})
      if (id.back() == suffix) out.skip = "not a lesion mask by its name";
  if (lesion && out.skip == "a brain mask by its name") out.skip.clear();
  out.id = join(id, "_");
  if (out.id.empty()) out.skip = "its name holds no subject id";
  return out;
}

Result<void> read_lesions(Draft& draft, const fs::path& dir, const Task& task) {
  std::error_code ec;
  if (!fs::exists(dir, ec))
    return fail(Code::NotFound, "there is no such folder", dir.string(), "give the folder of the lesion masks");
  std::vector<MaskFile> masks = find_masks(draft, dir);
  if (masks.empty())
    return fail(Code::InvalidInput, "the folder holds no image", dir.string(),
                "lesion masks are .nii.gz files named by the subject");
  return read_masks(draft, dir.filename().string(), std::move(masks), task);
}

Result<void> read_masks(Draft& draft, const std::string& folder, std::vector<MaskFile> masks, const Task& task) {
  choose_spaces(draft, masks);
  std::vector<const study::Scan*> known(masks.size(), nullptr);
  std::vector<fs::path> labels(masks.size());
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const auto where = draft.foresee(masks[i].name.id, masks[i].name.session);
    if (!where) continue;
    known[i] = draft.scan(*where, "lesion");
    if (known[i] != nullptr && known[i]->path != draft.kept_path(masks[i].path)) known[i] = nullptr;
    const study::Scan* scan = draft.scan(*where, "labels");
    if (scan != nullptr && native(masks[i].name.space))
      labels[i] = fs::path(scan->path).is_absolute() ? fs::path(scan->path) : draft.sources.study_dir / scan->path;
  }
  std::vector<Found> found(masks.size());
  const bool done = parallel_for(masks.size(), draft.sources.threads, task, "reading lesion masks",
                                 [&](std::size_t i) { found[i] = examine(masks[i], known[i], labels[i]); });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  long long refused = 0;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    Origin at{"lesions", masks[i].file, 0, "", masks[i].name.id};
    if (found[i].error) {
      ++refused;
      const bool readable = found[i].error->code == Code::InvalidInput;
      draft.problem(
          Severity::drops, readable ? "not_a_mask" : "unreadable", at, found[i].error->what,
          found[i].error->mend.empty() ? "leave it out of the folder, or give the mask" : found[i].error->mend);
      continue;
    }
    const auto where = draft.place(at, masks[i].name.session);
    if (where) keep(draft, masks[i], found[i], at, *where);
  }
  if (refused > 0)
    draft.problem(Severity::warns, "not_a_mask", {"lesions", folder, 0, "", ""},
                  fmt::format("{} of {} could not be used", refused,
                              counted(static_cast<long long>(masks.size()), "image", "images")),
                  "the others go on; see the list");
  return {};
}

}  // namespace ipsi::ingest
