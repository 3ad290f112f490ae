// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>

namespace ipsi::demo {

/// Numbers by counter: the n-th number of a stream is a function of (seed, n) alone, so neither the order in which
/// they are asked for nor the number of threads changes them.
/// @source  the finaliser of splitmix64: Steele, Lea, Flood (2014), OOPSLA, figure 16
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

class Stream {
 public:
  explicit constexpr Stream(std::uint64_t seed, std::uint64_t purpose = 0) : key_(mix(seed ^ mix(purpose))) {}

  [[nodiscard]] constexpr std::uint64_t bits(std::uint64_t n) const { return mix(key_ + n * 0xd1342543de82ef95ULL); }
  /// Uniform in [0, 1).
  [[nodiscard]] constexpr double uniform(std::uint64_t n) const { return double(bits(n) >> 11) * 0x1.0p-53; }
  /// Standard normal, by Box and Muller.
  [[nodiscard]] double normal(std::uint64_t n) const {
    const double u = 1.0 - uniform(2 * n);
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * M_PI * uniform(2 * n + 1));
  }
  /// Nearly standard normal, bounded by 3.5, from one draw: noise of millions of voxels.
  [[nodiscard]] float rough_normal(std::uint64_t n) const {
    const std::uint64_t b = bits(n);
    const auto sum = std::int32_t((b & 0xffff) + (b >> 16 & 0xffff) + (b >> 32 & 0xffff) + (b >> 48));
    return float(sum - 2 * 65535) * (1.0F / 37837.0F);  // four uniforms: sd 65536 * sqrt(4 / 12)
  }

 private:
  std::uint64_t key_;
};

}  // namespace ipsi::demo
