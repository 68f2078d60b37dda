/* SPDX-License-Identifier: MIT
 * exec_without_arguments PROGRAM: runs it with argv[0] NULL, and with an environment that holds only
 * what a meter needs. (Since Linux 5.18 the kernel makes the missing word an empty one.) */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  char *words[] = {NULL}, *kept[16] = {NULL};
  int count = 0;
  for (char **entry = environ; *entry != NULL; ++entry) {
    const int keep = strncmp(*entry, "LD_PRELOAD=", 11) == 0 || strncmp(*entry, "HEAPMETER_", 10) == 0;
    if (keep && count < 15) kept[count++] = *entry;
  }
  execve(argv[1], words, kept);
  return 127;
}
