/* SPDX-License-Identifier: MIT
 * ending return|exit|_exit|quick_exit|abort|kill|thread: the ways a process ends, with a block still live. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *exit_from_a_thread(void *unused) {
  (void)unused;
  exit(5);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  char *volatile leaked = malloc(12345);
  leaked[0] = 'x';
  const char *way = argv[1];
  dprintf(1, "ending by %s\n", way);
  if (strcmp(way, "exit") == 0) exit(3);
  if (strcmp(way, "_exit") == 0) _exit(4);
  if (strcmp(way, "quick_exit") == 0) quick_exit(6);
  if (strcmp(way, "abort") == 0) abort();
  if (strcmp(way, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(way, "thread") == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, exit_from_a_thread, NULL);
    pthread_exit(NULL);
  }
  return 0;
}
