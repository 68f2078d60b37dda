/* SPDX-License-Identifier: MIT
 * fork_in_handler fork|_Fork: thirty times a timer's signal interrupts a loop that allocates, and its handler
 * forks, in the middle of a call of malloc as like as not; the child returns from it, goes on where the loop
 * was, and ends in good order. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kTimes = 30, kInChild = 1000 };
static volatile sig_atomic_t forks, good, rounds_left = -1;
static int bare;
static pid_t child;

static void fork_now(int number) {
  (void)number;
  if (forks == kTimes) return;
  forks = forks + 1;
  child = bare ? _Fork() : fork();
  if (child == 0) {
    alarm(20);
    rounds_left = kInChild;
    return;
  }
  int status = -1;
  if (waitpid(child, &status, 0) == child && status == 0) good = good + 1;
}

int main(int argc, char **argv) {
  bare = argc > 1 && strcmp(argv[1], "_Fork") == 0;
  const struct sigaction action = {.sa_handler = fork_now, .sa_flags = SA_RESTART};
  const struct itimerval often = {{0, 1000}, {0, 1000}};
  char *blocks[64] = {0};
  int bad = 0;
  sigaction(SIGVTALRM, &action, NULL);
  setitimer(ITIMER_VIRTUAL, &often, NULL);
  for (size_t i = 0; forks < kTimes || rounds_left > 0; ++i) {
    const size_t bytes = i * 13 % 3000 + 1, place = i * 7919 % 64;
    if (blocks[place] != NULL && *blocks[place] != (char)place) bad = 1;
    blocks[place] = i % 3 == 0 ? (free(blocks[place]), malloc(bytes)) : realloc(blocks[place], bytes);
    memset(blocks[place], (int)place, bytes);
    if (rounds_left > 0) rounds_left = rounds_left - 1;
    if (rounds_left == 0) break;
  }
  for (int i = 0; i < 64; ++i) free(blocks[i]);
  if (rounds_left == 0) exit(bad);
  printf("%d children that went on, bad: %d\n", good, bad);
  return 0;
}
