// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/ids.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "core/base/text.h"

namespace ipsi::ingest {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, digit);
}

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};

/// Runs of letters and runs of digits; what lies between them is only a border.
std::vector<std::string> runs(std::string_view text) {
  std::vector<std::string> out;
  char kind = ' ';
  for (const char c : text) {
    const char now = digit(c) ? 'd' : letter(c) ? 'l' : ' ';
    if (now != ' ') {
      if (now != kind) out.emplace_back();
      out.back() += c;
    }
    kind = now;
  }
  return out;
}

/// "mar" -> 3, "march" -> 3, else 0.
int month_of(std::string_view word) {
  const std::string lower = to_lower(word);
  static constexpr std::array<std::string_view, 12> kLong{"january",   "february", "march",    "april",
                                                          "may",       "june",     "july",     "august",
                                                          "september", "october",  "november", "december"};
  for (std::size_t m = 0; m < 12; ++m)
    if (lower == kMonths[m] || lower == kLong[m] || (m == 8 && lower == "sept")) return static_cast<int>(m) + 1;
  return 0;
}

/// What Excel makes of "MAR01" or "1-Mar" is the same date: "date:3:1"; "" when the id is no month and number.
std::string month_form(std::string_view id) {
  const auto parts = runs(id);
  if (parts.size() != 2) return {};
  const bool first = letter(parts[0][0]);
  const int month = month_of(first ? parts[0] : parts[1]);
  const std::string& number = first ? parts[1] : parts[0];
  if (month == 0 || !all_digits(number) || number.size() > 4) return {};
  return "date:" + std::to_string(month) + ":" + std::to_string(std::stoi(number));
}

std::string lower_case(std::string text) {
  return to_lower(text);
}

std::string without_prefix(std::string text) {
  const std::string lower = to_lower(text);
  if (lower.starts_with("sub-") || lower.starts_with("sub_")) return text.substr(4);
  // "sub001" is the prefix too, "subject1" and "suburb" are not.
  if (lower.starts_with("sub") && text.size() > 3 && digit(text[3])) return text.substr(3);
  return text;
}

std::string one_separator(std::string text) {
  for (char& c : text)
    if (c == '_' || c == '.' || c == ' ') c = '-';
  return text;
}

std::string without_zeros(std::string text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool run_starts = i == 0 || !digit(text[i - 1]);
    if (run_starts)
      while (text[i] == '0' && i + 1 < text.size() && digit(text[i + 1])) ++i;
    out += text[i];
  }
  return out;
}

std::string date_form(std::string text) {
  const std::string form = month_form(text);
  return form.empty() ? text : form;
}

struct Step {
  std::string_view name;
  std::string (*apply)(std::string);
};
constexpr std::array<Step, 5> kSteps{{{"the `sub-` prefix", without_prefix},
                                      {"case", lower_case},
                                      {"`_` v `-`", one_separator},
                                      {"leading zeros", without_zeros},
                                      {"a date made by Excel", date_form}}};

/// All habits taken off but those whose bit is set in `leave`.
std::string plain(std::string id, unsigned leave = 0) {
  for (std::size_t s = 0; s < kSteps.size(); ++s)
    if ((leave & (1U << s)) == 0) id = kSteps[s].apply(std::move(id));
  return id;
}

/// What must be overlooked for the two to be equal.
std::string difference(const std::string& a, const std::string& b) {
  std::string out;
  for (std::size_t s = 0; s < kSteps.size(); ++s) {
    if (plain(a, 1U << s) == plain(b, 1U << s)) continue;
    if (!out.empty()) out += ", ";
    out += kSteps[s].name;
  }
  if (!out.empty()) return out;
  // Within the prefix itself no single habit is to blame.
  if (to_lower(a) == to_lower(b)) return "case";
  if (one_separator(a) == one_separator(b)) return "`_` v `-`";
  return to_lower(one_separator(a)) == to_lower(one_separator(b)) ? "case, `_` v `-`" : "how it is written";
}

}  // namespace

std::string not_a_subject(std::string_view name) {
  const std::string lower = to_lower(name);
  const auto is = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, lower) != words.end();
  };
  if (lower.starts_with("fsaverage")) return "FreeSurfer's average subject";
  if (lower.ends_with("_average") || lower.starts_with("cvs_avg")) return "an average made by FreeSurfer";
  if (lower.ends_with("_base") || lower.ends_with(".base")) return "base template of the longitudinal stream";
  if (lower.find(".long.") != std::string::npos) return "longitudinal run; the cross-sectional folder is read";
  if (is({"qc", "qa", "qdec"}) || lower.starts_with("qc_") || lower.starts_with("enigma_"))
    return "quality-control output";
  if (is({"log", "logs", "scripts", "tmp", "temp", "trash", "code", "derivatives", "sourcedata"}))
    return "a working folder";
  if (is({"mean", "average", "sd", "std", "stdev", "median", "min", "max", "total", "sum", "n"}))
    return "a summary row";
  if (lower.starts_with('.') || lower.starts_with('#')) return "a hidden or commented entry";
  return {};
}

bool excel_mangles(std::string_view id) {
  if (!month_form(id).empty()) return true;
  const auto parts = runs(id);
  const bool numbers = std::ranges::all_of(parts, [](const std::string& p) { return all_digits(p); });
  // 01/03/2024, 2024-03-01, 3.1.24: three small numbers with one kind of separator between them
  if (parts.size() == 3 && numbers) {
    std::string between;
    for (const char c : id)
      if (!digit(c)) between += c;
    if (between.size() == 2 && between[0] == between[1] &&
        std::string_view("/-.").find(between[0]) != std::string_view::npos) {
      const std::size_t first = parts[0].size();
      const std::size_t last = parts[2].size();
      if (first <= 2 && parts[1].size() <= 2 && (last == 2 || last == 4)) return true;
      if (first == 4 && parts[1].size() <= 2 && last <= 2) return true;
    }
  }
  if (parts.size() == 3 && all_digits(parts[0]) && month_of(parts[1]) != 0 && all_digits(parts[2]))
    return true;                           // 1-Mar-24
  const std::string lower = to_lower(id);  // 1.23E+10: a long number rounded by Excel
  const auto e = lower.find("e+");
  return e != std::string::npos && e > 0 && parse_double(lower).has_value();
}

std::optional<PersonSession> split_session(std::string_view id) {
  const std::string lower = to_lower(id);
  for (const std::string_view mark : {"_ses-", "_ses_", "-ses-"}) {
    const auto at = lower.rfind(mark);
    if (at == std::string::npos || at == 0 || at + mark.size() >= id.size()) continue;
    const std::string session(id.substr(at + mark.size()));
    if (!std::ranges::all_of(session, [](char c) { return digit(c) || letter(c); })) continue;
    return PersonSession{std::string(id.substr(0, at)), session};
  }
  return std::nullopt;
}

std::string plain_session(std::string_view label) {
  std::string text = to_lower(trim(label));
  if (text.starts_with("ses-")) text = text.substr(4);
  return without_zeros(text);
}

void Roster::add(const std::string& person) {
  const auto [it, fresh] = people_.try_emplace(person, plain(person));
  if (fresh) by_plain_[it->second].push_back(person);
}

void Roster::add_composed(const std::string& composed, const PersonSession& meaning) {
  composed_.try_emplace(composed, meaning);
}

Roster::Match Roster::match(const std::string& id) const {
  if (has(id)) return {Match::Kind::exact, id, "", "", {}};
  if (const auto it = composed_.find(id); it != composed_.end())
    return {Match::Kind::exact, it->second.person, it->second.session, "", {}};
  if (const auto parts = split_session(id)) {
    Match found = has(parts->person) ? Match{Match::Kind::exact, parts->person, "", "", {}} : close(parts->person);
    found.session = parts->session;
    if (found.kind != Match::Kind::none) return found;
  }
  return close(id);
}

Roster::Match Roster::close(const std::string& id) const {
  const auto it = by_plain_.find(plain(id));
  if (it == by_plain_.end()) return {};
  if (it->second.size() > 1) return {Match::Kind::ambiguous, "", "", "", it->second};
  const std::string& person = it->second.front();
  return {Match::Kind::close, person, "", difference(id, person), {}};
}

}  // namespace ipsi::ingest
