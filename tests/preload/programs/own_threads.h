/* SPDX-License-Identifier: MIT
 * The threads of this process, as /proc has them: the meter's own, too. */
#pragma once

#include <dirent.h>
#include <stdio.h>

static inline DIR *own_threads(void) { return opendir("/proc/self/task"); }

/* The number of one after the other, as text; NULL when all have been told, and the list is closed. */
static inline const char *next_thread(DIR *threads) {
  for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
    if (entry->d_name[0] != '.') return entry->d_name;
  }
  closedir(threads);
  return NULL;
}

/* A file of it: "comm", "status". NULL when it has ended. */
static inline FILE *open_of_thread(const char *tid, const char *name) {
  char path[300];
  snprintf(path, sizeof path, "/proc/self/task/%s/%s", tid, name);
  return fopen(path, "r");
}
