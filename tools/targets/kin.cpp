// SPDX-License-Identifier: MIT
#include "targets/kin.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "system/file_text.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostAncestors = 4096;      // deeper is a circle, which a kernel has none of
constexpr std::size_t kLongestCommand = 1 << 12;  // as much of it as anybody reads

struct Stat {
  std::string name;
  int parent = 0;
};

// "12 (a) b) S 1 ...": a name may have brackets in it.
std::optional<Stat> stat_of(int pid, const fs::path &proc) {
  const auto text = file_text(proc / std::to_string(pid) / "stat");
  if (!text) return std::nullopt;
  const std::size_t open = text->find('('), close = text->rfind(')');
  if (open == text->npos || close == text->npos || close < open) return std::nullopt;
  Stat stat{text->substr(open + 1, close - open - 1), 0};
  const std::size_t parent = text->find_first_of("0123456789", close + 4 > text->size() ? close : close + 4);
  if (parent == text->npos) return std::nullopt;
  std::from_chars(text->data() + parent, text->data() + text->size(), stat.parent);
  return stat;
}

std::vector<std::string> cgroups_of(int pid, const fs::path &proc) {
  std::vector<std::string> paths;
  std::istringstream lines(file_text(proc / std::to_string(pid) / "cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    std::string path = line.substr(second + 1);
    constexpr std::string_view kDeleted = " (deleted)";
    if (path.ends_with(kDeleted)) path.erase(path.size() - kDeleted.size());
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
  }
  return paths;
}

std::string program_of(int pid, const fs::path &proc) {
  std::error_code failed;
  std::string path = fs::read_symlink(proc / std::to_string(pid) / "exe", failed);
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.erase(path.size() - kDeleted.size());
  return fs::path(path).filename();
}

}  // namespace

std::optional<Kin> kin_of(int pid, const fs::path &proc) {
  const auto stat = stat_of(pid, proc);
  if (!stat) return std::nullopt;
  Kin kin{pid, {stat->name}, {}, cgroups_of(pid, proc)};
  if (std::string program = program_of(pid, proc); !program.empty() && program != stat->name)
    kin.names.push_back(std::move(program));
  for (int at = stat->parent; at > 0 && kin.ancestors.size() < kMostAncestors;) {
    kin.ancestors.push_back(at);
    const auto above = stat_of(at, proc);
    at = above ? above->parent : 0;
  }
  return kin;
}

std::string command_of(int pid, const fs::path &proc) {
  std::string text = file_text(proc / std::to_string(pid) / "cmdline").value_or("");
  while (!text.empty() && text.back() == '\0') text.pop_back();
  if (text.empty()) {
    const auto stat = stat_of(pid, proc);
    return stat ? "[" + printable(stat->name) + "]" : "";
  }
  if (text.size() > kLongestCommand) text.resize(kLongestCommand);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return printable(text);
}

}  // namespace heapmeter::cli
