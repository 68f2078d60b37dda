// SPDX-License-Identifier: MIT
#include "process.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace heapmeter::cli::process {
namespace {

std::string file_of(int pid, const char *name) { return fmt::format("/proc/{}/{}", pid, name); }

std::optional<std::string> read(int pid, const char *name) {
  std::ifstream file(file_of(pid, name), std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return std::nullopt;
  return text;
}

}  // namespace

std::optional<Status> status(int pid) {
  const auto text = read(pid, "stat");
  if (!text) return std::nullopt;
  // The name stands in brackets and may hold anything: count from the last one.
  const std::size_t end = text->rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(end + 1));
  Status found;
  fields >> found.state >> found.parent;
  std::string skipped;
  for (int field = 5; field < 22; ++field) fields >> skipped;
  fields >> found.start_time;
  return fields ? std::optional(found) : std::nullopt;
}

std::string name(int pid) {
  std::string text = read(pid, "comm").value_or("");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string program(int pid) {
  std::error_code failed;
  std::string file = std::filesystem::read_symlink(file_of(pid, "exe"), failed).filename().string();
  constexpr std::string_view kDeleted = " (deleted)";
  if (file.ends_with(kDeleted)) file.erase(file.size() - kDeleted.size());
  return file;
}

std::optional<uid_t> owner(int pid) {
  struct stat found;
  if (stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

std::optional<std::uint64_t> resident_bytes(int pid) {
  const auto text = read(pid, "statm");
  if (!text) return std::nullopt;
  std::uint64_t size = 0, resident = 0;
  std::istringstream fields(*text);
  if (!(fields >> size >> resident)) return std::nullopt;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::optional<bool> has_library(int pid) {
  const auto maps = read(pid, "maps");
  if (!maps) return std::nullopt;
  return maps->find("/libheapmeter.so") != std::string::npos;
}

std::string variable(int pid, const std::string &name) {
  const std::string block = std::string(1, '\0') + read(pid, "environ").value_or("");
  const std::string key = std::string(1, '\0') + name + "=";
  const std::size_t at = block.find(key);
  return at == std::string::npos ? "" : block.substr(at + key.size()).c_str();
}

int innermost_pid(int pid) {
  std::istringstream lines(read(pid, "status").value_or(""));
  int innermost = pid;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream pids(line.substr(6));
    for (int each; pids >> each;) innermost = each;
  }
  return innermost;
}

std::string user_name(uid_t user) {
  const passwd *entry = getpwuid(user);
  return entry == nullptr ? fmt::format("user {}", user) : fmt::format("user {}", entry->pw_name);
}

std::string label(int pid) {
  const std::string known = name(pid);
  return known.empty() ? std::to_string(pid) : fmt::format("{} ({})", known, pid);
}

}  // namespace heapmeter::cli::process
