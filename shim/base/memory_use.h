// SPDX-License-Identifier: MIT
//
// What the service and the sites take besides ledger and slots, told by them, read by what stands below.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::memory_use {

struct Mapping {
  const void *start;
  size_t bytes;
};
inline constinit Mapping service = {};
// The word with the number of its thread, 0 while there is none; null until there was one.
inline constinit const uint32_t *service_thread = nullptr;
inline uint32_t service_tid() noexcept {
  return service_thread == nullptr ? 0 : __atomic_load_n(service_thread, __ATOMIC_RELAXED);
}
// One after the other, as the cursor goes on from 0; false ends. Null until there are any.
using Next = bool (*)(size_t &cursor, Mapping &mapping) noexcept;
inline constinit Next next_of_sites = nullptr;

}  // namespace heapmeter::memory_use
