// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/table/carried.h"

#include <charconv>
#include <optional>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace ipsi::table {
namespace {

constexpr std::string_view kBegin = "<script type=\"application/json\" id=\"ipsi-table\">", kEnd = "</script>";
constexpr std::string_view kHash = "/IpsiHash (", kStream = "stream\n";
constexpr std::size_t kHashLength = 32;

std::optional<std::size_t> number_after(std::string_view text, std::string_view key) {
  auto at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  at = text.find_first_not_of(' ', at + key.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t value = 0;
  const auto [end, ec] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  return ec == std::errc() ? std::optional(value) : std::nullopt;
}

tl::unexpected<Error> changed(std::string_view where) {
  return fail(Code::InvalidInput, fmt::format("the table in the {} was changed or cut off", where), "",
              "use the file as Ipsi wrote it");
}

Result<std::string> from_pdf(std::string_view pdf, std::string_view name) {
  const auto mark = pdf.rfind(carried_mark(name));
  const auto begin = mark == std::string_view::npos ? mark : pdf.rfind("/EmbeddedFile", mark);
  if (begin == std::string_view::npos)
    return fail(Code::NotFound, fmt::format("the PDF carries no {} of Ipsi", name), "",
                "was it written anew by another program? Save the attachment with a PDF viewer and use that file");
  const auto length = number_after(pdf.substr(begin, mark - begin), "/Length");
  const auto hash = pdf.find(kHash, mark), stream = pdf.find(kStream, mark);
  if (!length || hash == std::string_view::npos || stream == std::string_view::npos || hash > stream)
    return changed("PDF");
  const std::size_t from = stream + kStream.size();
  if (*length > pdf.size() || from > pdf.size() - *length) return changed("PDF");
  std::string bytes(pdf.substr(from, *length));
  if (pdf.substr(hash + kHash.size(), kHashLength) != content_hash(bytes)) return changed("PDF");
  return bytes;
}

Result<std::string> from_page(std::string_view page) {
  const auto begin = page.find(kBegin);
  const auto end = begin == std::string_view::npos ? begin : page.find(kEnd, begin);
  if (end == std::string_view::npos)
    return fail(Code::NotFound, "the page carries no table", "", "use a contact sheet that `ipsi qc sheet` wrote");
  const auto text = page.substr(begin + kBegin.size(), end - begin - kBegin.size());
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("tsv") || !json["tsv"].is_string()) return changed("page");
  auto table = json["tsv"].get<std::string>();
  if (json.value("hash", Json()) != content_hash(table)) return changed("page");
  return table;
}

}  // namespace

std::string carried_mark(std::string_view name) {
  return fmt::format("/IpsiFile ({})", name);
}

std::string carried_element(const std::string& table) {
  std::string text =
      Json{{"hash", content_hash(table)}, {"tsv", table}}.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (auto at = text.find('<'); at != std::string::npos; at = text.find('<', at)) text.replace(at, 1, "\\u003c");
  return std::string(kBegin) + text + std::string(kEnd);
}

bool may_carry_table(std::string_view bytes) {
  return bytes.starts_with("%PDF-") || to_lower(bytes.substr(0, 15)) == "<!doctype html>";
}

Result<std::string> carried_table(std::string_view bytes, std::string_view name) {
  return bytes.starts_with("%PDF-") ? from_pdf(bytes, name) : from_page(bytes);
}

}  // namespace ipsi::table
