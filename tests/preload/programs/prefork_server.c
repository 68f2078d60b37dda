/* SPDX-License-Identifier: MIT
 * A master and four workers, as servers are: each worker holds as many blocks of 4001 bytes as its number,
 * when asked it ends; until SIGTERM reaches the master. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void await_term(const sigset_t *set) {
  int number;
  sigwait(set, &number);
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t workers[4];
  int ready[2], ended = 0;
  if (pipe(ready) != 0) return 1;
  for (int i = 0; i < 4; ++i) {
    if ((workers[i] = fork()) != 0) continue;
    void *blocks[4];
    for (int j = 0; j <= i; ++j) blocks[j] = malloc(4001);
    if (write(ready[1], "r", 1) != 1) _exit(1);
    await_term(&set);
    for (int j = 0; j <= i; ++j) free(blocks[j]);
    exit(i);
  }
  for (char byte, i = 0; i < 4; ++i) {
    if (read(ready[0], &byte, 1) != 1) return 2;
  }
  for (int i = 0; i < 4; ++i) printf("%d\n", (int)workers[i] > 0);
  fflush(stdout);
  await_term(&set);
  for (int i = 0; i < 4; ++i) {
    int status = 0;
    kill(workers[i], SIGTERM);
    if (waitpid(workers[i], &status, 0) == workers[i] && WEXITSTATUS(status) == i) ++ended;
  }
  printf("%d workers ended well\n", ended);
  return 0;
}
