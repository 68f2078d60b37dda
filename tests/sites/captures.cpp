// SPDX-License-Identifier: MIT
//
// `captures new|unchanged|known DEPTH COUNT`: captures at the bottom of DEPTH calls, whose frames are new
// each time, or there since the first time; known ones came up before and were remembered. With `none` and
// `still` the calls of new and of the other ones are made, and nothing is captured.
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "sites/stack.h"

namespace {

using heapmeter::sites::Registers;
using heapmeter::sites::Stack;

Stack *stack;
bool captures, remembers;
uint64_t sum;

__attribute__((noinline)) void look() {
  const auto *bp = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  if (!captures) return;
  const auto captured =
      heapmeter::sites::capture(*stack, {bp[1], reinterpret_cast<uintptr_t>(bp + 2), bp[0]});
  if (remembers && captured.site == 0) heapmeter::sites::remember_site(*stack, 1);
  sum += captured.hash;
}

// Two of each, so that no frame is what the last one there was.
template <int kWhich>
__attribute__((noinline)) void leaf() {
  look();
  __asm__ volatile("" : : "i"(kWhich));
}

void turn(uint64_t number) {
  if (number % 2 == 0) {
    leaf<0>();
  } else {
    leaf<1>();
  }
}

template <int kWhich>
__attribute__((noinline)) void descend(int depth, uint64_t from, uint64_t to) {
  if (depth > 0) {
    descend<kWhich>(depth - 1, from, to);
  } else {
    for (uint64_t i = from; i < to; ++i) turn(i);
  }
  __asm__ volatile("" : : "i"(kWhich) : "memory");
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  void *memory = mmap(nullptr, sizeof(Stack), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  stack = static_cast<Stack *>(memory);
  const std::string way = argv[1];
  const int depth = std::atoi(argv[2]);
  const auto count = std::strtoull(argv[3], nullptr, 10);
  captures = way != "none" && way != "still";
  remembers = way == "known";
  if (way == "unchanged" || way == "known" || way == "still") {
    descend<0>(depth, 0, count);
    return 0;
  }
  for (uint64_t i = 0; i < count; ++i) {
    if (i % 2 == 0) {
      descend<0>(depth, i, i + 1);
    } else {
      descend<1>(depth, i, i + 1);
    }
  }
  return 0;
}
