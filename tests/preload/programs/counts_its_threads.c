/* SPDX-License-Identifier: MIT
 * How many threads it has: what libc thinks, and what /proc shows, the meter's own by its name left out. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <unistd.h>

int main(void) {
  char path[300], name[32];
  int threads = 0;
  usleep(150000);
  DIR *tasks = opendir("/proc/self/task");
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
    FILE *comm = fopen(path, "r");
    if (comm != NULL && fgets(name, sizeof name, comm) != NULL) threads += strcmp(name, "heapmeter\n") != 0;
    if (comm != NULL) fclose(comm);
  }
  closedir(tasks);
  printf("single-threaded: %d, threads: %d\n", __libc_single_threaded, threads);
  return 0;
}
