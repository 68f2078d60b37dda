// SPDX-License-Identifier: MIT
//
// Where the fields of heapmeter.h's structs lie in programs that were compiled before: a line here is never
// changed. A new field fails to compile until it has a line, the next one.
#include <stddef.h>

#include <heapmeter/heapmeter.h>

#include "books/counters.h"

namespace heapmeter {
namespace {

#define HEAPMETER_LIES_AT(type, field, place) \
  static_assert(offsetof(type, field) == (place), "programs compiled before read another field here")

HEAPMETER_LIES_AT(heapmeter_snapshot, size, 0);
HEAPMETER_LIES_AT(heapmeter_snapshot, version, 4);
HEAPMETER_LIES_AT(heapmeter_snapshot, live_bytes, 8);
HEAPMETER_LIES_AT(heapmeter_snapshot, live_blocks, 16);
HEAPMETER_LIES_AT(heapmeter_snapshot, usable_bytes, 24);
HEAPMETER_LIES_AT(heapmeter_snapshot, peak_bytes, 32);
HEAPMETER_LIES_AT(heapmeter_snapshot, peak_error_bytes, 40);
HEAPMETER_LIES_AT(heapmeter_snapshot, allocations, 48);
HEAPMETER_LIES_AT(heapmeter_snapshot, frees, 56);
HEAPMETER_LIES_AT(heapmeter_snapshot, reallocations, 64);
HEAPMETER_LIES_AT(heapmeter_snapshot, allocated_bytes, 72);
HEAPMETER_LIES_AT(heapmeter_snapshot, freed_bytes, 80);
HEAPMETER_LIES_AT(heapmeter_snapshot, failures, 88);
HEAPMETER_LIES_AT(heapmeter_snapshot, mismatches, 96);
HEAPMETER_LIES_AT(heapmeter_snapshot, size_mismatches, 104);
HEAPMETER_LIES_AT(heapmeter_snapshot, double_frees, 112);
HEAPMETER_LIES_AT(heapmeter_snapshot, foreign_frees, 120);
HEAPMETER_LIES_AT(heapmeter_snapshot, reallocations_grown, 128);
HEAPMETER_LIES_AT(heapmeter_snapshot, reallocations_shrunk, 136);
HEAPMETER_LIES_AT(heapmeter_snapshot, reallocations_moved, 144);
HEAPMETER_LIES_AT(heapmeter_snapshot, threads, 152);
HEAPMETER_LIES_AT(heapmeter_snapshot, meter_bytes, 160);
HEAPMETER_LIES_AT(heapmeter_snapshot, meter_ledger_bytes, 168);
HEAPMETER_LIES_AT(heapmeter_snapshot, meter_slot_bytes, 176);
HEAPMETER_LIES_AT(heapmeter_snapshot, meter_other_bytes, 184);
HEAPMETER_LIES_AT(heapmeter_snapshot, allocations_by_kind, 192);
HEAPMETER_LIES_AT(heapmeter_snapshot, frees_by_kind, 288);
HEAPMETER_LIES_AT(heapmeter_snapshot, inner_frees, 384);
HEAPMETER_LIES_AT(heapmeter_snapshot, uncounted_blocks, 392);
static_assert(sizeof(heapmeter_snapshot) == 400, "what is new comes last, and has a line above");

HEAPMETER_LIES_AT(heapmeter_thread_counters, size, 0);
HEAPMETER_LIES_AT(heapmeter_thread_counters, version, 4);
HEAPMETER_LIES_AT(heapmeter_thread_counters, allocations, 8);
HEAPMETER_LIES_AT(heapmeter_thread_counters, frees, 16);
HEAPMETER_LIES_AT(heapmeter_thread_counters, reallocations, 24);
HEAPMETER_LIES_AT(heapmeter_thread_counters, allocated_bytes, 32);
HEAPMETER_LIES_AT(heapmeter_thread_counters, freed_bytes, 40);
static_assert(sizeof(heapmeter_thread_counters) == 48, "what is new comes last, and has a line above");

HEAPMETER_LIES_AT(heapmeter_look, size, 0);
HEAPMETER_LIES_AT(heapmeter_look, version, 4);
HEAPMETER_LIES_AT(heapmeter_look, lost_blocks, 8);
HEAPMETER_LIES_AT(heapmeter_look, lost_bytes, 16);
HEAPMETER_LIES_AT(heapmeter_look, lost_indirectly_blocks, 24);
HEAPMETER_LIES_AT(heapmeter_look, lost_indirectly_bytes, 32);
HEAPMETER_LIES_AT(heapmeter_look, perhaps_blocks, 40);
HEAPMETER_LIES_AT(heapmeter_look, perhaps_bytes, 48);
HEAPMETER_LIES_AT(heapmeter_look, not_looked_at_bytes, 56);
HEAPMETER_LIES_AT(heapmeter_look, live_blocks, 64);
HEAPMETER_LIES_AT(heapmeter_look, live_bytes, 72);
HEAPMETER_LIES_AT(heapmeter_look, root_bytes, 80);
HEAPMETER_LIES_AT(heapmeter_look, error, 88);
static_assert(sizeof(heapmeter_look) == 96, "what is new comes last, and has a line above");

HEAPMETER_LIES_AT(heapmeter_frame, returns_to, 0);
HEAPMETER_LIES_AT(heapmeter_frame, module, 8);
HEAPMETER_LIES_AT(heapmeter_frame, offset, 16);
HEAPMETER_LIES_AT(heapmeter_frame, mark, 24);
static_assert(sizeof(heapmeter_frame) == 32, "an array of them is handed out");
HEAPMETER_LIES_AT(heapmeter_site, size, 0);
HEAPMETER_LIES_AT(heapmeter_site, frame_count, 4);
HEAPMETER_LIES_AT(heapmeter_site, frames, 8);
HEAPMETER_LIES_AT(heapmeter_site, live_blocks, 16);
HEAPMETER_LIES_AT(heapmeter_site, live_bytes, 24);
HEAPMETER_LIES_AT(heapmeter_site, allocations, 32);
HEAPMETER_LIES_AT(heapmeter_site, allocated_bytes, 40);
HEAPMETER_LIES_AT(heapmeter_site, temporary, 48);
HEAPMETER_LIES_AT(heapmeter_site, peak_blocks, 56);
HEAPMETER_LIES_AT(heapmeter_site, peak_bytes, 64);
HEAPMETER_LIES_AT(heapmeter_site, live_samples, 72);
HEAPMETER_LIES_AT(heapmeter_site, variance_bytes, 80);
static_assert(sizeof(heapmeter_site) == 88, "what is new comes last, and has a line above");

static_assert(HEAPMETER_KINDS == 12, "the length of arrays that have something behind them");
static_assert(kAllocationKinds <= HEAPMETER_KINDS && kFreeKinds <= HEAPMETER_KINDS);

}  // namespace
}  // namespace heapmeter
