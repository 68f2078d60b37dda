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
  // The first that ends behind this address.
  size_t first_behind(uintptr_t address) const noexcept;
  bool overlaps(uintptr_t start, uintptr_t end) const noexcept;

 private:
  Area *areas_ = nullptr;
  size_t size_ = 0, most_ = 0;
  bool overflowed_ = false;
};

}  // namespace heapmeter::leaks
