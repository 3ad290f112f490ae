// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace ipsi::numeric {

/// A stream of random numbers of its own for each unit of work, made from (seed, key): the same numbers on every
/// machine, for any number of threads and in any order of the work. (std distributions differ between compilers.)
/// @source Blackman & Vigna (2021), xoshiro256++; Steele, Lea & Flood (2014), SplitMix64 for seeding
class Stream {
 public:
  explicit Stream(std::uint64_t seed, std::uint64_t key = 0);

  [[nodiscard]] std::uint64_t bits();                  ///< 64 random bits
  [[nodiscard]] double uniform();                      ///< in (0, 1), never 0 or 1; 53 bits
  [[nodiscard]] double normal();                       ///< mean 0, standard deviation 1, by inversion: one uniform each
  [[nodiscard]] std::uint64_t below(std::uint64_t n);  ///< 0..n-1 without bias; n > 0
  [[nodiscard]] std::vector<std::size_t> permutation(std::size_t n);  ///< of 0..n-1

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace ipsi::numeric
