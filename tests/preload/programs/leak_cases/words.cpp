// SPDX-License-Identifier: MIT
// Held by one word, whatever that word looks like.
#include <setjmp.h>

#include <cstdint>

#include "leak_case.h"

namespace leak_case {
namespace {

void *plain;
void *volatile inner, *volatile end;
volatile std::uintptr_t low_tag, high_tag, boxed, encoded;
char **array_of_inner;
thread_local void *of_thread;

struct A {
  virtual ~A() = default;
  long a[3] = {};
};
struct B {
  virtual ~B() = default;
  long b[5] = {};
};
struct Both : A, B {
  long c[633] = {};
};
B *second_base;

struct Destroyed {
  ~Destroyed() { asm volatile(""); }
  char bytes[24];
};
Destroyed *array;

#pragma pack(push, 1)
struct Packed {
  char first;
  void *block;
} packed;
#pragma pack(pop)
Packed *packed_on_heap;

struct Node {
  Node *next;
} * chain;

jmp_buf place;

}  // namespace

void hold_in_words() {
  plain = make(5101);
  expect("global", 5101, "held");
  static void *local = make(5103);
  expect("local_static", 5103, "held");
  inner = static_cast<char *>(make(5105)) + 2000;
  expect("pointer_into_it", 5105, "held");
  end = static_cast<char *>(make(5107)) + 5107;
  expect("only_past_its_end", 5107, "held");
  low_tag = reinterpret_cast<std::uintptr_t>(make(5109)) | 3;
  expect("tag_in_low_bits", 5109, "held");
  high_tag = reinterpret_cast<std::uintptr_t>(make(5111)) | 0xFFFF000000000000u;
  expect("tag_in_high_bits", 5111, "held");
  boxed = reinterpret_cast<std::uintptr_t>(make(5131)) | std::uintptr_t{0x1FFF3} << 47;
  expect("boxed_by_seventeen_bits", 5131, "held");
  array_of_inner = static_cast<char **>(make(5135));
  for (int i = 0; i < 10; ++i) array_of_inner[i] = static_cast<char *>(make(5133)) + 100 * i + 1;
  keep(array_of_inner);
  expect("array_of_pointers_into_blocks", 5133, "held");
  expect("the_array", 5135, "held");
  second_base = new Both;
  expect("second_base", sizeof(Both), "held");
  array = new Destroyed[217];
  expect("array_behind_its_count", 217 * sizeof(Destroyed) + 8, "held");
  of_thread = make(5115);
  expect("thread_local", 5115, "held");
  chain = static_cast<Node *>(make(5117));
  chain->next = static_cast<Node *>(make(5117));
  chain->next->next = static_cast<Node *>(make(5117));
  expect("chain", 5117, "held");
  setenv("LEAK_CASE", "by the environment", 1);
  encoded = reinterpret_cast<std::uintptr_t>(make(5121)) ^ 0x5555555555555555u;
  keep(plain, local, second_base, array, of_thread, chain);
  expect("xored", 5121, "hidden", 1, 0);
  packed.block = make(5123);
  expect("unaligned_in_a_global", 5123, "hidden", 1, 0);
  packed_on_heap = static_cast<Packed *>(make(5125));
  packed_on_heap->block = make(5127);
  keep(packed, packed_on_heap);
  expect("unaligned_on_the_heap", 5127, "hidden", 1, 0);
#if defined(__x86_64__)
  // setjmp keeps rbx as it is.
  asm volatile("mov %0, %%rbx" : : "r"(make(5129)) : "rbx");
  if (setjmp(place) == 0) asm volatile("xor %%ebx, %%ebx" : : : "rbx");
  expect("jmp_buf", 5129, "held");
#endif
}

}  // namespace leak_case
