// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "core/report/html_tables.h"
#include "core/report/markup.h"
#include "core/report/result_file.h"
#include "report_css.h"

namespace ipsi::report {
namespace {

using spec::ResultSet;
using Look = Field::Look;

std::string heading(const std::string& id, const std::string& text) {
  return fmt::format("<h2 id=\"{}\">{}</h2>\n", id, escape(text));
}

std::string paragraph(const std::string& text, const std::string& css = "") {
  return (css.empty() ? "<p>" : "<p class=\"" + css + "\">") + escape(text) + "</p>\n";
}

std::string details(const std::string& summary, const std::string& inside) {
  return "<details><summary>" + escape(summary) + "</summary>\n" + inside + "</details>\n";
}

/// An SVG document as an element of the page: what precedes `<svg` (declaration, comments) is taken off, as are
/// name-space addresses, which HTML does not need; ids get a prefix, as several figures on one page must not share
/// them.
std::string inline_svg(const std::string& document, const std::string& prefix) {
  const auto start = document.find("<svg");
  if (start == std::string::npos) return {};
  std::string out = document.substr(start);
  for (const std::string& mark : {std::string(" id=\""), std::string("url(#"), std::string("href=\"#")}) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + mark.size() + prefix.size()))
      out.insert(at + mark.size(), prefix);
  }
  for (auto at = out.find(" xmlns"); at != std::string::npos; at = out.find(" xmlns", at)) {
    const auto quote = out.find('"', at);
    const auto end = quote == std::string::npos ? quote : out.find('"', quote + 1);
    if (end == std::string::npos) break;
    out.erase(at, end + 1 - at);
  }
  return out;
}

/// The page as it grows, with the sections for the list at the top.
class Page {
 public:
  Page(const ResultSet& result, const Graphics& graphics) : result_(result), graphics_(graphics) {}

  [[nodiscard]] std::string build() {
    question();
    people();
    quality();
    cohorts();
    scores();
    models();
    findings();
    methods();
    return head() + body_ + "</body>\n</html>\n";
  }

 private:
  const table::Table* find(std::string_view key) const {
    const auto* named = find_table(result_, key);
    return named == nullptr || named->table.rows() == 0 ? nullptr : &named->table;
  }
  [[nodiscard]] std::string note_of(std::string_view key) const {
    const auto* named = find_table(result_, key);
    return named == nullptr ? std::string() : named->note;
  }
  [[nodiscard]] std::string fact(const char* key) const { return result_.json.value(key, std::string()); }
  void section(const std::string& id, const std::string& title) {
    sections_.emplace_back(id, title);
    body_ += heading(id, title);
  }

  [[nodiscard]] std::string figure_html(const std::string& id) const {
    const auto svg = graphics_.svg.find(id);
    if (svg == graphics_.svg.end()) return {};
    const auto f =
        std::find_if(result_.figures.begin(), result_.figures.end(), [&](const auto& x) { return x.id == id; });
    if (f == result_.figures.end()) return {};
    return fmt::format(
        "<figure role=\"img\" aria-label=\"{}\"><div class=\"paper\">{}</div><figcaption>{}</figcaption></figure>\n",
        escape(f->alt), inline_svg(svg->second, id + "-"), escape(f->caption));
  }

  [[nodiscard]] std::string pictures_html(const std::string& analysis) const {
    std::string out;
    for (const Picture& p : graphics_.pictures)
      if (p.analysis == analysis)
        out += fmt::format(
            "<figure class=\"map\"><div class=\"paper\"><img alt=\"{}\" "
            "src=\"{}\"/></div><figcaption>{}</figcaption></figure>\n",
            escape(p.alt), data_uri("image/png", p.png), escape(p.caption));
    return out;
  }

  [[nodiscard]] std::string head() const {
    const std::string title = escape(fact("title"));
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
        title + "</title>\n<style>\n" + kReportCss + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
    out += "<p class=\"sub\">" + escape(subtitle()) + "</p>\n";
    if (result_.json.value("synthetic", false))
      out +=
          "<p class=\"synthetic\"><b>Synthetic data.</b> Every person, scan and score in this study is simulated. "
          "Nothing here describes a real patient.</p>\n";
    out += "<nav>";
    for (const auto& [id, name] : sections_) out += fmt::format("<a href=\"#{}\">{}</a> ", id, escape(name));
    return out + "</nav>\n";
  }

  [[nodiscard]] std::string subtitle() const {
    std::string out = "Study " + fact("study");
    if (const auto* total = find("table1_total")) {
      const auto* cohorts = find("table1");
      out += fmt::format(", {} patients analysed", count(Rows(*total).number(0, "n")));
      if (cohorts != nullptr) out += fmt::format(" in {} cohorts", cohorts->rows());
    }
    return out;
  }

  void question() {
    section("question", "Question");
    body_ += paragraph(fact("question"), "lead");
    const Rows results(*find("results"));
    body_ += "<div class=\"scroll\"><table>\n<thead>" +
             row({{"Analysis", ""}, {"People", "n"}, {"Models", "n"}, {"Significant", ""}}, "th") + "</thead><tbody>\n";
    for (const Json& a : result_.json.value("analyses", Json::array())) {
      const auto rows = results.where("analysis", a.value("id", std::string()));
      std::vector<std::string> passed;
      double most = 0.0;
      int estimated = 0;
      for (const std::size_t r : rows) {
        most = std::max(most, results.number(r, "n"));
        estimated += std::isfinite(results.number(r, "beta")) ? 1 : 0;
        if (results.truth(r, "significant"))
          passed.push_back(results.text(r, "side") + " " + to_lower(region_title(results.text(r, "region"))) +
                           " (\xCE\xB2 " + fixed(results.number(r, "beta"), 2) + ", n " +
                           count(results.number(r, "n")) + ")");
      }
      body_ += row({{fmt::format("<a href=\"#a-{}\">{}</a>", escape(a.value("id", std::string())),
                                 escape(a.value("title", std::string()))),
                     ""},
                    figure(count(most)),
                    figure(count(estimated)),
                    {escape(fmt::format("{} of {} regions{}", passed.size(), rows.size(),
                                        passed.empty() ? "" : ": " + join(passed, ", "))),
                     "wrap"}});
    }
    body_ += "</tbody></table></div>\n" + paragraph(
                                              "People: the most that enter a region's model of that analysis. Each "
                                              "model has its own number, given below.",
                                              "note");
  }

  void people() {
    const auto* flow = find("flow");
    if (flow == nullptr) return;
    section("people", "People");
    const Rows rows(*flow);
    const auto part = [&](const char* name, const char* title, const char* first, const char* n, const char* out) {
      const auto own = rows.where("section", name);
      if (own.empty()) return;
      body_ += "<h3>" + escape(title) + "</h3>\n" +
               plain_table(flow->select(own),
                           {{"step", first, Look::word},
                            {"n", n, Look::whole},
                            {"out", out, Look::whole},
                            {"detail", "Detail", Look::wrap}},
                           "");
    };
    part("study", "From everyone to the analysed", "Step", "Reach it", "Leave there");
    part("subset", "By time since the stroke", "Subset", "In it", "Not in it");
    part("analysis", "By analysis", "Analysis", "In the group", "Without a score or covariate");
    body_ +=
        paragraph("Subsets overlap: early lies inside subacute, and 91 to 179 days belongs to all times only.", "note");
  }

  void quality() {
    const auto* qc = find("qc");
    if (qc == nullptr) return;
    section("quality", "Quality control");
    std::vector<std::string> regions, sides;
    table::Table shown = *qc;
    for (std::size_t r = 0; r < qc->rows(); ++r) {
      regions.push_back(region_title(Rows(*qc).text(r, "region")));
      sides.push_back(side_title(Rows(*qc).text(r, "side")));
    }
    for (auto& column : {table::text("region", regions), table::text("side", sides)})
      if (auto replaced = shown.with(column)) shown = std::move(*replaced);
    std::vector<double> share;
    for (std::size_t r = 0; r < qc->rows(); ++r) share.push_back(100.0 * Rows(*qc).number(r, "share_out"));
    if (auto replaced = shown.with(table::numeric("share_out", share))) shown = std::move(*replaced);
    body_ += plain_table(
        shown,
        {{"side", "Side", Look::word},
         {"region", "Region", Look::word},
         {"n", "Patients", Look::whole},
         {"ok", "ok", Look::whole},
         {"lesioned", "lesioned", Look::whole},
         {"failed", "failed", Look::whole},
         {"unrated", "unrated", Look::whole},
         {"share_out", "left out, %", Look::one}},
        "Ratings of the patients analysed. A region rated lesioned or failed leaves that region's models only.");
    body_ += figure_html("left_out");
  }

  void cohorts() {
    const auto* cohorts = find("table1");
    if (cohorts == nullptr) return;
    section("cohorts", "Cohorts");
    const auto* total = find("table1_total");
    body_ +=
        plain_table(*cohorts,
                    {{"cohort_id", "Cohort", Look::word},
                     {"n", "n", Look::whole},
                     {"females", "Female", Look::whole},
                     {"males", "Male", Look::whole},
                     {"age_median", "Age, median", Look::one},
                     {"age_iqr", "IQR", Look::one},
                     {"age_min", "min", Look::whole},
                     {"age_max", "max", Look::whole},
                     {"score_median", "Score, median", Look::two},
                     {"score_iqr", "IQR", Look::two},
                     {"score_min", "min", Look::two},
                     {"score_max", "max", Look::two}},
                    "Patients analysed. Age in years. Score: primary sensorimotor score as a fraction of its maximum, "
                    "0 worst, 1 best.",
                    total == nullptr ? table::Table() : *total);
  }

  void scores() {
    const auto* by_side = find("scores_by_side");
    const auto* sources = find("scores");
    if (by_side == nullptr && sources == nullptr) return;
    section("scores", "Scores");
    if (by_side != nullptr)
      body_ += plain_table(*by_side,
                           {{"subset", "Subset", Look::word},
                            {"predictor", "Score", Look::column},
                            {"n_left", "n left", Look::whole},
                            {"n_right", "n right", Look::whole},
                            {"median_left", "Median left", Look::two},
                            {"iqr_left", "IQR", Look::two},
                            {"median_right", "Median right", Look::two},
                            {"iqr_right", "IQR", Look::two},
                            {"shapiro_w", "Shapiro W", Look::three},
                            {"shapiro_p", "p", Look::p},
                            {"wilcoxon_w", "Wilcoxon W", Look::one},
                            {"wilcoxon_p", "p", Look::p},
                            {"wilcoxon_r", "r", Look::two}},
                           "Scores with the lesion on the left and on the right. " + note_of("scores_by_side"));
    if (sources != nullptr)
      body_ += details("Which tests the scores come from", plain_table(*sources,
                                                                       {{"subset", "Subset", Look::word},
                                                                        {"predictor", "Score", Look::column},
                                                                        {"test", "Test", Look::word},
                                                                        {"n", "n", Look::whole},
                                                                        {"n_cohorts", "Cohorts", Look::whole},
                                                                        {"median", "Median", Look::two},
                                                                        {"q1", "Q1", Look::two},
                                                                        {"q3", "Q3", Look::two},
                                                                        {"min", "min", Look::two},
                                                                        {"max", "max", Look::two}},
                                                                       note_of("scores")));
  }

  void models() {
    section("models", "Models");
    body_ += paragraph(
        "N people and G cohorts of each model; interval of 95 %; bold and filled where the corrected threshold "
        "is passed. LRT p: plain p of the random intercept. VIF: the largest variance inflation factor.",
        "note");
    const Rows results(*find("results"));
    const auto* exclusions = find("exclusions");
    for (const Json& a : result_.json.value("analyses", Json::array())) {
      const std::string id = a.value("id", std::string());
      const auto rows = results.where("analysis", id);
      if (rows.empty()) continue;
      body_ += fmt::format("<h3 id=\"a-{}\">{}</h3>\n", escape(id), escape(a.value("title", std::string())));
      body_ += paragraph(
          fmt::format("{} is the coefficient of {}{}.", "\xCE\xB2", column_words(results.text(rows[0], "predictor")),
                      a.value("response", Json::object()).value("scale", std::string("z")) == "raw"
                          ? ", in mm\xC2\xB3"
                          : ", in standard deviations of volume"),
          "note");
      body_ += model_table(results, rows, a);
      body_ += pictures_html(id);
      if (const std::string forest = figure_html("forest_" + id); !forest.empty())
        body_ += details("Forest plot", forest);
      if (exclusions != nullptr) {
        const Rows left(*exclusions);
        body_ += details("Who was left out, and why", exclusion_table(left, left.where("analysis", id)));
      }
    }
    body_ += pictures_html("");
  }

  void findings() {
    if (result_.findings.empty()) return;
    section("findings", "To keep in mind");
    body_ += "<ul>\n";
    for (const std::string& text : result_.findings) body_ += "<li>" + escape(text) + "</li>\n";
    body_ += "</ul>\n";
  }

  void methods() {
    section("methods", "Methods");
    for (const std::string& text : result_.methods_text) body_ += paragraph(text);
    if (!result_.references.empty()) {
      body_ += "<ul>\n";
      for (const std::string& key : result_.references) body_ += "<li>" + escape(reference_text(key)) + "</li>\n";
      body_ += "</ul>\n";
    }
    body_ += "<dl>\n";
    const auto line = [&](const char* key, const char* name) {
      if (!result_.manifest.contains(key) || result_.manifest[key].is_null()) return;
      const Json& value = result_.manifest[key];
      body_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(name),
                           escape(value.is_string() ? value.get<std::string>() : value.dump()));
    };
    line("spec_hash", "Request (hash)");
    line("cohort_hash", "Data (hash)");
    line("last_act", "Newest edit of the study");
    line("seed", "Seed");
    if (result_.manifest.contains("versions"))
      for (const auto& [name, version] : result_.manifest["versions"].items())
        body_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(name),
                             escape(version.is_string() ? version.get<std::string>() : version.dump()));
    body_ += "</dl>\n";
  }

  const ResultSet& result_;
  const Graphics& graphics_;
  std::string body_;
  std::vector<std::pair<std::string, std::string>> sections_;
};

}  // namespace

Result<std::string> html_report(const ResultSet& result, const Graphics& graphics) {
  const auto* results = find_table(result, "results");
  if (results == nullptr || results->table.rows() == 0)
    return fail(Code::InvalidInput, "there are no results to report", "", "run `ipsi batch` first");
  for (const char* column : {"analysis", "side", "region", "n", "beta", "p"})
    if (auto found = results->table.require(column); !found) return wrap(found.error(), "table results");
  return Page(result, graphics).build();
}

}  // namespace ipsi::report
