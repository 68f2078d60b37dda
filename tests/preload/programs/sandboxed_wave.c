/* SPDX-License-Identifier: MIT
 * sandboxed_wave CALLS: allows itself no more than CALLS ("few", or "move", which has mremap, too), where any
 * other call kills; then 100 MB of small blocks come and go, and the program asks how its heap stands. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { COUNT = 100000 };
static void *blocks[COUNT];

#define ALLOW(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv) {
  const unsigned move = argc > 1 && strcmp(argv[1], "move") == 0 ? SYS_mremap : SYS_write;
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 ALLOW(SYS_write),
                                 ALLOW(SYS_mmap),
                                 ALLOW(SYS_munmap),
                                 ALLOW(SYS_madvise),
                                 ALLOW(SYS_brk),
                                 ALLOW(SYS_mprotect),
                                 ALLOW(SYS_exit_group),
                                 ALLOW(SYS_clock_gettime),
                                 ALLOW(move),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  free(malloc(1000));
  int (*read_process)(void *, size_t) =
      (int (*)(void *, size_t))dlsym(RTLD_DEFAULT, "heapmeter_read_process");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
    return 1;
  for (int wave = 0; wave < 2; ++wave) {
    for (int i = 0; i < COUNT; ++i) blocks[i] = memset(malloc(1000), 1, 1000);
    for (int i = 0; i < COUNT; ++i) free(blocks[i]);
  }
  uint64_t numbers[100];
  if (mallinfo2().uordblks > 50 << 20 || (read_process && read_process(numbers, sizeof numbers) != 0))
    return 3;
  if (write(1, "two waves\n", 10) != 10) return 2;
  _exit(0);
}
