// SPDX-License-Identifier: MIT
#include "targets/chosen.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "client/own_places.h"
#include "readings/reachable.h"
#include "system/process.h"
#include "targets/kin.h"
#include "text/format.h"
#include "text/nearest.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

[[noreturn]] void throw_none(const Wanted &wanted) {
  if (wanted.has_below() && !process::status(static_cast<int>(wanted.below))) {
    throw UserError(fmt::format("there is no process {} to look below; heapmeter ps lists the metered ones",
                                wanted.below));
  }
  std::string who = "no metered process";
  for (const std::string &word : wanted.words) who += fmt::format(" is named like '{}'", printable(word));
  if (wanted.has_below())
    who += fmt::format("{} is {} or below it", wanted.words.empty() ? "" : " and",
                       process::label(static_cast<int>(wanted.below)));
  if (!wanted.cgroup.empty()) {
    who += fmt::format("{} is in a control group, container or unit '{}'",
                       who == "no metered process" ? "" : " and", printable(wanted.cgroup));
  }
  throw UserError(who + "; heapmeter ps lists them, those in containers too");
}

bool is_any(const Wanted &wanted, bool (*kind)(std::string_view)) {
  return std::any_of(wanted.words.begin(), wanted.words.end(), kind);
}

void check(const Wanted &wanted) {
  if (!wanted.given()) {
    throw UserError("no TARGET is given (a pid, a name, a pattern, a socket's path; or --below, --cgroup)",
                    kUsage);
  }
  if (wanted.has_below() && (wanted.below < 1 || wanted.below > std::numeric_limits<int>::max()))
    throw UserError("--below takes the pid of a process", kUsage);
  if ((is_any(wanted, is_pid) || is_any(wanted, is_path)) && (wanted.has_below() || !wanted.cgroup.empty()))
    throw UserError("a pid or a path is one process; --below and --cgroup go with a name, or alone", kUsage);
  if (wanted.words.size() > 1 && is_any(wanted, is_path))
    throw UserError("a path is one process and stands alone; beside other targets give its pid", kUsage);
}

// Of several words none is overlooked for the sake of the others.
void check_each(const Wanted &wanted) {
  for (const std::string &word : wanted.words) {
    Wanted one = wanted;
    one.words = {word};
    choose(one);
  }
}

}  // namespace

std::string Chosen::label() const {
  if (!is_group) return only().label();
  return group_label(wanted.text(), targets.size());
}

std::string group_label(const std::string &word, std::size_t processes) {
  return fmt::format("{}: {}", printable(word),
                     processes == 1 ? "1 process" : format::grouped(processes) + " processes");
}

bool is_wanted(int pid, const Wanted &wanted) {
  const auto kin = pid == 0 ? std::nullopt : kin_of(pid);
  return kin && fits(*kin, wanted);
}

Chosen choose(const Wanted &wanted) {
  check(wanted);
  if (wanted.names_one()) return {{resolve_target(wanted.words[0])}, false, wanted};
  if (wanted.words.size() > 1) check_each(wanted);
  std::vector<Target> targets;
  for (Target &each : reachable_targets()) {
    if (is_wanted(each.local_pid, wanted)) targets.push_back(std::move(each));
  }
  targets = those_there(targets);
  const bool is_group = wanted.means_group() || targets.size() > 1;
  if (!targets.empty()) return {std::move(targets), is_group, wanted};
  // Which knows what may have been meant.
  if (!wanted.means_group()) return {{resolve_target(wanted.words[0])}, false, wanted};
  throw_none(wanted);
}

Census::Finder finder_of(const Wanted &wanted) {
  check(wanted);
  if (wanted.words.size() > 1) check_each(wanted);
  if (wanted.names_one()) {
    const Endpoint endpoint = resolve_target(wanted.words[0]).endpoint;
    return [endpoint](std::vector<std::string> &) { return std::vector<Endpoint>{endpoint}; };
  }
  return [wanted](std::vector<std::string> &refused) {
    std::vector<Endpoint> endpoints = reachable_endpoints(refused);
    std::erase_if(endpoints, [&](const Endpoint &each) { return !is_wanted(listening_pid(each), wanted); });
    return endpoints;
  };
}

}  // namespace heapmeter::cli
