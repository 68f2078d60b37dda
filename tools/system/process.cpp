// SPDX-License-Identifier: MIT
#include "system/process.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "system/file_text.h"
#include "text/terminal.h"

namespace heapmeter::cli::process {
namespace {

std::string file_of(int pid, const char *name) { return fmt::format("/proc/{}/{}", pid, name); }

std::optional<std::string> read(int pid, const char *name) { return file_text(file_of(pid, name)); }

// Of what the first thread had, and its end took away, though the process lives on.
std::optional<std::string> read_of_living(int pid, const char *name) {
  auto text = read(pid, name);
  if (text && !text->empty()) return text;
  const int thread = living_thread(pid);
  return thread == pid ? text : read(thread, name);
}

std::string link_of_living(int pid, const std::string &name) {
  std::error_code failed;
  const std::string text = std::filesystem::read_symlink(file_of(pid, name.c_str()), failed).string();
  if (!failed) return text;
  const int thread = living_thread(pid);
  return thread == pid ? "" : std::filesystem::read_symlink(file_of(thread, name.c_str()), failed).string();
}

// The names that are numbers, in ascending order.
std::vector<int> numbers_in(const std::string &directory) {
  std::vector<int> numbers;
  std::error_code failed;
  for (const auto &entry : std::filesystem::directory_iterator(directory, failed)) {
    const std::string digits = entry.path().filename();
    if (digits.find_first_not_of("0123456789") == std::string::npos) numbers.push_back(std::stoi(digits));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

constexpr unsigned long kKernelThread = 0x00200000;  // PF_KTHREAD

constexpr std::string_view kDeleted = " (deleted)";

struct UserRange {
  uid_t inside, outside, count;
};

// As its /proc/PID/uid_map has it, for us who read it. Of our own user namespace that would be about the
// parent's; where we may not see which one it is, we may not look into its files either.
std::vector<UserRange> user_map(int pid) {
  if (shares_namespace(pid, "user") != false) return {{0, 0, UINT32_MAX}};
  std::vector<UserRange> ranges;
  std::istringstream text(read_of_living(pid, "uid_map").value_or(""));
  for (UserRange range{}; text >> range.inside >> range.outside >> range.count;) ranges.push_back(range);
  return ranges;
}

// The text behind "Name:" in /proc/PID/status, "" when there is none.
std::string status_line(int pid, std::string_view name) {
  std::istringstream lines(read(pid, "status").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) return line.substr(name.size());
  }
  return "";
}

// 0 when it is not to be read.
unsigned long auxiliary(int pid, unsigned long type) {
  const std::string vector = read_of_living(pid, "auxv").value_or("");
  for (std::size_t at = 0; at + 2 * sizeof type <= vector.size(); at += 2 * sizeof type) {
    unsigned long entry[2];
    memcpy(entry, vector.data() + at, sizeof entry);
    if (entry[0] == type) return entry[1];
  }
  return 0;
}

struct Mapping {
  std::uint64_t offset = 0;
  std::string file;
};

std::optional<std::vector<Mapping>> mappings(int pid) {
  const auto maps = read_of_living(pid, "maps");
  if (!maps) return std::nullopt;
  std::vector<Mapping> found;
  std::istringstream lines(*maps);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t path = line.find('/');
    if (path == line.npos) continue;
    std::istringstream fields(line);
    std::string range, rights;
    Mapping mapping;
    fields >> range >> rights >> std::hex >> mapping.offset;
    mapping.file = line.substr(path);
    found.push_back(std::move(mapping));
  }
  return found;
}

}  // namespace

std::optional<Status> status(int pid) {
  const auto text = read(pid, "stat");
  if (!text) return std::nullopt;
  // The name stands in brackets and may hold anything: count from the last one.
  const std::size_t start = text->find('('), end = text->rfind(')');
  if (start == std::string::npos || end == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(end + 1));
  Status found;
  fields >> found.state >> found.parent;
  std::string skipped;
  for (int field = 5; field < 9; ++field) fields >> skipped;
  unsigned long flags = 0;
  fields >> flags;
  found.of_the_kernel = (flags & kKernelThread) != 0;
  for (int field = 10; field < 22; ++field) fields >> skipped;
  fields >> found.start_time;
  if (!fields) return std::nullopt;
  for (int field = 23; field < 38; ++field) fields >> skipped;
  int exit_signal = SIGCHLD;
  fields >> exit_signal;
  // Before it has a name of its own, that of the thread that makes it.
  const std::string name = text->substr(start + 1, end - start - 1);
  found.image_of_parent = exit_signal == 0 && (name == HEAPMETER_IMAGE_NAME || name == "heapmeter");
  return found;
}

bool ended(int pid) {
  const int thread = living_thread(pid);
  const auto found = status(thread);
  if (!found || found->state == 'Z' || found->state == 'X') return true;
  const auto memory = read(thread, "statm");
  return !found->of_the_kernel && (!memory || memory->starts_with("0 "));
}

std::string name(int pid) {
  std::string text = read(pid, "comm").value_or("");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string executable(int pid) {
  std::string file = link_of_living(pid, "exe");
  if (file.ends_with(kDeleted)) file.erase(file.size() - kDeleted.size());
  return file;
}

std::string program(int pid) { return std::filesystem::path(executable(pid)).filename().string(); }

std::string executed_name(int pid) {
  const unsigned long at = auxiliary(pid, AT_EXECFN);
  const int memory = at == 0 ? -1 : open(file_of(living_thread(pid), "mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return "";
  char text[4096] = {};
  // At the end of the stack there may be less.
  const ssize_t got = pread(memory, text, sizeof text - 1, static_cast<off_t>(at));
  close(memory);
  return got > 0 ? text : "";
}

bool gained_privileges(int pid) { return auxiliary(pid, AT_SECURE) != 0; }

int sandbox(int pid) {
  int mode = 0;
  std::istringstream(status_line(pid, "Seccomp:")) >> mode;
  return mode;
}

std::optional<unsigned long> most_processes(int pid) {
  constexpr std::string_view kName = "Max processes";
  std::istringstream lines(read(pid, "limits").value_or(""));
  unsigned long most = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kName) && std::istringstream(line.substr(kName.size())) >> most) return most;
  }
  return std::nullopt;
}

std::optional<uid_t> effective_user(int pid) {
  uid_t real = 0, effective = 0;
  std::istringstream ids(status_line(pid, "Uid:"));
  return ids >> real >> effective ? std::optional(effective) : std::nullopt;
}

bool has_user(int pid, uid_t user) {
  std::istringstream ids(status_line(pid, "Uid:"));
  for (uid_t each = 0; ids >> each;) {
    if (each == user) return true;
  }
  return false;
}

std::optional<uid_t> inner_user(int pid, uid_t outer) {
  for (const auto &[inside, outside, count] : user_map(pid)) {
    if (outer >= outside && outer - outside < count) return inside + (outer - outside);
  }
  return std::nullopt;
}

std::optional<uid_t> outer_user(int pid, uid_t inner) {
  for (const auto &[inside, outside, count] : user_map(pid)) {
    if (inner >= inside && inner - inside < count) return outside + (inner - inside);
  }
  return std::nullopt;
}

std::string namespace_of(int pid, const char *kind) { return link_of_living(pid, std::string("ns/") + kind); }

std::string root_directory(int pid) {
  const std::string files = namespace_of(pid, "mnt");
  struct stat root;
  if (files.empty() || stat(file_of(living_thread(pid), "root").c_str(), &root) != 0) return "";
  return fmt::format("{} {}:{}", files, root.st_dev, root.st_ino);
}

std::optional<bool> shares_namespace(int pid, const char *kind) {
  const std::string its = namespace_of(pid, kind);
  return its.empty() ? std::nullopt : std::optional(its == namespace_of(getpid(), kind));
}

std::vector<int> all() { return numbers_in("/proc"); }

int living_thread(int pid) {
  if (const auto found = status(pid); !found || found->state != 'Z') return pid;
  for (const int thread : numbers_in(file_of(pid, "task"))) {
    const auto found = status(thread);
    if (found && found->state != 'Z') return thread;
  }
  return pid;
}

std::optional<std::vector<std::string>> mapped_files(int pid) {
  const auto all = mappings(pid);
  if (!all) return std::nullopt;
  std::vector<std::string> files;
  for (const Mapping &mapping : *all) {
    if (std::find(files.begin(), files.end(), mapping.file) == files.end()) files.push_back(mapping.file);
  }
  return files;
}

int copies_of(int pid, const std::string &library) {
  const auto all = mappings(pid).value_or(std::vector<Mapping>());
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Mapping &mapping) {
    return mapping.offset == 0 && mapping.file.ends_with("/" + library);
  }));
}

std::optional<uid_t> owner(int pid) {
  struct stat found;
  if (stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

namespace {

// The fields of statm, in bytes.
std::optional<std::pair<std::uint64_t, std::uint64_t>> mapped_and_resident(int pid) {
  const auto text = read(living_thread(pid), "statm");
  if (!text) return std::nullopt;
  std::uint64_t mapped = 0, resident = 0;
  std::istringstream fields(*text);
  if (!(fields >> mapped >> resident)) return std::nullopt;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return std::pair(mapped * page, resident * page);
}

}  // namespace

std::optional<std::uint64_t> mapped_bytes(int pid) {
  const auto both = mapped_and_resident(pid);
  return both ? std::optional(both->first) : std::nullopt;
}

std::optional<std::uint64_t> resident_bytes(int pid) {
  const auto both = mapped_and_resident(pid);
  return both ? std::optional(both->second) : std::nullopt;
}

std::optional<bool> has_library(int pid) {
  const auto maps = read_of_living(pid, "maps");
  if (!maps) return std::nullopt;
  return maps->find("/libheapmeter.so") != std::string::npos;
}

std::string variable(int pid, const std::string &name) {
  const std::string block = std::string(1, '\0') + read_of_living(pid, "environ").value_or("");
  const std::string key = std::string(1, '\0') + name + "=";
  const std::size_t at = block.find(key);
  return at == std::string::npos ? "" : block.substr(at + key.size()).c_str();
}

int innermost_pid(int pid) {
  std::istringstream pids(status_line(pid, "NSpid:"));
  int innermost = pid;
  for (int each; pids >> each;) innermost = each;
  return innermost;
}

std::map<int, int> threads(int pid) {
  std::map<int, int> found;
  for (const int tid : numbers_in(file_of(pid, "task"))) found[innermost_pid(tid)] = tid;
  return found;
}

std::string user_name(uid_t user) {
  const passwd *entry = getpwuid(user);
  return entry == nullptr ? fmt::format("user {}", user) : fmt::format("user {}", entry->pw_name);
}

std::string label(int pid) {
  const std::string known = name(pid);
  return known.empty() ? std::to_string(pid) : fmt::format("{} ({})", printable(known), pid);
}

}  // namespace heapmeter::cli::process
