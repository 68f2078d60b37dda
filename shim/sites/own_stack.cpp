// SPDX-License-Identifier: MIT
#include "sites/own_stack.h"

#include <errno.h>
#include <linux/futex.h>
#include <time.h>

#include "base/sandbox.h"
#include "base/sys.h"

// Of the main thread: where the program's arguments begin. The loader's, in all versions of glibc.
extern "C" void *__libc_stack_end __attribute__((weak));

namespace heapmeter::sites {
namespace {

// A thread that is met deep in its stack, or takes so much at once: further than that nobody asks.
constexpr uintptr_t kMostAtOnce = 8 << 20;

#if defined(__x86_64__)
// The thread's descriptor, which libc puts at the end of each stack that it gives a thread, or is given for
// one.
uintptr_t descriptor() noexcept {
  uintptr_t self;
  __asm__("mov %%fs:0x10, %0" : "=r"(self));
  return self;
}
#else
uintptr_t descriptor() noexcept { return 0; }
#endif

constinit uintptr_t first_thread = 0;
bool is_first_thread() noexcept {
  const uintptr_t first = load_whole(first_thread);
  return first != 0 ? descriptor() == first : sys::tid() == sys::pid();
}

// The kernel reads the word before it sees that nobody is to wait for it: for no time, and while it is what
// words seldom are.
long ask(uintptr_t address) noexcept {
  constexpr long kSeldom = 0x5EDF1A7E;
  static constexpr timespec kNoTime{};
  return sys::call(SYS_futex, static_cast<long>(address), FUTEX_WAIT_PRIVATE, kSeldom,
                   reinterpret_cast<long>(&kNoTime));
}

constinit int8_t tells = -1;
// One that looks at the rest first, as what stands in for a kernel may, would call anything readable.
bool kernel_tells() noexcept {
  constexpr uintptr_t kNobodys = ~uintptr_t{0xffff};
  if (load_whole(tells) < 0) store_whole(tells, static_cast<int8_t>(ask(kNobodys) == -EFAULT));
  return load_whole(tells) != 0;
}

}  // namespace

bool pages::may_ask() noexcept { return sandbox::lets_probe() && kernel_tells(); }
bool pages::is_readable(uintptr_t address) noexcept {
  const long answer = ask(address & ~uintptr_t{7});
  return answer == -EAGAIN || answer == -ETIMEDOUT;
}

void OwnStack::began_here() noexcept { store_whole(first_thread, descriptor()); }

void OwnStack::find_end(uintptr_t sp) noexcept {
  const uintptr_t end = is_first_thread() ? reinterpret_cast<uintptr_t>(__libc_stack_end) : descriptor();
  if (sp >= end || end - sp > kMostAtOnce) return;
  low_ = end_ = end & ~uintptr_t{7};
}

HEAPMETER_COLD bool OwnStack::grows_to(uintptr_t sp) noexcept {
  if (end_ == 0) find_end(sp);
  if (sp >= low_ || sp < gap_ || low_ - sp > kMostAtOnce || !pages::may_ask()) return false;
  // Downward, as the stack grew: what cannot be read parts it from what lies below.
  uintptr_t page = sys::page_of(low_ - 1);
  for (; page + sys::page_bytes() > sp; page -= sys::page_bytes()) {
    if (!pages::is_readable(page)) {
      gap_ = page + sys::page_bytes();
      return false;
    }
    low_ = page;
  }
  return true;
}

}  // namespace heapmeter::sites
