/* SPDX-License-Identifier: MIT
 * Children that end in their own ways, with the parent's handlers inherited: exit runs them, _exit and
 * quick_exit do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void at_exit(void) { dprintf(1, "%s", strdup("handler\n")); }

int main(void) {
  atexit(at_exit);
  for (int way = 0; way < 4; ++way) {
    const pid_t child = fork();
    if (child == 0) {
      char *kept = malloc(5000);
      memset(kept, way, 5000);
      if (way == 0) exit(kept[1]);
      if (way == 1) _exit(kept[1]);
      if (way == 2) quick_exit(kept[1]);
      abort();
    }
    int status = 0;
    waitpid(child, &status, 0);
    dprintf(1, "way %d: exit %d signal %d\n", way, WEXITSTATUS(status), WTERMSIG(status));
  }
  return 0;
}
