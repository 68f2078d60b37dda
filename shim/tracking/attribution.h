// SPDX-License-Identifier: MIT
//
// Whether, and how, allocations are told apart by the code that makes them: as it was set at the start, or
// since by a reader; and when that ends by itself.
//
// One thread at a time changes it: who decides at the start, then the service.
#pragma once

#include <stdint.h>

#include "sites/sites.h"

namespace heapmeter::attribution {

struct Wish {
  uint64_t mean_bytes;  // as base/quantity.h has them
  uint32_t seconds;     // 0: for good
};

// Null, or why it cannot be.
const char *change(Wish wish) noexcept;
// What the settings say; with the first block, before it.
void begin() noexcept;
// When end_if_due() has something to do, by the monotonic clock: to end it, or to forget what could not be
// forgotten at its end. UINT64_MAX: never.
uint64_t due_ns() noexcept;
void end_if_due(uint64_t now_ns) noexcept;
// In a forked child.
void in_child() noexcept;

// The entry of a block that is noted as a sample, where who releases it might else not look.
inline void mark_sampled(const ledger::Place &place, size_t bytes, size_t usable) noexcept {
  if (usable == 0 && bytes <= kFineLimit) place.write_sampled();
}
// What is known of a sampled block, in place of its entry; as it was noted otherwise.
void look_behind(const void *block, entry::Decoded &noted) noexcept;
// A live block leaves, or is about to be resized: so does its sample, if there is one.
sites::Sites::Took sample_goes(const void *block, entry::Decoded &noted) noexcept;

struct Status {
  sites::Mode mode;
  uint64_t mean_bytes;  // 0 unless sampled
  uint64_t since;       // seconds since 1970, 0: off from the start
  uint64_t until;       // likewise, 0: for good
  const char *instead;  // why it is not what was set, or null
};
Status status() noexcept;

}  // namespace heapmeter::attribution
