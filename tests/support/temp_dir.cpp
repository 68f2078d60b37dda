// SPDX-License-Identifier: MIT
#include "support/temp_dir.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace heapmeter::testing {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "heapmeter-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
  }
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;  // a program still writing must not turn a passed test into a crash
  std::filesystem::remove_all(path_, ignored);
}

void TempDir::give_to(uid_t user) const {
  const auto give = [user](const std::filesystem::path &path) {
    if (chown(path.c_str(), user, user) != 0)
      throw std::system_error(errno, std::generic_category(), "chown " + path.string());
  };
  give(path_);
  for (const auto &entry : std::filesystem::recursive_directory_iterator(path_)) give(entry.path());
}

std::string read_file(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path &path, const std::string &text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace heapmeter::testing
