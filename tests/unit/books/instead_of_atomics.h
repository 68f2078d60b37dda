// SPDX-License-Identifier: MIT
//
// From here on the compiler's atomic operations are those of WeakMemory, and what is compiled is what
// processors other than x86 have. Whatever is not to be tried must be included before; the rest is in a
// namespace of its own, for its inline functions are others.
#pragma once

#include "weak_memory.h"

namespace weak {
using heapmeter::testing::Interleaving;
using heapmeter::testing::WeakMemory;

template <typename T, typename Change>
T changed(T *at, Change to, int order) {
  return static_cast<T>(to(WeakMemory::change(at, to, order)));
}

// Of two words, which WeakMemory does not know: at once.
template <typename T>
T swap_at_once(T *at, T expected, T desired) {
  const T was = *at;
  if (was == expected) *at = desired;
  return was;
}
}  // namespace weak

#undef __x86_64__
#define heapmeter weak_heapmeter
#define __atomic_load_n(at, order) ::weak::WeakMemory::load(at, order)
#define __atomic_store_n(at, value, order) ::weak::WeakMemory::store(at, value, order)
#define __atomic_exchange_n(at, value, order) \
  ::weak::WeakMemory::change(                 \
      at, [&](auto) { return value; }, order)
#define __atomic_fetch_add(at, by, order) \
  ::weak::WeakMemory::change(             \
      at, [&](auto was) { return was + (by); }, order)
#define __atomic_fetch_or(at, by, order) \
  ::weak::WeakMemory::change(            \
      at, [&](auto was) { return was | (by); }, order)
#define __atomic_fetch_and(at, by, order) \
  ::weak::WeakMemory::change(             \
      at, [&](auto was) { return was & (by); }, order)
#define __atomic_add_fetch(at, by, order) \
  ::weak::changed(                        \
      at, [&](auto was) { return was + (by); }, order)
#define __atomic_or_fetch(at, by, order) \
  ::weak::changed(                       \
      at, [&](auto was) { return was | (by); }, order)
#define __atomic_and_fetch(at, by, order) \
  ::weak::changed(                        \
      at, [&](auto was) { return was & (by); }, order)
#define __atomic_compare_exchange_n(at, expected, desired, may_fail, order, failure) \
  ::weak::WeakMemory::compare_and_change(at, expected, desired, order, failure)
#define __atomic_thread_fence(order) ::weak::WeakMemory::fence(order)
#define __sync_val_compare_and_swap(at, expected, desired) ::weak::swap_at_once(at, expected, desired)
