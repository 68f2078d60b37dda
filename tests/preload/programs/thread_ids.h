/* SPDX-License-Identifier: MIT
 * Who the threads of this process are to the kernel: the meter's own, too. */
#pragma once

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "own_threads.h"

/* The lines of a thread's status that say who it is; "" when it has none. */
static inline void read_ids(const char *tid, char *ids, size_t size) {
  char line[256];
  FILE *status = open_of_thread(tid, "status");
  for (*ids = 0; status != NULL && fgets(line, sizeof line, status) != NULL;) {
    if (strncmp(line, "State:\tZ", 8) == 0) break;
    const int matters = strncmp(line, "Uid", 3) == 0 || strncmp(line, "Gid", 3) == 0 ||
                        strncmp(line, "Groups", 6) == 0 || strncmp(line, "Cap", 3) == 0;
    if (matters && strlen(ids) + strlen(line) < size) strcat(ids, line);
  }
  if (status != NULL) fclose(status);
}

/* The threads that are somebody else than the caller. */
static inline int others(void) {
  char own_tid[20], own[1024], other[1024];
  int count = 0;
  snprintf(own_tid, sizeof own_tid, "%d", (int)gettid());
  read_ids(own_tid, own, sizeof own);
  DIR *threads = own_threads();
  for (const char *tid; (tid = next_thread(threads)) != NULL;) {
    read_ids(tid, other, sizeof other);
    count += *other != 0 && strcmp(own, other) != 0;
  }
  return count;
}
