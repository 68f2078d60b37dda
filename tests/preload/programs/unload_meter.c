/* SPDX-License-Identifier: MIT
 * unload_meter LIBRARY: loads the meter by dlopen, as one library of many, and unloads it: blocks of before,
 * between and after stay good, in threads as well. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *blocks[300];

static void *make(void *third) {
  char **place = third;
  for (int i = 0; i < 100; ++i) place[i] = memset(malloc((size_t)i * 100 + 1), i, (size_t)i * 100 + 1);
  return NULL;
}

static void make_in_thread(int third) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, make, blocks + 100 * third) != 0) abort();
  pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  int good = 0;
  for (int round = 0; round < 3; ++round) {
    make_in_thread(0);
    void *library = dlopen(argv[1], RTLD_NOW | (round == 1 ? RTLD_GLOBAL : RTLD_LOCAL));
    if (library == NULL) return puts(dlerror());
    make_in_thread(1);
    if (dlclose(library) != 0) return 1;
    make_in_thread(2);
    for (int i = 0; i < 300; ++i) {
      good += blocks[i][i % 100 * 100] == i % 100;
      free(blocks[i]);
    }
  }
  printf("%d of 900 blocks are good\n", good);
  return 0;
}
