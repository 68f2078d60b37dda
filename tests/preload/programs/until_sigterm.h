/* SPDX-License-Identifier: MIT
 * For programs that watch something all the while they are looked at. */
#pragma once

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t sigterm_came;
static void note_sigterm(int number) {
  (void)number;
  sigterm_came = 1;
}

/* Says "ready"; from then on sigterm_came tells. */
static inline void ready_for_sigterm(void) {
  struct sigaction action = {.sa_handler = note_sigterm, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &action, NULL);
  puts("ready");
  fflush(stdout);
}
