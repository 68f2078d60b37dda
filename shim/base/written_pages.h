// SPDX-License-Identifier: MIT
//
// Which of our own pages were ever written, for those who must not read the others: reading makes them ours.
//
// pagemap knows those that are swapped out, too. Where there is none, or a sandbox might object to the calls,
// mincore knows the resident ones only.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter {

class WrittenPages {
 public:
  static constexpr size_t kAtOnce = 256;  // this lives on small stacks

  WrittenPages() noexcept;
  ~WrittenPages();
  WrittenPages(const WrittenPages &) = delete;
  WrittenPages &operator=(const WrittenPages &) = delete;

  // At most kAtOnce pages from here on; false when nothing is known of them.
  bool look(const uint8_t *start, size_t pages) noexcept;
  // Of those looked at last.
  bool written(size_t page) const noexcept;

 private:
  long pagemap_;
  bool swapped_known_ = false;
  uint64_t entries_[kAtOnce];
  unsigned char resident_[kAtOnce];
};

}  // namespace heapmeter
