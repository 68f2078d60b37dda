// SPDX-License-Identifier: MIT
//
// Which pages of a process are there: proc_pid_pagemap(5).
#pragma once

#include <cstdint>
#include <optional>

namespace heapmeter::cli {

class PageMap {
 public:
  explicit PageMap(int pid);
  ~PageMap();
  PageMap(const PageMap &) = delete;
  PageMap &operator=(const PageMap &) = delete;

  // Resident bytes between two addresses; empty when that is not to be read, or is too much to be.
  std::optional<std::uint64_t> resident(std::uint64_t start, std::uint64_t end) const;

 private:
  int fd_;
};

}  // namespace heapmeter::cli
