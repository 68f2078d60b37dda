/* SPDX-License-Identifier: MIT
 * gives_up_capabilities capset|syscall|bounding|ambient|no_new_privs|securebits|keepcaps: does so in its main
 * thread when everything is up, or becomes another user and keeps them; no thread of the process may be left
 * that is allowed more, or less. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "own_threads.h"

int capset(cap_user_header_t header, cap_user_data_t data);

/* The lines of a thread's status that say what it may do. */
static void read_rights(const char *tid, char *rights, size_t size) {
  char line[256];
  FILE *status = open_of_thread(tid, "status");
  for (*rights = 0; status != NULL && fgets(line, sizeof line, status) != NULL;) {
    const int matters = strncmp(line, "Cap", 3) == 0 || strncmp(line, "NoNewPrivs", 10) == 0;
    if (matters && strlen(rights) + strlen(line) < size) strcat(rights, line);
  }
  if (status != NULL) fclose(status);
}

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  char own_tid[20], own[1024], other[1024];
  int result = -1, foreign = 0;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  usleep(150000);
  if (strcmp(way, "capset") == 0) result = capset(&header, none);
  if (strcmp(way, "syscall") == 0) result = (int)syscall(SYS_capset, &header, none);
  if (strcmp(way, "bounding") == 0) result = prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0);
  if (strcmp(way, "ambient") == 0) result = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (strcmp(way, "no_new_privs") == 0) result = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (strcmp(way, "securebits") == 0 || strcmp(way, "keepcaps") == 0) {
    result = way[0] == 'k' ? prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
                           : prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NOROOT_LOCKED, 0, 0, 0);
    if (setresuid(65534, 65534, 65534) != 0) result = -2;
    usleep(100000);
    result += 1000 * prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
  }
  snprintf(own_tid, sizeof own_tid, "%d", (int)getpid());
  read_rights(own_tid, own, sizeof own);
  DIR *threads = own_threads();
  for (const char *tid; (tid = next_thread(threads)) != NULL;) {
    read_rights(tid, other, sizeof other);
    foreign += strcmp(own, other) != 0;
  }
  printf("%s: %d, threads with other rights: %d\n", way, result, foreign);
  return 0;
}
