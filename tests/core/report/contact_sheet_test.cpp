// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/contact_sheet.h"

#include <cstdlib>
#include <regex>
#include <sstream>

#include "core/report/pdf_attach.h"
#include "core/report/sheet_parts.h"
#include "core/table/carried.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

Result<std::string> ratings_in(const std::string& document) {
  return table::carried_table(document, report::kSheetTable);
}

const char* kTable =
    "subject\tsession\tregion\tflag\trater\tcomment\ttime\nsub-1\t1\tleft_putamen\tok\tA\t</script><b>\t\n";

SheetHead head() {
  return {"Contact sheet of a & b.ipsi", {"rater A"}, kTable};
}

SheetSource people(std::size_t n) {
  const auto pictures = std::make_shared<render::Thumbnails>(render::make_thumbnails(*test::scan_on(test::ras_grid())));
  return {n, [pictures](std::size_t i) -> Result<SheetGroup> {
            SheetGroup group{fmt::format("sub-{}", i), "12 of 12 rated", {}};
            for (int r = 0; r < 12; ++r) {
              SheetTile tile;
              tile.title = kRegions[static_cast<std::size_t>(r)].title;
              tile.about = group.title;
              tile.region = r;
              tile.flag = static_cast<SheetFlag>(r % 4);
              if (r == 3) tile.comment = "half of it <is> missing";
              if (i != 1) tile.pictures = pictures;
              if (i == 1) tile.missing = "no scan";
              group.tiles.push_back(std::move(tile));
            }
            return group;
          }};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

TEST(ContactSheet, ThePageNeedsNoNetworkAndCarriesItsTable) {
  const test::TemporaryDir dir;
  const auto report = write_contact_sheet(dir / "sheet.html", head(), people(3), {});
  ASSERT_OK(report);
  EXPECT_EQ(report->tiles, 36U);
  EXPECT_EQ(report->without_picture, 12U);
  const std::string page = test::slurp(dir / "sheet.html");
  EXPECT_EQ(page.find("://"), std::string::npos);
  EXPECT_EQ(page.find("@import"), std::string::npos);
  EXPECT_EQ(count(page, "src="), 0U);
  EXPECT_EQ(count(page, "<figure "), 36U);
  EXPECT_EQ(count(page, "href=\"data:image/png;base64,"), 24U);
  EXPECT_EQ(count(page, "no scan</div>"), 12U);
  EXPECT_EQ(count(page, "data-flag=\"failed\""), 9U);
  EXPECT_NE(page.find("half of it &lt;is&gt; missing"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_NE(page.find("@media print"), std::string::npos);
  EXPECT_NE(page.find("Contact sheet of a &amp; b.ipsi"), std::string::npos);
  EXPECT_TRUE(table::may_carry_table(page));
  const auto table = ratings_in(page);
  ASSERT_OK(table);
  EXPECT_EQ(*table, kTable);
}

TEST(ContactSheet, ATableThatWasChangedIsNotTaken) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_contact_sheet(dir / "sheet.html", head(), people(1), {}));
  std::string page = test::slurp(dir / "sheet.html");
  const auto at = page.find("left_putamen\\tok");
  ASSERT_NE(at, std::string::npos);
  page.replace(at + 14, 2, "no");
  EXPECT_EQ(ratings_in(page).error().code, Code::InvalidInput);
  EXPECT_EQ(ratings_in("<!DOCTYPE html><p>another page").error().code, Code::NotFound);
  EXPECT_EQ(ratings_in("%PDF-1.4 another").error().code, Code::NotFound);
}

TEST(ContactSheet, ThePdfHasPagesOfWholePeopleAndItsTableAttached) {
  const test::TemporaryDir dir;
  const auto report = write_contact_sheet(dir / "sheet.pdf", head(), people(7), {});
  ASSERT_OK(report);
  const std::string pdf = test::slurp(dir / "sheet.pdf");
  EXPECT_TRUE(pdf.starts_with("%PDF-1.4"));
  EXPECT_TRUE(pdf.ends_with("%%EOF\n"));
  EXPECT_GE(report->pages, 3U);
  EXPECT_LE(report->pages, 4U);  // two or three people a page
  std::smatch pages;
  EXPECT_TRUE(std::regex_search(pdf, pages, std::regex("/Count (\\d+)")));
  EXPECT_EQ(std::stoul(pages[1]), report->pages);
  const auto table = ratings_in(pdf);
  ASSERT_OK(table);
  EXPECT_EQ(*table, kTable);
  std::string changed = pdf;
  changed.replace(changed.rfind("\tok\t"), 4, "\tno\t");
  EXPECT_EQ(ratings_in(changed).error().code, Code::InvalidInput);
  EXPECT_FALSE(ratings_in(pdf.substr(0, pdf.rfind("sub-1"))).has_value());
}

/// Every object of the newest table of contents lies where it says, and the chain of tables ends.
TEST(PdfAttach, TheUpdateIsASoundPdf) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_contact_sheet(dir / "sheet.pdf", head(), people(1), {}));
  const std::string pdf = test::slurp(dir / "sheet.pdf");
  std::size_t xref = std::stoul(pdf.substr(pdf.rfind("startxref") + 10));
  int tables = 0, objects = 0;
  for (; tables < 5; ++tables) {
    ASSERT_EQ(pdf.substr(xref, 5), "xref\n");
    const std::size_t trailer = pdf.find("trailer", xref);
    std::istringstream lines(pdf.substr(xref + 5, trailer - xref - 5));
    std::size_t first = 0, n = 0;
    while (lines >> first >> n)
      for (std::size_t i = 0; i < n; ++i) {
        std::size_t at = 0, generation = 0;
        char kind = ' ';
        lines >> at >> generation >> kind;
        if (kind != 'n') continue;
        ++objects;
        const std::string start = fmt::format("{} {} obj", first + i, generation);
        ASSERT_EQ(pdf.substr(at, start.size()), start);
      }
    const std::string words = pdf.substr(trailer, pdf.find("startxref", trailer) - trailer);
    const auto previous = words.find("/Prev");
    if (previous == std::string::npos) break;
    xref = std::stoul(words.substr(previous + 5));
  }
  EXPECT_EQ(tables, 1);  // counted from 0: Cairo's and ours
  EXPECT_GT(objects, 10);
}

TEST(PdfAttach, PopplerSeesTheFile) {
  if (std::system("command -v pdfdetach > /dev/null") != 0) GTEST_SKIP() << "needs poppler-utils";
  const test::TemporaryDir dir;
  ASSERT_OK(write_contact_sheet(dir / "sheet.pdf", head(), people(1), {}));
  const std::string out = (dir / "out.tsv").string(), pdf = (dir / "sheet.pdf").string();
  ASSERT_EQ(std::system(fmt::format("pdfdetach -save 1 -o {} {}", out, pdf).c_str()), 0);
  EXPECT_EQ(test::slurp(out), kTable);
}

TEST(PdfAttach, WhatCannotBeUpdatedIsLeftAlone) {
  const test::TemporaryDir dir;
  test::spit(dir / "no.pdf", "no pdf at all");
  EXPECT_EQ(attach_file(dir / "no.pdf", {"a.txt", "text/plain", "", "x"}).error().code, Code::InvalidInput);
  EXPECT_EQ(test::slurp(dir / "no.pdf"), "no pdf at all");
  ASSERT_OK(write_contact_sheet(dir / "sheet.pdf", head(), people(1), {}));
  const std::string once = test::slurp(dir / "sheet.pdf");
  EXPECT_FALSE(attach_file(dir / "sheet.pdf", {"b.txt", "text/plain", "", "x"}).has_value());
  EXPECT_EQ(test::slurp(dir / "sheet.pdf"), once);
}

TEST(ContactSheet, WhatFailsLeavesNothingBehind) {
  const test::TemporaryDir dir;
  SheetSource broken{2, [](std::size_t i) -> Result<SheetGroup> {
                       if (i == 1) return fail(Code::ReadFailed, "a broken scan");
                       return SheetGroup{};
                     }};
  for (const char* name : {"sheet.html", "sheet.pdf"}) {
    EXPECT_EQ(write_contact_sheet(dir / name, head(), broken, {}).error().code, Code::ReadFailed);
    Task stopped;
    stopped.cancel();
    EXPECT_EQ(write_contact_sheet(dir / name, head(), people(1), stopped).error().code, Code::Cancelled);
  }
  EXPECT_EQ(write_contact_sheet(dir / "sheet.doc", head(), people(1), {}).error().code, Code::Usage);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(ContactSheet, AGreyPictureIsAPngWithTheSameGreys) {
  std::vector<std::uint8_t> grey;
  for (int i = 0; i < 49; ++i) grey.push_back(static_cast<std::uint8_t>(i * 5));
  const std::string png = grey_png(grey, 7);
  EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
  EXPECT_EQ(png.substr(12, 4), "IHDR");
  EXPECT_EQ(static_cast<unsigned char>(png[19]), 7U);
  EXPECT_EQ(static_cast<unsigned char>(png[25]), 0U);  // grey
  EXPECT_TRUE(png.substr(png.size() - 8).starts_with("IEND"));
}

TEST(ContactSheet, OutlinesLieWhereTheMarksAre) {
  const auto all = render::make_thumbnails(*test::scan_on(test::ras_grid()));
  const render::Thumbnail& t = all.of[4];
  const SheetPicture picture = sheet_picture(t);
  double area = 0;
  for (const auto& loop : picture.region) area += render::area_of(loop);
  EXPECT_DOUBLE_EQ(area, 11 * 23);
  EXPECT_EQ(picture.grey.front(), t.grey.back());  // front right of the person comes first
}

}  // namespace
}  // namespace ipsi::report
