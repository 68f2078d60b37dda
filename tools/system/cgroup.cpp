// SPDX-License-Identifier: MIT
#include "system/cgroup.h"

#include <charconv>
#include <cstdlib>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "system/file_text.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

// Version 1 says "no limit" by the largest multiple of a page that fits.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;

std::string text_of(const fs::path &file) { return file_text(file).value_or(""); }

std::optional<std::uint64_t> number_in(const fs::path &file) {
  const std::string text = text_of(file);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end != text.data() ? std::optional(number) : std::nullopt;
}

// Of a text with a name and a number a line; 0 when it is not there.
std::uint64_t line_of(const std::string &text, const std::string &name) {
  const std::size_t at = ("\n" + text).find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + name.size() + 1, nullptr, 10);
}

bool lists(const std::string &comma_separated, const std::string &word) {
  return ("," + comma_separated + ",").find("," + word + ",") != std::string::npos;
}

// "8:memory:/path" of version 1, "0::/path" of version 2.
std::optional<std::string> path_of(std::string_view cgroup, int version, const char *controller) {
  std::istringstream lines{std::string(cgroup)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool found = version == 1 ? lists(controllers, controller) : line.substr(0, first) == "0";
    if (found) return line.substr(second + 1);
  }
  return std::nullopt;
}

struct Mount {
  std::string root;
  fs::path place;
};

// Of a line of mountinfo: id parent device ROOT PLACE options tags... - TYPE source SUPER_OPTIONS
std::optional<Mount> mount_of(std::string_view mountinfo, int version, const char *controller) {
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string skipped, type, options;
    Mount mount;
    std::string place;
    words >> skipped >> skipped >> skipped >> mount.root >> place;
    while (words >> skipped && skipped != "-") {
    }
    words >> type >> skipped >> options;
    mount.place = place;
    if (version == 2 ? type == "cgroup2" : type == "cgroup" && lists(options, controller)) return mount;
  }
  return std::nullopt;
}

std::optional<CgroupPlace> find_version(std::string_view cgroup, std::string_view mountinfo, int version,
                                        const char *controller) {
  const auto path = path_of(cgroup, version, controller);
  const auto mount = mount_of(mountinfo, version, controller);
  // A path that leads above what is mounted here is not ours to see.
  if (!path || !mount || path->find("/..") != path->npos) return std::nullopt;
  std::string below = *path;
  if (mount->root != "/" && below.starts_with(mount->root)) below.erase(0, mount->root.size());
  return CgroupPlace{version, *path, mount->place,
                     (mount->place / fs::path(below).relative_path()).lexically_normal()};
}

// A machine with both keeps a controller in version 1: then version 2 has none of that name.
std::optional<CgroupPlace> find_controller(std::string_view cgroup, std::string_view mountinfo,
                                           const char *controller) {
  if (const auto place = find_version(cgroup, mountinfo, 1, controller)) return place;
  return find_version(cgroup, mountinfo, 2, controller);
}

// The least number in files of this name on the way up.
std::optional<std::uint64_t> tightest(const CgroupPlace &place, const char *file) {
  std::optional<std::uint64_t> least;
  for (fs::path at = place.group;; at = at.parent_path()) {
    const auto limit = number_in(at / file);
    if (limit && (!least || *limit < *least)) least = limit;
    if (at == place.mount || at == at.parent_path()) return least;
  }
}

}  // namespace

std::optional<CgroupPlace> find_cgroup(std::string_view cgroup, std::string_view mountinfo) {
  return find_controller(cgroup, mountinfo, "memory");
}

std::optional<Cgroup> read_cgroup(const CgroupPlace &place) {
  const bool old = place.version == 1;
  const auto used = number_in(place.group / (old ? "memory.usage_in_bytes" : "memory.current"));
  if (!used) return std::nullopt;
  const auto limit = tightest(place, old ? "memory.limit_in_bytes" : "memory.max");
  const std::string all = text_of(place.group / "memory.stat");
  const std::uint64_t files = line_of(all, old ? "total_inactive_file" : "inactive_file") +
                              line_of(all, old ? "total_active_file" : "active_file");
  return Cgroup{place.version, place.path, *used, limit && *limit < kNoLimit ? limit : std::nullopt, files};
}

std::optional<Cgroup> cgroup_of(int pid) {
  const auto place =
      find_cgroup(text_of(fmt::format("/proc/{}/cgroup", pid)), text_of("/proc/self/mountinfo"));
  return place ? read_cgroup(*place) : std::nullopt;
}

std::optional<std::uint64_t> process_limit_of(int pid) {
  const auto place =
      find_controller(text_of(fmt::format("/proc/{}/cgroup", pid)), text_of("/proc/self/mountinfo"), "pids");
  return place ? tightest(*place, "pids.max") : std::nullopt;
}

}  // namespace heapmeter::cli
