// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/analysis_options.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/engine/registry.h"

namespace ipsi::engine {
namespace {

constexpr Scale kScales[] = {Scale::z, Scale::raw, Scale::log, Scale::ratio};
constexpr Criterion kCriteria[] = {Criterion::reml, Criterion::ml};
constexpr Adjust kAdjusts[] = {Adjust::bonferroni, Adjust::holm, Adjust::bh, Adjust::none};

template <class Enum, std::size_t N>
Enum parse(const Enum (&all)[N], const std::string& word) {
  return *std::find_if(std::begin(all), std::end(all) - 1, [&](Enum e) { return to_string(e) == word; });
}

template <class Enum, std::size_t N>
std::vector<std::string> words(const Enum (&all)[N]) {
  std::vector<std::string> out;
  for (const Enum e : all) out.emplace_back(to_string(e));
  return out;
}

std::vector<spec::Option> declare() {
  std::vector<spec::Option> out;
  out.push_back(spec::choice("scale", "z", words(kScales),
                             "Volumes in standard deviations, in mm3, as logarithms, or as a share of the head"));
  const auto model = find_method("lme");
  if (model)
    for (const spec::Option& option : (*model)->info().options)
      if (option.key == "criterion") out.push_back(option);
  out.push_back(
      spec::choice("correction", "bonferroni", words(kAdjusts), "How the tests of the regions are corrected"));
  out.push_back(spec::real("alpha", 0.05, 0.0001, 0.5, "Below it, corrected, a region is significant"));
  return out;
}

}  // namespace

const std::vector<spec::Option>& analysis_options() {
  static const std::vector<spec::Option> options = declare();
  return options;
}

Json options_of(const Analysis& a) {
  return Json{{"scale", to_string(a.scale)},
              {"criterion", to_string(a.criterion)},
              {"correction", to_string(a.adjust)},
              {"alpha", a.alpha}};
}

Result<void> set_options(Analysis& a, const Json& given) {
  const auto all = spec::complete(analysis_options(), given);
  if (!all) return tl::unexpected<Error>(all.error());
  a.scale = parse(kScales, all->at("scale").get<std::string>());
  a.criterion = parse(kCriteria, all->at("criterion").get<std::string>());
  a.adjust = parse(kAdjusts, all->at("correction").get<std::string>());
  a.alpha = all->at("alpha").get<double>();
  return {};
}

}  // namespace ipsi::engine
