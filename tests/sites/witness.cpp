// SPDX-License-Identifier: MIT
//
// A preload that captures the stack of every allocation, and asks the compiler's own unwinder for the same
// one: how often they differ is written to the file that CAPTURES names, a line a process.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include "base/sandbox.h"
#include "sites/stack.h"

extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
}

namespace {

using heapmeter::sites::Captured;
using heapmeter::sites::Registers;
using heapmeter::sites::Stack;

constexpr size_t kMost = 8192;

struct Count {
  uint64_t captures, known, cut_short, longer, wrong;
} count;
int told = 0;

struct Thread {
  Stack stack;
  size_t frames;
  uintptr_t ips[kMost];
};

thread_local Thread *own;
thread_local bool busy;

_Unwind_Reason_Code visit(_Unwind_Context *context, void *argument) {
  auto *thread = static_cast<Thread *>(argument);
  const uintptr_t ip = _Unwind_GetIP(context);
  if (ip == 0 || thread->frames == kMost) return _URC_END_OF_STACK;
  thread->ips[thread->frames++] = ip;
  return _URC_NO_REASON;
}

void add(uint64_t &counter) { __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED); }

// Side by side, innermost first.
void tell(const Thread &thread, size_t first, size_t got) {
  if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) > 0) return;
  for (size_t i = 0; i < got || first + i < thread.frames; ++i) {
    dprintf(2, "%zu: %lx %lx\n", i, i < got ? heapmeter::sites::frame(thread.stack, got - 1 - i) : 0,
            first + i < thread.frames ? thread.ips[first + i] : 0);
  }
}

void compare(const Thread &thread, const Captured &captured, uintptr_t ip) {
  size_t first = 0;
  while (first < thread.frames && thread.ips[first] != ip) ++first;
  const size_t want = thread.frames - first, got = heapmeter::sites::depth(thread.stack);
  add(count.captures);
  if (captured.site != 0) add(count.known);
  if (captured.cut_short) add(count.cut_short);
  size_t same = 0;
  while (same < got && same < want &&
         heapmeter::sites::frame(thread.stack, got - 1 - same) == thread.ips[first + same])
    ++same;
  // Where code says nothing of itself the unwinder ends, and a frame pointer may lead further.
  const bool right = same == want || (same == got && captured.cut_short);
  if (same == want && got > want) add(count.longer);
  if (right) return;
  add(count.wrong);
  tell(thread, first, got);
}

__attribute__((noinline)) void look(const uintptr_t *frame) {
  if (busy) return;
  busy = true;
  const int error = errno;
  if (own == nullptr) {
    void *memory = mmap(nullptr, sizeof(Thread), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    own = memory == MAP_FAILED ? nullptr : static_cast<Thread *>(memory);
  }
  if (own != nullptr) {
    const Registers from{frame[1], reinterpret_cast<uintptr_t>(frame + 2), frame[0]};
    const Captured captured = heapmeter::sites::capture(own->stack, from);
    own->frames = 0;
    _Unwind_Backtrace(visit, own);
    compare(*own, captured, from.ip);
    if (captured.site == 0)
      heapmeter::sites::remember_site(own->stack, static_cast<uint32_t>(captured.hash) | 1);
  }
  errno = error;
  busy = false;
}

#define LOOK look(static_cast<const uintptr_t *>(__builtin_frame_address(0)))

__attribute__((constructor)) void look_for_sandbox() { heapmeter::sandbox::look(); }

__attribute__((destructor)) void report() {
  busy = true;
  const char *path = getenv("CAPTURES");
  const int fd = path == nullptr ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  char line[200];
  const int bytes = snprintf(
      line, sizeof line, "%s %lu captures %lu known %lu cut short %lu longer %lu wrong\n",
      program_invocation_short_name, count.captures, count.known, count.cut_short, count.longer, count.wrong);
  if (write(fd, line, static_cast<size_t>(bytes)) != bytes) perror("captures");
  close(fd);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void *malloc(size_t bytes) {
  LOOK;
  return __libc_malloc(bytes);
}
__attribute__((visibility("default"))) void *calloc(size_t count_of, size_t bytes) {
  LOOK;
  return __libc_calloc(count_of, bytes);
}
__attribute__((visibility("default"))) void *realloc(void *block, size_t bytes) {
  LOOK;
  return __libc_realloc(block, bytes);
}

__attribute__((visibility("default"))) int dlclose(void *handle) {
  static int (*next)(void *) = nullptr;
  if (next == nullptr) next = reinterpret_cast<int (*)(void *)>(dlsym(RTLD_NEXT, "dlclose"));
  heapmeter::sites::invalidate();
  const int result = next(handle);
  heapmeter::sites::invalidate();
  return result;
}

}  // extern "C"
