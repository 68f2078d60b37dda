/* SPDX-License-Identifier: MIT
 * Served by now, goes to live below its own directory, with a child born there; leaves nothing behind in it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int entries(void) {
  DIR *directory = opendir("/");
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

int main(void) {
  usleep(120000);
  if (chroot(getenv("TMPDIR")) != 0 || chdir("/") != 0) return 1;
  free(malloc(1000));
  const pid_t child = fork();
  int status = 0;
  if (child == 0) {
    usleep(120000);
    free(malloc(2000));
    exit(entries());
  }
  waitpid(child, &status, 0);
  printf("in the child %d files, in the parent %d\n", WEXITSTATUS(status), entries());
  return 0;
}
