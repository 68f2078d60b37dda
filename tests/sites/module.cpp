// SPDX-License-Identifier: MIT
//
// Code that comes and goes: the same function in each, at the same place, on a frame of another size.
#include <cstddef>

extern "C" __attribute__((visibility("default"), noinline)) void go_through(void (*visit)(void *),
                                                                            void *argument, int times) {
  volatile char frame[FRAME];
  frame[0] = 1;
  if (times > 0) {
    go_through(visit, argument, times - 1);
  } else {
    visit(argument);
  }
  frame[sizeof frame - 1] = frame[0];
}
