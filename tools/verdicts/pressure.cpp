// SPDX-License-Identifier: MIT
//
// What presses from outside: limits that are near, and swap.
#include <algorithm>

#include <fmt/format.h>

#include "readings/wrong_call.h"
#include "verdicts/rules.h"
#include "verdicts/wording.h"

namespace heapmeter::cli::verdicts {
namespace {

constexpr double kNear = 0.9, kSoon = 86400, kLeastSwap = 1 << 20;

std::vector<MemoryLimit> all_limits(const Observed &observed) {
  std::vector<MemoryLimit> all = observed.limits;
  if (observed.account && observed.account->cgroup && observed.account->cgroup->limit_bytes) {
    const Cgroup &group = *observed.account->cgroup;
    all.push_back({"the memory limit of its control group",
                   group.used_bytes - std::min(group.used_bytes, group.file_bytes), *group.limit_bytes});
  }
  return all;
}

// The first few, one by one: "2x new[] released by free (4.00 KiB)".
std::string distinct(const Reading &reading) {
  const std::vector<Fault> &faults = reading.faults;
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t at = 0; at < faults.size() && at < kMost; ++at) {
    const Fault &each = faults[at];
    text +=
        fmt::format("{}{}x {}", at == 0 ? ": " : ", ", format::grouped(each.count), wrong_call_text(each));
    if (each.bytes > 0)
      text += fmt::format(" ({}{})", each.count > 1 ? "the first " : "", amount(each.bytes));
    for (const std::string &place : wrong_places(reading, at)) text += " " + place;
  }
  return text + (faults.size() > kMost ? ", ..." : "");
}

}  // namespace

std::optional<Verdict> near_limit(const Observed &observed, const Trend &trend) {
  const double rate = trend.course == Course::kGrows ? trend.bytes.middle : 0;
  const MemoryLimit *nearest = nullptr;
  double least = 0;  // what is left, as a share
  const std::vector<MemoryLimit> all = all_limits(observed);
  for (const MemoryLimit &each : all) {
    if (each.limit_bytes == 0) continue;
    const auto limit = static_cast<double>(each.limit_bytes);
    const double left = std::max(0.0, limit - static_cast<double>(each.used_bytes));
    const bool near = left <= (1 - kNear) * limit || (rate > 0 && left < rate * kSoon);
    if (near && (nearest == nullptr || left / limit < least)) {
      nearest = &each;
      least = left / limit;
    }
  }
  if (nearest == nullptr) return std::nullopt;
  const auto limit = static_cast<double>(nearest->limit_bytes), left = least * limit;
  Verdict verdict{Kind::k_near_limit,
                  fmt::format("{} {}", nearest->name, left <= (1 - kNear) * limit ? "is near" : "comes near"),
                  fmt::format("{} of {} used ({})", amount(nearest->used_bytes), amount(nearest->limit_bytes),
                              share(limit - left, limit)),
                  "",
                  {{"used_bytes", static_cast<double>(nearest->used_bytes)}, {"limit_bytes", limit}}};
  if (rate > 0) {
    verdict.words += fmt::format(": at the present rate in {}", format::duration(left / rate));
    verdict.figures.emplace_back("seconds_left", left / rate);
    verdict.limit = "if live goes on to grow as it does, and nothing else does";
  } else {
    verdict.limit = trend.course == Course::kTooFew ? "how fast it comes nearer is not known yet"
                                                    : "live does not grow now";
  }
  return verdict;
}

std::optional<Verdict> swapping(const Observed &observed) {
  if (!observed.account) return std::nullopt;
  const auto swapped = static_cast<double>(observed.account->of(Holder::kHeap).swap_bytes);
  if (swapped < kLeastSwap) return std::nullopt;
  const auto committed = static_cast<double>(observed.account->committed_bytes);
  return Verdict{Kind::k_swapping,
                 fmt::format("{} of the heap are swapped out", amount(swapped)),
                 fmt::format("{} of {} committed", share(swapped, committed), amount(committed)),
                 "each first use of them waits for the disk",
                 {{"heap_swap_bytes", swapped}, {"committed_bytes", committed}}};
}

std::optional<Verdict> wrong_calls(const Observed &observed) {
  if (!observed.reading || observed.reading->wrong_calls() == 0) return std::nullopt;
  const Reading &reading = *observed.reading;
  std::string kinds;
  const auto add = [&](std::uint64_t count, const char *what) {
    if (count > 0) kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", format::grouped(count), what);
  };
  add(reading.mismatches, "released by the wrong call");
  add(reading.size_mismatches, "released with the wrong size");
  add(reading.double_frees, "released twice");
  add(reading.foreign_frees, "that malloc never made");
  add(reading.inner_frees, "by an address within the block");
  return Verdict{Kind::k_wrong_calls,
                 format::counted(reading.wrong_calls(), "wrong call"),
                 kinds + distinct(reading),
                 "each of them was survived here, which other allocators do not promise",
                 {{"mismatches", static_cast<double>(reading.mismatches)},
                  {"size_mismatches", static_cast<double>(reading.size_mismatches)},
                  {"double_frees", static_cast<double>(reading.double_frees)},
                  {"foreign_frees", static_cast<double>(reading.foreign_frees)},
                  {"inner_frees", static_cast<double>(reading.inner_frees)}}};
}

}  // namespace heapmeter::cli::verdicts
