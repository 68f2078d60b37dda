// SPDX-License-Identifier: MIT
//
// What the heap holds without using it: fragmentation, or what a peak left behind.
#include <algorithm>

#include <fmt/format.h>

#include "verdicts/rules.h"
#include "verdicts/wording.h"

namespace heapmeter::cli::verdicts {
namespace {

constexpr double kLeastUnused = 8 << 20, kLeastShare = 0.5;

// mimalloc gives small blocks pages of 64 KiB, medium ones of 512 KiB, and keeps one as long as a block in it
// lives.
constexpr std::uint64_t kSmallPage = 64 << 10, kMediumPage = 512 << 10;
std::uint64_t page_of(const SizeClass &each) {
  if (each.class_bytes <= kSmallPage / 4) return kSmallPage;
  return each.class_bytes <= kMediumPage / 4 ? kMediumPage : 0;
}

// What small live blocks can keep at most: each a page of its own.
struct Keepers {
  double bytes = 0;
  std::uint64_t blocks = 0, least = 0, most = 0;  // of the classes that do most of it
};

Keepers keepers(std::vector<SizeClass> classes) {
  Keepers found;
  const auto keeps = [](const SizeClass &each) {
    const std::uint64_t page = page_of(each);
    return page == 0 ? 0.0 : static_cast<double>(each.live_blocks) * static_cast<double>(page);
  };
  for (const SizeClass &each : classes) found.bytes += keeps(each);
  std::sort(classes.begin(), classes.end(),
            [&](const SizeClass &a, const SizeClass &b) { return keeps(a) > keeps(b); });
  double told = 0;
  for (const SizeClass &each : classes) {
    if (told >= 0.8 * found.bytes || keeps(each) == 0) break;
    told += keeps(each);
    const std::uint64_t smallest = each.least_bytes.value_or(each.class_bytes);
    found.least = found.blocks == 0 ? smallest : std::min(found.least, smallest);
    found.most = std::max(found.most, each.class_bytes);
    found.blocks += each.live_blocks;
  }
  return found;
}

std::string other_backend(const Account &account) {
  return account.backend == "mimalloc"
             ? "on the program's own allocator (--backend next) it may be another story"
             : "on mimalloc (the default) it may be another story";
}

bool has_asked_for_huge_pages(const Observed &observed) {
  if (!observed.reading) return false;
  const boost::json::value *said = observed.reading->fields.if_contains("huge_pages");
  return said != nullptr && *said == "on";
}

// The kernel gives a huge page whole at its first touch, 2 MiB on x86-64, 32 where pages have 16 KiB: a heap
// that was never that large has no pieces. What was ever asked for cannot have touched more than that.
std::optional<Verdict> huge_pages(const Observed &observed, double used, double unused, bool kept) {
  const Account &account = *observed.account;
  const auto huge = static_cast<double>(account.heap_huge_bytes);
  const bool never_asked_for =
      observed.reading && static_cast<double>(observed.reading->allocated_bytes) < 0.5 * unused;
  if (huge < 0.5 * unused || (kept && !never_asked_for)) return std::nullopt;
  Verdict verdict{Kind::k_huge_pages, "", "", "where that is too much: transparent_hugepage=madvise"};
  if (has_asked_for_huge_pages(observed))
    verdict.limit = "where that is too much: start it without HEAPMETER_HUGE_PAGES";
  verdict.words = fmt::format("huge pages: of {} resident heap {} is in use ({})", amount(used + unused),
                              amount(used), share(used, used + unused));
  verdict.evidence = fmt::format("{} of it came in huge pages, which the kernel gives whole", amount(huge));
  verdict.figures = {{"heap_bytes", used + unused}, {"usable_bytes", used}, {"huge_bytes", huge}};
  return verdict;
}

std::string over_time(const Observed &observed, const Trend &trend) {
  if (trend.course != Course::kFlat || observed.series.empty()) return "";
  std::string text = fmt::format("; live is flat for {}", format::duration(trend.seconds));
  const auto &from = observed.series.front().resident_bytes, &to = observed.series.back().resident_bytes;
  if (from && to && *to > *from + *from / 20)
    text += fmt::format(", resident memory +{}", amount(*to - *from));
  return text;
}

}  // namespace

std::optional<Verdict> peak_kept_or_fragmentation(const Observed &observed, const Trend &trend) {
  if (!observed.account || observed.account->moved()) return std::nullopt;
  const Account &account = *observed.account;
  const auto resident = static_cast<double>(account.of(Holder::kHeap).resident_bytes);
  const double used = std::min(resident, static_cast<double>(account.usable_bytes)), unused = resident - used;
  if (unused < kLeastUnused || unused < kLeastShare * resident) return std::nullopt;
  const double least_peak = observed.reading ? static_cast<double>(observed.reading->least_peak()) : 0;
  const bool mimallocs = account.backend == "mimalloc";
  const Keepers keeper = mimallocs ? keepers(observed.classes) : Keepers{};
  const bool of_a_peak = least_peak - used >= 0.5 * unused;
  const double peak = of_a_peak          ? least_peak
                      : observed.reading ? static_cast<double>(observed.reading->most_peak())
                                         : 0;
  const bool pinned = keeper.bytes >= 0.5 * unused;
  // Until the size classes are read, small blocks may keep it.
  const bool is_free_to_go = mimallocs && !observed.classes.empty() && !pinned && !of_a_peak;
  if (auto whole = huge_pages(observed, used, unused, !observed.reading || !is_free_to_go)) return whole;
  Verdict verdict{Kind::k_fragmentation, "", "", other_backend(account)};
  verdict.figures = {{"heap_bytes", resident}, {"usable_bytes", used}, {"unused_bytes", unused}};
  if (peak > 0) verdict.figures.emplace_back("peak_bytes", peak);
  std::string kept_by;
  if (pinned) {
    const double pages = std::min(keeper.bytes, unused) / kSmallPage;
    kept_by =
        fmt::format("{} of {} can keep {} pages of 64 KiB", format::counted(keeper.blocks, "live block"),
                    format::bytes_range(keeper.least, keeper.most, "-"),
                    format::grouped(static_cast<std::uint64_t>(pages)));
    const std::string code = told(observed.holding, &Code::blocks, [](double blocks) {
      return fmt::format("({} blocks)", format::grouped(static_cast<std::uint64_t>(blocks)));
    });
    if (!code.empty()) kept_by += ", most of them made by " + code;
    verdict.figures.emplace_back("keeping_blocks", static_cast<double>(keeper.blocks));
    verdict.figures.emplace_back("kept_pages", pages);
  }
  if (of_a_peak && !pinned) {
    verdict.kind = Kind::k_peak_kept;
    verdict.words = fmt::format("a peak of {} is over, and the heap keeps {} that nobody uses", amount(peak),
                                amount(unused));
    verdict.evidence = fmt::format("{} of the heap resident, {} in use", amount(resident), amount(used));
    if (!mimallocs)
      verdict.evidence += "; whether blocks that live keep it, this allocator does not tell";
    else if (!observed.classes.empty())
      verdict.evidence += "; too few live blocks to keep all of it";
    verdict.evidence += over_time(observed, trend);
    verdict.limit = "it serves the next peak; " + verdict.limit;
    return verdict;
  }
  verdict.words = fmt::format("fragmentation: of {} resident heap {} is in use ({})", amount(resident),
                              amount(used), share(used, resident));
  verdict.evidence = pinned     ? kept_by
                     : peak > 0 ? fmt::format("live was never more than {}", amount(peak))
                                : "how high live has been is not known";
  if (pinned && of_a_peak) verdict.evidence += fmt::format(", left by a peak of {}", amount(peak));
  verdict.evidence += over_time(observed, trend);
  return verdict;
}

std::optional<Verdict> lost(const Observed &observed) {
  const Lost &lost = observed.lost;
  if (lost.blocks == 0) return std::nullopt;
  Verdict verdict{
      Kind::k_lost,
      format::counted(lost.blocks, "block") + (lost.blocks == 1 ? " is lost" : " are lost"),
      fmt::format("{} that nothing pointed at any more at the exit", amount(lost.bytes)),
      "",
      {{"lost_blocks", static_cast<double>(lost.blocks)}, {"lost_bytes", static_cast<double>(lost.bytes)}}};
  if (observed.reading && observed.reading->live_bytes > 0)
    verdict.evidence += fmt::format(
        ", {} of what was live",
        share(static_cast<double>(lost.bytes), static_cast<double>(observed.reading->live_bytes)));
  return verdict;
}

}  // namespace heapmeter::cli::verdicts
