// SPDX-License-Identifier: MIT
//
// Who a thread is to the kernel, as far as it decides what the thread may do.
#pragma once

#include <stdint.h>

namespace heapmeter {

struct Rights {
  enum class Ids { kUsers, kGroups };

  uint32_t users[3];  // real, effective, saved
  uint32_t groups[3];

  static Rights of_this_thread() noexcept;
  // Could this thread become, by itself, again who has these rights? Who may choose any group can.
  bool regained_by_this_thread(Ids changed) const noexcept;
};

}  // namespace heapmeter
