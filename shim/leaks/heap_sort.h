// SPDX-License-Identifier: MIT
//
// Sorts in place, without memory of its own: libc's qsort asks malloc for it.
#pragma once

#include <stddef.h>

namespace heapmeter::leaks {

template <typename Item, typename Less>
void sift(Item *items, size_t from, size_t size, Less less) noexcept {
  for (size_t child; (child = 2 * from + 1) < size; from = child) {
    if (child + 1 < size && less(items[child], items[child + 1])) ++child;
    if (!less(items[from], items[child])) return;
    const Item held = items[from];
    items[from] = items[child];
    items[child] = held;
  }
}

template <typename Item, typename Less>
void heap_sort(Item *items, size_t count, Less less) noexcept {
  for (size_t at = count / 2; at-- > 0;) sift(items, at, count, less);
  for (size_t size = count; size-- > 1;) {
    const Item held = items[0];
    items[0] = items[size];
    items[size] = held;
    sift(items, 0, size, less);
  }
}

}  // namespace heapmeter::leaks
