// SPDX-License-Identifier: MIT
//
// What the service takes besides ledger and slots, told by the service, read by what stands below it.
#pragma once

#include <stddef.h>

namespace heapmeter::memory_use {

struct Mapping {
  const void *start;
  size_t bytes;
};
inline constinit Mapping service = {};

}  // namespace heapmeter::memory_use
