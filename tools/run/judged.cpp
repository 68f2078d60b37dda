// SPDX-License-Identifier: MIT
#include "run/judged.h"

#include <algorithm>
#include <span>

#include "client/exchange.h"
#include "client/page.h"
#include "verdicts/judge.h"
#include "views/code_places.h"

namespace heapmeter::cli {
namespace {

// The last moment of a report is when it has released what it had, and is left out.
std::span<const Moment> lived(const RunResult &result) {
  const std::span moments(result.shape.moments());
  return result.from_report && !moments.empty() ? moments.first(moments.size() - 1) : moments;
}

std::vector<SizeClass> classes_at_exit(const Reading &report) {
  try {
    const auto *pages = page::object(report.fields, "pages");
    const auto *sizes = pages == nullptr ? nullptr : page::object(*pages, "sizes");
    return sizes == nullptr ? std::vector<SizeClass>() : size_classes_of(*sizes);
  } catch (const NoAnswer &) {
    return {};
  }
}

Reading sum_of(const Tree &tree) {
  Reading sum;
#define HEAPMETER_COUNTER(type, name, unit, help) sum.name = tree.sum.name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  return sum;
}

std::optional<verdicts::BeyondMalloc> beyond_malloc(const RunResult &result, const Tree &tree) {
  const auto most = std::max_element(
      tree.programs.begin(), tree.programs.end(),
      [](const ProgramRow &a, const ProgramRow &b) { return a.beyond_malloc_bytes < b.beyond_malloc_bytes; });
  if (most == tree.programs.end() || most->beyond_malloc_bytes == 0) return std::nullopt;
  verdicts::BeyondMalloc found{most->name, most->beyond_malloc_bytes, most->rss_peak_bytes};
  if (const auto owners = result.owners.find(most->executable); owners != result.owners.end())
    found.owners = owners->second;
  return found;
}

}  // namespace

std::vector<verdicts::Verdict> judged(const RunResult &result, const Tree &tree) {
  const bool alone = result.children.empty();
  verdicts::Observed observed;
  observed.ended = true;
  observed.reading = alone ? result.reading : sum_of(tree);
  for (const Moment &each : alone ? lived(result) : std::span(result.together.moments()))
    observed.series.push_back({each.seconds, each.live_bytes, each.live_bytes, each.most_bytes, {}});
  if (alone && result.reading && result.from_report) observed.classes = classes_at_exit(*result.reading);
  if (alone && result.sites) observed.at_peak = code_at_peak(result.sites->named.stacks);
  observed.beyond_malloc = beyond_malloc(result, tree);
  observed.grower = result.grower;
  if (result.lost) observed.lost = {result.lost->sum.least_blocks, result.lost->sum.least_bytes};
  // Of what nobody read nothing is usual either.
  if (alone && !result.reading) return {};
  std::vector<verdicts::Verdict> all = verdicts::judge(observed);
  // How it ended is unusual enough.
  if (alone && result.ending.signal != 0 && all.front().kind == verdicts::Kind::k_nothing_unusual)
    all.front().words += " in its heap, as last read";
  return all;
}

}  // namespace heapmeter::cli
