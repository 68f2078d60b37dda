/* SPDX-License-Identifier: MIT
 * On libbuilt_on_malloc_amid.so, leaves the resizing of a block by a signal's handler that jumps out of it,
 * then frees that block twice. */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sigjmp_buf before;

static void handle(int number) {
  (void)number;
  siglongjmp(before, 1);
}

int main(void) {
  signal(SIGURG, handle);
  char *volatile block = strcpy(malloc(50), "block");
  if (sigsetjmp(before, 1) == 0) {
    block = realloc(block, 5000);
    return 1;
  }
  char *volatile again = block;
  free(block);
  free(again);
  return write(1, "sound\n", 6) != 6;
}
