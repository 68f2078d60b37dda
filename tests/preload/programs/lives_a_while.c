/* SPDX-License-Identifier: MIT
 * lives_a_while: allocates for a quarter of a second, in a second thread too, and forks once: long enough for
 * all that a meter does by itself. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *allocate(void *times) {
  char *block = NULL;
  for (size_t i = 1; i <= (size_t)times; ++i) {
    block = realloc(block, i * 100);
    memset(block, 'l', i * 100);
    free(malloc(i * 31));
    usleep(1000);
  }
  free(block);
  return NULL;
}

int main(void) {
  pthread_t thread;
  int status = 1;
  allocate((void *)100);
  if (pthread_create(&thread, NULL, allocate, (void *)20) != 0) return 1;
  pthread_join(thread, NULL);
  const pid_t child = fork();
  if (child == 0) {
    allocate((void *)100);
    exit(0);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return 2;
  printf("lived, and its child %s\n", status == 0 ? "too" : "not");
  return status;
}
