/* SPDX-License-Identifier: MIT
 *
 * A process whose first thread has ended, which leaves /proc/PID half empty; another one holds 24 MiB and
 * lives until SIGUSR1.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wait.h"

static pthread_t first;

static void *hold(void *bytes) {
  pthread_join(first, NULL);
  memset(bytes, 1, 24 << 20);
  _exit(wait_for_the_test());
}

int main(void) {
  pthread_t other;
  first = pthread_self();
  char *bytes = malloc(24 << 20);
  if (bytes == NULL || pthread_create(&other, NULL, hold, bytes) != 0) return 3;
  pthread_exit(NULL);
}
