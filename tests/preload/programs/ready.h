/* SPDX-License-Identifier: MIT
 * For probes that show what they found and are looked at, then, from outside. */
#pragma once

#include <signal.h>
#include <stdio.h>

/* Says so, and waits for SIGTERM; then 0. Any other thread leaves that to this one. */
static inline int ready_until_sigterm(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  puts("ready");
  fflush(stdout);
  int number;
  return sigwait(&set, &number);
}
