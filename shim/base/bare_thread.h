// SPDX-License-Identifier: MIT
//
// A kernel thread that glibc does not know: started, and waited for until the kernel has forgotten it.
//
// Not a pthread, so the process stays single-threaded in glibc's eyes, main may end by pthread_exit, and
// nothing is allocated. The price: it has no thread-local storage to speak of, and what it runs must call
// only what sys.h offers. All signals are blocked in it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter {

struct BareThread {
  uint32_t tid = 0;  // 0 from the moment it ends; the kernel writes it
  int pid = 0;       // the process it was started in; a vfork child shares this memory but not the thread

  // Called with all signals blocked, which the thread inherits, in the process `own_pid`. `thread_pointer` is
  // a word that the thread's storage register shall point to, with some room after it. What runs does not
  // return. False when the kernel refuses.
  bool start(int own_pid, void (*run)(void *), void *argument, void *stack_end,
             void **thread_pointer) noexcept;
  // In the thread itself, with what is the process's exit code if it is the last.
  [[noreturn]] static void end(int code) noexcept;
  // Makes the descriptor of listen_for_call() readable; needs no descriptor and no name, so it works in every
  // sandbox and namespace, and nobody else can do it who could not kill the process. False where it is
  // refused.
  bool call(uint32_t to_tid) const noexcept;
  // In the thread itself: a descriptor that is readable once it was called. Negative when the kernel refuses.
  static int listen_for_call() noexcept;
  // What was called so far, by whomever: the descriptor is quiet until the next call.
  static void take_calls(int descriptor) noexcept;
  // After it was asked to end: true once it no longer counts as a thread of the process, false when it has
  // not come to its end in this while.
  bool wait_gone(uint32_t last_tid, uint32_t milliseconds) const noexcept;
};

}  // namespace heapmeter
