// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/base/text.h"
#include "core/ingest/blinding.h"
#include "core/study/study.h"

// ipsi qc blind

namespace ipsi::cli {
namespace {

struct Options {
  std::string study, set, rater, by;
};

int tell(const study::Snapshot& snapshot, Cli& cli) {
  const bool blind = ingest::is_blind(snapshot);
  Json lifted = Json::array();
  std::string text = blind ? "the study is rated blind\n" : "the study is not rated blind\n";
  for (const auto& [rater, time] : ingest::unblinded(snapshot)) {
    lifted.push_back(Json{{"rater", rater}, {"since", time}});
    text += fmt::format("  {} sees who is rated, since {}\n", rater, time);
  }
  return cli.done(Json{{"blind", blind}, {"lifted", lifted}}, text);
}

int run(const Options& o, Cli& cli) {
  const bool reading = o.set.empty();
  auto study = study::Study::open(o.study, reading ? study::Access::read_only : study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  if (reading) return tell(*snapshot, cli);
  if (trim(o.by).empty()) return cli.problem({Code::Usage, "who sets it has no name", "--by", "name who"});
  const auto blind = o.set == "on" ? ingest::Blind::on : ingest::Blind::off;
  Result<study::Request> request = ingest::set_blind(*snapshot, blind, o.by);
  if (!o.rater.empty()) request = ingest::set_blind(*snapshot, blind, o.rater, o.by, study::now_utc());
  if (!request) return cli.problem(request.error());
  if (const auto act = study->apply(*request); !act) return cli.problem(act.error());
  const auto now = study->snapshot();
  return now ? tell(*now, cli) : cli.problem(now.error());
}

}  // namespace

void add_blind(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("qc", "Quality control: rate regions, look at ratings, exchange them");
  CLI::App* verb = cli.verb(group, "blind", "Whether raters see who is rated; shows it, or sets it",
                            [o, &cli] { return run(*o, cli); });
  verb->add_option("study", o->study, "The study file (.ipsi)")->required();
  verb->add_option("set", o->set, "on or off")->check(CLI::IsMember({"on", "off"}));
  verb->add_option("--rater", o->rater, "Only for this rater; kept in the log");
  verb->add_option("--by", o->by, "Who sets it");
}

}  // namespace ipsi::cli
