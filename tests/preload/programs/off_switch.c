/* SPDX-License-Identifier: MIT
 * Says what the C interface answers, and how many threads this process has, past the time of binding. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <heapmeter/heapmeter.h>

int main(void) {
  free(malloc(100));
  const struct timespec a_while = {0, 150 * 1000 * 1000};
  nanosleep(&a_while, NULL);
  int (*read_process)(heapmeter_snapshot *, size_t);
  void *symbol = dlsym(RTLD_DEFAULT, "heapmeter_read_process");
  memcpy(&read_process, &symbol, sizeof symbol);
  heapmeter_snapshot snapshot;
  const int answer = symbol == NULL ? -1 : read_process(&snapshot, sizeof snapshot);
  printf("%s\n", answer == 0 ? "metered" : answer == ENOTSUP ? "off" : answer == -1 ? "absent" : "failed");
  if (answer == 0) printf("too small: %s\n", read_process(&snapshot, 4) == EINVAL ? "EINVAL" : "accepted");
  if (answer == 0) printf("null: %s\n", read_process(NULL, 400) == EINVAL ? "EINVAL" : "accepted");
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "Threads:", 8) == 0) printf("threads %d\n", atoi(line + 8));
  }
  return 0;
}
