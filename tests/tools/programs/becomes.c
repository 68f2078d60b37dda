// SPDX-License-Identifier: MIT
// becomes UID: on SIGUSR1 it becomes that user, says "ready" again, and ends on the next.
#include <stdlib.h>
#include <unistd.h>

#include "wait.h"

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  wait_for_the_test();
  if (setuid((uid_t)atoi(argv[1])) != 0) return 1;
  wait_for_the_test();
  return 0;
}
