// SPDX-License-Identifier: MIT
#include "leaks/marking.h"

#include "base/sys.h"

namespace heapmeter::leaks {

// Each block waits once.
bool Marking::reserve() noexcept {
  waiting_ = static_cast<uintptr_t *>(sys::map((blocks_.blocks() + 1) * sizeof *waiting_));
  return waiting_ != nullptr;
}

}  // namespace heapmeter::leaks
