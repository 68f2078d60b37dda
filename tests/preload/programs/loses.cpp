// SPDX-License-Identifier: MIT
// loses [asleep [COUNT]|kinds COUNT]: loses blocks of several kinds, each kind of a size of its own, and
// keeps others in every place a program can; says what is to be found of each size at its end. With "asleep",
// a second thread sleeps in a system call all the while; with a COUNT, all that is lost is one block each of
// so many sizes.
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

namespace {

struct Node {
  Node *a, *b;
};

__attribute__((noinline)) void *make(size_t bytes) {
  void *block = malloc(bytes);
  memset(block, 0, bytes);
  asm volatile("" : "+r"(block));
  return block;
}

// Over what earlier calls left on the stack.
template <size_t bytes>
__attribute__((noinline)) void scrub_frame() {
  volatile char room[bytes];
  for (size_t i = 0; i < bytes; ++i) room[i] = 0;
  (void)room[0];
}
__attribute__((noinline)) void scrub() {
  scrub_frame<32768>();
  scrub_frame<8000>();
  scrub_frame<4072>();
}

__attribute__((noinline)) void lose_plain() {
  for (int i = 0; i < 50; ++i) make(1004);
}
__attribute__((noinline)) void lose_list() {
  Node *head = nullptr;
  for (int i = 0; i < 100; ++i) {
    auto *node = static_cast<Node *>(make(1008));
    node->a = head;
    head = node;
  }
}
__attribute__((noinline)) void lose_ring() {
  auto *first = static_cast<Node *>(make(1016)), *head = first;
  for (int i = 0; i < 9; ++i) {
    auto *node = static_cast<Node *>(make(1016));
    node->a = head;
    head = node;
  }
  first->a = head;
}
__attribute__((noinline)) Node *tree(int depth) {
  auto *node = static_cast<Node *>(make(1024));
  if (depth > 0) node->a = tree(depth - 1);
  if (depth > 0) node->b = tree(depth - 1);
  return node;
}
__attribute__((noinline)) void lose_tree() { tree(6); }
__attribute__((noinline)) void lose_large() { make(3 << 20); }

void *held;
thread_local void *held_by_thread;
pthread_key_t key;
int *within;

__attribute__((noinline)) void keep() {
  held = make(2000);
  held_by_thread = make(2008);
  pthread_key_create(&key, nullptr);
  pthread_setspecific(key, make(2016));
  within = static_cast<int *>(make(2024)) + 100;
  const auto map = [](int flags) {
    return static_cast<void **>(mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0));
  };
  map(MAP_PRIVATE)[777] = make(2032);
  map(MAP_SHARED)[777] = make(2040);
  void **closed = map(MAP_PRIVATE);
  closed[777] = make(2048);
  mprotect(closed, 1 << 20, PROT_NONE);
  void **hidden = map(MAP_PRIVATE);
  madvise(hidden, 1 << 20, MADV_DONTFORK);
  hidden[777] = make(2056);
  // A chain of which only the head is held.
  auto *chain = static_cast<Node *>(make(2064));
  chain->a = static_cast<Node *>(make(2072));
  chain->a->b = static_cast<Node *>(make(2080));
  setenv("KEPT", "by the environment", 1);
  static void *chain_head;
  chain_head = chain;
  asm volatile("" : : "r"(&chain_head) : "memory");
}

int ends[2];
std::atomic<pid_t> sleeping = 0;
void *sleep_on(void *) {
  char byte;
  sleeping = gettid();
  while (read(ends[0], &byte, 1) < 0) {
  }
  return nullptr;
}

// One that is only about to sleep has more registers in use.
bool is_in_read(pid_t tid) {
  char path[64], call[16] = {}, *end = call;
  snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const bool is_told = file >= 0 && read(file, call, sizeof call - 1) > 0;
  close(file);
  return is_told && strtol(call, &end, 10) == SYS_read && *end == ' ';  // or "running"
}

}  // namespace

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "asleep") == 0) {
    pthread_t sleeper;
    if (pipe(ends) != 0 || pthread_create(&sleeper, nullptr, sleep_on, nullptr) != 0) return 3;
    while (sleeping == 0 || !is_in_read(sleeping)) usleep(1000);
  }
  if (argc > 2) {
    for (int size = 1000; size < 1000 + atoi(argv[2]); ++size) make(static_cast<size_t>(size));
    scrub();
    return 0;
  }
  keep();
  lose_plain();
  lose_list();
  lose_ring();
  lose_tree();
  lose_large();
  scrub();
  printf("1004 50\n1008 100\n1016 10\n1024 127\n%d 1\n", 3 << 20);
  return 0;
}
