/* SPDX-License-Identifier: MIT
 * Allocates before any constructor, in constructors, in atexit handlers and in destructors, and frees each
 * block in a later phase than the one that made it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *blocks[4];

static void make(int i) { blocks[i] = memset(malloc(100 + (size_t)i), 'a' + i, 100 + (size_t)i); }
static void check(int i) {
  printf("block %d: %c%c\n", i, blocks[i][0], blocks[i][99]);
  free(blocks[i]);
}

static void before_all(int argc, char **argv, char **envp) {
  (void)argc, (void)argv, (void)envp;
  make(0);
}
__attribute__((section(".preinit_array"), used)) static void (*preinit)(int, char **, char **) = before_all;

__attribute__((constructor)) static void constructor(void) {
  make(1);
  check(0);
}
static void at_exit(void) {
  make(3);
  check(2);
}
__attribute__((destructor)) static void destructor(void) { check(3); }

int main(void) {
  atexit(at_exit);
  check(1);
  make(2);
  return 0;
}
