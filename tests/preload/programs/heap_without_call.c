/* SPDX-License-Identifier: MIT
 * heap_without_call: for each system call that a heap makes but could do without, a child forbids itself that
 * one, with EPERM, and uses the heap in every size and way: nothing is refused, nothing lost. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SMALL = 20000, STEPS = 20 };

static void forbid(unsigned number) {
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
    _exit(99);
}

static void *use_heap(void *unused) {
  static __thread char *small[SMALL];
  for (int i = 0; i < SMALL; ++i) {
    if ((small[i] = malloc(1000)) == NULL) _exit(1);
    memset(small[i], i, 1000);
  }
  char *grown = NULL;
  for (size_t mb = 1; mb <= STEPS; ++mb) {
    if ((grown = realloc(grown, mb << 20)) == NULL) _exit(2);
    memset(grown + ((mb - 1) << 20), (int)mb, 1 << 20);
  }
  for (size_t mb = STEPS; mb >= 1; --mb) {
    if (grown[(mb << 20) - 1] != (char)mb) _exit(3);
    if ((grown = realloc(grown, mb << 20)) == NULL) _exit(4);
  }
  for (size_t size = 100000; size < 20u << 20; size *= 4) {
    char *zeroed = calloc(1, size), *aligned = aligned_alloc(1 << 21, size & -64);
    if (zeroed == NULL || aligned == NULL || (size_t)aligned % (1 << 21) != 0) _exit(5);
    for (size_t i = 0; i < size; i += 4096) {
      if (zeroed[i] != 0) _exit(6);
    }
    memset(zeroed, 1, size);
    memset(aligned, 1, size & -64);
    free(zeroed);
    free(aligned);
  }
  for (int i = 0; i < SMALL; ++i) {
    if (small[i][999] != (char)i) _exit(7);
    free(small[i]);
  }
  free(grown);
  malloc_trim(0);
  return unused;
}

static const struct {
  const char *name;
  unsigned number;
} calls[] = {{"madvise", SYS_madvise},
             {"mremap", SYS_mremap},
             {"munmap", SYS_munmap},
             {"mincore", SYS_mincore},
             {"getrandom", SYS_getrandom},
             {"prlimit64", SYS_prlimit64},
             {"clock_gettime", SYS_clock_gettime},
             {"gettid", SYS_gettid},
             {"getpid", SYS_getpid}};

int main(void) {
  for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i) {
    fflush(stdout);
    if (fork() == 0) {
      forbid(calls[i].number);
      use_heap(NULL);
      pthread_t thread;
      if (pthread_create(&thread, NULL, use_heap, NULL) == 0) pthread_join(thread, NULL);
      use_heap(NULL);
      _exit(0);
    }
    int status = 0;
    wait(&status);
    printf("without %s: code %d, signal %d\n", calls[i].name, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  }
  return 0;
}
