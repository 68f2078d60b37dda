// SPDX-License-Identifier: MIT
//
// The end of a process without its exit handlers. `heapmeter run` has its report then, too: some shells end
// every script that way. By a vfork child it is the end of nothing that counts.
#include "override/leaving.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/sys.h"
#include "leaks/look.h"
#include "override/real.h"
#include "service/notices.h"
#include "service/report.h"
#include "tracking/tracked_heap.h"

namespace {

using namespace heapmeter;

constinit Real<void(int)> real_exit{"_exit"};

[[noreturn]] void leave(int code) noexcept {
  if (notices::of_this_process() && tracked_heap::metering()) report::write(HEAPMETER_STACK_POINTER());
  if (auto *function = real_exit.find()) function(code);
  for (;;) sys::call(SYS_exit_group, code);
}

}  // namespace

extern "C" {

HEAPMETER_EXPORT void _exit(int code) { leave(code); }
HEAPMETER_EXPORT void _Exit(int code) noexcept { leave(code); }

}  // extern "C"

namespace heapmeter::override_leaving {

search_order::Sought *exit() noexcept { return real_exit.sought(); }

}  // namespace heapmeter::override_leaving
