// SPDX-License-Identifier: MIT
//
// Tells stories of a WeakMemory in every order: as they are, and as they would go if nothing had an order.
#pragma once

#include <cstdio>

#include "weak_memory.h"

namespace weak {

// Whether in some order something was wrong, as it is, and if nothing had an order.
struct Wrong {
  bool as_it_is, without_order;
};

template <typename Tell>
bool goes_wrong(Tell tell) {
  heapmeter::testing::Interleaving order;
  while (order.another()) {
    heapmeter::testing::WeakMemory::forget();
    if (!tell(order)) return true;
  }
  std::printf("right in all %zu orders\n", order.orders());
  return false;
}

template <typename Tell>
Wrong try_out(Tell tell) {
  const bool as_it_is = goes_wrong(tell);
  heapmeter::testing::WeakMemory::all_relaxed = true;
  const bool without_order = goes_wrong(tell);
  heapmeter::testing::WeakMemory::all_relaxed = false;
  return {as_it_is, without_order};
}

}  // namespace weak
