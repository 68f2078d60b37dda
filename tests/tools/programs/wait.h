// SPDX-License-Identifier: MIT
// Says "ready" and lives until SIGUSR1, so that the test can look at it.
#pragma once

#include <signal.h>
#include <stdio.h>

static inline int wait_for_the_test(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  puts("ready");
  fflush(stdout);
  int number;
  return sigwait(&set, &number);
}
