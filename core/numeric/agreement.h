// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace ipsi::numeric {

/// What raters said of items: `code[item * raters + rater]` is a category 0.. or -1 where that rater said nothing.
struct RatedItems {
  int raters = 0, categories = 0;
  std::vector<int> code;
  std::vector<int> cluster;  ///< [items] items of one person share a number; empty = every item on its own

  [[nodiscard]] int items() const { return raters == 0 ? 0 : static_cast<int>(code.size()) / raters; }
};

/// A coefficient with two intervals: for items that are independent, and for people (clusters) that are.
/// NaN = not defined.
struct Coefficient {
  double value, se, low, high;
  double cluster_se, cluster_low, cluster_high;
};

/// How well raters agree. Not defined (NaN): everything without an item that two rated; Cohen's kappa with more than
/// two raters; both kappas where one category was used only (0 / 0; AC1 is 1 there); any se from fewer than two items
/// (or clusters).
struct Agreement {
  int items = 0;     ///< rated by two or more: the n of the coefficients
  int single = 0;    ///< rated by one: they count in `prevalence`, and through it in Fleiss' kappa and AC1
  int clusters = 0;  ///< that hold an item of these
  std::vector<double> prevalence;  ///< [categories] mean share of an item's raters
  std::vector<int> confusion;      ///< [categories^2] two raters: rows the first
  Coefficient percent;             ///< share of pairs of raters that agree, mean over items; Wilson's interval
  Coefficient cohen;               ///< on items that both of two raters rated
  Coefficient fleiss;
  Coefficient ac1;
};

/// Percent agreement, Cohen's kappa, Fleiss' kappa and Gwet's AC1 with `level` intervals, cut at -1 and 1.
///
/// se are linearised (delta method), so right away from chance agreement too: Cohen's with divisor n, the others with
/// n (n - 1), as their authors give them. Clusters: sums of an item's linearised values over a cluster take the place
/// of the values; se then has the factor G / (G - 1). Where some items have one rater only, the share of items with
/// two is taken as fixed. See docs/methods/agreement.md.
/// @source Cohen (1960); Fleiss, Cohen & Everitt (1969) for its variance; Fleiss (1971); Gwet (2008) for AC1 and its
///         variance, Gwet (2021) for that of Fleiss' kappa; Wilson (1927) on the effective number of items
/// @checked tests/core/numeric/agreement_test.cpp: published examples, infinitesimal jackknife in R
/// @cost  items x raters
[[nodiscard]] Agreement agreement(const RatedItems& rated, double level = 0.95);

}  // namespace ipsi::numeric
