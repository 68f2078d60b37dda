/* SPDX-License-Identifier: MIT
 *
 * Blocks that are lost, and the stack on which their addresses stood.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

// Forty blocks of 333 bytes.
__attribute__((noinline, unused)) static void lose(void) {
  for (int i = 0; i < 40; ++i) {
    void *block = memset(malloc(333), 0, 333);
    __asm__ volatile("" : "+r"(block));
  }
}
// Over what was on the stack.
__attribute__((noinline)) static void scrub(void) {
  volatile char room[16384];
  for (size_t i = 0; i < sizeof room; ++i) room[i] = 0;
}
