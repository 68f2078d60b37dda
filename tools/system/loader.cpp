// SPDX-License-Identifier: MIT
#include "system/loader.h"

#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heapmeter::cli {
namespace {

// It is a program too: only one that root or this user has put there is started.
bool is_trusted(const std::string &interpreter) {
  struct stat file;
  return stat(interpreter.c_str(), &file) == 0 && S_ISREG(file.st_mode) &&
         (file.st_uid == 0 || file.st_uid == geteuid()) && (file.st_mode & S_IWOTH) == 0;
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

// Both its outputs, or false when it could not be started.
bool run(std::vector<std::string> words, const std::string &preload, std::string &text) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  auto variables = environment(preload);
  pid_t child = 0;
  const int error = posix_spawn(&child, words[0].c_str(), &actions, nullptr, pointers(words).data(),
                                pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  char chunk[4096];
  for (ssize_t got = 0; error == 0 && (got = read(ends[0], chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  if (error == 0) waitpid(child, nullptr, 0);
  return error == 0;
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
  if (!is_trusted(interpreter) || !run({interpreter, "--list", program}, preload, text)) return loaded;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) read_line(line, loaded);
  loaded.known = !loaded.files.empty();
  return loaded;
}

}  // namespace heapmeter::cli
