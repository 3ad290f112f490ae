// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/frame.h"

#include <algorithm>

#include "core/base/text.h"

namespace ipsi::engine {
namespace {

using table::Column;

std::vector<double> pick(const Column& column, const std::vector<std::size_t>& rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const std::size_t r : rows) out.push_back(column.values[r]);
  return out;
}

Frame::Factor code(const Column& column, const std::vector<std::size_t>& rows) {
  Frame::Factor out;
  out.levels = table::levels_of(column);
  std::map<std::string_view, int> index;
  for (std::size_t i = 0; i < out.levels.size(); ++i) index[out.levels[i]] = static_cast<int>(i);
  out.code.reserve(rows.size());
  for (const std::size_t r : rows) {
    const auto it = index.find(column.texts[r]);
    out.code.push_back(column.texts[r].empty() || it == index.end() ? -1 : it->second);
  }
  return out;
}

Frame::Mark mark_of(std::string_view word) {
  if (word == "lesioned") return Frame::Mark::lesioned;
  if (word == "failed") return Frame::Mark::failed;
  if (word == "ok") return Frame::Mark::ok;
  return word.empty() ? Frame::Mark::none : Frame::Mark::unrated;
}

}  // namespace

Result<Frame> Frame::from(const table::Table& table) {
  Frame out;
  out.table_ = table;
  const auto analysed = table.require("analysed");
  if (!analysed) return tl::unexpected<Error>(analysed.error());
  const auto group = table.require("group");
  if (!group) return tl::unexpected<Error>(group.error());
  const auto days = table.require("days_post_stroke");
  if (!days) return tl::unexpected<Error>(days.error());
  for (std::size_t r = 0; r < table.rows(); ++r)
    if ((*analysed)->values[r] == 1.0 && (*group)->texts[r] == "patient") out.rows_.push_back(r);
  out.days_ = pick(**days, out.rows_);
  return out;
}

Result<void> Frame::load(const std::string& name) {
  if (numbers_.contains(name) || factors_.contains(name)) return {};
  const auto column = table_.require(name);
  if (!column) return tl::unexpected<Error>(column.error());
  if ((*column)->kind == Column::Kind::text)
    factors_[name] = code(**column, rows_);
  else
    numbers_[name] = pick(**column, rows_);
  return {};
}

Result<void> Frame::load(const Analysis& a) {
  const auto named = [&](const std::string& column, const char* key) -> Result<void> {
    if (auto ok = load(column); !ok) return wrap(ok.error(), key);
    return {};
  };
  if (auto ok = named(a.predictor, "predictor"); !ok) return ok;
  if (number(a.predictor) == nullptr)
    return fail(Code::InvalidInput, fmt::format("the predictor '{}' is text, not numbers", a.predictor), "predictor",
                "name a numeric column of the analysis table; text may be a covariate or an interaction");
  if (!a.interaction.empty())
    if (auto ok = named(a.interaction, "interaction"); !ok) return ok;
  for (const std::string& covariate : a.covariates)
    if (auto ok = named(covariate, "covariates"); !ok) return ok;
  if (a.scale == Scale::ratio)
    if (auto ok = named("icv", "response.scale"); !ok) return ok;
  if (auto ok = named(a.random, "random"); !ok) return ok;
  if (factor(a.random) == nullptr)
    return fail(Code::InvalidInput, fmt::format("'{}' is numeric; groups are named by text", a.random), "random",
                "name a text column such as cohort");
  for (const std::string& side : a.sides)
    for (const std::string& structure : a.structures) {
      const std::string key = side + "_" + structure;
      if (regions_.contains(key)) continue;
      const auto volume = table_.require(key);
      if (!volume) return tl::unexpected<Error>(volume.error());
      const auto flag = table_.require("flag_" + key);
      if (!flag) return tl::unexpected<Error>(flag.error());
      Region region{pick(**volume, rows_), {}};
      region.mark.reserve(rows_.size());
      for (const std::size_t r : rows_) region.mark.push_back(mark_of((*flag)->texts[r]));
      regions_.emplace(key, std::move(region));
    }
  return {};
}

const std::vector<double>* Frame::number(const std::string& column) const {
  const auto it = numbers_.find(column);
  return it == numbers_.end() ? nullptr : &it->second;
}

const Frame::Factor* Frame::factor(const std::string& column) const {
  const auto it = factors_.find(column);
  return it == factors_.end() ? nullptr : &it->second;
}

const Frame::Region& Frame::region(const std::string& side, const std::string& structure) const {
  return regions_.at(side + "_" + structure);
}

std::vector<int> Frame::members(Subset subset) const {
  std::vector<int> out;
  for (std::size_t i = 0; i < days_.size(); ++i)
    if (contains(subset, days_[i])) out.push_back(static_cast<int>(i));
  return out;
}

}  // namespace ipsi::engine
