// SPDX-License-Identifier: MIT
//
// The process is ended by a thread whose stack is as small as may be.
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *end(void *unused) {
  (void)unused;
  exit(0);
}

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 16384);
  pthread_t thread;
  puts("ends");
  if (pthread_create(&thread, &attributes, end, NULL) != 0) return 1;
  pthread_join(thread, NULL);
  return 2;
}
