// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/behaviour.h"

#include <cmath>
#include <limits>

#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {

TEST(Measures, HaveTheScalesOfTheDictionary) {  // shared domain notes, section 7, column by column
  struct Row {
    const char* column;
    const char* test;
    double min, max;
    Better better;
  };
  for (const Row& row : std::initializer_list<Row>{{"FMUE_TOTAL", "FMA-UE", 0, 66, Better::high},
                                                   {"fma_ue", "FMA-UE", 0, 66, Better::high},
                                                   {"FMLE", "FMA-LE", 0, 34, Better::high},
                                                   {"FM_TOTAL", "FMA-motor", 0, 100, Better::high},
                                                   {"FMA_TOTAL", "FMA-total", 0, 226, Better::high},
                                                   {"arat_total", "ARAT", 0, 57, Better::high},
                                                   {"WMFT_FAS", "WMFT", 0, 75, Better::high},
                                                   {"WMFT_FAS_MEAN", "WMFT", 0, 5, Better::high},
                                                   {"WMFT_TIME", "WMFT-time", 0, 120, Better::low},
                                                   {"MBI", "Barthel", 0, 100, Better::high},
                                                   {"NIHSS", "NIHSS", 0, 42, Better::low},
                                                   {"mRS", "mRS", 0, 6, Better::low},
                                                   {"MRC", "MRC", 0, 5, Better::high},
                                                   {"ASHWORTH", "Ashworth", 0, 4, Better::low},
                                                   {"UL_MAS", "UL-MAS", 0, 18, Better::high},
                                                   {"ESS", "ESS", 0, 100, Better::high},
                                                   {"SSS", "SSS", 0, 58, Better::high},
                                                   {"SIS_HAND", "SIS-hand", 0, 100, Better::high},
                                                   {"BERG", "Berg", 0, 56, Better::high},
                                                   {"MoCA", "MoCA", 0, 30, Better::high}}) {
    const auto m = measure_of_column(row.column);
    ASSERT_TRUE(m) << row.column;
    EXPECT_EQ(m->test, row.test);
    EXPECT_EQ(m->min, row.min) << row.column;
    EXPECT_EQ(m->max, row.max) << row.column;
    EXPECT_EQ(m->better, row.better) << row.column;
  }
  EXPECT_FALSE(measure_of_column("MAS"));  // Ashworth or Motor Assessment Scale: never merged
  EXPECT_FALSE(measure_of_column("age"));
  for (const char* column : {"BBT_AFFECTED", "NINE_HOLE_PEG_AFFECTED", "GRIP_AFFECTED", "PINCH"}) {
    ASSERT_TRUE(measure_of_column(column)) << column;
    EXPECT_TRUE(measure_of_column(column)->ratio()) << column;
  }
}

TEST(FractionOfMaximum, TurnsScoresToZeroWorstOneBest) {
  EXPECT_NEAR(*fraction_of_maximum(45, 0, 66, Better::high), 0.68, 0.005);  // worked check of the paper
  EXPECT_DOUBLE_EQ(*fraction_of_maximum(45, 0, 66, Better::high), 45.0 / 66.0);
  EXPECT_DOUBLE_EQ(*fraction_of_maximum(0, 0, 42, Better::low), 1.0);
  EXPECT_DOUBLE_EQ(*fraction_of_maximum(42, 0, 42, Better::low), 0.0);
  EXPECT_DOUBLE_EQ(*fraction_of_maximum(3, 1, 5, Better::high), 0.5);
}

TEST(FractionOfMaximum, NeverClips) {
  EXPECT_FALSE(fraction_of_maximum(67, 0, 66, Better::high));
  EXPECT_FALSE(fraction_of_maximum(-1, 0, 66, Better::high));
  EXPECT_FALSE(fraction_of_maximum(std::nan(""), 0, 66, Better::high));
  EXPECT_FALSE(fraction_of_maximum(1, 0, std::nan(""), Better::high));
  EXPECT_FALSE(fraction_of_maximum(1, 5, 5, Better::high));
}

TEST(LimbRatio, KeepsRatiosAboveOneAndRefusesZero) {
  EXPECT_DOUBLE_EQ(*limb_ratio(30, 25, Better::high), 1.2);
  EXPECT_DOUBLE_EQ(*limb_ratio(50, 20, Better::low), 0.4);  // seconds: slower is worse
  EXPECT_FALSE(limb_ratio(30, 0, Better::high));
  EXPECT_FALSE(limb_ratio(0, 20, Better::low));
  EXPECT_DOUBLE_EQ(*limb_ratio(0, 25, Better::high), 0.0);
}

TEST(UnableCodes, AreSeenWhereTheyAreNoScore) {
  const auto fma = *measure_of_column("FMUE_TOTAL");
  const auto total = *measure_of_column("FMA_TOTAL");
  const auto time = *measure_of_column("WMFT_TIME");
  const auto pegs = *measure_of_column("NINE_HOLE_PEG_AFFECTED");
  EXPECT_TRUE(is_unable_code("999", 999, fma, 66));
  EXPECT_TRUE(is_unable_code("-99", -99, fma, 66));
  EXPECT_TRUE(is_unable_code("NT", std::nullopt, fma, 66));
  EXPECT_TRUE(is_unable_code("120", 120, fma, 66));
  EXPECT_FALSE(is_unable_code("120", 120, total, 226));  // a score there
  EXPECT_FALSE(is_unable_code("120", 120, time, 120));   // the cap, a score
  EXPECT_TRUE(is_unable_code("120", 120, pegs, std::nan("")));
  EXPECT_FALSE(is_unable_code("67", 67, fma, 66));  // out of range, not a code
}

}  // namespace
}  // namespace ipsi::ingest
