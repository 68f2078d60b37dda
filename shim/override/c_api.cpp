// SPDX-License-Identifier: MIT
//
// The bodies of heapmeter.h.
#include <errno.h>

#include <heapmeter/heapmeter.h>

#include "base/compiler.h"
#include "base/version.h"
#include "books/snapshot.h"
#include "books/thread_state.h"
#include "leaks/look.h"
#include "leaks/totals.h"
#include "sites/sites.h"
#include "tracking/knowledge.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;

extern "C" {

HEAPMETER_EXPORT int heapmeter_read_process(heapmeter_snapshot *out, size_t size) {
  if (!tracked_heap::metering()) return ENOTSUP;
  heapmeter_snapshot now;
  snapshot::take(now);
  return snapshot::copy_out(&now, sizeof now, out, size) ? 0 : EINVAL;
}

HEAPMETER_EXPORT int heapmeter_read_thread(heapmeter_thread_counters *out, size_t size) {
  if (!tracked_heap::metering()) return ENOTSUP;
  heapmeter_thread_counters now{};
  now.version = HEAPMETER_ABI_VERSION;
  if (const Slot &slot = threads::counting_slot(); slot.own) {
    ThreadTotals totals = slot.totals();
    totals -= slot.base;
    now.allocations = totals.allocations;
    now.frees = totals.frees;
    now.reallocations = totals.reallocations;
    now.allocated_bytes = totals.allocated_bytes;
    now.freed_bytes = totals.freed_bytes;
  }
  return snapshot::copy_out(&now, sizeof now, out, size) ? 0 : EINVAL;
}

HEAPMETER_EXPORT int heapmeter_look_for_leaks(heapmeter_look *out, size_t size) {
  constexpr uint32_t kPatienceMs = 60'000;
  heapmeter_look found{};
  found.version = HEAPMETER_ABI_VERSION;
  found.error = "the process is not metered";
  if (!snapshot::copy_out(&found, sizeof found, out, size)) return EINVAL;
  if (!tracked_heap::metering()) return ENOTSUP;
  leaks::Look look;
  found.error = look.take(HEAPMETER_STACK_POINTER(), kKnowledge, kPatienceMs);
  if (const leaks::Findings *findings = look.findings(); found.error == nullptr && findings != nullptr) {
    const leaks::Sum sum = leaks::sum(*findings);
    found.lost_blocks = sum.blocks;
    found.lost_bytes = sum.bytes;
    found.lost_indirectly_blocks = sum.indirectly_blocks;
    found.lost_indirectly_bytes = sum.indirectly_bytes;
    found.perhaps_blocks = sum.perhaps_blocks;
    found.perhaps_bytes = sum.perhaps_bytes;
    found.not_looked_at_bytes = findings->unread_bytes;
    found.live_blocks = findings->live_blocks;
    found.live_bytes = findings->live_bytes;
    found.root_bytes = findings->root_bytes;
  }
  look.forget();
  snapshot::copy_out(&found, sizeof found, out, size);
  return found.error == nullptr ? 0 : EAGAIN;
}

// By the caller as it is when this has returned.
HEAPMETER_EXPORT void heapmeter_tag_push(const char *name) {
  const auto *frame = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  if (!tracked_heap::metering()) return;
  sites::the_sites.enter(threads::counting_slot(), name,
                         {frame[1], reinterpret_cast<uintptr_t>(frame + 2), frame[0]});
}

HEAPMETER_EXPORT void heapmeter_tag_pop(void) {
  if (tracked_heap::metering()) sites::the_sites.leave(threads::counting_slot());
}

HEAPMETER_EXPORT const char *heapmeter_version(void) { return kVersion; }

}  // extern "C"
