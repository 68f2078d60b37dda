// SPDX-License-Identifier: MIT
//
// What the library tells of its process's address space, from the JSON of /v1/account: where the allocator's
// memory lies, and the meter's own mappings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli {

struct Range {
  std::uint64_t start = 0, end = 0;

  std::uint64_t bytes() const { return end - start; }
};

struct MeterPart {
  std::string part;  // ledger, slots, service
  Range range;
  std::uint64_t resident_bytes = 0;
};

struct HeapMap {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::string name, backend;
  std::uint64_t live_bytes = 0, live_blocks = 0, usable_bytes = 0;
  // Both in the order of addresses and apart from each other.
  std::vector<Range> heap;         // a mapping that one of these lies in is the allocator's
  std::vector<Range> heap_blocks;  // blocks with a mapping of their own, whatever lies beside them
  std::vector<MeterPart> meter;
};

// Those of such a list that have something in common with the other one.
std::span<const Range> overlapping(std::span<const Range> ranges, Range other);

// Throws NoAnswer (kStrange) when the text is not that.
HeapMap parse_heap_map(std::string_view json);

}  // namespace heapmeter::cli
