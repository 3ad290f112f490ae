// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ipsi::report {

/// Text made safe for HTML and SVG, in element content and in quoted attributes alike. Control characters that no
/// document may hold are replaced by a space.
[[nodiscard]] std::string escape(std::string_view text);

/// Bytes as a data URI: "data:image/png;base64,...".
[[nodiscard]] std::string data_uri(std::string_view mime, std::string_view bytes);

/// A number with so many decimals and a true minus sign; an en dash when missing, never "-0.00".
[[nodiscard]] std::string fixed(double value, int decimals);
/// A count, thousands set apart: "9,936"; an en dash when missing.
[[nodiscard]] std::string count(double value);
/// A p-value as it is printed: three decimals, "<0.001" below that.
[[nodiscard]] std::string p_value(double p);
/// A fraction as percent with one decimal and its sign.
[[nodiscard]] std::string percent(double fraction);

/// One table cell as HTML: `words` is markup already.
struct Cell {
  std::string words;
  std::string css;  ///< class names; "n" for numbers
};
[[nodiscard]] Cell word(std::string_view text);  ///< escaped
[[nodiscard]] Cell figure(std::string text);     ///< a formatted number, right-aligned

/// `<tr>` of cells; `tag` is td or th.
[[nodiscard]] std::string row(const std::vector<Cell>& cells, std::string_view tag = "td", std::string_view css = "");

}  // namespace ipsi::report
