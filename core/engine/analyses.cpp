// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/analyses.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/engine/batch_parts.h"

namespace ipsi::engine {
namespace {

constexpr std::array<std::string_view, 4> kSubsets{"subacute", "early", "chronic", "all"};
constexpr std::array<std::string_view, 4> kScales{"z", "raw", "log", "ratio"};
constexpr std::array<std::string_view, 2> kCriteria{"REML", "ML"};
constexpr std::array<std::string_view, 4> kAdjusts{"bonferroni", "holm", "bh", "none"};
constexpr std::array<std::string_view, 4> kSides{"ipsi", "contra", "left", "right"};
constexpr std::array<std::string_view, 1> kMeasures{"volume"};

/// Letters to insert, delete or change to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swap = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({swap, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

template <class Words>
std::string mend_word(std::string_view given, const Words& known) {
  std::string_view best;
  std::size_t least = 3;
  std::vector<std::string> all;
  for (const std::string_view word : known) {
    const std::size_t d = distance(to_lower(given), to_lower(word));
    if (d < least) {
      least = d;
      best = word;
    }
    all.emplace_back(word);
  }
  if (!best.empty()) return fmt::format("did you mean '{}'?", best);
  return "use one of: " + join(all, ", ");
}

/// One object of the file, its path, and the first thing found wrong with it.
class Reader {
 public:
  Reader(const Json& json, std::string path, std::optional<Error>& problem)
      : json_(json), path_(std::move(path)), problem_(problem) {
    if (!json_.is_object()) blame("", fmt::format("this must be an object {{}}, not {}", json_.type_name()), "");
  }

  /// Every key must be one of these: a typing error must not become a silent default.
  void only(const std::vector<std::string_view>& keys) {
    if (!json_.is_object()) return;
    for (const auto& [key, value] : json_.items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        blame(key, fmt::format("there is no setting '{}'", key), mend_word(key, keys));
  }

  [[nodiscard]] const Json* at(const std::string& key) const {
    if (!json_.is_object()) return nullptr;
    const auto it = json_.find(key);
    return it == json_.end() || it->is_null() ? nullptr : &*it;
  }

  void need(const std::string& key) {
    if (at(key) == nullptr) blame(key, fmt::format("'{}' is missing", key), "add it");
  }

  void text(const std::string& key, std::string& out) {
    const Json* value = at(key);
    if (value == nullptr) return;
    if (!value->is_string()) return blame(key, "this must be text in quotes, not " + value->dump(), "");
    out = value->get<std::string>();
  }

  template <class Words, class Enum>
  void choice(const std::string& key, const Words& words, Enum& out) {
    std::string given;
    text(key, given);
    if (given.empty() && at(key) == nullptr) return;
    const auto it = std::find(words.begin(), words.end(), given);
    if (it == words.end()) return blame(key, fmt::format("'{}' is not a {}", given, key), mend_word(given, words));
    out = static_cast<Enum>(it - words.begin());
  }

  void list(const std::string& key, std::vector<std::string>& out) {
    const Json* value = at(key);
    if (value == nullptr) return;
    if (!value->is_array()) return blame(key, "this must be a list [..], not " + value->dump(), "");
    out.clear();
    for (std::size_t i = 0; i < value->size(); ++i) {
      const Json& item = (*value)[i];
      const std::string place = fmt::format("{}[{}]", key, i);
      if (!item.is_string()) return blame(place, "this must be text in quotes, not " + item.dump(), "");
      const auto word = item.get<std::string>();
      if (std::find(out.begin(), out.end(), word) != out.end())
        return blame(place, fmt::format("'{}' is listed twice", word), "remove one");
      out.push_back(word);
    }
  }

  template <class Words>
  void words(const std::string& key, const Words& known, std::vector<std::string>& out) {
    list(key, out);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::find(known.begin(), known.end(), out[i]) == known.end())
        return blame(fmt::format("{}[{}]", key, i), fmt::format("'{}' is not known here", out[i]),
                     mend_word(out[i], known));
    if (out.empty()) blame(key, "the list is empty", "name at least one");
  }

  void blame(const std::string& key, std::string what, std::string mend) {
    if (problem_) return;
    std::string where = path_;
    if (!key.empty()) where += (where.empty() ? "" : ".") + key;
    problem_ = Error{Code::InvalidInput, std::move(what), where.empty() ? "top level" : where, std::move(mend)};
  }

  [[nodiscard]] std::string path(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

 private:
  const Json& json_;
  std::string path_;
  std::optional<Error>& problem_;
};

bool file_safe(std::string_view id) {
  return !id.empty() && id.size() <= 80 && id.front() != '.' && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

std::vector<std::string> six() {
  return {kStructures.begin(), kStructures.end()};
}

std::string default_title(const Analysis& a) {
  std::string title(a.subset == Subset::all ? "all times" : to_string(a.subset));
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  title += ", " + words_of(a.predictor);
  if (!a.interaction.empty()) title += " by " + words_of(a.interaction);
  if (!a.ratings.empty()) title += fmt::format(" (ratings: {})", a.ratings);
  return title;
}

void read_correction(const Json& json, const std::string& path, Analysis& a, std::optional<Error>& problem) {
  Reader r(json, path, problem);
  r.only({"kind", "family"});
  r.choice("kind", kAdjusts, a.adjust);
  const Json* family = r.at("family");
  if (family == nullptr) return;
  if (!family->is_number_integer() || family->get<long long>() < a.models() || family->get<long long>() > 1'000'000)
    return r.blame(
        "family", fmt::format("{} is not a number of tests that covers the {} models here", family->dump(), a.models()),
        fmt::format("give a whole number of at least {}, or leave it out", a.models()));
  a.family = family->get<int>();
}

void read_response(const Json& json, const std::string& path, Analysis& a, std::optional<Error>& problem) {
  Reader r(json, path, problem);
  r.only({"measure", "structures", "sides", "scale"});
  int only_volume = 0;
  r.choice("measure", kMeasures, only_volume);
  r.words("structures", kStructures, a.structures);
  r.words("sides", kSides, a.sides);
  r.choice("scale", kScales, a.scale);
}

Analysis read_analysis(const Json& json, const std::string& path, std::optional<Error>& problem) {
  Analysis a;
  a.structures = six();
  Reader r(json, path, problem);
  r.only({"id", "title", "subset", "predictor", "interaction", "response", "covariates", "random", "criterion",
          "correction", "alpha", "ratings"});
  for (const char* key : {"id", "subset", "predictor"}) r.need(key);
  r.text("id", a.id);
  if (r.at("id") != nullptr && !file_safe(a.id))
    r.blame("id", fmt::format("'{}' cannot name files", a.id), "use letters, digits, '_', '-' and '.' only");
  r.text("title", a.title);
  std::string subset(to_string(a.subset));
  r.text("subset", subset);
  if (const auto known = study::parse_subgroup(subset))
    a.subset = *known;
  else
    r.blame("subset", fmt::format("'{}' is not a subset", subset), mend_word(subset, kSubsets));
  r.text("predictor", a.predictor);
  r.text("interaction", a.interaction);
  if (const Json* response = r.at("response")) read_response(*response, r.path("response"), a, problem);
  r.list("covariates", a.covariates);
  r.text("random", a.random);
  r.choice("criterion", kCriteria, a.criterion);
  r.text("ratings", a.ratings);
  if (const Json* correction = r.at("correction")) read_correction(*correction, r.path("correction"), a, problem);
  if (const Json* alpha = r.at("alpha")) {
    if (alpha->is_number() && alpha->get<double>() > 0.0 && alpha->get<double>() < 1.0)
      a.alpha = alpha->get<double>();
    else
      r.blame("alpha", alpha->dump() + " is not a probability between 0 and 1", "0.05 is usual");
  }
  for (std::size_t i = 0; i < a.covariates.size(); ++i)
    if (a.covariates[i] == a.predictor || a.covariates[i] == a.interaction)
      r.blame(fmt::format("covariates[{}]", i), fmt::format("'{}' is in the model already", a.covariates[i]),
              "remove it from the covariates");
  if (!a.interaction.empty() && a.interaction == a.predictor)
    r.blame("interaction", fmt::format("'{}' is the predictor itself", a.interaction), "name another column");
  if (a.family == 0) a.family = a.models();
  if (a.title.empty() && !problem) a.title = default_title(a);
  return a;
}

}  // namespace

std::string_view to_string(Scale scale) {
  return kScales[static_cast<std::size_t>(scale)];
}
std::string_view unit_of(Scale scale) {
  constexpr std::array<std::string_view, 4> units{"SD of volume", "mm3", "log of mm3",
                                                  "per mille of intracranial volume"};
  return units[static_cast<std::size_t>(scale)];
}
std::string_view to_string(Criterion criterion) {
  return kCriteria[static_cast<std::size_t>(criterion)];
}
std::string_view to_string(Adjust adjust) {
  return kAdjusts[static_cast<std::size_t>(adjust)];
}

std::string words_of(std::string_view column) {
  if (column == "primary_score") return "sensorimotor behaviour";
  if (column == "impairment") return "sensorimotor impairment";
  if (column == "activity") return "activity";
  std::string out(column);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string_view title_of(Subset subset) {
  switch (subset) {
    case Subset::early: return "Early (21 days or less)";
    case Subset::subacute: return "Subacute (90 days or less)";
    case Subset::chronic: return "Chronic (180 days or more)";
    case Subset::all: return "All times";
  }
  return "";
}

Analyses published_analyses() {
  const auto make = [](std::string id, Subset subset, std::string predictor, std::string interaction = {}) {
    Analysis a;
    a.id = std::move(id);
    a.subset = subset;
    a.predictor = std::move(predictor);
    a.interaction = std::move(interaction);
    a.structures = six();
    a.family = a.models();
    a.title = default_title(a);
    return a;
  };
  Analyses out;
  out.title = "Subcortical volumes and sensorimotor behaviour after stroke";
  out.question =
      "Is the volume of each of twelve subcortical regions, on the side of the lesion and on the other, related to "
      "sensorimotor behaviour early, subacutely and chronically after stroke, and does the relation depend on the "
      "side of the lesion?";
  out.analyses = {make("subacute", Subset::subacute, "primary_score"),
                  make("early", Subset::early, "primary_score"),
                  make("chronic", Subset::chronic, "primary_score"),
                  make("all", Subset::all, "primary_score"),
                  make("chronic_impairment", Subset::chronic, "impairment"),
                  make("chronic_activity", Subset::chronic, "activity"),
                  make("chronic_lesion_side", Subset::chronic, "primary_score", "lesion_side")};
  return out;
}

Result<Analyses> analyses_from_json(const Json& json) {
  std::optional<Error> problem;
  Analyses out;
  Reader top(json, "", problem);
  top.only({"schema", "title", "question", "ratings", "analyses"});
  if (const Json* schema = top.at("schema"); schema != nullptr && *schema != 1)
    top.blame("schema", "schema " + schema->dump() + " is not known to this version", "it knows schema 1");
  top.text("title", out.title);
  top.text("question", out.question);
  top.text("ratings", out.ratings);
  top.need("analyses");
  const Json* list = top.at("analyses");
  if (list != nullptr && (!list->is_array() || list->empty()))
    top.blame("analyses", "this must be a list of at least one analysis", "");
  std::set<std::string> ids;
  for (std::size_t i = 0; list != nullptr && !problem && i < list->size(); ++i) {
    const std::string path = fmt::format("analyses[{}]", i);
    out.analyses.push_back(read_analysis((*list)[i], path, problem));
    if (!problem && !ids.insert(to_lower(out.analyses.back().id)).second)
      problem = Error{Code::InvalidInput, fmt::format("the id '{}' is used twice", out.analyses.back().id),
                      path + ".id", "give each analysis its own"};
  }
  if (problem) return tl::unexpected<Error>(*problem);
  return out;
}

Result<Analyses> read_analyses(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  const std::string name = path.filename().string();
  Json json;
  try {
    json = Json::parse(*bytes);
  } catch (const Json::parse_error& e) {
    const std::string_view before = std::string_view(*bytes).substr(0, e.byte > 0 ? e.byte - 1 : 0);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto start = before.rfind('\n');
    const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return fail(Code::InvalidInput, "this is not valid JSON", fmt::format("{}, line {}, column {}", name, line, column),
                "look for a missing comma, quote or bracket just before");
  }
  auto out = analyses_from_json(json);
  if (!out) return wrap(out.error(), name);
  return out;
}

Json to_json(const Analysis& a) {
  Json out{{"id", a.id},
           {"title", a.title},
           {"subset", to_string(a.subset)},
           {"predictor", a.predictor},
           {"interaction", a.interaction.empty() ? Json(nullptr) : Json(a.interaction)},
           {"response",
            {{"measure", a.measure}, {"structures", a.structures}, {"sides", a.sides}, {"scale", to_string(a.scale)}}},
           {"covariates", a.covariates},
           {"random", a.random},
           {"criterion", to_string(a.criterion)},
           {"correction", {{"kind", to_string(a.adjust)}, {"family", a.family}}},
           {"alpha", a.alpha}};
  if (!a.ratings.empty()) out["ratings"] = a.ratings;  // absent = whatever the batch and the study say
  return out;
}

Json to_json(const Analyses& analyses) {
  Json out{{"schema", 1}};
  if (!analyses.title.empty()) out["title"] = analyses.title;
  if (!analyses.question.empty()) out["question"] = analyses.question;
  if (!analyses.ratings.empty()) out["ratings"] = analyses.ratings;
  out["analyses"] = Json::array();
  for (const Analysis& a : analyses.analyses) out["analyses"].push_back(to_json(a));
  return out;
}

}  // namespace ipsi::engine
