// SPDX-License-Identifier: MIT
#include "base/sys.h"

#include <linux/futex.h>
#include <time.h>

namespace heapmeter::sys {

#if defined(__x86_64__)
long call(long number, long a, long b, long c, long d, long e, long f) noexcept {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

long clone(const Clone &how) noexcept {
  register void *childs_word asm("r10") = how.childs_word;
  register void *thread_pointer asm("r8") = how.thread_pointer;
  register void (*begin)(void *) asm("r9") = how.run;
  long result = SYS_clone;
  // The child has all registers but the stack pointer from here. Nobody called it, for who walks its stack.
  asm volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      ".cfi_remember_state\n\t"
      ".cfi_undefined %%rip\n\t"
      "xorl %%ebp, %%ebp\n\t"
      "movq %[argument], %%rdi\n\t"
      "callq *%%r9\n\t"
      "hlt\n\t"
      ".cfi_restore_state\n"
      "1:"
      : "+a"(result)
      : "D"(how.flags), "S"(how.stack_end), "d"(how.parents_word), "r"(childs_word), "r"(thread_pointer),
        "r"(begin), [argument] "b"(how.argument)
      : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
long call(long number, long a, long b, long c, long d, long e, long f) noexcept {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

long clone(const Clone &how) noexcept {
  register long x8 asm("x8") = SYS_clone;
  register long x0 asm("x0") = how.flags;
  register void *x1 asm("x1") = how.stack_end;
  register void *x2 asm("x2") = how.parents_word;
  register void *x3 asm("x3") = how.thread_pointer;
  register void *x4 asm("x4") = how.childs_word;
  register void (*x9)(void *) asm("x9") = how.run;
  register void *x10 asm("x10") = how.argument;
  asm volatile(
      "svc 0\n\t"
      "cbnz x0, 1f\n\t"
      ".cfi_remember_state\n\t"
      ".cfi_undefined x30\n\t"
      "mov x29, xzr\n\t"
      "mov x30, xzr\n\t"
      "mov x0, x10\n\t"
      "blr x9\n\t"
      "brk 0\n\t"
      ".cfi_restore_state\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x9), "r"(x10)
      : "memory");
  return x0;
}
#else
#error "heapmeter knows x86-64 and aarch64"
#endif

uint64_t monotonic_ns() noexcept {
  timespec now{};
  call(SYS_clock_gettime, CLOCK_MONOTONIC, reinterpret_cast<long>(&now));
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

namespace {

void wait_on(const uint32_t *word, int how, uint32_t expected, uint32_t milliseconds) noexcept {
  timespec timeout{};
  timeout.tv_sec = milliseconds / 1000;
  timeout.tv_nsec = (milliseconds % 1000) * 1'000'000l;
  const auto limit = milliseconds == kNoDeadline ? 0 : reinterpret_cast<long>(&timeout);
  call(SYS_futex, reinterpret_cast<long>(word), how, expected, limit);
}

}  // namespace

void futex_wait(const uint32_t *word, uint32_t expected, uint32_t milliseconds) noexcept {
  wait_on(word, FUTEX_WAIT_PRIVATE, expected, milliseconds);
}

void futex_wait_for_kernel(const uint32_t *word, uint32_t expected, uint32_t milliseconds) noexcept {
  wait_on(word, FUTEX_WAIT, expected, milliseconds);
}

void sleep_ns(uint32_t nanoseconds) noexcept {
  const timespec length{0, static_cast<long>(nanoseconds)};
  call(SYS_nanosleep, reinterpret_cast<long>(&length));
}

void futex_wake(const uint32_t *word) noexcept {
  call(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE_PRIVATE, 1);
}

}  // namespace heapmeter::sys
