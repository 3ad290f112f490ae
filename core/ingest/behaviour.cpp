// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/behaviour.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.h"

namespace ipsi::ingest {
namespace {

constexpr double kOpen = std::numeric_limits<double>::quiet_NaN();

std::vector<Measure> make_measures() {
  using enum Better;
  std::vector<Measure> all{
      {"FMA-UE",
       {"FMUE_TOTAL", "FMA_UE", "FMAUE", "FMUE", "FMA_UE_TOTAL", "FM_UE"},
       {},
       0,
       66,
       high,
       60,
       false,
       "33 items x 2; 60 without reflexes at some sites"},
      {"FMA-LE", {"FMLE", "FMA_LE", "FMLE_TOTAL", "FMA_LE_TOTAL"}, {}, 0, 34, high, 0, false, ""},
      {"FMA-motor", {"FM_TOTAL", "FMA_MOTOR", "FMA_MOTOR_TOTAL"}, {}, 0, 100, high, 0, false, "upper and lower limb"},
      {"FMA-total", {"FMA_TOTAL"}, {}, 0, 226, high, 0, false, "with sensation, balance, joints"},
      {"ARAT", {"ARAT_TOTAL", "ARAT"}, {}, 0, 57, high, 0, false, "19 items x 3"},
      {"WMFT", {"WMFT_FAS", "WMFT", "WMFT_TOTAL"}, {}, 0, 75, high, 5, false, "15 tasks x 5; as a mean 0..5"},
      {"WMFT", {"WMFT_FAS_MEAN", "WMFT_MEAN"}, {}, 0, 5, high, 75, false, "mean of the tasks; as a sum 0..75"},
      {"WMFT-time", {"WMFT_TIME"}, {}, 0, 120, low, 0, true, "seconds a task, capped at 120"},
      {"Barthel",
       {"MBI", "BARTHEL", "BARTHEL_INDEX", "BI", "BARTHEL_TOTAL"},
       {},
       0,
       100,
       high,
       20,
       false,
       "a version 0..20 exists"},
      {"NIHSS", {"NIHSS", "NIHSS_TOTAL"}, {}, 0, 42, low, 0, false, ""},
      {"mRS", {"MRS", "MODIFIED_RANKIN", "RANKIN"}, {}, 0, 6, low, 5, false, "6 is death; living people 0..5"},
      {"Motricity-arm", {"MOTRICITY_ARM", "MI_ARM", "MOTRICITY_UE", "MOTRICITY_UL"}, {}, 0, 100, high, 0, false, ""},
      {"Motricity-leg", {"MOTRICITY_LEG", "MI_LEG", "MOTRICITY_LE", "MOTRICITY_LL"}, {}, 0, 100, high, 0, false, ""},
      {"Motricity", {"MOTRICITY", "MOTRICITY_INDEX", "MI_TOTAL"}, {}, 0, 100, high, 0, false, "mean of arm and leg"},
      {"MRC", {"MRC", "MRC_STRENGTH"}, {}, 0, 5, high, 0, false, ""},
      {"Ashworth",
       {"ASHWORTH", "MODIFIED_ASHWORTH", "MAS_ASHWORTH", "SPASTICITY"},
       {},
       0,
       4,
       low,
       0,
       false,
       "1+ is coded 1.5"},
      {"UL-MAS",
       {"UL_MAS", "MAS_UL", "MOTOR_ASSESSMENT_SCALE"},
       {},
       0,
       18,
       high,
       0,
       false,
       "Motor Assessment Scale, upper limb"},
      {"ESS", {"ESS", "EUROPEAN_STROKE_SCALE"}, {}, 0, 100, high, 0, false, ""},
      {"SSS", {"SSS", "SCANDINAVIAN_STROKE_SCALE"}, {}, 0, 58, high, 0, false, ""},
      {"Berg", {"BERG", "BERG_BALANCE", "BBS"}, {}, 0, 56, high, 0, false, ""},
      {"MoCA", {"MOCA", "MOCA_TOTAL"}, {}, 0, 30, high, 0, false, "not motor"},
      {"MMSE", {"MMSE", "MMSE_TOTAL"}, {}, 0, 30, high, 0, false, "not motor"},
      {"Normed-motor", {"NORMED_MOTOR"}, {}, 0, 1, high, 0, false, "already a fraction of maximum"},
      {"BBT",
       {"BBT_AFFECTED", "BBT", "BOX_AND_BLOCK_AFFECTED", "BOX_AND_BLOCK"},
       {"BBT_UNAFFECTED", "BOX_AND_BLOCK_UNAFFECTED"},
       0,
       kOpen,
       high,
       0,
       false,
       "blocks in 60 s, affected / unaffected"},
      {"NHPT",
       {"NINE_HOLE_PEG_AFFECTED", "NINE_HOLE_PEG", "NHPT_AFFECTED", "NHPT"},
       {"NINE_HOLE_PEG_UNAFFECTED", "NHPT_UNAFFECTED"},
       0,
       kOpen,
       low,
       0,
       true,
       "seconds, unaffected / affected"},
      {"Grip",
       {"GRIP_AFFECTED", "GRIP", "GRIP_STRENGTH_AFFECTED"},
       {"GRIP_UNAFFECTED", "GRIP_STRENGTH_UNAFFECTED"},
       0,
       kOpen,
       high,
       0,
       false,
       "affected / unaffected"},
      {"Pinch", {"PINCH_AFFECTED", "PINCH"}, {"PINCH_UNAFFECTED"}, 0, kOpen, high, 0, false, "affected / unaffected"},
  };
  return all;
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : to_lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

std::span<const Measure> measures() {
  static const std::vector<Measure> all = make_measures();
  return all;
}

std::optional<Measure> measure_of_column(std::string_view column) {
  const std::string wanted = plain_name(column);
  for (const Measure& measure : measures())
    for (const std::string& name : measure.columns)
      if (plain_name(name) == wanted) return measure;
  const std::string lower = to_lower(trim(column));
  if (lower.starts_with("sis_") && lower.size() > 4)
    return Measure{"SIS-" + lower.substr(4), {std::string(column)}, {}, 0, 100, Better::high, 0, false,
                   "Stroke Impact Scale"};
  return std::nullopt;
}

const Measure* measure_of_unaffected(std::string_view column) {
  const std::string wanted = plain_name(column);
  for (const Measure& measure : measures())
    for (const std::string& name : measure.unaffected)
      if (plain_name(name) == wanted) return &measure;
  return nullptr;
}

Result<double> fraction_of_maximum(double raw, double min, double max, Better better) {
  if (!std::isfinite(min) || !std::isfinite(max) || !(max > min))
    return fail(Code::InvalidInput, fmt::format("a scale from {} to {} has no fraction of maximum", format_double(min),
                                                format_double(max)));
  if (!(raw >= min && raw <= max))
    return fail(Code::InvalidInput,
                fmt::format("{} lies outside {} to {}", format_double(raw), format_double(min), format_double(max)), "",
                "correct it, or say which maximum was used");
  const double fraction = (raw - min) / (max - min);
  return better == Better::high ? fraction : 1.0 - fraction;
}

Result<double> limb_ratio(double affected, double unaffected, Better better) {
  if (!(affected >= 0) || !(unaffected >= 0) || !std::isfinite(affected) || !std::isfinite(unaffected))
    return fail(Code::InvalidInput, fmt::format("{} against {} is no ratio of two limbs", format_double(affected),
                                                format_double(unaffected)));
  if (better == Better::high) {
    if (unaffected == 0)
      return fail(Code::InvalidInput, "the unaffected hand has 0", "", "correct it or leave it empty");
    return affected / unaffected;
  }
  if (affected == 0 || unaffected == 0)
    return fail(Code::InvalidInput, "a time of 0 s is no measurement", "", "correct it or leave it empty");
  return unaffected / affected;
}

bool is_unable_code(std::string_view cell, std::optional<double> value, const Measure& measure, double max) {
  const std::string word = to_lower(trim(cell));
  if (word == "nt" || word == "unable" || word == "not testable" || word == "untestable") return true;
  if (!value) return false;
  if (*value == 999 || *value == -99 || *value == 9999 || *value == -999 || *value == -9) return true;
  if (*value != 120) return false;
  return measure.timed ? std::isnan(max) : !std::isnan(max) && max < 120;  // a cap of 120 s is a score; 120 of 226 too
}

}  // namespace ipsi::ingest
