// SPDX-License-Identifier: MIT
//
// Where the data of a program's or library's file ends in memory, what is in no file included: the kernel
// joins that with any anonymous memory that lies behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heapmeter::cli {

struct ElfSegment {
  std::uint64_t offset = 0, address = 0, file_bytes = 0, memory_bytes = 0;
};

// Those that are loaded; none when it is no 64-bit ELF file of our byte order, or not to be read.
std::vector<ElfSegment> read_segments(const std::string &path);

// Of the segment that this part of the file, mapped there, belongs to: the address of its end, a whole
// page's.
std::optional<std::uint64_t> data_end(const std::vector<ElfSegment> &segments, std::uint64_t start,
                                      std::uint64_t offset);

}  // namespace heapmeter::cli
