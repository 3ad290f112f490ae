// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/bundle.h"

#include <algorithm>
#include <array>

#include "core/base/files.h"
#include "core/report/result_file.h"
#include "core/report/workbook.h"
#include "core/table/delimited.h"

namespace ipsi::report {
namespace fs = std::filesystem;
namespace {

constexpr std::array<const char*, 9> kTables{"results",        "coefficients", "fits",       "table1", "scores",
                                             "scores_by_side", "flow",         "exclusions", "qc"};

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Files that an earlier run says it made here; empty when there was none or its manifest cannot be read.
std::vector<std::string> earlier_files(const fs::path& dir) {
  const auto text = read_file(dir / "manifest.json");
  if (!text) return {};
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array()) return {};
  std::vector<std::string> out;
  for (const Json& item : json["files"]) {
    if (!item.is_string()) continue;
    const fs::path name = item.get<std::string>();
    const bool inside =
        name.is_relative() && std::none_of(name.begin(), name.end(), [](const fs::path& p) { return p == ".."; });
    if (inside) out.push_back(name.generic_string());
  }
  return out;
}

/// Writes into one folder and remembers what.
class Folder {
 public:
  explicit Folder(fs::path dir) : dir_(std::move(dir)) {}

  [[nodiscard]] Result<void> put(const std::string& name, std::string_view bytes) {
    return put_with(name, [&](const fs::path& path) { return write_file(path, bytes); });
  }

  template <class Write>
  [[nodiscard]] Result<void> put_with(const std::string& name, const Write& write) {
    const fs::path path = dir_ / name;
    std::error_code ec;
    fs::create_directories(path.parent_path(), ec);
    if (ec) return fail(Code::Environment, "cannot create the folder: " + ec.message(), path.parent_path().string());
    if (auto ok = write(path); !ok) return ok;
    files_.push_back(name);
    return {};
  }

  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

 private:
  fs::path dir_;
  std::vector<std::string> files_;
};

Result<void> write_parts(Folder& folder, const spec::ResultSet& result, const Graphics& graphics,
                         const std::vector<Attachment>& attachments) {
  for (const char* key : kTables)
    if (const auto* named = find_table(result, key))
      if (auto ok = folder.put(std::string(key) + ".csv", table::to_delimited(named->table)); !ok) return ok;
  if (auto ok = folder.put_with("results.xlsx", [&](const fs::path& path) { return write_workbook(result, path); });
      !ok)
    return ok;
  for (const auto& [id, svg] : graphics.svg)
    if (auto ok = folder.put("figures/" + id + ".svg", svg); !ok) return ok;
  for (const Picture& picture : graphics.pictures)
    if (!picture.analysis.empty())
      if (auto ok = folder.put("figures/map_" + picture.analysis + ".png", picture.png); !ok) return ok;
  for (const Attachment& a : attachments)
    if (auto ok = folder.put(a.name, a.bytes); !ok) return ok;
  const auto html = html_report(result, graphics);
  if (!html) return tl::unexpected<Error>(html.error());
  if (auto ok = folder.put("report.html", *html); !ok) return ok;
  return folder.put("result.json", json_text(to_json(result), -1));
}

}  // namespace

Result<std::vector<std::string>> write_bundle(const spec::ResultSet& result, const Graphics& graphics,
                                              const std::vector<Attachment>& attachments, const fs::path& dir) {
  const std::vector<std::string> before = earlier_files(dir);
  std::error_code ec;
  fs::remove(dir / "manifest.json", ec);
  Folder folder(dir);
  if (auto ok = write_parts(folder, result, graphics, attachments); !ok) return tl::unexpected<Error>(ok.error());
  std::vector<std::string> files = folder.files();
  files.emplace_back("manifest.json");
  for (const std::string& name : before)
    if (std::find(files.begin(), files.end(), name) == files.end()) fs::remove(dir / name, ec);
  Json manifest = result.manifest;
  manifest["files"] = files;
  if (auto ok = folder.put("manifest.json", json_text(manifest, 2)); !ok) return tl::unexpected<Error>(ok.error());
  return files;
}

}  // namespace ipsi::report
