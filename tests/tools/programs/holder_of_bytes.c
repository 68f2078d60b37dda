/* SPDX-License-Identifier: MIT
 *
 * holder_of_bytes BYTES BLOCKS [WORD]: holds so many blocks of that size, says "ready", and ends on SIGUSR1:
 * by exit, by _exit ("_exit") or quick_exit ("quick_exit"), by SIGKILL ("kill"). "forked" holds them in a
 * child as well, which ends with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const char *word = argc > 3 ? argv[3] : "";
  const size_t bytes = strtoul(argv[1], NULL, 10);
  const int blocks = atoi(argv[2]);
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGUSR1);
  sigprocmask(SIG_BLOCK, &end, NULL);
  for (int block = 0; block < blocks; ++block) {
    char *memory = malloc(bytes);
    if (memory == NULL) return 3;
    memset(memory, 1, bytes);
  }
  const pid_t child = strcmp(word, "forked") == 0 ? fork() : -1;
  if (child != 0 && write(1, "ready\n", 6) != 6) return 4;
  int number = 0;
  if (sigwait(&end, &number) != 0) return 5;
  if (child > 0) {
    kill(child, SIGUSR1);
    waitpid(child, NULL, 0);
  }
  if (strcmp(word, "_exit") == 0) _exit(7);
  if (strcmp(word, "quick_exit") == 0) quick_exit(7);
  if (strcmp(word, "kill") == 0) kill(getpid(), SIGKILL);
  return 0;
}
