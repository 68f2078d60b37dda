// SPDX-License-Identifier: MIT
// Asks an allocator by its own name, which no preloaded malloc stands before.
#include <stddef.h>

void *mi_malloc(size_t size);
void mi_free(void *block);

int main(void) {
  mi_free(mi_malloc(10));
  return 0;
}
