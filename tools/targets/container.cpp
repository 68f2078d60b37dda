// SPDX-License-Identifier: MIT
#include "targets/container.h"

#include <algorithm>
#include <array>

namespace heapmeter::cli {
namespace {

constexpr std::size_t kIdDigits = 64, kShownDigits = 12;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Engine {
  const char *before, *name;
};
constexpr std::array<Engine, 6> kEngines = {{{"docker-", "docker"},
                                             {"libpod-", "podman"},
                                             {"cri-containerd-", "containerd"},
                                             {"nerdctl-", "nerdctl"},
                                             {"crio-", "cri-o"},
                                             {"", ""}}};

// Of systemd-nspawn and of LXC, whose parts have the machine's name in them.
std::string machine_in(std::string_view part) {
  constexpr std::string_view kScope = ".scope";
  for (const std::string_view before : {"machine-", "lxc.payload.", "lxc.monitor."}) {
    if (!part.starts_with(before)) continue;
    part.remove_prefix(before.size());
    if (part.ends_with(kScope)) part.remove_suffix(kScope.size());
    return std::string(part);
  }
  return "";
}

}  // namespace

std::vector<std::string_view> parts_of_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != "..") parts.push_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

std::string container_id(std::string_view part) {
  constexpr std::string_view kScope = ".scope";
  if (part.ends_with(kScope)) part.remove_suffix(kScope.size());
  if (part.size() < kIdDigits) return "";
  const std::string_view id = part.substr(part.size() - kIdDigits);
  const bool alone = part.size() == kIdDigits || part[part.size() - kIdDigits - 1] == '-' ||
                     part[part.size() - kIdDigits - 1] == ':';
  return alone && is_hex(id) ? std::string(id) : "";
}

std::string container_of(std::string_view path) {
  const auto parts = parts_of_path(path);
  // The innermost says it: a container may run in another, and a unit in a container.
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (const std::string id = container_id(*part); !id.empty()) {
      const auto engine = std::find_if(kEngines.begin(), kEngines.end(),
                                       [&](const Engine &each) { return part->starts_with(each.before); });
      std::string name = engine->name;
      if (name.empty() && part + 1 != parts.rend() && !(part + 1)->starts_with("pod")) name = *(part + 1);
      return (name.empty() ? "container" : name) + " " + id.substr(0, kShownDigits);
    }
    if (const std::string machine = machine_in(*part); !machine.empty()) return "machine " + machine;
  }
  return "";
}

}  // namespace heapmeter::cli
