// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/report/markup.h"
#include "core/spec/references.h"

namespace ipsi::report {
namespace {

constexpr double kCellWidth = 150.0;
constexpr double kCellHeight = 22.0;
constexpr double kInset = 8.0;

std::string capital(std::string_view words) {
  std::string out(words);
  std::replace(out.begin(), out.end(), '_', ' ');
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

/// The axis that all interval cells of one table share: always holds 0.
class IntervalAxis {
 public:
  IntervalAxis(const Rows& results, const std::vector<std::size_t>& rows) {
    for (const std::size_t r : rows)
      for (const char* column : {"ci_low", "ci_high"}) {
        const double v = results.number(r, column);
        if (!std::isfinite(v)) continue;
        low_ = std::min(low_, v);
        high_ = std::max(high_, v);
      }
    if (low_ == high_) high_ = 1.0;
    // A step of 1, 2 or 5 times a power of ten that leaves room for the numbers: 27 units apart at least.
    const double least = 27.0 * (high_ - low_) / (kCellWidth - 2.0 * kInset);
    const double decade = std::pow(10.0, std::floor(std::log10(least)));
    step_ = decade;
    for (const double m : {2.0, 5.0, 10.0})
      if (step_ < least) step_ = m * decade;
  }

  [[nodiscard]] double at(double value) const {
    return kInset + (value - low_) / (high_ - low_) * (kCellWidth - 2.0 * kInset);
  }

  [[nodiscard]] std::string heading() const {
    std::string out = fmt::format("<svg class=\"ax\" width=\"{}\" height=\"16\" aria-hidden=\"true\">", kCellWidth);
    const int decimals = step_ < 1.0 ? static_cast<int>(std::ceil(-std::log10(step_) - 1e-9)) : 0;
    for (double k = std::ceil(low_ / step_ - 1e-9); k * step_ <= high_ + 1e-9 * step_; k += 1.0)
      out += fmt::format("<text x=\"{:.1f}\" y=\"10\" text-anchor=\"middle\">{}</text>",
                         std::clamp(at(k * step_), 12.0, kCellWidth - 12.0), fixed(k * step_, decimals));
    return out + "</svg>";
  }

  [[nodiscard]] std::string cell(double beta, double low, double high, bool significant) const {
    const double middle = kCellHeight / 2.0;
    std::string out =
        fmt::format("<svg class=\"iv{}\" width=\"{}\" height=\"{}\" role=\"img\" aria-label=\"{} [{}, {}]\">",
                    significant ? " b" : "", kCellWidth, kCellHeight, fixed(beta, 2), fixed(low, 2), fixed(high, 2));
    out +=
        fmt::format("<line class=\"zero\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\"/>", at(0.0), kCellHeight);
    if (std::isfinite(low) && std::isfinite(high))
      out += fmt::format("<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"/>", at(low), at(high), middle, middle);
    if (std::isfinite(beta) && significant)
      out += fmt::format("<rect class=\"box\" x=\"{:.1f}\" y=\"{}\" width=\"8\" height=\"8\"/>", at(beta) - 4.0,
                         middle - 4.0);
    else if (std::isfinite(beta))
      out += fmt::format("<circle class=\"ring\" cx=\"{:.1f}\" cy=\"{}\" r=\"3\"/>", at(beta), middle);
    return out + "</svg>";
  }

 private:
  double low_ = 0.0, high_ = 0.0, step_ = 1.0;
};

Cell bold_if(Cell cell, bool bold) {
  if (bold) cell.css += cell.css.empty() ? "b" : " b";
  return cell;
}

std::string covariate_words(std::string names) {
  std::string out;
  for (const std::string& name : split(names, ';')) {
    if (name.empty()) continue;
    out += (out.empty() ? "" : ", ") + (name == "icv" ? std::string("ICV") : name);
  }
  return out;
}

std::string failed_row(const Rows& results, std::size_t r, std::size_t columns) {
  return fmt::format(
      "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"why\" colspan=\"{}\">{}</td></tr>\n",
      escape(region_title(results.text(r, "region"))), count(results.number(r, "n")),
      count(results.number(r, "n_cohorts")), columns - 3, escape("not estimated: " + results.text(r, "notes")));
}

std::string model_row(const Rows& results, std::size_t r, const IntervalAxis& axis, int decimals) {
  const bool b = results.truth(r, "significant");
  const double beta = results.number(r, "beta");
  const double low = results.number(r, "ci_low");
  const double high = results.number(r, "ci_high");
  std::string region = escape(region_title(results.text(r, "region")));
  if (results.text(r, "notes").find("boundary") != std::string::npos) region += " <span class=\"mark\">singular</span>";
  return row({bold_if({region, ""}, b),
              figure(count(results.number(r, "n"))),
              figure(count(results.number(r, "n_cohorts"))),
              figure(fixed(results.number(r, "df"), 0)),
              bold_if(figure(fixed(beta, decimals)), b),
              figure(fmt::format("[{}, {}]", fixed(low, decimals), fixed(high, decimals))),
              {axis.cell(beta, low, high, b), "svg"},
              figure(fixed(results.number(r, "se"), decimals)),
              figure(fixed(results.number(r, "t"), 2)),
              bold_if(figure(p_value(results.number(r, "p"))), b),
              bold_if(figure(p_value(results.number(r, "p_adjusted"))), b),
              figure(fixed(results.number(r, "d"), 2)),
              figure(p_value(results.number(r, "lrt_p"))),
              figure(fixed(results.number(r, "vif_max"), 2)),
              word(covariate_words(results.text(r, "significant_covariates")))});
}

std::string adjusted_heading(const Json& analysis) {
  const Json correction = analysis.value("correction", Json::object());
  const std::string kind = correction.value("kind", std::string("bonferroni"));
  if (kind == "bonferroni") return fmt::format("p \xC3\x97 {}", correction.value("family", 12));
  return kind == "none" ? "p, as it is" : kind == "bh" ? "q (BH)" : "p (Holm)";
}

std::string look_of(const Rows& rows, std::size_t r, const Field& f) {
  const double v = rows.number(r, f.column);
  switch (f.look) {
    case Field::Look::whole: return count(v);
    case Field::Look::one: return fixed(v, 1);
    case Field::Look::two: return fixed(v, 2);
    case Field::Look::three: return fixed(v, 3);
    case Field::Look::p: return p_value(v);
    case Field::Look::column: return column_words(rows.text(r, f.column));
    default: return rows.text(r, f.column);
  }
}

bool is_number(Field::Look look) {
  return look != Field::Look::word && look != Field::Look::wrap && look != Field::Look::column;
}

}  // namespace

double Rows::number(std::size_t row, std::string_view column) const {
  const table::Column* c = table_.find(column);
  return c == nullptr || c->kind == table::Column::Kind::text ? table::kMissing : c->values[row];
}

std::string Rows::text(std::size_t row, std::string_view column) const {
  const table::Column* c = table_.find(column);
  return c == nullptr ? std::string() : c->cell(row);
}

std::vector<std::size_t> Rows::where(std::string_view column, std::string_view value) const {
  std::vector<std::size_t> out;
  for (std::size_t r = 0; r < size(); ++r)
    if (text(r, column) == value) out.push_back(r);
  return out;
}

std::string region_title(std::string_view region) {
  return std::find(kStructures.begin(), kStructures.end(), region) == kStructures.end()
             ? capital(region)
             : std::string(structure_title(region));
}

std::string side_title(std::string_view side) {
  return capital(side);
}

std::string column_words(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '_' ? " " : c == ':' ? " by " : std::string(1, c);
  return out;
}

std::string reference_text(std::string_view key) {
  const spec::Reference* found = spec::find_reference(key);
  if (found == nullptr) return std::string(key);
  return found->doi.empty() ? found->text : found->text + " doi:" + found->doi;
}

std::string plain_table(const table::Table& table, const std::vector<Field>& fields, const std::string& caption,
                        const table::Table& total) {
  std::string out = "<div class=\"scroll\"><table>\n";
  if (!caption.empty()) out += "<caption>" + escape(caption) + "</caption>\n";
  std::vector<Cell> heads;
  for (const Field& f : fields) heads.push_back({escape(f.heading), is_number(f.look) ? "n" : ""});
  out += "<thead>" + row(heads, "th") + "</thead><tbody>\n";
  const auto line = [&](const Rows& rows, std::size_t r, std::string_view css) {
    std::vector<Cell> cells;
    for (const Field& f : fields)
      cells.push_back({escape(look_of(rows, r, f)), is_number(f.look)             ? "n"
                                                    : f.look == Field::Look::wrap ? "wrap"
                                                                                  : ""});
    out += row(cells, "td", css);
  };
  const Rows rows(table);
  for (std::size_t r = 0; r < rows.size(); ++r) line(rows, r, "");
  const Rows foot(total);
  for (std::size_t r = 0; r < foot.size(); ++r) line(foot, r, "total");
  return out + "</tbody></table></div>\n";
}

std::string model_table(const Rows& results, const std::vector<std::size_t>& rows, const Json& analysis) {
  const bool raw = analysis.value("response", Json::object()).value("scale", std::string("z")) == "raw";
  const IntervalAxis axis(results, rows);
  const std::vector<Cell> heads{{"Region", ""},
                                {"N", "n"},
                                {"G", "n"},
                                {"df", "n"},
                                {raw ? "\xCE\xB2, mm\xC2\xB3" : "\xCE\xB2", "n"},
                                {"95 % CI", "n"},
                                {axis.heading(), "svg"},
                                {"SE", "n"},
                                {"t", "n"},
                                {"p", "n"},
                                {escape(adjusted_heading(analysis)), "n"},
                                {"d", "n"},
                                {"LRT p", "n"},
                                {"VIF", "n"},
                                {"Covariates p &lt; 0.05", ""}};
  std::string out = "<div class=\"scroll\"><table class=\"wide\">\n<thead>" + row(heads, "th") + "</thead><tbody>\n";
  std::string side;
  for (const std::size_t r : rows) {
    if (results.text(r, "side") != side) {
      side = results.text(r, "side");
      out +=
          fmt::format("<tr class=\"band\"><td colspan=\"{}\">{}</td></tr>\n", heads.size(), escape(side_title(side)));
    }
    out += std::isfinite(results.number(r, "beta")) ? model_row(results, r, axis, raw ? 1 : 2)
                                                    : failed_row(results, r, heads.size());
  }
  return out + "</tbody></table></div>\n";
}

std::string exclusion_table(const Rows& exclusions, const std::vector<std::size_t>& rows) {
  static constexpr std::array<std::pair<const char*, const char*>, 10> kReasons{{{"n_subset", "in the subset"},
                                                                                 {"no_predictor", "no score"},
                                                                                 {"no_covariate", "no covariate"},
                                                                                 {"n_group", "in the group"},
                                                                                 {"lesioned", "lesioned"},
                                                                                 {"failed", "failed"},
                                                                                 {"no_volume", "no volume"},
                                                                                 {"n", "analysed"},
                                                                                 {"n_cohorts", "cohorts"},
                                                                                 {"unrated", "unrated kept"}}};
  std::vector<Cell> heads{{"Region", ""}};
  for (const auto& [column, heading] : kReasons) heads.push_back({heading, "n"});
  std::string out = "<div class=\"scroll\"><table>\n<thead>" + row(heads, "th") + "</thead><tbody>\n";
  std::string side;
  for (const std::size_t r : rows) {
    if (exclusions.text(r, "side") != side) {
      side = exclusions.text(r, "side");
      out +=
          fmt::format("<tr class=\"band\"><td colspan=\"{}\">{}</td></tr>\n", heads.size(), escape(side_title(side)));
    }
    std::vector<Cell> cells{word(region_title(exclusions.text(r, "region")))};
    for (const auto& [column, heading] : kReasons) cells.push_back(figure(count(exclusions.number(r, column))));
    out += row(cells);
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace ipsi::report
