/* SPDX-License-Identifier: MIT
 * On libbuilt_on_malloc_amid.so, from a signal's handler while a block is resized: frees a block a second
 * time, then resizes another. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *freed, *other;
static enum { kNothing, kFreesAgain, kResizes } act;

static void handle(int number) {
  (void)number;
  const int now = act;
  act = kNothing;
  if (now == kFreesAgain) free(freed);
  if (now == kResizes) other = realloc(other, 3000);
}

int main(void) {
  signal(SIGURG, handle);
  freed = malloc(100);
  free(freed);
  act = kFreesAgain;
  char *one = realloc(strcpy(malloc(50), "one"), 5000);
  act = kResizes;
  other = strcpy(malloc(60), "other");
  char *two = realloc(strcpy(malloc(70), "two"), 6000);
  if (strcmp(one, "one") != 0 || strcmp(two, "two") != 0 || strcmp(other, "other") != 0) return 1;
  free(one);
  free(two);
  free(other);
  return write(1, "sound\n", 6) != 6;
}
