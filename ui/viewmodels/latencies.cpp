// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/latencies.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "core/numeric/robust.h"

namespace ipsi::ui {

namespace {
constexpr qint64 kForgotten = 10'000'000'000;  // ns: whatever was painted then, it was no answer
}  // namespace

qint64 Latencies::now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double Latencies::edge(int bin) {
  return bin >= kBins - 1 ? std::numeric_limits<double>::infinity() : static_cast<double>(1LL << bin);
}

void Latencies::ready(const QString& what, qint64 asked) {
  // A key that changed nothing on the screen is not what the next picture answers.
  std::erase_if(waiting_, [&](const Waiting& one) { return one.what == what; });
  waiting_.push_back({what, asked});
}

void Latencies::painted(qint64 at) {
  if (waiting_.empty()) return;
  const auto told = std::exchange(waiting_, {});
  for (const auto& one : told)
    if (at - one.asked < kForgotten) add(one.what, static_cast<double>(at - one.asked) / 1e6);
}

void Latencies::add(const QString& what, double ms) {
  auto [at, fresh] = samples_.try_emplace(what);
  if (fresh) order_.push_back(what);
  at->second.push_back(ms);
  if (at->second.size() > kKept) at->second.pop_front();
  emit changed();
}

void Latencies::clear() {
  waiting_.clear();
  order_.clear();
  samples_.clear();
  emit changed();
}

std::vector<Latencies::Row> Latencies::rows() const {
  std::vector<Row> out;
  for (const QString& what : order_) {
    const auto& samples = samples_.at(what);
    std::vector<double> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    Row row;
    row.what = what;
    row.n = static_cast<int>(sorted.size());
    row.median = numeric::quantile(sorted, 0.5);
    row.p95 = numeric::quantile(sorted, 0.95);
    row.longest = sorted.back();
    int bin = 0;
    for (const double ms : sorted) {
      while (ms >= edge(bin)) ++bin;
      ++row.bins[static_cast<std::size_t>(bin)];
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace ipsi::ui
