// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/base/regions.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"

namespace ipsi::ingest {

/// Fewer people than this say nothing about what is usual: z is missing then.
inline constexpr int kLeastForNorm = 10;

/// The volumes of one session, each from the first source that has it (study/analysis_table.h). Missing is NaN.
struct SessionVolumes {
  std::string person, session;
  bool first = false;  ///< the person's first time-point: what norms are made of
  bool patient = true;
  std::array<double, kRegions.size()> mm3{};
  std::array<std::string, kRegions.size()> source{};  ///< "aseg_stats"; "" without volume
  std::array<std::string, kRegions.size()> note{};    ///< why it is missing, as the importer said
  double icv = 0, age = 0;
};
/// Sessions in the order of the snapshot.
[[nodiscard]] std::vector<SessionVolumes> session_volumes(const study::Snapshot& snapshot,
                                                          const study::AnalysisOptions& options = {});

/// What is usual for one region: a robust plane of its volume on intracranial volume and age, and the spread around it.
/// Volumes of the lateral ventricles are taken as logarithms, as they are skewed.
///
/// There are four planes, with and without each covariate; a person is held against the fullest one whose covariates
/// they have. With fewer than kLeastForNorm people behind a plane it is not used.
class RegionNorm {
 public:
  struct Plane {
    int people = 0;
    bool by_icv = false, by_age = false;
    double middle = 0;                  ///< at mean covariates
    double icv_mean = 0, age_mean = 0;  ///< of the people behind it
    double per_icv = 0, per_age = 0;    ///< per mm3, per year
    double spread = 0;                  ///< MAD of the residuals, as an SD
  };
  struct Z {
    double z = 0;         ///< NaN without volume, people or spread
    double expected = 0;  ///< mm3 at this ICV and age; NaN where z is
    const Plane* plane = nullptr;
  };

  /// `usual[i]`: whether person i may stand for what is usual (missing volumes are left out by themselves).
  static RegionNorm make(std::size_t region, const std::vector<double>& mm3, const std::vector<double>& icv,
                         const std::vector<double>& age, const std::vector<bool>& usual);
  [[nodiscard]] Z of(double mm3, double icv, double age) const;

 private:
  bool log_ = false;
  std::array<Plane, 4> planes_{};  ///< the fullest first: both, ICV, age, none
};

/// The norms of a study, robust to what is broken among everybody: no rating is looked at, so that nobody's flags move
/// the queue of another. Patients at their first time-point.
[[nodiscard]] std::array<RegionNorm, kRegions.size()> region_norms(const std::vector<SessionVolumes>& sessions);

/// Both outlier rules of the ENIGMA scripts over the unadjusted volumes of one region, under their true names.
struct EnigmaLimits {
  int people = 0;
  double tukey_low = 0, tukey_high = 0;  ///< Q1 - 1.5 IQR .. Q3 + 1.5 IQR: what is documented
  double sd_low = 0, sd_high = 0;        ///< mean +/- 2.698 SD: what mkIQIrange computes
};
/// NaN limits with fewer than kLeastForNorm volumes. Unlike the script, volumes are not rounded and 'x' is missing.
[[nodiscard]] EnigmaLimits enigma_limits(std::vector<double> volumes);

}  // namespace ipsi::ingest
