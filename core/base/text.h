// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipsi {

[[nodiscard]] std::string trim(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The whole of `text` (outer blanks apart) as a decimal number with a point; nothing else is a number.
/// "1.5e3" and "-2" are, "1,5", "0x10", "nan", "inf", "12abc" and "" are not.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
[[nodiscard]] std::optional<long long> parse_integer(std::string_view text);

/// Shortest decimal text that reads back as the same double; "" for NaN, "Inf"/"-Inf" for infinity.
[[nodiscard]] std::string format_double(double value);

}  // namespace ipsi
