// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <optional>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/parallel.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/image/io.h"
#include "core/ingest/behaviour.h"
#include "core/ingest/draft.h"
#include "core/ingest/freesurfer.h"
#include "core/ingest/lesions.h"
#include "core/ingest/rescan.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;
namespace {

/// Images of one session of one person.
struct Visit {
  std::string person, session;
  std::vector<fs::path> segmentations, heads;
  // found by the worker
  std::vector<study::Measurement> measurements;
  std::vector<study::Scan> scans;
  std::vector<Problem> problems;
};

/// The value of a BIDS entity: entity("sub-1_space-orig_dseg.nii.gz", "space") is "orig".
std::string entity(const std::string& file, std::string_view key) {
  for (const std::string& token : split(file.substr(0, file.find('.')), '_'))
    if (token.size() > key.size() && token.starts_with(key) && token[key.size()] == '-')
      return token.substr(key.size() + 1);
  return {};
}

bool native_space(const std::string& file) {
  const std::string space = to_lower(entity(file, "space"));
  return space.empty() || space == "orig" || space == "t1w" || space == "native" || space == "individual";
}

/// FreeSurfer's label of a look-up name: "Left-Thalamus-Proper", "right_putamen", "L_Accumbens"; 0 when none of the
/// twelve.
int label_of_name(const std::string& name) {
  const std::string lower = to_lower(name);
  for (const auto& [start, side] : {std::pair<std::string_view, Side>{"left", Side::left},
                                    {"right", Side::right},
                                    {"l_", Side::left},
                                    {"r_", Side::right},
                                    {"l-", Side::left},
                                    {"r-", Side::right}}) {
    if (!lower.starts_with(start)) continue;
    if (const auto structure = parse_structure(lower.substr(start.size()))) return region_of(*structure, side).label;
  }
  return 0;
}

/// Index -> FreeSurfer label of a `*_dseg.tsv`. @error InvalidInput no index or name column
Result<std::map<int, int>> read_lookup(const fs::path& path) {
  const auto sheet = table::read_sheet(path);
  if (!sheet) return tl::unexpected(sheet.error());
  const int index = sheet->find("index");
  const int name = sheet->find("name");
  if (index < 0 || name < 0)
    return fail(Code::InvalidInput, "the look-up has no columns index and name", sheet->file,
                "the columns are " + join(sheet->header, ", "));
  std::map<int, int> out;
  for (const auto& row : sheet->rows) {
    const auto at = parse_integer(row.cells[static_cast<std::size_t>(index)]);
    const int label = label_of_name(row.cells[static_cast<std::size_t>(name)]);
    if (at && label != 0) out[static_cast<int>(*at)] = label;
  }
  return out;
}

class Worker {
 public:
  Worker(const fs::path& root, Visit& visit, const Draft& draft) : root_(root), visit_(visit), draft_(draft) {}

  void work() {
    for (const fs::path& head : visit_.heads)
      if (take_head(head)) break;
    for (const fs::path& segmentation : visit_.segmentations)
      if (take_segmentation(segmentation)) break;
  }

 private:
  [[nodiscard]] std::string relative(const fs::path& path) const {
    return path.lexically_relative(root_).generic_string();
  }
  void say(Severity severity, std::string trap, const fs::path& path, std::string what, std::string mend) {
    visit_.problems.push_back(
        {severity, std::move(trap), relative(path), 0, "", visit_.person, std::move(what), std::move(mend)});
  }
  bool register_scan(const std::string& kind, const fs::path& path) {
    auto scan = describe_scan(path);
    if (!scan) {
      say(Severity::drops, "unreadable", path, scan.error().what, scan.error().mend);
      return false;
    }
    scan->kind = kind;
    scan->path = draft_.kept_path(path);
    visit_.scans.push_back(std::move(*scan));
    return true;
  }

  bool take_head(const fs::path& path) {
    if (const auto info = image::read_info(path); !info) {
      say(Severity::drops, "unreadable", path, info.error().what, info.error().mend);
      return false;
    }
    return register_scan(to_lower(entity(path.filename().string(), "desc")) == "brain" ? "brain" : "t1", path);
  }

  [[nodiscard]] fs::path lookup_of(const fs::path& path) const {
    const std::string file = path.filename().string();
    const fs::path beside = path.parent_path() / (file.substr(0, file.find('.')) + ".tsv");
    std::error_code ec;
    if (fs::exists(beside, ec)) return beside;
    const fs::path shared = root_ / ("desc-" + entity(file, "desc") + "_dseg.tsv");
    return fs::exists(shared, ec) ? shared : fs::path{};
  }

  bool take_segmentation(const fs::path& path) {
    const std::string file = path.filename().string();
    if (!native_space(file)) {
      say(Severity::warns, "template_space", path,
          fmt::format("the segmentation is in space {}: its counts are not the person's volumes",
                      entity(file, "space")),
          "give the segmentation in native space");
      return false;
    }
    std::map<int, int> meaning;
    const fs::path lookup = lookup_of(path);
    if (!lookup.empty()) {
      auto read = read_lookup(lookup);
      if (!read) {
        say(Severity::drops, "unreadable", lookup, read.error().what, read.error().mend);
        return false;
      }
      meaning = std::move(*read);
    }
    const std::string desc = to_lower(entity(file, "desc"));
    const bool freesurfer = std::ranges::all_of(meaning, [](const auto& m) { return m.first == m.second; });
    if (meaning.empty() && desc != "aseg" && desc != "aparcaseg") {
      say(Severity::drops, "bids", path, "no look-up table says what the labels are",
          "put a *_dseg.tsv with index and name beside it");
      return false;
    }
    auto labels = image::read_labels(path);
    if (!labels) {
      say(Severity::drops, "unreadable", path, labels.error().what, labels.error().mend);
      return false;
    }
    if (!freesurfer)
      for (std::int32_t& value : labels->values) {
        const auto it = meaning.find(value);
        value = it == meaning.end() ? 0 : it->second;
      }
    // Viewers and overlaps take "labels" to hold FreeSurfer's numbers.
    if (!register_scan(freesurfer ? "labels" : "dseg", path)) return false;
    count_labels(*labels, relative(path), visit_.measurements);
    return true;
  }

  const fs::path& root_;
  Visit& visit_;
  const Draft& draft_;
};

void describe(Draft& draft, const fs::path& root) {
  const Origin at{"bids", "dataset_description.json", 0, "", ""};
  std::error_code ec;
  if (!fs::exists(root / "dataset_description.json", ec)) {
    draft.problem(Severity::warns, "bids", at, "there is no dataset_description.json; the folder is read all the same",
                  "add one with Name and BIDSVersion");
    return;
  }
  const auto text = read_file(root / "dataset_description.json");
  const Json json = text ? Json::parse(*text, nullptr, false) : Json();
  if (!json.is_object()) {
    draft.problem(Severity::warns, "bids", at,
                  "dataset_description.json is no JSON object; the folder is read all the same", "mend the file");
    return;
  }
  const auto value = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string("?");
  };
  draft.problem(Severity::notes, "bids", at,
                fmt::format("'{}', BIDS {}, {}", value("Name"), value("BIDSVersion"),
                            json.contains("DatasetType") ? value("DatasetType") : "no DatasetType"),
                "nothing to do");
}

void read_sessions_table(Draft& draft, const fs::path& path, const std::string& person) {
  const auto sheet = table::read_sheet(path);
  if (!sheet) {
    draft.problem(Severity::drops, "unreadable", {"bids", path.filename().string(), 0, "", person}, sheet.error().what,
                  sheet.error().mend);
    return;
  }
  const int id = find_column(*sheet, {"session_id", "session"});
  const int date = find_column(*sheet, {"acq_time", "date"});
  const int age = find_column(*sheet, {"age"});
  const int days = find_column(*sheet, {"days_post_stroke"});
  if (id < 0) return;
  const auto where = draft.foresee(person, "");
  const std::string known = where                        ? where->person
                            : draft.foresee(person, "1") ? draft.foresee(person, "1")->person
                                                         : "";
  if (known.empty()) return;
  for (const auto& row : sheet->rows) {
    const auto number = [&](int at) {
      return at < 0 ? study::kMissing
                    : sheet->number(row.cells[static_cast<std::size_t>(at)]).value_or(study::kMissing);
    };
    study::Session session;
    session.person = known;
    session.label = draft.known_session(known, row.cells[static_cast<std::size_t>(id)]);
    if (session.label.empty()) continue;
    if (date >= 0 && is_iso_date(row.cells[static_cast<std::size_t>(date)]))
      session.date = row.cells[static_cast<std::size_t>(date)];
    else if (date >= 0 && !is_mark(row.cells[static_cast<std::size_t>(date)]))
      draft.problem(Severity::drops, "date",
                    {"bids", sheet->file, row.line, sheet->header[static_cast<std::size_t>(date)], person},
                    fmt::format("'{}' is no date written year-month-day; taken as missing",
                                row.cells[static_cast<std::size_t>(date)]),
                    "write 2020-05-31: sessions are put in order by it");
    session.age_years = number(age);
    session.days_post_stroke = number(days);
    draft.put(std::move(session));
  }
}

void collect_visit(const fs::path& anat, const std::string& person, const std::string& session, const fs::path& root,
                   std::vector<Visit>& visits, std::vector<MaskFile>& masks) {
  Visit visit{person, session, {}, {}, {}, {}, {}};
  std::error_code ec;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(anat, ec), last; !ec && it != last; it.increment(ec)) files.push_back(it->path());
  std::ranges::sort(files);
  for (const fs::path& path : files) {
    const std::string file = path.filename().string();
    const std::string lower = to_lower(file);
    if (!lower.ends_with(".nii.gz") && !lower.ends_with(".nii")) continue;
    const std::string stem = lower.substr(0, lower.find('.'));
    if (stem.ends_with("_dseg"))
      visit.segmentations.push_back(path);
    else if (stem.ends_with("_t1w") && native_space(file))
      visit.heads.push_back(path);
    else if (stem.ends_with("mask") && stem.find("lesion") != std::string::npos) {
      MaskName name = mask_name(file);
      name.id = person;
      name.session = session;
      masks.push_back({path, path.lexically_relative(root).generic_string(), std::move(name)});
    }
  }
  // aseg before aparcaseg before others; whole heads before brains
  const auto rank = [](const fs::path& path) {
    const std::string desc = to_lower(entity(path.filename().string(), "desc"));
    return desc == "aseg" ? 0 : desc == "aparcaseg" ? 1 : desc == "brain" ? 3 : 2;
  };
  std::ranges::stable_sort(visit.segmentations, {}, rank);
  std::ranges::stable_sort(visit.heads, {}, rank);
  if (!visit.segmentations.empty() || !visit.heads.empty()) visits.push_back(std::move(visit));
}

/// sub-* folders of the root, or of its centres (ATLAS 3.0 keeps <CENTRE>/<sub>).
std::vector<fs::path> subject_dirs(const fs::path& root) {
  std::vector<fs::path> out;
  std::error_code ec;
  const auto list = [&](const fs::path& dir, auto&& self, int depth) -> void {
    for (fs::directory_iterator it(dir, ec), last; !ec && it != last; it.increment(ec)) {
      std::error_code ignored;
      if (!it->is_directory(ignored)) continue;
      const std::string name = it->path().filename().string();
      if (name.starts_with("sub-"))
        out.push_back(it->path());
      else if (depth > 0 && not_a_subject(name).empty() && name != "sourcedata")
        self(it->path(), self, depth - 1);
    }
  };
  list(root, list, 1);
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<void> read_bids(Draft& draft, const fs::path& dir, const Task& task) {
  std::error_code ec;
  if (!fs::is_directory(dir, ec))
    return fail(Code::NotFound, "there is no such folder", dir.string(), "give the root of the BIDS derivative");
  describe(draft, dir);
  const auto subjects = subject_dirs(dir);
  if (subjects.empty())
    return fail(Code::InvalidInput, "the folder holds no sub-* folder", dir.string(),
                "give the root of the BIDS derivative");
  std::vector<Visit> visits;
  std::vector<MaskFile> masks;
  for (const fs::path& subject : subjects) {
    const std::string person = subject.filename().string();
    if (fs::exists(subject / (person + "_sessions.tsv"), ec))
      read_sessions_table(draft, subject / (person + "_sessions.tsv"), person);
    if (fs::is_directory(subject / "anat", ec)) collect_visit(subject / "anat", person, "", dir, visits, masks);
    for (fs::directory_iterator it(subject, ec), last; !ec && it != last; it.increment(ec)) {
      const std::string name = it->path().filename().string();
      std::error_code ignored;
      if (name.starts_with("ses-") && fs::is_directory(it->path() / "anat", ignored))
        collect_visit(it->path() / "anat", person, name.substr(4), dir, visits, masks);
    }
  }
  std::ranges::sort(visits, {}, [](const Visit& v) { return v.person + '\x1f' + v.session; });
  const bool done = parallel_for(visits.size(), draft.sources.threads, task.part(0, 0.6), "reading BIDS images",
                                 [&](std::size_t i) { Worker(dir, visits[i], draft).work(); });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  for (Visit& visit : visits) {
    for (Problem& problem : visit.problems) draft.plan.problems.push_back(std::move(problem));
    if (visit.scans.empty() && visit.measurements.empty()) continue;
    const auto where = draft.place({"bids", visit.person, 0, "", visit.person}, visit.session);
    if (!where) continue;
    for (study::Measurement& m : visit.measurements) {
      m.person = where->person;
      m.session = where->session;
      draft.put(std::move(m));
    }
    for (study::Scan& scan : visit.scans) {
      scan.person = where->person;
      scan.session = where->session;
      draft.put(std::move(scan));
    }
  }
  std::ranges::sort(masks, {}, &MaskFile::file);
  if (auto ok = read_masks(draft, dir.filename().string(), std::move(masks), task.part(0.6, 0.8)); !ok) return ok;
  if (draft.sources.freesurfer.empty() && fs::is_directory(dir / "sourcedata" / "freesurfer", ec))
    return read_freesurfer(draft, dir / "sourcedata" / "freesurfer", task.part(0.8, 1.0));
  return {};
}

}  // namespace ipsi::ingest
