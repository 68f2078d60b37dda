/* SPDX-License-Identifier: MIT
 * Pipes whose last writer goes: their end must arrive at once, from the first moment of a process to the time
 * when all its threads are there, in the parent and in children. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int ends = 0;
  for (int round = 0; round < 60; ++round) {
    int pipe_ends[2];
    char byte;
    if (pipe(pipe_ends) != 0) return 1;
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      free(malloc(100));
      if (write(pipe_ends[1], "x", 1) != 1) _exit(1);
      close(pipe_ends[1]);
      usleep(round % 2 == 0 ? 0 : 30000); /* lives on without it */
      _exit(0);
    }
    close(pipe_ends[1]);
    struct pollfd end = {.fd = pipe_ends[0], .events = POLLIN};
    if (read(pipe_ends[0], &byte, 1) == 1 && poll(&end, 1, 20000) == 1) {
      ends += read(pipe_ends[0], &byte, 1) == 0;
    }
    close(pipe_ends[0]);
    waitpid(child, NULL, 0);
  }
  printf("%d ends\n", ends);
  return 0;
}
