// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/method_files.h"

#include "core/base/text.h"
#include "core/report/diagram.h"
#include "core/report/figure_svg.h"
#include "core/table/delimited.h"

namespace ipsi::report {

Result<std::map<std::string, std::string>> method_files(const spec::ResultSet& result) {
  std::map<std::string, std::string> out;
  for (const auto& named : result.tables) out[named.key + ".csv"] = table::to_delimited(named.table);
  for (const Format format : {Format::svg, Format::pdf}) {
    for (const spec::Figure& figure : result.figures) {
      auto drawn = draw_figure(figure, {.format = format});
      if (!drawn) return tl::unexpected<Error>(drawn.error());
      out[figure.id + "." + to_string(format)] = std::move(*drawn);
    }
    for (const spec::Diagram& diagram : result.diagrams) {
      auto drawn = draw_diagram(diagram, format);
      if (!drawn) return tl::unexpected<Error>(drawn.error());
      out[diagram.id + "." + to_string(format)] = std::move(*drawn);
    }
  }
  if (!result.methods_text.empty()) out["methods.txt"] = join(result.methods_text, "\n\n") + "\n";
  out["result.json"] = result.json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return out;
}

Result<void> write_files(const std::map<std::string, std::string>& files, const std::filesystem::path& dir,
                         Overwrite overwrite) {
  if (auto ok = prepare_output_dir(dir, overwrite); !ok) return ok;
  for (const auto& [name, bytes] : files)
    if (auto ok = write_file(dir / name, bytes); !ok) return ok;
  return {};
}

}  // namespace ipsi::report
