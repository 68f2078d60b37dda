// SPDX-License-Identifier: MIT
#include "verbs/site_reading.h"

#include <algorithm>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "sites/of_threads.h"
#include "sites/page.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatienceWithSiteReading{10'000};
constexpr std::size_t kMostNames = 8;

}  // namespace

SiteReading read_sites(const Target &target, const std::string &thread) {
  if (thread.empty())
    return {ask_target(target, HEAPMETER_PATH_SITES, kPatienceWithSiteReading, sites::parse_profile), {}};
  sites::Profile profile =
      ask_target(target, HEAPMETER_PATH_SITE_THREADS, kPatienceWithSiteReading, sites::parse_profile);
  ThreadList list = ask_target(target, HEAPMETER_PATH_THREADS, kPatienceWithSiteReading, parse_thread_list);
  if (target.local_pid != 0) find_local_tids(list, target.local_pid);
  SiteReading reading{sites::of_threads(std::move(profile), list, thread), {}};
  for (const ThreadEntry &each : list.threads) reading.threads.push_back(each.name);
  return reading;
}

std::optional<SitesByThread> read_sites_by_thread(const Target &target) try {
  sites::Profile profile =
      ask_target(target, HEAPMETER_PATH_SITE_THREADS, kPatienceWithSiteReading, sites::parse_profile);
  ThreadList list = ask_target(target, HEAPMETER_PATH_THREADS, kPatienceWithSiteReading, parse_thread_list);
  if (target.local_pid != 0) find_local_tids(list, target.local_pid);
  SitesByThread read{std::move(profile), {}};
  for (const ThreadEntry &each : list.threads)
    read.names[static_cast<std::uint32_t>(each.tid)] =
        fmt::format("{} ({})", each.name, each.local_tid != 0 ? each.local_tid : each.tid);
  return read;
} catch (const UserError &) {
  return std::nullopt;
}

void throw_no_thread(const std::string &whose, const std::string &thread, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string some;
  for (std::size_t at = 0; at < names.size() && at < kMostNames; ++at)
    some += (at == 0 ? "" : ", ") + printable(names[at]);
  if (names.size() > kMostNames) some += ", …";
  throw UserError(
      fmt::format("{} has no thread '{}'; it has {} (heapmeter threads lists them all, and {} are those "
                  "that ended)",
                  whose, printable(thread), some.empty() ? "none" : some, sites::kExited));
}

}  // namespace heapmeter::cli
