/* SPDX-License-Identifier: MIT
 * credentials UID: served by now, becomes that user and shows that no thread kept the old one; then "ready",
 * until SIGTERM. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "own_threads.h"
#include "ready.h"

static void show_ids_of_all_threads(void) {
  char line[256];
  int foreign = 0;
  DIR *threads = own_threads();
  for (const char *tid; (tid = next_thread(threads)) != NULL;) {
    FILE *status = open_of_thread(tid, "status");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
      int real = -1, effective = -1, saved = -1;
      if (sscanf(line, "Uid: %d %d %d", &real, &effective, &saved) == 3 ||
          sscanf(line, "Gid: %d %d %d", &real, &effective, &saved) == 3) {
        foreign += real != (int)getuid() || effective != (int)getuid() || saved != (int)getuid();
      }
    }
    if (status != NULL) fclose(status);
  }
  printf("threads with other ids: %d\n", foreign);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const struct timespec a_while = {0, 200 * 1000 * 1000};
  nanosleep(&a_while, NULL);
  const uid_t user = (uid_t)atoi(argv[1]);
  errno = 0;
  const int results[] = {setgroups(0, NULL), setresgid(user, user, user), setresuid(user, user, user)};
  printf("results %d %d %d errno %d\n", results[0], results[1], results[2], errno);
  show_ids_of_all_threads();
  const int back = setuid(0);
  printf("back to root: %d errno %d\n", back, errno);
  return ready_until_sigterm();
}
