// SPDX-License-Identifier: MIT
//
// The order in which the library starts and stops, top to bottom. Blocks are counted before this runs and
// after it stops; the start only adds what needs libc: exits of threads, forks, the service.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "backend/mimalloc.h"
#include "backend/next.h"
#include "base/coarse_clock.h"
#include "base/identity.h"
#include "base/options.h"
#include "base/sandbox.h"
#include "base/search_order.h"
#include "base/sys.h"
#include "books/inherited.h"
#include "books/thread_state.h"
#include "fork.h"
#include "leaks/look.h"
#include "override/alternate_stack.h"
#include "override/copies.h"
#include "override/exec.h"
#include "override/syscall.h"
#include "service/notices.h"
#include "service/report.h"
#include "service/thread.h"
#include "sites/own_stack.h"
#include "tracking/huge_pages.h"
#include "tracking/mode.h"
#include "tracking/new_heap.h"
#include "tracking/tracked_heap.h"

namespace heapmeter {
namespace {

constexpr const char *kLibrary = "libheapmeter.so";

// Takes us out of LD_PRELOAD, in place, so that executed programs start without the meter.
void unfollow() noexcept {
  auto *list = const_cast<char *>(sys::environment("LD_PRELOAD"));
  if (list == nullptr) return;
  char *out = list;
  for (char *at = list; *at != '\0';) {
    at += strspn(at, ": ");
    const size_t length = strcspn(at, ": ");
    const size_t name = strlen(kLibrary);
    char *end = at + length;
    const char *slash = static_cast<const char *>(memrchr(at, '/', length));
    const char *base = slash == nullptr ? at : slash + 1;
    const bool ours = static_cast<size_t>(end - base) >= name && memcmp(base, kLibrary, name) == 0;
    if (!ours && length > 0) {
      if (out != list) *out++ = ':';
      memmove(out, at, length);
      out += length;
    }
    at = end;
  }
  *out = '\0';
}

// A program with more rights than its user takes no orders from him, and neither do those it executes: out
// of the environment, as the dynamic linker takes its own variables.
void forget_orders() noexcept {
  constexpr const char *kPrefix = "HEAPMETER_";
  char **kept = environ;
  for (char **at = environ; at != nullptr && *at != nullptr; ++at) {
    if (strncmp(*at, kPrefix, strlen(kPrefix)) != 0) *kept++ = *at;
  }
  if (kept != nullptr) *kept = nullptr;
}

__attribute__((destructor(101))) void stop() {
  if (!tracked_heap::metering()) return;
  report::write(HEAPMETER_STACK_POINTER());
  service::at_exit();
}

// Early among constructors, so that other libraries' find everything in place.
__attribute__((constructor(101))) void start() {
  const int saved_errno = errno;
  options::complain();
  override_syscall::resolve();
  override_exec::resolve();
  override_alternate_stack::resolve();
  copies::resolve();
  tracked_heap::begin();
  if (getauxval(AT_SECURE) != 0) forget_orders();
  if (!options::get().follow) unfollow();
  new_heap::find_replacements();
  if (mode::passing()) {
    if (!options::get().off && search_order::sanitizer_behind()) {
      sys::warn("the program is built with a sanitizer, whose allocator it keeps; nothing is counted");
    }
    notices::begun(options::get().off ? notices::Begun::kLeftOut : notices::Begun::kPassedThrough);
    return;
  }
  if (!mimalloc::is_as_built()) {
    sys::warn(
        "this mimalloc is not of the series the library was built with; the program keeps its own allocator");
  }
  note_counting_since();
  coarse_clock::find();
  sites::OwnStack::began_here();
  inherited::nothing();
  sandbox::look();
  huge_pages::begin();
  // Now rather than when it is needed: a foreign free may come where no look-up is possible.
  next_heap::libc();
  threads::watch_exits();
  fork::watch();
  at_quick_exit(stop);  // it runs no destructors; the first to come is the last to be called
  notices::begun(tracked_heap::metering() ? notices::Begun::kCounted : notices::Begun::kPassedThrough);
  if (tracked_heap::metering()) {
    threads::counting_slot();
    service::start();
  } else {
    // The process has another malloc; it is left alone unless that turns out to be built on ours.
    tracked_heap::when_reached(service::start);
  }
  errno = saved_errno;
}

}  // namespace
}  // namespace heapmeter
