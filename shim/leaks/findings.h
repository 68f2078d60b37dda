// SPDX-License-Identifier: MIT
//
// What a look found, in memory that the process and its image share. The image writes it, then tells; it may
// be killed at any moment before.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/entry.h"
#include "leaks/address_space.h"
#include "leaks/areas.h"
#include "leaks/failure.h"
#include "leaks/heap_chunks.h"
#include "leaks/holder.h"
#include "leaks/threads.h"

namespace heapmeter::leaks {

// A block that nothing reaches.
struct Lost {
  uint64_t address = 0;
  uint64_t size = 0;
  uint64_t hash = 0;  // of its contents and size
  uint32_t site = 0;
  uint32_t group = 0;  // the same number for those that one register may hide together
  Family family = Family::kNone;
  bool indirectly = false;  // only from others that are lost
  bool perhaps = false;     // a register of a sleeping thread may hold it, or one that leads to it
};

struct Findings {
  static constexpr size_t kMostLost = size_t{1} << 20;
  static constexpr size_t kMostThreads = 4096;
  static constexpr size_t kMostHidden = 4096;
  static constexpr size_t kMostHolders = 16384;
  static constexpr size_t kMostWays = 4096;
  static constexpr size_t kMostWords = size_t{1} << 22;

  // Each side waits for the other's word.
  enum class State : uint32_t { kBegun, kThreadsKnown, kHiddenKnown, kHiddenSeen, kDone };
  State state;
  Failure failure;

  uint64_t live_blocks, live_bytes;        // as the ledger has them
  uint64_t counted_blocks, counted_bytes;  // as the counters do
  uint64_t told_by_half;                   // sizes of blocks that only one of both has: a call was half-way
  bool takes_half_told;                    // that would have done
  uint64_t unread_bytes;                   // not looked at
  uint64_t root_bytes, heap_bytes;         // looked at
  uint64_t registers;                      // of threads, that may hold a block each
  uint64_t began_ns, indexed_ns, marked_ns, done_ns;
  uint64_t copying_ns;  // what the kernel took for the image: no thread writes meanwhile

  Standing after[kMostThreads];
  size_t after_count;
  // What the process has and the image has not (MADV_DONTFORK): the process itself looks there for words that
  // may point into the heap. What it has shared with others goes on changing under the image, likewise. So
  // both were looked at before, too, as far as they were known by then.
  Area hidden[kMostHidden], before[kMostHidden];
  size_t hidden_count, before_count;
  Area copied[AddressSpace::kMost];  // what the image has
  size_t copied_count;
  bool prepared;
  uint64_t words[kMostWords];
  size_t words_count;
  bool words_missed;  // there were more
  // By hash, so that one which stands in many places is not kept as often.
  static constexpr unsigned kLatelyBits = 16;
  uint64_t lately[size_t{1} << kLatelyBits];
  HeapChunks heap;
  bool kernel_seen;  // what the kernel holds was looked at before the image began

  // Where it is asked who points at some blocks.
  int process;
  uint64_t wanted_blocks, wanted_bytes;
  size_t holder_count, way_count;
  Pointers holders[kMostHolders];
  Way ways[kMostWays];

  uint64_t unlisted_blocks, unlisted_bytes;  // lost, beyond the list
  size_t lost_count;
  Lost lost[kMostLost];
};

}  // namespace heapmeter::leaks
