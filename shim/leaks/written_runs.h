// SPDX-License-Identifier: MIT
//
// Which parts of this process's memory were ever written, one run after the other. Of a terabyte of which
// nothing was, the kernel says so at once since 6.7 (PAGEMAP_SCAN); before, a number for each page.
//
// Where it says nothing, all is taken for written. A guard (MADV_GUARD_INSTALL) is no memory: since 6.16 the
// kernel tells it from what is swapped out, before, it takes whoever loads from it for a fault.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "leaks/areas.h"

namespace heapmeter::leaks {

class WrittenRuns {
 public:
  WrittenRuns() noexcept;
  ~WrittenRuns();
  WrittenRuns(const WrittenRuns &) = delete;
  WrittenRuns &operator=(const WrittenRuns &) = delete;

  // The first within [from, end); an empty one at the end when there is none. `own`: not what is a file's.
  Area next(uintptr_t from, uintptr_t end, bool own = false) noexcept;
  // Of that one: whether all of it is in memory. Else it may be a guard.
  bool present() const noexcept { return present_; }

 private:
  static constexpr size_t kAtOnce = 1024;
  struct Region {  // the kernel's
    uint64_t start, end, categories;
  };
  static constexpr size_t kRegions = kAtOnce * sizeof(uint64_t) / sizeof(Region);

  bool scan(uintptr_t from, uintptr_t end) noexcept;
  Area next_scanned(uintptr_t from, uintptr_t end) noexcept;
  Area next_by_pages(uintptr_t from, uintptr_t end) noexcept;

  long descriptor_;
  bool scans_ = true, knows_guards_ = true, present_ = false;
  // What the last question was about, and its answer: regions, or a number for each page.
  bool own_ = false;
  uintptr_t from_ = 0, until_ = 0;
  size_t regions_ = 0;
  union {
    Region region_[kRegions];
    uint64_t page_[kAtOnce];
  };
};

}  // namespace heapmeter::leaks
