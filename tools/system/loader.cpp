// SPDX-License-Identifier: MIT
#include "system/loader.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatienceWithLoader{20};  // a cold cache of files on a slow disk
constexpr std::size_t kLongestList = 4u << 20;           // of many thousand libraries

// Of a directory with the sticky bit others may write to what is theirs.
bool is_ours_alone(const std::string &path, bool directory) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0 || (status.st_uid != 0 && status.st_uid != geteuid())) return false;
  if (directory ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode)) return false;
  return (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (directory && (status.st_mode & S_ISVTX) != 0);
}

// It is a program too, and the file says which: only what is called as glibc's dynamic linker is, and only
// one that root or this user has put there, where nobody else can put another.
bool is_trusted(const fs::path &interpreter) {
  std::error_code failed;
  const fs::path file = fs::canonical(interpreter, failed);
  const std::string name = file.filename();
  if (failed || !is_ours_alone(file, false)) return false;
  if (!name.starts_with("ld-") && !name.starts_with("ld.so") && !name.starts_with("ld64.so")) return false;
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    if (!is_ours_alone(folder, true)) return false;
    if (folder == folder.root_path()) return true;
  }
}

// Ours, but for what would run code of others (LD_AUDIT) or print more than the list.
std::vector<std::string> environment(const std::string &preload) {
  std::vector<std::string> kept;
  for (char **at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    const std::string name = entry.substr(0, entry.find('='));
    if (!name.starts_with("LD_") || name == "LD_LIBRARY_PATH") kept.push_back(entry);
  }
  kept.push_back("LD_PRELOAD=" + preload);
  return kept;
}

std::vector<char *> pointers(std::vector<std::string> &words) {
  std::vector<char *> list;
  for (std::string &word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

// All it says, to its end; false when it says too much, or takes too long.
bool read_all(int fd, std::string &text) {
  const Clock::time_point end = Clock::now() + kPatienceWithLoader;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd wanted{fd, POLLIN, 0};
    if (left <= 0 || text.size() > kLongestList) return false;
    if (poll(&wanted, 1, static_cast<int>(left)) <= 0) continue;
    char chunk[4096];
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got == 0) return true;
    if (got > 0) text.append(chunk, static_cast<std::size_t>(got));
  }
}

// Both its outputs, or false when it could not be started, or not be waited for.
bool run(std::vector<std::string> words, const std::string &preload, std::string &text) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  auto variables = environment(preload);
  pid_t child = 0;
  const int error = posix_spawn(&child, words[0].c_str(), &actions, nullptr, pointers(words).data(),
                                pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  const bool whole = error == 0 && read_all(ends[0], text);
  close(ends[0]);
  if (error != 0) return false;
  kill(child, SIGKILL);  // what it had to say is said, or it is too late
  waitpid(child, nullptr, 0);
  return whole;
}

void read_line(const std::string &line, Loaded &out) {
  constexpr std::string_view kArrow = " => ";
  if (!line.starts_with('\t')) {
    if (!line.empty()) out.complaints.push_back(line);
    return;
  }
  std::string entry = line.substr(1);
  if (entry.ends_with(" => not found")) {
    out.missing.push_back(entry.substr(0, entry.find(kArrow)));
    return;
  }
  if (const std::size_t at = entry.find(kArrow); at != entry.npos) entry.erase(0, at + kArrow.size());
  entry.erase(std::min(entry.rfind(" ("), entry.size()));
  if (entry.starts_with('/')) out.files.push_back(entry);  // not linux-vdso.so.1
}

}  // namespace

Loaded ask_loader(const std::string &interpreter, const std::string &program, const std::string &preload) {
  Loaded loaded;
  std::string text;
  loaded.refused = !is_trusted(interpreter);
  if (loaded.refused || !run({interpreter, "--list", program}, preload, text)) return loaded;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) read_line(line, loaded);
  loaded.known = !loaded.files.empty();
  return loaded;
}

}  // namespace heapmeter::cli
