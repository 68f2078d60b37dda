// SPDX-License-Identifier: MIT
// keeps_blocks: until it is killed, one place keeps every block it makes, one keeps a fifth, others none.
#include <stdlib.h>
#include <unistd.h>

struct Node {
  Node *next;
  char room[92];
};
Node *kept_headers, *kept_some;
void *cache[64], *pool[100];

__attribute__((noinline)) void keep_headers(int count) {
  for (int i = 0; i < count; ++i) {
    auto *node = static_cast<Node *>(malloc(sizeof(Node)));
    node->next = kept_headers;
    kept_headers = node;
  }
}
__attribute__((noinline)) void keep_a_fifth(int count) {
  for (int i = 0; i < count; ++i) {
    auto *node = static_cast<Node *>(malloc(sizeof(Node)));
    if (i % 5 == 0) {
      node->next = kept_some;
      kept_some = node;
    } else {
      free(node);
    }
  }
}
__attribute__((noinline)) void use_a_cache(int count) {
  static unsigned at = 0;
  for (int i = 0; i < count; ++i) {
    void *&place = cache[++at % 64];
    free(place);
    place = malloc(300);
  }
}
__attribute__((noinline)) void fill_a_pool() {
  for (void *&one : pool) {
    if (one == nullptr) one = malloc(1000);
  }
}

int main() {
  fill_a_pool();
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) {
    keep_headers(10);
    keep_a_fifth(50);
    use_a_cache(20);
    usleep(2000);
  }
}
