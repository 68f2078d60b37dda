// SPDX-License-Identifier: MIT
//
// What the service takes besides ledger and slots, told by the service, read by the snapshot below it.
#pragma once

#include <stddef.h>

namespace heapmeter::memory_use {

inline constinit size_t service = 0;

inline void set_service_bytes(size_t bytes) noexcept { __atomic_store_n(&service, bytes, __ATOMIC_RELAXED); }
inline size_t service_bytes() noexcept { return __atomic_load_n(&service, __ATOMIC_RELAXED); }

}  // namespace heapmeter::memory_use
