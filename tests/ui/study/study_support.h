// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>

#include "tests/support/qt_support.h"
#include "tests/ui/viewmodels/small_study.h"
#include "ui/viewmodels/import_model.h"

namespace ipsi::test {

/// A study on disk with everything that a workspace is given. Nine people, or nobody.
struct StudyDesk {
  TemporaryDir folder;
  ui::StudySession session;
  ui::Jobs jobs{nullptr, 2};
  ui::Actions actions;
  ui::Settings settings{QString::fromStdString((folder / "settings.conf").string())};
  ui::Shell shell;
  ui::LiveModels models{session, jobs};
  ui::Latencies latencies;
  ui::Context context{session, jobs, actions, settings, shell, models, latencies};

  explicit StudyDesk(int people = 9) {
    const auto path = folder / "small.ipsi";
    if (people > 0)
      make_small_study(path, people);
    else
      EXPECT_OK(study::Study::create(path));
    session.setRater("A");
    EXPECT_TRUE(session.open(path));
  }

  [[nodiscard]] std::string file(const std::string& name) const { return (folder / name).string(); }
  [[nodiscard]] QString write(const std::string& name, const std::string& content) const {
    spit(folder / name, content);
    return QString::fromStdString(file(name));
  }
  /// The table with every trap, and its people.
  [[nodiscard]] static std::vector<ui::Shell::Offer> traps() {
    return {{"volumes", QString::fromStdString(tests_path("data/ingest/LandRvolumes.csv").string())},
            {"participants", QString::fromStdString(tests_path("data/ingest/participants.tsv").string())}};
  }
  /// Two tables without a fault: five people, sex as numbers where asked for.
  [[nodiscard]] std::vector<ui::Shell::Offer> clean(bool sex_as_number = false) const {
    std::string volumes = "SubjID,LLatVent,RLatVent,Lthal,Rthal,Lcaud,Rcaud,Lput,Rput,Lpal,Rpal,Laccumb,Raccumb,ICV\n";
    std::string people = "participant_id\tsite\tage\tsex\tdays_post_stroke\tlesion_side\tfma_ue\n";
    for (int i = 1; i <= 5; ++i) {
      volumes += fmt::format("p-{},9001,9101,7201,7001,3501,3601,5001,4901,1601,1501,501,521,15{}0123\n", i, i);
      people += fmt::format("p-{}\tS1\t{}\t{}\t{}\t{}\t{}\n", i, 50 + i,
                            sex_as_number ? std::to_string(1 + i % 2)
                            : i % 2 == 0  ? "female"
                                          : "male",
                            100 * i, i % 2 == 0 ? "left" : "right", 30 + i);
    }
    return {{"volumes", write("LandRvolumes.csv", volumes)}, {"participants", write("participants.tsv", people)}};
  }
};

inline bool planned(ui::ImportModel& model) {
  return wait_until([&] { return model.state().stage == ui::ImportModel::Stage::planned; });
}

}  // namespace ipsi::test
