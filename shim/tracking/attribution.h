// SPDX-License-Identifier: MIT
//
// Whether, and how, allocations are told apart by the code that makes them: as it was set at the start, or
// since by a reader; and when that ends by itself.
//
// One thread at a time changes it: who decides at the start, then the service, or who sets a limit.
#pragma once

#include <stdint.h>

#include "books/meter.h"
#include "sites/sites.h"
#include "tracking/mode.h"

namespace heapmeter::attribution {

struct Wish {
  uint64_t mean_bytes;  // as base/quantity.h has them
  uint32_t seconds;     // 0: for good
};

// Null, or why it cannot be.
const char *change(Wish wish) noexcept;
// What the settings say; with the first block, before it.
void begin() noexcept;
// When something is to be done, by the monotonic clock: to end it, to forget what could not be forgotten at
// its end, or to give back what the tables do not need any more. UINT64_MAX: never.
uint64_t due_ns() noexcept;
void do_what_is_due(uint64_t now_ns) noexcept;
// After the program has set itself a limit of addresses: the tables make room, for another mode if need be.
bool is_in_the_way() noexcept;
// After a limit was raised, by the program or by others: what it stood in the way of comes back, unless a
// reader has said otherwise. What has no memory then is tried again, now and then.
bool may_come_back() noexcept;
// The one or the other, if it is so still: by the service, or while it is away by any thread.
void follow_limit() noexcept;
// In a forked child.
void in_child() noexcept;

// A block in the books, as life.h has it.
using Block = sites::Sites::Block;
// What was noted of a block that leaves, for where it moves or if it stays.
struct Trace {
  sites::Sites::Taken taken;
  sites::Sites::Took sample;
};

// Every block goes through these while either of the two is so: each is noted, or some were sampled.
inline bool has_every() noexcept { return mode::is(mode::kEverySite); }
inline bool has_any() noexcept { return has_every() || sites::the_sites.any_samples(); }

// Before it has its entry: whether that is to be kSampled's, since who releases the block might else not
// look. `looked_at` where its bytes were already taken from the slot's, which ran out.
bool born(Slot &slot, const Block &block, bool looked_at) noexcept;
// When a block that was born, or has moved, is in the process's numbers too.
inline void counted(Slot &slot) noexcept { meter.peak.saw_by(slot); }
void died(Slot &slot, const Block &block) noexcept;
Trace leaves(Slot &slot, const Block &block) noexcept;
// Likewise.
bool stays(Slot &slot, const Block &block, const Trace &trace) noexcept;
bool moved(Slot &slot, const Trace &trace, size_t from_bytes, const Block &block) noexcept;
// It left the books instead.
void left(Slot &slot, const Trace &trace, size_t from_bytes) noexcept;
// What is known of a sampled block, in place of what its entry says.
void look_behind(const void *block, entry::Decoded &noted) noexcept;

struct Status {
  sites::Mode mode;
  uint64_t mean_bytes;  // 0 unless sampled
  uint64_t since;       // seconds since 1970, 0: off from the start
  uint64_t until;       // likewise, 0: for good
  const char *instead;  // why it is not what was set, or null
};
// Why it can be nothing but off here, or null.
const char *impossible() noexcept;
Status status() noexcept;

}  // namespace heapmeter::attribution
