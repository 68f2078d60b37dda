// SPDX-License-Identifier: MIT
//
// What a return address is called, and what it is told by.
#pragma once

#include <cstdint>
#include <string>

namespace heapmeter::cli::symbols {

struct Frame {
  std::string
      function;  // as short_name() has it, at most kLongestText bytes of anybody's choice; "" when unknown
  std::string linkage;  // what the linker calls it, where that is another name, else ""
  std::string file;     // of the source, "" when unknown
  int line = 0;
  bool inlined = false;  // into the next frame outwards
  std::string module;    // the name of its file, without directories
  std::uint64_t offset = 0;
  // Of a function without a name: where it begins, as offset is told; 0 where nothing says.
  std::uint64_t begin = 0;
};

// Where it is, as its code says best: a function without a name is told by where it begins.
inline std::uint64_t place_without_name(const Frame &frame) {
  return frame.begin != 0 ? frame.begin : frame.offset;
}

// A file as the process has it mapped.
struct Module {
  std::string path;      // in the process's own file system
  std::string build_id;  // hexadecimal, or ""
  std::uint64_t start = 0, end = 0, bias = 0;
};

// A return address: `offset` from the bias of the module of this number, or the address itself in none (-1).
struct Place {
  int module = -1;
  std::uint64_t offset = 0;
  auto operator<=>(const Place &) const = default;
};

// Of a function's or a file's name: what is longer is cut off.
inline constexpr std::size_t kLongestText = 4096;

}  // namespace heapmeter::cli::symbols
