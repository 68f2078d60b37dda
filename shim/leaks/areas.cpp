// SPDX-License-Identifier: MIT
#include "leaks/areas.h"

#include "base/sys.h"
#include "leaks/heap_sort.h"

namespace heapmeter::leaks {

bool Areas::reserve(size_t most) noexcept {
  areas_ = static_cast<Area *>(sys::map(most * sizeof *areas_));
  most_ = areas_ == nullptr ? 0 : most;
  return areas_ != nullptr;
}

void Areas::add(uintptr_t start, uintptr_t end) noexcept {
  if (start >= end) return;
  if (size_ != 0 && start >= areas_[size_ - 1].start && start <= areas_[size_ - 1].end) {
    if (end > areas_[size_ - 1].end) areas_[size_ - 1].end = end;
    return;
  }
  if (size_ == most_) {
    overflowed_ = true;
    return;
  }
  areas_[size_++] = {start, end};
}

void Areas::sort() noexcept {
  heap_sort(areas_, size_, [](const Area &a, const Area &b) { return a.start < b.start; });
  size_t kept = 0;
  for (size_t at = 0; at < size_; ++at) {
    if (kept != 0 && areas_[at].start <= areas_[kept - 1].end) {
      if (areas_[at].end > areas_[kept - 1].end) areas_[kept - 1].end = areas_[at].end;
    } else {
      areas_[kept++] = areas_[at];
    }
  }
  size_ = kept;
}

bool Areas::overlaps(uintptr_t start, uintptr_t end) const noexcept {
  const size_t at = first_behind(start);
  return at < size_ && areas_[at].start < end;
}

}  // namespace heapmeter::leaks
