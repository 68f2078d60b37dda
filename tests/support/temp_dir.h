// SPDX-License-Identifier: MIT
//
// A private directory that goes away, with everything in it, when its owner does.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace heapmeter::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir &) = delete;
  TempDir &operator=(const TempDir &) = delete;

  const std::filesystem::path &path() const { return path_; }
  // Everything in it as well; for root only.
  void give_to(uid_t user) const;
  std::filesystem::path operator/(const std::string &name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The whole of a file; throws when it cannot be read.
std::string read_file(const std::filesystem::path &path);

void write_file(const std::filesystem::path &path, const std::string &text);

}  // namespace heapmeter::testing
