/* SPDX-License-Identifier: MIT
 * bare_sandbox exit|wake|fork|soon: sets up, by the bare instruction, a sandbox that kills for what the
 * program never calls; then ends, or lives on until a service must have looked around, or forks. Soon: as
 * soon as a thread that the program has not made sleeps for the first time, and lives on. */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Not libc's function, which others may have in hand. */
static long seccomp(unsigned operation, unsigned flags, const struct sock_fprog *program) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(SYS_seccomp), "D"(operation), "S"(flags), "d"(program)
                   : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = SYS_seccomp;
  register long x0 __asm__("x0") = operation;
  register long x1 __asm__("x1") = flags;
  register long x2 __asm__("x2") = (long)program;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#endif
}

/* Whether the process has no thread but this one that is awake. */
static int others_sleep(void) {
  DIR *tasks = opendir("/proc/self/task");
  if (tasks == NULL) return 0;
  int sleep = 1;
  for (const struct dirent *task; sleep && (task = readdir(tasks)) != NULL;) {
    if (task->d_name[0] == '.' || atoi(task->d_name) == getpid()) continue;
    char path[300], state = '?';
    snprintf(path, sizeof path, "/proc/self/task/%s/stat", task->d_name);
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1 || state != 'S') sleep = 0;
    fclose(file);
  }
  closedir(tasks);
  return sleep;
}

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  struct sock_filter filter[] = {LOAD(nr),
                                 ALLOW(SYS_read),
                                 ALLOW(SYS_write),
                                 ALLOW(SYS_exit),
                                 ALLOW(SYS_exit_group),
                                 ALLOW(SYS_futex),
                                 ALLOW(SYS_mmap),
                                 ALLOW(SYS_munmap),
                                 ALLOW(SYS_mprotect),
                                 ALLOW(SYS_madvise),
                                 ALLOW(SYS_brk),
                                 ALLOW(SYS_rt_sigprocmask),
                                 ALLOW(SYS_rt_sigaction),
                                 ALLOW(SYS_rt_sigreturn),
                                 ALLOW(SYS_clock_nanosleep),
                                 ALLOW(SYS_prctl),
                                 ALLOW(SYS_wait4),
                                 ALLOW(SYS_set_robust_list),
                                 ALLOW(SYS_gettid),
                                 ALLOW(SYS_getpid),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                                 LOAD(args[0]),
                                 BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  const int soon = strcmp(way, "soon") == 0, lives_on = soon || strcmp(way, "wake") == 0;
  const unsigned flags = lives_on ? SECCOMP_FILTER_FLAG_TSYNC : 0;
  free(malloc(1000)); /* whatever an allocator asks for first */
  if (!soon) usleep(120000);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
  if (!soon) usleep(120000);
  if (soon) {
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    while (!others_sleep()) {
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    /* So late that the first sleep may be over: anew. */
    if ((now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / 1000000 > 20)
      execv("/proc/self/exe", argv);
  }
  if (seccomp(SECCOMP_SET_MODE_FILTER, flags, &program) != 0) return 3;
  free(malloc(1000));
  if (lives_on) usleep(700000);
  if (strcmp(way, "fork") == 0) {
    int status = 1;
    const pid_t child = fork();
    if (child == 0) {
      free(malloc(1000));
      usleep(200000);
      exit(0);
    }
    if (waitpid(child, &status, 0) != child || status != 0) return 4;
  }
  if (write(1, "alive\n", 6) != 6) return 5;
  return 0;
}
