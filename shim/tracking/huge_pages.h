// SPDX-License-Identifier: MIT
//
// Huge pages for large heaps, where the user asks for them: fewer page faults and fewer misses in address
// translation, for memory that may be resident without being used.
//
// The kernel is told of the allocator's newest segments only, from some live bytes on, and of what the ledger
// will have for the next one. Never of one that gets a large block: such are written in part, often. When
// free memory is about to go back, and in a forked child, all that was told is taken back, or the kernel
// would fill it up again by itself; what follows needs new segments.
//
// All of it on the slow way, by any thread: who finds another at it leaves his news, or has it taken all
// back.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

namespace heapmeter {

class HugePages {
 public:
  static constexpr int64_t kLeastLive = int64_t{32} << 20;
  static constexpr size_t kLargestBlock = size_t{32} << 10;
  static constexpr size_t kSegment = size_t{32} << 20;
  // Of the newest segments so many stay told of: as many as threads fill at the same time, within these.
  static constexpr size_t kLeastKept = 2, kMostKept = 8;

  bool knows(uintptr_t address) const noexcept { return was_seen(address / kSegment); }
  // A block of at most kLargestBlock lies in the segment of this address.
  void saw(uintptr_t address, int64_t live, size_t threads) noexcept {
    if (!knows(address)) meet(address / kSegment, live, threads);
  }
  // A larger one.
  void saw_large(uintptr_t address) noexcept;
  // None is told of any more.
  void take_back() noexcept;
  void in_child() noexcept;
  bool told_of(uintptr_t address) const noexcept;

 private:
  bool was_seen(uintptr_t segment) const noexcept;
  bool note_seen(uintptr_t segment) noexcept;
  HEAPMETER_COLD void meet(uintptr_t segment, int64_t live, size_t threads) noexcept;
  bool enter() noexcept { return !__atomic_exchange_n(&busy_, true, __ATOMIC_ACQUIRE); }
  void leave() noexcept;
  void advise(uintptr_t segment, size_t kept) noexcept;
  void drop(size_t place) noexcept;
  void drop_all() noexcept;

  bool busy_ = false;
  bool all_wanted_back_ = false;
  // The highest segment seen, and of the 64 up to it, a bit for each that was: the first one the lowest bit.
  uintptr_t highest_ = 0;
  uint64_t seen_ = 0;
  uintptr_t told_[kMostKept] = {};  // the newest first; 0 is none
};

namespace huge_pages {

// What became of the wish.
enum class State : uint8_t {
  kOff,  // there was none
  kOn,
  kNever,     // the kernel gives none to anybody
  kDisabled,  // nor to this process: PR_SET_THP_DISABLE
  kNotOurs,   // the allocator underneath is not one whose segments are known
};

extern HEAPMETER_HIDDEN State state;
extern HEAPMETER_HIDDEN HugePages advised;

const char *name(State state) noexcept;
// At start, when the allocator is chosen: asks the kernel only where the setting says so.
void begin() noexcept;
inline bool on() noexcept { return __builtin_expect(load_whole(state) == State::kOn, 0); }
// A block that has come to be: of so many bytes, or of at most kLargestBlock.
void look(const void *block, size_t bytes) noexcept;
inline void note(const void *block, size_t bytes) noexcept {
  if (on()) look(block, bytes);
}
inline void note_small(const void *block) noexcept { note(block, 0); }

}  // namespace huge_pages
}  // namespace heapmeter
