// SPDX-License-Identifier: MIT
//
// What some slots, or one, say of one side.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/counters.h"

namespace heapmeter {

template <size_t kKinds>
struct SideSum {
  uint64_t bytes;
  uint64_t usable;
  uint64_t by_kind[kKinds];

  uint64_t blocks() const noexcept;
  SideSum &operator+=(const SideSum &other) noexcept;
};
using FreedSum = SideSum<kFreeKinds>;
using AllocatedSum = SideSum<kAllocationKinds>;

}  // namespace heapmeter
