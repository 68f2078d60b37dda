/* SPDX-License-Identifier: MIT
 * held_up_thread unshare|setns|setuid: another process holds up each thread of this one but the first, for
 * half a second, as a crowded machine may; meanwhile it calls what wants a process of one thread, or what all
 * threads must follow. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own_threads.h"

/* Holds them until this process ends: the kernel lets go of what it traces then. */
static void hold_all_but_first(pid_t process) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", process);
  DIR *tasks = opendir(path);
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    const pid_t tid = atoi(entry->d_name);
    if (tid == 0 || tid == process) continue;
    if (ptrace(PTRACE_SEIZE, tid, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, tid, 0, 0) != 0) perror("ptrace");
    waitpid(tid, NULL, __WALL);
  }
}

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  int held[2], result = -1;
  char byte = 'h';
  const pid_t self = getpid();
  if (pipe(held) != 0) return 1;
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  usleep(200000);
  const pid_t holder = fork();
  if (holder == 0) {
    hold_all_but_first(self);
    if (write(held[1], &byte, 1) != 1) _exit(1);
    usleep(500000);
    _exit(0);
  }
  if (read(held[0], &byte, 1) != 1) return 1;
  if (strcmp(way, "unshare") == 0) result = unshare(CLONE_NEWUSER);
  if (strcmp(way, "setns") == 0) result = setns(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), CLONE_NEWNS);
  if (strcmp(way, "setuid") == 0) result = setuid(65534);
  printf("%s: %s\n", way, result == 0 ? "done" : strerror(errno));
  int threads = 0;
  if (strcmp(way, "setuid") == 0) {
    char line[256];
    DIR *list = own_threads();
    for (const char *tid; (tid = next_thread(list)) != NULL;) {
      unsigned user;
      FILE *status = open_of_thread(tid, "status");
      while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "Uid: %u", &user) == 1) threads += user == 0;
      }
      if (status != NULL) fclose(status);
    }
    printf("threads that are still root: %d\n", threads);
  }
  return waitpid(holder, NULL, 0) != holder;
}
