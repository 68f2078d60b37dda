// SPDX-License-Identifier: MIT
//
// What the kernel says of a process that somebody started and looks after: who descends from it, what it was
// started with, what it used. Everything may be gone at any moment: then it is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heapmeter::cli::family {

// The living processes that its living threads started, where the kernel tells; not all do.
bool tells_children();
std::vector<int> children(int pid);

std::vector<std::string> command(int pid);  // its arguments

struct Use {
  double cpu_seconds = 0;                 // of all its threads
  std::uint64_t rss_peak_bytes = 0;       // since its exec
  std::uint64_t rss_file_bytes = 0;       // of its resident memory, pages of files, or shared
  std::uint64_t rss_anonymous_bytes = 0;  // and the rest of it
};
std::optional<Use> use(int pid);

}  // namespace heapmeter::cli::family
