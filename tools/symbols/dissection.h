// SPDX-License-Identifier: MIT
//
// What the reader (reader.h) does in its own process: a file and its debug information through libdwfl.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/wire.h"

namespace heapmeter::cli::symbols {

struct Work {
  std::string path;      // of the file, for elfutils to find what belongs to it
  std::string build_id;  // what it must have, or ""
  int file = -1;
  int separate = -1;        // its debug information, or -1: then elfutils looks where it always does
  std::uint64_t bytes = 0;  // of both
  std::vector<std::uint64_t> addresses;
  unsigned int seconds = 20;  // of CPU time, at most
  bool with_debug_information = true;
  bool of_stranger = false;       // then root's rights are given up
  std::function<void()> waiting;  // called several times a second
};

struct Findings {
  enum class End { kWell, kNoElf, kOtherBuild, kDied, kSlow };
  End end = End::kDied;
  bool has_symbols = false;  // more than what it exports
  bool has_debug_information = false;
  std::string debug_link;  // the name that it gives a separate file
  std::vector<Named> named;
};

// First the head, then the addresses as they are found, as bytes for `send`.
void dissect(const Work &work, const std::function<void(std::string_view)> &send);

// The other side: what was sent. Whatever does not fit ends it.
void assemble(std::string_view bytes, Findings &findings);

}  // namespace heapmeter::cli::symbols
