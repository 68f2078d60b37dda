// SPDX-License-Identifier: MIT
#include "verbs/watched_members.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "doctor/memory_owners.h"
#include "system/process.h"
#include "verdicts/rules.h"

namespace heapmeter::cli {
namespace {

std::int64_t grown_beside(const verdicts::Series &series) {
  if (series.empty()) return 0;
  return static_cast<std::int64_t>(series.back().beside_bytes.value_or(0)) -
         static_cast<std::int64_t>(series.front().beside_bytes.value_or(0));
}

bool grows_beside(const verdicts::Series &series) {
  verdicts::Observed observed;
  observed.series = series;
  const auto verdict = verdicts::growth_beside(observed);
  return verdict && verdict->alarm();
}

}  // namespace

void WatchedMembers::add(const std::vector<Member> &members) {
  std::map<std::string, verdicts::Watched> now;
  for (const Member &each : members) {
    const std::string key = each.endpoint.path();
    const auto known = by_socket_.find(key);
    verdicts::Watched watched = known == by_socket_.end() ? verdicts::Watched() : std::move(known->second);
    if (each.reading && each.complaint.empty()) {
      watched.add(*each.reading, each.resident, each.anonymous);
    }
    now.emplace(key, std::move(watched));
  }
  by_socket_ = std::move(now);
}

std::size_t WatchedMembers::growing() const {
  return static_cast<std::size_t>(std::count_if(by_socket_.begin(), by_socket_.end(), [](const auto &each) {
    return grows_beside(each.second.series());
  }));
}

std::optional<verdicts::Grower> WatchedMembers::most(const std::vector<Member> &members) const {
  const Member *found = nullptr;
  std::int64_t most_bytes = 0;
  for (const Member &each : members) {
    const auto known = by_socket_.find(each.endpoint.path());
    const std::int64_t bytes = known == by_socket_.end() ? 0 : grown_beside(known->second.series());
    if (bytes <= most_bytes) continue;
    found = &each;
    most_bytes = bytes;
  }
  if (found == nullptr) return std::nullopt;
  const verdicts::Series &series = by_socket_.at(found->endpoint.path()).series();
  verdicts::Grower grower{fmt::format("{} ({})", found->name(), found->shown_pid()),
                          process::executable(found->local_pid), series};
  // It reads all the libraries of the process: only where there is something to say.
  if (grows_beside(series)) grower.owners = memory_owners(found->local_pid);
  return grower;
}

}  // namespace heapmeter::cli
