/* SPDX-License-Identifier: MIT
 * keeps_untouched MIB: has so much until its end, and never touches it. */
#include <stdio.h>
#include <stdlib.h>

static void *volatile kept;

int main(int argc, char **argv) {
  kept = malloc(strtoul(argc > 1 ? argv[1] : "1", NULL, 10) << 20);
  return puts(kept != NULL ? "has it" : "was refused it") < 0;
}
