// SPDX-License-Identifier: MIT
//
// An executable that replaces the four calls that glibc demands, and no more: the rest is libc's, not a way
// back here.
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char area[1 << 24];
static size_t used;

void *malloc(size_t size) {
  char *block = area + used + 16;
  used += ((size + 15) & ~(size_t)15) + 16;
  return block;
}
void free(void *block) { (void)block; }
void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }
void *realloc(void *block, size_t size) {
  void *moved = malloc(size);
  if (block != NULL) memcpy(moved, block, size);
  return moved;
}

int main(void) {
  void *block = NULL;
  const int status = posix_memalign(&block, 64, 100);
  printf("posix_memalign: %d, aligned: %d\n", status, (size_t)block % 64 == 0);
  return 0;
}
