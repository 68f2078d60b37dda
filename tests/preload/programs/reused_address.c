/* SPDX-License-Identifier: MIT
 * The address of a block that was released may be another allocator's next: its block goes where it belongs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  void *(*of_libc)(size_t) = dlsym(dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD), "malloc");
  const size_t bytes = 40 << 20;
  int kept = 0;
  for (int i = 0; i < 20; ++i) {
    char *ours = malloc(bytes - 16); /* libc's block begins 16 bytes into its mapping: so do both entries */
    memset(ours, 1, 4096);
    free(ours);
    char *theirs = of_libc(bytes - 64);
    memset(theirs, 1, 4096);
    free(theirs);
    unsigned char there;
    kept += mincore(theirs - 16, 4096, &there) == 0;
  }
  printf("kept: %d\n", kept);
  return 0;
}
