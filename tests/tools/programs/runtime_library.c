// SPDX-License-Identifier: MIT
// A runtime that is a library, as libruby and libpython are: known by the function SIGN, with a heap that is
// not malloc's.
#include <string.h>
#include <sys/mman.h>

int SIGN(void);
int FUNCTION(void);

int SIGN(void) { return 0; }

int FUNCTION(void) {
  const size_t size = 20u << 20;
  char *heap = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (heap == MAP_FAILED) return 1;
  memset(heap, 1, size);
  return 0;
}
