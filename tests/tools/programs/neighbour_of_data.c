/* SPDX-License-Identifier: MIT
 *
 * neighbour_of_data BYTES: fills memory of its own that begins right where its data ends, as it comes about
 * with libraries that are loaded later than memory is mapped; the kernel makes one mapping of both.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wait.h"

extern char _end; /* the linker's */
static char data[32768];

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const size_t bytes = strtoul(argv[1], NULL, 10);
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  void *end = (void *)(((uintptr_t)&_end + page - 1) / page * page);
  memset(data, 1, sizeof data);
  char *own =
      mmap(end, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (own != end) {
    perror("no room behind the data");
    return 1;
  }
  memset(own, 1, bytes);
  return wait_for_the_test();
}
