// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/study_sheet.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/ingest/assignment.h"
#include "core/ingest/blinding.h"
#include "core/review/session_pictures.h"
#include "core/study/analysis_table.h"
#include "core/study/lookup.h"
#include "core/study/raters.h"
#include "core/study/rating_files.h"

namespace ipsi::review {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kCount = kRegions.size();
constexpr std::size_t kBlock = 30;      // people of one region under one heading: a page of a PDF
constexpr double kPicturesShare = 0.8;  // of the work, where thumbnails must be made first

report::SheetFlag to_sheet(study::Flag flag) {
  switch (flag) {
    case study::Flag::ok: return report::SheetFlag::ok;
    case study::Flag::lesioned: return report::SheetFlag::lesioned;
    case study::Flag::failed: return report::SheetFlag::failed;
    case study::Flag::unrated: break;
  }
  return report::SheetFlag::unrated;
}

/// Under a small picture: "Left accumbens".
std::string short_title(std::size_t region) {
  const Region& r = kRegions[region];
  if (r.structure != "accumbens") return std::string(r.title);
  return r.side == Side::left ? "Left accumbens" : "Right accumbens";
}

struct Row {
  const study::Person* person = nullptr;
  std::string session, name;  ///< name: as it is shown
  std::array<study::Flag, kCount> flags{};
  std::array<std::string, kCount> comments;
  std::array<const ingest::RegionRisk*, kCount> risks{};
};

/// One region over people: those of `rows` whose region it is.
struct Series {
  std::string title;
  std::vector<std::pair<std::size_t, std::size_t>> cells;  ///< row, region
};

class Sheet {
 public:
  Sheet(const study::Snapshot& snapshot, const fs::path& study_file, const SheetAsk& ask)
      : snapshot_(snapshot), study_file_(study_file), ask_(ask), images_(snapshot, study_file) {}

  Result<void> gather(const std::vector<ingest::RegionRisk>& risks) {
    if (auto ok = check(); !ok) return ok;
    if (auto ok = read_rows(); !ok) return ok;
    read_comments();
    std::map<std::pair<std::string_view, std::string_view>, Row*> by_id;
    for (Row& row : rows_) by_id[{row.person->id, row.session}] = &row;
    for (const auto& risk : risks)
      if (const auto found = by_id.find({risk.person, risk.session}); found != by_id.end())
        found->second->risks[risk.region] = &risk;
    if (!ask_.region.empty()) return read_series();
    return {};
  }

  /// Thumbnails of everybody shown, into the cache.
  Result<void> warm(const render::ThumbnailCache& cache, int threads, const Task& task) const {
    if (cache.dir().empty()) return {};
    const bool done = parallel_for(rows_.size(), threads, task, "thumbnails", [&](std::size_t i) {
      const SessionImages images = images_of(rows_[i]);
      const auto key = images.empty() ? Result<std::string>(std::string()) : thumbnail_key(images);
      if (key && !key->empty() && !cache.has(*key)) [[maybe_unused]]
        const auto made = session_thumbnails(images, cache, task);
    });
    if (!done) return fail(Code::Cancelled, "stopped by the user", "", "thumbnails made so far are kept");
    return {};
  }

  [[nodiscard]] report::SheetSource source(const render::ThumbnailCache& cache, const Task& task) const {
    if (series_.empty()) return {rows_.size(), [&cache, task, this](std::size_t i) { return person(i, cache, task); }};
    std::size_t blocks = 0;
    for (const Series& s : series_) blocks += (s.cells.size() + kBlock - 1) / kBlock;
    return {blocks, [&cache, task, this](std::size_t i) { return block(i, cache, task); }};
  }

  [[nodiscard]] Result<report::SheetHead> head(std::size_t& ratings) const {
    report::SheetHead out;
    out.title = fmt::format("Contact sheet of {}", study_file_.filename().string());
    out.lines.push_back(who_and_when());
    out.lines.push_back(counts());
    if (!ask_.flags.empty() || !ask_.region.empty() || skipped_ > 0) out.lines.push_back(choice());
    out.lines.emplace_back(
        "Axial slices through each region's centre of mass. The left of a picture is the person's right. Cyan: the "
        "region, thin its opposite; orange: the lesion.");
    if (snapshot_.setting("synthetic") == "true")
      out.lines.emplace_back("Synthetic data: every person and scan is simulated.");
    std::vector<study::Rating> shown = shown_ratings();
    ratings = shown.size();
    const auto table = study::long_table(std::move(shown));
    if (!table) return tl::unexpected<Error>(table.error());
    out.ratings_tsv = table::to_delimited(*table, '\t');
    return out;
  }
  [[nodiscard]] std::size_t people() const { return rows_.size(); }

 private:
  [[nodiscard]] Result<void> check() const {
    if (ask_.rater.empty()) return {};
    const auto rated = [&](const study::Rating& r) { return r.rater == ask_.rater; };
    if (std::any_of(snapshot_.ratings.begin(), snapshot_.ratings.end(), rated)) return {};
    std::set<std::string> names;
    for (const auto& rating : snapshot_.ratings) names.insert(rating.rater);
    return fail(Code::NotFound, fmt::format("nobody called '{}' has rated", ask_.rater), "--rater",
                study::suggestion(ask_.rater, {names.begin(), names.end()}, "`ipsi study info` lists the raters"));
  }

  Result<void> read_rows() {
    study::AnalysisOptions options = study::options_of(snapshot_);
    rule_ = study::rule_text(options);
    if (!ask_.rater.empty()) {
      options.rule = study::RatingRule::one_rater;
      options.rater = ask_.rater;
    }
    const auto table = study::analysis_table(snapshot_, options);
    if (!table) return tl::unexpected<Error>(table.error());
    std::map<std::string_view, const study::Person*> by_id;
    std::vector<std::string> ids;
    for (const auto& person : snapshot_.people) {
      by_id[person.id] = &person;
      ids.push_back(person.id);
    }
    for (const auto& id : ask_.subjects)
      if (!by_id.contains(id))
        return fail(Code::NotFound, fmt::format("there is no subject '{}'", id), study_file_.string(),
                    study::suggestion(id, ids, "check the id"));
    const ingest::Blinding blind = ingest::blinding(snapshot_, ask_.rater);
    const auto* subjects = table->find("subject");
    const auto* sessions = table->find("session");
    for (std::size_t r = 0; subjects != nullptr && sessions != nullptr && r < table->rows(); ++r) {
      const auto found = by_id.find(subjects->texts[r]);
      if (found == by_id.end() || !wanted(*found->second)) continue;
      Row row{.person = found->second, .session = sessions->texts[r]};
      row.name =
          blind.on ? ingest::coded_name(blind.seed, row.person->id, study::look_of(ask_.rater).number) : row.person->id;
      for (std::size_t i = 0; i < kCount; ++i)
        if (const auto* flags = table->find(fmt::format("flag_{}", kRegions[i].key)))
          row.flags[i] = study::parse_flag(flags->texts[r]).value_or(study::Flag::unrated);
      if (!meets(row)) continue;
      if (ask_.region.empty() && ask_.limit > 0 && static_cast<int>(rows_.size()) >= ask_.limit) {
        ++skipped_;
        continue;
      }
      rows_.push_back(std::move(row));
    }
    if (rows_.empty())
      return fail(Code::NotFound, "nobody is to be shown", "", "ask for other flags, subjects or another rater");
    return {};
  }

  [[nodiscard]] bool wanted(const study::Person& person) const {
    if (ask_.subjects.empty()) return person.group == "patient";
    return std::find(ask_.subjects.begin(), ask_.subjects.end(), person.id) != ask_.subjects.end();
  }
  [[nodiscard]] bool meets(const Row& row) const {
    if (ask_.flags.empty() || !ask_.region.empty()) return true;  // of one region: tile by tile
    return std::any_of(row.flags.begin(), row.flags.end(), [&](study::Flag f) { return ask_.flags.contains(f); });
  }

  void read_comments() {
    std::map<std::pair<std::string_view, std::string_view>, Row*> by_id;
    for (Row& row : rows_) by_id[{row.person->id, row.session}] = &row;
    for (const auto& rating : snapshot_.ratings) {
      if (rating.comment.empty() || (!ask_.rater.empty() && rating.rater != ask_.rater)) continue;
      const auto found = by_id.find({rating.person, rating.session});
      const Region* region = find_region(rating.region);
      if (found == by_id.end() || region == nullptr) continue;
      std::string& comment = found->second->comments[static_cast<std::size_t>(region - kRegions.data())];
      if (!comment.empty()) comment += "; ";
      comment += ask_.rater.empty() ? rating.rater + ": " + rating.comment : rating.comment;
    }
  }

  Result<void> read_series() {
    const bool both = std::find(kStructures.begin(), kStructures.end(), ask_.region) != kStructures.end();
    const std::vector<std::string> names =
        both ? std::vector<std::string>{"left_" + ask_.region, "right_" + ask_.region} : std::vector{ask_.region};
    for (const auto& name : names) {
      Series series;
      for (std::size_t r = 0; r < rows_.size(); ++r) {
        const auto region = study::resolve_region(name, *rows_[r].person);
        if (!region && region.error().code == Code::NotFound) return tl::unexpected<Error>(region.error());
        if (!region) {
          ++sideless_;
          continue;
        }
        const auto index = static_cast<std::size_t>(*region - kRegions.data());
        const bool meant = ask_.flags.empty() || ask_.flags.contains(rows_[r].flags[index]);
        const bool room = ask_.limit <= 0 || static_cast<int>(series.cells.size()) < ask_.limit;
        if (meant && room) series.cells.emplace_back(r, index);
        if (meant && !room) ++skipped_;
        series.title = find_region(name) != nullptr
                           ? std::string((*region)->title)
                           : fmt::format("{} {}", name.starts_with("ipsi") ? "Ipsilesional" : "Contralesional",
                                         to_lower(structure_title((*region)->structure)));
      }
      if (!series.cells.empty()) series_.push_back(std::move(series));
    }
    if (series_.empty())
      return fail(Code::NotFound, "no region is to be shown", "", "ask for other flags or another region");
    return {};
  }

  // -- what is written ----------------------------------------------------------------------------------------------

  /// Calls act(row, region) for every tile.
  template <class Act>
  void each_tile(const Act& act) const {
    for (std::size_t r = 0; series_.empty() && r < rows_.size(); ++r)
      for (std::size_t i = 0; i < kCount; ++i) act(rows_[r], i);
    for (const Series& series : series_)
      for (const auto& [r, i] : series.cells) act(rows_[r], i);
  }

  [[nodiscard]] std::string who_and_when() const {
    std::string out = ask_.rater.empty() ? fmt::format("Flags by the study's rule ({})", rule_)
                                         : fmt::format("Flags of rater {}", ask_.rater);
    return ask_.date.empty() ? out : out + ", " + ask_.date;
  }

  [[nodiscard]] std::string counts() const {
    std::array<std::size_t, 4> n{};
    std::size_t all = 0;
    std::set<const Row*> people;
    each_tile([&](const Row& row, std::size_t i) {
      ++n[static_cast<std::size_t>(row.flags[i])];
      ++all;
      people.insert(&row);
    });
    const auto without =
        std::count_if(people.begin(), people.end(), [&](const Row* row) { return images_of(*row).empty(); });
    return fmt::format("{} people, {} regions: {} ok, {} lesioned, {} failed, {} unrated{}", people.size(), all,
                       n[static_cast<std::size_t>(study::Flag::ok)], n[static_cast<std::size_t>(study::Flag::lesioned)],
                       n[static_cast<std::size_t>(study::Flag::failed)],
                       n[static_cast<std::size_t>(study::Flag::unrated)],
                       without == 0 ? "" : fmt::format("; {} of the people have no scan", without));
  }

  [[nodiscard]] std::string choice() const {
    std::vector<std::string> parts;
    if (!ask_.flags.empty()) {
      std::vector<std::string> words;
      for (const study::Flag flag : ask_.flags) words.emplace_back(study::to_string(flag));
      parts.push_back(fmt::format("Only {} {}", series_.empty() ? "people with a region flagged" : "regions flagged",
                                  join(words, " or ")));
    }
    for (const Series& series : series_)
      parts.push_back(fmt::format("{}: {} people", series.title, series.cells.size()));
    if (sideless_ > 0) parts.push_back(fmt::format("{} without a left or right lesion are left out", sideless_));
    if (skipped_ > 0) parts.push_back(fmt::format("{} more are left out by the limit of {}", skipped_, ask_.limit));
    return join(parts, "; ");
  }

  [[nodiscard]] std::vector<study::Rating> shown_ratings() const {
    std::set<std::tuple<std::string_view, std::string_view, std::string_view>> shown;
    each_tile([&](const Row& row, std::size_t i) { shown.insert({row.person->id, row.session, kRegions[i].key}); });
    std::vector<study::Rating> out;
    for (const auto& rating : snapshot_.ratings)
      if ((ask_.rater.empty() || rating.rater == ask_.rater) &&
          shown.contains({rating.person, rating.session, rating.region}))
        out.push_back(rating);
    return out;
  }

  [[nodiscard]] SessionImages images_of(const Row& row) const { return images_.find(row.person->id, row.session); }

  [[nodiscard]] report::SheetTile tile(const Row& row, std::size_t region,
                                       const Result<render::Thumbnails>& pictures) const {
    report::SheetTile out;
    out.region = static_cast<int>(region);
    out.flag = to_sheet(row.flags[region]);
    out.comment = row.comments[region];
    if (const auto* risk = row.risks[region]) {
      std::vector<std::string> reasons;
      for (const auto& reason : risk->reasons) reasons.push_back(reason.text);
      out.note = fmt::format("risk {:.2f}{}{}", risk->risk, reasons.empty() ? "" : ": ", join(reasons, "; "));
    }
    if (!pictures) out.missing = images_of(row).empty() ? "no scan" : to_line(pictures.error());
    return out;
  }

  [[nodiscard]] Result<report::SheetGroup> person(std::size_t r, const render::ThumbnailCache& cache,
                                                  const Task& task) const {
    const Row& row = rows_[r];
    const auto read = session_thumbnails(images_of(row), cache, task);
    if (!read && read.error().code == Code::Cancelled) return tl::unexpected<Error>(read.error());
    const auto shared = read ? std::make_shared<const render::Thumbnails>(*read) : nullptr;
    const auto rated = std::count_if(row.flags.begin(), row.flags.end(),
                                     [](study::Flag flag) { return flag != study::Flag::unrated; });
    report::SheetGroup out{row.name, fmt::format("{} of 12 rated", rated), {}};
    if (shared && !shared->problem.empty()) out.note += "; " + shared->problem;
    for (const Side side : {Side::left, Side::right})
      for (std::size_t i = 0; i < kCount; ++i) {
        if (kRegions[i].side != side) continue;
        report::SheetTile made = tile(row, i, read);
        made.title = short_title(i);
        made.about = row.name;
        made.pictures = shared;
        out.tiles.push_back(std::move(made));
      }
    return out;
  }

  [[nodiscard]] Result<report::SheetGroup> block(std::size_t index, const render::ThumbnailCache& cache,
                                                 const Task& task) const {
    std::size_t s = 0;
    for (;; ++s) {
      const std::size_t blocks = (series_[s].cells.size() + kBlock - 1) / kBlock;
      if (index < blocks) break;
      index -= blocks;
    }
    const Series& series = series_[s];
    const std::size_t first = index * kBlock, last = std::min(series.cells.size(), first + kBlock);
    report::SheetGroup out{
        series.title, fmt::format("{} to {} of {} people", first + 1, last, series.cells.size()), {}};
    for (std::size_t c = first; c < last; ++c) {
      const auto [r, region] = series.cells[c];
      auto read = session_thumbnails(images_of(rows_[r]), cache, task);
      if (!read && read.error().code == Code::Cancelled) return tl::unexpected<Error>(read.error());
      report::SheetTile made = tile(rows_[r], region, read);
      made.title = rows_[r].name;
      made.about = kRegions[region].title;
      if (read) made.pictures = std::make_shared<const render::Thumbnails>(std::move(*read));
      out.tiles.push_back(std::move(made));
    }
    return out;
  }

  const study::Snapshot& snapshot_;
  const fs::path& study_file_;
  const SheetAsk& ask_;
  ImageIndex images_;
  std::string rule_;
  std::vector<Row> rows_;
  std::vector<Series> series_;
  std::size_t sideless_ = 0, skipped_ = 0;
};

}  // namespace

Result<SheetResult> write_study_sheet(const study::Snapshot& snapshot, const fs::path& study_file, const SheetAsk& ask,
                                      const std::vector<ingest::RegionRisk>& risks, const render::ThumbnailCache& cache,
                                      const fs::path& out, int threads, const Task& task) {
  Sheet sheet(snapshot, study_file, ask);
  if (auto ok = sheet.gather(risks); !ok) return tl::unexpected<Error>(ok.error());
  SheetResult result;
  result.people = sheet.people();
  const auto head = sheet.head(result.ratings);
  if (!head) return tl::unexpected<Error>(head.error());
  if (auto ok = sheet.warm(cache, threads, task.part(0.0, kPicturesShare)); !ok)
    return tl::unexpected<Error>(ok.error());
  auto report = report::write_contact_sheet(out, *head, sheet.source(cache, task), task.part(kPicturesShare, 1.0));
  if (!report) return tl::unexpected<Error>(report.error());
  result.report = *report;
  return result;
}

}  // namespace ipsi::review
