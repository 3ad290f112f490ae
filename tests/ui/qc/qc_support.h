// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/io.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/qt_support.h"
#include "tests/ui/viewmodels/small_study.h"
#include "ui/viewmodels/qc_model.h"

namespace ipsi::test {

/// A study of nine people; sub-01 and sub-02 have images, the left putamen of which is a box.
struct QcStudy {
  TemporaryDir folder;
  ui::StudySession session;
  ui::Jobs jobs{nullptr, 2};
  ui::Actions actions;
  ui::Settings settings{QString::fromStdString((folder / "settings.conf").string())};
  ui::Shell shell;
  ui::LiveModels models{session, jobs};
  ui::Latencies latencies;
  ui::Context context{session, jobs, actions, settings, shell, models, latencies};

  explicit QcStudy(bool images = false, bool open = true) {
    const auto path = folder / "small.ipsi";
    ::setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1);  // measured images are not the user's
    make_small_study(path);
    if (images) add_images(path);
    session.setRater("A");
    if (open) {
      EXPECT_TRUE(session.open(path));
    }
  }
  void add_images(const std::filesystem::path& path) {
    image::Grid grid;
    grid.size = {40, 40, 40};
    grid.affine.topRightCorner<3, 1>() = Eigen::Vector3d(-38, -20, -16);
    auto images = phantom_on(grid);
    // A lesion over the half x < -24 of the putamen (-30 .. -18): 6 of its 11 voxels along x.
    for (std::size_t v = 0; v < images.lesion.values.size(); ++v) {
      const double x = -38.0 + static_cast<double>(v % 40);
      images.lesion.values[v] = images.labels.values[v] != 0 && x < -23.5 ? 1 : 0;
    }
    ASSERT_OK(image::write_volume(images.t1, folder / "t1.nii.gz"));
    ASSERT_OK(image::write_labels(images.labels, folder / "labels.nii.gz"));
    ASSERT_OK(image::write_labels(images.lesion, folder / "lesion.nii.gz"));
    auto study = study::Study::open(path, study::Access::read_write);
    ASSERT_OK(study);
    study::Request request{.author = "importer", .kind = "import", .summary = "scans", .changes = {}};
    for (const char* id : {"sub-01", "sub-02"})
      for (const char* kind : {"t1", "labels", "lesion"})
        request.put(study::Scan{id, "1", kind, std::string(kind) + ".nii.gz", std::string("hash ") + kind, 1, 1});
    ASSERT_OK(study->apply(request));
  }
  /// A region without a volume: the one thing that a table alone makes suspicious among nine people.
  void lose_volume(const std::string& person, const std::string& region) {
    study::Request request{.author = "importer", .kind = "import", .summary = "a volume is gone", .changes = {}};
    request.changes.emplace_back(
        study::Remove{study::Measurement{person, "1", region, "volume", "aseg_stats", 0, "", ""}});
    EXPECT_TRUE(session.apply(std::move(request)));
  }
  /// Somebody else's words, written into the study as an import would.
  void rate_as(const std::string& rater, const std::string& person, const std::string& region, study::Flag flag) {
    study::Request request{.author = "importer", .kind = "import_ratings", .summary = "ratings", .changes = {}};
    request.put(study::Rating{person, "1", region, rater, flag, "", "2024-05-06T07:08:09.000Z", ""});
    EXPECT_TRUE(session.apply(std::move(request)));
  }
  /// What the file holds, read by another connection.
  [[nodiscard]] std::vector<study::Rating> on_disk() const {
    const auto study = study::Study::open(folder / "small.ipsi", study::Access::read_only);
    EXPECT_OK(study);
    auto ratings = study->ratings();
    EXPECT_OK(ratings);
    return *ratings;
  }
};

}  // namespace ipsi::test
