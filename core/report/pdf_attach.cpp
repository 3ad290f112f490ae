// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/pdf_attach.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

#include "core/base/files.h"
#include "core/table/carried.h"

namespace ipsi::report {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kTail = 4096;     // holds the trailer
constexpr std::size_t kObject = 65536;  // holds the catalog
constexpr std::size_t kXrefLine = 20;

Error not_ours(const fs::path& pdf, const std::string& what) {
  return {Code::InvalidInput, "a file cannot be attached to this PDF: " + what, pdf.string(), "make it again"};
}

std::string read_at(std::ifstream& in, std::uintmax_t at, std::size_t count) {
  std::string out(count, '\0');
  in.clear();
  in.seekg(static_cast<std::streamoff>(at));
  in.read(out.data(), static_cast<std::streamsize>(count));
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

/// The number that follows `key` and blanks.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view key) {
  auto at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  at = text.find_first_not_of(" \r\n\t", at + key.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  return ec == std::errc() && end != text.data() + at ? std::optional(value) : std::nullopt;
}

/// What an update must know of the file as it is.
struct Existing {
  std::uint64_t size = 0, root = 0, xref = 0;
  std::optional<std::uint64_t> info;
  std::string catalog;  ///< between its << and >>
  std::uintmax_t bytes = 0;
};

/// Where object `number` lies, by a cross-reference table that starts at `xref`: one section, as Cairo writes it.
std::optional<std::uint64_t> offset_of(std::ifstream& in, std::uint64_t xref, std::uint64_t number) {
  const std::string head = read_at(in, xref, 64);
  if (!head.starts_with("xref")) return std::nullopt;
  const auto first = number_after(head, "xref");
  const auto lines = head.find('\n', head.find_first_of("0123456789"));
  if (!first || *first != 0 || lines == std::string::npos) return std::nullopt;
  const std::string line = read_at(in, xref + lines + 1 + number * kXrefLine, kXrefLine);
  std::uint64_t offset = 0;
  const auto [end, ec] = std::from_chars(line.data(), line.data() + std::min<std::size_t>(10, line.size()), offset);
  return ec == std::errc() && line.size() == kXrefLine && line[17] == 'n' ? std::optional(offset) : std::nullopt;
}

Result<Existing> look(const fs::path& pdf) {
  std::ifstream in(pdf, std::ios::binary);
  std::error_code ec;
  Existing out;
  out.bytes = fs::file_size(pdf, ec);
  if (!in || ec) return fail(Code::Environment, "the file cannot be read", pdf.string());
  const std::string tail =
      read_at(in, out.bytes - std::min<std::uintmax_t>(kTail, out.bytes), static_cast<std::size_t>(kTail));
  const auto trailer = tail.rfind("trailer"), start = tail.rfind("startxref");
  if (trailer == std::string::npos || start == std::string::npos)
    return tl::unexpected(not_ours(pdf, "it has no plain trailer"));
  const std::string_view words = std::string_view(tail).substr(trailer);
  const auto size = number_after(words, "/Size"), root = number_after(words, "/Root"),
             xref = number_after(std::string_view(tail).substr(start), "startxref");
  if (!size || !root || !xref) return tl::unexpected(not_ours(pdf, "its trailer names no catalog"));
  out.size = *size;
  out.root = *root;
  out.xref = *xref;
  out.info = number_after(words, "/Info");
  const auto at = offset_of(in, out.xref, out.root);
  if (!at) return tl::unexpected(not_ours(pdf, "its table of objects cannot be followed"));
  const std::string object = read_at(in, *at, kObject);
  const auto open = object.find("<<"), end = object.find("endobj");
  const auto close = object.rfind(">>", end);
  if (!object.starts_with(fmt::format("{} 0 obj", out.root)) || open == std::string::npos || end == std::string::npos ||
      close == std::string::npos || close < open)
    return tl::unexpected(not_ours(pdf, "its catalog cannot be read"));
  out.catalog = object.substr(open + 2, close - open - 2);
  if (out.catalog.find("/Names") != std::string::npos)
    return tl::unexpected(not_ours(pdf, "it has attachments or named places already"));
  return out;
}

/// '/' and other signs inside a PDF name are written as #xx.
std::string pdf_name(std::string_view text) {
  std::string out = "/";
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("#{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string pdf_string(std::string_view text) {
  std::string out = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') out += '\\';
    out += c;
  }
  return out + ")";
}

}  // namespace

Result<void> attach_file(const fs::path& pdf, const Attached& file) {
  const auto existing = look(pdf);
  if (!existing) return tl::unexpected(existing.error());
  const std::uint64_t stream = existing->size, spec = stream + 1;
  std::string update = "\n";
  std::vector<std::pair<std::uint64_t, std::uintmax_t>> places;
  const auto object = [&](std::uint64_t number, const std::string& body) {
    places.emplace_back(number, existing->bytes + update.size());
    update += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
  };
  object(existing->root, fmt::format("<<{}\n   /Names << /EmbeddedFiles << /Names [{} {} 0 R] >> >>\n>>",
                                     existing->catalog, pdf_string(file.name), spec));
  object(stream, fmt::format("<< /Type /EmbeddedFile /Subtype {} /Length {} /Params << /Size {} >>\n   {} /IpsiHash "
                             "{} >>\nstream\n{}\nendstream",
                             pdf_name(file.mime), file.bytes.size(), file.bytes.size(), table::carried_mark(file.name),
                             pdf_string(content_hash(file.bytes)), file.bytes));
  object(spec, fmt::format("<< /Type /Filespec /F {0} /UF {0} /Desc {1} /EF << /F {2} 0 R >> >>", pdf_string(file.name),
                           pdf_string(file.description), stream));
  const std::uintmax_t xref = existing->bytes + update.size();
  update += "xref\n";
  std::sort(places.begin(), places.end());
  for (const auto& [number, at] : places) update += fmt::format("{} 1\n{:010} 00000 n \n", number, at);
  update +=
      fmt::format("trailer\n<< /Size {} /Root {} 0 R{} /Prev {} >>\nstartxref\n{}\n%%EOF\n", spec + 1, existing->root,
                  existing->info ? fmt::format(" /Info {} 0 R", *existing->info) : "", existing->xref, xref);
  std::ofstream out(pdf, std::ios::binary | std::ios::app);
  out.write(update.data(), static_cast<std::streamsize>(update.size()));
  out.flush();
  if (!out) return fail(Code::Environment, "the file cannot be written to its end", pdf.string(), "is the disk full?");
  return {};
}

}  // namespace ipsi::report
