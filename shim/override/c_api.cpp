// SPDX-License-Identifier: MIT
//
// The bodies of heapmeter.h.
#include <errno.h>

#include <heapmeter/heapmeter.h>

#include "base/compiler.h"
#include "base/version.h"
#include "books/snapshot.h"
#include "books/thread_state.h"
#include "sites/sites.h"
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
  if (const Slot *slot = threads::own_slot()) {
    ThreadTotals totals = slot->totals();
    totals -= slot->base;
    now.allocations = totals.allocations;
    now.frees = totals.frees;
    now.reallocations = totals.reallocations;
    now.allocated_bytes = totals.allocated_bytes;
    now.freed_bytes = totals.freed_bytes;
  }
  return snapshot::copy_out(&now, sizeof now, out, size) ? 0 : EINVAL;
}

// The caller's sp, as it is when this has returned, and where that is.
HEAPMETER_EXPORT void heapmeter_tag_push(const char *name) {
  const auto *frame = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  if (!tracked_heap::metering()) return;
  sites::the_sites.enter(threads::counting_slot(), name, reinterpret_cast<uintptr_t>(frame + 2), frame[1]);
}

HEAPMETER_EXPORT void heapmeter_tag_pop(void) {
  if (tracked_heap::metering()) sites::the_sites.leave(threads::counting_slot());
}

HEAPMETER_EXPORT const char *heapmeter_version(void) { return kVersion; }

}  // extern "C"
