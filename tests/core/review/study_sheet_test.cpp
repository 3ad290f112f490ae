// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/study_sheet.h"

#include <algorithm>

#include "core/image/io.h"
#include "core/ingest/blinding.h"
#include "core/report/contact_sheet.h"
#include "core/review/session_pictures.h"
#include "core/study/rating_files.h"
#include "core/study/study.h"
#include "core/table/carried.h"
#include "core/table/delimited.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/support.h"

namespace ipsi::review {
namespace {

Result<std::string> ratings_in(const std::string& document) {
  return table::carried_table(document, report::kSheetTable);
}

using study::Flag;

/// Four patients and a control; sub-1 and sub-2 have the phantom's images, sub-3 a broken one; A and B have rated.
struct Lab {
  test::TemporaryDir dir;
  study::Snapshot snapshot;
  std::filesystem::path file = dir / "lab.ipsi";
  render::ThumbnailCache cache{dir / "cache"};

  Lab() {
    image::Grid grid;
    grid.size = {40, 40, 40};
    grid.affine.topRightCorner<3, 1>() = Eigen::Vector3d(-38, -20, -16);
    const auto images = test::phantom_on(grid);
    EXPECT_OK(image::write_volume(images.t1, dir / "t1.nii.gz"));
    EXPECT_OK(image::write_labels(images.labels, dir / "labels.nii.gz"));
    EXPECT_OK(image::write_labels(images.lesion, dir / "lesion.nii.gz"));
    test::spit(dir / "broken.nii.gz", "no image");
    auto made = study::Study::create(file);
    study::Request request{.author = "importer", .kind = "import", .summary = "people", .changes = {}};
    request.put(study::Cohort{"A", "A"});
    for (int i = 1; i <= 5; ++i) {
      const std::string id = "sub-" + std::to_string(i);
      request.put(study::Person{id, "A", i == 5 ? "control" : "patient", "female", i == 4 ? "bilateral" : "left", ""});
      request.put(study::Session{id, "1", 1, "", 60.0 + i, 100});
      for (const auto& region : kRegions)
        request.put(study::Measurement{id, "1", std::string(region.key), "volume", "aseg_stats", 5000.0, "mm3", ""});
    }
    for (const char* id : {"sub-1", "sub-2"})
      for (const char* kind : {"t1", "labels", "lesion"})
        request.put(study::Scan{id, "1", kind, std::string(kind) + ".nii.gz", "", 0, 0});
    request.put(study::Scan{"sub-3", "1", "t1", "broken.nii.gz", "", 0, 0});
    const auto rate = [&](const char* id, const char* region, const char* rater, Flag flag, const char* comment) {
      request.put(study::Rating{id, "1", region, rater, flag, comment, "2026-01-02T03:04:05.000Z", ""});
    };
    rate("sub-1", "left_putamen", "A", Flag::failed, "half is missing, \"really\"");
    rate("sub-1", "left_putamen", "B", Flag::ok, "");
    rate("sub-2", "left_putamen", "A", Flag::ok, "");
    rate("sub-2", "right_thalamus", "A", Flag::lesioned, "tab\there");
    rate("sub-3", "left_putamen", "B", Flag::lesioned, "");
    EXPECT_OK(made->apply(request));
    snapshot = *made->snapshot();
  }

  Result<SheetResult> write(const std::string& name, const SheetAsk& ask) {
    return write_study_sheet(snapshot, file, ask, {}, cache, dir / name, 2, {});
  }
  /// Ratings that the sheet carries, read as `qc import` does.
  std::vector<study::Rating> carried(const std::string& name) {
    const auto tsv = ratings_in(test::slurp(dir / name));
    EXPECT_OK(tsv);
    const auto sheet = table::parse_delimited(*tsv, name);
    EXPECT_OK(sheet);
    const auto read = study::read_ratings(*sheet, snapshot, "");
    EXPECT_OK(read);
    EXPECT_TRUE(read->problems.empty());
    auto out = read->ratings;
    study::sort_ratings(out);
    return out;
  }
};

std::vector<std::string> keys(const std::vector<study::Rating>& ratings) {
  std::vector<std::string> out;
  for (const auto& r : ratings)
    out.push_back(fmt::format("{} {} {} {} {}", r.person, r.region, r.rater, study::to_string(r.flag), r.comment));
  return out;
}

TEST(StudySheet, ShowsPatientsAndCarriesTheirRatings) {
  Lab lab;
  for (const std::string name : {"all.html", "all.pdf"}) {
    const auto made = lab.write(name, {});
    ASSERT_OK(made);
    EXPECT_EQ(made->people, 4U);  // not the control
    EXPECT_EQ(made->report.tiles, 48U);
    EXPECT_EQ(made->report.without_picture, 24U);
    EXPECT_EQ(made->ratings, 5U);
    auto all = lab.snapshot.ratings;
    study::sort_ratings(all);
    EXPECT_EQ(keys(lab.carried(name)), keys(all));
  }
  const std::string page = test::slurp(lab.dir / "all.html");
  EXPECT_NE(page.find("4 people, 48 regions: 1 ok, 2 lesioned, 1 failed, 44 unrated; 1 of the people have no scan"),
            std::string::npos);
  EXPECT_NE(page.find("A: half is missing"), std::string::npos);
  EXPECT_NE(page.find("no label: "), std::string::npos);
  EXPECT_NE(page.find("broken.nii.gz"), std::string::npos);  // why there is no picture
}

TEST(StudySheet, OneRaterOnly) {
  Lab lab;
  ASSERT_OK(lab.write("b.html", {.rater = "B"}));
  EXPECT_EQ(keys(lab.carried("b.html")),
            (std::vector<std::string>{"sub-1 left_putamen B ok ", "sub-3 left_putamen B lesioned "}));
  EXPECT_EQ(test::slurp(lab.dir / "b.html").find("half is missing"), std::string::npos);
  EXPECT_EQ(lab.write("c.html", {.rater = "C"}).error().code, Code::NotFound);
}

TEST(StudySheet, OneRegionByFlagAndLimit) {
  Lab lab;
  const auto left = lab.write("left.pdf", {.region = "left_putamen"});
  ASSERT_OK(left);
  EXPECT_EQ(left->report.tiles, 4U);
  EXPECT_EQ(left->report.pages, 1U);
  EXPECT_EQ(lab.carried("left.pdf").size(), 4U);
  EXPECT_EQ(lab.write("both.html", {.region = "putamen"})->report.tiles, 8U);
  EXPECT_EQ(lab.write("ipsi.html", {.region = "ipsi_putamen"})->report.tiles, 3U);  // one lesion is bilateral
  EXPECT_NE(test::slurp(lab.dir / "ipsi.html").find("1 without a left or right lesion"), std::string::npos);
  EXPECT_EQ(lab.write("f.html", {.region = "left_putamen", .flags = {Flag::failed, Flag::lesioned}})->report.tiles, 2U);
  EXPECT_EQ(lab.write("l.html", {.limit = 3})->people, 3U);
  EXPECT_NE(test::slurp(lab.dir / "l.html").find("1 more are left out by the limit of 3"), std::string::npos);
  EXPECT_EQ(lab.write("p.html", {.flags = {Flag::lesioned}})->people, 2U);
  EXPECT_EQ(lab.write("s.html", {.subjects = {"sub-5"}})->people, 1U);  // a control who is named is shown
  EXPECT_EQ(lab.write("x.html", {.subjects = {"sub-9"}}).error().code, Code::NotFound);
  EXPECT_EQ(lab.write("y.html", {.region = "putamn"}).error().code, Code::NotFound);
  EXPECT_FALSE(std::filesystem::exists(lab.dir / "x.html"));
}

TEST(StudySheet, WhoIsBlindSeesCodes) {
  Lab lab;
  auto study = study::Study::open(lab.file, study::Access::read_write);
  ASSERT_OK(study);
  ASSERT_OK(study->apply(ingest::set_blind(lab.snapshot, ingest::Blind::on, "lead")));
  lab.snapshot = *study->snapshot();
  ASSERT_OK(lab.write("blind.html", {.rater = "A"}));
  const std::string page = test::slurp(lab.dir / "blind.html");
  EXPECT_EQ(page.substr(0, page.find("ipsi-table")).find("sub-1"), std::string::npos);
  EXPECT_EQ(lab.carried("blind.html").size(), 3U);
}

TEST(SessionThumbnails, AreKeptByTheContentOfTheFiles) {
  Lab lab;
  const ImageIndex index(lab.snapshot, lab.file);
  const auto images = index.find("sub-1", "1");
  const auto key = thumbnail_key(images);
  ASSERT_OK(key);
  EXPECT_EQ(*key, *thumbnail_key(index.find("sub-2", "1")));  // the same files
  const auto made = session_thumbnails(images, lab.cache, {});
  ASSERT_OK(made);
  EXPECT_TRUE(lab.cache.has(*key));
  EXPECT_EQ(*session_thumbnails(images, lab.cache, {}), *made);
  std::filesystem::remove(lab.dir / "lesion.nii.gz");
  EXPECT_NE(*thumbnail_key(images), *key);
  const auto without = session_thumbnails(images, lab.cache, {});
  ASSERT_OK(without);
  EXPECT_NE(without->problem.find("lesion.nii.gz"), std::string::npos);
  EXPECT_EQ(index.find("sub-4", "1").empty(), true);
  EXPECT_EQ(session_thumbnails(index.find("sub-4", "1"), lab.cache, {}).error().code, Code::NotFound);
}

}  // namespace
}  // namespace ipsi::review
