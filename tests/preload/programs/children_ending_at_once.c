/* SPDX-License-Identifier: MIT
 * Twenty children wait for one word, and end by exit at once. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int word[2];
  if (pipe(word) != 0) return 1;
  for (int i = 0; i < 20; ++i) {
    if (fork() != 0) continue;
    char *kept = malloc(1000);
    close(word[1]);
    exit(read(word[0], kept, 1) == 0 ? 0 : 1);
  }
  close(word[1]);
  int failed = 0, status;
  while (wait(&status) > 0) failed += status != 0;
  return failed;
}
