/* SPDX-License-Identifier: MIT
 * Forbids itself every change of the file system (landlock) when everything is up, and lives on for a while.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  const struct landlock_ruleset_attr rules = {.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_REG |
                                                                   LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                                                   LANDLOCK_ACCESS_FS_MAKE_DIR};
  char path[4096];
  usleep(150000);
  const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) return 1;
  snprintf(path, sizeof path, "%s/file", getenv("TMPDIR"));
  const int file = open(path, O_WRONLY | O_CREAT, 0600);
  printf("restricted, open: %d, errno %d\n", file, errno);
  fflush(stdout);
  usleep(150000);
  free(malloc(1000));
  puts("lives on");
  return 0;
}
