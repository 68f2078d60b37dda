// SPDX-License-Identifier: MIT
//
// The sum that leads from what a program asked for to the memory the kernel says it has: pure, from the text
// of /proc/PID/smaps and what the library tells of its address space.
//
// Each mapping belongs to just one line, so the lines add up to the resident memory that smaps lists; the
// kernel's own figure for the process is taken apart from that, and what is between them is the remainder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "readings/heap_map.h"
#include "system/cgroup.h"
#include "system/smaps.h"

namespace heapmeter::cli {

enum class Holder {
  kHeap,
  kMeter,
  kStacks,
  kProgram,
  kFiles,
  kShared,
  kOther,
};
inline constexpr std::size_t kHolders = 7;

struct Holding {
  std::uint64_t resident_bytes = 0, swap_bytes = 0, mappings = 0;
};

// A mapping that is neither the heap's nor the program's, with something in memory.
struct Piece {
  Holder holder;
  std::string name;  // "" when it has none
  std::uint64_t bytes = 0, resident_bytes = 0;
  bool executable = false;
};

struct AccountInput {
  HeapMap heap;
  std::vector<Mapping> mappings;
  std::uint64_t resident_bytes = 0, swap_bytes = 0;  // of /proc/PID/status
  std::uint64_t stack_limit = 0;                     // of the process, RLIMIT_STACK; 0 when it has none
  // Resident bytes of a part of a mapping, where the kernel tells; may be empty.
  std::function<std::optional<std::uint64_t>(Range)> resident_in = {};
  // Where the data of a file ends in memory that follows this mapping of it and is in no file (.bss); nothing
  // where the file cannot be read. May be empty.
  std::function<std::optional<std::uint64_t>(const Mapping &)> data_end = {};
  std::optional<Cgroup> cgroup = {};
};

struct Account {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::string name, backend;

  std::uint64_t live_bytes = 0, live_blocks = 0, usable_bytes = 0;
  std::uint64_t committed_bytes = 0;  // of the allocator's mappings, what may be written
  Holding holdings[kHolders];
  std::vector<Piece> pieces;  // of files, shared memory and other anonymous memory
  std::uint64_t meter_ledger_bytes = 0, meter_slot_bytes = 0, meter_service_bytes = 0,
                meter_library_bytes = 0;

  std::uint64_t resident_bytes = 0, swap_bytes = 0;  // as the kernel says
  std::uint64_t heap_huge_bytes = 0;                 // of the heap's mappings, in transparent huge pages
  std::uint64_t huge_page_bytes = 0;                 // hugetlb, which is no part of resident_bytes
  std::optional<Cgroup> cgroup;

  const Holding &of(Holder holder) const { return holdings[static_cast<std::size_t>(holder)]; }
  Holding &of(Holder holder) { return holdings[static_cast<std::size_t>(holder)]; }
  std::int64_t rounding_bytes() const { return difference(usable_bytes, live_bytes); }
  // Free blocks, room never used, the allocator's own notes.
  std::int64_t free_bytes() const { return difference(committed_bytes, usable_bytes); }
  std::int64_t not_resident_bytes() const {
    return difference(committed_bytes, of(Holder::kHeap).resident_bytes);
  }
  std::uint64_t explained_bytes() const;
  std::int64_t remainder_bytes() const { return difference(resident_bytes, explained_bytes()); }
  // By how much the readings contradict each other, since the process went on between them: the remainder,
  // and lines that are below nothing.
  std::uint64_t disagreement_bytes() const;
  // By more than half a per cent.
  bool moved() const;

 private:
  static std::int64_t difference(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a - b);
  }
};

Account make_account(const AccountInput &input);

}  // namespace heapmeter::cli
