// SPDX-License-Identifier: MIT
#include "targets/wanted.h"

#include <algorithm>

#include <fnmatch.h>

#include <fmt/format.h>

#include "targets/container.h"

namespace heapmeter::cli {
namespace {

constexpr std::size_t kKernelsName = 15;  // as much of a name as it keeps
constexpr std::size_t kLeastId = 4;       // digits of a container's id that are taken for one

// Kubernetes writes a pod's uid with - where systemd needs _.
bool has_uid(std::string_view part, std::string uid) {
  constexpr std::size_t kUid = 36;
  if (uid.starts_with("pod")) uid.erase(0, 3);
  if (uid.size() != kUid || std::count(uid.begin(), uid.end(), '-') != 4) return false;
  const std::string whole(part);
  if (whole.find("pod" + uid) != whole.npos) return true;
  std::replace(uid.begin(), uid.end(), '-', '_');
  return whole.find("pod" + uid) != whole.npos;
}

bool fits_part(std::string_view part, std::string_view name) {
  if (part == name || without_unit(part) == name) return true;
  const std::string id = container_id(part);
  if (!id.empty() && name.size() >= kLeastId && id.starts_with(name)) return true;
  return has_uid(part, std::string(name));
}

}  // namespace

bool Wanted::means_group() const {
  return !cgroup.empty() || has_below() || words.size() > 1 ||
         (words.size() == 1 && (is_pattern(words[0]) || is_unit(words[0])));
}

bool Wanted::names_one() const { return words.size() == 1 && (is_pid(words[0]) || is_path(words[0])); }

std::string Wanted::text() const {
  std::string text;
  for (const std::string &word : words) text += (text.empty() ? "" : " ") + word;
  if (has_below()) text += fmt::format("{}--below {}", text.empty() ? "" : " ", below);
  if (!cgroup.empty()) text += fmt::format("{}--cgroup {}", text.empty() ? "" : " ", cgroup);
  return text;
}

bool fits_word(const Kin &kin, const std::string &word) {
  for (const std::string &name : kin.names) {
    if (name == word || (name.size() == kKernelsName && word.starts_with(name))) return true;
    if (is_pattern(word) && fnmatch(word.c_str(), name.c_str(), 0) == 0) return true;
  }
  if (!is_unit(word)) return false;
  return std::any_of(kin.cgroups.begin(), kin.cgroups.end(), [&](const std::string &path) {
    const auto parts = parts_of_path(path);
    return std::find(parts.begin(), parts.end(), word) != parts.end();
  });
}

bool fits_cgroup(std::string_view path, std::string_view name) {
  const auto parts = parts_of_path(path), wanted = parts_of_path(name);
  if (wanted.empty()) return name == "/" && parts.empty();
  if (wanted.size() == 1) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return fits_part(part, wanted.front()); });
  }
  const auto found = std::search(parts.begin(), parts.end(), wanted.begin(), wanted.end());
  return found != parts.end() && (!name.starts_with('/') || found == parts.begin());
}

bool fits(const Kin &kin, const Wanted &wanted) {
  const bool right = wanted.words.empty() ||
                     std::any_of(wanted.words.begin(), wanted.words.end(), [&](const std::string &word) {
                       return is_pid(word) ? std::to_string(kin.pid) == word : fits_word(kin, word);
                     });
  if (!right) return false;
  if (wanted.has_below() && kin.pid != wanted.below &&
      std::find(kin.ancestors.begin(), kin.ancestors.end(), wanted.below) == kin.ancestors.end())
    return false;
  return wanted.cgroup.empty() ||
         std::any_of(kin.cgroups.begin(), kin.cgroups.end(),
                     [&](const std::string &path) { return fits_cgroup(path, wanted.cgroup); });
}

}  // namespace heapmeter::cli
