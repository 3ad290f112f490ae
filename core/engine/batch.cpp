// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/batch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "core/base/files.h"
#include "core/engine/adjust.h"
#include "core/engine/batch_parts.h"
#include "core/engine/batch_scripts.h"
#include "core/engine/descriptives.h"
#include "core/engine/frame.h"
#include "core/engine/interaction.h"
#include "core/engine/region_model.h"
#include "core/stats/r_script.h"
#include "core/study/raters.h"
#include "core/study/study.h"

namespace ipsi::engine {
namespace {

/// The people as columns, once for each rule by which several raters become one flag.
class Frames {
 public:
  /// @param base  the rule of analyses that name none
  static Result<Frames> from(const study::Snapshot& snapshot, const std::vector<Analysis>& analyses,
                             const study::AnalysisOptions& base) {
    Frames out;
    if (auto ok = out.add(snapshot, base); !ok) return tl::unexpected<Error>(ok.error());
    for (std::size_t i = 0; i < analyses.size(); ++i) {
      const auto failed = [&](const Error& error) { return wrap(error, fmt::format("analyses[{}]", i)); };
      study::AnalysisOptions options = base;
      if (!analyses[i].ratings.empty()) {
        const auto named = study::with_rule(base, analyses[i].ratings, snapshot);
        if (!named) return failed(named.error());
        options = *named;
      }
      const auto at = out.add(snapshot, options);
      if (!at) return failed(at.error());
      out.of_.push_back(*at);
      // The first describes the people, so it needs every column.
      for (Frame* frame : {&out.rules_[*at].frame, &out.rules_.front().frame})
        if (auto ok = frame->load(analyses[i]); !ok) return failed(ok.error());
    }
    return out;
  }

  [[nodiscard]] const Frame& of(std::size_t analysis) const { return rules_[of_[analysis]].frame; }
  [[nodiscard]] Frame& base() { return rules_.front().frame; }
  [[nodiscard]] const table::Table& people() const { return rules_.front().people; }
  /// The rules in use beside the first.
  [[nodiscard]] std::vector<study::AnalysisOptions> others() const {
    std::vector<study::AnalysisOptions> out;
    for (std::size_t i = 1; i < rules_.size(); ++i) out.push_back(rules_[i].options);
    return out;
  }
  [[nodiscard]] bool uses(std::initializer_list<study::RatingRule> any) const {
    return std::any_of(of_.begin(), of_.end(), [&](std::size_t i) {
      return std::find(any.begin(), any.end(), rules_[i].options.rule) != any.end();
    });
  }

 private:
  struct Rule {
    study::AnalysisOptions options;
    table::Table people;
    Frame frame;
  };
  Result<std::size_t> add(const study::Snapshot& snapshot, const study::AnalysisOptions& options) {
    for (std::size_t i = 0; i < rules_.size(); ++i)
      if (study::rule_text(rules_[i].options) == study::rule_text(options)) return i;
    auto people = study::analysis_table(snapshot, options);
    if (!people) return tl::unexpected<Error>(people.error());
    auto frame = Frame::from(*people);
    if (!frame) return wrap(frame.error(), "analysis table");
    rules_.push_back({options, std::move(*people), std::move(*frame)});
    return rules_.size() - 1;
  }

  std::deque<Rule> rules_;
  std::vector<std::size_t> of_;  ///< [analyses] index into rules_
};

/// One model that is to be fitted.
struct Job {
  int analysis = 0;
  const std::string* side;
  const std::string* structure;
};

std::vector<Job> jobs_of(const std::vector<Analysis>& analyses) {
  std::vector<Job> out;
  for (std::size_t i = 0; i < analyses.size(); ++i)
    for (const std::string& side : analyses[i].sides)
      for (const std::string& structure : analyses[i].structures)
        out.push_back({static_cast<int>(i), &side, &structure});
  return out;
}

/// Models are independent and each writes to its own place, so neither their number nor the order of threads matters.
/// How ratings become one value where an analysis names no rule of its own.
Result<study::AnalysisOptions> base_options(const study::Snapshot& snapshot, const Analyses& analyses,
                                            const BatchOptions& options) {
  if (analyses.ratings.empty()) return options.table;
  return study::with_rule(options.table, analyses.ratings, snapshot);
}

Result<std::vector<RegionModel>> fit_all(const Frames& frames, const std::vector<Analysis>& analyses, int threads,
                                         const Task& task) {
  std::vector<std::vector<int>> members;
  for (std::size_t i = 0; i < analyses.size(); ++i) members.push_back(frames.of(i).members(analyses[i].subset));
  const std::vector<Job> jobs = jobs_of(analyses);
  std::vector<RegionModel> out(jobs.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size() && !task.cancelled(); i = next++) {
      const auto a = static_cast<std::size_t>(jobs[i].analysis);
      out[i] =
          fit_region(frames.of(a), members[a], analyses[a], *jobs[i].side, *jobs[i].structure, task, Depth::report);
      out[i].analysis = jobs[i].analysis;
      task.progress(static_cast<double>(++done) / static_cast<double>(jobs.size()), analyses[a].title);
    }
  };
  const int extra = std::min(threads, static_cast<int>(jobs.size() / 4)) - 1;  // a thread is worth a few models
  std::vector<std::jthread> pool;
  for (int t = 0; t < extra; ++t) pool.emplace_back(work);
  work();
  pool.clear();  // joins
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  return out;
}

Result<void> add_table(spec::ResultSet& out, std::string key, std::string title, std::string note,
                       Result<table::Table> made) {
  if (!made) return wrap(made.error(), key);
  out.tables.push_back({std::move(key), std::move(title), std::move(note), std::move(*made)});
  return {};
}

Result<void> add_tables(spec::ResultSet& out, const study::Snapshot& snapshot, const std::vector<Analysis>& analyses,
                        Frame& frame, const Fitted& fitted) {
  struct Made {
    const char *key, *title, *note;
    Result<table::Table> table;
  };
  Made made[] = {{"results", "Results",
                  "A row per model. beta is in SD of volume per unit of the predictor, or in mm^3 where raw.",
                  results_table(analyses, fitted)},
                 {"coefficients", "All coefficients", "", coefficients_table(analyses, fitted)},
                 {"fits", "Fits", "lrt_p: plain chi-square; lrt_p_mixture: 50:50 mixture of chi-square 0 and 1.",
                  fits_table(analyses, fitted)},
                 {"table1", "Cohorts", "Medians and quartiles of type 7. Score: primary score, 0 worst, 1 best.",
                  table_one(frame)},
                 {"table1_total", "All cohorts", "", table_one_total(frame)},
                 {"scores", "Where the scores come from", "Fraction of the test's maximum, 0 worst, 1 best.",
                  score_sources(frame, analyses)},
                 {"scores_by_side", "Scores by side of lesion",
                  "Wilcoxon rank-sum, left against right; r = |z| / sqrt(n).", scores_by_side(frame, analyses)},
                 {"flow", "Flow", "", flow_table(snapshot, frame, analyses, fitted.models)},
                 {"exclusions", "Left out of each model", "Each person is counted at the first reason that holds.",
                  exclusion_table(analyses, fitted.models)},
                 {"qc", "Ratings of the patients analysed", "", qc_table(frame, analyses)}};
  for (Made& m : made)
    if (auto ok = add_table(out, m.key, m.title, m.note, std::move(m.table)); !ok) return ok;
  return {};
}

const table::Table& table_of(const spec::ResultSet& result, std::string_view key) {
  return std::find_if(result.tables.begin(), result.tables.end(), [&](const auto& t) { return t.key == key; })->table;
}

std::string rule_words(const study::AnalysisOptions& options) {
  switch (options.rule) {
    case study::RatingRule::consensus:
      return "Where several raters differed the consensus rating counted, and without one the strictest rating.";
    case study::RatingRule::majority:
      return "Where several raters differed the rating of most of them counted; of a tie the consensus rating, and "
             "without one the strictest.";
    case study::RatingRule::lesioned_kept:
      return "Where several raters differed the consensus rating counted, and without one the strictest rating. "
             "Regions rated as lesioned were kept in the models; only failed segmentations were left out.";
    case study::RatingRule::strictest: return "Where several raters differed the strictest rating counted.";
    case study::RatingRule::one_rater: return fmt::format("Only the ratings of {} were used.", options.rater);
  }
  return {};
}

std::string rules_words(const study::AnalysisOptions& base, const Frames& frames) {
  std::string out = rule_words(base);
  for (const auto& other : frames.others())
    out += fmt::format(" Analyses marked '{}': {}", study::rule_text(other), rule_words(other));
  return out;
}

/// Regions that still wait for adjudication although the models need it; empty when none does.
std::string open_words(const study::Snapshot& snapshot, const Frames& frames) {
  if (!frames.uses({study::RatingRule::consensus, study::RatingRule::lesioned_kept})) return {};
  const auto differing = study::disagreements(snapshot);
  const auto open = std::count_if(differing.begin(), differing.end(),
                                  [](const study::Disagreement& d) { return d.adjudicated == study::Flag::unrated; });
  if (open == 0) return {};
  return fmt::format("{} of {} regions on which raters differ are not adjudicated; there the strictest rating counted",
                     open, differing.size());
}

/// Where the volumes of the analysed came from, with the number of people.
std::string source_words(const table::Table& people, const Frame& frame) {
  const table::Column* column = people.find("volume_source");
  if (column == nullptr) return {};
  std::map<std::string, int> found;
  for (const std::size_t r : frame.table_rows()) ++found[column->texts[r]];
  std::string out;
  for (const auto& [source, n] : found) {
    const std::string words = source == "aseg_stats"    ? "FreeSurfer's aseg.stats"
                              : source == "enigma_csv"  ? "the table of volumes"
                              : source == "label_count" ? "voxel counts of the label image"
                              : source.empty()          ? "no source"
                                                        : source;
    out += fmt::format("{}{} ({} people)", out.empty() ? "" : ", ", words, n);
  }
  return out;
}

Json manifest_of(const study::Snapshot& snapshot, const Analyses& analyses, const BatchOptions& options,
                 const std::string& cohort_hash, bool synthetic) {
  return Json{{"schema", 1},
              {"kind", "batch"},
              {"study", options.study},
              {"synthetic", synthetic},
              {"spec_hash", content_hash(to_json(analyses).dump())},
              {"cohort_hash", cohort_hash},
              {"last_act", snapshot.last_act},
              {"versions", {{"ipsi", IPSI_VERSION}, {"compiler", __VERSION__}}},
              {"seed", nullptr},  // nothing is drawn at random
              {"spec", to_json(analyses)}};
}

std::string question_of(const Analyses& analyses) {
  if (!analyses.question.empty()) return analyses.question;
  std::string out = "Is the volume of subcortical regions related to";
  std::vector<std::string> named;
  for (const Analysis& a : analyses.analyses) {
    const std::string words = words_of(a.predictor);
    if (std::find(named.begin(), named.end(), words) != named.end()) continue;
    out += (named.empty() ? " " : ", ") + words;
    named.push_back(words);
  }
  return out + "?";
}

bool is_true(const std::string& setting) {
  return setting == "true" || setting == "1" || setting == "yes";
}

}  // namespace

Fitted correct(std::vector<RegionModel> models, const std::vector<Analysis>& analyses) {
  Fitted out;
  out.models = std::move(models);
  out.p_adjusted.assign(out.models.size(), table::kMissing);
  out.significant.assign(out.models.size(), false);
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    std::vector<std::size_t> own;
    std::vector<double> p;
    for (std::size_t k = 0; k < out.models.size(); ++k)
      if (out.models[k].analysis == static_cast<int>(i)) {
        own.push_back(k);
        p.push_back(out.models[k].p());
      }
    const std::vector<double> adjusted = adjust(p, analyses[i].adjust, analyses[i].family);
    for (std::size_t k = 0; k < own.size(); ++k) {
      out.p_adjusted[own[k]] = adjusted[k];
      const bool usable = out.models[own[k]].fit && out.models[own[k]].fit->converged;
      out.significant[own[k]] = usable && significant(p[k], adjusted[k], analyses[i]);
    }
  }
  return out;
}

Result<spec::ResultSet> run_batch(const study::Snapshot& snapshot, const Analyses& analyses,
                                  const BatchOptions& options, const Task& task) {
  const auto start = std::chrono::steady_clock::now();
  const auto base = base_options(snapshot, analyses, options);
  if (!base) return tl::unexpected<Error>(base.error());
  auto frames = Frames::from(snapshot, analyses.analyses, *base);
  if (!frames) return tl::unexpected<Error>(frames.error());
  Frame& frame = frames->base();
  if (frame.size() == 0)
    return fail(Code::InvalidInput,
                fmt::format("none of the {} people of the study is analysed", snapshot.people.size()), options.study,
                "see `ipsi study info` for the reasons");
  auto models = fit_all(*frames, analyses.analyses, options.threads, task);
  if (!models) return tl::unexpected<Error>(models.error());
  const Fitted fitted = correct(std::move(*models), analyses.analyses);

  spec::ResultSet out;
  if (auto ok = add_tables(out, snapshot, analyses.analyses, frame, fitted); !ok)
    return tl::unexpected<Error>(ok.error());
  std::vector<const Frame*> of;
  for (std::size_t i = 0; i < analyses.analyses.size(); ++i) of.push_back(&frames->of(i));
  const auto interactions = interaction_table(analyses.analyses, fitted, of);
  if (!interactions) return tl::unexpected<Error>(interactions.error());
  if (interactions->rows() > 0)
    out.tables.push_back(
        {"interactions", "Interactions",
         "The predictor's slope at each level of the moderator (a number: at mean -/+ SD), its change, "
         "and the moderator by itself. Containment df.",
         *interactions});
  for (std::size_t i = 0; i < analyses.analyses.size(); ++i)
    out.figures.push_back(forest_figure(static_cast<int>(i), analyses.analyses[i], fitted));
  out.figures.push_back(exclusion_figure(table_of(out, "qc")));
  out.findings = findings_of(analyses.analyses, fitted);
  if (const auto stale = study::stale_ratings(snapshot); !stale.empty())
    out.findings.push_back(
        fmt::format("{} ratings are older than the label image they were made on, the first of them {} of {}",
                    stale.size(), stale[0].region, stale[0].person));
  if (std::string open = open_words(snapshot, *frames); !open.empty()) out.findings.push_back(std::move(open));
  const bool synthetic = is_true(snapshot.setting("synthetic"));
  out.methods_text = methods_of(analyses.analyses, fitted,
                                {static_cast<double>(frame.size()), rules_words(*base, *frames),
                                 source_words(frames->people(), frame), synthetic});
  out.methods_text.push_back(fmt::format("Computed with Ipsi {}.", IPSI_VERSION));
  out.references = {"liew2021", "pinheiro2000", "stram1994", "fox1992", "shapiro1965", "wilcoxon1945"};
  out.manifest = manifest_of(snapshot, analyses, options, frames->people().hash(), synthetic);
  const std::string title = analyses.title.empty() ? "Analysis of " + options.study : analyses.title;
  out.json =
      Json{{"title", title},         {"question", question_of(analyses)}, {"study", options.study},
           {"synthetic", synthetic}, {"people", snapshot.people.size()},  {"analyses", to_json(analyses)["analyses"]}};
  out.manifest["warnings"] = out.findings;
  out.manifest["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return out;
}

Result<std::map<std::string, std::string>> batch_scripts(const study::Snapshot& snapshot, const Analyses& analyses,
                                                         const BatchOptions& options, const Task& task) {
  const auto base = base_options(snapshot, analyses, options);
  if (!base) return tl::unexpected<Error>(base.error());
  const auto frames = Frames::from(snapshot, analyses.analyses, *base);
  if (!frames) return tl::unexpected<Error>(frames.error());
  std::map<std::string, std::string> out;
  for (const Job& job : jobs_of(analyses.analyses)) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const auto a = static_cast<std::size_t>(job.analysis);
    const Analysis& analysis = analyses.analyses[a];
    const Frame& frame = frames->of(a);
    const RegionModel model =
        fit_region(frame, frame.members(analysis.subset), analysis, *job.side, *job.structure, task);
    if (!model.fit || !model.fit->converged) continue;
    const auto data = region_data(frame, analysis, model);
    if (!data) return tl::unexpected<Error>(data.error());
    const std::string name = fmt::format("{}_{}_{}", analysis.id, *job.side, *job.structure);
    const std::string title = fmt::format("{}: {} {}, {} people in {} {}s", analysis.title, side_name(*job.side),
                                          *job.structure, model.fit->n, model.fit->n_groups, analysis.random);
    auto script = stats::r_script_of_numbers(
        *data, *model.fit, analysis.scale == Scale::z ? analysis.measure + "_z" : analysis.measure, title, name);
    if (!script) return tl::unexpected<Error>(script.error());
    out[name + ".R"] = std::move(script->code);
    out[name + ".csv"] = std::move(script->csv);
  }
  return out;
}

}  // namespace ipsi::engine
