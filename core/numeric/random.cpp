// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/random.h"

#include <numeric>
#include <utility>

#include "core/numeric/distributions.h"

namespace ipsi::numeric {
namespace {

std::uint64_t rotate(std::uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

// SplitMix64's output function: a bijection that spreads neighbouring keys over all 64 bits.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

Stream::Stream(std::uint64_t seed, std::uint64_t key) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;
  std::uint64_t at = mix(seed + kGolden) ^ mix(mix(key + kGolden) + kGolden);
  for (std::uint64_t& word : state_) word = mix(at += kGolden);
}

std::uint64_t Stream::bits() {
  auto& s = state_;
  const std::uint64_t out = rotate(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return out;
}

double Stream::uniform() {
  return (static_cast<double>(bits() >> 11) + 0.5) * 0x1.0p-53;
}

double Stream::normal() {
  return normal_quantile(uniform());
}

std::uint64_t Stream::below(std::uint64_t n) {
  // Values under 2^64 mod n would make the first residues likelier.
  const std::uint64_t uneven = (0 - n) % n;
  std::uint64_t x = bits();
  while (x < uneven) x = bits();
  return x % n;
}

std::vector<std::size_t> Stream::permutation(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

}  // namespace ipsi::numeric
