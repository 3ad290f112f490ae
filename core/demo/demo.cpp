// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demo.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "core/base/regions.h"
#include "core/demo/demo_files.h"
#include "core/demo/draws.h"
#include "core/demo/images.h"
#include "core/ingest/fs_stats.h"
#include "core/ingest/import.h"
#include "core/study/study.h"

namespace ipsi::demo {
namespace {

namespace fs = std::filesystem;
using study::Flag;

enum Purpose : std::uint64_t { kChoice = 60, kFaults, kHead };

constexpr double kLargestLesion = 80000.0;   // mm^3, of people with images
constexpr double kOverlapThatCounts = 0.01;  // share of a region inside the lesion at which the rater sees it
constexpr std::array<const char*, 7> kEntries{"demo.ipsi",         "analyses.json",    "participants.tsv",
                                              "participants.json", "LandRvolumes.csv", "README.txt",
                                              "subjects"};

/// A folder beside the final one that is gone when this is, unless it was moved.
class Workshop {
 public:
  static Result<Workshop> beside(const fs::path& dir) {
    std::error_code ec;
    const fs::path whole = fs::absolute(dir, ec).lexically_normal();
    const fs::path clean = whole.has_filename() ? whole : whole.parent_path();  // "demo/" is "demo"
    fs::create_directories(clean.parent_path(), ec);
    Workshop made(clean.parent_path() / fmt::format(".{}.partial-{}", clean.filename().string(), ::getpid()), clean);
    fs::remove_all(made.path_, ec);
    if (!fs::create_directory(made.path_, ec))
      return fail(Code::Environment, fmt::format("the folder cannot be made: {}", ec.message()), clean.string(),
                  "choose a folder you may write in");
    return made;
  }
  Workshop(Workshop&& other) noexcept : path_(std::exchange(other.path_, {})), goal_(std::move(other.goal_)) {}
  Workshop& operator=(Workshop&&) = delete;
  ~Workshop() {
    std::error_code ec;
    if (!path_.empty()) fs::remove_all(path_, ec);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] const fs::path& goal() const { return goal_; }

  /// Everything made here takes its place in the goal; what an earlier demo left there goes first.
  Result<void> deliver() {
    std::error_code ec;
    if (!fs::exists(goal_, ec) || fs::is_empty(goal_, ec)) {
      fs::remove(goal_, ec);
      fs::rename(path_, goal_, ec);
      if (ec) return blame(ec);
      path_.clear();
      return {};
    }
    for (const char* entry : kEntries) fs::remove_all(goal_ / entry, ec);
    for (const char* entry : {"lesions", "demo.ipsi-wal", "demo.ipsi-shm", "demo.ipsi-journal"})
      fs::remove_all(goal_ / entry, ec);
    for (const auto& entry : fs::directory_iterator(path_, ec)) {
      fs::rename(entry.path(), goal_ / entry.path().filename(), ec);
      if (ec) return blame(ec);
    }
    return {};
  }

 private:
  Workshop(fs::path path, fs::path goal) : path_(std::move(path)), goal_(std::move(goal)) {}
  [[nodiscard]] tl::unexpected<Error> blame(const std::error_code& ec) const {
    return fail(Code::Environment, fmt::format("the finished study cannot be moved into place: {}", ec.message()),
                goal_.string(), "check the permissions of the folder");
  }
  fs::path path_, goal_;
};

Result<void> check(const fs::path& dir, const DemoOptions& options) {
  if (options.images < 0 || options.images > kMostImages)
    return fail(Code::Usage, fmt::format("{} people with images", options.images), "--images",
                fmt::format("give a number from 0 to {}", kMostImages));
  if (options.controls < 0 || options.controls > kMostControls)
    return fail(Code::Usage, fmt::format("{} controls", options.controls), "--controls",
                fmt::format("give a number from 0 to {}", kMostControls));
  std::error_code ec;
  if (fs::exists(dir, ec) && !fs::is_directory(dir, ec))
    return fail(Code::Conflict, "this is a file, not a folder", dir.string(), "name another folder");
  if (options.overwrite == Overwrite::no && fs::exists(dir, ec) && !fs::is_empty(dir, ec))
    return fail(Code::Conflict, "the folder is not empty", dir.string(),
                "name another folder, or give --force to replace the demo study in it");
  return {};
}

/// Segmentations to break: in about two of five people one or two regions, never a ventricle (the published tables
/// exclude none).
std::array<Fault, 12> draw_faults(std::size_t person, std::uint64_t seed) {
  std::array<Fault, 12> faults{};
  Draws draws(seed, kFaults, person);
  if (draws.uniform() > 0.42) return faults;
  const std::size_t how_many = draws.uniform() < 0.6 ? 1 : 2;
  for (std::size_t k = 0; k < how_many; ++k) faults[draws.below(10)] = Fault::any;  // kRegions: ventricles are last
  return faults;
}

std::vector<ImagePerson> image_requests(const std::vector<Person>& people, const std::vector<std::size_t>& chosen,
                                        const Planted& planted, std::uint64_t seed) {
  std::vector<ImagePerson> requests;
  for (const std::size_t i : chosen) {
    const Person& p = people[i];
    ImagePerson request;
    request.id = p.id;
    request.sex = p.female ? "female" : "male";
    request.age_years = p.age;
    request.lesion_side = p.lesion_side;
    request.icv_mm3 = p.icv_mm3;
    request.target_mm3 = planted.intact_mm3[i];
    request.lesion_mm3 = p.lesion_mm3;
    request.seed = Draws(seed, kHead, i).bits();
    request.faults = draw_faults(i, seed);
    requests.push_back(std::move(request));
  }
  return requests;
}

/// What the demo rater sees on these pictures, and the voxels that the label map has.
KnownBrain look_at(std::size_t person, const PersonImages& images) {
  KnownBrain known{person, {}};
  for (std::size_t r = 0; r < 12; ++r) {
    const RegionOutcome& region = images.regions[r];
    known.brain.volume_mm3[r] = static_cast<double>(region.voxels);
    known.brain.flag[r] = region.fault != Fault::none                   ? Flag::failed
                          : region.lesion_overlap >= kOverlapThatCounts ? Flag::lesioned
                                                                        : Flag::ok;
  }
  return known;
}

/// Hippocampus and amygdala as the written aseg.stats has them.
Result<Limbic> limbic_of(const PersonImages& images) {
  const fs::path path = images.subject_dir / "stats" / "aseg.stats";
  const auto text = read_file(path);
  if (!text) return tl::unexpected<Error>(text.error());
  const auto stats = ingest::parse_aseg_stats(*text, path.filename().string());
  if (!stats) return tl::unexpected<Error>(stats.error());
  Limbic out{};
  constexpr std::array<int, 4> kLabels{17, 53, 18, 54};
  for (std::size_t k = 0; k < kLabels.size(); ++k)
    if (const auto* segment = stats->segment(kLabels[k])) out[k] = segment->mm3;
  return out;
}

struct Population {
  std::vector<Person> people;
  Planted planted;
  std::vector<Limbic> limbic;
  std::vector<KnownBrain> known;
  std::vector<std::string> comments;  ///< of ratings, at person * 12 + region; "" = none
};

std::string comment_of(const RegionOutcome& region) {
  if (region.fault != Fault::none) return fmt::format("segmentation broken on purpose: {}", to_string(region.fault));
  if (region.lesion_overlap >= kOverlapThatCounts)
    return fmt::format("the lesion covers {:.0f} % of the region", 100.0 * region.lesion_overlap);
  return {};
}

Result<Population> populate(const Published& published, const DemoOptions& options, const fs::path& dir,
                            const Task& task) {
  Population out;
  out.people = draw_people(published, options.controls, options.seed);
  out.planted = plant(published, out.people, options.seed);
  for (std::size_t i = 0; i < out.people.size(); ++i) out.limbic.push_back(draw_limbic(out.people[i], i, options.seed));
  out.comments.resize(out.people.size() * 12);
  if (options.images == 0) return out;

  const auto chosen = choose_for_images(published, out.people, options.images, options.seed);
  const auto images =
      write_images(image_requests(out.people, chosen, out.planted, options.seed), dir, options.threads, task);
  if (!images) return tl::unexpected<Error>(images.error());
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const PersonImages& made = (*images)[k];
    out.known.push_back(look_at(chosen[k], made));
    out.people[chosen[k]].lesion_mm3 = made.lesion_mm3;
    for (std::size_t r = 0; r < 12; ++r) out.comments[chosen[k] * 12 + r] = comment_of(made.regions[r]);
    auto limbic = limbic_of(made);
    if (!limbic) return tl::unexpected<Error>(limbic.error());
    out.limbic[chosen[k]] = *limbic;
  }
  out.planted = plant(published, out.people, options.seed, out.known);
  return out;
}

Result<void> write_tables(const Published& published, const Population& population, const DemoOptions& options,
                          const fs::path& dir) {
  const std::pair<const char*, std::string> files[] = {
      {"participants.tsv", participants_tsv(published, population.people)},
      {"participants.json", participants_json()},
      {"LandRvolumes.csv", volumes_csv(population.people, population.planted.brains, population.limbic)},
      {"analyses.json", analyses_json()},
      {"README.txt", readme_txt(options)},
  };
  for (const auto& [name, text] : files)
    if (auto done = write_file(dir / name, text); !done) return done;
  return {};
}

/// The files come in as any user's would; problems that the importer names are the demo's business to avoid.
Result<void> import_all(study::Study& study, const fs::path& dir, const DemoOptions& options, DemoSummary& summary,
                        const Task& task) {
  ingest::Sources sources;
  sources.volumes = dir / "LandRvolumes.csv";
  sources.participants = dir / "participants.tsv";
  if (options.images > 0) {
    sources.freesurfer = dir / "subjects";
    sources.lesions = dir / "lesions";
  }
  sources.study_dir = dir;
  sources.threads = options.threads;
  const auto before = study.snapshot();
  if (!before) return tl::unexpected<Error>(before.error());
  const auto plan = ingest::plan(sources, *before, task);
  if (!plan) return tl::unexpected<Error>(plan.error());
  std::map<std::string, std::pair<long long, std::string>> found;  // trap -> how often, the first
  for (const ingest::Problem& problem : plan->problems) {
    if (problem.severity == ingest::Severity::notes) continue;
    auto& [count, first] = found[problem.trap];
    if (++count == 1) first = fmt::format("{} ({})", problem.what, ingest::place_of(problem));
  }
  for (const auto& [trap, entry] : found)
    summary.notes.push_back(fmt::format("import: {} x {}, e.g. {}", entry.first, trap, entry.second));
  const auto request = ingest::to_request(*plan, "demo");
  if (!request) return tl::unexpected<Error>(request.error());
  if (auto act = study.apply(*request); !act) return tl::unexpected<Error>(act.error());
  return {};
}

/// One act of "demo-rater": twelve decisions a person.
Result<void> rate_all(study::Study& study, const Population& population, DemoSummary& summary) {
  const auto snapshot = study.snapshot();
  if (!snapshot) return tl::unexpected<Error>(snapshot.error());
  std::map<std::string, std::string> session, seen;
  for (const study::Session& s : snapshot->sessions) session.emplace(s.person, s.label);
  for (const study::Scan& scan : snapshot->scans)
    if (scan.kind == "labels") seen[scan.person] = scan.hash;
  study::Request request{"demo-rater", "rate", "ratings of the synthetic demo study", {}};
  for (std::size_t i = 0; i < population.people.size(); ++i) {
    const std::string& id = population.people[i].id;
    for (std::size_t r = 0; r < 12; ++r) {
      study::Rating rating;
      rating.person = id;
      rating.session = session[id];
      rating.region = kRegions[r].key;
      rating.rater = "demo-rater";
      rating.flag = population.planted.brains[i].flag[r];
      rating.comment = population.comments[i * 12 + r];
      rating.scan_hash = seen[id];
      ++summary.ratings[std::string(study::to_string(rating.flag))];
      request.changes.emplace_back(study::Put{std::move(rating)});
    }
  }
  if (auto act = study.apply(request); !act) return tl::unexpected<Error>(act.error());
  return {};
}

Result<void> make_study(const Population& population, const DemoOptions& options, const fs::path& dir,
                        DemoSummary& summary, const Task& task) {
  auto study = study::Study::create(dir / "demo.ipsi");
  if (!study) return tl::unexpected<Error>(study.error());
  const study::Request label{"demo",
                             "create",
                             "synthetic demo study",
                             {study::Put{study::Setting{"synthetic", "true"}},
                              study::Put{study::Setting{"synthetic_note", std::string(kSyntheticNote)}},
                              study::Put{study::Setting{"demo_seed", std::to_string(options.seed)}}}};
  if (auto act = study->apply(label); !act) return tl::unexpected<Error>(act.error());
  if (auto done = import_all(*study, dir, options, summary, task.part(0.0, 0.6)); !done) return done;
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  task.progress(0.7, "ratings");
  return rate_all(*study, population, summary);
}

}  // namespace

std::vector<std::size_t> choose_for_images(const Published& published, const std::vector<Person>& people, int images,
                                           std::uint64_t seed) {
  std::vector<std::vector<std::size_t>> by_cohort(published.cohorts.size());
  for (std::size_t i = 0; i < people.size(); ++i) {
    const CohortPlan& plan = published.cohorts[static_cast<std::size_t>(people[i].cohort)];
    if (people[i].control || people[i].lesion_mm3 > kLargestLesion) continue;
    if (!plan.lost_chronic.empty() || !plan.lost_subacute.empty()) continue;
    by_cohort[static_cast<std::size_t>(people[i].cohort)].push_back(i);
  }
  std::vector<std::size_t> chosen;
  std::size_t turn = 0;
  while (static_cast<int>(chosen.size()) < images) {
    bool any = false;
    for (std::size_t c = 0; c < by_cohort.size() && static_cast<int>(chosen.size()) < images; ++c) {
      auto& candidates = by_cohort[c];
      if (candidates.empty()) continue;
      any = true;
      Draws draws(seed, kChoice, c, turn);
      // Turn and turn about of sides; of times since stroke what the cohort has, drawn.
      const Side wanted = (c + turn) % 2 == 0 ? Side::left : Side::right;
      std::size_t pick = draws.below(candidates.size());
      for (std::size_t k = 0; k < candidates.size(); ++k) {
        const std::size_t at = (pick + k) % candidates.size();
        if (people[candidates[at]].lesion_side == wanted) {
          pick = at;
          break;
        }
      }
      chosen.push_back(candidates[pick]);
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    if (!any) break;
    ++turn;
  }
  std::ranges::sort(chosen);
  return chosen;
}

Result<DemoSummary> make_demo(const fs::path& dir, const DemoOptions& options, const Task& task) {
  if (auto fine = check(dir, options); !fine) return tl::unexpected<Error>(fine.error());
  const auto published = read_published();
  if (!published) return tl::unexpected<Error>(published.error());
  auto workshop = Workshop::beside(dir);
  if (!workshop) return tl::unexpected<Error>(workshop.error());

  const double images_end = options.images > 0 ? 0.85 : 0.1;
  auto population = populate(*published, options, workshop->path(), task.part(0.0, images_end));
  if (!population) return tl::unexpected<Error>(population.error());
  if (auto done = write_tables(*published, *population, options, workshop->path()); !done)
    return tl::unexpected<Error>(done.error());

  DemoSummary summary;
  if (auto done = make_study(*population, options, workshop->path(), summary, task.part(images_end, 1.0)); !done)
    return tl::unexpected<Error>(done.error());
  if (auto done = workshop->deliver(); !done) return tl::unexpected<Error>(done.error());

  summary.dir = workshop->goal();
  summary.study = summary.dir / "demo.ipsi";
  summary.controls = options.controls;
  summary.patients = static_cast<long long>(population->people.size()) - options.controls;
  summary.cohorts = static_cast<long long>(published->cohorts.size());
  summary.images = static_cast<long long>(population->known.size());
  task.progress(1.0, "done");
  return summary;
}

}  // namespace ipsi::demo
