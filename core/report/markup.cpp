// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/markup.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace ipsi::report {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x93";   // en dash: nothing here
constexpr std::string_view kMinus = "\xE2\x88\x92";  // true minus

std::string with_minus(std::string text) {
  if (!text.starts_with('-')) return text;
  if (text.find_first_of("123456789") == std::string::npos) return text.substr(1);  // rounded to zero
  return std::string(kMinus) + text.substr(1);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string data_uri(std::string_view mime, std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = fmt::format("data:{};base64,", mime);
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= have ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return std::string(kDash);
  return with_minus(fmt::format("{:.{}f}", value, decimals));
}

std::string count(double value) {
  if (!std::isfinite(value)) return std::string(kDash);
  const std::string digits = fmt::format("{:.0f}", std::abs(value));
  std::string out = value < 0.0 ? std::string(kMinus) : std::string();
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string p_value(double p) {
  if (!std::isfinite(p)) return std::string(kDash);
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return std::string(kDash);
  return fixed(100.0 * fraction, 1) + " %";
}

Cell word(std::string_view text) {
  return {escape(text), ""};
}

Cell figure(std::string text) {
  return {escape(text), "n"};
}

std::string row(const std::vector<Cell>& cells, std::string_view tag, std::string_view css) {
  std::string out = css.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", css);
  for (const Cell& cell : cells) {
    out += fmt::format("<{}", tag);
    if (!cell.css.empty()) out += fmt::format(" class=\"{}\"", cell.css);
    out += fmt::format(">{}</{}>", cell.words, tag);
  }
  return out + "</tr>\n";
}

}  // namespace ipsi::report
