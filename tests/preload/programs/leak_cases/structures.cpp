// SPDX-License-Identifier: MIT
// What nothing points at any more, and what only such blocks lead to.
#include <malloc.h>

#include "leak_case.h"

namespace leak_case {
namespace {

struct Node {
  Node *one, *two;
};
Node *node(size_t size) { return static_cast<Node *>(make(size)); }

__attribute__((noinline)) void lose_singles() {
  for (int i = 0; i < 50; ++i) make(5001);
  expect("singles", 5001, "lost", 50, 0);
}
__attribute__((noinline)) void lose_list() {
  Node *head = nullptr;
  for (int i = 0; i < 100; ++i) {
    Node *before = node(5003);
    before->one = head;
    head = before;
  }
  expect("list", 5003, "lost", 1, 99);
}
__attribute__((noinline)) void lose_ring() {
  Node *first = node(5005), *last = first;
  for (int i = 0; i < 9; ++i) last = last->one = node(5005);
  last->one = first;
  expect("ring", 5005, "lost", 1, 9);
}
__attribute__((noinline)) Node *tree(int depth) {
  Node *root = node(5007);
  if (depth == 0) return root;
  root->one = tree(depth - 1);
  root->two = tree(depth - 1);
  return root;
}
__attribute__((noinline)) void lose_tree() {
  tree(6);
  expect("tree", 5007, "lost", 1, 126);
}
__attribute__((noinline)) void lose_narcissus() {
  Node *self = node(5009);
  self->one = self;
  expect("points_at_itself", 5009, "lost", 1, 0);
}
__attribute__((noinline)) void lose_ring_with_tail() {
  Node *one = node(5011), *two = node(5011), *tail = node(5011);
  one->one = two;
  two->one = one;
  two->two = tail;
  expect("ring_with_tail", 5011, "lost", 1, 2);
}
// Two that lead to one: it is one.
__attribute__((noinline)) void lose_shared() {
  Node *shared = node(5013);
  node(5013)->one = shared;
  node(5013)->two = shared;
  expect("shared_by_two", 5013, "lost", 2, 1);
}
// Its first word leads into the middle of the next.
__attribute__((noinline)) void lose_interior() {
  auto *inner = static_cast<char *>(make(5015));
  *static_cast<char **>(make(5015)) = inner + 777;
  expect("held_in_the_middle", 5015, "lost", 1, 1);
}
// Nobody wrote into them or the ones between them, which are held: the allocator's own words are nobody's.
void *plain(size_t size) { return malloc(size); }
void *aligned(size_t size) { return memalign(64, size); }
__attribute__((noinline)) void lose_between_unwritten(const char *name, size_t size,
                                                      void *(*allocate)(size_t) = plain) {
  static void *held[4][50];
  static int row = 0;
  for (void *&one : held[row]) {
    one = allocate(size);
    void *lost = allocate(size);
    asm volatile("" : : "r"(lost));
  }
  ++row;
  keep(held);
  expect(name, size, "lost", 50, 0);
}
// A pointer below the stack pointer of a sleeping thread is dead.
__attribute__((noinline)) void leave_on_stack() {
  void *blocks[1000] = {};
  for (int i = 400; i < 408; ++i) blocks[i] = make(5017);
  keep(blocks);
}
void *sleep_above(void *) {
  // As deep as start_thread's caller ever goes, before and after.
  scrub();
  holds();
  leave_on_stack();
  sleep_for_good();
  return nullptr;
}

}  // namespace

void lose_structures() {
  lose_singles();
  lose_list();
  lose_ring();
  lose_tree();
  lose_narcissus();
  lose_ring_with_tail();
  lose_shared();
  lose_interior();
  lose_between_unwritten("between_unwritten_short", 983);
  lose_between_unwritten("between_unwritten_long", 3989);
  lose_between_unwritten("between_unwritten_large", 9973);
  lose_between_unwritten("between_unwritten_aligned", 935, aligned);
  start_thread(sleep_above);
  expect("below_the_stack", 5017, "lost", 8, 0);
}

}  // namespace leak_case
