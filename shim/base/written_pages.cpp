// SPDX-License-Identifier: MIT
#include "base/written_pages.h"

#include <fcntl.h>

#include "base/sandbox.h"
#include "base/sys.h"

namespace heapmeter {
namespace {

// Not the process's own: that has none any more when its first thread has ended.
long open_pagemap() noexcept {
  return sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/thread-self/pagemap"),
                   O_RDONLY | O_CLOEXEC);
}

}  // namespace

WrittenPages::WrittenPages() noexcept : pagemap_(sandbox::here() ? -1 : open_pagemap()) {}

WrittenPages::~WrittenPages() {
  if (!sys::failed(pagemap_)) sys::call(SYS_close, pagemap_);
}

bool WrittenPages::look(const uint8_t *start, size_t pages) noexcept {
  const auto bytes = static_cast<long>(pages * sizeof entries_[0]);
  const auto at =
      static_cast<long>(reinterpret_cast<uintptr_t>(start) / sys::page_bytes() * sizeof entries_[0]);
  swapped_known_ = !sys::failed(pagemap_) &&
                   sys::call(SYS_pread64, pagemap_, reinterpret_cast<long>(entries_), bytes, at) == bytes;
  return swapped_known_ ||
         sys::call(SYS_mincore, reinterpret_cast<long>(start), static_cast<long>(pages * sys::page_bytes()),
                   reinterpret_cast<long>(resident_)) == 0;
}

bool WrittenPages::written(size_t page) const noexcept {
  constexpr int kSwapped = 62;  // and above it: present; proc_pid_pagemap(5)
  return swapped_known_ ? entries_[page] >> kSwapped != 0 : (resident_[page] & 1u) != 0;
}

}  // namespace heapmeter
