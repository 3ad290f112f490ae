// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html.h"

#include <pugixml.hpp>
#include <regex>

#include "tests/core/report/sample_result.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

Graphics sample_graphics() {
  Graphics out;
  out.svg["forest_chronic"] =
      "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
      "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"10\" height=\"10\"><g id=\"a\"/>"
      "<use xlink:href=\"#a\"/><rect clip-path=\"url(#a)\"/></svg>";
  out.pictures.push_back({"chronic", "Map", "n 207 & up", "a <map>", "\x89PNG"});
  return out;
}

/// The page as an XML tree: it is written so that both kinds of parser read it.
pugi::xml_document parse(const std::string& html) {
  pugi::xml_document page;
  const auto parsed = page.load_string(html.c_str(), pugi::parse_default | pugi::parse_doctype);
  EXPECT_TRUE(parsed) << parsed.description() << " at " << html.substr(static_cast<std::size_t>(parsed.offset), 80);
  return page;
}

TEST(HtmlReport, IsWellFormedAndComplete) {
  const auto html = html_report(test::sample_result(), sample_graphics());
  ASSERT_OK(html);
  const auto page = parse(*html);
  EXPECT_STREQ(page.select_node("//h1").node().text().get(), "Volumes & <scores>");
  for (const char* id : {"question", "people", "cohorts", "models", "findings", "methods"}) {
    EXPECT_TRUE(page.select_node(("//h2[@id='" + std::string(id) + "']").c_str())) << id;
    EXPECT_TRUE(page.select_node(("//nav/a[@href='#" + std::string(id) + "']").c_str())) << id;
  }
  EXPECT_TRUE(page.select_node("//p[@class='synthetic']"));
}

TEST(HtmlReport, NamesFromTheDataStayText) {
  const auto html = html_report(test::sample_result(), sample_graphics());
  ASSERT_OK(html);
  const auto page = parse(*html);
  EXPECT_FALSE(page.select_node("//script"));
  EXPECT_TRUE(page.select_node("//td[.='<script>alert(1)</script>']"));
  EXPECT_TRUE(page.select_node("//h3[.='Chronic <180 d & more>']"));
  EXPECT_TRUE(page.select_node("//figure[@aria-label='One \"passes\" & <one> not.']"));
}

TEST(HtmlReport, FetchesNothing) {
  const auto html = html_report(test::sample_result(), sample_graphics());
  ASSERT_OK(html);
  EXPECT_EQ(html->find("http"), std::string::npos) << html->substr(html->find("http"), 60);
  EXPECT_EQ(html->find("@import"), std::string::npos);
  const std::regex links("(src|href)=\"([^\"]*)\"");
  for (std::sregex_iterator it(html->begin(), html->end(), links), end; it != end; ++it)
    EXPECT_TRUE((*it)[2].str().starts_with("#") || (*it)[2].str().starts_with("data:image/png;base64,")) << it->str();
}

TEST(HtmlReport, ShowsEveryModelWithItsNumbersAndBoldsWhatPasses) {
  const auto html = html_report(test::sample_result(), Graphics{});
  ASSERT_OK(html);
  const auto page = parse(*html);
  const auto passing = page.select_node("//tr[td[@class='b' and .='Putamen']]").node();
  ASSERT_TRUE(passing);
  std::vector<std::string> cells;
  for (const auto& td : passing.children("td")) cells.emplace_back(td.text().get());
  EXPECT_EQ(cells[1], "207");
  EXPECT_EQ(cells[2], "20");
  EXPECT_EQ(cells[4], "1.02");
  EXPECT_EQ(cells[5], "[0.49, 1.54]");
  EXPECT_EQ(cells[9], "<0.001");
  EXPECT_EQ(cells[10], "0.002");
  EXPECT_EQ(cells[14], "age, ICV");
  EXPECT_TRUE(page.select_node("//tr[td[.='Nucleus accumbens']]/td[.='0.00']"));  // -0.001 is not "-0.00"
  EXPECT_TRUE(page.select_node("//td[@class='why' and .='not estimated: everyone is <left out> & gone']"));
}

TEST(HtmlReport, IdsOfFiguresDoNotCollide) {
  const auto html = html_report(test::sample_result(), sample_graphics());
  ASSERT_OK(html);
  EXPECT_NE(html->find("id=\"forest_chronic-a\""), std::string::npos);
  EXPECT_NE(html->find("href=\"#forest_chronic-a\""), std::string::npos);
  EXPECT_NE(html->find("url(#forest_chronic-a)"), std::string::npos);
}

TEST(HtmlReport, RefusesAResultWithoutResults) {
  spec::ResultSet empty;
  const auto html = html_report(empty, {});
  ASSERT_FALSE(html);
  EXPECT_EQ(html.error().code, Code::InvalidInput);
}

}  // namespace
}  // namespace ipsi::report
