// SPDX-License-Identifier: MIT
//
// What the service takes besides ledger and slots, told by the service, read by the snapshot below it.
#pragma once

#include <stddef.h>

namespace heapmeter::memory_use {

// One mapping, and how much of it is resident.
struct Service {
  const void *start;
  size_t mapped;
  size_t resident;
};
inline constinit Service service = {};

inline void set_service(const void *start, size_t mapped, size_t resident) noexcept {
  service.start = start;
  service.mapped = mapped;
  __atomic_store_n(&service.resident, resident, __ATOMIC_RELAXED);
}
inline size_t service_bytes() noexcept { return __atomic_load_n(&service.resident, __ATOMIC_RELAXED); }

}  // namespace heapmeter::memory_use
