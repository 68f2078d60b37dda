/* SPDX-License-Identifier: MIT
 * Says "ready" and allocates without pause in two threads, one of them main; at SIGTERM it shows that nothing
 * was lost. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static void end(int number) { stop = number; }

static void *work(void *unused) {
  char *blocks[100] = {0};
  long lost = 0;
  for (unsigned i = 0; !stop; ++i) {
    char **place = &blocks[i * 37 % 100];
    if (*place != NULL) lost += **place != (char)(i * 37 % 100);
    free(*place);
    *place = malloc(i * 31 % 5000 + 1);
    **place = (char)(i * 37 % 100);
    if (i % 1000 == 0) usleep(1000);
  }
  for (int i = 0; i < 100; ++i) free(blocks[i]);
  return lost == 0 ? unused : "lost";
}

int main(void) {
  pthread_t thread;
  void *lost = NULL;
  signal(SIGTERM, end);
  if (pthread_create(&thread, NULL, work, NULL) != 0 || write(1, "ready\n", 6) != 6) return 1;
  const int mine = work(NULL) == NULL;
  pthread_join(thread, &lost);
  printf("%s\n", mine && lost == NULL ? "nothing lost" : "lost");
  return 0;
}
