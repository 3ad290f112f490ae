// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "core/engine/live.h"
#include "core/study/study.h"
#include "core/table/delimited.h"
#include "tests/core/engine/sample_study.h"
#include "tests/core/render/phantom.h"
#include "tests/support/qt_support.h"
#include "ui/viewmodels/map_model.h"

namespace ipsi::test {

/// A study of 200 patients in 8 cohorts whose left putamen follows the score; the template is the phantom.
struct MapStudy {
  TemporaryDir folder;
  ui::StudySession session;
  ui::Jobs jobs{nullptr, 2};
  ui::Actions actions;
  ui::Settings settings{QString::fromStdString((folder / "settings.conf").string())};
  ui::Shell shell;
  ui::LiveModels models{session, jobs};
  ui::Latencies latencies;
  ui::Context context{session, jobs, actions, settings, shell, models, latencies};

  std::vector<Patient> patients;

  explicit MapStudy(bool open = true) {
    session.setRater("A");
    patients = many_patients(200, 8);
    for (std::size_t i = 0; i < patients.size(); ++i) {
      patients[i].days = i % 3 == 0 ? 10 : 400;
      patients[i].side = i % 2 == 0 ? "left" : "right";
    }
    auto rows = snapshot_of(patients);
    for (auto& m : rows.measurements) {
      const auto at = static_cast<std::size_t>(
          std::find_if(patients.begin(), patients.end(), [&](const Patient& p) { return p.id == m.person; }) -
          patients.begin());
      const bool ipsi = m.region == patients[at].side + "_putamen";
      if (ipsi) m.value += 3000.0 * patients[at].score;
    }
    write(folder / "m.ipsi", rows);
    if (open) {
      EXPECT_TRUE(session.open(folder / "m.ipsi"));
    }
  }

  static void write(const std::filesystem::path& path, const study::Snapshot& rows) {
    auto made = study::Study::create(path);
    ASSERT_OK(made);
    study::Request request{"test", "import", "rows", {}};
    const auto put = [&](const auto& list) {
      for (const auto& row : list) request.put(row);
    };
    put(rows.cohorts), put(rows.people), put(rows.sessions), put(rows.measurements), put(rows.scores);
    put(rows.ratings), put(rows.exclusions);
    ASSERT_OK(made->apply(request));
  }

  static Result<brain::Template> phantom(const Task&) { return phantom_head(); }

  /// Fails the ipsilesional putamen of the first `count` patients.
  void failPutamen(std::size_t count) {
    std::vector<study::Rating> ratings;
    for (std::size_t i = 0; i < count; ++i) {
      study::Rating rating;
      rating.person = patients[i].id;
      rating.session = "1";
      rating.region = patients[i].side + "_putamen";
      rating.flag = study::Flag::failed;
      ratings.push_back(rating);
    }
    ASSERT_TRUE(session.rate(ratings, "test"));
  }
  [[nodiscard]] std::filesystem::path write_results(const engine::Live& live) const {
    const auto results = live.results();
    EXPECT_OK(results);
    const auto path = folder / "results.csv";
    spit(path, table::to_delimited(*results));
    return path;
  }
};

}  // namespace ipsi::test
