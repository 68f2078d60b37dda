// SPDX-License-Identifier: MIT
//
// The life of one thread as the meter sees it, and the shim's only thread-local storage.
//
// fresh -> starting -> live -> gone. A fresh thread's slot pointer leads to a stand-in whose directory is
// empty, so that the fast path needs no test of its own: it finds no chunk and takes the slow way, which asks
// for a slot here. Frees keep arriving after the last pthread-key destructor; a gone thread counts in the
// shared slot.
#pragma once

#include "books/slot.h"

namespace heapmeter::threads {

enum class Life : uint8_t { kFresh, kStarting, kLive, kGone };

struct State {
  SlotHead *head;
  Life life;
  uint8_t first_frees;   // of a fresh thread, in the shared slot
  const void *resizing;  // the allocator behind us was asked to, and may release this block by calling us
  uintptr_t within;      // a frame of ours that waits for it, or 0
};

extern thread_local constinit State state HEAPMETER_TLS;

// The slot to read the directory through: never null once the thread's storage is initialised.
HEAPMETER_INLINE Slot *fast_slot() noexcept { return static_cast<Slot *>(state.head); }

// Whether relocation and this thread's initial storage are done; before that (IFUNC resolvers) nothing that
// needs either may be touched.
bool ready() noexcept;

// The slot to count in, for the slow way: the thread's own, taking one if it has none yet, or the shared one.
Slot &counting_slot() noexcept;

// The same for a free. libc frees in a thread that ends, after the last that it is told of its own end: who
// never asked for a block takes no slot for some of these, which nobody would give back.
Slot &freeing_slot() noexcept;

// The thread's own slot, or nullptr; takes none.
Slot *own_slot() noexcept;

// Whether the calling thread has had its last turn at its own end. Never the main thread.
bool ending() noexcept;

// At start, once: from here on threads give their slots back when they end.
void watch_exits() noexcept;

// In a forked child: all other threads are gone.
void after_fork() noexcept;

}  // namespace heapmeter::threads
