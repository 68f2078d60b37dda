/* SPDX-License-Identifier: MIT
 * large_crash MIB: fills that much of the heap with small blocks, then aborts. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const size_t bytes = (size_t)(argc > 1 ? atoi(argv[1]) : 10) << 20;
  for (size_t done = 0; done < bytes; done += 4000) memset(malloc(4000), 'x', 4000);
  if (write(1, "full\n", 5) != 5) return 1;
  abort();
}
