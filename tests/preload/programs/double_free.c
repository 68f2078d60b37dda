/* SPDX-License-Identifier: MIT
 * Frees blocks twice, small and large, at once and late; then shows that the heap is still sound. */
#include "delta.h"

int main(void) {
  static char *kept[1000];
  delta_start();
  char *p = malloc(24), *q = malloc(3000), *r = malloc(10000019), *keep = malloc(24);
  STEP("first frees", (free(p), free(q), free(r)));
  STEP("small again", free(p));
  STEP("medium again", free(q));
  STEP("large again", free(r));
  STEP("realloc of a freed block", p = realloc(p, 100));
  printf("realloc of a freed block gave %s\n", p ? "a block" : "null");
  step_begin();
  for (int i = 0; i < 1000; ++i) kept[i] = memset(malloc(24), i & 255, 24);
  step_end("a thousand blocks");
  for (int i = 0; i < 1000; ++i) {
    for (int k = 0; k < i; k += 37) {
      if (kept[k] == kept[i]) printf("one block handed out twice\n");
    }
    if (kept[i][23] != (char)(i & 255)) printf("block %d changed\n", i);
  }
  for (int i = 0; i < 1000; ++i) free(kept[i]);
  free(keep);
  fflush(stdout);
  return 0;
}
