// SPDX-License-Identifier: GPL-3.0-or-later
// An .xlsx is a zip of XML parts (ECMA-376): xl/workbook.xml names the sheets, xl/_rels/workbook.xml.rels says where
// they lie, xl/sharedStrings.xml holds the texts. Only values are read; styles, formulas and drawings are not.
#include <minizip/unzip.h>

#include <cstring>
#include <memory>
#include <pugixml.hpp>

#include "core/base/text.h"
#include "core/table/delimited.h"

namespace ipsi::table {
namespace {

constexpr std::size_t kLargestPart = std::size_t{1} << 30;  // a zip bomb must not take the machine down

struct CloseZip {
  void operator()(void* zip) const { unzClose(zip); }
};
using Zip = std::unique_ptr<void, CloseZip>;

/// One part of the archive, or nullopt when it is absent or broken.
std::optional<std::string> part(const Zip& zip, const std::string& name) {
  if (unzLocateFile(zip.get(), name.c_str(), 2) != UNZ_OK) return std::nullopt;
  unz_file_info64 info{};
  if (unzGetCurrentFileInfo64(zip.get(), &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK) return std::nullopt;
  if (info.uncompressed_size > kLargestPart) return std::nullopt;
  if (unzOpenCurrentFile(zip.get()) != UNZ_OK) return std::nullopt;
  std::string bytes(info.uncompressed_size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto chunk = static_cast<unsigned>(std::min<std::size_t>(bytes.size() - done, 1U << 20));
    const int got = unzReadCurrentFile(zip.get(), bytes.data() + done, chunk);
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  const bool whole = unzCloseCurrentFile(zip.get()) == UNZ_OK && done == bytes.size();  // checks the CRC
  return whole ? std::optional(std::move(bytes)) : std::nullopt;
}

/// Text of <si> or <is>: its <t>, or the <t> of its runs; phonetic hints (<rPh>) are not text.
std::string rich_text(const pugi::xml_node& node) {
  std::string out = node.child("t").text().get();
  for (const pugi::xml_node run : node.children("r")) out += run.child("t").text().get();
  return out;
}

/// "BC12" -> column 54 (0-based), row 12; column -1 when malformed.
std::pair<int, int> place(const char* reference) {
  int column = 0;
  while (*reference >= 'A' && *reference <= 'Z' && column < 20000) column = column * 26 + (*reference++ - 'A' + 1);
  const auto row = parse_integer(reference);
  return {column == 0 || column > 16384 || !row ? -1 : column - 1, row ? static_cast<int>(*row) : 0};
}

std::string first_sheet_part(const Zip& zip) {
  const auto workbook = part(zip, "xl/workbook.xml");
  const auto relations = part(zip, "xl/_rels/workbook.xml.rels");
  pugi::xml_document book;
  pugi::xml_document links;
  if (workbook && relations && book.load_string(workbook->c_str()) && links.load_string(relations->c_str())) {
    const std::string id = book.child("workbook").child("sheets").child("sheet").attribute("r:id").value();
    for (const pugi::xml_node link : links.child("Relationships").children("Relationship"))
      if (id == link.attribute("Id").value()) {
        std::string target = link.attribute("Target").value();
        return target.starts_with('/') ? target.substr(1) : "xl/" + target;
      }
  }
  return "xl/worksheets/sheet1.xml";
}

std::string cell_text(const pugi::xml_node& cell, const std::vector<std::string>& shared) {
  const std::string type = cell.attribute("t").value();
  if (type == "inlineStr") return rich_text(cell.child("is"));
  const std::string value = cell.child("v").text().get();
  if (type == "s") {
    const auto index = parse_integer(value);
    return index && *index >= 0 && static_cast<std::size_t>(*index) < shared.size()
               ? shared[static_cast<std::size_t>(*index)]
               : std::string{};
  }
  if (type == "b") return value == "1" ? "TRUE" : "FALSE";
  if (type == "e") return {};  // #N/A, #DIV/0!: missing
  return value;
}

}  // namespace

Result<Sheet> read_xlsx(const std::filesystem::path& path) {
  const std::string file = path.filename().string();
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) return fail(Code::NotFound, "there is no such file", path.string());
  const Zip zip(unzOpen64(path.c_str()));
  if (!zip)
    return fail(Code::ReadFailed, "this is not an Excel workbook (no zip archive)", file, "save it again as .xlsx");
  const auto sheet_xml = part(zip, first_sheet_part(zip));
  pugi::xml_document document;
  if (!sheet_xml || !document.load_buffer(sheet_xml->data(), sheet_xml->size()))
    return fail(Code::ReadFailed, "the first worksheet cannot be read", file, "open it in Excel and save it again");

  std::vector<std::string> shared;
  if (const auto strings = part(zip, "xl/sharedStrings.xml")) {
    pugi::xml_document texts;
    if (texts.load_buffer(strings->data(), strings->size()))
      for (const pugi::xml_node item : texts.child("sst").children("si")) shared.push_back(rich_text(item));
  }

  Sheet sheet;
  sheet.file = file;
  int line = 0;
  for (const pugi::xml_node row : document.child("worksheet").child("sheetData").children("row")) {
    line = row.attribute("r").as_int(line + 1);
    Sheet::Row out;
    out.line = line;
    int next = 0;
    for (const pugi::xml_node cell : row.children("c")) {
      const char* reference = cell.attribute("r").value();
      const int column = *reference != '\0' ? place(reference).first : next;
      if (column < 0) return fail(Code::ReadFailed, "a cell has no valid place", fmt::format("{}, row {}", file, line));
      if (static_cast<std::size_t>(column) >= out.cells.size()) out.cells.resize(static_cast<std::size_t>(column) + 1);
      out.cells[static_cast<std::size_t>(column)] = trim(cell_text(cell, shared));
      next = column + 1;
    }
    bool blank = true;
    for (const std::string& cell : out.cells) blank = blank && cell.empty();
    if (blank) continue;
    if (sheet.header.empty()) {
      sheet.header = std::move(out.cells);
      sheet.header_line = line;
    } else {
      sheet.rows.push_back(std::move(out));
    }
  }
  if (sheet.header.empty())
    return fail(Code::InvalidInput, "the first worksheet is empty", file, "it needs a header row");
  std::size_t width = sheet.header.size();
  for (const Sheet::Row& row : sheet.rows) width = std::max(width, row.cells.size());
  for (std::size_t i = sheet.header.size(); i < width; ++i)
    return fail(Code::InvalidInput, fmt::format("column {} has values but no name", i + 1),
                fmt::format("{}, row {}", file, sheet.header_line), "name it in the header row");
  for (Sheet::Row& row : sheet.rows) row.cells.resize(width);
  return sheet;
}

}  // namespace ipsi::table
