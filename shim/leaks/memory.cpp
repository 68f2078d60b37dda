// SPDX-License-Identifier: MIT
#include "leaks/memory.h"

#include <fcntl.h>

#include "base/sys.h"

namespace heapmeter::leaks {

Memory::Memory() noexcept
    : descriptor_(sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/thread-self/mem"),
                            O_RDONLY | O_CLOEXEC)) {}

Memory::~Memory() {
  if (!sys::failed(descriptor_)) sys::call(SYS_close, descriptor_);
}

bool Memory::read(uintptr_t at, size_t bytes) noexcept {
  return sys::call(SYS_pread64, descriptor_, reinterpret_cast<long>(buffer_), static_cast<long>(bytes),
                   static_cast<long>(at)) == static_cast<long>(bytes);
}

}  // namespace heapmeter::leaks
