/* SPDX-License-Identifier: MIT
 * How many threads it has: what libc thinks, and what /proc shows, the meter's own by its name left out. */
#include <stdio.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include "own_threads.h"

int main(void) {
  char name[32];
  int threads = 0;
  usleep(150000);
  DIR *list = own_threads();
  for (const char *tid; (tid = next_thread(list)) != NULL;) {
    FILE *comm = open_of_thread(tid, "comm");
    if (comm != NULL && fgets(name, sizeof name, comm) != NULL) threads += strcmp(name, "heapmeter\n") != 0;
    if (comm != NULL) fclose(comm);
  }
  printf("single-threaded: %d, threads: %d\n", __libc_single_threaded, threads);
  return 0;
}
