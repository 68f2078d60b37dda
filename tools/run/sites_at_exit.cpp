// SPDX-License-Identifier: MIT
#include "run/sites_at_exit.h"

#include <optional>

#include <fmt/format.h>

#include "client/exchange.h"
#include "client/page.h"
#include "sites/kept.h"
#include "sites/page.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

// Of all, and of those that left a report, the one that held most.
struct Largest {
  const Relative *of_all = nullptr, *reported = nullptr;

  void consider(const Relative &each) {
    const auto more = [&](const Relative *than) { return !than || each.own_peak() > than->own_peak(); };
    if (more(of_all)) of_all = &each;
    if (each.from_report && !each.became_another && more(reported)) reported = &each;
  }
};

const LiveSites *live_of(const RunResult &result, const Reading &reading) {
  for (const LiveSites &each : result.live_sites) {
    if (each.pid == reading.pid && each.counting_since_ns == reading.counting_since_ns) return &each;
  }
  return nullptr;
}

void take_live(SitesAtExit &sites, const LiveSites &read) {
  try {
    sites.profile = sites::parse_profile(read.page);
    // Of a program that is no more: its files are asked.
    sites.named = sites::named(0, sites.profile);
    sites.read_after = read.taken;
  } catch (const NoAnswer &strange) {
    sites.hindrance = strange.what();
  }
}

}  // namespace

SitesAtExit sites_at_exit(const RunResult &result) {
  std::optional<Relative> itself;
  Largest largest;
  if (result.reading) {
    itself = result.from_report ? of_report(*result.reading) : relative_of(*result.reading);
    itself->from_report = result.from_report;
    largest.consider(*itself);
  }
  for (const Relative &each : result.children) largest.consider(each);
  SitesAtExit sites;
  // It may have held more than any that reported.
  if (largest.of_all != nullptr && largest.of_all != largest.reported) {
    if (const LiveSites *read = live_of(result, largest.of_all->reading)) {
      if (!result.children.empty()) {
        sites.whose = fmt::format("{} ({})", printable(largest.of_all->program()), read->pid);
        sites.why = "which held most";
      }
      take_live(sites, *read);
      return sites;
    }
  }
  if (largest.reported == nullptr) {
    sites.hindrance = "they are in a report at exit, of which there is none, and none were read before";
    return sites;
  }
  const Reading &report = largest.reported->reading;
  if (!result.children.empty()) {
    sites.whose = fmt::format("{} ({})", printable(largest.reported->program()), report.pid);
    sites.why = largest.of_all == largest.reported ? "which held most"
                                                   : "which held most of those that left a report";
  }
  try {
    if (auto profile = sites::reported_in(report.fields)) {
      sites.profile = std::move(*profile);
      // Of a program that is no more: its files are asked.
      sites.named = sites::named(0, sites.profile);
    } else {
      const std::string instead = page::long_text(report.fields, "sampling_instead", "a report");
      sites.hindrance = instead.empty() ? "its report at exit says nothing of them" : printable(instead);
    }
  } catch (const NoAnswer &strange) {
    sites.hindrance = strange.what();
  }
  return sites;
}

}  // namespace heapmeter::cli
