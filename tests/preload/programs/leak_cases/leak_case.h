// SPDX-License-Identifier: MIT
//
// Blocks that are lost, and blocks that are held, each case with a size of its own: what leak_cases makes,
// and what a look should say of it.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cstdio>

namespace leak_case {

// Of its size: so many lost at which nothing points, and so many that only those lead to. `kind` is "lost",
// "held", "register" (held in one, so that nobody can know) or "hidden" (held where no look sees it).
inline void expect(const char *name, size_t size, const char *kind, int directly = 0, int indirectly = 0) {
  std::printf("%s %zu %s %d %d\n", name, size, kind, directly, indirectly);
}

__attribute__((noinline)) inline void *make(size_t bytes) {
  void *block = malloc(bytes);
  memset(block, 0, bytes);
  asm volatile("" : "+r"(block));
  return block;
}

// What is only written is written all the same.
template <typename... Things>
void keep(Things &...things) {
  const void *all[] = {&things...};
  asm volatile("" : : "r"(all) : "memory");
}

// Over what earlier calls left on the stack.
template <size_t bytes>
__attribute__((noinline)) void scrub_frame() {
  volatile char room[bytes];
  for (size_t i = 0; i < bytes; ++i) room[i] = 0;
  (void)room[0];
}
__attribute__((noinline)) inline void scrub() {
  scrub_frame<32768>();
  scrub_frame<8000>();
  scrub_frame<4072>();
}

// Never returns: for threads that hold something until the end.
__attribute__((noinline)) void sleep_for_good();
// Starts it, and returns when it is about to sleep.
void start_thread(void *(*body)(void *), void *argument = nullptr,
                  const pthread_attr_t *attributes = nullptr);
// Called by such a thread once it holds what it is to hold.
void holds();

void lose_structures();
void hold_in_words();
void hold_in_mappings();
void hold_in_threads();
void hold_in_containers();
void hold_in_kernel();
void hold_in_plugin(const char *path);

}  // namespace leak_case
