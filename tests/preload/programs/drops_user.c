/* SPDX-License-Identifier: MIT
 * drops_user WAY: becomes another user for good when everything is up: by libc's functions, by the bare
 * system calls of its main thread, from a second thread when the main one has gone, as root of a user
 * namespace; or, nobody special already, its other group. No thread of the process may be left that is
 * anybody else. */
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "thread_ids.h"

static const char *way;
enum { kOther = 4711 };

static int drop_group(void) {
  if (strcmp(way, "group") == 0) return setresgid(kOther, kOther, kOther);
  if (strcmp(way, "group_real") == 0) return setregid(kOther, kOther);
  if (strcmp(way, "group_bare_real") == 0) return (int)syscall(SYS_setregid, kOther, kOther);
  return (int)syscall(SYS_setresgid, kOther, kOther, kOther);
}

static int drop(void) {
  if (strncmp(way, "group", 5) == 0) return drop_group();
  const int is = strcmp(way, "libc") == 0          ? 0
                 : strcmp(way, "simple") == 0      ? 1
                 : strcmp(way, "real") == 0        ? 2
                 : strcmp(way, "bare_simple") == 0 ? 3
                 : strcmp(way, "bare_real") == 0   ? 4
                                                   : 5;
  if (is == 0)
    return setgroups(0, NULL) | setresgid(kOther, kOther, kOther) | setresuid(kOther, kOther, kOther);
  if (is == 1) return initgroups("root", kOther) | setgid(kOther) | setuid(kOther);
  if (is == 2) return setgroups(0, NULL) | setregid(kOther, kOther) | setreuid(kOther, kOther);
  long result = syscall(SYS_setgroups, 0, NULL);
  if (is == 3) result |= syscall(SYS_setgid, kOther) | syscall(SYS_setuid, kOther);
  if (is == 4) result |= syscall(SYS_setregid, kOther, kOther) | syscall(SYS_setreuid, kOther, kOther);
  if (is == 5) {
    result |= syscall(SYS_setresgid, kOther, kOther, kOther);
    result |= syscall(SYS_setresuid, kOther, kOther, kOther);
  }
  return (int)result;
}

/* The main thread is nobody once it is a zombie; until then it counts as one of another user. */
static int main_is_gone(void) {
  char tid[20], ids[1024];
  snprintf(tid, sizeof tid, "%d", (int)getpid());
  read_ids(tid, ids, sizeof ids);
  return *ids == 0;
}

static void *drop_and_say(void *unused) {
  (void)unused;
  if (strcmp(way, "main_gone") == 0) {
    for (int tries = 6000; !main_is_gone() && tries > 0; --tries) usleep(10000);
  }
  const int result = drop();
  usleep(200000); /* long enough for one who starts anew */
  printf("%s: %d, threads of another user: %d\n", way, result, others());
  exit(0);
}

static void map_all_of(pid_t process) {
  char command[200];
  snprintf(command, sizeof command, "echo 0 0 65536 | tee /proc/%d/uid_map > /proc/%d/gid_map", process,
           process);
  exit(system(command) != 0);
}

static int enter_namespace(void) {
  int ready[2], status = 1;
  char byte;
  const pid_t self = getpid();
  if (pipe(ready) != 0) return 1;
  const pid_t helper = fork();
  if (helper == 0) {
    close(ready[1]);
    if (read(ready[0], &byte, 1) == 1) map_all_of(self);
    exit(1);
  }
  if (unshare(CLONE_NEWUSER) != 0 || write(ready[1], "m", 1) != 1) return 1;
  return waitpid(helper, &status, 0) != helper || status != 0;
}

int main(int argc, char **argv) {
  way = argc > 1 ? argv[1] : "";
  if (strncmp(way, "namespace", 9) == 0 && enter_namespace() != 0) return 1;
  if (strncmp(way, "group", 5) == 0 && (setgroups(0, NULL) | setresgid(kOther, kOther + 1, kOther + 1) |
                                        setresuid(kOther, kOther, kOther)) != 0)
    return 1;
  usleep(200000);
  if (strcmp(way, "main_gone") != 0) drop_and_say(NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, drop_and_say, NULL);
  pthread_exit(NULL);
}
