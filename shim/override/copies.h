// SPDX-License-Identifier: MIT
//
// Processes made past fork's handlers, of which `heapmeter run` is told by who made them: what ends there
// without a report is then known to be missing.
#pragma once

#include <sched.h>

#include "service/notices.h"

namespace heapmeter::copies {

// At start: they may be made where a look-up is not possible.
void resolve() noexcept;

// errno is the call's own. `flags_of` is asked once the kernel has taken them; who shares the maker's memory
// is a thread, or becomes another program.
template <typename Call, typename Flags>
auto made(Call call, Flags flags_of) noexcept {
  const uint64_t before_ns = notices::now();
  const auto pid = call();
  if (pid > 0 && (flags_of() & CLONE_VM) == 0) notices::copied(static_cast<int>(pid), before_ns);
  return pid;
}

}  // namespace heapmeter::copies
