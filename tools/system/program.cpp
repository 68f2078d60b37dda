// SPDX-License-Identifier: MIT
#include "system/program.h"

#include <sstream>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "system/foreign_file.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr std::size_t kLongestLine = 256;  // what the kernel reads of a #! line
constexpr int kDeepestChain = 5;           // and how many it follows

// 0, or why the kernel would refuse to execute it.
int execution_error(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return eaccess(path.c_str(), X_OK) == 0 ? 0 : errno;
}

[[noreturn]] void refuse(const std::string &path, int error) {
  switch (error) {
    case EISDIR:
      throw UserError(fmt::format("{} is a directory, not a program; name the file to run", path),
                      kNotExecutable);
    case ENOENT:
      throw UserError(fmt::format("there is no program {}; check the path", path), kNotFound);
    case EACCES:
      throw UserError(
          fmt::format("{} is not executable; chmod +x it, or name the program that runs it", path),
          kNotExecutable);
    default:
      throw UserError(fmt::format("{} cannot be executed: {}; check the path", path, strerror(error)),
                      kNotExecutable);
  }
}

std::vector<std::string> search_path() {
  const char *value = getenv("PATH");
  std::istringstream list(value != nullptr ? value : "/bin:/usr/bin");
  std::vector<std::string> folders;
  for (std::string folder; std::getline(list, folder, ':');) folders.push_back(folder.empty() ? "." : folder);
  return folders;
}

// The words of a #! line; none when there is no such line.
std::vector<std::string> interpreter_line(const std::string &path) {
  const ForeignFile file = ForeignFile::named(path);
  std::string start(kLongestLine, '\0');
  const ssize_t got = file ? pread(file.fd(), start.data(), start.size(), 0) : -1;
  start.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (!start.starts_with("#!")) return {};
  std::istringstream words(
      start.substr(2, start.find('\n') == std::string::npos ? start.npos : start.find('\n') - 2));
  std::vector<std::string> line;
  for (std::string word; words >> word;) line.push_back(word);
  return line;
}

// The program env starts: past its options and NAME=VALUE words.
std::string program_of_env(const std::vector<std::string> &line) {
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (!line[at].starts_with('-') && line[at].find('=') == std::string::npos) return line[at];
  }
  return "";
}

}  // namespace

std::string find_program(const std::string &word) {
  if (word.empty()) throw UserError("the program's name is empty; name a program to run", kNotFound);
  if (word.find('/') != std::string::npos) {
    if (const int error = execution_error(word)) refuse(word, error);
    return word;
  }
  std::string forbidden;
  for (const std::string &folder : search_path()) {
    const std::string path = folder + "/" + word;
    const int error = execution_error(path);
    if (error == 0) return path;
    // Not what is in a folder that may not be searched: as if it were not there.
    if (error == EACCES && forbidden.empty() && access(path.c_str(), F_OK) == 0) forbidden = path;
  }
  if (!forbidden.empty()) refuse(forbidden, EACCES);
  throw UserError(fmt::format("there is no program '{}' in PATH; check the name, or give its path", word),
                  kNotFound);
}

std::vector<std::string> interpreter_chain(const std::string &path) {
  std::vector<std::string> chain = {path};
  while (chain.size() < kDeepestChain) {
    const auto line = interpreter_line(chain.back());
    if (line.empty()) break;
    if (execution_error(line[0]) != 0) {
      throw UserError(
          fmt::format("{} is a script for {}, which cannot be executed; install it or mend the #! line",
                      chain.back(), line[0]),
          kNotExecutable);
    }
    chain.push_back(line[0]);
    const bool env = line[0].ends_with("/env");
    const std::string started = env ? program_of_env(line) : "";
    if (!started.empty()) chain.push_back(find_program(started));
  }
  return chain;
}

}  // namespace heapmeter::cli
