// SPDX-License-Identifier: MIT
//
// What attribution keeps of one thread, in a mapping of its own that stays with the thread's slot.
#pragma once

#include "base/sys.h"
#include "sites/shards.h"
#include "sites/stack.h"
#include "sites/tags.h"

namespace heapmeter::sites {

// Whose a block is: the number of such a record, and the turn of who owned its slot. A forked child's one
// thread goes on as who it was. {0, 0}: not known.
struct Owner {
  uint32_t turn = 0;
  uint16_t record = 0;

  bool is_known() const noexcept { return record != 0; }
  friend bool operator==(Owner, Owner) = default;
};

struct Thread;
struct ThreadItself {
  Thread *next;
  // Where on the stack a hook is at work, or 0: a signal handler that comes meanwhile leaves the rest alone,
  // and nothing is given back.
  uintptr_t busy;
  uint32_t turn;    // of the slot, when this was its owner's: the stack is another's after that
  uint16_t record;  // the number of this one, from 1 on
  const void *last_born;
  uint64_t captures;
  uint64_t cut_short;
  Tags tags;
};
struct ThreadsSites {
  Shard shard;
  TaggedSites tagged;
};
struct ThreadsStack {
  Stack stack;
};

// Lives in memory that starts as zero.
struct Thread : sys::WithRestOfPage<ThreadItself>,
                // What is forgotten with all that was counted.
                sys::WithRestOfPage<ThreadsSites>,
                sys::WithRestOfPage<ThreadsStack> {};
static_assert(alignof(Thread) <= 64 && sizeof(Thread) % sys::kMostPageBytes == 0);

}  // namespace heapmeter::sites
