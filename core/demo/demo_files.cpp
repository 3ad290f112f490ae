// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demo_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/json.h"
#include "core/base/regions.h"
#include "core/demo/draws.h"

namespace ipsi::demo {
namespace {

enum Purpose : std::uint64_t { kLimbic = 80 };

constexpr std::array<std::string_view, 6> kScoreColumns{"fmue_total", "arat_total",      "wmft_fas",
                                                        "mbi",        "motricity_index", "nihss"};

Json analysis(std::string_view id, std::string_view title, std::string_view subset, std::string_view predictor,
              const Json& interaction) {
  return Json{
      {"id", id},
      {"title", title},
      {"subset", subset},
      {"predictor", predictor},
      {"interaction", interaction},
      {"response", {{"measure", "volume"}, {"structures", kStructures}, {"sides", {"ipsi", "contra"}}, {"scale", "z"}}},
      {"covariates", {"age", "icv", "sex"}},
      {"random", "cohort"},
      {"criterion", "REML"},
      {"correction", {{"kind", "bonferroni"}, {"family", 12}}},
      {"alpha", 0.05}};
}

}  // namespace

Limbic draw_limbic(const Person& person, std::size_t index, std::uint64_t seed) {
  Draws draws(seed, kLimbic, index);
  Limbic out{};
  const double shared = -0.25 * (person.age - 62.0) / 14.0 + 0.3 * (person.icv_mm3 - 1.5e6) / 0.15e6;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool hippocampus = i < 2;
    const double z = shared + 0.8 * draws.bounded_normal();
    out[i] = std::round((hippocampus ? 3850.0 : 1500.0) + (hippocampus ? 400.0 : 190.0) * z);
  }
  return out;
}

std::string participants_tsv(const Published& published, const std::vector<Person>& people) {
  std::string out = "participant_id\tsite\tgroup\tage\tsex\tdays_post_stroke\tlesion_side\tlesion_class\tlesion_volume";
  for (const std::string_view column : kScoreColumns) out += fmt::format("\t{}", column);
  out += '\n';
  for (const Person& p : people) {
    out += fmt::format("{}\t{}\t{}\t{:.0f}\t{}", p.id, published.cohorts[static_cast<std::size_t>(p.cohort)].id(),
                       p.control ? "control" : "patient", p.age, p.female ? "female" : "male");
    if (p.control) {
      out += "\tn/a\tnone\tn/a\tn/a";
    } else {
      out += fmt::format("\t{:.0f}\t{}\t{}\t{:.3f}", p.days, to_string(p.lesion_side), p.lesion_class,
                         p.lesion_mm3 / 1000.0);
    }
    for (const std::string_view column : kScoreColumns) {
      const auto it = std::ranges::find(p.scores, column, &RawScore::column);
      out += it == p.scores.end() ? std::string("\tn/a") : fmt::format("\t{:.0f}", it->raw);
    }
    out += '\n';
  }
  return out;
}

std::string participants_json() {
  const auto score = [](std::string_view name, int max, bool high) {
    return Json{{"Description", fmt::format("{}, raw score 0 to {}; {} is better", name, max, high ? "high" : "low")}};
  };
  Json out{
      {"synthetic", true},
      {"about", kSyntheticNote},
      {"participant_id", {{"Description", "sub-cNNsMMM: patient MMM of cohort NN; h instead of s: healthy control"}}},
      {"site", {{"Description", "cohort, by its number in the published table"}}},
      {"group", {{"Levels", {{"patient", "after a stroke"}, {"control", "healthy"}}}}},
      {"age", {{"Units", "years"}}},
      {"sex", {{"Levels", {{"female", "female"}, {"male", "male"}}}}},
      {"days_post_stroke", {{"Units", "days"}}},
      {"lesion_side", {{"Levels", {{"left", "left"}, {"right", "right"}, {"none", "no lesion (controls)"}}}}},
      {"lesion_class", {{"Description", "cortical, subcortical or mixed"}}},
      {"lesion_volume", {{"Units", "cc"}}}};
  out["fmue_total"] = score("Fugl-Meyer Assessment, upper extremity", 66, true);
  out["arat_total"] = score("Action Research Arm Test", 57, true);
  out["wmft_fas"] = score("Wolf Motor Function Test, functional ability", 75, true);
  out["mbi"] = score("modified Barthel index", 100, true);
  out["motricity_index"] = score("Motricity index", 100, true);
  out["nihss"] = score("NIH Stroke Scale", 42, false);
  return out.dump(2) + "\n";
}

std::string volumes_csv(const std::vector<Person>& people, const std::vector<Brain>& brains,
                        const std::vector<Limbic>& limbic) {
  std::string out =
      "SubjID,LLatVent,RLatVent,Lthal,Rthal,Lcaud,Rcaud,Lput,Rput,Lpal,Rpal,Lhippo,Rhippo,Lamyg,Ramyg,"
      "Laccumb,Raccumb,ICV\n";
  for (std::size_t i = 0; i < people.size(); ++i) {
    out += people[i].id;
    const auto region = [&](std::string_view structure) {
      for (const Side side : {Side::left, Side::right})
        out += fmt::format(
            ",{:.0f}", brains[i].volume_mm3[static_cast<std::size_t>(&region_of(structure, side) - kRegions.data())]);
    };
    for (const std::string_view s : {"lateral_ventricle", "thalamus", "caudate", "putamen", "pallidum"}) region(s);
    for (const double v : limbic[i]) out += fmt::format(",{:.0f}", v);
    region("accumbens");
    out += fmt::format(",{:.0f}\n", people[i].icv_mm3);
  }
  return out;
}

std::string analyses_json() {
  const Json none = nullptr;
  const Json list = Json::array({
      analysis("subacute", "Subacute, sensorimotor behaviour", "subacute", "primary_score", none),
      analysis("early", "Early, sensorimotor behaviour", "early", "primary_score", none),
      analysis("chronic", "Chronic, sensorimotor behaviour", "chronic", "primary_score", none),
      analysis("all", "All times, sensorimotor behaviour", "all", "primary_score", none),
      analysis("chronic_impairment", "Chronic, sensorimotor impairment", "chronic", "impairment", none),
      analysis("chronic_activity", "Chronic, activity limitations", "chronic", "activity", none),
      analysis("chronic_lesion_side", "Chronic, sensorimotor behaviour by lesion side", "chronic", "primary_score",
               "lesion_side"),
  });
  return Json{{"schema", 1},
              {"title", "Subcortical volumes and sensorimotor behaviour after stroke: the synthetic demo study"},
              {"analyses", list}}
             .dump(2) +
         "\n";
}

std::string readme_txt(const DemoOptions& options) {
  std::string out = fmt::format(
      "THIS STUDY IS SYNTHETIC\n\n{}\n\n"
      "Made with seed {}, {} patients with images, {} healthy controls. The same command gives the same files.\n\n"
      "demo.ipsi           the study, imported from the files beside it; ratings by \"demo-rater\"\n"
      "analyses.json       the published batch, for `ipsi batch demo.ipsi --analyses analyses.json --out results`\n"
      "participants.tsv    people and raw scores; participants.json says what the columns mean\n"
      "LandRvolumes.csv    volumes in mm^3, in ENIGMA's form\n",
      kSyntheticNote, options.seed, options.images, options.controls);
  if (options.images > 0)
    out +=
        "subjects/           FreeSurfer-like folders: the Colin27 head, deformed; some labels are broken on purpose\n"
        "lesions/            a lesion mask per person with images\n";
  out +=
      "\nWhat was planted: beta and t of the published chronic models, per region, and the published numbers of "
      "people\n"
      "per region, so that e.g. the effects of the ipsilesional putamen, accumbens and lateral ventricle are found in\n"
      "74, 60 and 88 % of seeds at p < 0.05/12. The default seed 1 was made to show all three. See "
      "docs/howto/demo.md.\n";
  return out;
}

}  // namespace ipsi::demo
