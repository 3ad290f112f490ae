// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipsi::ingest {

/// Why a row or folder name is no subject ("FreeSurfer's average brain"); "" when it may be one.
[[nodiscard]] std::string not_a_subject(std::string_view name);

/// True when Excel has made, or would make, a date or a rounded number of this id: "MAR01", "1-Mar", "01/03/2024",
/// "1.23E+10".
[[nodiscard]] bool excel_mangles(std::string_view id);

/// A person and a session out of one name.
struct PersonSession {
  std::string person, session;
};
/// "sub-01_ses-2" -> {"sub-01", "2"}; nullopt when no session is written in it.
[[nodiscard]] std::optional<PersonSession> split_session(std::string_view id);

/// "2" and "02" and "ses-2" are the same session.
[[nodiscard]] std::string plain_session(std::string_view label);

/// The people that ids are matched against.
class Roster {
 public:
  struct Match {
    enum class Kind { exact, close, ambiguous, none } kind = Kind::none;
    std::string person, session;          ///< exact, close
    std::string why;                      ///< close: what differs, "case, leading zeros"
    std::vector<std::string> candidates;  ///< ambiguous
  };

  void add(const std::string& person);
  /// BIDS_ID_SES of the stroke dictionary: this composed name means this session of this person.
  void add_composed(const std::string& composed, const PersonSession& meaning);
  [[nodiscard]] bool has(const std::string& person) const { return people_.count(person) != 0; }
  [[nodiscard]] bool empty() const { return people_.empty(); }
  [[nodiscard]] const std::map<std::string, std::string>& people() const { return people_; }

  /// Exact by name, else exact after taking a session off, else close: equal but for case, `_` v `-`, a `sub-` prefix,
  /// leading zeros or what Excel does to dates. Close matches are proposals; the caller decides.
  [[nodiscard]] Match match(const std::string& id) const;

 private:
  [[nodiscard]] Match close(const std::string& id) const;
  std::map<std::string, std::string> people_;  // id -> id with nothing that differs by habit
  std::map<std::string, std::vector<std::string>> by_plain_;
  std::map<std::string, PersonSession> composed_;
};

}  // namespace ipsi::ingest
