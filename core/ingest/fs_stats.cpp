// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/fs_stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.h"

namespace ipsi::ingest {
namespace {

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  bool inside = false;
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    if (!blank && !inside) out.emplace_back();
    if (!blank) out.back() += c;
    inside = !blank;
  }
  return out;
}

/// "freesurfer-linux-centos7_x86_64-7.2.0-2021.." -> "7.2.0"; "7.1.1" -> "7.1.1"; a CVS number says nothing.
std::string version_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '4' || text[i] > '9' || (i > 0 && text[i - 1] != '-' && text[i - 1] != 'v' && text[i - 1] != ' '))
      continue;
    if (i + 2 >= text.size() || text[i + 1] != '.' || text[i + 2] < '0' || text[i + 2] > '9') continue;
    std::size_t end = i;
    while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.')) ++end;
    return std::string(text.substr(i, end - i));
  }
  return {};
}

void header_line(std::string_view line, StatsFile& out) {
  const auto parts = words(line);
  if (parts.size() >= 3 && parts[1] == "subjectname") out.subject = parts[2];
  if (parts.size() >= 3 && parts[1] == "cvs_version" && line.find("$Id") == std::string_view::npos)
    out.version = version_in(" " + parts[2]);
  if (parts.size() < 3 || parts[1] != "Measure") return;
  const auto fields = split(line.substr(line.find("Measure") + 7), ',');
  if (fields.size() < 4) return;
  const auto value = parse_double(fields[3]);
  if (!value) return;
  // "Cortex, MeanThickness, .." of aparc.stats shares its first field among measures; the second is the name.
  out.measures.try_emplace(trim(fields[0]), *value);
  out.measures.insert_or_assign(trim(fields[1]), *value);
}

/// Where there is no number, the wording tells the age: names changed at 5.2, 6 and 7.
void guess_version(StatsFile& out) {
  if (!out.version.empty()) return;
  const bool proper =
      std::ranges::any_of(out.segments, [](const Segment& s) { return s.name == "Left-Thalamus-Proper"; });
  if (out.measures.count("IntraCranialVol") != 0)
    out.version = "5.1 or older (by its measure names)";
  else if (out.measures.count("CorticalWhiteMatterVol") != 0)
    out.version = "5.2 to 5.3 (by its measure names)";
  else if (proper)
    out.version = "6 (by its structure names)";
  else if (out.measures.count("CerebralWhiteMatterVol") != 0)
    out.version = "7 (by its structure names)";
}

template <class TakeRow>
Result<StatsFile> parse(std::string_view text, const std::string& file, TakeRow take_row) {
  StatsFile out;
  int line_number = 0;
  std::size_t width = 0;  // cells of the first row; a shorter one is cut off
  if (text.find('\0') != std::string_view::npos)
    return fail(Code::InvalidInput, "this is not a FreeSurfer stats file", file, "run FreeSurfer again");
  for (const std::string& line : split(text, '\n')) {
    ++line_number;
    if (line.starts_with('#')) {
      header_line(line, out);
      continue;
    }
    const auto cells = words(line);
    if (cells.empty()) continue;
    if (width == 0) width = cells.size();
    if (cells.size() != width || !take_row(cells, out))
      return fail(Code::InvalidInput, "a row of the stats table is broken",
                  fmt::format("{}, line {}", file, line_number),
                  "the file may be cut off: run FreeSurfer's stats again");
  }
  if (out.segments.empty() && out.parcels.empty())
    return fail(Code::InvalidInput, "the stats file holds no table", file,
                "the file may be cut off: run FreeSurfer's stats again");
  guess_version(out);
  return out;
}

}  // namespace

double StatsFile::measure(const std::string& key) const {
  const auto it = measures.find(key);
  return it == measures.end() ? std::numeric_limits<double>::quiet_NaN() : it->second;
}

double StatsFile::icv() const {
  for (const char* key : {"EstimatedTotalIntraCranialVol", "eTIV", "IntraCranialVol", "ICV"})
    if (const auto it = measures.find(key); it != measures.end()) return it->second;
  return std::numeric_limits<double>::quiet_NaN();
}

const Segment* StatsFile::segment(int label) const {
  const auto it = std::ranges::find(segments, label, &Segment::label);
  return it == segments.end() ? nullptr : &*it;
}

Result<StatsFile> parse_aseg_stats(std::string_view text, const std::string& file) {
  return parse(text, file, [](const std::vector<std::string>& cells, StatsFile& out) {
    if (cells.size() < 5) return false;
    const auto label = parse_integer(cells[1]);
    const auto voxels = parse_double(cells[2]);
    const auto mm3 = parse_double(cells[3]);
    if (!label || !voxels || !mm3) return false;
    out.segments.push_back({static_cast<int>(*label), static_cast<long long>(*voxels), *mm3, cells[4]});
    return true;
  });
}

Result<StatsFile> parse_aparc_stats(std::string_view text, const std::string& file) {
  return parse(text, file, [](const std::vector<std::string>& cells, StatsFile& out) {
    if (cells.size() < 5) return false;
    const auto area = parse_double(cells[2]);
    const auto thickness = parse_double(cells[4]);
    if (!area || !thickness) return false;
    out.parcels.push_back({cells[0], *area, *thickness});
    return true;
  });
}

}  // namespace ipsi::ingest
