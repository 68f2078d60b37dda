/* SPDX-License-Identifier: MIT
 * Preloaded: its end, which comes after that of libraries preloaded before it, is the bare exit instruction,
 * with 3. */
#include <sys/syscall.h>

__attribute__((destructor)) static void end(void) {
#if defined(__x86_64__)
  __asm__ volatile("syscall" : : "a"((long)SYS_exit), "D"(3L) : "rcx", "r11", "memory");
#else
  register long x8 __asm__("x8") = SYS_exit;
  register long x0 __asm__("x0") = 3;
  __asm__ volatile("svc 0" : : "r"(x8), "r"(x0) : "memory");
#endif
}
