// SPDX-License-Identifier: MIT
//
// The order in which the library starts and stops, top to bottom. Blocks are counted before this runs and
// after it stops; the start only adds what needs libc: exits of threads, forks, the service.
#include <errno.h>
#include <string.h>

#include "backend/allocator.h"
#include "backend/next.h"
#include "base/identity.h"
#include "base/options.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "books/thread_state.h"
#include "fork.h"
#include "override/syscall.h"
#include "service/report.h"
#include "service/thread.h"
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

// Early among constructors, so that other libraries' find everything in place.
__attribute__((constructor(101))) void start() {
  const int saved_errno = errno;
  options::complain();
  override_syscall::resolve();
  // With another malloc in charge our operator new and free must follow it.
  if (const NextHeap *owner = next_heap::owner()) tracked_heap::pass_to(*owner);
  tracked_heap::begin();
  if (!options::get().follow) unfollow();
  new_heap::find_replacements();
  if (tracked_heap::passing()) return;
  sandbox::note_start();
  note_counting_since();
  // Now rather than when it is needed: a foreign free may come where no look-up is possible.
  next_heap::libc();
  threads::watch_exits();
  threads::counting_slot();
  backend::warm_up();
  fork::watch();
  service::start();
  errno = saved_errno;
}

__attribute__((destructor(101))) void stop() {
  if (tracked_heap::passing()) return;
  report::write();
  service::at_exit();
}

}  // namespace
}  // namespace heapmeter
