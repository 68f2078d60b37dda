// SPDX-License-Identifier: MIT
#include "record/limits.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <sys/resource.h>

#include <fmt/format.h>

#include "system/file_text.h"
#include "system/process.h"

namespace heapmeter::cli::record {
namespace {

namespace fs = std::filesystem;

// What a group without a limit says in version 1 is a little less than 2^63.
constexpr std::uint64_t kNoLimitBytes = std::uint64_t{1} << 60;

std::optional<std::uint64_t> number_at(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// Behind a word that a line begins with.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    const std::size_t number = line.find_first_not_of(' ');
    if (number != 0 && number != line.npos) return number_at(line.substr(number));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const fs::path &file) {
  const auto text = file_text(file);
  return text ? number_at(*text) : std::nullopt;
}

const Nearness &nearer(const Nearness &one, const Nearness &other) {
  return other.share() > one.share() ? other : one;
}

}  // namespace

std::uint64_t firmly_used(std::uint64_t used, std::string_view stat, int version) {
  std::uint64_t cached = 0;
  for (const char *name : {"inactive_file", "active_file"})
    cached += number_of(stat, (version == 1 ? "total_" : "") + std::string(name)).value_or(0);
  return used - std::min(used, cached);
}

Nearness of_machine(std::string_view meminfo) {
  const std::uint64_t all = number_of(meminfo, "MemTotal:").value_or(0) * 1024;
  const auto available = number_of(meminfo, "MemAvailable:");
  if (all == 0 || !available) return {};
  return {kMachine, all - std::min(all, *available * 1024), all};
}

std::uint64_t oom_kills(std::string_view vmstat) { return number_of(vmstat, "oom_kill").value_or(0); }

void Limits::look() {
  levels_.clear();
  places_before_ = std::exchange(places_, {});
  machine_ = of_machine(file_text("/proc/meminfo").value_or(""));
  const std::uint64_t kills = oom_kills(file_text("/proc/vmstat").value_or(""));
  kills_ = all_kills_ && kills > *all_kills_ ? kills - *all_kills_ : 0;
  all_kills_ = kills;
}

const std::optional<CgroupPlace> &Limits::place_of(int pid) {
  const auto [place, is_new] = places_.try_emplace(pid);
  if (is_new) {
    const auto known = places_before_.find(pid);
    place->second = known != places_before_.end()
                        ? known->second
                        : find_cgroup(file_text(fmt::format("/proc/{}/cgroup", pid)).value_or(""),
                                      file_text("/proc/self/mountinfo").value_or(""));
  }
  return place->second;
}

std::string Limits::group_of(int pid) {
  const auto &place = place_of(pid);
  return place ? place->path : "";
}

std::optional<Nearness> Limits::level(const fs::path &group, int version) {
  const auto [place, is_new] = levels_.try_emplace(group);
  if (!is_new) return place->second;
  const auto limit = number_in(group / (version == 1 ? "memory.limit_in_bytes" : "memory.max"));
  if (!limit || *limit == 0 || *limit >= kNoLimitBytes) return std::nullopt;
  const auto used = number_in(group / (version == 1 ? "memory.usage_in_bytes" : "memory.current"));
  if (!used) return std::nullopt;
  const std::string stat = file_text(group / "memory.stat").value_or("");
  return place->second = Nearness{kGroup, firmly_used(*used, stat, version), *limit};
}

Nearness Limits::of_group(int pid) {
  Nearness nearest;
  const auto &place = place_of(pid);
  if (!place) return nearest;
  for (fs::path at = place->group;; at = at.parent_path()) {
    if (const auto here = level(at, place->version)) nearest = nearer(nearest, *here);
    if (at == place->mount || at == at.parent_path()) return nearest;
  }
}

Nearness Limits::of(int pid) {
  if (pid == 0) return {};
  Nearness nearest = nearer(machine_, of_group(pid));
  rlimit limit{};
  if (prlimit(pid, RLIMIT_AS, nullptr, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur != 0)
    nearest = nearer(nearest, {kAddressSpace, process::mapped_bytes(pid).value_or(0), limit.rlim_cur});
  if (prlimit(pid, RLIMIT_DATA, nullptr, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur != 0) {
    const auto data = number_of(file_text(fmt::format("/proc/{}/status", pid)).value_or(""), "VmData:");
    nearest = nearer(nearest, {kDataSize, data.value_or(0) * 1024, limit.rlim_cur});
  }
  return nearest;
}

}  // namespace heapmeter::cli::record
