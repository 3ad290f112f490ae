// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/table/table.h"

namespace ipsi::report {

/// Rows of a table by column name, forgiving: an absent column reads as missing.
class Rows {
 public:
  explicit Rows(const table::Table& table) : table_(table) {}
  [[nodiscard]] std::size_t size() const { return table_.rows(); }
  [[nodiscard]] double number(std::size_t row, std::string_view column) const;
  [[nodiscard]] std::string text(std::size_t row, std::string_view column) const;
  [[nodiscard]] bool truth(std::size_t row, std::string_view column) const { return number(row, column) == 1.0; }
  /// The rows whose `column` reads `value`, in order.
  [[nodiscard]] std::vector<std::size_t> where(std::string_view column, std::string_view value) const;

 private:
  const table::Table& table_;
};

/// A column of a plain table: where it comes from, its heading, and how it is written.
struct Field {
  enum class Look { word, column, whole, one, two, three, p, wrap };  ///< column: a name with blanks for '_'
  std::string column, heading;
  Look look = Look::word;
};
/// A table as it is, column by column; `total` (may be empty) is one more row at the foot.
[[nodiscard]] std::string plain_table(const table::Table& table, const std::vector<Field>& fields,
                                      const std::string& caption, const table::Table& total = {});

/// The results of one analysis: regions by side, intervals drawn on one axis, bold where the threshold is passed.
/// `analysis` is its entry in the request (title, alpha, correction, response).
[[nodiscard]] std::string model_table(const Rows& results, const std::vector<std::size_t>& rows, const Json& analysis);

/// How many people leave each region of one analysis, and why.
[[nodiscard]] std::string exclusion_table(const Rows& exclusions, const std::vector<std::size_t>& rows);

/// "Nucleus accumbens", "Ipsilesional": names of the columns region and side for people.
[[nodiscard]] std::string region_title(std::string_view region);
[[nodiscard]] std::string side_title(std::string_view side);
/// A column's or coefficient's name for people: "primary score", "primary score by lesion side".
[[nodiscard]] std::string column_words(std::string_view name);
/// A work of spec/references.h as it stands in a list, with its DOI as text; an unknown key as it is.
[[nodiscard]] std::string reference_text(std::string_view key);

}  // namespace ipsi::report
