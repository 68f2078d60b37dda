/* SPDX-License-Identifier: MIT
 * Ends when the meter's service has a socket in HEAPMETER_DIR, or its thread has ended, or never was. What
 * the meter itself calls at its start is left to it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int count_of(const char *path, const char *start, const char *end) {
  int count = 0;
  DIR *folder = opendir(path);
  if (folder == NULL) return 0;
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    const size_t length = strlen(entry->d_name), behind = strlen(end);
    if (entry->d_name[0] == '.' || length < behind) continue;
    count += strncmp(entry->d_name, start, strlen(start)) == 0 &&
             strcmp(entry->d_name + length - behind, end) == 0;
  }
  closedir(folder);
  return count;
}

int main(void) {
  const char *directory = getenv("HEAPMETER_DIR");
  char own[32] = "";
  free(malloc(1));
  if (readlink("/proc/self", own, sizeof own - 2) <= 0) return 1;
  strcat(own, "-");
  for (int tries = 0; tries < 6000; ++tries) {
    if (count_of("/proc/self/task", "", "") <= 1) return 0;
    if (directory != NULL && count_of(directory, own, ".sock") != 0) return 0;
    usleep(10000);
  }
  return 2;
}
