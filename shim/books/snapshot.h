// SPDX-License-Identifier: MIT
//
// One reading of everything: the sum over all slots, as the struct of heapmeter.h.
//
// Frees are summed before allocations, so live is never negative; blocks that came and went between the two
// sums would make it too large, so a reading during which much was freed is taken again, and live is never
// shown above what the peak allows.
#pragma once

#include <heapmeter/heapmeter.h>

#include "books/sums.h"

namespace heapmeter::snapshot {

void take(heapmeter_snapshot &out) noexcept;
// The same without the meter's own memory, which is looked for page by page.
void take_counts(heapmeter_snapshot &out) noexcept;

// The histogram summed over all slots.
void take_bins(Bins &out) noexcept;

// Copies as much of the struct as the caller has room for, the rest zero; false when there is no room at all.
bool copy_out(const void *from, size_t from_bytes, void *to, size_t to_bytes) noexcept;

}  // namespace heapmeter::snapshot
