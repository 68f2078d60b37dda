/* SPDX-License-Identifier: MIT
 * Preloaded: its end, which comes after that of libraries preloaded before it, leaves by the bare exit
 * instruction, where nobody can open a file any more to see it gone. */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((destructor)) static void end(void) {
  const struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_NOFILE, &none) != 0) _exit(1);
  usleep(200 * 1000); /* the process's other thread has seen the end */
#if defined(__x86_64__)
  __asm__ volatile("syscall" : : "a"((long)SYS_exit), "D"(3L) : "rcx", "r11", "memory");
#else
  register long x8 __asm__("x8") = SYS_exit;
  register long x0 __asm__("x0") = 3;
  __asm__ volatile("svc 0" : : "r"(x8), "r"(x0) : "memory");
#endif
}
