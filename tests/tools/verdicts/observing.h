// SPDX-License-Identifier: MIT
//
// Processes whose figures are known, and what is said of them.
#pragma once

#include "tools/snapshot_text.h"
#include "tools/verdicts/simulated.h"
#include "verdicts/judge.h"
#include "views/verdicts.h"

namespace heapmeter::testing {

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;

inline constexpr std::uint64_t kMiB = 1 << 20;

inline heapmeter::cli::Reading reading(std::uint64_t live, std::uint64_t peak) {
  heapmeter::cli::Reading found = parse_reading(snapshot_text());
  found.live_bytes = live;
  found.peak_bytes = peak;
  return found;
}

inline Observed of_heap(std::uint64_t live, std::uint64_t peak, std::uint64_t resident) {
  Observed observed;
  observed.reading = reading(live, peak);
  Account account;
  account.backend = "mimalloc";
  account.live_bytes = account.usable_bytes = live;
  account.committed_bytes = account.of(Holder::kHeap).resident_bytes = resident;
  account.resident_bytes = account.explained_bytes();
  observed.account = account;
  return observed;
}

inline void hold(Observed &observed, Holder holder, std::uint64_t bytes, std::vector<Piece> pieces = {}) {
  Account &account = *observed.account;
  account.of(holder) = {bytes, 0, std::max<std::size_t>(pieces.size(), 1)};
  account.pieces.insert(account.pieces.end(), pieces.begin(), pieces.end());
  account.resident_bytes = account.explained_bytes();
}

inline Series rising(int readings, double mib_a_second) {
  return watched(
      [&](Simulated &p, double at, double) { p.live = 1000 + 1024 * mib_a_second * at * readings; }, readings,
      1);
}
inline Series flat(int readings) {
  return watched([](Simulated &, double, double) {}, readings, 1);
}

inline const Verdict *find(const std::vector<Verdict> &all, Kind kind) {
  for (const Verdict &each : all) {
    if (each.kind == kind) return &each;
  }
  return nullptr;
}

inline std::string told(const std::vector<Verdict> &all) { return verdicts_text(all, Paint(false), 0); }
inline bool has(const std::string &whole, const std::string &part) {
  return whole.find(part) != std::string::npos;
}

}  // namespace heapmeter::testing
