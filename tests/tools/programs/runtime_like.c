// SPDX-License-Identifier: MIT
// With the function SIGN by which a runtime that keeps a heap of its own is known.
#include <stddef.h>

__attribute__((visibility("default"))) void *SIGN(size_t size) {
  (void)size;
  return NULL;
}

int main(void) { return 0; }
