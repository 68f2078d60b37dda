// SPDX-License-Identifier: MIT
#include "system/family.h"

#include <filesystem>
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>

#include "system/file_text.h"

namespace heapmeter::cli::family {
namespace {

std::optional<std::string> read(int pid, const char *name) {
  return file_text(fmt::format("/proc/{}/{}", pid, name));
}

}  // namespace

bool tells_children() { return std::filesystem::exists("/proc/thread-self/children"); }

std::vector<int> children(int pid) {
  std::vector<int> found;
  std::error_code failed;
  for (const auto &thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), failed)) {
    std::istringstream pids(file_text(thread.path() / "children").value_or(""));
    for (int child = 0; pids >> child;) found.push_back(child);
  }
  return found;
}

std::vector<std::string> command(int pid) {
  std::vector<std::string> words;
  std::istringstream text(read(pid, "cmdline").value_or(""));
  for (std::string word; std::getline(text, word, '\0');) words.push_back(word);
  return words;
}

std::optional<Use> use(int pid) {
  const auto stat = read(pid, "stat"), status = read(pid, "status");
  const std::size_t end = stat ? stat->rfind(')') : std::string::npos;
  if (end == std::string::npos || !status) return std::nullopt;
  std::istringstream fields(stat->substr(end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  Use found;
  found.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::istringstream lines(*status);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kilobytes = 0;
    words >> name >> kilobytes;
    if (name == "RssAnon:") found.rss_anonymous_bytes = kilobytes * 1024;
    if (name == "VmHWM:") found.rss_peak_bytes = kilobytes * 1024;
    if (name == "RssFile:" || name == "RssShmem:") found.rss_file_bytes += kilobytes * 1024;
  }
  return found;
}

}  // namespace heapmeter::cli::family
