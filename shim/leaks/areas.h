// SPDX-License-Identifier: MIT
//
// Areas of addresses that are not looked at as they lie: the heap, of which only live blocks are, and the
// meter's own memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::leaks {

struct Area {
  uintptr_t start, end;
};

// Of things in the order of their addresses: the first that ends behind this one; the count when there is
// none.
template <typename Thing>
size_t first_behind(const Thing *things, size_t count, uintptr_t address) noexcept {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (things[middle].end <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

class Areas {
 public:
  // Room for so many; false where there is no memory. What does not fit is not kept, and said by complete().
  bool reserve(size_t most) noexcept;
  void add(uintptr_t start, uintptr_t end) noexcept;
  bool complete() const noexcept { return !overflowed_; }
  // By address, once all are there: overlapping ones become one.
  void sort() noexcept;

  size_t size() const noexcept { return size_; }
  const Area &operator[](size_t at) const noexcept { return areas_[at]; }
  size_t first_behind(uintptr_t address) const noexcept {
    return leaks::first_behind(areas_, size_, address);
  }
  bool overlaps(uintptr_t start, uintptr_t end) const noexcept;

 private:
  Area *areas_ = nullptr;
  size_t size_ = 0, most_ = 0;
  bool overflowed_ = false;
};

}  // namespace heapmeter::leaks
